//! Numbers of persons in a text: identity cards, mobile telephones, bank cards. They leave this module only as [`Masked`], and
//! the text that is kept has them masked, too.

use serde::{Deserialize, Serialize};

/// Provinces in the first two digits of an identity number (GB/T 2260).
const PROVINCES: [u8; 34] = [
    11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52, 53, 54,
    61, 62, 63, 64, 65, 71, 81, 82,
];
/// Weights of the check digit (GB 11643, ISO 7064 MOD 11-2).
const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
/// How far before a number words count that say what it is, in characters.
const BEFORE: usize = 24;
/// Numbers that are no person's, whatever their digits.
const OTHER_NUMBERS: [&str; 12] = [
    "信用代码",
    "机构代码",
    "订单",
    "流水号",
    "条码",
    "合同号",
    "项目编号",
    "采购编号",
    "公告编号",
    "证书编号",
    "发票",
    "http",
];
/// Words beside the telephone of an office.
const OFFICE: [&str; 24] = [
    "联系电话",
    "联系方式",
    "联系人",
    "咨询",
    "办公",
    "值班",
    "监督",
    "举报",
    "投诉",
    "热线",
    "客服",
    "传真",
    "邮箱",
    "受理",
    "报名",
    "服务电话",
    "报警",
    "救援",
    "维修",
    "负责人",
    "主任",
    "局长",
    "书记",
    "经办",
];
/// Words of an account of an office or a firm.
const FIRM: [&str; 14] = [
    "公司",
    "财政",
    "专户",
    "委员会",
    "中心",
    "学校",
    "医院",
    "协会",
    "基金会",
    "对公",
    "办公室",
    "政府",
    "合作社",
    "局",
];
/// Words beside a bank card.
const CARD: [&str; 6] = ["卡号", "账号", "帐号", "银行", "开户", "一卡通"];

/// What a number is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Personal {
    /// 居民身份证号码.
    IdNumber,
    /// 手机号码.
    Mobile,
    /// 银行卡号.
    BankCard,
}

/// A number of a person, masked: the digits that are left identify nobody. There is no other constructor and no way back.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Masked(String);

impl Masked {
    /// Masks `digits`.
    fn of(kind: Personal, digits: &str) -> Self {
        let (head, tail) = match kind {
            Personal::IdNumber => (2, 0),
            Personal::Mobile => (3, 2),
            Personal::BankCard => (0, 4),
        };
        let length = digits.chars().count();
        let shown = digits.chars().enumerate();
        Self(shown.map(|(at, c)| if at < head || at + tail >= length { c } else { '*' }).collect())
    }

    /// What may be shown of it.
    pub fn shown(&self) -> &str {
        &self.0
    }
}

/// One number of a person on a page.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Leak {
    /// What it is.
    pub kind: Personal,
    /// The number, masked.
    pub masked: Masked,
    /// The line it stands in, up to the number, masked as well; at most 20 characters.
    pub before: String,
    /// True where words beside it say that it is no private person's: the telephone of an office, the account of a firm.
    pub office: bool,
}

/// The text with every number of a person masked, and the numbers.
pub fn mask(text: &str) -> (String, Vec<Leak>) {
    let found = numbers(text);
    if found.is_empty() {
        return (text.to_owned(), Vec::new());
    }
    let mut masked = String::with_capacity(text.len());
    let mut leaks = Vec::with_capacity(found.len());
    let mut at = 0;
    for (kind, start, end, office) in found {
        let digits = text.get(start..end).unwrap_or_default();
        masked.push_str(text.get(at..start).unwrap_or_default());
        let line = masked.rsplit('\n').next().unwrap_or_default();
        let skip = line.chars().count().saturating_sub(20);
        let before = line.chars().skip(skip).collect();
        let number = Masked::of(kind, digits);
        masked.push_str(number.shown());
        leaks.push(Leak { kind, masked: number, before, office });
        at = end;
    }
    masked.push_str(text.get(at..).unwrap_or_default());
    (masked, leaks)
}

/// Whether any number of a person stands in the text.
pub fn any(text: &str) -> bool {
    !numbers(text).is_empty()
}

/// Whether anything in the bytes of a page, in whatever encoding that keeps ASCII, has the digits of a number of a person; words beside
/// it are not asked, so that this says yes too often rather than too seldom.
pub fn in_bytes(bytes: &[u8]) -> bool {
    let mut at = 0;
    while let Some((start, stop)) = next_run(bytes, &mut at) {
        let digits = bytes.get(start..stop).unwrap_or_default();
        let is_one = match digits.len() {
            11 => is_mobile(digits),
            18 => is_id_number(digits) || is_card(digits),
            16..=19 => is_card(digits),
            _ => false,
        };
        if is_one {
            return true;
        }
    }
    false
}

/// Every number of a person: what it is, where, and whether words beside it say that it is an office's.
fn numbers(text: &str) -> Vec<(Personal, usize, usize, bool)> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some((start, stop)) = next_run(bytes, &mut at) {
        let Some(digits) = bytes.get(start..stop) else { continue };
        if !(11..=19).contains(&digits.len()) {
            continue;
        }
        let before = words_before(text, start);
        if OTHER_NUMBERS.iter().any(|word| before.contains(word)) {
            continue;
        }
        let around = |words: &[&str]| words.iter().any(|word| before.contains(word));
        let number = match digits.len() {
            11 if is_mobile(digits) => Some((Personal::Mobile, around(&OFFICE))),
            18 if is_id_number(digits) => Some((Personal::IdNumber, false)),
            16..=19 if is_card(digits) && around(&CARD) => Some((Personal::BankCard, around(&FIRM))),
            _ => None,
        };
        found.extend(number.map(|(kind, office)| (kind, start, stop, office)));
    }
    found
}

/// The next run of at least eleven digits from `at` on that stands by itself, with the X that ends some identity numbers; `at` is moved
/// behind it.
fn next_run(bytes: &[u8], at: &mut usize) -> Option<(usize, usize)> {
    loop {
        // Runs shorter than a telephone number are stepped over by their eleventh byte.
        if !bytes.get(*at + 10)?.is_ascii_digit() {
            *at += 11;
            continue;
        }
        let mut start = *at + 10;
        while start > 0 && bytes.get(start - 1).is_some_and(u8::is_ascii_digit) {
            start -= 1;
        }
        let mut end = *at + 11;
        while bytes.get(end).is_some_and(u8::is_ascii_digit) {
            end += 1;
        }
        *at = end;
        let last = bytes.get(end).filter(|byte| matches!(byte, b'X' | b'x') && end - start == 17);
        let stop = if last.is_some() { end + 1 } else { end };
        let joined = |byte: Option<&u8>| {
            byte.is_some_and(|byte| {
                byte.is_ascii_alphanumeric()
                    || matches!(byte, b'*' | b'-' | b'_' | b'/' | b'.' | b'=' | b'&' | b'%')
            })
        };
        let dotted =
            bytes.get(stop) == Some(&b'.') && !bytes.get(stop + 1).is_some_and(u8::is_ascii_alphanumeric);
        if !joined(start.checked_sub(1).and_then(|before| bytes.get(before)))
            && (!joined(bytes.get(stop)) || dotted)
        {
            return Some((start, stop));
        }
    }
}

/// What stands in the same line before a number, and in the line before where that is short.
fn words_before(text: &str, start: usize) -> &str {
    let before = text.get(..start).unwrap_or_default();
    let from = before.char_indices().rev().take(BEFORE).last().map_or(start, |(at, _)| at);
    before.get(from..).unwrap_or_default()
}

fn is_mobile(digits: &[u8]) -> bool {
    // 13 to 19; 14, 16 and 17 have numbers of machines, too, which do not stand in lists of persons.
    matches!(digits, [b'1', b'3'..=b'9', ..])
        && !digits.windows(6).any(|six| six.iter().all(|d| Some(d) == six.first()))
}

fn is_id_number(digits: &[u8]) -> bool {
    let digit = |at: usize| digits.get(at).map_or(0, |byte| u32::from(byte.wrapping_sub(b'0')));
    let number = |from: usize, to: usize| (from..to).fold(0, |sum, at| sum * 10 + digit(at));
    let province = u8::try_from(number(0, 2)).unwrap_or(0);
    let (year, month, day) = (number(6, 10), number(10, 12), number(12, 14));
    let born = i32::try_from(year).ok().and_then(|year| chrono::NaiveDate::from_ymd_opt(year, month, day));
    let sum: u32 = WEIGHTS.iter().enumerate().map(|(at, weight)| digit(at) * weight).sum();
    let check = *b"10X98765432".get(sum as usize % 11).unwrap_or(&b'?');
    let last = digits.last().map(u8::to_ascii_uppercase);
    PROVINCES.contains(&province) && (1900..2100).contains(&year) && born.is_some() && last == Some(check)
}

/// Cards of banks in China begin with 62 and pass the test of Luhn.
fn is_card(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(at, byte)| {
            let digit = u32::from(byte.wrapping_sub(b'0'));
            if at % 2 == 0 { digit } else { digit * 2 / 10 + digit * 2 % 10 }
        })
        .sum();
    digits.starts_with(b"62") && digits.iter().all(u8::is_ascii_digit) && sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<(Personal, bool)> {
        mask(text).1.into_iter().map(|leak| (leak.kind, leak.office)).collect()
    }

    /// An invented identity number: 17 digits with the check digit that belongs to them.
    fn id_number(body: &str) -> String {
        let sum: u32 = body.bytes().zip(WEIGHTS).map(|(byte, weight)| u32::from(byte - b'0') * weight).sum();
        format!("{body}{}", char::from(*b"10X98765432".get(sum as usize % 11).expect("a digit")))
    }

    #[test]
    fn numbers_of_persons_are_told_from_others() {
        let id = id_number("51040019900307123");
        let wrong =
            format!("{}{}", id.get(..17).expect("17 digits"), if id.ends_with('0') { '1' } else { '0' });
        let no_day = id_number("51040019901342123");
        let card = "6222020200112233440";
        let valid = (0..10)
            .map(|d| format!("{}{d}", card.get(..18).expect("18 digits")))
            .find(|c| is_card(c.as_bytes()))
            .expect("one");
        for (text, expected) in [
            (format!("张三，身份证号{id}。"), vec![(Personal::IdNumber, false)]),
            (format!("张三\t{wrong}"), vec![]),
            (format!("李四 {no_day}"), vec![]),
            (format!("统一社会信用代码：{id}"), vec![]),
            (format!("编码A{id}"), vec![]),
            (format!("{id}12"), vec![]),
            ("王五 13800138023".to_owned(), vec![(Personal::Mobile, false)]),
            ("联系电话：13800138023".to_owned(), vec![(Personal::Mobile, true)]),
            ("王五 138****8023".to_owned(), vec![]),
            ("http://a.cn/13800138023.html".to_owned(), vec![]),
            ("13333333333".to_owned(), vec![]),
            (format!("开户银行：示例银行 卡号 {valid}"), vec![(Personal::BankCard, false)]),
            (format!("户名：示例市财政局 账号 {valid}"), vec![(Personal::BankCard, true)]),
            (format!("批号 {valid}"), vec![]),
        ] {
            assert_eq!(kinds(&text), expected, "{text}");
        }
    }

    #[test]
    fn nothing_that_is_kept_holds_the_number() {
        let id = id_number("51040019900307123");
        let text = format!("名单：张三 {id}；李四 13800138023\n完");
        let (kept, leaks) = mask(&text);
        let told = format!("{kept} {leaks:?} {}", serde_json::to_string(&leaks).expect("JSON"));
        assert!(!told.contains(&id) && !told.contains("13800138023"), "{told}");
        assert!(!told.contains(id.get(2..).expect("its digits")) && !told.contains("800138"), "{told}");
        assert_eq!(leaks.len(), 2);
        assert_eq!(leaks[0].before, "名单：张三 ");
        assert!(kept.ends_with("\n完"));
    }

    #[test]
    fn bodies_are_asked_in_any_encoding_and_whatever_words_stand_there() {
        let id = id_number("51040019900307123");
        let card =
            (0..10).map(|d| format!("622202020011223344{d}")).find(|c| is_card(c.as_bytes())).expect("one");
        for text in
            [format!("<!-- 张三 {id} -->"), format!("var a=\"{card}\";"), "名单：李四 13800138023".to_owned()]
        {
            let gbk = encoding_rs::GBK.encode(&text).0.into_owned();
            assert!(in_bytes(&gbk) && in_bytes(text.as_bytes()), "{text}");
        }
        for text in
            ["<a href=\"/2026/13800138023.html\">", "电话 0812-3334567，2026110112345", "v=13800138023&x"]
        {
            assert!(!in_bytes(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn what_a_page_says_of_itself_is_masked_wherever_it_stands() {
        let id = id_number("51040019900307123");
        let page = format!(
            "<html><head><title>公示</title><meta name=\"Description\" content=\"张三 {id}\"></head><body><h1>公示</h1>\
             <ul><li><a href=/a/1.html title=\"李四 13800138023 的公示\">李四的公…</a></li></ul><p>正文</p></body></html>"
        );
        let url = url::Url::parse("http://www.shili.gov.cn/gs/").expect("a URL");
        let as_of = crate::calendar::from_millis(1_790_000_000_000);
        let cx = super::super::page::PageContext {
            url: &url,
            content_type: None,
            status: Some(200),
            as_of,
            want_structure: true,
        };
        let facts = super::super::html::read_page(page.as_bytes(), &cx, || false);
        let told = serde_json::to_string(&facts).expect("JSON");
        assert!(told.contains("51****************"), "{told}");
        assert!(!told.contains(&id) && !told.contains("13800138023"), "{told}");
        let reply = format!(
            "[{{\"title\":\"王五 {id}\",\"url\":\"/a/2.html\",\"date\":\"2026-11-01\"}},{{\"title\":\"二\",\"url\":\"/a/3.html\",\"date\":\"2026-11-02\"}}]"
        );
        let facts = super::super::reply::read_reply(reply.as_bytes(), &cx, &url, || false);
        let told = serde_json::to_string(&facts).expect("JSON");
        assert!(told.contains("51****************") && !told.contains(&id), "{told}");
    }

    #[test]
    fn runs_of_any_length_are_found_wherever_they_begin() {
        for lead in 0..30 {
            let text = format!("{}13800138023，", "a ".repeat(lead));
            assert_eq!(kinds(&text).len(), 1, "{text}");
        }
    }
}
