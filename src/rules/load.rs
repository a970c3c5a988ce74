//! From rule files to a [`RuleSet`]: rows read, overlays applied, parameters bound to the checks' own types, references
//! followed. All faults are told at once, each with its place.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use chrono::NaiveDate;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use super::raw::{
    RawConfirm, RawOverride, RawPack, RawRule, Tables, duration, is_id, laid_over, suggestion, table,
};
use super::shipped::{RuleFile, RuleFiles};
use super::{Basis, BoundRule, Indicator, Pack, Rule, RuleSet};
use crate::checks::{self, Bound, CHECKS, DynCheck};
use crate::config::fault::{Fault, Faults};
use crate::finding::hex;

impl RuleSet {
    /// The shipped pack `national-2019`.
    ///
    /// # Errors
    /// Never of the files as shipped, which tests hold.
    pub fn shipped() -> Result<Self, Faults> {
        Self::load(&RuleFiles::shipped(), "national-2019")
    }

    /// The pack `pack` of these files, over the packs it extends.
    ///
    /// # Errors
    /// Every fault of the files that the pack needs.
    pub fn load(files: &RuleFiles, pack: &str) -> Result<Self, Faults> {
        let mut loader = Loader { faults: Vec::new(), basis: BTreeMap::new(), used: Vec::new() };
        let set = loader.load(files, pack);
        let mut faults = loader.faults;
        if faults.is_empty() {
            return Ok(set);
        }
        faults.sort();
        faults.dedup();
        Err(Faults(faults))
    }
}

struct Loader {
    faults: Vec<Fault>,
    basis: BTreeMap<String, Basis>,
    /// References to `basis.toml` with their places, followed once it is known.
    used: Vec<(Place, String)>,
}

/// A place in a file.
#[derive(Clone)]
struct Place {
    file: String,
    line: u32,
    column: u32,
}

impl Loader {
    fn load(&mut self, files: &RuleFiles, pack: &str) -> RuleSet {
        if let Some(file) = files.0.get("basis.toml") {
            self.read_basis(file);
        } else {
            let place = Place { file: "basis.toml".to_owned(), line: 1, column: 1 };
            self.put(place, "missing: no rule can cite its source".to_owned());
        }
        let packs = self.chain(files, pack);
        let mut rules: BTreeMap<String, (Place, BoundRule)> = BTreeMap::new();
        let mut indicators: BTreeMap<String, (Place, Indicator)> = BTreeMap::new();
        for pack in packs.iter().rev() {
            let prefix = format!("{}/", pack.id);
            for (path, file) in &files.0 {
                match path.strip_prefix(&prefix) {
                    None | Some("pack.toml") => {}
                    Some("indicators.toml") => self.read_indicators(file, &mut indicators),
                    Some(_) => self.read_rules(file, &pack.id, &mut rules),
                }
            }
        }
        self.follow(&rules, &indicators);
        let rules: Vec<_> = rules.into_values().map(|(_, bound)| bound).collect();
        let indicators: Vec<_> = indicators.into_values().map(|(_, indicator)| indicator).collect();
        let hash = hash(&packs, &rules, &indicators, &self.basis);
        RuleSet {
            packs,
            rules,
            basis: std::mem::take(&mut self.basis),
            indicators,
            hash,
            words: Arc::default(),
        }
    }

    fn read_basis(&mut self, file: &RuleFile) {
        for (key, value) in self.sections(file, &["basis"]) {
            debug_assert_eq!(key, "basis");
            let span = value.span();
            let DeValue::Table(entries) = value.into_inner() else {
                self.at(file, span, "`basis` must be a table of tables");
                continue;
            };
            for (key, value) in entries {
                if let Some(basis) = self.read(file, value) {
                    self.basis.insert(key.get_ref().to_string(), basis);
                }
            }
        }
    }

    /// The pack and those it lies over, nearest first.
    fn chain(&mut self, files: &RuleFiles, pack: &str) -> Vec<Pack> {
        let mut packs: Vec<Pack> = Vec::new();
        let mut next = Some((pack.to_owned(), None::<Place>));
        while let Some((id, from)) = next.take() {
            let path = format!("{id}/pack.toml");
            let from = from.unwrap_or_else(|| Place { file: path.clone(), line: 1, column: 1 });
            if packs.iter().any(|seen| seen.id == id) {
                self.put(from, format!("the packs extend each other in a circle, at `{id}`"));
                break;
            }
            let Some(file) = files.0.get(&path) else {
                let hint = suggestion(&id, files.packs());
                self.put(from, format!("no such pack: `{id}`{hint}"));
                break;
            };
            let Some(raw) = self.document::<RawPack>(file) else { break };
            if *raw.id.get_ref() != id {
                self.at(file, raw.id.span(), "`id` must be the name of the pack's folder");
            }
            let day = raw.effective.get_ref().date.and_then(|date| {
                NaiveDate::from_ymd_opt(date.year.into(), date.month.into(), date.day.into())
            });
            if day.is_none() {
                self.at(file, raw.effective.span(), "`effective` must be a date: 2019-04-01");
            }
            self.used.push((self.place(file, &raw.basis.span()), raw.basis.into_inner()));
            next = raw.extends.as_ref().map(|e| (e.get_ref().clone(), Some(self.place(file, &e.span()))));
            packs.push(Pack {
                id,
                title: raw.title,
                extends: raw.extends.map(Spanned::into_inner),
                effective: day.unwrap_or_default(),
                basis: self.used.last().map(|(_, key)| key.clone()).unwrap_or_default(),
            });
        }
        packs
    }

    fn read_rules(&mut self, file: &RuleFile, pack: &str, rules: &mut BTreeMap<String, (Place, BoundRule)>) {
        for (key, value) in self.sections(file, &["rule", "override"]) {
            let span = value.span();
            let DeValue::Array(rows) = value.into_inner() else {
                self.at(file, span, format!("write `[[{key}]]`"));
                continue;
            };
            for row in rows {
                let span = row.span();
                let DeValue::Table(mut table) = row.into_inner() else {
                    self.at(file, span, format!("write `[[{key}]]`"));
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
                            "rule `{}` stands at {}:{} already; an overlay changes it by [[override]]",
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
            self.at(file, raw.id.span(), "an id is lower-case ASCII words joined by `-`");
        }
        self.used.push((self.place(file, &raw.basis.span()), raw.basis.get_ref().clone()));
        let (looks, apart) = self.confirm(file, raw.confirm);
        let Some(check) = checks::find(raw.check.get_ref()) else {
            let hint = suggestion(raw.check.get_ref(), CHECKS.iter().map(|check| check.id()));
            self.at(file, raw.check.span(), format!("no such check: `{}`{hint}", raw.check.get_ref()));
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
        let Some((_, bound)) = rules.get_mut(&id) else {
            let hint = suggestion(&id, rules.keys().map(String::as_str));
            self.at(file, raw.id.span(), format!("no rule `{id}` in the packs below{hint}"));
            return;
        };
        if raw.enabled == Some(false) {
            rules.remove(&id);
            return;
        }
        let rule = &mut bound.rule;
        rule.changes.push(raw.changes);
        rule.title = raw.title.unwrap_or_else(|| rule.title.clone());
        rule.class = raw.class.unwrap_or(rule.class);
        rule.severity = raw.severity.unwrap_or(rule.severity);
        rule.indicator = raw.indicator.unwrap_or_else(|| rule.indicator.clone());
        rule.remedy = raw.remedy.unwrap_or_else(|| rule.remedy.clone());
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
        let span = params.span();
        let bound = check.bind(params).map_err(|error| {
            let span = error.span().filter(|span| *span != (0..0)).unwrap_or(span);
            self.at(file, span, format!("params of check `{}`: {}", check.id(), error.message()));
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
            .and_then(|table| check.bind(table))
            .map_err(|error| {
                self.at(
                    file,
                    place.clone(),
                    format!("params of check `{}`: {}", check.id(), error.message()),
                );
            });
        bound.ok().map(Arc::from)
    }

    fn applies(
        &mut self,
        file: &RuleFile,
        check: &'static dyn DynCheck,
        applies: &Spanned<BTreeMap<String, Vec<String>>>,
    ) {
        let (scope, kinds) = check.scope();
        for (key, words) in applies.get_ref() {
            if key != scope {
                let message = format!("check `{}` judges a {scope}, not a {key}", check.id());
                self.at(file, applies.span(), message);
                continue;
            }
            for word in words.iter().filter(|word| !kinds.contains(&word.as_str())) {
                let hint = suggestion(word, kinds.iter().copied());
                self.at(file, applies.span(), format!("no {scope} is `{word}`{hint}"));
            }
        }
    }

    fn confirm(&mut self, file: &RuleFile, raw: RawConfirm) -> (u8, Duration) {
        let looks = *raw.looks.get_ref();
        if !(1..=5).contains(&looks) {
            self.at(file, raw.looks.span(), "`looks` is 1 to 5");
        }
        let apart = match raw.apart {
            Some(text) => duration(text.get_ref()).unwrap_or_else(|| {
                self.at(file, text.span(), "`apart` is a number with s, min, h or d: \"6h\"");
                Duration::ZERO
            }),
            None if looks > 1 => {
                self.at(file, raw.looks.span(), "several looks need `apart`: \"6h\"");
                Duration::ZERO
            }
            None => Duration::ZERO,
        };
        (looks, apart)
    }

    fn read_indicators(&mut self, file: &RuleFile, indicators: &mut BTreeMap<String, (Place, Indicator)>) {
        for (_, value) in self.sections(file, &["indicator"]) {
            let span = value.span();
            let DeValue::Array(rows) = value.into_inner() else {
                self.at(file, span, "write `[[indicator]]`");
                continue;
            };
            for row in rows {
                let place = self.place(file, &row.span());
                if let Some(indicator) = self.read::<Indicator>(file, row) {
                    // An overlay's indicator of the same id takes the place of the one below.
                    indicators.insert(indicator.id.clone(), (place, indicator));
                }
            }
        }
    }

    /// Follows every reference: to sources and to rules.
    fn follow(
        &mut self,
        rules: &BTreeMap<String, (Place, BoundRule)>,
        indicators: &BTreeMap<String, (Place, Indicator)>,
    ) {
        for (place, indicator) in indicators.values() {
            self.used.push((place.clone(), indicator.basis.clone()));
            for count in indicator.counts.iter().filter(|count| !rules.contains_key(&count.rule)) {
                let hint = suggestion(&count.rule, rules.keys().map(String::as_str));
                self.put(place.clone(), format!("indicator counts `{}`, which is no rule{hint}", count.rule));
            }
        }
        for (place, bound) in rules.values() {
            for other in bound.rule.yields_to.iter().filter(|other| !rules.contains_key(*other)) {
                let hint = suggestion(other, rules.keys().map(String::as_str));
                self.put(place.clone(), format!("`yields-to` names `{other}`, which is no rule{hint}"));
            }
        }
        for (place, key) in std::mem::take(&mut self.used) {
            if !self.basis.contains_key(&key) {
                let hint = suggestion(&key, self.basis.keys().map(String::as_str));
                self.put(place, format!("`{key}` is not in basis.toml{hint}"));
            }
        }
    }

    /// The top-level values of a file, of which only `known` may be there.
    fn sections<'a>(&mut self, file: &'a RuleFile, known: &[&str]) -> Vec<(String, Spanned<DeValue<'a>>)> {
        let (table, errors) = DeTable::parse_recoverable(&file.text);
        for error in errors {
            self.at(file, error.span().unwrap_or(0..0), error.message());
        }
        let mut sections = Vec::new();
        for (key, value) in table.into_inner() {
            let name = key.get_ref().to_string();
            if known.contains(&name.as_str()) {
                sections.push((name, value));
            } else {
                let hint = suggestion(&name, known.iter().copied());
                self.at(file, key.span(), format!("unknown key `{name}`{hint}"));
            }
        }
        sections
    }

    /// A whole file as one value.
    fn document<T: DeserializeOwned>(&mut self, file: &RuleFile) -> Option<T> {
        match DeTable::parse(&file.text) {
            Ok(table) => {
                let span = table.span();
                self.read(file, Spanned::new(span, DeValue::Table(table.into_inner())))
            }
            Err(error) => {
                self.at(file, error.span().unwrap_or(0..0), error.message());
                None
            }
        }
    }

    fn read<T: DeserializeOwned>(&mut self, file: &RuleFile, value: Spanned<DeValue<'_>>) -> Option<T> {
        let span = value.span();
        T::deserialize(ValueDeserializer::from(value))
            .map_err(|error| self.at(file, error.span().unwrap_or(span), error.message()))
            .ok()
    }

    fn at(&mut self, file: &RuleFile, span: Range<usize>, message: impl Into<String>) {
        let place = self.place(file, &span);
        self.put(place, message.into());
    }

    fn put(&mut self, place: Place, message: String) {
        self.faults.push(Fault { file: place.file, line: place.line, column: place.column, message });
    }

    #[allow(clippy::unused_self, reason = "reads as the other steps of the loader do")]
    fn place(&self, file: &RuleFile, span: &Range<usize>) -> Place {
        let before = file.text.get(..span.start).unwrap_or(&file.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Place { file: file.shown.clone(), line: number(line), column: number(column) }
    }
}

fn hash(
    packs: &[Pack],
    rules: &[BoundRule],
    indicators: &[Indicator],
    basis: &BTreeMap<String, Basis>,
) -> String {
    let rules: Vec<_> = rules.iter().map(|bound| &bound.rule).collect();
    let text = serde_json::to_string(&(packs, rules, indicators, basis)).unwrap_or_default();
    hex(&Sha256::digest(text.as_bytes()))
}
