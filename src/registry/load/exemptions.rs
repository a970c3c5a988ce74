//! `exemptions`: what is accounted for, and within which days.

use std::collections::BTreeMap;
use std::path::Path;

use super::super::table::Field;
use super::super::{EVERY_RULE, Exemption, cell};
use super::Reading;
use super::sites::Sites;
use crate::config::fault::suggestion;
use crate::config::{printable, web_url};

const FIELDS: &[Field] = &[
    Field { key: "rule", names: &["规则", "规则编号"], required: true },
    Field { key: "target", names: &["对象", "报备对象", "网址"], required: true },
    Field { key: "reason", names: &["理由", "原因", "报备理由"], required: true },
    Field { key: "from", names: &["有效期自", "起始日期", "报备自"], required: false },
    Field { key: "until", names: &["有效期至", "截止日期", "报备至"], required: true },
];
/// Words for [`EVERY_RULE`].
const EVERY: [&str; 4] = ["全部", "全部规则", "*", "all"];

/// Reads `exemptions`, which may be absent.
pub(super) fn read(
    reading: &mut Reading,
    dir: &Path,
    sites: &Sites,
    accounts: &BTreeMap<String, String>,
    rules: Option<&[&str]>,
) {
    let Some(mut table) = reading.open(dir, "exemptions", FIELDS, false) else { return };
    let file = Path::new(&table.file)
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let mut seen: BTreeMap<(String, String), Vec<(u32, Exemption)>> = BTreeMap::new();
    for row in table.take_rows() {
        let rule = table.needed_parsed(&row, "rule", |text| match rules {
            _ if EVERY.contains(&text.to_lowercase().as_str()) => Ok(EVERY_RULE.to_owned()),
            Some(known) if !known.contains(&text) => {
                Err(format!("没有名为“{}”的规则{}", printable(text), suggestion(text, known.iter().copied())))
            }
            _ => Ok(text.to_owned()),
        });
        let target = table.needed_parsed(&row, "target", |text| target(text, sites, accounts));
        let reason = table.needed(&row, "reason");
        let from = table.parsed(&row, "from", cell::last_day);
        let unclear = from.is_none() && table.has("from") && table.faulted(&row, "from");
        let until = table.needed_parsed(&row, "until", cell::last_day);
        if let (Some(from), Some(until)) = (from, until)
            && until < from
        {
            table.fault(&row, "until", &format!("{until} 早于“有效期自”{from}"));
            continue;
        }
        let (Some(rule), Some(target), Some(reason), Some(until)) = (rule, target, reason, until) else {
            continue;
        };
        // What begins on a day that cannot be read begins on no other.
        if unclear {
            continue;
        }
        let origin = format!("{file}:{}", row.number);
        let exemption = Exemption { rule, target, reason, from, until, origin };
        let earlier = seen.entry((exemption.rule.clone(), exemption.target.clone())).or_default();
        if let Some((first, other)) = earlier.iter().find(|(_, other)| other.overlaps(&exemption)) {
            let both =
                if exemption.from.is_some() || other.from.is_some() { "，有效期重叠" } else { "" };
            table.fault(&row, "target", &format!("与第 {first} 行重复{both}"));
        }
        earlier.push((row.number, exemption.clone()));
        reading.registry.exemptions.push(exemption);
    }
    reading.absorb(table);
}

/// The target of an exemption: a registered 标识码, an account (`微信公众号:示例交通`), or a URL, with `*` at its end for all
/// below it.
fn target(text: &str, sites: &Sites, accounts: &BTreeMap<String, String>) -> Result<String, String> {
    let plain = text.replace('：', ":");
    if let Some(key) = accounts.get(&plain).or_else(|| accounts.get(text)) {
        return Ok(key.clone());
    }
    let platform = plain.split_once(':').map(|(platform, _)| platform);
    if platform.is_some_and(|platform| super::super::account_cell::platform(platform).is_ok()) {
        return Err(format!("账号“{}”不在新媒体登记表中", printable(text)));
    }
    if text.contains("://") {
        let (bare, star) = text.strip_suffix('*').map_or((text, ""), |bare| (bare, "*"));
        if bare.contains('*') {
            return Err("* 只能写在网址末尾".to_owned());
        }
        return web_url(bare).map(|url| format!("{url}{star}"));
    }
    if cell::site_code(text).is_err() {
        return Err(format!(
            "“{}”应是网站标识码，或以 http:// 开头的网址（末尾可加 *），或 平台:账号名称",
            printable(text)
        ));
    }
    sites.by_code(text)
}
