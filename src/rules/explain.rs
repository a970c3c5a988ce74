//! Rules told to people: what each looks for and why, the sentence it cites, what it cannot tell, how a fault is mended and
//! how an exception is reported, in Chinese, as Markdown.

use std::fmt::Write as _;
use std::time::Duration;

use super::diff::diff;
use super::sheet::{Hit, Item, Part, Sheet, Whom};
use super::{Basis, BoundRule, Indicator, RuleFiles, RuleSet};
use crate::config::fault::Faults;
use crate::finding::{Class, Severity, State};

/// The page of all shipped rules and packs: `docs/rules.md`.
///
/// # Errors
/// Never of the files as shipped, which tests hold.
pub fn shipped_page() -> Result<String, Faults> {
    let files = RuleFiles::shipped();
    let mut out = RuleSet::complete()?.explain_all();
    out.push_str(
        "\n# 地方规则包\n\n以下规则包在所依托的规则包上调整，是各地做法的示例；使用前须对照本地正式文件。\n",
    );
    for id in files.packs() {
        let rules = RuleSet::load(&files, &[id])?;
        let Some(pack) = rules.packs.first().filter(|_| rules.changes_others()) else { continue };
        let Some(base) = &pack.extends else { continue };
        let below = RuleSet::load(&files, &[base])?;
        let _ = writeln!(out, "\n## `{id}` {}\n", pack.title);
        let _ = writeln!(out, "依托`{base}`，自{}起。", pack.effective);
        rules.cite(&mut out, &pack.basis);
        if !pack.note.is_empty() {
            let _ = writeln!(out, "- 注意：{}", pack.note);
        }
        out.push('\n');
        for line in diff(&below, &rules).lines() {
            let item = if line.starts_with(' ') { line.to_owned() } else { format!("- {line}") };
            let _ = writeln!(out, "{item}");
        }
    }
    Ok(out)
}

impl RuleSet {
    /// One line a rule: id, 问题类型, 对应指标.
    pub fn list(&self) -> String {
        let width = self.rules.iter().map(|bound| bound.rule.id.len()).max().unwrap_or(0);
        self.rules.iter().fold(String::new(), |mut out, bound| {
            let rule = &bound.rule;
            let unverified = if self.verified(&rule.basis) { "" } else { "（依据未核实）" };
            let local = if rule.changes.is_empty() { "" } else { "（本地调整）" };
            let _ =
                writeln!(out, "{:width$}  {}｜{}{unverified}{local}", rule.id, rule.title, rule.indicator);
            out
        })
    }

    /// One rule, indicator or item of the sheet as Markdown; `None` where nothing has this id.
    pub fn explain(&self, id: &str) -> Option<String> {
        let rule = self.get(id).map(|bound| self.section(bound));
        let indicator = || {
            let found = self.indicators.iter().find(|indicator| indicator.id == id)?;
            Some(self.indicator(found))
        };
        let item = || {
            let found = self.sheet.as_ref()?.items.iter().find(|item| item.id == id)?;
            let mut out = format!("### `{}` {}\n\n", found.id, found.title);
            self.item(&mut out, found);
            Some(out)
        };
        rule.or_else(indicator).or_else(item)
    }

    /// Every rule, indicator and item as one Markdown page.
    pub fn explain_all(&self) -> String {
        let mut out = String::from("# 规则说明\n\n");
        for pack in self.packs.iter().rev() {
            let _ =
                writeln!(out, "- 规则包`{}`：{}，自{}起。{}", pack.id, pack.title, pack.effective, pack.note);
        }
        out.push_str(
            "\n本页由 `xuncha rules explain --all` 生成，阈值和依据都写在 `rules/`。改数字不必改程序：自备规则文件夹，写一个调整包\
             （`[[override]]`，按规则编号改，写明`changes`），`xuncha rules check` 检查，`xuncha rules diff` 看改了什么，\
             `xuncha judge --rules` 用已存的事实看谁会因此新增或不再有问题。\n\n\
             依据注明“未核实”的，原文或者数值未能与公开文本核对，使用前请对照正式文件。\n\n\
             确有原因暂不能达到要求的，经报备可不计入：在登记表 `exemptions.csv` 写一行（规则、对象、理由、有效期自、有效期至），对象是网站标识码，\
             或者栏目、页面的网址（末尾加`*`表示其下全部）；首尾两日都在有效期内，有效期自可以不填，到期自动恢复。整站维护、临时下线的，\
             规则写`全部`，对象写网站标识码，并写明起止：期内定时访问不计入站点可用性，个人信息泄露、暗链等仍然计入。\n",
        );
        for bound in &self.rules {
            let _ = write!(out, "\n{}", self.section(bound));
        }
        for (whom, title) in
            [(Whom::Site, "单项否决指标（政府网站）"), (Whom::Account, "单项否决指标（政务新媒体）")]
        {
            let _ = writeln!(out, "\n# {title}");
            for indicator in self.indicators.iter().filter(|indicator| indicator.of == whom) {
                let _ = write!(out, "\n{}", self.indicator(indicator));
            }
        }
        if let Some(sheet) = &self.sheet {
            self.sheet_section(&mut out, sheet);
        }
        out
    }

    fn verified(&self, basis: &str) -> bool {
        self.basis.get(basis).is_some_and(|basis| basis.verified)
    }

    fn section(&self, bound: &BoundRule) -> String {
        let rule = &bound.rule;
        let words = self.words.get(&rule.check);
        let mut out = format!("## `{}` {}\n\n", rule.id, rule.title);
        let _ = writeln!(out, "- 对应指标：{}（{}）", rule.indicator, class(rule.class));
        let (scope, kinds) = match rule.applies.iter().next() {
            Some((scope, words)) => (scope.as_str(), words.join("、")),
            None => (bound.check.scope().0, "全部".to_owned()),
        };
        let _ = writeln!(out, "- 检查：`{}`，对象：{}（{kinds}）", rule.check, scope_word(scope));
        if let Some(words) = words {
            let _ = writeln!(out, "- 查什么：{}", words.what);
            let _ = writeln!(out, "- 为什么：{}", words.why);
        }
        self.cite(&mut out, &rule.basis);
        if !rule.params.is_empty() {
            out.push_str("- 阈值和参数：\n");
            for (key, value) in &rule.params {
                let meaning = words.and_then(|words| words.params.get(key));
                let meaning = meaning.map_or_else(String::new, |meaning| format!("：{meaning}"));
                let _ = writeln!(out, "  - `{key} = {value}`{meaning}");
            }
        }
        if let Some(warn) = &rule.warn {
            let _ = writeln!(out, "- 临期提示：{}", table(warn));
        }
        let _ = writeln!(out, "- 确认：{}", confirm(rule.looks, rule.apart, rule.at_most));
        if !rule.yields_to.is_empty() {
            let others: Vec<_> = rule.yields_to.iter().map(|other| format!("`{other}`")).collect();
            let _ = writeln!(out, "- 不重复计：同一对象已由{}指出的，不再列出", others.join("、"));
        }
        if let Some(words) = words {
            let _ = writeln!(out, "- 不能判定的情形：{}", words.gaps);
        }
        let _ = writeln!(out, "- 怎样整改：{}（{}）", rule.remedy, severity(rule.severity));
        let _ = writeln!(out, "- 怎样报备：`{},对象,理由,有效期自,有效期至`", rule.id);
        if let Some(unit) = &rule.unit {
            let _ = writeln!(out, "- 责任单位：{unit}");
        }
        for change in &rule.changes {
            let _ = writeln!(out, "- 本地调整：{change}");
        }
        let _ = writeln!(out, "- 规则包：`{}`，自 {} 版起", rule.pack, rule.since);
        if words.is_none() {
            out.push('\n');
            out.push_str(&doc(bound.check.doc()));
        }
        out
    }

    fn indicator(&self, indicator: &Indicator) -> String {
        let mut out = format!("### {} {}\n\n", indicator.id, indicator.title);
        let counts = indicator.counts.iter().map(|count| {
            let level = count.level.map_or_else(String::new, |level| format!("（仅{level}级栏目）"));
            let cycle = if count.needs_cycle { "（仅登记了更新周期的栏目）" } else { "" };
            format!("`{}`{level}{cycle}", count.rule)
        });
        let counts = counts.collect::<Vec<_>>().join(" + ");
        if indicator.by_machine() {
            let _ = writeln!(out, "- 达到：{counts} 不少于 {}{}", indicator.at_least, indicator.unit);
        }
        for question in &indicator.questions {
            let _ = writeln!(out, "- 人工核查 {}：{}", question.id, question.ask);
        }
        if indicator.services {
            out.push_str("- 不承担办事服务职能的单位不检查\n");
        }
        self.cite(&mut out, &indicator.basis);
        if !indicator.changes.is_empty() {
            let _ = writeln!(out, "- 本地调整：{}", indicator.changes);
        }
        out
    }

    fn sheet_section(&self, out: &mut String, sheet: &Sheet) {
        out.push_str("\n# 评分表（仅政府门户网站）\n\n");
        self.cite(out, &sheet.basis);
        self.cite(out, &sheet.services_basis);
        let _ = writeln!(
            out,
            "- 扣分指标{}分，低于{}分不合格，高于{}分的计加分指标（{}分）；人工核查结果{}天内有效。",
            sheet.full, sheet.fail_below, sheet.bonus_above, sheet.bonus, sheet.answer_days
        );
        for change in &sheet.changes {
            let _ = writeln!(out, "- 本地调整：{change}");
        }
        let mut block = String::new();
        for item in &sheet.items {
            let part = if item.part == Part::Deduction { "扣分" } else { "加分" };
            let of = format!("{part}-{}", item.block);
            if of != block {
                let _ = writeln!(out, "\n### {of}\n");
                block = of;
            }
            let _ = writeln!(out, "#### `{}` {}\n", item.id, item.title);
            self.item(out, item);
            out.push('\n');
        }
    }

    fn item(&self, out: &mut String, item: &Item) {
        let verified = if item.verified { "" } else { "（未核实，须由本单位核定）" };
        let services = if item.services { "；不承担办事服务职能的单位不检查" } else { "" };
        let _ = writeln!(out, "- 分值：{}{verified}{services}", item.points);
        let _ = writeln!(out, "- 细则：{}", item.text);
        let points = |points: Option<super::sheet::Points>, unit: &str| {
            points.map_or_else(|| "扣满".to_owned(), |points| format!("每{unit}{points}分"))
        };
        for Hit { rule, points: each, place, unit, once, .. } in &item.hits {
            let once = if *once { "，只计一次" } else { "" };
            let _ = writeln!(out, "- 计入规则：{}`{rule}`，{}{once}", place.word(), points(*each, unit));
        }
        for question in &item.questions {
            let each = points(question.points, &question.unit);
            let _ = writeln!(out, "- 人工核查 {}：{}（{each}）", question.id, question.ask);
        }
        self.cite(out, &item.basis);
        for change in &item.changes {
            let _ = writeln!(out, "- 本地调整：{change}");
        }
    }

    fn cite(&self, out: &mut String, key: &str) {
        let Some(Basis { document, article, quote, verified, note }) = self.basis.get(key) else { return };
        let verified = if *verified { "已核实" } else { "未核实" };
        let _ = writeln!(out, "- 依据（{verified}）：{document}，{article}：“{quote}”");
        if !note.is_empty() {
            let _ = writeln!(out, "  - 说明：{note}");
        }
    }
}

pub(super) fn class(class: Class) -> &'static str {
    match class {
        Class::Veto => "单项否决",
        Class::VetoCount => "累计计入单项否决",
        Class::Deduction => "扣分",
        Class::Advisory => "不计入官方评分",
    }
}

pub(super) fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Immediate => "立行立改",
        Severity::Deadline => "限期整改",
        Severity::Advisory => "提示",
    }
}

pub(super) fn confirm(looks: u8, apart: Duration, at_most: Option<State>) -> String {
    let most = if at_most == Some(State::Suspected) { "；一次巡查最多报“疑似”" } else { "" };
    let seconds = apart.as_secs();
    let apart = match seconds {
        s if s >= 3600 && s % 3600 == 0 => format!("{}小时", s / 3600),
        s if s >= 60 && s % 60 == 0 => format!("{}分钟", s / 60),
        s => format!("{s}秒"),
    };
    if looks < 2 {
        format!("一次核查{most}")
    } else {
        format!("{looks}次核查，间隔不少于{apart}{most}")
    }
}

fn table(table: &toml::Table) -> String {
    let entries: Vec<_> = table.iter().map(|(key, value)| format!("`{key} = {value}`")).collect();
    entries.join("，")
}

/// A scope in the words of papers.
fn scope_word(scope: &str) -> &str {
    match scope {
        "site" => "网站",
        "home" => "首页",
        "column" => "栏目",
        "link" => "链接",
        "page" => "页面",
        "marks" => "页面底部标识",
        "tags" => "页面标签",
        "script" => "站外脚本",
        other => other,
    }
}

/// A check's own documentation below a rule's heading, where nobody has put it into Chinese yet: without its title,
/// headings two levels down.
fn doc(doc: &str) -> String {
    let mut out = String::new();
    for line in doc.lines().skip(1) {
        let line = line.strip_prefix(' ').unwrap_or(line);
        if line.is_empty() && out.is_empty() {
            continue;
        }
        let heading = if line.starts_with("## ") { "##" } else { "" };
        let _ = writeln!(out, "{heading}{line}");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_told_with_its_limit_its_sentence_and_whether_that_was_verified() {
        let rules = RuleSet::shipped().expect("the shipped rules");
        let text = rules.explain("stale-news-column").expect("the rule");
        for part in [
            "## `stale-news-column` 栏目超期未更新",
            "- 查什么：栏目最新一条信息",
            "`max-age-days = 14`：最新一条信息最多早于监测时点的天数",
            "临期提示：`max-age-days = 10`",
            "依据（已核实）",
            "监测时间点前2周内的动态、要闻类栏目",
            "- 不能判定的情形：",
            "- 怎样整改：恢复更新",
            "- 怎样报备：`stale-news-column,对象,理由,有效期自,有效期至`",
        ] {
            assert!(text.contains(part), "{part} in\n{text}");
        }
        assert!(rules.explain("broken-link").is_some_and(|text| text.contains("依据（未核实）")));
        assert!(rules.explain("V5b").is_some_and(|text| text.contains("人工核查 V5b-1")));
        assert!(rules.explain("availability").is_some_and(|text| text.contains("每处0.2分")));
        assert_eq!(rules.explain("no-such-rule"), None);
        assert_eq!(rules.list().lines().count(), rules.rules.len());
    }

    #[test]
    fn checks_have_chinese_words_for_each_parameter_a_rule_sets() {
        let rules = RuleSet::complete().expect("the shipped rules");
        for check in crate::checks::CHECKS {
            assert!(rules.words.contains_key(check.id()), "{} in rules/checks.toml", check.id());
        }
        assert_eq!(rules.words.len(), crate::checks::CHECKS.len(), "words without a check");
        for bound in &rules.rules {
            let words = &rules.words[&bound.rule.check];
            let mut keys =
                bound.rule.params.keys().chain(bound.rule.warn.iter().flat_map(|warn| warn.keys()));
            let unsaid = keys.find(|key| !words.params.contains_key(*key));
            assert_eq!(unsaid, None, "{} in rules/checks.toml", bound.rule.check);
        }
    }
}
