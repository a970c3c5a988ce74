//! `counterfeits`: counterfeits of registered sites, when they were found and what became of them.

use std::collections::BTreeMap;
use std::path::Path;

use super::super::table::Field;
use super::super::{Counterfeit, cell};
use super::Reading;
use super::sites::Sites;
use crate::config::web_url;

const FIELDS: &[Field] = &[
    Field { key: "url", names: &["网址", "假冒网址", "假冒网站网址"], required: true },
    Field {
        key: "site", names: &["仿冒网站", "被仿冒网站", "网站标识码", "标识码"], required: true
    },
    Field { key: "found", names: &["发现日期", "发现时间"], required: true },
    Field { key: "reported", names: &["移送", "移送单位", "移送情况"], required: false },
    Field { key: "handled", names: &["处置日期", "处置时间"], required: false },
    Field { key: "outcome", names: &["处置结果", "结果"], required: false },
];

/// Reads `counterfeits`, which may be absent.
pub(super) fn read(reading: &mut Reading, dir: &Path, sites: &Sites) {
    let Some(mut table) = reading.open(dir, "counterfeits", FIELDS, false) else { return };
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    for row in table.take_rows() {
        let url = table.needed_parsed(&row, "url", web_url);
        let site = table.needed_parsed(&row, "site", |text| sites.resolve(text));
        let found = table.needed_parsed(&row, "found", cell::last_day);
        let handled = table.parsed(&row, "handled", cell::last_day);
        let reported = table.text(&row, "reported").unwrap_or_default();
        let outcome = table.text(&row, "outcome").unwrap_or_default();
        let (Some(url), Some(site), Some(found)) = (url, site, found) else { continue };
        if handled.is_some_and(|handled| handled < found) {
            table.fault(&row, "handled", "早于发现日期");
        }
        if let Some(first) = seen.insert(url.to_string(), row.number) {
            table.fault(&row, "url", &format!("与第 {first} 行重复"));
        }
        reading.registry.counterfeits.push(Counterfeit { url, site, found, reported, handled, outcome });
    }
    reading.absorb(table);
}
