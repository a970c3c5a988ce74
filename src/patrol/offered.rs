//! Links that accounts offer in their menus: each address is asked for once a look, through the patrol's gates, however many
//! accounts offer it; what looks wrong is asked for once more.

use std::collections::{BTreeMap, HashMap, VecDeque};

use chrono::NaiveDate;
use tokio::task::JoinSet;
use url::Url;

use super::Order;
use super::gear::{Gear, Pages, Reading};
use crate::calendar::Instant8;
use crate::config::valid::Limits;
use crate::facts::account::AccountFacts;
use crate::facts::answer::Answer;
use crate::facts::astray::{self, Astray};
use crate::facts::impossible::nowhere_at;

/// Addresses under way at a time.
const AT_ONCE: usize = 16;
/// Addresses of one host that a look asks for: menus of thousands of accounts lead to the platform's own pages, and an office's turn
/// there is short. What is beyond stays a gap; the next day begins elsewhere.
const MOST_OF_HOST: usize = 100;

/// What addresses answered.
pub(super) type Answers = HashMap<String, Answer>;

/// With answers of links that nobody need ask for: addresses that no visitor can open.
pub(super) fn classified(mut facts: AccountFacts) -> AccountFacts {
    for link in facts.links.iter_mut().filter(|link| link.answer.is_none()) {
        link.answer = nowhere_at(&link.url).map(Answer::Impossible);
    }
    facts
}

/// Without its posts, which may be many.
pub(super) fn links_alone(facts: AccountFacts) -> AccountFacts {
    AccountFacts { posts: Vec::new(), ..facts }
}

/// Whether any of its links was not answered yet.
pub(super) fn is_open(facts: &AccountFacts) -> bool {
    facts.links.iter().any(|link| link.answer.is_none())
}

/// Writes down what its links answered; true where any did.
pub(super) fn fill(facts: &mut AccountFacts, answers: &Answers) -> bool {
    let mut any = false;
    for link in facts.links.iter_mut().filter(|link| link.answer.is_none()) {
        link.answer = answers.get(&link.url).cloned();
        any |= link.answer.is_some();
    }
    any
}

/// Asks for every address that the answers lack.
pub(super) async fn ask<'a>(
    order: Order<'_>,
    gear: &Gear,
    offers: impl Iterator<Item = &'a AccountFacts>,
    as_of: Instant8,
) -> Answers {
    let links = offers.flat_map(|facts| &facts.links).filter(|link| link.answer.is_none());
    let mut waiting = in_turn(links.map(|link| link.url.as_str()), as_of.date_naive());
    let own = |host: &str| {
        let sites = order.registry.sites.iter();
        host.ends_with(".gov.cn") || sites.filter_map(|site| site.url.host_str()).any(|own| own == host)
    };
    let (mut answers, mut asking) = (Answers::new(), JoinSet::new());
    loop {
        while asking.len() < AT_ONCE
            && let Some(url) = waiting.pop_front()
        {
            let outside = !url.host_str().is_some_and(own);
            let look = Visitor { pages: gear.pages(), limits: order.config.limits.clone(), outside, as_of };
            asking.spawn(async move {
                let answer = look.ask(&url).await;
                (url, answer)
            });
        }
        match asking.join_next().await {
            None => break,
            Some(Ok((url, answer))) => drop(answers.insert(url.into(), answer)),
            Some(Err(error)) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            Some(Err(_)) => {}
        }
    }
    without_own_failures(answers)
}

/// Each address once, one of each host after the other, as many of a host as a look may ask for.
fn in_turn<'a>(urls: impl Iterator<Item = &'a str>, day: NaiveDate) -> VecDeque<Url> {
    let mut by_host: BTreeMap<String, Vec<Url>> = BTreeMap::new();
    for url in urls.filter_map(|url| Url::parse(url).ok()) {
        if let Some(host) = url.host_str().filter(|_| matches!(url.scheme(), "http" | "https")) {
            by_host.entry(host.to_owned()).or_default().push(url);
        }
    }
    let mut turns: Vec<(usize, Url)> = Vec::new();
    for mut urls in by_host.into_values() {
        urls.sort();
        urls.dedup();
        let began = day.to_epoch_days().unsigned_abs() as usize * MOST_OF_HOST % urls.len();
        if urls.len() > MOST_OF_HOST {
            urls.rotate_left(began);
            urls.truncate(MOST_OF_HOST);
        }
        turns.extend(urls.into_iter().enumerate());
    }
    turns.sort();
    turns.into_iter().map(|(_, url)| url).collect()
}

/// Where nothing at all answered, names that are not found are our own resolver's.
fn without_own_failures(mut answers: Answers) -> Answers {
    let silent =
        |answer: &Answer| matches!(answer, Answer::NoSuchName | Answer::Unreachable(_) | Answer::Unknown(_));
    if answers.values().all(silent) {
        for answer in answers.values_mut().filter(|answer| **answer == Answer::NoSuchName) {
            *answer = Answer::Unknown("own-network".to_owned());
        }
    }
    answers
}

/// Asks for one address.
struct Visitor {
    pages: Pages,
    limits: Limits,
    /// Whether it is nobody's of ours: then what it calls itself is looked at.
    outside: bool,
    as_of: Instant8,
}

impl Visitor {
    async fn ask(&self, url: &Url) -> Answer {
        let first = self.once(url).await;
        let wrong = matches!(first, Answer::Astray(_)) || first.is_failure() && first.is_worth_a_try();
        if !wrong {
            return first;
        }
        let second = self.once(url).await;
        Answer::of_tries(&[first, second])
    }

    async fn once(&self, url: &Url) -> Answer {
        let how = Reading { as_of: self.as_of, budget: self.limits.parse, want_structure: false };
        let outside = self.outside;
        let answer = self.pages.read(url, how, move |answer, page| {
            let page = page.filter(|_| outside && answer == Answer::There);
            match page.and_then(|page| Some((astray::trade_of(&page)?, page.title))) {
                Some((trade, title)) => Answer::Astray(Astray { trade, title, was: None, certified: None }),
                None => answer,
            }
        });
        answer.await.unwrap_or_else(|| Answer::Unknown("reader-failed".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_take_turns_and_none_is_asked_too_much() {
        let many: Vec<String> = (0..250).map(|n| format!("https://mp.example/{n:03}")).collect();
        let few = [
            "http://a.example/x",
            "http://b.example/",
            "http://a.example/x",
            "weixin://dl",
            "http://a.example/y",
        ];
        let day = NaiveDate::from_ymd_opt(2026, 11, 16).expect("a date");
        let urls = || many.iter().map(String::as_str).chain(few);
        let turns: Vec<String> = in_turn(urls(), day).into_iter().map(String::from).collect();
        assert_eq!(turns.len(), MOST_OF_HOST + 3, "each once, no programs' schemes");
        let hosts: Vec<&str> = turns[..4].iter().filter_map(|url| url.split('/').nth(2)).collect();
        assert_eq!(hosts, ["a.example", "b.example", "mp.example", "a.example"]);
        // Within three days every one of them has its turn.
        let mut seen: Vec<Url> = (0..3).flat_map(|n| in_turn(urls(), day + chrono::Days::new(n))).collect();
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 253);
    }

    #[test]
    fn names_that_nobody_resolves_are_ours_where_nothing_answers() {
        let answers = |all: &[(&str, Answer)]| -> Answers {
            all.iter().map(|(url, answer)| ((*url).to_owned(), answer.clone())).collect()
        };
        let alone = without_own_failures(answers(&[
            ("a", Answer::NoSuchName),
            ("b", Answer::Unknown("dns".to_owned())),
        ]));
        assert_eq!(alone["a"], Answer::Unknown("own-network".to_owned()));
        let beside = without_own_failures(answers(&[("a", Answer::NoSuchName), ("b", Answer::There)]));
        assert_eq!(beside["a"], Answer::NoSuchName);
    }
}
