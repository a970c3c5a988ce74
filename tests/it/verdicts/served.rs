//! A share of the scenarios once more, served over loopback to the real binary.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::answers::{Said, faults, walls};
use crate::kit::office::{accused, findings, gaps};
use crate::kit::portal::{article, day, page, rows};
use crate::kit::{Plan, Script, Server, is_made_up};

fn script(said: &Said) -> Option<Script> {
    match said {
        // What asks for patience holds up the whole host, which other tests watch.
        Said::Reply(429, ..) | Said::Led(..) | Said::Failed(_) => None,
        Said::Reply(_, headers, _) if headers.iter().any(|(name, _)| *name == "retry-after") => None,
        Said::Reply(status, headers, body) => Some(Script::reply(*status, headers, body.as_bytes())),
    }
}

/// Answers that only a socket can give.
fn raw() -> Vec<(&'static str, Script)> {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n";
    let raw = |rest: &str| Script::raw(format!("{head}{rest}"));
    vec![
        ("chunk-cut", raw("transfer-encoding: chunked\r\n\r\n40\r\n<html>")),
        ("chunk-garbage", raw("transfer-encoding: chunked\r\n\r\nzz\r\n<html>\r\n0\r\n\r\n")),
        ("length-too-large", raw("content-length: 9000\r\n\r\n<html><ul></ul>")),
        ("length-too-small", raw("content-length: 3\r\n\r\n<html><ul></ul>")),
        ("length-twice", raw("content-length: 3\r\ncontent-length: 7\r\n\r\n<html>x")),
        ("length-negative", raw("content-length: -1\r\n\r\n<html>")),
        (
            "gzip-that-is-none",
            Script::reply(200, &[("content-type", "text/html"), ("content-encoding", "gzip")], b"<html>"),
        ),
        (
            "gzip-cut",
            Script::reply(
                200,
                &[("content-type", "text/html"), ("content-encoding", "gzip")],
                &[0x1f, 0x8b, 8, 0, 0],
            ),
        ),
        (
            "br-that-is-none",
            Script::reply(200, &[("content-type", "text/html"), ("content-encoding", "br")], b"<html>"),
        ),
        ("reset", Script::reset()),
        ("head-cut", Script::raw("HTTP/1.1 200 OK\r\ncontent-ty")),
        ("not-http", Script::raw("SSH-2.0-OpenSSH_9.2\r\n")),
        ("nothing", Script::raw("")),
        ("http2-goaway", Script::raw(b"\0\0\x08\x07\0\0\0\0\0\0\0\0\0\0\0\0\x0b".to_vec())),
        ("tls-alert", Script::raw(b"\x15\x03\x01\0\x02\x02\x28".to_vec())),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_binary_accuses_none_of_them_either() {
    let (site, later) = (Server::start().await, Server::bind("127.0.0.2:0").await);
    let rough = Server::bind("127.0.0.3:0").await;
    let mut paths: Vec<String> = Vec::new();
    for (n, (_, said)) in walls().iter().enumerate() {
        if let Some(script) = script(said) {
            site.on(&format!("/wall/{n}.html"), script);
            paths.push(format!("/wall/{n}.html"));
        }
    }
    let well = || Script::html(article("通知", day(1), "内容"));
    for (n, (_, said)) in faults().iter().enumerate() {
        if let Some(script) = script(said) {
            // By turn, as one server of several answers: in either look once or twice wrong, never always.
            site.in_turn(&format!("/turn/{n}.html"), vec![script.clone(), well(), script.clone(), well()]);
            site.in_turn(&format!("/pair/{n}.html"), vec![script.clone(), script.clone(), script, well()]);
            paths.extend([format!("/turn/{n}.html"), format!("/pair/{n}.html")]);
        }
    }
    for (name, script) in raw() {
        rough.on(&format!("/raw/{name}.html"), script);
        paths.push(rough.url(&format!("/raw/{name}.html")));
    }
    site.on("/cookie.html", Script::reply(302, &[("location", "/cookie.html"), ("set-cookie", "a=1")], b""));
    site.on("/loop.html", Script::redirect(302, "/loop.html"));
    site.on("/500.html", Script::status(500));
    paths.extend(["/cookie.html", "/loop.html", "/gone.html", "/500.html"].map(str::to_owned));
    let links: String = paths.iter().flat_map(|path| ["<a href=\"", path, "\">办事指南</a>"]).collect();
    let items: Vec<_> =
        (1..6).map(|n| (format!("第{n}号通知信息"), format!("/gg/{n}.html"), day(n))).collect();
    site.on("/", Script::html(page("示例网站", &[("公告", "/gg/")], &links)));
    site.on("/gg/", Script::html(page("公告", &[], &rows(&items))));
    for n in 1..6 {
        site.on(&format!("/gg/{n}.html"), well());
    }
    // A host that turns programs away with 404 once they have asked for some pages, its home page excepted.
    let asked = Arc::new(AtomicUsize::new(0));
    let inner: String =
        (0..20).fold(String::new(), |all, n| all + &format!("<a href=\"/p/{n}.html\">通知{n}</a>"));
    let home = Script::html(page("另一网站", &[("公告", "/gg/")], &inner));
    let list = Script::html(page("公告", &[], &rows(&items)));
    later.otherwise(move |seen| match seen.path.as_str() {
        "/" => home.clone(),
        "/robots.txt" => Script::status(404),
        "/gg/" => list.clone(),
        path if is_made_up(path) => Script::status(404),
        _ if asked.fetch_add(1, Ordering::Relaxed) < 8 => Script::html(article("通知", day(1), "内容")),
        _ => Script::status(404),
    });
    let haste = "[limits]\nconnect = \"2s\"\nfirst-byte = \"2s\"\nwhole = \"5s\"\n";
    let office = Plan::new().sections(haste).site(&site.url("/")).site(&later.url("/")).set_up();
    office.run_well(&["patrol"]).await;
    let suspected = accused(&office.findings().await);
    assert!(suspected.iter().filter(|finding| finding.contains("/p/")).count() > 5, "{suspected:?}");
    assert!(suspected.iter().any(|finding| finding.contains("/pair/")), "{suspected:?}");
    office.run_well(&["recheck"]).await;
    let all = office.findings().await;
    let confirmed: Vec<_> = all.into_iter().filter(|finding| finding["state"] == "confirmed").collect();
    let wanted =
        ["/500.html", "/gone.html", "/loop.html"].map(|path| format!("broken-link {}", site.url(path)));
    assert_eq!(accused(&confirmed), wanted, "{} links: {:?}", paths.len(), gaps(&office.judged().await));
    assert!(findings(&office.judged().await).iter().all(|finding| finding["rule"] != "empty-column"));
}
