//! `indicators.toml` and `score.toml`: read, laid over each other, and held against their own arithmetic.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;
use toml::de::DeValue;

use super::load::{Loader, Place};
use super::raw::{is_id, suggestion};
use super::sheet::{Hit, Indicator, Item, Part, Points, Question, Sheet};
use super::shipped::RuleFile;

/// What the packs read so far count.
#[derive(Default)]
pub(super) struct Sheets {
    pub(super) indicators: BTreeMap<String, (Place, Indicator)>,
    head: Option<(Place, RawSheet)>,
    /// In the order of the sheet.
    items: Vec<(Place, Item)>,
    /// Where an overlay last changed what the sums are made of.
    summed: Option<Place>,
    changes: Vec<String>,
}

/// `[sheet]`; in an overlay, only what it changes.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct RawSheet {
    full: Option<Points>,
    fail_below: Option<Points>,
    bonus_above: Option<Points>,
    bonus: Option<Points>,
    answer_days: Option<u16>,
    basis: Option<String>,
    services_basis: Option<String>,
    changes: Option<String>,
}

/// `[[override]]` of an item.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct RawItemOverride {
    id: Spanned<String>,
    changes: String,
    enabled: Option<bool>,
    title: Option<String>,
    points: Option<Points>,
    text: Option<String>,
    basis: Option<String>,
    verified: Option<bool>,
    services: Option<bool>,
    #[serde(rename = "hit")]
    hits: Option<Vec<Hit>>,
    #[serde(rename = "question")]
    questions: Option<Vec<Question>>,
}

impl Loader {
    pub(super) fn read_indicators(&mut self, file: &RuleFile, pack: &str, sheets: &mut Sheets) {
        for (place, value) in self.rows_of(file, "indicator", &["indicator"]) {
            let Some(indicator) = self.read::<Indicator>(file, value) else { continue };
            if indicator.at_least == 0 {
                self.put(place.clone(), "at-least 应为 1 以上".to_owned());
            }
            if !indicator.by_machine() && indicator.questions.is_empty() {
                self.put(place.clone(), format!("指标`{}`既没有计入的规则，也没有核查项", indicator.id));
            }
            for question in &indicator.questions {
                if question.points.is_some() || question.full {
                    self.put(place.clone(), format!("核查项`{}`：单项否决没有分值", question.id));
                }
            }
            if let Some((first, _)) = sheets.indicators.get(&indicator.id)
                && indicator.changes.trim().is_empty()
            {
                let message = format!(
                    "指标`{}`已在{}:{}写过；规则包`{pack}`要调整的，须写 changes",
                    indicator.id, first.file, first.line
                );
                self.put(place.clone(), message);
            }
            // An overlay's indicator of the same id takes the place of the one below.
            sheets.indicators.insert(indicator.id.clone(), (place, indicator));
        }
    }

    pub(super) fn read_score(&mut self, file: &RuleFile, pack: &str, sheets: &mut Sheets) {
        for (name, value) in self.sections(file, &["sheet", "item", "override"]) {
            let place = self.place(file, &value.span());
            if name == "sheet" {
                let Some(raw) = self.read::<RawSheet>(file, value) else { continue };
                self.lay_sheet(place, raw, pack, sheets);
                continue;
            }
            let DeValue::Array(rows) = value.into_inner() else {
                self.put(place, format!("应写作 [[{name}]]"));
                continue;
            };
            for row in rows {
                let place = self.place(file, &row.span());
                if name == "item" {
                    if let Some(item) = self.read::<Item>(file, row) {
                        self.add_item(place, item, sheets);
                    }
                } else if let Some(raw) = self.read::<RawItemOverride>(file, row) {
                    self.override_item(file, raw, sheets);
                }
            }
        }
    }

    /// The sheet as all packs together make it, its sums checked.
    pub(super) fn sheet(&mut self, sheets: &mut Sheets) -> Option<Sheet> {
        let Some((place, raw)) = sheets.head.clone() else {
            if let Some((place, _)) = sheets.items.first() {
                self.put(place.clone(), "有评分项而没有 [sheet]".to_owned());
            }
            return None;
        };
        let (Some(full), Some(fail_below), Some(bonus_above), Some(bonus), Some(basis), Some(services_basis)) =
            (raw.full, raw.fail_below, raw.bonus_above, raw.bonus, raw.basis, raw.services_basis)
        else {
            let needed = "[sheet] 须写 full、fail-below、bonus-above、bonus、basis 和 services-basis";
            self.put(place, needed.to_owned());
            return None;
        };
        self.used.extend([(place.clone(), basis.clone()), (place.clone(), services_basis.clone())]);
        if fail_below > bonus_above || bonus_above > full {
            self.put(place.clone(), "应为 fail-below ≤ bonus-above ≤ full".to_owned());
        }
        for (part, whole, word) in [(Part::Deduction, full, "full"), (Part::Bonus, bonus, "bonus")] {
            let sum: i64 = sheets
                .items
                .iter()
                .filter(|(_, item)| item.part == part)
                .map(|(_, item)| item.points.0)
                .sum();
            if sum != whole.0 {
                let message = format!("各项分值合计{}，而 {word} 是{whole}", Points(sum));
                self.put(sheets.summed.clone().unwrap_or_else(|| place.clone()), message);
            }
        }
        let items: Vec<Item> = sheets.items.iter().map(|(_, item)| item.clone()).collect();
        let without: i64 = items
            .iter()
            .filter(|item| item.part == Part::Deduction && !item.services)
            .map(|item| item.points.0)
            .sum();
        if without == 0 && !items.is_empty() {
            self.put(place, "除去办事服务后没有评分项了".to_owned());
        }
        let (answer_days, changes) = (raw.answer_days.unwrap_or(100), std::mem::take(&mut sheets.changes));
        Some(Sheet {
            full,
            fail_below,
            bonus_above,
            bonus,
            answer_days,
            basis,
            services_basis,
            items,
            changes,
        })
    }

    fn lay_sheet(&mut self, place: Place, raw: RawSheet, pack: &str, sheets: &mut Sheets) {
        let Some((_, below)) = &mut sheets.head else {
            sheets.head = Some((place, raw));
            return;
        };
        match raw.changes.as_deref().map(str::trim) {
            None | Some("") => {
                self.put(place, format!("所依托的规则包已有 [sheet]；规则包`{pack}`要调整的，须写 changes"));
                return;
            }
            Some(words) => sheets.changes.push(words.to_owned()),
        }
        below.full = raw.full.or(below.full);
        below.fail_below = raw.fail_below.or(below.fail_below);
        below.bonus_above = raw.bonus_above.or(below.bonus_above);
        below.bonus = raw.bonus.or(below.bonus);
        below.answer_days = raw.answer_days.or(below.answer_days);
        below.basis = raw.basis.or(below.basis.take());
        below.services_basis = raw.services_basis.or(below.services_basis.take());
        if raw.full.or(raw.bonus).is_some() {
            sheets.summed = Some(place.clone());
        }
        if let Some((at, _)) = &mut sheets.head {
            *at = place;
        }
    }

    fn add_item(&mut self, place: Place, item: Item, sheets: &mut Sheets) {
        if !is_id(&item.id) {
            self.put(place.clone(), "编号只能用小写字母、数字，以 - 相连".to_owned());
        }
        if let Some((first, _)) = sheets.items.iter().find(|(_, known)| known.id == item.id) {
            let message = format!(
                "评分项`{}`已在{}:{}写过；调整包用 [[override]] 调整",
                item.id, first.file, first.line
            );
            self.put(place, message);
            return;
        }
        self.check_item(&place, &item);
        sheets.items.push((place, item));
    }

    fn override_item(&mut self, file: &RuleFile, raw: RawItemOverride, sheets: &mut Sheets) {
        let place = self.place(file, &raw.id.span());
        let id = raw.id.get_ref();
        if raw.changes.trim().is_empty() {
            self.put(place.clone(), "changes 须写明调整了什么、为什么".to_owned());
        }
        let Some(at) = sheets.items.iter().position(|(_, item)| item.id == *id) else {
            let hint = suggestion(id, sheets.items.iter().map(|(_, item)| item.id.as_str()));
            self.put(place, format!("所依托的规则包中没有评分项`{id}`{hint}"));
            return;
        };
        if raw.enabled == Some(false) {
            let (_, item) = sheets.items.remove(at);
            sheets.summed = Some(place);
            sheets.changes.push(format!("{}：{}", item.title, raw.changes));
            return;
        }
        if raw.points.is_some() {
            sheets.summed = Some(place.clone());
        }
        let (stands, item) = &mut sheets.items[at];
        *stands = place.clone();
        item.changes.push(raw.changes);
        item.title = raw.title.unwrap_or_else(|| item.title.clone());
        item.points = raw.points.unwrap_or(item.points);
        item.text = raw.text.unwrap_or_else(|| item.text.clone());
        item.basis = raw.basis.unwrap_or_else(|| item.basis.clone());
        item.verified = raw.verified.unwrap_or(item.verified);
        item.services = raw.services.unwrap_or(item.services);
        item.hits = raw.hits.unwrap_or_else(|| item.hits.clone());
        item.questions = raw.questions.unwrap_or_else(|| item.questions.clone());
        let item = item.clone();
        self.check_item(&place, &item);
    }

    fn check_item(&mut self, place: &Place, item: &Item) {
        let amounts = item
            .hits
            .iter()
            .map(|hit| (&hit.rule, hit.points, hit.full))
            .chain(item.questions.iter().map(|question| (&question.id, question.points, question.full)));
        for (name, points, full) in amounts {
            if points.is_some() == full {
                self.put(place.clone(), format!("`{name}`要么写 points，要么写 full = true（扣满）"));
            }
        }
        if item.hits.is_empty() && item.questions.is_empty() {
            self.put(place.clone(), format!("评分项`{}`既没有计入的规则，也没有核查项", item.id));
        }
        if item.part == Part::Bonus && !item.hits.is_empty() {
            self.put(place.clone(), format!("评分项`{}`：加分项不能计入规则", item.id));
        }
    }

    /// The rows of a file that holds nothing but `[[name]]`.
    fn rows_of<'a>(
        &mut self,
        file: &'a RuleFile,
        name: &str,
        known: &[&str],
    ) -> Vec<(Place, Spanned<DeValue<'a>>)> {
        let mut all = Vec::new();
        for (_, value) in self.sections(file, known) {
            let place = self.place(file, &value.span());
            match value.into_inner() {
                DeValue::Array(rows) => {
                    all.extend(rows.into_iter().map(|row| (self.place(file, &row.span()), row)));
                }
                _ => self.put(place, format!("应写作 [[{name}]]")),
            }
        }
        all
    }
}

impl Sheets {
    /// Rules that are named, with the place and the words to complain in.
    pub(super) fn references(&self) -> Vec<(Place, String, &'static str)> {
        let mut all = Vec::new();
        for (place, indicator) in self.indicators.values() {
            let named = indicator.counts.iter().map(|count| &count.rule).chain(&indicator.visits);
            all.extend(named.map(|rule| (place.clone(), rule.clone(), "指标计入的规则")));
            all.extend(pointers(place, &indicator.questions));
        }
        for (place, item) in &self.items {
            all.extend(item.hits.iter().map(|hit| (place.clone(), hit.rule.clone(), "评分项计入的规则")));
            all.extend(pointers(place, &item.questions));
        }
        all
    }

    /// Sources that are cited.
    pub(super) fn used(&self) -> Vec<(Place, String)> {
        let indicators = self.indicators.values().map(|(place, row)| (place.clone(), row.basis.clone()));
        indicators.chain(self.items.iter().map(|(place, row)| (place.clone(), row.basis.clone()))).collect()
    }
}

/// Every question's id with its place.
pub(super) fn ids_of_questions(sheets: &Sheets) -> Vec<(Place, String)> {
    let indicators = sheets.indicators.values().map(|(place, row)| (place, &row.questions));
    let items = sheets.items.iter().map(|(place, row)| (place, &row.questions));
    indicators
        .chain(items)
        .flat_map(|(place, questions)| questions.iter().map(|question| (place.clone(), question.id.clone())))
        .collect()
}

fn pointers<'a>(
    place: &'a Place,
    questions: &'a [Question],
) -> impl Iterator<Item = (Place, String, &'static str)> + 'a {
    questions
        .iter()
        .flat_map(|question| &question.see)
        .map(|rule| (place.clone(), rule.clone(), "核查项 see 中的规则"))
}
