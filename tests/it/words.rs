//! Word lists as an office sees them: `inspect text` line by line, own lists beside the shipped ones, faults at their places.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn inspect(args: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_xuncha"))
        .args(["inspect", "text"])
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    // Where the lists are refused it reads nothing, and the pipe may be closed by then.
    let _ = child.stdin.take().expect("its input").write_all(input.as_bytes());
    child.wait_with_output().expect("it ends")
}

fn hits(line: &str) -> Vec<serde_json::Value> {
    let value: serde_json::Value = serde_json::from_str(line).expect("JSON");
    value["hits"].as_array().expect("hits").clone()
}

#[test]
fn each_line_is_answered_before_the_next_is_asked() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_xuncha"))
        .args(["inspect", "text", "--json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it runs");
    let mut texts = child.stdin.take().expect("its input");
    let mut answers = BufReader::new(child.stdout.take().expect("its output"));
    for (text, wrong) in [("会议部暑了任务", Some("部暑")), ("", None), ("会议部署了任务", None)]
    {
        writeln!(texts, "{text}").expect("it listens");
        let mut line = String::new();
        answers.read_line(&mut line).expect("it answers");
        let hits = hits(&line);
        assert_eq!(hits.first().and_then(|hit| hit["wrong"].as_str()), wrong, "{text}");
        if let Some(hit) = hits.first() {
            let told = (&hit["tier"], &hit["start"], &hit["len"], &hit["right"], &hit["rule"]);
            assert_eq!(told, (&1.into(), &2.into(), &2.into(), &"部署".into(), &"never".into()));
        }
    }
    drop(texts);
    assert!(child.wait().expect("it ends").success());
}

fn own(dir: &Path, file: &str, text: &str) {
    std::fs::create_dir_all(dir.join("words")).expect("a folder");
    std::fs::write(dir.join("words").join(file), text).expect("a file");
}

#[test]
fn a_word_of_the_offices_own_works_at_once() {
    let dir = tempfile::tempdir().expect("a folder");
    own(dir.path(), "never.tsv", "示列市\t示例市\n");
    own(dir.path(), "right.tsv", "部暑村\n");
    let folder = dir.path().to_str().expect("UTF-8");
    let run = inspect(&["--json", "--dir", folder], "示列市召开会议\n部暑村\n");
    let said = String::from_utf8(run.stdout).expect("UTF-8");
    let lines: Vec<_> = said.lines().map(hits).collect();
    assert_eq!(lines[0][0]["right"], "示例市");
    assert!(lines[1].is_empty(), "{said}");
    assert!(run.status.success());
}

#[test]
fn faults_of_own_lists_stop_everything_and_say_where() {
    let dir = tempfile::tempdir().expect("a folder");
    own(dir.path(), "never.tsv", "# 注释\n部暑\n");
    let folder = dir.path().to_str().expect("UTF-8");
    let run = inspect(&["--json", "--dir", folder], "示例\n");
    let said = String::from_utf8(run.stderr).expect("UTF-8");
    assert!(said.contains("words/never.tsv:2:4: "), "{said}");
    assert_eq!(run.status.code(), Some(2));
    own(dir.path(), "nevers.tsv", "部暑\t部署\n");
    own(dir.path(), "never.tsv", "部暑\t部署\n");
    let said = String::from_utf8(inspect(&["--dir", folder], "").stderr).expect("UTF-8");
    assert!(said.contains("nevers.tsv:1:1: ") && said.contains("never.tsv"), "{said}");
}
