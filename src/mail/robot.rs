//! What a work group's robot is sent: the documented JSON of 企业微信, 钉钉 and 飞书 with their signatures. Pure.
#![deny(clippy::disallowed_methods)]

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::calendar::Instant8;
use crate::config::valid::{Robot, Secret, Webhook};

/// A request to a robot.
#[derive(Clone, PartialEq, Eq)]
pub struct Post {
    /// The address, with a signature where it belongs there. Never printed: it holds the group's token.
    pub url: Secret,
    /// The JSON body.
    pub body: String,
}

/// Bytes of one message: 企业微信 takes 2048, the others more.
const MOST_BYTES: usize = 2000;
/// Bytes of a block of SHA-256, as HMAC counts.
const BLOCK: usize = 64;

/// The messages that tell `texts` to the group, signed at `at`: as few as the robot's limit allows, no text cut in two
/// unless it alone is too long.
pub fn posts(hook: &Webhook, texts: &[String], at: Instant8) -> Vec<Post> {
    let mut messages: Vec<String> = Vec::new();
    for text in texts.iter().flat_map(|text| pieces(text)) {
        match messages.last_mut() {
            Some(last) if last.len() + 2 + text.len() <= MOST_BYTES => {
                last.push_str("\n\n");
                last.push_str(&text);
            }
            _ => messages.push(text),
        }
    }
    messages.into_iter().map(|text| post(hook, &text, at)).collect()
}

/// Whether the robot took the message, by its answer; the error is what it said.
///
/// # Errors
/// The robot's own words, or that it said nothing of the kind.
pub fn taken(robot: Robot, answer: &[u8]) -> Result<(), String> {
    let said: Value = serde_json::from_slice(answer).map_err(|_| "答复不是JSON".to_owned())?;
    let (codes, words): (&[&str], &str) = match robot {
        Robot::Wecom | Robot::Dingtalk => (&["errcode"], "errmsg"),
        Robot::Feishu => (&["code", "StatusCode"], "msg"),
    };
    match codes.iter().find_map(|code| said[code].as_i64()) {
        Some(0) => Ok(()),
        Some(code) => Err(format!("{code} {}", said[words].as_str().unwrap_or_default())),
        None => Err("答复中没有结果代码".to_owned()),
    }
}

fn post(hook: &Webhook, text: &str, at: Instant8) -> Post {
    let mut url = hook.url.expose().to_owned();
    let mut body = match hook.robot {
        Robot::Wecom | Robot::Dingtalk => json!({ "msgtype": "text", "text": { "content": text } }),
        Robot::Feishu => json!({ "msg_type": "text", "content": { "text": text } }),
    };
    match (hook.robot, &hook.secret) {
        // HmacSHA256 over "timestamp\nsecret" under the secret; timestamp in milliseconds, both in the address.
        (Robot::Dingtalk, Some(secret)) => {
            let stamp = at.timestamp_millis();
            let signed = hmac(secret.expose().as_bytes(), format!("{stamp}\n{}", secret.expose()).as_bytes());
            let sign: String = url::form_urlencoded::byte_serialize(base64(&signed).as_bytes()).collect();
            let mark = if url.contains('?') { '&' } else { '?' };
            url = format!("{url}{mark}timestamp={stamp}&sign={sign}");
        }
        // HmacSHA256 over nothing under "timestamp\nsecret"; timestamp in seconds, both in the body.
        (Robot::Feishu, Some(secret)) => {
            let stamp = at.timestamp();
            let signed = hmac(format!("{stamp}\n{}", secret.expose()).as_bytes(), b"");
            body["timestamp"] = json!(stamp.to_string());
            body["sign"] = json!(base64(&signed));
        }
        (Robot::Wecom, _) | (_, None) => {}
    }
    Post { url: Secret::new(url), body: body.to_string() }
}

/// `text` in pieces that fit one message.
fn pieces(text: &str) -> Vec<String> {
    let mut pieces = vec![String::new()];
    for c in text.chars() {
        let full = pieces.last().is_some_and(|last| last.len() + c.len_utf8() > MOST_BYTES);
        if full {
            pieces.push(String::new());
        }
        if let Some(last) = pieces.last_mut() {
            last.push(c);
        }
    }
    pieces
}

/// HMAC-SHA256 (RFC 2104).
fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut block = [0_u8; BLOCK];
    let hashed = Sha256::digest(key);
    let key = if key.len() > BLOCK { hashed.as_slice() } else { key };
    for (to, from) in block.iter_mut().zip(key) {
        *to = *from;
    }
    let under = |pad: u8| Sha256::new().chain_update(block.map(|byte| byte ^ pad));
    let inner = under(0x36).chain_update(message).finalize();
    under(0x5c).chain_update(inner).finalize().into()
}

/// Base64 with padding (RFC 4648 §4).
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let byte = |n: usize| u32::from(group.get(n).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for n in 0..4_usize {
            let digit = DIGITS[(bits >> (18 - 6 * n)) as usize & 63];
            text.push(if n <= group.len() { char::from(digit) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::from_millis;
    use crate::finding::hex;

    fn hook(robot: Robot, secret: Option<&str>) -> Webhook {
        Webhook {
            name: "群".to_owned(),
            robot,
            url: Secret::new("https://robot.example/send?access_token=t"),
            secret: secret.map(Secret::new),
        }
    }

    #[test]
    fn hmac_and_base64_as_published() {
        // RFC 4231, test cases 1, 2 and 6; RFC 4648 §10.
        let table: [(&[u8], &[u8], &str); 3] = [
            (&[0x0b; 20], b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
            (
                b"Jefe",
                b"what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (
                &[0xaa; 131],
                b"Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            ),
        ];
        for (key, message, digest) in table {
            assert_eq!(hex(&hmac(key, message)), digest);
        }
        for (plain, coded) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }

    #[test]
    fn each_robot_gets_its_own_shape() {
        let text = ["提示“甲”".to_owned()];
        let at = from_millis(1_793_000_000_123);
        let one = |robot, secret| posts(&hook(robot, secret), &text, at).remove(0);
        let wecom = one(Robot::Wecom, None);
        assert_eq!(wecom.body, r#"{"msgtype":"text","text":{"content":"提示“甲”"}}"#);
        let dingtalk = one(Robot::Dingtalk, Some("SEC123"));
        let url = dingtalk.url.expose();
        assert!(url.starts_with("https://robot.example/send?access_token=t&timestamp=1793000000123&sign="));
        assert!(!url.contains('+') && url.ends_with("%3D"), "{url}");
        let feishu: Value = serde_json::from_str(&one(Robot::Feishu, Some("SEC123")).body).expect("JSON");
        assert_eq!((&feishu["msg_type"], &feishu["timestamp"]), (&json!("text"), &json!("1793000000")));
        assert_eq!(feishu["sign"].as_str().map(str::len), Some(44));
        assert_eq!(one(Robot::Feishu, None).url.expose(), "https://robot.example/send?access_token=t");
    }

    #[test]
    fn long_texts_are_several_messages_and_none_is_lost() {
        let texts: Vec<String> = (0..40).map(|n| format!("第{n}条{}", "字".repeat(n * 20))).collect();
        let posts = posts(&hook(Robot::Wecom, None), &texts, from_millis(0));
        let told: Vec<String> = posts
            .iter()
            .map(|post| {
                let body: Value = serde_json::from_str(&post.body).expect("JSON");
                body["text"]["content"].as_str().expect("a text").to_owned()
            })
            .collect();
        assert!(posts.len() > 1 && told.iter().all(|text| text.len() <= 2048));
        let squeeze = |text: &str| text.replace('\n', "");
        assert_eq!(squeeze(&told.concat()), squeeze(&texts.concat()));
    }

    #[test]
    fn what_a_robot_answers() {
        assert_eq!(taken(Robot::Dingtalk, br#"{"errcode":0,"errmsg":"ok"}"#), Ok(()));
        assert_eq!(taken(Robot::Feishu, br#"{"code":0,"msg":"success"}"#), Ok(()));
        let refused = taken(Robot::Dingtalk, r#"{"errcode":310000,"errmsg":"签名不匹配"}"#.as_bytes());
        assert_eq!(refused, Err("310000 签名不匹配".to_owned()));
        assert!(taken(Robot::Wecom, b"<html>").is_err() && taken(Robot::Wecom, b"{}").is_err());
    }
}
