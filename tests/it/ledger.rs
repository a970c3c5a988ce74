//! The office desk through the real binary: candidates out, a person's review back, cases entered and shown.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::Path;
use std::process::{Command, Output};

use calamine::Reader as _;
use chrono::TimeZone as _;
use xuncha::calendar::{Instant8, beijing};
use xuncha::finding::{
    Cause, Class, Confidence, Evidence, Finding, Fingerprint, Gap, Severity, State, Subject, SubjectKind,
};
use xuncha::ledger::case::CaseState;
use xuncha::ledger::{Observations, Undecided};
use xuncha::store::ledger::{Ledger, Wanted};

pub(crate) fn day(month: u32, day: u32) -> Instant8 {
    beijing().with_ymd_and_hms(2026, month, day, 9, 30, 0).single().expect("a day of 2026")
}

fn finding(n: u32, state: State) -> Finding {
    let url = format!("http://www.example.test/columns/{n:03}/");
    Finding {
        rule: "empty-column".to_owned(),
        title: "空白栏目".to_owned(),
        indicator: "单项否决-栏目不更新（空白栏目）".to_owned(),
        severity: Severity::Deadline,
        class: Class::VetoCount,
        subject: Subject {
            kind: SubjectKind::Column,
            site: "9901000001".to_owned(),
            site_name: "示例市人民政府门户网站".to_owned(),
            place: format!("政务公开-第{n}栏"),
            column: Some(url.clone()),
        },
        description: "栏目内无信息".to_owned(),
        remedy: "补充内容，或按程序归并".to_owned(),
        url: url.clone(),
        page: None,
        cause: Cause::Single,
        stock: false,
        confidence: Confidence::High,
        state,
        evidence: Evidence { looks: Vec::new(), excerpt: "暂无信息".to_owned(), last_update: None },
        fingerprint: Fingerprint::of("9901000001", "empty-column", &url),
    }
}

/// An office with a register of two units, before its first patrol.
fn fresh_office() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    let units = "单位名称,简称,上级主管单位,类别,排序,分管领导,联络员,办公电话,邮箱,抄送,送达方式\n\
                 示例市民政局,市民政局,,部门,1,王某某,李某某,0000-0000001,a@example.test,,邮件\n\
                 示例市教育局,市教育局,,部门,2,王某某,李某某,0000-0000002,b@example.test,,邮件\n";
    let sites = "网站名称,网站标识码,首页网址,类型,级别,主管单位,主办单位,承办单位,运维单位,状态,标签\n\
                 示例市人民政府门户网站,9901000001,http://www.example.test/,政府门户网站,市级,,示例市民政局,,,正常运行,\n";
    let config = "[paths]\nstate = \"state\"\nregistry = \".\"\nholidays = \"holidays.toml\"\n\n\
                  [crawl]\ncontact = \"a@example.test\"\n";
    let holidays = [("元旦", "01-01"), ("劳动节", "05-01"), ("国庆节", "10-01")]
        .map(|(name, day)| format!("[[holiday]]\nname = \"{name}\"\nfrom = 2026-{day}\nto = 2026-{day}\n"));
    let holidays = format!("years = [2026]\n{}", holidays.concat());
    let files = [
        ("xuncha.toml", config),
        ("holidays.toml", holidays.as_str()),
        ("units.csv", units),
        ("sites.csv", sites),
    ];
    for (name, text) in files {
        std::fs::write(dir.path().join(name), text).expect("writes");
    }
    dir
}

/// The same after a patrol that confirmed `count` problems of both units, and left a suspicion and a gap.
pub(crate) fn office(count: u32) -> tempfile::TempDir {
    let dir = fresh_office();
    patrol(dir.path(), "r1", day(11, 16), 1..=count);
    dir
}

pub(crate) fn ledger_of(office: &Path) -> Ledger {
    Ledger::open(&office.join("state")).expect("opens")
}

pub(crate) fn patrol(office: &Path, run: &str, at: Instant8, numbers: std::ops::RangeInclusive<u32>) {
    let mut findings: Vec<Finding> = numbers.map(|n| finding(n, State::Confirmed)).collect();
    findings.push(finding(900, State::Suspected));
    let units: BTreeMap<Fingerprint, String> = (0..)
        .zip(&findings)
        .map(|(n, f)| {
            (f.fingerprint.clone(), if n % 2 == 0 { "示例市民政局" } else { "示例市教育局" }.to_owned())
        })
        .collect();
    let gap = Gap::new("http://www.example.test/query/", "needs-render");
    let observed = Observations {
        run: run.to_owned(),
        at,
        whole: true,
        findings,
        passed: Vec::new(),
        unseen: Vec::new(),
        accounted: Vec::new(),
        undecided: vec![Undecided { unit: "示例市教育局".to_owned(), gap }],
        units,
    };
    ledger_of(office).record(&observed).expect("records");
}

pub(crate) fn xuncha(dir: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xuncha"))
        .args(args)
        .arg("--state-dir")
        .arg(dir.join("state"))
        .current_dir(dir)
        .output()
        .expect("the binary runs")
}

pub(crate) fn told(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

pub(crate) fn refused(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8(output.stderr.clone()).expect("UTF-8")
}

/// Fills in the first sheet of the workbook as `decide` says (number → decision, reason; `None` deletes the
/// row), shuffles the rows, and saves them in another book.
fn reviewed(from: &Path, to: &Path, decide: impl Fn(&str) -> Option<(&'static str, &'static str)>) {
    let bytes = std::fs::read(from).expect("reads");
    let mut book = calamine::open_workbook_auto_from_rs(Cursor::new(bytes)).expect("opens");
    let range = book.worksheet_range("待核清单").expect("the sheet");
    let mut rows: Vec<Vec<String>> = Vec::new();
    for row in range.rows().skip(3) {
        let mut row: Vec<String> = row.iter().map(ToString::to_string).collect();
        let Some((decision, reason)) = decide(row.get(1).expect("a number")) else { continue };
        row.truncate(13);
        row.extend([decision.to_owned(), reason.to_owned()]);
        rows.push(row);
    }
    rows.reverse();
    let middle = rows.len() / 2;
    rows.rotate_left(middle);
    let headings: Vec<String> =
        range.rows().nth(2).expect("headings").iter().map(ToString::to_string).collect();
    let mut out = rust_xlsxwriter::Workbook::new();
    let sheet = out.add_worksheet();
    for (r, row) in (5..).zip(std::iter::once(&headings).chain(&rows)) {
        for (c, cell) in (2..).zip(row) {
            sheet.write_string(r, c, cell).expect("writes");
        }
    }
    out.save(to).expect("saves");
}

#[test]
fn candidates_go_out_and_come_back_through_a_persons_hands() {
    let dir = office(6);
    let at = dir.path();
    let said = told(&xuncha(at, &["list", "--candidates", "--out", "待核清单.xlsx"]));
    assert!(said.contains("已确认待交办 6 项，疑似待核 1 项（不交办），未判定 1 项"), "{said}");
    let again = refused(&xuncha(at, &["list", "--candidates", "--out", "待核清单.xlsx"]));
    assert!(again.contains("已存在"), "{again}");

    let untouched = refused(&xuncha(at, &["approve", "202611", "--by", "李某某", "--from", "待核清单.xlsx"]));
    assert!(untouched.contains("没有可以批准"), "{untouched}");

    reviewed(&at.join("待核清单.xlsx"), &at.join("已复核.xlsx"), |number| match number {
        "202611-0001" => None,
        "202611-0005" => Some(("", "")),
        "202611-0006" => Some(("不采纳", "栏目有内容，脚本加载")),
        _ => Some(("采纳", "")),
    });
    let said = told(&xuncha(at, &["approve", "202611", "--by", "李某某", "--from", "已复核.xlsx"]));
    assert!(said.contains("1 项未填写意见，留待下批"), "{said}");
    assert!(
        said.contains("采纳 3 项，不采纳（误报）1 项，本批待交办共 3 项、2 个单位，仍待核 2 项"),
        "{said}"
    );

    let ledger = ledger_of(at);
    let batch = ledger.batch("202611").expect("there");
    assert_eq!(batch.approved_by, "李某某");
    let numbers: Vec<&str> = batch.cases.iter().map(|case| case.number.as_str()).collect();
    assert_eq!(numbers, ["202611-0002", "202611-0003", "202611-0004"]);
    assert_eq!(ledger.case("202611-0006").expect("there").state, CaseState::Revoked);
    let entry = ledger.history("202611-0004").expect("reads").pop().expect("one");
    assert_eq!((entry.by.as_str(), entry.evidence.as_deref()), ("李某某", Some("已复核.xlsx")));
    let events = |ledger: &Ledger| -> usize {
        let cases = ledger.cases(&Wanted::default()).expect("reads");
        cases.iter().map(|case| ledger.history(&case.number).expect("reads").len()).sum()
    };
    let before = events(&ledger);
    told(&xuncha(at, &["approve", "202611", "--by", "李某某", "--from", "已复核.xlsx"]));
    assert_eq!(events(&ledger), before, "the same review again enters nothing");
}

#[test]
fn a_faulty_review_enters_nothing() {
    let dir = office(3);
    let at = dir.path();
    told(&xuncha(at, &["list", "--candidates", "--out", "a.xlsx"]));
    reviewed(&at.join("a.xlsx"), &at.join("b.xlsx"), |number| match number {
        "202611-0003" => Some(("不采纳", "")),
        _ => Some(("采纳", "")),
    });
    let why = refused(&xuncha(at, &["approve", "202611", "--by", "李某某", "--from", "b.xlsx"]));
    assert!(why.contains("202611-0003：不采纳须写理由"), "{why}");
    let ledger = ledger_of(at);
    assert_eq!(ledger.candidates().expect("reads").len(), 3);
    assert!(ledger.batches().expect("reads").is_empty());
    std::fs::write(at.join("c.xlsx"), "not a workbook").expect("writes");
    let why = refused(&xuncha(at, &["approve", "202611", "--by", "李某某", "--from", "c.xlsx"]));
    assert!(why.contains("无法作为表格读取"), "{why}");
}

#[test]
fn brakes_hold_until_a_person_says_so() {
    let dir = office(4);
    let at = dir.path();
    let approve = |batch: &str, extra: &[&str]| {
        let mut args = vec!["approve", batch, "--by", "李某某"];
        args.extend(extra);
        xuncha(at, &args)
    };
    assert!(refused(&approve("202611", &[])).contains("现有 4 项可以批准"));
    assert!(refused(&approve("202611", &["--all"])).contains("首个批次"));
    assert!(refused(&approve("2026-11", &["--all", "--yes-first"])).contains("批次号"));
    told(&approve("202611", &["--all", "--yes-first"]));
    patrol(at, "r2", day(12, 16), 1..=34);
    let held = refused(&approve("202612", &["--all"]));
    assert!(held.contains("本批拟交办 30 项，上一批 4 项，明显增多"), "{held}");
    assert!(ledger_of(at).batch("202612").is_err());
    told(&approve("202612", &["--all", "--yes-more"]));
    assert_eq!(ledger_of(at).batch("202612").expect("there").cases.len(), 30);
}

#[test]
fn a_case_is_entered_and_shown_at_the_desk() {
    let dir = office(2);
    let at = dir.path();
    told(&xuncha(at, &["approve", "202611", "--by", "李某某", "--all", "--yes-first"]));
    let numbers = ["202611-0001".to_owned(), "202611-0002".to_owned()];
    let due = day(12, 4).date_naive();
    ledger_of(at)
        .mark_assigned(&numbers, due, day(11, 20).date_naive(), "巡查程序", day(11, 20))
        .expect("marks");
    let act = |args: &[&str]| xuncha(at, args);
    let by = ["--by", "王某某"];
    told(&act(&[&["case", "answer", "202611-0001", "--text", "已补充内容"], &by[..]].concat()));
    told(&act(&[&["case", "dispute", "202611-0002", "--text", "栏目已停用"], &by[..]].concat()));
    let why = refused(&act(&[&["case", "dispute", "202611-0002", "--text", "再次申请"], &by[..]].concat()));
    assert!(why.contains("202611-0002：目前为“申请复核”，不能“申请复核”"), "{why}");
    let said = told(&act(&[&["case", "revoke", "202611-0002", "--why", "属实"], &by[..]].concat()));
    assert!(said.contains("申请复核 → 已撤销（误报）"), "{said}");
    let shown = told(&act(&["case", "show", "２０２６１１－0001"]));
    assert!(shown.contains("状　　态：已反馈待复查") && shown.contains("整改时限：2026年12月4日"), "{shown}");
    let history = told(&act(&["case", "history", "202611-0001"]));
    let labels: Vec<&str> = history.lines().skip(1).filter_map(|line| line.split("  ").nth(1)).collect();
    assert_eq!(labels, ["发现问题", "采纳", "交办", "反馈"]);
    let listed = told(&act(&["list"]));
    assert!(listed.contains("202611-0001") && !listed.contains("202611-0002"), "{listed}");
    let listed = told(&act(&["list", "--state", "已撤销", "--xlsx", "a.xlsx"]));
    assert!(listed.contains("共 1 项"), "{listed}");
    let status = told(&act(&["status", "--audit"]));
    for part in
        ["已反馈待复查", "202611", "李某某", "r1", "最近一次巡查有 1 项未能判定", "台账与办理经过一致"]
    {
        assert!(status.contains(part), "{part} in {status}");
    }
}

#[test]
fn without_a_ledger_the_desk_says_so_and_creates_none() {
    let dir = fresh_office();
    let why = refused(&xuncha(dir.path(), &["status"]));
    assert!(why.contains("xuncha patrol"), "{why}");
    assert!(!dir.path().join("state").exists());
}

/// The fixture is the list of `office(9)` filled in, its rows shuffled into another book and saved by
/// an office program as Excel 97.
#[test]
fn a_review_saved_in_the_old_format_is_read_as_well() {
    let dir = office(9);
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/ledger/reviewed.xls");
    let said = told(&xuncha(dir.path(), &["approve", "202611", "--by", "李某某", "--from", file]));
    assert!(
        said.contains("采纳 6 项，不采纳（误报）1 项，本批待交办共 6 项、2 个单位，仍待核 2 项"),
        "{said}"
    );
}
