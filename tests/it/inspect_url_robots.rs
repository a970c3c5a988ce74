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

/// Asks `inspect url` on one standard input, a line a case, and returns the lines that came.
fn ask(questions: String) -> Vec<String> {
    let mut child = Command::new(env!("CARGO_BIN_EXE_xuncha"))
        .args(["inspect", "url"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it runs");
    let mut input = child.stdin.take().expect("its input");
    let asking = std::thread::spawn(move || input.write_all(questions.as_bytes()).expect("it listens"));
    let output = child.wait_with_output().expect("it ends");
    asking.join().expect("all was asked");
    String::from_utf8(output.stdout).expect("UTF-8").lines().map(str::to_owned).collect()
}

/// The published cases, each as its question and the answer that the standard gives. Their texts are JSON, because
/// some hold half a surrogate pair.
fn published_cases() -> Vec<(String, String)> {
    let table = include_str!("../data/urls/whatwg.tsv");
    let case = |line: &str| {
        let [base, href, expected] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let question = format!("{{\"base\":{base},\"href\":{href}}}\n");
        let expected: Option<String> = serde_json::from_str(expected).expect("a text or null");
        let failure = serde_json::json!({"failure": true});
        let answer = expected.map_or(failure, |href| serde_json::json!({ "href": href }));
        (question, answer.to_string())
    };
    table.split_terminator('\n').map(case).collect()
}

#[test]
fn the_published_url_cases_are_all_right() {
    let cases = published_cases();
    assert!(cases.len() > 880, "{} cases", cases.len());
    let answers = ask(cases.iter().map(|(question, _)| question.as_str()).collect());
    assert_eq!(answers.len(), cases.len());
    let wrong: Vec<_> = cases
        .iter()
        .zip(&answers)
        .filter(|((_, expected), answer)| expected != *answer)
        .map(|((question, expected), answer)| format!("{} {expected} {answer}", question.trim_end()))
        .collect();
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
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
    assert_eq!(ask("xuncha", "http://h/x/../%E5%86%85部/"), Some(1), "dots resolved as the patrol asks");
    assert_eq!(code(&["--file", "/nowhere/robots.txt", "--agent", "x", "http://h/"]), Some(2));
    assert_eq!(code(&["--file", file]), Some(2));
}
