//! What the pages of a look came to, site by site: kept so that changed rules are judged without reading every page again.

use anyhow::{Context as _, Result};
use rusqlite::{OptionalExtension as _, Transaction, TransactionBehavior, params};
use serde::{Deserialize, Serialize};

use super::facts::FactsDb;
use crate::crawl::frontier::SiteIndex;
use crate::facts::account_links::Unlisted;
use crate::facts::account_seen::SiteTitles;
use crate::facts::survey::Survey;
use crate::judge::LookFacts;

/// One look at one site, folded.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct StoredFold {
    /// The look without its week of visits; `None` where the look did not ask for the site.
    pub look: Option<LookFacts>,
    /// What the first look found of its columns.
    pub survey: Survey,
    /// Accounts that its pages link to and the register lacks, in the first look.
    #[serde(default)]
    pub unlisted: Vec<Unlisted>,
    /// Titles that an account is to carry, too, where one is, in the first look.
    #[serde(default)]
    pub titles: Option<SiteTitles>,
}

/// While it lives, everything read is of one moment.
pub struct Snapshot<'a>(#[allow(dead_code, reason = "held for its end")] rusqlite::Transaction<'a>);

impl FactsDb {
    /// Reads of one moment, whatever another process writes meanwhile.
    ///
    /// # Errors
    /// If the database fails.
    pub fn snapshot(&self) -> Result<Snapshot<'_>> {
        Ok(Snapshot(self.conn.unchecked_transaction()?))
    }

    /// A number that changes whenever another connection writes.
    ///
    /// # Errors
    /// If the database fails.
    pub fn version(&self) -> Result<i64> {
        Ok(self.conn.pragma_query_value(None, "data_version", |row| row.get(0))?)
    }

    /// The looks of a run for which the fold of each of `sites` sites is stored under `key`; `None` where any is missing
    /// or was made of something else.
    ///
    /// # Errors
    /// If the database fails.
    pub fn folded(&self, run: i64, key: &str, sites: usize) -> Result<Option<Vec<u8>>> {
        let mut statement = self.conn.prepare_cached(
            "SELECT look, count(*), sum(key = ?2) FROM fold WHERE run = ?1 GROUP BY look ORDER BY look",
        )?;
        let rows = statement.query_map(params![run, key], |row| {
            Ok((row.get::<_, u8>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?))
        })?;
        let rows: Vec<_> = rows.collect::<Result<_, _>>()?;
        let sites = i64::try_from(sites)?;
        let whole = !rows.is_empty() && rows.iter().all(|&(_, all, known)| all == sites && known == sites);
        Ok(whole.then(|| rows.into_iter().map(|(look, ..)| look).collect()))
    }

    /// One fold.
    ///
    /// # Errors
    /// If the database fails or the fold cannot be read.
    pub fn fold(&self, run: i64, look: u8, site: SiteIndex) -> Result<Option<StoredFold>> {
        let mut statement =
            self.conn.prepare_cached("SELECT facts FROM fold WHERE run = ?1 AND look = ?2 AND site = ?3")?;
        let packed: Option<Vec<u8>> =
            statement.query_row(params![run, look, site], |row| row.get(0)).optional()?;
        packed
            .map(|packed| {
                let bytes = zstd::stream::decode_all(packed.as_slice())?;
                serde_json::from_slice(&bytes).context("facts.db: a fold of another version")
            })
            .transpose()
    }

    /// Keeps the folds of a run in place of those there are, in one transaction; nothing where another connection has
    /// written since [`version`](Self::version) was `since`: then they may be of pages that are not all there is.
    ///
    /// # Errors
    /// If the database fails; then nothing has changed.
    pub fn put_folds(
        &self,
        run: i64,
        key: &str,
        since: i64,
        folds: impl Iterator<Item = (u8, SiteIndex, StoredFold)>,
    ) -> Result<()> {
        let transaction = Transaction::new_unchecked(&self.conn, TransactionBehavior::Immediate)?;
        if self.version()? != since {
            return Ok(());
        }
        transaction.execute("DELETE FROM fold WHERE run = ?1", [run])?;
        {
            let mut insert = transaction.prepare_cached(
                "INSERT INTO fold (run, look, site, key, facts) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?;
            for (look, site, fold) in folds {
                let packed = zstd::bulk::compress(&serde_json::to_vec(&fold)?, 1)?;
                insert.execute(params![run, look, site, key, packed])?;
            }
        }
        transaction.commit()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::from_millis;
    use crate::facts::html::read_page;
    use crate::facts::page::PageContext;
    use crate::facts::rendered::Rendered;
    use crate::facts::tls::{TlsFacts, TlsSeen};
    use crate::store::facts::Coverage;

    type Addition<'a> = &'a dyn Fn(&mut FactsDb);

    #[test]
    fn whatever_is_added_to_a_look_makes_its_fold_untrue() {
        let dir = tempfile::tempdir().expect("a folder");
        let mut db = FactsDb::open(dir.path()).expect("a database");
        let tls = TlsFacts {
            host: "www.shili.example".to_owned(),
            port: 443,
            addr: None,
            at: from_millis(0),
            seen: TlsSeen::NotTls,
        };
        let url = url::Url::parse("http://www.shili.example/lm/").expect("a URL");
        let context = PageContext {
            url: &url,
            content_type: None,
            status: None,
            as_of: from_millis(0),
            want_structure: true,
        };
        let shown = Rendered {
            at: from_millis(0),
            facts: read_page(b"<p>\xe7\x94\xb2", &context, &mut || false),
            requests: 1,
            failed: 0,
            settled: true,
            picture: String::new(),
        };
        let additions: [(&str, Addition<'_>); 4] = [
            ("tls", &|db| db.put_tls(1, 1, 0, &tls).expect("tls")),
            ("outside tls", &|db| db.put_outside_tls(1, 1, url.as_str(), &tls).expect("outside tls")),
            ("coverage", &|db| db.put_coverage(1, 1, 0, &Coverage::default()).expect("coverage")),
            ("a browser", &|db| {
                db.put_rendered((1, 1, 0), url.as_str(), shown.clone(), None).expect("a page");
            }),
        ];
        for (what, add) in additions {
            for run in [1, 2] {
                let since = db.version().expect("a version");
                db.put_folds(run, "key", since, [(1, 0, StoredFold::default())].into_iter()).expect("a fold");
            }
            add(&mut db);
            assert_eq!(db.folded(1, "key", 1).expect("a query"), None, "{what}");
            assert_eq!(db.folded(2, "key", 1).expect("a query"), Some(vec![1]), "{what}: of another run");
        }
    }
}
