//! Loading the register's files: every reference followed, every fault and notice collected.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::table::{Field, Row, Table};
use super::{Column, Delivery, Exemption, Registry, Site, SiteKind, SiteStatus, Unit, cell};
use crate::config::fault::{Fault, Faults, Notice, suggestion};
use crate::config::{mail_address, printable, web_url};

/// What a file may be called, in the order of preference.
const EXTENSIONS: [&str; 5] = ["csv", "xlsx", "xlsm", "xls", "ods"];
/// Files that look like tables and cannot be read.
const FOREIGN: [&str; 4] = ["et", "numbers", "txt", "xlsb"];

const UNIT_FIELDS: &[Field] = &[
    Field { key: "name", names: &["单位名称", "单位", "单位全称"], required: true },
    Field { key: "short", names: &["简称", "单位简称"], required: false },
    Field { key: "parent", names: &["上级主管单位", "上级单位", "上级主管"], required: false },
    Field { key: "kind", names: &["类别", "单位类别"], required: true },
    Field { key: "order", names: &["排序", "序号", "顺序"], required: false },
    Field { key: "leader", names: &["分管领导"], required: false },
    Field { key: "liaison", names: &["联络员", "联系人"], required: false },
    Field { key: "phone", names: &["办公电话", "电话", "联系电话"], required: false },
    Field {
        key: "mail", names: &["邮箱", "电子邮箱", "电子邮件", "邮件地址"], required: false
    },
    Field { key: "cc", names: &["抄送", "抄送邮箱"], required: false },
    Field { key: "delivery", names: &["送达方式"], required: false },
];
const SITE_FIELDS: &[Field] = &[
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
const COLUMN_FIELDS: &[Field] = &[
    Field { key: "site", names: &["网站标识码", "标识码"], required: false },
    Field { key: "site-name", names: &["网站名称", "网站", "所属网站"], required: false },
    Field { key: "name", names: &["栏目", "栏目名称"], required: true },
    Field { key: "url", names: &["网址", "栏目网址", "栏目地址"], required: true },
    Field { key: "class", names: &["类别", "栏目类别"], required: false },
    Field { key: "level", names: &["级", "级别", "栏目级别"], required: false },
    Field { key: "cycle", names: &["更新周期", "更新频率"], required: false },
    Field { key: "keeper", names: &["内容保障单位", "保障单位", "责任单位"], required: false },
];
const EXEMPTION_FIELDS: &[Field] = &[
    Field { key: "rule", names: &["规则", "规则编号"], required: true },
    Field { key: "target", names: &["对象", "报备对象", "网址"], required: true },
    Field { key: "reason", names: &["理由", "原因", "报备理由"], required: true },
    Field { key: "until", names: &["有效期至", "截止日期", "报备至"], required: true },
];

/// What reading a register yielded, right or wrong.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    /// What could be understood.
    pub(crate) registry: Registry,
    /// What is wrong.
    pub(crate) faults: Vec<Fault>,
    /// What should be known.
    pub(crate) notices: Vec<Notice>,
}

impl Registry {
    /// Loads `units`, `sites`, `columns` and `exemptions` (CSV, XLSX, XLS) from a folder; the last two may be
    /// absent. Where `rules` are given, exemptions may name only those.
    ///
    /// # Errors
    /// Every fault of every file, at file, row and column as a spreadsheet shows them.
    pub fn load(dir: &Path, rules: Option<&[&str]>) -> Result<(Self, Vec<Notice>), Faults> {
        let reading = Self::read(dir, rules);
        Faults::none_or(reading.faults, (reading.registry, reading.notices))
    }

    /// As [`load`](Self::load), with what could be understood in spite of the faults.
    pub(crate) fn read(dir: &Path, rules: Option<&[&str]>) -> Reading {
        let mut reading = Reading::default();
        let units = Units::read(&mut reading, dir);
        let sites = read_sites(&mut reading, dir, &units);
        read_columns(&mut reading, dir, &units, &sites);
        read_exemptions(&mut reading, dir, &sites, rules);
        // Stable: units of one rank stay in file order.
        reading.registry.units.sort_by_key(|unit| unit.order);
        reading.notices.sort();
        reading
    }
}

impl Reading {
    fn absorb(&mut self, table: Table) {
        self.faults.extend(table.faults);
        self.notices.extend(table.notices);
    }

    /// Opens the table `stem`; `None` with a fault where there is none or there are two.
    fn open(&mut self, dir: &Path, stem: &str, fields: &'static [Field], required: bool) -> Option<Table> {
        let path = |extension: &&str| dir.join(format!("{stem}.{extension}"));
        let found: Vec<PathBuf> = EXTENSIONS.iter().map(|e| path(e)).filter(|p| p.exists()).collect();
        let mut fault = |path: &Path, message: String| {
            self.faults.push(Fault::new(path.display().to_string(), 1, 1, message));
        };
        if let [first, second, ..] = found.as_slice() {
            let message = format!("与 {} 同时存在，不知以哪个为准，请只留一个", first.display());
            fault(second, message);
            return None;
        }
        if let Some(path) = found.first() {
            return Some(Table::open(path, fields));
        }
        if let Some(foreign) = FOREIGN.iter().map(path_of(dir, stem)).find(|p| p.exists()) {
            fault(&foreign, "不能读取这种格式，请另存为 .xlsx 或“CSV UTF-8”".to_owned());
        } else if required {
            fault(
                &dir.join(format!("{stem}.csv")),
                "找不到该文件（也可以是 .xlsx 或 .xls）；可用 xuncha init 生成样例".to_owned(),
            );
        }
        None
    }
}

fn path_of<'a>(dir: &'a Path, stem: &'a str) -> impl Fn(&&str) -> PathBuf + 'a {
    move |extension| dir.join(format!("{stem}.{extension}"))
}

/// The names by which files may refer to units.
#[derive(Debug, Default)]
struct Units {
    /// Full name → row.
    names: BTreeMap<String, u32>,
    /// 简称 → full names.
    shorts: BTreeMap<String, BTreeSet<String>>,
    /// Whether the file was read, so that an unknown unit is the fault of who names it.
    known: bool,
}

impl Units {
    /// The full name of a unit named by its full name or its 简称.
    fn resolve(&self, text: &str) -> Result<String, String> {
        if self.names.contains_key(text) || !self.known {
            return Ok(text.to_owned());
        }
        match self.shorts.get(text).map(|names| names.iter().collect::<Vec<_>>()).as_deref() {
            Some([name]) => Ok((*name).clone()),
            Some(names) => {
                let names = names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join("、");
                Err(format!("简称“{text}”对应多个单位（{names}），请写全称"))
            }
            None => {
                let near = suggestion(text, self.names.keys().map(String::as_str));
                Err(format!("单位“{}”不在单位登记表中{near}", printable(text)))
            }
        }
    }

    fn read(reading: &mut Reading, dir: &Path) -> Self {
        let mut units = Self::default();
        let Some(mut table) = reading.open(dir, "units", UNIT_FIELDS, true) else { return units };
        units.known = table.is_readable();
        let rows = table.take_rows();
        let mut list: Vec<(Row, Unit)> = Vec::new();
        for row in rows {
            let unit = read_unit(&mut table, &row);
            let Some(unit) = unit else { continue };
            if let Some(first) = units.names.get(&unit.name) {
                let message = format!("“{}”与第 {first} 行重复", unit.name);
                table.fault(&row, "name", &message);
                continue;
            }
            units.names.insert(unit.name.clone(), row.number);
            if !unit.short.is_empty() {
                units.shorts.entry(unit.short.clone()).or_default().insert(unit.name.clone());
            }
            list.push((row, unit));
        }
        if units.known && list.is_empty() && table.faults.is_empty() {
            table.faults.push(Fault::new(&table.file, 1, 1, "表头之下没有任何单位"));
        }
        for (row, unit) in &mut list {
            let Some(parent) = unit.parent.take() else { continue };
            match units.resolve(&parent) {
                Ok(name) => unit.parent = Some(name),
                Err(message) => table.fault(row, "parent", &message),
            }
        }
        for circle in circles(&list) {
            let Some((row, unit)) = list.get(circle[0]) else { continue };
            let names = circle.iter().filter_map(|i| list.get(*i)).map(|(_, u)| u.name.as_str());
            let way = names.chain([unit.name.as_str()]).collect::<Vec<_>>().join(" → ");
            table.fault(&row.clone(), "parent", &format!("上下级关系成了循环：{way}"));
        }
        reading.absorb(table);
        reading.registry.units = list.into_iter().map(|(_, unit)| unit).collect();
        units
    }
}

fn read_unit(table: &mut Table, row: &Row) -> Option<Unit> {
    let name = table.needed(row, "name");
    let kind = table.needed_parsed(row, "kind", cell::unit_kind);
    let mail = table.parsed(row, "mail", mail_address);
    let order = table.parsed(row, "order", cell::order);
    let given = table.parsed(row, "delivery", cell::delivery);
    let delivery = given.unwrap_or(if mail.is_some() { Delivery::Mail } else { Delivery::Offline });
    if given == Some(Delivery::Mail) && mail.is_none() && !table.faulted(row, "mail") {
        table.fault(row, "mail", "不能为空：送达方式是邮件");
    }
    let unit = Unit {
        short: table.text(row, "short").unwrap_or_default(),
        parent: table.text(row, "parent"),
        order: order.unwrap_or(u32::MAX),
        leader: table.text(row, "leader").unwrap_or_default(),
        liaison: table.text(row, "liaison").unwrap_or_default(),
        phone: table.text(row, "phone").unwrap_or_default(),
        cc: table.several(row, "cc", mail_address),
        kind: kind.unwrap_or(super::UnitKind::Department),
        delivery,
        mail,
        name: name?,
    };
    Some(unit)
}

/// Each circle of 上级主管单位 once, as indices into the list, beginning with its first unit in the file.
fn circles(list: &[(Row, Unit)]) -> Vec<Vec<usize>> {
    let index: BTreeMap<&str, usize> =
        list.iter().enumerate().map(|(i, (_, u))| (u.name.as_str(), i)).collect();
    let above: Vec<Option<usize>> =
        list.iter().map(|(_, u)| u.parent.as_deref().and_then(|name| index.get(name).copied())).collect();
    let mut found = Vec::new();
    let mut done = vec![false; list.len()];
    for start in 0..list.len() {
        let mut way: Vec<usize> = Vec::new();
        let mut on_way = BTreeSet::new();
        let mut at = Some(start);
        while let Some(i) = at.filter(|i| !done[*i]) {
            if !on_way.insert(i) {
                let begin = way.iter().position(|j| *j == i).unwrap_or(0);
                let mut circle = way.split_off(begin);
                let first = circle.iter().enumerate().min_by_key(|(_, j)| **j).map_or(0, |(k, _)| k);
                circle.rotate_left(first);
                circle.iter().for_each(|j| done[*j] = true);
                found.push(circle);
                break;
            }
            way.push(i);
            at = above[i];
        }
        way.iter().for_each(|i| done[*i] = true);
    }
    found
}

/// The names by which columns may refer to sites.
#[derive(Debug, Default)]
struct Sites {
    codes: BTreeMap<String, u32>,
    names: BTreeMap<String, String>,
    known: bool,
}

impl Sites {
    /// The 标识码 of a site named by its code or its name.
    fn resolve(&self, text: &str) -> Result<String, String> {
        if let Some(code) = self.names.get(text) {
            return Ok(code.clone());
        }
        match cell::site_code(text) {
            Ok(code) if self.codes.contains_key(&code) || !self.known => Ok(code),
            Ok(code) => Err(format!("标识码 {code} 不在网站登记表中{}", self.near(text))),
            Err(_) if !self.known => Ok(text.to_owned()),
            Err(_) => Err(format!("网站“{}”不在网站登记表中{}", printable(text), self.near(text))),
        }
    }

    fn near(&self, text: &str) -> String {
        suggestion(text, self.names.keys().chain(self.codes.keys()).map(String::as_str))
    }
}

fn read_sites(reading: &mut Reading, dir: &Path, units: &Units) -> Sites {
    let mut sites = Sites::default();
    let Some(mut table) = reading.open(dir, "sites", SITE_FIELDS, true) else { return sites };
    sites.known = table.is_readable();
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
    if sites.known && sites.codes.is_empty() && table.faults.is_empty() {
        table.faults.push(Fault::new(&table.file, 1, 1, "表头之下没有任何网站"));
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

fn read_columns(reading: &mut Reading, dir: &Path, units: &Units, sites: &Sites) {
    let Some(mut table) = reading.open(dir, "columns", COLUMN_FIELDS, false) else { return };
    let mut seen: BTreeMap<(String, String), u32> = BTreeMap::new();
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
        if let Some(own) = reading.registry.site(&site) {
            if !is_inside(own, &url) {
                table.notice(
                    &row,
                    "url",
                    &format!(
                        "不在网站“{}”的范围内，巡查时不会读到；如属该网站，请在其“范围”中加入",
                        own.name
                    ),
                );
            }
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

fn read_exemptions(reading: &mut Reading, dir: &Path, sites: &Sites, rules: Option<&[&str]>) {
    let Some(mut table) = reading.open(dir, "exemptions", EXEMPTION_FIELDS, false) else { return };
    let file = Path::new(&table.file)
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let mut seen: BTreeMap<(String, String), u32> = BTreeMap::new();
    for row in table.take_rows() {
        let rule = table.needed_parsed(&row, "rule", |text| match rules {
            Some(known) if !known.contains(&text) => {
                Err(format!("没有名为“{}”的规则{}", printable(text), suggestion(text, known.iter().copied())))
            }
            _ => Ok(text.to_owned()),
        });
        let target = table.needed_parsed(&row, "target", |text| target(text, sites));
        let reason = table.needed(&row, "reason");
        let until = table.needed_parsed(&row, "until", cell::last_day);
        let (Some(rule), Some(target), Some(reason), Some(until)) = (rule, target, reason, until) else {
            continue;
        };
        if let Some(first) = seen.insert((rule.clone(), target.clone()), row.number) {
            table.fault(&row, "target", &format!("与第 {first} 行重复"));
        }
        let origin = format!("{file}:{}", row.number);
        reading.registry.exemptions.push(Exemption { rule, target, reason, until, origin });
    }
    reading.absorb(table);
}

/// The target of an exemption: a registered 标识码, or a URL, with `*` at its end for all below it.
fn target(text: &str, sites: &Sites) -> Result<String, String> {
    if text.contains("://") {
        let (bare, star) = text.strip_suffix('*').map_or((text, ""), |bare| (bare, "*"));
        if bare.contains('*') {
            return Err("* 只能写在网址末尾".to_owned());
        }
        return web_url(bare).map(|url| format!("{url}{star}"));
    }
    let code = cell::site_code(text)
        .map_err(|_| format!("“{}”应是网站标识码，或以 http:// 开头的网址（末尾可加 *）", printable(text)))?;
    if sites.known && !sites.codes.contains_key(&code) {
        let near = suggestion(&code, sites.codes.keys().map(String::as_str));
        return Err(format!("标识码 {code} 不在网站登记表中{near}"));
    }
    Ok(code)
}
