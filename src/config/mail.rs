//! `[mail]` as checked: server, encryption and sender agree with each other, and the password comes from where
//! nobody else can read it.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use super::raw::{Section, Spot, unreadable};
use super::read::{inside, not_empty};
use super::scalar;
use super::valid::{MailConfig, MailSecurity, Secret};

/// `letters-apart` where the file does not say.
const LETTERS_APART: Duration = Duration::from_secs(1);

/// The section, `None` where the file has none, and the keys it knows.
pub(super) fn mail(
    mut section: Section<'_>,
    folder: &Path,
    env: &dyn Fn(&str) -> Option<OsString>,
) -> (Option<MailConfig>, Vec<String>) {
    let host = section.parsed("host", scalar::host);
    let port = section.whole("port", 1..=65_535);
    let security = section.parsed("security", |text| match text {
        "tls" => Ok(MailSecurity::Tls),
        "starttls" => Ok(MailSecurity::StartTls),
        "plain" => Ok(MailSecurity::Plain),
        _ => Err(format!(
            "只能是 tls（465 端口）、starttls（587 端口）或 plain（仅限本机），现为“{}”",
            super::raw::printable(text)
        )),
    });
    let user = section.parsed("user", not_empty);
    let password_env = section.parsed("password-env", not_empty);
    let password_file = section.parsed("password-file", not_empty);
    let from = section.parsed("from", scalar::mail_address);
    let domain = section.parsed("domain", |text| match scalar::host(text) {
        Ok(name) if name.contains('.') => Ok(name),
        _ => Err("应是域名，如 shili.gov.cn".to_owned()),
    });
    let letters_apart = section.parsed("letters-apart", scalar::duration);
    let auto_send = section.flag("auto-send").is_some_and(|spot| spot.value);
    if !section.is_present() {
        return (None, section.finish());
    }
    if host.is_none() {
        section.lacks("host", "邮件服务器的主机名");
    }
    if from.is_none() {
        section.lacks("from", "发件邮箱");
    }

    let secured = security.as_ref().map_or(MailSecurity::Tls, |spot| spot.value);
    let usual = match secured {
        MailSecurity::Tls => 465,
        MailSecurity::StartTls => 587,
        MailSecurity::Plain => 25,
    };
    if let Some(Spot { value, at }) = &port {
        match (secured, *value) {
            (MailSecurity::Tls, 25 | 587) => section.fault(
                *at,
                format!("端口 {value} 不是 tls 的端口：请改为 465，或将 security 改为 \"starttls\""),
            ),
            (MailSecurity::StartTls, 465) => {
                section.fault(*at, "端口 465 一连接就加密：请将 security 改为 \"tls\"，或将端口改为 587");
            }
            _ => {}
        }
    }
    if let (MailSecurity::Plain, Some(host), Some(spot)) = (secured, &host, &security)
        && !is_loopback(&host.value)
    {
        section.fault(
            spot.at,
            format!("security = \"plain\" 只能用于本机（localhost），{} 请用 tls 或 starttls", host.value),
        );
    }

    if let (MailSecurity::Plain, Some(user)) = (secured, &user) {
        section.fault(user.at, "security = \"plain\" 时不登录：密码不得不加密地发送，请去掉 user");
    }

    let mut password = None;
    match (&password_env, &password_file) {
        (Some(_), Some(file)) => section.fault(file.at, "password-env 和 password-file 只能写一个"),
        (Some(name), None) => match env(&name.value).and_then(|value| value.into_string().ok()) {
            Some(value) if !value.is_empty() => password = Some(Secret::new(value)),
            _ => section.fault(name.at, format!("环境变量 {} 未设置或为空，其中应是邮箱密码", name.value)),
        },
        (None, Some(file)) => match secret_file(&inside(folder, &file.value)) {
            Ok(secret) => password = Some(secret),
            Err(message) => section.fault(file.at, format!("password-file：{message}")),
        },
        (None, None) => {
            if let Some(user) = &user {
                section.fault(
                    user.at,
                    "写了 user 就要写 password-file 或 password-env，密码不能直接写在本文件中",
                );
            }
        }
    }
    if let (None, Some(spot)) = (&user, password_env.as_ref().or(password_file.as_ref())) {
        section.fault(spot.at, "写了密码来源却没有写 user（登录名）");
    }

    let from = from.map(|spot| spot.value).unwrap_or_default();
    let sender_domain = from.rsplit_once('@').map_or("", |(_, domain)| domain).to_owned();
    let mail = MailConfig {
        host: host.map(|spot| spot.value).unwrap_or_default(),
        port: port.and_then(|spot| u16::try_from(spot.value).ok()).unwrap_or(usual),
        security: secured,
        user: user.map(|spot| spot.value),
        password_env: password_env.map(|spot| spot.value),
        password,
        from,
        domain: domain.map_or(sender_domain, |spot| spot.value),
        letters_apart: letters_apart.map_or(LETTERS_APART, |spot| spot.value),
        auto_send,
    };
    (Some(mail), section.finish())
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|addr| addr.is_loopback())
}

/// Why a file cannot hold secrets, where others can read it.
///
/// # Errors
/// If it cannot be looked at.
pub(super) fn readable_by_others(path: &Path) -> Result<Option<String>, String> {
    let shown = path.display();
    let metadata = std::fs::metadata(path).map_err(|error| format!("{shown} {}", unreadable(&error)))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = metadata.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Ok(Some(format!("{shown} 的权限是 {mode:04o}，他人可读，请执行 chmod 600 {shown}")));
        }
    }
    Ok(None)
}

/// The first line of a file that nobody but its owner may read.
pub(super) fn secret_file(path: &Path) -> Result<Secret, String> {
    let shown = path.display();
    if let Some(message) = readable_by_others(path)? {
        return Err(message);
    }
    let metadata = std::fs::metadata(path).map_err(|error| format!("{shown} {}", unreadable(&error)))?;
    if metadata.len() > 4096 {
        return Err(format!("{shown} 过大，其中应只有一行密码"));
    }
    let text = std::fs::read_to_string(path).map_err(|error| format!("{shown} {}", unreadable(&error)))?;
    match text.lines().next().map(str::trim) {
        Some(line) if !line.is_empty() => Ok(Secret::new(line)),
        _ => Err(format!("{shown} 第一行是空的，其中应是邮箱密码")),
    }
}
