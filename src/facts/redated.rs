//! Old articles under a new date (旧稿新发): the same title and body seen under an earlier date, here or elsewhere on the
//! site, and articles whose own tag says another day than the line below their title.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::dates;
use super::page::{PageFacts, PageKind};

/// Letters of a title from which on two articles of the same title are likely one.
const TITLE_LEAST: usize = 8;
/// Letters and digits of a body from which on it is one text's and no other's.
const BODY_LEAST: usize = 120;
/// Characters up to which a line that holds a date is the line of date, source and counter, or the date at the end.
const DATE_LINE: usize = 120;
/// Of a fingerprint the part that does not tell how long the whole page is: menus grow between two runs.
const LETTERS_ONLY: u64 = u64::MAX >> 16;
/// Addresses that carry one title and body from which on a template prints them.
const MOST_ALIKE: usize = 5;

/// An article as far as its dates matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Article {
    /// Id of its URL.
    pub id: u32,
    /// Its URL.
    pub url: String,
    /// Its title.
    pub title: String,
    /// The date it goes by.
    pub date: NaiveDate,
    /// The day below its title.
    pub visible: Option<NaiveDate>,
    /// The day of its PubDate tag.
    pub tag: Option<NaiveDate>,
    /// The fingerprint of its text; 0 where it is too short.
    pub print: u64,
}

/// An article that goes by a later date than before.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Redated {
    /// Its title.
    pub title: String,
    /// Its URL.
    pub url: String,
    /// The date it goes by now.
    pub date: NaiveDate,
    /// The earlier date.
    pub before: NaiveDate,
    /// Where the earlier date stood; `None` = in its own PubDate tag.
    pub at: Option<String>,
}

/// What is known of the dates of a site's articles.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redatings {
    /// Articles with a date.
    pub dated: u32,
    /// Those that go by a later date than before, by URL.
    pub found: Vec<Redated>,
}

impl Article {
    /// The article that these facts are of; `None` for other pages, without a date, and where the date is told by how long ago it
    /// was: 昨天 in a page that nobody writes anew names a later day every time.
    pub fn of(id: u32, url: &str, facts: &PageFacts) -> Option<Self> {
        let date = facts.pubdate.lasting().filter(|_| facts.kind == PageKind::Article)?.date;
        let tag = facts.tags.get("ArticleTitle").filter(|title| !title.trim().is_empty());
        Some(Self {
            id,
            url: url.to_owned(),
            title: tag.unwrap_or(&facts.title).clone(),
            date,
            visible: facts.pubdate.visible.map(|stamp| stamp.date),
            tag: facts.pubdate.tag.map(|stamp| stamp.date),
            print: facts.text_print & LETTERS_ONLY,
        })
    }

    /// Whether `was` may be the same article, more than `apart` days earlier: same title, figures included, and the
    /// same fingerprint.
    pub fn may_be(&self, was: &Self, apart: u32) -> bool {
        let days = self.date.signed_duration_since(was.date).num_days();
        let title = letters(&self.title);
        days > i64::from(apart)
            && self.print != 0
            && self.print == was.print
            && title.chars().count() >= TITLE_LEAST
            && title == letters(&was.title)
    }

    /// The pair as it is told.
    pub fn told(&self, was: &Self) -> Redated {
        Redated {
            title: self.title.clone(),
            url: self.url.clone(),
            date: self.date,
            before: was.date,
            at: Some(was.url.clone()),
        }
    }
}

/// Pairs of articles that may be one: the later, then the earliest that goes by the same title and fingerprint.
pub fn doubles(articles: &[Article], apart: u32) -> Vec<(&Article, &Article)> {
    let mut alike: BTreeMap<(u64, String), Vec<&Article>> = BTreeMap::new();
    for article in articles.iter().filter(|article| article.print != 0) {
        alike.entry((article.print, letters(&article.title))).or_default().push(article);
    }
    let mut pairs = Vec::new();
    for mut group in alike.into_values().filter(|group| (2..=MOST_ALIKE).contains(&group.len())) {
        group.sort_by(|a, b| (a.date, &a.url).cmp(&(b.date, &b.url)));
        let Some((first, later)) = group.split_first() else { continue };
        pairs.extend(later.iter().filter(|now| now.may_be(first, apart)).map(|now| (*now, *first)));
    }
    pairs
}

/// Articles whose visible day is more than `apart` days later than that of their tag. Where that is so of every third article or
/// more, the tag holds something else, and nothing is told.
pub fn mistagged(articles: &[Article], apart: u32) -> Vec<Redated> {
    let both = articles.iter().filter_map(|article| Some((article, article.visible?, article.tag?)));
    let both: Vec<_> = both.collect();
    let later = |(_, visible, tag): &&(&Article, NaiveDate, NaiveDate)| {
        visible.signed_duration_since(*tag).num_days() > i64::from(apart)
    };
    let odd = both
        .iter()
        .filter(|(_, visible, tag)| visible.signed_duration_since(*tag).num_days().abs() > i64::from(apart));
    if odd.count() * 3 >= both.len() {
        return Vec::new();
    }
    let told = |(article, visible, tag): &(&Article, NaiveDate, NaiveDate)| Redated {
        title: article.title.clone(),
        url: article.url.clone(),
        date: *visible,
        before: *tag,
        at: None,
    };
    both.iter().filter(later).map(told).collect()
}

/// Whether two texts say the same in the same figures, lines of dates left out.
pub fn same_body(one: &str, other: &str) -> bool {
    let (one, other) = (body(one), body(other));
    one == other && one.chars().count() >= BODY_LEAST
}

fn body(text: &str) -> String {
    let dated = |line: &str| line.chars().count() <= DATE_LINE && !dates::find(line, false).is_empty();
    text.lines().filter(|line| !dated(line)).flat_map(str::chars).filter(|c| c.is_alphanumeric()).collect()
}

fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(y: i32, m: u32, d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(y, m, d).expect("a date")
    }

    fn article(url: &str, title: &str, date: NaiveDate, print: u64) -> Article {
        let (title, url) = (title.to_owned(), url.to_owned());
        Article { id: 1, url, title, date, visible: Some(date), tag: Some(date), print }
    }

    #[test]
    fn pairs_need_the_same_title_and_print_and_days_between() {
        let old = article("a", "示例市举办秋季招聘会", day(2024, 9, 1), 7);
        let new = article("b", "示例市举办秋季招聘会", day(2026, 11, 10), 7);
        let near = article("c", "示例市举办秋季招聘会", day(2024, 9, 20), 7);
        let other = article("d", "示例市举办春季招聘会", day(2026, 11, 10), 7);
        let all = [new.clone(), other, old.clone(), near];
        let urls: Vec<_> = doubles(&all, 30).iter().map(|(now, was)| (&*now.url, &*was.url)).collect();
        assert_eq!(urls, [("b", "a")]);
        let printed: Vec<Article> =
            (0..9).map(|n| Article { url: n.to_string(), ..new.clone() }).chain([old]).collect();
        assert!(doubles(&printed, 30).is_empty(), "a template prints it");
        let figures = article("e", "2026年10月低保发放公示表", day(2026, 11, 1), 9);
        let before = article("f", "2025年10月低保发放公示表", day(2025, 11, 1), 9);
        assert!(!figures.may_be(&before, 30), "another year's");
    }

    #[test]
    fn a_day_told_by_how_long_ago_it_was_is_no_earlier_and_no_later_date() {
        use super::super::page::PageState;
        let mut facts = PageFacts::bare("http://www.shili.gov.cn/a.html", PageState::OwnContent, "");
        facts.kind = PageKind::Article;
        facts.pubdate.chosen = "2026-11-10".parse().ok();
        facts.pubdate.why = "visible-labelled".to_owned();
        assert!(Article::of(1, &facts.url, &facts).is_some());
        facts.pubdate.why = "visible-relative; tag-differs by 90 days".to_owned();
        assert_eq!(Article::of(1, &facts.url, &facts), None);
    }

    #[test]
    fn bodies_are_compared_with_their_figures_and_without_their_dates() {
        let text = "示例市交通运输局组织开展道路运输安全检查。".repeat(8);
        let page = |date: &str, figure: u32| {
            format!("标题\n发布时间：{date} 来源：示例局\n{text}共检查{figure}家。\n")
        };
        assert!(same_body(&page("2026-11-10", 31), &page("2024-03-02", 31)));
        assert!(!same_body(&page("2026-11-10", 31), &page("2024-03-02", 32)), "another count");
        assert!(!same_body("短文", "短文"), "too short to be one text's");
    }

    #[test]
    fn a_tag_that_always_says_something_else_accuses_nobody() {
        let mut odd = article("a", "示例一则", day(2026, 11, 10), 1);
        odd.tag = Some(day(2023, 1, 1));
        let fine: Vec<Article> =
            (0..5).map(|n| article(&n.to_string(), "示例", day(2026, 11, n + 1), 2)).collect();
        let found = mistagged(&[fine.clone(), vec![odd.clone()]].concat(), 30);
        assert_eq!(
            found.iter().map(|one| (one.before, one.at.clone())).collect::<Vec<_>>(),
            [(day(2023, 1, 1), None)]
        );
        assert!(mistagged(&[fine[..1].to_vec(), vec![odd]].concat(), 30).is_empty());
    }
}
