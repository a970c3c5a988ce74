//! The configuration as code uses it: parsed, checked, cheap to share. Defaults live in its `Default`s alone.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use chrono::{NaiveDate, NaiveTime};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::fault::Notice;
use super::scalar;
pub use super::webhook::{Robot, Webhook};
pub use crate::ledger::ladder::Ladder;

/// Everything `xuncha.toml` says, checked.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Config {
    /// `[office]`: who writes the letters.
    pub office: Office,
    /// `[papers]`: bulletins and orders.
    #[serde(skip_serializing_if = "Papers::is_default")]
    pub papers: Papers,
    /// `[crawl]`: politeness and budgets.
    pub crawl: CrawlPolicy,
    /// `[limits]`: what a single fetch or page may cost.
    pub limits: Limits,
    /// `[egress]`: what may be connected to.
    pub egress: EgressConfig,
    /// `[browser]`: the second reader; `None` where it is not used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub browser: Option<BrowserConfig>,
    /// `[rules]`.
    pub rules: RulesConfig,
    /// `[mail]`; `None` where no letters are sent by mail.
    pub mail: Option<MailConfig>,
    /// `[deadlines]`.
    pub deadlines: Deadlines,
    /// `[ladder]`.
    pub ladder: Ladder,
    /// `[[webhook]]`: robots of work groups.
    pub webhooks: Vec<Webhook>,
    /// `[accounts]`: how new-media accounts are asked about.
    pub accounts: AccountsConfig,
    /// Folder of `ledger.db`, `facts.db` and everything the program writes.
    #[serde(skip)]
    pub state_dir: PathBuf,
    /// Folder of the register's files.
    #[serde(skip)]
    pub registry_dir: PathBuf,
    /// Folder of the evidence of new-media accounts: export tables, checklists.
    #[serde(skip)]
    pub evidence_dir: PathBuf,
    /// `holidays.toml`.
    #[serde(skip)]
    pub holidays: PathBuf,
    /// What should be known about the file and stops nothing.
    #[serde(skip)]
    pub notices: Vec<Notice>,
}

impl Config {
    /// SHA-256 in hex of what the configuration says: every value, the defaults included, without secrets,
    /// comments and places on disk. Stored with each run.
    ///
    /// # Panics
    /// Never: plain values always serialise.
    pub fn hash(&self) -> String {
        let canonical = serde_json::to_vec(self).expect("plain values serialise");
        crate::finding::hex(&Sha256::digest(canonical))
    }
}

/// Who signs and who is asked back. Required before the first letter.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Office {
    /// 落款: `示例市人民政府办公室政务公开科`.
    pub signature: String,
    /// The area in titles: `示例市`.
    pub area: String,
    /// 联系人.
    pub contact: String,
    /// 联系电话.
    pub phone: String,
    /// Reply address.
    pub reply_to: String,
}

/// How bulletins and orders name the office. All of it may be left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Papers {
    /// 发文机关: `示例市人民政府办公室`.
    pub issuer: String,
    /// 代字 of the 文号: `示府办函`.
    pub number: String,
    /// 代字 of a 整改通知书: `示网新改`.
    pub notice_number: String,
    /// 代字 of a 督办单: `示网新督`.
    pub order_number: String,
    /// 主送机关 of a bulletin, with its colon.
    pub recipients: String,
    /// What a bulletin begins with: `按照…要求`.
    pub basis: String,
}

impl Papers {
    /// Whether nothing is set: the configuration's hash is then what it was before there were papers.
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// How fast and how much.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CrawlPolicy {
    /// User-Agent product, e.g. `xuncha/0.1`; the contact is appended.
    pub user_agent: String,
    /// Where a webmaster can reach the office: URL or mail address, put into the User-Agent.
    pub contact: String,
    /// Requests per second to one host.
    pub rate_per_host: f64,
    /// Requests per second to one group of hosts on one address.
    pub rate_per_group: f64,
    /// Connections to one host at a time.
    pub connections_per_host: usize,
    /// Fetches under way in all.
    pub concurrency: usize,
    /// Hours in which the crawl may run, +08:00, from (inclusive) to (exclusive); an end not after its
    /// beginning lies on the next day; empty = always.
    pub windows: Vec<(NaiveTime, NaiveTime)>,
    /// Days on which nothing is fetched.
    pub quiet_dates: Vec<NaiveDate>,
    /// Pages read per site; `None` = no limit.
    pub max_pages: Option<u64>,
    /// Clicks from the home page.
    pub max_depth: u16,
    /// Decoded bytes per site; `None` = no limit.
    pub max_bytes: Option<u64>,
    /// URLs per trap pattern.
    pub max_per_pattern: u32,
    /// Least time between the two looks that confirm a finding.
    pub confirm_apart: Duration,
    /// Whether external links are verified.
    pub check_external: bool,
    /// Pages of others that are up when anything is: asked before and after a look, they say whether our own network is
    /// well.
    pub witnesses: Vec<url::Url>,
    /// Links of each level below the home page that are asked for over IPv6, per site; 0 = only names are resolved.
    pub ipv6_links: u64,
}

impl Default for CrawlPolicy {
    fn default() -> Self {
        Self {
            user_agent: concat!("xuncha/", env!("CARGO_PKG_VERSION")).to_owned(),
            contact: String::new(),
            rate_per_host: 1.0,
            rate_per_group: 4.0,
            connections_per_host: 2,
            concurrency: 64,
            windows: Vec::new(),
            quiet_dates: Vec::new(),
            max_pages: Some(20_000),
            max_depth: 20,
            max_bytes: Some(4 << 30),
            max_per_pattern: 5_000,
            confirm_apart: Duration::from_hours(6),
            check_external: true,
            witnesses: Vec::new(),
            ipv6_links: 20,
        }
    }
}

/// What one fetch and one page may cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Limits {
    /// TCP and TLS.
    pub connect: Duration,
    /// From the request to the response head.
    pub first_byte: Duration,
    /// The whole fetch, redirects included.
    pub whole: Duration,
    /// Redirects followed.
    pub redirects: usize,
    /// Decoded bytes of a page.
    pub page_bytes: u64,
    /// Bytes of a target that is only verified.
    pub probe_bytes: u64,
    /// Bytes of an attachment whose text is read, where a rule asks for that.
    pub attachment_bytes: u64,
    /// Bytes of all attachments of a site that are read in one look.
    pub site_attachments: u64,
    /// Bytes of a URL.
    pub url_bytes: usize,
    /// CPU time for reading one page.
    pub parse: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            first_byte: Duration::from_secs(15),
            whole: Duration::from_mins(1),
            redirects: 10,
            page_bytes: 5 << 20,
            probe_bytes: 16 << 10,
            attachment_bytes: 4 << 20,
            site_attachments: 128 << 20,
            url_bytes: 4096,
            parse: Duration::from_millis(800),
        }
    }
}

/// What may be connected to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct EgressConfig {
    /// Private ranges opened for 政务外网; each opens every port inside it.
    pub allow_private: Vec<Cidr>,
    /// Ports beside 80 and 443.
    pub ports: Vec<u16>,
    /// HTTP proxy; what it hides (peer address, IPv6) becomes a gap.
    pub proxy: Option<url::Url>,
    /// `HOST:PORT:ADDR:PORT`: where connections to a name go. With any of these, names not mapped are never resolved.
    pub connect_to: Vec<ConnectTo>,
    /// Name servers to ask in place of the system's.
    pub dns: Vec<SocketAddr>,
}

/// An address range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct Cidr {
    /// Network address.
    pub addr: std::net::IpAddr,
    /// Prefix length in bits.
    pub bits: u8,
}

impl FromStr for Cidr {
    type Err = String;

    /// Reads `10.1.0.0/16`.
    fn from_str(text: &str) -> Result<Self, String> {
        scalar::cidr(text.trim())
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.addr, self.bits)
    }
}

/// One `--connect-to`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct ConnectTo {
    /// Host as it stands in URLs, lower case.
    pub host: String,
    /// Port in the URL.
    pub port: u16,
    /// Where the connection goes instead.
    pub to: SocketAddr,
}

impl FromStr for ConnectTo {
    type Err = String;

    /// Reads `HOST:PORT:ADDR:PORT`, IPv6 addresses in brackets.
    fn from_str(text: &str) -> Result<Self, String> {
        scalar::connect_to(text.trim())
    }
}

/// The browser that shows pages which scripts fill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BrowserConfig {
    /// The program: Debian's `chromium`.
    pub command: PathBuf,
    /// The longest that one page is waited for, waiting for our own politeness included.
    pub whole: Duration,
    /// Requests of one page.
    pub requests: u32,
    /// Pages of one site and look.
    pub pages: usize,
}

impl Default for BrowserConfig {
    fn default() -> Self {
        Self {
            command: PathBuf::from("/usr/bin/chromium"),
            whole: Duration::from_secs(90),
            requests: 60,
            pages: 50,
        }
    }
}

/// Which rules judge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RulesConfig {
    /// Folder of rule packs; `None` = the packs built into the binary.
    #[serde(skip)]
    pub dir: Option<PathBuf>,
    /// Packs in force, in this order.
    pub packs: Vec<String>,
}

impl Default for RulesConfig {
    fn default() -> Self {
        Self { dir: None, packs: vec!["national-2019".to_owned()] }
    }
}

/// How letters leave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MailConfig {
    /// Server name.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Encryption.
    pub security: MailSecurity,
    /// Login name; `None` = no login.
    pub user: Option<String>,
    /// Environment variable that holds the password.
    pub password_env: Option<String>,
    /// The password itself, already read from where `password-env` or `password-file` says.
    #[serde(skip)]
    pub password: Option<Secret>,
    /// From address.
    pub from: String,
    /// Domain of Message-IDs.
    pub domain: String,
    /// Time between two letters: a server that comes back after days is not flooded.
    pub letters_apart: Duration,
    /// Whether approved letters leave without a further command. Off by default.
    pub auto_send: bool,
}

/// A secret: it can be used, and neither printed nor stored by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The value, for the one call that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// How the connection to the mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub enum MailSecurity {
    /// TLS from the first byte (465).
    Tls,
    /// STARTTLS, required (587).
    StartTls,
    /// None: only towards loopback.
    Plain,
}

/// Working days until a problem must be mended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Deadlines {
    /// 限期整改.
    pub working_days: u16,
    /// 立行立改.
    pub immediate_days: u16,
    /// Rows in one unit's list.
    pub max_rows: usize,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self { working_days: 10, immediate_days: 1, max_rows: 50 }
    }
}

/// How new-media accounts are asked about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AccountsConfig {
    /// Interfaces that may be asked in their owners' names, from the file that `credentials` names.
    #[serde(skip)]
    pub credentials: Vec<Credential>,
    /// Whether robots.txt of the platforms holds for the pages and feeds that a register names, one by one.
    pub obey_robots: bool,
    /// How many days back an interface is asked that answers day by day.
    pub look_back_days: u16,
}

impl Default for AccountsConfig {
    fn default() -> Self {
        Self { credentials: Vec::new(), obey_robots: true, look_back_days: 30 }
    }
}

/// The right to ask one interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// The name under which the register refers to it.
    pub name: String,
    /// Which interface.
    pub kind: CredentialKind,
    /// `AppID` (WeChat) or `open_id` (Douyin); empty elsewhere.
    pub id: String,
    /// `AppSecret`, access token or key.
    pub secret: Secret,
    /// Where to ask, in place of the platform's own address; of `RSSHub` the instance.
    pub address: Option<url::Url>,
}

/// Interfaces that need credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CredentialKind {
    /// 微信公众号.
    Wechat,
    /// 微博.
    Weibo,
    /// 抖音.
    Douyin,
    /// An `RSSHub` instance with an access key.
    Rsshub,
}

impl CredentialKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Wechat, Self::Weibo, Self::Douyin, Self::Rsshub];

    /// As the file of credentials calls it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Wechat => "wechat",
            Self::Weibo => "weibo",
            Self::Douyin => "douyin",
            Self::Rsshub => "rsshub",
        }
    }
}
