//! Cases given as pages: read and folded by the program's own code as the home page or the one registered column of a
//! site, then judged.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use url::Url;
use xuncha::facts::answer::Answer;
use xuncha::facts::asked::Ask;
use xuncha::facts::beside::{Reported, Signatures, Texts};
use xuncha::facts::fold::{Fold, RegisteredColumn, Surroundings};
use xuncha::facts::html::read_page;
use xuncha::facts::page::{PageContext, PageFacts};
use xuncha::facts::redated::{self, Article, Redatings};
use xuncha::facts::reposts::Wanted;
use xuncha::facts::search::{Search, Tried, outcome as said_of};
use xuncha::facts::site::{HiddenLinks, LinkSeen, PageSeen, SiteFacts, Visit};

use super::{Case, HOME, ReportCase, RepostCase, expectations, folders, look, noon, outcome, rules_of};

#[test]
fn pages_are_judged_as_expected() {
    let mut judged = 0;
    let mut wrong = Vec::new();
    for (check, folder) in folders() {
        let expect = expectations(&folder);
        for case in &expect.case {
            let read = |page: &str| {
                std::fs::read(folder.join(page)).unwrap_or_else(|e| panic!("{check}/{page}: {e}"))
            };
            if !case.site.is_empty() {
                let pages = case.site.iter().map(|one| (one.url.clone(), read(&one.page)));
                if let Err(why) =
                    outcome(whole_site(case, pages.collect(), &read, expect.as_of), case, expect.as_of)
                {
                    wrong.push(format!("{check} ({}): {why}", case.name));
                }
                judged += 1;
                continue;
            }
            let Some(page) = &case.page else { continue };
            let body = read(page);
            if let Err(why) = outcome(site(case, &body, expect.as_of), case, expect.as_of) {
                wrong.push(format!("{check}/{page} ({}): {why}", case.name));
            }
            judged += 1;
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(judged > 15, "only {judged} cases found");
}

/// The page as the only one of its site that was read.
fn site(case: &Case, body: &[u8], as_of: NaiveDate) -> SiteFacts {
    let url = Url::parse(case.url.as_deref().unwrap_or(HOME)).expect("the case's url");
    let facts = read(&url, body, as_of);
    let hidden = facts.hidden_links.clone();
    let home = if case.home { url.as_str() } else { HOME };
    let column = case.class.map(|class| RegisteredColumn {
        url: url.to_string(),
        name: "示例栏目".to_owned(),
        class: Some(class),
        level: Some(1),
        cycle_days: case.cycle_days,
    });
    let around = Surroundings {
        id: "9901000012".to_owned(),
        name: "示例市交通运输局".to_owned(),
        url: home.to_owned(),
        portal: case.portal,
        visits: vec![Visit { look: look(home, as_of), answer: Answer::There }],
        columns: column.into_iter().collect(),
        ..Surroundings::default()
    };
    let mut fold = Fold::new(around, HashMap::new());
    let look = look(url.as_str(), as_of);
    fold.page(PageSeen {
        id: 1,
        url: url.to_string(),
        facts,
        links: xuncha::facts::site::Links::default(),
        look: look.clone(),
    });
    let mut site = fold.finish();
    // A page without hidden links is in order and stands nowhere: here it is asked about all the same.
    if case.rule == "hidden-link" && site.hidden.is_empty() {
        site.hidden.push(HiddenLinks { page: url.to_string(), urls: hidden, look: Some(look) });
    }
    site
}

fn wanted(case: &RepostCase) -> Wanted {
    let (title, source) = (case.title.clone(), "省政府网站".to_owned());
    Wanted { title, date: case.date, source, found: None }
}

/// All pages of a site, the home page first, with what the case's rule asks of them.
fn whole_site(
    case: &Case,
    pages: Vec<(String, Vec<u8>)>,
    load: &dyn Fn(&str) -> Vec<u8>,
    as_of: NaiveDate,
) -> SiteFacts {
    let home = pages.first().map(|(url, _)| url.clone()).expect("a home page");
    let around = Surroundings {
        id: "9901000012".to_owned(),
        name: "示例市人民政府门户网站".to_owned(),
        visits: vec![Visit { look: look(&home, as_of), answer: Answer::There }],
        url: home,
        portal: case.portal,
        asks: rules_of(case).asks(),
        reposts: case.reposts.iter().map(wanted).collect(),
        reports: Some(case.reports.iter().map(reported).collect()).filter(|_| !case.reports.is_empty()),
        ..Surroundings::default()
    };
    let asks = around.asks.clone();
    let mut fold = Fold::new(around, HashMap::new());
    let mut ids: BTreeMap<String, u32> = BTreeMap::new();
    let mut id_of = |url: &str| {
        let next = u32::try_from(ids.len()).expect("few");
        *ids.entry(url.to_owned()).or_insert(next)
    };
    let mut seen = Vec::new();
    for (url, body) in pages {
        let mut facts = read(&Url::parse(&url).expect("the case's url"), &body, as_of);
        let links = std::mem::take(&mut facts.links).into_iter().map(|link| LinkSeen {
            target: id_of(&link.url),
            text: link.text,
            kind: link.kind,
            place: link.place,
            hidden: link.hidden,
        });
        let links = links.collect();
        seen.push(PageSeen { id: id_of(&url), look: look(&url, as_of), url, facts, links });
    }
    if let Some(search) = seen.first_mut().and_then(|home| home.facts.search.as_mut()) {
        answered(case, load, search, as_of);
    }
    fold.texts(texts_of(case, &seen, &asks, load, as_of));
    for page in seen {
        fold.page(page);
    }
    let wanted = fold.targets();
    fold.addressed(
        ids.into_iter().map(|(url, id)| (id, url)).filter(|(id, _)| wanted.contains(id)).collect(),
    );
    fold.finish()
}

fn reported(case: &ReportCase) -> Reported {
    Reported {
        number: case.number.clone(),
        about: case.about.clone(),
        received: case.received,
        answered: case.answered,
        worked: case.worked,
    }
}

fn answered(case: &Case, load: &dyn Fn(&str) -> Vec<u8>, search: &mut Search, as_of: NaiveDate) {
    let asked = Url::parse("http://www.shili.gov.cn/so/s.jsp?q=x").expect("a URL");
    search.tried.extend(case.answers.iter().map(|one| Tried {
        title: one.title.clone(),
        url: one.url.clone(),
        asked: asked.to_string(),
        outcome: said_of(&read(&asked, &load(&one.page), as_of), &one.title, &one.url),
    }));
}

/// What the texts of these pages say, and of those that an earlier run read: as a patrol finds it in its database.
fn texts_of(
    case: &Case,
    pages: &[PageSeen],
    asks: &[Ask],
    load: &dyn Fn(&str) -> Vec<u8>,
    as_of: NaiveDate,
) -> Texts {
    let text = |facts: &PageFacts| facts.own_text.as_ref().map_or(String::new(), |text| text.text.clone());
    let of = |page: &PageSeen| Article::of(page.id, &page.url, &page.facts);
    let bodies: BTreeMap<&str, String> = pages.iter().map(|page| (&*page.url, text(&page.facts))).collect();
    let articles: Vec<Article> = pages.iter().filter_map(of).collect();
    let mut texts = Texts::default();
    for ask in asks {
        match ask {
            Ask::Redated { apart, .. } => {
                let mut found = redated::mistagged(&articles, *apart);
                let same = |(now, was): &(&Article, &Article)| {
                    redated::same_body(&bodies[&*now.url], &bodies[&*was.url])
                };
                let doubles = redated::doubles(&articles, *apart).into_iter().filter(same);
                found.extend(doubles.map(|(now, was)| now.told(was)));
                for one in &case.earlier {
                    let facts = read(&Url::parse(&one.url).expect("a URL"), &load(&one.page), as_of);
                    let was = Article::of(0, &one.url, &facts).expect("an article");
                    let is_it = |now: &&Article| {
                        now.may_be(&was, *apart) && redated::same_body(&bodies[&*now.url], &text(&facts))
                    };
                    found.extend(articles.iter().filter(is_it).map(|now| now.told(&was)));
                }
                let dated = u32::try_from(articles.len()).expect("few");
                texts.redated = Some(Redatings { dated, found });
            }
            Ask::Signed { words, .. } => {
                let mut signed = Signatures::default();
                for article in &articles {
                    signed.note(&article.title, &article.url, &bodies[&*article.url], words);
                }
                texts.signed = Some(signed);
            }
            _ => {}
        }
    }
    texts
}

fn read(url: &Url, body: &[u8], as_of: NaiveDate) -> PageFacts {
    let context = PageContext {
        url,
        content_type: Some("text/html"),
        status: Some(200),
        as_of: noon(as_of),
        want_structure: true,
    };
    read_page(body, &context, || false)
}
