//! From rule files to a [`RuleSet`]: rows read, overlays applied, parameters bound to the checks' own types, references
//! followed. All faults are told at once, each with its place.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use chrono::NaiveDate;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use super::raw::{RawPack, in_words, suggestion};
use super::sheets::{Sheets, ids_of_questions};
use super::shipped::{RuleFile, RuleFiles};
use super::{Basis, BoundRule, CheckWords, Pack, RuleSet};
use crate::checks::{self, CHECKS};
use crate::config::fault::{Fault, Faults};
use crate::finding::hex;

impl RuleSet {
    /// The shipped pack `national-2019`.
    ///
    /// # Errors
    /// Never of the files as shipped, which tests hold.
    pub fn shipped() -> Result<Self, Faults> {
        Self::load(&RuleFiles::shipped(), &["national-2019"])
    }

    /// Every shipped pack that changes nothing in another: what the program can judge, for documents and tests.
    ///
    /// # Errors
    /// Never of the files as shipped, which tests hold.
    pub fn complete() -> Result<Self, Faults> {
        let files = RuleFiles::shipped();
        let mut packs = Vec::new();
        for pack in files.packs() {
            if !Self::load(&files, &[pack])?.changes_others() {
                packs.push(pack);
            }
        }
        Self::load(&files, &packs)
    }

    /// The packs `packs` of these files, in this order, each over the packs it extends.
    ///
    /// # Errors
    /// Every fault of the files that the packs need.
    pub fn load<S: AsRef<str>>(files: &RuleFiles, packs: &[S]) -> Result<Self, Faults> {
        let mut loader = Loader::default();
        let set = loader.load(files, packs);
        let mut faults = loader.faults;
        if faults.is_empty() {
            return Ok(set);
        }
        faults.sort();
        faults.dedup();
        Err(Faults(faults))
    }
}

#[derive(Default)]
pub(super) struct Loader {
    faults: Vec<Fault>,
    basis: BTreeMap<String, (Place, Basis)>,
    /// References to sources with their places, followed once all are known.
    pub(super) used: Vec<(Place, String)>,
    /// Rules that an overlay switched off, with its words.
    pub(super) disabled: BTreeMap<String, String>,
}

/// A place in a file.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) file: String,
    pub(super) line: u32,
    pub(super) column: u32,
}

impl Loader {
    fn load<S: AsRef<str>>(&mut self, files: &RuleFiles, wanted: &[S]) -> RuleSet {
        let mut packs: Vec<Pack> = Vec::new();
        for pack in wanted {
            self.chain(files, pack.as_ref(), &mut packs);
        }
        if let Some(file) = files.0.get("basis.toml") {
            self.read_basis(file);
        }
        let mut rules: BTreeMap<String, (Place, BoundRule)> = BTreeMap::new();
        let mut sheets = Sheets::default();
        for pack in &packs {
            let prefix = format!("{}/", pack.id);
            for (path, file) in &files.0 {
                match path.strip_prefix(&prefix) {
                    None | Some("pack.toml") => {}
                    Some("basis.toml") => self.read_basis(file),
                    Some("indicators.toml") => self.read_indicators(file, &pack.id, &mut sheets),
                    Some("score.toml") => self.read_score(file, &pack.id, &mut sheets),
                    Some(_) => self.read_rules(file, &pack.id, &mut rules),
                }
            }
        }
        let words = files.0.get("checks.toml").map(|file| self.read_words(file)).unwrap_or_default();
        let sheet = self.sheet(&mut sheets);
        self.follow(&rules, &sheets);
        packs.reverse();
        let rules: Vec<_> = rules.into_values().map(|(_, bound)| bound).collect();
        let indicators: Vec<_> = sheets.indicators.into_values().map(|(_, indicator)| indicator).collect();
        let basis =
            std::mem::take(&mut self.basis).into_iter().map(|(key, (_, basis))| (key, basis)).collect();
        let disabled = std::mem::take(&mut self.disabled);
        let word_lists = Arc::default();
        let mut set = RuleSet {
            packs,
            rules,
            basis,
            indicators,
            sheet,
            disabled,
            words,
            word_lists,
            hash: String::new(),
        };
        set.hash = hash(&set);
        set
    }

    fn read_basis(&mut self, file: &RuleFile) {
        for (key, value) in self.sections(file, &["basis"]) {
            debug_assert_eq!(key, "basis");
            let span = value.span();
            let DeValue::Table(entries) = value.into_inner() else {
                self.at(file, span, "`basis` 应是若干节，每节以 [basis.\"…\"] 开头");
                continue;
            };
            for (key, value) in entries {
                let place = self.place(file, &key.span());
                let Some(basis) = self.read::<Basis>(file, value) else { continue };
                let key = key.get_ref().to_string();
                if let Some((first, _)) = self.basis.get(&key) {
                    let message = format!("依据`{key}`已在{}:{}写过", first.file, first.line);
                    self.put(place, message);
                    continue;
                }
                if basis.quote.trim().is_empty() || basis.document.trim().is_empty() {
                    self.put(place.clone(), format!("依据`{key}`须写明文件（document）和原文（quote）"));
                }
                if !basis.verified && basis.note.trim().is_empty() {
                    self.put(place.clone(), format!("依据`{key}`未核实的，须在 note 中说明未核实什么"));
                }
                self.basis.insert(key, (place, basis));
            }
        }
    }

    fn read_words(&mut self, file: &RuleFile) -> BTreeMap<String, CheckWords> {
        let mut words = BTreeMap::new();
        for (_, value) in self.sections(file, &["check"]) {
            let span = value.span();
            let DeValue::Table(entries) = value.into_inner() else {
                self.at(file, span, "`check` 应是若干节，每节以 [check.…] 开头");
                continue;
            };
            for (key, value) in entries {
                let id = key.get_ref().to_string();
                if checks::find(&id).is_none() {
                    let hint = suggestion(&id, CHECKS.iter().map(|check| check.id()));
                    self.at(file, key.span(), format!("没有检查`{id}`{hint}"));
                }
                if let Some(told) = self.read(file, value) {
                    words.insert(id, told);
                }
            }
        }
        words
    }

    /// Adds the pack after those it lies over; one that is there already stays where it is.
    fn chain(&mut self, files: &RuleFiles, pack: &str, packs: &mut Vec<Pack>) {
        let mut chain: Vec<Pack> = Vec::new();
        let mut next = Some((pack.to_owned(), None::<Place>));
        while let Some((id, from)) = next.take() {
            let path = format!("{id}/pack.toml");
            let from = from.unwrap_or_else(|| Place { file: path.clone(), line: 1, column: 1 });
            if chain.iter().any(|seen| seen.id == id) {
                self.put(from, format!("规则包互相依托成了循环：`{id}`"));
                break;
            }
            if packs.iter().any(|seen| seen.id == id) {
                break;
            }
            let Some(file) = files.0.get(&path) else {
                let hint = suggestion(&id, files.packs());
                self.put(from, format!("没有规则包`{id}`{hint}"));
                break;
            };
            let Some(raw) = self.document::<RawPack>(file) else { break };
            if *raw.id.get_ref() != id {
                self.at(file, raw.id.span(), "id 应与规则包文件夹同名");
            }
            let day = raw.effective.get_ref().date.and_then(|date| {
                NaiveDate::from_ymd_opt(date.year.into(), date.month.into(), date.day.into())
            });
            if day.is_none() {
                self.at(file, raw.effective.span(), "effective 应为日期，如 2019-04-01");
            }
            self.used.push((self.place(file, &raw.basis.span()), raw.basis.get_ref().clone()));
            next = raw.extends.as_ref().map(|e| (e.get_ref().clone(), Some(self.place(file, &e.span()))));
            chain.push(Pack {
                id,
                title: raw.title,
                extends: raw.extends.map(Spanned::into_inner),
                effective: day.unwrap_or_default(),
                basis: raw.basis.into_inner(),
                note: raw.note,
            });
        }
        packs.extend(chain.into_iter().rev());
    }

    /// Follows every reference: to sources and to rules.
    fn follow(&mut self, rules: &BTreeMap<String, (Place, BoundRule)>, sheets: &Sheets) {
        for (place, other, from) in sheets.references() {
            self.rule_exists(place, &other, from, rules);
        }
        for (place, bound) in rules.values() {
            for other in &bound.rule.yields_to {
                self.rule_exists(place.clone(), other, "yields-to 中的规则", rules);
            }
        }
        let mut questions: BTreeSet<String> = BTreeSet::new();
        for (place, id) in ids_of_questions(sheets) {
            if !questions.insert(id.clone()) {
                self.put(place, format!("核查项编号`{id}`重复"));
            }
        }
        self.used.extend(sheets.used());
        for (place, key) in std::mem::take(&mut self.used) {
            if !self.basis.contains_key(&key) {
                let hint = suggestion(&key, self.basis.keys().map(String::as_str));
                self.put(place, format!("依据`{key}`不在 basis.toml 中{hint}"));
            }
        }
    }

    fn rule_exists(
        &mut self,
        place: Place,
        other: &str,
        from: &str,
        rules: &BTreeMap<String, (Place, BoundRule)>,
    ) {
        if !rules.contains_key(other) && !self.disabled.contains_key(other) {
            let hint = suggestion(other, rules.keys().map(String::as_str));
            self.put(place, format!("{from}`{other}`不存在{hint}"));
        }
    }

    /// The top-level values of a file, of which only `known` may be there.
    pub(super) fn sections<'a>(
        &mut self,
        file: &'a RuleFile,
        known: &[&str],
    ) -> Vec<(String, Spanned<DeValue<'a>>)> {
        if self.is_broken(file) {
            return Vec::new();
        }
        let (table, errors) = DeTable::parse_recoverable(&file.text);
        for error in errors {
            self.at(file, error.span().unwrap_or(0..0), in_words(error.message()));
        }
        let mut sections = Vec::new();
        for (key, value) in table.into_inner() {
            let name = key.get_ref().to_string();
            if known.contains(&name.as_str()) {
                sections.push((name, value));
            } else {
                let hint = suggestion(&name, known.iter().copied());
                self.at(file, key.span(), format!("没有名为`{name}`的节{hint}"));
            }
        }
        sections
    }

    /// A whole file as one value.
    fn document<T: DeserializeOwned>(&mut self, file: &RuleFile) -> Option<T> {
        if self.is_broken(file) {
            return None;
        }
        match DeTable::parse(&file.text) {
            Ok(table) => {
                let span = table.span();
                self.read(file, Spanned::new(span, DeValue::Table(table.into_inner())))
            }
            Err(error) => {
                self.at(file, error.span().unwrap_or(0..0), in_words(error.message()));
                None
            }
        }
    }

    /// Tells a file that is no UTF-8, as editors save it that know only the system's encoding.
    fn is_broken(&mut self, file: &RuleFile) -> bool {
        if let Some(at) = file.broken {
            self.at(file, at..at, "文件不是UTF-8编码，请在编辑器中另存为UTF-8");
        }
        file.broken.is_some()
    }

    pub(super) fn read<T: DeserializeOwned>(
        &mut self,
        file: &RuleFile,
        value: Spanned<DeValue<'_>>,
    ) -> Option<T> {
        let span = value.span();
        T::deserialize(ValueDeserializer::from(value))
            .map_err(|error| self.at(file, error.span().unwrap_or(span), in_words(error.message())))
            .ok()
    }

    pub(super) fn at(&mut self, file: &RuleFile, span: Range<usize>, message: impl Into<String>) {
        let place = self.place(file, &span);
        self.put(place, message.into());
    }

    pub(super) fn put(&mut self, place: Place, message: String) {
        self.faults.push(Fault { file: place.file, line: place.line, column: place.column, message });
    }

    #[allow(clippy::unused_self, reason = "reads as the other steps of the loader do")]
    pub(super) fn place(&self, file: &RuleFile, span: &Range<usize>) -> Place {
        let before = file.text.get(..span.start).unwrap_or(&file.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Place { file: file.shown.clone(), line: number(line), column: number(column) }
    }
}

fn hash(set: &RuleSet) -> String {
    let rules: Vec<_> = set.rules.iter().map(|bound| &bound.rule).collect();
    let all = (&set.packs, rules, &set.indicators, &set.sheet, &set.basis);
    let text = serde_json::to_string(&all).unwrap_or_default();
    hex(&Sha256::digest(text.as_bytes()))
}
