//! The numbers of marks as they are printed (网站标识码, ICP备案号, 公安备案号), read in whatever signs they are set: full-width, in
//! brackets, with blanks or unseen signs inside. What comes out is the number in plain signs.

use super::page::Mark;

/// Bytes before the word of a mark, and after it, that may belong to its number.
const BEFORE: usize = 64;
const AFTER: usize = 240;
/// What the provinces are called in such numbers.
const PROVINCES: &str = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川蜀贵黔云滇藏陕秦甘陇青宁新";
const OPENING: &[char] = &['(', '（', '[', '【', '〔', '〖', '{', '「', '《', '<', '“', '"', '\''];
const CLOSING: &[char] = &[')', '）', ']', '】', '〕', '〗', '}', '」', '》', '>', '”', '"', '\''];

/// The number of a mark around one of its words, which stands at `at`.
pub(super) fn number(mark: Mark, text: &str, at: usize, word: &str) -> Option<String> {
    let before = text.get(text.floor_char_boundary(at.saturating_sub(BEFORE))..at)?;
    let after = text.get(at + word.len()..)?;
    let after = plain(after.get(..after.floor_char_boundary(AFTER))?);
    match mark {
        Mark::SiteCode => site_code(&after),
        Mark::Icp => icp(&plain(before), &after),
        Mark::Gongan if word == "网安备" => gongan(&plain(before), &after),
        Mark::Gongan => bare_gongan(&after),
        _ => None,
    }
}

/// A code in plain signs, for comparing: spellings never tell two codes apart.
pub fn plain_code(code: &str) -> String {
    plain(code).chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_uppercase()).collect()
}

/// A text in plain letters, figures and hyphens, each run of white space as one blank, without signs that nobody sees.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}' => {}
            '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' | '－' => {
                out.extend(char::from_u32(u32::from(c) - 0xfee0));
            }
            c if c.is_whitespace() => {
                if !out.ends_with(' ') {
                    out.push(' ');
                }
            }
            c => out.push(c),
        }
    }
    out
}

/// The value after 标识码: ten digits, `bm` and eight, or `N` and nine.
fn site_code(after: &str) -> Option<String> {
    let mut rest = Rest(after);
    rest.skip(&[' ']);
    rest.skip_one(&['为', '是']);
    rest.skip(&[' ', ':', '：']);
    rest.skip(OPENING);
    rest.skip(&[' ']);
    let mut out = String::new();
    let digits = match rest.0.as_bytes() {
        [b'b' | b'B', b'm' | b'M', ..] => 8,
        [b'n' | b'N', ..] => 9,
        _ => 10,
    };
    while out.len() + digits < 10 {
        rest.one(&mut out, |_| true)?;
    }
    rest.digits(&mut out, digits, digits)?;
    Some(out)
}

/// `冀ICP备 13001288号-2` around its `ICP`, or what stands after ICP备案编号.
fn icp(before: &str, after: &str) -> Option<String> {
    let mut rest = Rest(after);
    let mut out = province(before).unwrap_or_default();
    if out.is_empty() || after.trim_start().starts_with("备案") {
        return filed_icp(after);
    }
    out.push_str("ICP");
    rest.blank(&mut out);
    rest.skip_one(CLOSING);
    rest.skip_one(OPENING);
    rest.one(&mut out, |c| matches!(c, '备' | '证'))?;
    rest.skip_one(CLOSING);
    rest.blank(&mut out);
    rest.skip_one(&['第']);
    rest.skip_one(OPENING);
    if let [letter, ..] = rest.0.as_bytes()
        && letter.is_ascii_alphabetic()
    {
        rest.one(&mut out, |_| true);
        out.make_ascii_uppercase();
        let _ = rest.one(&mut out, |c| c.is_ascii_digit());
        rest.one(&mut out, |c| c == '-')?;
    }
    // Eight at least since long; older licences have fewer, and no blanks inside.
    rest.digits(&mut out, 8, 14).or_else(|| rest.digits(&mut out, 5, 14))?;
    rest.end_of_icp(&mut out);
    Some(out)
}

/// ICP备案编号：湘2099000011号.
fn filed_icp(after: &str) -> Option<String> {
    let mut rest = Rest(after.trim_start().strip_prefix("备案")?);
    rest.labelled();
    let mut out = String::new();
    rest.one(&mut out, |c| PROVINCES.contains(c))?;
    out.push_str("ICP备");
    rest.skip(&[' ']);
    rest.skip_one(OPENING);
    rest.digits(&mut out, 8, 10)?;
    rest.end_of_icp(&mut out);
    Some(out)
}

/// `冀公网安备 13040202000007` around its 网安备.
fn gongan(before: &str, after: &str) -> Option<String> {
    let mut out = province(before.trim_end().strip_suffix('公')?)?;
    out.push_str("公网安备");
    let mut rest = Rest(after);
    rest.skip_one(CLOSING);
    rest.blank(&mut out);
    let _ = rest.one(&mut out, |c| matches!(c, ':' | '：'));
    rest.skip_one(&['第']);
    rest.skip_one(OPENING);
    rest.blank(&mut out);
    rest.digits(&mut out, 13, 14)?;
    Some(out)
}

/// 公安备案号：13040202000007, which does not say its province.
fn bare_gongan(after: &str) -> Option<String> {
    let mut rest = Rest(after);
    rest.labelled();
    let mut out = String::new();
    rest.digits(&mut out, 13, 14)?;
    Some(out)
}

/// The Chinese character that a text ends with, brackets around it left out, and a blank where white space follows it.
fn province(before: &str) -> Option<String> {
    let bare = before.trim_end();
    let last = bare.trim_end_matches(CLOSING).chars().next_back();
    let mut out = String::from(last.filter(|c| matches!(c, '\u{4e00}'..='\u{9fff}'))?);
    if bare.len() < before.len() {
        out.push(' ');
    }
    Some(out)
}

/// What is still to be read of a number.
struct Rest<'a>(&'a str);

impl Rest<'_> {
    fn skip(&mut self, signs: &[char]) {
        self.0 = self.0.trim_start_matches(signs);
    }

    fn skip_one(&mut self, signs: &[char]) {
        self.0 = self.0.strip_prefix(signs).unwrap_or(self.0);
    }

    /// What stands between 备案 and its number.
    fn labelled(&mut self) {
        for word in ["编", "序", "号", "码"] {
            self.0 = self.0.strip_prefix(word).unwrap_or(self.0);
        }
        self.skip(&[' ', ':', '：']);
        self.skip(OPENING);
        self.skip(&[' ']);
    }

    /// White space, as one blank.
    fn blank(&mut self, out: &mut String) {
        let rest = self.0.trim_start();
        if rest.len() < self.0.len() {
            out.push(' ');
        }
        self.0 = rest;
    }

    fn one(&mut self, out: &mut String, fits: impl Fn(char) -> bool) -> Option<()> {
        let c = self.0.chars().next().filter(|c| fits(*c))?;
        out.push(c);
        self.0 = self.0.get(c.len_utf8()..)?;
        Some(())
    }

    /// That many figures, blanks inside left out. None where more follow: then it is not known which of them are meant.
    fn digits(&mut self, out: &mut String, least: usize, most: usize) -> Option<()> {
        let mut found = String::new();
        let mut set_apart = false;
        let mut rest = self.0;
        loop {
            let bare = rest.trim_start();
            if !bare.starts_with(|c: char| c.is_ascii_digit()) {
                break;
            }
            if bare.len() < rest.len() {
                // Whole already, and what follows the blank is another number.
                if found.len() >= least && !set_apart {
                    break;
                }
                set_apart = !found.is_empty();
            }
            let count = bare.bytes().take_while(u8::is_ascii_digit).count();
            let (digits, after) = bare.split_at_checked(count)?;
            found.push_str(digits);
            rest = after;
            if found.len() > most {
                return None;
            }
        }
        if found.len() < least {
            return None;
        }
        out.push_str(&found);
        self.0 = rest;
        Some(())
    }

    /// 号-2, where it stands there.
    fn end_of_icp(&mut self, out: &mut String) {
        self.skip_one(CLOSING);
        let mut tail = String::new();
        self.blank(&mut tail);
        if self.one(&mut tail, |c| c == '号').is_none() {
            return;
        }
        out.push_str(&tail);
        tail.clear();
        self.blank(&mut tail);
        if self.one(&mut tail, |c| matches!(c, '-' | '—')).is_some() {
            self.blank(&mut tail);
            let count = self.0.bytes().take(3).take_while(u8::is_ascii_digit).count();
            if let Some(digits) = self.0.get(..count).filter(|digits| !digits.is_empty()) {
                out.push_str(&tail);
                out.push_str(digits);
            }
        }
    }
}
