//! The scenarios, as data: what is answered, when, and where. In all but the planted breakages every page is well, and
//! whoever calls one broken is wrong.

use xuncha::exchange::{FetchError, OurLimit};

use super::answers::{Named, Said, breakages, faults, walls};
use super::world::{Asked, Dice, OUTSIDE};

/// One situation.
#[derive(Debug, Clone)]
pub(crate) struct Scenario {
    pub(crate) name: String,
    /// How many sites there are.
    pub(crate) sites: usize,
    /// Whether witnesses are asked.
    pub(crate) witnesses: bool,
    what: Said,
    when: When,
    on: On,
}

/// When the answer is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    Always,
    /// From some request to the host on, different from seed to seed.
    After,
    /// While the host is asked more often than it likes.
    Rate,
    /// So many of so many requests for the same address in turn, as where one server of several is wrong.
    Turn(u64, u64),
    /// So many requests of a thousand.
    Odds(u64),
    /// Through some hours before and after the first look.
    Burst,
    /// Two hours of every day.
    Nightly,
    /// From some moment of every look to another, in milliseconds since its beginning.
    Within(i64, i64),
}

/// What is answered so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum On {
    /// Everything on the first site.
    Site,
    /// Everything on the first site but its home page.
    Inner,
    /// One page of it.
    Link,
    /// A file of it.
    File,
    /// Its column.
    Column,
    /// A page elsewhere.
    Outside,
    /// Everything there.
    OutsideHost,
    /// Everything that is asked of anybody.
    Network,
}

impl Scenario {
    /// What is answered in place of what is well.
    pub(crate) fn says(&self, asked: &Asked<'_>, dice: &mut Dice) -> Option<Said> {
        let first = asked.host == "www.site0.example" && asked.path != "/robots.txt";
        let there = match self.on {
            On::Site => first,
            On::Inner => first && asked.path != "/",
            On::Link => first && asked.path == "/t.html",
            On::File => first && asked.path.starts_with("/file/"),
            On::Column => first && asked.path == "/dt/",
            On::Outside => OUTSIDE.ends_with(&format!("{}{}", asked.host, asked.path)),
            On::OutsideHost => OUTSIDE.contains(asked.host),
            On::Network => true,
        };
        let now = match self.when {
            When::Always => true,
            When::After => asked.nth > asked.luck % 24,
            When::Rate => asked.lately > 1 + asked.luck % 12,
            When::Turn(bad, of) => (asked.turn + asked.luck) % of < bad,
            When::Odds(thousandths) => dice.below(1000) < thousandths,
            When::Burst => {
                let before = i64::try_from(asked.luck % 7_200_000).expect("hours");
                let length = 60_000 + i64::try_from(asked.luck / 7 % 18_000_000).expect("hours");
                asked.at < length.max(before + 60_000) - before
            }
            When::Nightly => {
                let phase = i64::try_from(asked.luck % 7_200_000).expect("hours");
                (asked.at + phase).rem_euclid(86_400_000) < 7_200_000
            }
            When::Within(from, until) => (from..until).contains(&asked.since),
        };
        (there && now).then(|| self.what.clone())
    }
}

/// The scenarios in which nothing is broken: every answer in `share` of the places it may be given in, so that all places
/// have their turn with a share below all of them.
pub(crate) fn healthy(share: usize) -> Vec<Scenario> {
    const WALL: [(When, On); 5] = [
        (When::Always, On::Link),
        (When::Always, On::Site),
        (When::After, On::Site),
        (When::Always, On::OutsideHost),
        (When::Always, On::Column),
    ];
    const PASSING: [(When, On); 10] = [
        (When::Turn(1, 2), On::Link),
        (When::Burst, On::OutsideHost),
        (When::Turn(2, 3), On::Link),
        (When::Burst, On::Link),
        (When::Odds(30), On::Site),
        (When::Nightly, On::File),
        (When::Turn(1, 3), On::Outside),
        (When::Burst, On::Site),
        (When::Odds(30), On::OutsideHost),
        (When::Nightly, On::Column),
    ];
    // Meant for us alone: whatever a program asks for, after so many requests, or above a rate.
    const FOR_US: [(When, On); 5] = [
        (When::Always, On::Inner),
        (When::Rate, On::Inner),
        (When::After, On::Site),
        (When::Rate, On::Site),
        (When::After, On::Inner),
    ];
    let mut all = Vec::new();
    for (n, wall) in walls().iter().enumerate() {
        some_of(&mut all, wall, &WALL, n, share);
    }
    for (n, fault) in faults().iter().enumerate() {
        some_of(&mut all, fault, &PASSING, 3 * n, 2 * share);
        if matches!(fault.1, Said::Reply(..)) {
            some_of(&mut all, fault, &FOR_US, n, 2 * share);
        }
        if matches!(fault.1, Said::Reply(400..=499, ..)) {
            add(&mut all, fault, When::Always, On::OutsideHost);
        }
    }
    for (n, kind) in own_faults().iter().enumerate() {
        let mut of_kind = outages(kind);
        of_kind.rotate_left(3 * n % 8);
        all.extend(of_kind.into_iter().take(2 * share));
    }
    all
}

fn some_of(all: &mut Vec<Scenario>, what: &Named, places: &[(When, On)], first: usize, share: usize) {
    for (when, on) in places.iter().cycle().skip(first % places.len()).take(share.min(places.len())) {
        add(all, what, *when, *on);
    }
}

/// Every planted breakage: one target that is broken for everybody, always.
pub(crate) fn broken() -> Vec<Scenario> {
    let mut all = Vec::new();
    for breakage in breakages() {
        for on in [On::Link, On::File, On::Outside] {
            add(&mut all, &breakage, When::Always, on);
        }
    }
    for name in ["NXDOMAIN", "refused"] {
        let found = faults().into_iter().find(|(other, _)| *other == name).expect("a fault");
        add(&mut all, &found, When::Always, On::OutsideHost);
    }
    all
}

/// Failures of our own network.
fn own_faults() -> Vec<Named> {
    const HTML: &[(&str, &str)] = &[("content-type", "text/html; charset=utf-8")];
    const PORTAL: &str = "<html><head><title>上网认证</title></head><body><h1>上网认证</h1><p>请先登录后再使用网络</p></body></html>";
    const PROXY: &str = "<html><head><title>ERROR</title></head><body><h1>ERROR: The requested URL could not be retrieved</h1></body></html>";
    let mut kinds: Vec<Named> =
        faults().into_iter().filter(|(_, said)| matches!(said, Said::Failed(_))).collect();
    kinds.extend([
        ("portal by redirect", Said::Led(&["http://wifi.lan/portal"], 200, PORTAL)),
        ("portal by redirect that is 404", Said::Led(&["http://10.1.1.1/a"], 404, "<h1>404</h1>")),
        ("portal in place", Said::Reply(200, HTML, PORTAL)),
        ("portal in place as 404", Said::Reply(404, HTML, PORTAL)),
        ("filter page 410", Said::Reply(410, HTML, "<h1>Blocked by policy</h1>")),
        ("proxy error 500", Said::Reply(500, HTML, PROXY)),
        ("proxy error 502", Said::Reply(502, HTML, PROXY)),
        ("proxy error 503", Said::Reply(503, HTML, PROXY)),
        ("proxy error 504", Said::Reply(504, HTML, PROXY)),
        ("proxy error 404", Said::Reply(404, HTML, PROXY)),
        ("proxy wants a password", Said::Reply(407, HTML, PROXY)),
        ("inner name server", Said::Failed(FetchError::Ours(OurLimit::InnerAddress))),
        (
            "tls broken open",
            Said::Failed(FetchError::Tls("invalid peer certificate: UnknownIssuer".to_owned())),
        ),
    ]);
    kinds
}

/// One of them at different times, of which every site and every other page is a victim.
fn outages((kind, what): &Named) -> Vec<Scenario> {
    let mut all = Vec::new();
    for witnesses in [false, true] {
        for (when, words) in [
            (When::Always, "always"),
            (When::Within(0, 20_000), "as a look begins"),
            (When::Within(20_000, i64::MAX), "until a look ends"),
            (When::Within(15_000, 45_000), "in the midst of a look"),
        ] {
            let name =
                format!("own network: {kind} {words}{}", if witnesses { ", with witnesses" } else { "" });
            all.push(Scenario { name, sites: 6, witnesses, what: what.clone(), when, on: On::Network });
        }
    }
    all
}

fn add(all: &mut Vec<Scenario>, (name, what): &Named, when: When, on: On) {
    let name = format!("{name}, {when:?} on {on:?}");
    all.push(Scenario { name, sites: 1, witnesses: false, what: what.clone(), when, on });
}
