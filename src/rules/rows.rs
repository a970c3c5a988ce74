//! Rule rows: `[[rule]]` bound to its check, `[[override]]` laid over a rule below.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::load::{Loader, Place};
use super::raw::{
    RawConfirm, RawOverride, RawRule, Tables, duration, in_words, is_id, laid_over, suggestion, table,
};
use super::shipped::RuleFile;
use super::{BoundRule, Rule};
use crate::checks::{self, BindFault, Bound, CHECKS, DynCheck};

impl Loader {
    pub(super) fn read_rules(
        &mut self,
        file: &RuleFile,
        pack: &str,
        rules: &mut BTreeMap<String, (Place, BoundRule)>,
    ) {
        for (key, value) in self.sections(file, &["rule", "override"]) {
            let span = value.span();
            let DeValue::Array(rows) = value.into_inner() else {
                self.at(file, span, format!("应写作 [[{key}]]"));
                continue;
            };
            for row in rows {
                let span = row.span();
                let DeValue::Table(mut table) = row.into_inner() else {
                    self.at(file, span, format!("应写作 [[{key}]]"));
                    continue;
                };
                let tables = Tables { params: table.remove("params"), warn: table.remove("warn") };
                let row = Spanned::new(span.clone(), DeValue::Table(table));
                if key == "rule" {
                    let Some(raw) = self.read::<RawRule>(file, row) else { continue };
                    let place = self.place(file, &raw.id.span());
                    let Some(bound) = self.rule(file, &span, pack, raw, tables) else { continue };
                    if let Some((first, _)) = rules.get(&bound.rule.id) {
                        let message = format!(
                            "规则`{}`已在{}:{}写过；调整包用 [[override]] 调整",
                            bound.rule.id, first.file, first.line
                        );
                        self.put(place, message);
                        continue;
                    }
                    rules.insert(bound.rule.id.clone(), (place, bound));
                } else if let Some(raw) = self.read::<RawOverride>(file, row) {
                    self.override_rule(file, &span, raw, tables, rules);
                }
            }
        }
    }

    fn rule(
        &mut self,
        file: &RuleFile,
        row: &Range<usize>,
        pack: &str,
        raw: RawRule,
        tables: Tables<'_>,
    ) -> Option<BoundRule> {
        if !is_id(raw.id.get_ref()) {
            self.at(file, raw.id.span(), "编号只能用小写字母、数字，以 - 相连");
        }
        self.used.push((self.place(file, &raw.basis.span()), raw.basis.get_ref().clone()));
        let (looks, apart) = self.confirm(file, raw.confirm);
        let Some(check) = checks::find(raw.check.get_ref()) else {
            let hint = suggestion(raw.check.get_ref(), CHECKS.iter().map(|check| check.id()));
            self.at(file, raw.check.span(), format!("没有检查`{}`{hint}", raw.check.get_ref()));
            return None;
        };
        if let Some(applies) = &raw.applies {
            self.applies(file, check, applies);
        }
        let empty = || Spanned::new(row.clone(), DeValue::Table(DeTable::default()));
        let params = tables.params.unwrap_or_else(empty);
        let limit = self.bind(file, check, params.clone());
        let warn = tables.warn.as_ref().map(|warn| self.bind(file, check, laid_over(&params, warn)));
        let rule = Rule {
            id: raw.id.into_inner(),
            title: raw.title,
            check: raw.check.into_inner(),
            applies: raw.applies.map(Spanned::into_inner).unwrap_or_default(),
            params: table(params),
            class: raw.class,
            severity: raw.severity,
            indicator: raw.indicator,
            basis: raw.basis.into_inner(),
            remedy: raw.remedy,
            unit: raw.unit,
            looks,
            apart,
            at_most: raw.at_most,
            yields_to: raw.yields_to,
            warn: tables.warn.map(table),
            since: raw.since,
            pack: pack.to_owned(),
            changes: Vec::new(),
        };
        Some(BoundRule { rule, check, limit: limit?, warn: warn.flatten() })
    }

    fn override_rule(
        &mut self,
        file: &RuleFile,
        row: &Range<usize>,
        raw: RawOverride,
        tables: Tables<'_>,
        rules: &mut BTreeMap<String, (Place, BoundRule)>,
    ) {
        let id = raw.id.get_ref().clone();
        if raw.changes.trim().is_empty() {
            self.at(file, row.clone(), "changes 须写明调整了什么、为什么");
        }
        let Some((_, bound)) = rules.get_mut(&id) else {
            let hint = suggestion(&id, rules.keys().map(String::as_str));
            self.at(file, raw.id.span(), format!("所依托的规则包中没有规则`{id}`{hint}"));
            return;
        };
        if raw.enabled == Some(false) {
            rules.remove(&id);
            self.disabled.insert(id, raw.changes);
            return;
        }
        let rule = &mut bound.rule;
        rule.changes.push(raw.changes);
        rule.title = raw.title.unwrap_or_else(|| rule.title.clone());
        rule.class = raw.class.unwrap_or(rule.class);
        rule.severity = raw.severity.unwrap_or(rule.severity);
        rule.indicator = raw.indicator.unwrap_or_else(|| rule.indicator.clone());
        rule.remedy = raw.remedy.unwrap_or_else(|| rule.remedy.clone());
        rule.yields_to = raw.yields_to.unwrap_or_else(|| rule.yields_to.clone());
        if let Some(basis) = raw.basis {
            self.used.push((self.place(file, &basis.span()), basis.get_ref().clone()));
            rule.basis = basis.into_inner();
        }
        if let Some(confirm) = raw.confirm {
            (rule.looks, rule.apart) = self.confirm(file, confirm);
        }
        let place = tables.params.as_ref().or(tables.warn.as_ref()).map_or(row.clone(), Spanned::span);
        rule.params.extend(tables.params.map(table).unwrap_or_default());
        if let Some(warn) = tables.warn {
            rule.warn = Some(table(warn));
        }
        let warn = rule.warn.clone().map(|warn| rule.params.clone().into_iter().chain(warn).collect());
        let limit = self.bind_table(file, &place, bound.check, &bound.rule.params);
        bound.warn = warn.and_then(|warn| self.bind_table(file, &place, bound.check, &warn));
        if let Some(limit) = limit {
            bound.limit = limit;
        }
    }

    fn bind(
        &mut self,
        file: &RuleFile,
        check: &'static dyn DynCheck,
        params: Spanned<DeValue<'_>>,
    ) -> Option<Arc<dyn Bound>> {
        let whole = params.span();
        let bound = check.bind(params).map_err(|faults| {
            for fault in faults {
                let span = fault.span.clone().unwrap_or_else(|| whole.clone());
                let raw = file.text.get(span.clone()).unwrap_or_default();
                let start = span.start + fault.inside.map_or(0, |at| inside(raw, at));
                let message = format!("检查`{}`的参数：{}", check.id(), message_of(&fault));
                self.at(file, start..start, message);
            }
        });
        bound.ok().map(Arc::from)
    }

    /// As [`Self::bind`], of a table whose keys come from several files: faults are told at `place`.
    fn bind_table(
        &mut self,
        file: &RuleFile,
        place: &Range<usize>,
        check: &'static dyn DynCheck,
        params: &toml::Table,
    ) -> Option<Arc<dyn Bound>> {
        let text = toml::to_string(params).unwrap_or_default();
        let bound = DeTable::parse(&text)
            .map(|table| Spanned::new(0..0, DeValue::Table(table.into_inner())))
            .map_err(|error| vec![BindFault::from(error)])
            .and_then(|table| check.bind(table))
            .map_err(|faults| {
                for fault in faults {
                    let message = format!("检查`{}`的参数：{}", check.id(), message_of(&fault));
                    self.at(file, place.clone(), message);
                }
            });
        bound.ok().map(Arc::from)
    }

    fn applies(
        &mut self,
        file: &RuleFile,
        check: &'static dyn DynCheck,
        applies: &Spanned<BTreeMap<String, Vec<String>>>,
    ) {
        let scopes = check.scopes();
        for (key, words) in applies.get_ref() {
            let Some((scope, kinds)) = scopes.iter().find(|(scope, _)| key == scope) else {
                let names: Vec<_> = scopes.iter().map(|(scope, _)| *scope).collect();
                let message = format!("检查`{}`的对象是{}，不是{key}", check.id(), names.join("、"));
                self.at(file, applies.span(), message);
                continue;
            };
            for word in words.iter().filter(|word| !kinds.contains(&word.as_str())) {
                let hint = suggestion(word, kinds.iter().copied());
                self.at(file, applies.span(), format!("{scope}没有`{word}`这一类{hint}"));
            }
        }
    }

    fn confirm(&mut self, file: &RuleFile, raw: RawConfirm) -> (u8, Duration) {
        let looks = *raw.looks.get_ref();
        if !(1..=5).contains(&looks) {
            self.at(file, raw.looks.span(), "looks 应在 1 至 5 之间");
        }
        let apart = match raw.apart {
            Some(text) => duration(text.get_ref()).unwrap_or_else(|| {
                self.at(file, text.span(), "apart 应为数字加 s、min、h 或 d，如 \"6h\"");
                Duration::ZERO
            }),
            None if looks > 1 => {
                self.at(file, raw.looks.span(), "多次核查须写明间隔 apart，如 \"6h\"");
                Duration::ZERO
            }
            None => Duration::ZERO,
        };
        (looks, apart)
    }
}

/// How far the byte `at` of a TOML string's text lies behind the string's start in the file; where escapes make that hard
/// to say, the start.
fn inside(raw: &str, at: usize) -> usize {
    let quotes = if raw.starts_with("\"\"\"") || raw.starts_with("'''") { 3 } else { 1 };
    let escaped = raw.starts_with('"') && raw.contains('\\');
    if !raw.starts_with(['"', '\'']) || escaped {
        return 0;
    }
    let body = raw.get(quotes..).unwrap_or_default();
    let newline = match quotes {
        3 if body.starts_with("\r\n") => 2,
        3 if body.starts_with('\n') => 1,
        _ => 0,
    };
    quotes + newline + at
}

fn message_of(fault: &BindFault) -> String {
    if fault.message.is_ascii() { in_words(&fault.message) } else { fault.message.clone() }
}
