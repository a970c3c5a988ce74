//! A new-media account (政务新媒体账号) of the register, and where evidence of it is to be had.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::facts::account::{Platform, Source};

/// An account of `accounts.csv`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// 平台.
    pub platform: Platform,
    /// 平台名称 as written, where the platform is 其他.
    pub platform_name: String,
    /// 账号名称.
    pub name: String,
    /// 账号ID: the platform's own identifier (`gh_…`, a Weibo uid); empty where not known.
    pub platform_id: String,
    /// 主管单位.
    pub supervisor: Option<String>,
    /// 主办单位: answers for what is published.
    pub host_unit: Option<String>,
    /// 责任单位: answers in the host's place, where another does.
    pub responsible: Option<String>,
    /// 状态.
    pub status: AccountStatus,
    /// 备案编号; empty where there is none.
    pub filing: String,
    /// 开设时间.
    pub opened: Option<NaiveDate>,
    /// 注销时间.
    pub closed: Option<NaiveDate>,
    /// Declared: a menu or an entrance for questions.
    pub menu: Option<bool>,
    /// Declared: messages are answered.
    pub reply: Option<bool>,
    /// 信息类账号 or one that only serves: `false` takes it out of the two-week rule (`不发布信息`), for programs.
    pub publishes: bool,
    /// 标识码 of the site whose important titles it is to carry, too.
    pub site: Option<String>,
    /// 下载或访问地址 of an APP or a mini program; the home page of the account elsewhere.
    pub address: Option<url::Url>,
    /// Where evidence is to be had, in order of preference.
    pub sources: Vec<SourceSpec>,
    /// Where it stands: `accounts.csv:4`.
    pub origin: String,
}

impl Account {
    /// The key under which findings, exemptions and stored facts know it: `wechat:gh_0123`, by name where the platform's
    /// identifier is not known.
    pub fn key(&self) -> String {
        let id = if self.platform_id.is_empty() { &self.name } else { &self.platform_id };
        format!("{}:{id}", self.platform.word())
    }

    /// As lists print it: `示例交通（微信公众号）`.
    pub fn printed(&self) -> String {
        format!("{}（{}）", self.name, self.platform_label())
    }

    /// The platform as printed.
    pub fn platform_label(&self) -> &str {
        if self.platform == Platform::Other && !self.platform_name.is_empty() {
            &self.platform_name
        } else {
            self.platform.label()
        }
    }
}

/// 状态 of an account. Only [`Cancelled`](Self::Cancelled) ends the two-week rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AccountStatus {
    /// 正常运行
    Running,
    /// 申请关停
    ClosingRequested,
    /// 关停公告中
    ClosingAnnounced,
    /// 已注销
    Cancelled,
}

impl AccountStatus {
    /// As printed.
    pub fn label(self) -> &'static str {
        match self {
            Self::Running => "正常运行",
            Self::ClosingRequested => "申请关停",
            Self::ClosingAnnounced => "关停公告中",
            Self::Cancelled => "已注销",
        }
    }
}

/// One source of evidence as the register names it: `导出表`, `链接 https://…`, `人工`, `接口 shili-jt`, `订阅 https://…`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SourceSpec {
    /// Which rung.
    pub kind: Source,
    /// What stands after it: the address of an article or a feed, the name under which credentials are kept; empty where
    /// it needs none.
    pub what: String,
    /// The day on which the unit named it (`链接 https://… 2026-11-16`): up to then the article was the newest.
    pub stated: Option<NaiveDate>,
}
