//! A small installation in a folder of its own, and the real binary run in it.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use chrono::NaiveDate;
use serde_json::Value;
use tokio::sync::{Mutex, MutexGuard};
use xuncha::demo::registers::{Addresses, files};
use xuncha::store::ledger::{Ledger, Wanted};

/// Long enough for anything that ends at all, on a machine that is busy with other things.
pub(crate) const DEADLINE: Duration = Duration::from_mins(2);

/// Tests that watch a clock or fill the machine run one at a time.
pub(crate) async fn alone() -> MutexGuard<'static, ()> {
    static ONE: LazyLock<Mutex<()>> = LazyLock::new(Mutex::default);
    ONE.lock().await
}

/// What a test's installation looks like.
#[derive(Default)]
pub(crate) struct Plan {
    sites: Vec<[String; 3]>,
    columns: Vec<[String; 4]>,
    crawl: String,
    sections: String,
    dns: Vec<SocketAddr>,
    private: Option<String>,
}

impl Plan {
    /// Nothing registered yet; loopback is open, rates are high.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Registers a site by its home page.
    pub(crate) fn site(self, home: &str) -> Self {
        self.site_of("示例市交通运输局", home)
    }

    /// Registers a site of another unit; the units are those of the demo.
    pub(crate) fn site_of(mut self, unit: &str, home: &str) -> Self {
        let name = format!("示例网站{}", self.sites.len() + 1);
        self.sites.push([name, home.to_owned(), unit.to_owned()]);
        self
    }

    /// Registers a column of the site that was registered last; `class` as in `columns.csv`.
    pub(crate) fn column(mut self, name: &str, url: &str, class: &str) -> Self {
        let [site, ..] = self.sites.last().expect("a site").clone();
        self.columns.push([site, name.to_owned(), url.to_owned(), class.to_owned()]);
        self
    }

    /// Asks this name server.
    pub(crate) fn dns(mut self, addr: SocketAddr) -> Self {
        self.dns.push(addr);
        self
    }

    /// Lines of `[crawl]`; without a rate among them the rate is high.
    pub(crate) fn crawl(mut self, lines: &str) -> Self {
        self.crawl.push_str(lines);
        self.crawl.push('\n');
        self
    }

    /// Further text of the configuration: whole sections.
    pub(crate) fn sections(mut self, text: &str) -> Self {
        self.sections.push_str(text);
        self.sections.push('\n');
        self
    }

    /// The private ranges that are open, as a TOML list.
    pub(crate) fn private(mut self, ranges: &str) -> Self {
        self.private = Some(ranges.to_owned());
        self
    }

    /// The configuration file.
    fn configuration(&self, egress: &str) -> String {
        let mut text = "[paths]\nstate = \"state\"\nregistry = \".\"\nholidays = \"holidays.toml\"\n\n\
                        [crawl]\ncontact = \"zwgk@shili.example\"\n"
            .to_owned();
        if !self.crawl.contains("rate-per-host") {
            text.push_str("rate-per-host = 2000\nrate-per-group = 2000\n");
        }
        if !self.crawl.contains("confirm-apart") {
            text.push_str("confirm-apart = \"1ms\"\n");
        }
        let private = self.private.as_deref().unwrap_or(r#"["127.0.0.0/8", "::1/128"]"#);
        let _ = write!(text, "{}\n[egress]\nallow-private = {private}\n{egress}", self.crawl);
        if !self.dns.is_empty() {
            let servers: Vec<String> = self.dns.iter().map(|addr| format!("\"{addr}\"")).collect();
            let _ = writeln!(text, "dns = [{}]", servers.join(", "));
        }
        let _ = write!(text, "\n{}", self.sections);
        text
    }

    /// Makes the installation.
    pub(crate) fn set_up(&self) -> Office {
        self.set_up_with("")
    }

    /// Makes the installation, with further lines in `[egress]`.
    pub(crate) fn set_up_with(&self, egress: &str) -> Office {
        let folder = tempfile::tempdir().expect("a folder");
        let dir = folder.path();
        let addresses =
            Addresses { port: 80, dns: SocketAddr::from(([127, 0, 0, 1], 53)), mail: 25, as_of: today() };
        for (name, text) in files(addresses).expect("an office's files") {
            if matches!(name, "units.csv" | "holidays.toml") {
                std::fs::write(dir.join(name), text).expect("writes");
            }
        }
        let mut sites =
            "网站名称,网站标识码,首页网址,类型,级别,主管单位,主办单位,承办单位,运维单位,状态,标签\n"
                .to_owned();
        for (n, [name, home, unit]) in self.sites.iter().enumerate() {
            let code = 9_901_000_100_u64 + n as u64;
            let _ = writeln!(sites, "{name},{code},{home},部门网站,市级,,{unit},,,正常运行,");
        }
        let mut columns = "网站名称,栏目,网址,类别,级,更新周期,内容保障单位\n".to_owned();
        for [site, name, url, class] in &self.columns {
            let _ = writeln!(columns, "{site},{name},{url},{class},1,,");
        }
        std::fs::write(dir.join("sites.csv"), sites).expect("writes");
        std::fs::write(dir.join("columns.csv"), columns).expect("writes");
        std::fs::write(dir.join("xuncha.toml"), self.configuration(egress)).expect("writes");
        Office { folder }
    }
}

/// An installation; its folder goes away with it.
pub(crate) struct Office {
    folder: tempfile::TempDir,
}

impl Office {
    /// Where it lies.
    pub(crate) fn dir(&self) -> &Path {
        self.folder.path()
    }

    /// A file of its state.
    pub(crate) fn state(&self, name: &str) -> PathBuf {
        self.dir().join("state").join(name)
    }

    /// The binary, to be run in it.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xuncha"));
        command.args(args).current_dir(self.dir()).stdin(Stdio::null());
        command
    }

    /// Starts the binary without waiting for it.
    pub(crate) fn start(&self, args: &[&str]) -> Running {
        let out = std::fs::File::create(self.dir().join("out.txt")).expect("a file");
        let err = std::fs::File::create(self.dir().join("err.txt")).expect("a file");
        let child = self.command(args).stdout(out).stderr(err).spawn().expect("the binary starts");
        Running { child }
    }

    /// What the process that was started last wrote to standard error.
    pub(crate) fn complaints(&self) -> String {
        std::fs::read_to_string(self.dir().join("err.txt")).unwrap_or_default()
    }

    /// Runs the binary to its end while this test's servers go on serving.
    pub(crate) async fn run(&self, args: &[&str]) -> Output {
        ended(self.command(args)).await
    }

    /// The same, which must succeed.
    pub(crate) async fn run_well(&self, args: &[&str]) -> Output {
        let output = self.run(args).await;
        assert!(output.status.success(), "{args:?}: {}", told(&output));
        output
    }

    /// What `judge --json` says of the latest run.
    pub(crate) async fn judged(&self) -> Value {
        let output = self.run_well(&["judge", "--json", "-"]).await;
        serde_json::from_slice(&output.stdout).expect("JSON")
    }

    /// All findings of the latest run, of all sites.
    pub(crate) async fn findings(&self) -> Vec<Value> {
        findings(&self.judged().await)
    }

    /// The ledger's cases with their histories, without numbers of no meaning and without times.
    pub(crate) fn cases(&self) -> Value {
        let ledger = Ledger::open(&self.dir().join("state")).expect("a ledger");
        let cases = ledger.cases(&Wanted::default()).expect("cases");
        let cases = cases.iter().map(|case| {
            let history = ledger.history(&case.number).expect("a history");
            serde_json::json!({ "case": case, "history": history })
        });
        canonical(&cases.collect())
    }
}

/// A process of the binary. Killed when dropped.
pub(crate) struct Running {
    child: Child,
}

impl Running {
    /// `kill -9`; whether it was still alive.
    pub(crate) fn kill(&mut self) -> bool {
        let alive = matches!(self.child.try_wait(), Ok(None));
        let _ = self.child.kill();
        let status = self.child.wait().expect("it ends");
        alive && status.code().is_none()
    }

    /// Its exit code once it has ended.
    pub(crate) fn ended(&mut self) -> Option<i32> {
        self.child.try_wait().expect("its status").map(|status| status.code().unwrap_or(-9))
    }

    /// Waits for its end and returns its exit code.
    pub(crate) async fn end(&mut self) -> i32 {
        until("the process to end", || self.ended()).await
    }

    /// The most memory it has had, in KiB; `None` once it has ended.
    pub(crate) fn peak_kib(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        line.trim().strip_suffix("kB")?.trim().parse().ok()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a command to its end while this test's servers go on serving.
pub(crate) async fn ended(mut command: Command) -> Output {
    tokio::task::spawn_blocking(move || command.output()).await.expect("waited for").expect("the binary runs")
}

/// Everything a command printed, for messages.
pub(crate) fn told(output: &Output) -> String {
    format!(
        "{:?}\n{}{}",
        output.status.code(),
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// Asks `happened` again and again until it has something to say.
pub(crate) async fn until<T>(what: &str, mut happened: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(value) = happened() {
            return value;
        }
        assert!(began.elapsed() < DEADLINE, "waited in vain for {what}");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// The day on which the binary judges when it is run now.
pub(crate) fn today() -> NaiveDate {
    xuncha::patrol::now().date_naive()
}

/// All findings in what `judge --json` wrote.
pub(crate) fn findings(judged: &Value) -> Vec<Value> {
    listed(judged, "findings")
}

/// All gaps in what `judge --json` wrote, as `(subject, why)`.
pub(crate) fn gaps(judged: &Value) -> Vec<(String, String)> {
    let word = |gap: &Value, key: &str| gap[key].as_str().unwrap_or_default().to_owned();
    listed(judged, "gaps").iter().map(|gap| (word(gap, "subject"), word(gap, "why"))).collect()
}

fn listed(judged: &Value, key: &str) -> Vec<Value> {
    let sites = judged.as_array().expect("a list of sites");
    sites.iter().flat_map(|site| site["judgement"][key].as_array().cloned().unwrap_or_default()).collect()
}

/// `rule url` of each finding, sorted: what is accused, and of what.
pub(crate) fn accused(findings: &[Value]) -> Vec<String> {
    let mut out: Vec<String> = findings
        .iter()
        .map(|finding| {
            format!(
                "{} {}",
                finding["rule"].as_str().unwrap_or_default(),
                finding["url"].as_str().unwrap_or_default()
            )
        })
        .collect();
    out.sort();
    out
}

/// The same value without what differs between two runs that saw the same: times, and numbers given in order of
/// arrival. Lists are sorted, because none of them tells anything by its order here.
pub(crate) fn canonical(value: &Value) -> Value {
    const VOLATILE: [&str; 11] = [
        "at",
        "took_ms",
        "first_seen",
        "last_seen",
        "last_confirmed",
        "last_pass",
        "last_gap",
        "number",
        "looks",
        "home_unseen_at",
        "headers",
    ];
    match value {
        Value::Object(map) => Value::Object(
            map.iter()
                .filter(|(key, _)| !VOLATILE.contains(&key.as_str()))
                .map(|(key, value)| (key.clone(), canonical(value)))
                .chain(map.get("looks").map(|looks| ("looks".to_owned(), steady_looks(looks))))
                .collect(),
        ),
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(canonical).collect();
            items.sort_by_cached_key(Value::to_string);
            Value::Array(items)
        }
        other => other.clone(),
    }
}

/// Looks by what they saw: URL, redirects, status, error, body.
fn steady_looks(looks: &Value) -> Value {
    canonical(&Value::Array(looks.as_array().cloned().unwrap_or_default()))
}
