//! Service guides (办事指南): which of the eight elements that the indicators name a guide shows, and words in it that leave a
//! reader guessing.

use serde::{Deserialize, Serialize};

use super::page::{Crumb, PageKind};

/// What a guide shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guide {
    /// The elements that it names, in order.
    pub shown: Vec<Element>,
    /// Vague words, as they stand there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vague: Vec<String>,
}

/// 重点要素类别.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Element {
    /// 事项名称
    Name,
    /// 设定依据
    Basis,
    /// 申请条件
    Conditions,
    /// 办理材料
    Materials,
    /// 办理地点
    Place,
    /// 办理时间
    Time,
    /// 联系电话
    Phone,
    /// 办理流程
    Procedure,
}

impl Element {
    /// All eight.
    pub const ALL: [Self; 8] = [
        Self::Name,
        Self::Basis,
        Self::Conditions,
        Self::Materials,
        Self::Place,
        Self::Time,
        Self::Phone,
        Self::Procedure,
    ];

    /// As the indicators call it.
    pub fn name(self) -> &'static str {
        self.words().first().copied().unwrap_or_default()
    }

    /// What guides call it.
    fn words(self) -> &'static [&'static str] {
        match self {
            Self::Name => &["事项名称", "服务名称", "项目名称", "办理事项", "办理项目"],
            Self::Basis => &["设定依据", "法律依据", "实施依据", "政策依据", "办理依据", "事项依据"],
            Self::Conditions => &[
                "申请条件",
                "受理条件",
                "办理条件",
                "申报条件",
                "申办条件",
                "准予条件",
                "适用范围",
                "办理对象",
                "服务对象",
            ],
            Self::Materials => &[
                "办理材料",
                "申请材料",
                "所需材料",
                "申报材料",
                "提交材料",
                "材料清单",
                "材料名称",
                "需提供的材料",
            ],
            Self::Place => {
                &["办理地点", "受理地点", "办事地点", "办公地址", "办理地址", "办理窗口", "受理窗口", "地址"]
            }
            Self::Time => &["办理时间", "工作时间", "办公时间", "受理时间", "服务时间"],
            Self::Phone => &["联系电话", "咨询电话", "咨询方式", "联系方式", "咨询途径", "电话"],
            Self::Procedure => &[
                "办理流程",
                "办理程序",
                "办事流程",
                "办理环节",
                "流程图",
                "受理流程",
                "审批流程",
                "办理步骤",
            ],
        }
    }
}

/// Words after which nobody knows what to bring.
const VAGUE: [&str; 9] = [
    "其他相关材料",
    "其他有关材料",
    "其它相关材料",
    "其他证明材料",
    "等相关材料",
    "等有关材料",
    "等相关证明",
    "需要提供的其他材料",
    "要求提供的其他材料",
];

/// Reads the guide on a page that its title or its breadcrumb calls one; `None` on any other, and on one whose title is the word alone:
/// that is where the guides are listed.
pub fn guide(kind: PageKind, title: &str, crumbs: &[Crumb], text: &str) -> Option<Guide> {
    const CALLED: [&str; 3] = ["办事指南", "服务指南", "办理指南"];
    let says = |text: &str| CALLED.iter().any(|word| text.contains(word));
    let of_all = title.split(['-', '_', '|', '—', '–', '－']).any(|part| CALLED.contains(&part.trim()));
    let headless = of_all && !Element::Name.words().iter().any(|word| text.contains(&format!("{word}：")));
    let one = matches!(kind, PageKind::Article | PageKind::Static);
    if !one || headless || !says(title) && !crumbs.iter().any(|crumb| says(&crumb.name)) {
        return None;
    }
    let shown = |element: &Element| element.words().iter().any(|word| text.contains(word));
    let shown: Vec<Element> = Element::ALL.into_iter().filter(shown).collect();
    let vague = VAGUE.iter().filter(|word| text.contains(**word)).map(|word| (*word).to_owned()).collect();
    Some(Guide { shown, vague })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_known_by_what_guides_call_them() {
        let crumbs = [Crumb { name: "办事指南".to_owned(), url: None }];
        let text =
            "事项名称：示例证 法律依据：某条例 受理条件：略 申请材料：申请表等相关材料 地址：示例路1号";
        let read = guide(PageKind::Article, "示例证办理", &crumbs, text).expect("a guide");
        assert_eq!(
            read.shown,
            [Element::Name, Element::Basis, Element::Conditions, Element::Materials, Element::Place]
        );
        assert_eq!(read.vague, ["等相关材料"]);
        assert_eq!(guide(PageKind::Article, "示例证办理", &[], text), None);
        assert_eq!(
            guide(PageKind::Static, "办事指南-某局", &[], "事项名称 办理方式 示例证"),
            None,
            "a table of guides"
        );
        assert_eq!(guide(PageKind::List, "办事指南", &crumbs, text), None, "a list of guides is none");
    }
}
