//! `columns`: the columns, each in its site and kept by its unit.

use std::collections::BTreeMap;
use std::path::Path;

use super::super::propose::{CONFIDENCE, KEPT, PARENT, REASON, STANDING, Written};
use super::super::table::Field;
use super::super::{Column, Site, SiteKind, cell};
use super::Reading;
use super::sites::Sites;
use super::units::Units;
use crate::config::web_url;

const FIELDS: &[Field] = &[
    Field { key: "site", names: &["网站标识码", "标识码"], required: false },
    Field { key: "site-name", names: &["网站名称", "网站", "所属网站"], required: false },
    Field { key: "name", names: &["栏目", "栏目名称"], required: true },
    Field { key: "url", names: &["网址", "栏目网址", "栏目地址"], required: true },
    Field { key: "class", names: &["类别", "栏目类别"], required: false },
    Field { key: "level", names: &["级", "级别", "栏目级别"], required: false },
    Field { key: "cycle", names: &["更新周期", "更新频率"], required: false },
    Field { key: "keeper", names: &["内容保障单位", "保障单位", "责任单位"], required: false },
    Field { key: "proposed-standing", names: &[STANDING], required: false },
    Field { key: "proposed-parent", names: &[PARENT], required: false },
    Field { key: "proposed-confidence", names: &[CONFIDENCE], required: false },
    Field { key: "proposed-reason", names: &[REASON], required: false },
];

/// Reads the cells of `columns` as they stand in a register that has been loaded without a fault.
pub(super) fn written(dir: &Path) -> Written {
    let mut reading = Reading::default();
    let Some(mut table) = reading.open(dir, "columns", FIELDS, false) else { return Written::default() };
    let rows = table.take_rows();
    let cells = |row| KEPT.map(|key| table.written(row, key));
    Written {
        others: table.other_headings().map(ToOwned::to_owned).collect(),
        rows: rows.iter().map(|row| (cells(row), table.other_cells(row).collect())).collect(),
    }
}

/// Reads `columns`, which may be absent.
pub(super) fn read(reading: &mut Reading, dir: &Path, units: &Units, sites: &Sites) {
    let Some(mut table) = reading.open(dir, "columns", FIELDS, false) else { return };
    let mut seen: BTreeMap<(String, String), u32> = BTreeMap::new();
    let registered = reading.registry.sites.iter().enumerate();
    let homes: BTreeMap<String, usize> = registered.map(|(index, site)| (site.code.clone(), index)).collect();
    for row in table.take_rows() {
        let by_code = table.parsed(&row, "site", |text| sites.resolve(text));
        let by_name = table.parsed(&row, "site-name", |text| sites.resolve(text));
        let site = match (by_code, by_name) {
            (Some(code), Some(other)) if code != other && !other.is_empty() => {
                table.fault(&row, "site-name", &format!("与同一行的标识码 {code} 不是同一个网站"));
                None
            }
            (Some(code), _) | (None, Some(code)) => Some(code),
            (None, None) => {
                if !table.faulted(&row, "site") && !table.faulted(&row, "site-name") {
                    table.fault(&row, "site", "不能为空：请填网站标识码或网站名称");
                }
                None
            }
        };
        let name = table.needed(&row, "name");
        let url = table.needed_parsed(&row, "url", web_url);
        let class = table.parsed(&row, "class", cell::column_class);
        let level = table.parsed(&row, "level", cell::column_level);
        let cycle_days = table.parsed(&row, "cycle", cell::cycle).flatten();
        let keeper = table.parsed(&row, "keeper", |text| units.resolve(text));
        let (Some(site), Some(name), Some(url)) = (site, name, url) else { continue };
        if let Some(first) = seen.insert((site.clone(), url.to_string()), row.number) {
            table.fault(&row, "url", &format!("与第 {first} 行是同一个栏目"));
        }
        let home = homes.get(site.as_str()).and_then(|index| reading.registry.sites.get(*index));
        if let Some(home) = home.filter(|home| !is_inside(home, &url)) {
            let message =
                format!("不在网站“{}”的范围内，巡查时不会读到；如属该网站，请在其“范围”中加入", home.name);
            table.notice(&row, "url", &message);
        }
        reading.registry.columns.push(Column { site, name, url, class, level, cycle_days, keeper });
    }
    reading.absorb(table);
}

/// Whether a URL lies where a site's own pages lie.
fn is_inside(site: &Site, url: &url::Url) -> bool {
    let place = |url: &url::Url| {
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        format!("{}{port}{}", url.host_str().unwrap_or_default(), url.path())
    };
    let home = place(&site.url);
    let own = if site.kind == SiteKind::Channel {
        home.rsplit_once('/').map_or(home.clone(), |(folder, _)| format!("{folder}/"))
    } else {
        home.split_once('/').map_or(home.clone(), |(host, _)| format!("{host}/"))
    };
    let there = place(url);
    there.starts_with(&own)
        || site.scope.iter().any(|scope| {
            if scope.contains('/') {
                there.starts_with(scope)
            } else {
                there.starts_with(&format!("{scope}/"))
            }
        })
}
