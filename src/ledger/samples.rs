//! Hand-built findings and observations for the unit tests of the ledger.

use crate::calendar::{Instant8, beijing};
use crate::finding::{
    Cause, Class, Confidence, Evidence, Finding, Fingerprint, Look, Severity, State, Subject, SubjectKind,
};
use crate::ledger::Observations;

/// Ten o'clock on a day of 2026, in +08:00.
pub(crate) fn day(month: u32, day: u32) -> Instant8 {
    use chrono::TimeZone as _;
    beijing().with_ymd_and_hms(2026, month, day, 10, 0, 0).single().expect("a day of 2026")
}

/// A dead link to `url`.
pub(crate) fn finding(url: &str, state: State) -> Finding {
    let look = |hour: i64| Look {
        at: day(11, 16) + chrono::Duration::hours(hour),
        url: url.to_owned(),
        hops: Vec::new(),
        addr: Some("192.0.2.7:80".to_owned()),
        status: Some(404),
        error: None,
        headers: vec![("content-type".to_owned(), "text/html".to_owned())],
        body_sha256: "ab".repeat(32),
    };
    let looks = if state == State::Confirmed { vec![look(0), look(7)] } else { vec![look(0)] };
    Finding {
        rule: "broken-link".to_owned(),
        title: "断链".to_owned(),
        indicator: "扣分-可用性".to_owned(),
        severity: Severity::Deadline,
        class: Class::Deduction,
        subject: Subject {
            kind: SubjectKind::Link,
            site: "5101000001".to_owned(),
            site_name: "示例市人民政府门户网站".to_owned(),
            place: "首页-友情链接".to_owned(),
            column: None,
        },
        description: format!("链接打不开（返回404，两次核查）：{url}"),
        remedy: "修复或删除链接".to_owned(),
        url: url.to_owned(),
        page: Some("http://example.test/".to_owned()),
        cause: Cause::Single,
        stock: false,
        confidence: Confidence::High,
        state,
        evidence: Evidence { looks, excerpt: "<a>无障碍说明</a>".to_owned(), last_update: None },
        fingerprint: Fingerprint::of("5101000001", "broken-link", url),
    }
}

/// What a patrol `run` at `at` saw, all of it for one unit.
pub(crate) fn observed(run: &str, at: Instant8, findings: Vec<Finding>) -> Observations {
    let units = findings.iter().map(|f| (f.fingerprint.clone(), "示例市民政局".to_owned())).collect();
    Observations {
        run: run.to_owned(),
        at,
        whole: true,
        findings,
        passed: Vec::new(),
        unseen: Vec::new(),
        accounted: Vec::new(),
        undecided: Vec::new(),
        units,
    }
}
