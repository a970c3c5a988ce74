//! `broken-link`: a link target that a visitor cannot open. Owns the verdict table of link answers.

use serde::Deserialize;

use super::{Context, Defect, check};
use crate::exchange::{ConnectError, ReadError, ResolveError};
use crate::facts::answer::{Answer, Fault};
use crate::facts::page::LinkKind;
use crate::facts::site::Link;
use crate::finding::{Cause, Confidence, Gap, Seen};

check! {
    /// 断链
    ///
    /// ## What it does
    /// Flags a link target (page, picture, attachment, script, style sheet, outside page) that a GET does not open: 404
    /// and 410, server errors, names that do not exist, refused or broken connections, circular redirects. One target is
    /// one finding, however many pages carry it.
    ///
    /// ## Why it matters
    /// Links that do not open cost points on the home page and elsewhere, and every bulletin lists them.
    ///
    /// ## Gaps
    /// A firewall's page or status, a login, a certificate we could not verify, a name server that failed, and every
    /// limit of our own say nothing about the page. A 404 from a host whose home page did not answer well in the same
    /// look, or that in the end does not answer well for a page known to be there, says nothing either: it may be meant
    /// for us alone. Silence, broken connections and 503 stay 疑似 however often they are seen.
    ///
    /// ## Example
    /// The footer's 无障碍说明 answers 404 in two looks six hours apart: flagged once, with the number of pages.
    BrokenLink = "broken-link", Link, Params, run
}

/// Parameters of `broken-link`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Params {
    /// Statuses beside 404, 410 and 5xx that count as broken. Others of 4xx are how firewalls answer.
    client_errors: Vec<u16>,
    /// Age in days from which an article's dead links are old stock (存量).
    stock_after_days: u32,
}

fn run(link: &Link, params: &Params, cx: Context) -> Seen<Vec<Defect>> {
    let Some(reason) = verdict(link, &params.client_errors)? else { return Ok(Vec::new()) };
    let confidence = match &link.answer {
        // Silence and broken answers are how some firewalls turn programs away, and 503 says of itself that it passes:
        // however often seen, a person should look.
        Answer::ServerError(503)
        | Answer::Unreachable(Fault::Connect(ConnectError::Timeout | ConnectError::Reset) | Fault::Read(_)) => {
            Confidence::Low
        }
        Answer::Unreachable(_) | Answer::ServerError(_) => Confidence::Medium,
        _ => Confidence::High,
    };
    Ok(vec![defect(link, &format!("打不开（{reason}）"), confidence, params.stock_after_days, cx)])
}

/// What is wrong with the target, in words for a list; `None` where nothing is.
fn verdict(link: &Link, client_errors: &[u16]) -> Seen<Option<String>> {
    // That a host has no home page either is what a dead outside host looks like; of the site itself it is an outage.
    let control = if link.external { Control::NotNeeded } else { Control::Needed };
    let (reason, control) = match &link.answer {
        // What comes with success, or can never be asked for, is for the checks that know what is wrong with it.
        Answer::There
        | Answer::SoftNotFound
        | Answer::HomeInstead
        | Answer::SameForAll
        | Answer::FaultyFile(_)
        | Answer::NoFile(_)
        | Answer::Impossible(_)
        | Answer::Astray(_) => return Ok(None),
        Answer::NotFound(status) => (format!("返回{status}"), Control::Needed),
        Answer::ClientError(status) if client_errors.contains(status) => {
            (format!("返回{status}"), Control::Needed)
        }
        // 520 to 530 are a proxy's own and how some firewalls answer.
        Answer::ClientError(status) | Answer::ServerError(status @ 520..) => {
            return Err(gap(link, &format!("status-{status}")));
        }
        Answer::ServerError(status) => (format!("返回{status}"), control),
        Answer::Loop => ("循环跳转".to_owned(), Control::Needed),
        Answer::BadRedirect => ("跳转到无效地址".to_owned(), Control::Needed),
        Answer::NoSuchName => ("域名不存在".to_owned(), Control::NotNeeded),
        Answer::Unreachable(fault) => (unreachable(link, *fault)?.to_owned(), control),
        Answer::Challenge(_) => return Err(gap(link, "blocked")),
        Answer::Restricted => return Err(gap(link, "restricted")),
        Answer::Unknown(why) => return Err(gap(link, why)),
    };
    if control == Control::Needed && !link.control_ok {
        Err(gap(link, "no-control"))
    } else {
        Ok(Some(reason))
    }
}

/// Whether an answer counts only beside a home page that answered well.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Control {
    Needed,
    NotNeeded,
}

fn unreachable(link: &Link, fault: Fault) -> Seen<&'static str> {
    match fault {
        Fault::Resolve(ResolveError::NoSuchName) => Ok("域名不存在"),
        Fault::Resolve(ResolveError::NoAddress) => Ok("域名没有解析地址"),
        Fault::Resolve(ResolveError::ServerFailure | ResolveError::Timeout) => Err(gap(link, "dns")),
        Fault::Connect(ConnectError::Refused) => Ok("连接被拒绝"),
        Fault::Connect(ConnectError::Timeout) => Ok("连接超时"),
        Fault::Connect(ConnectError::Reset) | Fault::Read(ReadError::Cut) => Ok("连接中断"),
        Fault::Connect(ConnectError::NoRoute) => Err(gap(link, "no-route")),
        Fault::Tls => Err(gap(link, "tls")),
        Fault::Read(ReadError::Timeout) => Ok("响应超时"),
        Fault::Read(ReadError::Malformed) => Ok("返回内容无法识别"),
    }
}

/// The gap over this target for the reason `why`.
pub(super) fn gap(link: &Link, why: &str) -> Gap {
    Gap::new(&link.url, why)
}

/// The defect of a link: its text and kind, what it does (`打不开（返回404）`), and how far the cause reaches.
pub(super) fn defect(
    link: &Link,
    what: &str,
    confidence: Confidence,
    stock_days: u32,
    cx: Context,
) -> Defect {
    let noun = match (link.kind, link.external) {
        (LinkKind::Image, _) => "图片",
        (LinkKind::Attachment, _) => "附件",
        (LinkKind::Script, _) => "脚本文件",
        (LinkKind::Style, _) => "样式文件",
        (LinkKind::Frame, _) => "内嵌页面",
        (LinkKind::Media, _) => "音视频",
        (LinkKind::Page, true) => "外部链接",
        (LinkKind::Page, false) => "链接",
    };
    let text = link.text.trim();
    let name = if text.is_empty() { noun.to_owned() } else { format!("“{text}”{noun}") };
    let reach = match link.cause {
        Cause::Template(pages) => format!("，涉及{pages}个页面，修改模板1处即可"),
        Cause::Several(pages) => match &link.column {
            Some((name, _)) if link.one_column => format!("，涉及“{name}”栏目的{pages}个页面"),
            _ => format!("，涉及{pages}个页面"),
        },
        Cause::Single => String::new(),
    };
    let age = |day| cx.as_of.signed_duration_since(day).num_days();
    let stock = link.newest_carrier.is_some_and(|day| age(day) > i64::from(stock_days));
    let excerpt = if text.is_empty() { link.url.clone() } else { format!("{text} → {}", link.url) };
    Defect { stock, ..Defect::new(format!("{name}{what}{reach}。"), excerpt, confidence) }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::stale_column::tests::{cx, day};
    use super::*;
    use crate::calendar::from_millis;
    use crate::finding::Look;

    pub(in crate::checks) fn link(answer: Answer) -> Link {
        let url = "http://www.example.gov.cn/wza.html".to_owned();
        Link {
            url: url.clone(),
            kind: LinkKind::Page,
            external: false,
            answer,
            control_ok: true,
            page: "http://www.example.gov.cn/".to_owned(),
            text: "无障碍说明".to_owned(),
            column: None,
            one_column: false,
            cause: Cause::Single,
            on_home: true,
            newest_carrier: None,
            look: Look {
                at: from_millis(0),
                url,
                hops: vec![],
                addr: None,
                status: None,
                error: None,
                headers: vec![],
                body_sha256: String::new(),
            },
        }
    }

    fn outcome(link: &Link) -> Result<Option<String>, String> {
        verdict(link, &[400, 405, 414]).map_err(|gap| gap.why)
    }

    #[test]
    fn the_verdict_table() {
        let unknown = || Answer::Unknown("robots".to_owned());
        for (answer, expected) in [
            (Answer::There, Ok(None)),
            (Answer::SoftNotFound, Ok(None)),
            (Answer::NotFound(404), Ok(Some("返回404"))),
            (Answer::NotFound(410), Ok(Some("返回410"))),
            (Answer::ClientError(400), Ok(Some("返回400"))),
            (Answer::ClientError(403), Err("status-403")),
            (Answer::ClientError(406), Err("status-406")),
            (Answer::ClientError(412), Err("status-412")),
            (Answer::ClientError(429), Err("status-429")),
            (Answer::ServerError(500), Ok(Some("返回500"))),
            (Answer::ServerError(521), Err("status-521")),
            (Answer::Loop, Ok(Some("循环跳转"))),
            (Answer::BadRedirect, Ok(Some("跳转到无效地址"))),
            (Answer::NoSuchName, Ok(Some("域名不存在"))),
            (Answer::Unreachable(Fault::Connect(ConnectError::Refused)), Ok(Some("连接被拒绝"))),
            (Answer::Unreachable(Fault::Connect(ConnectError::Timeout)), Ok(Some("连接超时"))),
            (Answer::Unreachable(Fault::Connect(ConnectError::NoRoute)), Err("no-route")),
            (Answer::Unreachable(Fault::Resolve(ResolveError::ServerFailure)), Err("dns")),
            (Answer::Unreachable(Fault::Resolve(ResolveError::Timeout)), Err("dns")),
            (Answer::Unreachable(Fault::Read(ReadError::Timeout)), Ok(Some("响应超时"))),
            (Answer::Unreachable(Fault::Tls), Err("tls")),
            (Answer::Challenge("521".to_owned()), Err("blocked")),
            (Answer::Restricted, Err("restricted")),
            (unknown(), Err("robots")),
        ] {
            let expected = expected.map(|reason| reason.map(str::to_owned)).map_err(str::to_owned);
            assert_eq!(outcome(&link(answer.clone())), expected, "{answer:?}");
        }
    }

    #[test]
    fn without_a_control_only_what_needs_none_is_told() {
        let refused = Answer::Unreachable(Fault::Connect(ConnectError::Refused));
        for (answer, external, accused) in [
            (Answer::NotFound(404), false, false),
            (Answer::NotFound(404), true, false),
            (Answer::ServerError(500), false, false),
            (Answer::ServerError(500), true, true),
            (refused.clone(), false, false),
            (refused, true, true),
            (Answer::NoSuchName, false, true),
            (Answer::NoSuchName, true, true),
            (Answer::Loop, true, false),
        ] {
            let subject = Link { control_ok: false, external, ..link(answer.clone()) };
            let expected = if accused { Ok(true) } else { Err("no-control".to_owned()) };
            assert_eq!(outcome(&subject).map(|reason| reason.is_some()), expected, "{answer:?} {external}");
        }
    }

    #[test]
    fn the_sentence_names_text_kind_and_reach() {
        let params = Params { client_errors: vec![], stock_after_days: 730 };
        let say = |link: &Link| run(link, &params, cx()).expect("seen").remove(0);
        let template = Link { cause: Cause::Template(1043), ..link(Answer::NotFound(404)) };
        assert_eq!(
            say(&template).description,
            "“无障碍说明”链接打不开（返回404），涉及1043个页面，修改模板1处即可。"
        );
        let image = Link { kind: LinkKind::Image, text: String::new(), ..link(Answer::ServerError(502)) };
        assert_eq!(say(&image).description, "图片打不开（返回502）。");
        assert_eq!(say(&image).confidence, Confidence::Medium);
        let outside = Link { external: true, cause: Cause::Several(3), ..link(Answer::NoSuchName) };
        let column = Some(("政务公开-规划计划".to_owned(), "http://www.example.gov.cn/ghjh/".to_owned()));
        let within = Link { column, one_column: true, ..outside.clone() };
        assert!(say(&within).description.ends_with("，涉及“政务公开-规划计划”栏目的3个页面。"));
        assert_eq!(say(&outside).description, "“无障碍说明”外部链接打不开（域名不存在），涉及3个页面。");
    }

    #[test]
    fn links_of_old_articles_alone_are_old_stock() {
        let params = Params { client_errors: vec![], stock_after_days: 730 };
        for (carrier, stock) in [(None, false), (Some(day(2024, 1, 1)), true), (Some(day(2026, 1, 1)), false)]
        {
            let subject = Link { newest_carrier: carrier, ..link(Answer::NotFound(404)) };
            assert_eq!(run(&subject, &params, cx()).expect("seen").remove(0).stock, stock, "{carrier:?}");
        }
    }
}
