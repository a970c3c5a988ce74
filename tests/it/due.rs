//! The ladder and the ways beside mail through the real binary: looked at, approved, sent once; carried by hand; posted to
//! groups, with a server that checks what the robots' makers document.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};

use calamine::{Reader as _, Xlsx};
use sha2::{Digest as _, Sha256};
use xuncha::ledger::case::Case;
use xuncha::ledger::event::Step;
use xuncha::store::ledger::Wanted;

use crate::notify::{SEND, approved, ledger, notify, office, plain, told};
use crate::smtp_sink::{Script, Sink};

fn cases(dir: &Path) -> Vec<Case> {
    ledger(dir).cases(&Wanted::default()).expect("cases")
}

/// The name of the batch that `--due` offers for approval.
fn offered(said: &str) -> String {
    let (_, rest) = said.split_once("--approve ").unwrap_or_else(|| panic!("nothing is due: {said}"));
    rest.split_whitespace().next().expect("a name").to_owned()
}

fn refused(dir: &Path, args: &[&str]) -> String {
    let output = notify(dir, args);
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8(output.stderr).expect("UTF-8")
}

#[test]
fn reminders_go_out_once_and_only_as_they_were_looked_at() {
    let sink = Sink::start(vec![Script::default()]);
    let office = office(&plain(&sink));
    let dir = office.path();
    approved(dir);
    told(&notify(dir, &SEND));
    let letters = sink.texts().len();
    let on = ["--on", "2026-12-02"];
    let said = told(&notify(dir, &[&["--due", "--out", "due"], &on[..]].concat()));
    assert!(
        said.contains("临期提示") && said.contains("【临期提示】示例市交通运输局：交办的问题有"),
        "{said}"
    );
    assert!(std::fs::read_dir(dir.join("due")).expect("a folder").count() > 2);
    assert_eq!(sink.texts().len(), letters, "looking sends nothing");
    let batch = offered(&said);
    let approve = |batch: &str, on: &str| {
        ["--due", "--approve", batch, "--by", "王某某", "--on", on].map(str::to_owned)
    };
    let run = |args: &[String]| {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        notify(dir, &args)
    };
    assert_eq!(run(&approve("T20261202-000000", "2026-12-02")).status.code(), Some(2));
    assert_eq!(run(&approve(&batch, "2026-12-03")).status.code(), Some(2), "another day is another batch");
    assert_eq!(sink.texts().len(), letters);
    told(&run(&approve(&batch, "2026-12-02")));
    let after = sink.texts().len();
    assert!(after > letters, "the reminders went out");
    assert_eq!(run(&approve(&batch, "2026-12-02")).status.code(), Some(2), "nothing goes out twice");
    assert_eq!(sink.texts().len(), after);
    let reminded = cases(dir);
    let noticed = |case: &&Case| case.progress.reminders.iter().any(|one| one.step == Step::Notice);
    assert!(reminded.iter().filter(noticed).count() >= 4);
    // The next day nothing of that is due again.
    let next = told(&notify(dir, &["--due", "--on", "2026-12-03"]));
    assert!(!next.contains("临期提示"), "{next}");
}

#[test]
fn an_order_is_never_mailed_and_counts_from_its_delivery() {
    let sink = Sink::start(vec![Script::default()]);
    let office = office(&plain(&sink));
    let dir = office.path();
    approved(dir);
    told(&notify(dir, &SEND));
    for on in ["2026-12-07", "2026-12-14"] {
        let said = told(&notify(dir, &["--due", "--on", on]));
        let before = sink.texts().len();
        let said = told(&notify(dir, &["--due", "--approve", &offered(&said), "--by", "王某某", "--on", on]));
        if on == "2026-12-14" {
            let new = &sink.texts()[before..];
            assert!(new.is_empty(), "督办单 are signed by hand: {said}");
        }
    }
    let ordered = |case: &&Case| case.progress.reminders.iter().any(|one| one.step == Step::Order);
    assert_eq!(cases(dir).iter().filter(ordered).count(), 0, "nothing was delivered yet");
    let outbox = told(&notify(dir, &["--outbox"]));
    assert!(outbox.contains("待线下送达"), "{outbox}");
    let mark =
        ["--mark-sent", "示例市交通运输局", "--via", "公文交换", "--date", "2020-01-06", "--by", "王某某"];
    told(&notify(dir, &mark));
    assert!(cases(dir).iter().filter(ordered).count() > 0);
}

#[test]
fn a_year_that_the_calendar_lacks_stops_before_anything_is_sent() {
    let sink = Sink::start(vec![Script::default()]);
    let office = office(&plain(&sink));
    approved(office.path());
    told(&notify(office.path(), &SEND));
    let why = refused(office.path(), &["--due", "--on", "2031-01-06"]);
    assert!(why.contains("放假安排"), "{why}");
}

#[test]
fn parcels_for_what_does_not_go_by_mail() {
    let office = office("");
    let dir = office.path();
    approved(dir);
    let said = told(&notify(dir, &["--export", "发送包", "--by", "王某某", "--on", "2026-11-20"]));
    assert!(said.contains("5 个发送包"), "{said}");
    let first = dir.join("发送包/01_示例市交通运输局_问题交办");
    for file in ["正文.docx", "正文.txt", "正文.html", "问题清单_示例市交通运输局_202611.xlsx"]
    {
        assert!(first.join(file).is_file(), "{file}");
    }
    let bytes = std::fs::read(dir.join("发送包/送达登记表.xlsx")).expect("the receipts");
    let mut book = Xlsx::new(std::io::Cursor::new(bytes)).expect("a workbook");
    let sheet = book.worksheet_range("送达登记表").expect("the sheet");
    assert_eq!(sheet.rows().skip(3).count(), 5);
    assert!(cases(dir).iter().all(|case| case.assigned_on.is_none()), "the clock has not started");
    let mark = ["--mark-sent", "202611", "--via", "公文交换", "--date", "2020-01-06", "--by", "王某某"];
    let said = told(&notify(dir, &mark));
    assert!(said.contains("批次 202611 的 5 个单位于 2020-01-06 以公文交换送达"), "{said}");
    let handed: Vec<Case> = cases(dir).into_iter().filter(|case| case.assigned_on.is_some()).collect();
    assert!(
        !handed.is_empty()
            && handed.iter().all(|c| c.assigned_on.map(|d| d.to_string()).as_deref() == Some("2020-01-06"))
    );
    assert_eq!(notify(dir, &mark).status.code(), Some(2), "nothing is left to be marked");
    // What went by hand does not go by mail as well once there is a mail server.
    let sink = Sink::start(vec![Script::default()]);
    let config = std::fs::read_to_string(dir.join("xuncha.toml")).expect("reads") + &plain(&sink);
    std::fs::write(dir.join("xuncha.toml"), config).expect("writes");
    told(&notify(dir, &SEND));
    assert_eq!(sink.texts().len(), 0);
}

#[test]
fn parcels_that_are_made_first_leave_the_mails_in_their_batch() {
    let sink = Sink::start(vec![Script::default()]);
    let office = office(&plain(&sink));
    let dir = office.path();
    approved(dir);
    let approved = |dir: &Path| cases(dir).iter().filter(|case| case.progress.approved.is_some()).count();
    let before = approved(dir);
    let said = told(&notify(dir, &["--export", "发送包", "--by", "王某某", "--on", "2026-11-20"]));
    assert!(said.contains("个发送包") && !said.contains("超出清单条数"), "{said}");
    assert_eq!(approved(dir), before, "{said}");
    told(&notify(dir, &SEND));
    assert!(!sink.texts().is_empty(), "the mails go out after the parcels");
}

#[test]
fn dates_as_a_calendar_file() {
    let sink = Sink::start(vec![Script::default()]);
    let office = office(&plain(&sink));
    approved(office.path());
    told(&notify(office.path(), &SEND));
    told(&notify(office.path(), &["--ics", "时限.ics"]));
    let text = std::fs::read_to_string(office.path().join("时限.ics")).expect("a file");
    assert!(text.starts_with("BEGIN:VCALENDAR\r\n") && text.contains("DTEND:20261204T100000Z\r\n"), "{text}");
    assert!(text.split("\r\n").all(|line| line.len() <= 75));
}

/// A robot's server: hands over the path and the JSON of every POST, and answers as it is told.
fn robot(answer: &'static str) -> (SocketAddr, Receiver<(String, serde_json::Value)>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let addr = listener.local_addr().expect("an address");
    let (sender, seen) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let mut wire = BufReader::new(stream);
            let (mut path, mut length, mut json) = (String::new(), 0, false);
            loop {
                let mut line = String::new();
                if wire.read_line(&mut line).unwrap_or(0) == 0 {
                    break;
                }
                let line = line.trim_end().to_ascii_lowercase();
                if path.is_empty() {
                    path.clone_from(&line);
                }
                if let Some(value) = line.strip_prefix("content-length: ") {
                    length = value.parse().unwrap_or(0);
                }
                json |= line.starts_with("content-type: application/json");
                if line.is_empty() {
                    break;
                }
            }
            let mut body = vec![0; length];
            if wire.read_exact(&mut body).is_err() || !json || !path.starts_with("post ") {
                continue;
            }
            let body = serde_json::from_slice(&body).expect("JSON");
            let reply = format!(
                "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{answer}",
                answer.len()
            );
            let _ = wire.get_mut().write_all(reply.as_bytes());
            let _ = sender.send((path, body));
        }
    });
    (addr, seen)
}

fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    assert!(key.len() <= 64);
    let pad = |with: u8| (0..64).map(|n| key.get(n).copied().unwrap_or(0) ^ with).collect::<Vec<u8>>();
    let inner = Sha256::digest([pad(0x36), message.to_vec()].concat());
    Sha256::digest([pad(0x5c), inner.to_vec()].concat()).to_vec()
}

fn base64(bytes: &[u8]) -> String {
    let digits: Vec<char> = ('A'..='Z').chain('a'..='z').chain('0'..='9').chain(['+', '/']).collect();
    let bits: Vec<String> = bytes.iter().map(|byte| format!("{byte:08b}")).collect();
    let bits = bits.concat();
    let mut text: String = bits
        .as_bytes()
        .chunks(6)
        .map(|six| {
            let six = format!("{:0<6}", std::str::from_utf8(six).expect("bits"));
            digits[usize::from_str_radix(&six, 2).expect("bits")]
        })
        .collect();
    while !text.len().is_multiple_of(4) {
        text.push('=');
    }
    text
}

#[test]
fn groups_are_told_once_by_each_makers_rules() {
    let (wecom, of_wecom) = robot(r#"{"errcode":0,"errmsg":"ok"}"#);
    let (dingtalk, of_dingtalk) = robot(r#"{"errcode":0,"errmsg":"ok"}"#);
    let (feishu, of_feishu) = robot(r#"{"code":0,"msg":"success","data":{}}"#);
    let (rude, of_rude) = robot(r#"{"errcode":310000,"errmsg":"sign not match"}"#);
    let sink = Sink::start(vec![Script::default()]);
    let hooks = format!(
        "[egress]\nallow-private = [\"127.0.0.0/8\"]\n\
         [[webhook]]\nname = \"甲群\"\nrobot = \"wecom\"\nurl = \"http://{wecom}/cgi-bin/webhook/send?key=k\"\n\
         [[webhook]]\nname = \"乙群\"\nrobot = \"dingtalk\"\nurl = \"http://{dingtalk}/robot/send?access_token=t\"\nsecret-env = \"MAIL_PASSWORD_OF_THE_TEST\"\n\
         [[webhook]]\nname = \"丙群\"\nrobot = \"feishu\"\nurl = \"http://{feishu}/open-apis/bot/v2/hook/x\"\nsecret-env = \"MAIL_PASSWORD_OF_THE_TEST\"\n\
         [[webhook]]\nname = \"丁群\"\nrobot = \"dingtalk\"\nurl = \"http://{rude}/robot/send?access_token=t\"\n"
    );
    let office = office(&format!("{}{hooks}", plain(&sink)));
    let dir = office.path();
    approved(dir);
    told(&notify(dir, &SEND));
    let said = told(&notify(dir, &["--due", "--on", "2026-12-02"]));
    let batch = offered(&said);
    let said = told(&notify(
        dir,
        &["--due", "--approve", &batch, "--by", "王某某", "--on", "2026-12-02", "--group"],
    ));
    assert!(said.contains("已发到工作群“甲群”（企业微信机器人，1 条）"), "{said}");
    assert!(said.contains("未能发到工作群“丁群”（钉钉机器人）：310000 sign not match"), "{said}");
    assert!(!said.contains("access_token"), "the address is a secret: {said}");

    let (_, body) = of_wecom.try_recv().expect("told");
    assert_eq!(body["msgtype"], "text");
    let text = body["text"]["content"].as_str().expect("a text").to_owned();
    assert!(text.contains("【临期提示】示例市交通运输局") && !text.contains("身份证"), "{text}");
    let secret = "canary-password";
    let (path, body) = of_dingtalk.try_recv().expect("told");
    assert_eq!(body["text"]["content"], text);
    let query = |name: &str| {
        let (_, rest) = path.split_once(&format!("{name}=")).unwrap_or_else(|| panic!("{name} in {path}"));
        rest.split(['&', ' ']).next().unwrap_or_default().to_owned()
    };
    let stamp = query("timestamp");
    let sign = base64(&hmac(secret.as_bytes(), format!("{stamp}\n{secret}").as_bytes()));
    let sign = sign.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D").to_ascii_lowercase();
    assert_eq!((stamp.len(), query("sign")), (13, sign));
    let (_, body) = of_feishu.try_recv().expect("told");
    assert_eq!((&body["msg_type"], &body["content"]["text"]), (&"text".into(), &text.clone().into()));
    let stamp = body["timestamp"].as_str().expect("a time");
    assert_eq!(body["sign"], base64(&hmac(format!("{stamp}\n{secret}").as_bytes(), b"")));

    // What was refused is tried again; what was taken is not.
    assert!(of_rude.try_recv().is_ok());
    told(&notify(dir, &["--resume", "--by", "王某某"]));
    assert!(of_rude.try_recv().is_ok());
    assert!(of_wecom.try_recv().is_err() && of_dingtalk.try_recv().is_err() && of_feishu.try_recv().is_err());
}
