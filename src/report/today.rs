//! 今日待办: what an office should see to on a day, as a document for its own desk and as sentences to paste into a work group.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use chrono::{Days, NaiveDate};

use super::trouble::{self, Trouble, TroubleKind};
use super::{Block, Document, Inline, Table, Tone, wording};
use crate::calendar::{Instant8, day_with_weekday, month_day};
use crate::finding::{Subject, SubjectKind};
use crate::ledger::case::{Case, CaseState, Standing};

/// Columns that one sentence names; the rest is counted.
const MOST_COLUMNS: usize = 6;
/// In place of a column's name, where an account is near its limit.
pub const ACCOUNT: &str = "账号";

/// Everything that may be due on a day. What is not due stays empty.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Today {
    /// The day.
    pub on: NaiveDate,
    /// The patrol whose facts are used; `None` where there was none.
    pub patrol: Option<Patrol>,
    /// The last round of spaced visits.
    pub probed: Option<Instant8>,
    /// Sites that do not open, come and go, or whose certificate is in doubt or near its end.
    pub troubles: Vec<Trouble>,
    /// Columns and home pages that come near their limit, nearest first.
    pub soon: Vec<Soon>,
    /// How many have passed it by what the patrol saw, if nothing was published since.
    pub passed: usize,
    /// Problems handed over whose date is near, today or past, latest first.
    pub deadlines: Vec<Deadline>,
    /// Problems that units say they have mended.
    pub answered: Vec<String>,
    /// Problems that units dispute.
    pub disputed: Vec<String>,
    /// Confirmed problems that wait for approval.
    pub candidates: usize,
    /// Why their approval would be held.
    pub brake: Option<String>,
    /// Approved batches with problems not handed over yet: their ids and how many.
    pub unsent: Vec<(String, usize)>,
    /// Reminders and orders that are due.
    pub reminders: usize,
    /// Why it cannot be said which are due: the calendar lacks a year.
    pub calendar: Option<String>,
    /// Letters that need a person.
    pub letters: Vec<Stuck>,
    /// 落款; may be empty.
    pub signature: String,
}

/// The patrol whose facts are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patrol {
    /// Its number.
    pub run: i64,
    /// Its 监测时点.
    pub as_of: Instant8,
    /// A later patrol that was broken off.
    pub broken_off: Option<i64>,
}

/// A column or home page near its limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Soon {
    /// Whom to tell: the county's office, or the unit itself.
    pub addressee: String,
    /// The unit that answers for it.
    pub unit: String,
    /// Name of the site.
    pub site: String,
    /// 栏目位置, or 首页.
    pub place: String,
    /// Its page.
    pub url: String,
    /// The newest item.
    pub newest: NaiveDate,
    /// Days that the rule allows.
    pub limit: u32,
}

/// A problem with a date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deadline {
    /// 问题编号.
    pub number: String,
    /// 责任单位.
    pub unit: String,
    /// Whom to remind: the county's office, or the unit itself.
    pub addressee: String,
    /// 问题类型.
    pub title: String,
    /// Where.
    pub place: String,
    /// 整改时限.
    pub due: NaiveDate,
    /// Whether it is past its date and known to be still there: 逾期未整改, not 逾期未反馈.
    pub unmended: bool,
    /// False for what is never named in a group with several readers.
    pub public: bool,
}

/// A letter that needs a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stuck {
    /// The unit written to.
    pub unit: String,
    /// 批次.
    pub batch: String,
    /// Its state, as printed.
    pub state: String,
    /// What the server said.
    pub note: String,
}

/// Where it is: of an account, which one.
fn place(subject: &Subject) -> String {
    match subject.kind {
        SubjectKind::Account => subject.site_name.clone(),
        _ => subject.place.clone(),
    }
}

impl Soon {
    /// The last day on which it is in time.
    pub fn limit_day(&self) -> NaiveDate {
        self.newest.checked_add_days(Days::new(self.limit.into())).unwrap_or(NaiveDate::MAX)
    }
}

impl Today {
    /// Sorts the problems of a ledger into what is due on the day: those handed over whose date lies within `days` or is
    /// past, those answered, those disputed. `addressee` says who is reminded for a unit.
    pub fn take_cases(&mut self, cases: &[Case], days: u32, addressee: impl Fn(&str) -> String) {
        let until = self.on.checked_add_days(Days::new(days.into())).unwrap_or(self.on);
        for case in cases {
            match case.state {
                _ if case.progress.pending.is_some() => self.disputed.push(case.number.clone()),
                state if state.is_with_unit() => {
                    let Some(due) = case.due.filter(|due| *due <= until) else { continue };
                    self.deadlines.push(Deadline {
                        number: case.number.clone(),
                        addressee: addressee(&case.unit),
                        unit: case.unit.clone(),
                        title: case.finding.title.clone(),
                        place: place(&case.finding.subject),
                        due,
                        unmended: case.standing(self.on) == Standing::NotMended,
                        public: case.finding.severity != crate::finding::Severity::Immediate,
                    });
                }
                CaseState::Answered => self.answered.push(case.number.clone()),
                CaseState::Disputed => self.disputed.push(case.number.clone()),
                _ => {}
            }
        }
        self.deadlines.sort_by(|a, b| (a.due, &a.number).cmp(&(b.due, &b.number)));
    }

    /// Whether nobody has anything to do.
    pub fn is_empty(&self) -> bool {
        let Self { troubles, soon, deadlines, answered, disputed, unsent, letters, .. } = self;
        let broken_off = self.patrol.is_some_and(|patrol| patrol.broken_off.is_some());
        troubles.is_empty()
            && soon.is_empty()
            && deadlines.is_empty()
            && answered.is_empty()
            && disputed.is_empty()
            && unsent.is_empty()
            && letters.is_empty()
            && self.candidates == 0
            && self.reminders == 0
            && self.calendar.is_none()
            && self.passed == 0
            && !broken_off
    }

    /// `今日（11月22日）没有待办事项。`, with the patrol that it rests on.
    pub fn nothing(&self) -> String {
        format!("今日（{}）没有待办事项。{}", month_day(self.on), self.rests_on())
    }

    /// The whole list.
    pub fn document(&self) -> Document {
        let mut doc = Document::new(format!("今日待办　{}", day_with_weekday(self.on)), self.rests_on());
        let mut number = 0;
        let mut heading = |doc: &mut Document, text: String| {
            number += 1;
            doc.heading(1, format!("{}、{text}", chinese(number)));
        };
        if let Some(run) = self.patrol.and_then(|patrol| patrol.broken_off) {
            heading(&mut doc, "巡查中断".to_owned());
            doc.paragraph(format!("第{run}次巡查没有完成，请执行 xuncha patrol --resume 继续。"));
        }
        let ends = |trouble: &&Trouble| trouble.kind == TroubleKind::Certificate;
        for (found, text) in [
            (self.troubles.iter().filter(|trouble| !ends(trouble)).collect::<Vec<_>>(), "网站访问异常"),
            (self.troubles.iter().filter(ends).collect(), "安全证书将到期"),
        ] {
            if !found.is_empty() {
                let count = found.len();
                let how = if text == "网站访问异常" {
                    "（请先用浏览器核实，再电话联系）"
                } else {
                    ""
                };
                heading(&mut doc, format!("{text}{count}个{how}"));
                doc.table(trouble::table(&found));
            }
        }
        let late = self.deadlines.partition_point(|deadline| deadline.due < self.on);
        let (unmended, silent): (Vec<_>, Vec<_>) =
            self.deadlines[..late].iter().cloned().partition(|deadline| deadline.unmended);
        let soon = self.deadlines[late..].to_vec();
        for (found, text) in [(&silent, "逾期未反馈"), (&unmended, "逾期未整改"), (&soon, "整改反馈时限将到")]
        {
            if !found.is_empty() {
                heading(&mut doc, format!("{text}{}项", found.len()));
                doc.table(self.deadline_table(found));
            }
        }
        if !self.soon.is_empty() || self.passed > 0 {
            let count = if self.soon.is_empty() { String::new() } else { format!("{}个", self.soon.len()) };
            let accounts = self.soon.iter().any(|soon| soon.place == ACCOUNT);
            heading(&mut doc, format!("{}临期{count}", if accounts { "栏目、账号" } else { "栏目" }));
            let mut table = Table::new("", ["责任单位", "网站", "栏目", "最近更新", "到期", "链接"]);
            for soon in &self.soon {
                table.row([
                    plain(&soon.unit),
                    plain(&soon.site),
                    plain(&soon.place),
                    format!("最近更新{}", month_day(soon.newest)).into(),
                    format!("{}达到{}未更新标准", self.day(soon.limit_day()), limit_in_words(soon.limit))
                        .into(),
                    Inline::Link { text: soon.url.clone(), url: soon.url.clone() },
                ]);
            }
            if !self.soon.is_empty() {
                doc.table(table);
            }
            if self.passed > 0 {
                doc.paragraph(format!(
                    "另有{}个栏目按上次巡查所见推算已过时限，其后可能已经更新，须重新巡查后才能认定。",
                    self.passed
                ));
            }
        }
        self.own_work(&mut doc, &mut heading);
        let texts = self.texts();
        if !texts.is_empty() {
            heading(&mut doc, "可粘贴到工作群的提示".to_owned());
            doc.blocks.extend(texts.into_iter().map(|text| Block::Paragraph(vec![Inline::Text(text)])));
        }
        doc
    }

    /// Sentences to paste into a work group, one a unit and matter. What is to be told by telephone first is not in them.
    pub fn texts(&self) -> Vec<String> {
        let mut texts: Vec<String> =
            trouble::in_words(&self.troubles).iter().map(|text| self.signed(text)).collect();
        let mut by_unit: BTreeMap<&str, Vec<&Soon>> = BTreeMap::new();
        for soon in &self.soon {
            by_unit.entry(&soon.addressee).or_default().push(soon);
        }
        for (addressee, soon) in by_unit {
            texts.push(self.signed(&format!(
                "【临期提示】{}：{}。请及时更新。如已更新请忽略。",
                wording::one_line(addressee),
                soon_in_words(&soon, addressee)
            )));
        }
        let mut by_unit: BTreeMap<&str, Vec<&Deadline>> = BTreeMap::new();
        for deadline in self.deadlines.iter().filter(|deadline| deadline.public) {
            by_unit.entry(&deadline.addressee).or_default().push(deadline);
        }
        for (unit, deadlines) in by_unit {
            texts.push(self.signed(&format!(
                "【反馈提醒】{}：{}。请按时整改并反馈。如已反馈请忽略。",
                wording::one_line(unit),
                self.deadlines_in_words(&deadlines)
            )));
        }
        texts
    }

    /// What comes near its limit as one sentence of a paper that several units read; `None` where nothing does.
    pub fn coming(&self) -> Option<String> {
        let soon: Vec<&Soon> = self.soon.iter().collect();
        (!soon.is_empty()).then(|| format!("{}。", soon_in_words(&soon, "")))
    }

    /// The same to the unit that is asked to see to it, as a 提示单 says it.
    pub fn coming_to(&self, addressee: &str) -> Option<String> {
        let soon: Vec<&Soon> = self.soon.iter().collect();
        (!soon.is_empty()).then(|| format!("{}。请及时更新。", soon_in_words(&soon, addressee)))
    }

    fn rests_on(&self) -> String {
        let patrol = match self.patrol {
            Some(Patrol { run, as_of, .. }) => {
                let age = (self.on - as_of.date_naive()).num_days();
                let ago = if age > 0 { format!("（{age}天前）") } else { String::new() };
                format!("网站和栏目情况据第{run}次巡查，监测时点{}{ago}。", as_of.format("%Y-%m-%d %H:%M"))
            }
            None => "尚未完成过巡查，没有网站和栏目情况。".to_owned(),
        };
        let probed = self.probed.map(|at| format!("定时访问截至{}。", at.format("%Y-%m-%d %H:%M")));
        patrol + &probed.unwrap_or_default()
    }

    fn deadline_table(&self, deadlines: &[Deadline]) -> Table {
        let mut table = Table::new("", ["问题编号", "责任单位", "问题类型", "位置", "时限"]);
        for deadline in deadlines {
            let days = (self.on - deadline.due).num_days();
            let (tone, when) = match days {
                1.. => (Tone::Bad, format!("{}到期，已逾期{days}天", month_day(deadline.due))),
                0 => (Tone::Bad, "今日到期".to_owned()),
                _ => (Tone::Warn, format!("{}到期", day_with_weekday(deadline.due))),
            };
            table.row([
                plain(&deadline.number),
                plain(&deadline.unit),
                plain(&deadline.title),
                plain(&deadline.place),
                Inline::Mark(tone, when),
            ]);
        }
        table
    }

    /// What the office itself has to do.
    fn own_work(&self, doc: &mut Document, heading: &mut impl FnMut(&mut Document, String)) {
        if !self.disputed.is_empty() {
            heading(doc, format!("申请（复核、延期、转办）待处理{}项", self.disputed.len()));
            doc.paragraph(format!(
                "{}。核实后用 xuncha case decide 登记：--uphold（申请属实，撤销）、--dismiss（维持）、--grant-extension 或 --transfer。",
                numbers(&self.disputed)
            ));
        }
        if !self.answered.is_empty() {
            heading(doc, format!("已反馈待复查{}项", self.answered.len()));
            doc.paragraph(format!("{}。执行 xuncha recheck 复查。", numbers(&self.answered)));
        }
        if self.reminders > 0 {
            heading(doc, format!("应发的提示、催办和督办{}项", self.reminders));
            doc.paragraph("执行 xuncha notify --due 核对，经批准后发出。");
        }
        if let Some(why) = &self.calendar {
            heading(doc, "放假安排".to_owned());
            doc.paragraph(wording::one_line(why));
        }
        if self.candidates > 0 || !self.unsent.is_empty() {
            heading(doc, "批次".to_owned());
        }
        if self.candidates > 0 {
            doc.paragraph(format!(
                "已确认待批准{}项：xuncha list --candidates --out 待核清单.xlsx 导出审核，再用 xuncha approve 批准。",
                self.candidates
            ));
            if let Some(brake) = &self.brake {
                doc.paragraph(format!("批准时会停下：{brake}"));
            }
        }
        for (batch, count) in &self.unsent {
            doc.paragraph(format!(
                "批次{}已批准、尚未交办{count}项：xuncha notify --preview 核对后用 --send 发送。",
                wording::one_line(batch)
            ));
        }
        if !self.letters.is_empty() {
            heading(doc, format!("信函需人工处理{}份", self.letters.len()));
            let mut table = Table::new("", ["单位", "批次", "状态", "说明"]);
            for letter in &self.letters {
                let state = Inline::Mark(Tone::Warn, letter.state.clone());
                table.row([plain(&letter.unit), plain(&letter.batch), state, plain(&letter.note)]);
            }
            doc.table(table);
        }
    }

    /// `3项问题已过反馈时限（最早为11月20日），2项将于12月4日（星期五）到期`.
    fn deadlines_in_words(&self, deadlines: &[&Deadline]) -> String {
        let mut parts = Vec::new();
        let late: Vec<_> = deadlines.iter().filter(|deadline| deadline.due < self.on).collect();
        if let Some(first) = late.iter().map(|deadline| deadline.due).min() {
            parts.push(format!("交办的问题有{}项已过反馈时限（最早为{}）", late.len(), month_day(first)));
        }
        let mut by_day: BTreeMap<NaiveDate, usize> = BTreeMap::new();
        for deadline in deadlines.iter().filter(|deadline| deadline.due >= self.on) {
            *by_day.entry(deadline.due).or_default() += 1;
        }
        for (day, count) in by_day {
            let subject = if parts.is_empty() { "交办的问题有" } else { "" };
            let when =
                if day == self.on { "今日".to_owned() } else { format!("将于{}", day_with_weekday(day)) };
            parts.push(format!("{subject}{count}项{when}到期"));
        }
        parts.join("，")
    }

    fn signed(&self, text: &str) -> String {
        let mut text = text.to_owned();
        if !self.signature.is_empty() {
            let _ = write!(text, "——{}", wording::one_line(&self.signature));
        }
        text
    }

    fn day(&self, day: NaiveDate) -> String {
        if day == self.on { "今日".to_owned() } else { month_day(day) }
    }
}

/// `贵单位负责的“工作动态”栏目最近更新为11月8日，将于11月22日达到2周未更新标准`, and so on for each; whose it is and on which site
/// is said where it is not the same throughout.
fn soon_in_words(soon: &[&Soon], addressee: &str) -> String {
    let several = soon.iter().any(|one| one.site != soon[0].site);
    let mut told: Vec<String> = Vec::new();
    let mut owner = "";
    for one in soon.iter().take(MOST_COLUMNS) {
        let whose = if one.unit == owner {
            String::new()
        } else if one.unit == addressee {
            "贵单位负责的".to_owned()
        } else {
            format!("{}负责的", wording::one_line(&one.unit))
        };
        owner = &one.unit;
        let place = wording::one_line(&one.place);
        let what = match (place.as_str(), several) {
            ("首页", _) => format!("{}首页", wording::one_line(&one.site)),
            (ACCOUNT, _) => format!("“{}”", wording::one_line(&one.site)),
            (place, true) => format!("“{place}”栏目（{}）", wording::one_line(&one.site)),
            (place, false) => format!("“{place}”栏目"),
        };
        told.push(format!(
            "{whose}{what}最近更新为{}，将于{}达到{}未更新标准",
            month_day(one.newest),
            month_day(one.limit_day()),
            limit_in_words(one.limit)
        ));
    }
    if soon.len() > MOST_COLUMNS {
        told.push(format!("另有{}个栏目也将在近日到期", soon.len() - MOST_COLUMNS));
    }
    told.join("；")
}

/// Two weeks are said as such; longer limits in days, which is what they are counted in.
fn limit_in_words(days: u32) -> String {
    match days {
        7 | 14 | 21 | 28 => format!("{}周", days / 7),
        _ => format!("{days}天"),
    }
}

fn chinese(number: usize) -> &'static str {
    ["一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二"]
        .get(number.saturating_sub(1))
        .unwrap_or(&"末")
}

fn numbers(numbers: &[String]) -> String {
    const MOST: usize = 10;
    let shown = numbers.iter().take(MOST).cloned().collect::<Vec<_>>().join("、");
    if numbers.len() > MOST { format!("{shown}等") } else { shown }
}

fn plain(text: &str) -> Inline {
    Inline::Text(wording::one_line(text))
}

#[cfg(test)]
#[path = "today_tests.rs"]
mod tests;
