//! What becomes of the demo's defects in three months: which unit mends, which only says so, which is right to object, and the
//! pages as they stand after each of these steps.
#![deny(clippy::disallowed_methods)]

use chrono::NaiveDate;

use super::mending::{self, Place};
use super::pages::Grounds;
use super::truth::{Planted, Truth};
use super::web::Web;
use super::{CITY, COUNTY, ECOLOGY, MEDIA};
use crate::finding::State;

/// A step of the three months, after which the pages have changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scene {
    /// The first patrol.
    Found,
    /// What is to be mended at once has been.
    AtOnce,
    /// The units' replies are in.
    Replied,
    /// The date has passed; more has been mended.
    Late,
    /// The patrol of the second month.
    Second,
    /// The patrol of the third month.
    Third,
}

/// What a unit does about a problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Course {
    /// Nobody was told: a suspicion.
    Untold,
    /// Mended on the next working day, and said so.
    AtOnce,
    /// Mended in time, and said so.
    Mended,
    /// The same; broken again in the second month, handed over again, mended in the third.
    Relapses,
    /// Said to be mended, and not; mended in the third month.
    Claimed,
    /// Time was asked for and granted; mended in the third month.
    Delayed,
    /// Time was asked for and granted, beyond the three months.
    DelayedLong,
    /// Contested, and rightly so.
    Untrue,
    /// Not the unit's to mend: handed over to another, mended in the third month.
    Transferred,
    /// Mended without a word, after the first reminder.
    Silent,
    /// Not there before the second month; mended in the third.
    New,
    /// Nothing is done and nothing is said.
    Ignored,
}

impl Course {
    /// Every course, in the order of the table.
    pub const ALL: [Self; 12] = [
        Self::AtOnce,
        Self::Mended,
        Self::Silent,
        Self::Relapses,
        Self::Claimed,
        Self::Delayed,
        Self::DelayedLong,
        Self::Transferred,
        Self::New,
        Self::Untrue,
        Self::Ignored,
        Self::Untold,
    ];

    /// What is told of it, in Chinese.
    pub fn label(self) -> &'static str {
        match self {
            Self::Untold => "疑似，未交办",
            Self::AtOnce => "立行立改，次日反馈",
            Self::Mended => "按期整改并反馈",
            Self::Relapses => "整改后又失效，再次交办",
            Self::Claimed => "反馈已整改，实未整改",
            Self::Delayed => "申请延期，获同意",
            Self::DelayedLong => "申请延期至季度之后，获同意",
            Self::Untrue => "申请复核，情况属实",
            Self::Transferred => "不属本单位职责，转办",
            Self::Silent => "催办后整改，未反馈",
            Self::New => "第2个月新出现",
            Self::Ignored => "逾期未整改",
        }
    }

    /// Whether the place is in order at `scene`.
    pub fn is_mended(self, scene: Scene) -> bool {
        match self {
            Self::AtOnce => scene >= Scene::AtOnce,
            Self::Mended => scene >= Scene::Replied,
            Self::Relapses => matches!(scene, Scene::Replied | Scene::Late | Scene::Third),
            Self::Silent => scene >= Scene::Late,
            Self::Claimed | Self::Delayed | Self::Transferred => scene == Scene::Third,
            Self::New => scene != Scene::Second,
            Self::DelayedLong | Self::Untrue | Self::Ignored | Self::Untold => false,
        }
    }
}

/// The defect that appears in the second month: its rule and address.
pub fn new_one(port: u16) -> (&'static str, String) {
    ("broken-link", format!("http://{CITY}:{port}{NEW}"))
}

/// An attachment that is there in the first month.
const NEW: &str = "/attach/gnzd.xls";

/// Pages that are kept up: host, path, and the title of their news.
const LIVE: [(&str, &str, &str); 11] = [
    (CITY, "/", "市政府召开常务会议"),
    (CITY, "/zwyw/", "示例市召开季度经济运行分析会"),
    (CITY, "/bmdt/", "市水利局开展汛期安全检查"),
    (CITY, "/mtjj/", "老街新貌"),
    (CITY, "/tpxw/", "示例大桥建设进展"),
    (CITY, "/mssx/", "社区养老服务设施投入使用"),
    (CITY, "/ztft/", "市人社局负责人谈就业服务"),
    (CITY, "/tjsj/", "示例市主要经济指标"),
    (COUNTY, "/", "示例县召开重点工作推进会"),
    (COUNTY, "/col/col101/index.html", "示例县召开重点工作推进会"),
    (ECOLOGY, "/hjyw/", "市生态环境局开展水质监测"),
];

/// Rule, how the place's URL ends, course. What is planted and not named here is ignored.
const COURSES: [(&str, &str, Course); 42] = [
    ("broken-link", "/zwyw/2025zt/fzgh.html", Course::Mended),
    ("broken-link", "/zwyw/fx/jjyx.html", Course::Relapses),
    ("broken-link", "/images/ldhd/20260003.jpg", Course::Mended),
    ("broken-link", "/attach/msss-sbb.doc", Course::Mended),
    ("broken-link", "/bsfw/jdcx.jsp", Course::Claimed),
    ("broken-link", "/zt/lh/", Course::Silent),
    ("broken-link", "/xxgk/old.html", Course::Silent),
    ("broken-link", "/wza/sm.html", Course::Delayed),
    ("broken-link", "shili-gone.example/", Course::Silent),
    ("broken-link", "/login", Course::Untrue),
    ("broken-link", "/zcwj/gone.html", Course::Silent),
    ("broken-link", "/picture/0/s2026_yz.png", Course::Silent),
    ("broken-link", "/attach/0/nypc-fa.docx", Course::Silent),
    ("broken-link", ".jpg", Course::Silent),
    ("soft-404", "/zt/lcz/", Course::Silent),
    ("soft-404", "/bsfw/zxbl.html", Course::Mended),
    ("soft-404", "/zt/2024/pwxk/index.html", Course::Silent),
    ("faulty-attachment", "/attach/hqzcsb.pdf", Course::Silent),
    ("impossible-link", "/wps1.jpg", Course::Silent),
    ("impossible-link", "/oa/index.do", Course::Silent),
    ("lapsed-domain", "/", Course::AtOnce),
    ("hidden-link", "/", Course::AtOnce),
    ("empty-column", "/jyta/", Course::Silent),
    ("empty-column", "/dcfk/", Course::Mended),
    ("empty-column", "/col/col105/index.html", Course::Silent),
    ("stale-news-column", "/qxdt/", Course::Silent),
    ("stale-news-column", "/zwdc/", Course::Silent),
    ("stale-news-column", "/col/col102/index.html", Course::Silent),
    ("stale-news-column", "/gzdt/", Course::Silent),
    ("stale-home", "/", Course::Silent),
    ("stale-notice-column", "/gsgg/", Course::Transferred),
    ("stale-notice-column", "/col/col106/index.html", Course::Silent),
    ("stale-policy-column", "/bmwj/", Course::Ignored),
    ("overdue-column", "/yjzj/", Course::Silent),
    ("no-ipv6", "/", Course::DelayedLong),
    ("wrong-site-code", "/", Course::Silent),
    ("typo", "/gs/gzzj.html", Course::Mended),
    ("id-number-leak", "/gs/bzgs.html", Course::AtOnce),
    ("missing-ecology-link", "/", Course::Silent),
    ("late-subsidy-list", "/col/col106/index.html", Course::Silent),
    ("stale-account", "/wb/sfb/", Course::Silent),
    ("stale-account", "/wx/ga/", Course::Silent),
];

/// The course that a planted defect takes.
pub fn course_of(planted: &Planted) -> Course {
    if planted.state == State::Suspected {
        return Course::Untold;
    }
    let named = COURSES.iter().find(|(rule, end, _)| *rule == planted.rule && planted.url.ends_with(end));
    named.map_or(Course::Ignored, |(_, _, course)| *course)
}

/// Everything as it stands on `day` at `scene`, where the first patrol was on `found`: columns that live on have news of the
/// day before.
pub fn web_at(found: NaiveDate, day: NaiveDate, port: u16, scene: Scene) -> Web {
    let mut web = super::web(found, port);
    let grounds = Grounds { as_of: day, port };
    for host in [super::accounts::host(grounds), super::interfaces::host(grounds)] {
        web.hosts.insert(host.name.to_owned(), host);
    }
    for &(host, path, title) in LIVE.iter().filter(|_| day > found) {
        mending::publish(&mut web, day, (host, path), title);
    }
    for planted in &Truth::on(port).planted {
        if course_of(planted).is_mended(scene) && !planted.url.contains(MEDIA) {
            mending::mend(&mut web, day, &Place { rule: planted.rule, url: &planted.url });
        }
    }
    if !Course::New.is_mended(scene)
        && let Some(host) = web.hosts.get_mut(CITY)
    {
        host.paths.remove(NEW);
    }
    web
}

/// A file of evidence as it stands on the day of `scene`: of what was mended there is news from the day before.
pub fn evidence_at(text: &str, day: NaiveDate, scene: Scene) -> String {
    let live = Course::Silent.is_mended(scene);
    let yesterday = day.pred_opt().unwrap_or(day);
    let rows = text.lines().map(|line| {
        let renewed = live && RENEWED.iter().any(|id| line.contains(id));
        if renewed { mending::published_on(line, yesterday) } else { line.to_owned() }
    });
    rows.collect::<Vec<_>>().join("\n") + "\n"
}

/// How the evidence names the accounts that publish again by the second month.
const RENEWED: [&str; 2] = ["9000000001", "示例公安,gh_ga,"];

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Days;

    #[test]
    fn what_lives_on_has_news_and_keeps_its_old_addresses() {
        let later = day() + Days::new(60);
        let before = crate::demo::web(day(), 8080);
        let web = web_at(day(), later, 8080, Scene::Third);
        for (host, path, title) in LIVE {
            let holders = [
                path.to_owned(),
                format!("{path}list.html"),
                format!("/data/{}.json?page=1&size=20", path.trim_matches('/')),
            ];
            let told = holders.iter().filter_map(|path| web.hosts[host].paths.get(path)).any(|resource| {
                let text = String::from_utf8_lossy(&resource.body);
                text.contains(title) && text.contains(&later.pred_opt().expect("a day").to_string())
            });
            assert!(told, "{host}{path}");
        }
        for (name, host) in before.hosts.iter().filter(|(name, _)| *name != MEDIA) {
            assert!(host.paths.keys().all(|path| web.hosts[name].paths.contains_key(path)), "{name}");
        }
    }

    fn day() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 7, 13).expect("a date")
    }

    #[test]
    fn every_course_is_taken_and_every_row_has_its_defect() {
        let truth = Truth::on(8080);
        for (rule, end, course) in COURSES {
            let found = truth.planted.iter().filter(|p| p.rule == rule && p.url.ends_with(end)).count();
            assert!(found > 0, "{rule} {end}: {course:?}");
        }
        for course in Course::ALL.into_iter().filter(|course| *course != Course::New) {
            assert!(truth.planted.iter().any(|planted| course_of(planted) == course), "{course:?}");
        }
    }

    #[test]
    fn pages_change_with_the_scenes() {
        let served = |scene, path: &str| {
            web_at(day(), day() + Days::new(9), 8080, scene)
                .find(CITY, path)
                .map(|resource| (resource.status, resource.body.clone()))
        };
        let status = |scene, path: &str| served(scene, path).map(|(status, _)| status);
        let relapsing = "/zwyw/fx/jjyx.html";
        let seen = [Scene::Found, Scene::AtOnce, Scene::Replied, Scene::Late, Scene::Second, Scene::Third]
            .map(|scene| status(scene, relapsing));
        assert_eq!(seen, [404, 404, 200, 200, 404, 200].map(Some));
        assert_eq!(status(Scene::Replied, NEW), Some(200));
        assert_eq!(status(Scene::Second, NEW), Some(404));
        assert_ne!(served(Scene::Replied, "/qxdt/"), served(Scene::Second, "/qxdt/"));
    }

    #[test]
    fn what_publishes_again_says_so_in_its_evidence() {
        let text = "微博,示例市发布,9000000001,2026-06-25 09:30\n抖音,示例交通,sljt,2026-07-10 09:30\n";
        let later = evidence_at(text, day(), Scene::Second);
        assert!(
            later.contains("9000000001,2026-07-12 09:30\n") && later.contains("sljt,2026-07-10"),
            "{later}"
        );
        assert_eq!(evidence_at(text, day(), Scene::Replied), text);
    }
}
