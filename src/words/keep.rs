//! What is kept apart: a wrong form that is talked about, and names.

/// Signs between which a form stands by itself where it is talked about.
const QUOTES: [(char, char); 5] = [('“', '”'), ('‘', '’'), ('「', '」'), ('"', '"'), ('＂', '＂')];
/// Words by which a text says that it speaks of a wrong form.
const SPEAKS: [&str; 11] =
    ["误写", "错写", "误为", "应为", "改为", "更正", "勘误", "错别字", "写成", "笔误", "别字"];
/// How far around a form such a word counts, in bytes.
const NEAR: usize = 60;
/// The commonest family names: where a form may be a name of two characters or three, it is left alone.
const FAMILIES: &str = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤关施温康文安成";

/// Whether the form at `start..end` is talked about, or part of a name that stands by itself.
pub(super) fn is_apart(text: &str, start: usize, end: usize) -> bool {
    let (before, after) = (text.get(..start).unwrap_or_default(), text.get(end..).unwrap_or_default());
    is_quoted(before, after) || is_name(before, text.get(start..end).unwrap_or_default(), after)
}

/// Whether a token of two to four characters reads as a person's name.
pub fn is_like_a_name(token: &str) -> bool {
    let letters = token.chars().filter(|c| is_han(*c)).count();
    (2..=4).contains(&letters) && token.chars().next().is_some_and(|c| FAMILIES.contains(c))
}

fn is_quoted(before: &str, after: &str) -> bool {
    let (Some(open), Some(close)) = (before.chars().next_back(), after.chars().next()) else { return false };
    if QUOTES.iter().any(|(one, two)| *one == open && *two == close) {
        return true;
    }
    let near = |text: &str| SPEAKS.iter().any(|word| text.contains(word));
    near(tail(before, NEAR)) && near_quote(before, after)
        || near(head(after, NEAR)) && near_quote(before, after)
}

/// Whether a quotation is open at the form.
fn near_quote(before: &str, after: &str) -> bool {
    let opened = tail(before, NEAR).rfind(['“', '‘', '「']);
    let closed = tail(before, NEAR).rfind(['”', '’', '」']);
    opened > closed && head(after, NEAR).contains(['”', '’', '」'])
}

/// A token of two or three characters between separators that begins with a family name.
fn is_name(before: &str, form: &str, after: &str) -> bool {
    let left: Vec<char> = before.chars().rev().take_while(|c| is_han(*c)).take(3).collect();
    let right = after.chars().take_while(|c| is_han(*c)).take(3).count();
    let length = left.len() + form.chars().count() + right;
    if length > 3 {
        return false;
    }
    // A line or a text of nothing else is no list of names.
    let alone = before.chars().next_back().is_none_or(|c| c == '\n')
        && after.chars().next().is_none_or(|c| c == '\n');
    let first = left.last().copied().or_else(|| form.chars().next());
    !alone && first.is_some_and(|c| FAMILIES.contains(c))
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}')
}

/// The last `bytes` of a text, or a little less.
fn tail(text: &str, bytes: usize) -> &str {
    let mut from = text.len().saturating_sub(bytes);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    text.get(from..).unwrap_or_default()
}

/// The first `bytes` of a text, or a little less.
fn head(text: &str, bytes: usize) -> &str {
    let mut to = bytes.min(text.len());
    while !text.is_char_boundary(to) {
        to -= 1;
    }
    text.get(..to).unwrap_or_default()
}
