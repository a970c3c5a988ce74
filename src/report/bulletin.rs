//! 季度通报 and 半年检查通报, each as 下发版 and 公开版, from one data set.

use std::fmt::Write as _;

use chrono::{Datelike as _, NaiveDate};

use super::annexes;
use super::chart::{Chart, Shape};
use super::document::{PENDING, Paper, Part};
use super::figures::{Figures, Group, Problems};
use super::letterhead::Letterhead;
use super::supplement::Supplement;
use crate::calendar::long_date;
use crate::inspection::period::Span;

/// For whom it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// 下发版: to the units.
    Issued,
    /// 公开版: for the website; no telephone numbers, nothing of security items but their kind.
    Public,
}

impl Version {
    /// As file names say it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Issued => "下发版",
            Self::Public => "公开版",
        }
    }
}

/// The bulletin. `due` is the day until which units report back.
pub fn bulletin(
    figures: &Figures,
    head: &Letterhead<'_>,
    more: &Supplement,
    due: Option<NaiveDate>,
    version: Version,
) -> Paper {
    let what = subject(figures);
    let label = figures.period.label();
    let name = match figures.period.span() {
        Span::Half => "检查通报",
        _ => "通报",
    };
    let mut paper = Paper::new(
        format!("{label}{name}（{}）", version.label()),
        &[
            &head.issuer(),
            &format!("关于{label}{}政府网站", head.whole()),
            &format!("{}检查情况的通报", what.trim_start_matches("政府网站")),
        ],
    );
    paper.number = head.number();
    paper.addressee = Some(head.recipients());
    paper.draft = draft(figures);
    paper.text(intro(figures, head, &what));
    paper.level1("总体情况");
    paper.level2("政府网站。", sites(figures, head));
    if figures.accounts.registered > 0 {
        paper.level2("政务新媒体。", accounts(figures, head));
    }
    paper.level2("问题整改。", mending(figures));
    let others = others(figures, more);
    if !others.is_empty() {
        paper.level2("其他情况。", others);
    }
    for chart in charts(figures) {
        paper.body.push(Part::Chart(chart));
    }
    paper.level1("存在的主要问题");
    if figures.themes.is_empty() {
        paper.text(if figures.failures.is_empty() {
            "检查期内未发现需要通报的问题。"
        } else {
            "检查不合格的情形见附件1。"
        });
    }
    for theme in &figures.themes {
        let mut text = format!("共发现{}个问题，涉及{}个单位。", theme.count, theme.units);
        if !theme.examples.is_empty() {
            let rest = if theme.count > theme.examples.len() { "等" } else { "" };
            let _ = write!(text, "如：{}{rest}。", theme.examples.join("；"));
        }
        paper.level2(&format!("{}。", theme.title), text);
    }
    paper.level1("下一步工作要求");
    demands(&mut paper, figures, head, due);
    paper.annexes = annexes::of_bulletin(figures);
    paper.signature = Some(head.issuer());
    paper.date = Some(head.issued);
    paper.notes = match version {
        Version::Issued => vec![head.contact()],
        Version::Public => vec!["此件公开发布".to_owned()],
    };
    paper
}

/// Why it is a draft; `None` where everything is decided.
pub fn draft(figures: &Figures) -> Option<String> {
    let mut members: Vec<&str> = figures.open.iter().map(|open| open.member.code.as_str()).collect();
    members.sort_unstable();
    members.dedup();
    let members = members.len();
    figures.is_draft().then(|| {
        format!(
            "本稿有{members}个网站（账号）共{}项指标未判定，仅供内部核对，不得印发；待核事项见《人工核查表》。",
            figures.open.len()
        )
    })
}

/// Pass rates over the periods, and problems by kind; what would show nothing is left out.
pub fn charts(figures: &Figures) -> Vec<Chart> {
    let mut charts = Vec::new();
    let label = figures.period.label();
    // Where nothing is decided yet there is nothing to draw.
    let known = |point: &super::figures::Point| point.sites.rate().or(point.accounts.rate()).is_some();
    if figures.trend.len() > 1 && figures.trend.iter().any(known) {
        let mut lines = vec![("政府网站".to_owned(), figures.trend.iter().map(|p| p.sites.rate()).collect())];
        if figures.trend.iter().any(|point| point.accounts.checked > 0) {
            lines.push(("政务新媒体".to_owned(), figures.trend.iter().map(|p| p.accounts.rate()).collect()));
        }
        let points = figures.trend.iter().map(|point| point.period.to_string()).collect();
        charts.push(Chart {
            caption: "各期检查合格率".to_owned(),
            file: format!("{label}合格率"),
            shape: Shape::Rates { points, lines },
        });
    }
    if !figures.kinds.is_empty() {
        let bars = figures.kinds.iter().take(12).map(|row| (row.title.clone(), row.tally.assigned)).collect();
        charts.push(Chart {
            caption: format!("{}交办问题分类（项）", figures.period.this()),
            file: format!("{label}问题分类"),
            shape: Shape::Bars(bars),
        });
    }
    charts
}

/// `政府网站与政务新媒体`, or the first alone where no account is registered.
pub fn subject(figures: &Figures) -> String {
    if figures.accounts.registered > 0 { "政府网站与政务新媒体" } else { "政府网站" }.to_owned()
}

/// `合格56个，不合格2个，合格率96.6%，较上季度提高1.9个百分点`; nothing is counted as either while it is undecided.
pub fn standing(group: &Group, before: Option<&Group>, last: &str, noun: &str) -> String {
    let mut text = format!("合格{}个，", group.passed);
    if group.undecided > 0 {
        return format!(
            "{text}不合格{}个，未判定{}个{PENDING}，合格率{PENDING}",
            group.failed, group.undecided
        );
    }
    if group.failed == 0 {
        let _ = write!(text, "未发现不合格{noun}");
    } else {
        let _ = write!(text, "不合格{}个", group.failed);
    }
    if let Some(rate) = group.rate() {
        let _ = write!(text, "，合格率{rate}");
        if let Some(then) = before.and_then(Group::rate) {
            let _ = write!(text, "，{}", rate.against(then, last));
        }
    }
    text
}

/// `本季度共交办问题236项，已整改销号221项，销号率93.6%；…`
pub fn handled(problems: &Problems, this: &str) -> String {
    if problems.assigned == 0 {
        return format!("{this}没有交办的问题。");
    }
    let rate = super::figures::Tenths::of(problems.closed, problems.assigned);
    let rate = rate.map(|rate| format!("，销号率{rate}")).unwrap_or_default();
    let mut text = format!("{this}共交办问题{}项，已整改销号{}项{rate}", problems.assigned, problems.closed);
    let rest = [
        ("经同意延期", problems.extended),
        ("在整改期限内", problems.within),
        ("销号后反弹", problems.relapsed),
        ("逾期未完成", problems.overdue),
    ];
    let rest: Vec<String> =
        rest.iter().filter(|(_, n)| *n > 0).map(|(words, n)| format!("{words}{n}项")).collect();
    if !rest.is_empty() {
        let _ = write!(text, "；{}", rest.join("，"));
    }
    text.push('。');
    text
}

fn intro(figures: &Figures, head: &Letterhead<'_>, what: &str) -> String {
    let basis = if head.papers.basis.is_empty() {
        "按照《国务院办公厅秘书局关于印发政府网站与政务新媒体检查指标、监管工作年度考核指标的通知》（国办秘函〔2019〕19号）\
         和省政府办公厅有关要求"
            .to_owned()
    } else {
        head.papers.basis.clone()
    };
    let period = figures.period.label();
    let quarter = period.split_once('年').map_or(period.as_str(), |(_, quarter)| quarter);
    format!(
        "{basis}，{}于{}组织开展了{quarter}{}{what}检查。现将有关情况通报如下。",
        head.issuer(),
        days(figures.window),
        head.whole()
    )
}

/// `11月24日至12月4日`, with the year only where the two differ.
pub fn days((from, to): (NaiveDate, NaiveDate)) -> String {
    if from == to {
        return format!("{}月{}日", from.month(), from.day());
    }
    if from.year() != to.year() {
        return format!("{}至{}", long_date(from), long_date(to));
    }
    format!("{}月{}日至{}月{}日", from.month(), from.day(), to.month(), to.day())
}

fn sites(figures: &Figures, head: &Letterhead<'_>) -> String {
    let group = &figures.sites;
    let own = format!("{}政府门户网站", head.level());
    let kinds: Vec<String> = figures
        .site_kinds
        .iter()
        .map(|part| {
            let name = if part.name == "本级政府门户网站" { &own } else { &part.name };
            format!("{name}{}个", part.group.registered)
        })
        .collect();
    let among = if kinds.is_empty() { String::new() } else { format!("，其中{}", kinds.join("、")) };
    let share = group.share().map(|share| format!("，检查比例{share}")).unwrap_or_default();
    let to = figures.window.1;
    format!(
        "截至{}月{}日，{}正常运行政府网站{}个{among}。本次检查{}个{share}，{}。",
        to.month(),
        to.day(),
        head.whole(),
        group.registered,
        group.checked,
        standing(group, figures.before.as_ref().map(|p| &p.sites), figures.period.last(), "网站"),
    )
}

fn accounts(figures: &Figures, head: &Letterhead<'_>) -> String {
    let group = &figures.accounts;
    let platforms: Vec<String> = figures
        .platforms
        .iter()
        .filter(|part| part.group.checked > 0)
        .map(|part| format!("{}{}个", part.name, part.group.checked))
        .collect();
    let among =
        if platforms.is_empty() { String::new() } else { format!("，其中{}", platforms.join("、")) };
    let share = group.share().map(|share| format!("，抽查比例{share}")).unwrap_or_default();
    let how = if group.checked == group.registered { "检查" } else { "按比例随机抽查" };
    format!(
        "{}在册政府系统政务新媒体{}个，{how}{}个{share}{among}。{}。",
        head.whole(),
        group.registered,
        group.checked,
        standing(group, figures.before.as_ref().map(|p| &p.accounts), figures.period.last(), "账号"),
    )
}

fn mending(figures: &Figures) -> String {
    use crate::inspection::standing::Outcome;
    let mut text = format!(
        "截至{}月{}日，{}",
        figures.cutoff.month(),
        figures.cutoff.day(),
        handled(&figures.problems, figures.period.this())
    );
    if figures.again.is_empty() {
        return text;
    }
    let count =
        |outcome: Option<Outcome>| figures.again.iter().filter(|again| again.outcome == outcome).count();
    let kinds = |kind| figures.again.iter().filter(|again| again.member.kind == kind).count();
    let (sites, accounts) =
        (kinds(crate::inspection::MemberKind::Site), kinds(crate::inspection::MemberKind::Account));
    let who: Vec<String> = [(sites, "个网站"), (accounts, "个政务新媒体")]
        .into_iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, noun)| format!("{n}{noun}"))
        .collect();
    let _ = write!(text, "对{}通报的{}进行了复查", figures.period.last(), who.join("、"));
    let mended = count(Some(Outcome::Passed));
    let failed: Vec<String> = figures
        .again
        .iter()
        .filter(|again| again.outcome == Some(Outcome::Failed))
        .map(|again| format!("{}“{}”", again.member.host_unit, again.member.name))
        .collect();
    let _ = write!(text, "，{mended}个整改到位");
    if !failed.is_empty() {
        let named = failed.iter().take(5).cloned().collect::<Vec<_>>().join("、");
        let rest = if failed.len() > 5 { "等" } else { "" };
        let _ = write!(text, "，{}个（{named}{rest}）仍不合格", failed.len());
    }
    let gone = count(None);
    if gone > 0 {
        let _ = write!(text, "，{gone}个已关停或者注销");
    }
    let open = count(Some(Outcome::Undecided));
    if open > 0 {
        let _ = write!(text, "，{open}个未判定{PENDING}");
    }
    text.push('。');
    text
}

fn others(figures: &Figures, more: &Supplement) -> String {
    let mut text = more.messages();
    if figures.before.is_some() && figures.accounts_added + figures.accounts_gone > 0 {
        let _ =
            write!(text, "新开设备案账号{}个，关停注销{}个。", figures.accounts_added, figures.accounts_gone);
    }
    match figures.ipv6_portals {
        (0, 0, _) => {}
        (able, 0, 0) => {
            let _ = write!(text, "{able}个政府门户网站首页均可通过IPv6访问。");
        }
        (able, not, 0) => {
            let _ = write!(text, "{able}个政府门户网站首页可通过IPv6访问，{not}个尚不能。");
        }
        (able, not, unknown) => {
            let _ = write!(text, "{able}个政府门户网站首页可通过IPv6访问");
            if not > 0 {
                let _ = write!(text, "，{not}个尚不能");
            }
            let _ = write!(text, "，{unknown}个未能检测。");
        }
    }
    for sentence in &more.other {
        text.push_str(sentence);
    }
    text
}

fn demands(paper: &mut Paper, figures: &Figures, head: &Letterhead<'_>, due: Option<NaiveDate>) {
    let by = due.map_or_else(|| "规定时限".to_owned(), |day| format!("{}前", long_date(day)));
    let annex = if paper_has_failures(figures) { "对照附件" } else { "对照问题清单" };
    let issuer = head.issuer();
    paper.level2(
        "限期整改。",
        format!("请有关单位{annex}逐项整改，举一反三，于{by}将整改情况报{issuer}。{issuer}将适时复查，逾期未整改的按程序督办。"),
    );
    paper.level2(
        "压实责任。",
        "各主管、主办单位要落实内容保障责任，明确专人负责栏目更新、链接维护和账号运维；不再维护的栏目、账号，按程序归并或者关停注销并报备。",
    );
    paper.level2(
        "强化日常监管。",
        "各级各部门要用好日常监测结果，对临近更新时限的栏目、账号及时更新，严格信息发布审核，发现问题立行立改。",
    );
}

fn paper_has_failures(figures: &Figures) -> bool {
    !figures.failures.is_empty()
}
