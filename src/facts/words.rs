//! What a page says of its own list: that it holds nothing, that it comes later, what its columns would be.

use super::lists;
use super::middle::head_end;
use super::nothing;
use super::outline::{Attr, NodeId, Outline, Tag};
use super::regions::fold;
use super::state::{Shape, body_elements};

/// That a page says its list holds nothing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Said {
    /// By which words.
    pub words: &'static str,
    /// The text or picture that says so; none where only a total does.
    pub at: Option<NodeId>,
    /// The sentence says this and no more.
    pub alone: bool,
}

/// The words by which a page says that its list holds nothing: those that stand alone before those within a sentence.
pub(super) fn says_empty(shape: &Shape<'_>, names: &[String]) -> Option<Said> {
    const PICTURES: [&str; 6] = ["nodata", "no_data", "no-data", "zanwu", "zwsj", "wushuju"];
    const WORDS: &[&str] = &[
        "暂无数据",
        "暂无信息",
        "暂无内容",
        "暂无相关",
        "暂无记录",
        "暂无文章",
        "暂无资料",
        "暂无新闻",
        "暂无公告",
        "暂无文件",
        "暂没有",
        "暂时没有",
        "没有相关信息",
        "没有相关数据",
        "没有找到相关",
        "没有数据",
        "没有信息",
        "没有内容",
        "没有任何",
        "无相关信息",
        "无相关数据",
        "无数据",
        "未查询到",
        "未找到相关",
        "栏目建设中",
        "正在建设中",
        "建设中",
        "内容更新中",
        "正在更新",
        "敬请期待",
        "即将上线",
        "该栏目下没有",
        "该栏目暂无",
        "本栏目暂无",
        "暂未公开",
        "暂未发布",
        "暂不涉及",
        "暂无",
        "No data",
        "no data",
        "No Data",
        "No record",
        "no record",
        "No results",
        "无此类信息",
        "没有此类",
        "没有符合",
        "没有您要",
        "没有可",
        "没有文章",
        "没有新闻",
        "没有记录",
        "无记录",
        "无信息",
        "内容整理中",
        "正在整理",
        "整理中",
        "待补充",
        "待添加",
        "尚未添加",
        "找不到您要",
        "未能找到您",
        "无法找到您需要",
        "没有招聘",
        "努力整理",
        "待更新",
        "待完善",
        "更新中",
        "正在完善",
        "完善中",
        "正在维护",
        "维护中",
        "共0条",
        "共 0 条",
        "共有0条",
        "总共0条",
        "0条记录",
    ];
    let page = shape.page;
    let mut within = None;
    for id in page.ids().filter(|id| *id >= head_end(shape)) {
        if page.node(id).tag != Tag::Text || !shape.is_own(id) {
            continue;
        }
        let text = page.text_of(id).trim();
        if text.chars().nth(40).is_none()
            && let Some(word) =
                WORDS.iter().copied().find(|word| text.contains(word)).or_else(|| none_of(text))
            && !is_of_something_else(page, id, text, word)
        {
            let line = line_of(page, id);
            let alone = nothing::is_said_alone(line, names) || nothing::is_frame(line, names);
            let said = Said { words: word, at: Some(id), alone };
            if alone {
                return Some(said);
            }
            within = within.or(Some(said));
        }
    }
    if within.is_some() {
        return within;
    }
    let pictured = body_elements(shape, &[Tag::Img]).find(|id| {
        let id = *id;
        let src = page.attr(id, Attr::Src).unwrap_or_default().to_ascii_lowercase();
        if PICTURES.iter().any(|name| src.contains(name)) {
            return true;
        }
        page.attr(id, Attr::Alt)
            .is_some_and(|alt| ["暂无", "无数据", "没有数据"].iter().any(|word| alt.contains(word)))
    });
    if pictured.is_some() {
        return Some(Said { words: "暂无 (a picture)", at: pictured, alone: true });
    }
    let zero = Said { words: "共0条", at: None, alone: true };
    (lists::declared_total(&page.text) == Some(0)).then_some(zero)
}

/// The whole line that a text is part of: 暂无 in bold may stand in the midst of a sentence.
pub(super) fn line_of(page: &Outline, id: NodeId) -> &str {
    let node = page.node(id);
    let (start, end) = (node.text_start as usize, node.text_end as usize);
    let from = page.text.get(..start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    let to = page.text.get(end..).and_then(|after| after.find('\n')).map_or(page.text.len(), |at| end + at);
    page.text.get(from..to).unwrap_or_default()
}

/// 无 or 没有, and what a list would hold soon after: 当前栏目下无文章.
fn none_of(text: &str) -> Option<&'static str> {
    const THINGS: [&str; 9] = ["文章", "信息", "内容", "数据", "记录", "新闻", "公告", "文件", "资料"];
    if text.chars().nth(20).is_some() {
        return None;
    }
    let (at, no) = ["没有", "无"].iter().find_map(|no| text.find(no).map(|at| (at, *no)))?;
    let after = text.get(at + no.len()..)?;
    let other = no == "无"
        && after.starts_with([
            '障', '偿', '线', '人', '锡', '为', '棣', '烟', '关', '论', '极', '需', '法', '效',
        ]);
    let soon: String = after.chars().take(7).collect();
    (!other && THINGS.iter().any(|thing| soon.contains(thing))).then_some("没有")
}

/// Of comments or attachments, or the value of one field among others: no word on the list.
fn is_of_something_else(page: &Outline, id: NodeId, text: &str, word: &str) -> bool {
    const ELSE: [&str; 23] = [
        "评论", "留言", "回复", "跟帖", "附件", "解读", "点赞", "收藏", "答案", "更多", "权限", "订阅",
        "简介", "介绍", "照片", "头像", "文字", "废止", "预警", "险情", "灾情", "汛情", "疫情",
    ];
    if ELSE.iter().any(|other| text.contains(other))
        && !text.starts_with("该栏目")
        && !text.starts_with("本栏目")
    {
        return true;
    }
    // Of the person or the place beside it.
    if text.trim_end_matches(['。', '！', '!']) == "暂无图片" {
        return true;
    }
    // 收费标准：暂无
    let before = text.split(word).next().unwrap_or_default();
    if before.trim_end().ends_with(['：', ':']) {
        return true;
    }
    // A cell beside a cell that names it, in a table or list of such.
    page.ancestors(id).take(4).any(|up| {
        let cell = page.node(up).tag;
        let row = page.node(up).parent;
        if !matches!(cell, Tag::Td | Tag::Dd) || cell == Tag::Td && is_layout(page, row) {
            return false;
        }
        let holds = if cell == Tag::Td { page.node(row).tag == Tag::Tr } else { true };
        let label = page.text_between(page.node(row).text_start, page.node(up).text_start).trim();
        holds && !label.is_empty() && (cell == Tag::Dd || !is_head(label) || has_other_rows(page, row))
    })
}

/// Whether the cells of a row hold parts of a page rather than words.
fn is_layout(page: &Outline, row: NodeId) -> bool {
    page.inside(row).any(|id| {
        matches!(page.node(id).tag, Tag::A | Tag::Ul | Tag::Ol | Tag::Dl | Tag::Table | Tag::Div | Tag::Form)
    })
}

/// Whether beside a row of a table another shows something in its cells, the head of the table aside.
fn has_other_rows(page: &Outline, row: NodeId) -> bool {
    const LOOKED_AT: usize = 400;
    let rows = page.node(row).parent;
    page.inside(rows).take(LOOKED_AT).any(|other| {
        let node = page.node(other);
        let mut cells = page.inside(other).filter(|cell| page.node(*cell).tag == Tag::Td);
        node.tag == Tag::Tr
            && node.parent == rows
            && other != row
            && !is_layout(page, other)
            && cells.any(|cell| !page.text_of(cell).trim().is_empty() && !is_head(page.text_of(cell)))
    })
}

/// Whether a cell's text is what columns of a list are headed by, or a row's number.
fn is_head(text: &str) -> bool {
    let text = fold(text);
    let known = text.chars().nth(9).is_none() && HEADS.iter().any(|word| text.contains(word));
    known || text.bytes().all(|byte| byte.is_ascii_digit())
}

/// What columns of a list are headed by.
const HEADS: [&str; 30] = [
    "序号",
    "标题",
    "名称",
    "文号",
    "字号",
    "日期",
    "时间",
    "来源",
    "单位",
    "部门",
    "机构",
    "编号",
    "状态",
    "主题",
    "类别",
    "类型",
    "索引",
    "操作",
    "项目",
    "内容",
    "事项",
    "地区",
    "区域",
    "有效性",
    "下载",
    "办理",
    "姓名",
    "职务",
    "点击",
    "浏览",
];

/// Words of a page whose items come while one scrolls or waits.
pub(super) fn comes_later(shape: &Shape<'_>) -> Option<&'static str> {
    const WORDS: [&str; 12] = [
        "正在加载",
        "加载中",
        "加载更多",
        "点击加载",
        "上拉加载",
        "下拉加载",
        "没有更多",
        "数据加载",
        "努力加载",
        "Loading",
        "loading...",
        "请开启JavaScript",
    ];
    let page = shape.page;
    body_elements(shape, &[Tag::Text]).find_map(|id| {
        let text = page.text_of(id).trim();
        let short = text.chars().nth(30).is_none();
        WORDS.iter().find(|word| short && text.contains(**word)).copied()
    })
}

/// A list of nothing but heads of columns: at least three, and no link.
fn is_head_list(page: &Outline, id: NodeId) -> bool {
    let mut heads = 0;
    for inner in page.inside(id).take(40) {
        match page.node(inner).tag {
            Tag::Text if page.text_of(inner).trim().is_empty() => {}
            Tag::Text if is_head(page.text_of(inner)) => heads += 1,
            Tag::Text | Tag::A | Tag::Img | Tag::Table | Tag::Script => return false,
            _ => {}
        }
    }
    heads >= 3
}

/// A table whose only row names columns, or a list that does.
pub(super) fn is_head_row_alone(page: &Outline, id: NodeId) -> bool {
    if matches!(page.node(id).tag, Tag::Ul | Tag::Dl) {
        return is_head_list(page, id);
    }
    if page.node(id).tag != Tag::Table {
        return false;
    }
    let mut cells = 0;
    let mut rows = 0;
    for inner in page.inside(id).take(200) {
        match page.node(inner).tag {
            Tag::Tr => rows += usize::from(!page.text_of(inner).trim().is_empty()),
            Tag::Td | Tag::Th if page.text_of(inner).trim().is_empty() => {}
            Tag::Td | Tag::Th => {
                if !is_head(page.text_of(inner)) {
                    return false;
                }
                cells += 1;
            }
            Tag::A | Tag::Img | Tag::Table => return false,
            _ => {}
        }
    }
    rows == 1 && cells >= 2
}
