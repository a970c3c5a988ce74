//! What changed between two sets of rules, row by row, in words.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::explain::{class, confirm, severity};
use super::sheet::{Hit, Item, Part, Question, Sheet};
use super::{Basis, BoundRule, Indicator, RuleSet};

/// What changes from `old` to `new`: one block a row that differs; empty where nothing does.
pub fn diff(old: &RuleSet, new: &RuleSet) -> String {
    let mut out = String::new();
    rules(&mut out, old, new);
    indicators(&mut out, old, new);
    match (&old.sheet, &new.sheet) {
        (Some(old), Some(new)) => sheets(&mut out, old, new),
        (None, Some(_)) => out.push_str("新增 评分表\n"),
        (Some(_), None) => out.push_str("取消 评分表\n"),
        (None, None) => {}
    }
    sources(&mut out, &old.basis, &new.basis);
    out
}

/// Lines about one row, printed under its heading where there are any.
struct Row {
    lines: Vec<String>,
}

impl Row {
    fn new() -> Self {
        Self { lines: Vec::new() }
    }

    /// A line where the two differ.
    fn turn(&mut self, what: &str, old: &str, new: &str) {
        if old != new {
            let shown = |text: &str| if text.is_empty() { "（无）".to_owned() } else { text.to_owned() };
            self.lines.push(format!("{what}：{} → {}", shown(old), shown(new)));
        }
    }

    fn end(self, out: &mut String, heading: &str, why: &[String]) {
        if self.lines.is_empty() {
            return;
        }
        let _ = writeln!(out, "{heading}");
        for line in self.lines {
            let _ = writeln!(out, "  - {line}");
        }
        for why in why {
            let _ = writeln!(out, "  - 说明：{why}");
        }
    }
}

fn rules(out: &mut String, old: &RuleSet, new: &RuleSet) {
    for before in &old.rules {
        let id = &before.rule.id;
        if let Some(after) = new.get(id) {
            rule(out, before, after);
        } else {
            let why = new.disabled.get(id).map_or_else(String::new, |why| format!("：{why}"));
            let _ = writeln!(out, "取消 规则`{id}` {}{why}", before.rule.title);
        }
    }
    for after in new.rules.iter().filter(|after| old.get(&after.rule.id).is_none()) {
        let rule = &after.rule;
        let _ = writeln!(
            out,
            "新增 规则`{}` {}（{}，{}）",
            rule.id,
            rule.title,
            rule.indicator,
            class(rule.class)
        );
        for (key, value) in &rule.params {
            let _ = writeln!(out, "  - {key} = {value}");
        }
    }
}

fn rule(out: &mut String, old: &BoundRule, new: &BoundRule) {
    let (before, after) = (&old.rule, &new.rule);
    let mut row = Row::new();
    row.turn("问题类型", &before.title, &after.title);
    row.turn("检查", &before.check, &after.check);
    row.turn("适用对象", &applies(&before.applies), &applies(&after.applies));
    tables(&mut row, "", &before.params, &after.params);
    let none = toml::Table::new();
    let warn = (before.warn.as_ref().unwrap_or(&none), after.warn.as_ref().unwrap_or(&none));
    tables(&mut row, "临期提示 ", warn.0, warn.1);
    row.turn("计分方式", class(before.class), class(after.class));
    row.turn("处置要求", severity(before.severity), severity(after.severity));
    row.turn("对应指标", &before.indicator, &after.indicator);
    row.turn("依据", &before.basis, &after.basis);
    row.turn("整改要求", &before.remedy, &after.remedy);
    let confirmed = |rule: &super::Rule| confirm(rule.looks, rule.apart, rule.at_most);
    row.turn("确认", &confirmed(before), &confirmed(after));
    row.turn("不重复计", &before.yields_to.join("、"), &after.yields_to.join("、"));
    let heading = format!("调整 规则`{}` {}", after.id, after.title);
    row.end(out, &heading, after.changes.strip_prefix(before.changes.as_slice()).unwrap_or(&after.changes));
}

fn tables(row: &mut Row, lead: &str, old: &toml::Table, new: &toml::Table) {
    let mut keys: Vec<&String> = old.keys().chain(new.keys()).collect();
    keys.sort();
    keys.dedup();
    for key in keys {
        let shown = |table: &toml::Table| table.get(key).map(ToString::to_string).unwrap_or_default();
        row.turn(&format!("{lead}{key}"), &shown(old), &shown(new));
    }
}

fn indicators(out: &mut String, old: &RuleSet, new: &RuleSet) {
    let by_id = |set: &'_ RuleSet| -> BTreeMap<String, Indicator> {
        set.indicators.iter().map(|indicator| (indicator.id.clone(), indicator.clone())).collect()
    };
    let (before, after) = (by_id(old), by_id(new));
    for (id, was) in &before {
        let Some(is) = after.get(id) else {
            let _ = writeln!(out, "取消 指标{id} {}", was.title);
            continue;
        };
        let mut row = Row::new();
        row.turn("名称", &was.title, &is.title);
        row.turn("依据", &was.basis, &is.basis);
        let least = |indicator: &Indicator| format!("{}{}", indicator.at_least, indicator.unit);
        row.turn("达到标准", &least(was), &least(is));
        let counts = |indicator: &Indicator| {
            let rules: Vec<_> = indicator.counts.iter().map(|count| count.rule.as_str()).collect();
            rules.join("、")
        };
        row.turn("计入的规则", &counts(was), &counts(is));
        asked(&mut row, &was.questions, &is.questions);
        let why: Vec<String> =
            [is.changes.clone()].into_iter().filter(|words| *words != was.changes).collect();
        row.end(out, &format!("调整 指标{id} {}", is.title), &why);
    }
    for (id, is) in after.iter().filter(|(id, _)| !before.contains_key(*id)) {
        let _ = writeln!(out, "新增 指标{id} {}", is.title);
    }
}

fn asked(row: &mut Row, old: &[Question], new: &[Question]) {
    for was in old {
        match new.iter().find(|is| is.id == was.id) {
            Some(is) => {
                row.turn(&format!("人工核查{}", is.id), &was.ask, &is.ask);
                let points = |question: &Question| question.points.map(|p| p.to_string()).unwrap_or_default();
                row.turn(&format!("人工核查{} 每{}分值", is.id, is.unit), &points(was), &points(is));
            }
            None => row.lines.push(format!("取消人工核查{}：{}", was.id, was.ask)),
        }
    }
    for is in new.iter().filter(|is| old.iter().all(|was| was.id != is.id)) {
        row.lines.push(format!("新增人工核查{}：{}", is.id, is.ask));
    }
}

fn sheets(out: &mut String, old: &Sheet, new: &Sheet) {
    let mut row = Row::new();
    for (what, was, is) in [
        ("扣分指标满分", old.full, new.full),
        ("不合格线（低于）", old.fail_below, new.fail_below),
        ("加分线（高于）", old.bonus_above, new.bonus_above),
        ("加分指标满分", old.bonus, new.bonus),
    ] {
        row.turn(what, &was.to_string(), &is.to_string());
    }
    row.turn("人工核查有效天数", &old.answer_days.to_string(), &new.answer_days.to_string());
    let why = new.changes.strip_prefix(old.changes.as_slice()).unwrap_or(&new.changes);
    row.end(out, "调整 评分表", why);
    for was in &old.items {
        match new.items.iter().find(|is| is.id == was.id) {
            Some(is) => item(out, was, is),
            None => {
                let _ = writeln!(out, "取消 评分项`{}` {}", was.id, was.title);
            }
        }
    }
    for is in new.items.iter().filter(|is| old.items.iter().all(|was| was.id != is.id)) {
        let part = if is.part == Part::Deduction { "扣分" } else { "加分" };
        let _ = writeln!(out, "新增 评分项`{}` {}（{part}，{}分）", is.id, is.title, is.points);
    }
}

fn item(out: &mut String, was: &Item, is: &Item) {
    let mut row = Row::new();
    row.turn("名称", &was.title, &is.title);
    row.turn("分值", &was.points.to_string(), &is.points.to_string());
    row.turn("细则", &was.text, &is.text);
    row.turn("依据", &was.basis, &is.basis);
    let hits = |item: &Item| item.hits.iter().map(hit).collect::<Vec<_>>().join("；");
    row.turn("计入的规则", &hits(was), &hits(is));
    asked(&mut row, &was.questions, &is.questions);
    let yes = |flag: bool| if flag { "是" } else { "否" };
    row.turn("分值已核实", yes(was.verified), yes(is.verified));
    let why = is.changes.strip_prefix(was.changes.as_slice()).unwrap_or(&is.changes);
    row.end(out, &format!("调整 评分项`{}` {}", is.id, is.title), why);
}

fn hit(hit: &Hit) -> String {
    let points = hit.points.map_or_else(|| "扣满".to_owned(), |points| format!("每{}{points}分", hit.unit));
    format!("{}{} {points}", hit.place.word(), hit.rule)
}

fn sources(out: &mut String, old: &BTreeMap<String, Basis>, new: &BTreeMap<String, Basis>) {
    for (key, was) in old {
        let Some(is) = new.get(key) else { continue };
        let mut row = Row::new();
        row.turn("文件", &was.document, &is.document);
        row.turn("条款", &was.article, &is.article);
        row.turn("原文", &was.quote, &is.quote);
        let verified = |basis: &Basis| if basis.verified { "已核实" } else { "未核实" };
        row.turn("核实", verified(was), verified(is));
        row.end(out, &format!("调整 依据`{key}`"), &[]);
    }
}

fn applies(applies: &BTreeMap<String, Vec<String>>) -> String {
    applies.values().flatten().map(String::as_str).collect::<Vec<_>>().join("、")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::RuleFiles;

    #[test]
    fn nothing_changes_between_a_set_and_itself() {
        let rules = RuleSet::shipped().expect("the shipped rules");
        assert_eq!(diff(&rules, &rules), "");
    }

    #[test]
    fn every_kind_of_row_is_told_in_words() {
        let files = RuleFiles::shipped()
            .with(
                "city/pack.toml",
                "city/pack.toml",
                "id = \"city\"\ntitle = \"示例市\"\nextends = \"national-2019\"\neffective = 2026-01-01\nbasis = \"2019-19/veto-3\"\n".to_owned(),
            )
            .with(
                "city/rows.toml",
                "city/rows.toml",
                "[[override]]\nid = \"stale-news-column\"\nchanges = \"我市按7天\"\nparams = { max-age-days = 7 }\nseverity = \"immediate\"\n\n[[override]]\nid = \"soft-404\"\nchanges = \"不查\"\nenabled = false\n".to_owned(),
            )
            .with(
                "city/score.toml",
                "city/score.toml",
                "[[override]]\nid = \"search\"\nchanges = \"搜索改4分\"\npoints = 4\n\n[[override]]\nid = \"compatibility\"\nchanges = \"并入搜索\"\nenabled = false\n".to_owned(),
            );
        let new = RuleSet::load(&files, &["city"]).unwrap_or_else(|faults| panic!("{faults}"));
        let told = diff(&RuleSet::shipped().expect("the shipped rules"), &new);
        for part in [
            "调整 规则`stale-news-column` 栏目超期未更新\n  - max-age-days：14 → 7\n  - 处置要求：限期整改 → 立行立改\n  - 说明：我市按7天",
            "取消 规则`soft-404` 断链（显示页面不存在）：不查",
            "调整 评分项`search` 站内搜索\n  - 分值：3 → 4\n  - 说明：搜索改4分",
            "取消 评分项`compatibility` 兼容性",
        ] {
            assert!(told.contains(part), "{part} in\n{told}");
        }
        let back = diff(&new, &RuleSet::shipped().expect("the shipped rules"));
        assert!(back.contains("新增 规则`soft-404`") && back.contains("max-age-days：7 → 14"), "{back}");
    }
}
