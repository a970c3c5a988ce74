//! Which fonts a paper is set in: those of GB/T 9704—2012 by all their names, and what stands in where a machine lacks them.

use serde::Serialize;

/// The fonts of each part of a paper, in order of preference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Faces {
    title: Face,
    text: Face,
    head: Face,
    sub: Face,
    page: Face,
}

/// One font with its stand-ins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Face {
    families: Vec<&'static str>,
    /// Whether a stand-in has to be bold to be told from the text.
    bold: bool,
    /// Its name in the standard, where it is not there.
    #[serde(skip)]
    missing: Option<&'static str>,
}

/// 小标宋, of titles.
const TITLE: [&str; 6] = [
    "方正小标宋简体",
    "FZXiaoBiaoSong-B05S",
    "方正小标宋_GBK",
    "FZXiaoBiaoSong-B05",
    "华文中宋",
    "STZhongsong",
];
/// 仿宋, of the text.
const TEXT: [&str; 11] = [
    "仿宋_GB2312",
    "FangSong_GB2312",
    "仿宋",
    "FangSong",
    "方正仿宋_GBK",
    "FZFangSong-Z02",
    "方正仿宋简体",
    "FZFangSong-Z02S",
    "华文仿宋",
    "STFangsong",
    "Zhuque Fangsong (technical preview)",
];
/// 黑体, of headings 一、.
const HEAD: [&str; 12] = [
    "黑体",
    "SimHei",
    "方正黑体_GBK",
    "FZHei-B01",
    "方正黑体简体",
    "FZHei-B01S",
    "华文黑体",
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "WenQuanYi Zen Hei",
];
/// 楷体, of headings （一）.
const SUB: [&str; 10] = [
    "楷体_GB2312",
    "KaiTi_GB2312",
    "楷体",
    "KaiTi",
    "方正楷体_GBK",
    "FZKai-Z03",
    "华文楷体",
    "STKaiti",
    "AR PL UKai CN",
    "AR PL KaitiM GB",
];
/// 宋体, of page numbers.
const PAGE: [&str; 4] = ["宋体", "SimSun", "NSimSun", "AR PL UMing CN"];
/// What stands in for any of them, the most alike first.
const STAND_INS: [&str; 12] = [
    "Noto Serif CJK SC",
    "Noto Serif SC",
    "Source Han Serif SC",
    "Source Han Serif CN",
    "SimSun",
    "AR PL UMing CN",
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Microsoft YaHei",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
];

impl Faces {
    /// Those that are there; `None` where some part of a paper could not be set in Chinese at all.
    pub(super) fn among(has: &dyn Fn(&str) -> bool) -> Option<Self> {
        let face = |own: &[&'static str], standard: &'static str, bold: bool| {
            let own: Vec<&'static str> = own.iter().copied().filter(|family| has(family)).collect();
            let missing = own.is_empty().then_some(standard);
            let mut families = own;
            for family in STAND_INS {
                if has(family) && !families.contains(&family) {
                    families.push(family);
                }
            }
            let bold = bold && missing.is_some();
            (!families.is_empty()).then_some(Face { families, bold, missing })
        };
        Some(Self {
            title: face(&TITLE, "方正小标宋简体", true)?,
            text: face(&TEXT, "仿宋_GB2312", false)?,
            head: face(&HEAD, "黑体", true)?,
            sub: face(&SUB, "楷体_GB2312", true)?,
            page: face(&PAGE, "宋体", false)?,
        })
    }

    /// Fonts of the standard that are not there, each with what stands in for it.
    pub(super) fn stand_ins(&self) -> Vec<(&'static str, &'static str)> {
        [&self.title, &self.text, &self.head, &self.sub, &self.page]
            .into_iter()
            .filter_map(|face| face.missing.zip(face.families.first().copied()))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standards_fonts_come_first_and_what_is_missing_is_told() {
        let debian = |family: &str| ["Noto Serif CJK SC", "Noto Sans CJK SC"].contains(&family);
        let faces = Faces::among(&debian).expect("Chinese fonts");
        assert_eq!(faces.text.families, ["Noto Serif CJK SC", "Noto Sans CJK SC"]);
        assert_eq!(faces.head.families.first(), Some(&"Noto Sans CJK SC"));
        assert!(faces.title.bold && !faces.head.bold && !faces.text.bold);
        assert_eq!(
            faces.stand_ins().iter().map(|(standard, _)| *standard).collect::<Vec<_>>(),
            ["方正小标宋简体", "仿宋_GB2312", "楷体_GB2312", "宋体"]
        );
        let office = |family: &str| debian(family) || ["FZXiaoBiaoSong-B05S", "FangSong"].contains(&family);
        let faces = Faces::among(&office).expect("Chinese fonts");
        assert_eq!(faces.text.families.first(), Some(&"FangSong"));
        assert!(!faces.title.bold, "the standard's own title font is heavy enough");
        assert_eq!(Faces::among(&|family| family == "DejaVu Sans"), None);
    }
}
