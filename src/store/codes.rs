//! What the pictures of a stored home page say: added to its facts once they have come.

use anyhow::Result;
use rusqlite::params;

use super::facts::{FactsDb, encode};
use crate::crawl::frontier::UrlId;
use crate::facts::account_marks::AccountMarks;

impl FactsDb {
    /// Keeps the accounts that a stored page shows in the place of those that were known of it; a page that is not stored
    /// stays so.
    ///
    /// # Errors
    /// If the database fails.
    pub fn put_accounts(&mut self, run: i64, look: u8, page: UrlId, accounts: &AccountMarks) -> Result<()> {
        let Some(mut read) = self.page(run, look, page)? else { return Ok(()) };
        read.facts.accounts = Some(accounts.clone());
        let packed = self.packer.compress(&encode(&read)?)?;
        self.conn.execute(
            "UPDATE page SET facts = ?4 WHERE run = ?1 AND look = ?2 AND url = ?3",
            params![run, look, page, packed],
        )?;
        Ok(())
    }
}
