//! The forms that people fill in, as the program hands them out: 人工核查表, which a person signs, and 最新信息报送表, in which units
//! name their newest posts. What comes back is read like any other table, by its headings.

use crate::facts::account::AccountStatus;
use crate::registry::{Account, Registry};

/// Headings and widths, left to right; the last nine are for the person.
pub const HEADINGS: [(&str, f64); 13] = [
    ("平台", 12.0),
    ("账号名称", 20.0),
    ("账号ID", 16.0),
    ("主办单位", 22.0),
    ("最近发布时间", 16.0),
    ("最近发布标题", 28.0),
    ("最近发布链接", 28.0),
    ("能否有效互动", 13.0),
    ("有无商业广告", 13.0),
    ("能否下载使用", 13.0),
    ("核查时间", 13.0),
    ("核查人", 10.0),
    ("备注", 20.0),
];

/// The line under the title.
pub const HOW: &str = "请打开账号核对：最近发布时间填到日（如 2026-11-16）；从未发布填“从未发布”；互动填 能/否，广告填 有/无。核查人、核查时间必填，否则不作为佐证。";

/// Headings and widths of the form for units; the last four are theirs.
pub const LINK_HEADINGS: [(&str, f64); 8] = [
    ("平台", 12.0),
    ("账号名称", 20.0),
    ("账号ID", 16.0),
    ("主办单位", 22.0),
    ("报送链接", 44.0),
    ("报送日期", 13.0),
    ("联络员", 10.0),
    ("备注", 20.0),
];

/// The line under the title of the form for units.
pub const LINK_HOW: &str = "请打开账号，复制最新一条公开信息的链接（以 http:// 或 https:// 开头）填入“报送链接”，“报送日期”填当天（如 2026-11-16）。不发布信息的小程序、APP 不填。";

/// A row for each account that is not cancelled, publishes, and passes `wanted`.
pub fn link_rows(registry: &Registry, wanted: impl Fn(&Account) -> bool) -> Vec<Vec<String>> {
    filled(registry, |account| account.publishes && wanted(account), LINK_HEADINGS.len())
}

/// A row for each account that is not cancelled and passes `wanted`.
pub fn rows(registry: &Registry, wanted: impl Fn(&Account) -> bool) -> Vec<Vec<String>> {
    filled(registry, wanted, HEADINGS.len())
}

/// Rows whose first four cells are known, and the rest blank.
fn filled(registry: &Registry, wanted: impl Fn(&Account) -> bool, cells: usize) -> Vec<Vec<String>> {
    let accounts = registry.accounts.iter().filter(|account| account.status != AccountStatus::Cancelled);
    accounts
        .filter(|account| wanted(account))
        .map(|account| {
            let unit = account.responsible.as_ref().or(account.host_unit.as_ref());
            let known = [
                account.platform_label().to_owned(),
                account.name.clone(),
                account.platform_id.clone(),
                unit.cloned().unwrap_or_default(),
            ];
            let blank = cells.saturating_sub(known.len());
            known.into_iter().chain(std::iter::repeat_n(String::new(), blank)).collect()
        })
        .collect()
}
