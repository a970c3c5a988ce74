//! Numbers of persons in a text: identity cards, mobile telephones, bank cards. They leave this module only as [`Masked`], and
//! the text that is kept has them masked, too.

use serde::{Deserialize, Serialize};

/// Provinces in the first two digits of an identity number (GB/T 2260).
const PROVINCES: [u8; 34] = [
    11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52, 53, 54,
    61, 62, 63, 64, 65, 71, 81, 82,
];
/// The specimens of GB 11643 itself, which forms show as examples: nobody's.
const SPECIMENS: [&str; 2] = ["11010519491231002X", "440524188001010014"];
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
/// Names of parameters of an address that say what a number is, beside those that merely hold what is looked for.
const LABELS: [&str; 9] = ["tel", "phone", "mobile", "sjh", "shouji", "dianhua", "lxdh", "yhk", "card"];
/// How a masked number shows in an address.
const STARS: &str = "******";
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

/// The text with everything masked that may be a number of a person, and those that the words and signs beside them bear out: what is kept
/// is masked too often rather than too seldom, what is told the other way round.
pub fn mask(text: &str) -> (String, Vec<Leak>) {
    let found = numbers(text);
    if found.is_empty() {
        return (text.to_owned(), Vec::new());
    }
    let mut masked = String::with_capacity(text.len());
    let mut leaks = Vec::with_capacity(found.len());
    let mut at = 0;
    for Number { kind, start, stop, office, told } in found {
        let digits = text.get(start..stop).unwrap_or_default();
        masked.push_str(text.get(at..start).unwrap_or_default());
        let line = masked.rsplit('\n').next().unwrap_or_default();
        let skip = line.chars().count().saturating_sub(20);
        let before = line.chars().skip(skip).collect();
        let number = Masked::of(kind, digits);
        masked.push_str(number.shown());
        if told {
            leaks.push(Leak { kind, masked: number, before, office });
        }
        at = stop;
    }
    masked.push_str(text.get(at..).unwrap_or_default());
    (masked, leaks)
}

/// Whether anything stands in the text that [`mask`] masks.
pub fn any(text: &str) -> bool {
    !numbers(text).is_empty()
}

/// The address with numbers of persons in it masked, and the identity numbers among them; `None` where there are none, which is
/// nearly always. Addresses are full of numbers: only a check digit and a date of birth, or the name of a parameter, make one a
/// person's.
pub fn mask_address(url: &str) -> Option<(String, Vec<Leak>)> {
    let bytes = url.as_bytes();
    let (mut masked, mut leaks) = (String::new(), Vec::new());
    let (mut at, mut done) = (0, 0);
    while let Some(Run { start, stop, .. }) = next_run(bytes, &mut at) {
        let Some(kind) = kind_in_address(bytes, start, stop) else { continue };
        let number = Masked::of(kind, url.get(start..stop).unwrap_or_default());
        masked.push_str(url.get(done..start).unwrap_or_default());
        masked.push_str(number.shown());
        if kind == Personal::IdNumber {
            leaks.push(Leak { kind, masked: number, before: "网址".to_owned(), office: false });
        }
        done = stop;
    }
    if done == 0 {
        return None;
    }
    masked.push_str(url.get(done..).unwrap_or_default());
    Some((masked, leaks))
}

/// Whether [`mask_address`] masked something here: such an address leads nowhere.
pub fn is_masked_address(url: &str) -> bool {
    url.contains(STARS)
}

/// Whether anything in the bytes of a page, in whatever encoding that keeps ASCII, has the digits of a number of a person; words beside
/// it are not asked, so that this says yes too often rather than too seldom.
pub fn in_bytes(bytes: &[u8]) -> bool {
    let mut at = 0;
    while let Some(Run { start, stop, joined }) = next_run(bytes, &mut at) {
        let digits = bytes.get(start..stop).unwrap_or_default();
        // The paths of addresses, of which pages are full, are asked as addresses are.
        if (!joined && kind_of(digits).is_some()) || kind_in_address(bytes, start, stop).is_some() {
            return true;
        }
    }
    false
}

/// A number of a person in a text.
struct Number {
    kind: Personal,
    start: usize,
    stop: usize,
    /// Whether words beside it say that it is an office's.
    office: bool,
    /// Whether it is sure enough to be told of.
    told: bool,
}

/// Every number that may be a person's.
fn numbers(text: &str) -> Vec<Number> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(Run { start, stop, joined }) = next_run(bytes, &mut at) {
        let Some(kind) = bytes.get(start..stop).and_then(kind_of) else { continue };
        let before = words_before(text, start);
        let around = |words: &[&str]| words.iter().any(|word| before.contains(word));
        let office = match kind {
            Personal::IdNumber => false,
            Personal::Mobile => around(&OFFICE),
            Personal::BankCard => around(&FIRM),
        };
        let told = !joined && !around(&OTHER_NUMBERS) && (kind != Personal::BankCard || around(&CARD));
        found.push(Number { kind, start, stop, office, told });
    }
    found
}

/// What digits alone say.
fn kind_of(digits: &[u8]) -> Option<Personal> {
    match digits.len() {
        11 if is_mobile(digits) => Some(Personal::Mobile),
        18 if is_id_number(digits) => Some(Personal::IdNumber),
        16..=19 if is_card(digits) => Some(Personal::BankCard),
        _ => None,
    }
}

/// What digits in an address are.
fn kind_in_address(bytes: &[u8], start: usize, stop: usize) -> Option<Personal> {
    let kind = bytes.get(start..stop).and_then(kind_of)?;
    (kind == Personal::IdNumber || is_labelled(bytes, start)).then_some(kind)
}

/// Whether `tel=` or the like stands before.
fn is_labelled(bytes: &[u8], start: usize) -> bool {
    let Some((b'=', before)) = bytes.get(..start).and_then(<[u8]>::split_last) else { return false };
    let name = before.iter().rev().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
    let name = before.get(before.len() - name..).unwrap_or_default().to_ascii_lowercase();
    let name = String::from_utf8(name).unwrap_or_default();
    LABELS.iter().any(|label| name.contains(label))
        || matches!(&*name, "q" | "wd" | "dh" | "key" | "keyword" | "keywords" | "search")
}

/// Digits in a row.
struct Run {
    start: usize,
    stop: usize,
    /// Whether signs beside them make them a part of something: an address, a code.
    joined: bool,
}

/// The next run of at least eleven digits from `at` on that no letter touches, with the X that ends some identity numbers; `at` is moved
/// behind it.
fn next_run(bytes: &[u8], at: &mut usize) -> Option<Run> {
    let byte_at = |at: Option<usize>| at.and_then(|at| bytes.get(at));
    loop {
        // Runs shorter than a telephone number are stepped over by their eleventh byte.
        if !bytes.get(*at + 10)?.is_ascii_digit() {
            *at += 11;
            continue;
        }
        let mut start = *at + 10;
        while byte_at(start.checked_sub(1)).is_some_and(u8::is_ascii_digit) {
            start -= 1;
        }
        let mut end = *at + 11;
        while bytes.get(end).is_some_and(u8::is_ascii_digit) {
            end += 1;
        }
        *at = end;
        if end - start < 11 {
            continue;
        }
        // Digits of a character that is written in per cent are no part of a number.
        let back = |by: usize| byte_at(start.checked_sub(by));
        let hex = |by: usize| back(by).is_some_and(u8::is_ascii_hexdigit);
        let mut before = back(1);
        if before == Some(&b'%') {
            start += 2;
        } else if back(2) == Some(&b'%') && hex(1) {
            (start, before) = (start + 1, Some(&b'%'));
        } else if back(3) == Some(&b'%') && hex(2) && hex(1) {
            before = Some(&b'%');
        }
        let letter = end - start == 17 && matches!(bytes.get(end), Some(b'X' | b'x'));
        let stop = if letter { end + 1 } else { end };
        let touched = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
        if touched(before) || touched(bytes.get(stop)) || stop - start < 11 {
            continue;
        }
        let sign = |byte: Option<&u8>| {
            byte.is_some_and(|byte| matches!(byte, b'*' | b'-' | b'_' | b'/' | b'.' | b'=' | b'&' | b'%'))
        };
        let dotted =
            bytes.get(stop) == Some(&b'.') && !bytes.get(stop + 1).is_some_and(u8::is_ascii_alphanumeric);
        return Some(Run { start, stop, joined: sign(before) || (sign(bytes.get(stop)) && !dotted) });
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
    if SPECIMENS.iter().any(|specimen| specimen.as_bytes().eq_ignore_ascii_case(digits)) {
        return false;
    }
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
    use proptest::prelude::*;

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
            ("身份证号码填写示例：11010519491231002X".to_owned(), vec![]),
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
    fn what_is_only_likely_is_masked_and_not_told() {
        let id = id_number("51040019900307123");
        let card =
            (0..10).map(|d| format!("622202020011223344{d}")).find(|c| is_card(c.as_bytes())).expect("one");
        for (text, kept) in [
            (format!("身份证号={id}"), "身份证号=51****************"),
            ("张三/13800138023/13900139045，".to_owned(), "张三/138******23/139******45，"),
            ("a_13800138023-b".to_owned(), "a_138******23-b"),
            (format!("批号 {card}"), "批号 ***************"),
            (format!("统一社会信用代码：{id}"), "统一社会信用代码：51****************"),
        ] {
            let (masked, leaks) = mask(&text);
            assert!(
                masked.starts_with(kept) && leaks.is_empty() && super::any(&text),
                "{text}: {masked} {leaks:?}"
            );
        }
    }

    #[test]
    fn an_address_holds_a_persons_number_only_where_it_says_so() {
        let id = id_number("51040019900307123");
        for (url, masked, told) in [
            (format!("http://a.cn/cx.jsp?sfz={id}&n=1"), "http://a.cn/cx.jsp?sfz=51****************&n=1", 1),
            (
                format!("http://a.cn/fj/%E5%BC%A0%E4%B8%89{id}.docx"),
                "http://a.cn/fj/%E5%BC%A0%E4%B8%8951****************.docx",
                1,
            ),
            (
                format!("http://a.cn/fj/%E4%BA%AC{id}%20.docx"),
                "http://a.cn/fj/%E4%BA%AC51****************%20.docx",
                1,
            ),
            (format!("http://a.cn/{id}/"), "http://a.cn/51****************/", 1),
            ("http://a.cn/?userPhone=13800138023".to_owned(), "http://a.cn/?userPhone=138******23", 0),
            ("http://a.cn/s?q=13800138023&p=2".to_owned(), "http://a.cn/s?q=138******23&p=2", 0),
        ] {
            let (kept, leaks) = mask_address(&url).unwrap_or_else(|| panic!("{url}"));
            assert_eq!((kept.as_str(), leaks.len()), (masked, told), "{url}");
            assert!(is_masked_address(&kept) && !is_masked_address(&url));
            assert!(in_bytes(url.as_bytes()), "{url}");
        }
        for url in [
            "http://a.cn/2026/13800138023.html",
            "http://a.cn/?id=13800138023",
            "http://a.cn/art/2026/11/22/art_1234567_62284812345678901.html",
            "http://a.cn/20261122103000123456.pdf",
        ] {
            assert_eq!(mask_address(url), None, "{url}");
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

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_text_and_address_is_masked_once(text in "[%0-9AEx=/ *三]{0,60}") {
            let (masked, _) = mask(&text);
            prop_assert!(!super::any(&masked), "{text}: {masked}");
            let address = mask_address(&text).map_or(text, |(masked, _)| masked);
            prop_assert_eq!(mask_address(&address), None);
            let _ = in_bytes(address.as_bytes());
        }
    }

    #[test]
    fn runs_of_any_length_are_found_wherever_they_begin() {
        for lead in 0..30 {
            let text = format!("{}13800138023，", "a ".repeat(lead));
            assert_eq!(kinds(&text).len(), 1, "{text}");
        }
    }
}
