//! Debian's chromium as a second reader: it runs a page's scripts, and every request of the page is made by our own client.
//!
//! The browser itself reaches nothing: its only way out is a proxy that is not there. What a page asks for is paused
//! (`Fetch.requestPaused`), fetched by [`Http`] through the patrol's gate (egress policy, robots.txt, a turn per host), and handed
//! back. So whatever a page does, the same rules hold as for the crawl, and what slips by the interception fails.

use std::collections::VecDeque;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};
use chromiumoxide::browser::{Browser as Chromium, BrowserConfig as Launch};
use chromiumoxide::cdp::browser_protocol::browser::{SetDownloadBehaviorBehavior, SetDownloadBehaviorParams};
use chromiumoxide::cdp::browser_protocol::emulation::{
    EventVirtualTimeBudgetExpired, SetVirtualTimePolicyParams, VirtualTimePolicy,
};
use chromiumoxide::cdp::browser_protocol::fetch::{
    EventRequestPaused, FailRequestParams, FulfillRequestParams, HeaderEntry,
};
use chromiumoxide::cdp::browser_protocol::network::{
    ErrorReason, ResourceType, SetBypassServiceWorkerParams,
};
use chromiumoxide::cdp::browser_protocol::page::{
    AddScriptToEvaluateOnNewDocumentParams, CaptureScreenshotFormat, CaptureScreenshotParams,
    EventJavascriptDialogOpening, HandleJavaScriptDialogParams, NavigateParams, Viewport,
};
use chromiumoxide::cdp::browser_protocol::target::{CreateBrowserContextParams, CreateTargetParams};
use chromiumoxide::page::Page;
use futures_util::StreamExt as _;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{sleep, timeout};
use url::Url;

use super::http::{Ask, Gate, Http, Want};
use crate::config::valid::BrowserConfig;

/// What the page may live by its own clock, in milliseconds: that clock stands while requests are under way, and jumps from timer to
/// timer otherwise.
const LIFE: f64 = 20_000.0;
/// For what the browser does by itself: to start, to tell the page, to draw it, to end.
const OWN: Duration = Duration::from_secs(20);
/// Bytes of a body that a page may send.
const MOST_SENT: usize = 64 << 10;
/// Characters of a page in the end.
const MOST_TEXT: usize = 8 << 20;
/// Size of the picture in pixels.
const WIDTH: u32 = 1280;
const TALLEST: f64 = 4000.0;
/// Processor seconds of one process of the browser; the kernel ends it after that.
const PROCESSOR: u32 = 600;

/// Counts what is not intercepted and could bring a list: such things are taken away and their use is told.
const BLIND_SPOTS: &str = "(() => { let n = 0;
    for (const name of ['Worker', 'SharedWorker', 'WebSocket', 'EventSource', 'RTCPeerConnection', 'WebTransport'])
        Object.defineProperty(window, name, { value: function () { n++; throw new Error('not available'); } });
    Object.defineProperty(window, '__unseen', { get: () => n }); })()";
/// The page in the end, without its scripts: what is not there now will not come.
const AS_IT_STANDS: &str = "(() => { const copy = document.documentElement.cloneNode(true);
    copy.querySelectorAll('script, noscript, template').forEach(one => one.remove());
    return [location.href, window.__unseen || 0, '<!DOCTYPE html>' + copy.outerHTML,
        Math.max(document.documentElement.scrollHeight, 600)]; })()";

/// A page as the browser showed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Where it ended.
    pub url: Url,
    /// Its text, as UTF-8, without scripts.
    pub html: String,
    /// Requests it made, pictures and the like not counted.
    pub requests: u32,
    /// Requests that failed or were refused, each with why.
    pub failed: Vec<String>,
    /// Whether it came to rest.
    pub settled: bool,
    /// Its picture, as PNG.
    pub picture: Option<Vec<u8>>,
}

/// A running browser. [`Browser::close`] ends it; dropping it kills it.
pub struct Browser {
    chromium: Chromium,
    driver: JoinHandle<()>,
    profile: Profile,
    config: BrowserConfig,
}

impl Browser {
    /// Starts the browser with a profile of its own in a new folder inside `dir`.
    ///
    /// # Errors
    /// If the program does not start or does not answer.
    pub async fn start(config: &BrowserConfig, dir: &Path) -> Result<Self> {
        let profile = Profile::new(dir)?;
        let launch = launch(config, &profile)?;
        let (chromium, mut handler) = timeout(2 * OWN, Chromium::launch(launch))
            .await
            .map_err(|_| anyhow!("the browser did not start in time"))?
            .with_context(|| format!("cannot start {}", config.command.display()))?;
        // What a newer browser says and this client does not know comes as an error and means nothing.
        let driver = tokio::spawn(async move { while handler.next().await.is_some() {} });
        let browser = Self { chromium, driver, profile, config: config.clone() };
        let refuse = SetDownloadBehaviorParams::new(SetDownloadBehaviorBehavior::Deny);
        timeout(OWN, browser.chromium.execute(refuse)).await.context("the browser does not answer")??;
        Ok(browser)
    }

    /// Shows one page: runs its scripts until it rests, its time is over, or it asks for too much.
    ///
    /// # Errors
    /// If the browser no longer answers: then it is to be ended, and another started.
    pub async fn show<G: Gate + 'static>(&self, http: &Arc<Http>, gate: &Arc<G>, url: &Url) -> Result<Shown> {
        let context = self.chromium.create_browser_context(CreateBrowserContextParams::default()).await?;
        let target = CreateTargetParams::builder()
            .url("about:blank")
            .browser_context_id(context.clone())
            .build()
            .map_err(|error| anyhow!(error))?;
        let page = timeout(OWN, self.chromium.new_page(target)).await.context("no new page")??;
        let shown = self.run(&page, http, gate, url).await;
        // A page that hangs is left to the end of the browser.
        let _ = timeout(OWN, self.chromium.dispose_browser_context(context)).await;
        shown
    }

    async fn run<G: Gate + 'static>(
        &self,
        page: &Page,
        http: &Arc<Http>,
        gate: &Arc<G>,
        url: &Url,
    ) -> Result<Shown> {
        let mut paused = page.event_listener::<EventRequestPaused>().await?;
        let mut rested = page.event_listener::<EventVirtualTimeBudgetExpired>().await?;
        let mut dialogs = page.event_listener::<EventJavascriptDialogOpening>().await?;
        page.execute(SetBypassServiceWorkerParams::new(true)).await?;
        page.execute(AddScriptToEvaluateOnNewDocumentParams::new(BLIND_SPOTS)).await?;
        let asked = Arc::new(AtomicU32::new(0));
        let mut failed: VecDeque<String> = VecDeque::new();
        let mut work: JoinSet<Option<String>> = JoinSet::new();
        let mut side: JoinSet<()> = JoinSet::new();
        let mut settled = false;
        let (mut going, opened) = (true, page.execute(NavigateParams::new(url.as_str())));
        tokio::pin!(opened);
        let over = sleep(self.config.whole);
        tokio::pin!(over);
        loop {
            tokio::select! {
                Some(event) = paused.next() => {
                    let one = Request {
                        page: page.clone(),
                        http: Arc::clone(http),
                        gate: Arc::clone(gate),
                        home: url.clone(),
                        asked: Arc::clone(&asked),
                        most: self.config.requests,
                    };
                    work.spawn(async move { one.answer(&event).await });
                }
                Some(done) = work.join_next(), if !work.is_empty() => failed.extend(done.ok().flatten()),
                result = &mut opened, if going => {
                    going = false;
                    match result {
                        Ok(there) if there.result.error_text.is_none() => {
                            let life = SetVirtualTimePolicyParams {
                                budget: Some(LIFE),
                                max_virtual_time_task_starvation_count: Some(1_000_000),
                                ..SetVirtualTimePolicyParams::new(VirtualTimePolicy::PauseIfNetworkFetchesPending)
                            };
                            let page = page.clone();
                            // A page that never yields answers neither this nor anything else: its time ends it.
                            side.spawn(async move { let _ = page.execute(life).await; });
                        }
                        Ok(there) => {
                            failed.push_back(there.result.error_text.unwrap_or_default());
                            break;
                        }
                        Err(error) => {
                            failed.push_back(error.to_string());
                            break;
                        }
                    }
                }
                Some(_) = rested.next() => {
                    settled = true;
                    break;
                }
                Some(_) = dialogs.next() => {
                    let page = page.clone();
                    side.spawn(async move { let _ = page.execute(HandleJavaScriptDialogParams::new(false)).await; });
                }
                () = &mut over => break,
            }
        }
        settled &= work.is_empty();
        let (at, unseen, html, height) = timeout(OWN, page.evaluate(AS_IT_STANDS))
            .await
            .context("the page does not yield")??
            .into_value::<(String, u32, String, f64)>()?;
        failed.extend((0..unseen).map(|_| "a way that is not seen".to_owned()));
        settled &= html.len() <= MOST_TEXT;
        let picture = if settled { self.picture(page, height).await } else { None };
        let url = Url::parse(&at).unwrap_or_else(|_| url.clone());
        let requests = asked.load(Ordering::Relaxed);
        Ok(Shown { url, html, requests, failed: failed.into(), settled, picture })
    }

    async fn picture(&self, page: &Page, height: f64) -> Option<Vec<u8>> {
        let height = height.min(TALLEST);
        let clip = Viewport { x: 0.0, y: 0.0, width: f64::from(WIDTH), height, scale: 1.0 };
        let params = CaptureScreenshotParams {
            format: Some(CaptureScreenshotFormat::Png),
            clip: Some(clip),
            capture_beyond_viewport: Some(true),
            ..CaptureScreenshotParams::default()
        };
        // The page's clock stands; drawing needs it to run.
        let run = SetVirtualTimePolicyParams::new(VirtualTimePolicy::Advance);
        timeout(OWN, page.execute(run)).await.ok()?.ok()?;
        timeout(OWN, page.screenshot(params)).await.ok()?.ok()
    }

    /// Ends the browser and removes its profile.
    pub async fn close(mut self) {
        let asked = timeout(OWN, self.chromium.close()).await.is_ok();
        let ended = asked && timeout(OWN, self.chromium.wait()).await.is_ok();
        if !ended {
            let _ = timeout(OWN, self.chromium.kill()).await;
        }
        self.driver.abort();
        drop(self.profile);
    }
}

/// One request of a page.
struct Request<G> {
    page: Page,
    http: Arc<Http>,
    gate: Arc<G>,
    home: Url,
    asked: Arc<AtomicU32>,
    most: u32,
}

impl<G: Gate> Request<G> {
    /// Answers it; returns why it failed, where that counts.
    async fn answer(self, event: &EventRequestPaused) -> Option<String> {
        let refuse = async |reason: ErrorReason| {
            let _ = self.page.execute(FailRequestParams::new(event.request_id.clone(), reason)).await;
        };
        // What only adorns a page is not asked for: it fills no list, and each costs its host a turn.
        let fills = matches!(
            event.resource_type,
            ResourceType::Document
                | ResourceType::Script
                | ResourceType::Stylesheet
                | ResourceType::Xhr
                | ResourceType::Fetch
        );
        if !fills {
            refuse(ErrorReason::BlockedByClient).await;
            return None;
        }
        let told = |why: &str| Some(format!("{why} {}", event.request.url));
        if self.asked.fetch_add(1, Ordering::Relaxed) >= self.most {
            refuse(ErrorReason::BlockedByClient).await;
            return told("too-many");
        }
        let url = Url::parse(&event.request.url).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        let (Some(url), Ok(post)) = (&url, self.sent(event, url.as_ref())) else {
            refuse(ErrorReason::BlockedByClient).await;
            return told("refused");
        };
        let ask = Ask { headers: passed_on(event), post, ..Ask::new(url, Want::Page) };
        let fetched = self.http.fetch(&ask, &*self.gate).await;
        let reply = match fetched.exchange.outcome {
            Ok(reply) if !reply.body_cut => reply,
            Ok(_) => {
                refuse(ErrorReason::Failed).await;
                return told("cut");
            }
            Err(error) => {
                refuse(ErrorReason::Failed).await;
                return told(&format!("{error:?}"));
            }
        };
        let moved = event.resource_type == ResourceType::Document && !fetched.exchange.hops.is_empty();
        let answer = if moved {
            // Its own address is the base of all others in it.
            let location = vec![HeaderEntry::new("location", reply.url.clone())];
            FulfillRequestParams {
                response_headers: Some(location),
                ..FulfillRequestParams::new(event.request_id.clone(), 302)
            }
        } else {
            FulfillRequestParams {
                response_headers: Some(given_back(&reply.headers)),
                body: Some(base64(&fetched.body).into()),
                ..FulfillRequestParams::new(event.request_id.clone(), i64::from(reply.status))
            }
        };
        let given = self.page.execute(answer).await.is_ok();
        let matters = event.resource_type != ResourceType::Stylesheet;
        if !given {
            return told("not-given-back");
        }
        if reply.status >= 400 && matters { told(&reply.status.to_string()) } else { None }
    }

    /// The body of a POST to the page's own host; `None` for a GET.
    fn sent(&self, event: &EventRequestPaused, url: Option<&Url>) -> Result<Option<Vec<u8>>, ()> {
        match event.request.method.as_str() {
            "GET" => Ok(None),
            "POST" => {
                let own = url.and_then(Url::host_str) == self.home.host_str();
                let entries = event.request.post_data_entries.as_deref().unwrap_or_default();
                let mut body = Vec::new();
                for entry in entries {
                    let part: &str = entry.bytes.as_ref().map_or("", AsRef::as_ref);
                    body.extend(from_base64(part).ok_or(())?);
                }
                let whole = !event.request.has_post_data.unwrap_or(false) || !body.is_empty();
                if own && whole && body.len() <= MOST_SENT { Ok(Some(body)) } else { Err(()) }
            }
            _ => Err(()),
        }
    }
}

/// What a page says of its own request, cookies and who asks left out.
fn passed_on(event: &EventRequestPaused) -> HeaderMap {
    const KEPT: [&str; 3] = ["accept", "content-type", "x-requested-with"];
    let mut headers = HeaderMap::new();
    for (name, value) in event.request.headers.inner().as_object().into_iter().flatten() {
        let name = name.to_ascii_lowercase();
        if KEPT.contains(&name.as_str())
            && let (Ok(name), Some(Ok(value))) =
                (HeaderName::try_from(name), value.as_str().map(HeaderValue::from_str))
        {
            headers.insert(name, value);
        }
    }
    headers
}

/// The head of an answer as the page gets it: the body is unpacked, nothing is stored, nothing is saved to disk.
fn given_back(headers: &[(String, String)]) -> Vec<HeaderEntry> {
    const DROPPED: [&str; 8] = [
        "content-encoding",
        "content-length",
        "transfer-encoding",
        "connection",
        "set-cookie",
        "content-disposition",
        "location",
        "refresh",
    ];
    headers
        .iter()
        .filter(|(name, _)| !DROPPED.contains(&name.to_ascii_lowercase().as_str()))
        .map(|(name, value)| HeaderEntry::new(name.clone(), value.clone()))
        .collect()
}

fn launch(config: &BrowserConfig, profile: &Profile) -> Result<Launch> {
    let mut launch = Launch::builder()
        .chrome_executable(profile.starter(&config.command)?)
        .new_headless_mode()
        .user_data_dir(profile.path.join("profile"))
        .env("HOME", profile.path.display().to_string())
        .enable_request_intercept()
        .disable_https_first()
        .viewport(None)
        .window_size(WIDTH, 1024)
        .launch_timeout(OWN)
        .request_timeout(config.whole + OWN)
        // Nobody listens there: what is not handed to our client goes nowhere.
        .args([("proxy-server", "http://127.0.0.1:9"), ("proxy-bypass-list", "<-loopback>")])
        .args([("host-resolver-rules", "MAP * ~NOTFOUND")])
        .args([("force-webrtc-ip-handling-policy", "disable_non_proxied_udp")])
        .args([("js-flags", "--max-old-space-size=256"), ("renderer-process-limit", "1")])
        .args(["disable-quic", "disable-component-update", "disable-gpu", "disable-software-rasterizer"])
        .args(["block-new-web-contents", "no-default-browser-check", "disable-site-isolation-trials"])
        .args([("disable-features", "IsolateOrigins,site-per-process,OptimizationHints,MediaRouter")]);
    if std::fs::metadata("/proc/self")?.uid() == 0 {
        // Chromium refuses to use its sandbox as root.
        tracing::warn!("the browser runs without its sandbox, because the program runs as root");
        launch = launch.no_sandbox();
    }
    launch.build().map_err(|error| anyhow!(error))
}

/// A folder for one run of the browser, removed with its contents.
struct Profile {
    path: PathBuf,
}

impl Profile {
    /// A new one in `dir`; what a killed process left behind goes.
    fn new(dir: &Path) -> Result<Self> {
        std::fs::create_dir_all(dir)?;
        for left in std::fs::read_dir(dir)?.flatten() {
            let name = left.file_name().to_string_lossy().into_owned();
            let pid = name.strip_prefix("browser-").filter(|pid| pid.bytes().all(|b| b.is_ascii_digit()));
            if pid.is_some_and(|pid| !Path::new("/proc").join(pid).exists()) {
                // What cannot be removed now is tried again at the next start.
                let _ = std::fs::remove_dir_all(left.path());
            }
        }
        let path = std::path::absolute(dir.join(format!("browser-{}", std::process::id())))?;
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir(&path).with_context(|| format!("cannot create {}", path.display()))?;
        Ok(Self { path })
    }

    /// A script that starts the browser within bounds of the kernel: processor time, no core files.
    fn starter(&self, command: &Path) -> Result<PathBuf> {
        use std::os::unix::fs::PermissionsExt as _;
        let quoted = command.display().to_string().replace('\'', r"'\''");
        let path = self.path.join("start");
        let text = format!("#!/bin/sh\nulimit -c 0\nulimit -t {PROCESSOR}\nexec '{quoted}' \"$@\"\n");
        std::fs::write(&path, text)?;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700))?;
        Ok(path)
    }
}

impl Drop for Profile {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.path);
    }
}

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn base64(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let word =
            chunk.iter().fold(0_u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for at in 0..4 {
            let digit = DIGITS[(word >> (18 - 6 * at) & 63) as usize];
            out.push(if at <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    out
}

fn from_base64(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut word, mut bits) = (0_u32, 0);
    for byte in text.bytes().filter(|byte| *byte != b'=') {
        let digit = DIGITS.iter().position(|digit| *digit == byte)?;
        word = word << 6 | u32::try_from(digit).ok()?;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push(u8::try_from(word >> bits & 255).ok()?);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_there_and_back() {
        for (plain, coded) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(base64(plain.as_bytes()), coded);
            assert_eq!(from_base64(coded).as_deref(), Some(plain.as_bytes()));
        }
        assert_eq!(from_base64("Z*"), None);
    }
}
