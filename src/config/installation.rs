//! Everything an office keeps in files, opened and checked together before network, database or mail are touched.

use std::path::Path;

use super::fault::{Fault, Faults, Notice};
use super::valid::Config;
use crate::ledger::deadline::Holidays;
use crate::registry::Registry;

/// One installation, checked: what every command starts from.
#[derive(Debug, Clone)]
pub struct Installation {
    /// `xuncha.toml`.
    pub config: Config,
    /// The register.
    pub registry: Registry,
    /// The calendar of working days.
    pub holidays: Holidays,
    /// What should be told to the operator and stops nothing, sorted by file and place.
    pub notices: Vec<Notice>,
}

impl Installation {
    /// Opens the configuration, the register and the calendar. Where `rules` are given, exemptions may name only
    /// those.
    ///
    /// # Errors
    /// All faults of all files together, sorted by file and place.
    pub fn open(config_path: &Path, rules: Option<&[&str]>) -> Result<Self, Faults> {
        let (installation, faults) = Self::read(config_path, rules);
        Faults::none_or(faults, installation)
    }

    /// As [`open`](Self::open), with what could be understood in spite of the faults.
    pub(crate) fn read(config_path: &Path, rules: Option<&[&str]>) -> (Self, Vec<Fault>) {
        let (config, mut faults) = Config::read(config_path);
        if !config_path.exists() {
            // The other files are looked for where it stands: that they are missing too says nothing new.
            let (registry, holidays) = (Registry::default(), Holidays::default());
            return (Self { config, registry, holidays, notices: Vec::new() }, faults);
        }
        let reading = Registry::read(&config.registry_dir, rules);
        faults.extend(reading.faults);
        let holidays = Holidays::load(&config.holidays).unwrap_or_else(|Faults(found)| {
            faults.extend(found);
            Holidays::default()
        });
        let mut notices = config.notices.clone();
        notices.extend(reading.notices);
        notices.sort();
        (Self { config, registry: reading.registry, holidays, notices }, faults)
    }
}
