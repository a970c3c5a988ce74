//! The headings by which columns of evidence tables are known: those of platforms, vendors, the provincial system, and our own forms.

use crate::registry::table::Field;

/// The headings of platforms, vendors, the provincial system and our own checklist.
pub(super) const FIELDS: &[Field] = &[
    Field {
        key: "account",
        names: &[
            "账号名称",
            "公众号名称",
            "公众号",
            "新媒体名称",
            "新媒体账号",
            "账号",
            "账号昵称",
            "昵称",
            "微信公众号名称",
            "微博名称",
            "微博昵称",
            "抖音号名称",
            "抖音昵称",
            "视频号名称",
            "头条号名称",
            "政务新媒体名称",
            "媒体名称",
            "名称",
            "发布账号",
            "作者",
        ],
        required: false,
    },
    Field {
        key: "id",
        names: &[
            "账号ID",
            "原始ID",
            "微信号",
            "抖音号",
            "UID",
            "微博UID",
            "账号标识",
            "平台ID",
            "平台账号ID",
            "账号编号",
            "媒体ID",
        ],
        required: false,
    },
    Field {
        key: "platform",
        names: &["平台", "平台类型", "平台名称", "账号类型", "新媒体类型", "媒体类型", "渠道", "所属平台"],
        required: false,
    },
    Field {
        key: "unit", names: &["主办单位", "单位", "单位名称", "责任单位", "开办单位"], required: false
    },
    Field {
        key: "newest",
        names: &[
            "最近发布时间",
            "最近一次发布时间",
            "最近更新时间",
            "最后更新时间",
            "最后发布时间",
            "最新发布时间",
            "最新更新时间",
            "最近更新日期",
            "最近发布日期",
            "最后更新日期",
            "最后一次更新时间",
            "检查时更新日期",
            "更新日期",
            "更新时间",
            "最新发文时间",
            "最近发文时间",
            "最近推送时间",
        ],
        required: false,
    },
    Field {
        key: "time",
        names: &[
            "发布时间",
            "发布日期",
            "推送时间",
            "群发时间",
            "发文时间",
            "发表时间",
            "发博时间",
            "作品发布时间",
            "发送时间",
            "发表日期",
        ],
        required: false,
    },
    Field {
        key: "title",
        names: &[
            "标题",
            "文章标题",
            "内容标题",
            "作品名称",
            "作品标题",
            "视频标题",
            "视频描述",
            "微博内容",
            "内容",
            "正文",
            "图文标题",
            "最近发布标题",
            "最新标题",
        ],
        required: false,
    },
    Field {
        key: "url",
        names: &[
            "链接",
            "文章链接",
            "作品链接",
            "内容链接",
            "原文链接",
            "内容URL",
            "网址",
            "最近发布链接",
            "最新链接",
        ],
        required: false,
    },
    Field {
        key: "count",
        names: &[
            "发布条数",
            "发布数",
            "发布数量",
            "发文数",
            "发文量",
            "发布量",
            "更新条数",
            "更新数量",
            "信息发布数",
            "作品数",
            "推文数",
            "本期发布数",
            "发布总数",
            "发布篇数",
            "文章数",
        ],
        required: false,
    },
    Field {
        key: "period",
        names: &["统计周期", "统计时间", "监测时间区间", "监测时段", "时间范围", "统计区间", "监测周期"],
        required: false,
    },
    Field {
        key: "from", names: &["开始日期", "开始时间", "统计开始", "起始日期"], required: false
    },
    Field {
        key: "until",
        names: &["截止日期", "截止时间", "结束日期", "结束时间", "统计截止", "数据截止时间", "导出时间"],
        required: false,
    },
    Field {
        key: "silent-days", names: &["未更新天数", "未发布天数", "停更天数"], required: false
    },
    Field {
        key: "followers",
        names: &["粉丝数", "粉丝量", "关注数", "用户数", "总用户数", "累计关注人数", "粉丝总数"],
        required: false,
    },
    Field {
        key: "interaction", names: &["能否有效互动", "有效互动", "互动功能"], required: false
    },
    Field { key: "commercial", names: &["有无商业广告", "商业广告"], required: false },
    Field {
        key: "usable", names: &["能否下载使用", "能否正常使用", "能否打开"], required: false
    },
    Field {
        key: "signed-at", names: &["核查时间", "核查日期", "检查时间", "检查日期"], required: false
    },
    Field { key: "signed-by", names: &["核查人", "检查人", "核查人签名"], required: false },
    Field {
        key: "attested",
        names: &["报送链接", "最新信息链接", "最新一条信息链接", "最新一条链接", "最新文章链接"],
        required: false,
    },
    Field { key: "stated", names: &["报送日期", "报送时间", "填报日期"], required: false },
    Field {
        key: "menu-links", names: &["菜单链接", "自定义菜单链接", "菜单网址"], required: false
    },
    Field { key: "note", names: &["备注", "说明", "情况说明"], required: false },
];
