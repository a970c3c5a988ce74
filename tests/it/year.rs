//! A generated year of an office: events through the store's own doors, and its figures computed again from the exported
//! log by somebody who knows nothing of the ledger's code.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike as _, Days, NaiveDate, NaiveTime, TimeZone as _};
use serde_json::Value;
use xuncha::calendar::{Instant8, beijing};
use xuncha::finding::{
    Cause, Class, Confidence, Evidence, Finding, Fingerprint, Severity, State, Subject, SubjectKind,
};
use xuncha::ledger::Observations;
use xuncha::ledger::case::{Case, CaseState};
use xuncha::ledger::deadline::Holidays;
use xuncha::ledger::event::{Claim, What};
use xuncha::ledger::ladder::{Ladder, due_actions, reminders_by_month};
use xuncha::ledger::period::{Movements, Period};
use xuncha::store::batches::Review;
use xuncha::store::ledger::{Ledger as Book, Wanted};
use xuncha::store::replies::Delivery;

/// How large the year is.
struct Size {
    months: u32,
    sites: u64,
    accounts: u64,
    units: u64,
    /// New problems of a month for each hundred sites and accounts.
    per_hundred: u64,
}

/// A generator of numbers that gives the same ones everywhere (`SplitMix64`).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    fn percent(&mut self, chance: u64) -> bool {
        self.below(100) < chance
    }
}

/// Calendars of 2025 and 2026 are shipped: the year is 2025, and its last dates lead into the next.
fn holidays() -> Holidays {
    Holidays::parse("holidays.toml", include_str!("../../config/holidays.toml")).expect("the calendar")
}

fn at(day: NaiveDate, hour: u32) -> Instant8 {
    let time = NaiveTime::from_hms_opt(hour, 0, 0).expect("an hour");
    beijing().from_local_datetime(&day.and_time(time)).single().expect("an instant")
}

fn unit(n: u64) -> String {
    format!("示例市第{n:02}局")
}

fn finding(place: u64, size: &Size, n: u64) -> Finding {
    let account = place >= size.sites;
    let (rule, title) = match (account, n % 3) {
        (true, _) => ("stale-account", "新媒体超期未更新"),
        (false, 0) => ("broken-link", "断链"),
        (false, 1) => ("empty-column", "空白栏目"),
        (false, _) => ("stale-column", "栏目超期未更新"),
    };
    let code = format!("99{place:08}");
    let url = format!("http://s{place}.example.test/{n}");
    Finding {
        rule: rule.to_owned(),
        title: title.to_owned(),
        indicator: "单项否决".to_owned(),
        severity: if n.is_multiple_of(17) { Severity::Immediate } else { Severity::Deadline },
        class: Class::VetoCount,
        subject: Subject {
            kind: SubjectKind::Column,
            site: code.clone(),
            site_name: format!("示例网站{place}"),
            place: format!("栏目{n}"),
            column: Some(url.clone()),
        },
        description: "栏目内无信息".to_owned(),
        remedy: String::new(),
        fingerprint: Fingerprint::of(&code, rule, &url),
        url,
        page: None,
        cause: Cause::Single,
        stock: false,
        confidence: Confidence::High,
        state: State::Confirmed,
        evidence: Evidence { looks: Vec::new(), excerpt: String::new(), last_update: None },
    }
}

/// One office's year: patrols twice a month, batches, replies, decisions, reminders, rechecks, relapses.
struct Office<'a> {
    book: Book,
    size: &'a Size,
    dice: Dice,
    holidays: Holidays,
    /// What is wrong with the world now.
    wrong: BTreeMap<Fingerprint, Finding>,
    runs: u32,
    made: u64,
}

impl Office<'_> {
    fn patrol(&mut self, day: NaiveDate, whole: bool) {
        self.runs += 1;
        let mut passed = Vec::new();
        let mut unseen = Vec::new();
        for case in self.book.cases(&Wanted::default()).expect("reads") {
            let fingerprint = case.finding.fingerprint;
            if self.dice.percent(3) {
                unseen.push(fingerprint);
            } else if !self.wrong.contains_key(&fingerprint) {
                passed.push(fingerprint);
            }
        }
        let hidden: BTreeSet<&Fingerprint> = unseen.iter().collect();
        let seen = self.wrong.values().filter(|finding| !hidden.contains(&finding.fingerprint));
        let findings: Vec<Finding> = seen.cloned().collect();
        let of = |finding: &Finding| {
            let place = finding.subject.site.strip_prefix("99").and_then(|place| place.parse::<u64>().ok());
            let place = place.expect("a place");
            (finding.fingerprint.clone(), unit(place % self.size.units))
        };
        let units = findings.iter().map(of).collect();
        let observed = Observations {
            run: self.runs.to_string(),
            at: at(day, 8),
            whole,
            findings,
            passed,
            unseen,
            accounted: Vec::new(),
            undecided: Vec::new(),
            units,
        };
        self.book.record(&observed).expect("records");
    }

    fn month(&mut self, first: NaiveDate) {
        let day = |n: u64| first + Days::new(n);
        let places = self.size.sites + self.size.accounts;
        for _ in 0..(places * self.size.per_hundred).div_ceil(100) {
            let place = self.dice.below(places);
            self.made += 1;
            let one = finding(place, self.size, self.made);
            self.wrong.insert(one.fingerprint.clone(), one);
        }
        // Something that was mended breaks again.
        for case in self.book.cases(&Wanted::states(&[CaseState::Closed])).expect("reads") {
            if self.dice.percent(4) {
                self.wrong.insert(case.finding.fingerprint.clone(), case.finding);
            }
        }
        self.patrol(day(1), true);
        self.hand_over(day(4));
        for n in 5..28 {
            if self.holidays.is_working_day(day(n)).expect("the year is there") {
                self.desk(day(n));
            }
            if n == 16 {
                self.patrol(day(n), false);
            }
        }
    }

    fn hand_over(&mut self, on: NaiveDate) {
        let batch = on.format("%Y%m").to_string();
        let candidates = self.book.candidates().expect("reads");
        let (mut adopted, mut refused) = (Vec::new(), Vec::new());
        for case in &candidates {
            if self.dice.percent(5) {
                refused.push((case.number.clone(), "栏目由脚本加载".to_owned()));
            } else {
                adopted.push(case.number.clone());
            }
        }
        let review =
            Review { batch, by: "李某某".to_owned(), at: at(on, 9), adopted, refused, source: None };
        let batch = self.book.approve(&review).expect("approved");
        let mut by_due: BTreeMap<NaiveDate, Vec<String>> = BTreeMap::new();
        for case in batch.pending() {
            let due = match case.finding.severity {
                Severity::Immediate => on + Days::new(1),
                _ => self.holidays.add_working_days(on, 10).expect("the calendar reaches"),
            };
            by_due.entry(due).or_default().push(case.number.clone());
        }
        for (due, numbers) in by_due {
            self.book.mark_assigned(&numbers, due, on, "李某某", at(on, 10)).expect("marked");
        }
    }

    /// A day at the desk: what is due goes out, units reply, the office decides.
    fn desk(&mut self, on: NaiveDate) {
        let cases = self.book.cases(&Wanted::default()).expect("reads");
        let actions = due_actions(&cases, &BTreeSet::new(), on, Ladder::default(), &self.holidays);
        for action in actions.expect("the calendar reaches") {
            let delivery = Delivery { step: action.step, due: action.due, on, letter: "T" };
            self.book.remind(&[action.number], delivery, "李某某", at(on, 11)).expect("entered");
        }
        for case in cases.iter().filter(|case| case.state.is_handed_over()) {
            let fingerprint = &case.finding.fingerprint;
            let reply = || What::Answered { text: "已整改".to_owned(), link: None, done: Some(on) };
            let why = || "经核实".to_owned();
            let what = match case.state {
                CaseState::Disputed => match self.dice.below(8) {
                    0 => What::Revoked { reason: why() },
                    1 => What::Maintained { reason: why() },
                    2 => What::Transferred { unit: unit(self.dice.below(self.size.units)), reason: why() },
                    _ => continue,
                },
                _ if case.progress.pending.is_some() => match self.dice.below(6) {
                    0 => What::Extended { due: on + Days::new(9), reason: why() },
                    1 => What::Maintained { reason: why() },
                    _ => continue,
                },
                state if state.is_with_unit() => match self.dice.below(40) {
                    0..=3 => {
                        self.wrong.remove(fingerprint);
                        reply()
                    }
                    4 => reply(),
                    5 => {
                        self.wrong.remove(fingerprint);
                        continue;
                    }
                    6 => What::DelayAsked { until: Some(on + Days::new(9)), reason: why() },
                    7 if self.dice.percent(40) => What::Disputed { reason: why(), claim: Claim::NotRequired },
                    _ => continue,
                },
                _ => continue,
            };
            self.book.enter(&case.number, what, "李某某", at(on, 15), None).expect("legal");
        }
    }
}

/// What the log says of one case, read by a reader of its own.
#[derive(Default)]
#[allow(clippy::struct_excessive_bools, reason = "a reader of its own: each line of the log sets one")]
struct Told {
    confirmed: bool,
    handed_over: bool,
    closed: bool,
    returns: usize,
    objected: bool,
    /// When it was last said to be mended, until somebody has looked since.
    replied: Option<String>,
    withdrawn: bool,
    passed_since: bool,
}

/// The figures of each month, from the lines of the log alone.
fn recomputed(log: &[Value]) -> BTreeMap<String, BTreeMap<&'static str, usize>> {
    let mut cases: BTreeMap<String, Told> = BTreeMap::new();
    let mut months: BTreeMap<String, BTreeMap<&'static str, usize>> = BTreeMap::new();
    for line in log {
        let at = line["at"].as_str().expect("a time");
        let month = at.get(..7).expect("a month").replace('-', "");
        let case = cases.entry(line["number"].as_str().expect("a number").to_owned()).or_default();
        let figures = months.entry(month).or_default();
        let mut add = |name| *figures.entry(name).or_default() += 1;
        let what = &line["what"];
        match what["kind"].as_str().expect("a kind") {
            "seen" if what["finding"]["state"] == "confirmed" => {
                if !case.confirmed {
                    case.confirmed = true;
                    add("new");
                } else if case.closed {
                    case.closed = false;
                    case.returns += 1;
                    add("relapsed");
                    if case.returns > 1 {
                        add("recurring");
                    }
                } else if case.withdrawn {
                    case.withdrawn = !case.passed_since;
                } else if case.replied.as_deref().is_some_and(|since| at >= since) {
                    add("failed_rechecks");
                }
                // What was seen before the reply was given says nothing of it, though it is entered later.
                case.replied.take_if(|since| at >= since.as_str());
            }
            "not-seen" if case.withdrawn => case.passed_since = true,
            "not-seen" if !case.closed && !case.objected => {
                case.closed = true;
                case.replied = None;
                add("closed");
            }
            "assigned" => {
                case.handed_over = true;
                case.replied = None;
                add("assigned");
            }
            "answered" => {
                case.replied = Some(at.to_owned());
                add("answered");
            }
            "disputed" => {
                case.objected = true;
                case.replied = None;
                add("disputed");
            }
            "delay-asked" => case.replied = None,
            "upheld" | "extended" | "transferred" => {
                case.objected = false;
                if what["kind"] == "extended" {
                    add("extended");
                }
            }
            "rejected" => {
                (case.withdrawn, case.passed_since) = (true, false);
                add(if case.handed_over { "revoked" } else { "refused" });
            }
            "revoked" => {
                add("revoked");
                if case.objected {
                    add("false_alarms");
                }
                (case.withdrawn, case.passed_since, case.objected) = (true, false, false);
            }
            "reminded" => add(if what["step"] == "order" { "orders" } else { "reminders" }),
            _ => {}
        }
    }
    months
}

fn year(size: &Size) -> usize {
    // Thousands of small writes, each of which waits for the disk: where there is a disk of memory, they wait for that.
    let memory = std::path::Path::new("/dev/shm");
    let dir = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    let dir = dir.expect("a folder");
    let book = Book::open(dir.path()).expect("opens");
    let mut office = Office {
        book,
        size,
        dice: Dice(20_260_101),
        holidays: holidays(),
        wrong: BTreeMap::new(),
        runs: 0,
        made: 0,
    };
    let first = |month: u32| NaiveDate::from_ymd_opt(2025, month, 1).expect("a month");
    for month in 1..=size.months {
        office.month(first(month));
    }
    let book = &office.book;
    assert_eq!(book.verify(None).expect("walks").broken, None);
    assert_eq!(book.audit().expect("audits"), Vec::<String>::new());
    let mut log: Vec<Value> = Vec::new();
    book.log(&mut |logged| {
        log.push(serde_json::to_value(&logged).expect("serialises"));
        Ok(())
    })
    .expect("a log");
    let again = recomputed(&log);
    let mut sums: BTreeMap<&str, usize> = BTreeMap::new();
    for month in 1..=size.months {
        let period = Period::month_of(first(month));
        let mut told = Movements::default();
        book.histories(&mut |history| Ok(told.add(history, period)?)).expect("reads");
        let told = serde_json::to_value(told).expect("serialises");
        let key = first(month).format("%Y%m").to_string();
        for name in [
            "new",
            "assigned",
            "answered",
            "closed",
            "relapsed",
            "recurring",
            "failed_rechecks",
            "extended",
            "disputed",
            "refused",
            "revoked",
            "false_alarms",
            "reminders",
            "orders",
        ] {
            let count = again.get(&key).and_then(|figures| figures.get(name)).copied().unwrap_or_default();
            assert_eq!(told[name], count, "{name} in {key}");
            *sums.entry(name).or_default() += count;
        }
    }
    // A year in which something never happened would prove nothing of it.
    assert!(sums.values().all(|count| *count > 0), "{sums:?}");
    let cases: Vec<Case> = book.cases(&Wanted::default()).expect("reads");
    let letters: usize = reminders_by_month(&cases).values().sum();
    let by_unit_and_day: BTreeSet<(String, String, String)> = log
        .iter()
        .filter(|line| line["what"]["kind"] == "reminded")
        .map(|line| {
            let text = |name: &str| line["what"][name].as_str().expect("a text").to_owned();
            (text("unit"), text("on"), text("step"))
        })
        .collect();
    assert_eq!(letters, by_unit_and_day.len());
    assert!(cases.iter().all(|case| case.first_seen.year() == 2025));
    log.len()
}

#[test]
fn a_small_year_is_counted_alike_by_two_readers() {
    let events = year(&Size { months: 10, sites: 6, accounts: 24, units: 5, per_hundred: 25 });
    assert!(events > 500, "{events}");
}

/// The year of a city: 12 months, 60 sites, 300 accounts, 40 units.
#[test]
#[ignore = "takes minutes: cargo test --test it year -- --ignored"]
fn a_citys_year_is_counted_alike_by_two_readers() {
    let events = year(&Size { months: 12, sites: 60, accounts: 300, units: 40, per_hundred: 25 });
    assert!(events > 10_000, "{events}");
}
