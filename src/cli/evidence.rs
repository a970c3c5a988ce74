//! The evidence of one case as files: what was asked and answered at each look, and the page as it was then.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::Failure;
use crate::finding::Look;
use crate::ledger::case::Case;
use crate::report::wording::{fetch_error, one_line};
use crate::store::facts::FactsDb;

/// Writes the looks of a case into `out`: `第1次核查.txt` and, where the page was kept, `第1次核查_页面快照.txt`. The
/// snapshot is the source as it came, kept as text so that opening it runs nothing. `第1次核查_页面截图.png` is there where a browser
/// showed the page.
///
/// # Errors
/// If `facts.db` or the folder cannot be used.
pub(super) fn write(case: &Case, state_dir: &Path, out: &Path) -> Result<Vec<PathBuf>, Failure> {
    let db = FactsDb::open(state_dir)?;
    std::fs::create_dir_all(out).with_context(|| format!("cannot create {}", out.display()))?;
    let mut written = Vec::new();
    for (number, look) in (1..).zip(&case.finding.evidence.looks) {
        let mut put = |name: String, bytes: &[u8]| -> Result<(), Failure> {
            let path = out.join(name);
            std::fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
            written.push(path);
            Ok(())
        };
        put(format!("第{number}次核查.txt"), record(case, look).as_bytes())?;
        if let Some(body) = db.body(&look.body_sha256)? {
            put(format!("第{number}次核查_页面快照.txt"), &body)?;
        }
        if let Some(picture) = db.picture(&look.url, look.at)? {
            put(format!("第{number}次核查_页面截图.png"), &picture)?;
        }
    }
    Ok(written)
}

fn record(case: &Case, look: &Look) -> String {
    let mut text = format!(
        "问题编号：{}\n问题类型：{}\n问题描述：{}\n核查时间：{}\n请求网址：{}\n",
        case.number,
        case.finding.title,
        one_line(&case.finding.description),
        look.at.format("%Y-%m-%d %H:%M:%S"),
        one_line(&look.url)
    );
    for hop in &look.hops {
        let _ = writeln!(text, "跳　　转：{} {} → {}", hop.status, one_line(&hop.url), one_line(&hop.to));
    }
    let _ = writeln!(text, "服务器地址：{}", look.addr.as_deref().unwrap_or("（未连接）"));
    match (&look.status, &look.error) {
        (Some(status), _) => {
            let _ = writeln!(text, "返回状态：{status}");
        }
        (None, Some(error)) => {
            let _ = writeln!(text, "结　　果：{}", fetch_error(error));
        }
        (None, None) => {}
    }
    if !look.body_sha256.is_empty() {
        let _ = writeln!(text, "页面SHA-256：{}", look.body_sha256);
    }
    text.push_str("响应头：\n");
    for (name, value) in &look.headers {
        let _ = writeln!(text, "  {}: {}", one_line(name), one_line(value));
    }
    text
}
