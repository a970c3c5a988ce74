//! One POST of JSON to a work group's robot, through the egress policy: no redirect, no cookie, a bounded answer.

use std::sync::Arc;
use std::time::Duration;

use url::Url;

use super::dns::{Family, Names};
use super::egress::EgressPolicy;
use crate::config::valid::EgressConfig;

/// How long a robot may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// Bytes of an answer that are read.
const MOST: usize = 16 << 10;

/// How a POST ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Posted {
    /// It was answered with 200; the body.
    Answered(Vec<u8>),
    /// It was surely not taken: refused by us, never connected, or another status.
    Refused(String),
    /// It was sent and no answer came: perhaps taken.
    Unknown(String),
}

/// Posts `json` to `url`.
pub async fn post(egress: &EgressConfig, url: &str, json: String) -> Posted {
    // Installing fails only where it was done before.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let policy = Arc::new(EgressPolicy::new(egress));
    let names = Arc::new(Names::new(egress, Arc::clone(&policy)));
    let Ok(url) = Url::parse(url) else { return Posted::Refused("地址有误".to_owned()) };
    if let Err(refusal) = policy.allow_url(&url) {
        let hint = refusal.hint().map(|hint| format!("（{hint}）")).unwrap_or_default();
        return Posted::Refused(format!("出口策略不允许访问该地址{hint}"));
    }
    let mut builder = reqwest::Client::builder()
        .dns_resolver(Arc::new(names.resolver(Family::Any, None)))
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .timeout(PATIENCE);
    if let Some(proxy) = egress.proxy.as_ref().and_then(|proxy| reqwest::Proxy::all(proxy.clone()).ok()) {
        builder = builder.proxy(proxy);
    }
    let client = match builder.build() {
        Ok(client) => client,
        Err(error) => return Posted::Refused(format!("无法建立连接：{}", error.without_url())),
    };
    let sent = client.post(url).header("content-type", "application/json; charset=utf-8").body(json).send();
    let mut answer = match sent.await {
        Ok(answer) => answer,
        // The address holds the group's token and never stands in a message.
        Err(error) if error.is_connect() => {
            return Posted::Refused(format!("连接未成功：{}", error.without_url()));
        }
        Err(error) => return Posted::Unknown(format!("未收到答复：{}", error.without_url())),
    };
    if answer.status() != 200 {
        return Posted::Refused(format!("返回{}", answer.status().as_u16()));
    }
    let mut body = Vec::new();
    loop {
        match answer.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() <= MOST => body.extend_from_slice(&chunk),
            Ok(Some(_)) => return Posted::Unknown("答复过长".to_owned()),
            Ok(None) => return Posted::Answered(body),
            Err(error) => return Posted::Unknown(format!("答复中断：{}", error.without_url())),
        }
    }
}
