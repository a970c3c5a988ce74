//! `unsafe-link`: a menu that leads people where they should not be led, or nowhere.

use serde::Deserialize;

use super::{Context, Defect, check};
use crate::facts::account::{AccountStatus, Offered};
use crate::facts::account_seen::AccountSeen;
use crate::facts::answer::Answer;
use crate::facts::astray::{Astray, Trade};
use crate::finding::{Confidence, Gap, Seen};

check! {
    /// 菜单链接不安全、无法访问
    ///
    /// ## What it does
    /// Flags a link that an account offers in its menu and that leads to a page of gambling or pornography; or, as a rule of its
    /// own, one that leads to an address nobody outside can open or to a domain for sale, or that twice did not open.
    ///
    /// ## Why it matters
    /// What is linked from an account of the government is taken for its own.
    ///
    /// ## Gaps
    /// No source tells the links; one of them was not asked for, or did not answer.
    ///
    /// ## Example
    /// The menu's 办事大厅 leads to `http://192.168.1.20/`: flagged.
    UnsafeLink = "unsafe-link", AccountSeen, Params, run
}

/// Parameters of `unsafe-link`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Params {
    /// Whether what the link leads to does harm, and not whether it can be opened.
    harmful: bool,
}

fn run(account: &AccountSeen, params: &Params, _: Context) -> Seen<Vec<Defect>> {
    if account.status == AccountStatus::Cancelled {
        return Ok(Vec::new());
    }
    let links = || account.evidence.iter().flat_map(|facts| &facts.links);
    let said = if params.harmful { harm } else { dead };
    let mut bad: Vec<Defect> = Vec::new();
    // Two sources may tell the same menu.
    for link in links() {
        let Some(words) = link.answer.as_ref().and_then(said) else { continue };
        let text = format!("菜单链接“{}”{words}。", named(link));
        if bad.iter().all(|other| other.description != text) {
            let defect = Defect::new(text, &link.url, Confidence::Medium);
            bad.push(Defect { suspected: true, ..defect });
        }
    }
    if !bad.is_empty() {
        return Ok(bad);
    }
    if links().next().is_none() {
        return Err(account.doubt_of("links-unknown"));
    }
    match links().find_map(|link| unseen(link).map(|why| (link, why))) {
        Some((link, why)) => Err(Gap::new(format!("{}菜单链接“{}”", account.name, named(link)), why)),
        None => Ok(Vec::new()),
    }
}

fn named(link: &Offered) -> &str {
    if link.text.is_empty() { &link.url } else { &link.text }
}

fn harm(answer: &Answer) -> Option<String> {
    let Answer::Astray(Astray { trade, .. }) = answer else { return None };
    match trade {
        Trade::Gambling => Some("指向赌博内容".to_owned()),
        Trade::Adult => Some("指向色情内容".to_owned()),
        Trade::ForSale | Trade::Parked | Trade::Other => None,
    }
}

fn dead(answer: &Answer) -> Option<String> {
    match answer {
        Answer::Impossible(_) => Some("指向外部无法访问的地址".to_owned()),
        Answer::Astray(Astray { trade: Trade::ForSale | Trade::Parked, .. }) => {
            Some("指向待售、停用的域名".to_owned())
        }
        Answer::NotFound(status) => Some(format!("打不开（返回{status}）")),
        Answer::NoSuchName => Some("打不开（域名无法解析）".to_owned()),
        Answer::SoftNotFound => Some("打开后显示页面不存在".to_owned()),
        _ => None,
    }
}

/// Why nothing is known of where a link leads.
fn unseen(link: &Offered) -> Option<String> {
    match &link.answer {
        None => Some("not-visited".to_owned()),
        // What asks for a login, as pages of menus do, is there; what leads astray or nowhere was seen.
        Some(
            Answer::There
            | Answer::Restricted
            | Answer::Astray(_)
            | Answer::Impossible(_)
            | Answer::NotFound(_)
            | Answer::NoSuchName
            | Answer::SoftNotFound,
        ) => None,
        Some(other) => Some(other.word()),
    }
}
