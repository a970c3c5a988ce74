//! The demo's three months: the office's commands, day by day, on pages that change between them.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use chrono::{Months, NaiveDate, NaiveTime, TimeZone as _};
use clap::Parser as _;

use super::demo_diary::{Diary, days};
use super::demo_outcome::{After, Outcome};
use super::demo_papers::{Row, files_below, fill_in, has_ending};
use super::{Cli, Failure, output};
use crate::calendar::{Instant8, beijing, day_with_weekday, long_date};
use crate::clock;
use crate::demo::Running;
use crate::demo::accounts::article_of;
use crate::demo::folder::{MONTHS, REGISTER, STATE, TRANSCRIPT};
use crate::demo::months::{Course, Scene, course_of, evidence_at, web_at};
use crate::demo::registers::{Addresses, EVIDENCE, evidence, files};
use crate::inspection::period::{Period, Span};
use crate::ledger;
use crate::ledger::case::{Case, CaseState};
use crate::ledger::deadline::Holidays;
use crate::ledger::period::Movements;
use crate::mail::outbox::State;
use crate::report::candidates;
use crate::report::list::{ANSWERS, FEEDBACK};
use crate::store::ledger::{Ledger, Wanted};

/// Who approves and sends.
const BY: &str = "李某某";
/// Who watches a draw and looks at what no machine can judge.
const WITNESS: &str = "王某某";
/// 网站标识码 of the culture bureau, whose site answers nobody.
const DEAD: &str = "9901000006";

/// The office of the demo, at work.
pub(super) struct Desk<'a> {
    dir: &'a Path,
    running: &'a Running,
    tell: &'a dyn Fn(&str),
    days: Diary,
    quarter: Period,
    holidays: Holidays,
    transcript: String,
    day: Option<NaiveDate>,
}

impl<'a> Desk<'a> {
    /// The office whose files lie in `dir`. `tell` is told what happens, a line each.
    ///
    /// # Errors
    /// Where the files of the installation cannot be read.
    pub(super) fn new(dir: &'a Path, running: &'a Running, tell: &'a dyn Fn(&str)) -> Result<Self, Failure> {
        let installed = super::installed::Installed::open(&dir.join("xuncha.toml"))?;
        let holidays = installed.files.holidays;
        let quarter = Period::of(Span::Quarter, running.as_of);
        let days = days(&holidays, quarter, running.as_of)
            .map_err(|missing| Failure::Internal(anyhow::anyhow!("{missing}")))?;
        let transcript =
            "演示中依次执行的全部命令和输出；在演示文件夹内执行，日期为演示中的日期。\n".to_owned();
        Ok(Self { dir, running, tell, days, quarter, holidays, transcript, day: None })
    }

    /// The first patrol with its confirming look.
    ///
    /// # Errors
    /// As the commands fail.
    pub(super) fn patrol(&mut self) -> Result<(), Failure> {
        self.on(self.days.found, 9);
        self.run("registry check")?;
        self.run("patrol")?;
        self.on(self.days.found, 16);
        self.run("recheck")?;
        Ok(())
    }

    /// All that follows.
    ///
    /// # Errors
    /// As the commands fail; where a paper or a problem is not there that must be.
    pub(super) fn three_months(&mut self) -> Result<(), Failure> {
        self.first_month()?;
        self.second_month()?;
        self.third_month()?;
        let path = self.dir.join(TRANSCRIPT);
        std::fs::write(&path, &self.transcript).with_context(|| format!("{}", path.display()))?;
        Ok(())
    }

    fn first_month(&mut self) -> Result<(), Failure> {
        let days = self.days;
        let month = MONTHS[0];
        self.on(days.handed, 9);
        let batch = self.approve_and_send(
            month,
            days.handed,
            &["01_待核清单.xlsx", "02_待核清单_已核.xlsx", "03_交办材料", "04_发送包"],
        )?;
        self.told(&format!(
            "第1个月：批准并交办{batch}批次，发出邮件{}封",
            self.running.mailbox.letters().len()
        ));

        self.show(days.at_once, Scene::AtOnce)?;
        self.on(days.at_once, 15);
        let replies = format!("{month}/05_单位反馈");
        self.reply(&format!("{replies}/立行立改"), &[Course::AtOnce])?;
        self.run(&format!("case import @{replies}/立行立改 --by {BY}"))?;

        self.show(days.replied, Scene::Replied)?;
        self.on(days.replied, 10);
        let courses = [
            Course::Mended,
            Course::Relapses,
            Course::Claimed,
            Course::Delayed,
            Course::DelayedLong,
            Course::Untrue,
            Course::Transferred,
        ];
        self.reply(&format!("{replies}/限期整改"), &courses)?;
        self.run(&format!("case import @{replies}/限期整改 --by {BY}"))?;
        self.on(days.replied, 15);
        self.run("case pending")?;
        self.decide()?;
        let closed = self.cases()?.iter().filter(|case| case.state == CaseState::Closed).count();
        self.told(&format!("第1个月：导入单位反馈并复查，已销号{closed}项，处理复核、延期、转办申请"));

        self.on(days.notice, 9);
        self.remind(&format!("{month}/06_临期提示"))?;
        self.on(days.late, 9);
        self.remind(&format!("{month}/07_催办"))?;
        self.on(days.first_end, 16);
        self.run(&format!(
            "report monthly --month {} --out @{month}/08_月度监测情况",
            month_of(days.first_end)
        ))?;
        Ok(())
    }

    fn second_month(&mut self) -> Result<(), Failure> {
        let days = self.days;
        let month = MONTHS[1];
        self.show(days.order, Scene::Late)?;
        self.on(days.order, 9);
        self.run("recheck --all")?;
        self.on(days.order, 14);
        self.remind(&format!("{month}/01_督办"))?;
        self.run(&format!("report order --out @{month}/01_督办/督办单"))?;
        let late = self.cases()?.iter().filter(|case| case.is_overdue(days.order)).count();
        self.told(&format!("第2个月：复查未反馈的，督办，逾期{late}项"));

        self.show(days.second, Scene::Second)?;
        self.on(days.second, 9);
        self.run("patrol")?;
        self.on(days.second, 16);
        self.run("recheck")?;
        self.on(days.handed_again, 9);
        let batch = self.approve_and_send(
            month,
            days.handed_again,
            &["02_待核清单.xlsx", "03_待核清单_已核.xlsx", "04_交办材料", "05_发送包"],
        )?;
        self.told(&format!("第2个月：再次巡查，批准并交办{batch}批次（反弹、转办和新问题）"));
        self.on(days.second_end, 16);
        self.run(&format!(
            "report monthly --month {} --out @{month}/06_月度监测情况",
            month_of(days.second_end)
        ))?;
        Ok(())
    }

    fn third_month(&mut self) -> Result<(), Failure> {
        let (days, quarter) = (self.days, self.quarter);
        let month = MONTHS[2];
        self.on(days.draw, 9);
        let from = self.holidays.add_working_days(days.draw, 1).unwrap_or(days.draw);
        self.run(&format!(
            "spot-check draw --quarter {quarter} --from {from} --to {} --seed 福彩3D第{}期407 --by {BY} --witness {WITNESS} --out @{month}/01_抽查名单",
            quarter.last_day(),
            days.draw.format("%Y%j")
        ))?;
        self.show(days.third, Scene::Third)?;
        self.on(days.third, 9);
        self.run(&format!("spot-check run --quarter {quarter} --patrol"))?;
        self.on(days.third, 16);
        self.run("recheck")?;
        self.on(days.ruled, 9);
        let (sheet, filled) =
            (format!("{month}/02_人工核查表.xlsx"), format!("{month}/03_人工核查表_已填.xlsx"));
        self.run(&format!("spot-check result --quarter {quarter} --sheet @{sheet}"))?;
        self.rule(&sheet, &filled)?;
        self.run(&format!("spot-check result --quarter {quarter} --from @{filled} --by {WITNESS}"))?;
        // A dead site is no more than suspected by a patrol; who has tried it from several networks may say that it is.
        self.run(&format!(
            "spot-check result --quarter {quarter} --decide V1=达到 --code {DEAD} --reason 多个网络、多次均无法打开 --by {WITNESS}"
        ))?;
        self.told("第3个月：抽取名单，检查，人工核查结论已登记");
        self.on(days.issued, 10);
        self.run(&format!(
            "report quarter --quarter {quarter} --out @{month}/04_季度通报 --final --by {BY}"
        ))?;
        self.run(&format!("report internal --quarter {quarter} --out @{month}/05_监测情况说明"))?;
        self.run(&format!(
            "report monthly --month {} --out @{month}/06_月度监测情况",
            month_of(days.issued)
        ))?;
        self.run(&format!("list --ledger @{REGISTER} --force"))?;
        self.run("case verify")?;
        self.run("status --audit")?;
        self.told(&format!("第3个月：{}通报（下发版、公开版）已写出", quarter.label()));
        Ok(())
    }

    /// Candidates to a workbook, adopted by a person, approved as the month's batch, looked at, sent, and carried by hand.
    fn approve_and_send(
        &mut self,
        month: &str,
        day: NaiveDate,
        names: &[&str; 4],
    ) -> Result<String, Failure> {
        let batch = day.format("%Y%m").to_string();
        let [list, adopted, preview, parcels] = names.map(|name| format!("{month}/{name}"));
        self.run(&format!("list --candidates --out @{list}"))?;
        fill_in(&self.dir.join(&list), &self.dir.join(&adopted), candidates::NUMBER, day, &mut |row| {
            row.set(candidates::DECISION, candidates::ADOPT);
        })?;
        self.run(&format!("approve {batch} --by {BY} --from @{adopted}"))?;
        self.run(&format!("notify --preview @{preview} --batch {batch}"))?;
        self.run(&format!("notify --send {batch} --by {BY}"))?;
        self.run(&format!("notify --export @{parcels} --batch {batch} --by {BY}"))?;
        self.mark_sent(&batch, day)?;
        Ok(batch)
    }

    /// Enters what is carried by hand as delivered on `day`, where there is any.
    fn mark_sent(&mut self, batch: &str, day: NaiveDate) -> Result<(), Failure> {
        let copies = self.ledger()?.outbox().copies().map_err(anyhow::Error::from)?;
        if copies.iter().any(|copy| copy.batch == batch && copy.state == State::Waiting) {
            self.run(&format!("notify --mark-sent {batch} --via 公文交换 --date {day} --by {BY}"))?;
        }
        Ok(())
    }

    /// What is due today: looked at, approved, sent, carried.
    fn remind(&mut self, folder: &str) -> Result<(), Failure> {
        let day = self.day.unwrap_or_default();
        let said = self.run(&format!("notify --due --on {day} --out @{folder}"))?;
        let Some((_, rest)) = said.split_once("--approve ") else {
            return Err(Failure::Internal(anyhow::anyhow!("{day}: nothing is due\n{said}")));
        };
        let batch = rest.split_whitespace().next().unwrap_or_default().to_owned();
        self.run(&format!("notify --due --on {day} --approve {batch} --by {BY}"))?;
        self.mark_sent(&batch, day)
    }

    /// Writes what units send back about problems that take one of `courses`: their own list, filled in.
    fn reply(&self, folder: &str, courses: &[Course]) -> Result<(), Failure> {
        let day = self.day.unwrap_or_default();
        let mut answers = Vec::new();
        for planted in &self.running.truth.planted {
            let course = course_of(planted);
            if !courses.contains(&course) {
                continue;
            }
            let case = self.case(|case| planted.is_told_by(&case.finding), planted.what)?;
            answers.push((case, course));
        }
        let lists = lists_below(&self.dir.join(MONTHS[0]).join("03_交办材料"))?;
        let mut written = 0;
        for list in lists {
            let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let letter: String = list.parent().map(name).unwrap_or_default().chars().take(2).collect();
            let to = self.dir.join(folder).join(format!("{letter}_{}", name(&list)));
            let mut hit = 0;
            let filled = fill_in(&list, &to, "问题编号", day, &mut |row| {
                let answer = answers.iter().find(|(case, _)| case.number == row.get("问题编号"));
                if let Some((case, course)) = answer.filter(|_| !row.get("问题描述").is_empty()) {
                    self.answer(row, case, *course, day);
                    hit += 1;
                }
            });
            // A county's summary lists no problems to be answered.
            if filled.is_err() {
                continue;
            }
            written += hit;
            if hit == 0 {
                std::fs::remove_file(&to).with_context(|| format!("{}", to.display()))?;
            }
        }
        if written < answers.len() {
            let why = anyhow::anyhow!("{} of {} problems stand in a list", written, answers.len());
            return Err(Failure::Internal(why));
        }
        Ok(())
    }

    /// One row of a reply.
    fn answer(&self, row: &mut Row<'_>, case: &Case, course: Course, day: NaiveDate) {
        let done = day.format("%-m.%-d").to_string();
        let later = |days: NaiveDate| days.format("%-m月%-d日").to_string();
        let (answer, words, link, date) = match course {
            Course::Delayed => (ANSWERS[1], "随模板改版一并处理", String::new(), later(self.days.third)),
            Course::DelayedLong => {
                (ANSWERS[1], "须由运营商改造线路，已列入计划", String::new(), later(self.long_delay()))
            }
            Course::Untrue => (
                ANSWERS[2],
                "该系统仅供政务外网内的单位使用，不对互联网开放，链接已注明",
                String::new(),
                done,
            ),
            Course::Transferred => (
                "不属本单位职责（请转：示例市人民政府办公室）",
                "该栏目由市政府办公室维护",
                String::new(),
                done,
            ),
            Course::Claimed => (ANSWERS[0], "已联系技术单位处理", case.finding.url.clone(), done),
            _ => (ANSWERS[0], "已整改", case.finding.url.clone(), done),
        };
        for (heading, text) in FEEDBACK.iter().zip([answer, words, &link, &date, "张某 0000-0000000"]) {
            row.set(heading, text);
        }
    }

    /// The office's word on what units ask for.
    fn decide(&mut self) -> Result<(), Failure> {
        let planted = self.running.truth.planted.clone();
        for planted in &planted {
            let how = match course_of(planted) {
                Course::Delayed => format!("--grant-extension {}", self.days.third),
                Course::DelayedLong => format!("--grant-extension {}", self.long_delay()),
                Course::Untrue => "--uphold".to_owned(),
                Course::Transferred => "--transfer 示例市人民政府办公室".to_owned(),
                _ => continue,
            };
            let number = self.case(|case| planted.is_told_by(&case.finding), planted.what)?.number;
            self.run(&format!("case decide {number} {how} --by {BY} --why 经核实，情况属实"))?;
        }
        Ok(())
    }

    /// Fills in what a person saw where the program could not judge.
    fn rule(&self, sheet: &str, filled: &str) -> Result<(), Failure> {
        let day = self.day.unwrap_or_default();
        fill_in(&self.dir.join(sheet), &self.dir.join(filled), "指标代码", day, &mut |row| {
            if row.sheet == "未判定指标" && !row.get("指标代码").is_empty() {
                row.set("核查结论", "未达到");
                row.set("核查情况", "人工打开核查，未见所列情形");
            }
        })?;
        Ok(())
    }

    /// A working day after the quarter.
    fn long_delay(&self) -> NaiveDate {
        let after = self.quarter.last_day() + Months::new(1);
        self.holidays.add_working_days(after, 0).unwrap_or(after)
    }

    /// It is `hour` o'clock of `day`.
    fn on(&mut self, day: NaiveDate, hour: u32) {
        clock::set(instant(day, hour));
        if self.day != Some(day) {
            let _ = write!(self.transcript, "\n==== {} {} ====\n", long_date(day), day_with_weekday(day));
            self.day = Some(day);
        }
    }

    /// The sites as they are on `day`, with the evidence of accounts.
    fn show(&self, day: NaiveDate, scene: Scene) -> Result<(), Failure> {
        let (found, port) = (self.running.as_of, self.running.server.port);
        self.running.server.show(web_at(found, day, port, scene));
        if scene < Scene::Second {
            return Ok(());
        }
        let of = Addresses { as_of: day, ..self.running.addresses() };
        for (name, text) in evidence(of) {
            let path = self.dir.join(EVIDENCE).join(name);
            std::fs::write(&path, evidence_at(&text, day, scene))
                .with_context(|| format!("{}", path.display()))?;
        }
        // Units hand in the address of their latest article anew.
        let first = self.running.addresses();
        for (name, text) in
            files(first).context("登记表")?.into_iter().filter(|(name, _)| *name == "accounts.csv")
        {
            let path = self.dir.join(name);
            let link = |day: NaiveDate| format!("{} {day}", article_of(day));
            let text = text.replace(&link(first.as_of), &link(day));
            std::fs::write(&path, text).with_context(|| format!("{}", path.display()))?;
        }
        Ok(())
    }

    /// Runs a command line as the binary would, on the demo's installation; `@` before a file stands for the demo's folder.
    fn run(&mut self, line: &str) -> Result<String, Failure> {
        let shown = line.replace('@', "");
        let _ = write!(self.transcript, "\n$ xuncha {shown}\n");
        let dir = self.dir;
        let mut words: Vec<String> = std::iter::once("xuncha".to_owned())
            .chain(line.split_whitespace().map(|word| match word.strip_prefix('@') {
                Some(file) => dir.join(file).to_string_lossy().into_owned(),
                None => word.to_owned(),
            }))
            .collect();
        words.push("--config".to_owned());
        words.push(dir.join("xuncha.toml").to_string_lossy().into_owned());
        let cli = Cli::try_parse_from(&words)
            .map_err(|why| Failure::Internal(anyhow::anyhow!("xuncha {shown}: {why}")))?;
        for word in &words {
            if let (true, Some(parent)) = (word.contains("/第"), Path::new(word).parent()) {
                std::fs::create_dir_all(parent).with_context(|| format!("{}", parent.display()))?;
            }
        }
        let (result, said) = output::taped(|| super::run(cli));
        let prefix = format!("{}/", dir.display());
        self.transcript.push_str(&said.replace(&prefix, ""));
        match result {
            Ok(_) => Ok(said),
            Err(failure) => {
                let path = dir.join(TRANSCRIPT);
                std::fs::write(&path, &self.transcript).with_context(|| format!("{}", path.display()))?;
                Err(Failure::Internal(anyhow::anyhow!("xuncha {shown}\n{said}{failure}")))
            }
        }
    }
}

impl Desk<'_> {
    /// What the three months came to, held against what had to come of them.
    ///
    /// # Errors
    /// Where the ledger or the folder cannot be read.
    pub(super) fn outcome(&self) -> Result<Outcome, Failure> {
        let first = self.quarter.first_day();
        let firsts = [0, 1, 2].map(|n| first + Months::new(n));
        let ledger = self.ledger()?;
        let mut movements = [Movements::default(); 3];
        ledger.histories(&mut |history| {
            for (moved, first) in movements.iter_mut().zip(firsts) {
                moved.add(history, ledger::period::Period::month_of(first))?;
            }
            Ok(())
        })?;
        let after = After {
            cases: &self.cases()?,
            truth: &self.running.truth,
            port: self.running.server.port,
            ipv6: self.running.server.ipv6,
            months: firsts.map(|first| first.format("%Y%m").to_string()),
            movements,
            files: &files_below(self.dir)?,
            letters: &self.running.mailbox.letters(),
            on: self.days.issued,
        };
        let mut outcome = after.outcome();
        let bulletin = format!("{}/04_季度通报/{}通报（下发版）.txt", MONTHS[2], self.quarter.label());
        let path = self.dir.join(bulletin);
        let text = std::fs::read_to_string(&path).with_context(|| format!("{}", path.display()))?;
        if !text.contains("检查不合格的") || !text.contains("示例市文化旅游局") {
            outcome.fault("季度通报的附件没有列出不合格的网站");
        }
        Ok(outcome)
    }

    fn ledger(&self) -> Result<Ledger, Failure> {
        Ok(Ledger::open_existing(&self.dir.join(STATE))?)
    }

    fn cases(&self) -> Result<Vec<Case>, Failure> {
        Ok(self.ledger()?.cases(&Wanted::default())?)
    }

    fn case(&self, wanted: impl Fn(&Case) -> bool, what: &str) -> Result<Case, Failure> {
        let found = self.cases()?.into_iter().find(|case| wanted(case));
        Ok(found.with_context(|| format!("the ledger has no case of: {what}"))?)
    }

    fn told(&self, what: &str) {
        (self.tell)(what);
    }
}

fn instant(day: NaiveDate, hour: u32) -> Instant8 {
    let time = NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default();
    beijing().from_local_datetime(&day.and_time(time)).single().unwrap_or_default()
}

fn month_of(day: NaiveDate) -> String {
    day.format("%Y-%m").to_string()
}

/// The 问题清单 in a folder of letters.
fn lists_below(dir: &Path) -> Result<Vec<PathBuf>, Failure> {
    let names = files_below(dir)?.into_keys().filter(|name| has_ending(name, "xlsx"));
    Ok(names.map(|name| dir.join(name)).collect())
}
