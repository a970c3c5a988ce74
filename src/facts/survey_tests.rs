//! Tests of the columns found: small sites read page by page, and registers beside them.

use super::*;
use crate::calendar::{end_of_day, from_millis};
use crate::facts::fold::Fold;
use crate::facts::html::read_page;
use crate::facts::page::{PageContext, PageFacts};
use crate::facts::site::{LinkSeen, PageSeen, SiteFacts};
use crate::finding::Look;

const HOME: &str = "http://www.shili.example/";

fn date(m: u32, d: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, m, d).expect("a date")
}

/// A page: a navigation bar, a breadcrumb, a body.
fn html(title: &str, nav: &[(&str, &str)], crumbs: &str, body: &str) -> String {
    let items: Vec<String> =
        nav.iter().map(|(name, to)| format!("<li><a href=\"{to}\">{name}</a></li>")).collect();
    let nav = items.concat();
    let crumbs =
        if crumbs.is_empty() { String::new() } else { format!("<div>您的位置：{crumbs}</div>") };
    format!(
        "<html><head><meta charset=utf-8><title>{title}_示例市</title></head><body><div class=nav><ul>{nav}</ul></div>\
         {crumbs}<div class=main>{body}</div><div class=footer>主办：示例市人民政府办公室</div></body></html>"
    )
}

/// Eight dated rows of a list, newest first, `every` days apart.
fn rows(folder: &str, every: u64) -> String {
    let row = |n: u64| {
        let day = date(11, 10) - chrono::Days::new(n * every);
        let url = format!("{folder}t{}_{n}.html", day.format("%Y%m%d"));
        format!("<li><a href=\"{url}\">关于做好第{n}批示例工作安排的情况通报</a><span>{day}</span></li>")
    };
    format!("<ul class=list>{}</ul>", (0..8).map(row).collect::<Vec<_>>().concat())
}

fn article(crumbs: &str) -> String {
    let text =
        "示例市人民政府办公室就有关事项说明如下，请各单位认真贯彻执行，确保各项任务落到实处。".repeat(8);
    let body =
        format!("<h1>关于做好示例工作安排的情况通报</h1><p>发布时间：2026-11-10</p><div><p>{text}</p></div>");
    html("关于做好示例工作安排的情况通报", NAV, crumbs, &body)
}

const NAV: &[(&str, &str)] = &[
    ("首页", "/"),
    ("政务要闻", "/yw/"),
    ("政务公开", "/zwgk/"),
    ("领导信息", "/ld/"),
    ("站内搜索", "/search/list.html"),
    ("联系我们", "/lxwm/"),
];

/// A site in which every kind of source names something.
fn town() -> Vec<(&'static str, String)> {
    let home = html("示例市", NAV, "", &format!("<h2><a href=/yw/>政务要闻</a></h2>{}", rows("/yw/", 2)));
    let map = "<ul><li><a href=/yw/>政务要闻</a></li><li><a href=/zwgk/>政务公开</a></li>\
               <li><a href=/zwgk/ghjh/>规划计划</a></li><li><a href=/zwgk/tzgg/>通知公告</a></li></ul>";
    let channel = format!("<h2><a href=/zwgk/tzgg/>通知公告</a></h2>{}", rows("/zwgk/tzgg/", 9));
    let ld = "<p>示例某某，市长，主持市政府全面工作，分管审计工作。</p>".repeat(12);
    let top = "<a href=/>首页</a> &gt; ";
    let open = format!("{top}<a href=/zwgk/>政务公开</a> &gt; ");
    vec![
        ("/", home),
        ("/wzdt.html", html("网站地图", NAV, "", map)),
        ("/yw/", html("政务要闻", NAV, &format!("{top}政务要闻 &gt; 列表"), &rows("/yw/", 2))),
        ("/yw/index_2.html", html("政务要闻", NAV, &format!("{top}政务要闻"), &rows("/yw/", 2))),
        ("/zwgk/", html("政务公开", NAV, &format!("{top}政务公开"), &channel)),
        (
            "/zwgk/tzgg/",
            html(
                "通知公告",
                NAV,
                &format!("{open}<a href=/zwgk/tzgg/>通知公告</a>"),
                &rows("/zwgk/tzgg/", 9),
            ),
        ),
        ("/zwgk/ghjh/", html("规划计划", NAV, "", &rows("/zwgk/ghjh/", 90))),
        ("/ld/", html("领导信息", NAV, &format!("{top}领导信息"), &ld)),
        ("/search/list.html", html("检索结果", NAV, "", &rows("/yw/", 2))),
        ("/lxwm/", html("联系我们", NAV, &format!("{top}联系我们"), &rows("/lxwm/", 40))),
        (
            "/zt/lb-1.html",
            html("乡村振兴", NAV, &format!("{top}<a href=/zt/lb-1.html>乡村振兴</a>"), &rows("/zt/", 20)),
        ),
        (
            "/zt/lb-2.html",
            html("乡村振兴", NAV, &format!("{top}<a href=/zt/lb-1.html>乡村振兴</a>"), &rows("/zt/", 20)),
        ),
        (
            "/zwgk/tzgg/t20261110_0.html",
            article(&format!("{open}<a href=/zwgk/tzgg/>通知公告</a> &gt; 正文")),
        ),
    ]
}

fn absolute(path: &str) -> String {
    format!("http://www.shili.example{path}")
}

fn surveyed(
    pages: &[(&str, String)],
    registered: &[(&str, &str)],
    change: impl FnOnce(&mut Surroundings),
) -> Survey {
    folded(pages, registered, &[], &HashMap::new(), change)
}

fn folded(
    pages: &[(&str, String)],
    registered: &[(&str, &str)],
    redirected: &[(&str, &str)],
    failed: &HashMap<&str, Answer>,
    change: impl FnOnce(&mut Surroundings),
) -> Survey {
    site(pages, registered, redirected, failed, change).1
}

fn site(
    pages: &[(&str, String)],
    registered: &[(&str, &str)],
    redirected: &[(&str, &str)],
    failed: &HashMap<&str, Answer>,
    change: impl FnOnce(&mut Surroundings),
) -> (SiteFacts, Survey) {
    let mut ids: HashMap<String, u32> = HashMap::new();
    let mut id_of = |url: &str| {
        let next = u32::try_from(ids.len()).expect("few");
        *ids.entry(url.to_owned()).or_insert(next)
    };
    let column = |(url, name): &(&str, &str)| RegisteredColumn {
        url: absolute(url),
        name: (*name).to_owned(),
        class: None,
        level: None,
        cycle_days: None,
    };
    let mut around = Surroundings {
        url: HOME.to_owned(),
        columns: registered.iter().map(column).collect(),
        ..Surroundings::default()
    };
    change(&mut around);
    let look = |url: &str| Look {
        at: from_millis(0),
        url: url.to_owned(),
        hops: vec![],
        addr: None,
        status: Some(200),
        error: None,
        headers: vec![],
        body_sha256: String::new(),
    };
    let targets = failed.iter().map(|(path, answer)| {
        let url = absolute(path);
        let id = id_of(&url);
        (id, TargetSeen { id, look: look(&url), url, external: false, answer: answer.clone() })
    });
    let mut fold = Fold::new(around, targets.collect());
    for (path, html) in pages {
        let url = url::Url::parse(&absolute(path)).expect("a URL");
        let cx = PageContext {
            url: &url,
            content_type: None,
            status: Some(200),
            as_of: end_of_day(date(11, 16)),
            want_structure: !path.contains("/t2026"),
        };
        let mut facts: PageFacts = read_page(html.as_bytes(), &cx, || false);
        let links = std::mem::take(&mut facts.links);
        let seen = links.iter().map(|link| LinkSeen {
            target: id_of(&link.url),
            text: link.text.clone(),
            kind: link.kind,
            place: link.place,
            hidden: link.hidden,
        });
        let links = seen.collect();
        fold.page(PageSeen {
            id: id_of(url.as_str()),
            url: url.to_string(),
            facts,
            links,
            look: look(url.as_str()),
        });
    }
    fold.redirected(redirected.iter().map(|(from, to)| (id_of(&absolute(from)), absolute(to))).collect());
    fold.finish_with_survey()
}

fn told(survey: &Survey) -> Vec<String> {
    let line = |found: &FoundColumn| {
        let path = found.url.trim_start_matches("http://www.shili.example");
        format!("{path} {} {:?} {:?} {:?}", found.name, found.class, found.level, found.confidence)
    };
    survey.columns.iter().map(line).collect()
}

#[test]
fn columns_are_what_the_site_names() {
    let survey = surveyed(&town(), &[], |_| ());
    assert!(survey.whole);
    assert_eq!(
        told(&survey),
        [
            "/ld/ 领导信息 Planning Some(1) Low",
            "/yw/ 政务要闻 News Some(1) High",
            "/zt/lb-1.html 乡村振兴 Other Some(1) Medium",
            "/zwgk/ 政务公开 Other Some(1) High",
            "/zwgk/ghjh/ 政务公开-规划计划 Planning Some(2) Medium",
            "/zwgk/tzgg/ 政务公开-通知公告 Notice Some(2) High",
        ]
    );
    let notices = survey.columns.last().expect("a column");
    assert_eq!(notices.parent.as_deref(), Some("政务公开"));
    assert!(notices.named_by.breadcrumbs && notices.named_by.site_map && !notices.named_by.navigation);
    assert_eq!(notices.dates.first(), Some(&date(11, 10)));
}

#[test]
fn the_order_of_pages_does_not_matter() {
    let mut pages = town();
    let forwards = surveyed(&pages, &[("/yw/", "要闻")], |_| ());
    pages.reverse();
    assert_eq!(surveyed(&pages, &[("/yw/", "要闻")], |_| ()), forwards);
}

#[test]
fn a_link_without_the_last_slash_names_the_column_too() {
    let nav = &[("首页", "/"), ("工作动态", "/gzdt")];
    let pages = [
        ("/", html("示例市", nav, "", "<p>欢迎</p>")),
        ("/gzdt/", html("动态列表页面", nav, "", &rows("/gzdt/", 3))),
    ];
    let blind = folded(&pages, &[], &[], &HashMap::new(), |_| ());
    assert_eq!(told(&blind), Vec::<String>::new(), "nobody is known to name it");
    let survey = folded(&pages, &[], &[("/gzdt", "/gzdt/")], &HashMap::new(), |_| ());
    assert_eq!(told(&survey), ["/gzdt/ 工作动态 News Some(1) Medium"]);
}

#[test]
fn a_list_behind_more_is_a_column_by_its_own_name() {
    let nav = &[("首页", "/")];
    let home = format!("<h2>部门动态</h2>{}<a href=/bmdt/>更多&gt;&gt;</a>", rows("/bmdt/", 3));
    let pages = [
        ("/", html("示例网", nav, "", &home)),
        ("/bmdt/", html("示例网-部门动态", nav, "示例网 &gt; 部门动态", &rows("/bmdt/", 3))),
        ("/m/bmdt/", html("示例网-部门动态", nav, "示例网 &gt; 部门动态", &rows("/bmdt/", 3))),
    ];
    let survey = surveyed(&pages, &[], |_| ());
    assert_eq!(told(&survey), ["/bmdt/ 部门动态 News Some(1) Medium"], "and its copy for telephones is none");
}

#[test]
fn a_registered_address_that_leads_elsewhere_has_moved() {
    let mut pages = town();
    pages.push(("/tzgg/", html("通知公告", NAV, "", &rows("/zwgk/tzgg/", 9))));
    let registered = [("/tzgg/", "通知公告")];
    let survey = folded(&pages, &registered, &[("/tzgg/", "/zwgk/tzgg/")], &HashMap::new(), |_| ());
    assert_eq!(survey.standings, [Standing::Moved(absolute("/zwgk/tzgg/"))]);
    let nav = &[("通知公告", "/tzgg/")];
    let same = [
        ("/", html("示例市", nav, "", "<p>欢迎</p>")),
        ("/tzgg/", html("通知公告", nav, "", &rows("/tzgg/", 9))),
    ];
    let survey = folded(&same, &registered, &[("/tzgg/", "/tzgg/index.html")], &HashMap::new(), |_| ());
    assert_eq!(survey.standings, [Standing::Agrees], "its index page is no other place");
}

#[test]
fn how_registered_columns_stand() {
    let mut pages = town();
    pages.push(("/old/", html("旧栏目", NAV, "", &rows("/old/", 30))));
    let failed = HashMap::from([
        ("/2024/tzgg/", Answer::NotFound(404)),
        ("/2024/zcwj/", Answer::NotFound(404)),
        ("/2024/jyta/", Answer::Unreachable(crate::facts::answer::Fault::Tls)),
    ]);
    let registered = [
        ("/yw/index.html", "新闻-政务要闻"),
        ("/zwgk/", "信息公开专栏"),
        ("/2024/tzgg/", "政务公开-通知公告"),
        ("/2024/zcwj/", "政策文件"),
        ("/2024/jyta/", "建议提案"),
        ("/old/", "旧栏目"),
        ("/never/", "未读到"),
    ];
    let survey = folded(&pages, &registered, &[], &failed, |_| ());
    assert_eq!(
        survey.standings,
        [
            Standing::Agrees,
            Standing::Renamed("政务公开".to_owned()),
            Standing::Moved(absolute("/zwgk/tzgg/")),
            Standing::Gone,
            Standing::NotSeen("unreachable".to_owned()),
            Standing::NoEntrance,
            Standing::NotSeen("not-read".to_owned()),
        ]
    );
    let new: Vec<&str> = survey.unregistered().map(|found| found.name.as_str()).collect();
    assert_eq!(new, ["领导信息", "乡村振兴", "政务公开-规划计划", "政务公开-通知公告"]);
}

#[test]
fn what_was_not_read_is_not_told_to_be_gone() {
    let mut pages = town();
    pages.push(("/old/", html("旧栏目", NAV, "", &rows("/old/", 30))));
    let registered = [("/old/", "旧栏目")];
    let cut = surveyed(&pages, &registered, |around| around.not_reached = 3);
    assert!(!cut.whole);
    assert_eq!(cut.standings, [Standing::NotSeen("not-reached".to_owned())]);
    pages.remove(0);
    let homeless = surveyed(&pages, &registered, |_| ());
    assert_eq!(homeless.standings, [Standing::NotSeen("not-reached".to_owned())]);
}

/// Three dated rows, the newest so many days before 10 November.
fn rows_of(folder: &str, ago: u64) -> String {
    let row = |n: u64| {
        let day = date(11, 10) - chrono::Days::new(ago + n);
        format!(
            "<li><a href=\"{folder}{ago}_{n}.html\">关于第{n}批示例事项办理情况的说明</a><span>{day}</span></li>"
        )
    };
    format!("<ul class=list>{}</ul>", (0..3).map(row).collect::<Vec<_>>().concat())
}

#[test]
fn further_pages_are_told_without_the_words_of_their_controls() {
    let nav = &[
        ("首页", "/"),
        ("工作动态", "/dt.htm"),
        ("通知公告", "/tz/1.html"),
        ("党建", "/list_1.html"),
        ("人事", "/list_2.html"),
        ("政务公开", "/gk.htm"),
        ("机构", "/gk/1.htm"),
    ];
    let list = |title: &str, first: &str, ago: u64, to: &str| {
        let crumbs = format!("<a href=/>首页</a> &gt; <a href={first}>{title}</a>");
        let body = format!("{}<div><a href={to}>再往前看</a></div>", rows_of("/x/", ago));
        html(title, nav, &crumbs, &body)
    };
    let pages = [
        ("/", html("示例市", nav, "", "<p>欢迎</p>")),
        ("/dt.htm", list("工作动态", "/dt.htm", 0, "/dt/2.htm")),
        ("/dt/2.htm", list("工作动态", "/dt.htm", 20, "/dt/1.htm")),
        ("/dt/1.htm", list("工作动态", "/dt.htm", 40, "/dt/2.htm")),
        ("/tz/1.html", list("通知公告", "/tz/1.html", 0, "/tz/2.html")),
        ("/tz/2.html", list("通知公告", "/tz/1.html", 20, "/tz/1.html")),
        ("/list_1.html", list("党建", "/list_1.html", 0, "/list_2.html")),
        ("/list_2.html", list("人事", "/list_2.html", 20, "/list_1.html")),
        ("/gk.htm", list("政务公开", "/gk.htm", 0, "/")),
        // The navigation has another name for it, whatever it calls itself.
        ("/gk/1.htm", list("政务公开", "/gk.htm", 20, "/")),
    ];
    let found: Vec<String> =
        surveyed(&pages, &[], |_| ()).columns.iter().map(|found| found.url.clone()).collect();
    let want = ["/dt.htm", "/gk.htm", "/gk/1.htm", "/list_1.html", "/list_2.html", "/tz/1.html"];
    assert_eq!(found, want.map(absolute));
}

#[test]
fn a_named_page_on_which_nothing_is_made_out_is_a_gap() {
    let nav = &[("首页", "/"), ("公共文化", "/wh/"), ("工作动态", "/dt/")];
    let here = |name: &str| format!("<a href=/>首页</a> &gt; {name}");
    let pages = [
        ("/", html("示例市", nav, "", "<p>欢迎</p>")),
        ("/wh/", html("公共文化", nav, &here("公共文化"), "<h2>公共文化</h2>")),
        ("/dt/", html("工作动态", nav, &here("工作动态"), &rows("/dt/", 2))),
    ];
    let (facts, _) = site(&pages, &[], &[], &HashMap::new(), |_| ());
    let gaps: Vec<_> = facts
        .columns
        .iter()
        .map(|column| (column.name.as_str(), column.gap.as_ref().map(|gap| gap.why.as_str())))
        .collect();
    assert_eq!(gaps, [("工作动态", None), ("公共文化", Some("uncertain"))]);
}

#[test]
fn later_pages_of_a_list() {
    let known = HashSet::from(["http://a/003/003-1.html", "http://a/list.html", "http://a/x/"]);
    for (url, later) in [
        ("http://a/003/003-2.html", true),
        ("http://a/003/003-1.html", false),
        ("http://a/004/004-2.html", false),
        ("http://a/list_2.html", true),
        ("http://a/y/list_12.html", false),
        ("http://a/x/list_12.html", true),
        ("http://a/x/index_1.html", true),
        ("http://a/x/?page=3", true),
        ("http://a/x/?page=1", false),
        ("http://a/x/?id=3", false),
    ] {
        assert_eq!(is_later_page(url, &known), later, "{url}");
    }
}

/// A list and the controls that lead to its other pages.
fn list_page(body: &str, pager: &str) -> String {
    let crumbs = "<a href=/>首页</a> &gt; <a href=/gk/>政务公开</a> &gt; 政府动态";
    html("政府动态", PAGED, crumbs, &format!("{body}<div class=page>{pager}</div>"))
}

const PAGED: &[(&str, &str)] = &[("首页", "/"), ("政府动态", "/gk/dt.htm")];

#[test]
fn further_pages_are_no_columns_whatever_their_addresses() {
    for [first, second, third] in [
        ["/gk/dt.htm", "/gk/dt/3.htm", "/gk/dt/2.htm"],
        ["/gk/dt.htm", "/gk/3.html", "/gk/4.html"],
        ["/gk/dt.htm", "/gk/p/2/", "/gk/p/3/"],
        ["/gk/dt.htm", "/gk/list.asp?id=5&page=1", "/gk/list.asp?id=5&offset=20"],
    ] {
        let turns = format!("<a href={first}>首页</a><a href={second}>2</a><a href={third}>下一页</a>");
        let pages = [
            ("/", html("示例市", PAGED, "", &rows("/gk/", 2))),
            (first, list_page(&rows("/gk/", 2), &turns)),
            (second, list_page(&rows("/gk/b/", 30), &turns)),
            (third, list_page(&rows("/gk/c/", 30), &turns)),
        ];
        let survey = surveyed(&pages, &[], |_| {});
        let found: Vec<String> = survey.columns.iter().map(|found| found.url.clone()).collect();
        assert_eq!(found, [absolute(first)], "{second}");
    }
}

#[test]
fn a_list_that_begins_with_its_oldest_items_is_not_known_by_its_first_page() {
    let newest_last = |days: [u32; 4]| {
        let row = |day: u32| {
            format!(
                "<li><a href=/gk/t202608{day:02}_{day}.html>关于做好第{day}批示例工作安排的通报</a><span>2026-08-{day:02}</span></li>"
            )
        };
        format!("<ul class=list>{}</ul>", days.map(row).concat())
    };
    let turn = "<a href=/gk/dt_2.htm>下一页</a>";
    for (days, controls, open) in [
        ([2, 9, 16, 23], turn, true),
        ([2, 9, 16, 23], "", false),
        ([23, 16, 9, 2], turn, false),
        ([16, 23, 9, 2], turn, false),
    ] {
        let pages = [
            ("/", html("示例市", PAGED, "", "<p>欢迎访问</p>")),
            ("/gk/dt.htm", list_page(&newest_last(days), controls)),
        ];
        let facts = site(&pages, &[], &[], &HashMap::new(), |_| {}).0;
        let gap = facts.columns.first().and_then(|column| column.gap.clone());
        assert_eq!(gap.map(|gap| gap.why), open.then(|| "items-elsewhere".to_owned()), "{days:?} {controls}");
        assert_eq!(facts.home.gap.is_some(), open, "the home page is known by its columns alone");
    }
}
