//! 监测情况: what one look at a site found, as a document for the operator's screen or browser.

use std::collections::BTreeMap;

use super::columns::{self, Compared};
use super::wording;
use super::{Bar, Document, Figure, Inline, Table, Tone};
use crate::assess::{Assessment, Standing};
use crate::calendar::Instant8;
use crate::facts::ipv6::Ipv6Facts;
use crate::facts::site::SiteFacts;
use crate::facts::survey::Survey;
use crate::facts::tls::{TlsFacts, TlsSeen};
use crate::finding::{Finding, Gap, State};
use crate::judge::Judgement;

/// Rows printed of one table; the rest is counted.
const MOST_ROWS: usize = 500;

/// What a report tells of one site.
#[derive(Debug, Clone, Copy)]
pub struct SiteReport<'a> {
    /// What the first look saw.
    pub facts: &'a SiteFacts,
    /// Findings and gaps.
    pub judgement: &'a Judgement,
    /// Indicators.
    pub assessments: &'a [Assessment],
    /// Ages are judged against it.
    pub as_of: Instant8,
    /// IPv6 as the latest look saw it.
    pub ipv6: Option<&'a Ipv6Facts>,
    /// Set where robots.txt was not obeyed, by the operator's decision.
    pub robots_overridden: bool,
    /// What was found of its columns; `None` where no register is in use.
    pub survey: Option<&'a Survey>,
}

/// The report of one site.
pub fn document(report: SiteReport<'_>) -> Document {
    let SiteReport { facts, judgement, as_of, .. } = report;
    let mut doc = Document::new(
        format!("{}监测情况", facts.site.name),
        format!("首页：{}　监测时点：{}", facts.site.url, as_of.format("%Y-%m-%d")),
    );
    overview(&mut doc, report);
    findings(&mut doc, &judgement.findings, State::Confirmed, "二、确认的问题");
    findings(&mut doc, &judgement.findings, State::Suspected, "三、疑似问题（待复核，不作为问题）");
    exempt(&mut doc, &judgement.exempt);
    warnings(&mut doc, &judgement.warnings);
    indicators(&mut doc, report.assessments);
    let week = facts.site.watch.as_ref().map_or(&[][..], |watch| &watch.samples);
    super::ipv6::section(&mut doc, report.ipv6, week);
    gaps(&mut doc, &judgement.gaps);
    doc
}

fn overview(doc: &mut Document, report: SiteReport<'_>) {
    let SiteReport { facts, judgement, robots_overridden, .. } = report;
    let confirmed = judgement.findings.iter().filter(|f| f.state == State::Confirmed).count();
    let suspected = judgement.findings.len() - confirmed;
    let reached = if facts.not_reached == 0 {
        format!("{}个", facts.pages_read)
    } else {
        format!(
            "{}个（已知约{}个，其余超出本次监测范围）",
            facts.pages_read,
            facts.pages_read + facts.not_reached
        )
    };
    let found = match confirmed {
        0 => "未发现可确认的问题".to_owned(),
        n => format!("确认问题{n}项"),
    };
    doc.heading(1, "一、总体情况").paragraph(format!(
        "本次读取页面{reached}，核验链接{}个，发送请求{}次。{found}，疑似{suspected}项，未能判定{}项。",
        facts.links_seen,
        facts.requests,
        judgement.gaps.len()
    ));
    if let Some(tls) = &facts.site.tls {
        doc.paragraph(secure_connection(tls, report.as_of));
    }
    if robots_overridden {
        doc.paragraph("经监测单位设置，本次未按该网站robots.txt限制访问范围。");
    }
    let registered: Vec<(&str, &str)> = facts
        .columns
        .iter()
        .filter(|column| column.registered)
        .map(|column| (column.name.as_str(), column.url.as_str()))
        .collect();
    let compared =
        report.survey.map(|survey| Compared { site: &facts.site.name, survey, registered: &registered });
    if let Some(sentence) = compared.and_then(columns::sentence) {
        doc.paragraph(sentence);
    }
    if confirmed > 0 {
        let mut kinds: BTreeMap<&str, u64> = BTreeMap::new();
        for finding in judgement.findings.iter().filter(|f| f.state == State::Confirmed) {
            *kinds.entry(finding.title.as_str()).or_default() += 1;
        }
        let mut bars: Vec<Bar> = kinds
            .into_iter()
            .map(|(label, value)| Bar { label: label.to_owned(), value, tone: Tone::Bad })
            .collect();
        bars.sort_by(|a, b| b.value.cmp(&a.value).then(a.label.cmp(&b.label)));
        doc.figure(Figure { caption: "确认问题按类型".to_owned(), bars });
    }
}

/// What was seen of the home page's TLS; an old protocol is a fact and no fault of reachability.
fn secure_connection(tls: &TlsFacts, as_of: Instant8) -> String {
    let host = wording::one_line(&tls.host);
    match &tls.seen {
        TlsSeen::Agreed(seen) => {
            let left = seen.days_left(as_of.date_naive());
            let until = seen.not_after.format("%Y-%m-%d");
            let faults: Vec<_> = seen.faults.iter().map(|fault| fault.label()).collect();
            let faults = if faults.is_empty() { String::new() } else { format!("；{}", faults.join("、")) };
            let left = if left >= 0 { format!("剩余{left}天") } else { "已过期".to_owned() };
            format!("首页安全连接：{host}，{}，证书有效期至{until}（{left}）{faults}。", seen.protocol)
        }
        TlsSeen::Legacy(legacy) => format!(
            "首页安全连接：{host}{}，监测程序不能建立连接，有关事项未判定，不作为无法访问。",
            legacy.label()
        ),
        TlsSeen::NotTls | TlsSeen::Unknown(_) => format!("首页安全连接：{host}未能建立，原因不明。"),
    }
}

fn findings(doc: &mut Document, findings: &[Finding], state: State, heading: &str) {
    let chosen: Vec<&Finding> = findings.iter().filter(|finding| finding.state == state).collect();
    if chosen.is_empty() {
        return;
    }
    doc.heading(1, heading);
    let mut table = Table::new("", ["序号", "问题类型", "位置", "问题描述", "问题链接", "所在页面"]);
    for (number, finding) in (1..).zip(chosen.iter().take(MOST_ROWS)) {
        table.row([
            Inline::Text(format!("{number}")),
            Inline::Mark(
                if state == State::Confirmed { Tone::Bad } else { Tone::Warn },
                finding.title.clone(),
            ),
            Inline::Text(wording::one_line(&finding.subject.place)),
            Inline::Text(wording::printable(&finding.description)),
            address(&finding.url),
            finding.page.as_deref().filter(|page| *page != finding.url).map_or_else(|| "".into(), address),
        ]);
    }
    doc.table(table);
    if chosen.len() > MOST_ROWS {
        doc.paragraph(format!("另有{}项未列出。", chosen.len() - MOST_ROWS));
    }
}

fn exempt(doc: &mut Document, exempt: &[(Finding, String)]) {
    if exempt.is_empty() {
        return;
    }
    doc.heading(1, "报备不计入（不作为问题）");
    let mut table = Table::new("", ["问题类型", "位置", "情况", "链接", "报备理由"]);
    for (finding, reason) in exempt.iter().take(MOST_ROWS) {
        table.row([
            Inline::Mark(Tone::Quiet, finding.title.clone()),
            Inline::Text(wording::one_line(&finding.subject.place)),
            Inline::Text(wording::printable(&finding.description)),
            address(&finding.url),
            Inline::Text(wording::one_line(reason)),
        ]);
    }
    doc.table(table);
    if exempt.len() > MOST_ROWS {
        doc.paragraph(format!("另有{}项未列出。", exempt.len() - MOST_ROWS));
    }
}

fn warnings(doc: &mut Document, warnings: &[Finding]) {
    if warnings.is_empty() {
        return;
    }
    doc.heading(1, "临期提示（不作为问题）");
    let mut table = Table::new("", ["位置", "情况", "链接"]);
    for warning in warnings.iter().take(MOST_ROWS) {
        table.row([
            Inline::Text(wording::one_line(&warning.subject.place)),
            Inline::Text(wording::printable(&warning.description)),
            address(&warning.url),
        ]);
    }
    doc.table(table);
}

fn indicators(doc: &mut Document, assessments: &[Assessment]) {
    if assessments.is_empty() {
        return;
    }
    doc.heading(1, "单项否决指标判定");
    let mut table = Table::new("", ["指标", "结论", "说明"]);
    for assessment in assessments {
        let (tone, word) = match assessment.standing {
            Standing::Met { .. } => (Tone::Bad, "达到"),
            Standing::NotMet { .. } => (Tone::Good, "未达到"),
            Standing::Undecided { .. } => (Tone::Quiet, "未判定"),
        };
        table.row([
            Inline::Text(assessment.title.clone()),
            Inline::Mark(tone, word.to_owned()),
            Inline::Text(assessment.sentence.clone()),
        ]);
    }
    doc.table(table);
}

fn gaps(doc: &mut Document, gaps: &[Gap]) {
    if gaps.is_empty() {
        return;
    }
    doc.heading(1, "未能判定事项（不作为问题）");
    let mut table = Table::new("", ["对象", "原因", "建议"]);
    for gap in gaps.iter().take(MOST_ROWS) {
        table.row([
            address(&gap.subject),
            Inline::Mark(Tone::Quiet, wording::gap_reason(&gap.why).to_owned()),
            Inline::Text(wording::gap_advice(&gap.why).to_owned()),
        ]);
    }
    doc.table(table);
    if gaps.len() > MOST_ROWS {
        doc.paragraph(format!("另有{}项未列出。", gaps.len() - MOST_ROWS));
    }
}

fn address(url: &str) -> Inline {
    Inline::Link { text: wording::one_line(url), url: url.to_owned() }
}
