//! New media from files to verdicts: layouts of export tables, registers and national exports, the line through the binary, and
//! that no broken source ever makes an account stale.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use chrono::{Days, NaiveDate};
use serde_json::Value;
use xuncha::config::valid::Config;
use xuncha::evidence::{self, Told, Whose};
use xuncha::facts::account::{AccountFacts, Count, Health, Post, Source};
use xuncha::finding::State;
use xuncha::patrol::Order;
use xuncha::patrol::accounts::judged_account;
use xuncha::registry::Registry;
use xuncha::rules::RuleSet;
use xuncha::store::facts::{FactsDb, RunRecord};

use super::kit::office::{Office, Plan};
use super::kit::{Script, Server};

const UNITS: &str = "\
单位名称,简称,上级主管单位,类别,排序
示例市人民政府办公室,市政府办,,市本级,1
示例市交通运输局,市交通局,示例市人民政府办公室,部门,2
示例市教育局,市教育局,示例市人民政府办公室,部门,3
";
const SITES: &str = "\
网站名称,网站标识码,首页网址,类型,主办单位
示例市人民政府门户网站,9901000001,http://www.shili.example/,政府门户网站,示例市人民政府办公室
示例市交通运输局,9901000002,http://jtj.shili.example/,部门网站,示例市交通运输局
";
const ACCOUNTS: &str = "\
平台,账号名称,账号ID,主办单位,状态,备案编号,注销时间,佐证来源
微信公众号,示例交通,gh_jt,示例市交通运输局,正常运行,A1,,导出表；人工
微博,示例交通,1000000001,示例市交通运输局,正常运行,A2,,导出表
抖音,示例教育,sljy,市教育局,正常运行,A3,,
APP,示例通,,示例市人民政府办公室,正常运行,A4,,人工
";

fn day(month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, month, day).expect("a date")
}

/// A folder with a register.
fn office(accounts: &str) -> (tempfile::TempDir, Registry) {
    let dir = tempfile::tempdir().expect("a folder");
    for (name, text) in [("units.csv", UNITS), ("sites.csv", SITES), ("accounts.csv", accounts)] {
        std::fs::write(dir.path().join(name), text).expect("writes");
    }
    let (registry, _) = Registry::load(dir.path(), None).expect("a register");
    (dir, registry)
}

fn read(registry: &Registry, path: &Path) -> Told {
    evidence::read(path, &registry.accounts, &Whose::of(&registry.accounts))
}

/// What a table in CSV says, with the account's place in the register.
fn told(registry: &Registry, name: &str, bytes: &[u8]) -> Told {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join(name);
    std::fs::write(&path, bytes).expect("writes");
    read(registry, &path)
}

/// Account, newest day, last day covered, health.
fn short(told: &Told) -> Vec<(usize, Option<NaiveDate>, Option<NaiveDate>, Health)> {
    let mut all: Vec<_> = told
        .facts
        .iter()
        .map(|(index, facts)| {
            (*index, facts.newest(day(11, 30)).map(|p| p.day), facts.until, facts.health.clone())
        })
        .collect();
    all.sort();
    all
}

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/accounts").join(name)
}

#[test]
fn layouts_of_export_tables_are_read_right() {
    let (_dir, registry) = office(ACCOUNTS);
    let jt = |newest, until| vec![(0, Some(newest), Some(until), Health::Ok)];
    let wanted_day = (day(10, 29), day(11, 16));
    let tables: [(&str, &str, &str); 11] = [
        (
            "plain",
            "a.csv",
            "平台,账号名称,最近发布时间,截止日期\n微信公众号,示例交通,2026-10-29,2026-11-16\n",
        ),
        (
            "title rows above",
            "b.csv",
            "政务新媒体台账,,\n截至2026年11月16日,,\n平台,账号名称,最近发布时间\n公众号,示例交通,2026年10月29日\n",
        ),
        (
            "columns in another order, remarks in the headings",
            "c.csv",
            "最后更新时间（北京时间）,序号,新媒体类型*,新媒体 名称\n2026/10/29 8:30,1,微信公众号（订阅号）,示例交通\n",
        ),
        (
            "days without an update",
            "d.csv",
            "平台,账号名称,最近更新时间,未更新天数\n微信,示例交通,2026.10.29,18\n",
        ),
        (
            "by identifier, as numbers",
            "e.csv",
            "账号ID,最新发布时间,统计周期\ngh_jt,46324,2026-11-01至2026-11-16\n",
        ),
        (
            "period in the file's name",
            "公众号_20261101-20261116.csv",
            "公众号名称,最近发布时间\n示例交通,20261029\n",
        ),
        (
            "a line a post, of one account named in the title",
            "g.csv",
            "示例交通（微信公众号）图文数据,,\n统计时间：2026-10-01至2026-11-16,,\n标题,发布时间,链接\n甲,2026-10-02 09:00:00,https://a.example/1\n乙,2026-10-29 10:00:00,https://a.example/2\n",
        ),
        (
            "a line a post, of several accounts",
            "h.csv",
            "渠道,发布账号,内容标题,发布日期,截止日期\n微信,示例交通,甲,1793232000,2026-11-16\n微信,示例交通,乙,2026-10-20,2026-11-16\n",
        ),
        ("tabs", "i.csv", "平台\t账号名称\t最近发布时间\t截止日期\n微信\t示例交通\t2026-10-29\t2026-11-16\n"),
        (
            "sums and empty lines",
            "j.csv",
            "平台,账号名称,最近发布时间,发布条数,截止日期\n\n微信,示例交通,2026-10-29,0,2026-11-16\n合计,,,0,\n注：不含小程序,,,,\n",
        ),
        (
            "a name with spaces and quotation marks",
            "k.csv",
            "平台,账号名称,最近发布时间,截止日期\n微信,“示例 交通”,2026-10-29,2026-11-16\n",
        ),
    ];
    for (what, name, text) in tables {
        // The third names no last day in its own row: the file's does.
        let name = if name == "c.csv" { "c_2026-11-16.csv" } else { name };
        let told = told(&registry, name, text.as_bytes());
        assert_eq!(told.faults, [], "{what}");
        assert_eq!(short(&told), jt(wanted_day.0, wanted_day.1), "{what}");
    }
    let gbk = encoding_rs::GBK
        .encode("平台,账号名称,最近发布时间,截止日期\n微信,示例交通,2026-10-29,2026-11-16\n")
        .0
        .into_owned();
    assert_eq!(short(&told(&registry, "gbk.csv", &gbk)), jt(wanted_day.0, wanted_day.1), "GBK");
    let wps = read(&registry, &data("wps.xlsx"));
    assert_eq!((wps.faults.as_slice(), short(&wps)), ([].as_slice(), jt(wanted_day.0, wanted_day.1)), "WPS");
    assert_eq!(wps.facts[0].1.followers, Some(12_000));
    // Old BIFF: title rows, merged cells, numbers as text, sums, two accounts of one name on two platforms.
    let xls = read(&registry, &data("vendor.xls"));
    assert_eq!(xls.faults, []);
    let until = Some(day(11, 16));
    assert_eq!(
        short(&xls),
        [
            (0, Some(day(10, 29)), until, Health::Ok),
            (1, Some(day(11, 15)), until, Health::Ok),
            (2, Some(day(11, 10)), until, Health::Ok),
        ]
    );
    let counted = xls.facts.iter().find(|(index, _)| *index == 1).and_then(|(_, facts)| facts.count);
    assert_eq!(counted, Some(Count { from: day(11, 1), until: day(11, 16), posts: 12 }));
    assert!(xls.facts[0].1.origin.starts_with("vendor.xls[监测汇总] 第"), "{}", xls.facts[0].1.origin);
}

#[test]
fn what_cannot_be_read_is_refused_at_its_cell_and_proves_nothing() {
    let (_dir, registry) = office(ACCOUNTS);
    let refused = |name: &str, text: &str| {
        let told = told(&registry, name, text.as_bytes());
        let proved: Vec<_> = told.facts.iter().filter_map(|(_, facts)| facts.silence(day(11, 16))).collect();
        assert_eq!(proved, [], "{text}");
        let faults = told.faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        faults.rsplit_once('/').map_or(faults.clone(), |(_, rest)| rest.to_owned())
    };
    for (text, place, says) in [
        ("平台,账号名称,最近发布时间,截止日期\n微信,示例交通,2026.10,2026-11-16\n", "t.csv:2:3", "只有年月"),
        ("平台,账号名称,最近发布时间,截止日期\n微信,示例交通,10-29,2026-11-16\n", "t.csv:2:3", "没有年份"),
        (
            "平台,账号名称,最近发布时间,截止日期\n微信,示例交通,3天前,2026-11-16\n",
            "t.csv:2:3",
            "不是发布时间",
        ),
        ("账号名称,最近发布时间,截止日期\n示例交通,2026-10-29,2026-11-16\n", "t.csv:2:1", "2 个平台的账号"),
        ("平台,账号名称,最近发布时间,截止日期\n微信,,2026-10-29,2026-11-16\n", "t.csv:2:2", "不能为空"),
        ("姓名,电话\n张某,1\n", "t.csv:1:1", "找不到表头"),
        ("标题,发布时间\n甲,2026-10-29\n", "t.csv:1:1", "认不出是哪个账号"),
        ("", "t.csv:1:1", "空的"),
        (
            "平台,账号名称,最近发布时间,核查人,核查时间\n微信,示例交通,2026-10-29,,2026-11-16\n",
            "t.csv:2:4",
            "没有核查人",
        ),
    ] {
        let faults = refused("t.csv", text);
        assert!(faults.starts_with(place) && faults.contains(says), "{text}: {faults}");
    }
    // Read, and no proof: nobody says up to which day; a dash; a row behind the last day; an export that was cut off.
    for text in [
        "平台,账号名称,最近发布时间\n微信,示例交通,2026-10-29\n".to_owned(),
        "平台,账号名称,最近发布时间,发布条数,统计周期\n微信,示例交通,—,0,2026-11-01至2026-11-16\n".to_owned(),
        "平台,账号名称,最近发布时间,截止日期\n微信,示例交通,2026-10-29,2026-10-20\n".to_owned(),
        "平台,账号名称,最近发布时间,发布条数,统计周期\n微信,示例交通,2026-10-01,5,2026-11-01至2026-11-16\n"
            .to_owned(),
        format!(
            "平台,账号名称,标题,发布时间,截止日期\n{}",
            "微信,示例交通,甲,2026-10-20,2026-11-16\n".repeat(100)
        ),
    ] {
        assert_eq!(refused("t.csv", &text), "", "{text}");
    }
    let unknown =
        told(&registry, "t.csv", "平台,账号名称,最近发布时间\n微博,示例水利,2026-10-29\n".as_bytes());
    assert_eq!((unknown.facts.len(), unknown.unknown[0].name.as_str()), (0, "示例水利"));
}

#[test]
fn the_registers_own_faults_are_told() {
    let told = |accounts: &str| {
        let dir = tempfile::tempdir().expect("a folder");
        for (name, text) in [("units.csv", UNITS), ("sites.csv", SITES), ("accounts.csv", accounts)] {
            std::fs::write(dir.path().join(name), text).expect("writes");
        }
        let place = |text: String| text.replace(&format!("{}/", dir.path().display()), "");
        match Registry::load(dir.path(), None) {
            Ok((_, notices)) => notices.iter().map(|n| place(n.to_string())).collect::<Vec<_>>(),
            Err(faults) => faults.0.iter().map(|f| place(f.to_string())).collect(),
        }
    };
    let table = |rows: &str| {
        format!("平台,账号名称,账号ID,主办单位,状态,备案编号,开设时间,注销时间,佐证来源\n{rows}")
    };
    for (rows, place, says) in [
        (
            "微信,甲,gh_1,市交通局,正常运行,A1,,,\n微信,乙,gh_2,市交通局,正常运行,A2,,,\n",
            "accounts.csv:3:2",
            "已有“甲”（第 2 行）",
        ),
        ("微信,甲,gh_1,,正常运行,A1,,,\n", "accounts.csv:2:4", "没有主办单位"),
        ("微信,甲,gh_1,市交通局,正常运行,,,,\n", "accounts.csv:2:6", "没有备案编号"),
        ("微信,甲,gh_1,市交通局,正常运行,A1,,2026-01-01,\n", "accounts.csv:2:5", "状态仍为正常运行"),
        ("微信,甲,gh_1,市交通局,已注销,A1,,,\n", "accounts.csv:2:8", "请补填注销时间"),
        (
            "微信,甲,gh_1,市交通局,正常运行,A1,,,\n微博,乙,gh_1,市交通局,正常,A1,,,\n微信,丙,gh_1,市交通局,正常,A1,,,\n",
            "accounts.csv:4:3",
            "与第 2 行是同一个账号",
        ),
        ("微傅,甲,,市交通局,正常运行,A1,,,\n", "accounts.csv:2:1", "不在可用的值之内"),
        ("微信,甲,1.2E+15,市交通局,正常运行,A1,,,\n", "accounts.csv:2:3", "科学计数法"),
        ("微信,甲,gh_1,市交通局,正常运行,A1,2021.3,2020.1,\n", "accounts.csv:2:8", "早于开设时间"),
        ("微信,甲,gh_1,市交通局,正常运行,A1,,,链接 abc\n", "accounts.csv:2:9", "abc"),
        ("微信,甲,gh_1,市水利局,正常运行,A1,,,\n", "accounts.csv:2:4", "不在单位登记表中"),
    ] {
        let all = told(&table(rows));
        assert!(all.iter().any(|line| line.starts_with(place) && line.contains(says)), "{rows}{all:?}");
    }
    assert_eq!(
        told(&table(
            "微信,甲,gh_1,市交通局,正常,A1,2021.3,,导出表；链接 https://a.example/s/1 2026-11-16；接口 jt\n"
        )),
        [""; 0]
    );
}

/// Every way in which a source can be unwell or answer about the wrong thing, with an old post in it.
fn broken(until: NaiveDate) -> Vec<AccountFacts> {
    let old = until.checked_sub_days(Days::new(40)).expect("a date");
    let base = |source| AccountFacts {
        until: Some(until),
        answered_at: Some(xuncha::calendar::end_of_day(until)),
        posts: vec![Post::on(old, "旧文", None)],
        ..AccountFacts::new(source, "x", Health::Ok)
    };
    let mut all = Vec::new();
    for source in [Source::Export, Source::Attested, Source::Person, Source::OwnerApi, Source::Feed] {
        for why in [
            "timeout",
            "quota",
            "no-right",
            "token",
            "other-account",
            "unreadable",
            "not-listed",
            "unsigned",
            "empty-feed",
        ] {
            all.push(AccountFacts { health: Health::Broken(why.to_owned()), ..base(source) });
            all.push(AccountFacts {
                health: Health::Broken(why.to_owned()),
                posts: vec![],
                from: Some(old),
                ..base(source)
            });
        }
        all.push(AccountFacts { health: Health::Late, ..base(source) });
        all.push(AccountFacts { health: Health::Partial, ..base(source) });
        all.push(AccountFacts { until: None, ..base(source) });
        all.push(AccountFacts { until: None, posts: vec![], ..base(source) });
        all.push(AccountFacts { posts: vec![], ..base(source) });
        all.push(AccountFacts { until: Some(old), ..base(source) });
        let planned = Post::on(until.checked_add_days(Days::new(30)).expect("a date"), "预告", None);
        all.push(AccountFacts { posts: vec![planned, Post::on(old, "旧文", None)], ..base(source) });
    }
    all.push(AccountFacts { from: Some(old), posts: vec![], ..base(Source::Feed) });
    all.push(base(Source::Feed));
    all
}

#[test]
fn no_broken_source_makes_an_account_stale_and_every_stale_one_is_found() {
    let (_dir, registry) = office(ACCOUNTS);
    let rules = RuleSet::shipped().expect("the shipped rules");
    let config = Config::default();
    let order = Order { config: &config, registry: &registry, rules: &rules };
    let at = xuncha::calendar::end_of_day(day(11, 16));
    let stale = |evidence: Vec<AccountFacts>| {
        let judged = judged_account(order, 0, evidence, at).expect("an account");
        let findings = judged.judgement.findings.iter();
        findings.filter(|f| f.rule == "stale-account" || f.rule == "dead-account").count()
    };
    let broken = broken(day(11, 16));
    let well = |since: u64| AccountFacts {
        until: Some(day(11, 16)),
        posts: vec![Post::on(day(11, 16).checked_sub_days(Days::new(since)).expect("a date"), "a", None)],
        ..AccountFacts::new(Source::Export, "x", Health::Ok)
    };
    let mut verdicts = 0;
    for (n, one) in broken.iter().enumerate() {
        assert_eq!(stale(vec![one.clone()]), 0, "{n}: {one:?}");
        for other in &broken {
            assert_eq!(stale(vec![one.clone(), other.clone()]), 0, "{one:?} {other:?}");
            verdicts += 1;
        }
        // Beside it a healthy source decides, both ways.
        assert_eq!(stale(vec![one.clone(), well(3)]), 0, "{one:?}");
        // A planned post shows that dates are not to be relied on in that source alone.
        assert_eq!(stale(vec![one.clone(), well(20)]), 1, "{one:?}");
        assert_eq!(stale(vec![well(120), one.clone()]), 1, "{one:?}");
    }
    assert!(verdicts > 10_000, "{verdicts}");
}

/// The exact text of an evidence table whose days relate to today.
fn table(rows: &[(&str, &str, u64)], today: NaiveDate) -> String {
    let mut text = format!("截至{today},,\n平台,账号名称,最近发布时间\n");
    for (platform, name, ago) in rows {
        let day = today.checked_sub_days(Days::new(*ago)).expect("a date");
        let _ = writeln!(text, "{platform},{name},{day}");
    }
    text
}

fn with_accounts(rows: &str) -> Office {
    let office = Plan::new().site("http://127.0.0.1:9/").set_up();
    let text = format!("平台,账号名称,账号ID,主办单位,状态,备案编号,注销时间,佐证来源\n{rows}");
    std::fs::write(office.dir().join("accounts.csv"), text).expect("writes");
    std::fs::create_dir(office.dir().join("evidence")).expect("a folder");
    office
}

#[tokio::test]
async fn an_account_goes_from_evidence_to_the_ledger_and_back() {
    let office = with_accounts(
        "微信,示例交通,gh_jt,示例市交通运输局,正常运行,A1,,导出表\n微博,示例交通,1,示例市交通运输局,正常运行,A2,,导出表\n抖音,示例教育,dy,示例市交通运输局,正常运行,A3,,\n",
    );
    let today = xuncha::patrol::now().date_naive();
    let file = office.dir().join("evidence/wx.csv");
    std::fs::write(&file, table(&[("微信", "示例交通", 18), ("微博", "示例交通", 11)], today))
        .expect("writes");
    let output = office.run_well(&["patrol"]).await;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("政务新媒体：登记3个，临期1，无佐证1，超期未更新1"), "{said}");
    let findings = office.findings().await;
    let stale: Vec<&Value> = findings.iter().filter(|f| f["rule"] == "stale-account").collect();
    assert_eq!(stale.len(), 1, "{findings:#?}");
    assert_eq!(stale[0]["subject"]["site_name"], "示例交通（微信公众号）");
    assert_eq!(stale[0]["subject"]["kind"], "account");
    assert!(
        stale[0]["description"]
            .as_str()
            .is_some_and(|text| text.contains("已18天未更新，超过2周。依据：导出表"))
    );
    let report = std::fs::read_to_string(office.state("巡查报告_第1次.html")).expect("the report");
    assert!(report.contains("分平台情况") && report.contains("示例教育（抖音）"), "no part on accounts");
    let soon = office.run_well(&["today"]).await;
    assert!(String::from_utf8_lossy(&soon.stdout).contains("示例交通（微博）"), "today");

    // It is handed over, mended, and closed by the next evidence.
    let batch = today.format("%Y%m").to_string();
    office.run_well(&["approve", &batch, "--by", "李某某", "--all", "--yes-first"]).await;
    std::fs::write(&file, table(&[("微信", "示例交通", 1), ("微博", "示例交通", 0)], today)).expect("writes");
    office.run_well(&["recheck", "--all"]).await;
    let mended = stale_case(&office);
    assert!(!mended.state.is_open(), "{mended:?}");

    // A source that breaks opens nothing anew.
    std::fs::write(&file, "平台,账号名称,最近发布时间\n微信,示例交通,看不清\n").expect("writes");
    let output = office.run_well(&["patrol"]).await;
    assert!(String::from_utf8_lossy(&output.stdout).contains("wx.csv:2:3"), "the fault is told");
    assert_eq!(stale_case(&office).state, mended.state);
}

fn stale_case(office: &Office) -> xuncha::ledger::case::Case {
    let ledger = xuncha::store::ledger::Ledger::open(&office.dir().join("state")).expect("a ledger");
    let cases = ledger.cases(&xuncha::store::ledger::Wanted::default()).expect("cases");
    cases.into_iter().find(|case| case.finding.rule == "stale-account").expect("the case")
}

#[tokio::test]
async fn the_checklist_goes_out_and_comes_back_signed() {
    let office = with_accounts(
        "微信,示例交通,gh_jt,示例市交通运输局,正常运行,A1,,人工\nAPP,示例通,,示例市交通运输局,正常运行,A2,,人工\n",
    );
    office.run_well(&["check-account", "--checklist", "核查表.xlsx"]).await;
    let today = xuncha::patrol::now().date_naive();
    let old = today.checked_sub_days(Days::new(30)).expect("a date");
    // Filled in as a person would: the same headings, the same rows.
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    let path = office.dir().join("核查表.xlsx");
    let mut read: calamine::Xlsx<_> = calamine::open_workbook(&path).expect("the checklist");
    let range = calamine::Reader::worksheet_range_at(&mut read, 0).expect("a sheet").expect("a sheet");
    for (row, cells) in (0..).zip(range.rows()) {
        for (column, cell) in (0..).zip(cells) {
            sheet.write(row, column, cell.to_string()).expect("a cell");
        }
        let answers: Option<[(u16, String); 5]> = match cells[1].to_string().as_str() {
            "示例交通" => Some([
                (4, old.to_string()),
                (7, "否".to_owned()),
                (8, "无".to_owned()),
                (10, today.to_string()),
                (11, "李某某".to_owned()),
            ]),
            "示例通" => Some([
                (9, "否".to_owned()),
                (7, "能".to_owned()),
                (8, "无".to_owned()),
                (10, today.to_string()),
                (11, "李某某".to_owned()),
            ]),
            _ => None,
        };
        for (column, text) in answers.into_iter().flatten() {
            sheet.write(row, column, text).expect("a cell");
        }
    }
    book.save(office.dir().join("evidence/核查表.xlsx")).expect("saved");
    let output = office.run_well(&["patrol"]).await;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let rules: Vec<String> = office
        .findings()
        .await
        .iter()
        .filter(|f| f["subject"]["kind"] == "account" && f["state"] == "confirmed")
        .map(|f| f["rule"].as_str().unwrap_or_default().to_owned())
        .collect();
    let mut sorted = rules.clone();
    sorted.sort();
    assert_eq!(sorted, ["app-unavailable", "no-interaction", "stale-account"], "{said}");
}

#[tokio::test]
async fn national_exports_make_registers_and_are_held_against_them() {
    let dir = tempfile::tempdir().expect("a folder");
    let run = |args: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_xuncha"));
        let output = command.args(args).current_dir(dir.path()).output().expect("the binary");
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let (sites, accounts) = (data("national-sites.xls"), data("national-accounts.xls"));
    let (sites, accounts) = (sites.display().to_string(), accounts.display().to_string());
    run(&["init", "new", "--from", &sites, "--from", &accounts]);
    let (registry, _) = Registry::load(&dir.path().join("new"), None).expect("a register that holds");
    assert_eq!((registry.sites.len(), registry.accounts.len()), (4, 3));
    assert_eq!(registry.accounts[0].opened, Some(NaiveDate::from_ymd_opt(2021, 3, 1).expect("a date")));
    assert_eq!(registry.accounts[1].platform_id, "1234567890");
    assert_eq!(registry.site("9901000001").map(|site| site.url.as_str()), Some("http://www.shili.example/"));

    std::fs::write(dir.path().join("xuncha.toml"), "[crawl]\ncontact = \"a@b.example\"\n").expect("writes");
    std::fs::write(dir.path().join("holidays.toml"), include_str!("../../config/holidays.toml"))
        .expect("writes");
    for (name, text) in [("units.csv", UNITS), ("sites.csv", SITES), ("accounts.csv", ACCOUNTS)] {
        std::fs::write(dir.path().join(name), text).expect("writes");
    }
    let of_sites = run(&["registry", "diff", &sites]);
    for line in ["新增", "示例市水利局", "更名", "网址不一致", "http://jtj2.shili.example/"] {
        assert!(of_sites.contains(line), "{line}: {of_sites}");
    }
    assert!(!of_sites.contains("漏报") && !of_sites.contains("体育局"), "{of_sites}");
    let of_accounts = run(&["registry", "diff", &accounts, "--xlsx", "diff.xlsx"]);
    for line in ["漏报", "示例通", "更名", "示例交通发布", "关停", "新增", "示例水利"] {
        assert!(of_accounts.contains(line), "{line}: {of_accounts}");
    }
    assert!(dir.path().join("diff.xlsx").exists());
}

/// Six thousand accounts with half a year of posts each: what gathering and judging them costs.
/// `cargo test -- --ignored --nocapture six_thousand`
#[test]
#[ignore = "measures; takes a minute"]
fn six_thousand_accounts_fit_in_bounded_memory() {
    let mut rows = String::from("平台,账号名称,账号ID,主办单位,状态,备案编号\n");
    for n in 0..6_000 {
        let _ = writeln!(rows, "微信,示例账号{n},gh_{n},示例市交通运输局,正常运行,A{n}");
    }
    let (dir, registry) = office(&rows);
    let folder = dir.path().join("evidence");
    std::fs::create_dir(&folder).expect("a folder");
    let today = xuncha::patrol::now().date_naive();
    for part in 0..12 {
        let mut text = format!(
            "统计时间：{}至{today},,,\n平台,账号ID,标题,发布时间\n",
            today.checked_sub_days(Days::new(179)).expect("a date")
        );
        for n in part * 500..(part + 1) * 500 {
            let quiet = u64::from(n % 10 == 0) * 20;
            for ago in (quiet..180).step_by(2) {
                let day = today.checked_sub_days(Days::new(ago)).expect("a date");
                let _ = writeln!(text, "微信,gh_{n},第{ago}条工作动态信息标题,{day}");
            }
        }
        std::fs::write(folder.join(format!("{part}.csv")), text).expect("writes");
    }
    let rules = RuleSet::shipped().expect("the shipped rules");
    let config = Config { evidence_dir: folder, ..Config::default() };
    let order = Order { config: &config, registry: &registry, rules: &rules };
    let mut db = FactsDb::open(dir.path()).expect("a database");
    let record = RunRecord {
        id: 0,
        as_of: xuncha::patrol::now(),
        ended: None,
        version: String::new(),
        config_hash: String::new(),
        registry_hash: String::new(),
        rules_hash: String::new(),
    };
    let run = db.start_run(&record, record.as_of).expect("a run");
    let before = peak_kib();
    let began = std::time::Instant::now();
    let gathered = xuncha::patrol::accounts::gather_files(order, &mut db, run, true).expect("gathered");
    let gathering = began.elapsed();
    let judged = xuncha::patrol::accounts::judged_accounts(order, &db, run, &[]).expect("judged");
    let stale =
        judged.findings().filter(|f| f.rule == "stale-account" && f.state == State::Confirmed).count();
    #[allow(clippy::print_stdout, reason = "what was measured")]
    {
        println!(
            "6000 accounts, {} answers, {} remarks: gathered in {gathering:.1?}, judged in {:.1?}; peak {} MiB, {} MiB before",
            gathered.answers,
            gathered.remarks.len(),
            began.elapsed().saturating_sub(gathering),
            peak_kib() / 1024,
            before / 1024
        );
    }
    assert_eq!((gathered.answers, stale), (6_000, 600));
    assert!(peak_kib() < 400 * 1024, "{} KiB", peak_kib());
}

/// The most memory this process has held, in KiB.
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kib| kib.parse().ok()).unwrap_or(0)
}

#[tokio::test]
async fn an_account_that_a_site_shows_and_nobody_registered_is_proposed() {
    let site = Server::start().await;
    let page = |title: &str| {
        Script::html(format!(
            "<html><head><title>{title}</title></head><body><ul><li><a href='/a.html'>要闻</a></li><li><a href='/b.html'>公告</a></li></ul>\
             <div class='footer'><a href='https://weibo.com/u/1234567890'>示例发布官方微博</a></div></body></html>"
        ))
    };
    for (path, title) in [("/", "示例网站"), ("/a.html", "要闻"), ("/b.html", "公告")] {
        site.on(path, page(title));
    }
    // No name but this one is resolved: nothing leaves the machine.
    let office =
        Plan::new().site(&site.url("/")).set_up_with("connect-to = [\"no.example:80:127.0.0.1:9\"]\n");
    let register = |rows: &str| {
        let text = format!("平台,账号名称,账号ID,主办单位,状态,备案编号\n{rows}");
        std::fs::write(office.dir().join("accounts.csv"), text).expect("writes");
    };
    let found = async || -> Vec<(String, String)> {
        let all = office.findings().await;
        let of_rule = all.iter().filter(|f| f["rule"] == "unregistered-account");
        of_rule
            .map(|f| (f["state"].as_str().unwrap_or_default().to_owned(), f["description"].to_string()))
            .collect()
    };
    office.run_well(&["patrol"]).await;
    assert_eq!(found().await, [], "without a register of accounts nothing can be missing in it");
    register("微博,示例交通,1000000001,示例市交通运输局,正常运行,A1\n");
    let told = found().await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].0, "suspected");
    assert!(told[0].1.contains("首页链接到微博账号“1234567890”"), "{told:?}");
    // It may be the one whose number nobody entered; or it is registered.
    register("微博,示例交通,,示例市交通运输局,正常运行,A1\n");
    assert_eq!(found().await, []);
    register("微博,示例交通,1234567890,示例市交通运输局,正常运行,A1\n");
    assert_eq!(found().await, []);
}
