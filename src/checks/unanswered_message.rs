//! `unanswered-message`: messages of readers (网民留言) that nobody answered in time.

use serde::Deserialize;

use super::{Context, Defect, check};
use crate::facts::asked::{Ask, Contents, MessageSeen};
use crate::finding::{Confidence, Gap, Seen};

check! {
    /// 网民留言超期未答复
    ///
    /// ## What it does
    /// Reads the pages of messages in columns called 留言, 来信, 信箱, 咨询, 投诉, 建言 or 问政 (访谈, 征集, 调查, 信访 and 举报 excepted),
    /// and flags a site on which messages written between `within-days` and `days` ago say that they are not answered, or
    /// show no date of an answer while others of the site do.
    ///
    /// ## Why it matters
    /// One message that waits for three months fails a site by itself.
    ///
    /// ## Gaps
    /// Messages that show neither an answer's date nor a state, where none of the site does: the page may print answers in
    /// another way. Whether a message is one that must be answered (有效留言), a person decides: 疑似 at most.
    ///
    /// ## Example
    /// 留言时间 2 March, 办理状态 处理中 in November: flagged.
    UnansweredMessage = "unanswered-message", Contents, Params, run, asks
}

/// Parameters of `unanswered-message`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Params {
    /// Days that a message may wait.
    days: i64,
    /// Days after which nobody asks any more.
    within_days: i64,
}

fn asks(_: &Params) -> Vec<Ask> {
    vec![Ask::Messages]
}

fn run(contents: &Contents, params: &Params, cx: Context) -> Seen<Vec<Defect>> {
    let messages = &contents.answer(&Ask::Messages)?.messages;
    let told = messages.iter().any(|seen| seen.message.answered.is_some());
    let waiting = |seen: &&MessageSeen| {
        let age = cx.as_of.signed_duration_since(seen.message.asked).num_days();
        seen.message.answered.is_none() && age > params.days && age <= params.within_days
    };
    let waiting: Vec<&MessageSeen> = messages.iter().filter(waiting).collect();
    let sure: Vec<&&MessageSeen> =
        waiting.iter().filter(|seen| told || seen.message.open.is_some()).collect();
    if sure.is_empty() {
        return match waiting.first() {
            Some(seen) => Err(Gap::new(&seen.url, "no-answer-date")),
            None => Ok(Vec::new()),
        };
    }
    let shown: Vec<String> = sure
        .iter()
        .take(5)
        .map(|seen| {
            let state = seen.message.open.as_ref().map_or(String::new(), |word| format!("，{word}"));
            format!("“{}”（{}留言{state}）", seen.title, seen.message.asked)
        })
        .collect();
    let more = if sure.len() > 5 { format!("等{}条", sure.len()) } else { String::new() };
    let text = format!("网民留言超过{}天未见答复：{}{more}。", params.days, shown.join("、"));
    let urls: Vec<&str> = sure.iter().take(5).map(|seen| seen.url.as_str()).collect();
    Ok(vec![Defect { suspected: true, ..Defect::new(text, urls.join("、"), Confidence::Medium) }])
}
