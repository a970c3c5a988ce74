//! `missing-mark`: a mark that the foot of every page must carry and the home page does not show.

use serde::Deserialize;

use super::{Context, Defect, check};
use crate::facts::identity::Marks;
use crate::facts::page::{Footer, Mark, Signs};
use crate::finding::{Confidence, Gap, Seen};

check! {
    /// 网站标识缺失
    ///
    /// ## What it does
    /// Flags a site whose home page does not show `mark` in any form: as text, as a link to the register that keeps it, as
    /// a picture that says what it is, or as the mark's own script.
    ///
    /// ## Why it matters
    /// The indicators ask for seven marks at the foot of all pages: who runs the site, how it is filed, and where a reader
    /// reports an error.
    ///
    /// ## Gaps
    /// A foot that a script or a frame brings, also where only a part of it comes so; a foot of which nothing can be read
    /// in the source (a picture); a home page that was not read, or not to its end.
    ///
    /// ## Example
    /// A foot with 主办单位, ICP备案 and 网站标识码 and no 公安备案 in text, link or picture: flagged.
    MissingMark = "missing-mark", Marks, Params, run
}

/// Parameters of `missing-mark`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Params {
    /// The mark.
    mark: Mark,
}

fn run(marks: &Marks, params: &Params, _: Context) -> Seen<Vec<Defect>> {
    let (_, signs) = seen_foot(marks)?;
    if signs.shown.contains(&params.mark) {
        return Ok(Vec::new());
    }
    whole_foot(marks)?;
    let name = name(params.mark);
    let elsewhere = marks.shown.get(&params.mark).copied().unwrap_or(0);
    let text = if elsewhere > 0 {
        format!("首页底部未列明{name}（已读取的页面中有{elsewhere}个列明）。")
    } else {
        format!("页面底部未列明{name}（已读取底部的{}个页面均未见）。", marks.pages)
    };
    let seen: Vec<_> = signs.shown.iter().map(|mark| self::name(*mark)).collect();
    let excerpt = format!("页面底部可见：{}", seen.join("、"));
    Ok(vec![Defect::new(text, excerpt, Confidence::Medium)])
}

/// The home page's foot as it was read.
pub(super) fn seen_foot(marks: &Marks) -> Seen<(&Footer, &Signs)> {
    let unread = || marks.gap.clone().unwrap_or_else(|| Gap::new(&marks.url, "not-read"));
    let footer = marks.home.as_ref().ok_or_else(unread)?;
    Ok((footer, footer.signs.as_ref().ok_or_else(unread)?))
}

/// Whether all of the home page's foot stands in the source: only then is what is absent missing.
fn whole_foot(marks: &Marks) -> Seen<()> {
    let (footer, signs) = seen_foot(marks)?;
    if let Some(gap) = &marks.gap {
        return Err(gap.clone());
    }
    if !footer.is_static || signs.scripted {
        return Err(Gap::new(&marks.url, "foot-by-script"));
    }
    if signs.foot { Ok(()) } else { Err(Gap::new(&marks.url, "no-foot")) }
}

/// A mark as the indicators call it.
pub(super) fn name(mark: Mark) -> &'static str {
    match mark {
        Mark::Conac => "党政机关网站标识",
        Mark::SiteCode => "网站标识码",
        Mark::Icp => "ICP备案编号",
        Mark::Gongan => "公安机关备案标识",
        Mark::Jiucuo => "“我为政府网站找错”入口",
        Mark::Host => "主办单位",
        Mark::Contact => "联系方式",
        Mark::SiteMap => "网站地图",
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::BTreeMap;

    use super::super::stale_column::tests::cx;
    use super::*;

    /// A site whose home page shows these marks in a foot that stands in the source.
    pub(crate) fn showing(shown: &[Mark]) -> Marks {
        let signs = Signs { shown: shown.to_vec(), foot: true, ..Signs::default() };
        Marks {
            site: "9901000012".to_owned(),
            url: "http://www.shili.gov.cn/".to_owned(),
            portal: true,
            home: Some(Footer { is_static: true, signs: Some(signs), ..Footer::default() }),
            tag_code: None,
            pages: 3,
            shown: shown.iter().map(|mark| (*mark, 3)).collect(),
            gap: None,
            look: None,
        }
    }

    fn outcome(marks: &Marks) -> Result<String, String> {
        run(marks, &Params { mark: Mark::Gongan }, cx())
            .map(|found| found.into_iter().map(|defect| defect.description).collect())
            .map_err(|gap| gap.why)
    }

    #[test]
    fn what_shows_is_there_and_what_is_absent_is_missing() {
        assert_eq!(outcome(&showing(&[Mark::Gongan])), Ok(String::new()));
        let mut marks = showing(&[Mark::Icp, Mark::Host]);
        assert_eq!(
            outcome(&marks),
            Ok("页面底部未列明公安机关备案标识（已读取底部的3个页面均未见）。".to_owned())
        );
        marks.shown = BTreeMap::from([(Mark::Gongan, 2)]);
        assert_eq!(
            outcome(&marks),
            Ok("首页底部未列明公安机关备案标识（已读取的页面中有2个列明）。".to_owned())
        );
    }

    #[test]
    fn what_is_not_in_the_source_is_not_missing() {
        let foot = |change: &dyn Fn(&mut Marks)| {
            let mut marks = showing(&[Mark::Icp]);
            change(&mut marks);
            outcome(&marks)
        };
        let signs = |marks: &mut Marks, change: &dyn Fn(&mut Signs)| {
            change(marks.home.as_mut().and_then(|foot| foot.signs.as_mut()).expect("signs"));
        };
        let err = |why: &str| Err(why.to_owned());
        assert_eq!(foot(&|m| signs(m, &|s| s.scripted = true)), err("foot-by-script"));
        assert_eq!(foot(&|m| signs(m, &|s| s.foot = false)), err("no-foot"));
        assert_eq!(foot(&|m| m.home.as_mut().expect("a foot").is_static = false), err("foot-by-script"));
        assert_eq!(foot(&|m| m.home.as_mut().expect("a foot").signs = None), err("not-read"));
        assert_eq!(foot(&|m| m.home = None), err("not-read"));
        assert_eq!(foot(&|m| m.gap = Some(Gap::new("x", "needs-render"))), err("needs-render"));
        let scripted_but_there = |marks: &mut Marks| {
            *marks = showing(&[Mark::Gongan]);
            signs(marks, &|s| s.scripted = true);
        };
        assert_eq!(foot(&scripted_but_there), Ok(String::new()));
    }
}
