//! One lease from fetch to facts: the answer is read off the async threads, and whatever the page does, the run goes on.

use url::Url;

use super::budget::CpuBudget;
use super::frontier::{Lease, NO_SITE, Role};
use super::gate::CrawlGate;
use crate::calendar::Instant8;
use crate::clock;
use crate::config::valid::Limits;
use crate::exchange::{Exchange, FetchError, OurLimit};
use crate::facts::answer::Answer;
use crate::facts::astray::{self, Astray};
use crate::facts::attachments;
use crate::facts::files;
use crate::facts::html::read_page;
use crate::facts::impossible::{self, Nowhere};
use crate::facts::maintext::PageText;
use crate::facts::no_file::excuse;
use crate::facts::page::{PageContext, PageFacts, PageKind, PageState};
use crate::facts::personal;
use crate::facts::reply::read_reply;
use crate::fetch::http::{Ask, Fetched, Http, Want};
use crate::finding::Gap;
use crate::store::facts::{ReadPage, Validator};

/// Largest body kept as evidence.
const SNAPSHOT: usize = 512 << 10;

/// What a fetch brings back.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) lease: Lease,
    pub(super) exchange: Exchange,
    pub(super) answer: Answer,
    pub(super) facts: Option<PageFacts>,
    /// What a page calls itself, of an outside page; else empty.
    pub(super) title: String,
    pub(super) body: Vec<u8>,
    /// The text of an attachment that was read.
    pub(super) text: Option<Box<PageText>>,
}

/// What is to be known beside a lease.
#[derive(Debug, Default)]
pub(super) struct Beside {
    /// The page whose list a source fills.
    pub(super) asked_by: Option<Url>,
    /// The copy that is kept.
    pub(super) have: Option<Validator>,
    /// Whether the lease is of an attachment whose text is wanted.
    pub(super) file: bool,
    /// Whether an earlier look is to be confirmed. What is one of the site's own is then asked for as a reader of the site asks for
    /// it, by naming where he comes from: a guard against links from elsewhere refuses who names nothing.
    pub(super) confirming: bool,
}

/// Fetches what a lease allows and reads the answer off the async threads.
pub(super) async fn fetch_and_read(
    http: &Http,
    gate: &CrawlGate,
    lease: Lease,
    Beside { asked_by, have, file, confirming }: Beside,
    limits: Limits,
    as_of: Instant8,
) -> Done {
    let read = lease.what.role.is_read();
    let Ok(url) = Url::parse(&lease.what.url) else {
        return in_the_hosts_name(lease, &FetchError::Ours(OurLimit::Scheme));
    };
    if personal::is_masked_address(&lease.what.url) {
        let done = in_the_hosts_name(lease, &FetchError::Ours(OurLimit::Scheme));
        return Done { answer: Answer::Unknown("address-personal".to_owned()), ..done };
    }
    let nowhere = impossible::nowhere(&url);
    // An inner network's name outside the office's own sites is nobody's.
    let inner = lease.what.site == NO_SITE && url.domain().is_some_and(impossible::is_inner_name);
    if nowhere.is_some_and(|nowhere| !nowhere.may_be_opened()) || is_bare_name(&url) || inner {
        return unasked(lease, nowhere);
    }
    let want = match (read, file) {
        (true, _) => Want::Page,
        (false, true) => Want::File,
        (false, false) => Want::Probe,
    };
    let mut ask = Ask::new(&url, want);
    if let Some(have) = &have {
        ask.have = (have.etag.as_deref(), have.last_modified.as_deref());
    }
    ask.from_its_site = confirming && lease.what.site != NO_SITE;
    let Fetched { exchange, body } = http.fetch(&ask, gate).await;
    // A single worker thread for reading keeps the other core for fetching and writing.
    let reading = tokio::task::spawn_blocking(move || {
        let mut done = read_fetched(lease, exchange, body, asked_by.as_ref(), &limits, as_of);
        if file {
            done.text = attachment_text(&done, &limits);
        }
        done
    });
    match reading.await {
        Ok(done) => done,
        Err(panic) => std::panic::resume_unwind(panic.into_panic()),
    }
}

/// Asks for a page that is known to be there, at once after a target seemed to be gone: where that is not found either,
/// we may be the only ones who are told so.
pub(super) async fn beside_control(
    http: &Http,
    gate: &CrawlGate,
    done: &mut Done,
    control: &Url,
    limits: Limits,
    as_of: Instant8,
) {
    let spoke = done.exchange.outcome.is_ok() || matches!(done.answer, Answer::Loop | Answer::BadRedirect);
    if !done.answer.is_failure() || !spoke || control.as_str() == done.lease.what.url {
        return;
    }
    let Fetched { exchange, body } = http.fetch(&Ask::new(control, Want::Page), gate).await;
    let control = read_again(done.lease.clone(), exchange, body, limits, as_of).await;
    if control.is_some_and(|control| control.answer != Answer::There) {
        done.answer = Answer::Unknown("no-control".to_owned());
    }
}

/// Reads a later answer to the same lease off the async threads; `None` where its reading broke.
pub(super) async fn read_again(
    lease: Lease,
    exchange: Exchange,
    body: Vec<u8>,
    limits: Limits,
    as_of: Instant8,
) -> Option<Done> {
    let reading =
        tokio::task::spawn_blocking(move || read_fetched(lease, exchange, body, None, &limits, as_of));
    reading.await.ok()
}

/// Reads the body of an answer; a page whose reading breaks is a gap, and the run goes on.
fn read_fetched(
    lease: Lease,
    exchange: Exchange,
    body: Vec<u8>,
    asked_by: Option<&Url>,
    limits: &Limits,
    as_of: Instant8,
) -> Done {
    let role = lease.what.role;
    // Of what is only verified its beginning tells.
    let most = usize::try_from(limits.probe_bytes).unwrap_or(usize::MAX);
    let shown = if role.is_read() { &body[..] } else { body.get(..most).unwrap_or(&body) };
    let facts = std::panic::catch_unwind(|| facts_of(&exchange, shown, role, asked_by, limits, as_of));
    if let Err(FetchError::Ours(OurLimit::Egress | OurLimit::NotMapped)) = &exchange.outcome
        && exchange.hops.is_empty()
        && let Some(nowhere) = Url::parse(&exchange.url).ok().as_ref().and_then(impossible::nowhere)
    {
        let answer = Answer::Impossible(nowhere);
        return Done { lease, exchange, answer, facts: None, title: String::new(), body, text: None };
    }
    let Ok(facts) = facts else {
        let answer = Answer::Unknown("reader-failed".to_owned());
        return Done { lease, exchange, answer, facts: None, title: String::new(), body, text: None };
    };
    let answer = look_closer(Answer::of(&exchange, facts.as_ref()), &lease, &exchange, &body, facts.as_ref());
    let is_page = lease.what.role.is_read()
        && matches!(answer, Answer::There | Answer::NoFile(_) | Answer::Challenge(_));
    let outside = facts.as_ref().filter(|_| lease.what.site == NO_SITE);
    let title = outside.map(|page| page.title.clone()).unwrap_or_default();
    let mut facts = facts.filter(|_| is_page);
    if let (Answer::Challenge(_), Some(facts)) = (&answer, &mut facts) {
        // They are the firewall's links, not the site's.
        facts.links.clear();
        facts.hidden_links.clear();
        facts.script_pages.clear();
        facts.jumps_to = None;
    }
    Done { lease, exchange, answer, facts, title, body, text: None }
}

/// The text of an attachment that came whole and is what its name says; `None` is a gap, told when it is judged.
fn attachment_text(done: &Done, limits: &Limits) -> Option<Box<PageText>> {
    let reply = done.exchange.outcome.as_ref().ok()?;
    if done.answer != Answer::There || !attachments::is_whole(reply, &done.body) {
        return None;
    }
    let clock = CpuBudget::start(limits.parse).check();
    let read = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        attachments::read(&done.lease.what.url, &done.body, clock)
    }));
    read.ok()?.ok().map(Box::new)
}

/// Whether a page is an article under a date, and says nothing of being gone.
fn is_published(page: &PageFacts) -> bool {
    page.kind == PageKind::Article
        && page.pubdate.visible.is_some()
        && page.not_found.is_none()
        && page.maybe_not_found.is_none()
}

/// What an answer with success is beside its status: a file that is none, an outside page of another trade.
fn look_closer(
    answer: Answer,
    lease: &Lease,
    exchange: &Exchange,
    body: &[u8],
    page: Option<&PageFacts>,
) -> Answer {
    if matches!(answer, Answer::NotFound(_)) && page.is_some_and(is_published) {
        // Servers that give out pages by their handler of errors.
        return Answer::Unknown("content-under-404".to_owned());
    }
    let (Ok(reply), Answer::There | Answer::SoftNotFound) = (&exchange.outcome, &answer) else {
        return answer;
    };
    if files::is_named_as_file(&exchange.url) {
        return match files::examine(exchange, reply, body, page) {
            Ok(Some(fault)) => Answer::FaultyFile(fault),
            Ok(None) => answer,
            Err(why) => Answer::Unknown(why.to_owned()),
        };
    }
    let may_be_file = matches!(lease.what.role, Role::Page | Role::Target | Role::External);
    if let Some(excuse) =
        Some(()).filter(|()| may_be_file && answer == Answer::There).and_then(|()| excuse(reply, body, page))
    {
        return Answer::NoFile(excuse);
    }
    let outside = page.filter(|_| lease.what.site == NO_SITE && answer == Answer::There);
    match outside.and_then(|page| Some((page, astray::trade_of(page)?))) {
        Some((page, trade)) => {
            Answer::Astray(Astray { trade, title: page.title.clone(), was: None, certified: None })
        }
        None => answer,
    }
}

/// A name without a domain: to ask for it would search the domains of our own machine.
fn is_bare_name(url: &Url) -> bool {
    url.domain().is_some_and(|name| !name.trim_end_matches('.').contains('.') && name != "localhost")
}

/// A lease that is answered by what its address is, without a request.
fn unasked(lease: Lease, nowhere: Option<Nowhere>) -> Done {
    let done = in_the_hosts_name(lease, &FetchError::Ours(OurLimit::Scheme));
    Done { answer: nowhere.map_or(done.answer, Answer::Impossible), ..done }
}

fn facts_of(
    exchange: &Exchange,
    body: &[u8],
    role: Role,
    asked_by: Option<&Url>,
    limits: &Limits,
    as_of: Instant8,
) -> Option<PageFacts> {
    let reply = exchange.outcome.as_ref().ok()?;
    let content_type = reply.header("content-type");
    let want_structure = role <= Role::List;
    let text = content_type.is_none_or(|kind| {
        let kind = kind.to_ascii_lowercase();
        kind.contains("html") || kind.contains("xml") || kind.contains("text/plain")
    });
    let source = role == Role::Source;
    if !(text || source || files::is_markup(body)) || body.is_empty() {
        return None;
    }
    let url = Url::parse(&reply.url).ok()?;
    let cx = PageContext { url: &url, content_type, status: Some(reply.status), as_of, want_structure };
    let clock = CpuBudget::start(limits.parse).check();
    let mut facts = if source {
        read_reply(body, &cx, asked_by.unwrap_or(&url), clock)
    } else {
        read_page(body, &cx, clock)
    };
    if reply.body_cut {
        own_up_to_the_cut(&mut facts, &reply.url);
    }
    Some(facts)
}

/// Of a page that was read up to our own limit only, what is missing may stand in the rest.
fn own_up_to_the_cut(facts: &mut PageFacts, url: &str) {
    facts.gaps.push(Gap::new(url, "page-bytes"));
    if matches!(facts.state, PageState::Empty | PageState::Placeholder) {
        facts.state = PageState::Failed;
        "page-bytes".clone_into(&mut facts.reason);
    }
}

/// A lease that is answered by a failure of its whole host, without a request of its own.
pub(super) fn in_the_hosts_name(lease: Lease, error: &FetchError) -> Done {
    // Pages of a site whose host is gone are not each accused; what links to another host that is gone is.
    let error = if lease.what.site == NO_SITE { error.clone() } else { FetchError::Ours(OurLimit::Budget) };
    let exchange = Exchange {
        url: lease.what.url.clone(),
        at: clock::now(),
        took_ms: 0,
        hops: Vec::new(),
        outcome: Err(error),
    };
    let answer = Answer::of(&exchange, None);
    Done { lease, exchange, answer, facts: None, title: String::new(), body: Vec::new(), text: None }
}

/// Whether a body is kept, because somebody may be shown it or has to judge it.
pub(super) fn wanted_as_evidence(
    lease: &Lease,
    answer: &Answer,
    page: Option<&ReadPage>,
    body: &[u8],
) -> bool {
    if body.is_empty() || body.len() > SNAPSHOT {
        return false;
    }
    let odd = page.is_some_and(|read| {
        read.facts.kind == PageKind::List && read.facts.state != PageState::Normal
            || !read.facts.hidden_links.is_empty()
    });
    let wanted = *answer != Answer::There || lease.what.role <= Role::Source || odd;
    let personal = |read: &ReadPage| read.facts.own_text.as_ref().is_some_and(|text| text.personal);
    // In scripts, comments and files as well: what is kept of a body is all of it. Of what is packed nobody knows what it holds.
    let packed = memchr::memchr(0, body).is_some() || body.starts_with(b"PK") || body.starts_with(b"%PDF");
    wanted && !packed && !page.is_some_and(personal) && !personal::in_bytes(body)
}
