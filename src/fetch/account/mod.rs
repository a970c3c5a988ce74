//! Sources of evidence about new-media accounts that stand on the network, one file each, and the ladder that asks them.
//!
//! A source that does not answer, answers with an error, or holds nothing says nothing of the account: that is its health, never
//! a post and never a silence. What a register or a table says beside it is handed in and stands on its rung.

mod attested;
mod douyin;
mod feed;
mod interface;
mod md5;
mod tokens;
mod wechat;
mod weibo;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use chrono::{Days, NaiveDate};
use tokio::task::JoinSet;
use url::Url;

use self::tokens::Tokens;
use super::http::{Gate, Http};
use crate::calendar::Instant8;
use crate::config::valid::{AccountsConfig, Credential, CredentialKind};
use crate::exchange::{ConnectError, FetchError, OurLimit, ReadError, ResolveError};
use crate::facts::account::{AccountFacts, Health, Source};
use crate::registry::{Account, SourceSpec};

/// Accounts under way at a time: politeness holds each host back, so that hosts wait side by side, and no more than this
/// many answers are in memory.
const AT_ONCE: usize = 24;
/// A post as recent as this settles an account: no rule asks for one that is newer.
const FRESH_DAYS: u64 = 3;

/// What asks: the client, the two gates, credentials and the tokens that come of them. One for all accounts of a run.
pub struct Sources<G> {
    http: Arc<Http>,
    /// For pages and feeds: robots.txt and a turn.
    pages: G,
    /// For interfaces: a turn.
    calls: G,
    credentials: Vec<Credential>,
    tokens: Tokens,
    look_back_days: u16,
}

impl<G: Gate> Sources<G> {
    /// Puts it together.
    pub fn new(http: Arc<Http>, pages: G, calls: G, config: &AccountsConfig) -> Self {
        Self {
            http,
            pages,
            calls,
            credentials: config.credentials.clone(),
            tokens: Tokens::default(),
            look_back_days: config.look_back_days,
        }
    }

    /// What all sources of one account say, in the order of its register row. `known` is what needs no network: export
    /// tables, a person's word, and what named pages said when they were asked for before; they are taken where the row names them, or last where it does not. Asking ends with the
    /// first that shows a recent post, because then nothing else matters; an account that seems silent is asked about
    /// everywhere, because a post that any source saw was published.
    pub async fn gather(
        &self,
        account: &Account,
        known: Vec<AccountFacts>,
        as_of: Instant8,
    ) -> Vec<AccountFacts> {
        let mut known = known;
        let mut gathered: Vec<AccountFacts> = Vec::new();
        let day = as_of.date_naive();
        for spec in &account.sources {
            if gathered.iter().any(|facts| is_fresh(facts, day)) {
                break;
            }
            match spec.kind {
                Source::Export | Source::Person => {
                    let (mine, rest): (Vec<_>, Vec<_>) =
                        known.into_iter().partition(|facts| facts.source == spec.kind);
                    known = rest;
                    gathered.extend(mine);
                }
                Source::Attested => match attested::again(&mut known, spec) {
                    Some(facts) => gathered.push(facts),
                    None => gathered.push(self.ask(account, spec, as_of).await),
                },
                _ => gathered.push(self.ask(account, spec, as_of).await),
            }
        }
        known.retain(|facts| facts.source != Source::Attested);
        gathered.extend(known);
        gathered
    }

    /// What one source says of one account.
    pub async fn ask(&self, account: &Account, spec: &SourceSpec, as_of: Instant8) -> AccountFacts {
        match spec.kind {
            Source::Attested => attested::ask(&self.http, &self.pages, account, spec, as_of).await,
            Source::Feed => feed::ask(self, spec, as_of).await,
            Source::OwnerApi => {
                let found = self.credentials.iter().find(|credential| credential.name == spec.what);
                let origin = format!("接口 {}", spec.what);
                let Some(credential) = found else {
                    return AccountFacts::new(Source::OwnerApi, origin, broken("no-credentials"));
                };
                match credential.kind {
                    CredentialKind::Wechat => wechat::ask(self, credential, as_of).await,
                    CredentialKind::Weibo => weibo::ask(self, credential, account, as_of).await,
                    CredentialKind::Douyin => douyin::ask(self, credential, as_of).await,
                    CredentialKind::Rsshub => {
                        AccountFacts::new(Source::OwnerApi, origin, broken("no-interface"))
                    }
                }
            }
            // What stands in tables is read with the register.
            Source::Export | Source::Person => {
                AccountFacts::new(spec.kind, spec.kind.label(), broken("not-listed"))
            }
        }
    }
}

/// Gathers about many accounts and tells each as it is done: the account's number, what its sources say. Accounts whose sources
/// lie on different hosts are asked side by side.
pub async fn gather_all<G: Gate + 'static>(
    sources: Arc<Sources<G>>,
    accounts: Vec<(usize, Account, Vec<AccountFacts>)>,
    as_of: Instant8,
    mut done: impl FnMut(usize, Vec<AccountFacts>),
) {
    let mut waiting = in_turn(accounts);
    let mut asking = JoinSet::new();
    loop {
        while asking.len() < AT_ONCE
            && let Some((index, account, known)) = waiting.pop_front()
        {
            let sources = Arc::clone(&sources);
            asking.spawn(async move { (index, sources.gather(&account, known, as_of).await) });
        }
        match asking.join_next().await {
            None => return,
            Some(Ok((index, facts))) => done(index, facts),
            Some(Err(error)) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            Some(Err(_)) => {}
        }
    }
}

/// An account to be asked about, with its number and what is known of it.
type Waiting = (usize, Account, Vec<AccountFacts>);

/// One of each host, then the next of each: else all that are under way would wait for the same host.
fn in_turn(accounts: Vec<Waiting>) -> VecDeque<Waiting> {
    let mut by_host: BTreeMap<String, VecDeque<Waiting>> = BTreeMap::new();
    for one in accounts {
        let first = one.1.sources.iter().find(|spec| !matches!(spec.kind, Source::Export | Source::Person));
        let host = first.map_or_else(String::new, |spec| match Url::parse(&spec.what) {
            Ok(url) => url.host_str().unwrap_or_default().to_owned(),
            Err(_) => one.1.platform.word().to_owned(),
        });
        by_host.entry(host).or_default().push_back(one);
    }
    let mut out = VecDeque::new();
    while !by_host.is_empty() {
        by_host.retain(|_, queue| {
            out.extend(queue.pop_front());
            !queue.is_empty()
        });
    }
    out
}

fn is_fresh(facts: &AccountFacts, as_of: NaiveDate) -> bool {
    let since = as_of.checked_sub_days(Days::new(FRESH_DAYS)).unwrap_or(as_of);
    !matches!(facts.health, Health::Broken(_)) && facts.newest(as_of).is_some_and(|post| post.day >= since)
}

fn broken(why: impl Into<String>) -> Health {
    Health::Broken(why.into())
}

/// The word for an answer that did not come.
fn unanswered(error: &FetchError) -> Health {
    broken(match error {
        FetchError::Resolve(ResolveError::NoSuchName | ResolveError::NoAddress) => "no-such-name",
        FetchError::Resolve(_) => "dns",
        FetchError::Connect(ConnectError::NoRoute) | FetchError::Ours(OurLimit::OwnNetwork) => "own-network",
        FetchError::Connect(_) => "connect",
        FetchError::Tls(_) => "tls",
        FetchError::Head(ReadError::Timeout) | FetchError::Body(ReadError::Timeout) => "timeout",
        FetchError::Head(ReadError::Malformed) | FetchError::Body(ReadError::Malformed) => "unreadable",
        FetchError::Head(ReadError::Cut) | FetchError::Body(ReadError::Cut) => "cut",
        FetchError::RedirectLoop | FetchError::RedirectTarget(_) => "redirects",
        FetchError::Ours(OurLimit::Robots | OurLimit::RobotsUnreadable) => "robots",
        FetchError::Ours(
            OurLimit::Egress | OurLimit::InnerAddress | OurLimit::NotMapped | OurLimit::Scheme,
        ) => "not-allowed",
        FetchError::Ours(_) => "our-limit",
    })
}

/// The day before.
fn yesterday(day: NaiveDate) -> NaiveDate {
    day.pred_opt().unwrap_or(day)
}
