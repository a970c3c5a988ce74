//! Addresses that go on for ever beside lists that are only long, through the real binary: the first are left early and the run
//! says so, of the second every page is read.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::kit::portal::{article, day, page, rows};
use crate::kit::{Plan, Script, Seen, Server};

const NAV: [(&str, &str); 2] = [("首页", "/"), ("通知公告", "/tz/")];
/// Pages of the long list.
const PAGES: u32 = 500;
/// Articles on each.
const EACH: u32 = 3;
const FIRST_YEAR: u32 = 1996;
const LAST_YEAR: u32 = 2025;

/// The number behind `name` in a query, or what is given.
fn number(query: &str, name: &str, default: u32) -> u32 {
    let value = query.split('&').filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name);
    value.and_then(|(_, value)| value.parse().ok()).unwrap_or(default)
}

fn list_of(articles: impl Iterator<Item = u32>, more: &str) -> Script {
    let items: Vec<_> = articles
        .map(|n| (format!("关于印发第{n}号文件的通知"), format!("/a/{n}.html"), day(u64::from(n % 900))))
        .collect();
    Script::html(page("通知公告", &NAV, &format!("{}{more}", rows(&items))))
}

fn calendar(year: u32, month: u32, next: &str) -> Script {
    let days: String = (1..29).fold(String::new(), |all, day| all + &format!("<td>{day}</td>"));
    let words =
        ["一月", "二月", "三月", "四月", "五月", "六月", "七月", "八月", "九月", "十月", "十一月", "十二月"];
    let name = words[(month as usize + 11) % 12];
    Script::html(page(
        "办事日历",
        &NAV,
        &format!("<h2>{year}年{name}</h2><table><tr>{days}</tr></table><a href=\"{next}\">下个月</a>"),
    ))
}

/// A portal whose real pages are `/tz/` with its further pages, year archives and articles; all else is traps.
fn answer(seen: &Seen) -> Script {
    let (path, query) = seen.path.split_once('?').unwrap_or((&seen.path, ""));
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    match parts[..] {
        [] => {
            let years = (FIRST_YEAR..=LAST_YEAR)
                .fold(String::new(), |all, year| all + &format!("<a href=\"/nian/{year}/\">{year}年</a>"));
            let words =
                (0..200).fold(String::new(), |all, n| all + &format!("<a href=\"/so?q=w{n}x\">热词{n}</a>"));
            let traps = "<a href=\"/calendar?year=2026&month=1\">办事日历</a><a href=\"/rili/2026-01.html\">日历</a><a href=\"/canshu?a=1\">参数</a>\
                         <a href=\"/x/\">更多</a><a href=\"/px?sort=date&order=asc\">排序</a>";
            list_of(1..9, &format!("<p>{years}</p><p>{traps}</p><p>{words}</p>"))
        }
        ["tz"] => {
            let at = number(query, "page", 1);
            let next = if at < PAGES {
                format!("<a href=\"/tz/?page={}\">下一页</a>", at + 1)
            } else {
                String::new()
            };
            list_of((at - 1) * EACH..at * EACH, &next)
        }
        // The same articles once more; the early years are empty.
        ["nian", year] => {
            let year: u32 = year.parse().unwrap_or(0);
            if year < 2012 {
                Script::html(page("历年文件", &NAV, "<p>暂无内容</p>"))
            } else {
                let first = (year - 2012) * 100;
                list_of(first..first + 100, "<a href=\"/fj/\">附表</a>")
            }
        }
        ["a", name] => {
            let n: u32 = name.trim_end_matches(".html").parse().unwrap_or(0);
            Script::html(article(
                &format!("关于印发第{n}号文件的通知"),
                day(u64::from(n % 900)),
                &format!("第{n}号文件的内容如下。"),
            ))
        }
        ["calendar"] => {
            let (year, month) = (number(query, "year", 2026), number(query, "month", 1));
            let next = format!("/calendar?year={}&month={}", year + month / 12, month % 12 + 1);
            calendar(year, month, &next)
        }
        ["rili", name] => {
            let mut told =
                name.trim_end_matches(".html").split('-').filter_map(|part| part.parse::<u32>().ok());
            let (year, month) = (told.next().unwrap_or(2026), told.next().unwrap_or(1));
            calendar(year, month, &format!("/rili/{}-{:02}.html", year + month / 12, month % 12 + 1))
        }
        ["canshu"] => Script::html(page(
            "参数",
            &NAV,
            &format!("<p>参数说明</p><a href=\"/canshu?{query}&a=1\">继续</a>"),
        )),
        ["x", ..] => Script::html(page("更多", &NAV, "<p>更多内容</p><a href=\"x/\">更多</a>")),
        ["px"] => {
            let mut links = String::new();
            for sort in ["date", "title", "hits", "unit", "id"] {
                for order in ["asc", "desc"] {
                    for view in ["list", "grid", "print", "text"] {
                        let _ =
                            write!(links, "<a href=\"/px?sort={sort}&order={order}&view={view}\">排序</a>");
                    }
                }
            }
            list_of(0..30, &links)
        }
        ["so"] => {
            let word: u32 = query.trim_matches(|c: char| !c.is_ascii_digit()).parse().unwrap_or(0);
            list_of(word..word + 5, &format!("<p>搜索“{query}”的结果</p>"))
        }
        _ => Script::status(404),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_goes_on_for_ever_is_left_early_and_what_is_long_is_read() {
    let site = Server::start().await;
    site.otherwise(answer);
    let office = Plan::new().site(&site.url("/")).set_up();
    office.run_well(&["patrol"]).await;
    let paths: BTreeSet<String> = site.paths().into_iter().collect();
    let under = |start: &str| paths.iter().filter(|path| path.starts_with(start)).count();
    assert_eq!(u32::try_from(under("/tz/?page=")), Ok(PAGES - 1), "every page of the list");
    assert_eq!(u32::try_from(under("/nian/")), Ok(LAST_YEAR - FIRST_YEAR + 1), "every year");
    assert_eq!(u32::try_from(under("/a/")), Ok(PAGES * EACH), "every article");
    for (trap, most) in
        [("/calendar?", 60), ("/rili/", 60), ("/canshu?", 40), ("/x/", 40), ("/px?", 40), ("/so?", 60)]
    {
        let asked = under(trap);
        assert!(asked > 0 && asked <= most, "{trap}: {asked}");
    }
    let open = crate::kit::office::gaps(&office.judged().await);
    let told: Vec<&str> = open.iter().filter(|(_, why)| why == "trap").map(|(shape, _)| &**shape).collect();
    for trap in ["/calendar?", "/rili/", "/so?"] {
        assert!(told.iter().any(|shape| shape.contains(trap)), "{trap}: {told:?}");
    }
    assert!(
        !told.iter().any(|shape| ["/tz/", "/nian/", "/a/"].iter().any(|real| shape.contains(real))),
        "{told:?}"
    );
}
