//! `xuncha inspect`: how the program reads a page, a URL, a robots.txt.

pub mod page;

use std::process::ExitCode;

use clap::Subcommand;

use super::Failure;

/// Arguments of `xuncha inspect`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What to look at.
    #[command(subcommand)]
    what: What,
}

/// The things that can be looked at.
#[derive(Debug, Subcommand)]
enum What {
    /// 解读一个页面：栏目列表、日期、标签、链接
    Page(page::Args),
}

/// Runs the command.
///
/// # Errors
/// As [`Failure`] tells.
pub fn run(args: &Args) -> Result<ExitCode, Failure> {
    match &args.what {
        What::Page(args) => page::run(args),
    }
}
