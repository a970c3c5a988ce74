//! The fixtures of the checks: `tests/checks/<check>/expect.toml` lists subjects with the verdict that the shipped rules
//! must give them. Cases given as facts are judged here; cases given as pages in [`pages`], by the program's own reader.

mod pages;
mod texts;

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use chrono::{NaiveDate, TimeDelta, TimeZone as _};
use serde::Deserialize;
use xuncha::calendar::{Instant8, beijing};
use xuncha::exchange::{ConnectError, Exchange, Hop, Reply, ResolveError};
use xuncha::facts::account_links::Unlisted;
use xuncha::facts::account_seen::AccountSeen;
use xuncha::facts::alike::{Likeness, Sample as Copy};
use xuncha::facts::answer::Answer;
use xuncha::facts::authority::{Answered, Authority, NameServer};
use xuncha::facts::class::ColumnClass;
use xuncha::facts::ipv6::{Ipv6Facts, Ipv6Try};
use xuncha::facts::page::LinkKind;
use xuncha::facts::reach::{Cell, Host, Level, NameSeen, Reach};
use xuncha::facts::site::{ForeignScript, Home, Link, Site, SiteFacts, Visit};
use xuncha::facts::stray::{Stray, StrayKind};
use xuncha::facts::tls::{Certificate, CertificateFault, Legacy, TlsFacts, TlsSeen};
use xuncha::facts::visits::{Ip, Outcome, Sample, Watch};
use xuncha::finding::{Cause, Look};
use xuncha::judge::accounts::{AccountLook, judge_account, judge_unlisted};
use xuncha::judge::{LookFacts, Verdict, judge};
use xuncha::rules::{RuleFiles, RuleSet};

static NATIONAL: LazyLock<RuleSet> = LazyLock::new(|| RuleSet::shipped().expect("the shipped rules"));
static RULES: LazyLock<RuleSet> = LazyLock::new(|| RuleSet::complete().expect("the shipped rules"));

const HOME: &str = "http://jtj.shili.gov.cn/";

/// `expect.toml`.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Expect {
    as_of: NaiveDate,
    pub(crate) case: Vec<Case>,
}

/// One subject and its verdict.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Case {
    name: String,
    /// The rule that is asked.
    rule: String,
    pub(crate) verdict: Expected,
    /// Of a gap: its word.
    why: Option<String>,
    /// Of a finding: a part of its description.
    says: Option<String>,
    /// Other rules that flag the same facts.
    #[serde(default)]
    also: BTreeSet<String>,
    /// The pack of the rule, where that is not the national one; then no other rule is asked.
    pack: Option<String>,
    /// Pages of the folder that are all that was read of the site, the home page first.
    #[serde(default)]
    pub(crate) site: Vec<SitePage>,
    /// A page of the folder, read as the home page or as a column.
    pub(crate) page: Option<String>,
    url: Option<String>,
    #[serde(default)]
    home: bool,
    /// The site is a portal.
    #[serde(default)]
    portal: bool,
    class: Option<ColumnClass>,
    cycle_days: Option<u16>,
    link: Option<LinkCase>,
    script: Option<ScriptCase>,
    visits: Option<Vec<Answer>>,
    ipv6: Option<Ipv6Case>,
    tls: Option<TlsCase>,
    watch: Option<WatchCase>,
    stray: Option<StrayCase>,
    /// The text of a page.
    text: Option<texts::TextCase>,
    /// A new-media account, in a site's place.
    account: Option<AccountSeen>,
    /// An account that a site links to and the register lacks.
    unlisted: Option<Unlisted>,
    /// What superiors want reposted.
    #[serde(default)]
    pub(crate) reposts: Vec<RepostCase>,
    /// Messages over 我为政府网站找错; without any the office keeps no such file.
    #[serde(default)]
    pub(crate) reports: Vec<ReportCase>,
    /// What the site's search answered.
    #[serde(default)]
    pub(crate) answers: Vec<AnswerCase>,
    /// Pages as an earlier run read them.
    #[serde(default)]
    pub(crate) earlier: Vec<SitePage>,
    /// Where the home page leads.
    led_to: Option<String>,
}

/// One message of the register's file.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct ReportCase {
    number: String,
    #[serde(default)]
    about: String,
    received: NaiveDate,
    answered: Option<NaiveDate>,
    worked: Option<u32>,
}

/// A page that answered a search for the title of an article.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct AnswerCase {
    page: String,
    title: String,
    url: String,
}

impl Case {
    /// The rule that is asked.
    pub(crate) fn rule(&self) -> &str {
        &self.rule
    }

    /// What it is called.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }
}

/// One page of a site.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct SitePage {
    page: String,
    url: String,
}

/// A title to be reposted.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct RepostCase {
    title: String,
    date: NaiveDate,
}

/// An address beside the sites in operation.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct StrayCase {
    kind: StrayKind,
    answer: Answer,
    title: String,
    led_to: Option<String>,
    found: Option<NaiveDate>,
    handled: Option<NaiveDate>,
}

/// What a look at TLS showed: a certificate by its dates, an old protocol, or a gap's word.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct TlsCase {
    from: Option<NaiveDate>,
    until: Option<NaiveDate>,
    #[serde(default)]
    names: Vec<String>,
    #[serde(default)]
    faults: Vec<CertificateFault>,
    legacy: Option<Legacy>,
    why: Option<String>,
}

/// A week of spaced visits.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct WatchCase {
    a_day: i32,
    #[serde(default)]
    failed: i32,
    #[serde(default)]
    ours: i32,
    /// The last of them fall into a declared maintenance.
    #[serde(default)]
    declared: i32,
    /// Visits over IPv6 beside them, of which the first so many failed.
    over_ipv6: Option<i32>,
    /// How long a visit took that opened.
    took_ms: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Expected {
    Fail,
    Pass,
    Gap,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct LinkCase {
    answer: Answer,
    #[serde(default)]
    external: bool,
    #[serde(default = "yes")]
    control_ok: bool,
    #[serde(default)]
    text: String,
    kind: Option<LinkKind>,
    cause: Option<Cause>,
    /// Where it leads, and the page that carries it; `None` = those of most cases.
    url: Option<String>,
    page: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct ScriptCase {
    host: String,
    pages: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Ipv6Case {
    host: String,
    own_fault: Option<String>,
    #[serde(default)]
    aaaa: Vec<Ipv6Addr>,
    aaaa_error: Option<ResolveError>,
    global: Vec<Ipv6Addr>,
    tries: Vec<TryCase>,
    status: Option<u16>,
    /// Links below the home page.
    #[serde(default)]
    below: Vec<BelowCase>,
    /// Name servers of the zone.
    #[serde(default)]
    servers: Vec<ServerCase>,
    /// How much of the text is the same over both families, in thousandths, and of the page with itself.
    text: Option<u16>,
    restless: Option<u16>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct BelowCase {
    level: Level,
    host: String,
    seen: NameSeen,
    links: u64,
    #[serde(default)]
    good: u64,
    #[serde(default)]
    bad: u64,
}

/// A name server that has an IPv6 address or not, and what it answered there.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct ServerCase {
    name: String,
    aaaa: Option<Ipv6Addr>,
    answered: Option<Answered>,
    error: Option<ResolveError>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct TryCase {
    addr: SocketAddr,
    tcp: Tcp,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Tcp {
    Made,
    Timeout,
}

fn yes() -> bool {
    true
}

/// The fixture folders by the name of their check.
pub(crate) fn folders() -> BTreeMap<String, PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/checks");
    let entries = std::fs::read_dir(&root).expect("tests/checks");
    entries
        .map(|entry| entry.expect("an entry").path())
        .map(|path| (path.file_name().expect("a name").to_string_lossy().into_owned(), path))
        .collect()
}

/// The cases of one folder.
pub(crate) fn expectations(folder: &Path) -> Expect {
    let path = folder.join("expect.toml");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    toml::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

#[test]
fn facts_are_judged_as_expected() {
    let mut judged = 0;
    for (check, folder) in folders() {
        let expect = expectations(&folder);
        for case in expect.case.iter().filter(|case| case.page.is_none() && case.site.is_empty()) {
            let place = format!("{check}: {}", case.name);
            let mut facts = facts(case, expect.as_of);
            if let Some(text) = &case.text {
                texts::add(text, &check, &look(HOME, expect.as_of), &mut facts);
            }
            assert_eq!(outcome(facts, case, expect.as_of), Ok(()), "{place}");
            judged += 1;
        }
    }
    assert!(judged > 20, "only {judged} cases found");
}

#[test]
fn every_page_is_listed_and_every_listed_page_is_there() {
    for (check, folder) in folders() {
        let expect = expectations(&folder);
        let mut listed = BTreeSet::from(["expect.toml".to_owned()]);
        for case in &expect.case {
            listed.extend(case.site.iter().chain(&case.earlier).map(|one| one.page.clone()));
            listed.extend(case.answers.iter().map(|one| one.page.clone()));
            let Some(page) = &case.page else { continue };
            let place = format!("{check}: {}", case.name);
            assert!(case.url.as_deref().is_some_and(|url| url::Url::parse(url).is_ok()), "{place}: url");
            assert_ne!(
                case.home,
                case.class.is_some(),
                "{place}: either the home page or a column of a class"
            );
            assert_eq!(case.cycle_days.is_some(), check == "overdue-column", "{place}: cycle-days");
            listed.insert(page.clone());
        }
        let entries = std::fs::read_dir(&folder).expect("the folder");
        let there =
            entries.map(|e| e.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
        assert_eq!(listed, there, "{check}");
    }
}

#[test]
fn a_wrong_expectation_is_noticed() {
    let case = |text: &str| toml::from_str::<Case>(text).expect("a case");
    let day = NaiveDate::from_ymd_opt(2026, 11, 16).expect("a date");
    for wrong in [
        "name='x'\nrule='broken-link'\nverdict='pass'\nlink={answer={is='not-found',as=404}}",
        "name='x'\nrule='broken-link'\nverdict='fail'\nlink={answer={is='there'}}",
        "name='x'\nrule='broken-link'\nverdict='gap'\nwhy='robots'\nlink={answer={is='restricted'}}",
        "name='x'\nrule='broken-link'\nverdict='fail'\nsays='500'\nlink={answer={is='not-found',as=404}}",
        "name='x'\nrule='soft-404'\nverdict='pass'\nlink={answer={is='not-found',as=404}}",
    ] {
        let case = case(wrong);
        assert!(outcome(facts(&case, day), &case, day).is_err(), "{wrong}");
    }
}

/// The rules that a case is judged by.
pub(crate) fn rules_of(case: &Case) -> RuleSet {
    let Some(pack) = &case.pack else {
        if NATIONAL.get(&case.rule).is_some() {
            return NATIONAL.clone();
        }
        return RULES.only(&case.rule).unwrap_or_else(|| panic!("no rule `{}`", case.rule));
    };
    let mut rules = RuleSet::load(&RuleFiles::shipped(), &[pack]).unwrap_or_else(|faults| panic!("{faults}"));
    rules.rules.retain(|bound| bound.rule.id == case.rule);
    rules
}

/// Judges the facts by the shipped rules and holds the result against the case: the rule's verdict, and that no rule flags
/// anything that is not listed.
fn outcome(facts: SiteFacts, case: &Case, as_of: NaiveDate) -> Result<(), String> {
    let own = rules_of(case);
    let rules = &own;
    let at = noon(as_of);
    let judgement = match (&case.account, &case.unlisted) {
        (Some(account), _) => {
            judge_account(rules, &[AccountLook { at, account: account.clone() }], at, |_| None)
        }
        (None, Some(found)) => judge_unlisted(rules, std::slice::from_ref(found), at, |_| None),
        (None, None) => judge(rules, &[LookFacts { look_no: 1, at, facts }], at, |_| None),
    };
    let mut listed = case.also.clone();
    if case.verdict == Expected::Fail {
        listed.insert(case.rule.clone());
    }
    let flagged: BTreeSet<_> = judgement.findings.iter().map(|finding| finding.rule.clone()).collect();
    if flagged != listed {
        return Err(format!("flagged by {flagged:?}, listed {listed:?}; gaps {:?}", judgement.gaps));
    }
    let expected = match case.verdict {
        Expected::Fail => [Verdict::Suspected, Verdict::Failed].as_slice(),
        Expected::Pass => &[Verdict::Passed],
        Expected::Gap => &[Verdict::Gap],
    };
    let seen: Vec<_> =
        judgement.subjects.iter().filter(|subject| subject.rule == case.rule).map(|s| s.verdict).collect();
    if seen.is_empty() || !seen.iter().all(|verdict| expected.contains(verdict)) {
        return Err(format!("{seen:?}; gaps {:?}", judgement.gaps));
    }
    if let Some(why) = &case.why
        && !judgement.gaps.iter().any(|gap| gap.why == *why)
    {
        return Err(format!("no gap `{why}` in {:?}", judgement.gaps));
    }
    let told = || judgement.findings.iter().filter(|finding| finding.rule == case.rule);
    match &case.says {
        Some(says) if !told().any(|finding| finding.description.contains(says.as_str())) => {
            Err(format!("`{says}` is not in {:?}", told().map(|f| &f.description).collect::<Vec<_>>()))
        }
        _ => Ok(()),
    }
}

fn noon(day: NaiveDate) -> Instant8 {
    let time = day.and_hms_opt(12, 0, 0).expect("noon");
    beijing().from_local_datetime(&time).single().expect("one noon")
}

fn look(url: &str, as_of: NaiveDate) -> Look {
    Look {
        at: noon(as_of),
        url: url.to_owned(),
        hops: vec![],
        addr: None,
        status: None,
        error: None,
        headers: vec![],
        body_sha256: String::new(),
    }
}

/// A site in order, with what the case says of it.
fn facts(case: &Case, as_of: NaiveDate) -> SiteFacts {
    let visit = |answer: &Answer| Visit {
        look: Look { hops: hops(HOME, case.led_to.as_deref()), ..look(HOME, as_of) },
        answer: answer.clone(),
    };
    let visits = case.visits.clone().unwrap_or_else(|| vec![Answer::There]);
    SiteFacts {
        site: Site {
            id: "9901000012".to_owned(),
            name: "示例市交通运输局".to_owned(),
            url: case.url.clone().unwrap_or_else(|| HOME.to_owned()),
            portal: case.portal,
            visits: visits.iter().map(visit).collect(),
            ipv6: case.ipv6.as_ref().map(|ipv6| ipv6_facts(ipv6, as_of)),
            tls: case.tls.as_ref().map(|tls| tls_facts(tls, as_of)),
            watch: case.watch.as_ref().map(|watch| week(watch, as_of)),
        },
        home: Home {
            url: HOME.to_owned(),
            newest: Some(as_of),
            newest_item: None,
            from_columns: false,
            gap: None,
            look: Some(look(HOME, as_of)),
        },
        columns: vec![],
        links: case.link.iter().map(|link| link_facts(link, as_of)).collect(),
        hidden: vec![],
        marks: None,
        tags: None,
        scripts: case.script.iter().map(|script| script_facts(script, as_of)).collect(),
        contents: None,
        strays: case.stray.iter().map(|stray| stray_facts(stray, as_of)).collect(),
        accounts: None,
        wordings: vec![],
        leaks: vec![],
        links_seen: 1,
        pages_read: 1,
        requests: 1,
        not_reached: 0,
        gaps: vec![],
    }
}

fn hops(from: &str, to: Option<&str>) -> Vec<Hop> {
    to.map(|to| Hop { url: from.to_owned(), status: 302, to: to.to_owned(), addr: None })
        .into_iter()
        .collect()
}

fn stray_facts(case: &StrayCase, as_of: NaiveDate) -> Stray {
    let url = "http://www.shili-invest.gov.cn/";
    let look = Look { hops: hops(url, case.led_to.as_deref()), ..look(url, as_of) };
    Stray {
        kind: case.kind,
        site: "9901000031".to_owned(),
        name: "示例市投资促进网".to_owned(),
        url: url.to_owned(),
        found: case.found,
        handled: case.handled,
        title: case.title.clone(),
        visit: Some(Visit { look, answer: case.answer.clone() }),
    }
}

fn link_facts(case: &LinkCase, as_of: NaiveDate) -> Link {
    let url = if case.external { "http://www.waibu.example/a" } else { "http://jtj.shili.gov.cn/a.html" };
    let url = case.url.as_deref().unwrap_or(url);
    Link {
        url: url.to_owned(),
        kind: case.kind.unwrap_or(LinkKind::Page),
        external: case.external,
        answer: case.answer.clone(),
        control_ok: case.control_ok,
        page: case.page.clone().unwrap_or_else(|| HOME.to_owned()),
        text: case.text.clone(),
        column: None,
        one_column: false,
        cause: case.cause.unwrap_or(Cause::Single),
        on_home: true,
        newest_carrier: None,
        look: look(url, as_of),
    }
}

fn tls_facts(case: &TlsCase, as_of: NaiveDate) -> TlsFacts {
    let seen = match (&case.legacy, &case.why) {
        (Some(legacy), _) => TlsSeen::Legacy(*legacy),
        (None, Some(why)) => TlsSeen::Unknown(why.clone()),
        (None, None) => TlsSeen::Agreed(Certificate {
            protocol: "TLSv1.3".to_owned(),
            not_before: noon(case.from.expect("from")),
            not_after: noon(case.until.expect("until")),
            subject: String::new(),
            issuer: String::new(),
            names: case.names.clone(),
            sent: 2,
            sha256: String::new(),
            faults: case.faults.clone(),
        }),
    };
    TlsFacts { host: "jtj.shili.gov.cn".to_owned(), port: 443, addr: None, at: noon(as_of), seen }
}

/// A week of evenly spaced visits: first those that were ours, then those that failed, then those that opened.
fn week(case: &WatchCase, as_of: NaiveDate) -> Watch {
    let until = noon(as_of);
    let from = until - TimeDelta::days(7);
    let apart = TimeDelta::seconds(24 * 3600) / case.a_day;
    let all = 7 * case.a_day;
    let samples = (0..all).flat_map(|n| {
        let (outcome, took_ms) = match n {
            n if n >= all - case.declared => (Outcome::Declared, 0),
            n if n < case.ours => (Outcome::Ours("own-network".to_owned()), 0),
            n if n < case.ours + case.failed => (Outcome::Failed("timeout".to_owned()), 16_000),
            _ => (Outcome::Opened, case.took_ms.unwrap_or(90)),
        };
        let round = i64::from(n);
        let v4 =
            Sample { round, at: from + apart * n, ip: Ip::V4, addr: None, status: None, outcome, took_ms };
        let v6 = case.over_ipv6.map(|failed| {
            let fails = n >= case.ours && n < case.ours + failed;
            let outcome = if fails { Outcome::Failed("timeout".to_owned()) } else { Outcome::Opened };
            Sample { ip: Ip::V6, outcome, ..v4.clone() }
        });
        std::iter::once(v4).chain(v6)
    });
    Watch { until, since: None, samples: samples.collect() }
}

fn script_facts(case: &ScriptCase, as_of: NaiveDate) -> ForeignScript {
    ForeignScript {
        host: case.host.clone(),
        url: format!("https://{}/s.js", case.host),
        page: HOME.to_owned(),
        pages: case.pages,
        look: Some(look(HOME, as_of)),
    }
}

fn ipv6_facts(case: &Ipv6Case, as_of: NaiveDate) -> Ipv6Facts {
    let tries = case.tries.iter().map(|one| Ipv6Try {
        addr: one.addr,
        tcp: match one.tcp {
            Tcp::Made => Ok(()),
            Tcp::Timeout => Err(ConnectError::Timeout),
        },
        tls: None,
        took_ms: 12,
    });
    let home = case.status.map(|status| Exchange {
        url: HOME.to_owned(),
        at: noon(as_of),
        took_ms: 30,
        hops: vec![],
        outcome: Ok(Reply {
            url: HOME.to_owned(),
            status,
            addr: None,
            headers: vec![],
            body_len: 0,
            body_sha256: String::new(),
            body_cut: false,
        }),
    });
    let aaaa = case.aaaa_error.map_or_else(|| Ok(case.aaaa.clone()), Err);
    let mut facts = Ipv6Facts::of_names(case.host.clone(), aaaa, case.global.clone());
    facts.own_fault.clone_from(&case.own_fault);
    facts.tries = tries.collect();
    facts.home = home;
    if !case.below.is_empty() {
        facts.reach = Ok(reach(&case.below));
    }
    if !case.servers.is_empty() {
        let servers = case.servers.iter().map(|one| NameServer {
            name: one.name.clone(),
            aaaa: one.error.map_or_else(|| one.aaaa.map(|ip| vec![ip]).ok_or(ResolveError::NoAddress), Err),
            asked: one.aaaa.zip(one.answered.clone()).into_iter().collect(),
            glue: None,
        });
        facts.authority = Ok(Authority { zone: "shili.example".to_owned(), servers: servers.collect() });
    }
    if let Some(text) = case.text {
        let copy = |title: &str| Copy {
            status: 200,
            final_url: HOME.to_owned(),
            title: title.to_owned(),
            text: String::new(),
            took_ms: 30,
        };
        facts.likeness = Ok(Likeness {
            over_ipv4: Some(copy("示例市交通运输局")),
            over_ipv6: copy(if text < 900 { "测试页" } else { "示例市交通运输局" }),
            text,
            links: text,
            restless: case.restless,
        });
    }
    facts
}

fn reach(below: &[BelowCase]) -> Reach {
    let host = |case: &BelowCase| Host { name: case.host.clone(), own: true, seen: case.seen.clone() };
    let cell = |(at, case): (u32, &BelowCase)| Cell {
        level: case.level,
        column: None,
        host: at,
        links: case.links,
        tried: case.good + case.bad,
        good: case.good,
        bad: case.bad,
    };
    Reach {
        seed: 20_261_116,
        hosts: below.iter().map(host).collect(),
        columns: vec![],
        cells: (0..).zip(below).map(cell).collect(),
        resources: vec![],
        pages_read: 1,
        pages: 1,
        failed: vec![],
    }
}
