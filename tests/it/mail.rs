//! Letters on their way: a server that misbehaves by script, and a real one whose mailbox is opened again.

use std::io::{BufRead as _, BufReader, Cursor};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use calamine::{Reader as _, Xlsx};
use rusqlite::Connection;
use xuncha::calendar::{Instant8, from_millis};
use xuncha::config::valid::MailSecurity;
use xuncha::mail::compose::{Formatted, Templates, message};
use xuncha::mail::outbox::State;
use xuncha::mail::send::{Login, Patience, Round, Server, deliver};
use xuncha::mail::{Letter, letters_dated};
use xuncha::store::outbox::{HandedOver, Outbox, Queued};

use crate::papers_sample as sample;
use crate::smtp_sink::{Answer, Script, Sink};
use Answer::{Close, Hang, Say};

const HALF_HOUR: i64 = 30 * 60_000;

pub(crate) fn server(sink: &Sink) -> Server {
    Server {
        host: "127.0.0.1".into(),
        port: sink.addr.port(),
        security: MailSecurity::Plain,
        login: None,
        patience: Patience { command: Duration::from_millis(300), text: Duration::from_millis(300) },
        pace: Duration::ZERO,
    }
}

pub(crate) fn ledger(path: &Path) -> Connection {
    let conn = Connection::open(path).expect("a database");
    let there: bool = conn
        .query_row("SELECT count(*) FROM sqlite_schema WHERE name = 'outbox'", [], |row| row.get(0))
        .expect("the schema");
    if !there {
        for schema in [
            include_str!("../../src/store/migrations/ledger/V1__ledger.sql"),
            include_str!("../../src/store/migrations/ledger/V2__outbox.sql"),
            include_str!("../../src/store/migrations/ledger/V4__loop.sql"),
        ] {
            conn.execute_batch(schema).expect("the schema");
        }
    }
    conn
}

/// A letter to each of `recipients`, as rows 1, 2, …
pub(crate) fn queued(conn: &Connection, recipients: &[&str]) {
    for recipient in recipients {
        let mail = Formatted {
            message_id: format!("<{recipient}>"),
            sender: "office@office.example".into(),
            recipients: vec![(*recipient).to_owned()],
            bytes: format!("Message-ID: <{recipient}>\r\nSubject: s\r\n\r\n.dot\r\n\r\nend\r\n").into_bytes(),
        };
        let handed_over = HandedOver::from([(None, vec!["202611-0001".to_owned()])]);
        let letter = Queued {
            batch: "202611",
            unit: recipient,
            kind: "unit",
            via: "邮件",
            subject: "s",
            issued: "2026-11-20".parse().expect("a date"),
            handed_over: &handed_over,
            message: Some(&mail),
        };
        Outbox::on(conn).queue(&letter, from_millis(0)).expect("queued");
    }
}

fn sent(conn: &Connection, server: &Server, at: i64) -> Round {
    deliver(&Outbox::on(conn), server, &|| from_millis(at)).expect("a round")
}

pub(crate) fn states(conn: &Connection) -> Vec<State> {
    Outbox::on(conn).copies().expect("copies").iter().map(|copy| copy.state).collect()
}

fn in_memory(recipients: &[&str]) -> Connection {
    let conn = ledger(Path::new(":memory:"));
    queued(&conn, recipients);
    conn
}

#[test]
fn each_step_and_answer_leads_to_its_state() {
    let base = Script::default;
    let table: Vec<(&str, Script, State)> = vec![
        ("all well", base(), State::Accepted),
        ("421 greeting", Script { greeting: Say("421 busy"), ..base() }, State::Deferred),
        ("closed at once", Script { greeting: Close, ..base() }, State::Deferred),
        ("silent at once", Script { greeting: Hang, ..base() }, State::Deferred),
        ("421 MAIL", Script { mail: Say("421 closing"), ..base() }, State::Deferred),
        ("450 MAIL", Script { mail: Say("450 later"), ..base() }, State::Deferred),
        ("550 MAIL", Script { mail: Say("550 no"), ..base() }, State::Rejected),
        (
            "530 MAIL: a login is wanted",
            Script { mail: Say("530 authenticate first"), ..base() },
            State::Pending,
        ),
        ("450 RCPT: greylisted", Script { rcpt: Say("450 4.2.0 greylisted"), ..base() }, State::Deferred),
        ("452 RCPT", Script { rcpt: Say("452 full"), ..base() }, State::Deferred),
        ("550 RCPT", Script { rcpt: Say("550 no such user"), ..base() }, State::Rejected),
        ("553 RCPT", Script { rcpt: Say("553 no"), ..base() }, State::Rejected),
        ("closed at RCPT", Script { rcpt: Close, ..base() }, State::Deferred),
        ("silent at RCPT", Script { rcpt: Hang, ..base() }, State::Deferred),
        ("451 DATA", Script { data: Say("451 later"), ..base() }, State::Deferred),
        ("554 DATA", Script { data: Say("554 no"), ..base() }, State::Rejected),
        ("closed at DATA", Script { data: Close, ..base() }, State::Deferred),
        ("silent at DATA", Script { data: Hang, ..base() }, State::Deferred),
        ("421 after the text", Script { end: Say("421 closing"), ..base() }, State::Deferred),
        ("451 after the text", Script { end: Say("451 later"), ..base() }, State::Deferred),
        ("552 after the text", Script { end: Say("552 too big"), ..base() }, State::Rejected),
        ("554 after the text", Script { end: Say("554 spam"), ..base() }, State::Rejected),
        ("closed after the text", Script { end: Close, ..base() }, State::Unknown),
        ("silent after the text", Script { end: Hang, ..base() }, State::Unknown),
        ("garbage after the text", Script { end: Say("hello"), ..base() }, State::Unknown),
    ];
    for (what, script, state) in table {
        let sink = Sink::start(vec![script]);
        let conn = in_memory(&["a@units.example"]);
        sent(&conn, &server(&sink), 1);
        assert_eq!(states(&conn), [state], "{what}");
        let accepted = state == State::Accepted;
        assert_eq!(Outbox::on(&conn).unrecorded().expect("rows").len(), usize::from(accepted), "{what}");
    }
}

#[test]
fn the_text_arrives_as_it_was_stored() {
    let sink = Sink::start(vec![Script::default()]);
    let conn = in_memory(&["a@units.example"]);
    sent(&conn, &server(&sink), 1);
    let stored = Outbox::on(&conn).bytes(1).expect("bytes").expect("a message");
    let came = sink.texts().remove(0);
    assert_eq!(String::from_utf8_lossy(&came).trim_end(), String::from_utf8_lossy(&stored).trim_end());
    let commands = sink.sessions().remove(0).commands;
    assert_eq!(commands[1..4], ["MAIL FROM:<office@office.example>", "RCPT TO:<a@units.example>", "DATA"]);
}

#[test]
fn an_unknown_end_is_sent_once_more_with_the_same_id_and_then_held() {
    let sink = Sink::start(vec![Script { end: Close, ..Script::default() }]);
    let conn = in_memory(&["a@units.example"]);
    let server = server(&sink);
    sent(&conn, &server, 1);
    sent(&conn, &server, HALF_HOUR);
    assert_eq!(sink.texts().len(), 1, "not before half an hour");
    sent(&conn, &server, HALF_HOUR + 1);
    assert_eq!(states(&conn), [State::Held]);
    for day in 1..10 {
        sent(&conn, &server, day * 86_400_000);
    }
    let texts = sink.texts();
    assert_eq!(texts.len(), 2);
    assert_eq!(texts[0], texts[1]);
}

#[test]
fn greylisting_is_waited_out() {
    let grey = Script { rcpt: Say("450 greylisted"), ..Script::default() };
    let sink = Sink::start(vec![grey, grey, Script::default()]);
    let conn = in_memory(&["a@units.example"]);
    let server = server(&sink);
    for minute in 0..=200 {
        sent(&conn, &server, minute * 60_000);
    }
    assert_eq!((states(&conn), sink.sessions().len()), (vec![State::Accepted], 3));
}

#[test]
fn one_bad_recipient_is_one_letter_not_sent() {
    let bad = Script { rcpt: Say("550 no such user"), ..Script::default() };
    let sink = Sink::start(vec![Script::default(), bad, Script::default()]);
    let conn = in_memory(&["a@units.example", "b@units.example", "c@units.example"]);
    let round = sent(&conn, &server(&sink), 1);
    assert_eq!(states(&conn), [State::Accepted, State::Rejected, State::Accepted]);
    assert_eq!(round.tried[1].2, "RCPT：permanent error (550): no such user");
    assert_eq!(sink.texts().len(), 2);
}

#[test]
fn a_server_that_is_down_is_asked_once_a_round_and_loses_nothing() {
    let closed =
        std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    let conn = in_memory(&["a@units.example", "b@units.example"]);
    let sink = Sink::start(vec![Script::default()]);
    let down = Server { port: closed.port(), ..server(&sink) };
    let round = sent(&conn, &down, 1);
    assert_eq!((round.tried.len(), round.stopped.is_some()), (1, true));
    assert_eq!(states(&conn), [State::Deferred, State::Pending]);
    sent(&conn, &server(&sink), 3 * 86_400_000);
    assert_eq!(states(&conn), [State::Accepted, State::Accepted]);
}

#[test]
fn nothing_secret_crosses_an_open_line() {
    let login = Some(Login { user: "office".into(), password: "canary".into() });
    let sink = Sink::start(vec![Script { extensions: &["AUTH PLAIN LOGIN"], ..Script::default() }]);
    let conn = in_memory(&["a@units.example"]);
    // STARTTLS stripped by somebody on the way, and a login asked for on a plain line.
    let stripped = Server { security: MailSecurity::StartTls, login: login.clone(), ..server(&sink) };
    let round = sent(&conn, &stripped, 1);
    assert!(round.stopped.expect("stopped").contains("STARTTLS"));
    let plain = Server { login, ..server(&sink) };
    assert!(sent(&conn, &plain, 2).stopped.expect("stopped").contains("未加密"));
    assert_eq!(states(&conn), [State::Pending]);
    let commands: Vec<String> = sink.sessions().into_iter().flat_map(|session| session.commands).collect();
    assert!(commands.iter().all(|command| command.starts_with("EHLO") || command == "QUIT"), "{commands:?}");
}

#[test]
fn a_certificate_that_nobody_vouches_for_ends_it() {
    let sink = Sink::start(vec![Script { extensions: &["STARTTLS", "AUTH PLAIN"], ..Script::default() }]);
    let conn = in_memory(&["a@units.example"]);
    let server = Server {
        host: "localhost".into(),
        security: MailSecurity::StartTls,
        login: Some(Login { user: "office".into(), password: "canary".into() }),
        patience: Patience { command: Duration::from_secs(20), text: Duration::from_secs(20) },
        ..server(&sink)
    };
    let round = sent(&conn, &server, 1);
    let why = round.stopped.expect("stopped");
    assert!(why.contains("certificate"), "{why}");
    assert_eq!(states(&conn), [State::Pending]);
    let commands: Vec<String> = sink.sessions().into_iter().flat_map(|session| session.commands).collect();
    assert!(commands.iter().all(|command| !command.starts_with("AUTH") && !command.starts_with("MAIL")));
}

#[test]
fn an_open_line_leads_to_this_machine_only() {
    let sink = Sink::start(vec![Script::default()]);
    let conn = in_memory(&["a@units.example"]);
    let elsewhere = Server { host: "192.0.2.1".into(), ..server(&sink) };
    let round = sent(&conn, &elsewhere, 1);
    assert!(round.stopped.expect("stopped").contains("只允许发往本机"));
    assert_eq!((states(&conn), sink.sessions().len()), (vec![State::Pending], 0));
}

#[test]
fn what_a_server_says_is_stored_without_control_characters() {
    let rude = Script { rcpt: Say("550 \u{1b}[31mno\u{7} \u{202e}user"), ..Script::default() };
    let sink = Sink::start(vec![rude]);
    let conn = in_memory(&["a@units.example"]);
    sent(&conn, &server(&sink), 1);
    let note = &Outbox::on(&conn).copies().expect("copies")[0].note;
    assert!(note.contains("[31mno user") && !note.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{note:?}");
}

/// The process dies while the server is silent at `step`: what another process then finds, and what comes of it.
fn killed_at(step: &str, script: Script) -> (State, usize, State) {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("ledger.db");
    queued(&ledger(&path), &["a@units.example"]);
    let sink = Sink::start(vec![script, Script::default()]);
    let patient = Server {
        patience: Patience { command: Duration::from_hours(1), text: Duration::from_hours(1) },
        ..server(&sink)
    };
    let first = path.clone();
    // Never joined: to the ledger it is a process that stopped in the middle.
    std::thread::spawn(move || deliver(&Outbox::on(&ledger(&first)), &patient, &|| from_millis(1)));
    sink.wait_for(step);
    let conn = ledger(&path);
    let found = states(&conn)[0];
    sent(&conn, &server(&sink), 2);
    sent(&conn, &server(&sink), 2 + HALF_HOUR);
    (found, sink.texts().len(), states(&conn)[0])
}

#[test]
fn killed_before_the_text_is_a_safe_retry_and_after_it_at_most_two_copies() {
    let base = Script::default;
    assert_eq!(killed_at("mail", Script { mail: Hang, ..base() }), (State::Attempting, 1, State::Accepted));
    assert_eq!(killed_at("rcpt", Script { rcpt: Hang, ..base() }), (State::Attempting, 1, State::Accepted));
    assert_eq!(killed_at("data", Script { data: Hang, ..base() }), (State::Attempting, 1, State::Accepted));
    assert_eq!(killed_at("end", Script { end: Hang, ..base() }), (State::BodySent, 2, State::Accepted));
}

fn sample_letters() -> Vec<Letter> {
    let (config, registry) = (sample::config(), sample::registry());
    letters_dated(sample::BATCH, &sample::cases(), &registry, &config, &sample::gaps(), sample::dates())
        .expect("letters")
}

fn composed(letter: &Letter, at: Instant8) -> Formatted {
    let config = sample::config();
    let written = Templates::embedded().write(letter, &config).expect("a letter");
    message(letter, &written, &config, at).expect("a message")
}

#[test]
fn the_previewed_files_are_whole() {
    let dir = tempfile::tempdir().expect("a folder");
    let kept = std::env::var_os("XUNCHA_KEEP_PAPERS").map(std::path::PathBuf::from);
    let dir = kept.as_deref().unwrap_or(dir.path());
    let templates = Templates::embedded();
    let at = sample::at("2026-11-20T09:00");
    let paths = xuncha::mail::preview::write(dir, &sample_letters(), &templates, &sample::config(), at)
        .expect("a preview");
    let names: Vec<String> =
        paths.iter().map(|path| path.file_name().expect("a name").to_string_lossy().into_owned()).collect();
    let letters = [
        "01_示例市交通运输局_问题交办",
        "02_示例市民政局_提示单",
        "03_示例市电子政务中心_问题交办",
        "04_示例县人民政府办公室_问题交办（县区）",
        "05_示例县青山镇人民政府_问题交办（专送）",
    ];
    let expected: Vec<String> =
        letters.iter().flat_map(|name| ["txt", "html", "eml"].map(|ext| format!("{name}.{ext}"))).collect();
    assert_eq!(names, expected);
    let lists = std::fs::read_dir(dir.join(letters[3])).expect("the folder").count();
    assert_eq!(lists, 3, "汇总表 and one list for each of two units");
}

/// `python3` with aiosmtpd, where the machine has one.
fn python() -> Option<&'static str> {
    let runs = |python: &&str| {
        Command::new(python)
            .args(["-c", "import aiosmtpd"])
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    };
    ["python3", "/usr/bin/python3"].into_iter().find(runs)
}

/// A mail server that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn real_server(python: &str, maildir: &Path) -> (Running, u16) {
    let port =
        std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port();
    let mut child = Command::new(python)
        .args(["-u", "-m", "aiosmtpd", "-n", "-d", "-l", &format!("127.0.0.1:{port}")])
        .args(["-c", "aiosmtpd.handlers.Mailbox"])
        .arg(maildir)
        .stderr(Stdio::piped())
        .spawn()
        .expect("the server starts");
    let mut said = BufReader::new(child.stderr.take().expect("its output")).lines();
    let up = said.by_ref().map_while(Result::ok).any(|line| line.contains("listening"));
    assert!(up, "the mail server did not start");
    // Its output must go somewhere, or it stops when the pipe is full.
    std::thread::spawn(move || said.for_each(drop));
    (Running(child), port)
}

/// Reads a message with Python's own parser: an independent reader of what we wrote.
fn parsed(python: &str, message: &Path, attachments: &Path) -> serde_json::Value {
    const READER: &str = r"
import email, email.policy, json, pathlib, sys
mail = email.message_from_bytes(pathlib.Path(sys.argv[1]).read_bytes(), policy=email.policy.default)
files = []
for n, part in enumerate(mail.iter_attachments()):
    path = pathlib.Path(sys.argv[2]) / f'{n}.xlsx'
    path.write_bytes(part.get_content())
    files.append([part.get_filename(), part.get_content_type(), str(path)])
print(json.dumps({
    'subject': mail['Subject'], 'to': mail['To'], 'cc': mail['Cc'], 'from': mail['From'],
    'reply_to': mail['Reply-To'], 'id': mail['Message-ID'], 'type': mail.get_content_type(),
    'text': mail.get_body(('plain',)).get_content(), 'html': mail.get_body(('html',)).get_content(),
    'files': files, 'defects': [str(d) for p in mail.walk() for d in p.defects],
}))";
    let output = Command::new(python)
        .args(["-c", READER])
        .arg(message)
        .arg(attachments)
        .output()
        .expect("python runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

#[test]
fn a_real_server_takes_the_letters_and_they_can_be_read_again() {
    let Some(python) = python() else {
        assert!(std::env::var_os("CI").is_none(), "python3-aiosmtpd is missing");
        #[allow(clippy::print_stderr, reason = "a test that did not run must be seen")]
        {
            eprintln!("未运行：缺少 python3-aiosmtpd（apt-get install python3-aiosmtpd）");
        }
        return;
    };
    let dir = tempfile::tempdir().expect("a folder");
    let maildir = dir.path().join("mail");
    let (_running, port) = real_server(python, &maildir);
    let letters = sample_letters();
    let conn = ledger(Path::new(":memory:"));
    let at = sample::at("2026-11-20T09:00");
    for letter in &letters {
        let mail = composed(letter, at);
        let queued = Queued {
            batch: &letter.batch,
            unit: &letter.unit,
            kind: letter.kind.word(),
            via: "邮件",
            subject: &letter.subject,
            issued: letter.issued,
            handed_over: &letter.handed_over(),
            message: Some(&mail),
        };
        Outbox::on(&conn).queue(&queued, at).expect("queued");
    }
    let server = Server {
        host: "127.0.0.1".into(),
        port,
        security: MailSecurity::Plain,
        login: None,
        patience: Patience::default(),
        pace: Duration::ZERO,
    };
    let round = deliver(&Outbox::on(&conn), &server, &|| at).expect("a round");
    assert_eq!(round.stopped, None);
    // Five letters, one of them with a copy.
    assert_eq!(states(&conn), vec![State::Accepted; 6]);

    let mut mails: Vec<serde_json::Value> = std::fs::read_dir(maildir.join("new"))
        .expect("the mailbox")
        .enumerate()
        .map(|(n, entry)| {
            let files = dir.path().join(n.to_string());
            std::fs::create_dir(&files).expect("a folder");
            parsed(python, &entry.expect("an entry").path(), &files)
        })
        .collect();
    assert_eq!(mails.len(), 6);
    assert!(mails.iter().all(|mail| mail["defects"] == serde_json::json!([])), "{mails:?}");
    mails.retain(|mail| mail["to"].as_str().is_some_and(|to| to.contains("jtj@units.example")));
    assert_eq!(mails.len(), 2, "主送 and 抄送 each have an envelope");
    assert_eq!(mails[0]["id"], mails[1]["id"]);
    let mail = &mails[0];
    assert_eq!(
        mail["subject"],
        "【问题交办】示例市交通运输局 2026年11月监测问题6项，请于12月4日（星期五）前反馈"
    );
    assert_eq!(mail["to"], "示例市交通运输局联络员 <jtj@units.example>");
    assert_eq!(mail["cc"], "dzzw@units.example");
    // A long name is two encoded words; not every parser drops the space between them.
    let reply_to = mail["reply_to"].as_str().map(|text| text.replace(' ', ""));
    assert_eq!(reply_to.as_deref(), Some("示例市人民政府办公室政务公开科<zwgk@office.example>"));
    assert_eq!(mail["type"], "multipart/mixed");
    assert!(
        mail["text"]
            .as_str()
            .is_some_and(|text| text.contains("其中1项为模板问题，涉及1043个页面，修改1处即可"))
    );
    assert!(mail["html"].as_str().is_some_and(|html| html.contains("涉及1043个页面，修改1处即可")));
    assert_eq!(mail["files"][0][0], "问题清单_示例市交通运输局_202611.xlsx");
    let bytes = std::fs::read(mail["files"][0][2].as_str().expect("a path")).expect("the attachment");
    let mut book = Xlsx::new(Cursor::new(bytes)).expect("a workbook");
    let sheet = book.worksheet_range("问题清单").expect("the sheet");
    let numbers: Vec<String> = sheet.rows().skip(4).map(|row| row[1].to_string()).collect();
    assert_eq!(
        numbers,
        ["202611-0031", "202611-0032", "202611-0033", "202611-0037", "202611-0034", "202611-0035"]
    );
}
