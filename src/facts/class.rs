//! What kind of column a name stands for: 动态要闻, 通知公告, 政策文件 …, guessed from its words.

use serde::{Deserialize, Serialize};

/// Column class (栏目类别); rules apply by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ColumnClass {
    /// 动态、要闻类
    News,
    /// 通知公告
    Notice,
    /// 政策文件
    Policy,
    /// 规划、计划、年报、制度、指南: by nature rarely changed; exempt from news freshness.
    Planning,
    /// 人事信息
    Personnel,
    /// 互动交流
    Interaction,
    /// 办事服务
    Service,
    /// Everything else.
    Other,
}

impl ColumnClass {
    /// The class that a column's name (the last step of `政务公开-规划计划` counts most) suggests.
    pub fn guess(name: &str) -> Self {
        let last = name
            .rsplit(['-', '－', '>', '/', '·', '|', '»', '—'])
            .map(str::trim)
            .find(|step| !step.is_empty())
            .unwrap_or(name);
        let class = Self::of_words(last);
        if class == Self::Other && last != name { Self::of_words(name) } else { class }
    }

    /// The class that rules call `word`.
    pub fn of_word(word: &str) -> Option<Self> {
        let quoted = serde_json::Value::String(word.to_owned());
        serde_json::from_value(quoted).ok()
    }

    /// True for classes whose columns may rest for years without fault.
    pub fn is_exempt_from_freshness(self) -> bool {
        self == Self::Planning
    }

    fn of_words(name: &str) -> Self {
        if is_yearly_bulletin(name) || is_of_a_former_organ(name) {
            return Self::Planning;
        }
        // 动态管理 of lists and staff is a way of keeping them.
        let bare = ["动态管理", "动态调整", "动态监测"]
            .iter()
            .fold(name.to_owned(), |name, word| name.replace(word, ""));
        WORDS
            .iter()
            .find(|(_, words)| words.iter().any(|word| bare.contains(word)))
            .map_or(Self::Other, |(class, _)| *class)
    }
}

/// Whether a name is that of a bulletin on the state of something (统计公报, 水资源公报), which comes once a year, rather than of
/// an organ's gazette (政府公报), which comes out in issues.
fn is_yearly_bulletin(name: &str) -> bool {
    const ORGANS: [&str; 11] =
        ["政府", "国务院", "人大", "常委会", "委员会", "政协", "法院", "检察院", "局", "部", "厅"];
    name.match_indices("公报").any(|(at, _)| {
        let of = name.get(..at).unwrap_or_default().trim_end_matches(|c: char| !c.is_alphabetic());
        !of.is_empty() && !ORGANS.iter().any(|organ| of.ends_with(organ))
    })
}

/// Whether a name is that of an organ's column that there is no more: 原卫计局动态.
fn is_of_a_former_organ(name: &str) -> bool {
    const ORGANS: [char; 6] = ['局', '委', '办', '厅', '站', '所'];
    let Some(rest) = name.strip_prefix('原') else { return false };
    rest.chars().take(8).skip(1).any(|c| ORGANS.contains(&c))
}

/// Words of each class; the first class that matches wins, so the narrow ones stand first.
const WORDS: [(ColumnClass, &[&str]); 10] = [
    (
        ColumnClass::Planning,
        &[
            "公开指南",
            "公开制度",
            "公开年报",
            "年度报告",
            "工作年报",
            "年度报表",
            "年报",
            "指南目录",
            "机构职能",
            "机构设置",
            "机构概况",
            "内设机构",
            "直属机构",
            "单位职能",
            "部门职能",
            "主要职责",
            "职能",
            "领导信息",
            "领导之窗",
            "领导介绍",
            "领导简介",
            "领导班子",
            "现任领导",
            "规划",
            "计划",
            "制度",
            "权责清单",
            "权力清单",
            "责任清单",
            "清单",
            "概况",
            "县情",
            "市情",
            "区情",
            "省情",
            "历史沿革",
            "行政区划",
            "自然地理",
            "联系我们",
            "联系方式",
            "网站声明",
            "网站地图",
            "关于我们",
            "法定主动公开",
            "依申请公开",
            "公开目录",
            "归档",
            "历史专题",
            "历史动态",
            "历史信息",
            "历史文件",
            "历史公告",
            "历史数据",
            "往期",
            "旧版",
            "废止",
            "失效",
            "清理结果",
        ],
    ),
    (ColumnClass::Personnel, &["人事", "任免", "干部任前", "招考", "招聘", "公务员", "考录", "选调", "遴选"]),
    (
        ColumnClass::Interaction,
        &[
            "信箱",
            "留言",
            "咨询",
            "投诉",
            "互动",
            "访谈",
            "征集",
            "调查",
            "建言",
            "常见问题",
            "问答",
            "答复",
            "回应关切",
            "问政",
            "热线",
            "举报",
            "意见",
            "听证",
            "结果反馈",
        ],
    ),
    (
        ColumnClass::Service,
        &["办事", "服务事项", "便民", "下载", "表格", "办理", "审批", "服务大厅", "一网通办", "查询"],
    ),
    // What the law asks to be shown of enforcement: staff, lists, procedures.
    (ColumnClass::Other, &["执法公示"]),
    // Published when there is cause.
    (ColumnClass::Other, &["征地", "停水", "停电", "疫情", "春运", "两会", "换届"]),
    (ColumnClass::Notice, &["通知", "公告", "公示", "通告", "通报"]),
    (ColumnClass::Policy, &["政策", "文件", "规章", "解读", "规范性", "政府令", "公报", "决定", "命令"]),
    (
        ColumnClass::News,
        &[
            "动态",
            "要闻",
            "新闻",
            "快讯",
            "资讯",
            "头条",
            "时政",
            "聚焦",
            "信息速递",
            "领导活动",
            "政务活动",
            "重要会议",
            "播报",
            "今日",
            "简讯",
            "工作信息",
            "热点",
            "图片",
            "视频",
        ],
    ),
    (ColumnClass::Service, &["服务"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_their_classes() {
        for (name, want) in [
            ("政务要闻", ColumnClass::News),
            ("部门动态", ColumnClass::News),
            ("图片新闻", ColumnClass::News),
            ("领导活动", ColumnClass::News),
            ("通知公告", ColumnClass::Notice),
            ("政府文件", ColumnClass::Policy),
            ("政策解读", ColumnClass::Policy),
            ("政务公开-规划计划", ColumnClass::Planning),
            ("政府信息公开指南", ColumnClass::Planning),
            ("政府信息公开年报", ColumnClass::Planning),
            ("领导信息", ColumnClass::Planning),
            ("机构职能", ColumnClass::Planning),
            ("人事任免", ColumnClass::Personnel),
            ("领导信箱", ColumnClass::Interaction),
            ("意见征集", ColumnClass::Interaction),
            ("办事指南", ColumnClass::Service),
            ("财政预算", ColumnClass::Other),
            ("统计公报", ColumnClass::Planning),
            ("数据发布-环境状况公报", ColumnClass::Planning),
            ("政府公报", ColumnClass::Policy),
            ("市人大常委会公报", ColumnClass::Policy),
            ("公报", ColumnClass::Policy),
            ("政策法规", ColumnClass::Policy),
            ("政府规章", ColumnClass::Policy),
            ("法律法规库", ColumnClass::Other),
            ("政策问答", ColumnClass::Interaction),
            ("行政执法公示", ColumnClass::Other),
            ("行政处罚公示", ColumnClass::Notice),
            ("救援队伍动态管理", ColumnClass::Other),
            ("权责清单动态调整", ColumnClass::Planning),
            ("历史动态", ColumnClass::Planning),
            ("原卫计局动态", ColumnClass::Planning),
            ("原创新闻", ColumnClass::News),
            ("失效文件", ColumnClass::Planning),
            ("废止文件", ColumnClass::Planning),
            ("规范性文件清理结果", ColumnClass::Planning),
            ("征地公告", ColumnClass::Other),
        ] {
            assert_eq!(ColumnClass::guess(name), want, "{name}");
        }
    }
}
