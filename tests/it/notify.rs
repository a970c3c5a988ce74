//! `xuncha notify` through the real binary: looked at, sent once, continued after trouble, entered by hand.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};

use xuncha::finding::Fingerprint;
use xuncha::ledger::Observations;
use xuncha::ledger::case::{Case, CaseState};
use xuncha::store::batches::Review;
use xuncha::store::ledger::{Ledger, Wanted};

use crate::papers_sample as sample;
use crate::smtp_sink::{Answer::Say, Script, Sink};

/// An installation that writes to `mail` (the lines of `[mail]`), with the sample's problems confirmed.
pub(crate) fn office(mail: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    let holidays = concat!(env!("CARGO_MANIFEST_DIR"), "/config/holidays.toml");
    std::fs::copy(holidays, dir.path().join("holidays.toml")).expect("copies");
    let files = [
        (
            "xuncha.toml",
            format!(
                "[office]\nsignature = \"示例市人民政府办公室政务公开科\"\narea = \"示例市\"\ncontact = \"李某某\"\n\
                 phone = \"0000-0000000\"\nreply-to = \"zwgk@office.example\"\n\
                 [crawl]\ncontact = \"zwgk@office.example\"\n{mail}"
            ),
        ),
        (
            "units.csv",
            "单位名称,简称,上级主管单位,类别,排序,分管领导,联络员,办公电话,邮箱,抄送,送达方式\n\
             示例市交通运输局,,,部门,10,王某某,李某某,0000-0000001,jtj@units.example,dzzw@units.example,邮件\n\
             示例市民政局,,,部门,11,王某某,李某某,0000-0000002,,,公文交换\n\
             示例市电子政务中心,,,直属机构,30,王某某,李某某,0000-0000003,dzzw@units.example,,邮件\n\
             示例县人民政府办公室,,,县区,50,王某某,李某某,0000-0000004,xzfb@county.example,,邮件\n\
             示例县教育局,,示例县人民政府办公室,部门,51,王某某,李某某,0000-0000005,jyj@county.example,,邮件\n\
             示例县青山镇人民政府,,示例县人民政府办公室,乡镇街道,52,王某某,李某某,0000-0000006,,,线下\n"
                .to_owned(),
        ),
        (
            "sites.csv",
            "网站名称,网站标识码,首页网址,类型,级别,主管单位,主办单位,承办单位,运维单位,状态,标签\n\
             示例市人民政府门户网站,9901000001,https://www.city.example/,政府门户网站,市级,,示例市电子政务中心,,,正常运行,\n"
                .to_owned(),
        ),
    ];
    for (name, text) in files {
        std::fs::write(dir.path().join(name), text).expect("writes");
    }
    let cases = sample::cases();
    let units: BTreeMap<Fingerprint, String> =
        cases.iter().map(|case| (case.finding.fingerprint.clone(), case.unit.clone())).collect();
    let observed = Observations {
        run: "r1".into(),
        at: sample::at("2026-11-17T09:40"),
        whole: true,
        findings: cases.into_iter().map(|case| case.finding).collect(),
        passed: Vec::new(),
        unseen: Vec::new(),
        accounted: Vec::new(),
        undecided: sample::gaps(),
        units,
    };
    ledger(dir.path()).record(&observed).expect("records");
    dir
}

pub(crate) fn ledger(dir: &Path) -> Ledger {
    Ledger::open(&dir.join("state")).expect("opens")
}

pub(crate) fn approved(dir: &Path) {
    let mut ledger = ledger(dir);
    let adopted = ledger.candidates().expect("candidates").into_iter().map(|case| case.number).collect();
    let review = Review {
        batch: sample::BATCH.into(),
        by: "王某某".into(),
        at: sample::at("2026-11-19T09:00"),
        adopted,
        refused: Vec::new(),
        source: None,
    };
    ledger.approve(&review).expect("approved");
}

pub(crate) fn notify(dir: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xuncha"))
        .arg("notify")
        .args(args)
        .args(["--state-dir", "state"])
        .env("SSL_CERT_FILE", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/data/mail-ca.pem"))
        .env("MAIL_PASSWORD_OF_THE_TEST", "canary-password")
        .current_dir(dir)
        .output()
        .expect("the binary runs")
}

pub(crate) fn told(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

pub(crate) const SEND: [&str; 6] = ["--send", "202611", "--by", "王某某", "--on", "2026-11-20"];

pub(crate) fn plain(sink: &Sink) -> String {
    format!(
        "[mail]\nhost = \"127.0.0.1\"\nport = {}\nsecurity = \"plain\"\nfrom = \"zwgk@office.example\"\n",
        sink.addr.port()
    )
}

fn cases(dir: &Path, state: CaseState) -> Vec<Case> {
    ledger(dir).cases(&Wanted::states(&[state])).expect("cases")
}

#[test]
fn nothing_leaves_without_approval() {
    let sink = Sink::start(vec![Script::default()]);
    let office = office(&plain(&sink));
    let refused = notify(office.path(), &SEND);
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("没有批次 202611"));
    assert_eq!(notify(office.path(), &["--preview", "look"]).status.code(), Some(2));
    assert_eq!(sink.sessions().len(), 0);
}

#[test]
fn a_preview_writes_files_and_sends_nothing() {
    let sink = Sink::start(vec![Script::default()]);
    let office = office(&plain(&sink));
    approved(office.path());
    let said = told(&notify(office.path(), &["--preview", "look", "--on", "2026-11-20"]));
    assert!(said.contains("批次 202611：5 封信函已写入 look（未发送）"), "{said}");
    let text =
        std::fs::read_to_string(office.path().join("look/01_示例市交通运输局_问题交办.txt")).expect("text");
    assert!(text.contains("12月4日前"), "{text}");
    assert!(!office.path().join("look/02_示例市民政局_提示单.eml").exists(), "not reached by mail");
    assert_eq!(sink.sessions().len(), 0);
    assert!(told(&notify(office.path(), &["--outbox"])).contains("发件箱为空"));
    assert_eq!(cases(office.path(), CaseState::Assigned), []);
}

#[test]
fn a_batch_is_sent_once_and_handed_over_as_it_arrives() {
    let bad = Script { rcpt: Say("550 no such user"), ..Script::default() };
    // 交通运输局, its copy, 电子政务中心, 县政府办公室.
    let sink = Sink::start(vec![Script::default(), Script::default(), Script::default(), bad]);
    let office = office(&plain(&sink));
    approved(office.path());
    let said = told(&notify(office.path(), &SEND));
    assert!(said.contains("本批次合计 6 份：已送达 3，待发送或重试 0，待线下送达 2，须人工处理 1"), "{said}");
    assert_eq!(sink.texts().len(), 3);
    let assigned = cases(office.path(), CaseState::Assigned);
    // 8 of 交通运输局 (6 problems, a hint, old stock) and 1 of 电子政务中心.
    assert_eq!(assigned.len(), 9);
    let due = |rule: &str| assigned.iter().find(|case| case.finding.rule == rule).and_then(|case| case.due);
    assert_eq!(due("no-ipv6").map(|day| day.to_string()).as_deref(), Some("2026-12-04"));
    assert_eq!(due("id-number-leak").map(|day| day.to_string()).as_deref(), Some("2026-11-21"));
    assert_eq!(assigned.iter().find(|case| case.finding.stock).and_then(|case| case.due), None);

    let again = told(&notify(office.path(), &SEND));
    assert!(again.contains("新列入发件箱 0 份"), "{again}");
    assert_eq!(sink.texts().len(), 3, "nothing is sent twice");

    let outbox = told(&notify(office.path(), &["--outbox"]));
    for word in ["已发送", "被拒收，请核实邮箱", "待线下送达", "no such user"] {
        assert!(outbox.contains(word), "{word} in {outbox}");
    }
}

#[test]
fn what_is_carried_by_hand_is_entered_with_its_day() {
    let sink = Sink::start(vec![Script::default()]);
    let office = office(&plain(&sink));
    approved(office.path());
    let mark = [
        "--mark-sent",
        "示例县青山镇人民政府",
        "--via",
        "公文交换",
        "--date",
        "2020-01-06",
        "--by",
        "王某某",
    ];
    let early = notify(office.path(), &mark);
    assert_eq!(early.status.code(), Some(2));
    told(&notify(office.path(), &SEND));
    let said = told(&notify(office.path(), &mark));
    assert!(said.contains("以公文交换送达，1 项问题转为已交办"), "{said}");
    let assigned = cases(office.path(), CaseState::Assigned);
    let one = assigned.iter().find(|case| case.unit == "示例县青山镇人民政府").expect("handed over");
    assert_eq!(one.assigned_on.map(|day| day.to_string()).as_deref(), Some("2020-01-06"));
    let future = ["--mark-sent", "示例市民政局", "--via", "线下", "--date", "2999-01-01", "--by", "王某某"];
    assert_eq!(notify(office.path(), &future).status.code(), Some(2));
}

#[test]
fn what_does_not_fit_is_free_for_the_next_batch() {
    let sink = Sink::start(vec![Script::default()]);
    let office = office(&format!("[deadlines]\nmax-rows = 2\n{}", plain(&sink)));
    approved(office.path());
    let said = told(&notify(office.path(), &SEND));
    assert!(said.contains("4 项问题超出清单条数，未列入本批，可列入下一批次"), "{said}");
    let waiting = ledger(office.path()).candidates().expect("candidates");
    let units: Vec<&str> = waiting.iter().map(|case| case.unit.as_str()).collect();
    assert_eq!(units, ["示例市交通运输局"; 4]);
    let text = String::from_utf8(sink.texts().remove(0)).expect("ASCII");
    assert!(text.contains("Subject: =?utf-8?b?"), "{text}");
}

#[test]
fn a_server_that_is_away_leaves_everything_for_later() {
    let sink = Sink::start(vec![Script { greeting: Say("421 closed today"), ..Script::default() }]);
    let office = office(&plain(&sink));
    approved(office.path());
    let failed = notify(office.path(), &SEND);
    assert_eq!(failed.status.code(), Some(75));
    assert!(String::from_utf8_lossy(&failed.stderr).contains("发送中止"));
    assert_eq!(cases(office.path(), CaseState::Assigned), []);
    let outbox = told(&notify(office.path(), &["--outbox"]));
    assert!(outbox.contains("暂缓，将自动重试") && outbox.contains("待发送"), "{outbox}");
}

#[test]
fn over_an_encrypted_line_it_logs_in_and_sends() {
    let script = Script { extensions: &["STARTTLS", "AUTH PLAIN"], ..Script::default() };
    let sink = Sink::start(vec![script]);
    let office = office(&format!(
        "[mail]\nhost = \"localhost\"\nport = {}\nsecurity = \"starttls\"\nuser = \"zwgk\"\n\
         password-env = \"MAIL_PASSWORD_OF_THE_TEST\"\nfrom = \"zwgk@office.example\"\n",
        sink.addr.port()
    ));
    approved(office.path());
    let output = notify(office.path(), &SEND);
    told(&output);
    assert_eq!(sink.texts().len(), 4);
    let commands = sink.sessions().remove(0).commands;
    let place = |verb: &str| commands.iter().position(|command| command.starts_with(verb));
    assert!(place("STARTTLS") < place("AUTH") && place("AUTH") < place("MAIL"), "{commands:?}");
    let shown = [output.stdout, output.stderr].concat();
    let stored = std::fs::read(office.path().join("state/ledger.db")).expect("the ledger");
    for secret in ["canary-password", "AHp3Z2sAY2FuYXJ5LXBhc3N3b3Jk"] {
        for bytes in [&shown, &stored] {
            assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()), "{secret}");
        }
    }
}

#[test]
fn the_offices_own_templates_are_used_and_checked() {
    let sink = Sink::start(vec![Script::default()]);
    let office = office(&plain(&sink));
    approved(office.path());
    let folder = office.path().join("templates");
    std::fs::create_dir(&folder).expect("a folder");
    std::fs::write(folder.join("letter.txt"), "{{ salutation }}：\n{{ no_such_word }}\n").expect("writes");
    let refused = notify(office.path(), &["--preview", "look", "--on", "2026-11-20"]);
    assert_eq!(refused.status.code(), Some(2));
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("templates/letter.txt:2:1: 信函模板有误"), "{said}");
    std::fs::write(folder.join("letter.txt"), "{{ salutation }}：自拟正文\n").expect("writes");
    told(&notify(office.path(), &["--preview", "look", "--on", "2026-11-20"]));
    let text =
        std::fs::read_to_string(office.path().join("look/01_示例市交通运输局_问题交办.txt")).expect("text");
    assert_eq!(text, "示例市交通运输局：自拟正文\n");
}
