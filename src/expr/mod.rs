//! Expressions of rule rows (CEL): names, fields, functions and types checked before anything is judged, size and depth
//! bounded, and an error while judging told as such. Knows neither rules nor checks.
#![deny(clippy::disallowed_methods)]

mod check;
mod words;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, LazyLock};

use cel::common::ast::{Expr, IdedExpr};
use cel::{Context, Env, Value};
use chrono::NaiveDate;
use regex::Regex;

pub use self::words::{faults as faults_of_words, fill};

/// Bytes an expression may have: a long chain of operators is a deep tree, and a deep tree is a stack that ends.
pub const MAX_BYTES: usize = 1000;
/// Levels an expression's tree may have.
pub const MAX_DEPTH: usize = 64;
/// Operators, brackets and dots an expression may have: the parser descends once for each.
pub const MAX_STEPS: usize = 80;
/// Name under which `matches` is bound to patterns that were compiled once.
const MATCHES: &str = "xuncha_matches";

/// The type of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A text.
    Text,
    /// A whole number.
    Number,
    /// True or false.
    Flag,
    /// A day, as the timestamp of its first second in +08:00.
    Day,
}

/// One field of a subject.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub kind: Kind,
    /// True where the look must have read the subject for it.
    pub read: bool,
}

/// The value of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// A text.
    Text(String),
    /// A whole number.
    Number(i64),
    /// True or false.
    Flag(bool),
    /// A day.
    Day(NaiveDate),
}

/// The fields of one subject; what is not known is not among them.
pub type Facts = BTreeMap<&'static str, Fact>;

/// What is wrong with an expression, and where in it (bytes).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The byte at which it stands.
    pub at: usize,
    /// What is wrong.
    pub message: String,
}

/// An expression that passed all checks.
pub struct Expression {
    tree: IdedExpr,
    subject: &'static str,
    patterns: Arc<HashMap<String, Regex>>,
    used: BTreeSet<&'static str>,
}

/// Why an expression gave no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoAnswer {
    /// It asked for a field that is not known.
    NotKnown,
    /// It failed: a division by zero, a number out of range.
    Failed,
}

static ENV: LazyLock<Arc<Env>> = LazyLock::new(|| Arc::new(Env::stdlib()));

impl Expression {
    /// Reads `source`, which may speak of `subject` with its `fields` and of the day `today`, and must be true or false.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn new(source: &str, subject: &'static str, fields: &'static [Field]) -> Result<Self, Vec<Fault>> {
        if source.len() > MAX_BYTES {
            let message = format!("表达式过长（{}字节，上限{MAX_BYTES}字节）", source.len());
            return Err(vec![Fault { at: 0, message }]);
        }
        if steps(source) > MAX_STEPS {
            let message = format!("表达式嵌套过深（运算和括号的上限为{MAX_STEPS}个）");
            return Err(vec![Fault { at: 0, message }]);
        }
        let program = match catch_unwind(|| ENV.compile(source)) {
            Ok(Ok(program)) => program,
            Ok(Err(errors)) => {
                let fault = |error: &cel::ParseError| Fault {
                    at: byte_of(source, error.pos),
                    message: format!("表达式有语法错误：{}", error.msg.lines().next().unwrap_or_default()),
                };
                return Err(errors.errors.iter().map(fault).collect());
            }
            Err(_) => return Err(vec![Fault { at: 0, message: "表达式无法解析".to_owned() }]),
        };
        let info = program.source_info();
        let at = |id: u64| info.offset_for(id).map_or(0, |(start, _)| start as usize);
        let mut checker = check::Checker::new(subject, fields, &at);
        checker.whole(program.expression());
        let (faults, used, patterns) = checker.finish();
        if !faults.is_empty() {
            return Err(faults);
        }
        let mut tree = program.expression().clone();
        bind_patterns(&mut tree);
        let expression = Self { tree, subject, patterns: Arc::new(patterns), used };
        expression.tried(fields)?;
        Ok(expression)
    }

    /// The fields it asks for.
    pub fn used(&self) -> &BTreeSet<&'static str> {
        &self.used
    }

    /// What it says of a subject.
    ///
    /// # Errors
    /// Why it says nothing.
    pub fn holds(&self, facts: &Facts, today: NaiveDate) -> Result<bool, NoAnswer> {
        match self.value(facts, today) {
            Ok(Value::Bool(answer)) => Ok(answer),
            Ok(_) | Err(None) => Err(NoAnswer::Failed),
            Err(Some(error)) => Err(match error {
                cel::ExecutionError::NoSuchKey(_) => NoAnswer::NotKnown,
                _ => NoAnswer::Failed,
            }),
        }
    }

    fn value(&self, facts: &Facts, today: NaiveDate) -> Result<Value, Option<cel::ExecutionError>> {
        let evaluated = catch_unwind(AssertUnwindSafe(|| {
            let mut context = Context::with_env(Arc::clone(&ENV));
            let map: HashMap<String, Value> =
                facts.iter().map(|(name, fact)| ((*name).to_owned(), value(fact))).collect();
            context.add_variable_from_value(self.subject, map);
            context.add_variable_from_value("today", value(&Fact::Day(today)));
            let patterns = Arc::clone(&self.patterns);
            let matches = move |text: Arc<String>, pattern: Arc<String>| {
                patterns.get(pattern.as_str()).is_some_and(|pattern| pattern.is_match(&text))
            };
            // It cannot be there already: the name is ours.
            let _ = context.add_function(MATCHES, matches);
            Value::resolve(&self.tree, &context)
        }));
        evaluated.map_err(|_| None)?.map_err(Some)
    }

    /// Evaluates it once on a specimen that knows every field: types that the checker did not see through show here.
    fn tried(&self, fields: &[Field]) -> Result<(), Vec<Fault>> {
        let day = NaiveDate::from_ymd_opt(2026, 1, 5).unwrap_or_default();
        let specimen = |number: i64, flag: bool, text: &str| -> Facts {
            let fact = |field: &Field| match field.kind {
                Kind::Text => Fact::Text(text.to_owned()),
                Kind::Number => Fact::Number(number),
                Kind::Flag => Fact::Flag(flag),
                Kind::Day => Fact::Day(day),
            };
            fields.iter().map(|field| (field.name, fact(field))).collect()
        };
        for facts in [specimen(1, true, "示例"), specimen(0, false, "http://www.shili.example/")] {
            let message = match self.value(&facts, day) {
                // Whether a division has a divisor depends on the subject.
                Ok(Value::Bool(_))
                | Err(Some(
                    cel::ExecutionError::DivisionByZero(_) | cel::ExecutionError::RemainderByZero(_),
                )) => continue,
                Ok(other) => format!("表达式的结果应为真或假，现为{}", other.type_of()),
                Err(Some(error)) => format!("表达式算不出结果：{error}"),
                Err(None) => "表达式算不出结果".to_owned(),
            };
            return Err(vec![Fault { at: 0, message }]);
        }
        Ok(())
    }
}

impl std::fmt::Debug for Expression {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Expression")
            .field("subject", &self.subject)
            .field("used", &self.used)
            .finish_non_exhaustive()
    }
}

/// A day as printed.
pub fn printed(fact: &Fact) -> String {
    match fact {
        Fact::Text(text) => text.clone(),
        Fact::Number(number) => number.to_string(),
        Fact::Flag(flag) => if *flag { "是" } else { "否" }.to_owned(),
        Fact::Day(day) => day.to_string(),
    }
}

fn value(fact: &Fact) -> Value {
    match fact {
        Fact::Text(text) => Value::String(Arc::new(text.clone())),
        Fact::Number(number) => Value::Int(*number),
        Fact::Flag(flag) => Value::Bool(*flag),
        Fact::Day(day) => {
            let midnight =
                day.and_time(chrono::NaiveTime::MIN).and_local_timezone(crate::calendar::beijing());
            midnight.single().map_or(Value::Null, Value::Timestamp)
        }
    }
}

/// Every call of `matches` bound to the patterns compiled at loading: the standard one compiles at each call.
fn bind_patterns(tree: &mut IdedExpr) {
    match &mut tree.expr {
        Expr::Call(call) => {
            if call.func_name == "matches" {
                MATCHES.clone_into(&mut call.func_name);
                if let Some(target) = call.target.take() {
                    call.args.insert(0, *target);
                }
            }
            call.target.iter_mut().for_each(|target| bind_patterns(target));
            call.args.iter_mut().for_each(bind_patterns);
        }
        Expr::Select(select) => bind_patterns(&mut select.operand),
        Expr::List(list) => list.elements.iter_mut().for_each(bind_patterns),
        Expr::Comprehension(inner) => {
            for part in [
                &mut inner.iter_range,
                &mut inner.accu_init,
                &mut inner.loop_cond,
                &mut inner.loop_step,
                &mut inner.result,
            ] {
                bind_patterns(part);
            }
        }
        _ => {}
    }
}

/// How many operators, brackets and dots stand outside of texts.
fn steps(source: &str) -> usize {
    let (mut quote, mut steps, mut before) = (None, 0, ' ');
    for c in source.chars() {
        match quote {
            Some(open) if c == open && before != '\\' => quote = None,
            None if matches!(c, '\'' | '"') => quote = Some(c),
            None if c.is_ascii_punctuation() && c != '_' && c != ',' => steps += 1,
            Some(_) | None => {}
        }
        before = c;
    }
    steps
}

/// The byte of a line and column, both from 1, as the parser counts them.
fn byte_of(source: &str, (line, column): (isize, isize)) -> usize {
    let line = usize::try_from(line - 1).unwrap_or(0);
    let before: usize = source.split_inclusive('\n').take(line).map(str::len).sum();
    let at = before + usize::try_from(column - 1).unwrap_or(0);
    (0..=at.min(source.len())).rev().find(|at| source.is_char_boundary(*at)).unwrap_or(0)
}

#[cfg(test)]
mod tests;
