//! What one call in a script asks for, where its address and parameters can be read off: literals, numbers, and names that
//! are given one text on the page.

use std::cell::Cell;

use super::literal::{Literal, Reader};

/// Steps spent on the arguments of one call.
const MAX_STEPS: usize = 20_000;
/// Names that stand for other names, followed so far.
const MAX_NAMES: u32 = 3;
/// Bytes before a name in which the head of a function may stand.
const HEAD: usize = 300;

/// What a call asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Asks {
    /// This address, by GET.
    Plain(String),
    /// Something that cannot be told, or not by GET.
    Unclear,
    /// It is no request.
    Nothing,
}

/// One call in the scripts of a page.
pub(super) struct Call<'a> {
    /// All script text of the page.
    pub(super) texts: &'a [&'a str],
    /// The script that holds it.
    pub(super) text: &'a str,
    /// Where its arguments begin.
    pub(super) at: usize,
    /// The function's name.
    pub(super) name: &'a str,
    /// Bytes that may still be searched for what names stand for.
    pub(super) search: &'a Cell<usize>,
}

impl Call<'_> {
    /// Reads its arguments.
    pub(super) fn asks(&self) -> Asks {
        let Some(args) = self.arguments() else { return Asks::Unclear };
        let first = args.first();
        match self.name {
            ".open" => {
                let method = first.and_then(Literal::as_text).unwrap_or_default().to_ascii_uppercase();
                match method.as_str() {
                    "GET" => self.address(args.get(1), None),
                    "POST" | "PUT" => Asks::Unclear,
                    // window.open and the like.
                    _ => Asks::Nothing,
                }
            }
            ".load" => match first {
                // `.load(function …)` waits for a picture.
                None | Some(Literal::Raw(_) | Literal::Word(_)) if self.eval_any(first).is_none() => {
                    Asks::Nothing
                }
                _ => match self.address(first, None) {
                    Asks::Plain(raw) => Asks::Plain(raw.split(' ').next().unwrap_or_default().to_owned()),
                    other => other,
                },
            },
            "post" | "put" => Asks::Unclear,
            "jpage" | "lpage" => self.data_proxy(first),
            _ => self.request(first, &args),
        }
    }

    fn request(&self, first: Option<&Literal>, args: &[Literal]) -> Asks {
        if let Some(options @ Literal::Object(_)) = first {
            return self.by_options(options.field(&["url"]), options);
        }
        let options = args.iter().skip(1).find(|arg| matches!(arg, Literal::Object(_)));
        match (self.name, options) {
            ("ajax" | "fetch" | "request" | "axios" | "$http", Some(options)) => {
                self.by_options(first, options)
            }
            // axios.get(url, {params: {…}}); $.get(url, {…}).
            ("get", Some(options)) if options.field(&["params"]).is_some() => self.by_options(first, options),
            (_, data) => self.address(first, data),
        }
    }

    /// The arguments up to the one that is no literal, name or sum.
    fn arguments(&self) -> Option<Vec<Literal>> {
        let end = self.text.ceil_char_boundary((self.at + 4000).min(self.text.len()));
        // Read as a list: the parenthesis ends what the bracket would.
        let inner = self.text.get(self.at..end)?;
        let mut reader = Reader::new(inner, 0, MAX_STEPS);
        let mut args = Vec::new();
        loop {
            reader.blank();
            match reader.peek()? {
                ')' => return Some(args),
                ',' => reader.at += 1,
                _ => args.push(reader.argument()?),
            }
            if args.len() > 5 {
                return Some(args);
            }
        }
    }

    fn by_options(&self, url: Option<&Literal>, options: &Literal) -> Asks {
        let method = options.field(&["type", "method"]).map(|method| self.eval_any(Some(method)));
        match method {
            Some(Some(method)) if !method.eq_ignore_ascii_case("get") => return Asks::Unclear,
            Some(None) => return Asks::Unclear,
            _ => {}
        }
        self.address(url, options.field(&["data", "params"]))
    }

    fn address(&self, url: Option<&Literal>, data: Option<&Literal>) -> Asks {
        let Some(mut url) = self.eval_any(url).filter(|url| is_address(url)) else { return Asks::Unclear };
        match data {
            None => {}
            Some(Literal::Object(fields)) => {
                for (key, value) in fields {
                    let Some(value) = self.eval_any(Some(value)) else { return Asks::Unclear };
                    append(&mut url, key, &value);
                }
            }
            // $.get(url, callback)
            Some(Literal::Raw(raw)) if raw.starts_with("function") || raw.contains("=>") => {}
            Some(_) => return Asks::Unclear,
        }
        Asks::Plain(url)
    }

    /// The first group of records that a `jpage` of hanweb asks its proxy for.
    fn data_proxy(&self, options: Option<&Literal>) -> Asks {
        let Some(options) = options else { return Asks::Nothing };
        let proxy = options.field(&["proxyurl", "url"]);
        let Some(mut url) = self.eval_any(proxy).filter(|url| is_address(url)) else { return Asks::Unclear };
        if let Some(data) = options.field(&["ajaxparam", "ajaxdata", "params", "param", "data"]) {
            let per_page =
                options.field(&["perpage"]).and_then(|n| self.eval_any(Some(n))?.parse::<u32>().ok());
            let groups =
                options.field(&["groupsize"]).and_then(|n| self.eval_any(Some(n))?.parse::<u32>().ok());
            if let Some(per_page) = per_page {
                let end = per_page.saturating_mul(groups.unwrap_or(1)).min(500);
                append(&mut url, "startrecord", "1");
                append(&mut url, "endrecord", &end.to_string());
                append(&mut url, "perpage", &per_page.to_string());
            }
            return self.address(Some(&Literal::Text(url)), Some(data));
        }
        // Without parameters the proxy does not know which list is meant.
        if url.contains('?') { Asks::Plain(url) } else { Asks::Unclear }
    }

    /// The text that a literal or a sum of texts and names comes to.
    fn eval_any(&self, value: Option<&Literal>) -> Option<String> {
        match value? {
            Literal::Text(text) => Some(text.clone()),
            Literal::Word(word) => self.eval_word(word, 0),
            Literal::Raw(raw) => self.sum(raw, 0).map(|(text, _)| text),
            Literal::List(_) | Literal::Object(_) => None,
        }
    }

    /// The sum that begins a text, and the rest behind it; `None` where a part of it is neither text, number nor name of one.
    fn sum<'t>(&self, text: &'t str, names: u32) -> Option<(String, &'t str)> {
        let mut reader = Reader::new(text, 0, MAX_STEPS);
        let mut out = String::new();
        loop {
            reader.blank();
            match reader.peek()? {
                '"' | '\'' | '`' => out.push_str(&reader.string()?),
                _ => {
                    let rest = text.get(reader.at..)?;
                    let len = rest
                        .find(|c: char| !(c.is_alphanumeric() || "_$.".contains(c)))
                        .unwrap_or(rest.len());
                    out.push_str(&self.eval_word(rest.get(..len)?, names)?);
                    reader.at += len;
                }
            }
            reader.blank();
            if reader.peek() != Some('+') {
                let rest = text.get(reader.at..)?;
                // A call, an index or another operator goes on: not plain.
                let ends = rest.chars().next().is_none_or(|c| matches!(c, ';' | ',' | ')' | '}' | ']'))
                    || text.get(..reader.at).is_some_and(|read| read.ends_with('\n'))
                    || rest.starts_with("var ");
                return ends.then_some((out, rest));
            }
            reader.at += 1;
        }
    }

    /// A number as it stands, or the one text that a name is given on the page.
    fn eval_word(&self, word: &str, names: u32) -> Option<String> {
        if word.parse::<f64>().is_ok() || matches!(word, "true" | "false") {
            return Some(word.to_owned());
        }
        let is_name =
            word.starts_with(|c: char| c.is_alphabetic() || "_$".contains(c)) && !word.contains('.');
        if !is_name || names >= MAX_NAMES {
            return None;
        }
        let mut value = None;
        for text in self.texts {
            self.search.set(self.search.get().checked_sub(text.len())?);
            for (at, _) in text.match_indices(word) {
                self.search.set(self.search.get().checked_sub(HEAD)?);
                let part_of_name = |c: char| c.is_alphanumeric() || "_$.".contains(c);
                let before = text.get(..at)?;
                let after = text.get(at + word.len()..)?;
                if before.ends_with(part_of_name)
                    || after.starts_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$')
                {
                    continue;
                }
                let after = after.trim_start();
                if after.starts_with("+=")
                    || after.starts_with("++")
                    || after.starts_with("--")
                    || is_parameter(before)
                {
                    return None;
                }
                if after.starts_with('=') && !after.starts_with("==") && !after.starts_with("=>") {
                    let (given, _) = self.sum(after.get(1..)?, names + 1)?;
                    if value.replace(given.clone()).is_some_and(|known| known != given) {
                        return None;
                    }
                }
            }
        }
        value
    }
}

/// Whether what stands before a name makes it the parameter of a function: its value is then the caller's.
fn is_parameter(before: &str) -> bool {
    let before =
        before.get(before.ceil_char_boundary(before.len().saturating_sub(HEAD))..).unwrap_or_default();
    let Some(open) = before.rfind('(') else { return false };
    let between = before.get(open + 1..).unwrap_or_default();
    let listed = between.chars().all(|c| c.is_alphanumeric() || "_$, \t\r\n".contains(c));
    let head = before.get(..open).unwrap_or_default().trim_end();
    let head = head.trim_end_matches(|c: char| c.is_alphanumeric() || "_$".contains(c)).trim_end();
    listed
        && (head.ends_with("function")
            || before.get(..open).is_some_and(|head| head.trim_end().ends_with("function")))
}

/// Whether a text can be the address of a request.
pub(super) fn is_address(text: &str) -> bool {
    let text = text.trim();
    !text.is_empty()
        && text.len() < 2000
        && !text.starts_with('#')
        && !text.contains(['{', '}', '<', '>', '\n'])
        && (text.contains('/') || text.contains('.') || text.contains('?'))
        && !text.to_ascii_lowercase().starts_with("javascript:")
}

fn append(url: &mut String, key: &str, value: &str) {
    let encode = |text: &str| -> String { url::form_urlencoded::byte_serialize(text.as_bytes()).collect() };
    url.push(if url.contains('?') { '&' } else { '?' });
    url.push_str(&encode(key));
    url.push('=');
    url.push_str(&encode(value));
}
