//! A simulated year of an office: every paper is produced through the real binary, and every figure is made again from the
//! exported events by code that shares nothing with the program's.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Output};

use chrono::{NaiveDate, TimeZone as _};
use serde_json::{Value, json};
use xuncha::calendar::{Instant8, beijing};
use xuncha::finding::{
    Cause, Class, Confidence, Evidence, Finding, Fingerprint, Severity, State, Subject, SubjectKind,
};
use xuncha::inspection::draw::{Draw, Lot, draw};
use xuncha::inspection::standing::{Mark, Outcome, Standing, Verdict};
use xuncha::inspection::{Member, MemberKind};
use xuncha::ledger::Observations;
use xuncha::ledger::case::CaseState;
use xuncha::ledger::deadline::Holidays;
use xuncha::ledger::event::What;
use xuncha::report::figures::{Inspection, Source, results};
use xuncha::store::batches::Review;
use xuncha::store::ledger::{Ledger, Wanted};

const YEAR: i32 = 2026;
const UNITS: usize = 40;
const COUNTIES: usize = 6;
const SITES: usize = 60;
const ACCOUNTS: usize = 300;
const QUARTERS: [(&str, u32); 4] = [("2026Q1", 3), ("2026Q2", 6), ("2026Q3", 9), ("2026Q4", 12)];

/// A generator that needs no crate: the same year every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

fn at(month: u32, day: u32, hour: u32) -> Instant8 {
    beijing().with_ymd_and_hms(YEAR, month, day, hour, 0, 0).single().expect("an hour of the year")
}

fn date(month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(YEAR, month, day).expect("a date")
}

fn unit_name(n: usize) -> String {
    match n {
        0..COUNTIES => format!("示例{}县人民政府办公室", ["甲", "乙", "丙", "丁", "戊", "己"][n]),
        // Two units below each county.
        n if n < COUNTIES * 3 => {
            format!("示例{}县第{n}局", ["甲", "乙", "丙", "丁", "戊", "己"][n % COUNTIES])
        }
        n => format!("示例市第{n}局"),
    }
}

fn county_of(n: usize) -> Option<usize> {
    (n < COUNTIES * 3).then_some(n % COUNTIES)
}

fn set_up(dir: &Path) {
    let mut units =
        "单位名称,简称,上级主管单位,类别,排序,分管领导,联络员,办公电话,邮箱,抄送,送达方式\n".to_owned();
    for n in 0..UNITS {
        let (kind, parent) = match n {
            0..COUNTIES => ("县区", String::new()),
            n if n < COUNTIES * 3 => ("部门", unit_name(n % COUNTIES)),
            _ => ("部门", String::new()),
        };
        let _ = writeln!(units, "{},,{parent},{kind},{},,李某某,,,,线下", unit_name(n), n + 1);
    }
    let mut sites =
        "网站名称,网站标识码,首页网址,类型,级别,主管单位,主办单位,承办单位,运维单位,状态,标签\n".to_owned();
    for n in 0..SITES {
        let kind = if n < COUNTIES { "政府门户网站" } else { "部门网站" };
        let _ = writeln!(
            sites,
            "示例网站{n},{},https://www{n}.shili.gov.cn/,{kind},,,{},,,正常运行,",
            site_code(n),
            unit_name(n % UNITS)
        );
    }
    let config = "[paths]\nstate = \"state\"\nregistry = \".\"\nholidays = \"holidays.toml\"\n\n\
                  [crawl]\ncontact = \"a@example.test\"\n\n[office]\nsignature = \"示例市人民政府办公室政务公开科\"\n\
                  area = \"示例市\"\ncontact = \"李某某\"\nphone = \"0000-0000000\"\nreply-to = \"a@example.test\"\n\n\
                  [papers]\nnumber = \"示府办函\"\n";
    // The year after is not out yet; its three fixed days will do.
    let next = [("元旦", "01-01"), ("劳动节", "05-01"), ("国庆节", "10-01")]
        .map(|(name, day)| format!("\n[[holiday]]\nname = \"{name}\"\nfrom = 2027-{day}\nto = 2027-{day}\n"));
    let holidays =
        include_str!("../../config/holidays.toml").replacen("2026]", "2026, 2027]", 1) + &next.concat();
    for (name, text) in [
        ("units.csv", units.as_str()),
        ("sites.csv", &sites),
        ("xuncha.toml", config),
        ("holidays.toml", &holidays),
    ] {
        std::fs::write(dir.join(name), text).expect("writes");
    }
}

fn site_code(n: usize) -> String {
    format!("{}", 9_901_000_000_u64 + n as u64)
}

fn members() -> Vec<Member> {
    let of = |kind, code: String, name: String, category: &str, unit: usize| Member {
        kind,
        code,
        name,
        category: category.to_owned(),
        county: county_of(unit).map(unit_name).unwrap_or_default(),
        host_unit: unit_name(unit),
        supervisor: String::new(),
        url: String::new(),
    };
    let sites = (0..SITES).map(|n| {
        let kind = if n < COUNTIES { "政府门户网站" } else { "部门网站" };
        of(MemberKind::Site, site_code(n), format!("示例网站{n}"), kind, n % UNITS)
    });
    let accounts = (0..ACCOUNTS).map(|n| {
        let platform = ["微信公众号", "微博", "抖音号", "微信视频号"][n % 4];
        of(MemberKind::Account, format!("acc:{n:03}"), format!("示例账号{n}"), platform, n * 7 % UNITS)
    });
    sites.chain(accounts).collect()
}

fn finding(month: u32, n: u64, site: usize) -> Finding {
    let (rule, title, severity, class) = [
        ("empty-column", "空白栏目", Severity::Deadline, Class::VetoCount),
        ("stale-news-column", "栏目超期未更新", Severity::Deadline, Class::VetoCount),
        ("broken-link", "断链", Severity::Deadline, Class::Deduction),
        ("hidden-link", "暗链", Severity::Immediate, Class::Veto),
    ][usize::try_from(n % 9 / 3 + u64::from(n.is_multiple_of(31))).expect("small")];
    let url = format!("https://www{site}.shili.gov.cn/{month}/{n}/");
    Finding {
        rule: rule.into(),
        title: title.into(),
        indicator: "单项否决-栏目不更新".into(),
        severity,
        class,
        subject: Subject {
            kind: if n.is_multiple_of(2) { SubjectKind::Column } else { SubjectKind::Link },
            site: site_code(site),
            site_name: format!("示例网站{site}"),
            place: format!("政务公开-栏目{n}"),
            column: n.is_multiple_of(2).then(|| format!("https://www{site}.shili.gov.cn/c{}/", n % 5)),
        },
        description: format!("第{n}项问题=1+1"),
        remedy: "整改".into(),
        url: url.clone(),
        page: None,
        cause: Cause::Single,
        stock: false,
        confidence: Confidence::High,
        state: State::Confirmed,
        evidence: Evidence {
            looks: Vec::new(),
            excerpt: String::new(),
            last_update: Some(format!("{YEAR}-01-15")),
        },
        fingerprint: Fingerprint::of(&site_code(site), rule, &url),
    }
}

/// What a month's patrol says: new problems, and of the open ones some mended, some not, some not seen.
fn patrol(ledger: &mut Ledger, dice: &mut Dice, month: u32, day: u32) {
    let run = format!("{month}-{day}");
    let mut observed = Observations {
        run,
        at: at(month, day, 9),
        whole: true,
        findings: Vec::new(),
        passed: Vec::new(),
        unseen: Vec::new(),
        accounted: Vec::new(),
        undecided: Vec::new(),
        units: BTreeMap::new(),
    };
    for case in ledger.cases(&Wanted::default()).expect("cases") {
        let print = case.finding.fingerprint.clone();
        match (case.state, dice.roll(10)) {
            (CaseState::Revoked, _) => observed.passed.push(print),
            (CaseState::Closed, 0) | (_, 1 | 2) if case.state != CaseState::Closed || dice.roll(6) == 0 => {
                observed.units.insert(print, case.unit.clone());
                observed.findings.push(case.finding.clone());
            }
            (CaseState::Closed, _) => observed.passed.push(print),
            (_, 3) => observed.unseen.push(print),
            _ => observed.passed.push(print),
        }
    }
    if day < 20 {
        for n in 0..30 {
            let site = usize::try_from(dice.roll(SITES as u64)).expect("small");
            let finding = finding(month, n, site);
            observed.units.insert(finding.fingerprint.clone(), unit_name(site % UNITS));
            observed.findings.push(finding);
        }
    }
    ledger.record(&observed).expect("records");
}

/// Approval, hand-over, and what units and office do in the weeks after.
fn month(ledger: &mut Ledger, dice: &mut Dice, holidays: &Holidays, month: u32) {
    let batch = format!("{YEAR}{month:02}");
    let adopted: Vec<String> =
        ledger.candidates().expect("candidates").into_iter().map(|case| case.number).collect();
    let review = Review {
        batch: batch.clone(),
        by: "李某某".into(),
        at: at(month, 12, 10),
        adopted: adopted.clone(),
        refused: Vec::new(),
        source: None,
    };
    ledger.approve(&review).expect("approves");
    let due = holidays.add_working_days(date(month, 13), 7).expect("a calendar");
    ledger.mark_assigned(&adopted, due, date(month, 13), "李某某", at(month, 13, 15)).expect("hands over");
    let mut enter = |number: &str, what: Value, when: Instant8| {
        let what: What = serde_json::from_value(what).expect("an event");
        ledger.enter(number, what, "李某某", when, None).expect("enters");
    };
    for number in &adopted {
        match dice.roll(12) {
            0 => {
                enter(number, json!({"kind": "disputed", "reason": "已更新"}), at(month, 16, 9));
                let what = if dice.roll(2) == 0 { "revoked" } else { "upheld" };
                enter(number, json!({"kind": what, "reason": "已核实"}), at(month, 17, 9));
            }
            1 => {
                let until = date(month, 28);
                enter(
                    number,
                    json!({"kind": "extended", "due": until, "reason": "招标中"}),
                    at(month, 16, 10),
                );
            }
            2 if dice.roll(3) == 0 => {
                let until = date(12, 31);
                enter(
                    number,
                    json!({"kind": "exempted", "until": until, "reason": "改版"}),
                    at(month, 16, 11),
                );
            }
            3..=7 => enter(number, json!({"kind": "answered", "text": "已整改"}), at(month, 17, 11)),
            _ => {}
        }
    }
}

/// How every member stands in a quarter.
fn standings(dice: &mut Dice, members: &[Member], quarter: &str, month: u32) -> Vec<Standing> {
    members
        .iter()
        .map(|member| Standing {
            kind: member.kind,
            code: member.code.clone(),
            run: quarter.to_owned(),
            at: at(month, 5, 9),
            rules: "rules".into(),
            marks: vec![Mark {
                indicator: "V3".into(),
                title: "单项否决-首页不更新".into(),
                verdict: if dice.roll(20) == 0 { Verdict::Met } else { Verdict::NotMet },
                sentence: "句".into(),
            }],
            read: 10,
            gaps: 1,
            ipv6: Some(true),
        })
        .collect()
}

fn draw_quarter(ledger: &mut Ledger, members: &[Member], quarter: &str, month: u32) {
    let draws = ledger.draws().expect("draws");
    let earlier: Vec<&Draw> = draws.iter().collect();
    let all = ledger.standings(NaiveDate::MIN, NaiveDate::MAX).expect("standings");
    let registry = xuncha::registry::Registry::default();
    let failed: BTreeSet<String> = earlier.last().map_or_else(BTreeSet::new, |before| {
        let source = Source {
            registry: &registry,
            inspection: &Inspection::drawn(before),
            earlier: &[],
            standings: &all,
            rulings: &[],
            histories: &[],
            cutoff: date(month, 1),
        };
        let failed = results(&source).into_iter().filter(|(_, result)| result.outcome == Outcome::Failed);
        failed.map(|(member, _)| member.code.clone()).collect()
    });
    let period = quarter.parse().expect("a quarter");
    let picks = draw(&Lot { period, seed: quarter, share: 25, members, earlier: &earlier, failed: &failed });
    let list = Draw {
        period,
        window: (date(month, 1), date(month, 9)),
        seed: quarter.into(),
        share: 25,
        at: at(month, 1, 8),
        by: "李某某".into(),
        witness: "王某某".into(),
        reason: String::new(),
        members: members.to_vec(),
        picks,
    };
    ledger.put_draw(&list).expect("a draw");
}

fn xuncha(dir: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xuncha")).args(args).current_dir(dir).output().expect("the binary runs")
}

fn well(dir: &Path, args: &[&str]) -> String {
    let output = xuncha(dir, args);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{args:?}: {told}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn year(dir: &Path) {
    set_up(dir);
    let holidays = Holidays::load(&dir.join("holidays.toml")).expect("a calendar");
    let mut ledger = Ledger::open(&dir.join("state")).expect("opens");
    let members = members();
    let mut dice = Dice(2026);
    for n in 1..=12 {
        if let Some((quarter, _)) = QUARTERS.iter().find(|(_, month)| *month == n) {
            draw_quarter(&mut ledger, &members, quarter, n);
            ledger.put_standings(&standings(&mut dice, &members, quarter, n)).expect("standings");
        }
        patrol(&mut ledger, &mut dice, n, 8);
        month(&mut ledger, &mut dice, &holidays, n);
        patrol(&mut ledger, &mut dice, n, 26);
    }
}

#[test]
fn a_year_of_papers_and_every_figure_again_from_the_events() {
    let folder = tempfile::tempdir().expect("a folder");
    // A folder that stays, for whoever wants to look at the papers.
    let kept = std::env::var_os("XUNCHA_PAPERS").map(std::path::PathBuf::from);
    let dir = kept.as_deref().unwrap_or(folder.path());
    year(dir);
    let ends = ["2026-03-31", "2026-06-30", "2026-09-28", "2026-12-31"];
    for ((quarter, _), on) in QUARTERS.iter().zip(ends) {
        let out = format!("out/{quarter}");
        well(
            dir,
            &[
                "report",
                "quarter",
                "--quarter",
                quarter,
                "--on",
                on,
                "--out",
                &out,
                "--final",
                "--by",
                "李某某",
            ],
        );
    }
    for kind in ["notice", "order", "domains", "manual", "internal"] {
        well(dir, &["report", kind, "--on", "2026-12-31", "--out", &format!("out/{kind}")]);
    }
    for n in 1..=12 {
        let (month, on) = (format!("2026-{n:02}"), format!("2026-{n:02}-28"));
        well(dir, &["report", "monthly", "--month", &month, "--on", &on, "--out", &format!("out/{month}")]);
    }
    let annual =
        well(dir, &["report", "annual", "--year", "2026", "--on", "2026-12-31", "--out", "out/annual"]);
    assert!(annual.contains("2026年度监管情况.docx"), "{annual}");

    let mut args = vec!["export", "--out", "out/export", "--on", "2026-12-31"];
    for (quarter, _) in &QUARTERS {
        args.extend(["--period", quarter]);
    }
    well(dir, &args);
    let export = std::fs::read_to_string(dir.join("out/export/台账.json")).expect("an export");
    let export: Value = serde_json::from_str(&export).expect("JSON");
    assert_eq!(export["schema"], "xuncha-export/1");
    let units: BTreeMap<String, String> =
        (0..UNITS).map(|n| (unit_name(n), county_of(n).map_or_else(|| unit_name(n), unit_name))).collect();
    let mut assigned_in_year = 0;
    for figures in export["figures"].as_array().expect("figures") {
        let again = Again::of(&export, figures, &units);
        again.compare(figures);
        assigned_in_year += again.assigned;
    }
    assert!(assigned_in_year > 300, "a year that says something: {assigned_in_year}");
    let quarter_on = dir.join("out/2026Q3/2026年第三季度数据.json");
    let early: Value =
        serde_json::from_str(&std::fs::read_to_string(quarter_on).expect("data")).expect("JSON");
    Again::of(&export, &early, &units).compare(&early);

    let text =
        std::fs::read_to_string(dir.join("out/2026Q4/2026年第四季度通报（下发版）.txt")).expect("a bulletin");
    let sums = &export["figures"][3]["problems"];
    assert!(
        text.contains(&format!("本季度共交办问题{}项，已整改销号{}项", sums["assigned"], sums["closed"])),
        "{text}"
    );
    let annual = std::fs::read_to_string(dir.join("out/annual/2026年度监管情况.txt")).expect("figures");
    assert!(
        annual.contains("印发通报4期") && annual.contains("检查政府网站60个、政务新媒体300个"),
        "{annual}"
    );
    let public =
        std::fs::read_to_string(dir.join("out/2026Q4/2026年第四季度通报（公开版）.html")).expect("a page");
    assert!(!public.contains("0000-0000000") && !public.contains("https://"), "no telephone, no address");

    // The recomputation has teeth: one event less, and it differs.
    let mut less = export.clone();
    let events = less["events"].as_array_mut().expect("events");
    let last = events.iter().rposition(|event| event["what"]["kind"] == "assigned").expect("one handed over");
    events.remove(last);
    let figures = &export["figures"][3];
    assert_ne!(Again::of(&less, figures, &units).assigned, Again::of(&export, figures, &units).assigned);
}

/// The figures of one period, from the events of an export alone.
#[derive(Default)]
struct Again {
    assigned: usize,
    closed: usize,
    extended: usize,
    overdue: usize,
    within: usize,
    relapsed: usize,
    revoked: usize,
    exempt: usize,
    found: usize,
    closed_in_period: usize,
    relapsed_in_period: usize,
    objections_upheld: usize,
    units: BTreeMap<String, [usize; 3]>,
    members: BTreeMap<&'static str, [usize; 4]>,
}

impl Again {
    fn of(export: &Value, figures: &Value, units: &BTreeMap<String, String>) -> Self {
        let cutoff = figures["cutoff"].as_str().expect("a day");
        let quarter = figures["period"].as_str().expect("a period");
        let nth: u32 = quarter.trim_start_matches("2026Q").parse().expect("a quarter");
        let from = date((nth - 1) * 3 + 1, 1).to_string();
        let mut by_case: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
        for event in export["events"].as_array().expect("events") {
            if day_of(event) <= cutoff {
                by_case.entry(event["number"].as_str().expect("a number")).or_default().push(event);
            }
        }
        let mut again = Self::default();
        for events in by_case.values() {
            again.case(events, &from, cutoff, units);
        }
        again.of_members(export, figures);
        again
    }

    fn case(&mut self, events: &[&Value], from: &str, cutoff: &str, units: &BTreeMap<String, String>) {
        let (mut state, mut due, mut longer, mut unit) = ("new", String::new(), String::new(), String::new());
        let (mut handed, mut ever, mut contested) = (false, false, false);
        let (mut closed, mut relapsed, mut upheld) = (false, false, false);
        for (n, event) in events.iter().enumerate() {
            let what = &event["what"];
            let inside = day_of(event) >= from;
            match what["kind"].as_str().expect("a kind") {
                "seen" if n == 0 => {
                    what["unit"].as_str().expect("a unit").clone_into(&mut unit);
                    self.found += usize::from(inside);
                }
                "seen" if state == "closed" => {
                    state = "relapsed";
                    relapsed |= inside;
                }
                "not-seen" if !matches!(state, "closed" | "revoked" | "exempt" | "contested") => {
                    state = "closed";
                    closed |= inside && ever;
                }
                "assigned" => {
                    (state, ever) = ("open", true);
                    what["due"].as_str().expect("a limit").clone_into(&mut due);
                    longer.clear();
                    let on = what["on"].as_str().expect("a day");
                    handed |= on >= from && on <= cutoff;
                }
                "extended" => {
                    what["due"].as_str().expect("a day").clone_into(&mut due);
                    longer.clone_from(&due);
                }
                "disputed" => (state, contested) = ("contested", true),
                "upheld" => (state, contested) = ("open", false),
                "revoked" => {
                    state = "revoked";
                    upheld |= inside && contested;
                }
                "exempted" => state = "exempt",
                _ => {}
            }
        }
        self.closed_in_period += usize::from(closed);
        self.relapsed_in_period += usize::from(relapsed);
        self.objections_upheld += usize::from(upheld);
        if !handed {
            return;
        }
        let late = match state {
            "revoked" => {
                self.revoked += 1;
                return;
            }
            "exempt" => {
                self.exempt += 1;
                return;
            }
            "closed" => {
                self.closed += 1;
                false
            }
            "relapsed" => {
                self.relapsed += 1;
                false
            }
            _ if !longer.is_empty() && longer.as_str() >= cutoff => {
                self.extended += 1;
                false
            }
            _ if due.as_str() < cutoff => {
                self.overdue += 1;
                true
            }
            _ => {
                self.within += 1;
                false
            }
        };
        self.assigned += 1;
        let row = self.units.entry(units[&unit].clone()).or_default();
        row[0] += 1;
        row[1] += usize::from(state == "closed");
        row[2] += usize::from(late);
    }

    fn of_members(&mut self, export: &Value, figures: &Value) {
        let draws = export["draws"].as_array().expect("draws");
        let draw = draws.iter().find(|draw| draw["period"] == figures["period"]).expect("a list");
        let (first, last) =
            (draw["window"][0].as_str().expect("a day"), draw["window"][1].as_str().expect("a day"));
        let mut failed: BTreeMap<(&str, &str), bool> = BTreeMap::new();
        for standing in export["standings"].as_array().expect("standings") {
            let day = standing["at"].as_str().expect("a time").get(..10).expect("a day");
            if day >= first && day <= last {
                let key =
                    (standing["kind"].as_str().expect("a kind"), standing["code"].as_str().expect("a code"));
                let met =
                    standing["marks"].as_array().expect("marks").iter().any(|mark| mark["verdict"] == "met");
                failed.insert(key, met);
            }
        }
        for kind in ["site", "account"] {
            let count =
                |list: &Value| list.as_array().expect("a list").iter().filter(|m| m["kind"] == kind).count();
            let row = self.members.entry(kind).or_default();
            row[0] = count(&draw["members"]);
            row[1] = count(&draw["picks"]);
            for pick in draw["picks"].as_array().expect("picks").iter().filter(|pick| pick["kind"] == kind) {
                let met = failed[&(kind, pick["code"].as_str().expect("a code"))];
                row[if met { 3 } else { 2 }] += 1;
            }
        }
    }

    fn compare(&self, figures: &Value) {
        let period = &figures["period"];
        let problems = &figures["problems"];
        for (name, mine) in [
            ("found", self.found),
            ("assigned", self.assigned),
            ("closed", self.closed),
            ("extended", self.extended),
            ("overdue", self.overdue),
            ("within", self.within),
            ("relapsed", self.relapsed),
            ("revoked", self.revoked),
            ("exempt", self.exempt),
            ("closed_in_period", self.closed_in_period),
            ("relapsed_in_period", self.relapsed_in_period),
            ("objections_upheld", self.objections_upheld),
        ] {
            assert_eq!(problems[name], mine, "{period}: {name}");
        }
        for (kind, key) in [("site", "sites"), ("account", "accounts")] {
            let told = ["registered", "checked", "passed", "failed"].map(|name| figures[key][name].as_u64());
            assert_eq!(told, self.members[kind].map(|n| Some(n as u64)), "{period}: {key}");
        }
        for row in figures["units"].as_array().expect("units") {
            let unit = row["unit"].as_str().expect("a unit");
            let told = ["assigned", "closed", "overdue"].map(|name| row["problems"][name].as_u64());
            let mine = self.units.get(unit).copied().unwrap_or_default();
            assert_eq!(told, mine.map(|n| Some(n as u64)), "{period}: {unit}");
        }
        let sum: u64 = figures["kinds"]
            .as_array()
            .expect("kinds")
            .iter()
            .map(|row| row["tally"]["assigned"].as_u64().expect("a number"))
            .sum();
        assert_eq!(sum, self.assigned as u64, "{period}: kinds add up");
    }
}

fn day_of(event: &Value) -> &str {
    event["at"].as_str().expect("a time").get(..10).expect("a day")
}
