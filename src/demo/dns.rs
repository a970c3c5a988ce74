//! The demo's name server: authoritative answers for the invented names over UDP and TCP, NXDOMAIN for all others.

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use hickory_resolver::proto::op::{Message, MessageType, OpCode, Query, ResponseCode};
use hickory_resolver::proto::rr::rdata::{A, AAAA, SOA};
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::task::JoinSet;

use super::web::Web;

/// Seconds for which answers may be kept: short, for the demo starts anew on other ports.
const TTL: u32 = 5;

/// Longest message read, UDP or TCP.
const MESSAGE: usize = 4096;

/// What is answered for each name, lower case and without final dot.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Zone(BTreeMap<String, (Ipv4Addr, bool)>);

/// A running name server; dropping it stops it.
#[derive(Debug)]
pub struct NameServer {
    /// Where it answers, UDP and TCP alike.
    pub addr: SocketAddr,
    _tasks: JoinSet<()>,
}

impl Zone {
    /// The names of `web`; AAAA records only where `ipv6` says that `[::1]` is served.
    pub fn of(web: &Web, ipv6: bool) -> Self {
        Self(web.hosts.values().map(|h| (h.name.to_owned(), (h.machine, h.ipv6 && ipv6))).collect())
    }

    /// The answer to one message; `None` where it deserves none.
    fn answer(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let asked = Message::from_vec(bytes).ok()?;
        if asked.metadata.message_type != MessageType::Query {
            return None;
        }
        let mut reply = Message::response(asked.metadata.id, asked.metadata.op_code);
        reply.metadata.recursion_desired = asked.metadata.recursion_desired;
        reply.metadata.authoritative = true;
        match asked.queries.first() {
            Some(query) if asked.metadata.op_code == OpCode::Query => {
                reply.add_query(query.clone());
                self.fill(&mut reply, query);
            }
            _ => reply.metadata.response_code = ResponseCode::NotImp,
        }
        reply.to_vec().ok()
    }

    fn fill(&self, reply: &mut Message, query: &Query) {
        let name = query.name().to_ascii().to_ascii_lowercase();
        let data = match (self.0.get(name.trim_end_matches('.')), query.query_type()) {
            (Some((machine, _)), RecordType::A) => Some(RData::A(A(*machine))),
            (Some((_, true)), RecordType::AAAA) => Some(RData::AAAA(AAAA(Ipv6Addr::LOCALHOST))),
            (Some(_), _) => None,
            (None, _) => {
                reply.metadata.response_code = ResponseCode::NXDomain;
                None
            }
        };
        match data {
            Some(data) => {
                reply.add_answer(Record::from_rdata(query.name().clone(), TTL, data));
            }
            // A negative answer without SOA may not be kept, and some resolvers then ask on.
            None => {
                reply.add_authority(soa());
            }
        }
    }
}

impl NameServer {
    /// Starts answering on a port of 127.0.0.1 that the system chooses. To be called inside a tokio runtime.
    ///
    /// # Errors
    /// Where no port is free for UDP and TCP alike.
    pub async fn start(zone: Zone) -> io::Result<Self> {
        let (udp, tcp) = bind().await?;
        let addr = udp.local_addr()?;
        let zone = Arc::new(zone);
        let mut tasks = JoinSet::new();
        tasks.spawn(over_udp(udp, Arc::clone(&zone)));
        tasks.spawn(over_tcp(tcp, zone));
        Ok(Self { addr, _tasks: tasks })
    }
}

async fn bind() -> io::Result<(UdpSocket, TcpListener)> {
    let mut failure = io::Error::from(io::ErrorKind::AddrInUse);
    for _ in 0..16 {
        let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        match UdpSocket::bind(tcp.local_addr()?).await {
            Ok(udp) => return Ok((udp, tcp)),
            Err(e) => failure = e,
        }
    }
    Err(failure)
}

async fn over_udp(socket: UdpSocket, zone: Arc<Zone>) {
    let mut buffer = vec![0; MESSAGE];
    loop {
        let Ok((len, from)) = socket.recv_from(&mut buffer).await else { continue };
        if let Some(reply) = buffer.get(..len).and_then(|bytes| zone.answer(bytes)) {
            // A lost datagram is the client's to ask again.
            let _ = socket.send_to(&reply, from).await;
        }
    }
}

async fn over_tcp(listener: TcpListener, zone: Arc<Zone>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else { continue };
                let zone = Arc::clone(&zone);
                connections.spawn(async move {
                    // A client that goes away in the middle is no concern of the demo.
                    let _ = converse(stream, &zone).await;
                });
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn converse(mut stream: TcpStream, zone: &Zone) -> io::Result<()> {
    loop {
        let len = usize::from(stream.read_u16().await?);
        if len > MESSAGE {
            return Ok(());
        }
        let mut bytes = vec![0; len];
        stream.read_exact(&mut bytes).await?;
        let Some(reply) = zone.answer(&bytes) else { return Ok(()) };
        let Ok(len) = u16::try_from(reply.len()) else { return Ok(()) };
        stream.write_u16(len).await?;
        stream.write_all(&reply).await?;
    }
}

fn soa() -> Record {
    let name = |label: &[&str]| Name::from_labels(label.iter().map(|l| l.as_bytes())).unwrap_or_default();
    let data = SOA::new(
        name(&["ns", "shili-city", "example"]),
        name(&["admin", "shili-city", "example"]),
        1,
        3600,
        600,
        86_400,
        TTL,
    );
    Record::from_rdata(name(&["example"]), TTL, RData::SOA(data))
}
