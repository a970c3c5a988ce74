//! Cases given as pages: read by the program's own reader, folded as one home page or one column, judged.

use chrono::NaiveDate;
use url::Url;
use xuncha::facts::class::ColumnClass;
use xuncha::facts::html::read_page;
use xuncha::facts::page::{PageContext, PageFacts, PageState};
use xuncha::facts::site::{Column, HiddenLinks, SiteFacts};
use xuncha::finding::Gap;

use super::{Case, expectations, facts, folders, look, noon, outcome};

#[test]
fn pages_are_judged_as_expected() {
    let mut judged = 0;
    let mut wrong = Vec::new();
    for (check, folder) in folders() {
        let expect = expectations(&folder);
        for case in &expect.case {
            let Some(page) = &case.page else { continue };
            let body = std::fs::read(folder.join(page)).unwrap_or_else(|e| panic!("{check}/{page}: {e}"));
            if let Err(why) = outcome(folded(case, &body, expect.as_of), case, expect.as_of) {
                wrong.push(format!("{check}/{page} ({}): {why}", case.name));
            }
            judged += 1;
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(judged > 15, "only {judged} cases found");
}

/// The page as the only one of its site.
fn folded(case: &Case, body: &[u8], as_of: NaiveDate) -> SiteFacts {
    let url = case.url.as_deref().unwrap_or(super::HOME);
    let url = Url::parse(url).expect("the case's url");
    let context = PageContext {
        url: &url,
        content_type: Some("text/html"),
        status: Some(200),
        as_of: noon(as_of),
        want_structure: true,
    };
    let page = read_page(body, &context, || false);
    let mut site = facts(case, as_of);
    if !page.hidden_links.is_empty() || case.rule == "hidden-link" {
        site.hidden.push(HiddenLinks {
            page: url.to_string(),
            urls: page.hidden_links.clone(),
            look: Some(look(url.as_str(), as_of)),
        });
    }
    let newest = newest(&page);
    if case.home {
        site.home.newest = newest.as_ref().map(|(day, _)| *day);
        site.home.newest_item = newest.map(|(_, item)| item);
        site.home.gap = unseen(&page).map(|why| Gap::new(url.as_str(), why));
    } else {
        site.columns.push(Column {
            name: page.title.clone(),
            url: url.to_string(),
            class: case.class.unwrap_or(ColumnClass::Other),
            level: Some(1),
            cycle_days: case.cycle_days,
            registered: true,
            kind: page.kind,
            state: page.state,
            reason: page.reason.clone(),
            items: page.list.iter().chain(&page.blocks).map(|list| list.count).sum(),
            newest: newest.as_ref().map(|(day, _)| *day),
            newest_item: newest.map(|(_, item)| item),
            items_elsewhere: 0,
            gap: unseen(&page).map(|why| Gap::new(url.as_str(), why)),
            page: None,
            look: Some(look(url.as_str(), as_of)),
        });
    }
    site
}

fn newest(page: &PageFacts) -> Option<(NaiveDate, (String, String))> {
    let items = page.list.iter().chain(&page.blocks).flat_map(|list| &list.items);
    let dated = items.filter_map(|item| Some((item.date?.date, (item.title.clone(), item.url.clone()))));
    dated.max_by_key(|(day, _)| *day)
}

/// What hides a page's items.
fn unseen(page: &PageFacts) -> Option<&'static str> {
    match page.state {
        PageState::Script => Some("needs-render"),
        PageState::Blocked => Some("blocked"),
        PageState::Failed => Some("failed"),
        _ => None,
    }
}
