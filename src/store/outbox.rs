//! The outbox table of `ledger.db`: letters queued, the states they go through, and what was delivered by hand.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use rusqlite::{Connection, OptionalExtension as _, Row, named_params, params};

use super::ledger::Ledger;
use crate::calendar::{Instant8, from_millis};
use crate::ledger::event::Step;
use crate::mail::letters::Kind;
use crate::mail::outbox::{Copy, Next, Outcome, State, after, cut_off, is_due};

/// Cases by their 整改时限.
pub type HandedOver = BTreeMap<Option<NaiveDate>, Vec<String>>;

/// A letter to be queued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queued<'a> {
    /// 批次.
    pub batch: &'a str,
    /// The unit written to.
    pub unit: &'a str,
    /// Kind of letter, as [`crate::mail::letters::Kind::word`].
    pub kind: &'a str,
    /// 送达方式 as printed.
    pub via: &'a str,
    /// 主题.
    pub subject: &'a str,
    /// Date of the letter.
    pub issued: NaiveDate,
    /// The cases that it hands over.
    pub handed_over: &'a HandedOver,
    /// The message and its recipients; `None` where it is delivered by other means.
    pub message: Option<&'a crate::mail::compose::Formatted>,
}

/// A letter that has been delivered and whose cases the ledger has yet to mark as handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivered {
    /// Row of the outbox.
    pub id: i64,
    /// 批次, or the name under which a day's reminders were approved.
    pub batch: String,
    /// Kind of letter, as [`crate::mail::letters::Kind::word`].
    pub kind: String,
    /// The unit written to.
    pub unit: String,
    /// The day on which it was delivered.
    pub on: NaiveDate,
    /// Cases by their 整改时限.
    pub handed_over: HandedOver,
}

impl Ledger {
    /// The ledger's outbox.
    pub fn outbox(&self) -> Outbox<'_> {
        Outbox::on(&self.conn)
    }
}

/// The outbox of a ledger.
#[derive(Debug)]
pub struct Outbox<'a> {
    conn: &'a Connection,
}

impl<'a> Outbox<'a> {
    /// The outbox in an open, migrated `ledger.db`.
    pub fn on(conn: &'a Connection) -> Self {
        Self { conn }
    }

    /// Queues a letter for each of its recipients; all or none. What is queued already stays as it is.
    /// Returns how many rows are new.
    ///
    /// # Errors
    /// As SQLite tells.
    pub fn queue(&self, letter: &Queued<'_>, at: Instant8) -> rusqlite::Result<usize> {
        let tx = self.conn.unchecked_transaction()?;
        let handed_over = encoded(letter.handed_over);
        let by_hand = [String::new()];
        let (recipients, bytes, message_id, sender, state) = match letter.message {
            Some(mail) => (
                mail.recipients.as_slice(),
                Some(mail.bytes.as_slice()),
                mail.message_id.as_str(),
                mail.sender.as_str(),
                State::Pending,
            ),
            None => (by_hand.as_slice(), None, "", "", State::Waiting),
        };
        // What goes by hand does not go by mail as well, and the other way round.
        let other = "SELECT EXISTS (SELECT 1 FROM outbox WHERE batch = ?1 AND unit = ?2 AND kind = ?3
                                    AND (recipient = '') <> ?4)";
        let taken: bool = tx.query_row(
            other,
            params![letter.batch, letter.unit, letter.kind, letter.message.is_none()],
            |row| row.get(0),
        )?;
        if taken {
            return Ok(0);
        }
        let mut new = 0;
        for (nth, recipient) in recipients.iter().enumerate() {
            new += tx.execute(
                "INSERT INTO outbox (batch, unit, kind, recipient, lead, via, subject, message_id, sender, bytes,
                                     handed_over, issued, state, queued_at, changed_at)
                 VALUES (:batch, :unit, :kind, :recipient, :lead, :via, :subject, :message_id, :sender, :bytes,
                         :handed_over, :issued, :state, :at, :at)
                 ON CONFLICT (batch, unit, kind, recipient) DO NOTHING",
                named_params! {
                    ":batch": letter.batch, ":unit": letter.unit, ":kind": letter.kind,
                    ":recipient": recipient, ":lead": nth == 0, ":via": letter.via,
                    ":subject": letter.subject, ":message_id": message_id, ":sender": sender,
                    ":bytes": bytes, ":handed_over": handed_over, ":issued": letter.issued.to_string(),
                    ":state": state.word(), ":at": at.timestamp_millis(),
                },
            )?;
        }
        tx.commit()?;
        Ok(new)
    }

    /// Ends the attempts that a killed process left under way. Call it while no other process can send.
    /// Returns how many there were.
    ///
    /// # Errors
    /// As SQLite tells.
    pub fn recover(&self, now: Instant8) -> rusqlite::Result<usize> {
        let mut ended = 0;
        for copy in self.copies()? {
            if let Some(outcome) = cut_off(&copy) {
                self.end(&copy, &outcome, now)?;
                ended += 1;
            }
        }
        Ok(ended)
    }

    /// The copies that may be sent at `now`, oldest first.
    ///
    /// # Errors
    /// As SQLite tells.
    pub fn due(&self, now: Instant8) -> rusqlite::Result<Vec<Copy>> {
        Ok(self.copies()?.into_iter().filter(|copy| is_due(copy, now)).collect())
    }

    /// All copies, in the order in which they were queued.
    ///
    /// # Errors
    /// As SQLite tells.
    pub fn copies(&self) -> rusqlite::Result<Vec<Copy>> {
        let mut select = self.conn.prepare_cached(
            "SELECT id, batch, unit, kind, recipient, lead, via, subject, message_id, sender, state, attempts,
                    unknowns, first_attempt, not_before, changed_at, note, delivered_on
             FROM outbox ORDER BY id",
        )?;
        select.query_map([], read_copy)?.collect()
    }

    /// The message of a copy; `None` where it is delivered by other means.
    ///
    /// # Errors
    /// As SQLite tells.
    pub fn bytes(&self, id: i64) -> rusqlite::Result<Option<Vec<u8>>> {
        self.conn.query_row("SELECT bytes FROM outbox WHERE id = ?1", [id], |row| row.get(0))
    }

    /// Begins an attempt: committed before anything is connected to. `None` where the copy is no longer due,
    /// so that two senders cannot take the same one.
    ///
    /// # Errors
    /// As SQLite tells.
    pub fn begin(&self, id: i64, now: Instant8) -> rusqlite::Result<Option<Copy>> {
        let at = now.timestamp_millis();
        let taken = self.conn.execute(
            "UPDATE outbox SET state = 'attempting', attempts = attempts + 1, changed_at = ?2,
                               first_attempt = coalesce(first_attempt, ?2)
             WHERE id = ?1 AND state IN ('pending', 'deferred', 'unknown') AND coalesce(not_before, ?2) <= ?2",
            params![id, at],
        )?;
        if taken == 0 {
            return Ok(None);
        }
        self.copies().map(|copies| copies.into_iter().find(|copy| copy.id == id))
    }

    /// Commits that the text is about to leave: from here on a crash means that it may have been delivered.
    ///
    /// # Errors
    /// [`rusqlite::Error::QueryReturnedNoRows`] where the copy is not being sent; else as SQLite tells.
    pub fn body_starts(&self, id: i64, now: Instant8) -> rusqlite::Result<()> {
        let changed = self.conn.execute(
            "UPDATE outbox SET state = 'body_sent', changed_at = ?2 WHERE id = ?1 AND state = 'attempting'",
            params![id, now.timestamp_millis()],
        )?;
        if changed == 1 { Ok(()) } else { Err(rusqlite::Error::QueryReturnedNoRows) }
    }

    /// Ends an attempt.
    ///
    /// # Errors
    /// As SQLite tells.
    pub fn end(&self, copy: &Copy, outcome: &Outcome, now: Instant8) -> rusqlite::Result<Next> {
        let next = after(copy, outcome, now);
        self.conn.execute(
            "UPDATE outbox SET state = ?2, not_before = ?3, unknowns = ?4, note = ?5, changed_at = ?6
             WHERE id = ?1 AND state IN ('attempting', 'body_sent')",
            params![
                copy.id,
                next.state.word(),
                next.not_before.map(|at| at.timestamp_millis()),
                next.unknowns,
                outcome.note(),
                now.timestamp_millis(),
            ],
        )?;
        Ok(next)
    }

    /// Enters that the letters of `unit` have been delivered by other means: those that wait for it, and those
    /// that mail could not deliver. Returns how many.
    ///
    /// # Errors
    /// As SQLite tells.
    pub fn mark_by_hand(
        &self,
        batch: &str,
        unit: &str,
        via: &str,
        on: NaiveDate,
        now: Instant8,
    ) -> rusqlite::Result<usize> {
        self.conn.execute(
            "UPDATE outbox SET state = 'by_hand', note = ?3, delivered_on = ?4, changed_at = ?5, not_before = NULL
             WHERE batch = ?1 AND unit = ?2
               AND state IN ('waiting', 'rejected', 'held', 'pending', 'deferred', 'unknown')",
            params![batch, unit, via, on.to_string(), now.timestamp_millis()],
        )
    }

    /// Letters delivered whose cases have yet to be marked as handed over. A process that was killed between
    /// the two leaves them here.
    ///
    /// # Errors
    /// As SQLite tells.
    pub fn unrecorded(&self) -> rusqlite::Result<Vec<Delivered>> {
        let mut select = self.conn.prepare_cached(
            "SELECT id, unit, coalesce(delivered_on, issued), handed_over, batch, kind FROM outbox
             WHERE lead = 1 AND recorded = 0 AND state IN ('accepted', 'by_hand') ORDER BY id",
        )?;
        select
            .query_map([], |row| {
                Ok(Delivered {
                    id: row.get(0)?,
                    unit: row.get(1)?,
                    on: day(row, 2)?,
                    handed_over: decoded(&row.get::<_, String>(3)?),
                    batch: row.get(4)?,
                    kind: row.get(5)?,
                })
            })?
            .collect()
    }

    /// The reminders that are queued and that the ledger does not know of yet: 问题编号 and rung.
    ///
    /// # Errors
    /// As SQLite tells.
    pub fn under_way(&self) -> rusqlite::Result<BTreeSet<(String, Step)>> {
        let mut select = self
            .conn
            .prepare_cached("SELECT kind, handed_over FROM outbox WHERE lead = 1 AND recorded = 0")?;
        let rows: Vec<(String, String)> =
            select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<_>>()?;
        let of_row = |(kind, numbers): &(String, String)| {
            let step = Kind::step_of(kind)?;
            Some(
                decoded(numbers)
                    .into_values()
                    .flatten()
                    .map(move |number| (number, step))
                    .collect::<Vec<_>>(),
            )
        };
        Ok(rows.iter().filter_map(of_row).flatten().collect())
    }

    /// 送达方式 of each case's latest letter that has been delivered and handed it over, by 问题编号.
    ///
    /// # Errors
    /// As SQLite tells.
    pub fn ways(&self) -> rusqlite::Result<BTreeMap<String, String>> {
        let mut select = self.conn.prepare_cached(
            "SELECT handed_over, CASE state WHEN 'by_hand' THEN note ELSE via END FROM outbox
             WHERE lead = 1 AND state IN ('accepted', 'by_hand') AND kind IN ('unit', 'county', 'separate', 'hint')
             ORDER BY id",
        )?;
        let rows: Vec<(String, String)> =
            select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<_>>()?;
        let of_row = |(numbers, via): (String, String)| {
            decoded(&numbers)
                .into_values()
                .flatten()
                .map(move |number| (number, via.clone()))
                .collect::<Vec<_>>()
        };
        Ok(rows.into_iter().flat_map(of_row).collect())
    }

    /// Enters that it is not known whether a message to a group arrived: a person must look.
    ///
    /// # Errors
    /// As SQLite tells.
    pub fn hold(&self, id: i64, note: &str, now: Instant8) -> rusqlite::Result<()> {
        self.conn
            .execute(
                "UPDATE outbox SET state = 'held', note = ?2, changed_at = ?3 WHERE id = ?1 AND state = 'waiting'",
                params![id, note, now.timestamp_millis()],
            )
            .map(|_| ())
    }

    /// Numbers of all cases that letters of `batch` hand over, delivered or not.
    ///
    /// # Errors
    /// As SQLite tells.
    pub fn numbers(&self, batch: &str) -> rusqlite::Result<BTreeSet<String>> {
        let mut select = self.conn.prepare_cached("SELECT handed_over FROM outbox WHERE batch = ?1")?;
        let rows: Vec<String> =
            select.query_map([batch], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        Ok(rows.iter().flat_map(|text| decoded(text).into_values().flatten()).collect())
    }

    /// Enters that the ledger knows of the delivery.
    ///
    /// # Errors
    /// As SQLite tells.
    pub fn set_recorded(&self, id: i64) -> rusqlite::Result<()> {
        self.conn.execute("UPDATE outbox SET recorded = 1 WHERE id = ?1", [id]).map(|_| ())
    }

    /// The newest batch with a letter to `unit` that waits for delivery by other means or that mail could not
    /// deliver.
    ///
    /// # Errors
    /// As SQLite tells.
    pub fn batch_waiting_for(&self, unit: &str) -> rusqlite::Result<Option<String>> {
        self.conn
            .query_row(
                "SELECT batch FROM outbox WHERE unit = ?1 AND state NOT IN ('accepted', 'by_hand')
                 ORDER BY id DESC LIMIT 1",
                [unit],
                |row| row.get(0),
            )
            .optional()
    }

    /// The steps of a copy, oldest first: state and note.
    ///
    /// # Errors
    /// As SQLite tells.
    pub fn steps(&self, id: i64) -> rusqlite::Result<Vec<(State, String)>> {
        let mut select =
            self.conn.prepare_cached("SELECT state, note FROM outbox_step WHERE letter = ?1 ORDER BY id")?;
        select.query_map([id], |row| Ok((state(row, 0)?, row.get(1)?)))?.collect()
    }
}

fn read_copy(row: &Row<'_>) -> rusqlite::Result<Copy> {
    let time = |place: usize| row.get::<_, Option<i64>>(place).map(|ms| ms.map(from_millis));
    Ok(Copy {
        id: row.get(0)?,
        batch: row.get(1)?,
        unit: row.get(2)?,
        kind: row.get(3)?,
        recipient: row.get(4)?,
        lead: row.get(5)?,
        via: row.get(6)?,
        subject: row.get(7)?,
        message_id: row.get(8)?,
        sender: row.get(9)?,
        state: state(row, 10)?,
        attempts: row.get(11)?,
        unknowns: row.get(12)?,
        first_attempt: time(13)?,
        not_before: time(14)?,
        changed_at: from_millis(row.get(15)?),
        note: row.get(16)?,
        delivered_on: row.get::<_, Option<String>>(17)?.and_then(|text| text.parse().ok()),
    })
}

fn state(row: &Row<'_>, place: usize) -> rusqlite::Result<State> {
    let word: String = row.get(place)?;
    State::parse(&word).ok_or_else(|| unreadable(place, &word))
}

fn day(row: &Row<'_>, place: usize) -> rusqlite::Result<NaiveDate> {
    let text: String = row.get(place)?;
    text.parse().map_err(|_| unreadable(place, &text))
}

fn unreadable(place: usize, text: &str) -> rusqlite::Error {
    let why = format!("outbox: “{text}”");
    rusqlite::Error::FromSqlConversionFailure(place, rusqlite::types::Type::Text, why.into())
}

fn encoded(handed_over: &HandedOver) -> String {
    let groups: Vec<(&Option<NaiveDate>, &Vec<String>)> = handed_over.iter().collect();
    serde_json::to_string(&groups).unwrap_or_else(|_| "[]".to_owned())
}

fn decoded(text: &str) -> HandedOver {
    let groups: Vec<(Option<NaiveDate>, Vec<String>)> = serde_json::from_str(text).unwrap_or_default();
    groups.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::compose::Formatted;

    fn opened() -> Connection {
        let conn = Connection::open_in_memory().expect("a database");
        for schema in [
            include_str!("migrations/ledger/V1__ledger.sql"),
            include_str!("migrations/ledger/V2__outbox.sql"),
            include_str!("migrations/ledger/V4__loop.sql"),
        ] {
            conn.execute_batch(schema).expect("the schema");
        }
        conn
    }

    fn day_of(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn queue(outbox: &Outbox<'_>, message: Option<&Formatted>) -> usize {
        let handed_over = HandedOver::from([
            (Some(day_of("2026-12-04")), vec!["202611-0001".to_owned(), "202611-0002".to_owned()]),
            (None, vec!["202611-0003".to_owned()]),
        ]);
        let letter = Queued {
            batch: "202611",
            unit: "示例市交通运输局",
            kind: "unit",
            via: if message.is_some() { "邮件" } else { "公文交换" },
            subject: "s",
            issued: day_of("2026-11-20"),
            handed_over: &handed_over,
            message,
        };
        outbox.queue(&letter, from_millis(0)).expect("queued")
    }

    fn message() -> Formatted {
        Formatted {
            message_id: "<1@example.gov.cn>".into(),
            sender: "o@example.gov.cn".into(),
            recipients: vec!["a@example.gov.cn".into(), "b@example.gov.cn".into()],
            bytes: b"Subject: s\r\n\r\nx".to_vec(),
        }
    }

    #[test]
    fn queued_once_for_each_recipient() {
        let conn = opened();
        let outbox = Outbox::on(&conn);
        assert_eq!(queue(&outbox, Some(&message())), 2);
        assert_eq!(queue(&outbox, Some(&message())), 0);
        let copies = outbox.copies().expect("copies");
        let told: Vec<_> = copies.iter().map(|c| (c.recipient.as_str(), c.lead, c.state)).collect();
        assert_eq!(
            told,
            [("a@example.gov.cn", true, State::Pending), ("b@example.gov.cn", false, State::Pending)]
        );
        assert_eq!(outbox.bytes(copies[0].id).expect("bytes"), Some(message().bytes));
    }

    #[test]
    fn an_attempt_is_taken_once_and_leaves_its_steps() {
        let conn = opened();
        let outbox = Outbox::on(&conn);
        queue(&outbox, Some(&message()));
        let copy = outbox.begin(1, from_millis(5)).expect("begun").expect("due");
        assert_eq!((copy.attempts, copy.first_attempt), (1, Some(from_millis(5))));
        assert_eq!(outbox.begin(1, from_millis(6)).expect("begun"), None);
        outbox.body_starts(1, from_millis(6)).expect("committed");
        assert!(outbox.body_starts(1, from_millis(7)).is_err());
        outbox.end(&copy, &Outcome::Deferred("451 later".into()), from_millis(8)).expect("ended");
        assert_eq!(outbox.due(from_millis(9)).expect("due").len(), 1);
        assert_eq!(outbox.due(from_millis(8 + 30 * 60_000)).expect("due").len(), 2);
        let steps: Vec<State> = outbox.steps(1).expect("steps").into_iter().map(|(state, _)| state).collect();
        assert_eq!(steps, [State::Pending, State::Attempting, State::BodySent, State::Deferred]);
    }

    #[test]
    fn what_a_killed_process_left_is_ended() {
        let conn = opened();
        let outbox = Outbox::on(&conn);
        queue(&outbox, Some(&message()));
        for id in [1, 2] {
            outbox.begin(id, from_millis(1)).expect("begun");
        }
        outbox.body_starts(2, from_millis(2)).expect("committed");
        assert_eq!(outbox.recover(from_millis(3)).expect("recovered"), 2);
        let states: Vec<State> = outbox.copies().expect("copies").iter().map(|copy| copy.state).collect();
        assert_eq!(states, [State::Pending, State::Unknown]);
        assert_eq!(outbox.recover(from_millis(4)).expect("recovered"), 0);
    }

    #[test]
    fn what_was_delivered_is_recorded_once() {
        let conn = opened();
        let outbox = Outbox::on(&conn);
        queue(&outbox, Some(&message()));
        assert_eq!(outbox.unrecorded().expect("rows"), []);
        for id in [1, 2] {
            let copy = outbox.begin(id, from_millis(1)).expect("begun").expect("due");
            outbox.end(&copy, &Outcome::Accepted("250".into()), from_millis(2)).expect("ended");
        }
        let rows = outbox.unrecorded().expect("rows");
        assert_eq!(rows.len(), 1);
        assert_eq!((rows[0].id, rows[0].on), (1, day_of("2026-11-20")));
        assert_eq!(rows[0].handed_over[&Some(day_of("2026-12-04"))], ["202611-0001", "202611-0002"]);
        outbox.set_recorded(1).expect("recorded");
        let numbers: Vec<String> = outbox.numbers("202611").expect("numbers").into_iter().collect();
        assert_eq!(numbers, ["202611-0001", "202611-0002", "202611-0003"]);
        assert_eq!(outbox.unrecorded().expect("rows"), []);
    }

    #[test]
    fn delivery_by_other_means_counts_from_its_day() {
        let conn = opened();
        let outbox = Outbox::on(&conn);
        assert_eq!(queue(&outbox, None), 1);
        assert_eq!(outbox.due(from_millis(1)).expect("due"), []);
        assert_eq!(outbox.batch_waiting_for("示例市交通运输局").expect("a batch").as_deref(), Some("202611"));
        let on = day_of("2026-11-23");
        let marked = outbox.mark_by_hand("202611", "示例市交通运输局", "公文交换", on, from_millis(2));
        assert_eq!(marked.expect("marked"), 1);
        assert_eq!(outbox.unrecorded().expect("rows")[0].on, on);
        assert_eq!(outbox.batch_waiting_for("示例市交通运输局").expect("a batch"), None);
    }

    #[test]
    fn a_letter_is_never_rewritten_or_removed() {
        let conn = opened();
        queue(&Outbox::on(&conn), Some(&message()));
        for sql in [
            "UPDATE outbox SET bytes = x'00'",
            "UPDATE outbox SET recipient = 'c@example.gov.cn' WHERE id = 1",
            "DELETE FROM outbox",
            "DELETE FROM outbox_step",
            "UPDATE outbox_step SET note = 'x'",
            "UPDATE outbox SET state = 'sent'",
        ] {
            assert!(conn.execute(sql, []).is_err(), "{sql}");
        }
    }
}
