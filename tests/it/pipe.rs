//! A reader that goes away (`xuncha … | head -1`): nothing is said of it, and what the command does is done all the same.

use std::path::Path;
use std::process::Command;

use crate::notify::{SEND, approved, office, plain};
use crate::smtp_sink::{Script, Sink};

/// Runs `args` in `dir` with nobody reading what is printed; gives back the exit code and standard error.
fn unread(dir: &Path, args: &[&str]) -> (Option<i32>, String) {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let output = Command::new(env!("CARGO_BIN_EXE_xuncha"))
        .args(args)
        .current_dir(dir)
        .stdout(writer)
        .output()
        .expect("the binary runs");
    (output.status.code(), String::from_utf8(output.stderr).expect("UTF-8"))
}

#[test]
fn a_reader_that_went_away_is_no_failure() {
    let sink = Sink::start(vec![Script::default()]);
    let office = office(&plain(&sink));
    let dir = office.path();
    approved(dir);
    let well = (Some(0), String::new());
    for args in [
        &["init", "new"][..],
        &["registry", "check"],
        &["rules", "explain", "--all"],
        &["list", "--all"],
        &["status"],
        &["notify", "--outbox"],
    ] {
        assert_eq!(unread(dir, args), well, "{args:?}");
    }
    assert!(dir.join("new/units.csv").is_file());
    let send = [&["notify"], &SEND[..]].concat();
    assert_eq!(unread(dir, &send), well);
    assert!(!sink.texts().is_empty(), "letters are sent, whoever reads of it");
}
