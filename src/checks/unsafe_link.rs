//! `unsafe-link`: a menu or a post that leads people where they should not be led, or nowhere.

use serde::Deserialize;

use super::{Context, Defect, check};
use crate::facts::account::{AccountStatus, Offered};
use crate::facts::account_seen::AccountSeen;
use crate::facts::answer::Answer;
use crate::facts::astray::Trade;
use crate::finding::{Confidence, Seen};

check! {
    /// 菜单、文章链接不安全
    ///
    /// ## What it does
    /// Flags a link that an account offers in its menu or a post and that leads to an address nobody outside can open, or to a
    /// page of gambling, pornography or a domain for sale. A link that only did not open is suspected.
    ///
    /// ## Why it matters
    /// What is linked from an account of the government is taken for its own.
    ///
    /// ## Gaps
    /// No source tells the links, or none of them was asked for.
    ///
    /// ## Example
    /// The menu's 办事大厅 leads to `http://192.168.1.20/`: flagged.
    UnsafeLink = "unsafe-link", AccountSeen, Params, run
}

/// Parameters of `unsafe-link`: none.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Params {}

fn run(account: &AccountSeen, _: &Params, _: Context) -> Seen<Vec<Defect>> {
    if account.status == AccountStatus::Cancelled {
        return Ok(Vec::new());
    }
    let links = || account.evidence.iter().flat_map(|facts| &facts.links);
    let bad: Vec<Defect> = links().filter_map(defect).collect();
    if !bad.is_empty() {
        return Ok(bad);
    }
    if links().any(|link| link.answer.is_none()) || links().next().is_none() {
        return Err(account.doubt_of("links-unknown"));
    }
    Ok(Vec::new())
}

fn defect(link: &Offered) -> Option<Defect> {
    let name = if link.text.is_empty() { &link.url } else { &link.text };
    let (words, suspected) = match link.answer.as_ref()? {
        Answer::Impossible(_) => ("指向外部无法访问的地址", false),
        Answer::Astray(astray) => match astray.trade {
            Trade::Gambling => ("指向赌博内容", false),
            Trade::Adult => ("指向色情内容", false),
            Trade::ForSale | Trade::Parked => ("指向已停用的域名", false),
            Trade::Other => ("指向的页面内容已变化，待人工核查", true),
        },
        Answer::NotFound(_) | Answer::NoSuchName | Answer::SoftNotFound => ("打不开，待人工核查", true),
        _ => return None,
    };
    let text = format!("链接“{name}”{words}。");
    Some(Defect { suspected, ..Defect::new(text, &link.url, Confidence::Medium) })
}
