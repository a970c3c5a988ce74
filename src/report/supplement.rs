//! What no patrol can know and the papers ask for: messages of 我为政府网站找错, trainings, who was called to account. A TOML
//! file of the office.

use serde::{Deserialize, Serialize};

/// `补充.toml`; everything may be left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Supplement {
    /// Messages of “我为政府网站找错”.
    pub messages: Option<Messages>,
    /// What the annual report asks for beside.
    pub year: Year,
    /// Further sentences for 其他情况.
    pub other: Vec<String>,
}

/// Messages of “我为政府网站找错” in the period.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Messages {
    /// 收到.
    pub received: u32,
    /// 按期办结.
    pub in_time: u32,
    /// 超期办结.
    #[serde(default)]
    pub late: u32,
    /// 未办结.
    #[serde(default)]
    pub open: u32,
}

/// Figures of a year that only the office has; `None` is printed as a blank.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Year {
    /// 培训次数.
    pub trainings: Option<u32>,
    /// 培训人次.
    pub trained: Option<u32>,
    /// 约谈.
    pub talks: Option<u32>,
    /// 书面检查.
    pub written: Option<u32>,
    /// 通报批评.
    pub criticised: Option<u32>,
    /// 关停、迁移网站.
    pub sites_closed: Option<u32>,
    /// 新开设网站.
    pub sites_opened: Option<u32>,
    /// 新开设备案账号.
    pub accounts_opened: Option<u32>,
    /// 关停注销账号.
    pub accounts_closed: Option<u32>,
}

impl Supplement {
    /// Reads the file's text.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn parse(text: &str) -> Result<Self, String> {
        let read: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        if let Some(m) = read.messages
            && m.in_time + m.late + m.open != m.received
        {
            return Err(format!(
                "[messages] 收到{}条，与按期办结{}条、超期办结{}条、未办结{}条之和不符",
                m.received, m.in_time, m.late, m.open
            ));
        }
        Ok(read)
    }

    /// `收到“我为政府网站找错”平台网民留言9条，均按期办结。`; empty where it is not known.
    pub fn messages(&self) -> String {
        let Some(m) = self.messages else { return String::new() };
        let text = format!("收到“我为政府网站找错”平台网民留言{}条", m.received);
        if m.received == 0 || m.in_time == m.received {
            let all = if m.received == 0 { "" } else { "，均按期办结" };
            return format!("{text}{all}。");
        }
        let mut parts = vec![format!("按期办结{}条", m.in_time)];
        for (n, words) in [(m.late, "超期办结"), (m.open, "未办结")] {
            if n > 0 {
                parts.push(format!("{words}{n}条"));
            }
        }
        format!("{text}，{}。", parts.join("，"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_must_agree_and_unknown_keys_are_told() {
        let read = Supplement::parse("[messages]\nreceived = 9\nin-time = 8\nlate = 1\n").expect("sound");
        assert_eq!(read.messages(), "收到“我为政府网站找错”平台网民留言9条，按期办结8条，超期办结1条。");
        assert!(Supplement::parse("[messages]\nreceived = 9\nin-time = 8\n").is_err());
        assert!(Supplement::parse("mesages = 1\n").is_err());
        assert_eq!(Supplement::default().messages(), "");
    }
}
