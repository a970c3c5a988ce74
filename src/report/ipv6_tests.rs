//! The IPv6 section of a report: figures, and what is not seen.

use std::net::Ipv6Addr;

use super::*;
use crate::calendar::from_millis;
use crate::exchange::{Exchange, Reply};
use crate::facts::alike::Sample;
use crate::facts::ipv6::{Ipv6Try, Lack};
use crate::facts::reach::{Cell, Failed, Heading, Host, Resource};
use crate::facts::visits::Outcome;
use crate::report::render::text::text;

const GLOBAL: Ipv6Addr = Ipv6Addr::new(0x2408, 0x80, 0, 0, 0, 0, 0, 1);
const HOME: &str = "http://www.shili.example/";

fn exchange(status: u16) -> Exchange {
    let reply = Reply {
        url: HOME.to_owned(),
        status,
        addr: None,
        headers: vec![],
        body_len: 0,
        body_sha256: String::new(),
        body_cut: false,
    };
    Exchange { url: HOME.to_owned(), at: from_millis(0), took_ms: 42, hops: vec![], outcome: Ok(reply) }
}

fn full() -> Ipv6Facts {
    let sample = |title: &str, text: &str| Sample {
        status: 200,
        final_url: HOME.to_owned(),
        title: title.to_owned(),
        text: text.to_owned(),
        took_ms: 40,
    };
    let host = |name: &str, own, seen| Host { name: name.to_owned(), own, seen };
    let cell = |level, column, host, links, good, bad| Cell {
        level,
        column,
        host,
        links,
        tried: good + bad,
        good,
        bad,
    };
    let reach = Reach {
        seed: 20_261_122,
        hosts: vec![
            host("www.shili.example", true, NameSeen::Global),
            host("zwfw.shili.example", true, NameSeen::None),
            host("www.waibu.example", false, NameSeen::Unknown("dns".to_owned())),
            host("img.cdn.example", false, NameSeen::None),
        ],
        columns: vec![Heading { name: "政务公开".to_owned(), url: format!("{HOME}zwgk/") }],
        cells: vec![
            cell(Level::Second, Some(0), 0, 50, 19, 1),
            cell(Level::Second, None, 1, 10, 0, 0),
            cell(Level::Second, None, 2, 4, 0, 0),
            cell(Level::Third, None, 0, 300, 20, 0),
        ],
        resources: vec![Resource {
            host: 3,
            pages: 41,
            example: "http://img.cdn.example/logo.png".to_owned(),
        }],
        pages_read: 49,
        pages: 60,
        failed: vec![Failed { url: format!("{HOME}zwgk/x"), level: Level::Second, lack: Lack::Status(502) }],
    };
    let server = |name: &str, aaaa, asked| NameServer { name: name.to_owned(), aaaa, asked, glue: None };
    let authority = Authority {
        zone: "shili.example".to_owned(),
        servers: vec![
            server("ns1.dns.example", Ok(vec![GLOBAL]), vec![(GLOBAL, Answered::Yes)]),
            server("ns2.dns.example", Err(ResolveError::NoAddress), vec![]),
        ],
    };
    let likeness = Likeness {
        over_ipv4: Some(sample("示例市", "欢迎")),
        over_ipv6: sample("Welcome to nginx!", "Welcome"),
        text: 12,
        links: 0,
        restless: Some(998),
    };
    Ipv6Facts {
        tries: vec![Ipv6Try { addr: (GLOBAL, 443).into(), tcp: Ok(()), tls: Some(Ok(())), took_ms: 9 }],
        home: Some(exchange(200)),
        authority: Ok(authority),
        likeness: Ok(likeness),
        reach: Ok(reach),
        ..Ipv6Facts::of_names("www.shili.example".to_owned(), Ok(vec![GLOBAL]), vec![GLOBAL])
    }
}

fn printed(facts: Option<&Ipv6Facts>) -> String {
    let mut doc = Document::new("", "");
    section(&mut doc, facts, &[]);
    text(&doc)
}

#[test]
fn every_figure_has_numerator_and_denominator() {
    let said = printed(Some(&full()));
    for part in [
        "域名解析（AAAA） · 支持 · AAAA记录2408:80::1",
        "首页经IPv6访问 · 支持 · 用时42毫秒",
        "域名授权体系 · 不完整 · shili.example的权威服务器2台，其中1台有AAAA记录，1台经IPv6应答",
        "首页IPv4/IPv6一致性 · 不一致 · 正文相同1.2%，链接相同0.0%",
        "二级链接支持率 · 偏低 · 支持率约79.1%：所在主机有公网IPv6地址的50/60；抽测20个/共50个，19个可经IPv6访问，1个不能（按种子20261122抽取）",
        "三级链接支持率 · 较高 · 支持率约100.0%：所在主机有公网IPv6地址的300/300；抽测20个/共300个",
        "三级链接取自49/60个二级页面",
        "[2408:80::1]:443 · 已连接 · 已协商 · 9",
        "IPv6 · 200 · http://www.shili.example/ · Welcome to nginx!",
        "政务公开（http://www.shili.example/zwgk/） · 二级 · 50 · 50/50 · 20/50 · 19/20 · 1",
        "zwfw.shili.example · 无AAAA记录 · 10 · 0/10",
        "www.waibu.example · 域名解析失败 · 4 · 0/4",
        "img.cdn.example · 无AAAA记录 · 41/50 · http://img.cdn.example/logo.png",
        "http://www.shili.example/zwgk/x · 二级 · 经IPv6访问返回502",
    ] {
        assert!(said.contains(part), "{part}\n{said}");
    }
}

#[test]
fn without_own_ipv6_everything_reads_not_seen() {
    for fault in ["no-route", "self-test-failed", "proxy"] {
        let facts = Ipv6Facts {
            own_fault: Some(fault.to_owned()),
            aaaa: Err(ResolveError::NoAddress),
            global: vec![],
            ..full()
        };
        let said = printed(Some(&facts));
        let rows: Vec<&str> = said.lines().filter(|line| line.starts_with("  ")).take(6).collect();
        assert_eq!(rows.len(), 6);
        assert!(rows.iter().all(|row| row.contains(" · 未检测")), "{said}");
        assert!(!said.contains("不支持") && !said.contains("偏低"), "{said}");
    }
    assert!(printed(None).contains("未检测"));
}

#[test]
fn what_was_not_tried_is_not_seen() {
    let facts = Ipv6Facts::of_names("www.shili.example".to_owned(), Err(ResolveError::Timeout), vec![]);
    let said = printed(Some(&facts));
    assert_eq!(said.matches("未检测").count(), 6, "{said}");
}

#[test]
fn visits_over_time_are_told_with_their_delays() {
    let sample = |round: i64, ip, took_ms, opened| crate::facts::visits::Sample {
        round,
        at: from_millis(1_794_700_800_000 + round * 43_200_000),
        ip,
        addr: None,
        status: None,
        outcome: if opened { Outcome::Opened } else { Outcome::Failed("timeout".to_owned()) },
        took_ms,
    };
    let mut week = Vec::new();
    for round in 0..4 {
        week.push(sample(round, Ip::V4, 80, round != 3));
        week.push(sample(round, Ip::V6, 120, round < 2));
    }
    let mut doc = Document::new("示例", "");
    section(&mut doc, Some(&full()), &week);
    let told = text(&doc);
    let row = "经IPv6访问成功率 · 50.0% · 定时访问4次，打开2次，未打开2次（其中同时IPv4能打开的1次）；中位时延120毫秒（IPv4为80毫秒）";
    assert!(told.contains(row), "{told}");
    assert!(
        told.contains("2/2 · 120 · 120 · 2/2 · 80 · 80") && told.contains("0/2 · － · － · 1/2 · 80 · 80"),
        "{told}"
    );
    week.retain(|sample| sample.ip == Ip::V4);
    let mut doc = Document::new("示例", "");
    section(&mut doc, Some(&full()), &week);
    assert!(!text(&doc).contains("成功率"), "never sampled over IPv6");
}
