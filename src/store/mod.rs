//! SQLite: the only place that writes SQL. Owns what its databases share: how a file is opened, and the errors.

pub mod accounts;
pub mod answers;
pub mod backup;
pub mod batches;
pub mod chain;
mod codes;
pub mod facts;
pub mod folds;
pub mod inspections;
pub mod ledger;
pub mod outbox;
pub mod own;
mod pages;
pub mod recording;
pub mod rendered;
pub mod replies;
pub mod samples;
pub mod seen;
pub mod texts;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode};

use crate::ledger::case::Illegal;

/// How one database file is opened, beyond what all of them share: WAL, `synchronous=FULL`, foreign keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pragmas {
    /// How long a statement waits for another process's write.
    pub busy_timeout: Duration,
    /// Page cache in KiB.
    pub cache_kib: u32,
    /// Size in bytes of the pages of a file that is created; one that is there keeps its own. Rows of many kilobytes want larger
    /// pages than SQLite's own 4,096.
    pub page_bytes: u32,
    /// Whether the whole file is checked when it is opened: reads it once, so not for files of gigabytes.
    pub quick_check: bool,
}

impl Default for Pragmas {
    fn default() -> Self {
        Self {
            busy_timeout: Duration::from_secs(10),
            cache_kib: 8 << 10,
            page_bytes: 4 << 10,
            quick_check: true,
        }
    }
}

/// Why the store could not do what it was asked for. Never a matter of the sites.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The SQLite that is linked can corrupt a WAL file (3.7.0 to 3.51.2).
    #[error("SQLite 版本 {0} 有损坏数据的缺陷，至少需要 3.51.3")]
    Version(String),
    /// The folder lies on a network file system, where SQLite's locks cannot be trusted.
    #[error("{path} 位于网络文件系统（{kind}），数据库必须放在本机磁盘上", path = .path.display())]
    Remote {
        /// The folder.
        path: PathBuf,
        /// The file system's type.
        kind: String,
    },
    /// The file is damaged or is no database. It is left as it is.
    #[error("{path} 已损坏：{detail}。请勿继续写入；{}", hint(.backup.as_deref()), path = .path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What the check said.
        detail: String,
        /// The newest backup.
        backup: Option<PathBuf>,
    },
    /// There is no ledger where one was expected.
    #[error("{path} 不存在；{}", hint(.backup.as_deref()), path = .path.display())]
    Missing {
        /// The file.
        path: PathBuf,
        /// The newest backup.
        backup: Option<PathBuf>,
    },
    /// The file was written by a newer version, or its migrations were changed.
    #[error("{path} 的结构与本程序不符（是否由更新的版本建立？）：{source}", path = .path.display())]
    Schema {
        /// The file.
        path: PathBuf,
        /// What the migration said.
        source: refinery::Error,
    },
    /// SQLite failed.
    #[error("{path}：{}", in_words(.source), path = .path.display())]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// The failure.
        source: rusqlite::Error,
    },
    /// A file beside the database could not be written.
    #[error("{path}：{source}", path = .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The failure.
        source: std::io::Error,
    },
    /// A row does not hold what it should.
    #[error("台账内容无法读取（{place}）：{detail}")]
    Content {
        /// Which row.
        place: String,
        /// What is wrong with it.
        detail: String,
    },
    /// The case does not allow it.
    #[error(transparent)]
    Illegal(#[from] Illegal),
    /// There is no such case or batch, or an argument makes no sense.
    #[error("{0}")]
    Unknown(String),
}

impl StoreError {
    /// Whether the caller asked for something that cannot be; everything else is the machine's or ours.
    pub fn is_callers(&self) -> bool {
        matches!(self, Self::Illegal(_) | Self::Unknown(_) | Self::Missing { .. })
    }

    /// Whether a resource is in the way: another process, a full disk, missing rights.
    pub fn is_resource(&self) -> bool {
        match self {
            Self::Remote { .. } | Self::Io { .. } => true,
            Self::Sqlite { source, .. } => matches!(
                source.sqlite_error_code(),
                Some(
                    ErrorCode::DatabaseBusy
                        | ErrorCode::DatabaseLocked
                        | ErrorCode::DiskFull
                        | ErrorCode::ReadOnly
                        | ErrorCode::CannotOpen
                        | ErrorCode::PermissionDenied
                        | ErrorCode::SystemIoFailure
                )
            ),
            _ => false,
        }
    }
}

/// The oldest SQLite that is free of the WAL-reset corruption, as `sqlite3_libversion_number` counts.
const OLDEST_SQLITE: i32 = 3_051_003;

/// Opens the database at `path` (creating it), as every database of the program is opened: WAL,
/// `synchronous=FULL`, foreign keys, and triggers that hold for `REPLACE` as well.
///
/// # Errors
/// [`StoreError`] where SQLite is too old, the disk is not local, or the file is damaged or cannot be opened.
pub fn open(path: &Path, pragmas: &Pragmas) -> Result<Connection, StoreError> {
    if !is_sound(rusqlite::version_number()) {
        return Err(StoreError::Version(rusqlite::version().to_owned()));
    }
    if let Some(kind) = remote_kind(path) {
        return Err(StoreError::Remote { path: path.to_owned(), kind });
    }
    let failed = |source: rusqlite::Error| match source.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => StoreError::Corrupt {
            path: path.to_owned(),
            detail: source.to_string(),
            backup: backup::newest(path),
        },
        _ => StoreError::Sqlite { path: path.to_owned(), source },
    };
    let conn = Connection::open(path).map_err(failed)?;
    conn.busy_timeout(pragmas.busy_timeout).map_err(failed)?;
    conn.pragma_update(None, "page_size", pragmas.page_bytes).map_err(failed)?;
    let mode: String =
        conn.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0)).map_err(failed)?;
    if !mode.eq_ignore_ascii_case("wal") {
        return Err(StoreError::Remote { path: path.to_owned(), kind: format!("journal_mode={mode}") });
    }
    for (name, value) in [
        ("synchronous", "FULL"),
        ("foreign_keys", "ON"),
        ("recursive_triggers", "ON"),
        ("trusted_schema", "OFF"),
        ("cell_size_check", "ON"),
    ] {
        conn.pragma_update(None, name, value).map_err(failed)?;
    }
    conn.pragma_update(None, "cache_size", -i64::from(pragmas.cache_kib)).map_err(failed)?;
    if pragmas.quick_check {
        let verdict: String =
            conn.pragma_query_value(None, "quick_check", |row| row.get(0)).map_err(failed)?;
        if verdict != "ok" {
            return Err(StoreError::Corrupt {
                path: path.to_owned(),
                detail: verdict,
                backup: backup::newest(path),
            });
        }
    }
    Ok(conn)
}

/// Keeps other processes from opening a database of the same folder while this one creates or migrates it, until the guard
/// is dropped: SQLite does not wait while the journal's mode changes, and two that migrate would each do it.
///
/// # Errors
/// [`StoreError::Io`] if the lock's file cannot be made or locked.
pub(crate) fn alone(database: &Path) -> Result<File, StoreError> {
    let path = database.with_file_name("opening.lock");
    let failed = |source| StoreError::Io { path: path.clone(), source };
    let file =
        File::options().create(true).truncate(false).read(true).write(true).open(&path).map_err(failed)?;
    file.lock().map_err(failed)?;
    Ok(file)
}

/// A closure that names the file in SQLite's errors.
pub(crate) fn at(path: &Path) -> impl Fn(rusqlite::Error) -> StoreError + Copy + '_ {
    move |source| StoreError::Sqlite { path: path.to_owned(), source }
}

fn is_sound(version: i32) -> bool {
    version >= OLDEST_SQLITE
}

/// The type of the network file system that `path` lies on, where it does.
fn remote_kind(path: &Path) -> Option<String> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = folder.canonicalize().ok()?;
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").ok()?;
    kind_of_mount(&mounts, &folder).filter(|kind| {
        ["nfs", "cifs", "smb", "afs", "ncpfs", "fuse.sshfs", "ceph", "glusterfs", "fuse.glusterfs"]
            .iter()
            .any(|remote| kind.starts_with(remote))
    })
}

/// The file system type of the innermost mount above `folder`, from the text of `/proc/self/mountinfo`.
fn kind_of_mount(mounts: &str, folder: &Path) -> Option<String> {
    mounts
        .lines()
        .filter_map(|line| {
            let (before, after) = line.split_once(" - ")?;
            let mount_point = before.split(' ').nth(4)?.replace("\\040", " ");
            let kind = after.split(' ').next()?;
            folder.starts_with(&mount_point).then(|| (mount_point.len(), kind.to_owned()))
        })
        // The later of two mounts on one point hides the earlier.
        .max_by_key(|(length, _)| *length)
        .map(|(_, kind)| kind)
}

fn hint(backup: Option<&Path>) -> String {
    match backup {
        Some(backup) => format!("最近的备份是 {}，请先恢复", backup.display()),
        None => "没有找到备份".to_owned(),
    }
}

fn in_words(source: &rusqlite::Error) -> String {
    let words = match source.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => "正被另一个进程使用",
        Some(ErrorCode::DiskFull) => "磁盘已满",
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => "没有写入权限",
        Some(ErrorCode::CannotOpen) => "无法打开",
        Some(ErrorCode::SystemIoFailure) => "磁盘读写失败",
        _ => return source.to_string(),
    };
    format!("{words}（{source}）")
}

#[cfg(test)]
mod tests {
    use rusqlite::types::Value;

    use super::*;

    #[test]
    fn versions_that_corrupt_are_refused() {
        assert!(!is_sound(3_040_001) && !is_sound(3_051_002));
        assert!(is_sound(3_051_003) && is_sound(rusqlite::version_number()));
    }

    #[test]
    fn opens_with_the_promised_pragmas() {
        let dir = tempfile::tempdir().expect("a folder");
        let conn = open(&dir.path().join("a.db"), &Pragmas::default()).expect("opens");
        let pragma =
            |name: &str| conn.pragma_query_value(None, name, |row| row.get::<_, Value>(0)).expect("a value");
        assert_eq!(pragma("journal_mode"), Value::Text("wal".to_owned()));
        assert_eq!(pragma("synchronous"), Value::Integer(2));
        assert_eq!(pragma("foreign_keys"), Value::Integer(1));
        assert_eq!(pragma("recursive_triggers"), Value::Integer(1));
        assert_eq!(pragma("busy_timeout"), Value::Integer(10_000));
    }

    #[test]
    fn those_who_open_a_new_database_at_once_all_get_it() {
        for _ in 0..8 {
            let dir = tempfile::tempdir().expect("a folder");
            let open = || facts::FactsDb::open(dir.path()).map(|db| db.urls().expect("reads").len());
            let opened = std::thread::scope(|scope| {
                let all: Vec<_> = (0..6).map(|_| scope.spawn(open)).collect();
                all.into_iter().map(|one| one.join().expect("no panic")).collect::<Vec<_>>()
            });
            for one in opened {
                assert_eq!(one.expect("opens"), 0);
            }
        }
    }

    #[test]
    fn damage_is_named_and_nothing_is_overwritten() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("a.db");
        std::fs::write(&path, vec![7_u8; 8192]).expect("writes");
        assert!(matches!(open(&path, &Pragmas::default()), Err(StoreError::Corrupt { .. })));
        assert_eq!(std::fs::read(&path).expect("reads"), vec![7_u8; 8192]);
    }

    #[test]
    fn a_torn_page_is_found_on_opening() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("a.db");
        let conn = open(&path, &Pragmas::default()).expect("opens");
        conn.execute_batch("CREATE TABLE t (x TEXT); CREATE INDEX i ON t (x);").expect("creates");
        for n in 0..500 {
            conn.execute("INSERT INTO t VALUES (?1)", [format!("{n:0200}")]).expect("inserts");
        }
        drop(conn);
        let mut bytes = std::fs::read(&path).expect("reads");
        let page = bytes.len() / 4096 / 2 * 4096;
        bytes.get_mut(page..page + 64).expect("inside").fill(0xEE);
        std::fs::write(&path, bytes).expect("writes");
        let damage = open(&path, &Pragmas::default()).expect_err("damaged");
        assert!(matches!(damage, StoreError::Corrupt { .. }), "{damage}");
        let unchecked = Pragmas { quick_check: false, ..Pragmas::default() };
        assert!(open(&path, &unchecked).is_ok(), "only the check finds it");
    }

    #[test]
    fn network_file_systems_are_recognised_by_the_innermost_mount() {
        let mounts = "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n\
                      30 22 0:40 / /srv/data rw,relatime shared:1 - nfs4 server:/x rw\n\
                      31 30 8:2 / /srv/data/local rw - xfs /dev/sdb rw";
        let kind = |folder: &str| kind_of_mount(mounts, Path::new(folder)).expect("mounted");
        assert_eq!(kind("/srv/data/x"), "nfs4");
        assert_eq!(kind("/srv/data/local/x"), "xfs");
        assert_eq!(kind("/srv/database"), "ext4");
    }
}
