//! What outside targets called themselves in earlier runs, set against what they call themselves now.

use anyhow::Result;

use super::frontier::Role;
use super::reading::Done;
use crate::facts::answer::Answer;
use crate::facts::astray::{Astray, Trade, became_another};
use crate::store::facts::FactsDb;

/// Adds to the answer of an outside target what it was before, and returns the title to be remembered of it. What has gone
/// astray is not remembered: it is told until somebody sees to it.
///
/// # Errors
/// If the database fails.
pub(super) fn recall(reader: &FactsDb, run: i64, done: &mut Done) -> Result<Option<String>> {
    if done.lease.what.role != Role::External || done.title.is_empty() {
        return Ok(None);
    }
    let was = reader.earlier_title(done.lease.id, run)?;
    match (&mut done.answer, was) {
        (Answer::Astray(astray), Some(was)) if was != astray.title => astray.was = Some(was),
        (answer @ Answer::There, Some(was)) if became_another(&was, &done.title) => {
            *answer = Answer::Astray(Astray {
                trade: Trade::Other,
                title: done.title.clone(),
                was: Some(was),
                certified: None,
            });
        }
        (Answer::There, _) => return Ok(Some(std::mem::take(&mut done.title))),
        _ => {}
    }
    Ok(None)
}
