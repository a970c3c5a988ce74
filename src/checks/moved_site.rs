//! `moved-site`: a registered site whose home page leads to another host.

use serde::Deserialize;

use super::{Context, Defect, check};
use crate::facts::answer::Answer;
use crate::facts::site::Site;
use crate::finding::{Confidence, Gap, Seen};

check! {
    /// 网站已迁移而登记未变更
    ///
    /// ## What it does
    /// Flags a site in operation whose registered home page leads to another host; `www.` before a name, the scheme and the
    /// port do not matter. With `within-domain`, a host under the same registered domain (a department that became a folder
    /// of the portal) counts as well.
    ///
    /// ## Why it matters
    /// A site that moved to a common platform is to be filed anew; until then everybody watches the wrong address.
    ///
    /// ## Gaps
    /// A home page that did not answer well.
    ///
    /// ## Example
    /// The home page of jtj.shili.gov.cn leads to the folder /jtj/ of www.shili.gov.cn: flagged.
    MovedSite = "moved-site", Site, Params, run
}

/// Parameters of `moved-site`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Params {
    within_domain: bool,
}

fn run(site: &Site, params: &Params, _: Context) -> Seen<Vec<Defect>> {
    let visit = site.visits.last().ok_or_else(|| Gap::new(&site.url, "not-reached"))?;
    if visit.answer != Answer::There {
        return Err(Gap::new(&site.url, visit.answer.word()));
    }
    let host = |url: &str| url::Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned));
    let (Some(from), Some(to)) = (host(&site.url), host(site.reached_url())) else { return Ok(Vec::new()) };
    let same = from.trim_start_matches("www.") == to.trim_start_matches("www.");
    if same || !params.within_domain && domain(&from) == domain(&to) {
        return Ok(Vec::new());
    }
    let reached = site.reached_url();
    let text = format!("登记的首页{}自动跳转到{reached}，登记信息未变更。", site.url);
    Ok(vec![Defect::new(text, reached, Confidence::High)])
}

/// The registered domain, or the host itself where there is none.
fn domain(host: &str) -> &str {
    psl::domain_str(host).unwrap_or(host)
}
