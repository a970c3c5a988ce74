//! `public-reports`: messages over 我为政府网站找错, as exported from the national platform: when each came in and was answered.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::NaiveDate;

use super::super::table::Field;
use super::super::{PublicReport, cell};
use super::Reading;
use super::sites::Sites;

const FIELDS: &[Field] = &[
    Field { key: "site", names: &["网站", "网站标识码", "标识码", "网站名称"], required: true },
    Field {
        key: "received",
        names: &["收到日期", "收到时间", "接收时间", "留言时间", "提交时间"],
        required: true,
    },
    Field {
        key: "answered",
        names: &["答复日期", "答复时间", "办结日期", "办结时间", "回复时间"],
        required: false,
    },
    Field { key: "number", names: &["编号", "留言编号", "序号"], required: false },
    Field { key: "about", names: &["内容", "问题描述", "留言内容", "主题"], required: false },
];

/// Reads `public-reports`, which may be absent.
pub(super) fn read(reading: &mut Reading, dir: &Path, sites: &Sites) {
    let Some(mut table) = reading.open(dir, "public-reports", FIELDS, false) else { return };
    let mut seen: BTreeMap<(String, String), u32> = BTreeMap::new();
    for row in table.take_rows() {
        let site = table.needed_parsed(&row, "site", |text| sites.resolve(text));
        let received = table.needed_parsed(&row, "received", day);
        let answered = table.parsed(&row, "answered", day);
        let number = table.text(&row, "number").unwrap_or_default();
        let about = table.long_text(&row, "about");
        let (Some(site), Some(received)) = (site, received) else { continue };
        if answered.is_some_and(|answered| answered < received) {
            table.fault(&row, "answered", "早于收到日期");
        }
        if !number.is_empty()
            && let Some(first) = seen.insert((site.clone(), number.clone()), row.number)
        {
            table.fault(&row, "number", &format!("与第 {first} 行重复"));
        }
        reading.registry.public_reports.push(PublicReport { site, received, answered, number, about });
    }
    reading.absorb(table);
}

/// The day of a cell; exports write the time of day behind it.
fn day(text: &str) -> Result<NaiveDate, String> {
    cell::last_day(text.split_once([' ', 'T', '\u{3000}']).map_or(text, |(day, _)| day))
}
