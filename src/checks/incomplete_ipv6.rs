//! `incomplete-ipv6`: a home page that opens over IPv6 while what belongs to it does not hold there.

use serde::Deserialize;

use super::{Context, Defect, check};
use crate::facts::alike::Verdict;
use crate::facts::authority::{NameServer, Standing};
use crate::facts::ipv6::Ipv6Facts;
use crate::facts::lately::Tally;
use crate::facts::site::Site;
use crate::facts::visits::Ip;
use crate::finding::{Confidence, Gap, Seen};

check! {
    /// IPv6 支持不完整
    ///
    /// ## What it does
    /// Asks one `part` of what IPv6 is beside the home page opening once: `name-servers`, whether the zone's own servers have
    /// IPv6 addresses and answer there (two of them, or the only one); `content`, whether title and text are those that IPv4
    /// shows; `success-rate`, how many of the week's spaced visits opened over IPv6, of those at which IPv4 or IPv6 did.
    ///
    /// ## Why it matters
    /// Visitors with IPv6 alone reach a name only if its servers do, and a page of a test server is no support. The lines are
    /// ours: the official weights are not public.
    ///
    /// ## Gaps
    /// Where our own machine has no working IPv6, nothing is said. Name servers that were not heard on either side, pages that
    /// differ from themselves at every visit, a home page that did not come over IPv6, and too few visits say nothing. Visits
    /// at which IPv4 failed as well are no question of IPv6.
    ///
    /// ## Example
    /// One of three name servers has an IPv6 address: 域名shili.example的权威服务器3台，其中1台有IPv6地址、1台经IPv6应答.
    IncompleteIpv6 = "incomplete-ipv6", Site, Params, run
}

/// Parameters of `incomplete-ipv6`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Params {
    /// What is judged.
    part: Part,
    /// Least share of visits that open over IPv6, in per cent.
    #[serde(default = "all")]
    min_percent: u32,
    /// Fewest visits of which a share is judged.
    #[serde(default)]
    min_visits: u32,
}

/// What belongs to a home page over IPv6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Part {
    NameServers,
    Content,
    SuccessRate,
}

fn all() -> u32 {
    100
}

fn run(site: &Site, params: &Params, _: Context) -> Seen<Vec<Defect>> {
    let Some(facts) = &site.ipv6 else { return Err(Gap::new(&site.url, "no-ipv6-here")) };
    if facts.own_fault.is_some() {
        return Err(Gap::new(&facts.host, "no-ipv6-here"));
    }
    match params.part {
        Part::NameServers => name_servers(facts),
        Part::Content => content(facts),
        Part::SuccessRate => success_rate(site, facts, params),
    }
}

fn name_servers(facts: &Ipv6Facts) -> Seen<Vec<Defect>> {
    let authority = facts.authority.as_ref().map_err(|unseen| Gap::new(&facts.host, &unseen.why))?;
    match authority.standing() {
        Standing::Whole => return Ok(Vec::new()),
        Standing::Unknown => return Err(Gap::new(&facts.host, "dns")),
        Standing::Partly | Standing::None => {}
    }
    let (with, answer, servers) = authority.counts();
    let text = format!(
        "域名{}的权威服务器{servers}台，其中{with}台有IPv6地址、{answer}台经IPv6应答，IPv6域名授权体系不完整。",
        authority.zone
    );
    let one = |server: &NameServer| {
        let state = match (server.answers(), server.aaaa.as_ref().is_ok_and(|found| !found.is_empty())) {
            (Some(true), _) => "经IPv6应答",
            (Some(false), true) => "有IPv6地址而不应答",
            (Some(false), false) => "没有IPv6地址",
            (None, _) => "未能检测",
        };
        format!("{} {state}", server.name)
    };
    let listed: Vec<String> = authority.servers.iter().map(one).collect();
    Ok(vec![Defect::new(text, listed.join("；"), Confidence::Medium)])
}

fn content(facts: &Ipv6Facts) -> Seen<Vec<Defect>> {
    let gap = |why: &str| Gap::new(&facts.host, why);
    if !facts.home_came() {
        return Err(gap("home-not-over-ipv6"));
    }
    let likeness = facts.likeness.as_ref().map_err(|unseen| gap(&unseen.why))?;
    match likeness.verdict() {
        Verdict::Same => return Ok(Vec::new()),
        Verdict::Unsure => return Err(gap("uncertain")),
        Verdict::Other => {}
    }
    let title = |title: &str| if title.is_empty() { "（无标题）".to_owned() } else { title.to_owned() };
    let four = likeness.over_ipv4.as_ref().map(|sample| title(&sample.title)).unwrap_or_default();
    let six = title(&likeness.over_ipv6.title);
    let text = format!("首页经IPv6和IPv4访问所见不同：正文相同{}%。", likeness.text / 10);
    let shown = format!("IPv4：{four}；IPv6：{six}");
    Ok(vec![Defect::new(text, shown, Confidence::Medium)])
}

fn success_rate(site: &Site, facts: &Ipv6Facts, params: &Params) -> Seen<Vec<Defect>> {
    let samples = site.watch.as_ref().map_or(&[][..], |watch| &watch.samples);
    let tally = Tally::of(samples, Ip::V6);
    let (opened, alone) = (tally.opened, tally.alone);
    let told = opened + alone;
    if told < params.min_visits.max(1) {
        return Err(Gap::new(&facts.host, "few-visits"));
    }
    if u64::from(opened) * 100 >= u64::from(params.min_percent) * u64::from(told) {
        return Ok(Vec::new());
    }
    let text = format!(
        "近一周定时访问首页，经IPv6打开{opened}次，经IPv4能打开而经IPv6不能的{alone}次，成功率{}%，低于{}%。",
        u64::from(opened) * 100 / u64::from(told),
        params.min_percent
    );
    Ok(vec![Defect::new(text, String::new(), Confidence::Medium)])
}
