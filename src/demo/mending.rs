//! How a place of the demo is put in order: a page restored, a column with news, a link taken out. One way a rule.
#![deny(clippy::disallowed_methods)]

use chrono::NaiveDate;

use super::web::{HTML, Host, Resource, Web};
use super::{CITY, ECOLOGY, GONE, LAPSED, TRANSPORT};

/// A defect: its rule and its address.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    /// Id of the rule.
    pub(super) rule: &'a str,
    /// The link's target, the column's page, or the site's home page.
    pub(super) url: &'a str,
}

/// Puts `place` in order, as on `day`. What no way is known for stays as it is.
pub(super) fn mend(web: &mut Web, day: NaiveDate, place: &Place<'_>) {
    let port = web.port;
    let (host, path) = split(place.url);
    let ecology = format!("http://{ECOLOGY}:{port}/");
    match place.rule {
        "broken-link" if host == GONE => replace_all(web, CITY, place.url, "/wzdt/"),
        "impossible-link" => replace_all(web, CITY, place.url, "/wzdt/"),
        "lapsed-domain" => replace_all(web, CITY, &format!("http://{LAPSED}:{port}/"), "/wzdt/"),
        "broken-link" | "soft-404" | "faulty-attachment" => restore(web, day, host, path),
        "wrong-site-code" => replace_all(web, host, "9901000030", "9901000003"),
        "missing-ecology-link" => edit(web, host, path, |text| {
            let before = "<div class=\"tab-bd\">";
            text.replacen(before, &format!("{before}<a href=\"{ecology}\">示例市生态环境局</a>"), 1)
        }),
        "hidden-link" => edit(web, host, path, |text| {
            let (before, rest) = text.split_once("<div style=\"display:none\">\n<a").unwrap_or((text, ""));
            format!("{before}{}", rest.split_once("</div>").map_or("", |(_, after)| after))
        }),
        "typo" => edit(web, host, path, |text| text.replace("部暑", "部署")),
        "id-number-leak" => {
            edit(web, host, path, |text| text.replace("510400198802291048", "5104**********1048"));
        }
        "stale-home" => edit(web, host, path, |text| {
            with_row(text, &Row::new("市交通运输局部署汛期安全检查", "/gzdt/", day))
        }),
        "late-subsidy-list" => publish(web, day, (host, path), "示例县耕地地力保护补贴发放公示（本季度）"),
        _ => publish(web, day, (host, path), "关于近期重点工作进展情况的通报"),
    }
}

/// A row of evidence whose account published on `day`: the older of its dates is that of the publication.
pub(super) fn published_on(row: &str, day: NaiveDate) -> String {
    let dates = row.split([',', ' ']).filter_map(|part| part.parse::<NaiveDate>().ok());
    match dates.min() {
        Some(date) => row.replacen(&date.to_string(), &day.to_string(), 1),
        None => row.to_owned(),
    }
}

/// Host and path of a URL of the demo.
fn split(url: &str) -> (&str, &str) {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let at = rest.find('/').unwrap_or(rest.len());
    let (host, path) = rest.split_at(at);
    (host.split(':').next().unwrap_or_default(), path)
}

/// Puts something at an address that led nowhere: a file where its name says so, otherwise a page of its site.
fn restore(web: &mut Web, day: NaiveDate, host: &str, path: &str) {
    let Some(host) = web.hosts.get_mut(host) else { return };
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
    let (kind, magic): (&'static str, &[u8]) = match ending {
        "jpg" => ("image/jpeg", b"\xFF\xD8\xFF\xE0\x00\x10JFIF\x00"),
        "png" => ("image/png", b"\x89PNG\r\n\x1A\n"),
        "pdf" => ("application/pdf", b"%PDF-1.4\n"),
        "doc" => ("application/msword", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"),
        "docx" => ("application/octet-stream", b"PK\x03\x04\x14\x00\x06\x00"),
        _ => return restore_page(host, day, path),
    };
    let mut file = magic.to_vec();
    file.resize(8_192, 0);
    host.put(path, Resource::ok(kind, file, day));
}

/// A page of the site's own look; of a site without one, a plain page.
fn restore_page(host: &mut Host, day: NaiveDate, path: &str) {
    let title = format!("{}专题页面", path.trim_matches('/').replace(['/', '.'], "-"));
    let words = format!(
        "<div class=\"own\"><h4>{title}</h4><p>本页内容已于{day}恢复，请有关单位和群众正常查阅使用。</p>\
         <p>{}</p></div>",
        "查阅中如发现内容有误，请通过页面底部的联系电话告知，我们将及时核实更正。".repeat(4)
    );
    let donor = host.paths.iter().find(|(_, resource)| text_of(host.name, resource).contains(OWN));
    let text = donor.and_then(|(_, donor)| {
        let text = text_of(host.name, donor);
        let (before, rest) = text.split_once(OWN)?;
        let (_, after) = rest.split_once("</div>")?;
        let (_, named) = before.split_once("<title>")?;
        let (old, _) = named.split_once('_')?;
        Some(format!("{}{words}{after}", before.replace(old, &title)))
    });
    let text = text.unwrap_or_else(|| {
        format!("<!DOCTYPE html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><title>{title}</title></head><body><h1>{title}</h1>{words}</body></html>")
    });
    let resource = coded(host.name, &text, day);
    host.put(path, resource);
}

/// Where a page's own content begins.
const OWN: &str = "<div class=\"own\">";

/// A new row at the top of a column, and the article that it leads to, both of the day before `day`.
pub(super) fn publish(web: &mut Web, day: NaiveDate, (host, path): (&str, &str), title: &str) {
    let yesterday = day.pred_opt().unwrap_or(day);
    let Some(found) = web.hosts.get_mut(host) else { return };
    let folder = path.trim_end_matches("index.html").trim_end_matches('/');
    let address = format!("{folder}/{}/t{}_9001.html", yesterday.format("%Y%m"), yesterday.format("%Y%m%d"));
    let mut articles = found.paths.values().filter(|resource| resource.content_type.starts_with("text/html"));
    let Some(article) = articles.find_map(|donor| retold(&text_of(host, donor), title, yesterday)) else {
        return;
    };
    let article = coded(host, &article, yesterday);
    found.put(address.as_str(), article);
    let row = Row::new(title, &address, yesterday);
    let source = format!("/data/{}.json?page=1&size=20", path.trim_matches('/'));
    if found.paths.contains_key(&source) {
        let first = format!(
            "\"rows\":[{{\"publishTime\":\"{yesterday} 09:00:00\",\"title\":\"{title}\",\"url\":\"{address}\"}},"
        );
        edit(web, host, &source, |text| text.replacen("\"rows\":[", &first, 1));
    } else {
        edit(web, host, path, |text| with_row(text, &row));
        for more in ["index.html", "list.html"] {
            edit(web, host, &format!("{path}{more}"), |text| with_row(text, &row));
        }
    }
}

/// An article's page under another title and of another day.
fn retold(text: &str, title: &str, day: NaiveDate) -> Option<String> {
    let (_, rest) = text.split_once("<h1>")?;
    let (old, _) = rest.split_once("</h1>")?;
    let (_, dated) = text.split_once("发布时间：").or_else(|| text.split_once("发布日期："))?;
    let dated = dated.get(..10)?;
    Some(text.replace(old, title).replace(dated, &day.to_string()))
}

/// What a list gets as its first row.
struct Row<'a> {
    title: &'a str,
    address: &'a str,
    day: NaiveDate,
}

impl<'a> Row<'a> {
    fn new(title: &'a str, address: &'a str, day: NaiveDate) -> Self {
        Self { title, address, day }
    }
}

/// The page with `row` before all others, in the shape of its list; words in place of rows are taken out.
fn with_row(text: &str, Row { title, address, day }: &Row<'_>) -> String {
    let link = format!("<a href=\"{address}\" title=\"{title}\">{title}</a>");
    let item = format!("<li>{link}<span>{day}</span></li>\n");
    let list = "<ul class=\"list\">\n";
    for (shape, first) in [
        (list, format!("{list}{item}")),
        (
            "<th>发布日期</th></tr>\n",
            format!(
                "<th>发布日期</th></tr>\n<tr><td>1</td><td class=\"t\">{link}</td><td>示府办发〔{}〕50号</td><td>{day}</td></tr>\n",
                day.format("%Y")
            ),
        ),
        (
            "<table class=\"docs\" cellpadding=\"0\">\n",
            format!(
                "<table class=\"docs\" cellpadding=\"0\">\n<tr><td class=\"t\">{link}</td><td width=\"110\">[{day}]</td></tr>\n"
            ),
        ),
        ("<ul class=\"list\"><li>", format!("<ul class=\"list\">{item}<li>")),
        (
            "<ul class=\"pics\">\n",
            format!(
                "<ul class=\"pics\">\n<li><a href=\"{address}\"><img src=\"/images/tp1.svg\" alt=\"{title}\"><p>{title}</p></a><span>{day}</span></li>\n"
            ),
        ),
        ("<recordset>\n", format!("<recordset>\n<record><![CDATA[{}]]></record>\n", item.trim_end())),
        ("<div class=\"list\"><p class=\"none\">暂无数据</p></div>", format!("{list}{item}</ul>")),
        ("<div class=\"none\">栏目建设中，敬请期待！</div>", format!("{list}{item}</ul>")),
    ] {
        if text.contains(shape) {
            return text.replacen(shape, &first, 1);
        }
    }
    text.to_owned()
}

fn replace_all(web: &mut Web, host: &str, old: &str, new: &str) {
    let paths: Vec<String> =
        web.hosts.get(host).into_iter().flat_map(|host| host.paths.keys().cloned()).collect();
    for path in paths {
        edit(web, host, &path, |text| text.replace(old, new));
    }
}

/// Changes the text of one page; a file that is no text, or a text that stays the same, is left alone.
fn edit(web: &mut Web, host: &str, path: &str, change: impl FnOnce(&str) -> String) {
    let Some(resource) = web.hosts.get_mut(host).and_then(|host| host.paths.get_mut(path)) else { return };
    if !resource.content_type.starts_with("text/html") && !resource.content_type.contains("json") {
        return;
    }
    let before = text_of(host, resource);
    let after = change(&before);
    if after != before {
        resource.body = encoded(host, &after).into();
    }
}

fn text_of(host: &str, resource: &Resource) -> String {
    let encoding = if host == TRANSPORT { encoding_rs::GBK } else { encoding_rs::UTF_8 };
    encoding.decode_without_bom_handling(&resource.body).0.into_owned()
}

fn encoded(host: &str, text: &str) -> Vec<u8> {
    let encoding = if host == TRANSPORT { encoding_rs::GBK } else { encoding_rs::UTF_8 };
    encoding.encode(text).0.into_owned()
}

fn coded(host: &str, text: &str, day: NaiveDate) -> Resource {
    let kind = if host == TRANSPORT { super::web::BARE_HTML } else { HTML };
    Resource::ok(kind, encoded(host, text), day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::COUNTY;

    fn mended(rule: &str, url: &str, path: &str) -> (String, String) {
        let day = NaiveDate::from_ymd_opt(2026, 9, 14).expect("a date");
        let mut web = crate::demo::web(day, 80);
        let (host, _) = split(url);
        let host = if host.contains("shili") { host } else { CITY };
        let read = |web: &Web| web.find(host, path).map(|r| text_of(host, r)).unwrap_or_default();
        let before = read(&web);
        mend(&mut web, day, &Place { rule, url });
        (before, read(&web))
    }

    #[test]
    fn columns_get_news_in_the_shape_of_their_lists() {
        for (host, path) in [
            (CITY, "/qxdt/"),
            (CITY, "/bmwj/"),
            (CITY, "/jyta/"),
            (CITY, "/dcfk/"),
            (COUNTY, "/col/col102/index.html"),
            (COUNTY, "/col/col107/index.html"),
            (TRANSPORT, "/gzdt/"),
        ] {
            let (before, after) = mended("stale-news-column", &format!("http://{host}:80{path}"), path);
            assert!(!before.contains("2026-09-13") && after.contains("2026-09-13"), "{host}{path}");
            assert!(after.contains("关于近期重点工作进展情况的通报"), "{host}{path}");
        }
        let (before, after) =
            mended("stale-news-column", &format!("http://{CITY}:80/zwdc/"), "/data/zwdc.json?page=1&size=20");
        assert!(before.len() < after.len());
        serde_json::from_str::<serde_json::Value>(&after).expect("JSON");
    }

    #[test]
    fn what_was_gone_is_there_and_what_was_wrong_is_not() {
        let (before, after) = mended("hidden-link", &format!("http://{COUNTY}:80/"), "/");
        assert!(before.contains("棋牌大厅") && !after.contains("棋牌大厅") && after.contains("县内要闻"));
        let (before, after) =
            mended("id-number-leak", &format!("http://{ECOLOGY}:80/gs/bzgs.html"), "/gs/bzgs.html");
        assert!(before.contains("198802291048") && !after.contains("198802291048"));
        let (_, after) = mended("broken-link", &format!("http://{CITY}:80/wza/sm.html"), "/wza/sm.html");
        assert!(after.contains("恢复") && after.contains("网站标识码"), "{after}");
        let (before, after) = mended("missing-ecology-link", &format!("http://{COUNTY}:80/"), "/");
        assert!(!before.contains(ECOLOGY) && after.contains(ECOLOGY));
        let (_, after) =
            mended("broken-link", &format!("http://{CITY}:80/attach/msss-sbb.doc"), "/attach/msss-sbb.doc");
        assert!(!after.is_empty());
    }
}
