//! `missing-element`: something that the home page must show, by its words, and does not show, or shows wrongly.

use serde::Deserialize;

use super::{Context, Defect, check};
use crate::facts::asked::{Ask, Contents, Lead, leads_to};
use crate::finding::{Confidence, Seen};

check! {
    /// 页面要素缺失
    ///
    /// ## What it does
    /// Looks on the home page for a link `called` so or leading `to` a host. Flags where there is none; with `alive`, where
    /// every one of them leads nowhere; with `title-is-name`, where the home page's title says neither the registered name
    /// of the site nor a part of it. It asks for words, never for a place in the markup, so that a redesign does not matter.
    ///
    /// ## Why it matters
    /// An entrance for the elderly, a search, a hotline: each is one link that must be on the home page and must open.
    ///
    /// ## Gaps
    /// A home page that was not read or not to its end, or of which a script brings a part; a target that could not be
    /// reached for reasons that may be ours or passing. What stands in a picture without a description is not seen: 疑似 at
    /// most.
    ///
    /// ## Example
    /// No link of the home page says 长者, 适老, 无障碍 or 关怀: flagged.
    MissingElement = "missing-element", Contents, Params, run, asks
}

/// Parameters of `missing-element`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Params {
    /// What it is, as told: `适老化入口`.
    name: String,
    #[serde(default)]
    to: Vec<String>,
    #[serde(default)]
    called: Vec<String>,
    /// Whether it must open.
    #[serde(default)]
    alive: bool,
    /// Whether the title is held against the register.
    #[serde(default)]
    title_is_name: bool,
}

fn ask(params: &Params) -> Ask {
    Ask::Linked { on: Vec::new(), to: params.to.clone(), called: params.called.clone() }
}

fn asks(params: &Params) -> Vec<Ask> {
    vec![ask(params)]
}

fn run(contents: &Contents, params: &Params, _: Context) -> Seen<Vec<Defect>> {
    let suspected = |text: String, excerpt: String| {
        vec![Defect { suspected: true, ..Defect::new(text, excerpt, Confidence::Medium) }]
    };
    if params.title_is_name {
        contents.whole()?;
        if says_name(&contents.title, &contents.name) {
            return Ok(Vec::new());
        }
        let text = format!("首页标题未标明{}，登记的网站名称为“{}”。", params.name, contents.name);
        return Ok(suspected(text, contents.title.clone()));
    }
    let leads = &contents.answer(&ask(params))?.leads;
    if leads.is_empty() {
        contents.scripted.clone().map_or(Ok(()), Err)?;
        contents.whole()?;
        let words = params.called.iter().chain(&params.to).map(String::as_str).collect::<Vec<_>>().join("、");
        return Ok(suspected(format!("首页未见{}。", params.name), format!("未见含“{words}”的链接")));
    }
    // What is called so and leads to the host that is asked for is meant; without such a one, either.
    let meant: Vec<&Lead> =
        leads.iter().filter(|lead| params.to.iter().any(|to| leads_to(&lead.url, to))).collect();
    let meant = if meant.is_empty() { leads.iter().collect() } else { meant };
    if !params.alive || meant.iter().any(|lead| !lead.answer.is_failure()) {
        return Ok(Vec::new());
    }
    let urls: Vec<&str> = meant.iter().map(|lead| lead.url.as_str()).collect();
    Ok(suspected(format!("首页的{}打不开。", params.name), urls.join("、")))
}

/// Whether a title says a site's name: all of it, or what is left without the words that every site's name ends in.
fn says_name(title: &str, name: &str) -> bool {
    let squeezed = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    let (title, name) = (squeezed(title), squeezed(name));
    let endings = ["门户网站", "政府网站", "官方网站", "网站", "网", "频道"];
    let core = endings.iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(&name);
    title.contains(core) || (title.chars().count() >= 4 && core.contains(title.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_be_told_shortly() {
        for (title, name, says) in [
            ("示例市人民政府门户网站", "示例市人民政府", true),
            ("示例市人民政府", "示例市人民政府门户网站", true),
            ("首页 - 示例市 人民政府", "示例市人民政府门户网站", true),
            ("首页", "示例市人民政府门户网站", false),
            ("欢迎访问本站", "示例市人民政府门户网站", false),
        ] {
            assert_eq!(says_name(title, name), says, "{title} / {name}");
        }
    }
}
