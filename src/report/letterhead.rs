//! Whose papers they are: names, numbers and addressees as the office has set them, and what follows from its area.

use chrono::{Datelike as _, NaiveDate};

use super::document::BLANK;
use crate::config::valid::{Office, Papers};

/// What every paper says of the office.
#[derive(Debug, Clone, Copy)]
pub struct Letterhead<'a> {
    /// `[office]`.
    pub office: &'a Office,
    /// `[papers]`.
    pub papers: &'a Papers,
    /// 成文日期.
    pub issued: NaiveDate,
}

impl Letterhead<'_> {
    /// 发文机关: as set, otherwise the area's 人民政府办公室.
    pub fn issuer(&self) -> String {
        if self.papers.issuer.is_empty() {
            format!("{}人民政府办公室", self.office.area)
        } else {
            self.papers.issuer.clone()
        }
    }

    /// `全市`, `全县`, `全区`.
    pub fn whole(&self) -> String {
        format!("全{}", self.level())
    }

    /// `市`, `县`, `区`, `州` …: the last character of the area's name.
    pub fn level(&self) -> String {
        self.office.area.chars().last().map_or_else(|| "市".to_owned(), String::from)
    }

    /// 文号 with its number left blank: `示府办函〔2026〕    号`; `None` where no 代字 is set.
    pub fn number(&self) -> Option<String> {
        let word = &self.papers.number;
        (!word.is_empty()).then(|| format!("{word}〔{}〕{BLANK}号", self.issued.year()))
    }

    /// 编号 of a 整改通知书 or 督办单: `编号：示网新改〔2026〕    号`.
    pub fn form_number(&self, word: &str) -> String {
        let area: String = self.office.area.chars().take(1).collect();
        let word = if word.is_empty() { format!("{area}网新") } else { word.to_owned() };
        format!("编号：{word}〔{}〕{BLANK}号", self.issued.year())
    }

    /// 主送机关 of a bulletin.
    pub fn recipients(&self) -> String {
        if !self.papers.recipients.is_empty() {
            return self.papers.recipients.clone();
        }
        let level = self.level();
        if level == "市" || level == "州" {
            format!("各县（区）人民政府，{level}政府各部门、各直属机构，有关单位：")
        } else {
            format!("各乡镇人民政府、街道办事处，{level}政府各部门、各直属机构，有关单位：")
        }
    }

    /// `联系人：李某某；联系电话：0000-0000000`.
    pub fn contact(&self) -> String {
        format!("联系人：{}；联系电话：{}", self.office.contact, self.office.phone)
    }
}
