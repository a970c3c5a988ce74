//! `unregistered-account`: an account that a site links to and the register lacks.

use serde::Deserialize;

use super::{Context, Defect, check};
use crate::facts::account_links::Unlisted;
use crate::finding::{Confidence, Gap, Seen};

check! {
    /// 新媒体账号未登记
    ///
    /// ## What it does
    /// Flags the home of a platform's account to which pages of an audited site link and which the register lacks, where the home page
    /// shows it as a link or a code, at least `min-pages` pages carry the link, or it stands in the site's template. It may be somebody else's: a person decides.
    ///
    /// ## Why it matters
    /// Every account is to be reported; the ones nobody reported are found where their owners advertise them.
    ///
    /// ## Gaps
    /// The register has accounts of that platform without identifiers, one of which may be it.
    ///
    /// ## Example
    /// The foot of every page links to weibo.com/u/1234567890, and no Weibo account of that number is registered.
    UnregisteredAccount = "unregistered-account", Unlisted, Params, run
}

/// Parameters of `unregistered-account`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Params {
    /// Pages that must carry the link where it is in no template.
    min_pages: u32,
}

fn run(found: &Unlisted, params: &Params, _: Context) -> Seen<Vec<Defect>> {
    if !found.everywhere && !found.on_home && found.pages < params.min_pages {
        return Ok(Vec::new());
    }
    let label = found.platform.label();
    if !found.comparable {
        return Err(Gap::new(format!("{} {label} {}", found.site_name, found.id), "register-without-ids"));
    }
    let place = if found.on_home { "首页".to_owned() } else { format!("有{}个页面", found.pages) };
    let text = format!(
        "{}{place}链接到{label}账号“{}”，登记表中没有该账号，请核实是否漏报。",
        found.site_name, found.id
    );
    let excerpt = format!("{} {}", found.text, found.url);
    Ok(vec![Defect { suspected: true, ..Defect::new(text, excerpt.trim(), Confidence::Medium) }])
}
