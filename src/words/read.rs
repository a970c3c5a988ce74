//! From files to entries: rows of tab-separated cells, every fault told at its place.

use std::collections::HashMap;

use super::files::{List, WordFile, WordFiles};
use crate::config::fault::{Fault, Faults};

/// Longest form, in characters: a word list holds words.
const LONGEST: usize = 60;

/// Everything the files say.
#[derive(Debug, Default)]
pub(super) struct Entries {
    /// Wrong, forbidden and superseded forms.
    pub(super) forms: Vec<Entry>,
    /// Words of two characters with what is wrongly written for each.
    pub(super) near: Vec<(String, String, String)>,
    pub(super) terms: Vec<String>,
    pub(super) right: Vec<String>,
    /// Syllables with their characters.
    pub(super) sounds: Vec<(String, String)>,
    pub(super) shapes: Vec<String>,
}

/// One form and what is said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) list: List,
    pub(super) wrong: String,
    pub(super) right: String,
    /// Texts that hold the form and are right.
    pub(super) unless: Vec<String>,
}

/// Reads all files. Of two rows for one form in lists of the same kind the later one holds, so that an office's own row
/// takes the place of a shipped one.
pub(super) fn read(files: &WordFiles) -> Result<Entries, Faults> {
    let mut faults = Vec::new();
    let mut entries = Entries::default();
    let mut seen: HashMap<(bool, String), usize> = HashMap::new();
    for file in &files.0 {
        for (number, line) in file.text.lines().enumerate() {
            let line = line.trim_start_matches('\u{feff}').trim_end_matches('\r');
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            let row = Row { file, number: u32::try_from(number + 1).unwrap_or(u32::MAX), line };
            if let Err(fault) = row.add_to(&mut entries, &mut seen) {
                faults.push(fault);
            }
        }
    }
    Faults::none_or(faults, entries)
}

struct Row<'a> {
    file: &'a WordFile,
    number: u32,
    line: &'a str,
}

impl Row<'_> {
    fn add_to(&self, entries: &mut Entries, seen: &mut HashMap<(bool, String), usize>) -> Result<(), Fault> {
        let cells: Vec<&str> = self.line.split('\t').collect();
        let list = self.file.list;
        let (least, most) = match list {
            List::Never | List::Context | List::Style | List::Superseded => (2, 4),
            List::Near => (2, 3),
            List::Terms | List::Right | List::Shapes => (1, 2),
            List::Sounds => (2, 2),
            List::Forbidden => (1, 4),
        };
        if cells.len() < least {
            return Err(self
                .at(cells.len(), "后面还应有一列，用制表符（Tab）隔开：错误写法、正确写法、例外（可不填）"));
        }
        if let Some(cell) = cells.get(most) {
            return Err(self.at(most, format!("多出的一列：“{cell}”")));
        }
        for (at, cell) in cells.iter().take(2).enumerate() {
            let optional = at > 0 && (matches!(list, List::Forbidden | List::Near) || least == 1);
            if cell.is_empty() && !optional {
                return Err(self.at(at, "此格不能为空"));
            }
            if *cell != cell.trim() {
                return Err(self.at(at, "词的前后有空格"));
            }
            if list != List::Sounds && cell.chars().count() > LONGEST {
                return Err(self.at(at, format!("超过{LONGEST}个字：词表只收词语")));
            }
        }
        let first = cells.first().copied().unwrap_or_default();
        let second = cells.get(1).copied().unwrap_or_default();
        match list {
            List::Shapes => entries.shapes.push(first.to_owned()),
            List::Sounds => entries.sounds.push((first.to_owned(), second.to_owned())),
            List::Terms | List::Right => {
                let least = if list == List::Terms { 4 } else { 2 };
                if first.chars().count() < least {
                    return Err(self.at(0, format!("至少{least}个字")));
                }
                if list == List::Terms { &mut entries.terms } else { &mut entries.right }
                    .push(first.to_owned());
            }
            List::Near => {
                if first.chars().count() != 2 {
                    return Err(self.at(0, "此表只收两个字的词"));
                }
                let third = cells.get(2).copied().unwrap_or_default();
                entries.near.push((first.to_owned(), second.to_owned(), third.to_owned()));
            }
            List::Never | List::Context | List::Style | List::Forbidden | List::Superseded => {
                if first.chars().count() < 2 {
                    return Err(self.at(0, "至少两个字：单个字到处都是"));
                }
                if first == second {
                    return Err(self.at(1, "与前一列相同"));
                }
                let entry = Entry {
                    list,
                    wrong: first.to_owned(),
                    right: second.to_owned(),
                    unless: self.unless(first, cells.get(2).copied().unwrap_or_default())?,
                };
                let key = (list.tier().is_some(), entry.wrong.clone());
                let next = entries.forms.len();
                let known = seen.get(&key).and_then(|at| entries.forms.get_mut(*at));
                if let Some(old) = known {
                    *old = entry;
                } else {
                    seen.insert(key, next);
                    entries.forms.push(entry);
                }
            }
        }
        Ok(())
    }

    /// The exceptions: texts with the form in them, `*` standing for it.
    fn unless(&self, wrong: &str, cell: &str) -> Result<Vec<String>, Fault> {
        cell.split([' ', '　'])
            .filter(|text| !text.is_empty())
            .map(|text| {
                let whole = text.replace('*', wrong);
                if !whole.contains(wrong) || whole == wrong {
                    let message = format!("例外“{text}”应包含“{wrong}”及其前后文，可用*代表它：*作战");
                    return Err(self.at(2, message));
                }
                Ok(whole)
            })
            .collect()
    }

    fn at(&self, cell: usize, message: impl Into<String>) -> Fault {
        let before: usize = self.line.split('\t').take(cell).map(|cell| cell.chars().count() + 1).sum();
        let column = u32::try_from(before + 1).unwrap_or(u32::MAX);
        Fault::new(self.file.shown.clone(), self.number, column, message)
    }
}
