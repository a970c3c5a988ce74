//! Messages of readers (网民留言) on pages of their own: when they were written, and whether they were answered.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::dates;
use super::page::{Crumb, PageKind};

/// One message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// When it was written.
    pub asked: NaiveDate,
    /// When it was answered, where the page says so.
    pub answered: Option<NaiveDate>,
    /// The words by which the page says that it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open: Option<String>,
}

/// Columns of messages; interviews, calls for opinions, petitions and reports of offences are none.
const COLUMNS: [&str; 8] = ["留言", "来信", "信箱", "咨询", "投诉", "建言", "问政", "网友提问"];
const NO_COLUMNS: [&str; 6] = ["访谈", "征集", "调查", "信访", "举报", "纪检"];
const ASKED: [&str; 8] =
    ["留言时间", "来信时间", "写信时间", "提问时间", "咨询时间", "信件时间", "提交时间", "来信日期"];
const ANSWERED: [&str; 8] =
    ["回复时间", "答复时间", "办结时间", "回复日期", "答复日期", "回信时间", "处理时间", "办理时间"];
const OPEN: [&str; 9] =
    ["待回复", "未回复", "待答复", "未答复", "处理中", "办理中", "待办理", "暂无回复", "尚未答复"];
/// Bytes after a label within which its date stands.
const NEAR: usize = 80;

/// Reads the message on a page that lies in a column of messages; `None` on any other, and where no date says when it was
/// written.
pub fn message(kind: PageKind, crumbs: &[Crumb], text: &str, as_of: NaiveDate) -> Option<Message> {
    let one = matches!(kind, PageKind::Article | PageKind::Static | PageKind::Other);
    let under =
        |words: &[&str]| crumbs.iter().any(|crumb| words.iter().any(|word| crumb.name.contains(word)));
    if !one || !under(&COLUMNS) || under(&NO_COLUMNS) {
        return None;
    }
    let dated = |labels: &[&str]| labels.iter().find_map(|label| date_after(text, label, as_of));
    let asked = dated(&ASKED)?;
    let open = OPEN.iter().find(|word| text.contains(**word)).map(|word| (*word).to_owned());
    Some(Message { asked, answered: dated(&ANSWERED).filter(|day| *day >= asked), open })
}

fn date_after(text: &str, label: &str, as_of: NaiveDate) -> Option<NaiveDate> {
    text.match_indices(label).find_map(|(at, label)| {
        let rest = text.get(at + label.len()..)?;
        let end = (0..=NEAR.min(rest.len())).rev().find(|end| rest.is_char_boundary(*end))?;
        dates::first(rest.get(..end)?, as_of).map(|stamp| stamp.date)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(column: &str, text: &str) -> Option<Message> {
        let day = NaiveDate::from_ymd_opt(2026, 11, 16).expect("a date");
        message(PageKind::Article, &[Crumb { name: column.to_owned(), url: None }], text, day)
    }

    #[test]
    fn a_message_is_read_off_its_labels() {
        let day = |m, d| NaiveDate::from_ymd_opt(2026, m, d).expect("a date");
        let answered =
            read("市长信箱", "来信时间：2026-03-02 09:10 答复时间：2026-03-09 答复单位：示例市住建局");
        assert_eq!(answered, Some(Message { asked: day(3, 2), answered: Some(day(3, 9)), open: None }));
        let open = read("咨询投诉", "留言时间：2026年3月2日 办理状态：处理中");
        assert_eq!(open, Some(Message { asked: day(3, 2), answered: None, open: Some("处理中".to_owned()) }));
        assert_eq!(read("在线访谈留言", "留言时间：2026-03-02"), None, "an interview");
        assert_eq!(read("网民留言", "发布时间：2026-03-02"), None, "nobody says when it was written");
        assert_eq!(read("政务要闻", "留言时间：2026-03-02"), None, "no column of messages");
    }
}
