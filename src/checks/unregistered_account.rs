//! `unregistered-account`: an account that a site links to, shows as a code or invites to, and the register lacks.

use serde::Deserialize;

use super::{Context, Defect, check};
use crate::facts::account_links::{Shown, Unlisted};
use crate::finding::{Confidence, Gap, Seen};

check! {
    /// 新媒体账号未登记
    ///
    /// ## What it does
    /// Flags an account that an audited site shows and the register lacks: the home of a platform's account to which its pages link,
    /// a code on its home page, or a name in quotation marks that a page invites to follow; where the home page shows it, at least
    /// `min-pages` pages do, or it stands in the site's template. It may be somebody else's: a person decides.
    ///
    /// ## Why it matters
    /// Every account is to be reported; the ones nobody reported are found where their owners advertise them.
    ///
    /// ## Gaps
    /// The register has accounts of that platform without identifiers, or of a similar name, one of which may be it.
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
    let Unlisted { id, site_name, .. } = found;
    let place = if found.on_home { "首页".to_owned() } else { format!("有{}个页面", found.pages) };
    let what = match (found.shown, id.as_str()) {
        (Shown::Link, _) => format!("链接到{label}账号“{id}”"),
        (Shown::Code, _) => format!("二维码指向{label}账号“{id}”"),
        (Shown::NamelessCode, "") => format!("有{label}的二维码"),
        (Shown::NamelessCode, _) => format!("有{label}的二维码，旁边写有“{id}”"),
        (Shown::Text, _) => format!("邀请关注{label}“{id}”"),
    };
    let text = format!("{site_name}{place}{what}，登记表中没有该账号，请核实是否漏报。");
    let excerpt = format!("{} {}", found.text, found.url);
    Ok(vec![Defect { suspected: true, ..Defect::new(text, excerpt.trim(), Confidence::Medium) }])
}
