//! Loading the register's files: every reference followed, every fault and notice collected.

mod accounts;
mod columns;
mod counterfeits;
mod exemptions;
mod public_reports;
mod reposts;
mod sites;
mod units;

use std::cell::Cell;
use std::path::{Path, PathBuf};

use super::Registry;
use super::propose::Written;
use super::table::{Field, Table};
use crate::config::fault::{Fault, Faults, Notice, suggestion};

/// What a file may be called, in the order of preference.
const EXTENSIONS: [&str; 5] = ["csv", "xlsx", "xlsm", "xls", "ods"];
/// Files that look like tables and cannot be read.
const FOREIGN: [&str; 4] = ["et", "numbers", "txt", "xlsb"];

/// Unknown names for which a likely one is looked up among all units or all sites: more than slips make, and few
/// enough that a wholly wrong file of a province is refused at once.
const SUGGESTIONS: u32 = 50;

/// What reading a register yielded, right or wrong.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    /// What could be understood.
    pub(crate) registry: Registry,
    /// What is wrong.
    pub(crate) faults: Vec<Fault>,
    /// What should be known.
    pub(crate) notices: Vec<Notice>,
}

impl Registry {
    /// Loads `units`, `sites`, `columns`, `accounts`, `exemptions`, `counterfeits`, `reposts` and `public-reports` (CSV, XLSX, XLS)
    /// from a folder; the last six may be absent. Where `rules` are given, exemptions may name only those.
    ///
    /// # Errors
    /// Every fault of every file, at file, row and column as a spreadsheet shows them.
    pub fn load(dir: &Path, rules: Option<&[&str]>) -> Result<(Self, Vec<Notice>), Faults> {
        let reading = Self::read(dir, rules);
        Faults::none_or(reading.faults, (reading.registry, reading.notices))
    }

    /// As [`load`](Self::load), with what could be understood in spite of the faults.
    pub(crate) fn read(dir: &Path, rules: Option<&[&str]>) -> Reading {
        let mut reading = Reading::default();
        let units = units::read(&mut reading, dir);
        let sites = sites::read(&mut reading, dir, &units);
        columns::read(&mut reading, dir, &units, &sites);
        counterfeits::read(&mut reading, dir, &sites);
        reposts::read(&mut reading, dir);
        public_reports::read(&mut reading, dir, &sites);
        let accounts = accounts::read(&mut reading, dir, &units, &sites);
        exemptions::read(&mut reading, dir, &sites, &accounts, rules);
        // Stable: units of one rank stay in file order.
        reading.registry.units.sort_by_key(|unit| unit.order);
        reading.notices.sort();
        reading
    }
}

impl Written {
    /// The cells of `columns` in a folder whose register has been loaded without a fault.
    pub fn of(dir: &Path) -> Self {
        columns::written(dir)
    }
}

impl Reading {
    fn absorb(&mut self, table: Table) {
        self.faults.extend(table.faults);
        self.notices.extend(table.notices);
    }

    /// Opens the table `stem`; `None` with a fault where there is none or there are two.
    fn open(&mut self, dir: &Path, stem: &str, fields: &'static [Field], required: bool) -> Option<Table> {
        let found: Vec<PathBuf> = EXTENSIONS.iter().map(path_of(dir, stem)).filter(|p| p.exists()).collect();
        let mut fault = |path: &Path, message: String| {
            self.faults.push(Fault::new(path.display().to_string(), 1, 1, message));
        };
        if let [first, second, ..] = found.as_slice() {
            let message = format!("与 {} 同时存在，不知以哪个为准，请只留一个", first.display());
            fault(second, message);
            return None;
        }
        if let Some(path) = found.first() {
            return Some(Table::open(path, fields));
        }
        if let Some(foreign) = FOREIGN.iter().map(path_of(dir, stem)).find(|p| p.exists()) {
            fault(&foreign, "不能读取这种格式，请另存为 .xlsx 或“CSV UTF-8”".to_owned());
        } else if required {
            fault(
                &path_of(dir, stem)(&"csv"),
                "找不到该文件（也可以是 .xlsx 或 .xls）；可用 xuncha init 生成样例".to_owned(),
            );
        }
        None
    }
}

fn path_of<'a>(dir: &'a Path, stem: &'a str) -> impl Fn(&&str) -> PathBuf + 'a {
    move |extension| {
        let name = format!("{stem}.{extension}");
        // Messages say `units.csv`, as the operator would, not `./units.csv`.
        if dir == Path::new(".") { PathBuf::from(name) } else { dir.join(name) }
    }
}

/// How many more unknown names get a suggestion.
#[derive(Debug)]
struct Patience(Cell<u32>);

impl Default for Patience {
    fn default() -> Self {
        Self(Cell::new(SUGGESTIONS))
    }
}

impl Patience {
    /// `，您是否想写“…”？`, or nothing where no name is near or too many were asked for.
    fn suggest<'a>(&self, text: &str, names: impl IntoIterator<Item = &'a str>) -> String {
        let Some(left) = self.0.get().checked_sub(1) else { return String::new() };
        self.0.set(left);
        suggestion(text, names)
    }
}
