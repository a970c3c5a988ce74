//! What a person found where no check judges: one answer to one question about one site or account, with name and date.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::rules::sheet::{Points, Question};

/// One answer. Answers are only ever added to: a later one takes the place of an earlier one without removing it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// 标识码 of the site, or the account's.
    pub subject: String,
    /// The question's id: `V1-2`.
    pub question: String,
    /// What was found.
    pub said: Said,
    /// 核查情况说明.
    pub note: String,
    /// 核查人.
    pub by: String,
    /// 核查日期.
    pub on: NaiveDate,
}

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Said {
    /// 是: what is asked about is so.
    Yes,
    /// 否
    No,
    /// How many, in hundredths: bonus points may be halves.
    Count(i64),
}

impl std::fmt::Display for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Yes => f.write_str("是"),
            Self::No => f.write_str("否"),
            Self::Count(hundredths) => Points(*hundredths).fmt(f),
        }
    }
}

impl Answer {
    /// `V1-2 是（李某某，2026-11-16；说明）`.
    pub fn in_words(&self) -> String {
        let note = if self.note.is_empty() { String::new() } else { format!("；{}", self.note) };
        format!("{} {}（{}，{}{note}）", self.question, self.said, self.by, self.on)
    }
}

/// Whether an answer still says something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing<'a> {
    /// It holds.
    Holds(&'a Answer),
    /// It was given so many days before; the matter is open again.
    Old(&'a Answer, i64),
}

/// The latest answer to each question that was given by `as_of`; `days` says how long one holds. Of two of one day the
/// later entry counts.
pub fn standing(answers: &[Answer], as_of: NaiveDate, days: u16) -> BTreeMap<&str, Standing<'_>> {
    let mut latest: BTreeMap<&str, &Answer> = BTreeMap::new();
    for answer in answers.iter().filter(|answer| answer.on <= as_of) {
        let newer = latest.get(answer.question.as_str()).is_none_or(|known| known.on <= answer.on);
        if newer {
            latest.insert(&answer.question, answer);
        }
    }
    latest
        .into_iter()
        .map(|(question, answer)| {
            let age = as_of.signed_duration_since(answer.on).num_days();
            let standing =
                if age > i64::from(days) { Standing::Old(answer, age) } else { Standing::Holds(answer) };
            (question, standing)
        })
        .collect()
}

/// A cell of the 人工核查表 as an answer to `question`; `Ok(None)` where it was left empty.
///
/// # Errors
/// What would be right, in Chinese.
pub fn said(question: &Question, cell: &str) -> Result<Option<Said>, String> {
    let word: String = cell.chars().filter(|c| !c.is_whitespace()).map(half_width).collect();
    if word.is_empty() {
        return Ok(None);
    }
    let said = match (word.as_str(), question.points) {
        ("是" | "有" | "√" | "✓", None) => Said::Yes,
        ("否" | "无" | "×" | "✗" | "未发现" | "0", None) => Said::No,
        (_, None) => return Err(format!("“{word}”既不是“是”也不是“否”")),
        ("否" | "无" | "未发现", Some(_)) => Said::Count(0),
        (number, Some(_)) => {
            let unit = &question.unit;
            let digits = number.strip_suffix(unit.as_str()).filter(|_| !unit.is_empty()).unwrap_or(number);
            let hundredths = hundredths(digits)
                .ok_or_else(|| format!("“{word}”应为数量，如 0 或 3（最多两位小数，不超过1000）"))?;
            Said::Count(hundredths)
        }
    };
    Ok(Some(said))
}

fn hundredths(text: &str) -> Option<i64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || whole.len() > 4 || part.len() > 2 || (text.contains('.') && !digits(part)) {
        return None;
    }
    let value = whole.parse::<i64>().ok()? * 100 + format!("{part:0<2}").parse::<i64>().ok()?;
    (value <= 100_000).then_some(value)
}

fn half_width(c: char) -> char {
    match c {
        '０'..='９' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        '．' => '.',
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(points: Option<Points>) -> Question {
        Question {
            id: "q-1".to_owned(),
            ask: "几处".to_owned(),
            points,
            most: None,
            full: points.is_none(),
            unit: "处".to_owned(),
            see: Vec::new(),
        }
    }

    #[test]
    fn cells_are_read_as_people_type_them() {
        let (yes, number) = (question(None), question(Some(Points(100))));
        for (cell, said_) in [("是", Said::Yes), (" 否 ", Said::No), ("未发现", Said::No), ("0", Said::No)]
        {
            assert_eq!(said(&yes, cell), Ok(Some(said_)), "{cell}");
        }
        for (cell, n) in [("3", 300), ("３", 300), ("3处", 300), ("无", 0), ("1.5", 150), ("0.25", 25)] {
            assert_eq!(said(&number, cell), Ok(Some(Said::Count(n))), "{cell}");
        }
        for cell in ["", "  "] {
            assert_eq!(said(&yes, cell), Ok(None));
        }
        for (question, cell) in
            [(&yes, "3"), (&yes, "不清楚"), (&number, "是"), (&number, "-1"), (&number, "1.234")]
        {
            assert!(said(question, cell).is_err(), "{cell}");
        }
    }

    #[test]
    fn the_latest_answer_counts_and_grows_old() {
        let day = |m, d| NaiveDate::from_ymd_opt(2026, m, d).expect("a date");
        let answer = |on, said| Answer {
            subject: "1".to_owned(),
            question: "V1-1".to_owned(),
            said,
            note: String::new(),
            by: "李某某".to_owned(),
            on,
        };
        let answers =
            [answer(day(9, 1), Said::Yes), answer(day(9, 1), Said::No), answer(day(12, 1), Said::Yes)];
        let at = |as_of| standing(&answers, as_of, 60).get("V1-1").copied();
        assert_eq!(at(day(8, 31)), None, "not given yet");
        assert_eq!(at(day(9, 2)), Some(Standing::Holds(&answers[1])), "the later entry of one day");
        assert_eq!(at(day(11, 16)), Some(Standing::Old(&answers[1], 76)));
        assert_eq!(at(day(12, 1)), Some(Standing::Holds(&answers[2])));
    }
}
