//! 监测情况说明 (送审附件): how the figures came about, for the leader who signs and not for publication.

use std::collections::BTreeMap;

use super::document::{Annex, Grid, Paper, Part, Row};
use super::figures::Figures;
use super::letterhead::Letterhead;
use super::wording;
use crate::calendar::long_date;
use crate::inspection::Member;
use crate::inspection::draw::Draw;
use crate::inspection::standing::{Ruling, Standing};
use crate::ledger::Undecided;

/// What it is made of beside the figures.
#[derive(Debug, Clone, Copy)]
pub struct Behind<'a> {
    /// The list of the period, where one was drawn.
    pub draw: Option<&'a Draw>,
    /// Standings of the window.
    pub standings: &'a [Standing],
    /// Rulings of the period.
    pub rulings: &'a [Ruling],
    /// All that is registered: for the names.
    pub members: &'a [Member],
    /// Titles of the indicators, by their ids.
    pub titles: &'a BTreeMap<&'a str, &'a str>,
    /// Titles of the indicators that the rules leave to persons.
    pub by_persons: &'a [&'a str],
    /// Questions put to persons, and how many have an answer that holds.
    pub asked: (usize, usize),
    /// 未判定事项 of the latest patrol.
    pub undecided: &'a [Undecided],
    /// 报备不计入 within the window: 问题类型, 对象, 理由, 有效期.
    pub declared: &'a [[String; 4]],
    /// Title of the rule pack in force.
    pub rules: &'a str,
    /// Its hash.
    pub rules_hash: &'a str,
    /// Hash of the register.
    pub registry_hash: &'a str,
    /// Version of the program.
    pub version: &'a str,
}

/// The paper.
pub fn internal(figures: &Figures, behind: &Behind<'_>, head: &Letterhead<'_>) -> Paper {
    let label = figures.period.label();
    let mut paper = Paper::new(
        format!("{label}监测情况说明"),
        &[&format!("{label}监测情况说明"), "（送审附件，不公开）"],
    );
    paper.level1("监测覆盖");
    let members = figures.sites.checked + figures.accounts.checked;
    let mut seen: BTreeMap<(&str, &str), (u32, u64, u64)> = BTreeMap::new();
    let mut runs: Vec<&str> = Vec::new();
    for standing in behind.standings {
        let entry = seen.entry((standing.kind.word(), &standing.code)).or_default();
        *entry = (entry.0 + 1, standing.read, standing.gaps);
        if !runs.contains(&standing.run.as_str()) {
            runs.push(&standing.run);
        }
    }
    let never = figures.open.iter().filter(|open| open.indicator.is_empty()).count();
    paper.text(format!(
        "检查期{}至{}，应查{members}个，有监测结果{}个，没有监测结果{never}个；期内巡查、复查共{}轮。",
        long_date(figures.window.0),
        long_date(figures.window.1),
        members - never,
        runs.len(),
    ));
    if let Some(draw) = behind.draw {
        paper.text(format!(
            "名单由{}于{}抽取，监督人{}，种子“{}”。名单校验值{}。",
            draw.by,
            draw.at.format("%Y年%-m月%-d日 %H:%M"),
            if draw.witness.is_empty() { "（未填）" } else { &draw.witness },
            draw.seed,
            short(&draw.list_hash()),
        ));
    }
    paper.level1("未判定和未能检测");
    if figures.open.is_empty() {
        paper.text("没有未判定的指标。");
    } else {
        let mut by_indicator: BTreeMap<&str, usize> = BTreeMap::new();
        for open in &figures.open {
            *by_indicator.entry(&open.title).or_default() += 1;
        }
        let parts: Vec<String> = by_indicator.iter().map(|(title, n)| format!("{title}{n}个")).collect();
        paper.text(format!("未判定共{}项：{}。", figures.open.len(), parts.join("；")));
    }
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for undecided in behind.undecided {
        *reasons.entry(wording::gap_reason(&undecided.gap.why)).or_default() += 1;
    }
    if !reasons.is_empty() {
        let mut reasons: Vec<(&str, usize)> = reasons.into_iter().collect();
        reasons.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
        let mut grid = Grid::new(&[("未能检测的原因", 40.0), ("项数", 8.0)]);
        for (reason, n) in reasons {
            grid.row([reason.to_owned(), n.to_string()]);
        }
        paper.text("最近一次巡查未能检测的页面、栏目和链接：");
        paper.body.push(Part::Grid(grid));
    }
    if !behind.by_persons.is_empty() {
        let titles: Vec<&str> =
            behind.by_persons.iter().map(|title| title.trim_start_matches("单项否决-")).collect();
        let (put, answered) = behind.asked;
        paper.text(format!(
            "{}由人工核查，程序不作判定。应核查{put}项次，已有有效核查结果{answered}项次；未经人工核查的，检查结果只反映程序监测到的情形。",
            titles.join("、")
        ));
    }
    paper.level1("人工核查和复核");
    paper.text(format!(
        "人工核查结论{}项。{}经复核撤销的问题{}项，其中单位申请复核成立{}项，均不计入。",
        behind.rulings.len(),
        figures.period.this(),
        figures.problems.revoked,
        figures.problems.objections_upheld
    ));
    paper.level1("报备不计入");
    if behind.declared.is_empty() {
        paper.text("检查期内没有报备不计入的情形。");
    } else {
        paper.text(format!(
            "检查期内有效的报备{}条，所列情形在有效期内发现的不计入问题，期内的定时访问不计入站点可用性；个人信息泄露、暗链等不因整站报备而免计。台账中报备不计入的问题{}项。",
            behind.declared.len(),
            figures.problems.exempt
        ));
        let mut grid = Grid::new(&[("问题类型", 20.0), ("对象", 30.0), ("理由", 30.0), ("有效期", 22.0)]);
        for row in behind.declared {
            grid.row(row.clone());
        }
        paper.body.push(Part::Grid(grid));
    }
    paper.level1("规则和数据版本");
    paper.body.push(Part::Form(vec![
        Row::new("规则", behind.rules.to_owned()),
        Row::new("规则校验值", short(behind.rules_hash)),
        Row::new("登记表校验值", short(behind.registry_hash)),
        Row::new("程序版本", behind.version.to_owned()),
    ]));
    let mut grid = Grid::new(&[
        ("序号", 6.5),
        ("类型（平台）", 14.0),
        ("名称", 22.0),
        ("标识", 24.0),
        ("监测次数", 7.0),
        ("最近读取页面数", 8.5),
        ("未能检测项", 7.0),
    ]);
    // As registered: sites first, in protocol order; what has left the register since comes last.
    let place = |kind: &str, code: &str| {
        behind.members.iter().position(|member| member.kind.word() == kind && member.code == code)
    };
    let mut seen: Vec<_> = seen.into_iter().collect();
    seen.sort_by_key(|((kind, code), _)| place(kind, code).unwrap_or(usize::MAX));
    for (n, ((kind, code), (times, read, gaps))) in (1usize..).zip(seen) {
        let member = place(kind, code).and_then(|at| behind.members.get(at));
        let kind = member.map_or_else(
            || if kind == "site" { "政府网站" } else { "政务新媒体" }.to_owned(),
            |member| member.category.clone(),
        );
        grid.row([
            n.to_string(),
            kind,
            member.map(|member| member.name.clone()).unwrap_or_default(),
            code.to_owned(),
            times.to_string(),
            read.to_string(),
            gaps.to_string(),
        ]);
    }
    paper.annexes.push(Annex {
        title: "各网站、账号监测覆盖情况".to_owned(),
        note: String::new(),
        grid,
        landscape: false,
    });
    if !behind.rulings.is_empty() {
        let mut grid = Grid::new(&[
            ("名称", 22.0),
            ("标识", 24.0),
            ("指标", 34.0),
            ("结论", 8.0),
            ("核查人", 8.0),
            ("时间", 11.5),
            ("核查情况", 30.0),
        ]);
        for ruling in behind.rulings {
            let member = behind.members.iter().find(|member| member.code == ruling.code);
            let title = behind.titles.get(ruling.indicator.as_str()).copied().unwrap_or_default();
            grid.row([
                member.map(|member| member.name.clone()).unwrap_or_default(),
                ruling.code.clone(),
                format!("{}　{}", ruling.indicator, title.trim_start_matches("单项否决-")),
                ruling.verdict.label().to_owned(),
                ruling.by.clone(),
                ruling.at.format("%Y-%m-%d").to_string(),
                ruling.reason.clone(),
            ]);
        }
        paper.annexes.push(Annex {
            title: "人工核查结论".to_owned(),
            note: "“达到”指出现该指标所列单项否决情形（不合格），“未达到”指未出现。".to_owned(),
            grid,
            landscape: true,
        });
    }
    paper.date = Some(head.issued);
    paper.signature = Some(head.office.signature.clone()).filter(|name| !name.is_empty());
    paper
}

fn short(hash: &str) -> String {
    hash.chars().take(16).collect()
}
