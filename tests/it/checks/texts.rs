//! Cases given as the text of a page: read by the program's own code, with the shipped lists or one row of an office's own.

use std::sync::LazyLock;

use serde::Deserialize;
use xuncha::facts::personal::{Personal, mask};
use xuncha::facts::site::SiteFacts;
use xuncha::facts::wording::{Leaks, Reading, Wording};
use xuncha::finding::{Cause, Gap, Look};
use xuncha::words::files::{List, WordFiles};
use xuncha::words::{Asked, Tier, Words};

static SHIPPED: LazyLock<Words> = LazyLock::new(|| Words::shipped().expect("the shipped lists"));

/// A text, and what is known beside it.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct TextCase {
    body: String,
    /// An office's own list and its only row.
    list: Option<String>,
    row: Option<String>,
    /// The page was asked for again, and this came.
    unread: Option<String>,
}

/// Adds what the text holds to the facts of its site.
pub(super) fn add(case: &TextCase, check: &str, look: &Look, facts: &mut SiteFacts) {
    let url = format!("{}xw/1.html", super::HOME);
    let own = case.list.as_ref().zip(case.row.as_ref()).map(|(list, row)| {
        let list = List::named(&format!("{list}.tsv")).expect("a list");
        Words::load(&WordFiles::default().with(list, "own.tsv", row.clone())).expect("its row")
    });
    let words = own.as_ref().unwrap_or(&SHIPPED);
    let (text, leaks) = mask(&case.body);
    let mut reading = Reading::default();
    let asked = Asked { typos: Some(Tier::Context), forbidden: true, superseded: true };
    reading.page(&url, &text, &leaks, words, asked);
    (facts.wordings, facts.leaks) = reading.finish(super::HOME);
    let gap = case.unread.as_ref().map(|why| Gap::new(&url, why));
    // A page in order stands nowhere: here it is asked about all the same.
    let kind = match check {
        "id-number-leak" => Some(Personal::IdNumber),
        "phone-leak" => Some(Personal::Mobile),
        "bank-card-leak" => Some(Personal::BankCard),
        _ => None,
    };
    let (page, column) = (url.clone(), None);
    match kind {
        Some(kind) if facts.leaks.iter().all(|leaks| leaks.kind != kind) => {
            let shown = Vec::new();
            facts.leaks.push(Leaks {
                kind,
                page,
                count: 0,
                private: 0,
                shown,
                column,
                carrier: None,
                gap: None,
                look: None,
            });
        }
        None if facts.wordings.is_empty() => {
            let lists: &[&str] = match check {
                "forbidden-text" => &["forbidden"],
                "superseded-regulation" => &["superseded"],
                _ => &["never", "context"],
            };
            let in_order = |list: &&str| Wording {
                list: (*list).to_owned(),
                wrong: "错词".to_owned(),
                right: String::new(),
                page: page.clone(),
                times: 0,
                places: Vec::new(),
                cause: Cause::Single,
                column: None,
                carrier: None,
                gap: None,
                look: None,
            };
            facts.wordings.extend(lists.iter().map(in_order));
        }
        _ => {}
    }
    for wording in &mut facts.wordings {
        (wording.gap, wording.look) = (gap.clone(), Some(look.clone()));
    }
    for leaks in &mut facts.leaks {
        (leaks.gap, leaks.look) = (gap.clone(), Some(look.clone()));
    }
}
