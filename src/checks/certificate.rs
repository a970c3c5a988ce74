//! `certificate`: a home page served over https with a certificate that visitors' browsers object to.

use serde::Deserialize;

use super::{Context, Defect, check};
use crate::calendar::long_date;
use crate::facts::site::Site;
use crate::facts::tls::{self, CertificateFault, TlsSeen};
use crate::finding::{Confidence, Gap, Seen};

check! {
    /// 网站安全证书异常
    ///
    /// ## What it does
    /// Looks at the certificate of a home page that is served over https, registered so or redirected there. Flags one that
    /// has expired, is not yet valid, is for another name, or was issued by itself. A chain that ends at a root unknown to
    /// this machine, has an expired part or was sent without its intermediates is 疑似 at most: other browsers know other
    /// roots and find intermediates by themselves. Under early warning it tells a certificate that soon expires.
    ///
    /// ## Why it matters
    /// A browser shows a warning in place of the home page, and most visitors turn back.
    ///
    /// ## Gaps
    /// A server that speaks only TLS 1.0 or 1.1, RSA key exchange or 国密 (SM2) is `tls-legacy`: its certificate cannot be
    /// seen by us, and it is never called down. So is a look that failed, and a proxy in between.
    ///
    /// ## Example
    /// The certificate ended on 10 November, the look was on the 16th: 证书已过期.
    Certificate = "certificate", Site, Params, run
}

/// Parameters of `certificate`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Params {
    /// Days that must be left until the certificate ends.
    min_days_left: i64,
}

fn run(site: &Site, params: &Params, cx: Context) -> Seen<Vec<Defect>> {
    let gap = |why: &str| Err(Gap::new(&site.url, why));
    let Some(facts) = &site.tls else {
        // Plain http has no certificate to be wrong.
        let secure = site.reached_url().starts_with("https:");
        return if secure { gap("tls-not-seen") } else { Ok(Vec::new()) };
    };
    let seen = match &facts.seen {
        TlsSeen::Agreed(seen) => seen,
        TlsSeen::Legacy(_) => return gap("tls-legacy"),
        TlsSeen::NotTls => return gap("not-tls"),
        TlsSeen::Unknown(why) => return gap(why),
    };
    let told: Vec<String> = seen.faults.iter().map(|fault| told(*fault, facts, seen)).collect();
    let left = seen.days_left(cx.as_of);
    if told.is_empty() {
        if left >= params.min_days_left {
            return Ok(Vec::new());
        }
        let text = format!("首页安全证书将于{}到期，剩余{left}天。", long_date(seen.not_after.date_naive()));
        return Ok(vec![Defect::new(text, excerpt(facts, seen), Confidence::High)]);
    }
    let certain = seen.faults.iter().any(|fault| fault.is_certain());
    let confidence = if certain { Confidence::High } else { Confidence::Low };
    let text = format!("检查时首页安全证书异常：{}。", told.join("；"));
    Ok(vec![Defect { suspected: !certain, ..Defect::new(text, excerpt(facts, seen), confidence) }])
}

fn told(fault: CertificateFault, facts: &tls::TlsFacts, seen: &tls::Certificate) -> String {
    let label = fault.label();
    match fault {
        CertificateFault::Expired => {
            format!("{label}（有效期至{}）", long_date(seen.not_after.date_naive()))
        }
        CertificateFault::NotYetValid => {
            format!("{label}（自{}起有效）", long_date(seen.not_before.date_naive()))
        }
        CertificateFault::WrongName if seen.names.is_empty() => {
            format!("{label}（访问{}，证书未列域名）", facts.host)
        }
        CertificateFault::WrongName => {
            format!("{label}（访问{}，证书域名为{}）", facts.host, seen.names.join("、"))
        }
        _ => label.to_owned(),
    }
}

fn excerpt(facts: &tls::TlsFacts, seen: &tls::Certificate) -> String {
    format!(
        "{}:{} {} {} 使用者{} 颁发者{} 有效期{}至{} SHA-256 {}",
        facts.host,
        facts.port,
        facts.addr.as_deref().unwrap_or_default(),
        seen.protocol,
        seen.subject,
        seen.issuer,
        seen.not_before.format("%Y-%m-%d"),
        seen.not_after.format("%Y-%m-%d"),
        seen.sha256
    )
}

#[cfg(test)]
mod tests {
    use chrono::{NaiveDate, TimeDelta};

    use super::super::stale_column::tests::cx;
    use super::super::unreachable_site::tests::site;
    use super::*;
    use crate::calendar::end_of_day;
    use crate::facts::answer::Answer;
    use crate::facts::tls::{Legacy, TlsFacts};

    fn with(days_left: i64, faults: &[CertificateFault]) -> TlsSeen {
        let today: NaiveDate = cx().as_of;
        TlsSeen::Agreed(tls::Certificate {
            protocol: "TLSv1.3".to_owned(),
            not_before: end_of_day(today) - TimeDelta::days(300),
            not_after: end_of_day(today) + TimeDelta::days(days_left),
            subject: "www.shili.example".to_owned(),
            issuer: "示例CA".to_owned(),
            names: vec!["www.shili.example".to_owned()],
            sent: 2,
            sha256: "00".to_owned(),
            faults: faults.to_vec(),
        })
    }

    fn outcome(
        seen: Option<TlsSeen>,
        url: &str,
        min_days_left: i64,
    ) -> Result<Option<(String, bool)>, String> {
        let mut site = site(&[Answer::There]);
        url.clone_into(&mut site.url);
        site.tls = seen.map(|seen| TlsFacts {
            host: "www.shili.example".to_owned(),
            port: 443,
            addr: None,
            at: end_of_day(cx().as_of),
            seen,
        });
        run(&site, &Params { min_days_left }, cx())
            .map(|found| found.into_iter().next().map(|defect| (defect.description, defect.suspected)))
            .map_err(|gap| gap.why)
    }

    #[test]
    fn days_left_are_counted_by_the_calendar() {
        let of = |left, min| outcome(Some(with(left, &[])), "https://www.shili.example/", min);
        assert_eq!(of(0, 0), Ok(None), "its last day");
        assert_eq!(of(30, 30), Ok(None));
        let (text, _) = of(29, 30).expect("seen").expect("a warning");
        assert!(text.contains("剩余29天"), "{text}");
    }

    #[test]
    fn what_every_browser_refuses_accuses_and_the_rest_is_suspected() {
        use CertificateFault as F;
        for (fault, suspected) in [
            (F::Expired, false),
            (F::NotYetValid, false),
            (F::WrongName, false),
            (F::SelfSigned, false),
            (F::ChainExpired, true),
            (F::IncompleteChain, true),
            (F::UnknownRoot, true),
            (F::Unverifiable, true),
        ] {
            let (text, weak) = outcome(Some(with(10, &[fault])), "https://www.shili.example/", 0)
                .expect("seen")
                .expect("a defect");
            assert!(text.contains(fault.label()), "{text}");
            assert_eq!(weak, suspected, "{fault:?}");
        }
        let both = outcome(Some(with(-3, &[F::Expired, F::UnknownRoot])), "https://www.shili.example/", 0);
        assert!(!both.expect("seen").expect("a defect").1, "one that is certain is enough");
    }

    #[test]
    fn old_protocols_are_gaps_and_plain_http_has_no_certificate() {
        let of = |seen, url| outcome(seen, url, 0);
        assert_eq!(
            of(Some(TlsSeen::Legacy(Legacy::Sm2)), "https://a.example/"),
            Err("tls-legacy".to_owned())
        );
        assert_eq!(of(Some(TlsSeen::NotTls), "https://a.example/"), Err("not-tls".to_owned()));
        assert_eq!(of(Some(TlsSeen::Unknown("timeout".into())), "https://a.example/"), Err("timeout".into()));
        assert_eq!(of(None, "https://a.example/"), Err("tls-not-seen".to_owned()));
        assert_eq!(of(None, "http://a.example/"), Ok(None));
    }
}
