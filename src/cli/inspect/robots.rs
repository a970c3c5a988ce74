//! `xuncha inspect robots`: whether a robots.txt lets an agent fetch a URL; 0 allowed, 1 not allowed.

use std::path::PathBuf;
use std::process::ExitCode;

use super::Failure;
use crate::crawl::robots::Robots;
use crate::url::CanonicalUrl;

/// Arguments of `xuncha inspect robots`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// robots.txt 文件
    #[arg(long, value_name = "F")]
    pub file: PathBuf,
    /// 抓取程序的 User-Agent，如 xuncha/0.1
    #[arg(long, value_name = "UA", allow_hyphen_values = true)]
    pub agent: String,
    /// 要抓取的地址
    #[arg(value_name = "URL")]
    pub url: String,
}

/// Runs the command.
///
/// # Errors
/// [`Failure::Usage`] where the file cannot be read.
pub fn run(args: &Args) -> Result<ExitCode, Failure> {
    let text = std::fs::read(&args.file)
        .map_err(|error| Failure::Usage(format!("{}: {error}", args.file.display())))?;
    // The patrol asks with canonical URLs. What is asked here need not be one: it is allowed where both spellings are.
    let robots = Robots::parse(&text);
    let canonical = CanonicalUrl::parse(&args.url).map(String::from).ok();
    let allowed = [Some(args.url.as_str()), canonical.as_deref()]
        .into_iter()
        .flatten()
        .all(|url| robots.allows(&args.agent, url));
    Ok(if allowed { ExitCode::SUCCESS } else { ExitCode::from(1) })
}
