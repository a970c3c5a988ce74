//! The checks: one file each, all listed in [`CHECKS`]. A check judges one subject as one look saw it, under the
//! parameters of one rule row; it knows no other subject, no other look and no rule id.
#![deny(clippy::disallowed_methods)]

mod app_unavailable;
mod bank_card_leak;
mod broken_link;
mod cancelled_alive;
mod certificate;
mod closed_site_alive;
mod commercial_content;
mod counterfeit;
mod due_publication;
mod duplicate_account;
mod empty_column;
mod expression;
mod faulty_attachment;
mod forbidden_text;
mod foreign_script;
mod gazette_gap;
mod hidden_link;
mod id_number_leak;
mod idle_account;
mod impossible_link;
mod inaccessible_element;
mod incomplete_ipv6;
mod lapsed_domain;
mod merge_candidate;
mod missing_annual_report;
mod missing_column;
mod missing_element;
mod missing_link;
mod missing_mark;
mod moved_site;
mod no_interaction;
mod no_ipv6;
mod no_repost;
mod no_review_line;
mod no_site_search;
mod not_archived_special;
mod outdated_mark;
mod overdue_column;
mod page_tag_fault;
mod phone_leak;
mod public_report;
mod redated_article;
mod slow_home;
mod soft_404;
mod stale_account;
mod stale_column;
mod stale_home;
mod stale_survey;
mod stopped_not_cancelled;
mod superseded_regulation;
mod thin_guide;
mod typo;
mod unanswered_message;
mod unlinked_interpretation;
mod unreachable_site;
mod unregistered_account;
mod unsafe_link;
mod unsynchronised;
mod wrong_domain;
mod wrong_site_code;

use std::ops::Range;

use chrono::{Datelike, NaiveDate};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeValue, Error, ValueDeserializer};

use crate::calendar::{is_over, long_date, month_day};
use crate::facts::account::AccountFacts;
use crate::facts::account_links::Unlisted;
use crate::facts::account_seen::AccountSeen;
use crate::facts::asked::{Ask, Contents};
use crate::facts::class::ColumnClass;
use crate::facts::identity::{Marks, Tags};
use crate::facts::page::LinkKind;
use crate::facts::personal::Personal;
use crate::facts::site::{Column, ForeignScript, HiddenLinks, Home, Link, Site};
use crate::facts::stray::Stray;
use crate::facts::wording::{Leaks, Wording};
use crate::finding::{Confidence, Gap, Seen};

/// Every check of the program. A check that is written and not listed here is dead code, which the build refuses.
pub static CHECKS: &[&dyn DynCheck] = &[
    &app_unavailable::AppUnavailable,
    &bank_card_leak::BankCardLeak,
    &broken_link::BrokenLink,
    &cancelled_alive::CancelledAlive,
    &certificate::Certificate,
    &closed_site_alive::ClosedSiteAlive,
    &commercial_content::CommercialContent,
    &counterfeit::Counterfeit,
    &due_publication::DuePublication,
    &duplicate_account::DuplicateAccount,
    &empty_column::EmptyColumn,
    &expression::Expression,
    &faulty_attachment::FaultyAttachment,
    &forbidden_text::ForbiddenText,
    &foreign_script::ForeignScriptCheck,
    &gazette_gap::GazetteGap,
    &hidden_link::HiddenLink,
    &id_number_leak::IdNumberLeak,
    &idle_account::IdleAccount,
    &impossible_link::ImpossibleLink,
    &inaccessible_element::InaccessibleElement,
    &incomplete_ipv6::IncompleteIpv6,
    &lapsed_domain::LapsedDomain,
    &merge_candidate::MergeCandidate,
    &missing_annual_report::MissingAnnualReport,
    &missing_column::MissingColumn,
    &missing_element::MissingElement,
    &missing_link::MissingLink,
    &missing_mark::MissingMark,
    &moved_site::MovedSite,
    &no_interaction::NoInteraction,
    &no_ipv6::NoIpv6,
    &no_repost::NoRepost,
    &no_review_line::NoReviewLine,
    &no_site_search::NoSiteSearch,
    &not_archived_special::NotArchivedSpecial,
    &outdated_mark::OutdatedMark,
    &overdue_column::OverdueColumn,
    &page_tag_fault::PageTagFault,
    &phone_leak::PhoneLeak,
    &public_report::PublicReport,
    &redated_article::RedatedArticle,
    &slow_home::SlowHome,
    &soft_404::Soft404,
    &stale_account::StaleAccount,
    &stale_column::StaleColumn,
    &stale_home::StaleHome,
    &stale_survey::StaleSurvey,
    &stopped_not_cancelled::StoppedNotCancelled,
    &superseded_regulation::SupersededRegulation,
    &thin_guide::ThinGuide,
    &typo::Typo,
    &unanswered_message::UnansweredMessage,
    &unlinked_interpretation::UnlinkedInterpretation,
    &unreachable_site::UnreachableSite,
    &unregistered_account::UnregisteredAccount,
    &unsafe_link::UnsafeLink,
    &unsynchronised::Unsynchronised,
    &wrong_domain::WrongDomain,
    &wrong_site_code::WrongSiteCode,
];

/// The check with the id `id`.
pub fn find(id: &str) -> Option<&'static dyn DynCheck> {
    CHECKS.iter().copied().find(|check| check.id() == id)
}

/// What one check says is wrong with its subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Defect {
    /// 问题描述: plain Chinese sentences, ended by a full stop.
    pub description: String,
    /// The passage that shows it.
    pub excerpt: String,
    /// Last update as read, for what is stale.
    pub last_update: Option<NaiveDate>,
    /// How sure the fact is.
    pub confidence: Confidence,
    /// True for old stock (存量).
    pub stock: bool,
    /// True where looks like this one never confirm it, however many: 疑似 at most.
    pub suspected: bool,
    /// Name and URL of the column it lies in, where the subject is wider than that.
    pub at: Option<(String, String)>,
}

impl Defect {
    /// A defect told in `description` and shown by `excerpt`.
    pub fn new(description: impl Into<String>, excerpt: impl Into<String>, confidence: Confidence) -> Self {
        let (description, excerpt) = (description.into(), excerpt.into());
        Self { description, excerpt, last_update: None, confidence, stock: false, suspected: false, at: None }
    }
}

/// What holds for all subjects of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Context {
    /// The day against which ages are computed.
    pub as_of: NaiveDate,
}

/// Any subject, before its type is known.
#[derive(Debug, Clone, Copy)]
pub enum SubjectRef<'a> {
    /// A site.
    Site(&'a Site),
    /// A home page.
    Home(&'a Home),
    /// A column.
    Column(&'a Column),
    /// A link target.
    Link(&'a Link),
    /// A page with hidden links.
    Page(&'a HiddenLinks),
    /// The marks of a site.
    Marks(&'a Marks),
    /// The page tags of a site.
    Tags(&'a Tags),
    /// An outside host whose scripts the site runs.
    Script(&'a ForeignScript),
    /// What a site holds of what was asked for.
    Contents(&'a Contents),
    /// An address beside the sites in operation that should not answer.
    Stray(&'a Stray),
    /// A new-media account.
    Account(&'a AccountSeen),
    /// An account that a site links to and the register lacks.
    Unlisted(&'a Unlisted),
    /// A form of a word list.
    Wording(&'a Wording),
    /// Numbers of persons on a page.
    Leaks(&'a Leaks),
}

impl SubjectRef<'_> {
    /// The word by which `applies` picks it; empty where its scope has none.
    pub fn word(self) -> &'static str {
        match self {
            Self::Site(Site { portal, .. })
            | Self::Marks(Marks { portal, .. })
            | Self::Tags(Tags { portal, .. })
            | Self::Contents(Contents { portal, .. }) => {
                if *portal {
                    "portal"
                } else {
                    "other"
                }
            }
            Self::Home(_) | Self::Page(_) | Self::Script(_) | Self::Stray(_) => "",
            Self::Account(account) => account.platform.word(),
            Self::Unlisted(found) => found.platform.word(),
            Self::Column(column) => match column.class {
                ColumnClass::News => "news",
                ColumnClass::Notice => "notice",
                ColumnClass::Policy => "policy",
                ColumnClass::Planning => "planning",
                ColumnClass::Personnel => "personnel",
                ColumnClass::Interaction => "interaction",
                ColumnClass::Service => "service",
                ColumnClass::Other => "other",
            },
            Self::Wording(wording) => match wording.list.as_str() {
                "never" => "never",
                "context" => "context",
                "forbidden" => "forbidden",
                "superseded" => "superseded",
                _ => "",
            },
            Self::Leaks(leaks) => match leaks.kind {
                Personal::IdNumber => "id-number",
                Personal::Mobile => "mobile",
                Personal::BankCard => "bank-card",
            },
            Self::Link(link) => match link.kind {
                LinkKind::Page => "page",
                LinkKind::Image => "image",
                LinkKind::Attachment => "attachment",
                LinkKind::Script => "script",
                LinkKind::Style => "style",
                LinkKind::Frame => "frame",
                LinkKind::Media => "media",
            },
        }
    }
}

/// A type that checks can judge. Scopes are types, not flags.
pub trait Scope {
    /// The scope's name in `applies`.
    const NAME: &'static str;
    /// The words `applies` may use to narrow it.
    const KINDS: &'static [&'static str];
    /// The subject as this type, where it is one.
    fn of(subject: SubjectRef<'_>) -> Option<&Self>;
}

macro_rules! scope {
    ($type:ty, $variant:ident, $name:literal, $kinds:expr) => {
        impl Scope for $type {
            const NAME: &'static str = $name;
            const KINDS: &'static [&'static str] = $kinds;
            fn of(subject: SubjectRef<'_>) -> Option<&Self> {
                if let SubjectRef::$variant(subject) = subject { Some(subject) } else { None }
            }
        }
    };
}
scope!(Site, Site, "site", &["portal", "other"]);
scope!(Home, Home, "home", &[]);
scope!(
    Column,
    Column,
    "column",
    &["news", "notice", "policy", "planning", "personnel", "interaction", "service", "other"]
);
scope!(Link, Link, "link", &["page", "image", "attachment", "script", "style", "frame", "media"]);
scope!(HiddenLinks, Page, "page", &[]);
scope!(Marks, Marks, "marks", &["portal", "other"]);
scope!(Tags, Tags, "tags", &["portal", "other"]);
scope!(ForeignScript, Script, "script", &[]);
scope!(Stray, Stray, "stray", &[]);
scope!(Contents, Contents, "contents", &["portal", "other"]);
scope!(AccountSeen, Account, "account", PLATFORMS);
scope!(Unlisted, Unlisted, "unlisted", PLATFORMS);

/// The words of platforms, as [`Platform::word`] has them.
const PLATFORMS: &[&str] = &[
    "wechat",
    "channels",
    "weibo",
    "douyin",
    "kuaishou",
    "toutiao",
    "baijiahao",
    "bilibili",
    "xiaohongshu",
    "wechat-mini",
    "alipay-mini",
    "app",
    "other",
];
scope!(Wording, Wording, "wording", &["never", "context", "forbidden", "superseded"]);
scope!(Leaks, Leaks, "leaks", &["id-number", "mobile", "bank-card"]);

/// A check: what it judges, by which parameters, and how.
pub trait Check: Sync + 'static {
    /// What it judges.
    type Subject: Scope;
    /// What a rule row may set.
    type Params: DeserializeOwned + Send + Sync + 'static;
    /// Its id, the name of its file with dashes.
    const ID: &'static str;
    /// Its documentation in Markdown; the first line is its title.
    const DOC: &'static str;
    /// Judges one subject as one look saw it.
    ///
    /// # Errors
    /// The [`Gap`] where the look does not tell.
    fn run(subject: &Self::Subject, params: &Self::Params, cx: Context) -> Seen<Vec<Defect>>;
    /// What it wants to know of a site beside what is folded anyway.
    fn asks(_: &Self::Params) -> Vec<Ask> {
        Vec::new()
    }
}

/// A [`Check`] whose types are erased, so that checks stand in one list.
pub trait DynCheck: Sync {
    /// The check's id.
    fn id(&self) -> &'static str;
    /// The check's documentation.
    fn doc(&self) -> &'static str;
    /// The scope's name and the words that narrow it.
    fn scope(&self) -> (&'static str, &'static [&'static str]);
    /// All scopes it can judge, where a rule row chooses among several; otherwise the one.
    fn scopes(&self) -> Vec<(&'static str, &'static [&'static str])> {
        vec![self.scope()]
    }
    /// The check joined to the parameters of one rule row.
    ///
    /// # Errors
    /// What is wrong with the parameters, each with its place in the text they were read from.
    fn bind(&self, params: Spanned<DeValue<'_>>) -> Result<Box<dyn Bound>, Vec<BindFault>>;
}

/// What is wrong with a rule row's parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BindFault {
    /// Where in the file, in bytes; `None` = the parameters as a whole.
    pub span: Option<Range<usize>>,
    /// Where within the text of the value that stands there, in bytes; `None` = the value itself.
    pub inside: Option<usize>,
    /// What is wrong.
    pub message: String,
}

impl From<Error> for BindFault {
    fn from(error: Error) -> Self {
        let span = error.span().filter(|span| *span != (0..0));
        Self { span, inside: None, message: error.message().to_owned() }
    }
}

/// A check with its parameters.
pub trait Bound: Send + Sync {
    /// Judges one subject; `None` where it is of another scope.
    fn run(&self, subject: SubjectRef<'_>, cx: Context) -> Option<Seen<Vec<Defect>>>;
    /// What it wants to know of a site beside what is folded anyway.
    fn asks(&self) -> Vec<Ask> {
        Vec::new()
    }
}

impl<C: Check> DynCheck for C {
    fn id(&self) -> &'static str {
        C::ID
    }

    fn doc(&self) -> &'static str {
        C::DOC
    }

    fn scope(&self) -> (&'static str, &'static [&'static str]) {
        (C::Subject::NAME, C::Subject::KINDS)
    }

    fn bind(&self, params: Spanned<DeValue<'_>>) -> Result<Box<dyn Bound>, Vec<BindFault>> {
        let params = C::Params::deserialize(ValueDeserializer::from(params))
            .map_err(|error| vec![BindFault::from(error)])?;
        Ok(Box::new(WithParams::<C>(params)))
    }
}

struct WithParams<C: Check>(C::Params);

impl<C: Check> Bound for WithParams<C> {
    fn run(&self, subject: SubjectRef<'_>, cx: Context) -> Option<Seen<Vec<Defect>>> {
        C::Subject::of(subject).map(|subject| C::run(subject, &self.0, cx))
    }

    fn asks(&self) -> Vec<Ask> {
        C::asks(&self.0)
    }
}

/// Declares a check: its documentation, name, id, subject, parameters, function and, where it asks for more than is
/// folded anyway, the function that says what.
macro_rules! check {
    ($(#[doc = $doc:literal])* $name:ident = $id:literal, $subject:ty, $params:ty, $run:path $(, $asks:path)?) => {
        $(#[doc = $doc])*
        pub(crate) struct $name;

        impl crate::checks::Check for $name {
            type Subject = $subject;
            type Params = $params;
            const ID: &'static str = $id;
            const DOC: &'static str = concat!($($doc, "\n"),*);

            fn run(
                subject: &$subject,
                params: &$params,
                cx: crate::checks::Context,
            ) -> crate::finding::Seen<Vec<crate::checks::Defect>> {
                $run(subject, params, cx)
            }
            $(
                fn asks(params: &$params) -> Vec<crate::facts::asked::Ask> {
                    $asks(params)
                }
            )?
        }
    };
}
use check;

/// What a rule makes of items without a date: “未注明发布时间的视为不更新” is a reading of the office, not of the code.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Undated {
    /// Nothing can be said.
    #[default]
    Gap,
    /// Counts as not updated.
    Stale,
}

/// How old the newest item of a subject may be, and what to say where it is older.
struct Freshness<'a> {
    subject: &'a str,
    newest: Option<NaiveDate>,
    item: Option<&'a (String, String)>,
    /// Where the items were read, where that is not the subject's own page.
    source: Option<&'a str>,
    gap: Option<&'a Gap>,
    confidence: Confidence,
}

impl Freshness<'_> {
    /// Judges the newest item: in time, too old, or not to be told. `lead` begins the sentence (`最新一条信息发布于`),
    /// `limit` says what was exceeded.
    fn judge(
        &self,
        max_days: u32,
        undated: Undated,
        cx: Context,
        lead: &str,
        limit: impl FnOnce(NaiveDate) -> String,
    ) -> Seen<Vec<Defect>> {
        let Some(newest) = self.newest else {
            return match (self.gap, undated) {
                (Some(gap), _) => Err(gap.clone()),
                (None, Undated::Gap) => Err(Gap::new(self.subject, "undated")),
                (None, Undated::Stale) => {
                    Ok(vec![Defect::new("所列信息均未注明发布时间，视为不更新。", "", self.confidence)])
                }
            };
        };
        let age = cx.as_of.signed_duration_since(newest).num_days();
        if age < 0 {
            return Err(Gap::new(self.subject, "future-date"));
        }
        if !is_over(max_days, newest, cx.as_of) {
            return Ok(Vec::new());
        }
        // What was not seen may hold a newer item; what was seen and is new enough needs no more.
        if let Some(gap) = self.gap {
            return Err(gap.clone());
        }
        let until = if newest.year() == cx.as_of.year() { month_day(cx.as_of) } else { long_date(cx.as_of) };
        let text =
            format!("{lead}{}，截至{until}已{age}天未更新，超过{}。", long_date(newest), limit(newest));
        let mut excerpt =
            self.item.map_or_else(String::new, |(title, url)| format!("{title} {newest} {url}"));
        if let Some(source) = self.source {
            excerpt = format!("{}（列表取自 {source}）", excerpt.trim_end());
        }
        Ok(vec![Defect { last_update: Some(newest), ..Defect::new(text, excerpt, self.confidence) }])
    }
}

/// A source of evidence as sentences name it: `导出表（11月16日）`.
fn account_source(facts: &AccountFacts) -> String {
    let label = facts.source.label();
    facts
        .until
        .or(facts.answered_at.map(|at| at.date_naive()))
        .map_or_else(|| label.to_owned(), |day| format!("{label}（{}）", month_day(day)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::account::Platform;

    #[test]
    fn rules_may_name_every_platform() {
        assert_eq!(PLATFORMS, Platform::ALL.map(Platform::word));
    }

    #[test]
    fn ids_are_distinct_and_sorted() {
        let ids: Vec<_> = CHECKS.iter().map(|check| check.id()).collect();
        let mut sorted = ids.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(ids, sorted);
        assert!(find("empty-column").is_some() && find("empty").is_none());
    }
}
