//! `units`: the offices, by what names they may be called, and whether their order has a top.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::super::table::{Field, Row, Table};
use super::super::{Delivery, Unit, UnitKind, cell};
use super::{Patience, Reading};
use crate::config::{mail_address, printable};

const FIELDS: &[Field] = &[
    Field { key: "name", names: &["单位名称", "单位", "单位全称"], required: true },
    Field { key: "short", names: &["简称", "单位简称"], required: false },
    Field { key: "parent", names: &["上级主管单位", "上级单位", "上级主管"], required: false },
    Field { key: "kind", names: &["类别", "单位类别"], required: true },
    Field { key: "order", names: &["排序", "序号", "顺序"], required: false },
    Field { key: "leader", names: &["分管领导"], required: false },
    Field { key: "liaison", names: &["联络员", "联系人"], required: false },
    Field { key: "phone", names: &["办公电话", "电话", "联系电话"], required: false },
    Field {
        key: "mail", names: &["邮箱", "电子邮箱", "电子邮件", "邮件地址"], required: false
    },
    Field { key: "cc", names: &["抄送", "抄送邮箱"], required: false },
    Field { key: "delivery", names: &["送达方式"], required: false },
];

/// The names by which files may refer to units.
#[derive(Debug, Default)]
pub(super) struct Units {
    /// Full name → row.
    names: BTreeMap<String, u32>,
    /// 简称 → full names.
    shorts: BTreeMap<String, BTreeSet<String>>,
    /// Whether the file was read, so that an unknown unit is the fault of who names it.
    known: bool,
    patience: Patience,
}

impl Units {
    /// The full name of a unit named by its full name or its 简称.
    pub(super) fn resolve(&self, text: &str) -> Result<String, String> {
        if self.names.contains_key(text) || !self.known {
            return Ok(text.to_owned());
        }
        match self.shorts.get(text).map(|names| names.iter().collect::<Vec<_>>()).as_deref() {
            Some([name]) => Ok((*name).clone()),
            Some(names) => {
                let names = names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join("、");
                Err(format!("简称“{text}”对应多个单位（{names}），请写全称"))
            }
            None => {
                let near = self.patience.suggest(text, self.names.keys().map(String::as_str));
                Err(format!("单位“{}”不在单位登记表中{near}", printable(text)))
            }
        }
    }
}

/// Reads `units`.
pub(super) fn read(reading: &mut Reading, dir: &Path) -> Units {
    let mut units = Units::default();
    let Some(mut table) = reading.open(dir, "units", FIELDS, true) else { return units };
    units.known = table.is_readable();
    table.must_have_rows("单位");
    let rows = table.take_rows();
    let mut list: Vec<(Row, Unit)> = Vec::new();
    for row in rows {
        let unit = read_unit(&mut table, &row);
        let Some(unit) = unit else { continue };
        if let Some(first) = units.names.get(&unit.name) {
            let message = format!("“{}”与第 {first} 行重复", unit.name);
            table.fault(&row, "name", &message);
            continue;
        }
        units.names.insert(unit.name.clone(), row.number);
        if !unit.short.is_empty() {
            units.shorts.entry(unit.short.clone()).or_default().insert(unit.name.clone());
        }
        list.push((row, unit));
    }
    for (row, unit) in &mut list {
        let Some(parent) = unit.parent.take() else { continue };
        match units.resolve(&parent) {
            Ok(name) => unit.parent = Some(name),
            Err(message) => table.fault(row, "parent", &message),
        }
    }
    for circle in circles(&list) {
        let Some((row, unit)) = list.get(circle[0]) else { continue };
        let names = circle.iter().filter_map(|i| list.get(*i)).map(|(_, u)| u.name.as_str());
        let way = names.chain([unit.name.as_str()]).collect::<Vec<_>>().join(" → ");
        table.fault(&row.clone(), "parent", &format!("上下级关系成了循环：{way}"));
    }
    reading.absorb(table);
    reading.registry.units = list.into_iter().map(|(_, unit)| unit).collect();
    units
}

fn read_unit(table: &mut Table, row: &Row) -> Option<Unit> {
    let name = table.needed(row, "name");
    let kind = table.needed_parsed(row, "kind", cell::unit_kind);
    let mail = table.parsed(row, "mail", mail_address);
    let order = table.parsed(row, "order", cell::order);
    let given = table.parsed(row, "delivery", cell::delivery);
    let delivery = given.unwrap_or(if mail.is_some() { Delivery::Mail } else { Delivery::Offline });
    if given == Some(Delivery::Mail) && mail.is_none() && !table.faulted(row, "mail") {
        table.fault(row, "mail", "不能为空：送达方式是邮件");
    }
    let unit = Unit {
        short: table.text(row, "short").unwrap_or_default(),
        parent: table.text(row, "parent"),
        order: order.unwrap_or(u32::MAX),
        leader: table.text(row, "leader").unwrap_or_default(),
        liaison: table.text(row, "liaison").unwrap_or_default(),
        phone: table.text(row, "phone").unwrap_or_default(),
        cc: table.several(row, "cc", mail_address),
        kind: kind.unwrap_or(UnitKind::Department),
        delivery,
        mail,
        name: name?,
    };
    Some(unit)
}

/// Each circle of 上级主管单位 once, as indices into the list, beginning with its first unit in the file.
fn circles(list: &[(Row, Unit)]) -> Vec<Vec<usize>> {
    let index: BTreeMap<&str, usize> =
        list.iter().enumerate().map(|(i, (_, u))| (u.name.as_str(), i)).collect();
    let above: Vec<Option<usize>> =
        list.iter().map(|(_, u)| u.parent.as_deref().and_then(|name| index.get(name).copied())).collect();
    let mut found = Vec::new();
    let mut done = vec![false; list.len()];
    for start in 0..list.len() {
        let mut way: Vec<usize> = Vec::new();
        let mut on_way = BTreeSet::new();
        let mut at = Some(start);
        while let Some(i) = at.filter(|i| !done[*i]) {
            if !on_way.insert(i) {
                let begin = way.iter().position(|j| *j == i).unwrap_or(0);
                let mut circle = way.split_off(begin);
                let first = circle.iter().enumerate().min_by_key(|(_, j)| **j).map_or(0, |(k, _)| k);
                circle.rotate_left(first);
                for j in &circle {
                    done[*j] = true;
                }
                found.push(circle);
                break;
            }
            way.push(i);
            at = above[i];
        }
        for i in way {
            done[i] = true;
        }
    }
    found
}
