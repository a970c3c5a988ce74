//! The ledger and the figures for other programs: JSON by the schema of `docs/export.md`, and CSV that no spreadsheet takes for
//! formulas.

use serde::Serialize;

use super::figures::Figures;
use super::wording;
use crate::calendar::Instant8;
use crate::inspection::draw::Draw;
use crate::inspection::standing::{Ruling, Standing};
use crate::ledger::case::Case;
use crate::ledger::event::Event;

/// Name and version of the schema.
pub const SCHEMA: &str = "xuncha-export/1";

/// All that is exported.
#[derive(Debug, Serialize)]
pub struct Export<'a> {
    /// [`SCHEMA`].
    pub schema: &'static str,
    /// When it was made.
    pub exported_at: Instant8,
    /// Version of the program.
    pub program: &'a str,
    /// Every case as it stands.
    pub cases: &'a [Case],
    /// Every event, by case and in order.
    pub events: Vec<&'a Event>,
    /// Lists in force.
    pub draws: &'a [Draw],
    /// How members stood.
    pub standings: &'a [Standing],
    /// What people ruled.
    pub rulings: &'a [Ruling],
    /// The data sets of the periods asked for.
    pub figures: &'a [Figures],
}

/// The cases, one a line.
///
/// # Errors
/// Never for text in memory.
pub fn cases_csv(cases: &[Case]) -> Result<Vec<u8>, csv::Error> {
    let mut out = writer();
    record(
        &mut out,
        [
            "问题编号",
            "状态",
            "责任单位",
            "网站标识码",
            "网站名称",
            "位置",
            "规则",
            "问题类型",
            "对应指标",
            "处置要求",
            "问题描述",
            "问题链接",
            "所在页面",
            "首次发现",
            "最近发现",
            "批次",
            "交办时间",
            "整改时限",
            "延期至",
            "销号时间",
            "重复出现次数",
            "复查未通过次数",
        ],
    )?;
    for case in cases {
        let (finding, progress) = (&case.finding, &case.progress);
        let day = |at: Option<Instant8>| at.map(|at| at.format("%Y-%m-%d").to_string()).unwrap_or_default();
        let date = |date: Option<chrono::NaiveDate>| date.map(|d| d.to_string()).unwrap_or_default();
        record(
            &mut out,
            [
                case.number.as_str(),
                case.state.label(),
                &case.unit,
                &finding.subject.site,
                &finding.subject.site_name,
                &finding.subject.place,
                &finding.rule,
                &finding.title,
                &finding.indicator,
                wording::severity(finding.severity),
                &finding.description,
                &finding.url,
                finding.page.as_deref().unwrap_or_default(),
                &day(Some(case.first_seen)),
                &day(Some(case.last_seen)),
                case.batch.as_deref().unwrap_or_default(),
                &date(case.assigned_on),
                &date(case.due),
                &date(progress.extended_to),
                &day(progress.closed_at),
                &progress.relapses.to_string(),
                &progress.failed_rechecks.to_string(),
            ],
        )?;
    }
    finished(out)
}

/// The events, one a line.
///
/// # Errors
/// Never for text in memory.
pub fn events_csv<'a>(events: impl IntoIterator<Item = &'a Event>) -> Result<Vec<u8>, csv::Error> {
    let mut out = writer();
    record(&mut out, ["问题编号", "时间", "办理人", "事项", "内容", "佐证"])?;
    for event in events {
        record(
            &mut out,
            [
                event.number.as_str(),
                &event.at.to_rfc3339(),
                &event.by,
                event.what.label(),
                &event.what.detail(),
                event.evidence.as_deref().unwrap_or_default(),
            ],
        )?;
    }
    finished(out)
}

/// A cell that no spreadsheet takes for a formula, on one line, with nothing hidden in it.
pub fn csv_cell(text: &str) -> String {
    let text = wording::one_line(text);
    let risky =
        |c: char| matches!(c, '=' | '+' | '-' | '@' | '\t' | '\r' | '＝' | '＋' | '－' | '＠' | '|' | '%');
    if text.starts_with(risky) { format!("'{text}") } else { text }
}

fn writer() -> csv::Writer<Vec<u8>> {
    // The mark by which office programs know UTF-8.
    csv::Writer::from_writer(vec![0xEF, 0xBB, 0xBF])
}

fn record<'a>(
    out: &mut csv::Writer<Vec<u8>>,
    cells: impl IntoIterator<Item = &'a str>,
) -> Result<(), csv::Error> {
    out.write_record(cells.into_iter().map(csv_cell))
}

fn finished(out: csv::Writer<Vec<u8>>) -> Result<Vec<u8>, csv::Error> {
    out.into_inner().map_err(|error| csv::Error::from(error.into_error()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_becomes_a_formula() {
        for (text, cell) in [
            ("=1+1", "'=1+1"),
            ("＝cmd", "'＝cmd"),
            ("-1", "'-1"),
            ("@x", "'@x"),
            ("\t=1", "'=1"),
            ("a=1", "a=1"),
            ("a\nb\u{202e}", "a b"),
        ] {
            assert_eq!(csv_cell(text), cell);
        }
    }
}
