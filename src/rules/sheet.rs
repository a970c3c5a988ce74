//! What a pack counts beside its rules: indicators, the score sheet with its items, and the questions that only a person
//! can answer. Plain values; how they are counted is `assess` and `score`.

use serde::{Deserialize, Deserializer, Serialize};

/// Whom an indicator or a question is about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Whom {
    /// A website (网站).
    #[default]
    Site,
    /// A new-media account (政务新媒体).
    Account,
}

/// A 单项否决 indicator: how many subjects of which rules make one, or what a person must have found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Indicator {
    /// Its short name: `V4c`.
    pub id: String,
    /// 指标 as printed.
    pub title: String,
    /// Whom it is about.
    #[serde(default)]
    pub of: Whom,
    /// Key into `basis.toml`.
    pub basis: String,
    /// How many make one.
    pub at_least: u32,
    /// Measure word and noun: `个栏目`.
    pub unit: String,
    /// What counts.
    #[serde(default)]
    pub counts: Vec<Count>,
    /// The rule whose parameters say how a week of visits is counted, where that decides the indicator and not the
    /// number of findings.
    #[serde(default)]
    pub visits: Option<String>,
    /// True where it is left out for units without services.
    #[serde(default)]
    pub services: bool,
    /// What a person must look at: one “是” makes the indicator.
    #[serde(default, rename = "question")]
    pub questions: Vec<Question>,
    /// What an overlay changed in it, in its words; needed where it takes the place of one below.
    #[serde(default)]
    pub changes: String,
}

impl Indicator {
    /// Whether the program itself can say anything of it.
    pub fn by_machine(&self) -> bool {
        self.visits.is_some() || !self.counts.is_empty()
    }
}

/// One rule's part in an indicator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Count {
    /// The rule's id.
    pub rule: String,
    /// Only columns of this level count.
    #[serde(default)]
    pub level: Option<u8>,
    /// Only columns with an update cycle count, and without any nothing can be said.
    #[serde(default)]
    pub needs_cycle: bool,
}

/// Something that no check judges: a row of the 人工核查表.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Question {
    /// Its id, by which an answer finds its way back: `V1-2`.
    pub id: String,
    /// What is asked, as printed.
    pub ask: String,
    /// Points for each occurrence; then the answer is a number. `None` = yes or no.
    #[serde(default)]
    pub points: Option<Points>,
    /// Most that can be counted: 1 where the answer is 1 or 0. `None` = as many as there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most: Option<u16>,
    /// True where one occurrence takes all points of the item (扣满).
    #[serde(default)]
    pub full: bool,
    /// Measure word of what is counted: `处`, `次`.
    #[serde(default)]
    pub unit: String,
    /// Rules whose findings are shown beside it as pointers.
    #[serde(default)]
    pub see: Vec<String>,
}

/// How points are counted: 第二部分 and 第三部分.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sheet {
    /// Points of all deduction items together.
    pub full: Points,
    /// Below this a site is 不合格.
    pub fail_below: Points,
    /// Above this the bonus items are counted.
    pub bonus_above: Points,
    /// Points of all bonus items together.
    pub bonus: Points,
    /// Days for which a person's answer holds, counted back from 监测时点: ours, about a quarter.
    pub answer_days: u16,
    /// Key into `basis.toml`: how the parts are put together.
    pub basis: String,
    /// Key into `basis.toml`: what holds for units without services.
    pub services_basis: String,
    /// The items in the order of the sheet.
    pub items: Vec<Item>,
    /// What overlays changed, in their words.
    pub changes: Vec<String>,
}

/// 扣分 or 加分.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// 扣分指标
    Deduction,
    /// 加分指标
    Bonus,
}

/// One row of the sheet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Item {
    /// Its id: `availability`.
    pub id: String,
    /// 扣分 or 加分.
    pub part: Part,
    /// 一级指标: `功能设计`.
    pub block: String,
    /// 二级指标: `可用性`.
    pub title: String,
    /// The item's points, which its deductions never exceed.
    pub points: Points,
    /// 评分细则 as the program counts it.
    pub text: String,
    /// Key into `basis.toml`.
    pub basis: String,
    /// Whether the points and the deductions of each were compared with published copies.
    #[serde(default)]
    pub verified: bool,
    /// True for items that are left out for units without services.
    #[serde(default)]
    pub services: bool,
    /// What the checks say.
    #[serde(default, rename = "hit")]
    pub hits: Vec<Hit>,
    /// What persons say.
    #[serde(default, rename = "question")]
    pub questions: Vec<Question>,
    /// What overlays changed in it, in their words.
    #[serde(default)]
    pub changes: Vec<String>,
}

/// One rule's part in an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Hit {
    /// The rule's id.
    pub rule: String,
    /// Points for each finding.
    #[serde(default)]
    pub points: Option<Points>,
    /// True where one finding takes all points of the item (扣满).
    #[serde(default)]
    pub full: bool,
    /// True where any number of findings counts as one.
    #[serde(default)]
    pub once: bool,
    /// Only what stands there counts.
    #[serde(default)]
    pub place: Place,
    /// Measure word: `处`, `个栏目`.
    #[serde(default = "place_word")]
    pub unit: String,
    /// Hits of one group share their subjects: what one of them counted, no later one counts again. Without a group only
    /// the same finding is not counted twice.
    #[serde(default)]
    pub group: Option<String>,
}

/// Where a finding stands, as far as points depend on it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// Anywhere.
    #[default]
    Any,
    /// On the home page.
    Home,
    /// On other pages.
    Other,
}

impl Place {
    /// Whether something that stands on the home page, or not, counts.
    pub fn takes(self, on_home: bool) -> bool {
        match self {
            Self::Any => true,
            Self::Home => on_home,
            Self::Other => !on_home,
        }
    }

    /// As printed before a count.
    pub fn word(self) -> &'static str {
        match self {
            Self::Any => "",
            Self::Home => "首页",
            Self::Other => "其他页面",
        }
    }
}

/// Points in hundredths (分 × 100): sums of them are exact.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Points(pub i64);

impl Points {
    /// Whole points.
    pub fn whole(points: i64) -> Self {
        Self(points * 100)
    }
}

impl std::fmt::Display for Points {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (sign, all) = (if self.0 < 0 { "-" } else { "" }, self.0.unsigned_abs());
        match (all / 100, all % 100) {
            (whole, 0) => write!(f, "{sign}{whole}"),
            (whole, part) if part % 10 == 0 => write!(f, "{sign}{whole}.{}", part / 10),
            (whole, part) => write!(f, "{sign}{whole}.{part:02}"),
        }
    }
}

impl<'de> Deserialize<'de> for Points {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Number {
            Whole(i64),
            Part(f64),
        }
        let wrong =
            || serde::de::Error::custom("points are a number from 0 to 1000 with at most two decimals");
        match Number::deserialize(deserializer).map_err(|_| wrong())? {
            Number::Whole(points) if (0..=1000).contains(&points) => Ok(Self::whole(points)),
            Number::Part(points) if (0.0..=1000.0).contains(&points) => {
                let hundredths = (points * 100.0).round();
                if (points * 100.0 - hundredths).abs() > 1e-6 {
                    return Err(wrong());
                }
                #[allow(clippy::cast_possible_truncation, reason = "whole and below 100,001")]
                Ok(Self(hundredths as i64))
            }
            _ => Err(wrong()),
        }
    }
}

fn place_word() -> String {
    "处".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_exact_and_printed_without_zeros() {
        #[derive(Deserialize)]
        struct Row {
            points: Points,
        }
        let read = |text: &str| toml::from_str::<Row>(&format!("points = {text}")).map(|row| row.points.0);
        assert_eq!(read("5"), Ok(500));
        assert_eq!(read("0.1"), Ok(10));
        assert_eq!(read("0.05"), Ok(5));
        for wrong in ["-1", "0.005", "1001", "\"5\"", "nan", "true"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        for (hundredths, text) in [(500, "5"), (10, "0.1"), (5, "0.05"), (-250, "-2.5"), (0, "0")] {
            assert_eq!(Points(hundredths).to_string(), text);
        }
    }
}
