//! The letters of the ladder: 临期提示, 催办, 督办单 from what is due on a day. Pure; a person approves them as one batch.
#![deny(clippy::disallowed_methods)]

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use sha2::{Digest as _, Sha256};

use super::letters::{Dates, Kind, Letter, LetterError, gathered};
use crate::calendar::day_with_weekday;
use crate::config::valid::Config;
use crate::finding::hex;
use crate::ledger::case::Case;
use crate::ledger::event::Step;
use crate::ledger::ladder::Action;
use crate::registry::{Delivery, Registry};
use crate::report::list::is_sensitive;
use crate::report::wording::one_line;

/// The name under which a person approves what is due on `on`: it says what is in it, so that an approval holds for what was
/// looked at and for nothing else.
pub fn batch_of(actions: &[Action], on: NaiveDate) -> String {
    let mut hash = Sha256::new();
    for action in actions {
        let line = format!("{}\0{}\0{}\0{}\n", action.number, action.step.label(), action.due, action.unit);
        hash.update(line);
    }
    let digest: String = hex(&hash.finalize()).chars().take(6).collect();
    format!("T{}-{digest}", on.format("%Y%m%d"))
}

/// The letters for what is due: one a unit and rung, a county's in one package, what is sensitive apart. A 督办单 is signed
/// by hand and never goes by mail.
///
/// # Errors
/// [`LetterError`] where the register or the configuration lacks what a letter needs.
pub fn notices(
    actions: &[Action],
    cases: &[Case],
    registry: &Registry,
    config: &Config,
    on: NaiveDate,
) -> Result<Vec<Letter>, LetterError> {
    let batch = batch_of(actions, on);
    let by_number: BTreeMap<&str, &Case> = cases.iter().map(|case| (case.number.as_str(), case)).collect();
    let mut letters = Vec::new();
    for step in Step::ALL {
        let due: BTreeSet<&str> =
            actions.iter().filter(|a| a.step == step).map(|a| a.number.as_str()).collect();
        let due = due.into_iter().filter_map(|number| by_number.get(number).copied());
        let (apart, together): (Vec<&Case>, Vec<&Case>) = due.partition(|case| is_sensitive(&case.finding));
        // What no list of several readers may hold is a batch of its own, so that both letters find their place.
        for (cases, batch) in [(together, batch.clone()), (apart, format!("{batch}-专送"))] {
            // Every date has been told: those of a new batch are not used.
            let dates = Dates { issued: on, due: on, due_at_once: on };
            for letter in gathered(&batch, &cases, registry, config, &[], dates)? {
                letters.push(reminding(letter, step));
            }
        }
    }
    Ok(letters)
}

/// The letter of a batch as one of the ladder.
fn reminding(letter: Letter, step: Step) -> Letter {
    let (unit, total) = (one_line(&letter.unit), letter.total());
    let until = letter.due().map(day_with_weekday).unwrap_or_default();
    let subject = match step {
        Step::Notice => format!("【临期提示】{unit} {total}项问题整改时限将到（{until}）"),
        Step::Reminder => format!("【催办】{unit} {total}项问题请尽快整改反馈"),
        Step::SecondReminder => format!("【再次催办】{unit} {total}项问题请尽快整改反馈"),
        Step::Order => format!("【督办单】{unit} {total}项逾期问题"),
    };
    let by_hand = step == Step::Order && letter.delivery == Delivery::Mail;
    Letter {
        kind: Kind::Ladder(step),
        subject,
        delivery: if by_hand { Delivery::Exchange } else { letter.delivery },
        to: letter.to.filter(|_| step != Step::Order),
        cc: if step == Step::Order { Vec::new() } else { letter.cc },
        ..letter
    }
}

/// Sentences to paste into a work group, one a unit; what is sensitive or to be done at once is told by telephone.
pub fn texts(letters: &[Letter], signature: &str) -> Vec<String> {
    let open = |letter: &&Letter| {
        let rows = || letter.lists.iter().flat_map(|list| &list.rows);
        rows().next().is_some()
            && !rows().any(|row| row.sensitive || row.severity == crate::finding::Severity::Immediate)
    };
    let signed = |text: String| {
        if signature.is_empty() { text } else { format!("{text}——{}", one_line(signature)) }
    };
    letters
        .iter()
        .filter(open)
        .filter_map(|letter| {
            let (unit, total) = (one_line(&letter.unit), letter.total());
            let until = letter.due().map(day_with_weekday).unwrap_or_default();
            match letter.kind {
                Kind::Ladder(Step::Notice) => Some(format!(
                    "【临期提示】{unit}：交办的问题有{total}项将于{until}到期。请按时整改并反馈。如已反馈请忽略。"
                )),
                Kind::Ladder(step @ (Step::Reminder | Step::SecondReminder)) => Some(format!(
                    "【{}】{unit}：交办的问题有{total}项尚未办结。请尽快整改并反馈。如已反馈请忽略。",
                    step.label()
                )),
                _ => None,
            }
        })
        .map(signed)
        .collect()
}

#[cfg(test)]
#[path = "notices_tests.rs"]
mod tests;
