//! Sites that somebody should look at today: what the latest look, the spaced visits and the certificate say, as rows of
//! 今日待办 and as sentences for a work group.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{Inline, Table, Tone, wording};
use crate::calendar::{Instant8, day_with_weekday, month_day};
use crate::facts::answer::{Answer, Fault};
use crate::facts::lately::Lately;
use crate::facts::site::{Site, Visit};
use crate::facts::tls::{TlsFacts, TlsSeen};
use crate::facts::visits::in_words as outcome_in_words;

/// A site to be looked at with a browser at once, or whose certificate ends soon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// Name of the site.
    pub site: String,
    /// Its home page.
    pub url: String,
    /// 主办单位.
    pub unit: String,
    /// Whom to tell: the county's office, or the unit itself.
    pub addressee: String,
    /// Which kind.
    pub kind: TroubleKind,
    /// What was seen, and when.
    pub what: String,
}

/// Kinds of trouble, by what they rest on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TroubleKind {
    /// Several spaced visits one after the other failed.
    Down,
    /// Spaced visits failed and opened by turns.
    Unsteady,
    /// One patrol's look: told to the office alone, because one look proves little.
    Look,
    /// The certificate ends soon, or has ended since it was seen.
    Certificate,
}

/// What is known of one site on a day.
#[derive(Debug, Clone, Copy, Default)]
pub struct Known<'a> {
    /// The site as the latest patrol saw it last.
    pub seen: Option<&'a Site>,
    /// What spaced visits say.
    pub lately: Option<&'a Lately>,
    /// Days before its end from which on a certificate is told; `None` where no rule in force asks for it.
    pub certificate_days: Option<i64>,
}

/// The troubles of one site on `day`. A later visit of the probe outranks the patrol's look, in either direction.
pub fn of_site(known: Known<'_>, day: NaiveDate) -> Vec<(TroubleKind, String)> {
    let mut all = Vec::new();
    let visits = known.seen.map_or(&[][..], |site| &site.visits);
    let looked = visits.last().map(|visit| visit.look.at);
    match known.lately {
        Some(Lately::Down { since, last, visits, outcome }) => {
            let why = outcome_in_words(outcome);
            let told = format!(
                "首页自{}起连续{visits}次定时访问未能打开（{why}），最近一次为{}",
                moment(*since),
                moment(*last)
            );
            all.push((TroubleKind::Down, told));
        }
        Some(Lately::Unsteady { failed, visits, last, opened }) => {
            let now = if *opened { "能够打开" } else { "仍未打开" };
            let told = format!(
                "首页时通时断，近24小时定时访问{visits}次，其中{failed}次未能打开，最近一次（{}）{now}",
                moment(*last)
            );
            all.push((TroubleKind::Unsteady, told));
        }
        Some(Lately::Well { last }) if looked.is_none_or(|looked| looked < *last) => {}
        _ => all.extend(trouble(visits).map(|what| (TroubleKind::Look, what))),
    }
    let tls = known.seen.and_then(|site| site.tls.as_ref());
    let ends = tls.zip(known.certificate_days).and_then(|(tls, days)| ends_soon(tls, days, day));
    all.extend(ends.map(|what| (TroubleKind::Certificate, what)));
    all
}

/// The table of some of them.
pub(super) fn table(troubles: &[&Trouble]) -> Table {
    let mut table = Table::new("", ["网站", "主办单位", "情况", "首页"]);
    for trouble in troubles {
        let tone = if trouble.kind == TroubleKind::Certificate { Tone::Warn } else { Tone::Bad };
        table.row([
            Inline::Text(wording::one_line(&trouble.site)),
            Inline::Text(wording::one_line(&trouble.unit)),
            Inline::Mark(tone, wording::one_line(&trouble.what)),
            Inline::Link { text: trouble.url.clone(), url: trouble.url.clone() },
        ]);
    }
    table
}

/// Sentences to paste, one an addressee and matter, unsigned. What rests on a single look is in none.
pub(super) fn in_words(troubles: &[Trouble]) -> Vec<String> {
    let mut groups: BTreeMap<(bool, &str), Vec<&Trouble>> = BTreeMap::new();
    for trouble in troubles.iter().filter(|trouble| trouble.kind != TroubleKind::Look) {
        let certificate = trouble.kind == TroubleKind::Certificate;
        groups.entry((certificate, &trouble.addressee)).or_default().push(trouble);
    }
    groups
        .into_iter()
        .map(|((certificate, addressee), troubles)| {
            let told: Vec<String> = troubles
                .iter()
                .map(|trouble| {
                    let whose = if trouble.unit == addressee {
                        "贵单位".to_owned()
                    } else {
                        wording::one_line(&trouble.unit)
                    };
                    format!(
                        "{whose}“{}”网站{}",
                        wording::one_line(&trouble.site),
                        wording::one_line(&trouble.what)
                    )
                })
                .collect();
            let (head, tail) = if certificate {
                ("证书到期提示", "请及时续签并更换。如已更换请忽略。")
            } else {
                ("访问异常提示", "请核实网站运行情况。如已恢复请忽略。")
            };
            format!("【{head}】{}：{}。{tail}", wording::one_line(addressee), told.join("；"))
        })
        .collect()
}

/// `首页安全证书将于12月1日（星期二）到期，剩余9天`, from the certificate that was seen.
fn ends_soon(tls: &TlsFacts, days: i64, day: NaiveDate) -> Option<String> {
    let TlsSeen::Agreed(seen) = &tls.seen else { return None };
    let (end, left) = (seen.not_after.date_naive(), seen.days_left(day));
    let seen_on = format!("（据{}所见证书）", month_day(tls.at.date_naive()));
    match left {
        left if left >= days => None,
        1.. => Some(format!("首页安全证书将于{}到期，剩余{left}天{seen_on}", day_with_weekday(end))),
        0 => Some(format!("首页安全证书今日到期{seen_on}")),
        _ => Some(format!("首页安全证书已于{}到期{seen_on}", month_day(end))),
    }
}

/// What visits to a home page say that somebody should see to; `None` where the latest was in order, was refused by a
/// firewall, or failed on our side: that is nobody's trouble.
pub fn trouble(visits: &[Visit]) -> Option<String> {
    let last = visits.last()?;
    let what = match &last.answer {
        Answer::Unreachable(fault) => format!("首页打不开（{}）", fault_in_words(*fault)),
        Answer::NoSuchName => "首页打不开（域名不存在）".to_owned(),
        Answer::NotFound(status) | Answer::ClientError(status) | Answer::ServerError(status) => {
            format!("首页返回错误（{status}）")
        }
        Answer::SoftNotFound => "首页显示页面不存在".to_owned(),
        Answer::Loop | Answer::BadRedirect => "首页跳转异常".to_owned(),
        Answer::Unknown(why) if why == "tls" => "安全连接未能建立，证书可能有问题".to_owned(),
        // The rest is said of links; a home page that opens is no trouble of today.
        Answer::There
        | Answer::Challenge(_)
        | Answer::Restricted
        | Answer::Unknown(_)
        | Answer::HomeInstead
        | Answer::SameForAll
        | Answer::FaultyFile(_)
        | Answer::NoFile(_)
        | Answer::Impossible(_)
        | Answer::Astray(_) => return None,
    };
    Some(format!("{what}，{}核查", moment(last.look.at)))
}

fn moment(at: Instant8) -> String {
    at.format("%-m月%-d日%H:%M").to_string()
}

fn fault_in_words(fault: Fault) -> &'static str {
    match fault {
        Fault::Resolve(_) => "域名无可用地址",
        Fault::Connect(_) => "连接不上",
        Fault::Tls => "安全连接未能建立",
        Fault::Read(_) => "没有返回完整内容",
    }
}

#[cfg(test)]
mod tests {
    use chrono::{Days, TimeDelta, TimeZone as _};

    use super::*;
    use crate::calendar::{beijing, end_of_day};
    use crate::exchange::{ConnectError, ResolveError};
    use crate::facts::tls::Certificate;
    use crate::facts::visits::Outcome;
    use crate::finding::Look;

    fn at(day: u32, hour: u32) -> Instant8 {
        beijing().with_ymd_and_hms(2026, 11, day, hour, 0, 0).single().expect("an instant")
    }

    fn visit(answer: Answer, at: Instant8) -> Visit {
        let look = Look {
            at,
            url: "http://gaj.shili.example/".to_owned(),
            hops: vec![],
            addr: None,
            status: None,
            error: None,
            headers: vec![],
            body_sha256: String::new(),
        };
        Visit { look, answer }
    }

    /// A site whose home page was last looked at on the 16th.
    fn site(answer: Answer) -> Site {
        Site {
            id: "9901000001".to_owned(),
            name: "示例市公安局".to_owned(),
            url: "http://gaj.shili.example/".to_owned(),
            portal: false,
            visits: vec![visit(answer, at(16, 20))],
            ipv6: None,
            tls: None,
            watch: None,
        }
    }

    fn refused() -> Answer {
        Answer::Unreachable(Fault::Connect(ConnectError::Refused))
    }

    #[test]
    fn only_what_failed_on_the_sites_side_is_trouble() {
        for (answer, told) in [
            (refused(), Some("首页打不开（连接不上），11月16日20:00核查")),
            (
                Answer::Unreachable(Fault::Resolve(ResolveError::NoAddress)),
                Some("首页打不开（域名无可用地址），11月16日20:00核查"),
            ),
            (Answer::ServerError(503), Some("首页返回错误（503），11月16日20:00核查")),
            (Answer::Unknown("tls".to_owned()), Some("安全连接未能建立，证书可能有问题，11月16日20:00核查")),
            (Answer::There, None),
            (Answer::Challenge("status-412".to_owned()), None),
            (Answer::Restricted, None),
            (Answer::Unknown("own-network".to_owned()), None),
            (Answer::Unknown("dns-timeout".to_owned()), None),
        ] {
            assert_eq!(trouble(&[visit(answer.clone(), at(16, 20))]).as_deref(), told, "{answer:?}");
        }
        let back = [visit(refused(), at(16, 20)), visit(Answer::There, at(16, 21))];
        assert_eq!(trouble(&back), None, "it came back");
        assert_eq!(trouble(&[]), None);
    }

    fn told(
        site: &Site,
        lately: Option<&Lately>,
        certificate_days: Option<i64>,
    ) -> Vec<(TroubleKind, String)> {
        of_site(Known { seen: Some(site), lately, certificate_days }, at(17, 0).date_naive())
    }

    #[test]
    fn the_later_of_look_and_visits_is_believed() {
        let site = site(refused());
        let kinds = |lately: Option<Lately>| -> Vec<TroubleKind> {
            told(&site, lately.as_ref(), None).into_iter().map(|(kind, _)| kind).collect()
        };
        assert_eq!(kinds(None), [TroubleKind::Look]);
        assert_eq!(kinds(Some(Lately::Well { last: at(16, 19) })), [TroubleKind::Look], "before the look");
        assert_eq!(kinds(Some(Lately::Well { last: at(16, 21) })), []);
        assert_eq!(kinds(Some(Lately::Once { last: at(16, 21) })), [TroubleKind::Look]);
        let outcome = Outcome::Failed("timeout".to_owned());
        let down = Lately::Down { since: at(17, 8), last: at(17, 9), visits: 3, outcome };
        assert_eq!(
            told(&site, Some(&down), None),
            [(
                TroubleKind::Down,
                "首页自11月17日08:00起连续3次定时访问未能打开（响应超时），最近一次为11月17日09:00"
                    .to_owned()
            )]
        );
        let unsteady = Lately::Unsteady { failed: 7, visits: 48, last: at(17, 9), opened: true };
        assert_eq!(
            told(&site, Some(&unsteady), None)[0].1,
            "首页时通时断，近24小时定时访问48次，其中7次未能打开，最近一次（11月17日09:00）能够打开"
        );
        let unseen = of_site(
            Known { seen: None, lately: Some(&down), certificate_days: None },
            at(17, 0).date_naive(),
        );
        assert_eq!(unseen.len(), 1, "no patrol is needed");
    }

    #[test]
    fn a_certificate_is_told_by_its_last_day() {
        let mut site = site(Answer::There);
        let day = at(17, 0).date_naive();
        for (left, said) in [
            (30_i64, None),
            (29, Some("首页安全证书将于12月16日（星期三）到期，剩余29天（据11月16日所见证书）")),
            (0, Some("首页安全证书今日到期（据11月16日所见证书）")),
            (-1, Some("首页安全证书已于11月16日到期（据11月16日所见证书）")),
        ] {
            let end = if left < 0 { day - TimeDelta::days(1) } else { day + Days::new(left.unsigned_abs()) };
            site.tls = Some(TlsFacts {
                host: "gaj.shili.example".to_owned(),
                port: 443,
                addr: None,
                at: at(16, 20),
                seen: TlsSeen::Agreed(Certificate {
                    protocol: "TLSv1.3".to_owned(),
                    not_before: at(1, 0),
                    not_after: end_of_day(end),
                    subject: String::new(),
                    issuer: String::new(),
                    names: vec![],
                    sent: 2,
                    sha256: String::new(),
                    faults: vec![],
                }),
            });
            let texts: Vec<String> = told(&site, None, Some(30)).into_iter().map(|(_, what)| what).collect();
            assert_eq!(texts.first().map(String::as_str), said, "{left}");
            assert_eq!(told(&site, None, None), [], "a rule that does not ask");
        }
    }
}
