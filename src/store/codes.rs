//! What the pictures of a stored home page say and what the site's search answered: added to its facts once they have come.

use anyhow::Result;
use rusqlite::params;

use super::facts::FactsDb;
use crate::crawl::frontier::UrlId;
use crate::facts::account_marks::AccountMarks;
use crate::facts::page::PageFacts;
use crate::facts::search::Search;

impl FactsDb {
    /// Keeps the accounts that a stored page shows in the place of those that were known of it; a page that is not stored
    /// stays so.
    ///
    /// # Errors
    /// If the database fails.
    pub fn put_accounts(&mut self, run: i64, look: u8, page: UrlId, accounts: &AccountMarks) -> Result<()> {
        self.amend(run, look, page, |facts| facts.accounts = Some(accounts.clone()))
    }

    /// Keeps what a site's search answered with its stored home page; a page that is not stored stays so.
    ///
    /// # Errors
    /// If the database fails.
    pub fn put_search(&mut self, run: i64, look: u8, page: UrlId, search: &Search) -> Result<()> {
        self.amend(run, look, page, |facts| facts.search = Some(search.clone()))
    }

    fn amend(&mut self, run: i64, look: u8, page: UrlId, change: impl FnOnce(&mut PageFacts)) -> Result<()> {
        let Some(mut read) = self.page(run, look, page)? else { return Ok(()) };
        change(&mut read.facts);
        let mut stretch =
            self.conn.prepare_cached("INSERT OR IGNORE INTO stretch (id, links) VALUES (?1, ?2)")?;
        let packed = self.packer.pack_page(&read, &mut stretch)?;
        self.conn.execute(
            "UPDATE page SET facts = ?4 WHERE run = ?1 AND look = ?2 AND url = ?3",
            params![run, look, page, packed],
        )?;
        Ok(())
    }
}
