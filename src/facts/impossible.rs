//! Addresses that nobody outside their author's machine or office can follow: paths of a disk, private addresses,
//! names without a domain, misspelt schemes.

use std::net::{IpAddr, Ipv4Addr};

use serde::{Deserialize, Serialize};
use url::{Host, Url};

/// Why an address leads nowhere for a visitor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Nowhere {
    /// A path on the disk of whoever wrote the page: `file:///C:/…`, `C:\…`.
    Disk,
    /// The machine itself: `localhost`, 127.0.0.1.
    Itself,
    /// A private address or a name without a domain.
    Inward,
    /// A scheme that is `http` with a slip: `htttp://`.
    Misspelt,
}

impl Nowhere {
    /// True where an egress policy decides whether it can be asked: an office may open its own network to a patrol.
    pub fn may_be_opened(self) -> bool {
        matches!(self, Self::Itself | Self::Inward)
    }
}

/// Why a resolved address leads nowhere; `None` for every address that could lead somewhere, schemes of programs included.
pub fn nowhere(url: &Url) -> Option<Nowhere> {
    match url.scheme() {
        "http" | "https" => {
            let by_host = match url.host()? {
                Host::Ipv4(v4) => of_address(v4.into()),
                Host::Ipv6(v6) => of_address(v6.to_ipv4_mapped().map_or(IpAddr::V6(v6), IpAddr::V4)),
                Host::Domain(name) => of_name(name),
            };
            by_host.or_else(|| has_drive(url.path()).then_some(Nowhere::Disk))
        }
        "file" | "res" | "mk" => Some(Nowhere::Disk),
        drive if drive.len() == 1 => Some(Nowhere::Disk),
        scheme => {
            let near = |word| strsim::levenshtein(scheme, word) == 1;
            // Programs register schemes of their own; those that are one slip from http are none of theirs.
            let leads_host = url.as_str().get(scheme.len()..).is_some_and(|rest| rest.starts_with("://"));
            (leads_host && scheme.len() >= 3 && (near("http") || near("https"))).then_some(Nowhere::Misspelt)
        }
    }
}

/// As [`nowhere`], for a URL that is written as parsing writes it; cheap for the ordinary ones.
pub fn nowhere_at(url: &str) -> Option<Nowhere> {
    let ordinary = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
    if let Some(rest) = ordinary {
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (host, path) = rest.split_at(end);
        let host = host.rsplit('@').next().unwrap_or(host);
        let plain = !host.starts_with('[')
            && host.contains('.')
            && host.bytes().any(|byte| byte.is_ascii_alphabetic())
            && !host.contains("local")
            && !host.contains(".internal")
            && !host.contains(".home.arpa");
        if plain && (!path.contains(':') || !path.contains(":/") && !path.contains(":%5C")) {
            return None;
        }
        let bare = host.split_once(':').map_or(host, |(name, _)| name);
        if let Ok(v4) = bare.parse::<Ipv4Addr>() {
            let by_host = of_address(v4.into());
            if by_host.is_some() || !path.contains([':', '%']) {
                return by_host;
            }
        }
    }
    // Schemes of everyday pages that never lead to a host.
    if ["javascript:", "mailto:", "tel:", "data:", "about:", "blob:"]
        .iter()
        .any(|start| url.starts_with(start))
    {
        return None;
    }
    nowhere(&Url::parse(url).ok()?)
}

fn of_address(ip: IpAddr) -> Option<Nowhere> {
    match ip {
        _ if ip.is_loopback() || ip.is_unspecified() => Some(Nowhere::Itself),
        IpAddr::V4(v4) if v4.is_private() || v4.is_link_local() => Some(Nowhere::Inward),
        IpAddr::V6(v6) if v6.is_unique_local() || v6.is_unicast_link_local() => Some(Nowhere::Inward),
        _ => None,
    }
}

fn of_name(name: &str) -> Option<Nowhere> {
    let name = name.trim_end_matches('.');
    if name == "localhost" || name.ends_with(".localhost") {
        return Some(Nowhere::Itself);
    }
    (!name.contains('.') || is_inner_name(name)).then_some(Nowhere::Inward)
}

/// A name under what is set aside for networks of one house: RFC 6762 (`.local`), RFC 8375 (`.home.arpa`), and `.internal`.
pub fn is_inner_name(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    [".local", ".internal", ".localdomain", ".home.arpa"].iter().any(|end| name.ends_with(end))
}

/// `/C:/…`, `/d:%5C…`, `/file:/…` within a path: what an editor makes of a path on a disk.
fn has_drive(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    lower.split('/').any(|part| {
        let mut letters = part.bytes();
        let drive = letters.next().is_some_and(|letter| letter.is_ascii_lowercase());
        let rest = part.get(1..).unwrap_or_default();
        part == "file:" || drive && (rest == ":" || rest.starts_with(":%5c"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_nobody_can_go() {
        for (text, expected) in [
            ("http://www.shili.gov.cn/a.html", None),
            ("https://www.shili.gov.cn:8443/a.html?u=http://10.1.2.3/", None),
            ("http://10.20.30.40:8080/oa/a.doc", Some(Nowhere::Inward)),
            ("http://192.168.1.8/", Some(Nowhere::Inward)),
            ("http://172.31.0.1/", Some(Nowhere::Inward)),
            ("http://172.32.0.1/", None),
            ("http://oa.shili.local:8080/x", Some(Nowhere::Inward)),
            ("http://www.local.gov.cn/", None),
            ("http://0xC0A80001/", Some(Nowhere::Inward)),
            ("http://169.254.1.1/", Some(Nowhere::Inward)),
            ("http://218.1.2.3/", None),
            ("http://[fd00::1]/", Some(Nowhere::Inward)),
            ("http://[2400:3200::1]/", None),
            ("http://127.0.0.1:8080/x", Some(Nowhere::Itself)),
            ("http://localhost/x", Some(Nowhere::Itself)),
            ("http://oaserver/x", Some(Nowhere::Inward)),
            ("http://C:/Users/a.doc", Some(Nowhere::Inward)),
            ("file:///C:/Users/Admin/a.jpg", Some(Nowhere::Disk)),
            ("file://server/share/a.jpg", Some(Nowhere::Disk)),
            ("c:\\Users\\a.doc", Some(Nowhere::Disk)),
            ("http://www.shili.gov.cn/a/C:/fakepath/a.doc", Some(Nowhere::Disk)),
            ("http://www.shili.gov.cn/D:%5Cdocs%5Ca.doc", Some(Nowhere::Disk)),
            ("http://www.shili.gov.cn/file:/C:/a.png", Some(Nowhere::Disk)),
            ("htttp://www.shili.gov.cn/", Some(Nowhere::Misspelt)),
            ("ttp://www.shili.gov.cn/", Some(Nowhere::Misspelt)),
            ("htpps://www.shili.gov.cn/", Some(Nowhere::Misspelt)),
            ("http2://www.shili.gov.cn/", Some(Nowhere::Misspelt)),
            ("snssdk1128://www.shili.gov.cn/", None),
            ("ftp://ftp.shili.gov.cn/", None),
            ("javascript:void(0)", None),
            ("mailto:a@shili.gov.cn", None),
            ("tel:12345", None),
            ("weixin://dl/business", None),
            ("http://localnews.shili.gov.cn/", None),
        ] {
            assert_eq!(nowhere_at(text), expected, "{text}");
            if let Ok(url) = Url::parse(text) {
                assert_eq!(nowhere(&url), expected, "{text} as URL");
            }
        }
    }

    #[test]
    fn the_cheap_way_says_what_parsing_says() {
        for url in [
            "http://127.0.0.1:8081/a.html",
            "http://127.0.0.1/C:/a.doc",
            "http://0.0.0.0/",
            "http://10.1.2.3/a?b=c:/d",
            "http://169.254.1.1:81/",
            "http://114.114.114.114/a.html",
            "http://114.114.114.114/C:/a.doc",
            "http://114.114.114.114/c:%5Ca.doc",
            "https://114.114.114.114:8443/%E4%B8%AD?x#y",
        ] {
            let parsed = Url::parse(url).expect(url);
            assert_eq!(parsed.as_str(), url, "as parsing writes it");
            assert_eq!(nowhere_at(url), nowhere(&parsed), "{url}");
        }
    }
}
