//! Tests of what is asked of a site: patterns, addresses, and answers over small sites.

use super::*;
use crate::facts::fold::Fold;
use crate::facts::page::{Crumb, List, ListItem, PageFacts};
use crate::facts::site::LinkSeen;
use crate::finding::Look;

const HOME: &str = "http://www.shili.example/";

fn look(url: &str) -> Look {
    Look {
        at: crate::calendar::from_millis(0),
        url: url.to_owned(),
        hops: vec![],
        addr: None,
        status: Some(200),
        error: None,
        headers: vec![],
        body_sha256: String::new(),
    }
}

fn page(
    id: u32,
    path: &str,
    kind: PageKind,
    links: &[(u32, &str)],
    fill: impl FnOnce(&mut PageFacts),
) -> PageSeen {
    let url = format!("{HOME}{path}");
    let mut facts = PageFacts { kind, ..PageFacts::bare(&url, PageState::Normal, "") };
    fill(&mut facts);
    let link = |(target, text): &(u32, &str)| LinkSeen {
        target: *target,
        text: (*text).to_owned(),
        kind: LinkKind::Page,
        place: super::super::page::LinkPlace::Nav,
        hidden: false,
    };
    PageSeen { id, look: look(&url), url, facts, links: links.iter().map(link).collect() }
}

fn told(
    ask: &Ask,
    pages: Vec<PageSeen>,
    addresses: &[(u32, &str)],
    not_reached: u64,
) -> (Told, Option<String>) {
    let around = Surroundings {
        url: HOME.to_owned(),
        asks: vec![ask.clone()],
        not_reached,
        ..Surroundings::default()
    };
    let mut fold = Fold::new(around, HashMap::new());
    for page in pages {
        fold.page(page);
    }
    let wanted = fold.targets();
    let known = addresses.iter().filter(|(id, _)| wanted.contains(id));
    fold.addressed(known.map(|(id, url)| (*id, (*url).to_owned())).collect());
    let contents = fold.finish().contents.expect("something was asked");
    (contents.answer(ask).expect("this was asked").clone(), contents.whole().err().map(|gap| gap.why))
}

fn words(list: &[&str]) -> Vec<String> {
    list.iter().map(|word| (*word).to_owned()).collect()
}

#[test]
fn addresses_are_compared_by_whole_labels() {
    for (url, to, leads) in [
        ("http://www.sc.example/", "sc.example", true),
        ("https://sc.example", "sc.example", true),
        ("http://www.notsc.example/", "sc.example", false),
        ("http://sc.example.evil.example/", "sc.example", false),
        ("http://www.sc.example:8080/zt/2021/", "www.sc.example/zt/", true),
        ("http://www.sc.example/zw/", "www.sc.example/zt/", false),
        ("http://a.example/?u=http://sc.example/", "sc.example", false),
        ("", "sc.example", false),
    ] {
        assert_eq!(leads_to(url, to), leads, "{url} {to}");
    }
}

#[test]
fn all_words_of_one_pattern_must_be_said() {
    let patterns = words(&["财政 收支", "预算 执行"]);
    assert!(says_any("2026年9月全市收支情况（财政）", &patterns) && says_any("预算执行情况", &patterns));
    assert!(!says_any("财政预算", &patterns) && !says_any("", &patterns));
    assert!(nearly("市政府公报", &words(&["政府公报"])));
    assert!(
        !nearly("市政府公报编辑工作会议今日召开", &words(&["政府公报"])),
        "a title that only mentions it"
    );
}

#[test]
fn nothing_is_kept_where_nobody_asks() {
    let mut fold =
        Fold::new(Surroundings { url: HOME.to_owned(), ..Surroundings::default() }, HashMap::new());
    fold.page(page(1, "", PageKind::Home, &[(2, "政府公报")], |_| ()));
    assert!(fold.targets().is_empty());
    assert_eq!(fold.finish().contents, None);
}

#[test]
fn a_name_is_found_in_links_breadcrumbs_and_headings() {
    let ask = || Ask::Named(words(&["政府公报"]));
    let home = |links: &[(u32, &str)]| page(1, "", PageKind::Home, links, |_| ());
    let (answer, gap) = told(&ask(), vec![home(&[(7, "市政府公报")])], &[], 0);
    assert_eq!((answer.places.len(), gap), (1, None));
    let crumb = |name: &str| Crumb { name: name.to_owned(), url: Some(format!("{HOME}gb/")) };
    let article =
        page(2, "gb/1.html", PageKind::Article, &[], |facts| facts.breadcrumb = vec![crumb("政府公报")]);
    assert_eq!(told(&ask(), vec![home(&[]), article], &[], 0).0.places.len(), 1);
    let heading = List { heading: "政府公报".to_owned(), ..List::default() };
    let channel = page(3, "zw/", PageKind::List, &[], |facts| facts.blocks = vec![heading]);
    assert_eq!(told(&ask(), vec![home(&[]), channel], &[], 0).0.places.len(), 1);
    assert_eq!(told(&ask(), vec![home(&[])], &[], 0).0.places.len(), 0);
    assert_eq!(told(&ask(), vec![home(&[])], &[], 3).1.as_deref(), Some("not-reached"));
    assert_eq!(told(&ask(), vec![], &[], 0).1.as_deref(), Some("not-read"));
}

#[test]
fn an_item_and_its_article_are_one() {
    let url = format!("{HOME}cz/1.html");
    let item = ListItem { title: "9月财政收支".to_owned(), url: url.clone(), date: None };
    let list = List { items: vec![item], ..List::default() };
    let column = page(2, "cz/", PageKind::List, &[], |facts| facts.list = Some(list));
    let article = page(3, "cz/1.html", PageKind::Article, &[], |facts| {
        facts.title = "2026年9月财政收支情况_示例市".to_owned();
        facts.pubdate.chosen = "2026-10-19".parse().ok();
    });
    for pages in [vec![column.clone(), article.clone()], vec![article, column]] {
        let (answer, _) = told(&Ask::Titled(words(&["财政 收支"])), pages, &[], 0);
        let items: Vec<_> = answer.items.iter().map(|item| (item.title.as_str(), item.date)).collect();
        assert_eq!(items, [("2026年9月财政收支情况_示例市", NaiveDate::from_ymd_opt(2026, 10, 19))]);
    }
}

#[test]
fn a_link_is_known_by_where_it_leads_or_by_what_it_is_called() {
    let ask = |to: &[&str], called: &[&str]| Ask::Linked { on: vec![], to: words(to), called: words(called) };
    let pages = || {
        vec![
            page(1, "", PageKind::Home, &[(5, "省政府"), (6, "其他")], |_| ()),
            page(2, "a.html", PageKind::Article, &[(7, "市政府")], |_| ()),
        ]
    };
    let addresses =
        [(5, "https://www.sheng.example/"), (6, "http://x.example/"), (7, "http://www.shi.example/")];
    let urls = |ask: Ask| {
        let leads = told(&ask, pages(), &addresses, 0).0.leads;
        leads.into_iter().map(|lead| lead.url).collect::<Vec<_>>()
    };
    assert_eq!(urls(ask(&["sheng.example"], &[])), ["https://www.sheng.example/"]);
    assert_eq!(urls(ask(&[], &["省政府"])), ["https://www.sheng.example/"]);
    assert!(urls(ask(&["shi.example"], &["市政府"])).is_empty(), "an article is not the home page");
}
