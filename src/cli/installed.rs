//! What every command of an installation starts from: its files and rules, all checked before anything is touched.

use std::path::Path;

use super::Failure;
use super::runtime::RunLock;
use crate::config::fault::Faults;
use crate::config::installation::Installation;
use crate::config::valid::Config;
use crate::patrol::Order;
use crate::rules::RuleSet;

/// An installation with its rules.
#[derive(Debug)]
pub(super) struct Installed {
    /// Configuration, register, calendar.
    pub(super) files: Installation,
    /// The rules in force.
    pub(super) rules: RuleSet,
}

impl Installed {
    /// Opens everything.
    ///
    /// # Errors
    /// All faults of all files together; a rules folder that cannot be read.
    pub(super) fn open(config_path: &Path) -> Result<Self, Failure> {
        let policy = Config::load(config_path).map(|config| config.rules).unwrap_or_default();
        let (rules, mut faults) = match super::rules::load(&policy) {
            Ok(rules) => (Some(rules), Vec::new()),
            Err(Failure::Faults(Faults(faults))) => (None, faults),
            Err(other) => return Err(other),
        };
        let ids: Option<Vec<&str>> =
            rules.as_ref().map(|rules| rules.rules.iter().map(|bound| bound.rule.id.as_str()).collect());
        match (Installation::open(config_path, ids.as_deref()), rules) {
            (Ok(files), Some(rules)) if faults.is_empty() => {
                let apart = files.config.crawl.confirm_apart;
                Ok(Self { files, rules: rules.with_apart(apart) })
            }
            (opened, _) => {
                faults.extend(opened.err().into_iter().flat_map(|Faults(faults)| faults));
                Err(Faults(faults).into())
            }
        }
    }

    /// As [`open`](Self::open), and takes the run lock; notices go to standard error.
    ///
    /// # Errors
    /// Faults, or another run in the way.
    pub(super) fn open_to_write(config_path: &Path) -> Result<(Self, RunLock), Failure> {
        let installed = Self::open(config_path)?;
        for notice in &installed.files.notices {
            super::print_err(&format!("提示：{notice}\n"));
        }
        let lock = RunLock::take(&installed.files.config.state_dir)?;
        Ok((installed, lock))
    }

    /// The patrol's order.
    pub(super) fn order(&self) -> Order<'_> {
        Order { config: &self.files.config, registry: &self.files.registry, rules: &self.rules }
    }
}
