//! `outdated-mark`: a mark whose link leads to an address that the register behind it has given up.

use serde::Deserialize;

use super::missing_mark::{name, seen_foot};
use super::{Context, Defect, check};
use crate::facts::identity::Marks;
use crate::facts::page::Mark;
use crate::finding::{Confidence, Seen};

check! {
    /// 网站标识入口地址过期
    ///
    /// ## What it does
    /// Flags a home page whose `mark` leads to one of `hosts` (or a name under it), and to no other address.
    ///
    /// ## Why it matters
    /// 我为政府网站找错 and ICP备案 have moved; who follows the old address reports an error to nobody.
    ///
    /// ## Gaps
    /// A home page that was not read. A mark without a link is in order here.
    ///
    /// ## Example
    /// The entry of 我为政府网站找错 on the host of the years before 2018: flagged as 提示.
    OutdatedMark = "outdated-mark", Marks, Params, run
}

/// Parameters of `outdated-mark`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Params {
    /// The mark.
    mark: Mark,
    /// Hosts that are no longer in use.
    hosts: Vec<String>,
}

fn run(marks: &Marks, params: &Params, _: Context) -> Seen<Vec<Defect>> {
    let (_, signs) = seen_foot(marks)?;
    let old = |url: &str| {
        let host = host(url);
        params.hosts.iter().any(|known| {
            host == known || host.strip_suffix(known.as_str()).is_some_and(|rest| rest.ends_with('.'))
        })
    };
    let links = || signs.links.iter().filter(|link| link.mark == params.mark).map(|link| link.url.as_str());
    let Some(url) = links().find(|url| old(url)) else { return Ok(Vec::new()) };
    if links().any(|url| !host(url).is_empty() && !old(url)) {
        return Ok(Vec::new());
    }
    let text = format!("{}指向已停用的地址{}。", name(params.mark), host(url));
    Ok(vec![Defect::new(text, url, Confidence::Medium)])
}

/// The host of an address as it is written, or of the first one in a script's call.
fn host(url: &str) -> &str {
    let rest = url.split_once("//").map_or("", |(_, rest)| rest);
    rest.split(['/', ':', '?', '#', '\'', '"']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::missing_mark::tests::showing;
    use super::super::stale_column::tests::cx;
    use super::*;
    use crate::facts::page::MarkLink;

    fn outcome(urls: &[&str]) -> Option<String> {
        let mut marks = showing(&[Mark::Jiucuo]);
        let signs = marks.home.as_mut().and_then(|foot| foot.signs.as_mut()).expect("signs");
        signs.links = urls.iter().map(|&url| MarkLink { mark: Mark::Jiucuo, url: url.to_owned() }).collect();
        let params = Params { mark: Mark::Jiucuo, hosts: vec!["old.example".to_owned()] };
        run(&marks, &params, cx()).expect("seen").into_iter().next().map(|defect| defect.description)
    }

    #[test]
    fn only_an_old_address_alone_is_outdated() {
        let told = "“我为政府网站找错”入口指向已停用的地址a.old.example。";
        assert_eq!(outcome(&["http://a.old.example/jiucuo.html"]), Some(told.to_owned()));
        assert!(outcome(&["javascript:window.open('http://old.example/jiucuo.html')"]).is_some());
        assert_eq!(outcome(&["http://a.old.example/jiucuo.html", "https://new.example/jiucuo.js"]), None);
        assert_eq!(outcome(&["http://evilold.example/jiucuo.html"]), None);
        assert_eq!(outcome(&["/jiucuo.html"]), None);
        assert_eq!(outcome(&[]), None);
    }
}
