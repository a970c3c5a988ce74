//! A small invented web that answers as a scenario says, and a patrol of it in memory: exchanges, answers, facts, fold,
//! looks and judgement are the program's own; only sockets and the database are left out.

use std::collections::{BTreeSet, HashMap};
use std::sync::{LazyLock, Mutex, PoisonError};

use url::Url;
use xuncha::calendar::{Instant8, from_millis};
use xuncha::crawl::frontier::{NO_SITE, Role};
use xuncha::exchange::{Exchange, FetchError, Hop, Reply};
use xuncha::facts::answer::Answer;
use xuncha::facts::fold::{Fold, RegisteredColumn, Surroundings, look_again};
use xuncha::facts::html::read_page;
use xuncha::facts::page::{PageContext, PageFacts};
use xuncha::facts::site::{LinkSeen, PageSeen, SiteFacts, TargetSeen, Visit};
use xuncha::finding::{Finding, State, hex};
use xuncha::judge::{LookFacts, judge};
use xuncha::patrol::{OwnFailures, of_visits};
use xuncha::registry::{Registry, Site, SiteKind, SiteStatus};
use xuncha::rules::RuleSet;
use xuncha::store::facts::VisitRow;
use xuncha::store::seen::look_of;

use super::answers::Said;
use super::scenarios::Scenario;

/// When the first look begins.
const BEGIN: i64 = 1_795_000_000_000;
/// Between two looks, at the least, as the shipped rules ask for.
const APART: i64 = 6 * 3_600_000;
/// Looks taken of what is suspected.
const LOOKS: u8 = 3;
/// Tries of a failing target within a look that confirms, as the crawl does.
const TRIES: usize = 3;

/// A part of the program left out, so that the harness is seen to notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Blunder {
    None,
    /// A firewall's answer is taken for the page's own.
    WallsAreGone,
    /// One try decides a look.
    OneTry,
    /// Nobody asks whether we are still answered as others are.
    NoControl,
    /// Our own failures are theirs.
    NothingVoid,
}

/// Deterministic numbers from a seed.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x2545_f491_4f6c_dd1d)
    }

    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % bound.max(1)
    }
}

/// One request as a scenario sees it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) host: &'a str,
    pub(crate) path: &'a str,
    /// Milliseconds since the first look began.
    pub(crate) at: i64,
    /// How many requests the host has seen before.
    pub(crate) nth: u64,
    /// How many requests for this very address came before.
    pub(crate) turn: u64,
    /// How many requests the host has seen in the minute before.
    pub(crate) lately: u64,
    /// Milliseconds since the look began.
    pub(crate) since: i64,
    /// A number that stays the same under one seed.
    pub(crate) luck: u64,
}

/// The web and the patrol of it.
pub(crate) struct World<'a> {
    scenario: &'a Scenario,
    blunder: Blunder,
    dice: Dice,
    luck: u64,
    began: i64,
    now: i64,
    log: HashMap<String, Vec<i64>>,
    turns: HashMap<String, u64>,
    registry: Registry,
    ids: HashMap<String, u32>,
}

/// What a look saw.
#[derive(Default)]
struct Seen {
    rows: Vec<VisitRow>,
    pages: Vec<(u32, PageSeen)>,
    witnesses: Vec<Vec<Exchange>>,
}

static RULES: LazyLock<RuleSet> = LazyLock::new(|| RuleSet::shipped().expect("rules"));

/// Runs a scenario under a seed: the first look, and looks at what is suspected until nothing is or [`LOOKS`] are taken.
/// Returns all findings of the last judgement.
pub(crate) fn play(scenario: &Scenario, seed: u64, blunder: Blunder) -> Vec<Finding> {
    let mut dice = Dice::new(seed ^ fingerprint(&scenario.name));
    let mut world = World {
        luck: dice.below(u64::MAX),
        began: 0,
        now: 0,
        dice,
        scenario,
        blunder,
        log: HashMap::new(),
        turns: HashMap::new(),
        registry: registry(scenario.sites),
        ids: HashMap::new(),
    };
    let mut looks: Vec<Vec<LookFacts>> = vec![Vec::new(); scenario.sites];
    let mut findings: Vec<Finding> = Vec::new();
    for look in 1..=LOOKS {
        let wanted: BTreeSet<String> = (findings.iter())
            .filter(|finding| finding.state == State::Suspected)
            .map(|finding| finding.url.clone())
            .collect();
        if look > 1 && wanted.is_empty() {
            break;
        }
        world.began = world.now;
        let answers = if look == 1 { world.first_look() } else { world.look_again(&wanted) };
        world.fold(look, &answers, &mut looks);
        findings = looks
            .iter()
            .flat_map(|looks| judge(&RULES, looks, from_millis(BEGIN), |_| None).findings)
            .collect();
        world.now += APART + i64::try_from(world.dice.below(6 * 3_600_000)).expect("hours");
    }
    findings
}

impl World<'_> {
    fn first_look(&mut self) -> Seen {
        let mut seen = Seen::default();
        self.witnesses(&mut seen);
        // Sites are asked in turns, as the crawl does.
        for path in ["/", "/dt/", "/dt/1.html", "/dt/2.html", "/dt/3.html", "/file/a.pdf", "/t.html"] {
            for site in 0..self.scenario.sites {
                let url = format!("{}{}", home(site).trim_end_matches('/'), path);
                let role = match path {
                    "/" => Role::Home,
                    "/dt/" => Role::Column,
                    "/file/a.pdf" => Role::Target,
                    _ => Role::Page,
                };
                self.visit(&mut seen, &url, u32::try_from(site).expect("few"), role, false);
            }
        }
        self.visit(&mut seen, OUTSIDE, NO_SITE, Role::External, false);
        self.witnesses(&mut seen);
        seen
    }

    /// What `patrol::look_again` asks for: the suspects, the pages that carry them, the home pages; then a control.
    fn look_again(&mut self, wanted: &BTreeSet<String>) -> Seen {
        let mut seen = Seen::default();
        self.witnesses(&mut seen);
        let mut asked: Vec<(String, u32, Role)> = Vec::new();
        for site in 0..self.scenario.sites {
            let home = home(site);
            let index = u32::try_from(site).expect("few");
            let mine = |url: &&String| url.starts_with(&home) || *url == OUTSIDE;
            if !wanted.iter().any(|url| mine(&url)) {
                continue;
            }
            asked.push((home.clone(), index, Role::Home));
            asked.push((format!("{home}dt/"), index, Role::Column));
            for url in wanted.iter().filter(|url| url.starts_with(&home)) {
                asked.push((url.clone(), index, Role::Target));
            }
        }
        if wanted.contains(OUTSIDE) {
            asked.push((OUTSIDE.to_owned(), NO_SITE, Role::External));
        }
        asked.dedup_by(|a, b| a.0 == b.0);
        for n in (1..asked.len()).rev() {
            let with = usize::try_from(self.dice.below(n as u64 + 1)).expect("few");
            asked.swap(n, with);
        }
        let mut met = BTreeSet::new();
        for (url, site, role) in asked {
            if met.insert(url.clone()) {
                self.visit(&mut seen, &url, site, role, self.blunder != Blunder::OneTry);
            }
        }
        self.witnesses(&mut seen);
        seen
    }

    fn witnesses(&mut self, seen: &mut Seen) {
        if self.scenario.witnesses {
            let round = WITNESSES.map(|url| self.ask(url).0);
            seen.witnesses.push(round.to_vec());
        }
    }

    fn visit(&mut self, seen: &mut Seen, url: &str, site: u32, role: Role, patient: bool) {
        let mut said = Vec::new();
        loop {
            let (exchange, body) = self.ask(url);
            let facts = Self::read(&exchange, &body, role <= Role::List);
            let mut answer = Answer::of(&exchange, facts.as_ref());
            if self.blunder == Blunder::WallsAreGone && matches!(answer, Answer::Challenge(_)) {
                answer = Answer::NotFound(404);
            }
            said.push(answer.clone());
            if patient && Answer::of_tries(&said).is_worth_a_try() && said.len() < TRIES {
                continue;
            }
            let spoke = exchange.outcome.is_ok() || matches!(answer, Answer::Loop | Answer::BadRedirect);
            if patient && answer.is_failure() && spoke && said.len() == TRIES && !self.control_answers(url) {
                said.push(Answer::Unknown("no-control".to_owned()));
            }
            let answer = Answer::of_tries(&said);
            let last = said.last().expect("one at least");
            let is_page = role.is_read() && matches!(last, Answer::There | Answer::Challenge(_));
            let id = self.id(url);
            if let Some(mut facts) =
                facts.filter(|_| is_page && (exchange.hops.is_empty() || role <= Role::Column))
            {
                let links = std::mem::take(&mut facts.links);
                let links = links.into_iter().map(|link| LinkSeen {
                    target: self.id(&link.url),
                    text: link.text,
                    kind: link.kind,
                    place: link.place,
                    hidden: link.hidden,
                });
                let page = PageSeen {
                    id,
                    url: url.to_owned(),
                    links: links.collect(),
                    facts,
                    look: look_of(&exchange),
                };
                seen.pages.push((site, page));
            }
            seen.rows.push(VisitRow { id, url: url.to_owned(), site, role, answer, exchange });
            return;
        }
    }

    /// Whether a page of the same host that is known to be there is there for us, too.
    fn control_answers(&mut self, url: &str) -> bool {
        let inner = if url == OUTSIDE { "/" } else { "/dt/3.html" };
        let (exchange, body) = self.ask(&format!("http://{}{inner}", host(url)));
        let facts = Self::read(&exchange, &body, false);
        self.blunder == Blunder::NoControl || Answer::of(&exchange, facts.as_ref()) == Answer::There
    }

    /// One request, answered as the scenario says, redirects included.
    fn ask(&mut self, url: &str) -> (Exchange, Vec<u8>) {
        self.now += 1000 + i64::try_from(self.dice.below(400)).expect("small");
        let host = host(url);
        let path = url.split_once(&host).map_or("/", |(_, path)| path).to_owned();
        let log = self.log.entry(host.clone()).or_default();
        let asked = Asked {
            host: &host,
            path: &path,
            at: self.now,
            nth: log.len() as u64,
            turn: self.turns.get(url).copied().unwrap_or(0),
            lately: log.iter().rev().take_while(|at| self.now - **at < 60_000).count() as u64,
            since: self.now - self.began,
            luck: self.luck,
        };
        let said = self.scenario.says(&asked, &mut self.dice);
        let said = said.unwrap_or_else(|| well(&host, &path));
        log.push(self.now);
        *self.turns.entry(url.to_owned()).or_default() += 1;
        exchange(url, self.now, said)
    }

    fn read(exchange: &Exchange, body: &[u8], structure: bool) -> Option<PageFacts> {
        let reply = exchange.outcome.as_ref().ok()?;
        if body.is_empty() || reply.header("content-type").is_some_and(|kind| !kind.contains("html")) {
            return None;
        }
        Some(read_once(reply, body, structure))
    }

    fn id(&mut self, url: &str) -> u32 {
        let next = u32::try_from(self.ids.len()).expect("few") + 1;
        *self.ids.entry(url.to_owned()).or_insert(next)
    }

    fn fold(&self, look: u8, seen: &Seen, looks: &mut [Vec<LookFacts>]) {
        let own = if self.blunder == Blunder::NothingVoid {
            OwnFailures::default()
        } else {
            of_visits(&self.registry, &seen.rows, &seen.witnesses)
        };
        let targets: HashMap<u32, TargetSeen> = (seen.rows.iter())
            .map(|row| (row, own.answer(row)))
            .filter(|(_, answer)| look > 1 || *answer != Answer::There)
            .map(|(row, answer)| {
                let external = row.site == NO_SITE;
                (
                    row.id,
                    TargetSeen {
                        id: row.id,
                        url: row.url.clone(),
                        external,
                        answer,
                        look: look_of(&row.exchange),
                    },
                )
            })
            .collect();
        for (site, out) in looks.iter_mut().enumerate() {
            let index = u32::try_from(site).expect("few");
            let home = home(site);
            let visits = seen.rows.iter().filter(|row| row.url == home);
            let visits = visits.map(|row| Visit { look: look_of(&row.exchange), answer: own.answer(row) });
            let around = Surroundings {
                id: format!("99010001{site:02}"),
                name: format!("示例网站{site}"),
                url: home.clone(),
                visits: visits.collect(),
                columns: vec![RegisteredColumn {
                    url: format!("{home}dt/"),
                    name: "动态".to_owned(),
                    class: None,
                    level: Some(1),
                    cycle_days: None,
                }],
                ..Surroundings::default()
            };
            let pages: Vec<PageSeen> = (seen.pages.iter())
                .filter(|(of, page)| *of == index && !own.covers(&page.look))
                .map(|(_, page)| page.clone())
                .collect();
            let facts = match out.first() {
                None => folded(around, &targets, pages),
                Some(before) => {
                    let by_url = targets.values().map(|target| (target.url.clone(), target.clone()));
                    look_again(&before.facts, &around, &pages, &by_url.collect::<HashMap<_, _>>())
                }
            };
            if let Some(at) = facts.site.visits.first().map(|visit| visit.look.at) {
                out.push(LookFacts { look_no: u32::from(look), at, facts });
            } else if look == 1 {
                out.push(LookFacts { look_no: 1, at: moment(self.now), facts });
            }
        }
    }
}

fn folded(around: Surroundings, targets: &HashMap<u32, TargetSeen>, pages: Vec<PageSeen>) -> SiteFacts {
    let mut fold = Fold::new(around, targets.clone());
    for page in pages {
        fold.page(page);
    }
    fold.finish()
}

/// A page that every site links to.
pub(crate) const OUTSIDE: &str = "http://outside.example/x.html";
/// Pages that say whether our own network is well.
pub(crate) const WITNESSES: [&str; 2] = ["http://witness-a.example/", "http://witness-b.test/"];

/// The home page of site `n`.
pub(crate) fn home(site: usize) -> String {
    format!("http://www.site{site}.example/")
}

fn host(url: &str) -> String {
    url.trim_start_matches("http://").split('/').next().unwrap_or_default().to_owned()
}

fn moment(at: i64) -> Instant8 {
    from_millis(BEGIN + at)
}

/// What a web that is well answers.
fn well(host: &str, path: &str) -> Said {
    const HTML: &[(&str, &str)] = &[("content-type", "text/html; charset=utf-8")];
    match path {
        _ if !host.starts_with("www.site") => Said::Reply(200, HTML, ELSEWHERE),
        "/" => Said::Reply(200, HTML, HOME),
        "/dt/" => Said::Reply(200, HTML, COLUMN),
        "/file/a.pdf" => Said::Reply(206, &[("content-type", "application/pdf")], "%PDF-1.7"),
        _ => Said::Reply(200, HTML, ARTICLE),
    }
}

const HOME: &str = "<!DOCTYPE html><html><head><title>示例网站</title></head><body><div class=nav><ul><li><a href=/>首页</a></li>\
    <li><a href=/dt/>动态</a></li></ul></div><div class=main><ul class=list>\
    <li><a href=/dt/1.html>市政府召开常务会议研究部署工作</a><span>2026-11-17</span></li>\
    <li><a href=/dt/2.html>全市重点项目建设推进会召开</a><span>2026-11-16</span></li>\
    <li><a href=/dt/3.html>市领导调研基层治理工作</a><span>2026-11-15</span></li></ul>\
    <a href=/t.html>办事指南</a><a href=/file/a.pdf>附件下载</a><a href=http://outside.example/x.html>友情链接</a></div></body></html>";
const COLUMN: &str = "<!DOCTYPE html><html><head><title>动态_示例网站</title></head><body><div class=nav><ul><li><a href=/>首页</a></li>\
    <li><a href=/dt/>动态</a></li></ul></div><div class=position>您的位置：<a href=/>首页</a> &gt; <a href=/dt/>动态</a></div>\
    <div class=main><ul class=list>\
    <li><a href=/dt/1.html>市政府召开常务会议研究部署工作</a><span>2026-11-17</span></li>\
    <li><a href=/dt/2.html>全市重点项目建设推进会召开</a><span>2026-11-16</span></li>\
    <li><a href=/dt/3.html>市领导调研基层治理工作</a><span>2026-11-15</span></li></ul>\
    <p><a href=/t.html>办事指南</a><a href=/file/a.pdf>附件下载</a><a href=http://outside.example/x.html>友情链接</a></p></div></body></html>";
const ARTICLE: &str = "<!DOCTYPE html><html><head><title>市政府召开常务会议研究部署工作</title></head><body>\
    <h1>市政府召开常务会议研究部署工作</h1><div class=info>发布时间：2026-11-17 来源：示例市人民政府办公室</div><div id=zoom>\
    <p>各有关部门要加强组织领导，明确责任分工，细化工作措施，确保各项任务落到实处。会议听取了有关情况汇报，研究了下一步工作。</p></div></body></html>";
const ELSEWHERE: &str = "<!DOCTYPE html><html><head><title>示例网页</title></head><body><h1>示例网页</h1><p>本页内容均为虚构，供查阅。</p></body></html>";

fn exchange(url: &str, at: i64, said: Said) -> (Exchange, Vec<u8>) {
    let mut hops = Vec::new();
    let (outcome, body) = match said {
        Said::Reply(status, headers, body) => {
            (Ok(reply(url, status, headers, body)), body.as_bytes().to_vec())
        }
        Said::Led(to, status, body) => {
            let mut from = url.to_owned();
            for to in to {
                let led = std::mem::replace(&mut from, (*to).to_owned());
                hops.push(Hop { url: led, status: 302, to: (*to).to_owned(), addr: None });
            }
            let html: &[(&str, &str)] = &[("content-type", "text/html; charset=utf-8")];
            (Ok(reply(&from, status, html, body)), body.as_bytes().to_vec())
        }
        Said::Failed(error) => (Err::<Reply, FetchError>(error), Vec::new()),
    };
    (Exchange { url: url.to_owned(), at: moment(at), took_ms: 300, hops, outcome }, body)
}

fn reply(url: &str, status: u16, headers: &[(&str, &str)], body: &str) -> Reply {
    use sha2::{Digest as _, Sha256};
    Reply {
        url: url.to_owned(),
        status,
        // Every host has an address of its own, whatever answers there.
        addr: Some(([198, 51, 100, u8::try_from(fingerprint(&host(url)) % 250).expect("small")], 80).into()),
        headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        body_len: body.len() as u64,
        body_sha256: if body.is_empty() { String::new() } else { hex(&Sha256::digest(body)) },
        body_cut: status == 206,
    }
}

/// A page is read once however many worlds show it.
fn read_once(reply: &Reply, body: &[u8], structure: bool) -> PageFacts {
    type Read = HashMap<(String, u16, String, bool), PageFacts>;
    static READ: LazyLock<Mutex<Read>> = LazyLock::new(Mutex::default);
    let key = (reply.url.clone(), reply.status, reply.body_sha256.clone(), structure);
    let mut read = READ.lock().unwrap_or_else(PoisonError::into_inner);
    let facts = read.entry(key).or_insert_with(|| {
        let url = Url::parse(&reply.url).expect("a URL");
        let cx = PageContext {
            url: &url,
            content_type: reply.header("content-type"),
            status: Some(reply.status),
            as_of: from_millis(BEGIN),
            want_structure: structure,
        };
        read_page(body, &cx, || false)
    });
    facts.clone()
}

/// FNV-1a: the same on every machine.
fn fingerprint(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Sites that share nothing.
fn registry(sites: usize) -> Registry {
    let site = |n: usize| Site {
        name: format!("示例网站{n}"),
        code: format!("99010001{n:02}"),
        url: Url::parse(&home(n)).expect("a URL"),
        kind: SiteKind::Department,
        level: String::new(),
        supervisor: None,
        host_unit: format!("示例单位{n}"),
        undertaker: None,
        operator: None,
        status: SiteStatus::Running,
        tags: Vec::new(),
        scope: Vec::new(),
        obey_robots: true,
    };
    Registry { sites: (0..sites).map(site).collect(), ..Registry::default() }
}
