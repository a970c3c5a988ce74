//! Tests of the comparison as people read it.

use super::super::render::text::text;
use super::*;
use crate::facts::class::ColumnClass;
use crate::facts::page::{PageKind, PageState};
use crate::facts::survey::{FoundColumn, NamedBy};
use crate::finding::Confidence;

fn found(name: &str, registered: bool) -> FoundColumn {
    FoundColumn {
        url: format!("http://www.shili.example/{name}/"),
        name: name.to_owned(),
        parent: None,
        class: ColumnClass::Other,
        level: Some(1),
        named_by: NamedBy::default(),
        kind: PageKind::List,
        state: PageState::Normal,
        confidence: Confidence::High,
        dates: Vec::new(),
        registered,
    }
}

const REGISTERED: [(&str, &str); 6] = [
    ("要闻", "http://www.shili.example/yw/"),
    ("公告", "http://www.shili.example/gg/"),
    ("规划", "http://www.shili.example/gh/"),
    ("提案", "http://www.shili.example/ta/"),
    ("年报", "http://www.shili.example/nb/"),
    ("公报", "http://www.shili.example/gb/"),
];

fn drifted() -> Survey {
    Survey {
        columns: vec![found("新栏目", false), found("要闻", true)],
        standings: vec![
            Standing::Agrees,
            Standing::Renamed("通知公告".to_owned()),
            Standing::Moved("http://www.shili.example/zwgk/gh/".to_owned()),
            Standing::NoEntrance,
            Standing::Gone,
            Standing::NotSeen("blocked".to_owned()),
        ],
        whole: false,
    }
}

#[test]
fn what_differs_is_told_and_what_agrees_is_not() {
    let survey = drifted();
    let compared = Compared { site: "示例市人民政府", survey: &survey, registered: &REGISTERED };
    insta::assert_snapshot!("columns_compared", text(&document("栏目登记核对", "第3次巡查", &[compared])));
    assert_eq!(
        sentence(compared).as_deref(),
        Some(
            "栏目登记核对：登记6个，未登记的栏目1个（新栏目），登记的栏目页面已不存在1个（年报），登记的栏目疑似迁移1个（规划），\
             登记的栏目已无入口1个（提案），登记的栏目疑似更名1个（公告）。详见 xuncha registry columns，不作为问题。"
        )
    );
}

#[test]
fn agreement_needs_no_sentence() {
    let survey =
        Survey { columns: vec![found("要闻", true)], standings: vec![Standing::Agrees], whole: true };
    let compared = Compared { site: "示例市人民政府", survey: &survey, registered: &REGISTERED[..1] };
    assert_eq!(sentence(compared), None);
    assert!(text(&document("核对", "", &[compared])).contains("登记与网站一致。"));
}
