//! The problem list (问题清单) of one unit and batch, and a county's package of them, as plain values.
//! Owns which case becomes a row of which sheet, in what order, and in which words; knows no file format.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::wording::{self, one_line, printable, shortened};
use crate::calendar::Instant8;
use crate::config::valid::Office;
use crate::finding::{Cause, Class, Finding, Gap, Look, Severity, State};
use crate::ledger::case::Case;

/// Headings of the main sheet, left to right: what is handed over.
pub const HANDED_OVER: [&str; 12] = [
    "序号",
    "问题编号",
    "网站（账号）名称",
    "栏目（页面）位置",
    "问题类型",
    "问题描述",
    "问题链接",
    "所在页面",
    "对应指标",
    "处置要求",
    "发现时间",
    "整改时限",
];
/// Headings of the yellow part, which the unit fills in.
pub const FEEDBACK: [&str; 5] =
    ["整改情况", "整改说明（理由、依据）", "整改后链接", "完成时间", "填报人及电话"];
/// Headings of the part that the office fills in after its recheck.
pub const RECHECK: [&str; 2] = ["复查结果", "复查时间"];
/// What can be chosen as 整改情况.
pub const ANSWERS: [&str; 6] = [
    "已整改",
    "整改中（申请延期）",
    "情况不属实",
    "按规定无需更新",
    "不属本单位职责（请转：__）",
    "无后台权限，需技术支撑单位处理",
];
/// What can be chosen as 复查结果.
pub const RECHECK_RESULTS: [&str; 3] = ["通过，予以销号", "未通过，继续整改", "未能复查"];
/// Hour until which 立行立改 is to be done on its day.
pub const IMMEDIATE_HOUR: u32 = 18;
/// Gaps that are listed one by one; more of them are counted.
const GAP_ROWS: usize = 200;

/// What holds for every list of one batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms<'a> {
    /// Who hands over.
    pub office: &'a Office,
    /// 批次: `202611`.
    pub batch: &'a str,
    /// Date of the papers.
    pub issued: NaiveDate,
    /// 限期整改 until this day.
    pub due: NaiveDate,
    /// 立行立改 until this day, 18时.
    pub due_at_once: NaiveDate,
    /// Rows of the main sheet of one unit.
    pub max_rows: usize,
    /// How the patrol names itself to servers, for a 白名单; empty = not said.
    pub identity: &'a str,
    /// 标识码 of the sites whose 主办单位 is another unit than the one that answers for the column:
    /// the pairs (site, unit) that are printed as 你单位保障.
    pub kept_for_others: &'a BTreeSet<(String, String)>,
}

/// The 问题清单 of one unit and batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProblemList {
    /// `示例市`.
    pub area: String,
    /// 责任单位.
    pub unit: String,
    /// `202611`.
    pub batch: String,
    /// Date of the papers.
    pub issued: NaiveDate,
    /// 反馈截止; `None` where nothing in the list has a limit.
    pub due: Option<NaiveDate>,
    /// 联系人 and 电话.
    pub contact: String,
    /// 问题清单: counted problems, worst first, at most `max_rows`.
    pub rows: Vec<Row>,
    /// 问题编号 of what did not fit: they stay for the next batch, and the letter says so.
    pub held_over: Vec<String>,
    /// 存量问题（建议逐步清理）: no limit, not counted.
    pub stock: Vec<Row>,
    /// 提示事项: not counted, no limit.
    pub hints: Vec<Row>,
    /// 佐证.
    pub proofs: Vec<Proof>,
    /// 未判定事项.
    pub undecided: Vec<Undecided>,
    /// Undecided things beyond those listed.
    pub undecided_more: usize,
    /// 填报说明, one paragraph an element.
    pub notes: Vec<String>,
}

/// One problem as a list prints it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// 问题编号.
    pub number: String,
    /// 网站（账号）名称.
    pub site: String,
    /// 栏目（页面）位置.
    pub place: String,
    /// 问题类型.
    pub kind: String,
    /// 问题描述.
    pub description: String,
    /// 问题链接.
    pub url: String,
    /// 所在页面.
    pub page: String,
    /// 对应指标.
    pub indicator: String,
    /// 处置要求.
    pub severity: Severity,
    /// How the indicator counts it.
    pub class: Class,
    /// Pages that carry it, where it stands in a template.
    pub template_pages: Option<u32>,
    /// 发现时间.
    pub found: NaiveDate,
    /// 整改时限; `None` where there is none.
    pub due: Option<NaiveDate>,
    /// Whether it is personal data, a hidden link or the like: told by telephone as well, its passage never shown.
    pub sensitive: bool,
}

/// One line of 佐证: one look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// 问题编号.
    pub number: String,
    /// `第1次`.
    pub nth: String,
    /// When.
    pub at: String,
    /// The URL asked for.
    pub url: String,
    /// The address that answered.
    pub addr: String,
    /// What came, in words, with redirects.
    pub answer: String,
    /// 页面摘录.
    pub excerpt: String,
    /// 最后更新时间 as read.
    pub last_update: String,
}

/// One line of 未判定事项.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undecided {
    /// What was not seen.
    pub subject: String,
    /// Why.
    pub why: &'static str,
    /// What would help.
    pub advice: &'static str,
}

/// What a county's government office receives: 汇总表 and one list a unit, ready to be passed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountyPackage {
    /// `示例市`.
    pub area: String,
    /// The county's government office.
    pub county: String,
    /// `202611`.
    pub batch: String,
    /// Date of the papers.
    pub issued: NaiveDate,
    /// 反馈截止.
    pub due: Option<NaiveDate>,
    /// 联系人 and 电话.
    pub contact: String,
    /// 分单位清单 in protocol order.
    pub lists: Vec<ProblemList>,
}

impl ProblemList {
    /// The list of `unit` from its cases. Takes what is confirmed and not yet ended; one cause = one row.
    pub fn of(unit: &str, cases: &[&Case], gaps: &[&Gap], terms: &Terms<'_>) -> Self {
        let mut seen = BTreeSet::new();
        let mut open: Vec<&Case> = cases
            .iter()
            .copied()
            .filter(|case| to_be_told(case) && seen.insert(&case.finding.fingerprint))
            .collect();
        open.sort_by(|a, b| rank(a).cmp(&rank(b)));
        let (stock, live): (Vec<&Case>, Vec<&Case>) = open.into_iter().partition(|case| case.finding.stock);
        let (hints, problems): (Vec<&Case>, Vec<&Case>) =
            live.into_iter().partition(|case| case.finding.severity == Severity::Advisory);
        let fit = problems.len().min(terms.max_rows);
        let (listed, over) = problems.split_at(fit);
        let due = listed.iter().map(|case| due_date(case, terms)).max();
        let row = |limited: bool| move |case: &&Case| Row::of(unit, case, terms, limited);
        let mut list = Self {
            area: one_line(&terms.office.area),
            unit: one_line(unit),
            batch: terms.batch.to_owned(),
            issued: terms.issued,
            due,
            contact: contact(terms.office),
            rows: listed.iter().map(row(true)).collect(),
            held_over: over.iter().map(|case| case.number.clone()).collect(),
            stock: stock.iter().map(row(false)).collect(),
            hints: hints.iter().map(row(false)).collect(),
            proofs: listed.iter().chain(&hints).flat_map(|case| Proof::of(case)).collect(),
            undecided: gaps.iter().take(GAP_ROWS).map(|gap| Undecided::of(gap)).collect(),
            undecided_more: gaps.len().saturating_sub(GAP_ROWS),
            notes: Vec::new(),
        };
        list.notes = notes(&list, terms);
        list
    }

    /// Counted problems in the main sheet with this 处置要求.
    pub fn count(&self, severity: Severity) -> usize {
        self.rows.iter().filter(|row| row.severity == severity).count()
    }

    /// `共7项（立行立改1项，限期整改6项）`.
    pub fn counts(&self) -> String {
        let parts: Vec<String> = [Severity::Immediate, Severity::Deadline]
            .into_iter()
            .map(|severity| (severity, self.count(severity)))
            .filter(|(_, n)| *n > 0)
            .map(|(severity, n)| format!("{}{n}项", wording::severity(severity)))
            .collect();
        if parts.is_empty() {
            return format!("共{}项", self.rows.len());
        }
        format!("共{}项（{}）", self.rows.len(), parts.join("，"))
    }

    /// Whether a letter with a limit is due.
    pub fn asks_for_something(&self) -> bool {
        !self.rows.is_empty()
    }

    /// Whether there is nothing to tell at all.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.stock.is_empty() && self.hints.is_empty()
    }

    /// Numbers of the cases that the list hands over or tells of; what is held over is not among them.
    pub fn numbers(&self) -> impl Iterator<Item = &str> {
        self.rows.iter().chain(&self.stock).chain(&self.hints).map(|row| row.number.as_str())
    }

    /// `问题清单_示例市交通运输局_202611.xlsx`; `提示事项_…` where nothing is asked for.
    pub fn file_name(&self) -> String {
        let prefix = if self.asks_for_something() { "问题清单" } else { "提示事项" };
        file_name(prefix, &self.unit, &self.batch)
    }
}

impl CountyPackage {
    /// The package of `county` from the lists of its units, in the order given; empty lists are left out.
    pub fn of(county: &str, lists: Vec<ProblemList>, terms: &Terms<'_>) -> Self {
        let lists: Vec<ProblemList> = lists.into_iter().filter(|list| !list.is_empty()).collect();
        Self {
            area: one_line(&terms.office.area),
            county: one_line(county),
            batch: terms.batch.to_owned(),
            issued: terms.issued,
            due: lists.iter().filter_map(|list| list.due).max(),
            contact: contact(terms.office),
            lists,
        }
    }

    /// Counted problems of all units.
    pub fn total(&self) -> usize {
        self.lists.iter().map(|list| list.rows.len()).sum()
    }

    /// Units with counted problems.
    pub fn units(&self) -> usize {
        self.lists.iter().filter(|list| list.asks_for_something()).count()
    }

    /// `问题汇总表_示例县人民政府办公室_202611.xlsx`.
    pub fn file_name(&self) -> String {
        file_name("问题汇总表", &self.county, &self.batch)
    }
}

impl Row {
    /// 整改时限 as a list prints it; empty where there is none.
    pub fn due_text(&self) -> String {
        match (self.due, self.severity) {
            (None, _) => String::new(),
            (Some(day), Severity::Immediate) => format!("{}\n{IMMEDIATE_HOUR}时前", day.format("%Y-%m-%d")),
            (Some(day), _) => day.format("%Y-%m-%d").to_string(),
        }
    }

    fn of(unit: &str, case: &Case, terms: &Terms<'_>, limited: bool) -> Self {
        let finding = &case.finding;
        let subject = &finding.subject;
        let kept = subject.column.is_some()
            && terms.kept_for_others.contains(&(subject.site.clone(), unit.to_owned()));
        let place = one_line(&subject.place);
        Self {
            number: one_line(&case.number),
            site: one_line(&subject.site_name),
            place: if kept { format!("{place}（你单位保障）") } else { place },
            kind: one_line(&finding.title),
            description: shortened(&description(finding), 400),
            url: one_line(&finding.url),
            page: one_line(finding.page.as_deref().unwrap_or_default()),
            indicator: one_line(&finding.indicator),
            severity: finding.severity,
            class: finding.class,
            template_pages: match finding.cause {
                Cause::Template(pages) => Some(pages),
                Cause::Several(_) | Cause::Single => None,
            },
            found: case.first_seen.date_naive(),
            due: limited.then(|| due_date(case, terms)),
            sensitive: is_sensitive(finding),
        }
    }
}

impl Proof {
    fn of(case: &Case) -> Vec<Self> {
        let evidence = &case.finding.evidence;
        let excerpt = if is_sensitive(&case.finding) {
            "（不显示）".to_owned()
        } else {
            shortened(&printable(evidence.excerpt.trim()), 300)
        };
        let last_update = one_line(evidence.last_update.as_deref().unwrap_or_default());
        let line = |nth: String, at: String, look: Option<&Look>| Self {
            number: one_line(&case.number),
            nth,
            at,
            url: one_line(look.map_or(&case.finding.url, |look| &look.url)),
            addr: one_line(look.and_then(|look| look.addr.as_deref()).unwrap_or_default()),
            answer: look.map(answer).unwrap_or_default(),
            excerpt: excerpt.clone(),
            last_update: last_update.clone(),
        };
        if evidence.looks.is_empty() {
            return vec![line(String::new(), printed(case.last_seen), None)];
        }
        let nth = |n: usize| format!("第{}次", n + 1);
        evidence
            .looks
            .iter()
            .enumerate()
            .map(|(n, look)| line(nth(n), printed(look.at), Some(look)))
            .collect()
    }
}

impl Undecided {
    fn of(gap: &Gap) -> Self {
        Self {
            subject: shortened(&wording::gap_subject(&gap.subject), 300),
            why: wording::gap_reason(&gap.why),
            advice: wording::gap_advice(&gap.why),
        }
    }
}

/// The day until which a case is to be mended: the batch's, or what was said when it was handed over. A problem
/// that came back has a new one.
pub fn due_date(case: &Case, terms: &Terms<'_>) -> NaiveDate {
    let usual = match case.finding.severity {
        Severity::Immediate => terms.due_at_once,
        Severity::Deadline | Severity::Advisory => terms.due,
    };
    case.due.filter(|_| case.state.is_with_unit()).unwrap_or(usual)
}

/// Whether the finding is of the kind that goes by separate letter and never into a collective list:
/// personal data, hidden links, tampering.
pub fn is_sensitive(finding: &Finding) -> bool {
    crate::finding::is_sensitive(&finding.rule)
}

/// Whether the case may stand in a list that is sent: confirmed, and not ended, disputed or exempted.
pub fn to_be_told(case: &Case) -> bool {
    case.finding.state == State::Confirmed && (case.state.is_unassigned() || case.state.is_with_unit())
}

/// The types of problem with their counts, worst first: what the letter's table is made of.
pub fn by_kind(rows: &[Row]) -> Vec<(&Row, Vec<&Row>)> {
    let mut kinds: BTreeMap<(Severity, Class, &str, Option<NaiveDate>), Vec<&Row>> = BTreeMap::new();
    for row in rows {
        kinds.entry((row.severity, row.class, row.kind.as_str(), row.due)).or_default().push(row);
    }
    kinds.into_values().filter_map(|rows| rows.first().copied().map(|first| (first, rows))).collect()
}

/// `前缀_单位_批次.xlsx` without characters that a file system refuses.
fn file_name(prefix: &str, unit: &str, batch: &str) -> String {
    let safe = |text: &str| -> String {
        one_line(text).chars().map(|c| if r#"/\:*?"<>|"#.contains(c) { '_' } else { c }).take(60).collect()
    };
    format!("{prefix}_{}_{}.xlsx", safe(unit), safe(batch))
}

fn contact(office: &Office) -> String {
    one_line(&format!("{} {}", office.contact, office.phone))
}

fn rank(case: &Case) -> (Severity, Class, std::cmp::Reverse<u32>, &str) {
    let finding = &case.finding;
    (finding.severity, finding.class, std::cmp::Reverse(finding.cause.pages()), &case.number)
}

/// The finding's own words, with how far the cause reaches where they do not say it.
fn description(finding: &Finding) -> String {
    let mut text = printable(finding.description.trim());
    let pages = finding.cause.pages();
    if pages > 1 && !text.contains("个页面") {
        end_sentence(&mut text);
        for part in ["涉及", &pages.to_string(), "个页面"] {
            text.push_str(part);
        }
        text.push_str(if matches!(finding.cause, Cause::Template(_)) {
            "，修改模板1处即可。"
        } else {
            "。"
        });
    }
    let remedy = printable(finding.remedy.trim());
    if finding.severity == Severity::Immediate && !remedy.is_empty() && !text.contains(&remedy) {
        end_sentence(&mut text);
        text.push_str(&remedy);
        end_sentence(&mut text);
    }
    text
}

fn end_sentence(text: &mut String) {
    if !text.is_empty() && !text.ends_with(['。', '！', '？', '；']) {
        text.push('。');
    }
}

fn answer(look: &Look) -> String {
    let mut text = match (&look.error, look.status) {
        (Some(error), _) => wording::fetch_error(error),
        (None, Some(status)) => format!("返回{status}"),
        (None, None) => String::new(),
    };
    if let Some(last) = look.hops.last() {
        text = format!("经{}次跳转至 {}，{text}", look.hops.len(), one_line(&last.to));
    }
    text
}

fn printed(at: Instant8) -> String {
    at.with_timezone(&crate::calendar::beijing()).format("%Y-%m-%d %H:%M").to_string()
}

fn notes(list: &ProblemList, terms: &Terms<'_>) -> Vec<String> {
    let mut notes = vec![
        "本清单由监测数据生成，并经人工复核。“交办内容”各列请勿改动；行可以排序、删除或者复制到其他表格，反馈时以“问题编号”识别。".to_owned(),
        "请在黄色各列填写：“整改情况”从下拉列表中选择；“整改后链接”填写整改后可供复查的网址；“完成时间”填写日期，如 2026-11-25 或 11.25。".to_owned(),
        "认为情况不属实、按规定无需更新或者不属本单位职责的，请选择相应选项，并在“整改说明”中写明理由、依据；不属本单位职责的，请同时写明应转办的单位。".to_owned(),
        "确需延期的，请在时限届满前选择“整改中（申请延期）”，并在“完成时间”填写预计完成日期。".to_owned(),
        "反馈方式：直接回复交办邮件并附本表，或者通过公文交换系统报送电子版，无需加盖公章，无需另报书面报告。".to_owned(),
        "“发现时间”为首次发现日期；每项问题的核查时间、网址、返回情况和页面摘录见“佐证”表。".to_owned(),
        "打印时只印“交办内容”各列（A4横向）；需要连同反馈各列打印的，请取消打印区域。".to_owned(),
        "模板问题按1项计列，注明涉及的页面数，修改模板1处即可全部解决。".to_owned(),
    ];
    if list.rows.iter().any(|row| row.sensitive) {
        notes.push("涉及个人信息等敏感内容的，本清单不显示具体内容；整改前请勿转发相关链接。".to_owned());
    }
    if !list.stock.is_empty() {
        notes.push(format!(
            "“存量问题”表所列{}项为较早发布信息中的失效链接等，不作为本批次问题，不设时限，建议结合日常维护逐步清理。",
            list.stock.len()
        ));
    }
    if !list.held_over.is_empty() {
        notes.push(format!(
            "本批次清单列{}项。另有{}项（{}）已登记，将随下一批次交办，建议一并自查。",
            list.rows.len(),
            list.held_over.len(),
            enumerated(&list.held_over, 10),
        ));
    }
    if !list.undecided.is_empty() {
        notes.push(
            "“未判定事项”不作为问题，无需反馈；因防护拦截未能检测的，请协调承办单位将监测地址加入白名单。"
                .to_owned(),
        );
    }
    if !terms.identity.is_empty() {
        notes.push(format!(
            "监测访问标识（User-Agent）：{}。监测出口地址请向联系人索取。",
            one_line(terms.identity)
        ));
    }
    notes.push(format!(
        "联系人：{}    电话：{}",
        one_line(&terms.office.contact),
        one_line(&terms.office.phone)
    ));
    notes
}

/// The first `most` of `numbers`, and `等` where there are more.
fn enumerated(numbers: &[String], most: usize) -> String {
    let shown: Vec<&str> = numbers.iter().take(most).map(String::as_str).collect();
    format!("{}{}", shown.join("、"), if numbers.len() > most { "等" } else { "" })
}

#[cfg(test)]
#[path = "list_tests.rs"]
pub(crate) mod tests;
