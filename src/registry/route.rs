//! Who is asked to mend a problem, who gets the package, and who is told. Pure.
#![deny(clippy::disallowed_methods)]

use std::collections::BTreeSet;

use url::Url;

use super::{Account, Column, Registry, Site, Unit, UnitKind};
use crate::finding::{Cause, Subject, SubjectKind};

/// Where a problem goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route<'r> {
    /// 责任单位: who is asked to mend it.
    pub unit: &'r Unit,
    /// The 县区 office that gets it in one package with all of its county, where the unit lies below one.
    pub via: Option<&'r Unit>,
    /// Who is told (抄送) and need not answer.
    pub cc: Vec<&'r Unit>,
}

impl<'r> Route<'r> {
    /// Whom the letter is addressed to (主送): the county's office, or the unit itself.
    pub fn addressee(&self) -> &'r Unit {
        self.via.unwrap_or(self.unit)
    }
}

impl Registry {
    /// The route of a problem; `None` where its site is not registered.
    ///
    /// - What stands in a template goes to the site's 运维单位, with the 主办单位 told; without one, to the 主办单位.
    /// - What lies in a column goes to the column's 内容保障单位, with the site's 承办单位 told; without one, to the
    ///   主办单位.
    /// - All else goes to the 主办单位.
    /// - Whatever belongs to a unit below a county goes through that county's office, with the 承办单位 told.
    pub fn route(&self, subject: &Subject, cause: Cause) -> Option<Route<'_>> {
        if subject.kind == SubjectKind::Account {
            return self.route_of_account(self.account(&subject.site)?);
        }
        let site = self.site(&subject.site)?;
        let named = |name: &Option<String>| name.as_deref().and_then(|name| self.unit(name));
        let owner = self.unit(&site.host_unit)?;
        let undertaker = named(&site.undertaker);
        let (unit, told) = if let Cause::Template(_) = cause {
            named(&site.operator).map_or((owner, None), |operator| (operator, Some(owner)))
        } else {
            let column = subject.column.as_deref().and_then(|url| self.column_at(site, url));
            match column.and_then(|column| named(&column.keeper)) {
                Some(keeper) if keeper.name != owner.name => (keeper, undertaker),
                _ => (owner, None),
            }
        };
        let via = self.county_of(unit);
        let mut cc = Vec::new();
        for told in [told, via.and(undertaker)].into_iter().flatten() {
            let known =
                std::iter::once(unit).chain(via).chain(cc.iter().copied()).any(|u| u.name == told.name);
            if !known {
                cc.push(told);
            }
        }
        Some(Route { unit, via, cc })
    }

    /// The route of whatever is wrong with an account: its 责任单位, with the 主办单位 told; without one, the 主办单位.
    fn route_of_account(&self, account: &Account) -> Option<Route<'_>> {
        let named = |name: &Option<String>| name.as_deref().and_then(|name| self.unit(name));
        let owner = named(&account.host_unit);
        let unit = named(&account.responsible).or(owner)?;
        let via = self.county_of(unit);
        let told =
            owner.filter(|owner| owner.name != unit.name && via.is_none_or(|via| via.name != owner.name));
        Some(Route { unit, via, cc: told.into_iter().collect() })
    }

    /// The 县区 office above a unit: the outermost where several lie on the way, since only that one is the
    /// city's to write to. `None` for a unit that lies below none.
    pub fn county_of(&self, unit: &Unit) -> Option<&Unit> {
        let mut seen = BTreeSet::from([unit.name.as_str()]);
        let (mut at, mut county) = (self.unit(&unit.name)?, None);
        while let Some(above) = at.parent.as_deref().and_then(|name| self.unit(name)) {
            if !seen.insert(&above.name) {
                break;
            }
            if above.kind == UnitKind::County {
                county = Some(above);
            }
            at = above;
        }
        county
    }

    /// The registered column that a URL belongs to: the one at that place, otherwise the innermost one above it.
    /// A column at the root of the host is above nothing: it would answer for the whole site.
    pub fn column_at<'r>(&'r self, site: &'r Site, url: &str) -> Option<&'r Column> {
        let place = Place::of(url)?;
        let mut best: Option<(&Column, usize)> = None;
        for column in self.columns_of(&site.code) {
            let Some(own) = Place::at(&column.url) else { continue };
            if own == place {
                return Some(column);
            }
            let above = own.query.is_none() && own.path.len() > 1 && own.contains(&place);
            if above && best.is_none_or(|(_, length)| own.path.len() > length) {
                best = Some((column, own.path.len()));
            }
        }
        best.map(|(column, _)| column)
    }
}

/// Whether two URLs lead to one place: scheme, fragment, default port, a trailing slash and an index file
/// do not matter.
pub(super) fn is_same_place(a: &str, b: &str) -> bool {
    match (Place::of(a), Place::of(b)) {
        (Some(a), Some(b)) => a == b,
        _ => false,
    }
}

/// Whether `url` begins with `prefix`, whatever their schemes.
pub(super) fn is_under(prefix: &str, url: &str) -> bool {
    let (Ok(prefix), Ok(url)) = (Url::parse(prefix), Url::parse(url)) else { return false };
    let after = |url: &Url| {
        url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()))
    };
    host_of(&prefix) == host_of(&url) && after(&url).starts_with(&after(&prefix))
}

#[derive(Debug, PartialEq, Eq)]
struct Place {
    host: String,
    /// Always with a slash at its end.
    path: String,
    query: Option<String>,
}

impl Place {
    fn of(url: &str) -> Option<Self> {
        Self::at(&Url::parse(url).ok()?)
    }

    fn at(url: &Url) -> Option<Self> {
        let (folder, file) = url.path().rsplit_once('/')?;
        let stem = file.split('.').next().unwrap_or_default();
        let path = if matches!(stem.to_ascii_lowercase().as_str(), "" | "index" | "default") {
            format!("{folder}/")
        } else {
            format!("{folder}/{file}/")
        };
        Some(Self { host: host_of(url), path, query: url.query().map(ToOwned::to_owned) })
    }

    fn contains(&self, other: &Self) -> bool {
        self.host == other.host && other.path.starts_with(&self.path)
    }
}

fn host_of(url: &Url) -> String {
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}{port}", url.host_str().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::{Delivery, EVERY_RULE, Exemption, SiteKind, SiteStatus};
    use chrono::NaiveDate;

    fn unit(name: &str, kind: UnitKind, parent: Option<&str>) -> Unit {
        Unit {
            name: name.to_owned(),
            short: String::new(),
            parent: parent.map(ToOwned::to_owned),
            kind,
            order: 0,
            leader: String::new(),
            liaison: String::new(),
            phone: String::new(),
            mail: None,
            cc: Vec::new(),
            delivery: Delivery::Offline,
        }
    }

    fn site(code: &str, host_unit: &str, undertaker: Option<&str>, operator: Option<&str>) -> Site {
        Site {
            name: code.to_owned(),
            code: code.to_owned(),
            url: Url::parse("http://www.shili.example/").expect("a URL"),
            kind: SiteKind::Portal,
            level: String::new(),
            supervisor: None,
            host_unit: host_unit.to_owned(),
            undertaker: undertaker.map(ToOwned::to_owned),
            operator: operator.map(ToOwned::to_owned),
            status: SiteStatus::Running,
            tags: Vec::new(),
            scope: Vec::new(),
            obey_robots: true,
        }
    }

    fn column(site: &str, path: &str, keeper: Option<&str>) -> Column {
        Column {
            site: site.to_owned(),
            name: path.to_owned(),
            url: Url::parse(&format!("http://www.shili.example{path}")).expect("a URL"),
            class: None,
            level: None,
            cycle_days: None,
            keeper: keeper.map(ToOwned::to_owned),
        }
    }

    fn registry() -> Registry {
        use UnitKind::{Agency, City, County, Department, Township};
        Registry {
            units: vec![
                unit("市办", City, None),
                unit("交通局", Department, Some("市办")),
                unit("电子政务中心", Agency, Some("市办")),
                unit("甲县办", County, Some("市办")),
                unit("甲县教育局", Department, Some("甲县办")),
                unit("甲县信息中心", Agency, Some("甲县办")),
                unit("甲县某镇", Township, Some("甲县教育局")),
                unit("甲县新区", County, Some("甲县办")),
                unit("新区某街道", Township, Some("甲县新区")),
            ],
            sites: vec![
                site("1000000001", "市办", Some("电子政务中心"), Some("电子政务中心")),
                site("1000000002", "交通局", None, None),
                site("1000000003", "甲县办", Some("甲县信息中心"), None),
                site("1000000004", "甲县某镇", Some("甲县信息中心"), Some("电子政务中心")),
                site("1000000005", "新区某街道", None, None),
            ],
            columns: vec![
                column("1000000001", "/", Some("交通局")),
                column("1000000001", "/jt/", Some("交通局")),
                column("1000000001", "/jt/gh/", None),
                column("1000000001", "/edu/index.html", Some("甲县教育局")),
                column("1000000001", "/own/", Some("市办")),
            ],
            exemptions: Vec::new(),
            counterfeits: Vec::new(),
            reposts: Vec::new(),
            public_reports: Vec::new(),
            accounts: Vec::new(),
        }
    }

    fn subject(site: &str, column: Option<&str>) -> Subject {
        Subject {
            kind: SubjectKind::Column,
            site: site.to_owned(),
            site_name: String::new(),
            place: String::new(),
            column: column.map(|path| format!("https://www.shili.example{path}")),
        }
    }

    /// Site, column, cause → 责任单位, via, cc.
    type Line = (
        &'static str,
        Option<&'static str>,
        Cause,
        &'static str,
        Option<&'static str>,
        &'static [&'static str],
    );

    #[test]
    fn the_routing_table() {
        let registry = registry();
        let single = Cause::Single;
        let template = Cause::Template(1043);
        let table: &[Line] = &[
            ("1000000001", None, single, "市办", None, &[]),
            ("1000000001", Some("/jt/"), single, "交通局", None, &["电子政务中心"]),
            ("1000000001", Some("/jt/index.shtml"), Cause::Several(3), "交通局", None, &["电子政务中心"]),
            ("1000000001", Some("/jt/sub/"), single, "交通局", None, &["电子政务中心"]),
            ("1000000001", Some("/jt/gh/"), single, "市办", None, &[]),
            ("1000000001", Some("/jt/gh/2026/"), single, "市办", None, &[]),
            ("1000000001", Some("/jtx/"), single, "市办", None, &[]),
            ("1000000001", Some("/unlisted/"), single, "市办", None, &[]),
            ("1000000001", Some("/own/"), single, "市办", None, &[]),
            ("1000000001", Some("/edu/"), single, "甲县教育局", Some("甲县办"), &["电子政务中心"]),
            ("1000000001", Some("/jt/"), template, "电子政务中心", None, &["市办"]),
            ("1000000001", None, template, "电子政务中心", None, &["市办"]),
            ("1000000002", None, single, "交通局", None, &[]),
            ("1000000002", None, template, "交通局", None, &[]),
            ("1000000003", None, single, "甲县办", None, &[]),
            ("1000000003", None, template, "甲县办", None, &[]),
            ("1000000004", None, single, "甲县某镇", Some("甲县办"), &["甲县信息中心"]),
            ("1000000004", None, template, "电子政务中心", None, &["甲县某镇"]),
            ("1000000005", None, single, "新区某街道", Some("甲县办"), &[]),
        ];
        for (site, column, cause, unit, via, cc) in table {
            let route = registry.route(&subject(site, *column), *cause).expect("a registered site");
            let told: Vec<&str> = route.cc.iter().map(|u| u.name.as_str()).collect();
            let found = (route.unit.name.as_str(), route.via.map(|u| u.name.as_str()), told.as_slice());
            assert_eq!(found, (*unit, *via, *cc), "{site} {column:?} {cause:?}");
            assert_eq!(route.addressee().name, via.unwrap_or(unit));
        }
        assert_eq!(registry.route(&subject("9999999999", None), single), None);
    }

    #[test]
    fn exemptions_cover_site_place_prefix_and_column_until_their_last_day() {
        let day = |d| NaiveDate::from_ymd_opt(2026, 11, d).expect("a date");
        let exemption = |target: &str| Exemption {
            rule: "stale-column".to_owned(),
            target: target.to_owned(),
            reason: "r".to_owned(),
            from: None,
            until: day(20),
            origin: String::new(),
        };
        let url = "http://www.shili.example/jt/a.html";
        let in_column = Some("http://www.shili.example/jt/");
        for (target, covered) in [
            ("1000000001", true),
            ("1000000002", false),
            ("https://www.shili.example/jt/a.html", true),
            ("http://www.shili.example/jt/index.html", true),
            ("http://www.shili.example/jt/*", true),
            ("http://www.shili.example/j*", true),
            ("http://www.shili.example/xx/*", false),
            ("http://www.shili.example/jt/b.html", false),
            ("http://other.example/jt/*", false),
        ] {
            let registry = Registry { exemptions: vec![exemption(target)], ..Registry::default() };
            let found = |rule, day| registry.exempt(rule, "1000000001", url, in_column, day).is_some();
            assert_eq!(found("stale-column", day(20)), covered, "{target}");
            assert!(!found("stale-column", day(21)) && !found("empty-column", day(20)), "{target}");
            assert_eq!(registry.lapsed(day(21)).count(), 1);
        }
    }

    #[test]
    fn a_declared_window_holds_from_its_first_day_to_its_last() {
        let day = |d| NaiveDate::from_ymd_opt(2026, 11, d).expect("a date");
        let window = |rule: &str, from: Option<u32>, until| Exemption {
            rule: rule.to_owned(),
            target: "1000000001".to_owned(),
            reason: "机房搬迁".to_owned(),
            from: from.map(day),
            until: day(until),
            origin: String::new(),
        };
        let url = "http://www.shili.example/";
        let registry = Registry { exemptions: vec![window(EVERY_RULE, Some(10), 12)], ..Registry::default() };
        let covered = |rule, d| registry.exempt(rule, "1000000001", url, None, day(d)).is_some();
        let days: Vec<bool> = (9..=13).map(|d| covered("stale-home", d)).collect();
        assert_eq!(days, [false, true, true, true, false]);
        for rule in ["id-number-leak", "phone-leak", "hidden-link"] {
            assert!(!covered(rule, 11), "{rule}: no general declaration covers it");
        }
        let named = Registry { exemptions: vec![window("phone-leak", None, 12)], ..Registry::default() };
        assert!(named.exempt("phone-leak", "1000000001", url, None, day(1)).is_some(), "by its name it is");
        let one_day = window("stale-home", Some(10), 10);
        assert!(one_day.holds_on(day(10)) && !one_day.holds_on(day(9)) && !one_day.holds_on(day(11)));
        for (first, second, overlap) in [
            (window("x", Some(1), 3), window("x", Some(4), 6), false),
            (window("x", Some(1), 4), window("x", Some(4), 6), true),
            (window("x", None, 3), window("x", Some(4), 6), false),
            (window("x", None, 3), window("x", None, 6), true),
        ] {
            assert_eq!((first.overlaps(&second), second.overlaps(&first)), (overlap, overlap));
        }
        assert_eq!(registry.exemptions[0].window(), "2026-11-10至2026-11-12");
    }
}
