//! Rows of rule files as they are written, and the small words in them: ids, durations, suggestions.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeValue, ValueDeserializer};

use crate::finding::{Class, Severity, State};

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct RawPack {
    pub(super) id: Spanned<String>,
    pub(super) title: String,
    pub(super) extends: Option<Spanned<String>>,
    pub(super) effective: Spanned<toml::value::Datetime>,
    pub(super) basis: Spanned<String>,
    #[serde(default)]
    pub(super) note: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct RawRule {
    pub(super) id: Spanned<String>,
    pub(super) title: String,
    pub(super) check: Spanned<String>,
    pub(super) applies: Option<Spanned<BTreeMap<String, Vec<String>>>>,
    pub(super) class: Class,
    pub(super) severity: Severity,
    pub(super) indicator: String,
    pub(super) basis: Spanned<String>,
    pub(super) remedy: String,
    pub(super) unit: Option<String>,
    pub(super) confirm: RawConfirm,
    pub(super) at_most: Option<State>,
    #[serde(default)]
    pub(super) yields_to: Vec<String>,
    pub(super) since: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct RawConfirm {
    pub(super) looks: Spanned<u8>,
    pub(super) apart: Option<Spanned<String>>,
}

/// A row of an overlay: what it changes in a rule of the pack below, and why.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct RawOverride {
    pub(super) id: Spanned<String>,
    pub(super) changes: String,
    pub(super) enabled: Option<bool>,
    pub(super) title: Option<String>,
    pub(super) class: Option<Class>,
    pub(super) severity: Option<Severity>,
    pub(super) indicator: Option<String>,
    pub(super) basis: Option<Spanned<String>>,
    pub(super) remedy: Option<String>,
    pub(super) confirm: Option<RawConfirm>,
    pub(super) yields_to: Option<Vec<String>>,
}

/// A row's `params` and `warn`, which only its check can read.
pub(super) struct Tables<'a> {
    pub(super) params: Option<Spanned<DeValue<'a>>>,
    pub(super) warn: Option<Spanned<DeValue<'a>>>,
}

/// `params` with the keys of `over` in place of its own.
pub(super) fn laid_over<'a>(
    params: &Spanned<DeValue<'a>>,
    over: &Spanned<DeValue<'a>>,
) -> Spanned<DeValue<'a>> {
    let (DeValue::Table(below), DeValue::Table(above)) = (params.get_ref(), over.get_ref()) else {
        return over.clone();
    };
    let mut merged = below.clone();
    for (key, value) in above {
        merged.insert(key.clone(), value.clone());
    }
    Spanned::new(over.span(), DeValue::Table(merged))
}

/// A table as plain data; what is no table is told by the check it is bound to.
pub(super) fn table(value: Spanned<DeValue<'_>>) -> toml::Table {
    toml::Table::deserialize(ValueDeserializer::from(value)).unwrap_or_default()
}

pub(super) fn is_id(id: &str) -> bool {
    id.split('-').all(|word| {
        !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    })
}

/// `6h`, `30min`, `3s`, `1d`.
pub(super) fn duration(text: &str) -> Option<Duration> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let number: u64 = digits.parse().ok()?;
    let seconds = match text.strip_prefix(digits)? {
        "s" => 1,
        "min" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return None,
    };
    number.checked_mul(seconds).map(Duration::from_secs)
}

/// `，您是否想写“…”？` where one of `known` is close enough.
pub(super) fn suggestion<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    crate::config::fault::suggestion(word, known)
}

/// What the parser says, in words for an operator; the parser's own stand behind them.
pub(super) fn in_words(message: &str) -> String {
    let named = || message.split('`').nth(1).unwrap_or_default();
    let words = if message.starts_with("unknown field") {
        let known = message.split('`').skip(3).step_by(2);
        format!("没有名为“{}”的项{}", named(), suggestion(named(), known))
    } else if message.starts_with("missing field") {
        format!("缺少必填项 {}", named())
    } else if message.starts_with("unknown variant") {
        let known = message.split('`').skip(3).step_by(2);
        format!("“{}”不在可用的词中{}", named(), suggestion(named(), known))
    } else if message.starts_with("invalid type") {
        "值的类型不对".to_owned()
    } else if message.starts_with("invalid value") {
        "值超出范围".to_owned()
    } else if message.starts_with("duplicate") {
        "同一项写了两次".to_owned()
    } else {
        "TOML 格式有误，请检查引号、等号和括号".to_owned()
    };
    format!("{words}（{}）", message.lines().next().unwrap_or_default())
}
