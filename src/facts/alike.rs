//! Whether two copies of one page are the same page: title, text and links, with what changes at every visit taken out.

use std::collections::{BTreeSet, HashMap};

use serde::{Deserialize, Serialize};
use url::Url;

use super::elements::Tag;
use super::page::PageContext;
use super::regions::{Regions, is_letter};
use super::{decode, html, tokens};
use crate::exchange::Exchange;

/// Letters of text that are compared, and letters shown of each copy.
const MOST_LETTERS: usize = 200_000;
const SHOWN: usize = 160;
/// From here on two copies are one page: a tenth may differ, as in the test that others publish.
const SAME: u16 = 900;

/// One page over IPv4 and over IPv6, set beside each other. Scores are shares in thousandths.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Likeness {
    /// Over IPv4; `None` where the host has no IPv4 address or nothing came.
    pub over_ipv4: Option<Sample>,
    /// Over IPv6.
    pub over_ipv6: Sample,
    /// How much of the text is the same.
    pub text: u16,
    /// How many of the links are the same.
    pub links: u16,
    /// How much of the text was the same when the page was asked for twice over IPv4; `None` where once was enough.
    pub restless: Option<u16>,
}

/// What is shown of one copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// The status.
    pub status: u16,
    /// The URL that answered.
    pub final_url: String,
    /// Its title.
    pub title: String,
    /// The beginning of its text, as it was compared.
    pub text: String,
    /// From the first request to the last byte, in milliseconds.
    pub took_ms: u64,
}

/// What a [`Likeness`] says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The same page.
    Same,
    /// Another page.
    Other,
    /// It cannot be told: the page differs from itself at every visit, or one copy is no page.
    Unsure,
}

/// A copy, read for comparing.
#[derive(Debug, Clone)]
pub struct Reading {
    sample: Sample,
    pairs: HashMap<(char, char), u32>,
    links: BTreeSet<String>,
}

/// Reads a copy; `None` where no answer came.
pub fn read(exchange: &Exchange, body: &[u8]) -> Option<Reading> {
    let reply = exchange.outcome.as_ref().ok()?;
    let url = Url::parse(&reply.url).ok()?;
    let content_type = reply.header("content-type");
    let cx = PageContext {
        url: &url,
        content_type,
        status: Some(reply.status),
        as_of: exchange.at,
        want_structure: false,
    };
    let facts = html::read_page(body, &cx, || false);
    let text = steady_text(body, content_type);
    let links = facts.links.iter().filter_map(|link| steady_link(&link.url, &url)).collect();
    let sample = Sample {
        status: reply.status,
        final_url: reply.url.clone(),
        title: facts.title,
        text: text.chars().take(SHOWN).collect(),
        took_ms: exchange.took_ms,
    };
    Some(Reading { sample, pairs: pairs(&text), links })
}

/// Sets two copies beside each other.
pub fn compare(over_ipv4: Option<&Reading>, over_ipv6: &Reading) -> Likeness {
    let (text, links) =
        over_ipv4.map_or((0, 0), |four| (text_score(four, over_ipv6), link_score(four, over_ipv6)));
    Likeness {
        over_ipv4: over_ipv4.map(|four| four.sample.clone()),
        over_ipv6: over_ipv6.sample.clone(),
        text,
        links,
        restless: None,
    }
}

/// How much of the text of two copies is the same, in thousandths.
pub fn text_score(a: &Reading, b: &Reading) -> u16 {
    let size = |one: &Reading| one.pairs.values().map(|n| u64::from(*n)).sum::<u64>();
    let both = a.pairs.iter().map(|(pair, n)| u64::from(*n.min(b.pairs.get(pair).unwrap_or(&0)))).sum();
    share(both, size(a), size(b))
}

impl Likeness {
    /// What it says.
    pub fn verdict(&self) -> Verdict {
        let Some(four) = &self.over_ipv4 else { return Verdict::Unsure };
        let six = &self.over_ipv6;
        let page = |sample: &Sample| (200..300).contains(&sample.status);
        if !page(four) || !page(six) {
            return Verdict::Unsure;
        }
        if self.text >= SAME && four.title == six.title {
            return Verdict::Same;
        }
        // Where a page differs from itself as much, the difference says nothing of IPv6.
        if self.restless.is_some_and(|own| own < SAME) { Verdict::Unsure } else { Verdict::Other }
    }

    /// Whether a second copy over IPv4 is needed to tell.
    pub fn wants_control(&self) -> bool {
        self.restless.is_none() && self.verdict() == Verdict::Other
    }
}

fn link_score(a: &Reading, b: &Reading) -> u16 {
    let both = a.links.intersection(&b.links).count() as u64;
    share(both, a.links.len() as u64, b.links.len() as u64)
}

/// Twice what is common, over the sum of both: 1000 where both are empty.
fn share(both: u64, a: u64, b: u64) -> u16 {
    (2000 * both).checked_div(a + b).and_then(|score| u16::try_from(score).ok()).unwrap_or(1000)
}

/// The letters a reader sees, without digits (dates, times, counters, numbers of visits) and without long runs of Latin
/// letters and digits (tokens, nonces). Hidden fields, VIEWSTATE and scripts are no text to begin with.
fn steady_text(body: &[u8], content_type: Option<&str>) -> String {
    let decoded = decode::decode(body, content_type);
    let (page, _) = tokens::read(&decoded.text, &mut || false);
    let regions = Regions::read(&page);
    let mut text = String::new();
    let mut letters = 0;
    for id in page.ids() {
        let node = page.node(id);
        if node.tag != Tag::Text || node.inert || node.in_head || regions.is_hidden(id) {
            continue;
        }
        for word in page.text_of(id).split_whitespace() {
            if word.len() >= 16 && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_=+/".contains(&b)) {
                continue;
            }
            for c in word.chars().filter(|c| is_letter(*c) && !c.is_numeric()) {
                text.push(c);
                letters += 1;
            }
        }
        if letters > MOST_LETTERS {
            break;
        }
    }
    text
}

fn pairs(text: &str) -> HashMap<(char, char), u32> {
    let mut out = HashMap::new();
    for pair in text.chars().zip(text.chars().skip(1)) {
        *out.entry(pair).or_default() += 1;
    }
    out
}

/// A link without what changes: host only where it is another's, no query, no fragment.
fn steady_link(link: &str, page: &Url) -> Option<String> {
    let url = Url::parse(link).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let host = url.host_str().filter(|host| Some(*host) != page.host_str()).unwrap_or_default();
    Some(format!("{host}{}", url.path()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::from_millis;
    use crate::exchange::Reply;

    fn reading(status: u16, body: &str) -> Reading {
        let url = "http://www.shili.example/".to_owned();
        let reply = Reply {
            url: url.clone(),
            status,
            addr: None,
            headers: vec![("content-type".to_owned(), "text/html; charset=utf-8".to_owned())],
            body_len: body.len() as u64,
            body_sha256: String::new(),
            body_cut: false,
        };
        let exchange = Exchange { url, at: from_millis(0), took_ms: 5, hops: vec![], outcome: Ok(reply) };
        read(&exchange, body.as_bytes()).expect("a reading")
    }

    fn page(title: &str, stamp: &str, text: &str) -> String {
        format!(
            "<html><head><title>{title}</title></head><body><div>今天是{stamp}</div><form><input type=hidden \
             name=__VIEWSTATE value=\"{stamp}\"></form><p>{text}</p><p>kJ8sHq2LmP0aZ7xW9eRt{}</p>\
             <a href=\"/a?t={}\">甲</a><script>var nonce=\"{stamp}\"</script></body></html>",
            stamp.len(),
            stamp.len()
        )
    }

    const LONG: &str =
        "示例市人民政府门户网站发布政务信息，提供办事服务，回应群众关切，接受社会监督，欢迎访问。";

    #[test]
    fn what_changes_at_every_visit_is_no_difference() {
        let four = reading(200, &page("示例市", "2026年11月22日 10:00", LONG));
        let six = reading(200, &page("示例市", "2026年11月22日 10:00:31", LONG));
        let likeness = compare(Some(&four), &six);
        assert_eq!((likeness.text, likeness.links, likeness.verdict()), (1000, 1000, Verdict::Same));
    }

    #[test]
    fn another_page_is_another_page() {
        let four = reading(200, &page("示例市", "2026", LONG));
        let dummy =
            reading(200, "<title>Welcome to nginx!</title><p>If you see this page, the server is installed.");
        let likeness = compare(Some(&four), &dummy);
        assert_eq!(likeness.verdict(), Verdict::Other, "{likeness:?}");
        assert!(likeness.text < 100 && likeness.links == 0, "{likeness:?}");
        assert!(likeness.wants_control());
        assert_eq!(Likeness { restless: Some(990), ..likeness.clone() }.verdict(), Verdict::Other);
        assert_eq!(Likeness { restless: Some(300), ..likeness.clone() }.verdict(), Verdict::Unsure);
        let other_title = reading(200, &page("测试页", "2026", LONG));
        assert_eq!(compare(Some(&four), &other_title).verdict(), Verdict::Other, "the title counts");
    }

    #[test]
    fn without_a_page_on_both_sides_nothing_is_said() {
        let good = reading(200, &page("示例市", "2026", LONG));
        let wall = reading(403, "<title>403</title>");
        assert_eq!(compare(None, &good).verdict(), Verdict::Unsure);
        assert_eq!(compare(Some(&wall), &good).verdict(), Verdict::Unsure);
        assert_eq!(compare(Some(&good), &wall).verdict(), Verdict::Unsure);
    }
}
