//! IPv6 of whole sites, by the real binary: what only IPv6 lacks is told, what is ours is not seen, figures are counted.

use std::net::TcpListener;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::kit::office::{accused, findings, gaps};
use crate::kit::{self, Dns, Office, Plan, Script, Server};

/// Two servers on one port: over IPv4 and over IPv6.
async fn pair() -> (Server, Server) {
    loop {
        let four = Server::start().await;
        let six = format!("[::1]:{}", four.addr().port());
        if TcpListener::bind(&six).is_ok() {
            return (four, Server::bind(&six).await);
        }
    }
}

/// A TLS server over IPv4 in front of `behind`, and the free address of the same port over IPv6.
async fn secure(behind: std::net::SocketAddr) -> (kit::TlsServer, String) {
    loop {
        let secure = kit::TlsServer::bind("127.0.0.1:0", behind).await;
        let six = format!("[::1]:{}", secure.addr().port());
        if TcpListener::bind(&six).is_ok() {
            return (secure, six);
        }
    }
}

/// Tells a reader of the test's output why nothing was tried.
#[allow(clippy::print_stderr, reason = "a skipped test must be seen")]
fn skipped(why: &str) {
    eprintln!("SKIPPED: {why}");
}

fn without_ipv6() -> bool {
    let absent = !kit::has_ipv6_loopback();
    if absent {
        skipped("this machine has no [::1]");
    }
    absent
}

const TEXT: &str = "本网站由示例市交通运输局主办，发布政务信息，提供办事服务，回应群众关切，接受社会监督。";

fn page(title: &str, rest: &str) -> Script {
    Script::html(format!("<html><head><title>{title}</title></head><body><p>{TEXT}</p>{rest}</body></html>"))
}

/// `count` links, each to what `to` says.
fn anchors(count: usize, to: impl Fn(usize) -> String) -> String {
    (0..count).map(|n| format!("<a href={}>第{n}项</a>", to(n))).collect::<Vec<_>>().concat()
}

/// Patrols once; what was judged, and the report of the run.
async fn patrolled(office: &Office, environment: &[(&str, String)]) -> (Value, String) {
    let mut command = office.command(&["patrol"]);
    command.envs(environment.iter().map(|(name, value)| (name, value)));
    let output = kit::office::ended(command).await;
    assert!(output.status.success(), "{}", kit::office::told(&output));
    let report = std::fs::read_to_string(office.state("巡查报告_第1次.html")).expect("a report");
    (office.judged().await, report)
}

/// The rules about IPv6 that accuse, with what they say.
fn said(judged: &Value) -> Vec<(String, String)> {
    let text = |finding: &Value, key: &str| finding[key].as_str().unwrap_or_default().to_owned();
    let found = findings(judged);
    let about = found.iter().filter(|finding| text(finding, "rule").starts_with("no-ipv6"));
    about.map(|finding| (text(finding, "rule"), text(finding, "description"))).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_site_of_ipv6_alone_is_whole() {
    if without_ipv6() {
        return;
    }
    let dns = Dns::start().await;
    let site = Server::bind("[::1]:0").await;
    site.on("/", page("示例网站", "<a href=/a.html>甲</a><a href=/b.html>乙</a>"));
    site.on("/a.html", page("甲", "<a href=/c.html>丙</a>"));
    site.on("/b.html", page("乙", ""));
    site.on("/c.html", page("丙", ""));
    dns.set("www.six.test", "::1");
    let home = format!("http://www.six.test:{}/", site.addr().port());
    let office = Plan::new().dns(dns.addr()).site(&home).set_up();
    let (judged, report) = patrolled(&office, &[]).await;
    assert_eq!(said(&judged), []);
    let facts = &judged[0]["ipv6"];
    assert_eq!(facts["own_fault"], Value::Null);
    assert_eq!(facts["home"]["outcome"]["Ok"]["status"], 200, "{facts}");
    assert_eq!(facts["likeness"]["Err"]["why"], "no-ipv4", "there is nothing to set beside it");
    assert!(report.contains("抽测2个/共2个，2个可经IPv6访问，0个不能"), "{report}");
    assert!(report.contains("抽测1个/共1个，1个可经IPv6访问，0个不能"), "the third level: {report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_page_over_ipv6_is_a_figure_and_no_accusation() {
    if without_ipv6() {
        return;
    }
    let dns = Dns::start().await;
    let (four, six) = pair().await;
    four.on("/", page("示例市交通运输局", "<a href=/a.html>甲</a>"));
    six.on("/", Script::html("<title>Welcome to nginx!</title><p>If you see this page, it works.</p>"));
    for server in [&four, &six] {
        server.on("/a.html", page("甲", ""));
    }
    let port = four.addr().port();
    dns.set("www.two.test", "127.0.0.1 ::1");
    // The same page, but for what changes at every visit.
    let (fair, fair_six) = pair().await;
    fair.on("/", page("示例市交通运输局", "<p>今天是2026年11月22日10时，访问量：1024</p>"));
    fair_six.on("/", page("示例市交通运输局", "<p>今天是2026年11月22日11时，访问量：1025</p>"));
    dns.set("www.same.test", "127.0.0.1 ::1");
    let office = Plan::new()
        .dns(dns.addr())
        .site(&format!("http://www.two.test:{port}/"))
        .site(&format!("http://www.same.test:{}/", fair.addr().port()))
        .set_up();
    let (judged, report) = patrolled(&office, &[]).await;
    assert_eq!(said(&judged), [], "no document asks for it");
    let likeness = |site: usize| &judged[site]["ipv6"]["likeness"]["Ok"];
    assert!(likeness(0)["text"].as_u64().is_some_and(|score| score < 100), "{}", likeness(0));
    assert_eq!(likeness(0)["restless"], 1000, "asked twice over IPv4");
    assert_eq!((&likeness(1)["text"], &likeness(1)["restless"]), (&1000.into(), &Value::Null));
    assert!(report.contains("不一致") && report.contains("Welcome to nginx!"), "both samples are shown");
    assert_eq!(report.matches("不一致").count(), 1, "the other site is alike");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redirect_to_a_host_of_ipv4_alone_ends_there() {
    if without_ipv6() {
        return;
    }
    let dns = Dns::start().await;
    let (four, six) = pair().await;
    let port = four.addr().port();
    four.on("/", page("示例网站", ""));
    six.on("/", Script::redirect(302, &format!("http://www.four.test:{port}/")));
    dns.set("www.turn.test", "127.0.0.1 ::1");
    dns.set("www.four.test", "127.0.0.1");
    let office = Plan::new().dns(dns.addr()).site(&format!("http://www.turn.test:{port}/")).set_up();
    let (judged, _) = patrolled(&office, &[]).await;
    let told = format!("首页通过IPv6访问时跳转到没有IPv6地址的域名（http://www.four.test:{port}/）。");
    assert_eq!(said(&judged), [("no-ipv6".to_owned(), told)]);
    let below = gaps(&judged).iter().filter(|(_, why)| why == "home-not-over-ipv6").count();
    assert_eq!(below, 1, "what lies below is not asked, and said once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fault_of_tls_counts_where_only_ipv6_has_it() {
    if without_ipv6() {
        return;
    }
    let dns = Dns::start().await;
    let behind = Server::start().await;
    behind.on("/", page("示例网站", ""));
    dns.set(kit::SECURE_HOST, "127.0.0.1 ::1");
    let roots = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/kit/tls/ca.pem");
    let trusting = [("SSL_CERT_FILE", roots.to_owned())];
    let (one, other) = secure(behind.addr()).await;
    let home = format!("https://{}:{}/", kit::SECURE_HOST, one.addr().port());
    let plain = Server::bind(&other).await;
    let office = Plan::new().dns(dns.addr()).site(&home).set_up();
    let (judged, report) = patrolled(&office, &trusting).await;
    let told = format!("域名{}的IPv6地址可以连接，但TLS握手失败。", kit::SECURE_HOST);
    assert_eq!(said(&judged), [("no-ipv6".to_owned(), told)]);
    assert!(report.contains(&format!("[::1]:{}", one.addr().port())), "every address is listed");
    drop(plain);

    // With a certificate that nobody trusts over either family, it is no question of IPv6.
    let (two, other) = secure(behind.addr()).await;
    let secure = kit::TlsServer::bind(&other, behind.addr()).await;
    let home = format!("https://{}:{}/", kit::SECURE_HOST, two.addr().port());
    let office = Plan::new().dns(dns.addr()).site(&home).set_up();
    let nobody = [("SSL_CERT_FILE", "/dev/null".to_owned())];
    let (judged, _) = patrolled(&office, &nobody).await;
    assert_eq!(said(&judged), []);
    drop(secure);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn links_and_loaded_hosts_are_counted_with_their_denominators() {
    if without_ipv6() {
        return;
    }
    let dns = Dns::start().await;
    let (four, six) = pair().await;
    let port = four.addr().port();
    let old = anchors(12, |n| format!("http://old.shili.test:{port}/o{n}.html"));
    let own = anchors(5, |n| format!("/zwgk/{n}.html"));
    let loads = format!(
        "<img src=http://img.cdn.test:{port}/logo.png><script src=http://both.test:{port}/a.js></script>"
    );
    for server in [&four, &six] {
        server.on("/", page("示例网站", &format!("{old}{own}{loads}")));
        for n in 0..5 {
            let rest =
                format!("<a href=/zwgk/deep/{n}.html>下{n}</a><img src=http://img.cdn.test:{port}/{n}.png>");
            server.on(&format!("/zwgk/{n}.html"), page("公开", &rest));
        }
        server
            .otherwise(|seen| if seen.path == "/robots.txt" { Script::status(404) } else { page("页", "") });
    }
    for name in ["www.shili.test", "both.test"] {
        dns.set(name, "127.0.0.1 ::1");
    }
    for name in ["old.shili.test", "img.cdn.test"] {
        dns.set(name, "127.0.0.1");
    }
    let plan =
        Plan::new().dns(dns.addr()).crawl("ipv6-links = 3").site(&format!("http://www.shili.test:{port}/"));
    let office = plan.column("政务公开", &format!("http://www.shili.test:{port}/zwgk/"), "其他").set_up();
    let (judged, report) = patrolled(&office, &[]).await;
    let told = said(&judged);
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].0, "no-ipv6-second-level");
    assert!(
        told[0].1.starts_with(
            "首页以下二级链接共17个，其中12个所在主机没有公网IPv6地址，抽测3个/共5个，3个可经IPv6访问"
        ),
        "{told:?}"
    );
    assert_eq!(
        findings(&judged).iter().find(|f| f["rule"] == "no-ipv6-second-level").map(|f| &f["state"]),
        Some(&"suspected".into())
    );
    for part in [
        "所在主机有公网IPv6地址的5/17；抽测3个/共5个",
        "所在主机有公网IPv6地址的5/5；抽测3个/共5个，3个可经IPv6访问，0个不能",
        "天窗清单",
        "old.shili.test",
    ] {
        assert!(report.contains(part), "{part}\n{report}");
    }
    let reach = &judged[0]["ipv6"]["reach"]["Ok"];
    let name = |host: &Value| reach.pointer(&format!("/hosts/{host}/name")).expect("a host").clone();
    let resources: Vec<_> = reach["resources"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| (name(&one["host"]), one["pages"].clone()))
        .collect();
    assert_eq!(resources, [("img.cdn.test".into(), 6.into()), ("both.test".into(), 1.into())]);
    assert!(report.contains("6/6") && !report.contains("<td>both.test</td><td><span class=\"mark warn\">"));
    assert!(six.paths().iter().filter(|path| path.starts_with("/zwgk/")).count() >= 6, "{:?}", six.paths());
}

/// Set in the process that runs inside a namespace.
const INSIDE: &str = "XUNCHA_TEST_INSIDE_NAMESPACE";

/// Runs the ignored test `name` of this file in a network namespace of its own, prepared by `setup`. What it must print
/// where it really ran is `ENDED`.
fn in_namespace(setup: &str, name: &str) {
    let test = std::env::current_exe().expect("this program");
    let setup = format!("ip link set lo up && {setup} && exec \"$0\" \"$@\"");
    let run = Command::new("unshare")
        .args(["--net", "sh", "-c", &setup])
        .arg(test)
        .args(["--exact", &format!("ipv6_sites::{name}"), "--nocapture", "--include-ignored"])
        .env(INSIDE, "1")
        .output();
    let Ok(run) = run else { return skipped("no unshare(1) here") };
    let said = String::from_utf8_lossy(&run.stdout).into_owned() + &String::from_utf8_lossy(&run.stderr);
    if !said.contains(name) {
        return skipped(&format!("no network namespace without privileges: {said}"));
    }
    assert!(run.status.success() && said.contains("ENDED"), "{said}");
}

#[allow(clippy::print_stdout, reason = "tells the outer test that the inner one ran to its end")]
fn ended() {
    println!("ENDED");
}

#[test]
fn without_own_ipv6_everything_reads_not_seen() {
    in_namespace("echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6", "inside_without_ipv6");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "runs inside the namespace that without_own_ipv6_everything_reads_not_seen makes"]
async fn inside_without_ipv6() {
    if std::env::var_os(INSIDE).is_none() {
        return;
    }
    assert!(!kit::has_ipv6_loopback(), "the namespace has no IPv6");
    let dns = Dns::start().await;
    let site = Server::start().await;
    let old = anchors(12, |n| format!("http://old.shili.test/o{n}.html"));
    site.on("/", page("示例网站", &old));
    let port = site.addr().port();
    dns.set("www.shili.test", "127.0.0.1 ::1");
    dns.set("www.four.test", "127.0.0.1");
    dns.set("old.shili.test", "127.0.0.1");
    let office = Plan::new()
        .dns(dns.addr())
        .site(&format!("http://www.shili.test:{port}/"))
        .site(&format!("http://www.four.test:{port}/"))
        .set_up();
    let (judged, report) = patrolled(&office, &[]).await;
    assert_eq!(said(&judged), [], "{:?}", accused(&findings(&judged)));
    for site in [0, 1] {
        assert_eq!(judged[site]["ipv6"]["own_fault"], "no-route");
        assert_eq!(judged[site]["ipv6"]["tries"], Value::Array(vec![]), "nothing is tried");
    }
    assert_eq!(gaps(&judged).iter().filter(|(_, why)| why == "no-ipv6-here").count(), 2);
    assert!(!report.contains("不支持"), "{report}");
    assert!(report.matches("未检测").count() >= 2 * 7, "{report}");
    ended();
}

#[test]
fn a_real_name_server_is_asked_over_ipv6() {
    if Command::new("nsd").arg("-v").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "nsd is not installed");
        return skipped("no nsd(8) here");
    }
    in_namespace("true", "inside_with_a_name_server");
}

/// `nsd`, ended with the test.
struct Nsd(std::process::Child);

impl Drop for Nsd {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "runs inside the namespace that a_real_name_server_is_asked_over_ipv6 makes"]
async fn inside_with_a_name_server() {
    if std::env::var_os(INSIDE).is_none() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let dir = folder.path();
    let soa = "$TTL 60\n@ SOA ns1 root 1 3600 600 86400 60\n";
    let child = "@ NS ns1\n@ NS ns2\n@ NS ns3\nns1 A 127.0.0.1\nns1 AAAA ::1\nns2 A 127.0.0.1\nns3 A 127.0.0.1\n\
                 ns3 AAAA fd00::53\nwww A 127.0.0.1\nwww AAAA ::1\n";
    let parent = "@ NS ns1\nns1 A 127.0.0.1\nshili NS ns1.shili\nns1.shili A 127.0.0.1\nns1.shili AAAA ::1\n";
    std::fs::write(dir.join("shili.zone"), format!("{soa}{child}")).expect("writes");
    std::fs::write(dir.join("test.zone"), format!("{soa}{parent}")).expect("writes");
    let here = dir.display();
    let config = format!(
        "server:\n ip-address: 127.0.0.1\n ip-address: ::1\n username: \"\"\n chroot: \"\"\n zonesdir: \"{here}\"\n \
         pidfile: \"{here}/nsd.pid\"\n xfrdfile: \"{here}/xfrd.state\"\n zonelistfile: \"{here}/zones.list\"\n \
         xfrdir: \"{here}\"\n database: \"\"\n logfile: \"{here}/nsd.log\"\n\
         remote-control:\n control-enable: no\n\
         zone:\n name: shili.test\n zonefile: shili.zone\nzone:\n name: test\n zonefile: test.zone\n"
    );
    std::fs::write(dir.join("nsd.conf"), config).expect("writes");
    let start = Command::new("nsd").args(["-d", "-c"]).arg(dir.join("nsd.conf")).stdin(Stdio::null()).spawn();
    let _nsd = Nsd(start.expect("nsd starts"));
    kit::office::until("nsd to listen", || std::net::TcpStream::connect("[::1]:53").ok()).await;

    let (four, six) = pair().await;
    for server in [&four, &six] {
        server.on("/", page("示例网站", ""));
    }
    let office = Plan::new()
        .dns("127.0.0.1:53".parse().expect("an address"))
        .site(&format!("http://www.shili.test:{}/", four.addr().port()))
        .set_up();
    let (judged, report) = patrolled(&office, &[]).await;
    assert_eq!(said(&judged), []);
    let authority = &judged[0]["ipv6"]["authority"]["Ok"];
    assert_eq!(authority["zone"], "shili.test", "{}", judged[0]["ipv6"]);
    let server = |nth: usize| &authority["servers"][nth];
    assert_eq!(server(0)["name"], "ns1.shili.test");
    assert_eq!(server(0)["asked"], serde_json::json!([["::1", { "is": "yes" }]]));
    assert_eq!(server(0)["glue"], serde_json::json!(["::1"]), "handed out beside the name");
    assert_eq!(server(1)["aaaa"]["Err"], "no-address");
    assert_eq!(server(2)["asked"], serde_json::json!([["fd00::53", { "is": "not-global" }]]));
    for part in ["不完整", "shili.test的权威服务器3台，其中2台有AAAA记录，1台经IPv6应答", "::1应答"]
    {
        assert!(report.contains(part), "{part}\n{report}");
    }
    ended();
}
