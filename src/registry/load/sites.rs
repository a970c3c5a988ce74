//! `sites`: the sites, and by what names columns and exemptions may call them.

use std::collections::BTreeMap;
use std::path::Path;

use super::super::table::{Field, Row, Table};
use super::super::{Site, SiteStatus, cell};
use super::units::Units;
use super::{Patience, Reading};
use crate::config::{printable, web_url};

const FIELDS: &[Field] = &[
    Field { key: "name", names: &["网站名称", "网站"], required: true },
    Field { key: "code", names: &["网站标识码", "标识码"], required: true },
    Field { key: "url", names: &["首页网址", "网址", "首页地址", "网站地址"], required: true },
    Field { key: "kind", names: &["类型", "网站类型"], required: true },
    Field { key: "level", names: &["级别", "行政级别"], required: false },
    Field { key: "supervisor", names: &["主管单位"], required: false },
    Field { key: "host-unit", names: &["主办单位"], required: true },
    Field { key: "undertaker", names: &["承办单位"], required: false },
    Field {
        key: "operator", names: &["运维单位", "运维（技术支撑）单位", "技术支撑单位"], required: false
    },
    Field { key: "status", names: &["状态", "运行状态"], required: false },
    Field { key: "tags", names: &["标签"], required: false },
    Field { key: "scope", names: &["范围", "网址范围"], required: false },
    Field { key: "obey-robots", names: &["遵守robots", "遵守robots.txt"], required: false },
];

/// The names by which columns may refer to sites.
#[derive(Debug, Default)]
pub(super) struct Sites {
    codes: BTreeMap<String, u32>,
    names: BTreeMap<String, String>,
    known: bool,
    patience: Patience,
}

impl Sites {
    /// The 标识码 of a site named by its code or its name.
    pub(super) fn resolve(&self, text: &str) -> Result<String, String> {
        if let Some(code) = self.names.get(text) {
            return Ok(code.clone());
        }
        if cell::site_code(text).is_ok() {
            return self.by_code(text);
        }
        if self.known {
            Err(format!("网站“{}”不在网站登记表中{}", printable(text), self.near(text)))
        } else {
            Ok(text.to_owned())
        }
    }

    /// The 标识码, if it is one and registered.
    pub(super) fn by_code(&self, text: &str) -> Result<String, String> {
        let code = cell::site_code(text)?;
        if self.codes.contains_key(&code) || !self.known {
            return Ok(code);
        }
        Err(format!("标识码 {code} 不在网站登记表中{}", self.near(&code)))
    }

    fn near(&self, text: &str) -> String {
        self.patience.suggest(text, self.names.keys().chain(self.codes.keys()).map(String::as_str))
    }
}

/// Reads `sites`.
pub(super) fn read(reading: &mut Reading, dir: &Path, units: &Units) -> Sites {
    let mut sites = Sites::default();
    let Some(mut table) = reading.open(dir, "sites", FIELDS, true) else { return sites };
    sites.known = table.is_readable();
    table.must_have_rows("网站");
    let mut homes: BTreeMap<String, u32> = BTreeMap::new();
    let mut name_rows: BTreeMap<String, u32> = BTreeMap::new();
    for row in table.take_rows() {
        let site = read_site(&mut table, &row, units);
        let code = table.needed_parsed(&row, "code", cell::site_code);
        let name = table.needed(&row, "name");
        if let Some(code) = &code {
            if cell::is_vendor_code(code) {
                table.notice(&row, "code", "N 开头的标识码由服务商自编，不是政府网站标识码");
            }
            if let Some(first) = sites.codes.get(code) {
                let message = format!("{code} 与第 {first} 行重复");
                table.fault(&row, "code", &message);
            } else {
                sites.codes.insert(code.clone(), row.number);
            }
        }
        if let Some(name) = &name {
            if let Some(first) = name_rows.get(name) {
                let message = format!("“{name}”与第 {first} 行重复");
                table.fault(&row, "name", &message);
            } else {
                name_rows.insert(name.clone(), row.number);
                sites.names.insert(name.clone(), code.clone().unwrap_or_default());
            }
        }
        let (Some(mut site), Some(code), Some(name)) = (site, code, name) else { continue };
        if let Some(first) = homes.insert(site.url.to_string(), row.number) {
            table.notice(&row, "url", &format!("与第 {first} 行是同一个首页"));
        }
        site.code = code;
        site.name = name;
        reading.registry.sites.push(site);
    }
    reading.absorb(table);
    sites
}

/// All of a site but its code and its name.
fn read_site(table: &mut Table, row: &Row, units: &Units) -> Option<Site> {
    let url = table.needed_parsed(row, "url", web_url);
    let kind = table.needed_parsed(row, "kind", cell::site_kind);
    let level = table.text(row, "level").unwrap_or_default();
    let supervisor = table.parsed(row, "supervisor", |text| units.resolve(text));
    let host_unit = table.needed_parsed(row, "host-unit", |text| units.resolve(text));
    let undertaker = table.parsed(row, "undertaker", |text| units.resolve(text));
    let operator = table.parsed(row, "operator", |text| units.resolve(text));
    let status = table.parsed(row, "status", cell::site_status).unwrap_or(SiteStatus::Running);
    let tags = table.several(row, "tags", |text| Ok(text.to_owned()));
    let scope = table.several(row, "scope", cell::scope);
    let obey_robots = table.parsed(row, "obey-robots", cell::yes_no).unwrap_or(true);
    Some(Site {
        name: String::new(),
        code: String::new(),
        url: url?,
        kind: kind?,
        level,
        supervisor,
        host_unit: host_unit?,
        undertaker,
        operator,
        status,
        tags,
        scope,
        obey_robots,
    })
}
