//! Tests of expressions: what is refused, and where; what is answered; that nothing is unbounded.

use super::*;

const FIELDS: [Field; 4] = [
    Field { name: "name", kind: Kind::Text, read: false },
    Field { name: "items", kind: Kind::Number, read: true },
    Field { name: "registered", kind: Kind::Flag, read: false },
    Field { name: "newest", kind: Kind::Day, read: true },
];

fn faults(source: &str) -> Vec<(usize, String)> {
    match Expression::new(source, "column", &FIELDS) {
        Ok(_) => Vec::new(),
        Err(faults) => faults.into_iter().map(|fault| (fault.at, fault.message)).collect(),
    }
}

fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 16).expect("a date")
}

fn holds(source: &str) -> Result<bool, NoAnswer> {
    let facts = Facts::from([
        ("name", Fact::Text("政务公开-专题".to_owned())),
        ("items", Fact::Number(3)),
        ("registered", Fact::Flag(true)),
        ("newest", Fact::Day(NaiveDate::from_ymd_opt(2026, 10, 1).expect("a date"))),
    ]);
    Expression::new(source, "column", &FIELDS).expect("an expression").holds(&facts, day())
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    for (source, at, part) in [
        ("colum.items > 1", 0, "colum"),
        ("column.items > 1 && column.itms > 1", 26, "itms"),
        ("'专题' in column.name && column.nam == ''", 33, "nam"),
        ("column.name.containz('x')", 20, "containz"),
        ("column.items > 'x'", 13, "整数不能与文本比较"),
        ("column.items", 6, "应为真或假"),
        ("column.name.matches('(')", 20, "样式有误"),
        ("column.name.matches(column.name)", 26, "直接写出"),
        ("column.items > ", 15, "语法"),
        ("column > 1", 0, "字段"),
        ("column.items.x > 1", 12, "前面只能是对象"),
        ("column.items && true", 6, "整数"),
        ("size(column.name, 1) > 1", 4, "参数"),
        ("{'a': 1}.a == 1", 8, ""),
        ("today - column.newest > 30", 22, "时长不能与整数比较"),
    ] {
        let told = faults(source);
        assert!(
            told.iter().any(|(place, message)| *place == at && message.contains(part)),
            "{source}: {told:?}, wanted {at} {part}"
        );
    }
}

#[test]
fn good_ones_are_answered() {
    for (source, answer) in [
        ("column.items > 2", true),
        ("column.name.contains('专题') && column.registered", true),
        ("column.name.matches('(^|-)专题$')", true),
        ("column.name.matches('^专题$')", false),
        ("today - column.newest > duration('720h')", true),
        ("['a', 'b'].exists(x, column.name.contains(x))", false),
        ("column.newest.getFullYear() == 2026", true),
        ("has(column.newest) ? column.items < 3 : false", false),
        ("size(column.name) == 7", true),
    ] {
        assert_eq!(holds(source), Ok(answer), "{source}");
    }
}

#[test]
fn what_is_not_known_is_no_answer_unless_it_makes_no_difference() {
    let expression = |source: &str| Expression::new(source, "column", &FIELDS).expect("an expression");
    let facts = Facts::from([("items", Fact::Number(0))]);
    assert_eq!(expression("column.name == 'x'").holds(&facts, day()), Err(NoAnswer::NotKnown));
    assert_eq!(expression("column.items > 0 && column.name == 'x'").holds(&facts, day()), Ok(false));
    assert_eq!(expression("has(column.name)").holds(&facts, day()), Ok(false));
    assert_eq!(expression("1 / column.items > 0").holds(&facts, day()), Err(NoAnswer::Failed));
}

#[test]
fn size_depth_and_loops_are_bounded() {
    let long = format!("column.items > {}", "1 + ".repeat(400));
    assert!(faults(&long)[0].1.contains("过长"));
    let chain = format!("column.items > {}1", "1+".repeat(300));
    assert!(faults(&chain)[0].1.contains("过深"), "{:?}", faults(&chain));
    let deep = format!("{}true{}", "(".repeat(400), ")".repeat(400));
    assert!(faults(&deep)[0].1.contains("过深"), "{:?}", faults(&deep));
    let wide = format!("column.name in [{}'x']", "'(((', ".repeat(20));
    assert_eq!(faults(&wide), [], "what stands in texts is no step");
    let most = format!("{}true", "true && ".repeat(39));
    assert_eq!(faults(&most), [], "as many as there may be");
    let nested = "[1, 2].exists(x, [1, 2].exists(y, x == y))";
    assert!(faults(nested).iter().any(|(_, message)| message.contains("遍历")), "{:?}", faults(nested));
}

#[test]
fn sentences_are_filled_and_checked() {
    let facts = Facts::from([("name", Fact::Text("专题{items}".to_owned())), ("items", Fact::Number(3))]);
    assert_eq!(fill("“{name}”有{items}条，{newest}。", &facts), "“专题{items}”有3条，未知。");
    let told = faults_of_words("“{nme}”有{items}条{", &FIELDS);
    assert_eq!(told.iter().map(|fault| fault.at).collect::<Vec<_>>(), [4, 24]);
}
