//! What the demo's three months came to, held against what had to come of them: every problem, every paper.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use chrono::NaiveDate;

use super::demo_papers::has_ending;
use super::desk::table;
use crate::demo::folder::{MAIL, MONTHS, REGISTER, TRANSCRIPT};
use crate::demo::mailbox::Letter;
use crate::demo::months::{Course, course_of, new_one};
use crate::demo::truth::Truth;
use crate::finding::Severity;
use crate::ledger::case::{Case, CaseState};
use crate::ledger::event::Step;
use crate::ledger::period::Movements;

/// What is known when the three months are over.
pub(super) struct After<'a> {
    /// Every case.
    pub(super) cases: &'a [Case],
    /// What was planted.
    pub(super) truth: &'a Truth,
    /// The port of the sites.
    pub(super) port: u16,
    /// Whether anything could be asked over IPv6.
    pub(super) ipv6: bool,
    /// The months, oldest first: `202607`.
    pub(super) months: [String; 3],
    /// What each month moved.
    pub(super) movements: [Movements; 3],
    /// Every file in the demo's folder, with its size.
    pub(super) files: &'a BTreeMap<String, u64>,
    /// Every letter that was sent.
    pub(super) letters: &'a [Letter],
    /// The last day.
    pub(super) on: NaiveDate,
}

/// The result.
pub(super) struct Outcome {
    /// The tables, and what does not hold.
    pub(super) text: String,
    /// What does not hold, in words.
    pub(super) faults: Vec<String>,
}

impl Outcome {
    /// Adds what else does not hold.
    pub(super) fn fault(&mut self, why: &str) {
        let _ = writeln!(self.text, "不符：{why}");
        self.faults.push(why.to_owned());
    }
}

/// Papers that must be there: folder, what the name holds, its ending, what it is.
const PAPERS: [(usize, &str, &str, &str, &str); 22] = [
    (0, "01_待核清单", "", "xlsx", "待核清单"),
    (0, "02_待核清单_已核", "", "xlsx", "复核后的待核清单"),
    (0, "03_交办材料/", "问题交办", "eml", "交办邮件"),
    (0, "03_交办材料/", "问题清单", "xlsx", "问题清单"),
    (0, "04_发送包/", "问题清单", "xlsx", "发送包（公文交换）"),
    (0, "04_发送包/", "送达登记表", "xlsx", "送达登记表"),
    (0, "05_单位反馈/立行立改/", "问题清单", "xlsx", "单位反馈（立行立改）"),
    (0, "05_单位反馈/限期整改/", "问题清单", "xlsx", "单位反馈（限期整改）"),
    (0, "06_临期提示/", "临期提示", "eml", "临期提示"),
    (0, "08_月度监测情况/", "监测情况", "docx", "月度监测情况（第1个月）"),
    (0, "07_催办/", "催办", "eml", "催办函"),
    (1, "01_督办/", "督办", "html", "督办单（送达用）"),
    (1, "01_督办/督办单/", "督办单", "docx", "督办单"),
    (1, "02_待核清单", "", "xlsx", "待核清单（第2批）"),
    (1, "04_交办材料/", "问题交办", "eml", "交办邮件（第2批）"),
    (1, "06_月度监测情况/", "监测情况", "docx", "月度监测情况（第2个月）"),
    (2, "01_抽查名单/", "抽查名单", "docx", "抽查名单"),
    (2, "03_人工核查表_已填", "", "xlsx", "人工核查表"),
    (2, "04_季度通报/", "季度通报（下发版）", "docx", "季度通报（下发版）"),
    (2, "04_季度通报/", "季度通报（公开版）", "docx", "季度通报（公开版）"),
    (2, "04_季度通报/", "季度通报（下发版）", "xlsx", "季度通报附件"),
    (2, "06_月度监测情况/", "监测情况", "docx", "月度监测情况（第3个月）"),
];

impl After<'_> {
    /// Holds everything against the story.
    pub(super) fn outcome(&self) -> Outcome {
        let mut faults = Vec::new();
        let mut by_course: BTreeMap<Course, (usize, usize)> = BTreeMap::new();
        let mut known: BTreeSet<&str> = BTreeSet::new();
        let (new_rule, new_url) = new_one(self.port);
        let new = |case: &Case| case.finding.rule == new_rule && case.finding.url == new_url;
        let planted = self.truth.planted.iter().filter(|planted| self.ipv6 || planted.rule != "no-ipv6");
        let expected = planted
            .map(|planted| {
                let case = self.cases.iter().find(|case| planted.is_told_by(&case.finding));
                (course_of(planted), planted.what, case)
            })
            .chain([(Course::New, "第2个月起附件404", self.cases.iter().find(|case| new(case)))]);
        for (course, what, case) in expected {
            let row = by_course.entry(course).or_default();
            let told = case.map_or_else(|| Err("台账中没有".to_owned()), |case| self.holds(course, case));
            known.extend(case.map(|case| case.number.as_str()));
            match told {
                Ok(()) => row.0 += 1,
                Err(why) => {
                    row.1 += 1;
                    let number = case.map_or("—", |case| case.number.as_str());
                    faults.push(format!("{number} {what}（{}）：{why}", course.label()));
                }
            }
        }
        // What a second look found in order was told to nobody.
        let told = |case: &&Case| case.state != CaseState::Dropped;
        for case in self.cases.iter().filter(|case| !known.contains(case.number.as_str())).filter(told) {
            if !self.truth.follows(&case.finding)
                && !self.truth.planted.iter().any(|p| p.is_told_by(&case.finding))
            {
                faults.push(format!(
                    "{} 不在预期之内：{} {}",
                    case.number, case.finding.title, case.finding.url
                ));
            }
        }
        faults.extend(self.missing_papers());
        Outcome { text: self.text(&by_course, &faults), faults }
    }

    /// Whether a problem went the way that its unit's course leads.
    fn holds(&self, course: Course, case: &Case) -> Result<(), String> {
        let progress = &case.progress;
        let closed = || state(case, CaseState::Closed);
        let must = |holds: bool, why: &str| if holds { Ok(()) } else { Err(why.to_owned()) };
        let closed_in = |month: usize| {
            let in_month = progress.closed_at.map(|at| at.format("%Y%m").to_string());
            must(in_month.as_deref() == Some(&self.months[month]), "销号的月份不对")
        };
        let ordered = || progress.reminders.iter().any(|one| one.step == Step::Order);
        let second_batch = || must(case.batch.as_deref() == Some(&self.months[1]), "未列入第2批");
        match course {
            Course::AtOnce | Course::Mended => closed().and_then(|()| closed_in(0)),
            Course::Silent => {
                closed()?;
                closed_in(1)?;
                must(progress.answer.is_none(), "不应有反馈")
            }
            Course::Relapses => {
                closed()?;
                closed_in(2)?;
                second_batch()?;
                must(progress.relapses == 1, "没有记为反弹一次")
            }
            Course::Claimed => {
                closed()?;
                closed_in(2)?;
                must(progress.failed_rechecks > 0, "没有记为复查未通过")?;
                must(ordered(), "没有督办")
            }
            Course::Delayed => {
                closed()?;
                must(progress.extended_to.is_some(), "没有延期")
            }
            Course::DelayedLong => state(case, CaseState::Extended),
            Course::Untrue => {
                state(case, CaseState::Revoked)?;
                must(progress.false_alarm, "没有计为误报")
            }
            Course::Transferred => {
                closed()?;
                second_batch()?;
                must(progress.transferred, "没有转办")
            }
            Course::New => {
                closed()?;
                must(case.number.starts_with(&self.months[1]), "不是第2个月新增")?;
                second_batch()
            }
            Course::Ignored => {
                must(case.state.is_handed_over(), "不在整改中")?;
                let due = case.due.is_some() && case.finding.severity != Severity::Advisory;
                must(!due || case.is_overdue(self.on), "没有逾期")?;
                must(!due || ordered(), "没有督办")
            }
            Course::Untold => {
                must(matches!(case.state, CaseState::Suspected | CaseState::Dropped), "疑似问题不应交办")?;
                must(case.assigned_on.is_none(), "疑似问题已交办")
            }
        }
    }

    fn missing_papers(&self) -> Vec<String> {
        let mut missing = Vec::new();
        for (month, folder, name, ending, what) in PAPERS {
            let start = format!("{}/{folder}", MONTHS[month]);
            let is_it = |path: &str| path.strip_prefix(&start).is_some_and(|rest| rest.contains(name));
            let there =
                self.files.iter().any(|(path, size)| is_it(path) && has_ending(path, ending) && *size > 0);
            if !there {
                missing.push(format!("没有写出{what}：{start}…{name}….{ending}"));
            }
        }
        for name in [REGISTER, TRANSCRIPT] {
            if self.files.get(name).is_none_or(|size| *size == 0) {
                missing.push(format!("没有写出{name}"));
            }
        }
        let received = self.files.keys().filter(|path| path.starts_with(&format!("{MAIL}/"))).count();
        if received != self.letters.len() || received == 0 {
            missing.push(format!("{MAIL}中有{received}封信，应有{}封", self.letters.len()));
        }
        let drafts = self.files.keys().filter(|path| path.contains("季度通报/") && path.contains("待核"));
        missing.extend(drafts.map(|path| format!("{path}不应是草稿")));
        missing
    }

    fn text(&self, by_course: &BTreeMap<Course, (usize, usize)>, faults: &[String]) -> String {
        let m = &self.movements;
        let row = |name: &str, part: &dyn Fn(&Movements) -> usize| {
            std::iter::once(name.to_owned()).chain(m.iter().map(|month| part(month).to_string())).collect()
        };
        let figures: Vec<Vec<String>> = vec![
            row("新增（确认）", &|m| m.new),
            row("交办", &|m| m.assigned),
            row("反馈已整改", &|m| m.answered),
            row("复查未通过", &|m| m.failed_rechecks),
            row("已销号", &|m| m.closed),
            row("问题反弹", &|m| m.relapsed),
            row("同意延期", &|m| m.extended),
            row("转办", &|m| m.transferred),
            row("撤销（误报）", &|m| m.revoked),
            row("提示、催办", &|m| m.reminders),
            row("督办", &|m| m.orders),
            row("月末整改中", &|m| m.carried_over),
            row("月末逾期", &|m| m.no_reply + m.not_mended),
        ];
        let names = self.months.each_ref().map(|month| {
            let (year, month) = month.split_at(4);
            format!("{year}-{month}")
        });
        let headings = [("三个月办理情况", 24), (names[0].as_str(), 8), (&names[1], 8), (&names[2], 8)];
        let mut text = table(&headings, &figures) + "\n\n";
        let courses: Vec<Vec<String>> = Course::ALL
            .iter()
            .filter_map(|course| Some((course, by_course.get(course)?)))
            .map(|(course, (right, wrong))| {
                vec![
                    course.label().to_owned(),
                    (right + wrong).to_string(),
                    right.to_string(),
                    wrong.to_string(),
                ]
            })
            .chain([{
                let sum = |part: fn(&(usize, usize)) -> usize| by_course.values().map(part).sum::<usize>();
                let (right, wrong) = (sum(|row| row.0), sum(|row| row.1));
                vec!["合计".to_owned(), (right + wrong).to_string(), right.to_string(), wrong.to_string()]
            }])
            .collect();
        text += &table(&[("单位怎样办理", 28), ("项数", 6), ("结果相符", 8), ("不符", 6)], &courses);
        let missing = self.missing_papers().len();
        let _ = write!(
            text,
            "\n应有文书{}种，缺{missing}种；收件箱{}封。\n",
            PAPERS.len() + 2,
            self.letters.len()
        );
        for fault in faults {
            let _ = writeln!(text, "不符：{fault}");
        }
        text
    }
}

fn state(case: &Case, wanted: CaseState) -> Result<(), String> {
    if case.state == wanted {
        Ok(())
    } else {
        Err(format!("应为“{}”，现为“{}”", wanted.label(), case.state.label()))
    }
}
