//! The words of a letter, HTML and plain text alike, from the office's templates, and the message they travel in.
#![deny(clippy::disallowed_methods)]

use std::time::SystemTime;

use chrono::{Datelike as _, NaiveDate};
use lettre::message::header::ContentType;
use lettre::message::{Attachment, Mailbox, MultiPart, SinglePart};
use lettre::{Address, Message};
use minijinja::{Environment, UndefinedBehavior, Value, context};
use sha2::{Digest as _, Sha256};

use super::letters::{Kind, Letter, LetterError, county_word};
use crate::calendar::{Instant8, day_with_weekday, long_date};
use crate::config::fault::{Fault, Faults};
use crate::config::valid::Config;
use crate::finding::{Severity, hex};
use crate::ledger::event::Step;
use crate::report::list::{IMMEDIATE_HOUR, ProblemList, Row, by_kind};
use crate::report::render::xlsx;
use crate::report::wording::{self, batch_month, columns, one_line, shortened};

/// Steps that one template may take: thousands of times what a letter needs, and still an end.
const FUEL: u64 = 2_000_000;
/// 提示事项 that stand in the letter itself; more of them stand in the workbook.
const HINTS: usize = 10;
/// Reasons told under 未能判定事项.
const REASONS: usize = 6;

/// The office's templates, checked.
#[derive(Debug)]
pub struct Templates {
    env: Environment<'static>,
}

/// A letter as written: what is read and what is attached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// 主题.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The same as HTML.
    pub html: String,
    /// Names and bytes, in the order in which the letter names them.
    pub attachments: Vec<(String, Vec<u8>)>,
}

/// A message ready for the outbox: all bytes are fixed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Formatted {
    /// `<…@domain>`, the same for every copy.
    pub message_id: String,
    /// From address of the envelope.
    pub sender: String,
    /// Envelope recipients: 主送 first.
    pub recipients: Vec<String>,
    /// The message, 7-bit only.
    pub bytes: Vec<u8>,
}

/// File names of the templates in a templates folder.
pub const TEMPLATE_FILES: [&str; 8] = [
    "letter.txt",
    "letter.html",
    "notice.txt",
    "notice.html",
    "reminder.txt",
    "reminder.html",
    "order.txt",
    "order.html",
];

impl Templates {
    /// The templates built into the program.
    ///
    /// # Panics
    /// Never: a test holds them to be sound.
    pub fn embedded() -> Self {
        Self::of(&[]).expect("the embedded templates are sound")
    }

    /// The embedded templates with those of `overrides` (file name, as named to people, and text) in their place. Each is
    /// parsed and tried on letters of every kind, so that a misspelt name is found now and not with a batch.
    ///
    /// # Errors
    /// The faults of the templates with their lines.
    pub fn of(overrides: &[(&str, String, String)]) -> Result<Self, Faults> {
        let mut env = Environment::new();
        env.set_undefined_behavior(UndefinedBehavior::Strict);
        env.set_fuel(Some(FUEL));
        env.add_filter("fill", fill);
        env.add_filter("right", right);
        env.add_function("numeral", numeral);
        let embedded = [
            include_str!("../../config/templates/letter.txt"),
            include_str!("../../config/templates/letter.html"),
            include_str!("../../config/templates/notice.txt"),
            include_str!("../../config/templates/notice.html"),
            include_str!("../../config/templates/reminder.txt"),
            include_str!("../../config/templates/reminder.html"),
            include_str!("../../config/templates/order.txt"),
            include_str!("../../config/templates/order.html"),
        ];
        let mut faults = Vec::new();
        for (name, built_in) in TEMPLATE_FILES.into_iter().zip(embedded) {
            let own = overrides.iter().find(|(file, _, _)| *file == name);
            let (shown, source) =
                own.map_or((name, built_in), |(_, shown, source)| (shown.as_str(), source.as_str()));
            if let Err(error) = env.add_template_owned(name, source.to_owned()) {
                faults.push(fault(shown, &error));
                continue;
            }
            let trials = if name.starts_with("letter") { trial_contexts() } else { vec![trial_of_ladder()] };
            let tried = env.get_template(name).and_then(|template| {
                trials.into_iter().try_for_each(|values| template.render(values).map(|_| ()))
            });
            if let Err(error) = tried {
                faults.push(fault(shown, &error));
            }
        }
        if faults.is_empty() { Ok(Self { env }) } else { Err(Faults(faults)) }
    }

    /// Writes the letter: subject, both texts and the workbooks.
    ///
    /// # Errors
    /// [`LetterError`] where a template fails or a workbook cannot be built.
    pub fn write(&self, letter: &Letter, config: &Config) -> Result<Written, LetterError> {
        let attachments = attachments(letter)?;
        let lines = attachment_lines(letter, &attachments);
        let (stem, values) = match letter.kind {
            Kind::Ladder(step) => (stem(step), ladder_values(letter, step, config, &lines)),
            _ => ("letter", values(letter, config, &lines)),
        };
        let [text, html] = ["txt", "html"].map(|end| {
            let template = self.env.get_template(&format!("{stem}.{end}"))?;
            template.render(values.clone())
        });
        let failed = |error: minijinja::Error| LetterError::Template(error.to_string());
        Ok(Written {
            subject: letter.subject.clone(),
            text: without_runs_of_blank_lines(&text.map_err(failed)?),
            html: without_runs_of_blank_lines(&html.map_err(failed)?),
            attachments,
        })
    }
}

/// The letter as a message, `multipart/mixed(alternative(plain, html), attachments)`, dated `at`. The same
/// letter at the same time gives the same bytes, and its Message-ID does not depend on the time.
///
/// # Errors
/// [`LetterError::Address`] for an address that is malformed or not ASCII, [`LetterError::NoAddress`] for a
/// letter that is not delivered by mail.
pub fn message(
    letter: &Letter,
    written: &Written,
    config: &Config,
    at: Instant8,
) -> Result<Formatted, LetterError> {
    let to = letter.to.as_ref().ok_or_else(|| LetterError::NoAddress(letter.unit.clone()))?;
    let office = &config.office;
    let sender = config.mail.as_ref().map_or(&office.reply_to, |mail| &mail.from);
    let from = mailbox(Some(&office.signature), sender)?;
    let domain = config.mail.as_ref().map(|mail| mail.domain.clone()).filter(|domain| !domain.is_empty());
    let domain = domain.unwrap_or_else(|| from.email.domain().to_owned());
    if !domain.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-') {
        return Err(LetterError::Address(domain));
    }
    let addressee = if letter.county { letter.unit.clone() } else { format!("{}联络员", letter.unit) };
    let hash = content_hash(letter, written);
    let message_id = format!("<{hash}@{domain}>");
    let mut builder = Message::builder()
        .date(SystemTime::from(at))
        .from(from)
        .reply_to(mailbox(Some(&office.signature), &office.reply_to)?)
        .to(mailbox(Some(&addressee), to)?)
        .subject(one_line(&written.subject))
        .message_id(Some(message_id.clone()));
    let mut recipients = vec![mailbox(None, to)?.email.to_string()];
    for address in &letter.cc {
        let copy = mailbox(None, address)?;
        if !recipients.contains(&copy.email.to_string()) {
            recipients.push(copy.email.to_string());
            builder = builder.cc(copy);
        }
    }
    let texts = MultiPart::alternative()
        .boundary(format!("=_a{hash}"))
        .singlepart(SinglePart::plain(crlf(&written.text)))
        .singlepart(SinglePart::html(crlf(&written.html)));
    let build = |error: String| LetterError::Build(error);
    let sheet = ContentType::parse("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
        .map_err(|error| build(error.to_string()))?;
    let mut mixed = MultiPart::mixed().boundary(format!("=_m{hash}")).multipart(texts);
    for (name, bytes) in &written.attachments {
        mixed = mixed.singlepart(Attachment::new(one_line(name)).body(bytes.clone(), sheet.clone()));
    }
    let message = builder.multipart(mixed).map_err(|error| build(error.to_string()))?;
    let bytes = message.formatted();
    if !bytes.is_ascii() {
        return Err(build("邮件中有未编码的字符".to_owned()));
    }
    Ok(Formatted { message_id, sender: mailbox(None, sender)?.email.to_string(), recipients, bytes })
}

fn attachments(letter: &Letter) -> Result<Vec<(String, Vec<u8>)>, LetterError> {
    let failed = |error: rust_xlsxwriter::XlsxError| LetterError::Build(error.to_string());
    let mut files = Vec::new();
    if let Some(package) = letter.package() {
        files.push((package.file_name(), xlsx::county_summary(&package).map_err(failed)?));
    }
    for list in &letter.lists {
        files.push((list.file_name(), xlsx::problem_list(list).map_err(failed)?));
    }
    Ok(files)
}

/// What the letter says under 附件; a county's many lists are one line.
fn attachment_lines(letter: &Letter, attachments: &[(String, Vec<u8>)]) -> Vec<String> {
    let mut names = attachments.iter().map(|(name, _)| name.clone());
    if !letter.county {
        return names.collect();
    }
    names.next().into_iter().chain([format!("分单位清单（每单位1份，共{}份）", letter.lists.len())]).collect()
}

fn mailbox(name: Option<&str>, address: &str) -> Result<Mailbox, LetterError> {
    let wrong = || LetterError::Address(one_line(address));
    let address = address.trim();
    if !address.is_ascii() || address.bytes().any(|b| b.is_ascii_control()) {
        return Err(wrong());
    }
    let email: Address = address.parse().map_err(|_| wrong())?;
    Ok(Mailbox::new(name.map(one_line).filter(|name| !name.is_empty()), email))
}

fn content_hash(letter: &Letter, written: &Written) -> String {
    let mut hash = Sha256::new();
    let parts = [
        letter.batch.as_str(),
        &letter.unit,
        letter.kind.word(),
        &written.subject,
        &written.text,
        &written.html,
    ];
    for part in parts
        .map(str::as_bytes)
        .into_iter()
        .chain(written.attachments.iter().map(|(_, bytes)| bytes.as_slice()))
    {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hex(&hash.finalize()).chars().take(32).collect()
}

/// What the templates may use.
fn values(letter: &Letter, config: &Config, attachments: &[String]) -> Value {
    let office = &config.office;
    let kind = match letter.kind {
        Kind::Unit | Kind::Separate => "unit",
        Kind::County if letter.total() > 0 => "county",
        Kind::County | Kind::Hint | Kind::Ladder(_) => "hint",
    };
    let rows = || letter.lists.iter().flat_map(|list| &list.rows).cloned().collect::<Vec<Row>>();
    let hints: Vec<&Row> = letter.lists.iter().flat_map(|list| &list.hints).collect();
    let area = one_line(&office.area);
    let our = match area.chars().next_back() {
        Some(level @ ('省' | '市' | '县' | '区' | '州' | '旗')) => format!("我{level}"),
        _ => "本地区".to_owned(),
    };
    context! {
        kind => kind,
        subject => letter.subject.clone(),
        salutation => letter.unit.clone(),
        month => batch_month(&letter.batch, letter.issued),
        basis => "《政府网站与政务新媒体检查指标》（国办秘函〔2019〕19号）",
        our => our,
        period => period(letter.period),
        scope => letter.scope.clone(),
        total => letter.total(),
        unit_count => letter.lists.iter().filter(|list| list.asks_for_something()).count(),
        due => letter.due().map(day_with_weekday).unwrap_or_default(),
        kinds => by_kind(&rows()).iter().map(|(first, all)| kind_row(first, all, letter.issued)).collect::<Vec<Value>>(),
        units => letter.lists.iter().filter(|list| list.asks_for_something()).map(unit_row).collect::<Vec<Value>>(),
        held_over => letter.held_over().count(),
        hint_count => hints.len(),
        hints => hints.iter().take(HINTS).map(|row| hint(row)).collect::<Vec<String>>(),
        stock_count => letter.lists.iter().map(|list| list.stock.len()).sum::<usize>(),
        undecided => undecided(&letter.lists),
        attachments => attachments.to_vec(),
        contact => one_line(&office.contact),
        phone => one_line(&office.phone),
        signature => one_line(&office.signature),
        date => long_date(letter.issued),
    }
}

/// The template of a rung.
fn stem(step: Step) -> &'static str {
    match step {
        Step::Notice => "notice",
        Step::Reminder | Step::SecondReminder => "reminder",
        Step::Order => "order",
    }
}

/// What the templates of the ladder may use.
fn ladder_values(letter: &Letter, step: Step, config: &Config, attachments: &[String]) -> Value {
    let office = &config.office;
    let rows: Vec<Value> = letter
        .lists
        .iter()
        .flat_map(|list| list.rows.iter().map(|row| (list.unit.as_str(), row)))
        .map(|(unit, row)| {
            context! {
                number => row.number.clone(),
                unit => unit,
                site => row.site.clone(),
                place => row.place.clone(),
                kind => row.kind.clone(),
                due => row.due.map(long_date).unwrap_or_default(),
                // Days of the calendar, so that anybody can count them again.
                late => row.due.map_or(0, |due| (letter.issued - due).num_days().max(0)),
            }
        })
        .collect();
    context! {
        step => step.label(),
        again => step == Step::SecondReminder,
        you => you(letter),
        subject => letter.subject.clone(),
        salutation => letter.unit.clone(),
        total => letter.total(),
        rows => rows,
        due => letter.due().map(day_with_weekday).unwrap_or_default(),
        attachments => attachments.to_vec(),
        contact => one_line(&office.contact),
        phone => one_line(&office.phone),
        signature => one_line(&office.signature),
        date => long_date(letter.issued),
    }
}

/// How a letter addresses its reader.
fn you(letter: &Letter) -> String {
    if letter.county { format!("你{}", county_word(&letter.unit)) } else { "你单位".to_owned() }
}

/// One set of values for the templates of the ladder.
fn trial_of_ladder() -> Value {
    let row = context! {
        number => "202611-0001", unit => "某局", site => "某网", place => "某栏", kind => "断链",
        due => "2026年12月4日", late => 3,
    };
    context! {
        step => "催办", again => true, you => "你县", subject => "s", salutation => "某局", total => 1,
        rows => vec![row], due => "12月4日（星期五）", attachments => vec!["a", "b"], contact => "c",
        phone => "p", signature => "s", date => "d",
    }
}

fn kind_row(first: &Row, all: &[&Row], issued: NaiveDate) -> Value {
    let due = match (first.due, first.severity) {
        (None, _) => String::new(),
        (Some(day), Severity::Immediate) => format!("{}{IMMEDIATE_HOUR}时前", short_day(day, issued)),
        (Some(day), _) => format!("{}前", short_day(day, issued)),
    };
    let pages: Vec<u32> = all.iter().filter_map(|row| row.template_pages).collect();
    let mut remarks = Vec::new();
    if all.iter().any(|row| row.sensitive) {
        remarks.push("另行电话告知".to_owned());
    }
    if let Some(class) = Some(wording::class(first.class)).filter(|class| !class.is_empty()) {
        remarks.push(class.to_owned());
    }
    if !pages.is_empty() {
        let which =
            if pages.len() == all.len() { "均".to_owned() } else { format!("其中{}项", pages.len()) };
        let which = if all.len() == 1 { String::new() } else { which };
        let each = if pages.len() > 1 { "各修改1处即可" } else { "修改1处即可" };
        let counts: Vec<String> = pages.iter().take(3).map(ToString::to_string).collect();
        let more = if pages.len() > 3 { "等" } else { "" };
        remarks.push(format!("{which}为模板问题，涉及{}{more}个页面，{each}", counts.join("、")));
    }
    context! {
        kind => first.kind.clone(),
        count => all.len(),
        demand => wording::severity(first.severity),
        due => due,
        remark => remarks.join("；"),
    }
}

fn unit_row(list: &ProblemList) -> Value {
    context! {
        unit => list.unit.clone(),
        count => list.rows.len(),
        immediate => list.count(Severity::Immediate),
        deadline => list.count(Severity::Deadline),
        due => list.due.map(|day| format!("{}前", day_with_weekday(day))).unwrap_or_default(),
    }
}

fn hint(row: &Row) -> String {
    let text = format!("{}“{}”：{}", row.site, row.place, one_line(&row.description));
    shortened(&text, 120)
}

/// `“查询服务”等3处因页面防护拦截未能检测。请协调…`, one sentence a reason, the most frequent first.
fn undecided(lists: &[ProblemList]) -> Vec<String> {
    let mut reasons: Vec<(&str, &str, &str, usize)> = Vec::new();
    for item in lists.iter().flat_map(|list| &list.undecided) {
        match reasons.iter_mut().find(|(why, ..)| *why == item.why) {
            Some((.., count)) => *count += 1,
            None => reasons.push((item.why, &item.subject, item.advice, 1)),
        }
    }
    reasons.sort_by(|a, b| b.3.cmp(&a.3).then_with(|| a.0.cmp(b.0)));
    let more: usize = lists.iter().map(|list| list.undecided_more).sum();
    let mut told: Vec<String> = reasons
        .iter()
        .take(REASONS)
        .map(|(why, subject, advice, count)| {
            let which = if *count > 1 { format!("等{count}处") } else { String::new() };
            let whitelist = advice.contains("白名单");
            let advice = if whitelist {
                "请协调承办单位将监测地址（见清单“填报说明”）加入白名单。".to_owned()
            } else {
                format!("{advice}。")
            };
            format!("“{}”{which}因{why}未能判定。{advice}", shortened(subject, 80))
        })
        .collect();
    let rest: usize = reasons.iter().skip(REASONS).map(|reason| reason.3).sum::<usize>() + more;
    if rest > 0 {
        told.push(format!("其余{rest}处见清单“未判定事项”表。"));
    }
    told
}

/// `2026年11月16日至18日`, as short as it can be said.
fn period((first, last): (NaiveDate, NaiveDate)) -> String {
    let start = long_date(first);
    if first == last {
        start
    } else if (first.year(), first.month()) == (last.year(), last.month()) {
        format!("{start}至{}日", last.day())
    } else if first.year() == last.year() {
        format!("{start}至{}月{}日", last.month(), last.day())
    } else {
        format!("{start}至{}", long_date(last))
    }
}

/// `12月4日`, with the year where it is not the letter's.
fn short_day(day: NaiveDate, issued: NaiveDate) -> String {
    if day.year() == issued.year() { format!("{}月{}日", day.month(), day.day()) } else { long_date(day) }
}

/// Template filter: fills with spaces to `width` columns, a Chinese character counting two.
#[allow(clippy::needless_pass_by_value, reason = "the template engine's calling convention")]
fn fill(text: Value, width: usize) -> String {
    let text = text.to_string();
    let missing = width.saturating_sub(columns(&text)).max(1);
    text + &" ".repeat(missing)
}

/// Template filter: fills with spaces on the left so that the text ends in column `width`.
#[allow(clippy::needless_pass_by_value, reason = "the template engine's calling convention")]
fn right(text: Value, width: usize) -> String {
    let text = text.to_string();
    " ".repeat(width.saturating_sub(columns(&text))) + &text
}

/// Template function: `一` for 1.
fn numeral(n: usize) -> String {
    const DIGITS: [&str; 10] = ["一", "二", "三", "四", "五", "六", "七", "八", "九", "十"];
    n.checked_sub(1).and_then(|n| DIGITS.get(n)).map_or_else(|| n.to_string(), |digit| (*digit).to_owned())
}

/// Templates are written to be read; what they leave behind as empty lines is not.
fn without_runs_of_blank_lines(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut blank = true;
    for line in text.lines().map(str::trim_end) {
        if line.is_empty() && blank {
            continue;
        }
        blank = line.is_empty();
        out.push_str(line);
        out.push('\n');
    }
    out
}

fn crlf(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\n', "\r\n")
}

fn fault(file: &str, error: &minijinja::Error) -> Fault {
    let line = error.line().and_then(|line| u32::try_from(line).ok()).unwrap_or(1);
    Fault { file: file.to_owned(), line, column: 1, message: format!("信函模板有误：{error}") }
}

/// One set of values a kind of letter, with every part of the letter present.
fn trial_contexts() -> Vec<Value> {
    ["unit", "county", "hint"]
        .into_iter()
        .map(|kind| {
            let row = context! { kind => "断链", count => 1, demand => "限期整改", due => "12月4日前", remark => "" };
            let unit = context! { unit => "某局", count => 1, immediate => 0, deadline => 1, due => "12月4日前" };
            context! {
                kind => kind,
                subject => "s", salutation => "某局", month => "2026年11月", basis => "b", our => "我市",
                period => "p", scope => "s", total => 1, unit_count => 1, due => "12月4日（星期五）",
                kinds => vec![row], units => vec![unit], held_over => 1, hint_count => 2,
                hints => vec!["h"], stock_count => 1, undecided => vec!["u"], attachments => vec!["a", "b"],
                contact => "c", phone => "p", signature => "s", date => "d",
            }
        })
        .collect()
}

#[cfg(test)]
#[path = "compose_tests.rs"]
mod tests;
