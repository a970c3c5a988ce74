//! The name servers of a zone, asked one by one: addresses, glue at the parent, and whether they answer over IPv6.
//!
//! Questions are plain DNS messages over UDP and then TCP, without recursion, so that what answers is the server itself.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hickory_resolver::proto::op::{Message, Query, ResponseCode};
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpStream, UdpSocket};
use tokio::sync::OnceCell;
use tokio::time::timeout;

use super::dns::{Denied, Family, Names};
use super::egress::EgressPolicy;
use super::probe::Surroundings;
use crate::exchange::{ConnectError, ResolveError};
use crate::facts::authority::{Answered, Authority, NameServer};
use crate::finding::{Gap, Seen};

/// Where name servers listen.
const PORT: u16 = 53;
/// One question to one address over one protocol.
const ASK: Duration = Duration::from_secs(3);
/// Servers of the parent that are asked for glue until one answers.
const PARENTS: usize = 2;

/// Zones met in one look, each asked once however many sites lie in it.
#[derive(Debug, Default)]
pub struct Zones(Mutex<HashMap<String, Arc<OnceCell<Seen<Authority>>>>>);

/// The name servers of the zone that `host` lies in. Without `reach` only the DNS is asked, and no server of the zone.
///
/// # Errors
/// A gap where the DNS failed, or no zone was found above the public suffix.
pub async fn look(
    host: &str,
    reach: bool,
    zones: &Zones,
    (names, policy): (&Names, &EgressPolicy),
    around: &impl Surroundings,
) -> Seen<Authority> {
    let gap = |why: &str| Gap::new(host, why);
    if names.maps_anything() {
        return Err(gap("mapped"));
    }
    if host.parse::<IpAddr>().is_ok() || host.starts_with('[') {
        return Err(gap("ip-literal"));
    }
    let (zone, servers) = zone_of(host, names).await.map_err(|error| match error {
        ResolveError::NoAddress | ResolveError::NoSuchName => gap("no-zone"),
        ResolveError::ServerFailure | ResolveError::Timeout => gap("dns"),
    })?;
    let cell = {
        let mut zones = zones.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(zones.entry(zone.clone()).or_default())
    };
    let asking = async {
        let glue = glue(&zone, names, policy, around).await;
        let mut out = Vec::with_capacity(servers.len());
        for name in servers {
            out.push(server(&zone, name, reach, glue.as_deref(), (names, policy), around).await);
        }
        Ok(Authority { zone: zone.clone(), servers: out })
    };
    cell.get_or_init(|| asking).await.clone()
}

/// The nearest name at or above `host` that has name servers, not above its registrable domain.
async fn zone_of(host: &str, names: &Names) -> Result<(String, Vec<String>), ResolveError> {
    let least = psl::domain_str(host).unwrap_or(host);
    let mut name = host.trim_end_matches('.');
    loop {
        match names.name_servers(name).await {
            Ok(servers) => return Ok((name.to_owned(), servers)),
            Err(ResolveError::NoAddress | ResolveError::NoSuchName) if name != least => {}
            Err(error) => return Err(error),
        }
        name = name.split_once('.').map(|(_, parent)| parent).ok_or(ResolveError::NoAddress)?;
    }
}

async fn server(
    zone: &str,
    name: String,
    reach: bool,
    glue: Option<&[(String, Ipv6Addr)]>,
    (names, policy): (&Names, &EgressPolicy),
    around: &impl Surroundings,
) -> NameServer {
    let aaaa = match names.addresses(&name, Family::V6).await {
        Ok(found) => Ok(found.into_iter().filter_map(as_v6).collect::<Vec<_>>()),
        Err(Denied::Resolve(error)) => Err(error),
        Err(Denied::NotMapped | Denied::Refused(_)) => Err(ResolveError::NoAddress),
    };
    let mut asked = Vec::new();
    if reach {
        for ip in aaaa.as_deref().unwrap_or_default() {
            if !policy.counts_as_global(*ip) {
                asked.push((*ip, Answered::NotGlobal));
                continue;
            }
            let addr = SocketAddr::new((*ip).into(), PORT);
            around.token(&name, addr).await;
            asked.push((*ip, answered(addr, zone).await));
        }
    }
    let inside = name == zone || name.ends_with(&format!(".{zone}"));
    let beside = |glue: &[(String, Ipv6Addr)]| {
        glue.iter().filter(|(owner, _)| *owner == name).map(|(_, ip)| *ip).collect()
    };
    let glue = glue.filter(|_| inside).map(beside);
    NameServer { name, aaaa, asked, glue }
}

/// AAAA records that the parent's servers hand out beside the zone's name servers; `None` where none of them answered.
async fn glue(
    zone: &str,
    names: &Names,
    policy: &EgressPolicy,
    around: &impl Surroundings,
) -> Option<Vec<(String, Ipv6Addr)>> {
    let (_, above) = zone.split_once('.')?;
    let mut parent = above;
    let servers = loop {
        match names.name_servers(parent).await {
            Ok(servers) => break servers,
            Err(ResolveError::NoAddress | ResolveError::NoSuchName) => parent = parent.split_once('.')?.1,
            Err(_) => return None,
        }
    };
    for server in servers.iter().take(PARENTS) {
        let Ok(found) = names.addresses(server, Family::Any).await else { continue };
        let Some(ip) = found.into_iter().find(|ip| policy.allow_ip(*ip).is_ok()) else { continue };
        let addr = SocketAddr::new(ip, PORT);
        around.token(server, addr).await;
        if let Ok(message) = ask(addr, zone, RecordType::NS).await {
            return Some(message.additionals.iter().filter_map(aaaa_record).collect());
        }
    }
    None
}

fn aaaa_record(record: &Record) -> Option<(String, Ipv6Addr)> {
    let RData::AAAA(ip) = &record.data else { return None };
    Some((record.name.to_ascii().trim_end_matches('.').to_ascii_lowercase(), ip.0))
}

async fn answered(addr: SocketAddr, zone: &str) -> Answered {
    match ask(addr, zone, RecordType::NS).await {
        Err(error) => Answered::No(error),
        Ok(message) => match message.metadata.response_code {
            ResponseCode::NoError if !message.answers.is_empty() => Answered::Yes,
            // A referral, or an empty answer: it does not know the zone.
            ResponseCode::NoError => Answered::NotForZone("referral".to_owned()),
            code => Answered::NotForZone(code.to_str().to_owned()),
        },
    }
}

/// One question over UDP and, where that fails or was cut, over TCP.
async fn ask(addr: SocketAddr, name: &str, kind: RecordType) -> Result<Message, ConnectError> {
    let name = Name::from_ascii(format!("{name}.")).map_err(|_| ConnectError::Reset)?;
    let mut question = Message::query();
    question.metadata.recursion_desired = false;
    question.add_query(Query::query(name, kind));
    let bytes = question.to_vec().map_err(|_| ConnectError::Reset)?;
    let fits = |message: &Message| message.metadata.id == question.metadata.id;
    let over_udp = within(over_udp(addr, &bytes)).await;
    match over_udp.map(|reply| Message::from_vec(&reply)) {
        Ok(Ok(message)) if fits(&message) && !message.metadata.truncation => return Ok(message),
        Err(ConnectError::NoRoute) => return Err(ConnectError::NoRoute),
        _ => {}
    }
    let reply = within(over_tcp(addr, &bytes)).await?;
    Message::from_vec(&reply).ok().filter(fits).ok_or(ConnectError::Reset)
}

async fn within(asking: impl Future<Output = io::Result<Vec<u8>>>) -> Result<Vec<u8>, ConnectError> {
    match timeout(ASK, asking).await {
        Ok(reply) => reply.map_err(|error| super::probe::connect_error(&error)),
        Err(_) => Err(ConnectError::Timeout),
    }
}

async fn over_udp(addr: SocketAddr, question: &[u8]) -> io::Result<Vec<u8>> {
    let any: IpAddr =
        if addr.is_ipv6() { Ipv6Addr::UNSPECIFIED.into() } else { Ipv4Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind((any, 0)).await?;
    socket.connect(addr).await?;
    socket.send(question).await?;
    let mut reply = vec![0; 4096];
    let len = socket.recv(&mut reply).await?;
    reply.truncate(len);
    Ok(reply)
}

async fn over_tcp(addr: SocketAddr, question: &[u8]) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(addr).await?;
    let len = u16::try_from(question.len()).map_err(io::Error::other)?;
    stream.write_all(&[&len.to_be_bytes(), question].concat()).await?;
    let len = stream.read_u16().await?;
    let mut reply = vec![0; len.into()];
    stream.read_exact(&mut reply).await?;
    Ok(reply)
}

fn as_v6(ip: IpAddr) -> Option<Ipv6Addr> {
    match ip {
        IpAddr::V6(v6) => Some(v6),
        IpAddr::V4(_) => None,
    }
}
