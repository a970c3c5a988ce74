//! What stands in a site's texts that word lists know, and the numbers of persons in them: stored texts become [`Wording`] and
//! [`Leaks`]. Which of them matter is the rules' affair.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::personal::{Leak, Personal};
use crate::finding::{Cause, Gap, Look};
use crate::words::{Asked, Clean, Tier, Words, is_like_a_name};

/// Pages with the same line from which on the line has one cause.
const SEVERAL: usize = 3;
/// Characters shown on each side of a form.
const AROUND: usize = 15;
/// Places shown of one page.
const PLACES: usize = 3;
/// Bytes on each side of a form by which its line is known.
const FAR: usize = 1000;

/// One form of a word list on one page, or in one line that several pages share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wording {
    /// The kind of list: `never`, `context`, `forbidden`, `superseded`.
    pub list: String,
    /// What stands there.
    pub wrong: String,
    /// What would be right, or is in force instead; empty where the list does not say.
    pub right: String,
    /// The page; of a shared line, the home page or the shortest address.
    pub page: String,
    /// How often it stands there.
    pub times: u32,
    /// Where: the form with some characters around it.
    pub places: Vec<String>,
    /// Whether several pages share the line.
    pub cause: Cause,
    /// The column the page lies in.
    pub column: Option<(String, String)>,
    /// Of an attachment, the page that carries it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carrier: Option<String>,
    /// Why a look that asked for the page again cannot tell.
    #[serde(default)]
    pub gap: Option<Gap>,
    /// What was asked and answered.
    pub look: Option<Look>,
}

/// Numbers of persons of one kind on one page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leaks {
    /// What they are.
    pub kind: Personal,
    /// The page.
    pub page: String,
    /// Distinct numbers.
    pub count: u32,
    /// Those of them that stand behind a person's name, and are no office's.
    pub private: u32,
    /// Some of them, masked.
    pub shown: Vec<String>,
    /// The column the page lies in.
    pub column: Option<(String, String)>,
    /// Of an attachment, the page that carries it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carrier: Option<String>,
    /// Why a look that asked for the page again cannot tell.
    #[serde(default)]
    pub gap: Option<Gap>,
    /// What was asked and answered.
    pub look: Option<Look>,
}

/// The texts of one site, taken in page by page.
#[derive(Debug, Default)]
pub struct Reading {
    pages: usize,
    clean: Clean,
    /// By list, form and line: the pages that hold it.
    lines: BTreeMap<(&'static str, String, String), Places>,
    leaks: Vec<Leaks>,
}

#[derive(Debug, Default)]
struct Places {
    right: String,
    pages: BTreeMap<String, Vec<String>>,
}

impl Reading {
    /// Takes in one page's text.
    pub fn page(&mut self, url: &str, text: &str, leaks: &[Leak], words: &Words, asked: Asked) {
        self.pages += 1;
        for hit in words.look_anew(text, asked, &mut self.clean) {
            let list = match (hit.rule, hit.tier) {
                ("forbidden" | "superseded", _) => hit.rule,
                (_, Tier::Never) => "never",
                _ => "context",
            };
            let (line, at) = line_of(text, hit.at);
            let place = around(line, at, hit.wrong.len());
            let entry = self.lines.entry((list, hit.wrong, line.to_owned())).or_default();
            entry.right = hit.right;
            entry.pages.entry(url.to_owned()).or_default().push(place);
        }
        for kind in [Personal::IdNumber, Personal::Mobile, Personal::BankCard] {
            let found: Vec<&Leak> = leaks.iter().filter(|leak| leak.kind == kind).collect();
            if found.is_empty() {
                continue;
            }
            let private = found.iter().filter(|leak| !leak.office && named(&leak.before)).count();
            self.leaks.push(Leaks {
                kind,
                page: url.to_owned(),
                count: count(found.len()),
                private: count(private),
                shown: found.iter().take(PLACES).map(|leak| leak.masked.shown().to_owned()).collect(),
                column: None,
                carrier: None,
                gap: None,
                look: None,
            });
        }
    }

    /// The subjects, in an order that does not depend on that of the pages.
    pub fn finish(self, home: &str) -> (Vec<Wording>, Vec<Leaks>) {
        let mut shared = Vec::new();
        let mut single: BTreeMap<(String, &'static str, String), Wording> = BTreeMap::new();
        for ((list, wrong, _), places) in self.lines {
            let pages: BTreeSet<&String> = places.pages.keys().collect();
            let several = pages.len() >= SEVERAL;
            let told: Vec<&String> = if several {
                pages.iter().copied().min_by_key(|url| (*url != home, url.len(), *url)).into_iter().collect()
            } else {
                pages.iter().copied().collect()
            };
            for url in told {
                let found = places.pages.get(url).cloned().unwrap_or_default();
                let cause = match pages.len() {
                    n if several && n * 2 > self.pages => Cause::Template(count(n)),
                    n if several => Cause::Several(count(n)),
                    _ => Cause::Single,
                };
                let wording = Wording {
                    list: list.to_owned(),
                    wrong: wrong.clone(),
                    right: places.right.clone(),
                    page: url.clone(),
                    times: count(found.len()),
                    places: found,
                    cause,
                    column: None,
                    carrier: None,
                    gap: None,
                    look: None,
                };
                if several {
                    shared.push(wording);
                } else {
                    match single.entry((url.clone(), list, wrong.clone())) {
                        std::collections::btree_map::Entry::Vacant(entry) => {
                            entry.insert(wording);
                        }
                        std::collections::btree_map::Entry::Occupied(mut entry) => {
                            let known = entry.get_mut();
                            known.times += wording.times;
                            known.places.extend(wording.places);
                        }
                    }
                }
            }
        }
        // Several shared lines of one page with one form have one row as well.
        let mut rows: BTreeMap<String, Wording> = BTreeMap::new();
        for wording in shared.into_iter().chain(single.into_values()) {
            match rows.entry(wording.key()) {
                std::collections::btree_map::Entry::Vacant(entry) => {
                    entry.insert(wording);
                }
                std::collections::btree_map::Entry::Occupied(mut entry) => {
                    let known = entry.get_mut();
                    known.times += wording.times;
                    known.places.extend(wording.places);
                }
            }
        }
        let mut rows: Vec<Wording> = rows.into_values().collect();
        for row in &mut rows {
            row.places.truncate(PLACES);
        }
        let mut leaks = self.leaks;
        leaks.sort_by(|a, b| (&a.page, a.kind).cmp(&(&b.page, b.kind)));
        (rows, leaks)
    }
}

impl Wording {
    /// What the identity is made of beside site and rule.
    pub fn key(&self) -> String {
        match self.cause {
            Cause::Single => format!("{} {}", self.page, self.wrong),
            Cause::Several(_) | Cause::Template(_) => format!("{} {}", self.list, self.wrong),
        }
    }
}

/// The line around a byte, at most [`FAR`] to each side, and where in it that stands.
fn line_of(text: &str, at: usize) -> (&str, usize) {
    let least = text.floor_char_boundary(at.saturating_sub(FAR));
    let most = text.floor_char_boundary((at + FAR).min(text.len()));
    let from = text.get(least..at).and_then(|before| before.rfind('\n')).map_or(least, |end| least + end + 1);
    let to = text.get(at..most).and_then(|after| after.find('\n')).map_or(most, |end| at + end);
    (text.get(from..to).unwrap_or_default(), at - from)
}

/// The form in its surroundings, marked.
fn around(line: &str, at: usize, len: usize) -> String {
    let (before, rest) = line.split_at_checked(at).unwrap_or_default();
    let (form, after) = rest.split_at_checked(len).unwrap_or_default();
    let skip = before.chars().count().saturating_sub(AROUND);
    let before: String = before.chars().skip(skip).collect();
    let after: String = after.chars().take(AROUND).collect();
    format!("{before}【{form}】{after}")
}

/// Whether a person's name stands before the number, or another number of a person: rows hold the name at their head.
fn named(before: &str) -> bool {
    before.contains("******")
        || before.split(|c: char| !matches!(c, '\u{4e00}'..='\u{9fff}' | '·')).any(is_like_a_name)
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::personal::mask;
    use super::*;
    use crate::words::files::{List, WordFiles};

    const HOME: &str = "http://jtj.shili.gov.cn/";

    fn words() -> Words {
        let files = WordFiles::default().with(List::Never, "never.tsv", "部暑\t部署\n".to_owned()).with(
            List::Forbidden,
            "forbidden.tsv",
            "内部资料\t\n".to_owned(),
        );
        Words::load(&files).expect("lists")
    }

    fn read(pages: &[(&str, &str)]) -> (Vec<Wording>, Vec<Leaks>) {
        let words = words();
        let mut reading = Reading::default();
        for (url, text) in pages {
            let (text, leaks) = mask(text);
            reading.page(
                url,
                &text,
                &leaks,
                &words,
                Asked { typos: Some(Tier::Context), forbidden: true, superseded: false },
            );
        }
        reading.finish(HOME)
    }

    #[test]
    fn a_row_is_an_article_and_a_form_or_a_line_that_pages_share() {
        let footer = "主办：示例市交通局 统一部暑";
        let article = format!("标题\n会议部暑了工作。\n再次部暑，内部资料。\n{footer}");
        let other = format!("别的\n正文。\n{footer}");
        let (wordings, _) = read(&[
            (HOME, footer),
            ("http://jtj.shili.gov.cn/a.html", &article),
            ("http://jtj.shili.gov.cn/b.html", &other),
        ]);
        let told: Vec<_> = wordings
            .iter()
            .map(|w| (w.list.as_str(), w.page.trim_start_matches(HOME), w.wrong.as_str(), w.times, w.cause))
            .collect();
        assert_eq!(
            told,
            [
                ("forbidden", "a.html", "内部资料", 1, Cause::Single),
                ("never", "a.html", "部暑", 2, Cause::Single),
                ("never", "", "部暑", 1, Cause::Template(3)),
            ]
            .into_iter()
            .collect::<Vec<_>>()
        );
        let typo = wordings.iter().find(|wording| wording.times == 2).expect("found");
        assert!(typo.places[0].contains("会议【部暑】了工作"), "{typo:?}");
    }

    #[test]
    fn only_numbers_behind_a_name_are_private() {
        let (_, leaks) = read(&[(
            "http://jtj.shili.gov.cn/c.html",
            "名单\n张三 13800138023\n联系电话：13900139024\n地址 13700137025",
        )]);
        assert_eq!(leaks.len(), 1);
        assert_eq!((leaks[0].count, leaks[0].private), (3, 1));
        assert!(leaks.iter().flat_map(|leak| &leak.shown).all(|shown| shown.contains("****")));
    }
}
