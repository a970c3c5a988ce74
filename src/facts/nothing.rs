//! Whether a sentence says of the list it stands in that there is nothing, and says no more; and what is mere frame of a list.

use super::regions::is_letter;

/// Words for the list itself, its place and the present time: what may stand before 暂无.
const HERE: &[&str] = &[
    "看起来",
    "看来",
    "似乎",
    "我们",
    "小编",
    "暂时",
    "您所访问的",
    "您访问的",
    "您查看的",
    "您查找的",
    "您要找的",
    "您搜索的",
    "该栏目",
    "本栏目",
    "栏目",
    "频道",
    "页面",
    "网页",
    "分类",
    "类别",
    "类目",
    "目录",
    "专题",
    "专栏",
    "板块",
    "版块",
    "模块",
    "列表",
    "本年度",
    "年度",
    "当前",
    "目前",
    "现在",
    "近期",
    "最近",
    "今年",
    "本年",
    "本月",
    "本期",
    "以下",
    "上述",
    "其中",
    "还",
    "尚",
    "该",
    "本",
    "此",
    "这里",
    "这",
    "下",
    "里",
    "内",
    "中",
    "年",
    "月",
    "的",
];
/// Words for whatever a list may hold.
const THINGS: &[&str] = &[
    "您要查找的",
    "您查找的",
    "您要的",
    "您需要的",
    "符合条件",
    "招聘",
    "职位",
    "满足条件",
    "任何",
    "相关",
    "有关",
    "对应",
    "此类",
    "该类",
    "可以",
    "可",
    "显示",
    "展示",
    "查看",
    "公开",
    "公示",
    "发布",
    "更多",
    "更新",
    "信息",
    "内容",
    "数据",
    "记录",
    "文章",
    "资料",
    "新闻",
    "公告",
    "文件",
    "结果",
    "条目",
    "项目",
    "事项",
    "图片",
    "视频",
    "的",
    "了",
    "哦",
    "呢",
    "啦",
    "哟",
    "噢",
];
/// Nothing, in words.
const NONE: &[&str] = &[
    "暂时没有",
    "没有或没有",
    "未能找到",
    "无法找到",
    "还没有",
    "尚没有",
    "暂没有",
    "没有添加",
    "没有找到",
    "没有查到",
    "未查询到",
    "查询不到",
    "未找到",
    "找不到",
    "没有",
    "暂时无",
    "暂无",
    "尚无",
    "暂未公开",
    "暂未发布",
    "暂未添加",
    "尚未公开",
    "尚未发布",
    "尚未添加",
    "暂不涉及",
    "不涉及",
    "无",
];
/// The list is being made.
const MAKING: &[&str] =
    &["建设", "更新", "整理", "完善", "维护", "制作", "筹备", "补充", "准备", "录入", "添加"];
/// Words of politeness and hope, and the tail of a list being made.
const COURTESY: &[&str] = &[
    "温馨提示",
    "非常抱歉",
    "很抱歉",
    "抱歉",
    "对不起",
    "您好",
    "你好",
    "提示",
    "我们将",
    "我们会",
    "我们正在",
    "尽快",
    "及时",
    "陆续",
    "敬请",
    "请您",
    "请",
    "期待",
    "关注",
    "谅解",
    "理解",
    "支持",
    "谢谢",
    "感谢",
    "您的",
    "稍后",
    "以后",
    "再来",
    "再",
    "访问",
    "浏览",
    "查看",
    "等待",
    "耐心",
    "更新",
    "补充",
    "上线",
    "即将",
    "推出",
    "开通",
    "其他栏目",
    "其它栏目",
    "返回上一页",
    "返回上页",
    "或许",
    "也许",
    "试试",
    "搜索",
    "能有所帮助",
    "努力",
    "奉上",
];
/// Words for an office that speaks of itself: what it has none of is then said, and no list is meant.
const OFFICE: &[&str] = &[
    "本机关",
    "本单位",
    "我单位",
    "本部门",
    "我部门",
    "本局",
    "我局",
    "本镇",
    "我镇",
    "本乡",
    "我乡",
    "本办",
    "我办",
    "本委",
    "我委",
    "本县",
    "我县",
    "本市",
    "我市",
    "本区",
    "我区",
    "本街道",
    "我街道",
];
/// Words of pagers, heads of columns and tools.
const FRAME: &[&str] = &[
    "首页",
    "上一页",
    "下一页",
    "前一页",
    "后一页",
    "上页",
    "下页",
    "尾页",
    "末页",
    "总记录数",
    "总页数",
    "页次",
    "页数",
    "页码",
    "总数",
    "总共",
    "总",
    "共有",
    "共",
    "找到",
    "每页显示",
    "每页",
    "显示",
    "跳转",
    "转到",
    "到",
    "第",
    "页",
    "条",
    "篇",
    "个",
    "项",
    "封",
    "信件",
    "来信",
    "征集",
    "文件",
    "记录",
    "文章",
    "信息",
    "数据",
    "结果",
    "当前",
    "所在",
    "有",
    "您",
    "现在",
    "位置",
    "分享",
    "字体",
    "字号",
    "大",
    "中",
    "小",
    "打印",
    "收藏",
    "订阅",
    "关闭",
    "关注",
    "今天是",
    "今天",
    "星期",
    "年",
    "月",
    "日",
    "站内",
    "搜索",
    "检索",
    "关键词",
    "关键字",
    "请输入",
    "更多",
    "返回",
    "回到",
    "顶部",
    "上级",
    "栏目",
    "导航",
    "列表",
    "正文",
    "标题",
    "发布",
    "生成",
    "成文",
    "印发",
    "公开",
    "更新",
    "时间",
    "日期",
    "序号",
    "编号",
    "名称",
    "文号",
    "索引号",
    "来源",
    "状态",
    "类别",
    "分类",
    "操作",
    "扫一扫",
    "排序",
    "默认",
    "升序",
    "降序",
    "全部",
    "不限",
    "至",
    "一",
    "二",
    "三",
    "四",
    "五",
    "六",
    "日",
];

/// Letters of a thing of any name after 暂无, such as 暂无招标预告.
const FREE: usize = 10;

/// Whether every clause of a text says that the list holds nothing, or is polite about it. `names` are the column's own.
pub(super) fn is_said_alone(text: &str, names: &[String]) -> bool {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    if text.is_ascii() {
        return text.chars().filter(char::is_ascii_alphabetic).count() <= 40;
    }
    let mut says = false;
    for clause in
        text.split(['，', ',', '。', '！', '!', '；', ';', '…', '～', '~', '（', '）', '(', ')', '.'])
    {
        let clause: String = clause.chars().filter(|c| is_letter(*c)).collect();
        if clause.is_empty() || left_over(&clause, &[COURTESY]) == 0 {
            says |= clause.contains("敬请期待") || clause.contains("即将上线");
        } else if is_none(&clause, names) || is_making(&clause, names) {
            says = true;
        } else {
            return false;
        }
    }
    says
}

/// 当前栏目下暂无信息.
fn is_none(clause: &str, names: &[String]) -> bool {
    let Some((at, none)) = NONE
        .iter()
        .filter_map(|none| clause.find(none).map(|at| (at, none)))
        .min_by_key(|(at, none)| (*at, usize::MAX - none.len()))
    else {
        return false;
    };
    let (before, after) =
        (clause.get(..at).unwrap_or_default(), clause.get(at + none.len()..).unwrap_or_default());
    let office = OFFICE.iter().any(|office| before.contains(office));
    let before = without_names(before, names);
    if left_over(&before, &[HERE, THINGS, COURTESY, OFFICE]) > 0 {
        return false;
    }
    if left_over(after, &[THINGS, HERE]) == 0 {
        return true;
    }
    // 暂无变动 speaks of what there is.
    let changes = ["变", "调整", "改"].iter().any(|word| after.contains(word));
    *none != "无"
        && !office
        && !changes
        && after.chars().count() <= FREE
        && !after.chars().any(char::is_numeric)
}

/// 栏目正在建设中, 内容待更新.
fn is_making(clause: &str, names: &[String]) -> bool {
    MAKING.iter().any(|making| clause.contains(making))
        && left_over(
            &without_names(clause, names),
            &[MAKING, HERE, THINGS, COURTESY, &["网站", "正在", "正", "待", "中", "暂", "进行"]],
        ) == 0
}

/// Whether a text is part of a list's frame: pager, heads of columns, tools, a day, the column's own name.
pub(super) fn is_frame(text: &str, names: &[String]) -> bool {
    let text: String = text.chars().filter(|c| is_letter(*c) && !c.is_ascii_digit()).collect();
    text.is_empty() || left_over(&without_names(&text, names), &[FRAME]) <= 1
}

fn without_names(text: &str, names: &[String]) -> String {
    let longest = names.iter().filter(|name| !name.is_empty() && text.contains(name.as_str()));
    longest
        .max_by_key(|name| name.len())
        .map_or_else(|| text.to_owned(), |name| text.replace(name.as_str(), ""))
}

/// Letters of a text that no word covers, read from its start with the longest word first.
fn left_over(text: &str, words: &[&[&str]]) -> usize {
    let mut rest = text;
    let mut left = 0;
    while let Some(first) = rest.chars().next() {
        let longest = words
            .iter()
            .copied()
            .flatten()
            .filter(|word| rest.starts_with(**word))
            .map(|word| word.len())
            .max();
        let step = longest.unwrap_or_else(|| {
            left += usize::from(!first.is_numeric());
            first.len_utf8()
        });
        rest = rest.get(step..).unwrap_or_default();
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_says_that_there_is_nothing() {
        let names = ["规划信息".to_owned()];
        for text in [
            "暂无",
            "（暂无）",
            "对不起，本栏目暂无文章！",
            "您好，您所访问的栏目暂无内容，我们将尽快更新，谢谢！",
            "很抱歉，暂时没有相关信息！",
            "还没有添加任何信息！",
            "当前栏目下无文章",
            "本机关暂无此类信息。",
            "本年度无此类信息。",
            "暂无招标预告",
            "规划信息栏目暂无数据",
            "没 有 任 何 文 章",
            "没有符合条件的数据",
            "暂时没有内容哦~",
            "此栏目正在建设中……",
            "相关信息正在整理中…",
            "内容正在建设中，请稍后访问……",
            "内容待补充",
            "栏目内容待添加",
            "暂时还没有内容哦~",
            "看来我们未能找到您要找的内容。或许搜索能有所帮助。",
            "还没有或没有符合条件的图片",
            "小编正在努力整理资料，稍后奉上",
            "当前没有招聘职位！",
            "敬请期待",
            "No records found.",
        ] {
            assert!(is_said_alone(text, &names), "{text}");
        }
        for text in [
            "老城区供热管网正在建设中。",
            "全县在册古树暂无变动，仍为312株。",
            "我乡暂无执法权限，请向县局申请。",
            "本机关暂无收费事项目录外收费。",
            "经核查，2026年度无信息。",
            "敬请期待：12月8日开播",
            "内容待更新：数据于明年公布。",
            "请登录后查看",
            "暂无信息，请到首页查询",
        ] {
            assert!(!is_said_alone(text, &names), "{text}");
        }
    }

    #[test]
    fn frames() {
        let names = ["规划信息".to_owned()];
        for text in [
            "共0条记录 第1/1页 首页 上一页",
            "规划信息",
            "2026-11-03",
            "记录：0 页次：0/0",
            "发布时间",
            "今天是2026年11月3日 星期二",
        ] {
            assert!(is_frame(text, &names), "{text}");
        }
        for text in ["请登录后查看", "值班电话：2028888", "局长", "请选择左侧栏目查看"]
        {
            assert!(!is_frame(text, &names), "{text}");
        }
    }
}
