//! `no-ipv6`: a site that cannot be used over IPv6.

use serde::Deserialize;

use super::{Context, Defect, check};
use crate::exchange::{ConnectError, FetchError, ReadError, ResolveError};
use crate::facts::answer::Answer;
use crate::facts::ipv6::{Ipv6Facts, Ipv6Try};
use crate::facts::site::Site;
use crate::finding::{Confidence, Gap, Seen};

check! {
    /// 不支持 IPv6
    ///
    /// ## What it does
    /// Asks stage by stage whether the home page can be used over IPv6: an AAAA record, a globally reachable address among
    /// them, TCP and TLS to at least one of them, and the page itself with the family pinned through all redirects. The
    /// first stage that fails is the finding.
    ///
    /// ## Why it matters
    /// Government sites are asked to support IPv6; the definition by stages is ours, the official weights are not public.
    ///
    /// ## Gaps
    /// Where our own machine has no working IPv6, nothing is said (未检测), never 不支持. The same holds for failed name
    /// servers, firewall answers, and for errors that the site shows over IPv4 too.
    ///
    /// ## Example
    /// The name has an A record only: 域名没有IPv6地址解析（AAAA）记录.
    NoIpv6 = "no-ipv6", Site, Params, run
}

/// Parameters of `no-ipv6`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Params {
    /// Whether a missing AAAA record may be told from a machine without IPv6: the name servers answer over IPv4 too.
    #[serde(default)]
    dns_only: bool,
}

fn run(site: &Site, params: &Params, _: Context) -> Seen<Vec<Defect>> {
    let Some(facts) = &site.ipv6 else { return Err(Gap::new(&site.url, "no-ipv6-here")) };
    let gap = |why: &str| Gap::new(&facts.host, why);
    if facts.own_fault.is_some() && !params.dns_only {
        return Err(gap("no-ipv6-here"));
    }
    let fault = |text: String, excerpt: String| Ok(vec![Defect::new(text, excerpt, Confidence::High)]);
    let host = &facts.host;
    let records = match &facts.aaaa {
        Ok(records) => records.as_slice(),
        Err(ResolveError::NoAddress) => &[],
        Err(ResolveError::NoSuchName | ResolveError::ServerFailure | ResolveError::Timeout) => {
            return Err(gap("dns"));
        }
    };
    if records.is_empty() {
        return fault(format!("域名{host}没有IPv6地址解析（AAAA）记录。"), format!("{host} AAAA: 无"));
    }
    let listed = records.iter().map(ToString::to_string).collect::<Vec<_>>().join("、");
    if facts.global.is_empty() {
        let text = format!("域名{host}的IPv6解析地址（{listed}）不是公网可达地址。");
        return fault(text, format!("{host} AAAA: {listed}"));
    }
    if facts.own_fault.is_some() {
        return Err(gap("no-ipv6-here"));
    }
    // The page is what counts: where it came over IPv6, a dead address beside the living one is no defect of this rule.
    if let Some(problem) = connected(facts, opens_over_https(site))? {
        return fault(format!("域名{host}的IPv6地址{problem}。"), tries(&facts.tries));
    }
    match page(facts, site.visits.iter().any(|visit| visit.answer == Answer::There))? {
        Some(problem) => fault(format!("首页通过IPv6{problem}。"), tries(&facts.tries)),
        None => Ok(Vec::new()),
    }
}

/// What prevents a connection to every global address; `None` where one was made.
fn connected(facts: &Ipv6Facts, https_works: bool) -> Seen<Option<&'static str>> {
    let gap = |why: &str| Err(Gap::new(&facts.host, why));
    if facts.tries.is_empty() {
        return gap("not-tried");
    }
    let made: Vec<_> = facts.tries.iter().filter(|t| t.tcp.is_ok()).collect();
    if made.is_empty() {
        let any = |why: ConnectError| facts.tries.iter().any(|t| t.tcp == Err(why));
        return match (any(ConnectError::NoRoute), any(ConnectError::Timeout)) {
            (true, _) => gap("no-route"),
            (false, true) => Ok(Some("连接超时")),
            (false, false) => Ok(Some("无法连接（连接被拒绝或者中断）")),
        };
    }
    if made.iter().any(|t| !matches!(t.tls, Some(Err(_)))) {
        return Ok(None);
    }
    // A certificate that fails over IPv4 too is no question of IPv6.
    if https_works { Ok(Some("可以连接，但TLS握手失败")) } else { gap("tls") }
}

/// What is wrong with the page fetched over IPv6; `None` where nothing is.
fn page(facts: &Ipv6Facts, works_otherwise: bool) -> Seen<Option<String>> {
    let gap = |why: &str| Err(Gap::new(&facts.host, why));
    let Some(exchange) = &facts.home else { return gap("not-fetched") };
    let only_here =
        |problem: String| if works_otherwise { Ok(Some(problem)) } else { gap("fails-over-ipv4-too") };
    match &exchange.outcome {
        Ok(reply) => match reply.status {
            200..=399 => Ok(None),
            status @ (401 | 403 | 407 | 412 | 429 | 451 | 468 | 520..) => gap(&format!("status-{status}")),
            status => only_here(format!("访问返回{status}")),
        },
        Err(FetchError::Resolve(ResolveError::NoAddress)) => {
            Ok(Some(format!("访问时跳转到没有IPv6地址的域名（{}）", exchange.final_url())))
        }
        Err(FetchError::Resolve(_)) => gap("dns"),
        Err(FetchError::Connect(ConnectError::NoRoute)) => gap("no-route"),
        Err(FetchError::Connect(ConnectError::Refused)) => Ok(Some("访问时连接被拒绝".to_owned())),
        Err(FetchError::Connect(ConnectError::Timeout)) => Ok(Some("访问时连接超时".to_owned())),
        Err(FetchError::Connect(ConnectError::Reset)) => Ok(Some("访问时连接中断".to_owned())),
        Err(FetchError::Head(ReadError::Timeout) | FetchError::Body(ReadError::Timeout)) => {
            only_here("访问时响应超时".to_owned())
        }
        Err(FetchError::Head(_) | FetchError::Body(_)) => only_here("访问时连接中断".to_owned()),
        Err(FetchError::Tls(_)) => gap("tls"),
        Err(FetchError::RedirectLoop) => only_here("访问时循环跳转".to_owned()),
        Err(FetchError::RedirectTarget(_)) => only_here("访问时跳转到无效地址".to_owned()),
        Err(FetchError::Ours(_)) => gap("our-limit"),
    }
}

fn opens_over_https(site: &Site) -> bool {
    let https = |visit: &&crate::facts::site::Visit| {
        let last = visit.look.hops.last().map_or(visit.look.url.as_str(), |hop| hop.to.as_str());
        last.starts_with("https:")
    };
    site.visits.iter().filter(https).any(|visit| visit.answer == Answer::There)
}

/// The tries in one line, for the evidence.
fn tries(tries: &[Ipv6Try]) -> String {
    let one = |t: &Ipv6Try| {
        let outcome = match (&t.tcp, &t.tls) {
            (Err(ConnectError::Refused), _) => "连接被拒绝",
            (Err(ConnectError::Timeout), _) => "连接超时",
            (Err(ConnectError::Reset), _) => "连接中断",
            (Err(ConnectError::NoRoute), _) => "本机无路由",
            (Ok(()), Some(Err(_))) => "TLS失败",
            (Ok(()), _) => "已连接",
        };
        format!("{} {outcome}", t.addr)
    };
    tries.iter().map(one).collect::<Vec<_>>().join("；")
}

#[cfg(test)]
mod tests {
    use std::net::Ipv6Addr;

    use super::super::stale_column::tests::cx;
    use super::super::unreachable_site::tests::site;
    use super::*;
    use crate::calendar::from_millis;
    use crate::exchange::{Exchange, OurLimit, Reply};

    const GLOBAL: Ipv6Addr = Ipv6Addr::new(0x2408, 0x80, 0, 0, 0, 0, 0, 1);

    fn facts(tcp: Result<(), ConnectError>, outcome: Result<u16, FetchError>) -> Ipv6Facts {
        let url = "http://www.example.gov.cn/".to_owned();
        let reply = |status| Reply {
            url: url.clone(),
            status,
            addr: None,
            headers: vec![],
            body_len: 0,
            body_sha256: String::new(),
            body_cut: false,
        };
        let outcome = outcome.map(reply);
        Ipv6Facts {
            host: "www.example.gov.cn".to_owned(),
            own_fault: None,
            aaaa: Ok(vec![GLOBAL]),
            global: vec![GLOBAL],
            tries: vec![Ipv6Try { addr: (GLOBAL, 80).into(), tcp, tls: None, took_ms: 5 }],
            home: Some(Exchange { url: url.clone(), at: from_millis(0), took_ms: 9, hops: vec![], outcome }),
        }
    }

    fn outcome(facts: Option<Ipv6Facts>, dns_only: bool) -> Result<Option<String>, String> {
        let mut subject = site(&[Answer::There]);
        subject.ipv6 = facts;
        run(&subject, &Params { dns_only }, cx())
            .map(|found| found.into_iter().next().map(|defect| defect.description))
            .map_err(|gap| gap.why)
    }

    #[test]
    fn stage_by_stage() {
        let good = || facts(Ok(()), Ok(200));
        let says = |text: &str| Ok(Some(text.to_owned()));
        let table = [
            (good(), Ok(None)),
            (
                Ipv6Facts { aaaa: Err(ResolveError::NoAddress), ..good() },
                says("域名www.example.gov.cn没有IPv6地址解析（AAAA）记录。"),
            ),
            (
                Ipv6Facts { aaaa: Ok(vec![]), ..good() },
                says("域名www.example.gov.cn没有IPv6地址解析（AAAA）记录。"),
            ),
            (
                Ipv6Facts { global: vec![], ..good() },
                says("域名www.example.gov.cn的IPv6解析地址（2408:80::1）不是公网可达地址。"),
            ),
            (facts(Err(ConnectError::Timeout), Ok(200)), says("域名www.example.gov.cn的IPv6地址连接超时。")),
            (facts(Ok(()), Ok(502)), says("首页通过IPv6访问返回502。")),
            (
                facts(Ok(()), Err(FetchError::Resolve(ResolveError::NoAddress))),
                says("首页通过IPv6访问时跳转到没有IPv6地址的域名（http://www.example.gov.cn/）。"),
            ),
            (Ipv6Facts { aaaa: Err(ResolveError::Timeout), ..good() }, Err("dns".to_owned())),
            (Ipv6Facts { aaaa: Err(ResolveError::ServerFailure), ..good() }, Err("dns".to_owned())),
            (facts(Err(ConnectError::NoRoute), Ok(200)), Err("no-route".to_owned())),
            (facts(Ok(()), Ok(412)), Err("status-412".to_owned())),
            (facts(Ok(()), Err(FetchError::Ours(OurLimit::Egress))), Err("our-limit".to_owned())),
            (Ipv6Facts { home: None, ..good() }, Err("not-fetched".to_owned())),
            (Ipv6Facts { own_fault: Some("no-route".to_owned()), ..good() }, Err("no-ipv6-here".to_owned())),
        ];
        for (facts, expected) in table {
            assert_eq!(outcome(Some(facts.clone()), false), expected, "{facts:?}");
        }
        assert_eq!(outcome(None, false), Err("no-ipv6-here".to_owned()));
    }

    #[test]
    fn without_own_ipv6_only_the_names_can_be_asked() {
        let blind =
            |aaaa| Ipv6Facts { own_fault: Some("no-route".to_owned()), aaaa, ..facts(Ok(()), Ok(200)) };
        assert_eq!(outcome(Some(blind(Ok(vec![]))), false), Err("no-ipv6-here".to_owned()));
        assert_eq!(outcome(Some(blind(Ok(vec![]))), true).map(|found| found.is_some()), Ok(true));
        assert_eq!(outcome(Some(blind(Ok(vec![GLOBAL]))), true), Err("no-ipv6-here".to_owned()));
    }

    #[test]
    fn what_fails_over_ipv4_too_is_no_question_of_ipv6() {
        let mut subject = site(&[Answer::ServerError(502)]);
        subject.ipv6 = Some(facts(Ok(()), Ok(502)));
        let found = run(&subject, &Params { dns_only: false }, cx()).map_err(|gap| gap.why);
        assert_eq!(found, Err("fails-over-ipv4-too".to_owned()));
    }
}
