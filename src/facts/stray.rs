//! Addresses beside the sites in operation that should not answer any more: closed and moved sites, counterfeits.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::site::Visit;

/// One such address as one look saw it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stray {
    /// Why it should not answer.
    pub kind: StrayKind,
    /// 标识码 of the site that is closed or imitated.
    pub site: String,
    /// That site's name.
    pub name: String,
    /// The address.
    pub url: String,
    /// Of a counterfeit: when it was found.
    pub found: Option<NaiveDate>,
    /// Of a counterfeit: when it was dealt with, where the register says so.
    pub handled: Option<NaiveDate>,
    /// What it calls itself, where it answered with a page that was read.
    pub title: String,
    /// What was asked and answered; `None` where this look did not ask.
    pub visit: Option<Visit>,
}

/// Why an address should not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StrayKind {
    /// The site is closed (已关停).
    Closed,
    /// The site has moved (已迁移): the address may lead on.
    Moved,
    /// It imitates a site (假冒政府网站).
    Counterfeit,
}

impl Stray {
    /// The host that answered in the end, where another than was asked.
    pub fn led_to(&self) -> Option<String> {
        let hop = self.visit.as_ref()?.look.hops.last()?;
        let host = |url: &str| url::Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned));
        let (from, to) = (host(&self.url)?, host(&hop.to)?);
        (from.trim_start_matches("www.") != to.trim_start_matches("www.")).then_some(to)
    }
}
