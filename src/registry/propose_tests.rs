//! Tests of the proposal's text.

use super::super::{SiteKind, SiteStatus};
use super::*;
use crate::facts::page::PageState;

fn date(m: u32, d: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, m, d).expect("a date")
}

fn found(path: &str, name: &str, registered: bool) -> FoundColumn {
    FoundColumn {
        url: format!("http://www.shili.example{path}"),
        name: name.to_owned(),
        parent: name.rsplit_once('-').map(|(parent, _)| parent.to_owned()),
        class: ColumnClass::guess(name),
        level: Some(1),
        named_by: NamedBy { navigation: true, itself: true, ..NamedBy::default() },
        kind: PageKind::List,
        state: PageState::Normal,
        confidence: Confidence::Medium,
        dates: (0..8).map(|n| date(11, 10) - chrono::Days::new(n * 20)).collect(),
        registered,
    }
}

fn site(code: &str) -> Site {
    Site {
        name: format!("网站{code}"),
        code: code.to_owned(),
        url: "http://www.shili.example/".parse().expect("a URL"),
        kind: SiteKind::Portal,
        level: String::new(),
        supervisor: None,
        host_unit: String::new(),
        undertaker: None,
        operator: None,
        status: SiteStatus::Running,
        tags: Vec::new(),
        scope: Vec::new(),
        obey_robots: true,
    }
}

#[test]
fn the_operators_rows_come_first_and_as_they_stand() {
    let own = |site: &str, path: &str| super::super::Column {
        site: site.to_owned(),
        name: "要闻".to_owned(),
        url: format!("http://www.shili.example{path}").parse().expect("a URL"),
        class: Some(ColumnClass::Notice),
        level: Some(2),
        cycle_days: Some(14),
        keeper: None,
    };
    let registry = Registry {
        sites: vec![site("9901000001"), site("9901000002")],
        columns: vec![own("9901000002", "/b/"), own("9901000001", "/yw/"), own("9901000001", "/gone/")],
        ..Registry::default()
    };
    let cells = |code: &str, url: &str| {
        (
            [code, "要闻", url, "公告", "二级", "两周", "市政府办"].map(ToOwned::to_owned),
            vec!["甲,乙".to_owned()],
        )
    };
    let written = Written {
        others: vec!["备注".to_owned()],
        rows: vec![
            cells("网站二", "http://www.shili.example/b"),
            cells("网站一", "http://www.shili.example/yw/index.html"),
            cells("网站一", "http://www.shili.example/gone/"),
        ],
    };
    let survey = Survey {
        columns: vec![
            found("/=1/", "=cmd|' /C calc'!A0", false),
            found("/tj/", "政务公开-统计数据", false),
            found("/tz/", "通知公告", false),
            found("/yw/", "示例要闻", true),
        ],
        standings: vec![Standing::Agrees, Standing::Gone],
        whole: true,
    };
    let text = csv(Sources {
        registry: &registry,
        written: &written,
        surveys: &BTreeMap::from([("9901000001".to_owned(), survey)]),
        limits: &BTreeMap::from([(ColumnClass::Notice, 180)]),
        as_of: date(11, 16),
    });
    insta::assert_snapshot!("proposal", text.trim_start_matches('\u{feff}'));
    assert!(text.starts_with('\u{feff}'));
}

#[test]
fn a_cycle_is_one_that_the_column_has_kept() {
    let days = |gaps: &[u64]| {
        let mut day = date(11, 10);
        let mut dates = vec![day];
        for gap in gaps {
            day = day - chrono::Days::new(*gap);
            dates.push(day);
        }
        dates
    };
    let (registry, written) = (Registry::default(), Written::default());
    let (surveys, limits) = (BTreeMap::new(), BTreeMap::from([(ColumnClass::News, 14)]));
    let of = |name: &str, dates: Vec<NaiveDate>, as_of| {
        let sources =
            Sources { registry: &registry, written: &written, surveys: &surveys, limits: &limits, as_of };
        cycle(&FoundColumn { dates, ..found("/a/", name, false) }, sources)
    };
    let now = date(11, 16);
    assert_eq!(of("统计数据", days(&[5, 7, 3, 2, 7]), now), "每周");
    assert_eq!(of("统计数据", days(&[5, 8, 3, 2, 7]), now), "每月");
    assert_eq!(
        of("统计数据", days(&[5, 7, 3, 2, 7]), date(12, 31)),
        "每季度",
        "the time since the newest counts"
    );
    assert_eq!(of("统计数据", days(&[5, 7, 3, 2]), now), "不定期", "too few");
    assert_eq!(of("统计数据", days(&[5, 7, 3, 2, 700]), now), "不定期");
    assert_eq!(of("规划计划", days(&[5, 7, 3, 2, 7]), now), "不定期");
    assert_eq!(of("工作动态", days(&[5, 7, 3, 2, 700]), now), "14天", "what the rules ask");
}
