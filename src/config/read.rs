//! From `xuncha.toml` as written to [`Config`] as checked: the keys of every section and what each may say.
//! The only place where settings are taken from the environment, and only the variable that the file names.

use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

use super::accounts::accounts;
use super::fault::{Fault, Faults, Notice};
use super::mail::mail;
use super::raw::{Document, Section, Spot, read_text};
use super::scalar;
use super::valid::{
    BrowserConfig, Config, CrawlPolicy, Deadlines, EgressConfig, Ladder, Limits, Office, Papers, RulesConfig,
};
use super::webhook::webhook;

/// Requests per second that may go to public addresses at most; more needs `[egress] allow-private`.
const PUBLIC_RATE: f64 = 10.0;
/// Requests per second beyond which a rate is a slip of the pen.
const ANY_RATE: f64 = 10_000.0;

impl Config {
    /// Reads and checks `xuncha.toml`. Paths in it are relative to its folder.
    ///
    /// # Errors
    /// Every fault of the file, with line and column.
    pub fn load(path: &Path) -> Result<Self, Faults> {
        let (config, faults) = Self::read(path);
        Faults::none_or(faults, config)
    }

    /// As [`load`](Self::load), with what could be understood in spite of the faults.
    pub(crate) fn read(path: &Path) -> (Self, Vec<Fault>) {
        let folder = path.parent().unwrap_or(Path::new(""));
        match read_text(path) {
            Ok(text) => {
                Self::parse(&path.display().to_string(), &text, folder, &|name| std::env::var_os(name))
            }
            Err(fault) => {
                let place = "找不到该文件：请在配置文件所在的文件夹中执行，或者用 --config 指明；还没有的，用 xuncha init 生成";
                let fault = if path.exists() {
                    fault
                } else {
                    Fault::new(path.display().to_string(), 1, 1, place.to_owned())
                };
                (Self::parse("", "", folder, &|_| None).0, vec![fault])
            }
        }
    }

    /// Checks the text of a file named `file` that lies in `folder`; `env` looks up environment variables.
    pub(crate) fn parse(
        file: &str,
        text: &str,
        folder: &Path,
        env: &dyn Fn(&str) -> Option<OsString>,
    ) -> (Self, Vec<Fault>) {
        let document = Document::new(file, text);
        let (config, _, elsewhere) = config(&document, file, folder, env);
        let mut faults = document.into_faults();
        faults.extend(elsewhere);
        (config, faults)
    }
}

/// The configuration, every key that the program knows, and the faults of files that it names.
fn config(
    document: &Document,
    file: &str,
    folder: &Path,
    env: &dyn Fn(&str) -> Option<OsString>,
) -> (Config, Vec<String>, Vec<Fault>) {
    let mut top = document.top();
    let mut config = Config::default();
    let mut known = Vec::new();

    let mut section = top.section("paths");
    let path = |section: &mut Section<'_>, key, default: &str| {
        let given = section.parsed(key, not_empty);
        inside(folder, given.as_ref().map_or(default, |spot| spot.value.as_str()))
    };
    config.state_dir = path(&mut section, "state", "state");
    config.registry_dir = path(&mut section, "registry", ".");
    config.evidence_dir = path(&mut section, "evidence", "evidence");
    config.holidays = path(&mut section, "holidays", "holidays.toml");
    known.extend(section.finish());

    let office_section = top.section("office");
    let egress = top.section("egress");
    let (egress, keys) = egress_config(egress);
    known.extend(keys);
    config.egress = egress;

    let private = !config.egress.allow_private.is_empty();
    let (crawl, notice, keys) = crawl_policy(top.section("crawl"), private);
    known.extend(keys);
    config.crawl = crawl;
    config.notices.extend(notice.map(|(at, message)| {
        let (line, column) = document.place(at);
        Notice::new(file, line, column, message)
    }));

    let (limits, keys) = limits(top.section("limits"));
    known.extend(keys);
    config.limits = limits;

    let (browser, keys) = browser(top.section("browser"));
    known.extend(keys);
    config.browser = browser;

    let (rules, keys) = rules(top.section("rules"), folder);
    known.extend(keys);
    config.rules = rules;

    let mail_section = top.section("mail");
    let (office, keys) = office(office_section, mail_section.is_present());
    known.extend(keys);
    config.office = office;
    let (mail, keys) = mail(mail_section, folder, env);
    known.extend(keys);
    config.mail = mail;

    let (papers, keys) = papers(top.section("papers"));
    known.extend(keys);
    config.papers = papers;

    let (deadlines, keys) = deadlines(top.section("deadlines"));
    known.extend(keys);
    config.deadlines = deadlines;

    let (ladder, keys) = ladder(top.section("ladder"));
    known.extend(keys);
    config.ladder = ladder;
    for section in top.sections("webhook") {
        config.webhooks.extend(webhook(section, folder, env));
    }
    let (accounts, elsewhere, keys) = accounts(top.section("accounts"), folder, env);
    known.extend(keys);
    config.accounts = accounts;

    known.extend(top.finish());
    (config, known, elsewhere)
}

fn office(mut section: Section<'_>, letters: bool) -> (Office, Vec<String>) {
    let why = "启用 [mail] 后，信函的落款、标题和回复方式取自这里";
    let mut office = Office::default();
    for (key, field) in [
        ("signature", &mut office.signature),
        ("area", &mut office.area),
        ("contact", &mut office.contact),
        ("phone", &mut office.phone),
    ] {
        *field = needed(&mut section, key, letters.then_some(why));
    }
    match section.text("reply-to") {
        Some(spot) if !spot.value.is_empty() => match scalar::mail_address(&spot.value) {
            Ok(address) => office.reply_to = address,
            Err(message) => section.fault(spot.at, format!("reply-to：{message}")),
        },
        _ if letters => section.lacks("reply-to", why),
        _ => {}
    }
    (office, section.finish())
}

fn papers(mut section: Section<'_>) -> (Papers, Vec<String>) {
    let mut papers = Papers::default();
    for (key, field) in [
        ("issuer", &mut papers.issuer),
        ("number", &mut papers.number),
        ("notice-number", &mut papers.notice_number),
        ("order-number", &mut papers.order_number),
        ("recipients", &mut papers.recipients),
        ("basis", &mut papers.basis),
    ] {
        *field = needed(&mut section, key, None);
    }
    (papers, section.finish())
}

/// A text that may be left empty, unless `why` says what it is needed for.
fn needed(section: &mut Section<'_>, key: &'static str, why: Option<&str>) -> String {
    match (section.text(key), why) {
        (Some(spot), Some(why)) if spot.value.is_empty() => {
            section.fault(spot.at, format!("{key} 不能为空：{why}"));
            String::new()
        }
        (Some(spot), _) => spot.value,
        (None, Some(why)) => {
            section.lacks(key, why);
            String::new()
        }
        (None, None) => String::new(),
    }
}

fn crawl_policy(
    mut section: Section<'_>,
    private: bool,
) -> (CrawlPolicy, Option<(usize, String)>, Vec<String>) {
    let mut crawl = CrawlPolicy::default();
    let mut notice = None;
    if let Some(spot) = section.parsed("user-agent", product) {
        crawl.user_agent = spot.value;
    }
    match section.parsed("contact", contact) {
        Some(spot) => {
            if spot.value.trim_end_matches('/').ends_with(".example") {
                notice = Some((
                    spot.at,
                    "contact 仍是样例，请改为本单位的联系邮箱或网址，被巡查的网站据此联系你们".to_owned(),
                ));
            }
            crawl.contact = spot.value;
        }
        None => section.lacks("contact", "写入 User-Agent，供被巡查网站的管理员联系，填邮箱或网址"),
    }
    let most = if private { ANY_RATE } else { PUBLIC_RATE };
    for (key, field) in
        [("rate-per-host", &mut crawl.rate_per_host), ("rate-per-group", &mut crawl.rate_per_group)]
    {
        let Some(Spot { value, at }) = section.number(key) else { continue };
        if value <= 0.0 {
            section.fault(at, format!("{key} 应大于 0，现为 {value}"));
        } else if value > most {
            let hint =
                if private { "" } else { "；只有配置了 [egress] allow-private 的内网才能更快" };
            section.fault(at, format!("{key} 每秒不得超过 {most} 次，现为 {value}{hint}"));
        } else {
            *field = value;
        }
    }
    set(&mut crawl.connections_per_host, section.whole("connections-per-host", 1..=64));
    set(&mut crawl.concurrency, section.whole("concurrency", 1..=1024));
    if let Some(windows) = section.list("windows", scalar::time_window) {
        crawl.windows = windows.into_iter().map(|spot| spot.value).collect();
    }
    if let Some(dates) = section.list("quiet-dates", scalar::date) {
        crawl.quiet_dates = dates.into_iter().map(|spot| spot.value).collect();
        crawl.quiet_dates.sort_unstable();
        crawl.quiet_dates.dedup();
    }
    if let Some(spot) = section.whole("max-pages", 0..=100_000_000) {
        crawl.max_pages = Some(spot.value).filter(|pages| *pages > 0);
    }
    set(&mut crawl.max_depth, section.whole("max-depth", 1..=1000));
    if let Some(spot) = section.parsed("max-bytes", scalar::bytes) {
        crawl.max_bytes = Some(spot.value).filter(|bytes| *bytes > 0);
    }
    set(&mut crawl.max_per_pattern, section.whole("max-per-pattern", 10..=1_000_000));
    if let Some(spot) = section.parsed("confirm-apart", scalar::duration) {
        crawl.confirm_apart = spot.value;
    }
    if let Some(spot) = section.flag("check-external") {
        crawl.check_external = spot.value;
    }
    crawl.witnesses = plain(section.list("witnesses", scalar::web_url));
    set(&mut crawl.ipv6_links, section.whole("ipv6-links", 0..=10_000));
    (crawl, notice, section.finish())
}

fn limits(mut section: Section<'_>) -> (Limits, Vec<String>) {
    let mut limits = Limits::default();
    for (key, field) in [
        ("connect", &mut limits.connect),
        ("first-byte", &mut limits.first_byte),
        ("whole", &mut limits.whole),
        ("parse", &mut limits.parse),
    ] {
        if let Some(spot) = section.parsed(key, scalar::duration) {
            *field = spot.value;
        }
    }
    set(&mut limits.redirects, section.whole("redirects", 0..=20));
    for (key, field) in [
        ("page-bytes", &mut limits.page_bytes),
        ("probe-bytes", &mut limits.probe_bytes),
        ("attachment-bytes", &mut limits.attachment_bytes),
        ("site-attachments", &mut limits.site_attachments),
    ] {
        if let Some(spot) = section.parsed(key, scalar::bytes) {
            if (1024..=256 << 20).contains(&spot.value) {
                *field = spot.value;
            } else {
                section.fault(spot.at, format!("{key} 应在 1KiB 至 256MiB 之间"));
            }
        }
    }
    set(&mut limits.url_bytes, section.whole("url-bytes", 256..=65_536));
    (limits, section.finish())
}

fn egress_config(mut section: Section<'_>) -> (EgressConfig, Vec<String>) {
    let allow_private = plain(section.list("allow-private", scalar::cidr));
    let ports = section.wholes("ports", 1..=65_535).unwrap_or_default();
    let ports = ports.iter().filter_map(|spot| u16::try_from(spot.value).ok()).collect();
    let proxy = section
        .parsed("proxy", |text| if text.is_empty() { Ok(None) } else { scalar::web_url(text).map(Some) });
    let proxy = proxy.and_then(|spot| spot.value);
    let connect_to = plain(section.list("connect-to", scalar::connect_to));
    let dns = plain(section.list("dns", scalar::name_server));
    let egress = EgressConfig { allow_private, ports, proxy, connect_to, dns };
    (egress, section.finish())
}

fn browser(mut section: Section<'_>) -> (Option<BrowserConfig>, Vec<String>) {
    let mut browser = BrowserConfig::default();
    let enable = section.flag("enable");
    if let Some(spot) = section.parsed("command", not_empty) {
        browser.command = PathBuf::from(&spot.value);
        if !browser.command.is_absolute() {
            section.fault(spot.at, "command 应为浏览器程序的完整路径，如 \"/usr/bin/chromium\"".to_owned());
        }
    }
    if let Some(spot) = section.parsed("whole", scalar::duration) {
        browser.whole = spot.value;
    }
    set(&mut browser.requests, section.whole("requests", 1..=1_000));
    set(&mut browser.pages, section.whole("pages", 1..=10_000));
    let Some(enable) = enable.filter(|spot| spot.value) else { return (None, section.finish()) };
    if !cfg!(feature = "browser") {
        section.fault(
            enable.at,
            "本程序编译时未包含浏览器功能（须以 cargo build --release --features browser 编译），请改为 enable = false".to_owned(),
        );
    } else if !browser.command.is_file() {
        let told =
            format!("找不到浏览器程序 {}：请安装 chromium，或者用 command 指明", browser.command.display());
        section.fault(enable.at, told);
    }
    (Some(browser), section.finish())
}

fn rules(mut section: Section<'_>, folder: &Path) -> (RulesConfig, Vec<String>) {
    let mut rules = RulesConfig::default();
    if let Some(spot) = section.text("dir").filter(|spot| !spot.value.is_empty()) {
        let dir = inside(folder, &spot.value);
        if !dir.is_dir() {
            section.fault(spot.at, format!("找不到规则文件夹 {}", dir.display()));
        }
        rules.dir = Some(dir);
    }
    let one = section.parsed("pack", pack_id);
    let several = section.place_of("packs");
    let packs = plain(section.list("packs", pack_id));
    match (one, several) {
        (Some(spot), Some(_)) => section.fault(spot.at, "pack 和 packs 只写一个"),
        (Some(spot), None) => rules.packs = vec![spot.value],
        (None, Some(at)) if packs.is_empty() => section.fault(at, "packs 至少写一个规则包"),
        (None, Some(_)) => rules.packs = packs,
        (None, None) => {}
    }
    (rules, section.finish())
}

fn pack_id(text: &str) -> Result<String, String> {
    let good =
        !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if good {
        Ok(text.to_owned())
    } else {
        Err("只能用小写字母、数字和 -，如 national-2019".to_owned())
    }
}

fn deadlines(mut section: Section<'_>) -> (Deadlines, Vec<String>) {
    let mut deadlines = Deadlines::default();
    set(&mut deadlines.working_days, section.whole("working-days", 1..=250));
    set(&mut deadlines.immediate_days, section.whole("immediate-days", 1..=30));
    set(&mut deadlines.max_rows, section.whole("max-rows", 1..=10_000));
    (deadlines, section.finish())
}

fn ladder(mut section: Section<'_>) -> (Ladder, Vec<String>) {
    let mut ladder = Ladder::default();
    set(&mut ladder.notice_before, section.whole("notice-before", 0..=60));
    set(&mut ladder.remind_after, section.whole("remind-after", 1..=60));
    let again = section.whole("remind-again-after", 1..=120);
    let order = section.whole("order-after", 1..=250);
    let places = [again.as_ref().map(|spot| spot.at), order.as_ref().map(|spot| spot.at)];
    set(&mut ladder.remind_again_after, again);
    set(&mut ladder.order_after, order);
    set(&mut ladder.talk_after, section.whole("talk-after", 1..=250));
    let rungs =
        ladder.remind_after < ladder.remind_again_after && ladder.remind_again_after < ladder.order_after;
    if let (false, Some(at)) = (rungs, places.into_iter().flatten().next()) {
        section.fault(at, "各步须一步晚于一步：remind-after < remind-again-after < order-after");
    }
    (ladder, section.finish())
}

fn set<T: TryFrom<u64>>(field: &mut T, spot: Option<Spot<u64>>) {
    if let Some(value) = spot.and_then(|spot| T::try_from(spot.value).ok()) {
        *field = value;
    }
}

fn plain<T>(spots: Option<Vec<Spot<T>>>) -> Vec<T> {
    spots.unwrap_or_default().into_iter().map(|spot| spot.value).collect()
}

pub(super) fn not_empty(text: &str) -> Result<String, String> {
    if text.is_empty() { Err("不能为空".to_owned()) } else { Ok(text.to_owned()) }
}

/// A product token with its version: what may stand in a User-Agent before the contact.
fn product(text: &str) -> Result<String, String> {
    if !text.is_empty()
        && text.chars().all(|c| c.is_ascii_graphic() || c == ' ')
        && !text.contains(['(', ')'])
    {
        Ok(text.to_owned())
    } else {
        Err("只能用英文字母、数字和 / . -，不能为空，不带括号，如 xuncha/0.1".to_owned())
    }
}

fn contact(text: &str) -> Result<String, String> {
    if text.contains("://") {
        return scalar::web_url(text).map(|url| url.to_string());
    }
    scalar::mail_address(text.strip_prefix("mailto:").unwrap_or(text))
}

/// `relative` seen from `folder`, without `.` parts.
pub(super) fn inside(folder: &Path, relative: &str) -> PathBuf {
    let joined: PathBuf =
        folder.join(relative).components().filter(|part| !matches!(part, Component::CurDir)).collect();
    if joined.as_os_str().is_empty() { PathBuf::from(".") } else { joined }
}

#[cfg(test)]
mod tests {
    use super::super::valid::Secret;
    use super::*;

    const SHIPPED: &str = include_str!("../../config/xuncha.toml");

    fn read(text: &str, env: &[(&str, &str)]) -> (Config, Vec<Fault>) {
        let look_up =
            |name: &str| env.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value));
        Config::parse("xuncha.toml", text, Path::new("/office"), &look_up)
    }

    /// The shipped file with its mail section switched on.
    fn with_mail() -> String {
        let (head, mail) = SHIPPED.split_once("# [mail]").expect("a mail section");
        let mail = mail.replace("\n# ", "\n");
        format!("{head}[mail]{mail}")
    }

    #[test]
    fn the_shipped_file_says_the_defaults() {
        let (config, faults) = read(SHIPPED, &[]);
        assert_eq!(faults, []);
        assert_eq!(
            config.crawl,
            CrawlPolicy { contact: "zwgk@shili.example".to_owned(), ..CrawlPolicy::default() }
        );
        assert_eq!(config.limits, Limits::default());
        assert_eq!(config.egress, EgressConfig::default());
        assert_eq!(config.rules, RulesConfig::default());
        assert_eq!(config.deadlines, Deadlines::default());
        assert_eq!(config.office, Office::default());
        assert_eq!(config.mail, None);
        assert_eq!(config.state_dir, Path::new("/office/state"));
        assert_eq!(config.registry_dir, Path::new("/office"));
        assert_eq!(config.notices.len(), 1, "the sample contact is noticed");
    }

    #[test]
    fn the_shipped_file_has_every_key_and_no_other() {
        let document = Document::new("xuncha.toml", SHIPPED);
        let (_, known, _) = config(&document, "xuncha.toml", Path::new(""), &|_| None);
        assert!(known.len() > 45, "{known:?}");
        // `pack` is how one pack was named before there could be several.
        for key in known.into_iter().filter(|key| key != "rules.pack") {
            let line = match key.rsplit_once('.') {
                Some((_, key)) => format!("{key} = "),
                None => format!("[{key}]"),
            };
            let bare = |l: &str| l.trim_start_matches(['#', ' ']).replace("[[", "[").replace("]]", "]");
            let found = SHIPPED.lines().any(|l| bare(l).starts_with(&line));
            assert!(found, "{key} is not in config/xuncha.toml");
        }
        let (_, faults) = read(&with_mail(), &[]);
        assert!(faults.iter().all(|fault| !fault.message.contains("没有名为")), "{faults:?}");
    }

    #[test]
    fn mail_takes_its_password_from_the_environment_and_never_shows_it() {
        let text = with_mail()
            .replace("password-file = \"mail-password\"", "")
            .replace("# password-env", "password-env")
            .replace("signature = \"\"", "signature = \"示例市政府办\"")
            .replace("area = \"\"", "area = \"示例市\"")
            .replace("phone = \"\"", "phone = \"0000\"")
            .replace("contact = \"\"", "contact = \"李某某\"")
            .replace("reply-to = \"\"", "reply-to = \"a@shili.example\"");
        let (config, faults) = read(&text, &[("XUNCHA_MAIL_PASSWORD", "canary-secret")]);
        assert_eq!(faults, []);
        let mail = config.mail.as_ref().expect("mail is on");
        assert_eq!(mail.password.as_ref().map(Secret::expose), Some("canary-secret"));
        assert_eq!((mail.port, mail.domain.as_str()), (465, "shili.example"));
        assert!(!format!("{config:?}").contains("canary"));
        assert!(!serde_json::to_string(&config).expect("plain values").contains("canary"));
        let (other, _) = read(&text, &[("XUNCHA_MAIL_PASSWORD", "another")]);
        assert_eq!(config.hash(), other.hash(), "a new password is no new configuration");
        let (_, faults) = read(&text, &[]);
        assert_eq!(faults.len(), 1);
        assert!(faults[0].message.contains("XUNCHA_MAIL_PASSWORD 未设置"), "{faults:?}");
    }

    #[test]
    fn the_hash_follows_what_the_file_says_and_not_how() {
        let (shipped, _) = read(SHIPPED, &[]);
        let (short, faults) = read("# 一句注释\n[crawl]\ncontact = 'zwgk@shili.example'", &[]);
        assert_eq!(faults, []);
        assert_eq!(shipped.hash(), short.hash());
        let (faster, _) = read("[crawl]\ncontact = 'zwgk@shili.example'\nrate-per-host = 2", &[]);
        assert_ne!(shipped.hash(), faster.hash());
    }

    proptest::proptest! {
        #[test]
        fn any_text_ends_in_a_configuration_or_in_faults(text in "(\\[[a-z]{1,6}\\]|[a-z-]{1,9} = |\"|'|[0-9]{1,20}|[\\[\\]{},.]|\n|甲|\\PC){0,40}") {
            let (_, faults) = read(&text, &[]);
            proptest::prop_assert!(faults.iter().all(|fault| fault.line >= 1 && fault.column >= 1));
            proptest::prop_assert!(!faults.is_empty(), "no contact was given");
        }
    }

    #[test]
    fn values_are_taken() {
        let text = "[crawl]\ncontact = 'https://www.shili.example/lxwm'\nwindows = ['22:00-06:00']\n\
            quiet-dates = [2026-10-02, '2026-10-01']\nmax-pages = 0\nrate-per-host = 200\n\
            [egress]\nallow-private = ['10.1.0.0/16', '127.0.0.0/8']\nproxy = 'http://10.1.0.8:3128'\n\
            connect-to = ['www.shili.example:80:127.0.0.1:8080']\ndns = ['10.1.0.53']\nports = [8080]\n\
            [paths]\nstate = '/var/lib/xuncha'\nregistry = './登记表'";
        let (config, faults) = read(text, &[]);
        assert_eq!(faults, []);
        assert_eq!(config.crawl.max_pages, None);
        assert_eq!(config.crawl.quiet_dates.len(), 2);
        assert!(config.crawl.quiet_dates.is_sorted());
        assert!((config.crawl.rate_per_host - 200.0).abs() < f64::EPSILON);
        assert_eq!(config.egress.allow_private.len(), 2);
        assert_eq!(config.egress.connect_to[0].to.port(), 8080);
        assert_eq!(config.egress.dns[0].port(), 53);
        assert_eq!(config.state_dir, Path::new("/var/lib/xuncha"));
        assert_eq!(config.registry_dir, Path::new("/office/登记表"));
    }
}
