//! Opening a database file with the settings that durability rests on.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use rusqlite::Connection;

/// Which of the two files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `ledger.db`.
    Ledger,
    /// `facts.db`.
    Facts,
}

/// SQLite's own files may be damaged by a WAL reset in versions before this one.
const OLDEST_SQLITE: i32 = 3_051_003;

/// Opens or creates a database.
///
/// # Errors
/// If the library is too old, the file cannot be opened, or its quick check fails.
pub fn open(path: &Path, kind: Kind) -> Result<Connection> {
    if rusqlite::version_number() < OLDEST_SQLITE {
        bail!("SQLite {} is older than 3.51.3, whose WAL is not safe", rusqlite::version());
    }
    let conn = Connection::open(path).with_context(|| format!("cannot open {}", path.display()))?;
    conn.busy_timeout(std::time::Duration::from_secs(10))?;
    conn.pragma_update(None, "journal_mode", "WAL")?;
    conn.pragma_update(None, "synchronous", "FULL")?;
    conn.pragma_update(None, "foreign_keys", "ON")?;
    conn.set_prepared_statement_cache_capacity(64);
    if kind == Kind::Ledger {
        let check: String = conn.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        if check != "ok" {
            bail!("{} is damaged: {check}", path.display());
        }
    }
    Ok(conn)
}
