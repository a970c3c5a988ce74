//! What stands in attachments, through the program: numbers of persons, typos and an office's own words in files of every kind
//! that is read, healthy files that look like them, and files that cannot be read.

#![allow(clippy::format_collect, reason = "the texts of a test are short")]

use serde_json::Value;

use crate::kit::office::gaps;
use crate::kit::portal::{article, day, page, rows};
use crate::kit::{Office, Plan, Script, Server};
use crate::leaks::{docx, xlsx};

/// Invented; its check digit is right.
const ID: &str = "510400199003071238";

/// A site with one article that carries these files.
async fn site(files: &[(&str, Vec<u8>)]) -> Server {
    let site = Server::start().await;
    let links: String =
        files.iter().map(|(name, _)| format!("<p><a href=\"/fj/{name}\">附件 {name}</a></p>")).collect();
    for (name, body) in files {
        let headers = [("content-type", "application/octet-stream")];
        site.on(&format!("/fj/{name}"), Script::reply(200, &headers, body));
    }
    let list = rows(&[("关于公布发放名单的通知".to_owned(), "/tz/1.html".to_owned(), day(2))]);
    site.on("/", Script::html(page("示例网站", &[("首页", "/"), ("通知", "/tz/")], &list)));
    site.on("/tz/", Script::html(page("通知", &[("首页", "/"), ("通知", "/tz/")], &list)));
    site.on("/tz/1.html", Script::html(article("关于公布发放名单的通知", day(2), &links)));
    site
}

/// An office whose own pack reads the words of attachments, too, and which has a list of its own.
fn office(site: &Server, reads: bool) -> Office {
    let office = Plan::new()
        .site(&site.url("/"))
        .column("通知", &site.url("/tz/"), "通知公告")
        .sections("[rules]\ndir = \"rules\"\npacks = [\"city\"]\n")
        .set_up();
    let write = |name: &str, text: &str| {
        let path = office.dir().join("rules").join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("writes");
    };
    write(
        "city/pack.toml",
        "id = \"city\"\ntitle = \"示例市\"\nextends = \"national-2019\"\neffective = 2026-01-01\nbasis = \"2019-19/veto-3\"\n",
    );
    let rule = |id: &str| {
        format!(
            "[[override]]\nid = \"{id}\"\nchanges = \"附件一并检查\"\nparams = {{ attachments = {reads} }}\n\n"
        )
    };
    write("city/texts.toml", &(rule("typo") + &rule("forbidden-text")));
    write("words/forbidden.tsv", "内部资料\t\t*室\n");
    office
}

/// `rule file` of everything found in files.
async fn told(office: &Office) -> Vec<String> {
    let findings = office.findings().await;
    let mut told: Vec<String> = findings
        .iter()
        .filter_map(|finding| {
            let (_, file) = finding["url"].as_str()?.split_once("/fj/")?;
            Some(format!("{} {file}", finding["rule"].as_str()?))
        })
        .collect();
    told.sort();
    told
}

fn files() -> Vec<(&'static str, Vec<u8>)> {
    let row = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>();
    let text = |lines: &[&str]| docx(&lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>());
    vec![
        ("mingdan.xlsx", xlsx(&[row(&["姓名", "身份证号"]), row(&["张三", ID])])),
        ("mingdan.docx", text(&["发放名单", &format!("张三 {ID} 示例镇")])),
        ("mingdan.csv", encoding_rs::GBK.encode(&format!("姓名,证件\r\n张三,{ID}\r\n")).0.into_owned()),
        ("fangan.docx", text(&["工作方案", "会议部暑了今年的重点工作。", "内部资料，注意保存。"])),
        // Healthy, and like them.
        ("yincang.xlsx", xlsx(&[row(&["姓名", "身份证号"]), row(&["张三", "510400********123X"])])),
        ("daima.docx", text(&["登记信息", &format!("统一社会信用代码：{ID}")])),
        ("shuoming.docx", text(&["订正说明", "请将“部暑”改为“部署”。", "存放于内部资料室。"])),
        // Not to be read: cut off, and formats without a reader.
        ("huai.docx", text(&["会议部暑了今年的重点工作。"])[..200].to_vec()),
        ("jiu.doc", [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".as_slice(), &[0; 4096]].concat()),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attachments_are_read_where_a_rule_says_so_and_what_cannot_be_read_is_a_gap() {
    let site = site(&files()).await;
    let office = office(&site, true);
    office.run_well(&["patrol"]).await;
    assert_eq!(
        told(&office).await,
        [
            "forbidden-text fangan.docx",
            "id-number-leak mingdan.csv",
            "id-number-leak mingdan.docx",
            "id-number-leak mingdan.xlsx",
            "typo fangan.docx"
        ]
    );
    let findings = office.findings().await;
    let one = |rule: &str, file: &str| -> Value {
        let url = site.url(&format!("/fj/{file}"));
        let fit = findings.iter().find(|finding| finding["rule"] == rule && finding["url"] == url.as_str());
        fit.cloned().expect("a finding")
    };
    let leak = one("id-number-leak", "mingdan.xlsx");
    let text = leak["description"].as_str().unwrap_or_default();
    assert!(text.starts_with("附件中公开完整身份证号码1处"), "{text}");
    assert_eq!(leak["evidence"]["excerpt"], "51****************");
    let typo = one("typo", "fangan.docx");
    assert_eq!(typo["description"], "“部暑”应为“部署”。");
    for finding in [&leak, &typo] {
        assert_eq!(finding["state"], "confirmed", "{finding}");
        assert_eq!(finding["page"], site.url("/tz/1.html").as_str(), "the page that carries it: {finding}");
    }
    assert_eq!(one("forbidden-text", "fangan.docx")["state"], "suspected");
    let open = gaps(&office.judged().await);
    for (files, why) in [("1 files", "file-not-read"), ("1 files", "file-format")] {
        assert!(open.contains(&(files.to_owned(), why.to_owned())), "{why}: {open:?}");
    }
    // A second look asks for the files again and says the same of them.
    office.run_well(&["recheck"]).await;
    assert_eq!(told(&office).await.len(), 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn words_in_attachments_are_left_alone_where_no_rule_asks_for_them() {
    let site = site(&files()).await;
    let office = office(&site, false);
    office.run_well(&["patrol"]).await;
    let told = told(&office).await;
    assert_eq!(
        told,
        ["id-number-leak mingdan.csv", "id-number-leak mingdan.docx", "id-number-leak mingdan.xlsx"]
    );
}
