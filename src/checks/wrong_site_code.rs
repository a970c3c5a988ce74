//! `wrong-site-code`: a 网站标识码 on the home page that is not the registered one.

use serde::Deserialize;

use super::missing_mark::seen_foot;
use super::{Context, Defect, check};
use crate::facts::filing::plain_code;
use crate::facts::identity::Marks;
use crate::finding::{Confidence, Seen};

check! {
    /// 网站标识码与登记不符
    ///
    /// ## What it does
    /// Compares the register's 网站标识码 with what the home page prints at its foot, with the `sitecode` of its
    /// 我为政府网站找错 entry and with its SiteIDCode tag, and flags each place that names other codes only. A site that is
    /// registered without such a code, or as a folder of another site, is not compared: there the host's foot is printed. How a code
    /// is set (full-width, with blanks, in brackets, in small letters) makes no difference.
    ///
    /// ## Why it matters
    /// The code is how supervisors and readers' reports find the site; with another's code they reach somebody else.
    ///
    /// ## Gaps
    /// A home page that was not read. A page that names no code at all is the matter of `missing-mark`.
    ///
    /// ## Example
    /// Registered as 9901000012, the foot prints 网站标识码：9901000021: flagged.
    WrongSiteCode = "wrong-site-code", Marks, Params, run
}

/// Parameters of `wrong-site-code`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Params {
    /// Whether the SiteIDCode tag is compared as well.
    tags: bool,
}

fn run(marks: &Marks, params: &Params, _: Context) -> Seen<Vec<Defect>> {
    let registered = plain_code(&marks.site);
    if !is_code(&registered) || !is_host_root(&marks.url) {
        return Ok(Vec::new());
    }
    let (footer, _) = seen_foot(marks)?;
    let tag: Vec<String> =
        marks.tag_code.iter().filter(|code| params.tags && is_code(&plain_code(code))).cloned().collect();
    let places = [
        ("页面底部标注的网站标识码", &footer.site_code),
        ("“我为政府网站找错”入口的网站标识码", &footer.jiucuo),
        ("页面标签SiteIDCode", &tag),
    ];
    let defects = places.into_iter().filter(|(_, codes)| {
        let codes: Vec<String> = codes.iter().map(|code| plain_code(code)).collect();
        !codes.is_empty() && !codes.contains(&registered) && codes.iter().all(|code| is_code(code))
    });
    Ok(defects
        .map(|(place, codes)| {
            let codes = codes.join("、");
            let text = format!("{place}为{codes}，与登记的{}不一致。", marks.site);
            Defect::new(text, codes, Confidence::High)
        })
        .collect())
}

/// Ten digits, or `bm` and eight: what the register hands out.
fn is_code(text: &str) -> bool {
    let digits = match text.get(..2) {
        Some(start) if start.eq_ignore_ascii_case("bm") => text.get(2..).unwrap_or_default(),
        _ => text,
    };
    text.len() == 10 && digits.bytes().all(|b| b.is_ascii_digit())
}

fn is_host_root(url: &str) -> bool {
    url::Url::parse(url).is_ok_and(|url| {
        let path = url.path().trim_start_matches('/');
        !path.contains('/') && (path.is_empty() || path.starts_with("index.") || path.starts_with("default."))
    })
}

#[cfg(test)]
mod tests {
    use super::super::missing_mark::tests::showing;
    use super::super::stale_column::tests::cx;
    use super::*;
    use crate::facts::page::Footer;

    fn outcome(change: impl Fn(&mut Marks, &mut Footer)) -> String {
        let mut marks = showing(&[]);
        let mut footer = marks.home.clone().expect("a foot");
        change(&mut marks, &mut footer);
        marks.home = Some(footer);
        let found = run(&marks, &Params { tags: true }, cx()).expect("seen");
        found.into_iter().map(|defect| defect.description).collect()
    }

    fn codes(codes: &[&str]) -> Vec<String> {
        codes.iter().map(|&code| code.to_owned()).collect()
    }

    #[test]
    fn other_codes_are_told_and_the_own_one_is_enough() {
        assert_eq!(
            outcome(|_, foot| foot.site_code = codes(&["9901000021"])),
            "页面底部标注的网站标识码为9901000021，与登记的9901000012不一致。"
        );
        assert_eq!(outcome(|_, foot| foot.site_code = codes(&["9901000021", "9901000012"])), "");
        assert!(
            outcome(|_, foot| foot.jiucuo = codes(&["9901000021"])).starts_with("“我为政府网站找错”入口")
        );
        assert!(outcome(|marks, _| marks.tag_code = Some("9901000021".to_owned())).starts_with("页面标签"));
        assert_eq!(outcome(|_, _| ()), "");
    }

    #[test]
    fn what_is_no_code_is_not_compared() {
        assert_eq!(outcome(|marks, _| marks.tag_code = Some("null".to_owned())), "");
        assert_eq!(outcome(|_, foot| foot.jiucuo = codes(&["abc"])), "");
        let other = codes(&["9901000021"]);
        assert_eq!(
            outcome(|marks, foot| {
                marks.site = "www.shili.gov.cn".to_owned();
                foot.site_code.clone_from(&other);
            }),
            ""
        );
        assert_eq!(
            outcome(|marks, foot| {
                marks.url = "http://www.shili.gov.cn/jtj/".to_owned();
                foot.site_code.clone_from(&other);
            }),
            "",
            "a department's folder shows the portal's foot"
        );
        let upper = outcome(|marks, foot| {
            marks.site = "bm17000009".to_owned();
            foot.site_code = codes(&["BM17000009"]);
        });
        assert_eq!(upper, "");
        for spelled in ["９９０１００００１２", "9901 0000 12", "99010\u{200b}00012"] {
            assert_eq!(outcome(|_, foot| foot.jiucuo = codes(&[spelled])), "", "{spelled}");
            assert_eq!(outcome(|marks, _| marks.tag_code = Some(spelled.to_owned())), "", "{spelled}");
        }
    }

    #[test]
    fn an_unread_page_is_a_gap() {
        let mut marks = showing(&[]);
        marks.home = None;
        assert_eq!(
            run(&marks, &Params { tags: true }, cx()).map_err(|gap| gap.why),
            Err("not-read".to_owned())
        );
    }
}
