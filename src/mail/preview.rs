//! Letters as files: what a person looks at before approving, and what is carried by hand where mail does not go.

use std::io;
use std::path::{Path, PathBuf};

use super::compose::{Templates, message};
use super::letters::{Letter, LetterError};
use super::official;
use crate::calendar::Instant8;
use crate::config::valid::Config;
use crate::report::render;
use crate::report::wording::one_line;

/// Why a preview could not be written.
#[derive(Debug, thiserror::Error)]
pub enum PreviewError {
    /// The letter cannot be composed.
    #[error(transparent)]
    Letter(#[from] LetterError),
    /// A file could not be written.
    #[error("{path}：{source}", path = .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The failure.
        source: io::Error,
    },
}

/// Writes each letter into `dir`: `01_单位.txt`, `.html`, its attachments in the folder `01_单位`, and `.eml` where
/// it goes by mail. Returns the paths without the attachments, in order.
///
/// # Errors
/// [`PreviewError`] for the first letter that cannot be composed or written.
pub fn write(
    dir: &Path,
    letters: &[Letter],
    templates: &Templates,
    config: &Config,
    at: Instant8,
) -> Result<Vec<PathBuf>, PreviewError> {
    let mut paths = Vec::new();
    for (n, letter) in (1usize..).zip(letters) {
        let written = templates.write(letter, config)?;
        let name = format!("{n:02}_{}_{}", plain_name(&letter.unit), letter.kind.label());
        let folder = dir.join(&name);
        create(&folder)?;
        let mut files = vec![
            (dir.join(format!("{name}.txt")), written.text.clone().into_bytes()),
            (dir.join(format!("{name}.html")), written.html.clone().into_bytes()),
        ];
        if letter.to.is_some() {
            files.push((dir.join(format!("{name}.eml")), message(letter, &written, config, at)?.bytes));
        }
        for (path, bytes) in files {
            put(&path, &bytes)?;
            paths.push(path);
        }
        for (file, bytes) in &written.attachments {
            put(&folder.join(plain_name(file)), bytes)?;
        }
    }
    Ok(paths)
}

/// Writes each letter as a folder of its own in `dir`, ready to be carried: `01_单位_文书` with 正文 (as official document and as
/// the mail has it) and its workbooks.
/// Returns the folders, in the order of the letters.
///
/// # Errors
/// As [`write()`].
pub fn parcels(
    dir: &Path,
    letters: &[Letter],
    templates: &Templates,
    config: &Config,
) -> Result<Vec<PathBuf>, PreviewError> {
    let mut folders = Vec::new();
    for (n, letter) in (1usize..).zip(letters) {
        let written = templates.write(letter, config)?;
        let folder = dir.join(format!("{n:02}_{}_{}", plain_name(&letter.unit), letter.kind.label()));
        create(&folder)?;
        let official = render::docx::docx(&official::paper(letter, &written))
            .map_err(|error| LetterError::Build(error.to_string()))?;
        put(&folder.join("正文.docx"), &official)?;
        put(&folder.join("正文.txt"), written.text.as_bytes())?;
        put(&folder.join("正文.html"), written.html.as_bytes())?;
        for (file, bytes) in &written.attachments {
            put(&folder.join(plain_name(file)), bytes)?;
        }
        folders.push(folder);
    }
    Ok(folders)
}

/// A name that is one path component on every system.
fn plain_name(name: &str) -> String {
    let safe: String =
        one_line(name).chars().map(|c| if r#"/\:*?"<>|"#.contains(c) { '_' } else { c }).take(80).collect();
    if safe.trim_matches('.').is_empty() { "_".to_owned() } else { safe }
}

fn create(dir: &Path) -> Result<(), PreviewError> {
    std::fs::create_dir_all(dir).map_err(|source| PreviewError::Io { path: dir.to_owned(), source })
}

fn put(path: &Path, bytes: &[u8]) -> Result<(), PreviewError> {
    std::fs::write(path, bytes).map_err(|source| PreviewError::Io { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_inside_the_folder() {
        assert_eq!(plain_name("../../etc/passwd"), ".._.._etc_passwd");
        assert_eq!(plain_name(".."), "_");
        assert_eq!(plain_name("示例县人民政府办公室"), "示例县人民政府办公室");
    }
}
