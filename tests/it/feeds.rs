//! `xuncha inspect feed` from outside: one JSON object for whatever stands in the file.

use std::process::{Command, Stdio};

use serde_json::{Value, json};

fn inspect(bytes: &[u8]) -> Value {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("feed");
    std::fs::write(&path, bytes).expect("writes");
    let mut command = Command::new(env!("CARGO_BIN_EXE_xuncha"));
    command
        .args(["inspect", "feed"])
        .arg(&path)
        .args(["--as-of", "2026-11-20", "--json"])
        .stdin(Stdio::null());
    let output = command.output().expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("one JSON object")
}

#[test]
fn one_object_a_file() {
    let (gbk, ..) = encoding_rs::GBK.encode(
        "<?xml version=\"1.0\" encoding=\"gb2312\"?><rss><channel><title>示例</title><lastBuildDate>Fri, 20 Nov 2026 09:00:00 GMT</lastBuildDate>\
         <item><title>供暖&nbsp;通知</title><link>https://x.example/a?b=1&c=2</link><pubDate>星期二, 17 十一月 2026 09:30:00 +0800</pubDate></item>\
         <item><title>旧</title><pubDate>Sun, 01 Nov 2026 20:00:00 GMT</pubDate>",
    );
    assert_eq!(
        inspect(&gbk),
        json!({
            "newest": "2026-11-17 09:30:00",
            "items": [
                { "title": "供暖 通知", "url": "https://x.example/a?b=1&c=2", "date": "2026-11-17 09:30:00" },
                { "title": "旧", "url": "", "date": "2026-11-02 04:00:00" },
            ],
            "gaps": [{ "subject": "feed", "why": "cut" }, { "subject": "feed", "why": "damaged" }],
        })
    );
    for bytes in [&b""[..], b"\xff\xfe", b"<html><body>502</body></html>", b"{\"items\":", b"\x89PNG\r\n"] {
        let read = inspect(bytes);
        assert_eq!((&read["newest"], &read["items"]), (&Value::Null, &json!([])));
        assert!(!read["gaps"].as_array().expect("gaps").is_empty());
    }
    let missing = Command::new(env!("CARGO_BIN_EXE_xuncha"))
        .args(["inspect", "feed", "/nowhere/feed"])
        .output()
        .expect("it runs");
    assert_eq!(missing.status.code(), Some(2));
}
