//! `xuncha inspect`: how the program reads one page, one URL, one robots.txt, one feed, one text. The same code as the patrol's.

pub mod feed;
pub mod page;
pub mod robots;
pub mod text;
pub mod url;

use std::process::ExitCode;

use clap::Subcommand;

use super::Failure;

/// Arguments of `xuncha inspect`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What to look at.
    #[command(subcommand)]
    pub what: What,
}

/// What can be inspected.
#[derive(Debug, Subcommand)]
pub enum What {
    /// 对一个页面的解读
    Page(page::Args),
    /// 对一个订阅源（RSS、Atom、JSON Feed）的解读
    Feed(feed::Args),
    /// 链接地址的解析（按 WHATWG 标准）；不给 HREF 时从标准输入逐行读取 JSON
    Url(url::Args),
    /// 某个地址是否允许抓取（退出码 0 允许，1 不允许）
    Robots(robots::Args),
    /// 逐行读取标准输入，指出错别字
    Text(text::Args),
}

/// Runs the command.
///
/// # Errors
/// As [`Failure`] tells.
pub fn run(args: &Args) -> Result<ExitCode, Failure> {
    match &args.what {
        What::Page(args) => page::run(args),
        What::Feed(args) => feed::run(args),
        What::Url(args) => url::run(args),
        What::Robots(args) => robots::run(args),
        What::Text(args) => text::run(args),
    }
}
