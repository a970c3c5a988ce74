//! `[accounts]` as checked, and the file of credentials that it names: which interfaces may be asked in whose name. The file is
//! refused where anybody else can read it; each secret stands in it or in an environment variable that it names.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::Path;

use url::{Host, Url};

use super::fault::Fault;
use super::mail::readable_by_others;
use super::raw::{Document, Section, Spot, read_text};
use super::read::{inside, not_empty};
use super::scalar;
use super::valid::{AccountsConfig, Credential, CredentialKind, Secret};

/// The section, and the keys it knows.
pub(super) fn accounts(
    mut section: Section<'_>,
    folder: &Path,
    env: &dyn Fn(&str) -> Option<OsString>,
) -> (AccountsConfig, Vec<Fault>, Vec<String>) {
    let mut accounts = AccountsConfig::default();
    let mut faults = Vec::new();
    if let Some(spot) = section.text("credentials").filter(|spot| !spot.value.is_empty()) {
        let path = inside(folder, &spot.value);
        match readable_by_others(&path) {
            Err(message) | Ok(Some(message)) => section.fault(spot.at, format!("credentials：{message}")),
            Ok(None) => match read_text(&path) {
                Ok(text) => {
                    (accounts.credentials, faults) = credentials(&path.display().to_string(), &text, env);
                }
                Err(fault) => faults.push(fault),
            },
        }
    }
    if let Some(spot) = section.flag("obey-robots") {
        accounts.obey_robots = spot.value;
    }
    if let Some(spot) = section.whole("look-back-days", 14..=90) {
        accounts.look_back_days = u16::try_from(spot.value).unwrap_or(accounts.look_back_days);
    }
    (accounts, faults, section.finish())
}

/// Every `[[credential]]` of the file.
fn credentials(
    file: &str,
    text: &str,
    env: &dyn Fn(&str) -> Option<OsString>,
) -> (Vec<Credential>, Vec<Fault>) {
    let document = Document::new(file, text);
    let mut top = document.top();
    let mut names = BTreeSet::new();
    let mut found = Vec::new();
    for section in top.sections("credential") {
        if let Some(credential) = credential(section, &mut names, env) {
            found.push(credential);
        }
    }
    top.finish();
    (found, document.into_faults())
}

fn credential(
    mut section: Section<'_>,
    names: &mut BTreeSet<String>,
    env: &dyn Fn(&str) -> Option<OsString>,
) -> Option<Credential> {
    let name = section.parsed("name", not_empty);
    let kind = section.parsed("kind", |text| {
        CredentialKind::ALL.into_iter().find(|kind| kind.word() == text).ok_or_else(|| {
            "只能是 wechat（微信公众号）、weibo（微博）、douyin（抖音）或 rsshub（订阅源）".to_owned()
        })
    });
    let id = section.parsed("id", not_empty);
    let secret = section.parsed("secret", not_empty);
    let secret_env = section.parsed("secret-env", not_empty);
    let address = section.parsed("address", scalar::web_url);
    if let Some(spot) = &name
        && !names.insert(spot.value.clone())
    {
        section.fault(spot.at, format!("名称“{}”已经用过", spot.value));
    }
    if name.is_none() {
        section.lacks("name", "名称，accounts 登记表的“接口”后面写它");
    }
    if kind.is_none() {
        section.lacks("kind", "平台");
    }
    let kind = kind.map(|spot| spot.value);
    match kind {
        Some(CredentialKind::Wechat) if id.is_none() => section.lacks("id", "公众号的 AppID"),
        Some(CredentialKind::Douyin) if id.is_none() => section.lacks("id", "授权得到的 open_id"),
        Some(CredentialKind::Rsshub) if address.is_none() => section.lacks("address", "RSSHub 实例的网址"),
        _ => {}
    }
    if let Some(spot) = &address
        && spot.value.scheme() == "http"
        && !is_inner(&spot.value)
    {
        section.fault(spot.at, "address 不加密会泄露密钥：公网地址请用 https://");
    }
    let secret = match (secret, secret_env) {
        (Some(_), Some(env)) => {
            section.fault(env.at, "secret 和 secret-env 只能写一个");
            None
        }
        (Some(Spot { value, .. }), None) => Some(Secret::new(value)),
        (None, Some(Spot { value, at })) => match env(&value).and_then(|value| value.into_string().ok()) {
            Some(text) if !text.trim().is_empty() => Some(Secret::new(text.trim())),
            _ => {
                section.fault(at, format!("环境变量 {value} 未设置或为空，其中应是密钥"));
                None
            }
        },
        (None, None) => {
            section.lacks(
                "secret",
                "密钥（AppSecret、access_token 或访问密钥），也可以用 secret-env 写明环境变量",
            );
            None
        }
    };
    let credential = Credential {
        name: name?.value,
        kind: kind?,
        id: id.map(|spot| spot.value).unwrap_or_default(),
        secret: secret?,
        address: address.map(|spot| spot.value),
    };
    section.finish();
    Some(credential)
}

/// Whether an address is this machine's or a private one, as a number: what a relay inside the office's own network has.
fn is_inner(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback() || ip.is_private(),
        Some(Host::Ipv6(ip)) => ip.is_loopback() || ip.is_unique_local(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::valid::Config;
    use super::*;

    const CREDENTIALS: &str = "[[credential]]\nname = 'shili-fabu'\nkind = 'wechat'\nid = 'wx0000'\nsecret = 'canary-secret'\n\
        [[credential]]\nname = 'shili-weibo'\nkind = 'weibo'\nsecret-env = 'XUNCHA_WEIBO'\n\
        [[credential]]\nname = 'hub'\nkind = 'rsshub'\naddress = 'https://rsshub.shili.example'\nsecret = 'canary-key'\n";

    fn office(credentials: &str, mode: u32) -> (tempfile::TempDir, String) {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("new-media.toml");
        std::fs::write(&path, credentials).expect("writes");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).expect("a mode");
        (
            folder,
            "[crawl]\ncontact = 'zwgk@shili.example'\n[accounts]\ncredentials = 'new-media.toml'".to_owned(),
        )
    }

    fn read(credentials: &str, mode: u32) -> (Config, Vec<Fault>) {
        let (folder, text) = office(credentials, mode);
        let env = |name: &str| (name == "XUNCHA_WEIBO").then(|| OsString::from("canary-env"));
        Config::parse("xuncha.toml", &text, folder.path(), &env)
    }

    #[test]
    fn secrets_come_from_a_file_of_ones_own_and_never_show() {
        let (config, faults) = read(CREDENTIALS, 0o600);
        assert_eq!(faults, []);
        let secrets: Vec<_> = config.accounts.credentials.iter().map(|one| one.secret.expose()).collect();
        assert_eq!(secrets, ["canary-secret", "canary-env", "canary-key"]);
        assert!(!format!("{config:?}").contains("canary"));
        assert!(!serde_json::to_string(&config).expect("plain values").contains("canary"));
        let (_, faults) = read(CREDENTIALS, 0o640);
        assert!(faults[0].message.contains("chmod 600"), "{faults:?}");
        assert!(read(CREDENTIALS, 0o604).0.accounts.credentials.is_empty());
    }

    #[test]
    fn faults_of_credentials_are_told_at_their_places() {
        for (credentials, said) in [
            ("[[credential]]\nname = 'a'\nkind = 'wechat'\nsecret = 's'", "缺少必填项 [credential] id"),
            ("[[credential]]\nname = 'a'\nkind = 'weixin'\nsecret = 's'", "只能是 wechat"),
            ("[[credential]]\nname = 'a'\nkind = 'weibo'", "缺少必填项 [credential] secret"),
            ("[[credential]]\nname = 'a'\nkind = 'weibo'\nsecret-env = 'NOPE'", "环境变量 NOPE 未设置"),
            ("[[credential]]\nname = 'a'\nkind = 'weibo'\nsecret = 's'\nsecret-env = 'X'", "只能写一个"),
            ("[[credential]]\nname = 'a'\nkind = 'weibo'\nsecret = 's'\nscret = 't'", "没有名为“scret”"),
            (
                "[[credential]]\nname = 'a'\nkind = 'rsshub'\nsecret = 's'\naddress = 'http://hub.example/'",
                "https://",
            ),
            ("[credential]\nname = 'a'", "[[credential]]"),
            (
                "[[credential]]\nname = 'a'\nkind = 'weibo'\nsecret = 's'\n[[credential]]\nname = 'a'\nkind = 'weibo'\nsecret = 's'",
                "已经用过",
            ),
        ] {
            let (_, faults) = read(credentials, 0o600);
            assert!(faults.iter().any(|fault| fault.message.contains(said)), "{said}: {faults:?}");
            assert!(faults.iter().all(|fault| fault.file.ends_with("new-media.toml")), "{faults:?}");
        }
    }
}
