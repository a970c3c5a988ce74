//! `xuncha inspect page`.

use std::process::ExitCode;

use super::Failure;

/// Arguments of `xuncha inspect page`.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Runs the command.
///
/// # Errors
/// As [`Failure`] tells.
pub fn run(_args: &Args) -> Result<ExitCode, Failure> {
    Err(Failure::Usage("not there yet".to_owned()))
}
