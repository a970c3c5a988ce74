//! Tests of loading: the shipped pack is whole, faults are told all at once with their places, overlays apply.

use super::*;
use crate::config::fault::Faults;
use crate::facts::page::PageState;
use crate::facts::site::Column;

const OVERLAY: &str = "id = \"city\"\ntitle = \"示例市\"\nextends = \"national-2019\"\neffective = 2026-01-01\nbasis = \"2019-19/veto-3\"\n";

fn with(rows: &str) -> Result<RuleSet, Faults> {
    let files = RuleFiles::shipped().with("city/pack.toml", "city/pack.toml", OVERLAY.to_owned()).with(
        "city/rows.toml",
        "city/rows.toml",
        rows.to_owned(),
    );
    RuleSet::load(&files, &["city"])
}

fn faults(rows: &str) -> Vec<String> {
    with(rows).expect_err("faults").0.iter().map(ToString::to_string).collect()
}

fn column(newest: chrono::NaiveDate) -> Column {
    Column {
        name: "工作动态".to_owned(),
        url: "http://www.example.gov.cn/gzdt/".to_owned(),
        class: crate::facts::class::ColumnClass::News,
        level: None,
        cycle_days: None,
        registered: false,
        kind: crate::facts::page::PageKind::List,
        state: PageState::Normal,
        reason: String::new(),
        items: 9,
        newest: Some(newest),
        newest_item: None,
        items_elsewhere: 0,
        source: None,
        gap: None,
        page: None,
        look: None,
        archived: false,
    }
}

#[test]
fn the_shipped_pack_is_whole() {
    let rules = RuleSet::shipped().unwrap_or_else(|faults| panic!("{faults}"));
    let ids: Vec<_> = rules.rules.iter().map(|bound| bound.rule.id.as_str()).collect();
    for id in [
        "broken-link",
        "soft-404",
        "empty-column",
        "stale-news-column",
        "stale-notice-column",
        "stale-policy-column",
        "overdue-column",
        "stale-home",
        "no-ipv6",
        "unreachable-site",
        "hidden-link",
    ] {
        assert!(ids.contains(&id), "{id} in {ids:?}");
    }
    assert_eq!(rules.hash.len(), 64);
    assert!(RuleFiles::shipped().packs().contains(&"national-2019"));
}

#[test]
fn all_faults_are_told_at_once_with_their_places() {
    let rows = r#"[[rule]]
id = "Stale"
title = "栏目"
check = "stale-colum"
class = "veto-count"
severity = "deadline"
indicator = "x"
basis = "2019-19/veto-9"
remedy = "x"
confirm = { looks = 2 }
since = "0.1.0"

[[rule]]
id = "stale-x"
title = "栏目"
check = "stale-column"
applies = { column = ["new"] }
params = { max-age-days = 14, undatd = "gap" }
class = "veto-count"
severity = "deadline"
indicator = "x"
basis = "2019-19/veto-3"
remedy = "x"
confirm = { looks = 1, apart = "6 hours" }
since = "0.1.0"

[[rule]]
id = "stale-y"
sevrity = "deadline"

[[overide]]
id = "stale-home"
"#;
    let told = faults(rows);
    let at = |place: &str, part: &str| {
        let full = format!("city/rows.toml:{place}: ");
        assert!(told.iter().any(|f| f.starts_with(&full) && f.contains(part)), "{place} {part}: {told:#?}");
    };
    at("2:6", "小写字母");
    at("4:9", "您是否想写“stale-column”");
    at("8:9", "不在 basis.toml 中，您是否想写");
    at("10:21", "间隔 apart");
    at("17:11", "您是否想写“news”");
    at("18:31", "unknown field `undatd`");
    at("24:32", "apart 应为数字");
    at("29:1", "unknown field `sevrity`");
    at("31:3", "您是否想写“override”");
    assert_eq!(told.len(), 9, "{told:#?}");
}

#[test]
fn params_of_the_wrong_type_and_missing_ones_are_faults() {
    let row = |params: &str| {
        format!(
            "[[rule]]\nid = \"x\"\ntitle = \"x\"\ncheck = \"stale-column\"\n{params}class = \"veto\"\nseverity = \"deadline\"\nindicator = \"x\"\nbasis = \"2019-19/veto-3\"\nremedy = \"x\"\nconfirm = {{ looks = 1 }}\nsince = \"0.1.0\"\n"
        )
    };
    let wrong = faults(&row("params = { max-age-days = \"14\" }\n"));
    assert!(
        wrong.len() == 1 && wrong[0].starts_with("city/rows.toml:5:27: 检查`stale-column`的参数"),
        "{wrong:?}"
    );
    let missing = faults(&row(""));
    assert!(missing.len() == 1 && missing[0].contains("missing field `max-age-days`"), "{missing:?}");
    let warn = faults(&row("params = { max-age-days = 14 }\nwarn = { max-days = 3 }\n"));
    assert!(warn.len() == 1 && warn[0].contains("unknown field `max-days`"), "{warn:?}");
}

#[test]
fn an_overlay_changes_by_id_and_says_what() {
    let rules = with(
        "[[override]]\nid = \"stale-news-column\"\nchanges = \"我市按7天\"\nparams = { max-age-days = 7 }\nwarn = { max-age-days = 5 }\n\n[[override]]\nid = \"soft-404\"\nchanges = \"不查\"\nenabled = false\n",
    )
    .unwrap_or_else(|faults| panic!("{faults}"));
    let news = rules.get("stale-news-column").expect("the rule");
    assert_eq!(news.rule.changes, ["我市按7天"]);
    assert_eq!(news.rule.params.get("undated").and_then(toml::Value::as_str), Some("gap"), "kept");
    assert!(rules.get("soft-404").is_none());
    let day = |d| chrono::NaiveDate::from_ymd_opt(2026, 11, d).expect("a date");
    let cx = Context { as_of: day(16) };
    let (old, warned, new) = (column(day(8)), column(day(10)), column(day(12)));
    let found = |column: &Column| news.run(SubjectRef::Column(column), cx).map(|seen| seen.map(|f| f.len()));
    assert_eq!((found(&old), found(&warned)), (Some(Ok(1)), Some(Ok(0))));
    let warns =
        |column: &Column| news.run_warn(SubjectRef::Column(column), cx).map(|seen| seen.map(|f| f.len()));
    assert_eq!((warns(&warned), warns(&new)), (Some(Ok(1)), Some(Ok(0))));
    let shipped = RuleSet::shipped().expect("the shipped rules");
    assert_ne!(shipped.hash, rules.hash);
    assert_eq!(shipped.hash, RuleSet::shipped().expect("the shipped rules").hash);
}

#[test]
fn an_overlay_can_only_change_what_is_there() {
    let told = faults("[[override]]\nid = \"stale-new-column\"\nchanges = \"x\"\n");
    assert!(told.len() == 1 && told[0].contains("您是否想写“stale-news-column”"), "{told:?}");
    let twice = faults("[[override]]\nid = \"stale-home\"\nchanges = \"x\"\nparams = { max-days = 1 }\n");
    assert!(twice.len() == 1 && twice[0].starts_with("city/rows.toml:4:10:"), "{twice:?}");
}

#[test]
fn packs_that_are_missing_or_circular_are_faults() {
    let none = RuleSet::load(&RuleFiles::shipped(), &["national-2020"]).expect_err("no such pack");
    assert!(none.to_string().contains("您是否想写“national-2019”"), "{none}");
    let circle = OVERLAY.replace("national-2019", "city");
    let files = RuleFiles::shipped().with("city/pack.toml", "city/pack.toml", circle);
    let told = RuleSet::load(&files, &["city"]).expect_err("a circle");
    assert!(told.to_string().contains("循环"), "{told}");
}
