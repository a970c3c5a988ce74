//! A name server for tests: UDP and TCP on one loopback port, answers scripted per name.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use hickory_resolver::proto::op::{Message, Query, ResponseCode};
use hickory_resolver::proto::rr::rdata::{CNAME, SOA};
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};

/// What a name answers.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    /// Its addresses; a family that is not among them gets "no data".
    Addresses(Vec<IpAddr>),
    /// Another name's.
    Alias(String),
    /// A bare error code: SERVFAIL, REFUSED, NXDOMAIN.
    Code(ResponseCode),
    /// Nothing at all: the asker waits.
    Silence,
    /// Over UDP only the word that it was cut; over TCP the addresses.
    OnlyTcp(Vec<IpAddr>),
}

/// A running name server. Stops when dropped.
pub(crate) struct Dns {
    addr: SocketAddr,
    zone: Arc<Mutex<Zone>>,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

#[derive(Default)]
struct Zone {
    /// Per name, answers in turn; the last one stays.
    names: HashMap<String, Vec<Answer>>,
    /// Per name and type, questions so far.
    turns: HashMap<(String, RecordType), usize>,
    asked: Vec<(String, RecordType)>,
    ttl: u32,
}

impl Dns {
    /// Starts one on 127.0.0.1. Names it was not told of do not exist (NXDOMAIN). Answers live for 0 s.
    pub(crate) async fn start() -> Self {
        let (udp, tcp) = loop {
            let udp = UdpSocket::bind("127.0.0.1:0").await.expect("a UDP port");
            if let Ok(tcp) = TcpListener::bind(udp.local_addr().expect("its address")).await {
                break (udp, tcp);
            }
        };
        let addr = udp.local_addr().expect("its address");
        let zone = Arc::new(Mutex::new(Zone::default()));
        let tasks = vec![
            tokio::spawn(over_udp(udp, Arc::clone(&zone))),
            tokio::spawn(over_tcp(tcp, Arc::clone(&zone))),
        ];
        Self { addr, zone, tasks }
    }

    /// For `EgressConfig::dns`.
    pub(crate) fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// `name` has these addresses, separated by spaces.
    pub(crate) fn set(&self, name: &str, addresses: &str) {
        self.answer(name, Answer::Addresses(ips(addresses)));
    }

    /// `name` answers so.
    pub(crate) fn answer(&self, name: &str, answer: Answer) {
        self.zone().names.insert(name.to_ascii_lowercase(), vec![answer]);
    }

    /// `name` answers with each of these address lists in turn, per record type; the last one stays.
    pub(crate) fn rebind(&self, name: &str, turns: &[&str]) {
        let turns = turns.iter().map(|addresses| Answer::Addresses(ips(addresses))).collect();
        self.zone().names.insert(name.to_ascii_lowercase(), turns);
    }

    /// Seconds that answers live from now on.
    pub(crate) fn ttl(&self, seconds: u32) {
        self.zone().ttl = seconds;
    }

    /// Every question so far: name in lower case without trailing dot, and type.
    pub(crate) fn asked(&self) -> Vec<(String, RecordType)> {
        self.zone().asked.clone()
    }

    fn zone(&self) -> std::sync::MutexGuard<'_, Zone> {
        self.zone.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Dns {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

fn ips(text: &str) -> Vec<IpAddr> {
    text.split_whitespace().map(|ip| ip.parse().expect("an address")).collect()
}

async fn over_udp(socket: UdpSocket, zone: Arc<Mutex<Zone>>) {
    let mut buffer = vec![0; 4096];
    while let Ok((len, peer)) = socket.recv_from(&mut buffer).await {
        if let Some(reply) = reply(buffer.get(..len).unwrap_or_default(), false, &zone) {
            let _ = socket.send_to(&reply, peer).await;
        }
    }
}

async fn over_tcp(listener: TcpListener, zone: Arc<Mutex<Zone>>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(converse(stream, Arc::clone(&zone)));
    }
}

async fn converse(mut stream: TcpStream, zone: Arc<Mutex<Zone>>) {
    while let Ok(len) = stream.read_u16().await {
        let mut question = vec![0; len.into()];
        if stream.read_exact(&mut question).await.is_err() {
            return;
        }
        if let Some(reply) = reply(&question, true, &zone) {
            let len = u16::try_from(reply.len()).expect("a short reply");
            if stream.write_u16(len).await.is_err() || stream.write_all(&reply).await.is_err() {
                return;
            }
        }
    }
}

fn reply(question: &[u8], tcp: bool, zone: &Mutex<Zone>) -> Option<Vec<u8>> {
    let request = Message::from_vec(question).ok()?;
    let query = request.queries.first()?.clone();
    let mut zone = zone.lock().unwrap_or_else(PoisonError::into_inner);
    let mut message = Message::response(request.metadata.id, request.metadata.op_code);
    message.metadata.recursion_desired = true;
    message.metadata.recursion_available = true;
    message.metadata.authoritative = true;
    message.add_query(query.clone());
    fill(&mut message, &query, tcp, &mut zone)?;
    message.to_vec().ok()
}

/// `None` where nothing is to be answered.
fn fill(message: &mut Message, query: &Query, tcp: bool, zone: &mut Zone) -> Option<()> {
    let key = query.name().to_ascii().trim_end_matches('.').to_ascii_lowercase();
    zone.asked.push((key.clone(), query.query_type()));
    let turn = zone.turns.entry((key.clone(), query.query_type())).or_default();
    let (this, ttl) = (*turn, zone.ttl);
    *turn += 1;
    let answer =
        zone.names.get(&key).map(|turns| turns.get(this).or(turns.last()).expect("an answer").clone());
    match answer {
        None => deny(message, ResponseCode::NXDomain, query.name()),
        Some(Answer::Code(code)) => deny(message, code, query.name()),
        Some(Answer::Silence) => return None,
        Some(Answer::OnlyTcp(_)) if !tcp => message.metadata.truncation = true,
        Some(Answer::Addresses(ips) | Answer::OnlyTcp(ips)) => {
            give(message, query.name(), query.query_type(), &ips, ttl);
        }
        Some(Answer::Alias(other)) => {
            let target = Name::from_ascii(format!("{other}.")).expect("a name");
            message.add_answer(Record::from_rdata(
                query.name().clone(),
                ttl,
                RData::CNAME(CNAME(target.clone())),
            ));
            if let Some(Answer::Addresses(ips)) = zone.names.get(&other).and_then(|turns| turns.first()) {
                give(message, &target, query.query_type(), ips, ttl);
            }
        }
    }
    Some(())
}

fn give(message: &mut Message, name: &Name, kind: RecordType, ips: &[IpAddr], ttl: u32) {
    for ip in ips {
        let data = match (ip, kind) {
            (IpAddr::V4(v4), RecordType::A) => RData::A((*v4).into()),
            (IpAddr::V6(v6), RecordType::AAAA) => RData::AAAA((*v6).into()),
            _ => continue,
        };
        message.add_answer(Record::from_rdata(name.clone(), ttl, data));
    }
    if message.answers.is_empty() {
        deny(message, ResponseCode::NoError, name);
    }
}

/// A negative answer, with the SOA that makes it one.
fn deny(message: &mut Message, code: ResponseCode, name: &Name) {
    message.metadata.response_code = code;
    let soa = SOA::new(Name::root(), Name::root(), 1, 3600, 600, 86400, 0);
    message.add_authority(Record::from_rdata(name.base_name(), 0, RData::SOA(soa)));
}
