//! No number of a person that a site shows is in anything the program writes: the whole way from patrol to export over pages,
//! attachments, titles, addresses and rows full of invented numbers, and every byte of what was written looked at.

#![allow(
    clippy::string_slice,
    clippy::format_collect,
    clippy::format_push_string,
    reason = "numbers are ASCII, and the texts of a test are short"
)]

mod scan;

use std::io::{Cursor, Write as _};

use serde_json::Value;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use scan::Scan;

use crate::kit::office::told;
use crate::kit::portal::{article, day, page};
use crate::kit::{Office, Plan, Script, Server};

/// Invented numbers that pass every test of their kind, no two alike.
#[derive(Default)]
struct Canaries {
    numbers: Vec<String>,
}

impl Canaries {
    fn id_number(&mut self) -> String {
        let n = self.numbers.len();
        let body = format!(
            "5199{:02}19{:02}{:02}{:02}{:03}",
            10 + n % 80,
            50 + n % 49,
            1 + n % 12,
            1 + n % 28,
            100 + n * 7
        );
        let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
        let sum: u32 = body.bytes().zip(weights).map(|(byte, weight)| u32::from(byte - b'0') * weight).sum();
        let check = b"10X98765432"[sum as usize % 11];
        self.keep(format!("{body}{}", char::from(check)))
    }

    fn mobile(&mut self) -> String {
        let n = self.numbers.len();
        self.keep(format!("139{:04}{:04}", 1357 + n * 37, 2468 + n * 53))
    }

    fn card(&mut self) -> String {
        let n = self.numbers.len();
        let body = format!("622848{:06}{:06}", 135_790 + n * 137, 246_801 + n * 251);
        let sum: u32 = body
            .bytes()
            .rev()
            .enumerate()
            .map(|(at, byte)| {
                let digit = u32::from(byte - b'0') * if at % 2 == 0 { 2 } else { 1 };
                digit / 10 + digit % 10
            })
            .sum();
        self.keep(format!("{body}{}", (10 - sum % 10) % 10))
    }

    fn keep(&mut self, number: String) -> String {
        self.numbers.push(number.clone());
        number
    }

    fn scan(&self) -> Scan {
        Scan::new(self.numbers.iter().map(String::as_str))
    }
}

/// A package of the kind office programs write.
fn package(parts: &[(&str, String)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).expect("a part");
        zip.write_all(text.as_bytes()).expect("its text");
    }
    zip.finish().expect("a package").into_inner()
}

/// A text document of these paragraphs.
pub(crate) fn docx(paragraphs: &[String]) -> Vec<u8> {
    let body: String =
        paragraphs.iter().map(|text| format!("<w:p><w:r><w:t>{text}</w:t></w:r></w:p>")).collect();
    let document = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\">\
         <w:body>{body}</w:body></w:document>"
    );
    package(&[("[Content_Types].xml", "<Types/>".to_owned()), ("word/document.xml", document)])
}

/// A workbook of these rows.
pub(crate) fn xlsx(rows: &[Vec<String>]) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (at, row) in (0..).zip(rows) {
        for (column, cell) in (0..).zip(row) {
            sheet.write(at, column, cell.as_str()).expect("a cell");
        }
    }
    book.save_to_buffer().expect("a workbook")
}

/// A site that publishes numbers in every place that the program reads or keeps.
async fn site(canaries: &mut Canaries) -> Server {
    let site = Server::start().await;
    let own = site.url("");
    let mut list = String::new();
    let mut row = |to: &str, text: &str| {
        list.push_str(&format!(
            "<li><a href=\"{to}\" title=\"{text}\">{text}</a><span>{}</span></li>",
            day(3)
        ));
    };
    // Articles: in the text, the title, the tags, comments, scripts, split by markup, in other notations.
    let (id, other) = (canaries.id_number(), canaries.id_number());
    let text = format!(
        "补助对象名单：王小明 身份证号{id}；李小红，{}；赵大勇 手机{}，钱小英 手机{}、孙小梅 手机{}。会议部暑了{}有关工作。\
         开户银行：示例银行 李小红 卡号{}",
        other,
        canaries.mobile(),
        canaries.mobile(),
        canaries.mobile(),
        canaries.mobile(),
        canaries.card()
    );
    site.on("/gs/1.html", Script::html(article("补助对象公示", day(3), &text)));
    row("/gs/1.html", "补助对象公示");
    let id = canaries.id_number();
    let head = format!(
        "<title>关于{id}的公示</title><meta name=\"Description\" content=\"{}\"><meta name=\"ArticleTitle\" content=\"{id}\">",
        canaries.id_number()
    );
    let body =
        article(&format!("关于{id}的公示"), day(3), "公示如下。").replace("<head>", &format!("<head>{head}"));
    site.on("/gs/2.html", Script::html(body));
    row("/gs/2.html", &format!("关于{id}的公示"));
    let text = format!(
        "<!-- {} --><script>var a=\"{}\";var b='tel={}';</script>联系：张三/{}/{}，身份证号={}，编号_{}，<b>{}</b>。\
         <img src=\"/tp/1.jpg\" alt=\"{}\">",
        canaries.id_number(),
        canaries.id_number(),
        canaries.mobile(),
        canaries.mobile(),
        canaries.mobile(),
        canaries.id_number(),
        canaries.id_number(),
        {
            let id = canaries.id_number();
            format!("{}</b><i>{}</i><b>", &id[..9], &id[9..])
        },
        canaries.id_number()
    );
    site.on("/gs/3.html", Script::html(article("办理结果", day(3), &text)));
    row("/gs/3.html", "办理结果公示");
    let entities: String = canaries.id_number().bytes().map(|byte| format!("&#{byte};")).collect();
    site.on("/gs/4.html", Script::html(article("另一份公示", day(3), &format!("名单：周小平 {entities}"))));
    row("/gs/4.html", "另一份公示");
    // Addresses: dead ones are told of, those of rows and pages are kept.
    let dead = format!("/cx/jg.jsp?sfzh={}&sjh={}", canaries.id_number(), canaries.mobile());
    let named = format!("/fj/{}_{}.docx", "%E7%8E%8B", canaries.id_number());
    let text = format!(
        "结果<a href=\"{dead}\">查询</a>、<a href=\"{named}\">下载</a>、<a href=\"/zz/{}/index.html\">档案</a>、\
         <a href=\"/tz.jsp\">跳转</a>、<a href=\"/jb.jsp\">举报</a>",
        canaries.id_number()
    );
    site.on("/gs/5.html", Script::html(article("结果查询", day(3), &text)));
    row("/gs/5.html", "结果查询");
    row(&format!("/gs/x.jsp?id={}", canaries.id_number()), "查询结果");
    site.on(
        "/tz.jsp",
        Script::redirect(
            302,
            &format!("{own}/login?phone={}&id={}", canaries.mobile(), canaries.id_number()),
        ),
    );
    site.on(
        "/jb.jsp",
        Script::reply(
            404,
            &[
                ("content-type", "text/html; charset=utf-8"),
                ("content-disposition", &format!("attachment; filename=\"{}.html\"", canaries.id_number())),
                ("etag", &format!("\"{}\"", canaries.id_number())),
            ],
            format!("<h1>404</h1>找不到 /jb.jsp?sfzh={}", canaries.id_number()).as_bytes(),
        ),
    );
    // Attachments in every form that is read, and one that is none.
    let person = |canaries: &mut Canaries| {
        vec![
            "吴小刚".to_owned(),
            canaries.id_number(),
            canaries.mobile(),
            format!("银行卡号{}", canaries.card()),
        ]
    };
    let people: Vec<Vec<String>> = (0..3).map(|_| person(canaries)).collect();
    let lines: Vec<String> = (0..3).map(|_| person(canaries).join(" ")).collect();
    let plain: Vec<String> = (0..3).map(|_| person(canaries).join("，")).collect();
    let table: Vec<String> = (0..3).map(|_| person(canaries).join(",")).collect();
    let gbk = encoding_rs::GBK.encode(&table.join("\r\n")).0.into_owned();
    let old = person(canaries).join(" ");
    let zip = "application/octet-stream";
    for (name, body) in [
        ("md.xlsx", xlsx(&people)),
        ("md.docx", docx(&lines)),
        ("md.txt", plain.join("\n").into_bytes()),
        ("md.csv", gbk),
        ("md.doc", [b"\xd0\xcf\x11\xe0".as_slice(), old.as_bytes()].concat()),
        ("kong.docx", docx(&["部暑".to_owned(), canaries.id_number()])[..120].to_vec()),
    ] {
        site.on(&format!("/fj/{name}"), Script::reply(200, &[("content-type", zip)], &body));
    }
    let attached: String = ["md.xlsx", "md.docx", "md.txt", "md.csv", "md.doc", "kong.docx"]
        .iter()
        .map(|name| format!("<p><a href=\"/fj/{name}\">附件：{name}</a></p>"))
        .collect();
    site.on("/gs/6.html", Script::html(article("发放名单", day(3), &attached)));
    row("/gs/6.html", "发放名单");
    let script = format!(
        "$.getJSON('/api/list.json', function (rows) {{ show(rows) }}); var me='{}';",
        canaries.mobile()
    );
    let shell =
        format!("<h2>公告</h2><div class=\"con\"><ul id=\"list\"></ul></div><script>{script}</script>");
    site.on("/gg/", Script::html(page("公告", &[("首页", "/"), ("公告", "/gg/")], &shell)));
    let items: Vec<Value> = (0..4)
        .map(|n| serde_json::json!({ "title": format!("关于{}的公告", canaries.id_number()), "url": format!("/gg/{n}.html?sfz={}", canaries.id_number()), "date": day(5 + n).to_string() }))
        .collect();
    let reply = serde_json::to_vec(&items).expect("JSON");
    site.on("/api/list.json", Script::reply(200, &[("content-type", "application/json")], &reply));
    // A column in which nothing is wrong but its age, and one that is empty: their sources are kept as evidence.
    let empty = format!(
        "<div class=\"list\"><ul></ul><p>暂无数据</p></div><div class=\"foot\">管理员{}</div>",
        canaries.mobile()
    );
    site.on("/kb/", Script::html(page("空白", &[("首页", "/"), ("空白", "/kb/")], &empty)));
    let nav = [("首页", "/"), ("公示", "/gs/"), ("公告", "/gg/"), ("空白", "/kb/")];
    let main = format!(
        "<form action=\"/so.jsp\"><input type=\"hidden\" name=\"sjh\" value=\"{}\"><input name=\"q\" placeholder=\"搜索\"></form>\
         <ul class=\"list\">{list}</ul><div style=\"display:none\"><a href=\"http://www.shili-none.example/?q={}\">{}</a></div>",
        canaries.mobile(),
        canaries.id_number(),
        canaries.id_number()
    );
    site.on("/", Script::html(page("示例网站", &nav, &main)));
    site.on("/gs/", Script::html(page("公示", &nav, &format!("<ul class=\"list\">{list}</ul>"))));
    site
}

/// Runs the binary with everything it can say said, and keeps what it says.
async fn run(office: &Office, said: &mut Vec<u8>, args: &[&str]) {
    let mut command = office.command(args);
    command.env("XUNCHA_LOG", "trace");
    let output = crate::kit::office::ended(command).await;
    assert!(output.status.success(), "{args:?}: {}", told(&output));
    said.extend_from_slice(&output.stdout);
    said.extend_from_slice(&output.stderr);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_number_of_a_person_is_in_anything_that_is_written() {
    let mut canaries = Canaries::default();
    let site = site(&mut canaries).await;
    let office = Plan::new()
        .site(&site.url("/"))
        .column("公示", &site.url("/gs/"), "通知公告")
        .column("公告", &site.url("/gg/"), "通知公告")
        .column("空白", &site.url("/kb/"), "通知公告")
        .sections(
            "[office]\nsignature = \"示例市人民政府办公室政务公开科\"\narea = \"示例市\"\ncontact = \"李某某\"\nphone = \"0000-0000000\"\n\
             reply-to = \"a@shili.example\"\n[mail]\nhost = \"127.0.0.1\"\nport = 9\nsecurity = \"plain\"\nfrom = \"a@shili.example\"\n\
             [rules]\npacks = [\"national-2019\", \"guide-47\", \"accessibility\", \"review-line\", \"services-2019\"]\n",
        )
        .set_up();
    let mut said = Vec::new();
    let mut scan = canaries.scan();
    run(&office, &mut said, &["patrol"]).await;
    scan.folder(&office.dir().join("state"));
    let findings = office.findings().await;
    let of = |rule: &str| -> Vec<String> {
        let fit = findings.iter().filter(|finding| finding["rule"] == rule);
        let mut urls: Vec<String> = fit
            .map(|finding| finding["url"].as_str().unwrap_or_default().replace(&site.url(""), ""))
            .collect();
        urls.sort();
        urls
    };
    let files = ["/fj/md.csv", "/fj/md.docx", "/fj/md.txt", "/fj/md.xlsx"];
    let ids = of("id-number-leak");
    assert!(files.iter().all(|file| ids.iter().any(|url| url == file)), "{ids:?}");
    for url in ["/gs/1.html", "/gs/2.html", "/gs/4.html", "/gs/5.html"] {
        assert!(ids.iter().any(|told| told == url), "{url} in {ids:?}");
    }
    assert_eq!(of("phone-leak"), ["/fj/md.csv", "/fj/md.docx", "/fj/md.txt", "/fj/md.xlsx", "/gs/1.html"]);
    assert_eq!(
        of("bank-card-leak"),
        ["/fj/md.csv", "/fj/md.docx", "/fj/md.txt", "/fj/md.xlsx", "/gs/1.html"]
    );
    assert!(!of("typo").is_empty() && !of("empty-column").is_empty() && !of("broken-link").is_empty());
    run(&office, &mut said, &["recheck"]).await;
    run(&office, &mut said, &["list", "--candidates", "--out", "待核清单.xlsx"]).await;
    run(&office, &mut said, &["list", "--candidates"]).await;
    let batch = crate::kit::office::today().format("%Y%m").to_string();
    run(&office, &mut said, &["approve", &batch, "--by", "李某某", "--all", "--yes-first"]).await;
    let month = crate::kit::office::today().format("%Y-%m").to_string();
    for args in [
        &["notify", "--preview", "预览"][..],
        &["notify", "--export", "发送包", "--by", "李某某"],
        &["list", "--all", "--xlsx", "清单.xlsx"],
        &["list", "--ledger", "总台账.xlsx"],
        &["report", "monthly", "--out", "文书"],
        &["report", "notice", "--out", "通知书"],
        &["export", "--out", "导出", "--period", &month],
        &["score"],
        &["score", "--sheet", "核查.xlsx"],
        &["today", "--out", "今日.html"],
        &["status", "--audit"],
        &["judge", "--json", "判定.json"],
        &["case", "log", "--out", "办理.jsonl"],
    ] {
        run(&office, &mut said, args).await;
    }
    let ledger = xuncha::store::ledger::Ledger::open(&office.dir().join("state")).expect("a ledger");
    let cases = ledger.cases(&xuncha::store::ledger::Wanted::default()).expect("cases");
    assert!(cases.len() > 10, "{} cases", cases.len());
    drop(ledger);
    for case in &cases {
        run(&office, &mut said, &["case", "show", &case.number]).await;
        run(
            &office,
            &mut said,
            &["case", "evidence", &case.number, "--out", &format!("佐证-{}", case.number)],
        )
        .await;
    }
    // A site's own check writes its own files.
    let keep = ["--keep", "留存", "--json", "单站.json", "--html", "单站.html"];
    let home = site.url("/");
    let check = [&["check", &home, "--allow-private", "127.0.0.0/8"][..], &keep].concat();
    run(&office, &mut said, &check).await;
    std::fs::write(office.dir().join("said.txt"), &said).expect("writes");
    scan.folder(office.dir());
    assert!(scan.found.is_empty(), "{:#?}", scan.found);
    assert!(scan.masked > 100, "masked forms are there: {}", scan.masked);
    assert!(scan.looked > 1_000, "{} things were looked at", scan.looked);
}

/// What a container of a certain kind is made of: the number goes in, bytes come out.
type Pack = fn(&str) -> Vec<u8>;

fn letter(encoding: &str, body: &str) -> Vec<u8> {
    format!(
        "From: a@shili.example\r\nSubject: =?utf-8?B?{}?=\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n{body}\r\n",
        base64("问题交办".as_bytes())
    )
    .into_bytes()
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for three in bytes.chunks(3) {
        let bits = (0..3).fold(0, |bits, at| bits << 8 | u32::from(three.get(at).copied().unwrap_or(0)));
        for at in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * at)) as usize & 63];
            out.push(if at <= three.len() { char::from(letter) } else { '=' });
        }
    }
    out
}

#[test]
fn a_number_planted_in_any_container_is_found() {
    let mut canaries = Canaries::default();
    let number = canaries.id_number();
    let packs: [(&str, Pack); 14] = [
        ("plain", |number| number.into()),
        ("cut", |number| number[2..13].into()),
        ("over two lines", |number| format!("{}\r\n {}", &number[..8], &number[8..]).into()),
        ("character references", |number| {
            number.bytes().map(|byte| format!("&#x{byte:x};")).collect::<String>().into()
        }),
        ("zstd", |number| zstd::stream::encode_all(number.as_bytes(), 3).expect("packed")),
        ("lz4", |number| lz4_flex::compress_prepend_size(format!("名单：{number}").repeat(9).as_bytes())),
        ("gzip", |number| {
            let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
            packed.write_all(number.as_bytes()).expect("packed");
            packed.finish().expect("packed")
        }),
        ("docx", |number| docx(&["名单".to_owned(), number.to_owned()])),
        ("xlsx", |number| xlsx(&[vec!["名单".to_owned(), number.to_owned()]])),
        ("snapshot of an xlsx", |number| {
            zstd::stream::encode_all(&*xlsx(&[vec![number.to_owned()]]), 3).expect("packed")
        }),
        ("letter in base64", |number| {
            let body = base64(format!("各单位：请核实{number}。").as_bytes());
            let lines: Vec<&str> =
                body.as_bytes().chunks(20).map(|line| std::str::from_utf8(line).expect("ASCII")).collect();
            letter("base64", &lines.join("\r\n"))
        }),
        ("attachment of a letter", |number| {
            let body = base64(&docx(&[number.to_owned()]));
            let lines: Vec<&str> =
                body.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).expect("ASCII")).collect();
            letter("base64", &lines.join("\r\n"))
        }),
        ("letter in quoted-printable", |number| {
            letter("quoted-printable", &format!("=E5=90=84{}=\r\n{}=33", &number[..5], &number[5..]))
        }),
        ("subject of a letter", |number| {
            format!(
                "Subject: =?utf-8?B?{}?=\r\n =?utf-8?B?{}?=\r\n\r\n",
                base64(&number.as_bytes()[..7]),
                base64(&number.as_bytes()[7..])
            )
            .into()
        }),
    ];
    for (what, pack) in packs {
        let dir = tempfile::tempdir().expect("a folder");
        let file = dir.path().join("somewhere.bin");
        std::fs::write(&file, pack(&number)).expect("writes");
        let mut scan = canaries.scan();
        scan.folder(dir.path());
        assert!(!scan.found.is_empty(), "{what}");
        std::fs::write(&file, pack("510400********123X")).expect("writes");
        let mut scan = canaries.scan();
        scan.folder(dir.path());
        assert!(scan.found.is_empty(), "{what}: {:?}", scan.found);
    }
    // In a database: packed, and only in its log, which nobody has written back yet.
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("facts.db");
    let conn = rusqlite::Connection::open(&path).expect("a database");
    conn.execute_batch(
        "PRAGMA journal_mode = wal; PRAGMA wal_autocheckpoint = 0; CREATE TABLE text (bytes BLOB);",
    )
    .expect("SQL");
    let mut scan = canaries.scan();
    scan.folder(dir.path());
    assert!(scan.found.is_empty(), "{:?}", scan.found);
    let packed = lz4_flex::compress_prepend_size(format!("名单：{number}，共一人").repeat(400).as_bytes());
    conn.execute("INSERT INTO text VALUES (?1)", [packed]).expect("SQL");
    let mut scan = canaries.scan();
    scan.folder(dir.path());
    assert!(scan.found.iter().any(|found| found.contains("text.bytes")), "{:?}", scan.found);
    // A name of a file counts as well.
    let dir = tempfile::tempdir().expect("a folder");
    std::fs::write(dir.path().join(format!("{number}.txt")), "").expect("writes");
    let mut scan = canaries.scan();
    scan.folder(dir.path());
    assert!(!scan.found.is_empty());
}
