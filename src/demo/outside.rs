//! Hosts that do not belong to the patrol: the province, the filing office, a walled one, and the link farm's.
#![deny(clippy::disallowed_methods)]

use std::net::Ipv4Addr;

use super::pages::Grounds;
use super::web::{HTML, Host, Resource};
use super::{FILING, LAPSED, PROVINCE, WALLED};

/// 示例省人民政府.
pub fn province(grounds: Grounds) -> Host {
    let mut host = Host::new(PROVINCE, Ipv4Addr::new(127, 0, 0, 5), true);
    let page = |title: &str| {
        let body = format!(
            "<!DOCTYPE html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><title>{title}</title></head><body><h1>{title}</h1>\
             <p>示例省人民政府网站（演示）。本页用于检查站外链接，内容均为虚构。</p><p>更新日期：{}</p></body></html>",
            grounds.day(1)
        );
        Resource::ok(HTML, body, grounds.day(1))
    };
    host.put("/", page("示例省人民政府"));
    host.put("/zcwj/", page("省政府政策文件库"));
    host.put("/fzxc/dbxc.html", page("打击网络赌博：警惕百家乐、棋牌、体育投注类骗局"));
    host.missing = Some(Resource::status(
        404,
        "<!DOCTYPE html><html><head><title>404</title></head><body><h1>404 Not Found</h1></body></html>",
    ));
    host
}

/// Where filing numbers are looked up.
pub fn filing(grounds: Grounds) -> Host {
    let mut host = Host::new(FILING, Ipv4Addr::new(127, 0, 0, 6), true);
    let body = "<!DOCTYPE html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><title>备案信息查询</title></head><body>\
        <h1>备案信息查询</h1><p>演示用页面，所列备案号均为虚构。</p></body></html>";
    for path in ["/", "/icp", "/portal/registerSystemInfo", "/sitename", "/exposure/jiucuo.html"] {
        host.put(path, Resource::ok(HTML, body, grounds.day(500)));
    }
    host
}

/// A host that refuses programs with 403, whatever they ask for.
pub fn walled(_grounds: Grounds) -> Host {
    let mut host = Host::new(WALLED, Ipv4Addr::new(127, 0, 0, 6), false);
    host.wall = Some(Resource::status(
        403,
        "<html><head><title>403 Forbidden</title></head><body><h1>Access Denied</h1><p>Your request has been blocked by the web application firewall.</p></body></html>",
    ));
    host
}

/// A domain that lapsed and was bought by others: nothing but its title is served.
pub fn lapsed(grounds: Grounds) -> Host {
    let mut host = Host::new(LAPSED, Ipv4Addr::new(127, 0, 0, 7), false);
    let body = "<!DOCTYPE html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><title>某某娱乐城-棋牌-百家乐-官网入口</title></head><body><p>本页模拟域名失效后被他人注册使用的网站，无实际内容。</p></body></html>";
    host.put("/", Resource::ok(HTML, body, grounds.day(30)));
    host
}

/// A site of the hidden link farm: alive, so that only its being hidden gives it away.
pub fn farm(grounds: Grounds, name: &'static str) -> Host {
    let mut host = Host::new(name, Ipv4Addr::new(127, 0, 0, 7), false);
    let body = "<!DOCTYPE html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><title>演示：暗链目标</title></head><body><p>本页模拟暗链所指的网站，无实际内容。</p></body></html>";
    for path in ["/", "/app.html"] {
        host.put(path, Resource::ok(HTML, body, grounds.day(30)));
    }
    host
}
