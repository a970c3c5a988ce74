//! `impossible-link`: an address that nobody outside its author's machine or office can follow.

use serde::Deserialize;

use super::{Context, Defect, broken_link, check};
use crate::facts::answer::Answer;
use crate::facts::impossible::{Nowhere, nowhere_at};
use crate::facts::site::Link;
use crate::finding::{Confidence, Seen};

check! {
    /// 错链（访问者无法打开的地址）
    ///
    /// ## What it does
    /// Flags links, pictures and attachments whose address is a path on somebody's disk (`file:///C:/…`), the machine itself
    /// (`localhost`), a private address or a name without a domain (`http://10.1.2.3/`, `http://oa/`), or is misspelt
    /// (`htttp://`). None of them is asked for; what the page says is enough.
    ///
    /// ## Why it matters
    /// Such addresses come in with pasted text and work for their author alone. Every visitor gets an error, and the address
    /// of an inner system is told to the world.
    ///
    /// ## Gaps
    /// On a page that itself lies at such an address, or where the office opened its own network to patrols, what is inward
    /// may be meant.
    ///
    /// ## Example
    /// An article's picture has the address `file:///C:/Users/ADMINI~1/1.jpg`: flagged.
    ImpossibleLink = "impossible-link", Link, Params, run
}

/// Parameters of `impossible-link`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Params {
    /// Age in days from which an article's links are old stock (存量).
    stock_after_days: u32,
}

fn run(link: &Link, params: &Params, cx: Context) -> Seen<Vec<Defect>> {
    let Answer::Impossible(nowhere) = &link.answer else { return Ok(Vec::new()) };
    if nowhere.may_be_opened() && nowhere_at(&link.page).is_some() {
        return Err(broken_link::gap(link, "egress"));
    }
    let what = match nowhere {
        Nowhere::Disk => "指向编辑人员电脑中的文件，访问者无法打开",
        Nowhere::Itself => "指向本机地址，访问者无法打开",
        Nowhere::Inward => "指向内部网络地址，访问者无法打开",
        Nowhere::Misspelt => "的地址书写有误，无法打开",
    };
    Ok(vec![broken_link::defect(link, what, Confidence::High, params.stock_after_days, cx)])
}

#[cfg(test)]
mod tests {
    use super::super::broken_link::tests::link;
    use super::super::stale_column::tests::cx;
    use super::*;

    #[test]
    fn inward_links_of_inward_pages_are_not_judged() {
        let params = Params { stock_after_days: 730 };
        let outcome = |subject: &Link| run(subject, &params, cx()).map(|f| f.len()).map_err(|gap| gap.why);
        let at = |page: &str, nowhere| Link { page: page.to_owned(), ..link(Answer::Impossible(nowhere)) };
        for nowhere in [Nowhere::Disk, Nowhere::Itself, Nowhere::Inward, Nowhere::Misspelt] {
            assert_eq!(outcome(&at("http://www.example.gov.cn/", nowhere)), Ok(1));
        }
        assert_eq!(outcome(&at("http://10.1.2.3/", Nowhere::Inward)), Err("egress".to_owned()));
        assert_eq!(outcome(&at("http://10.1.2.3/", Nowhere::Disk)), Ok(1));
        assert_eq!(outcome(&link(Answer::NotFound(404))), Ok(0));
    }
}
