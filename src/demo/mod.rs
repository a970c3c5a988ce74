//! A small portal with planted defects, served on loopback, that `xuncha demo` patrols.
//! Owns the invented places and their addresses; what is wrong with them stands in [`truth`] alone.

pub mod accounts;
pub mod bureau;
pub mod county;
pub mod dns;
pub mod folder;
pub mod interfaces;
pub mod mailbox;
mod mending;
pub mod months;
pub mod outside;
pub mod pages;
pub mod portal;
pub mod portal_lists;
pub mod portal_pages;
pub mod registers;
pub mod score;
pub mod server;
pub mod style;
pub mod truth;
pub mod web;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::Ipv4Addr;

use chrono::NaiveDate;

use dns::{NameServer, Zone};
use mailbox::Mailbox;
use pages::Grounds;
use registers::Addresses;
use server::{Bound, Server};
use truth::Truth;
use web::{Host, Web};

/// The city's portal (示例市人民政府).
pub const CITY: &str = "www.shili-city.example";
/// The county's portal (示例县人民政府).
pub const COUNTY: &str = "www.shili-county.example";
/// The city's transport bureau (示例市交通运输局): GBK throughout.
pub const TRANSPORT: &str = "jtj.shili-city.example";
/// The city's environment bureau (示例市生态环境局): a home page that only leads to columns.
pub const ECOLOGY: &str = "sthjj.shili-city.example";
/// The city's police bureau (示例市公安局): everything behind a firewall's page.
pub const POLICE: &str = "gaj.shili-city.example";
/// The city's culture bureau (示例市文化旅游局): registered, and nothing listens.
pub const CULTURE: &str = "wlj.shili-city.example";
/// The province's portal (示例省人民政府), outside the patrol.
pub const PROVINCE: &str = "www.shili-province.example";
/// Where the footers' filing numbers lead.
pub const FILING: &str = "beian.shili-filing.example";
/// A host outside that answers 403 to programs.
pub const WALLED: &str = "www.shili-walled.example";
/// A name that does not exist.
pub const GONE: &str = "www.shili-gone.example";
/// A name whose machine refuses connections.
pub const REFUSING: &str = "ywxt.shili-office.example";
/// A former partner's name, which somebody else has bought since.
pub const LAPSED: &str = "www.shili-nongye.example";
/// Where the pages of the city's new-media accounts would be; of them, only what the register names as a source is asked for.
pub const MEDIA: &str = "media.shili-city.example";
/// Hosts of the hidden link farm.
pub const FARM: [&str; 6] = [
    "www.qipai-hall.example",
    "m.caipiao-win.example",
    "www.bocai-live.example",
    "vip.yule-city.example",
    "www.fangchan-loan.example",
    "game.buyu-king.example",
];

/// Where nothing listens.
pub const SILENT: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 9);

/// A demo that serves; dropping it ends it.
#[derive(Debug)]
pub struct Running {
    /// The web server.
    pub server: Server,
    /// The name server.
    pub names: NameServer,
    /// The mail server, which passes nothing on.
    pub mailbox: Mailbox,
    /// What a patrol should find.
    pub truth: Truth,
    /// The day that the pages relate to.
    pub as_of: NaiveDate,
}

impl Running {
    /// Starts serving, as of `as_of`, on `port` (0: one that is free). To be called inside a tokio runtime.
    ///
    /// # Errors
    /// Where the port is taken, or this machine has fewer loopback addresses than the demo needs.
    pub async fn start(as_of: NaiveDate, port: u16) -> io::Result<Self> {
        let machines: BTreeSet<Ipv4Addr> =
            web(as_of, port).hosts.values().map(|h| h.machine).filter(|m| *m != SILENT).collect();
        let bound = Bound::bind(&machines, port).await?;
        let web = web(as_of, bound.port());
        let names = NameServer::start(Zone::of(&web, bound.ipv6())).await?;
        let truth = Truth::on(bound.port());
        let mailbox = Mailbox::start().await?;
        Ok(Self { server: bound.serve(web), names, mailbox, truth, as_of })
    }

    /// What the installation's files must know.
    pub fn addresses(&self) -> Addresses {
        let (port, mail) = (self.server.port, self.mailbox.port);
        Addresses { port, dns: self.names.addr, mail, as_of: self.as_of }
    }
}

/// The whole little web as it stands on `as_of` when served on `port`.
pub fn web(as_of: NaiveDate, port: u16) -> Web {
    let grounds = Grounds { as_of, port };
    let hosts = [
        portal::host(grounds),
        county::host(grounds),
        bureau::transport(grounds),
        bureau::ecology(grounds),
        bureau::police(grounds),
        outside::province(grounds),
        outside::filing(grounds),
        outside::walled(grounds),
        outside::lapsed(grounds),
        accounts::host(grounds),
        interfaces::host(grounds),
    ];
    let farm = FARM.iter().map(|name| outside::farm(grounds, name));
    let silent = [CULTURE, REFUSING].map(|name| Host::new(name, SILENT, false));
    let hosts: BTreeMap<String, Host> =
        hosts.into_iter().chain(farm).chain(silent).map(|host| (host.name.to_owned(), host)).collect();
    Web { port, hosts }
}
