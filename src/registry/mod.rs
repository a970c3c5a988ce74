//! The register (基本信息库): units, sites, columns, exemptions, as loaded and checked, and [`Registry::route`].
//! Knows the offices and what they answer for; knows nothing of facts, rules or the ledger.

mod account;
pub(crate) mod account_cell;
pub(crate) mod cell;
mod load;
pub mod propose;
pub mod route;
pub(crate) mod sheet;
pub(crate) mod table;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

pub use self::account::{Account, AccountStatus, SourceSpec};
use crate::facts::class::ColumnClass;

/// A unit (单位) that answers for sites, columns or other units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    /// 单位名称, the key.
    pub name: String,
    /// 简称.
    pub short: String,
    /// 上级主管单位: name of another unit.
    pub parent: Option<String>,
    /// 类别.
    pub kind: UnitKind,
    /// 排序: protocol order; lower comes first.
    pub order: u32,
    /// 分管领导.
    pub leader: String,
    /// 联络员.
    pub liaison: String,
    /// 办公电话.
    pub phone: String,
    /// 邮箱.
    pub mail: Option<String>,
    /// 抄送: mail addresses.
    pub cc: Vec<String>,
    /// 送达方式.
    pub delivery: Delivery,
}

/// 类别 of a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum UnitKind {
    /// 市本级
    City,
    /// 县区 (its government office)
    County,
    /// 部门
    Department,
    /// 直属机构
    Agency,
    /// 乡镇街道
    Township,
}

/// 送达方式.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Delivery {
    /// 邮件
    Mail,
    /// 公文交换
    Exchange,
    /// 线下
    Offline,
}

/// A site (网站) of the register.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// 网站名称.
    pub name: String,
    /// 网站标识码, the key.
    pub code: String,
    /// 首页网址.
    pub url: url::Url,
    /// 类型.
    pub kind: SiteKind,
    /// 级别, as written: 市级, 县级 …
    pub level: String,
    /// 主管单位.
    pub supervisor: Option<String>,
    /// 主办单位: answers for what is on the site.
    pub host_unit: String,
    /// 承办单位.
    pub undertaker: Option<String>,
    /// 运维单位: answers for templates and the platform.
    pub operator: Option<String>,
    /// 状态.
    pub status: SiteStatus,
    /// 标签.
    pub tags: Vec<String>,
    /// Hosts and path prefixes that belong to the site beside its home page's: `host` or `host/prefix/`.
    pub scope: Vec<String>,
    /// Whether robots.txt is obeyed; an override is shown in the report.
    pub obey_robots: bool,
}

/// 类型 of a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum SiteKind {
    /// 政府门户网站
    Portal,
    /// 部门网站
    Department,
    /// 专项网站
    Special,
    /// 部门频道
    Channel,
}

/// 状态 of a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum SiteStatus {
    /// 正常运行
    Running,
    /// 申请关停
    ClosingRequested,
    /// 关停公告中
    ClosingAnnounced,
    /// 已关停
    Closed,
    /// 已迁移
    Moved,
}

impl SiteStatus {
    /// Whether the site is patrolled: what is closed or moved is only asked whether it still answers.
    pub fn is_patrolled(self) -> bool {
        !matches!(self, Self::Closed | Self::Moved)
    }
}

/// A column (栏目) of `columns.csv`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// 标识码 of its site.
    pub site: String,
    /// 栏目: its name, with its parents' where given: `政务公开-规划计划`.
    pub name: String,
    /// 网址.
    pub url: url::Url,
    /// 类别; `None` where the file leaves it to be guessed from the name.
    pub class: Option<ColumnClass>,
    /// 级: 1 for 一级栏目.
    pub level: Option<u8>,
    /// 更新周期 in days.
    pub cycle_days: Option<u16>,
    /// 内容保障单位: the unit that answers for its content.
    pub keeper: Option<String>,
}

/// A counterfeit of a registered site (假冒政府网站), found by people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counterfeit {
    /// 网址.
    pub url: url::Url,
    /// 标识码 of the site that it imitates.
    pub site: String,
    /// 发现日期.
    pub found: NaiveDate,
    /// 移送情况, as written.
    pub reported: String,
    /// 处置日期; `None` while nothing came of it.
    pub handled: Option<NaiveDate>,
    /// 处置结果, as written.
    pub outcome: String,
}

/// A title that superiors want reposted or linked to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repost {
    /// 标题.
    pub title: String,
    /// 发布日期.
    pub date: NaiveDate,
    /// 来源, as written.
    pub source: String,
    /// 网址 of the original.
    pub url: Option<url::Url>,
}

/// A message over 我为政府网站找错.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicReport {
    /// 标识码 of its site.
    pub site: String,
    /// 收到日期.
    pub received: NaiveDate,
    /// 答复日期; `None` while it waits.
    pub answered: Option<NaiveDate>,
    /// 编号, as written; may be empty.
    pub number: String,
    /// 内容, on one line; may be empty.
    pub about: String,
}

/// 报备不计入: a defect that is accounted for within a window of days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exemption {
    /// Rule id, or [`EVERY_RULE`]: a maintenance or an offline time that was declared.
    pub rule: String,
    /// URL, 标识码 or column URL it holds for; a trailing `*` makes it a prefix.
    pub target: String,
    /// Reason.
    pub reason: String,
    /// First day on which it holds; `None` where it holds from ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<NaiveDate>,
    /// Last day on which it holds.
    pub until: NaiveDate,
    /// Where it stands: `exemptions.csv:4`.
    pub origin: String,
}

/// In place of a rule's id: whatever is found there within the window, but for what is never accounted for
/// ([`is_sensitive`](crate::finding::is_sensitive)).
pub const EVERY_RULE: &str = "*";

/// The whole register, checked: every reference leads somewhere.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registry {
    /// Units in protocol order.
    pub units: Vec<Unit>,
    /// Sites in file order.
    pub sites: Vec<Site>,
    /// Columns in file order.
    pub columns: Vec<Column>,
    /// Exemptions in file order.
    pub exemptions: Vec<Exemption>,
    /// Counterfeits in file order.
    #[serde(default)]
    pub counterfeits: Vec<Counterfeit>,
    /// Titles to be reposted, in file order.
    #[serde(default)]
    pub reposts: Vec<Repost>,
    /// Messages over 我为政府网站找错, in file order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub public_reports: Vec<PublicReport>,
    /// New-media accounts in file order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<Account>,
}

impl Registry {
    /// The unit of this full name.
    pub fn unit(&self, name: &str) -> Option<&Unit> {
        self.units.iter().find(|unit| unit.name == name)
    }

    /// The site of this 标识码, in any case.
    pub fn site(&self, code: &str) -> Option<&Site> {
        self.sites.iter().find(|site| site.code.eq_ignore_ascii_case(code))
    }

    /// The account of this key.
    pub fn account(&self, key: &str) -> Option<&Account> {
        self.accounts.iter().find(|account| account.key() == key)
    }

    /// The columns of a site, in file order.
    pub fn columns_of<'r>(&'r self, code: &'r str) -> impl Iterator<Item = &'r Column> {
        self.columns.iter().filter(move |column| column.site.eq_ignore_ascii_case(code))
    }

    /// Where a unit stands in protocol order, from 0; last for one that is not registered.
    pub fn protocol_order(&self, name: &str) -> usize {
        self.units.iter().position(|unit| unit.name == name).unwrap_or(self.units.len())
    }

    /// The first exemption that covers a defect on `day`: of its rule, and for its site, its URL or its column.
    pub fn exempt(
        &self,
        rule: &str,
        site: &str,
        url: &str,
        column: Option<&str>,
        day: NaiveDate,
    ) -> Option<&Exemption> {
        let declared = !crate::finding::is_sensitive(rule);
        self.exemptions.iter().find(|exemption| {
            (exemption.rule == rule || (declared && exemption.rule == EVERY_RULE))
                && exemption.holds_on(day)
                && exemption.covers(site, url, column)
        })
    }

    /// Rows for people of what was accounted for on any day from `from` to `until`: 问题类型, 对象, 理由, 有效期. `title` names
    /// a rule.
    pub fn declared(
        &self,
        from: NaiveDate,
        until: NaiveDate,
        title: impl Fn(&str) -> Option<String>,
    ) -> Vec<[String; 4]> {
        let holds = |one: &&Exemption| one.from.is_none_or(|first| first <= until) && from <= one.until;
        let row = |one: &Exemption| {
            let kind = match one.rule.as_str() {
                EVERY_RULE => "全部（维护、临时下线等）".to_owned(),
                rule => title(rule).unwrap_or_else(|| rule.to_owned()),
            };
            let whose = self.site(&one.target).map(|site| site.name.clone());
            let whose = whose.or_else(|| self.account(&one.target).map(Account::printed));
            [kind, whose.unwrap_or_else(|| one.target.clone()), one.reason.clone(), one.window()]
        };
        self.exemptions.iter().filter(holds).map(row).collect()
    }

    /// Exemptions whose last day lies before `day`: to be told, and to be taken out of the file.
    pub fn lapsed(&self, day: NaiveDate) -> impl Iterator<Item = &Exemption> {
        self.exemptions.iter().filter(move |exemption| exemption.until < day)
    }

    /// SHA-256 in hex of what the register says, without the places in the files. Stored with each run.
    ///
    /// # Panics
    /// Never: plain values always serialise.
    pub fn hash(&self) -> String {
        let mut canonical = self.clone();
        for exemption in &mut canonical.exemptions {
            exemption.origin.clear();
        }
        for account in &mut canonical.accounts {
            account.origin.clear();
        }
        let canonical = serde_json::to_vec(&canonical).expect("plain values serialise");
        crate::finding::hex(&Sha256::digest(canonical))
    }
}

impl Exemption {
    /// Whether it holds on `day`: both its first and its last day belong to it.
    pub fn holds_on(&self, day: NaiveDate) -> bool {
        self.from.is_none_or(|from| from <= day) && day <= self.until
    }

    /// Whether some day belongs to both windows.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.from.is_none_or(|from| from <= other.until) && other.from.is_none_or(|from| from <= self.until)
    }

    /// Its window as printed: `2026-11-10至2026-11-12`, `至2026-12-31`.
    pub fn window(&self) -> String {
        format!("{}至{}", self.from.map(|day| day.to_string()).unwrap_or_default(), self.until)
    }

    /// Whether the target names this site, this URL or this column.
    fn covers(&self, site: &str, url: &str, column: Option<&str>) -> bool {
        if self.target.eq_ignore_ascii_case(site) {
            return true;
        }
        let mut places = std::iter::once(url).chain(column);
        match self.target.strip_suffix('*') {
            Some(prefix) => places.any(|place| route::is_under(prefix, place)),
            None => places.any(|place| route::is_same_place(&self.target, place)),
        }
    }
}
