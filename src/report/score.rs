//! 评分步骤: a score sheet as text that a person can follow by hand.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::wording::one_line;
use crate::finding::Fingerprint;
use crate::rules::RuleSet;
use crate::rules::sheet::{Item, Part, Points, Sheet};
use crate::score::{Known, Line, PointSpan, Scored, Verdict};

/// Case numbers printed beside a step; the rest is counted.
const MOST_NUMBERS: usize = 8;

/// What the text says of the site beside its points.
#[derive(Debug, Clone, Copy)]
pub struct Heading<'a> {
    /// Its name.
    pub name: &'a str,
    /// 标识码.
    pub code: &'a str,
    /// Whether it is a portal.
    pub portal: bool,
    /// Whether the unit provides services.
    pub services: bool,
    /// 监测时点.
    pub as_of: chrono::NaiveDate,
    /// 问题编号 by identity; what is not in the ledger is counted.
    pub numbers: &'a BTreeMap<Fingerprint, String>,
}

/// The sheet as text.
pub fn text(rules: &RuleSet, of: Heading<'_>, scored: &Scored) -> String {
    let mut out = format!("{}（{}）评分步骤\n", one_line(of.name), of.code);
    let packs: Vec<_> = rules.packs.iter().rev().map(|pack| pack.id.as_str()).collect();
    let _ = writeln!(out, "监测时点{}，规则包{}。", of.as_of, packs.join("、"));
    vetoes(&mut out, rules, of, scored);
    match &rules.sheet {
        Some(sheet) if of.portal && scored.verdict != Verdict::Vetoed => {
            cite(&mut out, rules, &sheet.basis);
            for change in &sheet.changes {
                let _ = writeln!(out, "本地调整：{change}");
            }
            items(&mut out, of, sheet, scored, Part::Deduction);
            second(&mut out, rules, of, sheet, scored);
            items(&mut out, of, sheet, scored, Part::Bonus);
            third(&mut out, sheet, scored);
        }
        Some(_) if !of.portal => out.push_str("\n扣分、加分指标只适用于政府门户网站，本网站不评分。\n"),
        Some(_) => out.push_str("\n已出现单项否决情形，不再对其他指标评分。\n"),
        None => out.push_str("\n所用规则包没有评分表（score.toml），不评分。\n"),
    }
    conclusion(&mut out, rules, of, scored);
    out
}

fn vetoes(out: &mut String, rules: &RuleSet, of: Heading<'_>, scored: &Scored) {
    out.push_str("\n一、单项否决指标\n");
    for veto in &scored.vetoes {
        let unverified = rules.basis.get(&veto.basis).is_some_and(|basis| !basis.verified);
        let unverified = if unverified { "（原文未核实）" } else { "" };
        let _ = writeln!(out, "  {} {}{unverified}", veto.id, one_line(&veto.words));
        evidence(out, of, &veto.evidence);
    }
    let count = |is: Known| scored.vetoes.iter().filter(|veto| veto.is == is).count();
    let (yes, no, open) = (count(Known::Yes), count(Known::No), count(Known::Open));
    let _ = writeln!(out, "  小结：达到{yes}项，未达到{no}项，未判定{open}项。");
}

fn items(out: &mut String, of: Heading<'_>, sheet: &Sheet, scored: &Scored, part: Part) {
    match part {
        Part::Deduction => {
            let _ = writeln!(out, "\n二、扣分指标（满分{}分，每项扣分不超过本项分值）", sheet.full);
        }
        Part::Bonus => {
            let _ = writeln!(
                out,
                "\n三、加分指标（满分{}分，第二部分高于{}分的计）",
                sheet.bonus, sheet.bonus_above
            );
        }
    }
    let mut block = "";
    let rows = scored.items.iter().filter_map(|line| Some((line, sheet.items.get(line.item)?)));
    for (n, (line, item)) in (1..).zip(rows.filter(|(_, item)| item.part == part)) {
        if item.block != block {
            block = &item.block;
            let _ = writeln!(out, "  【{block}】");
        }
        one(out, of, n, line, item);
    }
}

fn one(out: &mut String, of: Heading<'_>, n: usize, line: &Line, item: &Item) {
    let unverified = if item.verified { "" } else { "，分值未核实" };
    let _ = writeln!(out, "  {n}. {}（{}分{unverified}）", item.title, item.points);
    if line.left_out {
        out.push_str("     不检查（不承担办事服务职能）。\n");
        return;
    }
    let _ = writeln!(out, "     细则：{}", item.text);
    for change in &item.changes {
        let _ = writeln!(out, "     本地调整：{change}");
    }
    for step in &line.steps {
        let _ = writeln!(out, "     - {}", one_line(&step.words));
        evidence(out, of, &step.evidence);
    }
    let sum = PointSpan {
        least: line.steps.iter().map(|step| step.points.least).sum(),
        most: line.steps.iter().map(|step| step.points.most).sum(),
    };
    let capped = if sum.most > line.counted.most || sum.least > line.counted.least {
        format!("（合计{}，以本项{}分为限）", span(sum), item.points)
    } else {
        String::new()
    };
    match item.part {
        Part::Deduction => {
            let got = PointSpan {
                least: item.points.0 - line.counted.most,
                most: item.points.0 - line.counted.least,
            };
            let _ = writeln!(out, "     扣{}{capped}，得{}。", span(line.counted), span(got));
        }
        Part::Bonus => {
            let _ = writeln!(out, "     加{}{capped}。", span(line.counted));
        }
    }
}

fn second(out: &mut String, rules: &RuleSet, of: Heading<'_>, sheet: &Sheet, scored: &Scored) {
    if of.services {
        let _ = writeln!(out, "  第二部分得分：各项得分相加，{}。", span(scored.second));
        return;
    }
    let _ = writeln!(
        out,
        "  第二部分得分：各项得分相加{}（满分{}分），乘以{}/{}，{}。",
        span(scored.raw),
        scored.of,
        sheet.full,
        scored.of,
        span(scored.second)
    );
    cite(out, rules, &sheet.services_basis);
}

fn third(out: &mut String, sheet: &Sheet, scored: &Scored) {
    let above = sheet.bonus_above.0;
    let words = match (scored.second.least > above, scored.second.most > above) {
        (true, _) => format!("第二部分高于{}分，加分指标计入：{}", sheet.bonus_above, span(scored.third)),
        (false, true) => {
            format!("第二部分是否高于{}分尚不能确定，加分指标计入{}", sheet.bonus_above, span(scored.third))
        }
        (false, false) => format!("第二部分不高于{}分，不计加分指标", sheet.bonus_above),
    };
    let _ = writeln!(out, "  第三部分得分：{words}。");
}

fn conclusion(out: &mut String, rules: &RuleSet, of: Heading<'_>, scored: &Scored) {
    out.push_str("\n四、结论\n");
    let counted = rules.sheet.as_ref().filter(|_| of.portal && scored.verdict != Verdict::Vetoed);
    if counted.is_some() {
        let _ = writeln!(
            out,
            "  得分：第二部分{}＋第三部分{}＝{}。",
            span(scored.second),
            span(scored.third),
            span(scored.total)
        );
    }
    let line = rules.sheet.as_ref().map_or(Points::whole(60), |sheet| sheet.fail_below);
    let words = match scored.verdict {
        Verdict::Vetoed => {
            let ids: Vec<_> =
                scored.vetoes.iter().filter(|v| v.is == Known::Yes).map(|v| v.id.as_str()).collect();
            format!("不合格：出现单项否决情形（{}）。", ids.join("、"))
        }
        Verdict::Below => format!("不合格：即使未判定的事项全部不扣分，第二部分仍低于{line}分。"),
        Verdict::Passed if counted.is_some() => format!("合格：没有单项否决情形，第二部分不低于{line}分。"),
        Verdict::Passed => "合格：没有单项否决情形。".to_owned(),
        Verdict::Open => {
            "未判定：还有未判定的指标或者未填写的人工核查项，不能作出合格或者不合格的结论。".to_owned()
        }
    };
    let _ = writeln!(out, "  {words}");
}

fn cite(out: &mut String, rules: &RuleSet, key: &str) {
    if let Some(basis) = rules.basis.get(key) {
        let verified = if basis.verified { "已核实" } else { "未核实" };
        let _ =
            writeln!(out, "  依据（{verified}）：{}，{}：“{}”", basis.document, basis.article, basis.quote);
    }
}

fn evidence(out: &mut String, of: Heading<'_>, found: &[Fingerprint]) {
    if found.is_empty() {
        return;
    }
    let known: Vec<&str> =
        found.iter().filter_map(|fingerprint| of.numbers.get(fingerprint)).map(String::as_str).collect();
    let mut words = match known.len() {
        0 => String::new(),
        n if n > MOST_NUMBERS => format!("{}等{n}项", known[..MOST_NUMBERS].join("、")),
        _ => known.join("、"),
    };
    let unknown = found.len() - known.len();
    if unknown > 0 {
        let separator = if words.is_empty() { "" } else { "，另有" };
        let _ = write!(words, "{separator}{unknown}项未记入台账");
    }
    let _ = writeln!(out, "       问题编号：{words}");
}

/// `5分`, `0至4分`.
fn span(points: PointSpan) -> String {
    if points.least == points.most {
        format!("{}分", Points(points.least))
    } else {
        format!("{}至{}分", Points(points.least), Points(points.most))
    }
}
