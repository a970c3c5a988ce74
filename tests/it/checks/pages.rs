//! Cases given as pages: read and folded by the program's own code as the home page or the one registered column of a
//! site, then judged.

use std::collections::HashMap;

use chrono::NaiveDate;
use url::Url;
use xuncha::facts::answer::Answer;
use xuncha::facts::fold::{Fold, RegisteredColumn, Surroundings};
use xuncha::facts::html::read_page;
use xuncha::facts::page::{PageContext, PageFacts};
use xuncha::facts::site::{HiddenLinks, PageSeen, SiteFacts, Visit};

use super::{Case, HOME, expectations, folders, look, noon, outcome};

#[test]
fn pages_are_judged_as_expected() {
    let mut judged = 0;
    let mut wrong = Vec::new();
    for (check, folder) in folders() {
        let expect = expectations(&folder);
        for case in &expect.case {
            let Some(page) = &case.page else { continue };
            let body = std::fs::read(folder.join(page)).unwrap_or_else(|e| panic!("{check}/{page}: {e}"));
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
