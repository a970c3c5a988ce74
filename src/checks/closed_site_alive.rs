//! `closed-site-alive`: a site that the register calls closed or moved and that still answers, or answers for somebody else.

use serde::Deserialize;

use super::{Context, Defect, check};
use crate::facts::answer::Answer;
use crate::facts::stray::{Stray, StrayKind};
use crate::finding::{Confidence, Gap, Seen};

check! {
    /// 已关停网站仍可访问
    ///
    /// ## What it does
    /// Asks once a look for the home page of each site whose 状态 is 已关停 or 已迁移, and flags one that shows a page of its own
    /// without a word of closing (`notices`) in its title, and one that has become a page of gambling, of other trades, or
    /// of a domain for sale. A closed site that does not exist any more, and one that leads to another host, are in order.
    ///
    /// ## Why it matters
    /// A closed site is nobody's: it shows old information under the government's name, and when its domain lapses somebody
    /// else buys the trust that goes with it.
    ///
    /// ## Gaps
    /// Passing failures, firewalls, windows of our own failures. Whether a page announces the closing in its text is not
    /// read: what merely answers is 疑似 at most, what has become another trade's page is confirmed by further looks.
    ///
    /// ## Example
    /// 已关停, and the home page still answers as 示例市投资促进网: flagged.
    ClosedSiteAlive = "closed-site-alive", Stray, Params, run
}

/// Parameters of `closed-site-alive`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Params {
    /// Words in a title by which a page announces that the site is closed.
    notices: Vec<String>,
}

fn run(stray: &Stray, params: &Params, _: Context) -> Seen<Vec<Defect>> {
    let status = match stray.kind {
        StrayKind::Closed => "已关停",
        StrayKind::Moved => "已迁移",
        StrayKind::Counterfeit => return Ok(Vec::new()),
    };
    let answer = seen(stray)?;
    if !answers(answer, &stray.url)? {
        return Ok(Vec::new());
    }
    let taken = matches!(answer, Answer::Astray(_));
    if !taken
        && (stray.led_to().is_some() || params.notices.iter().any(|word| stray.title.contains(word.as_str())))
    {
        return Ok(Vec::new());
    }
    let shown = if stray.title.is_empty() {
        String::new()
    } else {
        format!("（页面标题“{}”）", stray.title)
    };
    let text = if taken {
        format!("“{}”登记为{status}，其域名已变为他人的页面{shown}。", stray.name)
    } else {
        format!("“{}”登记为{status}，首页仍可访问{shown}。", stray.name)
    };
    Ok(vec![Defect { suspected: !taken, ..Defect::new(text, stray.title.clone(), Confidence::Medium) }])
}

/// What the address answered.
pub(super) fn seen(stray: &Stray) -> Seen<&Answer> {
    stray.visit.as_ref().map(|visit| &visit.answer).ok_or_else(|| Gap::new(&stray.url, "not-read"))
}

/// Whether the address shows something to a visitor; a gap where that cannot be told.
pub(super) fn answers(answer: &Answer, url: &str) -> Seen<bool> {
    match answer {
        Answer::There | Answer::Astray(_) | Answer::Restricted => Ok(true),
        Answer::NotFound(_)
        | Answer::ClientError(_)
        | Answer::SoftNotFound
        | Answer::HomeInstead
        | Answer::SameForAll
        | Answer::FaultyFile(_)
        | Answer::Impossible(_)
        | Answer::Loop
        | Answer::BadRedirect
        | Answer::NoSuchName => Ok(false),
        Answer::NoFile(_)
        | Answer::ServerError(_)
        | Answer::Unreachable(_)
        | Answer::Challenge(_)
        | Answer::Unknown(_) => Err(Gap::new(url, answer.word())),
    }
}
