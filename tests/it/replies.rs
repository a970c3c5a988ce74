//! What units send back, through the real binary: read from their files, decided, and never entered twice.

use std::path::Path;

use rust_xlsxwriter::Workbook;
use xuncha::ledger::case::CaseState;
use xuncha::store::ledger::Wanted;

use crate::ledger::{day, ledger_of, office, refused, told, xuncha};

/// An office whose `count` problems were handed over on 20 November 2026 with the date 4 December.
fn handed_over(count: u32) -> tempfile::TempDir {
    let dir = office(count);
    let at = dir.path();
    told(&xuncha(at, &["approve", "202611", "--by", "李某某", "--all", "--yes-first"]));
    let mut ledger = ledger_of(at);
    let numbers: Vec<String> =
        ledger.batch("202611").expect("a batch").cases.into_iter().map(|case| case.number).collect();
    let (on, due) = (day(11, 20).date_naive(), day(12, 4).date_naive());
    ledger.mark_assigned(&numbers, due, on, "李某某", day(11, 20)).expect("marks");
    dir
}

const HEADINGS: [&str; 6] =
    ["问题编号", "整改情况", "整改说明（理由、依据）", "整改后链接", "完成时间", "填报人及电话"];

fn returned(path: &Path, rows: &[[&str; 6]]) {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("问题清单").expect("a name");
    for (r, row) in (2..).zip(std::iter::once(&HEADINGS).chain(rows)) {
        for (c, cell) in (0..).zip(row) {
            sheet.write_string(r, c, *cell).expect("writes");
        }
    }
    book.save(path).expect("saves");
}

fn states(at: &Path) -> Vec<CaseState> {
    ledger_of(at).cases(&Wanted::default()).expect("reads").iter().map(|case| case.state).collect()
}

fn events(at: &Path) -> usize {
    let ledger = ledger_of(at);
    let cases = ledger.cases(&Wanted::default()).expect("reads");
    cases.iter().map(|case| ledger.history(&case.number).expect("reads").len()).sum()
}

#[test]
fn a_returned_list_is_entered_once_and_what_it_asks_for_is_decided() {
    use CaseState::{Answered, Assigned, Disputed, Suspected};
    let dir = handed_over(6);
    let at = dir.path();
    let rows = [
        ["202611-0004", "不属本单位职责（请转：示例市教育局）", "", "", "", ""],
        ["202611-0001", "已整改", "已补充内容", "http://www.example.test/columns/001/", "11.25", "张某"],
        ["202611-0003", "情况不属实", "栏目有内容", "", "", ""],
        ["202611-0002", "整改中（申请延期）", "平台升级", "", "12月20日", ""],
        ["202611-0005", "", "", "", "", ""],
        ["202611-0006", "差不多了", "", "", "", ""],
        ["202612-0099", "已整改", "", "", "", ""],
    ];
    returned(&at.join("反馈.xlsx"), &rows);
    let import = ["case", "import", "反馈.xlsx", "--by", "李某某", "--no-recheck"];
    let said = told(&xuncha(at, &import));
    for part in [
        "不属本单位职责 1 项，已整改 1 项，情况不属实 1 项，申请延期 1 项，未填写 1 项，未能登记 2 项",
        "未登记：反馈.xlsx “问题清单”第9行 202611-0006：整改情况“差不多了”不能识别",
        "未登记：反馈.xlsx “问题清单”第10行 202612-0099：台账中没有该问题编号",
        "待处理的申请（复核、延期、转办）共 3 项",
    ] {
        assert!(said.contains(part), "{part} in {said}");
    }
    assert_eq!(states(at), [Answered, Assigned, Disputed, Disputed, Assigned, Assigned, Suspected]);
    let before = events(at);
    let again = told(&xuncha(at, &import));
    assert!(again.contains("未作任何改动"), "{again}");
    // The same replies saved anew, sorted otherwise.
    let mut sorted = rows;
    sorted.sort_unstable();
    returned(&at.join("又存.xlsx"), &sorted);
    let again = told(&xuncha(at, &["case", "import", "又存.xlsx", "--no-recheck"]));
    assert!(again.contains("与已登记的相同 4 项"), "{again}");
    assert_eq!(events(at), before, "nothing was added");

    let pending = told(&xuncha(at, &["case", "pending"]));
    for part in ["申请延期至2026年12月20日", "不属本单位职责（请转：示例市教育局）", "情况不属实", "共 3 项"]
    {
        assert!(pending.contains(part), "{part} in {pending}");
    }
    let decide = |args: &[&str]| {
        xuncha(at, &[&["case", "decide"], args, &["--by", "王某某", "--why", "经核实"]].concat())
    };
    assert!(refused(&decide(&["202611-0001", "--uphold"])).contains("没有待处理的申请"));
    assert!(refused(&decide(&["202611-0002", "--uphold"])).contains("申请的是延期"));
    assert!(refused(&decide(&["202611-0002", "--grant-extension", "2020-01-06"])).contains("不晚于"));
    assert!(refused(&decide(&["202611-0004", "--transfer", "示例市某局"])).contains("登记表中没有单位"));
    told(&decide(&["202611-0002", "--dismiss"]));
    told(&decide(&["202611-0003", "--uphold"]));
    told(&decide(&["202611-0004", "--transfer", "示例市教育局"]));
    let ledger = ledger_of(at);
    let case = |n: u32| ledger.case(&format!("202611-{n:04}")).expect("there");
    assert_eq!((case(2).state, case(2).progress.pending), (Assigned, None));
    assert!(case(3).state == CaseState::Revoked && case(3).progress.false_alarm);
    assert_eq!((case(4).state, case(4).unit.as_str()), (CaseState::Transferred, "示例市教育局"));
    assert_eq!(case(1).progress.link.as_deref(), Some("http://www.example.test/columns/001/"));
    assert!(told(&xuncha(at, &["case", "pending"])).contains("没有待处理的申请"));
    let verified = told(&xuncha(at, &["case", "verify"]));
    let head = verified.lines().find_map(|line| line.strip_prefix("校验值：")).expect("a head").to_owned();
    told(&xuncha(at, &["case", "verify", "--head", &head]));
    let other = xuncha(at, &["case", "verify", "--head", &"0".repeat(64)]);
    assert_eq!(other.status.code(), Some(70));
}

/// The fixture is a list filled in as CSV and saved by an office program as Excel 97: rows sorted, a number for a date.
#[test]
fn a_folder_of_returned_files_in_several_formats() {
    use CaseState::{Answered, Assigned, Disputed};
    let dir = handed_over(8);
    let at = dir.path();
    let county = at.join("示例县反馈/乡镇");
    std::fs::create_dir_all(&county).expect("a folder");
    let fixture = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/ledger/replies.xls");
    std::fs::copy(fixture, at.join("示例县反馈/甲局.et")).expect("copies");
    let text = encoding_rs::GBK.encode("问题编号,整改情况\n202611-0007,已整改\n").0.into_owned();
    std::fs::write(county.join("乙镇.csv"), text).expect("writes");
    std::fs::write(county.join("说明.txt"), "见附件").expect("writes");
    std::fs::write(county.join("通知.xlsx"), "not a workbook").expect("writes");
    let said = told(&xuncha(at, &["case", "import", "示例县反馈", "--no-recheck"]));
    assert!(said.contains("通知.xlsx：没有找到") && said.contains("未能登记 2 项"), "{said}");
    let found = states(at);
    assert_eq!(found[..7], [Answered, Assigned, Disputed, Disputed, Disputed, Assigned, Answered]);
    let one = ledger_of(at).case("202611-0002").expect("there");
    let asked = one.progress.pending.map(|pending| pending.claim.in_words());
    assert_eq!(asked.as_deref(), Some("申请延期至2026年11月25日"));
}

#[test]
fn without_a_patrol_the_recheck_is_left_for_later() {
    let dir = handed_over(2);
    let at = dir.path();
    returned(&at.join("反馈.xlsx"), &[["202611-0001", "已整改", "", "", "", ""]]);
    let said = told(&xuncha(at, &["case", "import", "反馈.xlsx"]));
    assert!(said.contains("已整改 1 项") && said.contains("未立即复查"), "{said}");
    assert_eq!(states(at)[0], CaseState::Answered);
}

#[test]
fn the_offices_own_book_and_the_months_figures() {
    let dir = handed_over(3);
    let at = dir.path();
    let said = told(&xuncha(at, &["list", "--ledger", "总台账.xlsx"]));
    assert!(said.contains("共 3 项"), "{said}");
    assert!(refused(&xuncha(at, &["list", "--ledger", "总台账.xlsx"])).contains("已存在"));
    let status = told(&xuncha(at, &["status", "--month", "202611"]));
    let figure = |name: &str| {
        let line =
            status.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("{name}: {status}"));
        line.split_whitespace().skip(1).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(
        (figure("新增"), figure("交办")),
        (vec!["3".to_owned(), "0".to_owned()], vec!["3".to_owned(), "0".to_owned()])
    );
    told(&xuncha(at, &["case", "log", "--out", "log.jsonl"]));
    let log = std::fs::read_to_string(at.join("log.jsonl")).expect("a log");
    assert_eq!(log.lines().count(), events(at));
}
