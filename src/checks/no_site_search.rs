//! `no-site-search`: a site whose own search is not there, or does not find what the site itself lists.

use serde::Deserialize;

use super::{Context, Defect, check};
use crate::facts::asked::{Ask, Contents};
use crate::facts::beside::Said;
use crate::facts::search::{Entrance, Outcome, Search};
use crate::finding::{Confidence, Gap, Seen};

check! {
    /// 站内搜索不可用
    ///
    /// ## What it does
    /// Reads the search form of the home page and asks it, politely and by GET alone, for the titles of up to two articles that
    /// the home page has listed for some days. Flags a site where the answer to every title says that there is nothing, and
    /// one whose home page shows no entrance to a search at all.
    ///
    /// ## Why it matters
    /// A reader who cannot find what is there takes it for not published.
    ///
    /// ## Gaps
    /// Forms that are sent by a script or by POST are never tried; answers that a script fills, that are refused, or that neither list
    /// the title nor say that there is nothing; home pages without a dated article to ask for. One title that is found is
    /// enough to pass. 疑似 at most.
    ///
    /// ## Example
    /// Two articles of last week, and both times 没有找到相关内容: flagged.
    NoSiteSearch = "no-site-search", Contents, Params, run, asks
}

/// Parameters of `no-site-search`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Params {
    /// Titles that must have been asked for in vain.
    titles: usize,
}

fn asks(_: &Params) -> Vec<Ask> {
    vec![Ask::Searched]
}

fn run(contents: &Contents, params: &Params, _: Context) -> Seen<Vec<Defect>> {
    let gap = |why: &str| Gap::new(&contents.url, why);
    let Said::Searched(Some(search)) = &contents.answer(&Ask::Searched)?.said else {
        return Err(gap("not-read"));
    };
    let Search { entrance, tried } = search;
    let defect = |text: String, excerpt: String| {
        Ok(vec![Defect { suspected: true, ..Defect::new(text, excerpt, Confidence::Medium) }])
    };
    match entrance {
        Entrance::Post | Entrance::Script => return Err(gap("search-by-script")),
        Entrance::Nothing => {
            if let Some(scripted) = &contents.scripted {
                return Err(scripted.clone());
            }
            contents.whole()?;
            return defect("首页未见站内搜索入口。".to_owned(), contents.title.clone());
        }
        Entrance::Form(_) => {}
    }
    if tried.iter().any(|one| one.outcome == Outcome::Found) {
        return Ok(Vec::new());
    }
    let vain: Vec<_> = tried.iter().filter(|one| one.outcome == Outcome::NotFound).collect();
    if vain.len() < params.titles.max(1) || vain.len() < tried.len() {
        let why = tried.iter().find_map(|one| match &one.outcome {
            Outcome::Unclear(why) => Some(why.as_str()),
            _ => None,
        });
        return Err(gap(why.unwrap_or("no-title-to-search")));
    }
    let titles: Vec<String> = vain.iter().map(|one| format!("《{}》", one.title)).collect();
    let asked: Vec<&str> = vain.iter().map(|one| one.asked.as_str()).collect();
    defect(format!("站内搜索搜不到首页已列出的{}。", titles.join("、")), asked.join("、"))
}
