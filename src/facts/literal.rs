//! Literals of scripts: JSON, and the same with single quotes, bare names, comments and expressions in between.

/// Lists and objects inside each other beyond this many are stepped over.
const MAX_DEPTH: usize = 24;

/// One literal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Literal {
    /// A string, escapes resolved.
    Text(String),
    /// A number, a word such as `true`, or a name.
    Word(String),
    /// An array.
    List(Vec<Literal>),
    /// An object, fields in order.
    Object(Vec<(String, Literal)>),
    /// Anything else, as it stands: an expression, a function.
    Raw(String),
}

impl Literal {
    /// Text, number or word as text; an empty text for `null` and the like.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Word(word) if matches!(word.as_str(), "null" | "undefined") => Some(""),
            Self::Word(word) => Some(word),
            _ => None,
        }
    }

    /// The field of an object whose name is one of `names`, letter case and `_` aside; the first name that has one wins.
    pub fn field(&self, names: &[&str]) -> Option<&Self> {
        let Self::Object(fields) = self else { return None };
        names
            .iter()
            .find_map(|name| fields.iter().find(|(key, _)| is_named(key, name)).map(|(_, value)| value))
    }
}

/// Whether a field's name is `name`, but for letter case, `_` and `-`.
pub fn is_named(key: &str, name: &str) -> bool {
    let bare = key.bytes().filter(|byte| !matches!(byte, b'_' | b'-'));
    bare.map(|byte| byte.to_ascii_lowercase()).eq(name.bytes())
}

/// Reads literals out of a text, within a bound of steps.
#[derive(Debug)]
pub struct Reader<'a> {
    /// The text.
    pub text: &'a str,
    /// Byte offset of what is read next.
    pub at: usize,
    /// Steps left; at 0 nothing more is read.
    pub left: usize,
}

impl<'a> Reader<'a> {
    /// Starts at byte `at` of `text` with `left` steps.
    pub fn new(text: &'a str, at: usize, left: usize) -> Self {
        Self { text, at, left }
    }

    /// The literal that starts here; the reader then stands behind it. `None` where none starts or the bound is reached.
    pub fn value(&mut self) -> Option<Literal> {
        self.nested(0)
    }

    /// The argument of a call that starts here: as [`Self::value`], but what goes on behind a literal belongs to it.
    pub fn argument(&mut self) -> Option<Literal> {
        self.nested(1)
    }

    fn nested(&mut self, depth: usize) -> Option<Literal> {
        self.left = self.left.checked_sub(1)?;
        self.blank();
        let start = self.at;
        let read = match self.peek()? {
            '[' if depth < MAX_DEPTH => Some(Literal::List(self.list(depth)?)),
            '{' if depth < MAX_DEPTH => self.object(depth)?.map(Literal::Object),
            '"' | '\'' | '`' => self.string().map(Literal::Text),
            _ => self.word().map(Literal::Word),
        };
        self.blank();
        // What goes on behind a literal is an expression.
        if depth > 0 && !matches!(self.peek(), Some(',' | '}' | ']' | ')')) || read.is_none() {
            self.skip_expression()?;
            let raw = self.text.get(start..self.at)?.trim();
            return (!raw.is_empty()).then(|| Literal::Raw(raw.to_owned()));
        }
        read
    }

    fn list(&mut self, depth: usize) -> Option<Vec<Literal>> {
        let mut items = Vec::new();
        self.at += 1;
        loop {
            self.blank();
            match self.peek()? {
                ']' => {
                    self.at += 1;
                    return Some(items);
                }
                ',' => self.at += 1,
                '}' | ')' => return None,
                _ => items.push(self.nested(depth + 1)?),
            }
        }
    }

    /// The fields of an object; inner `None` where what stands in braces is no object.
    #[expect(
        clippy::option_option,
        reason = "the outer None ends the reading, the inner one only this object"
    )]
    fn object(&mut self, depth: usize) -> Option<Option<Vec<(String, Literal)>>> {
        let mut fields = Vec::new();
        self.at += 1;
        loop {
            self.blank();
            match self.peek()? {
                '}' => {
                    self.at += 1;
                    return Some(Some(fields));
                }
                ',' => self.at += 1,
                quote => {
                    let key = if matches!(quote, '"' | '\'') { self.string() } else { self.word() };
                    self.blank();
                    if key.is_none() || self.peek()? != ':' {
                        return self.leave_object();
                    }
                    self.at += 1;
                    let value = self.nested(depth + 1)?;
                    fields.push((key.unwrap_or_default(), value));
                }
            }
        }
    }

    /// Steps behind the brace that ends what was begun as an object.
    #[expect(clippy::option_option, reason = "as object()")]
    fn leave_object(&mut self) -> Option<Option<Vec<(String, Literal)>>> {
        self.skip_to(&['}'])?;
        self.at += 1;
        Some(None)
    }

    /// A string in single, double or back quotes; `None` where it does not end or holds `${`.
    pub fn string(&mut self) -> Option<String> {
        let start = self.at;
        let read = self.quoted();
        let stepped = if read.is_some() { self.at - start } else { self.text.len() - start };
        self.left = self.left.saturating_sub(stepped / 64);
        read
    }

    fn quoted(&mut self) -> Option<String> {
        let quote = self.peek()?;
        let start = self.at + 1;
        let mut out = String::new();
        let mut chars = self.text.get(start..)?.char_indices();
        while let Some((offset, c)) = chars.next() {
            if c == quote {
                self.at = start + offset + 1;
                return Some(out);
            }
            match c {
                '\n' if quote != '`' => return None,
                '\\' => match chars.next()?.1 {
                    sign @ ('u' | 'x') => {
                        let digits = if sign == 'u' { 4 } else { 2 };
                        let code: String = chars.by_ref().take(digits).map(|(_, c)| c).collect();
                        let code = u32::from_str_radix(&code, 16).unwrap_or(0xfffd);
                        out.push(char::from_u32(code).unwrap_or('\u{fffd}'));
                    }
                    'n' | 'r' | 't' | 'b' | 'f' => out.push(' '),
                    '\n' | '\r' => {}
                    other => out.push(other),
                },
                '$' if quote == '`' && chars.clone().next().is_some_and(|(_, c)| c == '{') => return None,
                _ => out.push(c),
            }
        }
        None
    }

    /// A number, a name, or a path of names.
    pub fn word(&mut self) -> Option<String> {
        let rest = self.text.get(self.at..)?;
        let len = rest.find(|c: char| !(c.is_alphanumeric() || "_$.-+".contains(c))).unwrap_or(rest.len());
        let word = rest.get(..len).filter(|word| !word.is_empty())?;
        self.at += len;
        Some(word.to_owned())
    }

    /// Steps to the comma or bracket that ends an expression, over whatever is nested in it.
    fn skip_expression(&mut self) -> Option<()> {
        self.skip_to(&[',', '}', ']', ')'])
    }

    fn skip_to(&mut self, ends: &[char]) -> Option<()> {
        let mut depth = 0_u32;
        loop {
            self.left = self.left.checked_sub(1)?;
            let c = self.peek()?;
            if depth == 0 && ends.contains(&c) {
                return Some(());
            }
            match c {
                '{' | '[' | '(' => depth += 1,
                '}' | ']' | ')' => depth = depth.checked_sub(1)?,
                '"' | '\'' | '`' => {
                    let start = self.at;
                    if self.string().is_some() {
                        continue;
                    }
                    self.at = start;
                }
                _ => {}
            }
            self.at += c.len_utf8();
        }
    }

    /// The next sign.
    pub fn peek(&self) -> Option<char> {
        self.text.get(self.at..)?.chars().next()
    }

    /// Steps over white space and comments.
    pub fn blank(&mut self) {
        loop {
            let rest = self.text.get(self.at..).unwrap_or_default();
            self.at += rest.len() - rest.trim_start().len();
            let rest = rest.trim_start();
            let comment = if rest.starts_with("//") {
                rest.find('\n')
            } else if rest.starts_with("/*") {
                rest.find("*/").map(|end| end + 2)
            } else {
                return;
            };
            self.at += comment.unwrap_or(rest.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Literal> {
        Reader::new(text, 0, 10_000).value()
    }

    #[test]
    fn json_and_what_scripts_make_of_it() {
        let value = read(
            "{a:1, 'b':\"\\u4e59\\x41\\/\", c:[true,null,], /* x */ d: f(1,{}), e: '甲' + n, \"f\": `t`}",
        )
        .expect("an object");
        assert_eq!(value.field(&["a"]).and_then(Literal::as_text), Some("1"));
        assert_eq!(value.field(&["b"]).and_then(Literal::as_text), Some("乙A/"));
        assert_eq!(
            value.field(&["c"]),
            Some(&Literal::List(vec![Literal::Word("true".to_owned()), Literal::Word("null".to_owned())]))
        );
        assert_eq!(value.field(&["d"]), Some(&Literal::Raw("f(1,{})".to_owned())));
        assert_eq!(value.field(&["e"]), Some(&Literal::Raw("'甲' + n".to_owned())));
        assert_eq!(value.field(&["f"]).and_then(Literal::as_text), Some("t"));
    }

    #[test]
    fn names_are_met_whatever_their_case() {
        let value = read("{Pub_Date:'x', url:''}").expect("an object");
        assert_eq!(value.field(&["date", "pubdate"]).and_then(Literal::as_text), Some("x"));
        assert_eq!(value.field(&["href"]), None);
    }

    #[test]
    fn what_does_not_end_is_nothing() {
        for text in ["[{a:1", "{a:'b", "[[[[", "", "]", "[1,}"] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(Reader::new("[1,2,3,4]", 0, 3).value(), None, "the bound holds");
        assert!(read(&"[".repeat(100_000)).is_none());
    }
}
