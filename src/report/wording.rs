//! The words of the papers: printed terms, and text made safe to print. Owns no layout.

use chrono::NaiveDate;

use crate::exchange::{ConnectError, FetchError, ReadError, ResolveError};
use crate::finding::{Class, Severity};
use crate::judge::outage::{OwnFailure, Void};

/// 处置要求 as printed.
pub fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Immediate => "立行立改",
        Severity::Deadline => "限期整改",
        Severity::Advisory => "提示",
    }
}

/// How the indicator counts it, as the letter's 备注 says it; empty where nothing need be said.
pub fn class(class: Class) -> &'static str {
    match class {
        Class::Veto => "单项否决情形",
        Class::VetoCount => "计入单项否决累计项",
        Class::Deduction | Class::Advisory => "",
    }
}

/// Why something could not be seen, in words for a reader; unknown words become 其他原因, never English.
pub fn gap_reason(why: &str) -> &'static str {
    let word = why.split(':').next().unwrap_or(why).trim();
    match word {
        "blocked" => "页面防护拦截",
        "needs-render" | "items-elsewhere" | "shell" => "页面内容由脚本加载",
        "foot-by-script" | "no-foot" => "页面底部由脚本生成或无法识别",
        "frameset" | "frame-content" => "页面内容在内嵌框架中",
        "robots" | "robots-unreadable" => "网站robots.txt不允许访问或无法读取",
        "restricted" | "login" => "需登录后访问",
        "timeout" => "访问超时",
        "unstable" | "unreachable" | "body-cut" | "not-fetched" => "访问不稳定，未取得完整页面",
        "dns" | "dns-failure" | "dns-timeout" | "resolve" | "no-such-name" => "域名解析失败",
        "tls" | "tls-not-seen" | "not-tls" | "certificate-unreadable" => "安全连接未能建立",
        "tls-legacy" => "网站仅支持旧版或国密加密协议，监测程序不能建立连接",
        "recovering" => "已恢复访问，近7天记录尚未满足复核条件",
        "content-under-404" => "返回404但显示正文，需人工核查",
        "no-control" => "核查时网站整体访问不正常",
        "undated" | "no-date" => "页面未注明可识别的发布时间",
        "not-known" => "规则所需的情况未能取得",
        "expression-failed" => "规则的表达式对该对象算不出结果",
        "future-date" => "页面标注的发布时间晚于监测日期",
        "uncertain" => "页面内容无法自动识别",
        "page-too-complex" | "page-too-large" | "page-bytes" | "head-size" => "页面过大或结构过于复杂",
        "packing" => "页面压缩方式无法识别",
        "no-ipv6-here" => "监测环境无IPv6网络",
        "home-not-over-ipv6" => "首页未能经IPv6打开，未再检测下级链接",
        "too-few-links" => "下级链接过少，不计算比例",
        "no-ipv4" => "仅有IPv6地址，无IPv4页面可比",
        "no-zone" => "未找到域名的权威服务器",
        "no-route" | "own-network" => "监测环境网络不通",
        "fails-over-ipv4-too" => "经IPv4也未能正常访问",
        "trap" => "网址循环生成，未全部访问",
        "redirect-loop" | "bad-redirect" | "redirects" => "跳转异常",
        "leads-on" => "首页自动转向的页面未能读取",
        "cookies" => "须接受Cookie才能访问",
        "not-a-url" | "page-url" | "url-length" | "scheme" => "链接格式不规范",
        "not-mapped" | "mapped" | "ip-literal" => "不在本次监测的网址范围",
        "egress" => "地址不在允许监测的范围",
        "inner-address" => "公网域名被解析为内网地址",
        "unsteady" => "同一次核查中时好时坏",
        "temporary" => "网站暂停服务或维护中",
        "proxy" => "经代理访问，无法判定",
        "our-limit" | "budget" | "not-reached" | "not-read" | "not-visited" | "not-tried" => {
            "超出本次监测的数量或时间上限"
        }
        "page-instead-of-file" => "附件地址返回的是网页，无法自动判定",
        "no-evidence" => "没有佐证（导出表、报送链接、人工核查等）",
        "source-broken" => "佐证来源失效或无法读取",
        "evidence-undated" => "佐证没有注明截止日期",
        "evidence-late" => "佐证来源滞后",
        "evidence-old" => "佐证截止日过早，不足以证明",
        "evidence-partial" => "佐证只列出部分信息",
        "hints-only" => "只有订阅源等线索，不能证明未更新",
        "interaction-declared" | "interaction-unknown" => "互动功能未经人工核查",
        "app-not-tried" => "没有人工核查能否下载使用",
        "output-unknown" => "没有发布数量的佐证",
        "titles-unknown" | "site-titles-unknown" => "没有标题清单可供比对",
        "links-unknown" => "没有菜单链接的佐证",
        "closing-undated" => "登记表未填停用（注销）时间",
        "no-unit" => "登记表没有主办单位",
        "register-without-ids" => "登记表缺账号ID，无法比对",
        "one-look" | "single-look" => "尚未完成复核",
        "no-such-column" => "未见该名称的栏目",
        "no-answer-date" => "留言页面未标明答复时间",
        "no-issues" => "未见标明期号的政府公报",
        "search-by-script" | "search-unclear" | "search-elsewhere" => {
            "站内搜索由脚本或其他网站提供，无法自动判断"
        }
        "no-title-to-search" => "首页没有可供搜索核对的信息",
        "no-imported-table" => "登记表中没有找错留言（public-reports.csv）",
        "no-calendar-year" => "工作日历缺少相应年份",
        "no-texts" | "few-articles" => "没有足够的稿件正文可供比对",
        "no-guide-text" => "办事指南正文由脚本加载或为附件",
        "address-personal" => "网址中含有个人证件号码、手机号码等，未予访问",
        "file-not-read" => "附件未能完整读取正文（过大、加密、损坏或超出读取总量）",
        "file-format" => "附件为不能自动读取正文的格式（PDF、DOC等）",
        "no-visits" | "few-visits" => "定时访问记录不足",
        "not-asked" | "rule-without-day" => "规则所需信息未采集或规则未写明时限",
        _ if word.starts_with("status-") => "页面返回异常状态",
        _ => "其他原因",
    }
}

/// What would help against a gap; for the third column of 未判定事项.
pub fn gap_advice(why: &str) -> &'static str {
    match why.split(':').next().unwrap_or(why).trim() {
        "blocked" => "请协调承办单位将监测地址加入白名单",
        "tls-legacy" => "请用浏览器人工核查；建议支持TLS 1.2及以上协议",
        "robots" | "robots-unreadable" => "请核实robots.txt设置，或者在监测登记中授权访问",
        "timeout" | "unstable" | "unreachable" | "body-cut" | "not-fetched" | "dns" | "dns-failure"
        | "dns-timeout" | "resolve" | "tls" | "no-control" | "our-limit" | "budget" | "not-reached"
        | "not-read" | "not-visited" | "not-tried" | "no-route" | "own-network" | "unsteady"
        | "temporary" => "将在下次监测时复核",
        "inner-address" => "请检查本单位的域名服务器或代理软件",
        "undated" | "no-date" => "建议在列表和文章页标注发布时间",
        "future-date" => "请核实发布时间",
        "no-evidence" | "source-broken" | "evidence-undated" | "evidence-late" | "evidence-old"
        | "evidence-partial" | "hints-only" => "请提供截至近日的导出表，或报送最新一条信息的链接",
        "closing-undated" | "no-unit" | "register-without-ids" => "请补填新媒体登记表",
        _ => "由监测单位人工核查",
    }
}

/// What was not seen, for a reader.
pub fn gap_subject(subject: &str) -> String {
    let subject = one_line(subject);
    let counted = |unit| subject.strip_suffix(unit).filter(|count| count.bytes().all(|b| b.is_ascii_digit()));
    match (counted(" pages"), counted(" files")) {
        (Some(count), _) => format!("{count}个页面"),
        (_, Some(count)) => format!("{count}个附件"),
        (None, None) => subject,
    }
}

/// A window of our own failure, for status, report and log.
pub fn own_failure(look: u8, void: &Void) -> String {
    let (from, until) = (void.from, void.until);
    let until = if from.date_naive() == until.date_naive() {
        until.format("%H:%M:%S").to_string()
    } else {
        until.format("%-m月%-d日%H:%M:%S").to_string()
    };
    let sites = void.sites;
    let why = match (void.why, sites) {
        (OwnFailure::Witnesses, _) => "见证网址均无法访问".to_owned(),
        (OwnFailure::Portal, 0) => "见证网址均被换成别的页面，疑似上网认证页面".to_owned(),
        (OwnFailure::Portal, _) => format!("{sites}个互不相关的网站返回同一个无关页面，疑似上网认证页面"),
        (OwnFailure::Together, _) => format!("{sites}个网站同时无法访问，其中至少5个互不相关"),
        (OwnFailure::InnerNames, _) => format!("{sites}个网站的公网域名被解析为内网地址"),
        (OwnFailure::Many, _) => format!("{sites}个网站无法访问，超过所查网站的五分之一"),
    };
    let worth = match void.why {
        OwnFailure::Many => "这些访问失败一律不作为问题",
        _ => "该时段的访问结果作废，不计为一次核查",
    };
    format!(
        "第{look}次核查{}至{until}，{why}。按监测单位自身网络异常处理：{worth}。",
        from.format("%-m月%-d日%H:%M:%S")
    )
}

/// Why no answer came, for 佐证.
pub fn fetch_error(error: &FetchError) -> String {
    let text = match error {
        FetchError::Resolve(ResolveError::NoSuchName) => "域名不存在",
        FetchError::Resolve(ResolveError::NoAddress) => "域名无可用地址",
        FetchError::Resolve(ResolveError::ServerFailure) => "域名解析失败",
        FetchError::Resolve(ResolveError::Timeout) => "域名解析超时",
        FetchError::Connect(ConnectError::Refused) => "连接被拒绝",
        FetchError::Connect(ConnectError::Timeout) => "连接超时",
        FetchError::Connect(ConnectError::Reset) => "连接被中断",
        FetchError::Connect(ConnectError::NoRoute) => "监测环境无到达路由",
        FetchError::Tls(_) => "安全连接未能建立",
        FetchError::Head(ReadError::Timeout) => "已连接，等待响应超时",
        FetchError::Body(ReadError::Timeout) => "读取页面超时",
        FetchError::Head(_) => "已连接，未返回有效响应",
        FetchError::Body(_) => "页面传输中断",
        FetchError::RedirectLoop => "循环跳转",
        FetchError::RedirectTarget(_) => "跳转目标无效",
        FetchError::Ours(_) => "受监测规则限制未访问",
    };
    text.to_owned()
}

/// `2026年第11批` for `202611`, `2026年11月第2批` for `202611-2`; any other name of a batch as it is.
pub fn batch_title(batch: &str) -> String {
    match (year_month(batch), batch.split_once('-')) {
        (Some((year, month)), None) => format!("{year}年第{month}批"),
        (Some((year, month)), Some((_, nth))) => format!("{year}年{month}月第{nth}批"),
        (None, _) => format!("{batch}批次"),
    }
}

/// `2026年11月` for a batch `202611`; the month of `on` for any other name.
pub fn batch_month(batch: &str, on: NaiveDate) -> String {
    use chrono::Datelike as _;
    let (year, month) = year_month(batch).unwrap_or((on.year(), on.month()));
    format!("{year}年{month}月")
}

/// Text that is safe to print: no control characters (line feeds stay), none that turn the direction of
/// reading or join words invisibly, and no run of digits that is a valid 公民身份号码.
pub fn printable(text: &str) -> String {
    let kept: String =
        text.chars().filter(|&c| c == '\n' || !(c.is_control() || turns_direction(c))).collect();
    without_id_numbers(&kept)
}

/// [`printable`] on one line: runs of white space become one space.
pub fn one_line(text: &str) -> String {
    printable(&text.replace(['\r', '\n', '\t'], " ")).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// At most `most` characters of `text`, with an ellipsis where something was cut.
pub fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

/// Columns that `text` takes on a character grid: two for a Chinese character, one for a Latin one.
pub fn columns(text: &str) -> usize {
    text.chars().map(|c| if (c as u32) < 0x1100 && !"“”‘’—…·×".contains(c) { 1 } else { 2 }).sum()
}

fn year_month(batch: &str) -> Option<(i32, u32)> {
    let (batch, nth) = batch.split_once('-').unwrap_or((batch, "1"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let sound = batch.len() == 6 && digits(batch) && digits(nth);
    let (year, month) = sound.then(|| batch.split_at_checked(4)).flatten()?;
    let month = month.parse().ok().filter(|m| (1..=12).contains(m))?;
    Some((year.parse().ok()?, month))
}

fn turns_direction(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Last line of defence: checks mask what they find, but a link's text or an address may still carry a number.
fn without_id_numbers(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut run = String::new();
    for c in text.chars().chain(['\0']) {
        if c.is_ascii_digit() || (matches!(c, 'X' | 'x') && run.len() == 17) {
            run.push(c);
            continue;
        }
        if is_id_number(&run) {
            out.push_str(&"*".repeat(18));
        } else {
            out.push_str(&run);
        }
        run.clear();
        if c != '\0' {
            out.push(c);
        }
    }
    out
}

/// GB 11643: 17 digits with a date in the middle, and a check digit by ISO 7064 MOD 11-2.
fn is_id_number(run: &str) -> bool {
    let bytes = run.as_bytes();
    if bytes.len() != 18 {
        return false;
    }
    let number =
        |range: std::ops::Range<usize>| run.get(range).and_then(|s| s.parse::<u32>().ok()).unwrap_or(0);
    let dated = (1900..2100).contains(&number(6..10))
        && (1..=12).contains(&number(10..12))
        && (1..=31).contains(&number(12..14));
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 =
        bytes.iter().zip(weights).map(|(b, weight)| u32::from(b.wrapping_sub(b'0')) * weight).sum();
    let check = b"10X98765432"[(sum % 11) as usize];
    dated && bytes.last().is_some_and(|last| last.to_ascii_uppercase() == check)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches() {
        let on = NaiveDate::from_ymd_opt(2026, 11, 20).expect("a date");
        assert_eq!(batch_title("202611"), "2026年第11批");
        assert_eq!(batch_title("202601"), "2026年第1批");
        assert_eq!(batch_title("202611-2"), "2026年11月第2批");
        assert_eq!(batch_title("演示"), "演示批次");
        assert_eq!(batch_title("202613"), "202613批次");
        assert_eq!(batch_month("202610", on), "2026年10月");
        assert_eq!(batch_month("x", on), "2026年11月");
    }

    #[test]
    fn gaps_are_told_in_chinese() {
        assert_eq!(gap_reason("blocked: 412"), "页面防护拦截");
        assert_eq!(gap_reason("status-502"), "页面返回异常状态");
        assert_eq!(gap_reason("some-new-word"), "其他原因");
        assert_eq!(gap_advice("blocked"), "请协调承办单位将监测地址加入白名单");
        assert_eq!(gap_subject("2000 pages"), "2000个页面");
        assert_eq!(gap_subject("12 files"), "12个附件");
        assert_eq!(gap_subject("https://a.example/some pages"), "https://a.example/some pages");
    }

    #[test]
    fn nothing_hidden_is_printed() {
        assert_eq!(printable("a\u{1b}[31m红\u{202e}字\0"), "a[31m红字");
        assert_eq!(one_line(" a\r\n\tb  c "), "a b c");
        assert_eq!(printable("两\n行"), "两\n行");
    }

    #[test]
    fn id_numbers_never_pass() {
        // The number printed in GB 11643 itself as its example.
        assert_eq!(printable("号码11010519491231002X。"), "号码******************。");
        assert_eq!(printable("?id=11010519491231002x&b"), "?id=******************&b");
        assert_eq!(printable("t20261116_110105194912310021"), "t20261116_110105194912310021");
        assert_eq!(printable("1101051949123100211010"), "1101051949123100211010");
    }

    #[test]
    fn widths_count_chinese_twice() {
        assert_eq!(columns("断链 404"), 8);
        assert_eq!(columns("“a”"), 5);
        assert_eq!(shortened("一二三四", 3), "一二…");
        assert_eq!(shortened("一二三", 3), "一二三");
    }
}
