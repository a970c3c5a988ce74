//! A quarter through the real binary, from the draw to its final bulletin: what is undecided keeps it a draft, a person's word
//! settles it, and nothing is printed twice with different figures.

use std::path::Path;
use std::process::{Command, Output};

use calamine::Reader as _;
use chrono::TimeZone as _;
use xuncha::calendar::{Instant8, beijing};
use xuncha::inspection::MemberKind;
use xuncha::inspection::standing::Verdict::{self, Met, NotMet, Undecided};
use xuncha::inspection::standing::{Mark, Standing};
use xuncha::store::ledger::Ledger;

pub(crate) fn at(month: u32, day: u32) -> Instant8 {
    beijing().with_ymd_and_hms(2026, month, day, 9, 30, 0).single().expect("a day of 2026")
}

/// An office of three sites, none of which was looked at yet.
pub(crate) fn office() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    let units = "单位名称,简称,上级主管单位,类别,排序,分管领导,联络员,办公电话,邮箱,抄送,送达方式\n\
                 示例县人民政府办公室,,,县区,1,,,,,,线下\n示例市民政局,,,部门,2,,,,,,线下\n示例县水利局,,示例县人民政府办公室,部门,3,,,,,,线下\n";
    let sites = "网站名称,网站标识码,首页网址,类型,级别,主管单位,主办单位,承办单位,运维单位,状态,标签\n\
                 示例县人民政府门户网站,9901000001,http://www.shilixian.gov.cn/,政府门户网站,县级,,示例县人民政府办公室,,,正常运行,\n\
                 示例市民政局,9901000002,http://mzj.shili.gov.cn/,部门网站,市级,,示例市民政局,,,正常运行,\n\
                 示例县水利局,9901000003,http://slj.shili.com/,部门网站,县级,,示例县水利局,,,正常运行,\n";
    let config = "[paths]\nstate = \"state\"\nregistry = \".\"\nholidays = \"holidays.toml\"\n\n[crawl]\ncontact = \"a@example.test\"\n\n\
                  [office]\nsignature = \"示例市人民政府办公室政务公开科\"\narea = \"示例市\"\ncontact = \"李某某\"\nphone = \"0000-0000000\"\n\
                  reply-to = \"a@example.test\"\n\n[papers]\nnumber = \"示府办函\"\n";
    // The year after is not out yet; its three fixed days will do.
    let next = [("元旦", "01-01"), ("劳动节", "05-01"), ("国庆节", "10-01")]
        .map(|(name, day)| format!("\n[[holiday]]\nname = \"{name}\"\nfrom = 2027-{day}\nto = 2027-{day}\n"));
    let holidays =
        include_str!("../../config/holidays.toml").replacen("2026]", "2026, 2027]", 1) + &next.concat();
    for (name, text) in
        [("units.csv", units), ("sites.csv", sites), ("xuncha.toml", config), ("holidays.toml", &holidays)]
    {
        std::fs::write(dir.path().join(name), text).expect("writes");
    }
    dir
}

pub(crate) fn standing(code: &str, when: Instant8, verdicts: [(&str, &str, Verdict); 2]) -> Standing {
    let mark = |(id, title, verdict): (&str, &str, Verdict)| Mark {
        indicator: id.into(),
        title: title.into(),
        verdict,
        sentence: format!("{title}：{}。", verdict.label()),
    };
    Standing {
        kind: MemberKind::Site,
        code: code.into(),
        run: "1".into(),
        at: when,
        rules: "rules".into(),
        marks: verdicts.map(mark).to_vec(),
        read: 10,
        gaps: 0,
        ipv6: None,
        account: None,
    }
}

pub(crate) fn xuncha(dir: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xuncha")).args(args).current_dir(dir).output().expect("the binary runs")
}

pub(crate) fn well(dir: &Path, args: &[&str]) -> String {
    let output = xuncha(dir, args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

pub(crate) fn refused(dir: &Path, args: &[&str]) -> String {
    let output = xuncha(dir, args);
    assert_eq!(output.status.code(), Some(2), "{args:?}");
    String::from_utf8(output.stderr).expect("UTF-8")
}

#[cfg(not(feature = "pdf"))]
#[test]
fn without_the_feature_a_pdf_is_refused_before_anything_is_written() {
    let folder = office();
    let draw = ["spot-check", "draw", "--quarter", "2026Q4", "--by", "李某某", "--out", "名单", "--pdf"];
    assert!(refused(folder.path(), &draw).contains("--features pdf"));
    assert!(!folder.path().join("名单").exists());
    let again = well(folder.path(), &draw[..draw.len() - 1]);
    assert!(again.contains("抽查名单.docx"), "nothing had been drawn: {again}");
}

#[test]
fn a_quarter_from_the_draw_to_its_final_bulletin() {
    let folder = office();
    let dir = folder.path();
    let report = ["report", "quarter", "--quarter", "2026Q4", "--on", "2026-12-11", "--out", "通报"];
    assert!(refused(dir, &report).contains("还没有抽查名单"));

    let draw = [
        "spot-check",
        "draw",
        "--quarter",
        "2026Q4",
        "--from",
        "2026-11-24",
        "--to",
        "2026-12-04",
        "--seed",
        "407",
        "--by",
        "李某某",
        "--witness",
        "王某某",
        "--out",
        "名单",
    ];
    let told = well(dir, &draw);
    assert!(told.contains("政府网站3个（全部）") && told.contains("种子 407"), "{told}");
    assert!(refused(dir, &draw).contains("已经抽取"), "a list is drawn once");
    let mut book: calamine::Xlsx<_> =
        calamine::open_workbook(dir.join("名单/2026年第四季度抽查名单.xlsx")).expect("a workbook");
    assert_eq!(book.sheet_names(), ["抽查名单", "在册名单"]);
    let list = book.worksheet_range("抽查名单").expect("the list");
    assert_eq!(
        list.get_value((3, 4)).map(ToString::to_string).as_deref(),
        Some("9901000001"),
        "protocol order"
    );

    let mut ledger = Ledger::open(&dir.join("state")).expect("opens");
    let (v3, v4) = ("单项否决-首页不更新", "单项否决-栏目不更新（应更新但长期未更新）");
    ledger
        .put_standings(&[
            standing("9901000001", at(11, 25), [("V3", v3, NotMet), ("V4b", v4, Undecided)]),
            standing("9901000002", at(11, 25), [("V3", v3, NotMet), ("V4b", v4, NotMet)]),
            standing("9901000003", at(11, 25), [("V3", v3, Met), ("V4b", v4, Undecided)]),
            // After the window: of no account here.
            standing("9901000002", at(12, 20), [("V3", v3, Met), ("V4b", v4, Met)]),
        ])
        .expect("standings");
    drop(ledger);

    let told = well(dir, &report);
    assert!(
        told.contains("【待核】2026年第四季度通报（下发版）.docx") && told.contains("人工核查表"),
        "{told}"
    );
    let draft =
        std::fs::read_to_string(dir.join("通报/【待核】2026年第四季度通报（下发版）.txt")).expect("a draft");
    assert!(draft.contains("合格1个，不合格1个，未判定1个【待核】，合格率【待核】"), "{draft}");
    let made_final = [&report[..], &["--final", "--by", "李某某", "--force"]].concat();
    assert!(refused(dir, &made_final).contains("不能定稿"));

    let sheet = ["spot-check", "result", "--quarter", "2026Q4", "--sheet", "核查.xlsx"];
    assert!(well(dir, &sheet).contains("未判定 1 项"));
    let decide = [
        "spot-check",
        "result",
        "--quarter",
        "2026Q4",
        "--decide",
        "V4b=未达到",
        "--by",
        "王某某",
        "--reason",
        "逐个栏目核查",
    ];
    let told = well(dir, &decide);
    assert!(
        told.contains("已登记人工核查结论 1 项") && told.contains("合格2个，不合格1个，未判定0个"),
        "{told}"
    );

    well(dir, &made_final);
    let text =
        std::fs::read_to_string(dir.join("通报/2026年第四季度通报（下发版）.txt")).expect("a bulletin");
    for sentence in [
        "示府办函〔2026〕",
        "于11月24日至12月4日组织开展了第四季度全市政府网站检查",
        "其中县（区）政府门户网站1个、部门网站2个",
        "合格2个，不合格1个，合格率66.7%",
        "附件：1．检查不合格的政府网站名单",
        "单项否决-首页不更新",
        "2026年12月11日",
        "联系人：李某某；联系电话：0000-0000000",
    ] {
        assert!(text.contains(sentence), "{sentence}: {text}");
    }
    assert!(!text.contains("待核") && !text.contains("全部合格"), "{text}");
    let public =
        std::fs::read_to_string(dir.join("通报/2026年第四季度通报（公开版）.txt")).expect("a bulletin");
    assert!(public.contains("此件公开发布") && !public.contains("0000-0000000"), "{public}");
    let again = xuncha(dir, &report);
    assert_eq!(again.status.code(), Some(2), "what was made may have been worked on");
    let issued = Ledger::open(&dir.join("state")).expect("opens").issued().expect("papers");
    let kinds: Vec<(&str, &str)> =
        issued.iter().map(|paper| (paper.kind.as_str(), paper.period.as_str())).collect();
    assert_eq!(kinds, [("quarter", "2026Q4"); 2]);
}

#[test]
fn the_manual_sheet_comes_back_filled() {
    let folder = office();
    let dir = folder.path();
    let month = ["spot-check", "result", "--month", "2026-11", "--sheet", "核查.xlsx"];
    well(dir, &month);
    let fill = |rows: &[[&str; 4]]| {
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        let heads = [["标识", "指标代码", "核查结论", "核查情况"]];
        for (row, cells) in (0u32..).zip(heads.iter().chain(rows)) {
            for (column, cell) in (0u16..).zip(cells) {
                sheet.write_string(row, column, *cell).expect("writes");
            }
        }
        book.save(dir.join("填好.xlsx")).expect("saves");
    };
    let import = ["spot-check", "result", "--month", "2026-11", "--from", "填好.xlsx", "--by", "王某某"];
    fill(&[["9901000001", "V1", "达到", "发现严重表述错误"], ["9901000002", "V1", "", ""]]);
    let told = well(dir, &import);
    assert!(told.contains("已登记人工核查结论 1 项") && told.contains("不合格1个"), "{told}");
    fill(&[["9901000009", "V1", "达到", "x"], ["9901000001", "V99", "达到", "x"]]);
    let told = refused(dir, &import);
    assert!(told.contains("9901000009") && told.contains("V99") && told.contains("未作任何登记"), "{told}");
    fill(&[["9901000001", "V1", "也许", "x"]]);
    assert!(refused(dir, &import).contains("不是“达到”或者“未达到”"));
}

#[test]
fn domains_are_listed_with_what_is_odd() {
    let folder = office();
    let dir = folder.path();
    well(dir, &["report", "domains", "--half", "2026H2", "--out", "域名"]);
    let mut book: calamine::Xlsx<_> =
        calamine::open_workbook(dir.join("域名/域名清查表_2026年下半年.xlsx")).expect("a workbook");
    let sheet = book.worksheet_range("域名清查表").expect("the sheet");
    let told = |row: u32| sheet.get_value((row, 9)).map(ToString::to_string).unwrap_or_default();
    assert!(!told(3).contains("后缀") && told(5).contains("未使用.gov.cn"), "{} / {}", told(3), told(5));
}

/// Fills a sheet of a workbook by its headings and saves it as `to`.
fn filled(dir: &Path, from: &str, sheet: &str, to: &str, fill: &dyn Fn(&[String], &str) -> Option<String>) {
    let mut book: calamine::Xlsx<_> = calamine::open_workbook(dir.join(from)).expect("a workbook");
    let range = book.worksheet_range(sheet).expect("the sheet");
    let rows: Vec<Vec<String>> =
        range.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect();
    let mut out = rust_xlsxwriter::Workbook::new();
    let page = out.add_worksheet();
    for (n, row) in (0u32..).zip(&rows) {
        for (column, cell) in (0u16..).zip(row) {
            let told = rows[2].get(usize::from(column)).and_then(|heading| fill(row, heading));
            let told = if n > 2 { told.unwrap_or_else(|| cell.clone()) } else { cell.clone() };
            page.write_string(n, column, told).expect("writes");
        }
    }
    out.save(dir.join(to)).expect("saves");
}

#[test]
fn a_half_year_looks_back_and_a_persons_answers_count() {
    let folder = office();
    let dir = folder.path();
    let draw = |half: &'static str, from: &'static str, to: &'static str| {
        let args = [
            "spot-check",
            "draw",
            "--half",
            half,
            "--from",
            from,
            "--to",
            to,
            "--seed",
            "407",
            "--by",
            "李某某",
            "--out",
            "名单",
        ];
        well(dir, &args)
    };
    draw("2025H2", "2025-12-01", "2025-12-10");
    let (v3, v4) = ("单项否决-首页不更新", "单项否决-栏目不更新（应更新但长期未更新）");
    let put = |when: Instant8, verdicts: [Verdict; 3]| {
        let mut ledger = Ledger::open(&dir.join("state")).expect("opens");
        let standings: Vec<Standing> = ["9901000001", "9901000002", "9901000003"]
            .into_iter()
            .zip(verdicts)
            .map(|(code, verdict)| standing(code, when, [("V3", v3, verdict), ("V4b", v4, NotMet)]))
            .collect();
        ledger.put_standings(&standings).expect("standings");
    };
    let winter = beijing().with_ymd_and_hms(2025, 12, 2, 9, 30, 0).single().expect("a day of 2025");
    put(winter, [NotMet, Met, Met]);
    let told = draw("2026H1", "2026-05-20", "2026-05-29");
    assert!(told.contains("复查2个"), "{told}");
    put(at(5, 25), [NotMet, NotMet, Met]);
    let told = well(dir, &["spot-check", "run", "--half", "2026H1"]);
    assert!(told.contains("复查上次不合格的2个：整改到位1个，仍不合格1个"), "{told}");
    assert!(told.contains("检查3个，合格2个，不合格1个，未判定0个"), "{told}");

    // One sheet for what is undecided and for what no check judges; its answers count.
    let told = well(dir, &["spot-check", "result", "--half", "2026H1", "--sheet", "核查.xlsx"]);
    assert!(told.contains("未判定 0 项，人工核查 "), "{told}");
    filled(dir, "核查.xlsx", "人工核查项", "填好.xlsx", &|row, heading| {
        let (code, item) = (row.get(1)?.as_str(), row.get(3)?.as_str());
        match (heading, code, item) {
            ("核查结果", "9901000001", "V1-1") => Some("是".to_owned()),
            ("核查结果", "9901000001", "V1-2" | "V1-3") => Some("否".to_owned()),
            ("核查日期", "9901000001", "V1-1" | "V1-2" | "V1-3") => Some("2026-05-26".to_owned()),
            _ => None,
        }
    });
    let import = ["spot-check", "result", "--half", "2026H1", "--from", "填好.xlsx", "--by", "王某某"];
    let told = well(dir, &import);
    assert!(told.contains("已登记核查结果 3 项") && told.contains("合格1个，不合格2个"), "{told}");
    assert!(well(dir, &import).contains("已登记核查结果 0 项，与已登记的相同而略过 3 项"));

    well(
        dir,
        &[
            "report",
            "half",
            "--half",
            "2026H1",
            "--on",
            "2026-06-12",
            "--out",
            "通报",
            "--final",
            "--by",
            "李某某",
        ],
    );
    let text =
        std::fs::read_to_string(dir.join("通报/2026年上半年检查通报（下发版）.txt")).expect("a bulletin");
    for sentence in [
        "于5月20日至5月29日组织开展了上半年全市政府网站检查",
        "合格1个，不合格2个，合格率33.3%，与上次持平",
        "对上次通报的2个网站进行了复查，1个整改到位，1个（示例县水利局“示例县水利局”）仍不合格",
        "附件：1．检查不合格的政府网站名单",
        "3．上次通报问题复查情况表",
        "单项否决-安全、泄密事故等严重问题",
    ] {
        assert!(text.contains(sentence), "{sentence}: {text}");
    }
    let export = ["export", "--out", "数据", "--period", "2026H1", "--on", "2026-06-12"];
    well(dir, &export);
    let export = std::fs::read_to_string(dir.join("数据/台账.json")).expect("an export");
    let export: serde_json::Value = serde_json::from_str(&export).expect("JSON");
    let ruling = &export["rulings"][0];
    assert_eq!(
        (&ruling["indicator"], &ruling["verdict"], &ruling["by"]),
        (&"V1".into(), &"met".into(), &"王某某".into())
    );
}
