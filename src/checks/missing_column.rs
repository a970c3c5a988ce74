//! `missing-column`: a column that a document demands and that nothing on the site is called by.

use chrono::NaiveDate;
use serde::Deserialize;

use super::{Context, Defect, check};
use crate::calendar::long_date;
use crate::facts::asked::{Ask, Contents};
use crate::finding::{Confidence, Seen};

check! {
    /// 未开设规定栏目
    ///
    /// ## What it does
    /// Looks for `names` among all that the site calls a column: the register, the navigation, the site map, breadcrumbs,
    /// headings of lists, and links on the home page and on columns. One of the names, or one that contains it, is enough,
    /// wherever it leads. Flags a site on which nothing is called so, from the day `since` on. An empty column is there:
    /// `empty-column` tells the rest.
    ///
    /// ## Why it matters
    /// Documents name the columns that must exist; a column that was never opened shows up in no list of stale ones.
    ///
    /// ## Gaps
    /// A home page that was not read or not to its end, pages that were left out, more than a tenth of the columns filled
    /// by script alone or behind a firewall. A site may use a name that the rule does not know: 疑似 at most.
    ///
    /// ## Example
    /// Nothing on the site is called 政府公报 or 公报: flagged.
    MissingColumn = "missing-column", Contents, Params, run, asks
}

/// Parameters of `missing-column`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Params {
    /// What it may be called; the first is told. Words with spaces between them must all be there.
    names: Vec<String>,
    /// The day by which it must be there.
    since: Option<NaiveDate>,
}

fn asks(params: &Params) -> Vec<Ask> {
    vec![Ask::Named(params.names.clone())]
}

fn run(contents: &Contents, params: &Params, cx: Context) -> Seen<Vec<Defect>> {
    if params.since.is_some_and(|since| cx.as_of < since) {
        return Ok(Vec::new());
    }
    if !contents.answer(&Ask::Named(params.names.clone()))?.places.is_empty() {
        return Ok(Vec::new());
    }
    contents.whole()?;
    let names: Vec<String> = params.names.iter().map(|name| name.split_whitespace().collect()).collect();
    let first = names.first().map_or("", String::as_str);
    let until = params.since.map_or_else(String::new, |since| format!("，应于{}前开设", long_date(since)));
    let text = format!("未见“{first}”栏目{until}。");
    let excerpt = format!("导航、网站地图、位置栏和各栏目页中均无名称含“{}”的栏目或链接", names.join("”“"));
    Ok(vec![Defect { suspected: true, ..Defect::new(text, excerpt, Confidence::Medium) }])
}
