//! Sending that is killed, by SIGKILL and anywhere: nobody is left unwritten, nobody gets more than two copies, and all
//! copies of a letter bear one Message-ID.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use xuncha::calendar::from_millis;
use xuncha::mail::outbox::State;
use xuncha::mail::send::{Patience, Server, deliver};
use xuncha::store::outbox::Outbox;

use crate::mail::{ledger, queued, server, states};
use crate::smtp_sink::{Answer, Script, Sink};

/// Letters of one sending.
const LETTERS: usize = 6;
/// Steps of one letter that the server tells of: MAIL, RCPT, DATA, and the final dot.
const STEPS: usize = 4;
/// The environment of the process that sends and is killed.
const LEDGER: &str = "XUNCHA_TEST_SENDS_FROM";
const PORT: &str = "XUNCHA_TEST_SENDS_TO";

/// Not a test of its own: the process that the others start and kill. Without its environment it does nothing.
#[test]
fn sends_until_it_is_killed() {
    let (Some(path), Some(port)) = (std::env::var_os(LEDGER), std::env::var(PORT).ok()) else { return };
    let server = Server {
        host: "127.0.0.1".into(),
        port: port.parse().expect("a port"),
        security: xuncha::config::valid::MailSecurity::Plain,
        login: None,
        patience: Patience { command: Duration::from_hours(1), text: Duration::from_hours(1) },
        pace: Duration::ZERO,
    };
    deliver(&Outbox::on(&ledger(Path::new(&path))), &server, &|| from_millis(1)).expect("a round");
}

/// Sends six letters with a process that is killed when the server has reached the `point`th step: before the server
/// answers it (`silent`), or while its answer is on its way.
fn killed_at(point: usize, silent: bool) {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("ledger.db");
    let recipients: Vec<String> = (0..LETTERS).map(|n| format!("u{n}@units.example")).collect();
    let names: Vec<&str> = recipients.iter().map(String::as_str).collect();
    queued(&ledger(&path), &names);
    let mut scripts = vec![Script::default(); LETTERS];
    if silent {
        let hanging = &mut scripts[point / STEPS];
        let steps = [&mut hanging.mail, &mut hanging.rcpt, &mut hanging.data, &mut hanging.end];
        *steps.into_iter().nth(point % STEPS).expect("a step") = Answer::Hang;
    }
    scripts.push(Script::default());
    let sink = Sink::start(scripts);
    let mut child = Command::new(std::env::current_exe().expect("this binary"))
        .args(["--exact", "mail_kill::sends_until_it_is_killed", "--nocapture"])
        .env(LEDGER, &path)
        .env(PORT, sink.addr.port().to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("a process");
    let over = std::cell::RefCell::new(&mut child);
    sink.wait_for_nth(point + 1, || over.borrow_mut().try_wait().is_ok_and(|ended| ended.is_some()));
    child.kill().expect("killed");
    child.wait().expect("ended");
    let before = states(&ledger(&path));

    // Another process goes on, half an hour later and again: what was under way is settled.
    let conn = ledger(&path);
    for round in 1..=4 {
        let at = round * (31 * 60_000);
        deliver(&Outbox::on(&conn), &server(&sink), &|| from_millis(at)).expect("a round");
    }
    let place = format!("point {point}, silent {silent}: {before:?} → {:?}", states(&conn));
    assert!(states(&conn).iter().all(|state| *state == State::Accepted), "{place}");
    let mut copies: BTreeMap<String, usize> = BTreeMap::new();
    let mut ids: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for session in sink.sessions() {
        let Some(text) = session.text else { continue };
        let to = session.commands.iter().find_map(|command| command.strip_prefix("RCPT TO:<"));
        let to = to.expect("a recipient").trim_end_matches('>').to_owned();
        let text = String::from_utf8(text).expect("ASCII");
        let id = text.lines().find_map(|line| line.strip_prefix("Message-ID: ")).expect("an id").to_owned();
        *copies.entry(to.clone()).or_default() += 1;
        ids.entry(to).or_default().insert(id);
    }
    assert_eq!(copies.keys().cloned().collect::<Vec<_>>(), recipients, "somebody is unwritten: {place}");
    assert!(copies.values().all(|n| *n <= 2), "{copies:?} {place}");
    assert!(copies.values().filter(|n| **n > 1).count() <= 1, "one kill, one doubt: {copies:?} {place}");
    assert!(ids.values().all(|ids| ids.len() == 1), "{ids:?} {place}");
}

#[test]
fn a_sending_that_is_killed_leaves_nobody_out() {
    // Every step of one letter in the middle, both ways, and the last step of all.
    for point in (2 * STEPS..3 * STEPS).chain([LETTERS * STEPS - 1]) {
        killed_at(point, true);
        killed_at(point, false);
    }
}

/// Five hundred kills: every point before its answer, and again and again while the answer is on its way.
#[test]
#[ignore = "takes minutes: cargo test --test it mail_kill -- --ignored"]
fn five_hundred_kills_leave_nobody_out() {
    let points = LETTERS * STEPS;
    for n in 0..500 {
        killed_at(n % points, n < points);
    }
}
