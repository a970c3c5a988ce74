//! `unreachable-site`: a site whose home page could not be opened on the visits of one look.

use serde::Deserialize;

use super::{Context, Defect, check};
use crate::exchange::{ConnectError, ReadError, ResolveError};
use crate::facts::answer::{Answer, Fault};
use crate::facts::site::{Site, Visit};
use crate::finding::{Confidence, Gap, Seen};

check! {
    /// 站点无法访问
    ///
    /// ## What it does
    /// Counts the visits to the home page that failed: no such name, no connection, no answer, a server error, a 404.
    /// Flags the site where their share reaches `fail-percent`.
    ///
    /// ## Why it matters
    /// The indicator watches a site for one week, with at least 20 spaced visits a day. The visits of one patrol cannot
    /// decide it, so the rule says 疑似 at most.
    ///
    /// ## Gaps
    /// Visits answered by a firewall or a login, failed certificates, failed name servers and our own limits do not
    /// count; where none is left, nothing is known.
    ///
    /// ## Example
    /// Three visits, two of them timed out: 疑似站点无法访问.
    UnreachableSite = "unreachable-site", Site, Params, run
}

/// Parameters of `unreachable-site`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Params {
    /// The share of failed visits from which on the site is flagged, in percent.
    fail_percent: u8,
}

fn run(site: &Site, params: &Params, _: Context) -> Seen<Vec<Defect>> {
    let all: Vec<_> = site.visits.iter().map(|visit| (visit, failed(visit))).collect();
    let seen: Vec<_> =
        all.iter().filter_map(|(visit, said)| said.as_ref().ok().map(|said| (visit, said))).collect();
    if seen.is_empty() {
        let why = all.iter().find_map(|(_, said)| said.as_ref().err());
        return Err(Gap::new(&site.url, why.map_or("not-visited", String::as_str)));
    }
    let failures: Vec<_> =
        seen.iter().filter_map(|(visit, why)| why.as_ref().map(|why| (visit, why))).collect();
    if failures.is_empty() || failures.len() * 100 < seen.len() * usize::from(params.fail_percent) {
        return Ok(Vec::new());
    }
    let mut reasons: Vec<_> = failures.iter().map(|(_, why)| why.as_str()).collect();
    reasons.sort_unstable();
    reasons.dedup();
    let text = format!(
        "检查时访问首页{}次，其中{}次未能打开（{}）。",
        seen.len(),
        failures.len(),
        reasons.join("、")
    );
    let times: Vec<_> =
        failures.iter().map(|(v, why)| format!("{} {why}", v.look.at.format("%Y-%m-%d %H:%M:%S"))).collect();
    Ok(vec![Defect::new(text, times.join("；"), Confidence::Medium)])
}

/// Why the home page did not open; `None` where it did.
///
/// # Errors
/// The gap's word where the visit says nothing.
fn failed(visit: &Visit) -> Result<Option<String>, String> {
    let gap = |why: &str| Err(why.to_owned());
    let why = match &visit.answer {
        // The server is up, whatever its page says.
        Answer::There
        | Answer::SoftNotFound
        | Answer::HomeInstead
        | Answer::SameForAll
        | Answer::FaultyFile(_)
        | Answer::Astray(_) => return Ok(None),
        Answer::Impossible(_) => return gap("egress"),
        Answer::ServerError(520..) | Answer::ClientError(_) | Answer::Challenge(_) => return gap("blocked"),
        Answer::Restricted => return gap("restricted"),
        Answer::Unknown(why) => return gap(why),
        Answer::Unreachable(Fault::Tls) => return gap("tls"),
        Answer::Unreachable(Fault::Connect(ConnectError::NoRoute)) => return gap("no-route"),
        Answer::Unreachable(Fault::Resolve(ResolveError::ServerFailure | ResolveError::Timeout)) => {
            return gap("dns");
        }
        Answer::NotFound(status) | Answer::ServerError(status) => return Ok(Some(format!("返回{status}"))),
        Answer::Loop => "循环跳转",
        Answer::BadRedirect => "跳转到无效地址",
        Answer::NoSuchName | Answer::Unreachable(Fault::Resolve(ResolveError::NoSuchName)) => "域名不存在",
        Answer::Unreachable(Fault::Resolve(ResolveError::NoAddress)) => "域名没有解析地址",
        Answer::Unreachable(Fault::Connect(ConnectError::Refused)) => "连接被拒绝",
        Answer::Unreachable(Fault::Connect(ConnectError::Timeout)) => "连接超时",
        Answer::Unreachable(Fault::Connect(ConnectError::Reset) | Fault::Read(ReadError::Cut)) => "连接中断",
        Answer::Unreachable(Fault::Read(ReadError::Timeout)) => "响应超时",
        Answer::Unreachable(Fault::Read(ReadError::Malformed)) => "返回内容无法识别",
    };
    Ok(Some(why.to_owned()))
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::broken_link::tests::link;
    use super::super::stale_column::tests::cx;
    use super::*;

    pub(in crate::checks) fn site(answers: &[Answer]) -> Site {
        let look = link(Answer::There).look;
        Site {
            id: "5101000001".to_owned(),
            name: "示例市人民政府门户网站".to_owned(),
            url: "http://www.example.gov.cn/".to_owned(),
            portal: true,
            visits: answers.iter().map(|a| Visit { look: look.clone(), answer: a.clone() }).collect(),
            ipv6: None,
        }
    }

    fn outcome(answers: &[Answer]) -> Result<Option<String>, String> {
        run(&site(answers), &Params { fail_percent: 5 }, cx())
            .map(|found| found.into_iter().next().map(|defect| defect.description))
            .map_err(|gap| gap.why)
    }

    #[test]
    fn failed_visits_are_counted_and_unseen_ones_are_not() {
        let timeout = Answer::Unreachable(Fault::Connect(ConnectError::Timeout));
        let challenge = Answer::Challenge("412".to_owned());
        assert_eq!(outcome(&[Answer::There, Answer::There]), Ok(None));
        assert_eq!(
            outcome(&[timeout.clone(), Answer::There, timeout.clone(), challenge.clone()]),
            Ok(Some("检查时访问首页3次，其中2次未能打开（连接超时）。".to_owned()))
        );
        assert_eq!(
            outcome(&[Answer::ServerError(502), Answer::NoSuchName]),
            Ok(Some("检查时访问首页2次，其中2次未能打开（域名不存在、返回502）。".to_owned()))
        );
        assert_eq!(outcome(&[challenge]), Err("blocked".to_owned()));
        assert_eq!(outcome(&[Answer::Unreachable(Fault::Tls)]), Err("tls".to_owned()));
        assert_eq!(outcome(&[Answer::ServerError(521)]), Err("blocked".to_owned()));
        assert_eq!(outcome(&[]), Err("not-visited".to_owned()));
    }
}
