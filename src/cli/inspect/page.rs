//! `xuncha inspect page`: everything the program reads off one page, as one JSON object.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use chrono::NaiveDate;
use scraper::{Html, Selector};
use url::Url;

use super::super::{Failure, runtime};
use crate::calendar::{self, Instant8};
use crate::crawl::budget::CpuBudget;
use crate::facts::html;
use crate::facts::page::{PageContext, PageFacts};

/// Processor time given to the reading of one page.
const DEADLINE: Duration = Duration::from_millis(900);

/// Arguments of `xuncha inspect page`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// 页面文件或网址
    #[arg(value_name = "FILE|URL")]
    source: String,
    /// 页面自身的网址（解读本地文件时用作链接的基准）
    #[arg(long)]
    url: Option<Url>,
    /// Content-Type 响应头
    #[arg(long, value_name = "CT")]
    content_type: Option<String>,
    /// 以哪一天为准判断日期，默认今天（+08:00）
    #[arg(long, value_name = "DATE")]
    as_of: Option<NaiveDate>,
    /// 输出 JSON（默认）
    #[arg(long)]
    json: bool,
    /// 只列出与 CSS 选择器相符的内容：每行一处，文字、制表符、链接
    #[arg(long, value_name = "CSS", conflicts_with = "json")]
    select: Option<String>,
}

/// A page to read, wherever it came from.
struct Source {
    body: Vec<u8>,
    url: Url,
    content_type: Option<String>,
    status: Option<u16>,
}

/// Runs the command.
///
/// # Errors
/// As [`Failure`] tells; a page that is broken or hostile is none.
pub fn run(args: &Args) -> Result<ExitCode, Failure> {
    let _ = args.json;
    let source = match Url::parse(&args.source) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => fetch(&url)?,
        _ => open(&args.source, args.url.clone())?,
    };
    if let Some(selector) = &args.select {
        crate::cli::print(&select(&source, selector)?);
        return Ok(ExitCode::SUCCESS);
    }
    let as_of = args.as_of.map_or_else(crate::patrol::now, calendar::end_of_day);
    let facts = read(&source, args, as_of);
    // A page of many links fills megabytes, which standard output alone would write by the line's thousand bytes.
    let mut out = std::io::BufWriter::with_capacity(1 << 16, std::io::stdout().lock());
    serde_json::to_writer(&mut out, &facts).context("writing the result")?;
    writeln!(out).and_then(|()| out.flush()).context("writing the result")?;
    Ok(ExitCode::SUCCESS)
}

fn read(source: &Source, args: &Args, as_of: Instant8) -> PageFacts {
    let cx = PageContext {
        url: args.url.as_ref().unwrap_or(&source.url),
        content_type: args.content_type.as_deref().or(source.content_type.as_deref()),
        status: source.status,
        as_of,
        want_structure: true,
    };
    html::read_page(&source.body, &cx, CpuBudget::start(DEADLINE).check())
}

fn open(path: &str, url: Option<Url>) -> Result<Source, Failure> {
    let body =
        std::fs::read(path).map_err(|error| Failure::Usage(format!("无法读取文件 {path}：{error}")))?;
    let url = if let Some(url) = url {
        url
    } else {
        let absolute = std::path::absolute(Path::new(path)).context("resolving the path")?;
        Url::from_file_path(absolute).map_err(|()| Failure::Usage(format!("无法由路径得出网址：{path}")))?
    };
    Ok(Source { body, url, content_type: None, status: None })
}

/// Asks for the page as a patrol would: through robots.txt, the egress policy and the same limits.
fn fetch(url: &Url) -> Result<Source, Failure> {
    let fetched = runtime::block_on(crate::patrol::fetch_one(url))?;
    match fetched.exchange.outcome {
        Ok(reply) => Ok(Source {
            body: fetched.body,
            url: Url::parse(&reply.url).context("the answer's URL")?,
            content_type: reply.header("content-type").map(str::to_owned),
            status: Some(reply.status),
        }),
        Err(error) => Err(Failure::Busy(format!("{url}：{}", crate::report::wording::fetch_error(&error)))),
    }
}

/// What a CSS selector matches, a line a match: its text, and where it leads. For trying a selector before it is
/// written into a rule or a register.
fn select(source: &Source, selector: &str) -> Result<String, Failure> {
    let wrong = |why: String| Failure::Usage(format!("选择器“{selector}”有误：{why}"));
    let parsed = Selector::parse(selector).map_err(|error| wrong(error.to_string()))?;
    let decoded = crate::facts::decode::decode(&source.body, source.content_type.as_deref());
    let tree = Html::parse_document(&decoded.text);
    let mut out = String::new();
    for found in tree.select(&parsed) {
        let text = found.text().collect::<String>();
        let href = found.value().attr("href").or_else(|| found.value().attr("src")).unwrap_or_default();
        let text = crate::report::wording::one_line(&text);
        let url = crate::url::whatwg_href(source.url.as_str(), href).filter(|_| !href.is_empty());
        let _ = writeln!(out, "{text}\t{}", url.unwrap_or_default());
    }
    Ok(out)
}
