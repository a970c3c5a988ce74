//! `wrong-domain`: a home page under a name that government sites must not have.

use serde::Deserialize;

use super::{Context, Defect, check};
use crate::facts::site::Site;
use crate::finding::{Confidence, Seen};

check! {
    /// 域名不规范
    ///
    /// ## What it does
    /// Holds the registered home page's host against one `rule`: `suffix` (it must end in one of `suffixes`), `no-address`
    /// (it must be a name, no IP address), `portal-form` (a portal is `www.` before one name before the suffix),
    /// `department-form` (it stands below a name before the suffix). A further `rule`, `moved`, flags a home page that
    /// leads to a host under another suffix.
    ///
    /// ## Why it matters
    /// A name of one form is how readers tell a government site from one that looks like it.
    ///
    /// ## Gaps
    /// Only of `moved`: a home page that did not answer.
    ///
    /// ## Example
    /// 示例市投资促进网 under www.shili-invest.com: flagged.
    WrongDomain = "wrong-domain", Site, Params, run
}

/// Parameters of `wrong-domain`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Params {
    rule: Form,
    /// Suffixes that government sites have, without the first full stop; Chinese ones in Chinese.
    suffixes: Vec<String>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Form {
    Suffix,
    NoAddress,
    #[serde(rename = "portal-form")]
    Portal,
    #[serde(rename = "department-form")]
    Department,
    Moved,
}

fn run(site: &Site, params: &Params, _: Context) -> Seen<Vec<Defect>> {
    let host = host_of(&site.url);
    let address = is_address(&host);
    let before = before_suffix(&host, &params.suffixes);
    let listed = params.suffixes.iter().map(|suffix| format!(".{suffix}")).collect::<Vec<_>>().join("、");
    let text = match params.rule {
        Form::NoAddress if address => format!("网站以IP地址{host}提供访问，没有使用域名。"),
        Form::Suffix if !address && before.is_none() => {
            format!("网站域名{host}未使用规定的后缀（{listed}）。")
        }
        Form::Portal if before.as_deref().is_some_and(|before| !is_portal_form(before)) => {
            format!("门户网站域名{host}不是“www.地区名.gov.cn”的形式。")
        }
        Form::Department if before.as_deref().is_some_and(|before| !before.contains('.')) => {
            format!("部门网站域名{host}不是本级政府门户网站的下级域名。")
        }
        Form::Moved => {
            let visit =
                site.visits.last().ok_or_else(|| crate::finding::Gap::new(&site.url, "not-reached"))?;
            if visit.answer != crate::facts::answer::Answer::There {
                return Err(crate::finding::Gap::new(&site.url, visit.answer.word()));
            }
            let reached = host_of(site.reached_url());
            if before.is_none() || is_address(&reached) || before_suffix(&reached, &params.suffixes).is_some()
            {
                return Ok(Vec::new());
            }
            format!("登记的首页{host}自动跳转到{reached}，后者未使用规定的后缀（{listed}）。")
        }
        _ => return Ok(Vec::new()),
    };
    Ok(vec![Defect::new(text, site.url.clone(), Confidence::High)])
}

fn host_of(url: &str) -> String {
    url::Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
}

fn is_address(host: &str) -> bool {
    host.starts_with('[') || host.parse::<std::net::Ipv4Addr>().is_ok()
}

/// What stands before one of the suffixes; Chinese suffixes are compared in the form that goes over the wire.
fn before_suffix(host: &str, suffixes: &[String]) -> Option<String> {
    suffixes.iter().find_map(|suffix| {
        let wire = host_of(&format!("http://x.{suffix}/"));
        let before = host.strip_suffix(wire.strip_prefix("x.")?)?;
        before.strip_suffix('.').map(str::to_owned)
    })
}

/// `www.shili`: www and one name.
fn is_portal_form(before: &str) -> bool {
    before.strip_prefix("www.").is_some_and(|name| !name.is_empty() && !name.contains('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suffixes_are_whole_labels() {
        let suffixes = vec!["gov.cn".to_owned(), "政务".to_owned()];
        for (host, before) in [
            ("www.shili.gov.cn", Some("www.shili")),
            ("shiligov.cn", None),
            ("www.shili.com.cn", None),
            ("xn--fiqs8s.xn--zfr164b", Some("xn--fiqs8s")),
            ("gov.cn", None),
        ] {
            assert_eq!(before_suffix(host, &suffixes).as_deref(), before, "{host}");
        }
        assert!(is_portal_form("www.shili") && !is_portal_form("jtj.shili") && !is_portal_form("shili"));
    }
}
