//! `xuncha inspect text`: the typos of texts from standard input, one a line.

use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use serde::Serialize;

use crate::cli::Failure;
use crate::words::{Hit, Tier, Words};

/// Arguments of `xuncha inspect text`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// 每行一个JSON对象（不加时也逐行输出，供人阅读）
    #[arg(long)]
    pub json: bool,
    /// 连同体例类（第三档，默认不查）
    #[arg(long)]
    pub style: bool,
    /// 规则文件夹，其中words/为自有词表
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

/// More than standard input's own buffer, so that this one is empty only where nothing more has come yet.
const BUFFER: usize = 64 << 10;

/// One text's hits.
#[derive(Serialize)]
struct Line<'a> {
    hits: &'a [Hit],
}

/// Runs the command.
///
/// # Errors
/// Faults of the word lists; standard input that cannot be read.
pub fn run(args: &Args) -> Result<ExitCode, Failure> {
    let files = crate::cli::words::files(args.dir.as_deref())?;
    let words = Words::load(&files).map_err(Failure::from)?;
    let most = if args.style { Tier::Style } else { Tier::Context };
    let mut input = BufReader::with_capacity(BUFFER, std::io::stdin().lock());
    let mut output = BufWriter::new(std::io::stdout().lock());
    let mut line = Vec::new();
    loop {
        line.clear();
        if input.read_until(b'\n', &mut line).map_err(anyhow::Error::from)? == 0 {
            break;
        }
        let text = String::from_utf8_lossy(&line);
        let text = text.trim_end_matches(['\n', '\r']);
        let hits = words.find(text, most);
        if args.json {
            serde_json::to_writer(&mut output, &Line { hits: &hits }).map_err(anyhow::Error::from)?;
            output.write_all(b"\n").map_err(anyhow::Error::from)?;
        } else {
            for hit in &hits {
                let (at, tier) = (hit.start + 1, hit.tier.number());
                writeln!(output, "第{at}字 第{tier}档 {} → {}", hit.wrong, hit.right)
                    .map_err(anyhow::Error::from)?;
            }
        }
        // Whoever asks line by line waits for each answer.
        if input.buffer().is_empty() {
            output.flush().map_err(anyhow::Error::from)?;
        }
    }
    output.flush().map_err(anyhow::Error::from)?;
    Ok(ExitCode::SUCCESS)
}
