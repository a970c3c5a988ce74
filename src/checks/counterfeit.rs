//! `counterfeit`: a counterfeit of a government site (假冒政府网站) that is known and still answers.

use serde::Deserialize;

use super::closed_site_alive::{answers, seen};
use super::{Context, Defect, check};
use crate::calendar::long_date;
use crate::facts::stray::{Stray, StrayKind};
use crate::finding::{Confidence, Seen};

check! {
    /// 假冒政府网站未处置
    ///
    /// ## What it does
    /// Asks once a look for each address of the office's register of counterfeits, and flags one that still answers `days`
    /// days after it was found, or that answers again although the register says it was dealt with. It never looks for
    /// counterfeits by itself: what is one, a person decides.
    ///
    /// ## Why it matters
    /// Counterfeits are reported once and forgotten; some come back under the same name.
    ///
    /// ## Gaps
    /// Passing failures, firewalls, windows of our own failures. Whether what answers is still the imitation is not judged:
    /// 疑似 at most.
    ///
    /// ## Example
    /// Found on 1 October, dealt with on 9 October, answering on 16 November: flagged.
    Counterfeit = "counterfeit", Stray, Params, run
}

/// Parameters of `counterfeit`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Params {
    /// Days after its finding within which it is to be dealt with.
    days: i64,
}

fn run(stray: &Stray, params: &Params, cx: Context) -> Seen<Vec<Defect>> {
    if stray.kind != StrayKind::Counterfeit || !answers(seen(stray)?, &stray.url)? {
        return Ok(Vec::new());
    }
    let found = stray.found.map_or_else(String::new, |day| format!("{}发现，", long_date(day)));
    let text = match (stray.handled, stray.found) {
        (Some(handled), _) if handled > cx.as_of => return Ok(Vec::new()),
        (Some(handled), _) => {
            format!("仿冒“{}”的网站{found}登记为{}已处置，现仍可访问。", stray.name, long_date(handled))
        }
        (None, Some(day)) if cx.as_of.signed_duration_since(day).num_days() <= params.days => {
            return Ok(Vec::new());
        }
        (None, _) => {
            format!("仿冒“{}”的网站{found}超过{}天仍可访问，处置结果未登记。", stray.name, params.days)
        }
    };
    let excerpt = format!("{} {}", stray.url, stray.title);
    Ok(vec![Defect { suspected: true, ..Defect::new(text, excerpt.trim_end(), Confidence::Medium) }])
}
