//! `inspect url` and `inspect robots` as a shell sees them: lines out, exit codes.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Output, Stdio};

fn xuncha(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xuncha")).args(args).stdin(Stdio::null()).output().expect("it runs")
}

#[test]
fn one_link_by_arguments() {
    let run = xuncha(&["inspect", "url", "--base", "http://www.test/a/", "../通知/t1.html?x#y"]);
    let said = String::from_utf8(run.stdout).expect("UTF-8");
    assert_eq!(said.trim_end(), r#"{"href":"http://www.test/%E9%80%9A%E7%9F%A5/t1.html?x#y"}"#);
    assert!(run.status.success());
    let run = xuncha(&["inspect", "url", "--base", "http://www.test/", "http://["]);
    assert_eq!(run.stdout, b"{\"failure\":true}\n");
    assert!(run.status.success(), "a link that is none is an answer");
}

#[test]
fn answers_come_line_by_line() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_xuncha"))
        .args(["inspect", "url"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it runs");
    let mut questions = child.stdin.take().expect("its input");
    let mut answers = BufReader::new(child.stdout.take().expect("its output"));
    // Each question waits for the answer before: a program that hoards its output would hang here.
    for (question, answer) in [
        (r#"{"base":"http://h/a","href":"b"}"#, r#"{"href":"http://h/b"}"#),
        (r#"{"base":null,"href":"b"}"#, r#"{"failure":true}"#),
        (r#"{"base":"http://h/a""#, r#"{"failure":true}"#),
        (r#"{"base":"http://h/a","href":"file:///C|/x","more":1}"#, r#"{"href":"file:///C:/x"}"#),
    ] {
        writeln!(questions, "{question}").expect("it listens");
        let mut line = String::new();
        answers.read_line(&mut line).expect("it answers");
        assert_eq!(line.trim_end(), answer);
    }
    drop(questions);
    assert!(child.wait().expect("it ends").success());
}

#[test]
fn robots_by_exit_code() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("robots.txt");
    std::fs::write(&file, "User-agent: xuncha\nDisallow: /内部/\n").expect("written");
    let file = file.to_str().expect("a path");
    let code = |args: &[&str]| xuncha(&[&["inspect", "robots"], args].concat()).status.code();
    let ask = |agent: &str, url: &str| code(&["--file", file, "--agent", agent, url]);
    assert_eq!(ask("xuncha/0.1 (+mailto:a@b)", "http://h/"), Some(0));
    assert_eq!(ask("xuncha/0.1", "http://h/内部/1.html"), Some(1));
    assert_eq!(ask("xuncha", "http://h/%e5%86%85%e9%83%a8/"), Some(1));
    assert_eq!(ask("other", "http://h/内部/"), Some(0));
    assert_eq!(code(&["--file", "/nowhere/robots.txt", "--agent", "x", "http://h/"]), Some(2));
    assert_eq!(code(&["--file", file]), Some(2));
}
