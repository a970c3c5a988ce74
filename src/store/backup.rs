//! Copies of a database beside it, whole or not at all: the newest few are kept.

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::StoreError;
use crate::calendar::Instant8;

/// Backups kept of one database.
pub const KEEP: usize = 3;

/// Writes a consistent copy of the database at `path`, open as `conn`, into `backup/` beside it and drops all
/// but the newest [`KEEP`]. A copy that was broken off never looks like a backup.
///
/// # Errors
/// [`StoreError`] where the copy could not be written; older backups are then all still there.
pub fn write(conn: &Connection, path: &Path, at: Instant8) -> Result<PathBuf, StoreError> {
    let (folder, stem) = place(path);
    let io = |path: &Path| {
        let path = path.to_owned();
        move |source| StoreError::Io { path, source }
    };
    std::fs::create_dir_all(&folder).map_err(io(&folder))?;
    let target = folder.join(format!("{stem}-{}.db", at.format("%Y%m%d-%H%M%S%.3f")));
    let part = folder.join(format!("{stem}.part"));
    if part.exists() {
        std::fs::remove_file(&part).map_err(io(&part))?;
    }
    conn.execute("VACUUM INTO ?1", [part.to_string_lossy()])
        .map_err(|source| StoreError::Sqlite { path: part.clone(), source })?;
    std::fs::File::open(&part).and_then(|file| file.sync_all()).map_err(io(&part))?;
    std::fs::rename(&part, &target).map_err(io(&target))?;
    let mut all = list(path);
    while all.len() > KEEP {
        let oldest = all.remove(0);
        std::fs::remove_file(&oldest).map_err(io(&oldest))?;
    }
    Ok(target)
}

/// The newest backup of the database at `path`.
pub fn newest(path: &Path) -> Option<PathBuf> {
    list(path).pop()
}

/// Backups of the database at `path`, oldest first.
pub fn list(path: &Path) -> Vec<PathBuf> {
    let (folder, stem) = place(path);
    let prefix = format!("{stem}-");
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|file| {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with(&prefix) && file.extension().is_some_and(|e| e == "db")
        })
        .collect();
    found.sort();
    found
}

fn place(path: &Path) -> (PathBuf, String) {
    let folder = path.parent().unwrap_or(Path::new("")).join("backup");
    (folder, path.file_stem().unwrap_or_default().to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::from_millis;
    use crate::store::{Pragmas, open};

    #[test]
    fn keeps_the_newest_three_and_each_can_be_opened() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("ledger.db");
        let conn = open(&path, &Pragmas::default()).expect("opens");
        conn.execute_batch("CREATE TABLE t (x INTEGER)").expect("creates");
        std::fs::create_dir(dir.path().join("backup")).expect("creates");
        std::fs::write(dir.path().join("backup/ledger.part"), b"broken off").expect("writes");
        let mut written = Vec::new();
        for n in 0..5_i64 {
            conn.execute("INSERT INTO t VALUES (?1)", [n]).expect("inserts");
            written.push(write(&conn, &path, from_millis(1_793_000_000_000 + n)).expect("copies"));
        }
        assert_eq!(list(&path), written.split_off(2));
        let copy = open(&newest(&path).expect("one"), &Pragmas::default()).expect("opens");
        let rows: i64 = copy.query_row("SELECT count(*) FROM t", [], |row| row.get(0)).expect("counts");
        assert_eq!(rows, 5);
    }
}
