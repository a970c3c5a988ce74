//! What is known of one new-media account (政务新媒体账号): what each source answered, and how far the answer reaches.
//!
//! A post that any source saw was published. That nothing was published can only be said by a source that was well, that
//! lists everything, and that says up to which day it does: [`AccountFacts::silence`].

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::answer::Answer;
use crate::calendar::Instant8;
use crate::finding::Look;

/// 平台.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Platform {
    /// 微信公众号
    Wechat,
    /// 微信视频号
    Channels,
    /// 微博
    Weibo,
    /// 抖音
    Douyin,
    /// 快手
    Kuaishou,
    /// 今日头条
    Toutiao,
    /// 百家号
    Baijiahao,
    /// B站
    Bilibili,
    /// 小红书
    Xiaohongshu,
    /// 微信小程序
    WechatMini,
    /// 支付宝小程序
    AlipayMini,
    /// APP
    App,
    /// 其他
    Other,
}

impl Platform {
    /// Every platform, in the order of lists.
    pub const ALL: [Self; 13] = [
        Self::Wechat,
        Self::Channels,
        Self::Weibo,
        Self::Douyin,
        Self::Kuaishou,
        Self::Toutiao,
        Self::Baijiahao,
        Self::Bilibili,
        Self::Xiaohongshu,
        Self::WechatMini,
        Self::AlipayMini,
        Self::App,
        Self::Other,
    ];

    /// As printed: `微信公众号`.
    pub fn label(self) -> &'static str {
        match self {
            Self::Wechat => "微信公众号",
            Self::Channels => "微信视频号",
            Self::Weibo => "微博",
            Self::Douyin => "抖音",
            Self::Kuaishou => "快手",
            Self::Toutiao => "今日头条",
            Self::Baijiahao => "百家号",
            Self::Bilibili => "B站",
            Self::Xiaohongshu => "小红书",
            Self::WechatMini => "微信小程序",
            Self::AlipayMini => "支付宝小程序",
            Self::App => "APP",
            Self::Other => "其他",
        }
    }

    /// The word by which rules and keys call it: `wechat`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Wechat => "wechat",
            Self::Channels => "channels",
            Self::Weibo => "weibo",
            Self::Douyin => "douyin",
            Self::Kuaishou => "kuaishou",
            Self::Toutiao => "toutiao",
            Self::Baijiahao => "baijiahao",
            Self::Bilibili => "bilibili",
            Self::Xiaohongshu => "xiaohongshu",
            Self::WechatMini => "wechat-mini",
            Self::AlipayMini => "alipay-mini",
            Self::App => "app",
            Self::Other => "other",
        }
    }

    /// Whether it is a program that people use and not a channel that publishes: the two-week rule asks posts of channels
    /// alone.
    pub fn is_program(self) -> bool {
        matches!(self, Self::WechatMini | Self::AlipayMini | Self::App)
    }
}

/// Where evidence of an account comes from: the rungs of the ladder, in order of expected use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// 导出表: a platform's, a vendor's or the provincial system's table.
    Export,
    /// 链接: the newest article's public address as the liaison named it, fetched once.
    Attested,
    /// 人工: a person's checklist row, dated and signed.
    Person,
    /// 接口: the platform's interface for the owner of the account.
    OwnerApi,
    /// 订阅源: RSS, Atom, JSON Feed. Hints only.
    Feed,
}

impl Source {
    /// As printed: `导出表`.
    pub fn label(self) -> &'static str {
        match self {
            Self::Export => "导出表",
            Self::Attested => "报送链接",
            Self::Person => "人工核查",
            Self::OwnerApi => "平台接口",
            Self::Feed => "订阅源",
        }
    }

    /// Whether such a source, being well, can prove that nothing was published.
    pub fn can_prove_silence(self) -> bool {
        self != Self::Feed
    }
}

/// How a source was when it answered.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "is", content = "why", rename_all = "kebab-case")]
pub enum Health {
    /// It answered, and lists everything from [`AccountFacts::from`] to [`AccountFacts::until`].
    Ok,
    /// It says of itself, or its dates say, that it lags behind.
    Late,
    /// It lists some of what was published: what it has counts, what it lacks proves nothing.
    Partial,
    /// Nothing can be taken from it, as a stable word: `timeout`, `quota`, `no-right`, `token`, `empty-feed`, `frozen`,
    /// `other-account`, `unreadable`, `not-listed`, `unsigned` …
    Broken(String),
}

/// One thing published.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Post {
    /// When, where the source gives a time; its day is [`Self::day`].
    pub at: Option<Instant8>,
    /// The day in +08:00.
    pub day: NaiveDate,
    /// Its title, or its first words.
    pub title: String,
    /// Its public address, where there is one.
    pub url: Option<String>,
}

impl Post {
    /// Something published at an instant.
    pub fn at(at: Instant8, title: impl Into<String>, url: Option<String>) -> Self {
        Self { at: Some(at), day: at.date_naive(), title: title.into(), url }
    }

    /// Something published on a day.
    pub fn on(day: NaiveDate, title: impl Into<String>, url: Option<String>) -> Self {
        Self { at: None, day, title: title.into(), url }
    }
}

/// How many posts a source counts over some days, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Count {
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub until: NaiveDate,
    /// Posts.
    pub posts: u32,
}

/// Whether people can get an answer there; `None` where nobody said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Interaction {
    /// A menu or an entrance for questions.
    pub menu: Option<bool>,
    /// A reply to messages, automatic or by people.
    pub reply: Option<bool>,
    /// True where a person tried it, or the platform's interface says so: what is only declared confirms nothing.
    pub tried: bool,
}

/// A link that the account offers: in its menu, or in a post.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offered {
    /// Where it leads.
    pub url: String,
    /// Its text.
    pub text: String,
    /// What it answered, where it was asked.
    pub answer: Option<Answer>,
}

/// What one source said of one account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountFacts {
    /// Which rung.
    pub source: Source,
    /// Where it was read, as printed: `导出表 wx-1116.xlsx 第 7 行`, an address, an interface's name. Never a secret.
    pub origin: String,
    /// When the source answered: when the file was exported, the page was fetched, the person signed.
    pub answered_at: Option<Instant8>,
    /// How it was.
    pub health: Health,
    /// The account's name as the source gives it.
    pub name: Option<String>,
    /// First day from which on everything published is listed; `None`: from the newest post on.
    pub from: Option<NaiveDate>,
    /// Last day up to which everything published is listed; `None`: the source does not say, and proves no silence.
    pub until: Option<NaiveDate>,
    /// What was published, newest first; may be the newest alone.
    pub posts: Vec<Post>,
    /// Posts over a period, where it is told as a number.
    pub count: Option<Count>,
    /// Interaction.
    pub interaction: Interaction,
    /// Followers (粉丝数), where told.
    pub followers: Option<u64>,
    /// Whether an APP or mini program could be got and opened, where somebody or something tried.
    pub usable: Option<bool>,
    /// Whether a person saw commercial advertising there, and what.
    pub commercial: Option<(bool, String)>,
    /// Links that it offers.
    pub links: Vec<Offered>,
    /// SHA-256 of what was read, in hex; empty where there is none.
    pub sha256: String,
    /// What was asked and answered on the network.
    pub looks: Vec<Look>,
}

impl AccountFacts {
    /// An answer that holds nothing yet.
    pub fn new(source: Source, origin: impl Into<String>, health: Health) -> Self {
        Self {
            source,
            origin: origin.into(),
            answered_at: None,
            health,
            name: None,
            from: None,
            until: None,
            posts: Vec::new(),
            count: None,
            interaction: Interaction::default(),
            followers: None,
            usable: None,
            commercial: None,
            links: Vec::new(),
            sha256: String::new(),
            looks: Vec::new(),
        }
    }

    /// The newest post not later than `as_of`: a date in the future is a slip or a plan.
    pub fn newest(&self, as_of: NaiveDate) -> Option<&Post> {
        let posts = self.posts.iter().filter(|post| post.day <= as_of);
        posts.max_by_key(|post| (post.day, post.at))
    }

    /// The days over which it proves that nothing was published, up to its end: the day of the newest post (or, where it
    /// lists none, the day before its first) and the last day. `None` where it proves nothing.
    pub fn silence(&self, as_of: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
        if self.health != Health::Ok || !self.source.can_prove_silence() {
            return None;
        }
        let until = self.until?.min(as_of);
        // A post of a later day shows that dates are not to be relied on, or that the source knows what is planned.
        if self.posts.iter().any(|post| post.day > as_of) {
            return None;
        }
        let since = match (self.newest(as_of), self.from) {
            (Some(post), _) => post.day,
            (None, Some(from)) => from.pred_opt()?,
            (None, None) => return None,
        };
        (since < until).then_some((since, until))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, day).expect("a date")
    }

    fn export(posts: &[u32]) -> AccountFacts {
        AccountFacts {
            until: Some(day(16)),
            posts: posts.iter().map(|d| Post::on(day(*d), "a", None)).collect(),
            ..AccountFacts::new(Source::Export, "t.xlsx", Health::Ok)
        }
    }

    #[test]
    fn silence_reaches_no_further_than_its_source() {
        let as_of = day(20);
        assert_eq!(export(&[1, 2]).silence(as_of), Some((day(2), day(16))));
        let listed = AccountFacts { from: Some(day(1)), ..export(&[]) };
        assert_eq!(listed.silence(as_of).map(|(_, until)| until), Some(day(16)));
        for nothing in [
            export(&[]),
            export(&[2, 25]),
            export(&[16]),
            AccountFacts { until: None, ..export(&[2]) },
            AccountFacts { source: Source::Feed, ..export(&[2]) },
            AccountFacts { health: Health::Late, ..export(&[2]) },
            AccountFacts { health: Health::Partial, ..export(&[2]) },
            AccountFacts { health: Health::Broken("quota".to_owned()), ..export(&[2]) },
        ] {
            assert_eq!(nothing.silence(as_of), None, "{nothing:?}");
        }
    }

    #[test]
    fn words_and_labels_are_distinct() {
        let words: std::collections::BTreeSet<_> = Platform::ALL.iter().map(|p| p.word()).collect();
        let labels: std::collections::BTreeSet<_> = Platform::ALL.iter().map(|p| p.label()).collect();
        assert_eq!((words.len(), labels.len()), (Platform::ALL.len(), Platform::ALL.len()));
    }
}
