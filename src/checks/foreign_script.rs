//! `foreign-script`: a page that runs scripts of hosts that are neither its own, nor a government's, nor known.

use serde::Deserialize;

use super::{Context, Defect, check};
use crate::facts::site::ForeignScript;
use crate::finding::{Confidence, Gap, Seen};

check! {
    /// 引用站外脚本
    ///
    /// ## What it does
    /// Names each outside host whose scripts the site's pages load, unless it is registered, a government's, or stands in
    /// `trusted`. A hint: whoever holds that host can change every page that loads from it.
    ///
    /// ## Why it matters
    /// Scripts of strangers are how pages are made to show gambling to visitors who come from a search engine, long after
    /// the counter or share button they came with was given up.
    ///
    /// ## Gaps
    /// A script whose host cannot be read off its address.
    ///
    /// ## Example
    /// The home page loads `https://tj.unknown.example/s.js`: a hint, once a host, with the number of pages.
    ForeignScriptCheck = "foreign-script", ForeignScript, Params, run
}

/// Parameters of `foreign-script`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Params {
    /// Domains whose names, and all names under them, are known providers.
    trusted: Vec<String>,
}

fn run(script: &ForeignScript, params: &Params, _: Context) -> Seen<Vec<Defect>> {
    if script.host.is_empty() {
        return Err(Gap::new(&script.url, "page-url"));
    }
    let under = |domain: &String| {
        script.host == *domain
            || script.host.strip_suffix(domain.as_str()).is_some_and(|rest| rest.ends_with('.'))
    };
    if params.trusted.iter().any(under) {
        return Ok(Vec::new());
    }
    let reach = if script.pages > 1 { format!("，涉及{}个页面", script.pages) } else { String::new() };
    let text = format!("页面引用了站外主机{}的脚本{reach}，请核实是否为本单位使用。", script.host);
    Ok(vec![Defect::new(text, script.url.clone(), Confidence::Medium)])
}

#[cfg(test)]
mod tests {
    use super::super::stale_column::tests::cx;
    use super::*;

    fn outcome(host: &str, pages: u32) -> Result<Option<String>, String> {
        let script = ForeignScript {
            host: host.to_owned(),
            url: format!("https://{host}/s.js"),
            page: "http://www.example.gov.cn/".to_owned(),
            pages,
            look: None,
        };
        let params = Params { trusted: vec!["baidu.com".to_owned()] };
        run(&script, &params, cx())
            .map(|found| found.into_iter().next().map(|defect| defect.description))
            .map_err(|gap| gap.why)
    }

    #[test]
    fn strangers_are_named() {
        let told = outcome("tj.unknown.example", 3).expect("seen").expect("a hint");
        assert_eq!(told, "页面引用了站外主机tj.unknown.example的脚本，涉及3个页面，请核实是否为本单位使用。");
        assert_eq!(outcome("hm.baidu.com", 3), Ok(None));
        assert!(outcome("notbaidu.com", 1).expect("seen").is_some());
        assert_eq!(outcome("", 1), Err("page-url".to_owned()));
    }
}
