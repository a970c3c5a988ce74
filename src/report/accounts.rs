//! The new-media part of a report: figures by platform and by unit, every account in one line, problems, proposals, and what the
//! evidence did not tell.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::wording::{gap_advice, gap_reason, one_line};
use super::{Block, Document, Inline, Table, Tone};
use crate::assess::{Assessment, Standing};
use crate::calendar::Instant8;
use crate::facts::account::{AccountFacts, AccountStatus, Health, Platform};
use crate::facts::account_seen::{AccountSeen, Figures, is_of_posts};
use crate::finding::{Finding, State};
use crate::judge::Judgement;

/// One account as the report needs it.
#[derive(Debug, Clone, Copy)]
pub struct AccountLine<'a> {
    /// What is known of it.
    pub seen: &'a AccountSeen,
    /// Its figures.
    pub figures: Figures,
    /// Findings and gaps.
    pub judgement: &'a Judgement,
    /// Indicators.
    pub assessments: &'a [Assessment],
    /// In one word how it stands.
    pub standing: &'a str,
}

/// Accounts of which the report has a line; more are in the figures.
const MOST_LINES: usize = 2_000;

/// Adds the part; nothing where no account is registered.
pub fn add(report: &mut Document, accounts: &[AccountLine<'_>], at: Option<Instant8>, remarks: &[String]) {
    if accounts.is_empty() {
        return;
    }
    report.heading(1, "政务新媒体");
    if let Some(at) = at {
        report.paragraph(format!(
            "佐证汇总时间：{}。更新情况只按佐证认定：来源失效、滞后或只列出部分信息的，一律不认定为未更新。",
            at.format("%Y-%m-%d %H:%M")
        ));
    }
    report.table(by_platform(accounts));
    report.table(by_unit(accounts));
    problems(report, accounts);
    report.table(lines(accounts));
    let more = accounts.len().saturating_sub(MOST_LINES);
    if more > 0 {
        report.paragraph(format!("另有{more}个账号未逐一列出。"));
    }
    if !remarks.is_empty() {
        report.heading(2, "佐证文件的问题");
        let items = remarks.iter().map(|remark| vec![Inline::from(one_line(remark))]);
        report.blocks.push(Block::Items(items.collect()));
    }
}

/// How many of a group stand how.
#[derive(Default)]
struct Sums {
    registered: usize,
    running: usize,
    with_evidence: usize,
    stale: usize,
    undecided: usize,
    posts: u32,
    late_days: u32,
    longest: u32,
}

impl Sums {
    fn take(&mut self, line: &AccountLine<'_>) {
        self.registered += 1;
        if line.seen.status == AccountStatus::Cancelled {
            return;
        }
        self.running += 1;
        let well = |facts: &AccountFacts| !matches!(facts.health, Health::Broken(_));
        self.with_evidence += usize::from(line.seen.evidence.iter().any(well));
        let confirmed = |f: &Finding| {
            f.state == State::Confirmed && matches!(f.rule.as_str(), "stale-account" | "dead-account")
        };
        self.stale += usize::from(line.judgement.findings.iter().any(confirmed));
        self.undecided += usize::from(line.judgement.gaps.iter().any(is_of_posts));
        self.posts += line.figures.posts;
        self.late_days += line.figures.late_days.unwrap_or(0);
        self.longest = self.longest.max(line.figures.longest.unwrap_or(0));
    }

    fn cells(&self) -> [String; 8] {
        let Self { registered, running, with_evidence, stale, undecided, posts, late_days, longest } = self;
        [registered, running, with_evidence, stale, undecided]
            .map(ToString::to_string)
            .into_iter()
            .chain([posts, late_days, longest].map(ToString::to_string))
            .collect::<Vec<_>>()
            .try_into()
            .unwrap_or_default()
    }
}

const SUM_HEADINGS: [&str; 8] = [
    "登记数",
    "未注销",
    "有佐证",
    "超期未更新",
    "更新情况未判定",
    "今年发布条数",
    "不达标天数",
    "最长间隔（天）",
];

fn by_platform(accounts: &[AccountLine<'_>]) -> Table {
    let mut sums: BTreeMap<Platform, Sums> = BTreeMap::new();
    for line in accounts {
        sums.entry(line.seen.platform).or_default().take(line);
    }
    let mut table = Table::new("分平台情况", ["平台"].into_iter().chain(SUM_HEADINGS));
    for (platform, sums) in sums {
        table.row(std::iter::once(platform.label().to_owned()).chain(sums.cells()).map(Inline::from));
    }
    table
}

fn by_unit(accounts: &[AccountLine<'_>]) -> Table {
    // In the order in which the lines come, which is the protocol's.
    let mut units: Vec<(&str, Sums)> = Vec::new();
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for line in accounts {
        let unit = line.seen.unit.as_str();
        let place = *places.entry(unit).or_insert_with(|| {
            units.push((unit, Sums::default()));
            units.len() - 1
        });
        if let Some((_, sums)) = units.get_mut(place) {
            sums.take(line);
        }
    }
    let mut table = Table::new("分单位情况", ["主办单位"].into_iter().chain(SUM_HEADINGS));
    for (unit, sums) in units {
        let unit = if unit.is_empty() { "（未登记）" } else { unit };
        table.row(std::iter::once(one_line(unit)).chain(sums.cells()).map(Inline::from));
    }
    table
}

fn problems(report: &mut Document, accounts: &[AccountLine<'_>]) {
    let mut found = Table::new("发现的问题", ["账号", "主办单位", "问题类型", "问题描述", "状态"]);
    let mut proposed = Table::new("疑似和建议（须人工核查，不交办）", ["账号", "主办单位", "类型", "说明"]);
    for line in accounts {
        for finding in &line.judgement.findings {
            let cells = [&line.seen.name, &line.seen.unit, &finding.title, &finding.description];
            let cells = cells.map(|text| Inline::from(one_line(text)));
            if finding.state == State::Confirmed {
                found.row(cells.into_iter().chain([Inline::Mark(Tone::Bad, "已确认".to_owned())]));
            } else {
                proposed.row(cells);
            }
        }
        for warning in &line.judgement.warnings {
            let cells = [&line.seen.name, &line.seen.unit, &"临期提示".to_owned(), &warning.description];
            proposed.row(cells.map(|text| Inline::from(one_line(text))));
        }
    }
    for table in [found, proposed] {
        if !table.rows.is_empty() {
            report.table(table);
        }
    }
}

fn lines(accounts: &[AccountLine<'_>]) -> Table {
    let headings = [
        "账号",
        "主办单位",
        "状态",
        "佐证来源",
        "最近发布",
        "佐证截至",
        "今年发布",
        "最长间隔",
        "结论",
        "单项否决",
    ];
    let mut table = Table::new("账号一览", headings);
    for line in accounts.iter().take(MOST_LINES) {
        let day = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
        let tone = match line.standing {
            "按期更新" => Tone::Good,
            "超期未更新" | "僵尸账号" => Tone::Bad,
            "临期" => Tone::Warn,
            _ => Tone::Quiet,
        };
        table.row([
            Inline::from(one_line(&line.seen.name)),
            Inline::from(one_line(&line.seen.unit)),
            Inline::from(line.seen.status.label()),
            Inline::from(sources(line)),
            Inline::from(day(line.figures.last)),
            Inline::from(day(line.figures.known_until)),
            Inline::from(line.figures.posts.to_string()),
            Inline::from(line.figures.longest.map(|days| days.to_string()).unwrap_or_default()),
            Inline::Mark(tone, line.standing.to_owned()),
            Inline::from(vetoes(line.assessments)),
        ]);
    }
    table
}

/// Sources with their health: `导出表、订阅源（滞后）`; without any, what would help.
fn sources(line: &AccountLine<'_>) -> String {
    if line.seen.evidence.is_empty() {
        let of_posts = line.judgement.gaps.iter().find(|gap| is_of_posts(gap));
        return of_posts
            .map_or_else(String::new, |gap| format!("{}；{}", gap_reason(&gap.why), gap_advice(&gap.why)));
    }
    let mut words: Vec<String> = Vec::new();
    for facts in &line.seen.evidence {
        let health = match &facts.health {
            Health::Ok => "",
            Health::Late => "（滞后）",
            Health::Partial => "（不完整）",
            Health::Broken(_) => "（失效）",
        };
        let word = format!("{}{health}", facts.source.label());
        if !words.contains(&word) {
            words.push(word);
        }
    }
    words.join("、")
}

/// `M2达到；M1、M3未判定`.
fn vetoes(assessments: &[Assessment]) -> String {
    let mut parts = Vec::new();
    for (word, wanted) in [("达到", 0), ("未达到", 1), ("未判定", 2)] {
        let of = assessments.iter().filter(|assessment| {
            wanted
                == match assessment.standing {
                    Standing::Met { .. } => 0,
                    Standing::NotMet { .. } => 1,
                    Standing::Undecided { .. } => 2,
                }
        });
        let ids = of.map(|assessment| assessment.indicator.as_str()).collect::<Vec<_>>().join("、");
        if !ids.is_empty() {
            parts.push(format!("{ids}{word}"));
        }
    }
    parts.join("；")
}

/// Adds one account by itself: how it stands, what is wrong or not known, what each source said, and its indicators as sentences.
pub fn detail(report: &mut Document, line: &AccountLine<'_>) {
    let seen = line.seen;
    report.heading(1, seen.name.clone());
    let unit = if seen.unit.is_empty() { "（未登记）" } else { &seen.unit };
    report.paragraph(format!(
        "主办单位：{}　登记状态：{}　结论：{}",
        one_line(unit),
        seen.status.label(),
        line.standing
    ));
    let day = |day: Option<chrono::NaiveDate>| day.map_or_else(|| "—".to_owned(), |day| day.to_string());
    let longest = line.figures.longest.map_or_else(|| "—".to_owned(), |days| format!("{days}天"));
    report.paragraph(format!(
        "最近发布：{}　佐证截至：{}　今年发布：{}条　最长间隔：{longest}",
        day(line.figures.last),
        day(line.figures.known_until),
        line.figures.posts
    ));
    let found = line.judgement.findings.iter().map(|finding| {
        let state = if finding.state == State::Confirmed { "问题" } else { "疑似、建议" };
        format!("{state}：{}——{}", one_line(&finding.title), one_line(&finding.description))
    });
    let soon = line.judgement.warnings.iter().map(|finding| one_line(&finding.description));
    let gaps = line.judgement.gaps.iter().filter(|gap| is_of_posts(gap));
    let gaps = gaps.map(|gap| format!("未判定：{}；{}", gap_reason(&gap.why), gap_advice(&gap.why)));
    let mut told: Vec<String> = found.chain(soon).chain(gaps).collect();
    told.dedup();
    items(report, told);
    report.heading(2, "佐证");
    if seen.evidence.is_empty() {
        report.paragraph("没有。");
    }
    items(report, seen.evidence.iter().map(source_line).collect());
    report.heading(2, "单项否决");
    for assessment in line.assessments {
        report.paragraph(format!("{} {}", assessment.indicator, assessment.sentence));
    }
}

fn items(report: &mut Document, sentences: Vec<String>) {
    if !sentences.is_empty() {
        report
            .blocks
            .push(Block::Items(sentences.into_iter().map(|text| vec![Inline::from(text)]).collect()));
    }
}

/// What one source said, as a sentence.
fn source_line(facts: &AccountFacts) -> String {
    let mut text = format!("{}（{}）：", facts.source.label(), one_line(&facts.origin));
    match &facts.health {
        Health::Ok => text.push_str("正常"),
        Health::Late => text.push_str("滞后，不能证明未更新"),
        Health::Partial => text.push_str("只列出一部分，不能证明未更新"),
        Health::Broken(why) => {
            let _ = write!(text, "不能采用——{}", broken_reason(why));
        }
    }
    let newest = facts.posts.first();
    match (facts.from.or(newest.map(|post| post.day)), facts.until) {
        (Some(from), Some(until)) => {
            let _ = write!(text, "；列出{from}至{until}");
        }
        (None, Some(until)) => {
            let _ = write!(text, "；截至{until}");
        }
        (_, None) if facts.health == Health::Ok => text.push_str("；没有注明截止日期"),
        (_, None) => {}
    }
    if let Some(post) = newest {
        let _ = write!(text, "；最近一条{}", post.day);
        if !post.title.is_empty() {
            let _ = write!(text, "“{}”", one_line(&post.title));
        }
    }
    if let Some(start) = facts.sha256.get(..12) {
        let _ = write!(text, "；内容摘要{start}");
    }
    text + "。"
}

/// Why nothing can be taken from a source, in words.
fn broken_reason(why: &str) -> &'static str {
    match why {
        "unsigned" => "没有核查人或核查时间",
        "unreadable" => "内容无法读取",
        "quota" => "接口调用次数已用完",
        "no-right" => "账号没有接口权限",
        "token" => "令牌失效",
        "credentials" => "密钥有误",
        "no-credentials" => "密钥文件中没有这个名称的接口",
        "no-interface" => "该名称不是平台接口",
        "address-not-listed" => "出口地址不在平台的白名单",
        "busy" => "平台繁忙",
        "empty-list" => "平台没有列出任何信息",
        "other-account" => "不是该账号",
        "other-platform" => "链接不是该平台的",
        "no-identity" => "页面读不出账号名称",
        "no-date" => "页面读不出发布时间",
        "no-address" => "不是网址",
        "deleted" => "内容已删除或者不存在",
        "not-a-feed" => "不是订阅源",
        "empty-feed" | "frozen" => "订阅源为空或停止更新",
        "robots" => "平台的robots.txt不允许程序访问",
        "not-allowed" => "地址不在允许访问的范围",
        "connect" | "timeout" | "cut" | "dns" | "tls" | "redirects" => "本次没有连上，下次再查",
        "no-such-name" => "域名不存在",
        other if other.starts_with("error-") => "平台返回错误",
        other => gap_reason(other),
    }
}
