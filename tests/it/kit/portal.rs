//! Pages as government sites write them, small, for generated sites.

use chrono::{Days, NaiveDate};

use super::office::today;

/// The day `ago` days before today.
pub(crate) fn day(ago: u64) -> NaiveDate {
    today().checked_sub_days(Days::new(ago)).expect("a day")
}

/// A page with a navigation bar and a footer. `nav` are texts and targets.
pub(crate) fn page(title: &str, nav: &[(&str, &str)], main: &str) -> String {
    let items = nav
        .iter()
        .map(|(text, to)| format!("<li><a href=\"{to}\">{text}</a></li>"))
        .collect::<Vec<_>>()
        .concat();
    format!(
        "<!DOCTYPE html><html><head><meta charset=\"utf-8\"><title>{title}</title></head><body>\
         <div class=\"nav\"><ul>{items}</ul></div><div class=\"main\">{main}</div>\
         <div class=\"footer\">主办：示例市人民政府办公室</div></body></html>"
    )
}

/// Rows of a list: text, target, date.
pub(crate) fn rows(rows: &[(String, String, NaiveDate)]) -> String {
    let items = rows
        .iter()
        .map(|(text, to, date)| {
            format!("<li><a href=\"{to}\" title=\"{text}\">{text}</a><span>{date}</span></li>")
        })
        .collect::<Vec<_>>()
        .concat();
    format!("<ul class=\"list\">{items}</ul>")
}

/// An article with its date of publication.
pub(crate) fn article(title: &str, date: NaiveDate, body: &str) -> String {
    page(
        title,
        &[("首页", "/")],
        &format!(
            "<h1>{title}</h1><div class=\"info\">发布时间：{date} 来源：示例市人民政府办公室</div>\
             <div id=\"zoom\"><p>{body}</p><p>示例市人民政府办公室就有关事项说明如下，请各单位认真贯彻执行。\
             各有关部门要加强组织领导，明确责任分工，细化工作措施，确保各项任务落到实处。</p></div>"
        ),
    )
}
