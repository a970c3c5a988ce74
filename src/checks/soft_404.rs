//! `soft-404`: a link target that answers 200 with a page that says it is not there.

use serde::Deserialize;

use super::{Context, Defect, broken_link, check};
use crate::facts::answer::{Answer, Fault};
use crate::facts::site::Link;
use crate::finding::{Confidence, Seen};

check! {
    /// 断链（显示页面不存在）
    ///
    /// ## What it does
    /// Flags a link target that answers with success but shows a page that says of itself that what was asked for does
    /// not exist: 您访问的页面不存在, 信息已删除.
    ///
    /// ## Why it matters
    /// To a visitor it is as broken as a 404, and counted alike.
    ///
    /// ## Gaps
    /// Firewall pages, logins and every answer that was not seen, as for `broken-link`; and a host whose home page did
    /// not answer well in the same look, since such pages are also how access is refused.
    ///
    /// ## Example
    /// An article's address answers 200 with 抱歉，您访问的页面不存在 and nothing else: flagged after two looks.
    Soft404 = "soft-404", Link, Params, run
}

/// Parameters of `soft-404`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Params {
    /// Age in days from which an article's dead links are old stock (存量).
    stock_after_days: u32,
}

fn run(link: &Link, params: &Params, cx: Context) -> Seen<Vec<Defect>> {
    let what = match &link.answer {
        Answer::SoftNotFound => "打开后显示页面不存在",
        Answer::HomeInstead if leads_home(&link.text) => return Ok(Vec::new()),
        Answer::HomeInstead => "打开后是网站首页，与任意填写的不存在的地址相同",
        Answer::SameForAll => "打开后的内容与任意填写的不存在的地址相同",
        Answer::Challenge(_) => return Err(broken_link::gap(link, "blocked")),
        Answer::Restricted => return Err(broken_link::gap(link, "restricted")),
        Answer::Unknown(why) => return Err(broken_link::gap(link, why)),
        Answer::Unreachable(Fault::Tls) => return Err(broken_link::gap(link, "tls")),
        // What shows no page at all, or another thing, is for the other checks to tell.
        Answer::There
        | Answer::NotFound(_)
        | Answer::ClientError(_)
        | Answer::ServerError(_)
        | Answer::Loop
        | Answer::BadRedirect
        | Answer::NoSuchName
        | Answer::Unreachable(_)
        | Answer::FaultyFile(_)
        | Answer::NoFile(_)
        | Answer::Impossible(_)
        | Answer::Astray(_) => return Ok(Vec::new()),
    };
    if !link.control_ok {
        return Err(broken_link::gap(link, "no-control"));
    }
    Ok(vec![broken_link::defect(link, what, Confidence::Medium, params.stock_after_days, cx)])
}

/// Whether a link's own text says that it leads to the home page, or says nothing that could be missed there.
fn leads_home(text: &str) -> bool {
    let text = text.trim().to_lowercase();
    ["首页", "主页", "门户", "返回", "home", "logo"].iter().any(|word| text.contains(word))
}

#[cfg(test)]
mod tests {
    use super::super::broken_link::tests::link;
    use super::super::stale_column::tests::cx;
    use super::*;

    #[test]
    fn only_a_page_that_says_so_with_a_control() {
        let params = Params { stock_after_days: 730 };
        let outcome = |subject: &Link| run(subject, &params, cx()).map(|f| f.len()).map_err(|gap| gap.why);
        assert_eq!(outcome(&link(Answer::SoftNotFound)), Ok(1));
        assert_eq!(outcome(&link(Answer::There)), Ok(0));
        assert_eq!(outcome(&link(Answer::NotFound(404))), Ok(0));
        let home = link(Answer::HomeInstead);
        assert_eq!(outcome(&home), Ok(1));
        assert_eq!(outcome(&Link { text: "返回首页".to_owned(), ..home }), Ok(0));
        assert_eq!(outcome(&link(Answer::SameForAll)), Ok(1));
        let alone = Link { control_ok: false, ..link(Answer::SoftNotFound) };
        assert_eq!(outcome(&alone), Err("no-control".to_owned()));
        assert_eq!(outcome(&link(Answer::Challenge("412".to_owned()))), Err("blocked".to_owned()));
        assert_eq!(outcome(&link(Answer::Unreachable(Fault::Tls))), Err("tls".to_owned()));
    }

    #[test]
    fn the_sentence_says_what_the_visitor_sees() {
        let found = run(&link(Answer::SoftNotFound), &Params { stock_after_days: 730 }, cx()).expect("seen");
        assert_eq!(
            found.first().map(|d| d.description.as_str()),
            Some("“无障碍说明”链接打开后显示页面不存在。")
        );
    }
}
