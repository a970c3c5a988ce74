//! The checker that CEL itself leaves out: every name, field, function and comparison of an expression, before it runs.

use std::collections::{BTreeSet, HashMap};

use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue, SelectExpr};
use regex::Regex;

use super::{Fault, Field, Kind, MAX_DEPTH};

/// Functions and operators with the number of arguments they take, the receiver included; the macros `has`, `exists`,
/// `all`, `exists_one`, `filter` and `map` are opened before this is asked.
const FUNCTIONS: [(&str, usize); 33] = [
    ("_&&_", 2),
    ("_||_", 2),
    ("!_", 1),
    ("_==_", 2),
    ("_!=_", 2),
    ("_<_", 2),
    ("_<=_", 2),
    ("_>_", 2),
    ("_>=_", 2),
    ("_+_", 2),
    ("_-_", 2),
    ("_*_", 2),
    ("_/_", 2),
    ("_%_", 2),
    ("-_", 1),
    ("_?_:_", 3),
    ("_[_]", 2),
    ("@in", 2),
    ("@not_strictly_false", 1),
    ("size", 1),
    ("contains", 2),
    ("startsWith", 2),
    ("endsWith", 2),
    ("matches", 2),
    ("int", 1),
    ("double", 1),
    ("string", 1),
    ("duration", 1),
    ("timestamp", 1),
    ("getFullYear", 1),
    ("getMonth", 1),
    ("getDate", 1),
    ("getDayOfWeek", 1),
];

/// What is known of a value's type.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Type {
    Of(Kind),
    Span,
    Other,
}

pub(super) struct Checker<'a> {
    subject: &'static str,
    fields: &'static [Field],
    at: &'a dyn Fn(u64) -> usize,
    faults: Vec<Fault>,
    used: BTreeSet<&'static str>,
    patterns: HashMap<String, Regex>,
    /// Variables of the comprehensions around the node.
    bound: Vec<String>,
}

impl<'a> Checker<'a> {
    pub(super) fn new(subject: &'static str, fields: &'static [Field], at: &'a dyn Fn(u64) -> usize) -> Self {
        Self {
            subject,
            fields,
            at,
            faults: Vec::new(),
            used: BTreeSet::new(),
            patterns: HashMap::new(),
            bound: Vec::new(),
        }
    }

    pub(super) fn whole(&mut self, tree: &IdedExpr) {
        if depth(tree) > MAX_DEPTH {
            self.faults
                .push(Fault { at: 0, message: format!("表达式嵌套过深（上限{MAX_DEPTH}层）") });
            return;
        }
        let kind = self.type_of(tree);
        if kind != Type::Other && kind != Type::Of(Kind::Flag) {
            self.fault(tree.id, format!("表达式的结果应为真或假，现为{}", word(kind)));
        }
    }

    pub(super) fn finish(self) -> (Vec<Fault>, BTreeSet<&'static str>, HashMap<String, Regex>) {
        (self.faults, self.used, self.patterns)
    }

    fn fault(&mut self, id: u64, message: String) {
        self.faults.push(Fault { at: (self.at)(id), message });
    }

    fn type_of(&mut self, node: &IdedExpr) -> Type {
        match &node.expr {
            Expr::Ident(name) => self.name(node.id, name),
            Expr::Select(select) => self.select(node.id, select),
            Expr::Call(call) => self.call(node.id, call),
            Expr::Literal(literal) => match literal {
                LiteralValue::String(_) => Type::Of(Kind::Text),
                LiteralValue::Int(_) => Type::Of(Kind::Number),
                LiteralValue::Boolean(_) => Type::Of(Kind::Flag),
                _ => Type::Other,
            },
            Expr::List(list) => {
                for element in &list.elements {
                    self.type_of(element);
                }
                Type::Other
            }
            Expr::Comprehension(inner) => {
                self.type_of(&inner.iter_range);
                // Nested ones multiply; no rule needs them, since no field is a list.
                if !self.bound.is_empty() {
                    self.fault(node.id, "不能在一个遍历中再写遍历".to_owned());
                    return Type::Other;
                }
                self.bound.extend([inner.iter_var.clone(), inner.accu_var.clone()]);
                self.bound.extend(inner.iter_var2.clone());
                for part in [&inner.accu_init, &inner.loop_cond, &inner.loop_step, &inner.result] {
                    self.type_of(part);
                }
                self.bound.clear();
                Type::Other
            }
            Expr::Map(_) | Expr::Struct(_) => {
                self.fault(node.id, "这里不能写映射或者结构".to_owned());
                Type::Other
            }
            Expr::Unspecified => Type::Other,
        }
    }

    fn name(&mut self, id: u64, name: &str) -> Type {
        if name == "today" {
            return Type::Of(Kind::Day);
        }
        if self.bound.iter().any(|bound| bound == name) {
            return Type::Other;
        }
        if name == self.subject {
            self.fault(id, format!("“{name}”后面要写字段，如 {name}.{}", self.fields[0].name));
        } else {
            let hint = near(name, &[self.subject, "today"]);
            self.fault(id, format!("没有名为“{name}”的对象{hint}"));
        }
        Type::Other
    }

    fn select(&mut self, id: u64, select: &SelectExpr) -> Type {
        let Expr::Ident(name) = &select.operand.expr else {
            self.type_of(&select.operand);
            self.fault(id, format!("字段“{}”前面只能是对象", select.field));
            return Type::Other;
        };
        if name != self.subject {
            self.name(select.operand.id, name);
            return Type::Other;
        }
        let Some(field) = self.fields.iter().find(|field| field.name == select.field) else {
            let names: Vec<_> = self.fields.iter().map(|field| field.name).collect();
            let hint = near(&select.field, &names);
            self.fault(id, format!("{name}没有名为“{}”的字段{hint}", select.field));
            return Type::Other;
        };
        self.used.insert(field.name);
        if select.test { Type::Of(Kind::Flag) } else { Type::Of(field.kind) }
    }

    fn call(&mut self, id: u64, call: &CallExpr) -> Type {
        let given: Vec<&IdedExpr> = call.target.iter().map(|target| &**target).chain(&call.args).collect();
        let types: Vec<Type> = given.iter().map(|argument| self.type_of(argument)).collect();
        let name = call.func_name.as_str();
        let Some((_, wanted)) = FUNCTIONS.iter().find(|(known, _)| *known == name) else {
            let words: Vec<_> =
                FUNCTIONS.iter().map(|(known, _)| *known).filter(|known| is_word(known)).collect();
            let hint = near(name, &words);
            self.fault(id, format!("没有名为“{name}”的函数{hint}"));
            return Type::Other;
        };
        if types.len() != *wanted {
            self.fault(id, format!("“{name}”应有{wanted}个参数，现有{}个", types.len()));
            return Type::Other;
        }
        match name {
            "_&&_" | "_||_" | "!_" => {
                for (argument, kind) in given.iter().zip(&types) {
                    if !matches!(kind, Type::Other | Type::Of(Kind::Flag)) {
                        self.fault(argument.id, format!("这里应为真或假，现为{}", word(*kind)));
                    }
                }
                Type::Of(Kind::Flag)
            }
            "_==_" | "_!=_" | "_<_" | "_<=_" | "_>_" | "_>=_" => {
                if let [left, right] = types[..]
                    && left != right
                    && left != Type::Other
                    && right != Type::Other
                {
                    self.fault(id, format!("{}不能与{}比较", word(left), word(right)));
                }
                Type::Of(Kind::Flag)
            }
            "contains" | "startsWith" | "endsWith" | "matches" => {
                for (argument, kind) in given.iter().zip(&types) {
                    if !matches!(kind, Type::Other | Type::Of(Kind::Text)) {
                        self.fault(argument.id, format!("“{name}”只能用于文本，现为{}", word(*kind)));
                    }
                }
                if name == "matches" {
                    self.pattern(given.get(1).copied());
                }
                Type::Of(Kind::Flag)
            }
            "_-_" if types == [Type::Of(Kind::Day), Type::Of(Kind::Day)] => Type::Span,
            "_+_" | "_-_" if types == [Type::Of(Kind::Day), Type::Span] => Type::Of(Kind::Day),
            "_+_" | "_-_" | "_*_" | "_/_" | "_%_" => {
                if let [left, right] = types[..]
                    && left != right
                    && left != Type::Other
                    && right != Type::Other
                {
                    self.fault(id, format!("{}不能与{}运算", word(left), word(right)));
                }
                types.first().copied().unwrap_or(Type::Other)
            }
            "@in" => Type::Of(Kind::Flag),
            "size" | "int" | "getFullYear" | "getMonth" | "getDate" | "getDayOfWeek" => {
                Type::Of(Kind::Number)
            }
            "string" => Type::Of(Kind::Text),
            "duration" => Type::Span,
            "timestamp" => Type::Of(Kind::Day),
            _ => Type::Other,
        }
    }

    fn pattern(&mut self, argument: Option<&IdedExpr>) {
        let Some(argument) = argument else { return };
        let Expr::Literal(LiteralValue::String(text)) = &argument.expr else {
            self.fault(argument.id, "“matches”的样式要直接写出".to_owned());
            return;
        };
        let text = text.inner().to_owned();
        match regex::RegexBuilder::new(&text).size_limit(1 << 20).build() {
            Ok(pattern) => {
                self.patterns.insert(text, pattern);
            }
            Err(error) => {
                let error = error.to_string();
                let last = error.lines().last().unwrap_or_default().trim();
                self.fault(argument.id, format!("样式有误：{last}"));
            }
        }
    }
}

fn depth(tree: &IdedExpr) -> usize {
    let deepest = |parts: &mut dyn Iterator<Item = &IdedExpr>| parts.map(depth).max().unwrap_or(0);
    1 + match &tree.expr {
        Expr::Call(call) => deepest(&mut call.target.iter().map(|target| &**target).chain(&call.args)),
        Expr::Select(select) => depth(&select.operand),
        Expr::List(list) => deepest(&mut list.elements.iter()),
        Expr::Comprehension(inner) => deepest(
            &mut [&inner.iter_range, &inner.accu_init, &inner.loop_cond, &inner.loop_step, &inner.result]
                .into_iter(),
        ),
        _ => 0,
    }
}

fn is_word(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
}

fn word(kind: Type) -> &'static str {
    match kind {
        Type::Of(Kind::Text) => "文本",
        Type::Of(Kind::Number) => "整数",
        Type::Of(Kind::Flag) => "真假",
        Type::Of(Kind::Day) => "日期",
        Type::Span => "时长",
        Type::Other => "其他",
    }
}

/// `，您是否想写“…”？`, or what there is to choose from.
fn near(word: &str, known: &[&str]) -> String {
    let hint = crate::config::fault::suggestion(word, known.iter().copied());
    if hint.is_empty() { format!("，可用的有：{}", known.join("、")) } else { hint }
}
