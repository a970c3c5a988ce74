//! What the integration tests play the world with: an HTTP server that misbehaves as told, and a DNS server.
//!
//! ```ignore
//! let site = kit::Server::start().await;                       // 127.0.0.1, a port of its own
//! site.on("/", kit::Script::html("<a href=/x>x</a>"));
//! site.on("/x", kit::Script::redirect(302, "/"));
//! site.on("/slow", kit::Script::html("late").held(&gate));     // until gate.notify_one()
//! let dns = kit::Dns::start().await;
//! dns.set("www.example.test", "127.0.0.1");
//! let config = EgressConfig { dns: vec![dns.addr()], allow_private: kit::loopback(), ..Default::default() };
//! assert_eq!(site.paths(), ["/", "/x"]);
//! ```
#![allow(dead_code, unused_imports, reason = "a kit: not every test takes every tool")]

mod dns;
pub(crate) mod office;
pub(crate) mod openssl;
pub(crate) mod platforms;
pub(crate) mod portal;
mod server;
mod tls;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use xuncha::config::valid::Cidr;

pub(crate) use dns::{Answer, Dns};
pub(crate) use office::{Office, Plan};
pub(crate) use server::{Script, Seen, Server, gzip_bomb};
pub(crate) use tls::{SECURE_HOST, TlsServer, trusting};

/// 127.0.0.0/8 and `::1`, for `allow_private`.
pub(crate) fn loopback() -> Vec<Cidr> {
    vec![
        Cidr { addr: IpAddr::V4(Ipv4Addr::new(127, 0, 0, 0)), bits: 8 },
        Cidr { addr: IpAddr::V6(Ipv6Addr::LOCALHOST), bits: 128 },
    ]
}

/// Whether a path is one that a patrol made up to learn what a site answers for such.
pub(crate) fn is_made_up(path: &str) -> bool {
    let word = path.rsplit('/').find(|part| !part.is_empty()).unwrap_or_default();
    let word = word.trim_end_matches(".html");
    word.len() == 20 && word.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether this machine has `[::1]`. A test that needs it says so and ends where it is absent.
pub(crate) fn has_ipv6_loopback() -> bool {
    std::net::TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_ok()
}

/// Installs the TLS provider that reqwest and rustls need; safe to call from every test.
pub(crate) fn install_tls() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}
