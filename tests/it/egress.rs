//! Nothing forbidden is ever connected to: by literal, by name, by redirect, by a name that changes its mind.

use std::net::IpAddr;
use std::sync::Arc;

use hickory_resolver::proto::op::ResponseCode;
use xuncha::config::valid::EgressConfig;
use xuncha::exchange::ResolveError;
use xuncha::fetch::dns::{Denied, Family, Names};
use xuncha::fetch::egress::EgressPolicy;

use crate::kit;

fn names(config: &EgressConfig) -> Arc<Names> {
    Arc::new(Names::new(config, Arc::new(EgressPolicy::new(config))))
}

#[tokio::test]
async fn failures_of_names_are_told_apart() {
    let dns = kit::Dns::start().await;
    dns.set("v4.test", "8.8.8.8");
    dns.set("both.test", "8.8.8.8 2400:3200::1");
    dns.answer("broken.test", kit::Answer::Code(ResponseCode::ServFail));
    dns.answer("refused.test", kit::Answer::Code(ResponseCode::Refused));
    dns.answer("alias.test", kit::Answer::Alias("both.test".into()));
    dns.answer("long.test", kit::Answer::OnlyTcp(vec![IpAddr::from([8, 8, 4, 4])]));
    let names = names(&EgressConfig { dns: vec![dns.addr()], ..EgressConfig::default() });
    let ask = async |host: &str, family| names.addresses(host, family).await;
    let failed = |error| Err(Denied::Resolve(error));
    assert_eq!(ask("v4.test", Family::Any).await, Ok(vec![IpAddr::from([8, 8, 8, 8])]));
    assert_eq!(ask("v4.test", Family::V6).await, failed(ResolveError::NoAddress));
    assert_eq!(ask("both.test", Family::V6).await, Ok(vec!["2400:3200::1".parse().expect("an address")]));
    assert_eq!(ask("both.test.", Family::Any).await.map(|found| found.len()), Ok(2));
    assert_eq!(ask("alias.test", Family::V4).await, Ok(vec![IpAddr::from([8, 8, 8, 8])]));
    assert_eq!(ask("long.test", Family::V4).await, Ok(vec![IpAddr::from([8, 8, 4, 4])]));
    assert_eq!(ask("nobody.test", Family::Any).await, failed(ResolveError::NoSuchName));
    assert_eq!(ask("broken.test", Family::Any).await, failed(ResolveError::ServerFailure));
    assert_eq!(ask("refused.test", Family::V4).await, failed(ResolveError::ServerFailure));
    assert_eq!(ask(&format!("{}.test", "a".repeat(64)), Family::Any).await, failed(ResolveError::NoSuchName));
}
