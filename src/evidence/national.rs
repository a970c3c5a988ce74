//! Exports of the two national reporting systems (全国政府网站信息报送系统, 全国政务新媒体信息报送系统), read by their headings as
//! offices have them: title rows, merged cells, numbers as text, months as dates.

use std::collections::BTreeSet;
use std::path::Path;

use chrono::NaiveDate;

use super::place;
use crate::config::fault::Fault;
use crate::config::web_url;
use crate::facts::account::{AccountStatus, Platform};
use crate::registry::sheet;
use crate::registry::table::{Field, Row, Table};
use crate::registry::{SiteKind, SiteStatus, account_cell, cell};

/// A site as the national system has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteRow {
    /// 网站标识码; empty where the row has none.
    pub code: String,
    /// 网站名称.
    pub name: String,
    /// 首页网址, where it is one.
    pub url: Option<url::Url>,
    /// 类型.
    pub kind: SiteKind,
    /// 级别 as written.
    pub level: String,
    /// 主管单位.
    pub supervisor: String,
    /// 主办单位.
    pub host_unit: String,
    /// 承办单位.
    pub undertaker: String,
    /// 状态.
    pub status: SiteStatus,
    /// Where it stands.
    pub place: String,
}

/// An account as the national system has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountRow {
    /// 平台.
    pub platform: Platform,
    /// Its name where it is 其他.
    pub platform_name: String,
    /// 账号名称.
    pub name: String,
    /// 账号ID.
    pub id: String,
    /// 主管单位.
    pub supervisor: String,
    /// 主办单位.
    pub host_unit: String,
    /// 状态.
    pub status: AccountStatus,
    /// 备案编号.
    pub filing: String,
    /// 开设时间.
    pub opened: Option<NaiveDate>,
    /// 注销时间.
    pub closed: Option<NaiveDate>,
    /// Where it stands.
    pub place: String,
}

/// What an export holds.
#[derive(Debug, Default)]
pub struct Export {
    /// Sites, in the order of the file.
    pub sites: Vec<SiteRow>,
    /// Accounts, in the order of the file.
    pub accounts: Vec<AccountRow>,
    /// What could not be read, at file, sheet and cell.
    pub faults: Vec<Fault>,
}

const SITE_FIELDS: &[Field] = &[
    Field { key: "name", names: &["网站名称", "政府网站名称"], required: true },
    Field { key: "code", names: &["网站标识码", "标识码", "政府网站标识码"], required: true },
    Field {
        key: "url",
        names: &["首页网址", "网址", "网站网址", "首页地址", "网站地址", "网站域名", "首页URL", "域名"],
        required: true,
    },
    Field { key: "kind", names: &["网站类型", "类型", "网站类别"], required: false },
    Field { key: "level", names: &["级别", "行政级别", "网站级别", "层级"], required: false },
    Field {
        key: "supervisor", names: &["主管单位", "上级主管单位", "主管单位名称"], required: false
    },
    Field { key: "host-unit", names: &["主办单位", "主办单位名称"], required: false },
    Field { key: "undertaker", names: &["承办单位", "承办单位名称"], required: false },
    Field {
        key: "status", names: &["状态", "运行状态", "网站状态", "网站运行状态"], required: false
    },
];

const ACCOUNT_FIELDS: &[Field] = &[
    Field {
        key: "name",
        names: &["账号名称", "新媒体名称", "政务新媒体名称", "新媒体账号名称", "名称"],
        required: true,
    },
    Field {
        key: "platform",
        names: &["平台", "平台类型", "新媒体类型", "账号类型", "媒体类型", "所属平台", "类型", "第三方平台"],
        required: true,
    },
    Field {
        key: "id",
        names: &["账号ID", "账号", "账号标识", "平台账号", "微信号", "原始ID", "账号ID/微信号"],
        required: false,
    },
    Field {
        key: "supervisor", names: &["主管单位", "上级主管单位", "主管单位名称"], required: false
    },
    Field {
        key: "host-unit", names: &["主办单位", "开办单位", "主办单位名称", "单位名称"], required: false
    },
    Field { key: "status", names: &["状态", "运行状态", "账号状态"], required: false },
    Field {
        key: "filing",
        names: &["备案编号", "备案号", "新媒体标识码", "新媒体编号", "报送编号"],
        required: false,
    },
    Field {
        key: "opened",
        names: &["开设时间", "开办时间", "开通时间", "创建时间", "开设日期"],
        required: false,
    },
    Field {
        key: "closed", names: &["注销时间", "关停时间", "注销日期", "关停注销时间"], required: false
    },
];

/// Reads an export; both systems' tables may stand in one file.
pub fn read(path: &Path) -> Export {
    let mut export = Export::default();
    let file = path.display().to_string();
    let mut notices = Vec::new();
    let sheets = match sheet::read(path, &mut notices) {
        Ok(sheets) => sheets,
        Err(fault) => {
            export.faults.push(fault);
            return export;
        }
    };
    let mut refused = None;
    for sheet in sheets.into_iter().filter(|sheet| !sheet.rows.is_empty()) {
        let label = place(&file, &sheet.name);
        let sites = Table::of_sheet(&label, sheet.clone(), SITE_FIELDS);
        if sites.has("code") && sites.has("name") {
            read_sites(sites, &mut export);
            continue;
        }
        let accounts = Table::of_sheet(&label, sheet, ACCOUNT_FIELDS);
        if accounts.has("platform") && accounts.has("name") {
            read_accounts(accounts, &mut export);
            continue;
        }
        refused.get_or_insert((label, accounts.heading_row()));
    }
    if export.sites.is_empty() && export.accounts.is_empty() && export.faults.is_empty() {
        let (label, row) = refused.unwrap_or((file, 1));
        let message = "找不到表头：网站表应有“网站标识码”“网站名称”“网址”，新媒体表应有“平台”“账号名称”";
        export.faults.push(Fault::new(label, row, 1, message));
    }
    export
}

fn read_sites(mut table: Table, export: &mut Export) {
    for row in table.take_rows() {
        if is_sum(&row) {
            continue;
        }
        let name = table.needed(&row, "name");
        let code = table.parsed(&row, "code", cell::site_code);
        let faulted = table.faulted(&row, "code");
        let url = table.parsed(&row, "url", |text| {
            let text = text.split([';', '；', ',', '，', ' ']).next().unwrap_or(text);
            web_url(&if text.contains("://") { text.to_owned() } else { format!("http://{text}") })
        });
        let host_unit = table.text(&row, "host-unit").unwrap_or_default();
        let written = table.text(&row, "kind").unwrap_or_default();
        let kind = cell::site_kind(&written).unwrap_or_else(|_| kind_of(&written, name.as_deref()));
        let status = table.text(&row, "status").map_or(SiteStatus::Running, |text| {
            cell::site_status(&text).unwrap_or_else(|_| match text {
                text if text.contains("公告") => SiteStatus::ClosingAnnounced,
                text if text.contains("申请") => SiteStatus::ClosingRequested,
                text if ["关停", "注销", "迁移", "下线"].iter().any(|word| text.contains(word)) => {
                    SiteStatus::Closed
                }
                _ => SiteStatus::Running,
            })
        });
        let (Some(name), false) = (name, faulted) else { continue };
        export.sites.push(SiteRow {
            code: code.unwrap_or_default(),
            name,
            url,
            kind,
            level: table.text(&row, "level").unwrap_or_default(),
            supervisor: table.text(&row, "supervisor").unwrap_or_default(),
            host_unit,
            undertaker: table.text(&row, "undertaker").unwrap_or_default(),
            status,
            place: format!("{}:{}", table.file, row.number),
        });
    }
    export.faults.extend(table.faults);
}

fn read_accounts(mut table: Table, export: &mut Export) {
    for row in table.take_rows() {
        if is_sum(&row) {
            continue;
        }
        let name = table.needed(&row, "name");
        let platform = table.needed_parsed(&row, "platform", |text| {
            account_cell::platform(text).or_else(|wrong| match account_cell::platform_in(text) {
                Some(platform) => Ok((platform, String::new())),
                // The national system knows platforms that we have no word for.
                None if text.chars().count() <= 20 => Ok((Platform::Other, text.to_owned())),
                None => Err(wrong),
            })
        });
        let id = table.parsed(&row, "id", account_cell::identifier).unwrap_or_default();
        let status = table.text(&row, "status").map_or(AccountStatus::Running, |text| {
            account_cell::status(&text).unwrap_or_else(|_| match text {
                text if text.contains("公告") => AccountStatus::ClosingAnnounced,
                text if text.contains("申请") => AccountStatus::ClosingRequested,
                text if text.contains("注销") || text.contains("关停") => AccountStatus::Cancelled,
                _ => AccountStatus::Running,
            })
        });
        let opened = table.parsed(&row, "opened", account_cell::day_or_month);
        let closed = table.parsed(&row, "closed", account_cell::day_or_month);
        let (Some(name), Some((platform, platform_name))) = (name, platform) else { continue };
        export.accounts.push(AccountRow {
            platform,
            platform_name,
            name,
            id,
            supervisor: table.text(&row, "supervisor").unwrap_or_default(),
            host_unit: table.text(&row, "host-unit").unwrap_or_default(),
            status,
            filing: table.text(&row, "filing").unwrap_or_default(),
            opened,
            closed,
            place: format!("{}:{}", table.file, row.number),
        });
    }
    export.faults.extend(table.faults);
}

/// The registers that an export gives, as CSV by the name of the file: units, sites, accounts. Kinds of units are guessed from
/// their names, because no export has them.
pub fn registers(exports: &[Export]) -> Vec<(&'static str, String)> {
    let sites = || exports.iter().flat_map(|export| &export.sites);
    let accounts = || exports.iter().flat_map(|export| &export.accounts);
    let mut units: Vec<&str> = Vec::new();
    let mut known = BTreeSet::new();
    let named = sites()
        .flat_map(|s| [&s.supervisor, &s.host_unit, &s.undertaker])
        .chain(accounts().flat_map(|a| [&a.supervisor, &a.host_unit]));
    for unit in named.filter(|unit| !unit.is_empty()) {
        if known.insert(unit.as_str()) {
            units.push(unit);
        }
    }
    let unit_rows = units.iter().enumerate().map(|(index, unit)| {
        let above = sites()
            .map(|s| (&s.host_unit, &s.supervisor))
            .chain(accounts().map(|a| (&a.host_unit, &a.supervisor)))
            .find(|(host, above)| host == unit && !above.is_empty() && above.as_str() != *unit);
        let above = above.map(|(_, above)| above.clone()).unwrap_or_default();
        vec![(*unit).to_owned(), above, kind_of_unit(unit).to_owned(), (index + 1).to_string()]
    });
    let mut files = vec![("units.csv", csv(&["单位名称", "上级主管单位", "类别", "排序"], unit_rows))];
    let site_rows = sites().filter_map(|site| {
        let url = site.url.as_ref()?;
        let kind = match site.kind {
            SiteKind::Portal => "政府门户网站",
            SiteKind::Department => "部门网站",
            SiteKind::Special => "专项网站",
            SiteKind::Channel => "部门频道",
        };
        let status = match site.status {
            SiteStatus::Running => "正常运行",
            SiteStatus::ClosingRequested => "申请关停",
            SiteStatus::ClosingAnnounced => "关停公告中",
            SiteStatus::Closed => "已关停",
            SiteStatus::Moved => "已迁移",
        };
        let cells = [
            &site.name,
            &site.code,
            url.as_str(),
            kind,
            &site.level,
            &site.supervisor,
            &site.host_unit,
            &site.undertaker,
            status,
        ];
        Some(cells.map(ToOwned::to_owned).to_vec())
    });
    if sites().next().is_some() {
        let headings = [
            "网站名称",
            "网站标识码",
            "首页网址",
            "类型",
            "级别",
            "主管单位",
            "主办单位",
            "承办单位",
            "状态",
        ];
        files.push(("sites.csv", csv(&headings, site_rows)));
    }
    let account_rows = accounts().map(|account| {
        let platform = if account.platform == Platform::Other && !account.platform_name.is_empty() {
            format!("其他（{}）", account.platform_name)
        } else {
            account.platform.label().to_owned()
        };
        let day = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
        vec![
            platform,
            account.name.clone(),
            account.id.clone(),
            account.supervisor.clone(),
            account.host_unit.clone(),
            account.status.label().to_owned(),
            account.filing.clone(),
            day(account.opened),
            day(account.closed),
        ]
    });
    if accounts().next().is_some() {
        let headings = [
            "平台",
            "账号名称",
            "账号ID",
            "主管单位",
            "主办单位",
            "状态",
            "备案编号",
            "开设时间",
            "注销时间",
        ];
        files.push(("accounts.csv", csv(&headings, account_rows)));
    }
    files
}

fn csv(headings: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut writer = csv::Writer::from_writer("\u{feff}".as_bytes().to_vec());
    // Writing to memory fails only where rows differ in length, which these do not.
    let written = writer
        .write_record(headings)
        .and_then(|()| rows.into_iter().try_for_each(|row| writer.write_record(row)));
    debug_assert!(written.is_ok());
    writer.into_inner().map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}

/// The sums under a table are nobody's row.
fn is_sum(row: &Row) -> bool {
    let sums = ["合计", "总计", "共计", "注：", "说明：", "备注：", "填表", "制表", "填报"];
    row.first_text().is_none_or(|text| sums.iter().any(|word| text.starts_with(word)))
}

fn kind_of(written: &str, name: Option<&str>) -> SiteKind {
    match written {
        text if text.contains("门户") => SiteKind::Portal,
        text if text.contains("专项") => SiteKind::Special,
        text if text.contains("频道") || text.contains("子站") => SiteKind::Channel,
        "" if name.is_some_and(|name| name.contains("门户") || name.ends_with("人民政府")) => {
            SiteKind::Portal
        }
        _ => SiteKind::Department,
    }
}

/// 类别 of a unit, guessed from its name.
fn kind_of_unit(name: &str) -> &'static str {
    let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
    if has(&["镇", "乡", "街道"]) && (name.ends_with("人民政府") || name.ends_with("办事处")) {
        "乡镇街道"
    } else if (name.ends_with("人民政府办公室") || name.ends_with("人民政府") || name.ends_with("管委会"))
        && (has(&["县人民", "区人民", "县政府", "区管委会", "旗人民"]) || name.ends_with("管委会"))
    {
        "县区"
    } else if name.ends_with("市人民政府办公室")
        || name.ends_with("市人民政府")
        || name.ends_with("州人民政府办公室")
    {
        "市本级"
    } else if has(&["中心", "院", "馆", "公司"]) {
        "直属机构"
    } else {
        "部门"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_units() {
        for (name, kind) in [
            ("示例市人民政府办公室", "市本级"),
            ("示例县人民政府办公室", "县区"),
            ("示例经济技术开发区管委会", "县区"),
            ("示例县河东镇人民政府", "乡镇街道"),
            ("示例市教育局", "部门"),
            ("示例市电子政务中心", "直属机构"),
        ] {
            assert_eq!(kind_of_unit(name), kind, "{name}");
        }
    }
}
