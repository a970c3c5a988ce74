//! The generic check: an expression of the rule row over the facts of one subject.

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeValue, ValueDeserializer};

use super::{BindFault, Bound, Context, Defect, DynCheck, Scope, SubjectRef};
use crate::expr::{self, Fact, Facts, Field, Kind, NoAnswer};
use crate::facts::site::{Column, Home, Link, Site};
use crate::finding::{Confidence, Gap, Seen};

/// Checks whose rule rows say in a line what is wrong. Judges a column, a home page, a site or a link, as `of` chooses.
pub(crate) struct Expression;

const DOC: &str = " 按表达式判断

 ## What it does
 Flags a subject for which the expression `when` (CEL) is true, and tells it in the words of `say`, in which `{field}` is
 replaced. `of` chooses whom it is asked about: `column`, `home`, `site` or `link`. Names, fields, functions and types are
 checked when the rules are read.

 ## Why it matters
 What an office must look for tomorrow needs no new program, as long as the facts are there.

 ## Gaps
 A subject that was not read, a field that is not known, and an expression that fails on this subject: never a pass.
 An expression that asks only for what the register says is answered for subjects that were not read, too.

 ## Example
 `column.name.contains('专题') && column.age_days > 365`: a special column a year without news.
";

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Params {
    of: Spanned<String>,
    when: Spanned<String>,
    say: Spanned<String>,
    /// The facts are a hint only: 疑似 at most.
    #[serde(default)]
    suspected: bool,
}

const fn field(name: &'static str, kind: Kind, read: bool) -> Field {
    Field { name, kind, read }
}

const COLUMN: [Field; 11] = [
    field("name", Kind::Text, false),
    field("url", Kind::Text, false),
    field("class", Kind::Text, false),
    field("level", Kind::Number, false),
    field("cycle_days", Kind::Number, false),
    field("registered", Kind::Flag, false),
    field("items", Kind::Number, true),
    field("items_elsewhere", Kind::Number, true),
    field("newest", Kind::Day, true),
    field("age_days", Kind::Number, true),
    field("newest_title", Kind::Text, true),
];
const HOME: [Field; 5] = [
    field("url", Kind::Text, false),
    field("newest", Kind::Day, true),
    field("age_days", Kind::Number, true),
    field("newest_title", Kind::Text, true),
    field("from_columns", Kind::Flag, true),
];
const SITE: [Field; 6] = [
    field("id", Kind::Text, false),
    field("name", Kind::Text, false),
    field("url", Kind::Text, false),
    field("portal", Kind::Flag, false),
    field("reached_url", Kind::Text, true),
    field("status", Kind::Number, true),
];
const LINK: [Field; 9] = [
    field("url", Kind::Text, false),
    field("kind", Kind::Text, false),
    field("external", Kind::Flag, false),
    field("text", Kind::Text, false),
    field("page", Kind::Text, false),
    field("on_home", Kind::Flag, false),
    field("pages", Kind::Number, false),
    field("answer", Kind::Text, false),
    field("status", Kind::Number, false),
];

impl DynCheck for Expression {
    fn id(&self) -> &'static str {
        "expression"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> (&'static str, &'static [&'static str]) {
        (Column::NAME, Column::KINDS)
    }

    fn scopes(&self) -> Vec<(&'static str, &'static [&'static str])> {
        vec![
            (Column::NAME, Column::KINDS),
            (Home::NAME, Home::KINDS),
            (Site::NAME, Site::KINDS),
            (Link::NAME, Link::KINDS),
        ]
    }

    fn bind(&self, params: Spanned<DeValue<'_>>) -> Result<Box<dyn Bound>, Vec<BindFault>> {
        let params = Params::deserialize(ValueDeserializer::from(params))
            .map_err(|error| vec![BindFault::from(error)])?;
        let (subject, fields): (_, &'static [Field]) = match params.of.get_ref().as_str() {
            "column" => ("column", &COLUMN),
            "home" => ("home", &HOME),
            "site" => ("site", &SITE),
            "link" => ("link", &LINK),
            other => {
                let message = format!("`of` 应为 column、home、site 或 link，现为“{other}”");
                return Err(vec![BindFault { span: Some(params.of.span()), inside: None, message }]);
            }
        };
        let mut faults: Vec<BindFault> = expr::faults_of_words(params.say.get_ref(), fields)
            .into_iter()
            .map(|fault| told(&params.say, fault))
            .collect();
        match expr::Expression::new(params.when.get_ref(), subject, fields) {
            Ok(when) if faults.is_empty() => {
                let read = |name: &str| fields.iter().any(|field| field.name == name && field.read);
                let needs_look = when.used().iter().any(|name| read(name));
                let say = params.say.into_inner();
                Ok(Box::new(Ready { subject, when, needs_look, say, suspected: params.suspected }))
            }
            Ok(_) => Err(faults),
            Err(wrong) => {
                faults.extend(wrong.into_iter().map(|fault| told(&params.when, fault)));
                Err(faults)
            }
        }
    }
}

fn told(value: &Spanned<String>, fault: expr::Fault) -> BindFault {
    BindFault { span: Some(value.span()), inside: Some(fault.at), message: fault.message }
}

/// The check with an expression that passed.
struct Ready {
    subject: &'static str,
    when: expr::Expression,
    /// Whether the expression asks for what only a look tells.
    needs_look: bool,
    say: String,
    suspected: bool,
}

impl Bound for Ready {
    fn run(&self, subject: SubjectRef<'_>, cx: Context) -> Option<Seen<Vec<Defect>>> {
        let (facts, gap, place) = match (self.subject, subject) {
            ("column", SubjectRef::Column(column)) => {
                (of_column(column, cx), column.gap.clone(), &column.url)
            }
            ("home", SubjectRef::Home(home)) => (of_home(home, cx), home.gap.clone(), &home.url),
            ("site", SubjectRef::Site(site)) => (of_site(site), None, &site.url),
            ("link", SubjectRef::Link(link)) => (of_link(link), None, &link.url),
            _ => return None,
        };
        Some(self.judge(&facts, gap.filter(|_| self.needs_look), place, cx))
    }
}

impl Ready {
    fn judge(&self, facts: &Facts, gap: Option<Gap>, place: &str, cx: Context) -> Seen<Vec<Defect>> {
        if let Some(gap) = gap {
            return Err(gap);
        }
        match self.when.holds(facts, cx.as_of) {
            Ok(false) => Ok(Vec::new()),
            Ok(true) => {
                let said = expr::fill(&self.say, facts);
                let excerpt: Vec<String> = self
                    .when
                    .used()
                    .iter()
                    .filter_map(|name| Some(format!("{name}={}", expr::printed(facts.get(name)?))))
                    .collect();
                let last_update = match facts.get("newest") {
                    Some(Fact::Day(day)) => Some(*day),
                    _ => None,
                };
                let defect = Defect::new(said, excerpt.join("，"), Confidence::Medium);
                Ok(vec![Defect { last_update, suspected: self.suspected, ..defect }])
            }
            Err(NoAnswer::NotKnown) => Err(Gap::new(place, "not-known")),
            Err(NoAnswer::Failed) => Err(Gap::new(place, "expression-failed")),
        }
    }
}

fn of_column(column: &Column, cx: Context) -> Facts {
    let mut facts = Facts::from([
        ("name", Fact::Text(column.name.clone())),
        ("url", Fact::Text(column.url.clone())),
        ("class", Fact::Text(SubjectRef::Column(column).word().to_owned())),
        ("registered", Fact::Flag(column.registered)),
        ("items", Fact::Number(column.items.into())),
        ("items_elsewhere", Fact::Number(column.items_elsewhere.into())),
    ]);
    facts.extend(column.level.map(|level| ("level", Fact::Number(level.into()))));
    facts.extend(column.cycle_days.map(|days| ("cycle_days", Fact::Number(days.into()))));
    newest(&mut facts, column.newest, column.newest_item.as_ref(), cx);
    facts
}

fn of_home(home: &Home, cx: Context) -> Facts {
    let mut facts =
        Facts::from([("url", Fact::Text(home.url.clone())), ("from_columns", Fact::Flag(home.from_columns))]);
    newest(&mut facts, home.newest, home.newest_item.as_ref(), cx);
    facts
}

fn of_site(site: &Site) -> Facts {
    let mut facts = Facts::from([
        ("id", Fact::Text(site.id.clone())),
        ("name", Fact::Text(site.name.clone())),
        ("url", Fact::Text(site.url.clone())),
        ("portal", Fact::Flag(site.portal)),
    ]);
    if let Some(status) = site.visits.last().and_then(|visit| visit.look.status) {
        facts.insert("status", Fact::Number(status.into()));
        facts.insert("reached_url", Fact::Text(site.reached_url().to_owned()));
    }
    facts
}

fn of_link(link: &Link) -> Facts {
    let mut facts = Facts::from([
        ("url", Fact::Text(link.url.clone())),
        ("kind", Fact::Text(SubjectRef::Link(link).word().to_owned())),
        ("external", Fact::Flag(link.external)),
        ("text", Fact::Text(link.text.clone())),
        ("page", Fact::Text(link.page.clone())),
        ("on_home", Fact::Flag(link.on_home)),
        ("pages", Fact::Number(link.cause.pages().into())),
        ("answer", Fact::Text(link.answer.word())),
    ]);
    facts.extend(link.look.status.map(|status| ("status", Fact::Number(status.into()))));
    facts
}

fn newest(
    facts: &mut Facts,
    newest: Option<chrono::NaiveDate>,
    item: Option<&(String, String)>,
    cx: Context,
) {
    if let Some(day) = newest {
        facts.insert("newest", Fact::Day(day));
        facts.insert("age_days", Fact::Number(cx.as_of.signed_duration_since(day).num_days()));
    }
    facts.extend(item.map(|(title, _)| ("newest_title", Fact::Text(title.clone()))));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::class::ColumnClass;
    use crate::facts::page::{PageKind, PageState};

    fn bind(of: &str, when: &str, say: &str) -> Result<Box<dyn Bound>, Vec<BindFault>> {
        let text = format!("of = {of:?}\nwhen = {when:?}\nsay = {say:?}\n");
        let table = toml::de::DeTable::parse(&text).expect("TOML").into_inner();
        // The text is gone when the faults come; their places are tested on whole packs.
        Expression.bind(Spanned::new(0..0, DeValue::Table(table)))
    }

    fn column(items: u32, level: Option<u8>, gap: Option<Gap>) -> Column {
        Column {
            name: "工作动态-测试".to_owned(),
            url: "http://www.shili.example/ceshi/".to_owned(),
            class: ColumnClass::News,
            level,
            cycle_days: None,
            registered: true,
            kind: PageKind::List,
            state: PageState::Normal,
            reason: String::new(),
            items,
            newest: None,
            newest_item: None,
            items_elsewhere: 0,
            source: None,
            gap,
            page: None,
            look: None,
            archived: false,
        }
    }

    fn run(bound: &dyn Bound, column: &Column) -> Seen<Vec<Defect>> {
        let as_of = chrono::NaiveDate::from_ymd_opt(2026, 11, 16).expect("a date");
        bound.run(SubjectRef::Column(column), Context { as_of }).expect("a column")
    }

    fn why(seen: Seen<Vec<Defect>>) -> String {
        seen.expect_err("a gap").why
    }

    #[test]
    fn true_is_a_defect_false_a_pass_and_not_known_a_gap() {
        let bound = bind("column", "column.items > 2 && column.level == 1", "“{name}”有{items}条。");
        let bound = bound.map_err(|faults| format!("{faults:?}")).expect("binds");
        let found = run(&*bound, &column(3, Some(1), None)).expect("seen");
        assert_eq!(found[0].description, "“工作动态-测试”有3条。");
        assert_eq!(found[0].excerpt, "items=3，level=1");
        assert_eq!(run(&*bound, &column(3, Some(2), None)), Ok(vec![]));
        assert_eq!(why(run(&*bound, &column(3, None, None))), "not-known");
        assert_eq!(run(&*bound, &column(2, None, None)), Ok(vec![]), "what is not known makes no difference");
        let blocked = Gap::new("x", "blocked");
        assert_eq!(why(run(&*bound, &column(3, Some(1), Some(blocked.clone())))), "blocked");
        let by_name = bind("column", "column.name.contains('测试')", "x").map_err(|_| ()).expect("binds");
        assert!(run(&*by_name, &column(0, None, Some(blocked))).is_ok_and(|found| found.len() == 1));
    }

    #[test]
    fn an_error_while_judging_is_a_gap() {
        let bound =
            bind("column", "10 / column.items > 1", "x").map_err(|f| format!("{f:?}")).expect("binds");
        assert_eq!(why(run(&*bound, &column(0, None, None))), "expression-failed");
        assert_eq!(run(&*bound, &column(10, None, None)), Ok(vec![]));
    }

    #[test]
    fn faults_name_the_value_and_the_byte() {
        let faults = bind("column", "column.itms > 2 && colum.items > 1", "{nme}").err().expect("faults");
        let told: Vec<_> = faults.iter().map(|fault| (fault.inside, fault.message.as_str())).collect();
        assert_eq!(told.len(), 3, "{told:?}");
        assert!(
            told[0].1.contains("nme") && told[1].1.contains("itms") && told[2].1.contains("colum"),
            "{told:?}"
        );
        assert!(bind("page", "true", "x").is_err());
    }
}
