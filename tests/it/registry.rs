//! The register's files: encodings, headings, workbooks, sizes, and the two commands that write and check them.

use std::path::Path;
use std::process::Command;

use chrono::NaiveDate;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use xuncha::config::installation::Installation;
use xuncha::facts::class::ColumnClass;
use xuncha::registry::{Delivery, Registry, SiteKind, UnitKind};

const UNITS: &str = "\
单位名称,简称,上级主管单位,类别,排序,邮箱,抄送,送达方式
示例市人民政府办公室,市政府办,,市本级,1,a@shili.example,,邮件
示例市交通运输局,市交通局,示例市人民政府办公室,部门,2,,,
示例县人民政府办公室,县府办,市政府办,县区,3,,,线下
";
const SITES: &str = "\
网站名称,网站标识码,首页网址,类型,主办单位
示例市人民政府门户网站,9901000001,http://www.shili.example/,政府门户网站,示例市人民政府办公室
示例市交通运输局,9901000002,http://jtj.shili.example/,部门网站,示例市交通运输局
";
const COLUMNS: &str = "\
网站标识码,栏目,网址,类别,级,更新周期,内容保障单位
9901000001,要闻,http://www.shili.example/yw/,动态要闻,1,14天,示例市人民政府办公室
";
const EXEMPTIONS: &str = "\
规则,对象,理由,有效期至
empty-column,9901000001,改版,2026-12-31
";

#[test]
fn missing_doubled_foreign_and_huge_files() {
    let fault = |prepare: &dyn Fn(&Path)| {
        let dir = folder();
        prepare(dir.path());
        let faults = Registry::load(dir.path(), None).expect_err("no register").0;
        assert_eq!(faults.len(), 1, "{faults:?}");
        faults[0].to_string().replace(&format!("{}/", dir.path().display()), "")
    };
    let remove = |dir: &Path, name: &str| std::fs::remove_file(dir.join(name)).expect("removed");
    let write =
        |dir: &Path, name: &str, bytes: &[u8]| std::fs::write(dir.join(name), bytes).expect("written");

    assert!(fault(&|dir| remove(dir, "sites.csv")).starts_with("sites.csv:1:1: 找不到该文件"));
    assert!(
        fault(&|dir| write(dir, "columns.xlsx", b"x"))
            .starts_with("columns.xlsx:1:1: 与 columns.csv 同时存在")
    );
    let et = fault(&|dir| {
        remove(dir, "columns.csv");
        write(dir, "columns.et", b"x");
    });
    assert!(et.starts_with("columns.et:1:1: 不能读取这种格式"), "{et}");
    let renamed = fault(&|dir| write(dir, "columns.csv", b"PK\x03\x04...."));
    assert!(renamed.starts_with("columns.csv:1:1: 这是 Excel 工作簿"), "{renamed}");
    let broken = fault(&|dir| {
        remove(dir, "columns.csv");
        write(dir, "columns.xlsx", b"PK\x03\x04 but no more");
    });
    assert!(broken.starts_with("columns.xlsx:1:1: 无法作为 Excel 工作簿打开"), "{broken}");
    let huge = fault(&|dir| {
        let file = std::fs::File::create(dir.join("columns.csv")).expect("a file");
        file.set_len(100 << 20).expect("100 MB");
    });
    assert!(huge.starts_with("columns.csv:1:1: 文件过大（100 MB，上限 20 MB）"), "{huge}");
}

#[test]
fn faults_of_all_files_come_together_and_sorted() {
    let dir = folder();
    let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).expect("written");
    write("xuncha.toml", "[crawl]\ncontact = \"a@b.example\"\nrate-per-host = -1\n");
    write(
        "holidays.toml",
        "years = [2026]\n[[holiday]]\nname = \"元旦\"\nfrom = 2026-01-01\nto = 2025-01-01\n",
    );
    write("sites.csv", "网站名称,网站标识码,首页网址,类型,主办单位\n甲,1,x,y,z\n");
    write("exemptions.csv", "规则,对象,理由,有效期至\nempty-column,http://a.example/,改版,明天\n");
    let faults = Installation::open(&dir.path().join("xuncha.toml"), None).expect_err("faults").0;
    assert!(faults.is_sorted());
    let places: Vec<String> = faults
        .iter()
        .map(|fault| {
            format!("{}:{}:{}", fault.file.rsplit('/').next().unwrap_or_default(), fault.line, fault.column)
        })
        .collect();
    let wanted = [
        // Its site is unknown, since the sites' file has no right row.
        "columns.csv:2:1",
        "exemptions.csv:2:4",
        "holidays.toml:1:10",
        "holidays.toml:1:10",
        "holidays.toml:1:10",
        "holidays.toml:5:6",
        "sites.csv:2:2",
        "sites.csv:2:3",
        "sites.csv:2:4",
        "sites.csv:2:5",
        "xuncha.toml:3:17",
    ];
    assert_eq!(places, wanted, "{faults:#?}");
}

#[test]
fn a_gbk_file_is_read_and_said_so() {
    let dir = folder();
    let text = UNITS.replace('\n', "\r\n");
    let (gbk, ..) = encoding_rs::GBK.encode(&text);
    std::fs::write(dir.path().join("units.csv"), gbk).expect("written");
    let (registry, notices) = Registry::load(dir.path(), None).expect("a register");
    assert_eq!(registry, Registry::load(folder().path(), None).expect("a register").0);
    assert_eq!(notices.len(), 1, "{notices:?}");
    assert!(notices[0].message.contains("已按 GBK"), "{notices:?}");
}

#[test]
fn bom_crlf_full_width_spaces_order_and_english_headings_do_not_matter() {
    let plain = Registry::load(folder().path(), None).expect("a register").0;
    let dir = folder();
    let units = "\u{feff}mail,KIND, Name ,short,Parent,order,cc,delivery\r\n\
        a@shili.example,city,\u{3000}示例市人民政府办公室\u{3000},市政府办,,1,,mail\r\n\
        ,department,示例市交通运输局,市交通局,示例市人民政府办公室,2,,\r\n\
        ,county,示例县人民政府办公室\u{a0},县府办,市政府办,3,,offline\r\n";
    std::fs::write(dir.path().join("units.csv"), units).expect("written");
    let sites = "首页网址,主办单位*,类型,网站 名称,网站标识码（10位）,备注\n\
        http://www.shili.example/,市政府办,portal,示例市人民政府门户网站,9901000001,门户\n\
        http://jtj.shili.example,市交通局,department,示例市交通运输局,9901000002,\n";
    std::fs::write(dir.path().join("sites.csv"), sites).expect("written");
    let columns = "标题,,\n网站名称,类别,栏目名称,网址,栏目级别,更新频率,责任单位\n\
        示例市人民政府门户网站,news,要闻,http://www.shili.example/yw/,一级,两周,市政府办\n";
    std::fs::write(dir.path().join("columns.csv"), columns).expect("written");
    let (registry, notices) = Registry::load(dir.path(), None).expect("a register");
    assert_eq!(registry, plain);
    assert_eq!(registry.hash(), plain.hash());
    let told: Vec<&str> = notices.iter().map(|notice| notice.message.as_str()).collect();
    assert_eq!(told, ["“备注”一列不使用"]);
}

#[test]
fn notices_stop_nothing() {
    let dir = folder();
    let sites = "网站名称,网站标识码,首页网址,类型,主办单位,范围\n\
        甲,9901000001,http://www.shili.example/,门户,市政府办,zwfw.shili.example\n\
        乙,n990100002,http://www.shili.example/jtj/index.html,频道,市交通局,\n\
        丙,9901000003,http://www.shili.example/,门户,市政府办,\n";
    std::fs::write(dir.path().join("sites.csv"), sites).expect("written");
    let columns = "网站标识码,栏目,网址\n\
        9901000001,一,http://zwfw.shili.example/a/\n\
        9901000001,二,http://other.example/a/\n\
        N990100002,三,http://www.shili.example/jtj/a/\n\
        N990100002,四,http://www.shili.example/jyj/a/\n";
    std::fs::write(dir.path().join("columns.csv"), columns).expect("written");
    let (registry, notices) = Registry::load(dir.path(), None).expect("a register");
    assert_eq!(registry.columns.len(), 4);
    assert_eq!(registry.columns_of("n990100002").count(), 2);
    let places: Vec<(bool, u32, u32)> =
        notices.iter().map(|n| (n.file.ends_with("sites.csv"), n.line, n.column)).collect();
    assert_eq!(places, [(false, 3, 3), (false, 5, 3), (true, 3, 2), (true, 4, 3)], "{notices:#?}");
}

#[test]
fn workbooks_with_titles_merged_cells_numbers_and_dates() {
    let dir = folder();
    for name in ["units.csv", "sites.csv", "columns.csv", "exemptions.csv"] {
        std::fs::remove_file(dir.path().join(name)).expect("removed");
    }
    let format = Format::new();
    let mut book = Workbook::new();
    book.add_worksheet().set_name("说明").expect("a name").write(0, 0, "填报说明").expect("a cell");
    let sheet = book.add_worksheet();
    sheet.set_name("单位").expect("a name");
    sheet.merge_range(0, 0, 0, 5, "示例市单位登记表（2026年）", &format).expect("a title");
    rows(
        sheet,
        1,
        &[
            &["单位\n名称", "类别", "上级主管单位", "排序", "联络员", "邮箱"],
            &["示例市人民政府办公室", "市本级", "", "1", "李某某", "a@shili.example"],
            &["示例市交通运输局", "部门", "示例市人民政府办公室", "9", "", ""],
            &["示例市教育局", "部门", "示例市人民政府办公室", "2", "", ""],
        ],
    );
    sheet.write(9, 40, "远处的一个单元格").expect("a cell");
    sheet.clear_cell(9, 40);
    sheet.write(1_048_575, 16_383, "　").expect("the last cell of the sheet");
    book.save(dir.path().join("units.xlsx")).expect("saved");

    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    rows(sheet, 0, &[&["网站名称", "网站标识码", "首页网址", "类型", "主办单位"]]);
    rows(
        sheet,
        1,
        &[&["示例市人民政府门户网站", "", "http://www.shili.example/", "门户", "示例市人民政府办公室"]],
    );
    sheet.write(1, 1, 9_901_000_001_u64).expect("a number");
    book.save(dir.path().join("sites.xlsx")).expect("saved");

    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    rows(sheet, 0, &[&["网站标识码", "栏目", "网址", "更新周期", "内容保障单位"]]);
    rows(
        sheet,
        1,
        &[
            &["9901000001", "一", "http://www.shili.example/1/", "14", ""],
            &["9901000001", "二", "http://www.shili.example/2/", "每季度", ""],
            &["9901000001", "三", "http://www.shili.example/3/", "", "示例市教育局"],
        ],
    );
    sheet.merge_range(1, 4, 2, 4, "示例市交通运输局", &format).expect("merged cells");
    sheet.write(1, 3, 14).expect("a number");
    book.save(dir.path().join("columns.xlsx")).expect("saved");

    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    rows(sheet, 0, &[&["报备一览"], &["规则", "对象", "理由", "有效期至", "有效期自"]]);
    let dated = Format::new().set_num_format("yyyy-mm-dd");
    for (row, column) in [(2, "1"), (3, "2"), (4, "3")] {
        let target = format!("http://www.shili.example/{column}/");
        rows(sheet, row, &[&["empty-column", &target, "改版", ""]]);
    }
    let day = ExcelDateTime::from_ymd(2026, 12, 31).expect("a date");
    sheet.write_with_format(2, 3, &day, &dated).expect("a date");
    sheet.write(3, 3, 46_387).expect("a serial number");
    sheet.write(4, 3, "2026年12月31日").expect("text");
    let first = ExcelDateTime::from_ymd(2026, 12, 1).expect("a date");
    sheet.write_with_format(2, 4, &first, &dated).expect("a date");
    sheet.write(3, 4, "2026年12月1日").expect("text");
    book.save(dir.path().join("exemptions.xlsx")).expect("saved");

    let (registry, notices) = Registry::load(dir.path(), None).expect("a register");
    let units: Vec<&str> = registry.units.iter().map(|unit| unit.name.as_str()).collect();
    assert_eq!(units, ["示例市人民政府办公室", "示例市教育局", "示例市交通运输局"], "in protocol order");
    assert_eq!(registry.sites[0].code, "9901000001");
    let keepers: Vec<Option<&str>> = registry.columns.iter().map(|column| column.keeper.as_deref()).collect();
    assert_eq!(keepers, [Some("示例市交通运输局"), Some("示例市交通运输局"), Some("示例市教育局")]);
    let cycles: Vec<Option<u16>> = registry.columns.iter().map(|column| column.cycle_days).collect();
    assert_eq!(cycles, [Some(14), Some(92), None]);
    let last = NaiveDate::from_ymd_opt(2026, 12, 31);
    assert!(
        registry.exemptions.iter().all(|exemption| Some(exemption.until) == last),
        "{:?}",
        registry.exemptions
    );
    assert_eq!(registry.exemptions[1].origin, "exemptions.xlsx:4");
    let firsts: Vec<Option<NaiveDate>> = registry.exemptions.iter().map(|exemption| exemption.from).collect();
    let first = NaiveDate::from_ymd_opt(2026, 12, 1);
    assert_eq!(firsts, [first, first, None], "a date, a text, a blank cell");
    let told: Vec<String> = notices.iter().map(|notice| notice.message.clone()).collect();
    assert!(told.iter().any(|told| told.contains("纵向合并单元格")), "{told:?}");
    assert!(told.iter().any(|told| told.contains("工作表“说明”未使用")), "{told:?}");
}

#[test]
fn faults_in_a_workbook_stand_where_the_spreadsheet_shows_them() {
    let dir = folder();
    std::fs::remove_file(dir.path().join("sites.csv")).expect("removed");
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    rows(sheet, 2, &[&["", "网站名称", "网站标识码", "首页网址", "类型", "主办单位"]]);
    rows(
        sheet,
        5,
        &[&["", "示例市人民政府门户网站", "9901000001", "http://www.shili.example/", "门户", "没有的局"]],
    );
    sheet.write(6, 1, "示例市交通运输局").expect("a cell");
    sheet.write(6, 2, 9_901_000_002_u64).expect("a cell");
    sheet.write(6, 3, "http://jtj.shili.example/").expect("a cell");
    sheet.write(6, 4, 3.5).expect("a cell");
    sheet.write_formula(6, 5, rust_xlsxwriter::Formula::new("=NA()").set_result("#N/A")).expect("a cell");
    book.save(dir.path().join("sites.xlsx")).expect("saved");
    let faults = Registry::load(dir.path(), None).expect_err("faults").0;
    let places: Vec<(u32, u32)> = faults.iter().map(|fault| (fault.line, fault.column)).collect();
    assert_eq!(places, [(6, 6), (7, 5), (7, 6)], "{faults:#?}");
}

#[test]
fn a_province_of_sites_loads_at_once() {
    use std::fmt::Write as _;
    let dir = folder();
    let (mut units, mut sites) =
        ("单位名称,类别\n".to_owned(), "网站名称,网站标识码,首页网址,类型,主办单位\n".to_owned());
    let mut columns = "网站标识码,栏目,网址,内容保障单位\n".to_owned();
    for n in 0..5_000 {
        let _ = writeln!(units, "单位{n},部门");
        let _ = writeln!(sites, "网站{n},99{n:08},http://w{n}.shili.example/,部门网站,单位{n}");
        let _ = writeln!(columns, "99{n:08},要闻,http://w{n}.shili.example/yw/,单位{n}");
    }
    for (name, text) in [
        ("units.csv", units),
        ("sites.csv", sites),
        ("columns.csv", columns),
        ("exemptions.csv", EXEMPTIONS.replace("9901000001", "9900000001")),
    ] {
        std::fs::write(dir.path().join(name), text).expect("written");
    }
    let (registry, notices) = Registry::load(dir.path(), None).expect("a register");
    assert_eq!((registry.sites.len(), registry.columns.len(), notices.len()), (5_000, 5_000, 0));
}

#[test]
fn messages_of_readers_are_read_as_the_platform_exports_them() {
    let dir = folder();
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let table: &[&[&str]] = &[
        &["留言编号", "网站标识码", "接收时间", "办结时间", "留言内容"],
        &["ZC-1", "9901000001", "2026-11-02 09:13:20", "2026-11-04 10:00:00", "首页某链接\n打不开"],
        &["ZC-2", "9901000001", "2026/11/13", "", ""],
    ];
    rows(sheet, 0, table);
    book.save(dir.path().join("public-reports.xlsx")).expect("written");
    let (registry, _) = Registry::load(dir.path(), None).expect("a register");
    let read: Vec<_> = registry
        .public_reports
        .iter()
        .map(|row| {
            (
                row.number.as_str(),
                row.received.to_string(),
                row.answered.map(|day| day.to_string()),
                &*row.about,
            )
        })
        .collect();
    let answered = Some("2026-11-04".to_owned());
    assert_eq!(
        read,
        [
            ("ZC-1", "2026-11-02".to_owned(), answered, "首页某链接 打不开"),
            ("ZC-2", "2026-11-13".to_owned(), None, "")
        ]
    );
}

#[test]
fn init_writes_what_check_accepts_and_overwrites_nothing() {
    let dir = tempfile::tempdir().expect("a folder");
    let office = dir.path().join("office");
    let run = |args: &[&str]| {
        let output =
            Command::new(env!("CARGO_BIN_EXE_xuncha")).args(args).output().expect("the program runs");
        let told =
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        (output.status.code(), told)
    };
    let place = office.display().to_string();
    let config = office.join("xuncha.toml").display().to_string();
    let (code, told) = run(&["init", &place]);
    assert_eq!(code, Some(0), "{told}");
    let crontab = std::fs::read_to_string(office.join("crontab")).expect("a crontab");
    assert!(crontab.contains(&format!("CONFIG={config}")) && !crontab.contains("{{"), "{crontab}");
    for name in [
        "units.csv",
        "sites.csv",
        "columns.csv",
        "exemptions.csv",
        "counterfeits.csv",
        "reposts.csv",
        "public-reports.csv",
    ] {
        let bytes = std::fs::read(office.join(name)).expect("a register");
        assert!(bytes.starts_with(b"\xef\xbb\xbf"), "{name} has no byte order mark");
    }

    let (code, told) = run(&["registry", "check", "--config", &config]);
    assert_eq!(code, Some(0), "{told}");
    assert!(
        told.contains("未发现错误：单位 7 个，网站 4 个，栏目 7 个，新媒体账号 3 个，报备 2 条"),
        "{told}"
    );

    let before = std::fs::read(&config).expect("the file");
    let (code, told) = run(&["init", &place]);
    assert_eq!(code, Some(2), "{told}");
    assert!(told.contains("已有 xuncha.toml、units.csv"), "{told}");
    assert_eq!(std::fs::read(&config).expect("the file"), before);

    let units = office.join("units.csv");
    let text = std::fs::read_to_string(&units).expect("units").replace("县区", "县局");
    std::fs::write(&units, text).expect("written");
    let (code, told) = run(&["registry", "check", "--config", &config]);
    assert_eq!(code, Some(2), "{told}");
    assert!(told.contains(&format!("{}:9:4: “类别”：“县局”不在可用的值之内", units.display())), "{told}");
}

#[test]
fn the_example_register_is_as_it_says() {
    let (registry, notices) =
        Registry::load(Path::new("config"), Some(&["empty-column"])).expect("the examples");
    assert_eq!(notices.len(), 1, "only the vendor's code is noticed: {notices:#?}");
    assert_eq!(registry.units[0].kind, UnitKind::City);
    assert_eq!(registry.units[5].delivery, Delivery::Exchange);
    assert_eq!(registry.sites[2].kind, SiteKind::Channel);
    assert_eq!(registry.columns[0].class, Some(ColumnClass::News));
    assert_eq!(registry.columns[5].site, "9901000012", "named by its name");
    let town = registry.unit("示例县河东镇人民政府").expect("a town");
    assert_eq!(registry.county_of(town).map(|unit| unit.name.as_str()), Some("示例县人民政府办公室"));
}

/// A folder with a register that is right.
pub(crate) fn folder() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    for (name, text) in
        [("units.csv", UNITS), ("sites.csv", SITES), ("columns.csv", COLUMNS), ("exemptions.csv", EXEMPTIONS)]
    {
        std::fs::write(dir.path().join(name), text).expect("written");
    }
    dir
}

fn rows(sheet: &mut rust_xlsxwriter::Worksheet, top: u32, rows: &[&[&str]]) {
    for (row, cells) in (top..).zip(rows) {
        for (column, text) in (0..).zip(*cells) {
            if !text.is_empty() {
                sheet.write(row, column, *text).expect("a cell");
            }
        }
    }
}
