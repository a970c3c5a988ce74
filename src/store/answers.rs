//! What persons found where no check judges, in the ledger: entered once, never changed.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension as _, TransactionBehavior, params};

use super::ledger::Ledger;
use super::{StoreError, at};
use crate::calendar::Instant8;
use crate::score::answer::Answer;

impl Ledger {
    /// Enters answers, all or none; one that stands already as the latest to its question is not entered again.
    /// Returns how many were new.
    ///
    /// # Errors
    /// [`StoreError`] where the ledger could not be written.
    pub fn enter_answers(
        &mut self,
        answers: &[Answer],
        now: Instant8,
        source: &str,
    ) -> Result<usize, StoreError> {
        let path = self.path.clone();
        let failed = at(&path);
        let tx = self.conn.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        let mut new = 0;
        for answer in answers {
            let said = serde_json::to_string(&answer.said).map_err(|error| content(answer, &error))?;
            let row = (said, answer.note.clone(), answer.by.clone(), answer.on.to_string());
            let latest: Option<(String, String, String, String)> = tx
                .prepare_cached(
                    "SELECT said, note, author, day FROM answer WHERE subject = ?1 AND question = ?2
                     ORDER BY id DESC LIMIT 1",
                )
                .map_err(failed)?
                .query_row(params![answer.subject, answer.question], |row| {
                    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
                })
                .optional()
                .map_err(failed)?;
            if latest.as_ref() == Some(&row) {
                continue;
            }
            tx.prepare_cached(
                "INSERT INTO answer (subject, question, said, note, author, day, entered, source)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )
            .map_err(failed)?
            .execute(params![
                answer.subject,
                answer.question,
                row.0,
                row.1,
                row.2,
                row.3,
                now.timestamp_millis(),
                source
            ])
            .map_err(failed)?;
            new += 1;
        }
        tx.commit().map_err(failed)?;
        Ok(new)
    }

    /// Every answer about `subject`, oldest entry first.
    ///
    /// # Errors
    /// [`StoreError`] where the ledger cannot be read.
    pub fn answers(&self, subject: &str) -> Result<Vec<Answer>, StoreError> {
        self.select_answers("WHERE subject = ?1", &[&subject])
    }

    /// Every answer by its subject, oldest entry first.
    ///
    /// # Errors
    /// [`StoreError`] where the ledger cannot be read.
    pub fn all_answers(&self) -> Result<BTreeMap<String, Vec<Answer>>, StoreError> {
        let mut all: BTreeMap<String, Vec<Answer>> = BTreeMap::new();
        for answer in self.select_answers("", &[])? {
            all.entry(answer.subject.clone()).or_default().push(answer);
        }
        Ok(all)
    }

    fn select_answers(
        &self,
        which: &str,
        values: &[&dyn rusqlite::ToSql],
    ) -> Result<Vec<Answer>, StoreError> {
        let failed = at(&self.path);
        let sql =
            format!("SELECT subject, question, said, note, author, day FROM answer {which} ORDER BY id");
        let mut select = self.conn.prepare_cached(&sql).map_err(failed)?;
        let rows = select
            .query_map(values, |row| {
                let said: String = row.get(2)?;
                let day: String = row.get(5)?;
                Ok((row.get(0)?, row.get(1)?, said, row.get(3)?, row.get(4)?, day))
            })
            .map_err(failed)?;
        let mut answers = Vec::new();
        for row in rows {
            let (subject, question, said, note, by, day): (String, String, String, String, String, String) =
                row.map_err(failed)?;
            let unreadable =
                |detail: String| StoreError::Content { place: format!("{subject} {question}"), detail };
            let said = serde_json::from_str(&said).map_err(|error| unreadable(error.to_string()))?;
            let on = day.parse().map_err(|error: chrono::ParseError| unreadable(error.to_string()))?;
            answers.push(Answer { subject, question, said, note, by, on });
        }
        Ok(answers)
    }
}

fn content(answer: &Answer, error: &serde_json::Error) -> StoreError {
    StoreError::Content {
        place: format!("{} {}", answer.subject, answer.question),
        detail: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::samples::day;
    use crate::score::answer::Said;

    #[test]
    fn answers_are_added_and_never_changed() {
        let dir = tempfile::tempdir().expect("a folder");
        let mut ledger = Ledger::open(dir.path()).expect("a ledger");
        let answer = |said| Answer {
            subject: "5101000001".to_owned(),
            question: "V1-1".to_owned(),
            said,
            note: String::new(),
            by: "李某某".to_owned(),
            on: chrono::NaiveDate::from_ymd_opt(2026, 11, 16).expect("a date"),
        };
        let (no, yes) = (answer(Said::No), answer(Said::Yes));
        let mut enter = |answer: &Answer| {
            ledger.enter_answers(std::slice::from_ref(answer), day(11, 16), "核查表.xlsx").expect("entered")
        };
        assert_eq!((enter(&no), enter(&no), enter(&yes), enter(&no)), (1, 0, 1, 1));
        assert_eq!(ledger.answers("5101000001").expect("answers"), [no.clone(), yes, no]);
        assert!(ledger.answers("5101000002").expect("none").is_empty());
        let changed = ledger.conn.execute("UPDATE answer SET author = '王某'", []);
        let removed = ledger.conn.execute("DELETE FROM answer", []);
        assert!(changed.is_err() && removed.is_err());
    }
}
