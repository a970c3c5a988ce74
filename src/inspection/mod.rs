//! Inspections (月度监测, 季度抽查, 半年检查): what is looked at in which period, and how each stands. Pure; knows no
//! database and no paper.
#![deny(clippy::disallowed_methods)]

pub mod draw;
pub mod period;
pub mod standing;

use serde::{Deserialize, Serialize};

use crate::facts::account::AccountStatus;

use crate::registry::{Account, Registry, Site, SiteKind, SiteStatus, UnitKind};

/// What kind of thing is inspected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MemberKind {
    /// 政府网站
    Site,
    /// 政务新媒体
    Account,
}

impl MemberKind {
    /// A stable word for the database.
    pub fn word(self) -> &'static str {
        match self {
            Self::Site => "site",
            Self::Account => "account",
        }
    }

    /// As printed.
    pub fn label(self) -> &'static str {
        match self {
            Self::Site => "政府网站",
            Self::Account => "政务新媒体",
        }
    }
}

/// One site or account of the register, as far as inspections and their papers need it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// What it is.
    pub kind: MemberKind,
    /// 网站标识码, or the key of the account; unique within its kind.
    pub code: String,
    /// Its name as printed.
    pub name: String,
    /// 类型 of a site (政府门户网站 …) or the platform of an account (微信公众号 …).
    pub category: String,
    /// The county whose office answers for it; empty for what is the city's own.
    pub county: String,
    /// 主办单位.
    pub host_unit: String,
    /// 主管单位; empty where none is registered.
    pub supervisor: String,
    /// Its home page; empty where it has none.
    pub url: String,
}

impl Member {
    /// The unit of the summary table that it counts for: its county's office, otherwise its 主办单位.
    pub fn summed_under(&self) -> &str {
        if self.county.is_empty() { &self.host_unit } else { &self.county }
    }
}

/// Everything of the register that is inspected: sites, then accounts, each in protocol order.
pub fn members(registry: &Registry) -> Vec<Member> {
    sites(registry).into_iter().chain(accounts(registry)).collect()
}

/// The sites of the register that are inspected, in protocol order of their units: whatever is still to be kept up.
pub fn sites(registry: &Registry) -> Vec<Member> {
    let kept_up = |site: &&Site| matches!(site.status, SiteStatus::Running | SiteStatus::ClosingRequested);
    let mut all: Vec<Member> =
        registry.sites.iter().filter(kept_up).map(|site| of_site(registry, site)).collect();
    all.sort_by_key(|member| {
        (registry.protocol_order(member.summed_under()), registry.protocol_order(&member.host_unit))
    });
    all
}

/// The new-media accounts of the register that are inspected, in protocol order of their units: all but the cancelled ones.
pub fn accounts(registry: &Registry) -> Vec<Member> {
    let kept_up = |account: &&Account| account.status != AccountStatus::Cancelled;
    let mut all: Vec<Member> =
        registry.accounts.iter().filter(kept_up).map(|account| of_account(registry, account)).collect();
    all.sort_by_key(|member| {
        (registry.protocol_order(member.summed_under()), registry.protocol_order(&member.host_unit))
    });
    all
}

/// The county whose office answers for the unit `name`, a county's own office included; empty for the city's own.
pub fn county(registry: &Registry, name: &str) -> String {
    let Some(unit) = registry.unit(name) else { return String::new() };
    let own = (unit.kind == UnitKind::County).then_some(unit);
    registry.county_of(unit).or(own).map(|county| county.name.clone()).unwrap_or_default()
}

/// Whether a unit of the summary table is a county.
pub fn is_county(registry: &Registry, name: &str) -> bool {
    registry.unit(name).is_some_and(|unit| unit.kind == UnitKind::County)
}

/// 类型 of a site as printed.
pub fn site_kind(kind: SiteKind) -> &'static str {
    match kind {
        SiteKind::Portal => "政府门户网站",
        SiteKind::Department => "部门网站",
        SiteKind::Special => "专项网站",
        SiteKind::Channel => "部门频道",
    }
}

fn of_site(registry: &Registry, site: &Site) -> Member {
    let host = registry.unit(&site.host_unit);
    let above = host.and_then(|unit| unit.parent.clone()).unwrap_or_default();
    Member {
        kind: MemberKind::Site,
        code: site.code.clone(),
        name: site.name.clone(),
        category: site_kind(site.kind).to_owned(),
        county: county(registry, &site.host_unit),
        host_unit: site.host_unit.clone(),
        supervisor: site.supervisor.clone().unwrap_or(above),
        url: site.url.to_string(),
    }
}

fn of_account(registry: &Registry, account: &Account) -> Member {
    let host_unit = account.host_unit.clone().unwrap_or_default();
    let above = registry.unit(&host_unit).and_then(|unit| unit.parent.clone()).unwrap_or_default();
    Member {
        kind: MemberKind::Account,
        code: account.key(),
        name: account.name.clone(),
        category: account.platform_label().to_owned(),
        county: county(registry, &host_unit),
        host_unit,
        supervisor: account.supervisor.clone().unwrap_or(above),
        url: account.address.as_ref().map(ToString::to_string).unwrap_or_default(),
    }
}
