//! What judging yields: [`Finding`] (one defect, one place) or [`Gap`] (one thing not seen, and why).
//! Owns the words both are told in; knows no check and no rule file.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::calendar::Instant8;
use crate::exchange::{Exchange, FetchError, Hop};

/// `Ok([])` pass, `Ok([..])` fail, `Err(gap)` inconclusive: `?` on a `Seen` is the three-valued logic.
pub type Seen<T> = Result<T, Gap>;

/// One thing that could not be seen, and why. Neither opens nor closes a case; shown in every report.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Gap {
    /// What was not seen: a URL, a host, or a part of a page.
    pub subject: String,
    /// Why, as a stable word: `needs-render`, `blocked`, `robots`, `timeout`, `no-ipv6-here`, `not-mapped` …
    pub why: String,
}

impl Gap {
    /// A gap over `subject` for the reason `why`.
    pub fn new(subject: impl Into<String>, why: impl Into<String>) -> Self {
        Self { subject: subject.into(), why: why.into() }
    }
}

/// What a finding is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SubjectKind {
    /// The whole site (网站).
    Site,
    /// The home page (首页).
    Home,
    /// A column (栏目).
    Column,
    /// One page.
    Page,
    /// One link target (链接).
    Link,
    /// A new-media account (政务新媒体账号).
    Account,
}

/// Where a finding belongs: the key for routing and the words for 栏目（页面）位置.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Subject {
    /// What it is.
    pub kind: SubjectKind,
    /// The site's 标识码; its host where no register is in use; an account's key.
    pub site: String,
    /// The site's or account's name as registered; its host where no register is in use.
    pub site_name: String,
    /// 栏目（页面）位置 as a list prints it: `政务公开-规划计划`, `全站底部模板`, `首页`.
    pub place: String,
    /// The column's URL where the subject lies in a column: what routes to its 内容保障单位.
    pub column: Option<String>,
}

/// How far one cause reaches; decides who is asked to mend it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "reach", content = "pages")]
pub enum Cause {
    /// It stands in a template: this many pages carry it, one edit mends all.
    Template(u32),
    /// It stands on several pages, in no template.
    Several(u32),
    /// One page.
    Single,
}

impl Cause {
    /// How many pages carry it.
    pub fn pages(self) -> u32 {
        match self {
            Self::Template(n) | Self::Several(n) => n,
            Self::Single => 1,
        }
    }
}

/// 处置要求.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// 立行立改: to be mended at once.
    Immediate,
    /// 限期整改: to be mended by a date.
    Deadline,
    /// 提示: worth knowing, not counted, no deadline.
    Advisory,
}

/// How the indicator counts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// One is enough: 单项否决.
    Veto,
    /// Counts towards a 单项否决 indicator.
    VetoCount,
    /// 扣分.
    Deduction,
    /// Not in the official score.
    Advisory,
}

/// How sure the fact behind a finding is, apart from how often it was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// A person should look before anyone is told.
    Low,
    /// Likely.
    Medium,
    /// As sure as a careful reader.
    High,
}

/// Whether the looks the rule asks for have all been taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// 疑似: seen once, or a person must judge. Never enters a list that is sent.
    Suspected,
    /// Seen on every look the rule asks for.
    Confirmed,
}

/// One look at the subject: what a webmaster is shown when he disputes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    /// When.
    pub at: Instant8,
    /// The URL asked for.
    pub url: String,
    /// Redirects on the way.
    pub hops: Vec<Hop>,
    /// The address that answered.
    pub addr: Option<String>,
    /// The final status, where one came.
    pub status: Option<u16>,
    /// The error, where none came.
    pub error: Option<FetchError>,
    /// Response headers.
    pub headers: Vec<(String, String)>,
    /// SHA-256 of the body in hex: the key of the stored snapshot; empty where there is none.
    pub body_sha256: String,
}

impl Look {
    /// The look that an exchange was.
    pub fn of(exchange: &Exchange) -> Self {
        let reply = exchange.outcome.as_ref().ok();
        Self {
            at: exchange.at,
            url: exchange.url.clone(),
            hops: exchange.hops.clone(),
            addr: reply.and_then(|reply| reply.addr).map(|addr| addr.to_string()),
            status: reply.map(|reply| reply.status),
            error: exchange.outcome.as_ref().err().cloned(),
            headers: reply.map(|reply| reply.headers.clone()).unwrap_or_default(),
            body_sha256: reply.map(|reply| reply.body_sha256.clone()).unwrap_or_default(),
        }
    }
}

/// What supports a finding, complete enough to derive it again without the network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The looks, oldest first.
    pub looks: Vec<Look>,
    /// The passage that shows it: the link's text and surroundings, the newest row of a list.
    pub excerpt: String,
    /// Last update as read, `YYYY-MM-DD`, for what is stale.
    pub last_update: Option<String>,
}

/// A stable identity: the same problem of the same subject has it in every run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Fingerprint(pub String);

impl Fingerprint {
    /// SHA-256 over site, rule id and canonical subject, in hex, cut to 32 digits.
    pub fn of(site: &str, rule: &str, subject: &str) -> Self {
        let mut hash = Sha256::new();
        for part in [site, rule, subject] {
            hash.update(part.as_bytes());
            hash.update([0]);
        }
        Self(hex(&hash.finalize()).chars().take(32).collect())
    }
}

/// Whether findings of this rule are of the kind that is told by separate letter, never accounted for by a general
/// declaration and never shown in a collective list: personal data, hidden links, tampering.
pub fn is_sensitive(rule: &str) -> bool {
    rule.ends_with("-leak")
        || rule.starts_with("hidden-")
        || rule.starts_with("tamper")
        || rule.starts_with("leaked-")
}

/// Bytes in lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// One defect in one place, with all that lists, letters and routing need of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The rule's id, which names the defect: `broken-link`, `stale-news-column`.
    pub rule: String,
    /// 问题类型 as printed: `断链`, `空白栏目`.
    pub title: String,
    /// 对应指标 as printed: `单项否决-栏目不更新`.
    pub indicator: String,
    /// 处置要求.
    pub severity: Severity,
    /// How the indicator counts it.
    pub class: Class,
    /// Where it belongs.
    pub subject: Subject,
    /// 问题描述: one or two plain sentences.
    pub description: String,
    /// What to do about it.
    pub remedy: String,
    /// 问题链接: for links the target as linked, resolved, without fragment; otherwise the subject's page.
    pub url: String,
    /// 所在页面: the first page that carries it.
    pub page: Option<String>,
    /// How far the cause reaches.
    pub cause: Cause,
    /// True for old stock (存量): it stands only in articles older than the rule's age.
    pub stock: bool,
    /// How sure the fact is.
    pub confidence: Confidence,
    /// Whether it is confirmed.
    pub state: State,
    /// What supports it.
    pub evidence: Evidence,
    /// Its identity across runs.
    pub fingerprint: Fingerprint,
}
