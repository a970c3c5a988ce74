//! 域名授权体系: the name servers of a zone as seen over IPv6, as plain values; `fetch::authority` fills them in.

use std::net::Ipv6Addr;

use serde::{Deserialize, Serialize};

use crate::exchange::{ConnectError, ResolveError};

/// The name servers of the zone a host lies in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authority {
    /// The zone, without trailing dot.
    pub zone: String,
    /// Its name servers, in order of their names.
    pub servers: Vec<NameServer>,
}

/// One name server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameServer {
    /// Its name, without trailing dot.
    pub name: String,
    /// AAAA records as answered.
    pub aaaa: Result<Vec<Ipv6Addr>, ResolveError>,
    /// Each global address, asked for the zone over UDP and then TCP; empty where our own IPv6 could not be used.
    pub asked: Vec<(Ipv6Addr, Answered)>,
    /// AAAA records that the parent zone hands out beside the name, where the name lies in the zone itself and would
    /// not be found without them; `None` where they are not needed or the parent was not heard.
    pub glue: Option<Vec<Ipv6Addr>>,
}

/// What became of a question to one address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", content = "as", rename_all = "kebab-case")]
pub enum Answered {
    /// It answers for the zone.
    Yes,
    /// It answers, but not for the zone: the response code.
    NotForZone(String),
    /// It does not answer over UDP, nor over TCP.
    No(ConnectError),
    /// It is no globally reachable address: nobody outside is answered there.
    NotGlobal,
}

/// How a zone stands over IPv6.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// At least two of its name servers (or its only one) have IPv6 addresses and answer for the zone there.
    Whole,
    /// Some do.
    Partly,
    /// None has an IPv6 address, or none answers.
    None,
    /// Not enough was seen.
    Unknown,
}

impl NameServer {
    /// Whether it answers for the zone over IPv6; `None` where that is not known.
    pub fn answers(&self) -> Option<bool> {
        match &self.aaaa {
            Err(ResolveError::NoAddress | ResolveError::NoSuchName) => return Some(false),
            Err(_) => return None,
            Ok(_) => {}
        }
        let surely = |seen: &Answered| match seen {
            Answered::Yes => Some(true),
            Answered::No(ConnectError::NoRoute) => None,
            Answered::NotForZone(_) | Answered::NotGlobal | Answered::No(_) => Some(false),
        };
        let seen: Vec<_> = self.asked.iter().map(|(_, seen)| surely(seen)).collect();
        if seen.contains(&Some(true)) {
            return Some(true);
        }
        (!seen.is_empty() && seen.iter().all(|one| *one == Some(false))).then_some(false)
    }
}

impl Authority {
    /// Name servers with AAAA records, name servers that answer over IPv6, and all of them.
    pub fn counts(&self) -> (usize, usize, usize) {
        let with = self.servers.iter().filter(|s| s.aaaa.as_ref().is_ok_and(|found| !found.is_empty()));
        let answer = self.servers.iter().filter(|server| server.answers() == Some(true));
        (with.count(), answer.count(), self.servers.len())
    }

    /// How the zone stands: two working name servers over IPv6 are a whole chain, as two are over IPv4.
    pub fn standing(&self) -> Standing {
        let (_, answer, all) = self.counts();
        let unknown = self.servers.iter().any(|server| server.answers().is_none());
        match answer {
            _ if all == 0 => Standing::Unknown,
            n if n >= 2 || n == all => Standing::Whole,
            _ if unknown => Standing::Unknown,
            0 => Standing::None,
            _ => Standing::Partly,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(name: &str, asked: &[Answered]) -> NameServer {
        let ip = Ipv6Addr::new(0x2408, 0x80, 0, 0, 0, 0, 0, 53);
        NameServer {
            name: name.to_owned(),
            aaaa: Ok(vec![ip]),
            asked: asked.iter().map(|seen| (ip, seen.clone())).collect(),
            glue: None,
        }
    }

    fn without(error: ResolveError) -> NameServer {
        NameServer { aaaa: Err(error), ..server("c", &[]) }
    }

    #[test]
    fn a_zone_is_whole_with_two_that_answer() {
        let of = |servers: Vec<NameServer>| Authority { zone: "shili.example".into(), servers }.standing();
        let (yes, no) = (server("a", &[Answered::Yes]), server("b", &[Answered::No(ConnectError::Timeout)]));
        let unseen = server("d", &[]);
        assert_eq!(of(vec![yes.clone(), yes.clone(), no.clone()]), Standing::Whole);
        assert_eq!(of(vec![yes.clone()]), Standing::Whole);
        assert_eq!(of(vec![yes.clone(), no.clone()]), Standing::Partly);
        assert_eq!(of(vec![no.clone(), without(ResolveError::NoAddress)]), Standing::None);
        assert_eq!(
            of(vec![without(ResolveError::NoAddress), without(ResolveError::Timeout)]),
            Standing::Unknown
        );
        assert_eq!(of(vec![no, unseen]), Standing::Unknown);
        assert_eq!(of(vec![]), Standing::Unknown);
    }

    #[test]
    fn what_is_ours_is_not_held_against_a_server() {
        assert_eq!(server("a", &[Answered::No(ConnectError::NoRoute)]).answers(), None);
        assert_eq!(server("a", &[Answered::NotGlobal]).answers(), Some(false));
        let mixed = [Answered::No(ConnectError::Timeout), Answered::Yes];
        assert_eq!(server("a", &mixed).answers(), Some(true), "one living address is enough");
        assert_eq!(server("a", &[Answered::NotForZone("Refused".into())]).answers(), Some(false));
    }
}
