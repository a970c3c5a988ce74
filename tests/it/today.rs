//! 今日待办 through the real binary, as a timer would run it: no network, exit code 0, one line where nothing is due.

use chrono::{Days, NaiveDate, TimeDelta};
use xuncha::calendar::day_with_weekday;
use xuncha::facts::visits::{Ip, Outcome, Sample};
use xuncha::store::facts::FactsDb;
use xuncha::store::ledger::{Ledger, Wanted};
use xuncha::store::samples::Taken;

use crate::kit::office::{today, told, until};
use crate::kit::portal::{article, day, page, rows};
use crate::kit::{Office, Plan, Script, Server};

/// An office that has patrolled a site whose news is `age` days old; `empty` says that it has a column without items too. The
/// site is gone by now.
async fn patrolled(age: u64, empty: bool) -> Office {
    let site = Server::start().await;
    site.otherwise(move |seen| {
        let mut nav = vec![("首页", "/"), ("动态", "/dt/")];
        if empty {
            nav.push(("公告", "/gg/"));
        }
        let items: Vec<_> = (0..8)
            .map(|n| (format!("关于第{n}项示例工作的情况"), format!("/dt/{n}.html"), day(age + n)))
            .collect();
        match seen.path.as_str() {
            "/" => Script::html(page("示例网站", &nav, &rows(&items))),
            "/dt/" => Script::html(page("动态", &nav, &rows(&items))),
            "/gg/" => Script::html(page("公告", &nav, "<div class=\"list\"><ul></ul><p>暂无数据</p></div>")),
            path if path.contains(".html") => Script::html(article(path, day(age), "内容")),
            _ => Script::status(404),
        }
    });
    let url = site.url("/");
    let mut plan = Plan::new().site(&url).column("动态", &format!("{url}dt/"), "动态要闻");
    if empty {
        plan = plan.column("公告", &format!("{url}gg/"), "通知公告");
    }
    let office = plan
        .sections("[office]\nsignature = \"示例市人民政府办公室政务公开科\"\narea = \"示例市\"\ncontact = \"李某某\"\nphone = \"0000-0000000\"\nreply-to = \"a@shili.example\"\n")
        .set_up();
    office.run_well(&["patrol"]).await;
    if empty {
        office.run_well(&["recheck"]).await;
    }
    let addr = url.trim_start_matches("http://").trim_end_matches('/').to_owned();
    drop(site);
    until("the site to be gone", || std::net::TcpStream::connect(&addr).is_err().then_some(())).await;
    office
}

async fn said(office: &Office, args: &[&str]) -> String {
    String::from_utf8(office.run_well(args).await.stdout).expect("UTF-8")
}

fn later(days: u64) -> NaiveDate {
    today().checked_add_days(Days::new(days)).expect("a day")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_due_is_one_line() {
    let fresh = Plan::new().site("http://127.0.0.1:9/").set_up();
    let before = said(&fresh, &["today"]).await;
    assert!(before.lines().count() == 1 && before.contains("没有待办事项。尚未完成过巡查"), "{before}");

    let office = patrolled(1, false).await;
    let line = said(&office, &["today"]).await;
    assert!(line.lines().count() == 1 && line.contains("没有待办事项。"), "{line}");
    let file = office.dir().join("今日.txt");
    for _ in 0..2 {
        let told = said(&office, &["today", "--out", file.to_str().expect("a path")]).await;
        assert_eq!(told, line, "a timer writes the same file every day");
    }
    assert_eq!(std::fs::read_to_string(file).expect("a file"), line);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn columns_are_told_days_before_their_limit() {
    let office = patrolled(9, false).await;
    let newest = day(9);
    let limit = newest + Days::new(14);
    assert!(said(&office, &["today"]).await.contains("没有待办事项"), "five days are left");

    let on = later(1).to_string();
    let list = said(&office, &["today", "--on", &on]).await;
    assert!(list.contains("一、栏目临期2个"), "the column and the home page: {list}");
    let (from, to) = (newest.format("%-m月%-d日"), limit.format("%-m月%-d日"));
    let text = said(&office, &["today", "--on", &on, "--text"]).await;
    assert_eq!(
        text.trim_end(),
        format!(
            "【临期提示】示例市交通运输局：贵单位负责的示例网站1首页最近更新为{from}，将于{to}达到2周未更新标准；\
             “动态”栏目最近更新为{from}，将于{to}达到2周未更新标准。请及时更新。如已更新请忽略。——示例市人民政府办公室政务公开科"
        )
    );
    assert!(list.contains(text.trim_end()), "{list}");
    said(&office, &["report", "hint", "--on", &on, "--out", "提示单"]).await;
    let hint = office.dir().join("提示单/提示单_示例市交通运输局.txt");
    let hint = std::fs::read_to_string(hint).expect("a 提示单");
    let body = format!("最近更新为{from}，将于{to}达到2周未更新标准。请及时更新。");
    assert!(hint.contains(&body) && hint.contains("无需反馈") && !hint.contains("【临期提示】"), "{hint}");
    let none = said(&office, &["report", "hint", "--out", "提示单2"]).await;
    assert!(none.contains("没有需要出具的文书"), "five days are left: {none}");
    let few = said(&office, &["today", "--on", &on, "--days", "3"]).await;
    assert!(few.contains("没有待办事项"), "{few}");

    let past = said(&office, &["today", "--on", &later(6).to_string()]).await;
    assert!(
        past.contains("另有2个栏目按上次巡查所见推算已过时限") && !past.contains("【临期提示】"),
        "{past}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_ledger_says_what_is_due() {
    let office = patrolled(1, true).await;
    let list = said(&office, &["today"]).await;
    assert!(list.contains("已确认待批准1项") && list.contains("批准时会停下：这是首个批次"), "{list}");

    office.run_well(&["approve", "202611", "--by", "李某某", "--all", "--yes-first"]).await;
    let list = said(&office, &["today"]).await;
    assert!(list.contains("批次202611已批准、尚未交办1项") && !list.contains("待批准"), "{list}");

    let (number, due) = {
        let mut ledger = Ledger::open(&office.dir().join("state")).expect("a ledger");
        let number = ledger.cases(&Wanted::default()).expect("cases")[0].number.clone();
        let now = xuncha::patrol::now();
        ledger
            .mark_assigned(std::slice::from_ref(&number), later(10), today(), "李某某", now)
            .expect("assigned");
        (number, later(10))
    };
    assert!(said(&office, &["today"]).await.contains("没有待办事项"), "ten days are left");
    let near = said(&office, &["today", "--on", &later(7).to_string()]).await;
    assert!(near.contains("整改反馈时限将到1项") && near.contains(&number), "{near}");
    let remind = format!("【反馈提醒】示例市交通运输局：交办的问题有1项将于{}到期。", day_with_weekday(due));
    assert!(near.contains(&remind), "{near}");
    let late = said(&office, &["today", "--on", &later(12).to_string()]).await;
    assert!(late.contains("逾期未反馈1项") && late.contains("已逾期2天"), "{late}");

    office.run_well(&["case", "answer", &number, "--by", "李某某", "--text", "已补充"]).await;
    let answered = said(&office, &["today", "--on", &later(12).to_string()]).await;
    assert!(answered.contains(&format!("{number}。执行 xuncha recheck 复查")), "{answered}");
    assert!(!answered.contains("逾期"), "{answered}");
    let page = office.dir().join("today.html");
    let wrong = office.run(&["today", "--days", "x"]).await;
    assert_eq!(wrong.status.code(), Some(2), "{}", told(&wrong));
    office.run_well(&["today", "--out", page.to_str().expect("a path")]).await;
    assert!(std::fs::read_to_string(page).expect("a page").contains("<h"), "a page for a browser");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_site_that_is_down_is_told_first() {
    let office = Plan::new().site("http://127.0.0.1:9/").set_up();
    office.run_well(&["patrol"]).await;
    let list = said(&office, &["today"]).await;
    assert!(list.contains("一、网站访问异常1个") && list.contains("首页打不开（连接不上）"), "{list}");
    assert!(!list.contains('【'), "nothing to paste: {list}");
}

/// Stores one round of visits to the only site every half an hour up to now, the last of them a minute ago.
fn sampled(office: &Office, opened: &[bool]) {
    std::fs::create_dir_all(office.dir().join("state")).expect("a folder");
    let mut db = FactsDb::open(&office.dir().join("state")).expect("facts.db");
    let mut at = xuncha::patrol::now()
        - TimeDelta::minutes(1)
        - TimeDelta::minutes(30) * i32::try_from(opened.len()).expect("few");
    let beginning = at;
    for opened in opened {
        at += TimeDelta::minutes(30);
        let round = db.begin_round(at, at).expect("a round");
        db.witness_round(round, true).expect("a witness");
        let outcome = if *opened { Outcome::Opened } else { Outcome::Failed("refused".to_owned()) };
        let sample = Sample { round, at, ip: Ip::V4, addr: None, status: None, outcome, took_ms: 80 };
        let taken = Taken {
            site: "9901000100".to_owned(),
            group: "192.0.2.1".to_owned(),
            reached: Some(*opened),
            sample,
        };
        db.put_samples(&[taken]).expect("samples");
        db.end_round(round, at, beginning).expect("a whole round");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn spaced_visits_say_who_is_down_and_who_comes_and_goes() {
    let down = Plan::new().site("http://127.0.0.1:9/").set_up();
    sampled(&down, &[true, true, false, false, false]);
    let list = said(&down, &["today"]).await;
    assert!(
        list.contains("一、网站访问异常1个") && list.contains("连续3次定时访问未能打开（连接被拒绝）"),
        "{list}"
    );
    assert!(list.contains("尚未完成过巡查") && list.contains("定时访问截至"), "{list}");
    let text = said(&down, &["today", "--text"]).await;
    assert!(text.starts_with("【访问异常提示】示例市交通运输局：贵单位“示例网站1”网站首页自"), "{text}");

    // What was declared is no trouble, on its days.
    let declare = |from: u64, until: u64| {
        let rows = format!(
            "规则,对象,理由,有效期自,有效期至\n全部,9901000100,机房搬迁,{},{}\n",
            later(from),
            later(until)
        );
        std::fs::write(down.dir().join("exemptions.csv"), rows).expect("writes");
    };
    declare(0, 1);
    let list = said(&down, &["today"]).await;
    assert!(!list.contains("网站访问异常"), "{list}");
    declare(1, 2);
    assert!(said(&down, &["today"]).await.contains("一、网站访问异常1个"), "from tomorrow on");

    let unsteady = Plan::new().site("http://127.0.0.1:9/").set_up();
    sampled(&unsteady, &[true, false, true, false, false, true]);
    let list = said(&unsteady, &["today"]).await;
    assert!(list.contains("首页时通时断，近24小时定时访问6次，其中3次未能打开"), "{list}");

    let well = Plan::new().site("http://127.0.0.1:9/").set_up();
    well.run_well(&["patrol"]).await;
    assert!(said(&well, &["today"]).await.contains("首页打不开"), "the patrol's look");
    sampled(&well, &[false, true]);
    let list = said(&well, &["today"]).await;
    assert!(list.contains("首页打不开"), "a visit before the look says nothing: {list}");
    let rows = format!("rule,target,reason,from,until\nall,9901000100,机房搬迁,{0},{0}\n", later(0));
    std::fs::write(well.dir().join("exemptions.csv"), rows).expect("writes");
    let list = said(&well, &["today"]).await;
    assert!(!list.contains("首页打不开"), "declared for today: {list}");
}
