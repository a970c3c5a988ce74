//! `accounts`: the new-media accounts, whose they are, and where evidence of them is to be had; and what the register's own
//! rows say against each other.

use std::collections::BTreeMap;
use std::path::Path;

use super::super::table::{Field, Row, Table};
use super::super::{Account, AccountStatus, SourceSpec, account_cell};
use super::Reading;
use super::sites::Sites;
use super::units::Units;
use crate::config::web_url;
use crate::facts::account::Platform;

const FIELDS: &[Field] = &[
    Field {
        key: "platform", names: &["平台", "平台类型", "账号类型", "新媒体类型"], required: true
    },
    Field {
        key: "name", names: &["账号名称", "新媒体名称", "名称", "公众号名称"], required: true
    },
    Field {
        key: "platform-id",
        names: &["账号ID", "平台账号ID", "原始ID", "账号标识", "平台ID"],
        required: false,
    },
    Field { key: "supervisor", names: &["主管单位"], required: false },
    Field { key: "host-unit", names: &["主办单位", "开办单位"], required: false },
    Field { key: "responsible", names: &["责任单位", "内容保障单位"], required: false },
    Field { key: "status", names: &["状态", "运行状态"], required: false },
    Field { key: "filing", names: &["备案编号", "备案号"], required: false },
    Field { key: "opened", names: &["开设时间", "开通时间", "开办时间"], required: false },
    Field { key: "closed", names: &["注销时间", "停用时间", "关停时间"], required: false },
    Field { key: "menu", names: &["互动菜单", "菜单"], required: false },
    Field { key: "reply", names: &["留言回复", "回复"], required: false },
    Field { key: "publishes", names: &["发布信息", "是否发布信息"], required: false },
    Field { key: "site", names: &["同步网站"], required: false },
    Field { key: "address", names: &["网址", "下载地址", "主页地址"], required: false },
    Field { key: "sources", names: &["佐证来源", "来源"], required: false },
];

/// Reads `accounts`, which may be absent. Returns the keys by which exemptions may name them.
pub(super) fn read(
    reading: &mut Reading,
    dir: &Path,
    units: &Units,
    sites: &Sites,
) -> BTreeMap<String, String> {
    let mut keys = BTreeMap::new();
    let Some(mut table) = reading.open(dir, "accounts", FIELDS, false) else { return keys };
    let file = Path::new(&table.file).file_name().map(|name| name.to_string_lossy().into_owned());
    let file = file.unwrap_or_default();
    let mut rows: Vec<(Row, Account)> = Vec::new();
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    for row in table.take_rows() {
        let Some(account) = read_account(&mut table, &row, units, sites, &file) else { continue };
        let key = account.key();
        if let Some(first) = seen.insert(key.clone(), row.number) {
            let at = if account.platform_id.is_empty() { "name" } else { "platform-id" };
            table.fault(&row, at, &format!("与第 {first} 行是同一个账号"));
            continue;
        }
        keys.insert(key.clone(), key.clone());
        keys.insert(format!("{}:{}", account.platform.label(), account.name), key.clone());
        keys.insert(account.printed(), key);
        rows.push((row, account));
    }
    of_the_register(&mut table, &rows);
    reading.absorb(table);
    reading.registry.accounts = rows.into_iter().map(|(_, account)| account).collect();
    keys
}

fn read_account(table: &mut Table, row: &Row, units: &Units, sites: &Sites, file: &str) -> Option<Account> {
    let platform = table.needed_parsed(row, "platform", account_cell::platform);
    let name = table.needed(row, "name");
    let platform_id = table.parsed(row, "platform-id", account_cell::identifier).unwrap_or_default();
    let supervisor = table.parsed(row, "supervisor", |text| units.resolve(text));
    let host_unit = table.parsed(row, "host-unit", |text| units.resolve(text));
    let responsible = table.parsed(row, "responsible", |text| units.resolve(text));
    let status = table.parsed(row, "status", account_cell::status).unwrap_or(AccountStatus::Running);
    let filing = table.text(row, "filing").unwrap_or_default();
    let opened = table.parsed(row, "opened", account_cell::day_or_month);
    let closed = table.parsed(row, "closed", account_cell::day_or_month);
    let menu = table.parsed(row, "menu", account_cell::yes_no);
    let reply = table.parsed(row, "reply", account_cell::yes_no);
    let publishes = table.parsed(row, "publishes", account_cell::yes_no);
    let site = table.parsed(row, "site", |text| sites.resolve(text));
    let address = table.parsed(row, "address", web_url);
    let sources = sources(table, row);
    if let (Some(opened), Some(closed)) = (opened, closed)
        && closed < opened
    {
        table.fault(row, "closed", &format!("早于开设时间 {opened}"));
    }
    let (platform, platform_name) = platform?;
    Some(Account {
        platform,
        platform_name,
        name: name?,
        platform_id,
        supervisor,
        host_unit,
        responsible,
        status,
        filing,
        opened,
        closed,
        menu,
        reply,
        publishes: publishes.unwrap_or(!platform.is_program()),
        site,
        address,
        sources,
        origin: format!("{file}:{}", row.number),
    })
}

/// 佐证来源: parts parted by `；` or line ends, because addresses hold commas.
fn sources(table: &mut Table, row: &Row) -> Vec<SourceSpec> {
    let Some(text) = table.text(row, "sources") else { return Vec::new() };
    let mut all: Vec<SourceSpec> = Vec::new();
    for part in text.split(['；', ';']).map(str::trim).filter(|part| !part.is_empty()) {
        match account_cell::source(part) {
            Ok(spec) if all.contains(&spec) => {
                table.fault(row, "sources", &format!("“{part}”重复"));
            }
            Ok(spec) => all.push(spec),
            Err(message) => table.fault(row, "sources", &message),
        }
    }
    all
}

/// What the rows say against each other, or leave open: told, and no reason to refuse the file.
fn of_the_register(table: &mut Table, rows: &[(Row, Account)]) {
    let mut of_unit: BTreeMap<(&str, Platform, &str), (u32, &str)> = BTreeMap::new();
    for (row, account) in rows {
        if account.host_unit.is_none() && account.responsible.is_none() {
            table.notice(row, "host-unit", "没有主办单位，问题无法交办，请补填");
        }
        if account.filing.is_empty() && account.status != AccountStatus::Cancelled {
            table.notice(row, "filing", "没有备案编号，请核实是否已在全国政务新媒体信息报送系统备案");
        }
        match (account.status, account.closed) {
            (AccountStatus::Running, Some(closed)) => {
                let message = format!("已填停用时间 {closed}，状态仍为正常运行；未注销的账号仍须按期更新");
                table.notice(row, "status", &message);
            }
            (AccountStatus::Cancelled, None) => table.notice(row, "closed", "状态为已注销，请补填注销时间"),
            _ => {}
        }
        let Some(unit) = account.host_unit.as_deref().filter(|_| account.status != AccountStatus::Cancelled)
        else {
            continue;
        };
        let place = (unit, account.platform, account.platform_name.as_str());
        if let Some((first, name)) = of_unit.get(&place) {
            let message = format!("{unit}在{}已有“{name}”（第 {first} 行）", account.platform_label());
            table.notice(row, "name", &message);
        } else {
            of_unit.insert(place, (row.number, &account.name));
        }
    }
}
