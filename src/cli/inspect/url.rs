//! `xuncha inspect url`: one link resolved by the WHATWG rules, or JSON lines on standard input.

use std::io::{self, BufRead, Write};
use std::process::ExitCode;

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use super::Failure;
use crate::url::whatwg_href;

/// Arguments of `xuncha inspect url`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// 链接所在页面的地址
    #[arg(long, value_name = "B", allow_hyphen_values = true)]
    pub base: Option<String>,
    /// 链接；不给时从标准输入读取 {"base":…,"href":…}，每行一个
    #[arg(value_name = "HREF", allow_hyphen_values = true)]
    pub href: Option<String>,
}

/// Runs the command.
///
/// # Errors
/// As [`Failure`] tells.
pub fn run(args: &Args) -> Result<ExitCode, Failure> {
    let mut out = io::stdout().lock();
    if let Some(href) = &args.href {
        write_line(&mut out, whatwg_href(args.base.as_deref().unwrap_or_default(), href))?;
    } else {
        answer_lines(io::stdin().lock(), &mut out, args.base.as_deref().unwrap_or_default())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// One line of input. A base that is absent, null or empty is none; `about:blank` is a base like any other.
#[derive(Deserialize)]
struct Question {
    #[serde(default)]
    base: Option<String>,
    href: String,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Line {
    Href(String),
    Failure(bool),
}

fn answer_lines(mut input: impl BufRead, out: &mut impl Write, base: &str) -> Result<(), Failure> {
    let mut out = io::BufWriter::new(out);
    let mut line = Vec::new();
    loop {
        line.clear();
        if input.read_until(b'\n', &mut line).context("standard input")? == 0 {
            break;
        }
        let href = question(&String::from_utf8_lossy(&line))
            .and_then(|q| whatwg_href(q.base.as_deref().unwrap_or(base), &q.href));
        write_line(&mut out, href)?;
        // Whoever talks to us line by line waits for the answer before the next question.
        if !input.fill_buf().context("standard input")?.contains(&b'\n') {
            out.flush().context("standard output")?;
        }
    }
    out.flush().context("standard output")?;
    Ok(())
}

fn write_line(out: &mut impl Write, href: Option<String>) -> Result<(), Failure> {
    let line = serde_json::to_string(&href.map_or(Line::Failure(true), Line::Href)).context("JSON")?;
    writeln!(out, "{line}").context("standard output")?;
    Ok(())
}

fn question(line: &str) -> Option<Question> {
    serde_json::from_str(line).or_else(|_| serde_json::from_str(&without_lone_surrogates(line))).ok()
}

/// JSON may escape half a surrogate pair, which no Rust string can hold; a URL parser sees U+FFFD in its place.
fn without_lone_surrogates(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find('\\') {
        let (plain, escape) = rest.split_at(at);
        out.push_str(plain);
        let len = match (unit(escape), escape.get(6..).and_then(unit)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 12,
            (Some(0xd800..=0xdfff), _) => {
                out.push_str("\\ufffd");
                rest = escape.get(6..).unwrap_or_default();
                continue;
            }
            _ => 1 + escape.chars().nth(1).map_or(0, char::len_utf8),
        };
        let (kept, after) = escape.split_at(len);
        out.push_str(kept);
        rest = after;
    }
    out.push_str(rest);
    out
}

/// The UTF-16 unit that `\uXXXX` at the start of `escape` stands for.
fn unit(escape: &str) -> Option<u16> {
    let digits = escape.strip_prefix("\\u")?.get(..4)?;
    digits.bytes().all(|b| b.is_ascii_hexdigit()).then(|| u16::from_str_radix(digits, 16).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(input: &str) -> Vec<String> {
        let mut out = Vec::new();
        answer_lines(input.as_bytes(), &mut out, "").expect("answers");
        String::from_utf8(out).expect("text").lines().map(str::to_owned).collect()
    }

    #[test]
    fn one_line_out_per_line_in() {
        let input = concat!(
            r#"{"base":"http://a/b","href":"c"}"#,
            "\n",
            "not json\n",
            "\n",
            r#"{"base":null,"href":"http://x"}"#,
            "\n",
            r#"{"href":"c"}"#,
            "\n",
            r#"{"base":"about:blank","href":"mailto:x"}"#,
        );
        assert_eq!(
            answers(input),
            [
                r#"{"href":"http://a/c"}"#,
                r#"{"failure":true}"#,
                r#"{"failure":true}"#,
                r#"{"href":"http://x/"}"#,
                r#"{"failure":true}"#,
                r#"{"href":"mailto:x"}"#,
            ]
        );
    }

    #[test]
    fn half_a_surrogate_pair_is_read() {
        assert_eq!(
            answers(r#"{"base":null,"href":"http://a/\ud800\ud83d\ude00\\ud800\udfff"}"#),
            [r#"{"href":"http://a/%EF%BF%BD%F0%9F%98%80/ud800%EF%BF%BD"}"#]
        );
    }
}
