//! What the words before a date call it: the day an article was published or last touched, or some other day.

/// What words call a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Called {
    /// The publication date; `vague` where the word may mean another day as well, `whole` where nothing stands before it that could
    /// name another day: not 开庭时间.
    Published {
        /// 时间, 日期, 发布, Date.
        vague: bool,
        /// The word is all there is of the label.
        whole: bool,
    },
    /// The day of the last change.
    Updated,
    /// Another day.
    Other,
    /// Nothing.
    Nothing,
}

/// Labels that call a date the publication date.
const PUBLISHED: &[&str] = &[
    "发布时间",
    "发布日期",
    "发布于",
    "提交于",
    "发稿时间",
    "发稿日期",
    "发表时间",
    "发表日期",
    "发表于",
    "上传时间",
    "公开日期",
    "公开时间",
    "信息时间",
    "信息日期",
    "录入时间",
    "添加时间",
    "创建时间",
    "创建日期",
    "刊发时间",
    "编辑日期",
    "编发时间",
    "发布",
    "发文时间",
    "稿件时间",
    "文章时间",
    "新闻时间",
    "推送时间",
    "登载时间",
    "播出时间",
    "公布时间",
    "公布日期",
    "公告日期",
    "刊登时间",
    "刊登日期",
    "发布日",
    "日期",
    "时间",
];
/// Labels that only say when a page was last touched.
const UPDATED: &[&str] = &["更新时间", "更新日期", "修改时间", "最后更新", "更新于"];
/// Labels of dates that are the document's own, or somebody else's.
const OTHER: &[&str] = &[
    "成文日期",
    "成文时间",
    "生成日期",
    "生成时间",
    "印发日期",
    "印发时间",
    "发文日期",
    "施行日期",
    "实施日期",
    "生效日期",
    "生效时间",
    "失效日期",
    "失效时间",
    "废止日期",
    "有效期",
    "有效期至",
    "截止日期",
    "截止时间",
    "签发日期",
    "起始时间",
    "开始时间",
    "结束时间",
    "活动时间",
    "会议时间",
    "报名时间",
    "公示时间",
    "公示期",
    "征集时间",
    "开标时间",
    "来信时间",
    "留言时间",
    "写信时间",
    "提交时间",
    "答复时间",
    "回复时间",
    "办结时间",
    "受理时间",
    "处理时间",
    "出生年月",
    "成立日期",
    "任职时间",
    "北京时间",
    "今天是",
    "今天",
    "今日",
    "当前时间",
    "现在是",
    "当前日期",
    "归档时间",
    "办公时间",
    "工作时间",
    "截至",
    "截止",
    "自",
    "从",
    "至",
    "到",
    "于",
    "在",
    "考试时间",
    "访谈时间",
    "直播时间",
    "播放时间",
    "立案日期",
    "处罚日期",
    "决定日期",
    "登记日期",
    "审批日期",
    "打印时间",
    "打印日期",
    "采集时间",
    "采购时间",
    "举办时间",
    "拍摄时间",
    "摄影时间",
    "缴费时间",
    "调查时间",
    "上次访问",
    "建立时间",
    "信件时间",
    "咨询时间",
];

/// English words for the publication date, for the last change, and the last words of those for other days.
const ENGLISH: &[&str] = &[
    "published",
    "published on",
    "published at",
    "date published",
    "publish date",
    "publish time",
    "publication date",
    "date of publication",
    "pubdate",
    "pub date",
    "posted",
    "posted on",
    "date posted",
    "post date",
    "post time",
    "released",
    "released on",
    "release date",
    "release time",
    "date",
    "time",
];
const ENGLISH_UPDATED: &[&str] = &[
    "updated",
    "updated on",
    "last updated",
    "last updated on",
    "update date",
    "update time",
    "last modified",
];
const ENGLISH_OTHER: &[&str] = &[
    "date",
    "time",
    "deadline",
    "on",
    "by",
    "until",
    "till",
    "from",
    "since",
    "to",
    "before",
    "after",
    "due",
    "effective",
    "expires",
    "expiry",
    "between",
    "of",
    "in",
    "issued",
    "signed",
];

/// What the text before a date calls it; `colon` where a sign or a line's end sets the label apart.
pub(super) fn called(bare: &str, colon: bool) -> Called {
    if let Some(english) = english(bare) {
        return english;
    }
    // Letters of a label may be set apart: 时　间. A line above is no part of it.
    let line = bare.rsplit('\n').next().unwrap_or_default();
    let squeezed: String = line.chars().filter(|c| !c.is_whitespace() && *c != '\u{3000}').collect();
    let label = |words: &[&'static str]| {
        words.iter().copied().filter(|word| squeezed.ends_with(word)).max_by_key(|word| word.len())
    };
    if label(UPDATED).is_some() && colon {
        return Called::Updated;
    }
    if label(OTHER).is_some() && label(&["发布于", "发表于", "刊发时间"]).is_none() {
        return Called::Other;
    }
    let Some(word) = label(PUBLISHED) else { return Called::Nothing };
    let told = colon
        || squeezed.chars().count() <= 6
        || ["发布于", "提交于", "时间", "日期"].iter().any(|end| squeezed.ends_with(end));
    if !told {
        return Called::Nothing;
    }
    let vague = ["日期", "时间", "发布"].iter().any(|end| squeezed.ends_with(end))
        && !["发布时间", "发布日期", "发稿时间", "公开时间", "公开日期"]
            .iter()
            .any(|end| squeezed.ends_with(end));
    let lead = bare.strip_suffix(word).or_else(|| squeezed.strip_suffix(word));
    let lead = lead.and_then(|lead| lead.chars().next_back());
    let whole = !matches!(word, "时间" | "日期") || !lead.is_some_and(char::is_alphanumeric);
    Called::Published { vague, whole }
}

/// The same of English words, of which the whole phrase counts: Effective Date is not Date.
fn english(bare: &str) -> Option<Called> {
    let phrase = bare.rsplit(|c: char| !(c.is_ascii_alphabetic() || c == ' ' || c == '\u{a0}')).next()?;
    let words: Vec<String> = phrase.split_whitespace().map(str::to_ascii_lowercase).collect();
    let last = words.last()?.as_str();
    let phrase = words.join(" ");
    let is = |known: &[&str], phrase: &str| known.contains(&phrase);
    if is(ENGLISH, &phrase) {
        Some(Called::Published { vague: is(&["date", "time"], &phrase), whole: true })
    } else if is(ENGLISH_UPDATED, &phrase) {
        Some(Called::Updated)
    } else if is(ENGLISH_OTHER, last) {
        Some(Called::Other)
    } else {
        None
    }
}

/// Words of the line of source, author and counter that stands below a title.
const INFO: [&str; 22] = [
    "来源",
    "作者",
    "浏览",
    "点击",
    "阅读",
    "字体",
    "字号",
    "访问量",
    "访问次数",
    "编辑",
    "打印",
    "撰稿",
    "责编",
    "信息来源",
    "发布机构",
    "发布者",
    "稿源",
    "Source:",
    "Author:",
    "Editor:",
    "Views:",
    "From:",
];

/// Whether a text holds words of the line below a title.
pub(super) fn holds_info(text: &str) -> bool {
    INFO.iter().any(|word| text.contains(word))
}

/// Whether a text begins with one.
pub(super) fn opens_info(text: &str) -> bool {
    INFO.iter().any(|word| text.starts_with(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_told_apart() {
        use Called::{Nothing, Other, Published, Updated};
        let sure = Published { vague: false, whole: true };
        let vague = |whole| Published { vague: true, whole };
        for (text, want) in [
            ("发布时间", sure),
            ("来源：某局　发布日期", sure),
            ("信息发布日期", sure),
            ("时　间", vague(true)),
            ("开庭时间", vague(false)),
            ("更新时间", Updated),
            ("会议时间", Other),
            ("成文日期", Other),
            ("索引号", Nothing),
            ("Published", sure),
            ("Source: Information Office | Release Date", sure),
            ("Date", vague(true)),
            ("LAST UPDATED", Updated),
            ("Effective Date", Other),
            ("Deadline", Other),
            ("the meeting was held on", Other),
            ("Room", Nothing),
            ("", Nothing),
        ] {
            assert_eq!(called(text, true), want, "{text}");
        }
    }
}
