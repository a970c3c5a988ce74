//! `reposts`: titles that superiors want reposted or linked to, with their dates.

use std::collections::BTreeMap;
use std::path::Path;

use super::super::table::Field;
use super::super::{Repost, cell};
use super::Reading;
use crate::config::web_url;

const FIELDS: &[Field] = &[
    Field { key: "title", names: &["标题", "信息标题"], required: true },
    Field { key: "date", names: &["发布日期", "日期", "发布时间"], required: true },
    Field { key: "source", names: &["来源", "发布单位"], required: false },
    Field { key: "url", names: &["网址", "原文网址", "原文链接"], required: false },
];

/// Characters from which on a title is one text's and no other's.
const SHORTEST_TITLE: usize = 6;

/// Reads `reposts`, which may be absent.
pub(super) fn read(reading: &mut Reading, dir: &Path) {
    let Some(mut table) = reading.open(dir, "reposts", FIELDS, false) else { return };
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    for row in table.take_rows() {
        let title = table.needed_parsed(&row, "title", |text| {
            let letters = text.chars().filter(|c| c.is_alphanumeric()).count();
            if letters < SHORTEST_TITLE {
                Err("标题太短，容易与别的信息混淆".to_owned())
            } else {
                Ok(text.to_owned())
            }
        });
        let date = table.needed_parsed(&row, "date", cell::last_day);
        let source = table.text(&row, "source").unwrap_or_default();
        let url = table.parsed(&row, "url", web_url);
        let (Some(title), Some(date)) = (title, date) else { continue };
        if let Some(first) = seen.insert(title.clone(), row.number) {
            table.fault(&row, "title", &format!("与第 {first} 行重复"));
        }
        reading.registry.reposts.push(Repost { title, date, source, url });
    }
    reading.absorb(table);
}
