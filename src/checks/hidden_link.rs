//! `hidden-link`: links to strangers that a page carries and no reader can see.

use serde::Deserialize;

use super::{Context, Defect, check};
use crate::facts::site::HiddenLinks;
use crate::finding::{Confidence, Gap, Seen};

check! {
    /// 暗链
    ///
    /// ## What it does
    /// Flags a page with at least `min-links` links to other domains that a reader cannot see. Links within the site's
    /// own domain and to the domains in `trusted` (folded menus, lists of sister sites) do not count.
    ///
    /// ## Why it matters
    /// Hidden links to strangers are the usual trace of a page that was broken into; a link to unlawful content fails the
    /// whole site.
    ///
    /// ## Gaps
    /// A page whose address cannot be read: what is foreign to it is then not known.
    ///
    /// ## Example
    /// A `display:none` block with 30 links to gambling domains on the home page: flagged.
    HiddenLink = "hidden-link", HiddenLinks, Params, run
}

/// Parameters of `hidden-link`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Params {
    /// How many of them it takes: one alone is more often a template's slip.
    min_links: usize,
    /// Domains whose names, and all names under them, are no strangers.
    trusted: Vec<String>,
}

fn run(hidden: &HiddenLinks, params: &Params, _: Context) -> Seen<Vec<Defect>> {
    let Some(own) = host(&hidden.page) else { return Err(Gap::new(&hidden.page, "page-url")) };
    let own = domain(&own);
    let mut foreign: Vec<_> = hidden
        .urls
        .iter()
        .filter_map(|url| host(url).map(|host| (url, host)))
        .filter(|(_, host)| domain(host) != own && !params.trusted.iter().any(|t| under(host, t)))
        .collect();
    foreign.sort_unstable();
    foreign.dedup();
    if foreign.is_empty() || foreign.len() < params.min_links {
        return Ok(Vec::new());
    }
    let mut hosts: Vec<_> = foreign.iter().map(|(_, host)| host.as_str()).collect();
    hosts.sort_unstable();
    hosts.dedup();
    let more = if hosts.len() > 3 { "等" } else { "" };
    let text = format!(
        "页面源码中有{}个读者不可见的站外链接，指向{}{more}，疑似被植入暗链。",
        foreign.len(),
        hosts.iter().take(3).copied().collect::<Vec<_>>().join("、")
    );
    let excerpt = foreign.iter().take(10).map(|(url, _)| url.as_str()).collect::<Vec<_>>().join(" ");
    Ok(vec![Defect::new(text, excerpt, Confidence::Medium)])
}

fn host(url: &str) -> Option<String> {
    let url = url::Url::parse(url).ok()?;
    if matches!(url.scheme(), "http" | "https") { url.host_str().map(str::to_owned) } else { None }
}

/// The registrable domain, or the host itself where it has none (an address, a single label).
fn domain(host: &str) -> &str {
    psl::domain_str(host).unwrap_or(host)
}

fn under(host: &str, domain: &str) -> bool {
    host == domain || host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::super::stale_column::tests::cx;
    use super::*;

    fn outcome(page: &str, urls: &[&str]) -> Result<Option<String>, String> {
        let hidden = HiddenLinks {
            page: page.to_owned(),
            urls: urls.iter().map(|&u| u.to_owned()).collect(),
            look: None,
        };
        let params = Params { min_links: 2, trusted: vec!["gov.cn".to_owned()] };
        run(&hidden, &params, cx())
            .map(|found| found.into_iter().next().map(|defect| defect.description))
            .map_err(|gap| gap.why)
    }

    #[test]
    fn strangers_are_counted_and_neighbours_are_not() {
        let page = "http://www.example.gov.cn/";
        let strangers =
            ["http://a.bet.test/1", "http://a.bet.test/1", "http://b.bet.test/", "mailto:x@y.test"];
        assert_eq!(
            outcome(page, &strangers),
            Ok(Some(
                "页面源码中有2个读者不可见的站外链接，指向a.bet.test、b.bet.test，疑似被植入暗链。"
                    .to_owned()
            ))
        );
        assert_eq!(outcome(page, &["http://a.bet.test/"]), Ok(None));
        let neighbours =
            ["http://www.other.gov.cn/", "http://x.example.gov.cn/", "http://www.example.gov.cn/m/"];
        assert_eq!(outcome(page, &neighbours), Ok(None));
        assert_eq!(
            outcome(page, &["http://evilgov.cn/", "http://evilgov.cn/2"]).map(|o| o.is_some()),
            Ok(true)
        );
        assert_eq!(outcome("about:blank", &strangers), Err("page-url".to_owned()));
    }
}
