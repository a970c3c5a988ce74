//! `[[webhook]]` as checked: robots of work groups, whose addresses and keys come from where nobody else can read them.

use std::ffi::OsString;
use std::path::Path;

use serde::Serialize;

use super::mail::secret_file;
use super::raw::Section;
use super::read::{inside, not_empty};
use super::scalar;
use super::valid::Secret;

/// Which company's robot it is: what its message and its signature look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Robot {
    /// 企业微信群机器人
    Wecom,
    /// 钉钉自定义机器人
    Dingtalk,
    /// 飞书自定义机器人
    Feishu,
}

/// A robot of a work group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Webhook {
    /// What the office calls it.
    pub name: String,
    /// Which kind it is.
    pub robot: Robot,
    /// Its address: whoever knows it can write to the group.
    #[serde(skip)]
    pub url: Secret,
    /// 加签: the key of its signature, where it asks for one.
    #[serde(skip)]
    pub secret: Option<Secret>,
}

impl Robot {
    /// As an office calls it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Wecom => "企业微信机器人",
            Self::Dingtalk => "钉钉机器人",
            Self::Feishu => "飞书机器人",
        }
    }
}

/// One section; `None` where it has faults.
pub(super) fn webhook(
    mut section: Section<'_>,
    folder: &Path,
    env: &dyn Fn(&str) -> Option<OsString>,
) -> Option<Webhook> {
    let name = section.parsed("name", not_empty);
    let robot = section.parsed("robot", |text| match text {
        "wecom" => Ok(Robot::Wecom),
        "dingtalk" => Ok(Robot::Dingtalk),
        "feishu" => Ok(Robot::Feishu),
        _ => Err("只能是 wecom（企业微信）、dingtalk（钉钉）或 feishu（飞书）".to_owned()),
    });
    let url = section.parsed("url", address);
    let url_file = section.parsed("url-file", not_empty);
    let secret_path = section.parsed("secret-file", not_empty);
    let secret_env = section.parsed("secret-env", not_empty);
    for (key, given, why) in
        [("name", name.is_some(), "机器人的名称"), ("robot", robot.is_some(), "机器人的种类")]
    {
        if !given {
            section.lacks(key, why);
        }
    }
    let url = match (url, url_file) {
        (Some(url), None) => Some(url.value),
        (None, Some(file)) => match secret_file(&inside(folder, &file.value)) {
            Ok(secret) => match address(secret.expose()) {
                Ok(url) => Some(url),
                Err(why) => {
                    section.fault(file.at, format!("url-file：{why}"));
                    None
                }
            },
            Err(why) => {
                section.fault(file.at, format!("url-file：{why}"));
                None
            }
        },
        (Some(_), Some(file)) => {
            section.fault(file.at, "url 和 url-file 只能写一个");
            None
        }
        (None, None) => {
            section.lacks("url", "机器人的地址（或用 url-file 写在文件中）");
            None
        }
    };
    let secret = match (secret_path, secret_env) {
        (None, None) => None,
        (Some(file), None) => match secret_file(&inside(folder, &file.value)) {
            Ok(secret) => Some(secret),
            Err(why) => {
                section.fault(file.at, format!("secret-file：{why}"));
                None
            }
        },
        (None, Some(name)) => match env(&name.value).and_then(|value| value.into_string().ok()) {
            Some(value) if !value.is_empty() => Some(Secret::new(value)),
            _ => {
                section.fault(name.at, format!("环境变量 {} 未设置或为空，其中应是加签密钥", name.value));
                None
            }
        },
        (Some(_), Some(name)) => {
            section.fault(name.at, "secret-file 和 secret-env 只能写一个");
            None
        }
    };
    section.finish();
    Some(Webhook { name: name?.value, robot: robot?.value, url: Secret::new(url?), secret })
}

/// An https address, or http on this machine.
fn address(text: &str) -> Result<String, String> {
    let url = scalar::web_url(text)?;
    let here = url.host_str().is_some_and(|host| host == "127.0.0.1" || host == "localhost");
    if url.scheme() == "https" || here {
        Ok(url.to_string())
    } else {
        Err("机器人地址须以 https:// 开头".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::super::valid::Config;
    use super::*;

    fn read(text: &str) -> (Config, Vec<String>) {
        let env = |name: &str| (name == "KEY").then(|| OsString::from("canary-key"));
        let text = format!("[crawl]\ncontact = \"a@office.example\"\n{text}");
        let (config, faults) = Config::parse("xuncha.toml", &text, Path::new("/office"), &env);
        (config, faults.into_iter().map(|fault| fault.message).collect())
    }

    #[test]
    fn addresses_and_keys_are_kept_to_themselves() {
        let (config, faults) = read(
            "[[webhook]]\nname = \"群\"\nrobot = \"dingtalk\"\nurl = \"https://robot.example/send?access_token=canary\"\nsecret-env = \"KEY\"",
        );
        assert_eq!(faults, Vec::<String>::new());
        assert_eq!(config.webhooks[0].secret.as_ref().map(Secret::expose), Some("canary-key"));
        let shown = format!("{config:?}{}", serde_json::to_string(&config).expect("plain values"));
        assert!(!shown.contains("canary"), "{shown}");
    }

    #[test]
    fn faults_are_told() {
        let table = [
            ("name = \"群\"\nrobot = \"qq\"\nurl = \"https://a.example/\"", "只能是 wecom"),
            ("name = \"群\"\nrobot = \"wecom\"\nurl = \"http://a.example/\"", "须以 https:// 开头"),
            ("name = \"群\"\nrobot = \"wecom\"", "机器人的地址"),
            ("robot = \"wecom\"\nurl = \"https://a.example/\"", "机器人的名称"),
            (
                "name = \"群\"\nrobot = \"wecom\"\nurl = \"https://a.example/\"\nsecret-env = \"NONE\"",
                "NONE 未设置",
            ),
            (
                "name = \"群\"\nrobot = \"wecom\"\nurl = \"https://a.example/\"\nurl-file = \"x\"",
                "只能写一个",
            ),
        ];
        for (text, wanted) in table {
            let (_, faults) = read(&format!("[[webhook]]\n{text}"));
            assert!(faults.iter().any(|fault| fault.contains(wanted)), "{text}: {faults:?}");
        }
        let (_, faults) = read("[ladder]\nremind-after = 4\norder-after = 3");
        assert!(faults.iter().any(|fault| fault.contains("一步晚于一步")), "{faults:?}");
    }
}
