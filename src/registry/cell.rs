//! What single cells of the register say: codes, cycles, classes, scopes and the words of fixed lists.

use chrono::NaiveDate;

use super::{Delivery, SiteKind, SiteStatus, UnitKind};
use crate::config::fault::suggestion;
use crate::config::{printable, web_url};
use crate::facts::class::ColumnClass;

/// Words for one value: the printed one first, then others that mean it.
pub(super) type Words<T> = (T, &'static [&'static str]);

const UNIT_KINDS: &[Words<UnitKind>] = &[
    (UnitKind::City, &["市本级", "本级", "市级", "city"]),
    (UnitKind::County, &["县区", "县（区）", "县(区)", "区县", "县", "区", "county"]),
    (UnitKind::Department, &["部门", "市级部门", "市政府部门", "department"]),
    (UnitKind::Agency, &["直属机构", "直属单位", "agency"]),
    (UnitKind::Township, &["乡镇街道", "乡镇（街道）", "乡镇(街道)", "乡镇", "街道", "township"]),
];
const DELIVERIES: &[Words<Delivery>] = &[
    (Delivery::Mail, &["邮件", "电子邮件", "邮箱", "mail"]),
    (Delivery::Exchange, &["公文交换", "公文交换系统", "exchange"]),
    (Delivery::Offline, &["线下", "纸质", "offline"]),
];
const SITE_KINDS: &[Words<SiteKind>] = &[
    (SiteKind::Portal, &["政府门户网站", "门户网站", "门户", "portal"]),
    (SiteKind::Department, &["部门网站", "政府部门网站", "部门", "department"]),
    (SiteKind::Special, &["专项网站", "政府专项网站", "专项", "special"]),
    (SiteKind::Channel, &["部门频道", "频道", "集约化子站", "子站", "channel"]),
];
const SITE_STATUSES: &[Words<SiteStatus>] = &[
    (SiteStatus::Running, &["正常运行", "运行", "正常", "running"]),
    (SiteStatus::ClosingRequested, &["申请关停", "closing-requested"]),
    (SiteStatus::ClosingAnnounced, &["关停公告中", "closing-announced"]),
    (SiteStatus::Closed, &["已关停", "关停", "closed"]),
    (SiteStatus::Moved, &["已迁移", "迁移", "moved"]),
];
const CLASSES: &[Words<ColumnClass>] = &[
    (ColumnClass::News, &["动态要闻", "动态、要闻类", "动态要闻类", "动态", "要闻", "新闻", "news"]),
    (ColumnClass::Notice, &["通知公告", "通知公告类", "公告", "公示公告", "notice"]),
    (ColumnClass::Policy, &["政策文件", "政策文件类", "文件", "policy"]),
    (ColumnClass::Planning, &["规划计划", "规划计划类", "静态", "制度", "planning"]),
    (ColumnClass::Personnel, &["人事信息", "人事", "personnel"]),
    (ColumnClass::Interaction, &["互动交流", "互动", "interaction"]),
    (ColumnClass::Service, &["办事服务", "服务", "service"]),
    (ColumnClass::Other, &["其他", "其它", "other"]),
];
const YES_NO: &[Words<bool>] =
    &[(true, &["是", "遵守", "yes", "true", "1"]), (false, &["否", "不遵守", "no", "false", "0"])];

/// 类别 of a unit.
pub(crate) fn unit_kind(text: &str) -> Result<UnitKind, String> {
    one_of(text, UNIT_KINDS)
}

/// 送达方式.
pub(crate) fn delivery(text: &str) -> Result<Delivery, String> {
    one_of(text, DELIVERIES)
}

/// 类型 of a site.
pub(crate) fn site_kind(text: &str) -> Result<SiteKind, String> {
    one_of(text, SITE_KINDS)
}

/// 状态 of a site.
pub(crate) fn site_status(text: &str) -> Result<SiteStatus, String> {
    if ["临时下线", "临时关停", "维护", "维护中", "暂停"].iter().any(|word| text.starts_with(word))
    {
        let shown = printable(text);
        return Err(format!(
            "“{shown}”不是状态：临时下线、维护请在 exemptions 中写一行（全部,网站标识码,理由,有效期自,有效期至），到期自动恢复"
        ));
    }
    one_of(text, SITE_STATUSES)
}

/// 类别 of a column.
pub(crate) fn column_class(text: &str) -> Result<ColumnClass, String> {
    one_of(text, CLASSES)
}

/// 类别 of a column as printed.
pub(crate) fn class_label(class: ColumnClass) -> &'static str {
    CLASSES.iter().find(|(known, _)| *known == class).map_or("", |(_, words)| words[0])
}

/// 是 or 否.
pub(crate) fn yes_no(text: &str) -> Result<bool, String> {
    one_of(text, YES_NO)
}

/// 排序.
pub(crate) fn order(text: &str) -> Result<u32, String> {
    text.parse().map_err(|_| format!("“{}”不是序号，请写成 0 以上的整数", printable(text)))
}

/// A 网站标识码 in its one written form: ten digits; `bm` and eight digits; or `N` and nine digits, which a
/// vendor gives to what is no government site.
pub(crate) fn site_code(text: &str) -> Result<String, String> {
    let digits = |text: &str, count| text.len() == count && text.chars().all(|c| c.is_ascii_digit());
    let lower = text.to_ascii_lowercase();
    if digits(text, 10) || lower.strip_prefix("bm").is_some_and(|rest| digits(rest, 8)) {
        return Ok(lower);
    }
    if lower.strip_prefix('n').is_some_and(|rest| digits(rest, 9)) {
        return Ok(text.to_ascii_uppercase());
    }
    let shown = printable(text);
    let hint = if lower.contains("e+") {
        "；它被表格软件写成了科学计数法，请先把该列设为文本再重新录入"
    } else if text.chars().any(|c| ('０'..='９').contains(&c)) {
        "；数字请用半角"
    } else {
        ""
    };
    Err(format!("“{shown}”不是网站标识码，应为 10 位数字，或 bm 加 8 位数字{hint}"))
}

/// Whether a code was given by a vendor.
pub(crate) fn is_vendor_code(code: &str) -> bool {
    code.starts_with('N')
}

/// 级 of a column: `1`, `一级`, `二级栏目`.
pub(crate) fn column_level(text: &str) -> Result<u8, String> {
    let plain = text.trim_end_matches("栏目").trim_end_matches('级');
    let words = ["一", "二", "三", "四", "五", "六"];
    let level =
        words.iter().position(|word| *word == plain).map(|index| index + 1).or_else(|| plain.parse().ok());
    level
        .and_then(|level| u8::try_from(level).ok())
        .filter(|level| (1..=9).contains(level))
        .ok_or_else(|| format!("“{}”不是栏目级别，请写成 1、2、3 或 一级、二级", printable(text)))
}

/// 更新周期 in days, generous where months differ: `14天`, `每周`, `3个月`, `每季度`, `半年`, `每年`, `14`.
/// `None` for what is not updated by a cycle (`不定期`, `静态`).
pub(crate) fn cycle(text: &str) -> Result<Option<u16>, String> {
    let wrong = || {
        format!(
            "“{}”不是更新周期，请写成 14天、每周、每月、每季度、半年、每年、不定期，或天数",
            printable(text)
        )
    };
    if ["不定期", "静态", "长期", "无", "-", "—", "——"].contains(&text) {
        return Ok(None);
    }
    let plain: String = text.chars().filter(|c| !c.is_whitespace() && *c != '个').collect();
    let plain = plain.trim_start_matches('每').trim_end_matches("以内").trim_end_matches('内');
    if plain == "半年" {
        return Ok(Some(184));
    }
    if plain == "半月" {
        return Ok(Some(16));
    }
    let units: [(&[&str], u32); 5] = [
        (&["日", "天", "d", ""], 1),
        (&["星期", "周", "w"], 7),
        (&["月", "月度"], 31),
        (&["季度", "季"], 92),
        (&["年", "年度"], 366),
    ];
    for (words, days) in units {
        for word in words {
            let Some(number) = plain.strip_suffix(word) else { continue };
            let number = match number {
                "" if word.is_empty() => return Err(wrong()),
                "" | "一" | "1" => 1,
                "两" | "二" => 2,
                "三" => 3,
                "四" => 4,
                "五" => 5,
                "六" => 6,
                "十" => 10,
                "十五" => 15,
                other => match other.parse::<u32>() {
                    Ok(number) => number,
                    Err(_) => continue,
                },
            };
            let total = number.checked_mul(days).and_then(|days| u16::try_from(days).ok());
            return total.filter(|days| (1..=3660).contains(days)).map(Some).ok_or_else(wrong);
        }
    }
    Err(wrong())
}

/// One entry of 范围: `host` or `host/prefix/`, in the form that comparison needs.
pub(crate) fn scope(text: &str) -> Result<String, String> {
    let bare = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://")).unwrap_or(text);
    let wrong = || format!("“{}”应写成 主机名 或 主机名/路径/，如 www.example.gov.cn/zwgk/", printable(text));
    let url = web_url(&format!("http://{bare}")).map_err(|_| wrong())?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err(wrong());
    }
    let host = url.host_str().ok_or_else(wrong)?;
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let path = url.path().trim_end_matches('/');
    Ok(if path.is_empty() { format!("{host}{port}") } else { format!("{host}{port}{path}/") })
}

/// The first or the last day of an exemption; a date without a year is refused, never guessed.
pub(crate) fn last_day(text: &str) -> Result<NaiveDate, String> {
    crate::config::date(text)
}

pub(super) fn one_of<T: Copy>(text: &str, words: &[Words<T>]) -> Result<T, String> {
    let found = words.iter().find(|(_, words)| words.iter().any(|word| word.eq_ignore_ascii_case(text)));
    found.map(|(value, _)| *value).ok_or_else(|| {
        let allowed = words.iter().map(|(_, words)| words[0]).collect::<Vec<_>>().join("、");
        let near = suggestion(text, words.iter().flat_map(|(_, words)| words.iter().copied()));
        format!("“{}”不在可用的值之内：{allowed}{near}", printable(text))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes() {
        assert_eq!(site_code("5101320017").as_deref(), Ok("5101320017"));
        assert_eq!(site_code("BM17000009").as_deref(), Ok("bm17000009"));
        assert_eq!(site_code("n123456789").as_deref(), Ok("N123456789"));
        for text in [
            "510132001",
            "51013200170",
            "bm1700000",
            "5.10E+09",
            "５１０１３２００１７",
            "abc",
            "5101320017 ",
        ] {
            assert!(site_code(text).is_err(), "{text}");
        }
    }

    #[test]
    fn cycles() {
        for (text, days) in [
            ("14天", 14),
            ("14", 14),
            ("每周", 7),
            ("两周", 14),
            ("2周", 14),
            ("每月", 31),
            ("3个月", 93),
            ("每季度", 92),
            ("半年", 184),
            ("每半年", 184),
            ("每年", 366),
            ("一年", 366),
            ("每日", 1),
            ("15日内", 15),
        ] {
            assert_eq!(cycle(text), Ok(Some(days)), "{text}");
        }
        assert_eq!(cycle("不定期"), Ok(None));
        for text in ["经常", "0", "0天", "-3", "99999999999", "每", "百年"] {
            assert!(cycle(text).is_err(), "{text}");
        }
    }

    #[test]
    fn words_of_lists() {
        assert_eq!(unit_kind("县（区）"), Ok(UnitKind::County));
        assert_eq!(unit_kind("Department"), Ok(UnitKind::Department));
        let message = unit_kind("直属机够").expect_err("a slip");
        assert!(
            message.contains("市本级、县区、部门、直属机构、乡镇街道")
                && message.contains("您是否想写“直属机构”"),
            "{message}"
        );
        assert_eq!(site_status("正常运行"), Ok(SiteStatus::Running));
        assert_eq!(column_class("动态、要闻类"), Ok(ColumnClass::News));
        assert_eq!(column_level("二级栏目"), Ok(2));
        assert!(column_level("0").is_err());
    }

    #[test]
    fn scopes() {
        assert_eq!(scope("www.shili.gov.cn").as_deref(), Ok("www.shili.gov.cn"));
        assert_eq!(scope("http://www.Shili.gov.cn/zwgk").as_deref(), Ok("www.shili.gov.cn/zwgk/"));
        for text in ["", "zwgk", "www.shili.gov.cn/?a=1", "ftp://a.cn"] {
            assert!(scope(text).is_err(), "{text}");
        }
    }
}
