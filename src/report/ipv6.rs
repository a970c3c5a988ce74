//! `IPv6支持情况`: one site's IPv6 as a part of its report, every figure with its numerator and denominator.

use std::fmt::Write as _;

use super::wording;
use super::{Document, Inline, Table, Tone};
use crate::exchange::{ConnectError, ResolveError};
use crate::facts::alike::{Likeness, Verdict};
use crate::facts::authority::{Answered, Authority, NameServer, Standing};
use crate::facts::ipv6::{Ipv6Facts, Otherwise, lack};
use crate::facts::lately::Tally;
use crate::facts::reach::{Level, NameSeen, Ratio, Reach};
use crate::facts::visits::{Ip, Sample};
use crate::finding::Gap;

/// Rows printed of one table; the rest is counted.
const MOST_ROWS: usize = 100;

/// Adds the section; `week` are the spaced visits of both families before the look. What only our own machine prevented reads 未检测, never 不支持.
pub(super) fn section(doc: &mut Document, facts: Option<&Ipv6Facts>, week: &[Sample]) {
    doc.heading(1, "IPv6支持情况");
    let Some(facts) = facts else {
        doc.paragraph("未检测（首页为IP地址，或者域名已指定连接地址）。");
        return;
    };
    if let Some(fault) = &facts.own_fault {
        let why = if fault == "proxy" { "经代理访问" } else { "监测环境无可用的IPv6网络" };
        doc.paragraph(format!("未检测：{why}。以下“说明”中的域名解析情况仅供参考，不作为结论。"));
    }
    let mut table = Table::new("", ["项目", "结论", "说明"]);
    for (name, (tone, word), remark) in [
        address(facts),
        home(facts),
        authority(facts),
        likeness(facts),
        below(facts, Level::Second),
        below(facts, Level::Third),
    ] {
        let (tone, word) = if facts.own_fault.is_some() { UNSEEN } else { (tone, word) };
        table.row([name.into(), Inline::Mark(tone, word.to_owned()), remark.into()]);
    }
    let over_time = Tally::of(week, Ip::V6);
    if let Some(row) = visits(&over_time, &Tally::of(week, Ip::V4)) {
        table.row(row);
    }
    doc.table(table);
    if over_time.told() > 0 {
        by_day(doc, week);
    }
    addresses(doc, facts);
    if let Ok(authority) = &facts.authority {
        servers(doc, authority);
    }
    if let Ok(likeness) = &facts.likeness {
        copies(doc, likeness);
    }
    if let Ok(reach) = &facts.reach {
        columns(doc, reach);
        hosts(doc, reach);
        skylights(doc, reach);
        failures(doc, reach);
    }
}

type Word = (Tone, &'static str);
/// One row of the summary.
type Row = (&'static str, Word, String);

const UNSEEN: Word = (Tone::Quiet, "未检测");
const YES: Word = (Tone::Good, "支持");
const NO: Word = (Tone::Bad, "不支持");

fn address(facts: &Ipv6Facts) -> Row {
    let (word, remark) = match &facts.aaaa {
        Ok(found) if !facts.global.is_empty() => (YES, format!("AAAA记录{}", listed(found))),
        Ok(found) if !found.is_empty() => (NO, format!("AAAA记录{}，不是公网可达地址", listed(found))),
        Ok(_) | Err(ResolveError::NoAddress) => (NO, "没有AAAA记录".to_owned()),
        Err(_) => (UNSEEN, "域名解析失败".to_owned()),
    };
    ("域名解析（AAAA）", word, remark)
}

fn home(facts: &Ipv6Facts) -> Row {
    let name = "首页经IPv6访问";
    let Some(exchange) = &facts.home else {
        let named = matches!(facts.aaaa, Ok(_) | Err(ResolveError::NoAddress));
        return match (named, facts.global.is_empty(), facts.tries.is_empty()) {
            (true, true, _) => (name, NO, "没有公网IPv6地址".to_owned()),
            (true, false, false) => (name, NO, "全部地址均不能建立连接".to_owned()),
            _ => (name, UNSEEN, String::new()),
        };
    };
    let took = format!("用时{}毫秒", exchange.took_ms);
    // A fault that shows over IPv4 too is judged by the rule, which knows; here only what came is told.
    match lack(exchange, Otherwise { works: true, https: true }) {
        Ok(None) => (name, YES, took),
        Ok(Some(lack)) => (name, (Tone::Warn, "未能打开"), format!("首页通过IPv6{lack}")),
        Err(why) => (name, UNSEEN, wording::gap_reason(&why).to_owned()),
    }
}

fn authority(facts: &Ipv6Facts) -> Row {
    let name = "域名授权体系";
    let authority = match &facts.authority {
        Ok(authority) => authority,
        Err(gap) => return (name, UNSEEN, reason(gap)),
    };
    let (with, answer, all) = authority.counts();
    let mut remark = format!("{}的权威服务器{all}台，其中{with}台有AAAA记录", authority.zone);
    if facts.own_fault.is_none() {
        let _ = write!(remark, "，{answer}台经IPv6应答");
    }
    let word = match authority.standing() {
        Standing::Whole => (Tone::Good, "完整"),
        Standing::Partly => (Tone::Warn, "不完整"),
        Standing::None => NO,
        Standing::Unknown => UNSEEN,
    };
    (name, word, remark)
}

fn likeness(facts: &Ipv6Facts) -> Row {
    let name = "首页IPv4/IPv6一致性";
    let likeness = match &facts.likeness {
        Ok(likeness) => likeness,
        Err(gap) => return (name, UNSEEN, reason(gap)),
    };
    let mut remark =
        format!("正文相同{}，链接相同{}", percent(likeness.text.into()), percent(likeness.links.into()));
    if let Some(four) = &likeness.over_ipv4 {
        let six = likeness.over_ipv6.took_ms;
        let _ = write!(remark, "；打开用时IPv4为{}毫秒、IPv6为{six}毫秒", four.took_ms);
    }
    let word = match likeness.verdict() {
        Verdict::Same => (Tone::Good, "一致"),
        Verdict::Other => (Tone::Warn, "不一致"),
        Verdict::Unsure => (Tone::Quiet, "无法比较"),
    };
    (name, word, remark)
}

fn below(facts: &Ipv6Facts, level: Level) -> Row {
    let name = match level {
        Level::Second => "二级链接支持率",
        Level::Third => "三级链接支持率",
    };
    let reach = match &facts.reach {
        Ok(reach) => reach,
        Err(gap) => return (name, UNSEEN, reason(gap)),
    };
    let ratio = reach.own(level);
    if ratio.links == 0 {
        return (name, UNSEEN, "没有读到本站链接".to_owned());
    }
    let mut remark = format!("所在主机有公网IPv6地址的{}/{}", ratio.named, ratio.links);
    if ratio.unknown > 0 {
        let _ = write!(remark, "，另有{}个解析未果", ratio.unknown);
    }
    let _ = write!(remark, "；{}", sampled(&ratio));
    if ratio.tried > 0 {
        let _ = write!(remark, "（按种子{}抽取）", reach.seed);
    }
    if level == Level::Third && reach.pages_read < reach.pages {
        let _ = write!(remark, "；三级链接取自{}/{}个二级页面", reach.pages_read, reach.pages);
    }
    let estimate = ratio.estimate().filter(|_| facts.home_came());
    match estimate {
        None => (name, UNSEEN, remark),
        Some(share) => {
            let remark = format!("支持率约{}：{remark}", percent(share));
            (name, if share >= 900 { (Tone::Good, "较高") } else { (Tone::Warn, "偏低") }, remark)
        }
    }
}

/// `抽测20个/共96个，19个可访问，1个不能`.
fn sampled(ratio: &Ratio) -> String {
    if ratio.tried == 0 {
        return format!("抽测0个/共{}个", ratio.named);
    }
    let unclear = ratio.tried - ratio.good - ratio.bad;
    let unclear = if unclear > 0 { format!("，{unclear}个未能判定") } else { String::new() };
    format!(
        "抽测{}个/共{}个，{}个可经IPv6访问，{}个不能{unclear}",
        ratio.tried, ratio.named, ratio.good, ratio.bad
    )
}

/// The spaced visits over IPv6 in one row; `None` where none was told. Told also where our own IPv6 failed during the look: what we
/// spoilt is not among them.
fn visits(six: &Tally, four: &Tally) -> Option<[Inline; 3]> {
    let share = percent(six.share()?);
    let mut remark = format!("定时访问{}次，打开{}次", six.told(), six.opened);
    if six.failed > 0 {
        let _ = write!(remark, "，未打开{}次（其中同时IPv4能打开的{}次）", six.failed, six.alone);
    }
    if six.unknown > 0 {
        let _ = write!(remark, "，另有{}次未能判定", six.unknown);
    }
    if let Some(delay) = six.delay(50) {
        let _ = write!(remark, "；中位时延{delay}毫秒");
        if let Some(delay) = four.delay(50) {
            let _ = write!(remark, "（IPv4为{delay}毫秒）");
        }
    }
    let tone = if six.alone == 0 { Tone::Good } else { Tone::Warn };
    Some(["经IPv6访问成功率".into(), Inline::Mark(tone, share), remark.into()])
}

/// Success and delays of both families, one line a day.
fn by_day(doc: &mut Document, week: &[Sample]) {
    let (six, four) = (Tally::by_day(week, Ip::V6), Tally::by_day(week, Ip::V4));
    let none = Tally::default();
    let mut table = Table::new(
        "按日访问情况（打开次数/访问次数，时延为毫秒）",
        ["日期", "IPv6", "中位时延", "九成不超过", "IPv4", "中位时延", "九成不超过"],
    );
    for (day, six) in six.iter().take(MOST_ROWS) {
        let mut cells = vec![day.format("%Y-%m-%d").to_string().into()];
        for tally in [six, four.get(day).unwrap_or(&none)] {
            let delay =
                |share| tally.delay(share).map_or_else(|| "－".to_owned(), |ms| ms.to_string()).into();
            cells.push(format!("{}/{}", tally.opened, tally.told()).into());
            cells.push(delay(50));
            cells.push(delay(90));
        }
        table.row(cells);
    }
    doc.table(table);
}

fn addresses(doc: &mut Document, facts: &Ipv6Facts) {
    if facts.tries.is_empty() {
        return;
    }
    let mut table = Table::new("逐地址连接（端口80、443）", ["地址", "TCP", "TLS", "TCP用时（毫秒）"]);
    for seen in facts.tries.iter().take(MOST_ROWS) {
        let tls = match &seen.tls {
            None => Inline::Text("－".to_owned()),
            Some(Ok(())) => Inline::Mark(Tone::Good, "已协商".to_owned()),
            Some(Err(_)) => Inline::Mark(Tone::Bad, "失败".to_owned()),
        };
        table.row([seen.addr.to_string().into(), connected(seen.tcp), tls, seen.took_ms.to_string().into()]);
    }
    doc.table(table);
}

fn servers(doc: &mut Document, authority: &Authority) {
    let mut table = Table::new(
        format!("域名{}的权威服务器", authority.zone),
        ["服务器", "AAAA记录", "经IPv6应答", "上级粘连记录（AAAA）"],
    );
    for server in authority.servers.iter().take(MOST_ROWS) {
        let aaaa = match &server.aaaa {
            Ok(found) => listed(found),
            Err(ResolveError::NoAddress | ResolveError::NoSuchName) => "无".to_owned(),
            Err(_) => "解析失败".to_owned(),
        };
        let glue = match &server.glue {
            None => "－".to_owned(),
            Some(glue) if glue.is_empty() => "无".to_owned(),
            Some(glue) => listed(glue),
        };
        table.row([wording::one_line(&server.name).into(), aaaa.into(), answers(server), glue.into()]);
    }
    doc.table(table);
}

fn answers(server: &NameServer) -> Inline {
    let told: Vec<String> = server
        .asked
        .iter()
        .map(|(ip, seen)| match seen {
            Answered::Yes => format!("{ip}应答"),
            Answered::NotForZone(code) => format!("{ip}不提供该域（{code}）"),
            Answered::No(ConnectError::NoRoute) => format!("{ip}本机无路由"),
            Answered::No(_) => format!("{ip}无应答"),
            Answered::NotGlobal => format!("{ip}不是公网可达地址"),
        })
        .collect();
    let tone = match server.answers() {
        Some(true) => Tone::Good,
        Some(false) => Tone::Warn,
        None => Tone::Quiet,
    };
    Inline::Mark(tone, if told.is_empty() { "－".to_owned() } else { told.join("；") })
}

fn copies(doc: &mut Document, likeness: &Likeness) {
    if likeness.verdict() == Verdict::Same {
        return;
    }
    let mut table = Table::new("首页两种方式所得", ["方式", "返回", "网址", "标题", "正文开头（去除数字）"]);
    for (name, sample) in likeness
        .over_ipv4
        .iter()
        .map(|sample| ("IPv4", sample))
        .chain(std::iter::once(("IPv6", &likeness.over_ipv6)))
    {
        table.row([
            name.into(),
            sample.status.to_string().into(),
            wording::one_line(&sample.final_url).into(),
            wording::one_line(&sample.title).into(),
            wording::printable(&sample.text).into(),
        ]);
    }
    doc.table(table);
    if let Some(own) = likeness.restless {
        doc.paragraph(format!("同一页面经IPv4先后两次所得，正文相同{}。", percent(own.into())));
    }
}

fn columns(doc: &mut Document, reach: &Reach) {
    let mut table = Table::new(
        "按栏目",
        ["栏目", "级", "链接数", "所在主机有公网IPv6地址", "抽测", "可经IPv6访问", "不能"],
    );
    let mut left = 0_usize;
    for (level, name) in [(Level::Second, "二级"), (Level::Third, "三级")] {
        for (column, ratio) in reach.by_column(level) {
            if table.rows.len() >= MOST_ROWS {
                left += 1;
                continue;
            }
            let place = column.map_or("其他".into(), |column| Inline::Link {
                text: wording::one_line(&column.name),
                url: column.url.clone(),
            });
            let mut cells = vec![place, name.into()];
            cells.extend(figures(&ratio));
            table.row(cells);
        }
    }
    print(doc, table, left);
}

fn hosts(doc: &mut Document, reach: &Reach) {
    for (own, caption) in [(true, "按本站主机"), (false, "链接的其他网站主机（只查域名解析）")]
    {
        let mut table = Table::new(
            caption,
            ["主机", "域名解析", "链接数", "所在主机有公网IPv6地址", "抽测", "可经IPv6访问", "不能"],
        );
        let hosts = reach.by_host(own);
        for (host, ratio) in hosts.iter().take(MOST_ROWS) {
            let mut cells = vec![wording::one_line(&host.name).into(), name_seen(&host.seen)];
            cells.extend(figures(ratio));
            table.row(cells);
        }
        print(doc, table, hosts.len().saturating_sub(MOST_ROWS));
    }
    let outside = reach.outside();
    if outside.links > 0 {
        doc.paragraph(format!(
            "指向其他网站的链接共{}个，所在主机有公网IPv6地址的{}个，解析未果的{}个。",
            outside.links, outside.named, outside.unknown
        ));
    }
}

fn skylights(doc: &mut Document, reach: &Reach) {
    let lacking = reach.skylights();
    let pages = reach.pages_read + 1;
    if lacking.is_empty() {
        doc.paragraph(format!(
            "天窗：首页和二级页面（共{pages}个）引用其他主机{}个，未发现没有IPv6地址的主机。",
            reach.resources.len()
        ));
        return;
    }
    let mut table = Table::new(
        format!(
            "天窗清单：页面引用、但没有公网IPv6地址的主机（首页和二级页面共{pages}个，按影响页面数排列）"
        ),
        ["主机", "域名解析", "影响页面数", "示例"],
    );
    for (host, resource) in lacking.iter().take(MOST_ROWS) {
        table.row([
            wording::one_line(&host.name).into(),
            name_seen(&host.seen),
            format!("{}/{pages}", resource.pages).into(),
            wording::one_line(&resource.example).into(),
        ]);
    }
    print(doc, table, lacking.len().saturating_sub(MOST_ROWS));
}

fn failures(doc: &mut Document, reach: &Reach) {
    let mut table = Table::new("抽测中只有经IPv6不能打开的链接", ["链接", "级", "情况"]);
    for failed in &reach.failed {
        let level = if failed.level == Level::Second { "二级" } else { "三级" };
        table.row([
            Inline::Link { text: wording::one_line(&failed.url), url: failed.url.clone() },
            level.into(),
            wording::printable(&format!("经IPv6{}", failed.lack)).into(),
        ]);
    }
    print(doc, table, 0);
}

fn print(doc: &mut Document, table: Table, left: usize) {
    if !table.rows.is_empty() {
        doc.table(table);
    }
    if left > 0 {
        doc.paragraph(format!("另有{left}项未列出。"));
    }
}

/// Links, of them by name, tried, good, bad.
fn figures(ratio: &Ratio) -> [Inline; 5] {
    [
        ratio.links.to_string().into(),
        format!("{}/{}", ratio.named, ratio.links).into(),
        format!("{}/{}", ratio.tried, ratio.named).into(),
        if ratio.tried > 0 { format!("{}/{}", ratio.good, ratio.tried) } else { "－".to_owned() }.into(),
        if ratio.tried > 0 { ratio.bad.to_string() } else { "－".to_owned() }.into(),
    ]
}

fn name_seen(seen: &NameSeen) -> Inline {
    let (tone, word) = match seen {
        NameSeen::Global => (Tone::Good, "有AAAA记录"),
        NameSeen::None => (Tone::Warn, "无AAAA记录"),
        NameSeen::NotGlobal => (Tone::Warn, "AAAA记录不是公网可达地址"),
        NameSeen::Unknown(why) => (Tone::Quiet, wording::gap_reason(why)),
    };
    Inline::Mark(tone, word.to_owned())
}

fn connected(tcp: Result<(), ConnectError>) -> Inline {
    let (tone, word) = match tcp {
        Ok(()) => (Tone::Good, "已连接"),
        Err(ConnectError::Refused) => (Tone::Bad, "连接被拒绝"),
        Err(ConnectError::Timeout) => (Tone::Bad, "连接超时"),
        Err(ConnectError::Reset) => (Tone::Bad, "连接中断"),
        Err(ConnectError::NoRoute) => (Tone::Quiet, "本机无路由"),
    };
    Inline::Mark(tone, word.to_owned())
}

fn listed(found: &[std::net::Ipv6Addr]) -> String {
    found.iter().map(ToString::to_string).collect::<Vec<_>>().join("、")
}

fn reason(gap: &Gap) -> String {
    wording::gap_reason(&gap.why).to_owned()
}

/// `92.3%` of thousandths.
fn percent(thousandths: u32) -> String {
    format!("{}.{}%", thousandths / 10, thousandths % 10)
}

#[cfg(test)]
#[path = "ipv6_tests.rs"]
mod tests;
