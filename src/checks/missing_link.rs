//! `missing-link`: a link that the home page or a column must carry and does not.

use chrono::NaiveDate;
use serde::Deserialize;

use super::{Context, Defect, check};
use crate::facts::asked::{Ask, Contents, Place};
use crate::finding::{Confidence, Gap, Seen};

check! {
    /// 未链接规定网站或专栏
    ///
    /// ## What it does
    /// Looks on the home page, or on the columns called `on`, for a link that leads `to` one of these hosts (or a host with
    /// the beginning of a path) or is `called` so. Flags where no such link is there, from the day `since` on. A link that
    /// is there and does not open is the matter of `broken-link`.
    ///
    /// ## Why it matters
    /// Superiors ask for links to their columns and platforms; a redesign loses them without anybody noticing.
    ///
    /// ## Gaps
    /// A home page that was not read or not to its end, or of which a script brings a part; no column of the name; a column
    /// that could not be read. Where a link is known by what it is called alone: 疑似 at most.
    ///
    /// ## Example
    /// The column 十四五规划 carries no link to the city's column of the same name: flagged.
    MissingLink = "missing-link", Contents, Params, run, asks
}

/// Parameters of `missing-link`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Params {
    /// What it is, as told: `市政府“十四五”规划专栏`.
    name: String,
    /// Names of the columns that must carry it; empty: the home page.
    #[serde(default)]
    on: Vec<String>,
    #[serde(default)]
    to: Vec<String>,
    #[serde(default)]
    called: Vec<String>,
    /// The day by which it must be there.
    since: Option<NaiveDate>,
}

fn ask(params: &Params) -> Ask {
    Ask::Linked { on: params.on.clone(), to: params.to.clone(), called: params.called.clone() }
}

fn asks(params: &Params) -> Vec<Ask> {
    vec![ask(params)]
}

fn run(contents: &Contents, params: &Params, cx: Context) -> Seen<Vec<Defect>> {
    if params.since.is_some_and(|since| cx.as_of < since) {
        return Ok(Vec::new());
    }
    let told = contents.answer(&ask(params))?;
    if !told.leads.is_empty() {
        return Ok(Vec::new());
    }
    let mut at = None;
    let place = if params.on.is_empty() {
        contents.scripted.clone().map_or(Ok(()), Err)?;
        "首页".to_owned()
    } else {
        let columns: Vec<&Place> = told.places.iter().filter(|place| place.state.is_some()).collect();
        if let Some(gap) = columns.iter().find_map(|place| place.gap.clone()) {
            return Err(gap);
        }
        let column = columns.first().ok_or_else(|| {
            let name = params.on.first().map_or("", String::as_str);
            Gap::new(format!("“{name}”栏目（{}）", contents.url), "no-such-column")
        })?;
        at = column.url.clone().map(|url| (column.name.clone(), url));
        format!("“{}”栏目", column.name)
    };
    contents.whole()?;
    let text = format!("{place}没有到{}的链接。", params.name);
    let wanted = params.to.iter().chain(&params.called).map(String::as_str).collect::<Vec<_>>().join("、");
    let defect = Defect::new(text, format!("未见指向或名为“{wanted}”的链接"), Confidence::Medium);
    Ok(vec![Defect { suspected: params.to.is_empty(), at, ..defect }])
}
