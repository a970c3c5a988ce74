//! `gazette-gap`: issues of the gazette (政府公报) that are missing between others.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Datelike;
use serde::Deserialize;

use super::{Context, Defect, check};
use crate::facts::asked::{Ask, Contents, Item};
use crate::facts::periods::named_year;
use crate::finding::{Confidence, Gap, Seen};

check! {
    /// 政府公报期号不连续
    ///
    /// ## What it does
    /// Reads year and number of each issue off the titles of lists and articles that say `titles` (`2026年第3期`, `2026年第
    /// 3、4期合刊`), and flags numbers that are missing between the first and the last issue of a year; of years before the
    /// latest one that lists a first issue, from number 1 on.
    ///
    /// ## Why it matters
    /// The texts in the gazette are the standard ones; an issue that cannot be found is one that nobody can cite.
    ///
    /// ## Gaps
    /// No issue with a number anywhere; a column that could not be read; a site of which pages were left out. Some gazettes
    /// skip numbers: 疑似 at most.
    ///
    /// ## Example
    /// Numbers 1, 2, 4 and 5 of 2026 are listed: number 3 is flagged.
    GazetteGap = "gazette-gap", Contents, Params, run, asks
}

/// Parameters of `gazette-gap`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Params {
    /// What the titles of issues say.
    titles: Vec<String>,
    /// Names of the column that lists them.
    columns: Vec<String>,
    /// Years back from now that are held against each other.
    years: i32,
}

fn asks(params: &Params) -> Vec<Ask> {
    vec![Ask::Titled(params.titles.clone()), Ask::Named(params.columns.clone())]
}

fn run(contents: &Contents, params: &Params, cx: Context) -> Seen<Vec<Defect>> {
    let items = &contents.answer(&Ask::Titled(params.titles.clone()))?.items;
    let mut issues: BTreeMap<i32, BTreeSet<u32>> = BTreeMap::new();
    for item in items {
        let (Some(year), numbers) = (year_of(item), numbers_of(&item.title)) else { continue };
        if year > cx.as_of.year() - params.years && !numbers.is_empty() {
            issues.entry(year).or_default().extend(numbers);
        }
    }
    if issues.is_empty() {
        return Err(Gap::new(&contents.url, "no-issues"));
    }
    let missing: Vec<String> = issues
        .iter()
        .filter_map(|(year, numbers)| {
            let (first, last) = (*numbers.first()?, *numbers.last()?);
            // The oldest year that is still listed may be cut anywhere.
            let from = if issues.keys().next() == Some(year) { first } else { 1 };
            let absent: Vec<String> = (from..last)
                .filter(|number| !numbers.contains(number))
                .map(|number| number.to_string())
                .collect();
            // A wrong number at the end is likelier than twenty lost issues.
            (!absent.is_empty() && absent.len() < 10).then(|| format!("{year}年第{}期", absent.join("、")))
        })
        .collect();
    if missing.is_empty() {
        return Ok(Vec::new());
    }
    let places = &contents.answer(&Ask::Named(params.columns.clone()))?.places;
    let columns: Vec<_> = places.iter().filter(|place| place.state.is_some()).collect();
    if let Some(gap) = columns.iter().find_map(|place| place.gap.clone()) {
        return Err(gap);
    }
    contents.whole()?;
    let listed: Vec<String> = issues
        .iter()
        .map(|(year, numbers)| {
            let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
            format!("{year}年第{}期", numbers.join("、"))
        })
        .collect();
    let at = columns.first().and_then(|place| Some((place.name.clone(), place.url.clone()?)));
    let text = format!("政府公报缺{}。", missing.join("，"));
    let excerpt = format!("已列出：{}", listed.join("；"));
    Ok(vec![Defect { suspected: true, at, ..Defect::new(text, excerpt, Confidence::Medium) }])
}

fn year_of(item: &Item) -> Option<i32> {
    named_year(&item.title).or(item.date.map(|date| date.year()))
}

/// The numbers of an issue: `第3期`, `3期`, `第3、4期`, `第3-5期合刊`, `第十二期`. The number of all issues (总第120期) is none.
fn numbers_of(title: &str) -> Vec<u32> {
    for (at, _) in title.match_indices('期') {
        let before = title.get(..at).unwrap_or_default();
        let start = before
            .char_indices()
            .rev()
            .take_while(|(_, c)| c.is_ascii_digit() || "、-—－至和,，一二三四五六七八九十 ".contains(*c))
            .last();
        let Some((start, _)) = start else { continue };
        let (lead, numbers) = before.split_at(start);
        if lead.ends_with('总') || lead.ends_with("总第") {
            continue;
        }
        let range = numbers.contains(['-', '—', '－', '至']);
        let found: Vec<u32> = numbers
            .split(|c: char| "、-—－至和,， ".contains(c))
            .filter_map(|number| number.parse().ok().or_else(|| written(number)))
            .filter(|number| (1..=60).contains(number))
            .collect();
        match found.as_slice() {
            [first, .., last] if range && first < last && last - first < 6 => {
                return (*first..=*last).collect();
            }
            [] => {}
            _ => return found,
        }
    }
    Vec::new()
}

/// `十二`, `三`.
fn written(number: &str) -> Option<u32> {
    let digit = |c: char| "一二三四五六七八九".chars().zip(1..).find(|(d, _)| *d == c).map(|(_, n)| n);
    match number.chars().collect::<Vec<_>>().as_slice() {
        ['十'] => Some(10),
        ['十', ones] => Some(10 + digit(*ones)?),
        [tens, '十'] => Some(digit(*tens)? * 10),
        [tens, '十', ones] => Some(digit(*tens)? * 10 + digit(*ones)?),
        [ones] => digit(*ones),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_off_titles() {
        for (title, numbers) in [
            ("示例市人民政府公报2026年第3期", vec![3]),
            ("示例市人民政府公报 2026年 第3期（总第120期）", vec![3]),
            ("总第120期 2026年第12期", vec![12]),
            ("2026年第3、4期合刊", vec![3, 4]),
            ("2026年第3-5期", vec![3, 4, 5]),
            ("政府公报第十二期", vec![12]),
            ("政府公报2026年5期", vec![5]),
            ("政府公报征订启事", vec![]),
            ("本期目录", vec![]),
        ] {
            assert_eq!(numbers_of(title), numbers, "{title}");
        }
    }
}
