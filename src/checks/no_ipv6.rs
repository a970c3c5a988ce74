//! `no-ipv6`: a site that cannot be used over IPv6.

use std::fmt::Write as _;

use serde::Deserialize;

use super::{Context, Defect, check};
use crate::exchange::{ConnectError, ResolveError};
use crate::facts::answer::Answer;
use crate::facts::ipv6::{Ipv6Facts, Ipv6Try, Otherwise, lack};
use crate::facts::reach::{Level, NameSeen, Ratio, Reach};
use crate::facts::site::Site;
use crate::finding::{Confidence, Gap, Seen};

check! {
    /// 不支持 IPv6
    ///
    /// ## What it does
    /// Asks stage by stage whether the home page can be used over IPv6: an AAAA record, a globally reachable address among
    /// them, TCP and TLS to at least one of them, and the page itself with the family pinned through all redirects. The
    /// first stage that fails is the finding. With `degree` `second-level` or `third-level` it asks which share of the
    /// site's own links of that level can be used over IPv6: links to hosts without an address cannot, of the others a
    /// sample is asked for. What was not seen counts as supported, and the sample as the most that it allows for.
    ///
    /// ## Why it matters
    /// Government sites are asked to support IPv6; the definition by stages is ours, the official weights are not public.
    ///
    /// ## Gaps
    /// Where our own machine has no working IPv6, nothing is said (未检测), never 不支持. The same holds for failed name
    /// servers, firewall answers, and for errors that the site shows over IPv4 too. Below the home page nothing is said
    /// where the home page itself did not come over IPv6, or where what lacks it are too few links for a share.
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
    /// What is judged.
    #[serde(default)]
    degree: Degree,
    /// Least share of a level's links, in per cent.
    #[serde(default = "all")]
    min_percent: u32,
    /// Fewest links of which a share is judged.
    #[serde(default)]
    min_links: u64,
}

/// How deep a rule looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Degree {
    #[default]
    Home,
    SecondLevel,
    ThirdLevel,
}

fn all() -> u32 {
    100
}

fn run(site: &Site, params: &Params, _: Context) -> Seen<Vec<Defect>> {
    let Some(facts) = &site.ipv6 else { return Err(Gap::new(&site.url, "no-ipv6-here")) };
    match params.degree {
        Degree::Home => home(site, facts, params.dns_only),
        Degree::SecondLevel => level(facts, params, Level::Second),
        Degree::ThirdLevel => level(facts, params, Level::Third),
    }
}

fn home(site: &Site, facts: &Ipv6Facts, dns_only: bool) -> Seen<Vec<Defect>> {
    let gap = |why: &str| Gap::new(&facts.host, why);
    if facts.own_fault.is_some() && !dns_only {
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
    let otherwise = Otherwise {
        works: site.visits.iter().any(|visit| visit.answer == Answer::There),
        https: opens_over_https(site),
    };
    // The page is what counts: where it came over IPv6, a dead address beside the living one is no defect of this rule.
    if let Some(problem) = connected(facts, otherwise.https)? {
        return fault(format!("域名{host}的IPv6地址{problem}。"), tries(&facts.tries));
    }
    let Some(exchange) = &facts.home else { return Err(gap("not-fetched")) };
    match lack(exchange, otherwise).map_err(|why| gap(&why))? {
        Some(problem) => fault(format!("首页通过IPv6{problem}。"), tries(&facts.tries)),
        None => Ok(Vec::new()),
    }
}

fn level(facts: &Ipv6Facts, params: &Params, level: Level) -> Seen<Vec<Defect>> {
    let gap = |why: &str| Gap::new(&facts.host, why);
    if facts.own_fault.is_some() {
        return Err(gap("no-ipv6-here"));
    }
    let reach = facts.reach.as_ref().map_err(|unseen| gap(&unseen.why))?;
    if !facts.home_came() {
        return Err(gap("home-not-over-ipv6"));
    }
    let ratio = reach.own(level);
    let lacking = ratio.at_most().filter(|most| *most < params.min_percent * 10);
    match lacking {
        Some(most) if ratio.links >= params.min_links => {
            Ok(vec![Defect::new(share(level, &ratio, most, params), worst(reach, level), Confidence::Medium)])
        }
        Some(_) => Err(gap("too-few-links")),
        // Nothing of what has an address was seen to answer, or not to.
        None if ratio.unknown + ratio.named > 0 && ratio.good + ratio.bad == 0 => Err(gap("not-tried")),
        None => Ok(Vec::new()),
    }
}

/// `二级链接IPv6支持率…`: numerator and denominator, and what they rest on.
fn share(level: Level, ratio: &Ratio, most: u32, params: &Params) -> String {
    let name = match level {
        Level::Second => "二级",
        Level::Third => "三级",
    };
    let Ratio { links, named, unknown, tried, good, bad } = ratio;
    let mut text = format!("首页以下{name}链接共{links}个");
    let without = links - named - unknown;
    if without > 0 {
        let _ = write!(text, "，其中{without}个所在主机没有公网IPv6地址");
    }
    if *tried > 0 {
        let _ = write!(text, "，抽测{tried}个/共{named}个，{good}个可经IPv6访问，{bad}个不能");
    }
    text + &format!("，支持率不超过{}%，低于{}%。", most / 10, params.min_percent)
}

/// The hosts and links at fault.
fn worst(reach: &Reach, level: Level) -> String {
    let hosts = reach.by_host(true);
    let hosts = hosts.iter().filter(|(host, _)| matches!(host.seen, NameSeen::None | NameSeen::NotGlobal));
    let hosts = hosts.take(5).map(|(host, _)| format!("{}无IPv6地址", host.name));
    let failed = reach.failed.iter().filter(|failed| failed.level == level).take(5);
    let failed = failed.map(|failed| format!("{}经IPv6{}", failed.url, failed.lack));
    hosts.chain(failed).collect::<Vec<_>>().join("；")
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
    use crate::exchange::{Exchange, FetchError, OurLimit, Reply};
    use crate::facts::reach::{Cell, Host};

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
            tries: vec![Ipv6Try { addr: (GLOBAL, 80).into(), tcp, tls: None, took_ms: 5 }],
            home: Some(Exchange { url: url.clone(), at: from_millis(0), took_ms: 9, hops: vec![], outcome }),
            ..Ipv6Facts::of_names("www.example.gov.cn".to_owned(), Ok(vec![GLOBAL]), vec![GLOBAL])
        }
    }

    fn params(degree: Degree) -> Params {
        Params { dns_only: false, degree, min_percent: 90, min_links: 10 }
    }

    fn outcome(facts: Option<Ipv6Facts>, dns_only: bool) -> Result<Option<String>, String> {
        let mut subject = site(&[Answer::There]);
        subject.ipv6 = facts;
        run(&subject, &Params { dns_only, ..params(Degree::Home) }, cx())
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
        let found = run(&subject, &params(Degree::Home), cx()).map_err(|gap| gap.why);
        assert_eq!(found, Err("fails-over-ipv4-too".to_owned()));
    }

    /// Links of one host with an address (asked for by sample) and of one without.
    fn below(level: Level, named: u64, good: u64, bad: u64, without: u64) -> Ipv6Facts {
        let host = |name: &str, seen| Host { name: name.to_owned(), own: true, seen };
        let cell =
            |host, links, good, bad| Cell { level, column: None, host, links, tried: good + bad, good, bad };
        let reach = Reach {
            seed: 7,
            hosts: vec![
                host("www.example.gov.cn", NameSeen::Global),
                host("old.example.gov.cn", NameSeen::None),
            ],
            columns: vec![],
            cells: vec![cell(0, named, good, bad), cell(1, without, 0, 0)],
            resources: vec![],
            pages_read: 1,
            pages: 1,
            failed: vec![],
        };
        Ipv6Facts { reach: Ok(reach), ..facts(Ok(()), Ok(200)) }
    }

    #[test]
    fn below_the_home_page_only_what_is_proven_counts() {
        let judged = |facts: Ipv6Facts, degree| {
            let mut subject = site(&[Answer::There]);
            subject.ipv6 = Some(facts);
            run(&subject, &params(degree), cx())
                .map(|found| found.into_iter().next().map(|defect| defect.description))
                .map_err(|gap| gap.why)
        };
        let second = |facts| judged(facts, Degree::SecondLevel);
        let gap = |why: &str| Err(why.to_owned());
        let said = second(below(Level::Second, 70, 20, 0, 30)).expect("seen").expect("a defect");
        assert_eq!(
            said,
            "首页以下二级链接共100个，其中30个所在主机没有公网IPv6地址，抽测20个/共70个，20个可经IPv6访问，0个不能，\
             支持率不超过70%，低于90%。"
        );
        assert_eq!(second(below(Level::Second, 95, 20, 0, 5)), Ok(None));
        assert_eq!(second(below(Level::Second, 300, 18, 2, 0)), Ok(None), "two of a sample prove nothing");
        assert!(second(below(Level::Second, 300, 5, 15, 0)).is_ok_and(|found| found.is_some()));
        assert_eq!(second(below(Level::Second, 5, 5, 0, 2)), gap("too-few-links"));
        assert_eq!(second(below(Level::Second, 50, 0, 0, 0)), gap("not-tried"));
        assert!(
            second(below(Level::Second, 50, 0, 0, 50)).is_ok_and(|found| found.is_some()),
            "by names alone"
        );
        assert_eq!(second(below(Level::Third, 0, 0, 0, 50)), Ok(None), "of another level");
        assert!(
            judged(below(Level::Third, 0, 0, 0, 50), Degree::ThirdLevel).is_ok_and(|found| found.is_some())
        );
        let bad = || below(Level::Second, 0, 0, 0, 100);
        assert_eq!(second(Ipv6Facts { home: None, ..bad() }), gap("home-not-over-ipv6"));
        assert_eq!(second(Ipv6Facts { own_fault: Some("no-route".into()), ..bad() }), gap("no-ipv6-here"));
        assert_eq!(second(facts(Ok(()), Ok(200))), gap("not-tried"), "stored by an earlier version");
    }

    #[test]
    fn a_certificate_that_fails_over_ipv6_alone_is_told() {
        let mut subject = site(&[Answer::There]);
        subject.ipv6 = Some(facts(Ok(()), Err(FetchError::Tls("expired".to_owned()))));
        let told = |subject: &Site| {
            run(subject, &params(Degree::Home), cx()).map(|found| found.len()).map_err(|gap| gap.why)
        };
        assert_eq!(told(&subject), Err("tls".to_owned()), "plain http says nothing of certificates");
        for visit in &mut subject.visits {
            visit.look.url = "https://www.example.gov.cn/".to_owned();
        }
        assert_eq!(told(&subject), Ok(1));
    }
}
