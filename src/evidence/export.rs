//! Export tables and checklists: sheets mapped by their headings to what they say of each account. A table that cannot be
//! mapped is refused with file, sheet and cell; a row that cannot be read proves nothing about its account.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::{Days, NaiveDate};

use super::cells::{self, Moment};
use super::headings::FIELDS;
use super::whose::{Found, Whose, plain};
use super::{MOST_POSTS, Told, Unknown, place};
use crate::calendar::end_of_day;
use crate::config::fault::Fault;
use crate::config::{printable, web_url};
use crate::facts::account::{AccountFacts, Count, Health, Interaction, Offered, Platform, Post, Source};
use crate::registry::sheet::{Cell, Sheet};
use crate::registry::table::{Row, Table};
use crate::registry::{Account, SourceSpec, account_cell};

/// Lines above the headings among which a period is looked for.
const ABOVE: usize = 20;
/// Rows at which exports are cut off.
const CUT_OFF: [usize; 7] = [100, 200, 500, 1_000, 2_000, 5_000, 10_000];
/// First words of rows that are no account's.
const SUMS: [&str; 8] = ["合计", "总计", "小计", "共计", "平均", "注：", "说明：", "备注："];

/// Reads every sheet of a file that holds such a table.
pub(super) fn read(
    path: &Path,
    sheets: Vec<Sheet>,
    sha256: &str,
    accounts: &[Account],
    known: &Whose,
    told: &mut Told,
) {
    let file = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut tables = 0;
    let mut nearest: Option<Fault> = None;
    for sheet in sheets {
        if sheet.rows.is_empty() {
            continue;
        }
        let label = place(&told.file, &sheet.name);
        let (name, above) = (sheet.name.clone(), lines_above(&sheet));
        let table = Table::of_sheet(&label, sheet, FIELDS);
        if let Some(lack) = lack(&table) {
            nearest.get_or_insert(Fault::new(&label, table.heading_row(), 1, lack));
            continue;
        }
        tables += 1;
        let reader = Reader { file: &file, sheet: &name, above: &above, sha256, accounts, known };
        reader.read(table, told);
    }
    if tables == 0 {
        let empty = || Fault::new(&told.file, 1, 1, "文件是空的，没有任何账号");
        told.faults.push(nearest.unwrap_or_else(empty));
    }
}

/// What keeps a table from being one of these; `None` where nothing does.
fn lack(table: &Table) -> Option<String> {
    let dated = table.has("newest") || table.has("time");
    let answered = ["interaction", "commercial", "usable"].iter().any(|key| table.has(key));
    let checklist = table.has("signed-by") && answered;
    let named = table.has("attested") && (table.has("account") || table.has("id"));
    if !dated && !checklist && !named && !table.has("menu-links") {
        return Some("找不到表头：应有“最近发布时间”或“发布时间”一列，以及“账号名称”一列".to_owned());
    }
    if table.has("newest") && !table.has("account") && !table.has("id") {
        return Some("缺少“账号名称”一列".to_owned());
    }
    None
}

/// Text of the rows that may stand above the headings.
fn lines_above(sheet: &Sheet) -> Vec<(u32, String)> {
    let text = |cell: &Cell| match cell {
        Cell::Text(text) => Some(text.clone()),
        Cell::Date(day) => Some(day.to_string()),
        Cell::Error(_) => None,
    };
    let rows = sheet.rows.iter().take(ABOVE);
    rows.map(|(number, cells)| (*number, cells.values().filter_map(text).collect::<Vec<_>>().join(" ")))
        .collect()
}

struct Reader<'a> {
    file: &'a str,
    sheet: &'a str,
    above: &'a [(u32, String)],
    sha256: &'a str,
    accounts: &'a [Account],
    known: &'a Whose,
}

/// What the rows of one account add up to.
#[derive(Default)]
struct Sum {
    first_row: u32,
    posts: Vec<Post>,
    rows: usize,
    faulty: usize,
    never: bool,
    unsigned: bool,
    period: (Option<NaiveDate>, Option<NaiveDate>),
    count: Option<u32>,
    followers: Option<u64>,
    name: Option<String>,
    interaction: Interaction,
    usable: Option<bool>,
    commercial: Option<(bool, String)>,
    links: Vec<Offered>,
    signed_by: String,
}

impl Reader<'_> {
    fn read(&self, mut table: Table, told: &mut Told) {
        let heading = table.heading_row();
        let above: Vec<&str> =
            self.above.iter().filter(|(row, _)| *row < heading).map(|(_, text)| text.as_str()).collect();
        let whole =
            above.iter().find_map(|text| cells::told_period(text)).or_else(|| named_period(self.file));
        let around = format!("{} {} {}", above.join(" "), self.sheet, self.file);
        let platform = account_cell::platform_in(self.sheet)
            .or_else(|| above.iter().find_map(|text| account_cell::platform_in(text)))
            .or_else(|| account_cell::platform_in(self.file));
        let one = (!table.has("account") && !table.has("id"))
            .then(|| self.known.named_in(self.accounts, platform, &around));
        if one == Some(None) {
            table.faults.push(Fault::new(
                &table.file,
                heading,
                1,
                "没有“账号名称”一列，表题、工作表名和文件名中也认不出是哪个账号",
            ));
        }
        let checklist = table.has("signed-by");
        let links_alone = table.has("attested")
            && !["newest", "time", "signed-by", "menu-links"].iter().any(|key| table.has(key));
        let listing = table.has("time") && !table.has("newest");
        let mut sums: BTreeMap<usize, Sum> = BTreeMap::new();
        let rows = table.take_rows();
        let mut read = 0_usize;
        for row in &rows {
            let index = match one {
                Some(Some(index)) => Some(index),
                Some(None) => None,
                None => self.whose(&mut table, row, platform, told),
            };
            read += 1;
            let Some(index) = index else { continue };
            if let Some(spec) = attested(&mut table, row) {
                told.links.push((index, spec));
            }
            if links_alone {
                continue;
            }
            let sum = sums.entry(index).or_insert_with(|| Sum { first_row: row.number, ..Sum::default() });
            take(&mut table, row, sum, checklist);
        }
        let cut = listing && CUT_OFF.contains(&read);
        for (index, sum) in sums {
            if checklist && is_blank(&sum) {
                continue;
            }
            told.facts.push((index, self.facts(sum, whole, checklist, listing, cut)));
        }
        told.faults.extend(table.faults);
    }

    /// The account of a row; `None` with a fault or a remark where it has none in the register.
    fn whose(
        &self,
        table: &mut Table,
        row: &Row,
        platform: Option<Platform>,
        told: &mut Told,
    ) -> Option<usize> {
        let name = table.text(row, "account").unwrap_or_default();
        let id = table.text(row, "id").unwrap_or_default();
        let written = table.text(row, "platform").unwrap_or_default();
        if SUMS.iter().any(|sum| name.starts_with(sum)) {
            return None;
        }
        if name.is_empty() && id.is_empty() {
            let says =
                ["newest", "time", "title", "count"].iter().any(|key| !table.written(row, key).is_empty());
            let sums = row.first_text().is_some_and(|text| SUMS.iter().any(|sum| text.starts_with(sum)));
            if says && !sums {
                table.fault(row, "account", "不能为空");
            }
            return None;
        }
        let own = if written.is_empty() { platform } else { account_cell::platform_in(&written) };
        match self.known.find(self.accounts, own, &id, &name) {
            Found::One(index) => Some(index),
            Found::Several(count) => {
                let message =
                    format!("“{}”在登记表中有 {count} 个平台的账号，请加“平台”一列", printable(&name));
                table.fault(row, "account", &message);
                None
            }
            Found::None => {
                told.unknown.push(Unknown {
                    platform: if written.is_empty() {
                        platform.map(|p| p.label().to_owned()).unwrap_or_default()
                    } else {
                        written
                    },
                    name: if name.is_empty() { id } else { name },
                    place: format!("{}:{}", table.file, row.number),
                });
                None
            }
        }
    }

    fn facts(
        &self,
        sum: Sum,
        whole: Option<(Option<NaiveDate>, NaiveDate)>,
        checklist: bool,
        listing: bool,
        cut: bool,
    ) -> AccountFacts {
        let source = if checklist { Source::Person } else { Source::Export };
        let at = place(self.file, self.sheet);
        let origin = if checklist {
            format!("{at} 第{}行，核查人{}", sum.first_row, sum.signed_by)
        } else {
            format!("{at} 第{}行", sum.first_row)
        };
        let from = sum.period.0.or(whole.and_then(|(from, _)| from));
        let until = sum.period.1.or(whole.map(|(_, until)| until).filter(|_| !checklist));
        let mut posts = sum.posts;
        posts.sort_by_key(|post| std::cmp::Reverse((post.day, post.at)));
        let newest = posts.first().map(|post| post.day);
        // A post behind the last day shows that this is not the last day.
        let contradicted = newest.is_some_and(|newest| until.is_some_and(|until| newest > until));
        let health = match () {
            () if sum.unsigned => Health::Broken("unsigned".to_owned()),
            () if sum.faulty > 0 && (!listing || sum.faulty == sum.rows) => {
                Health::Broken("unreadable".to_owned())
            }
            () if sum.faulty > 0 || cut || contradicted || posts.len() >= MOST_POSTS => Health::Partial,
            () => Health::Ok,
        };
        let count = match (sum.count, from, until) {
            (Some(posts), Some(from), Some(until)) => Some(Count { from, until, posts }),
            _ => None,
        };
        // Posts inside a period that the table says is empty, or the other way about: nothing is proved.
        let counted = count.filter(|c| c.posts > 0);
        let health = match (health, counted, newest) {
            (Health::Ok, Some(c), Some(newest)) if newest < c.from && !listing => Health::Partial,
            (Health::Ok, Some(_), None) if !listing => Health::Partial,
            (health, ..) => health,
        };
        // What only tells the newest post lists everything from there on; a table of posts, what its period says.
        let lists_period = listing || (sum.never && posts.is_empty());
        // A row that says nothing of posts vouches for none of its days.
        let tells = listing || sum.never || !posts.is_empty() || count.is_some();
        AccountFacts {
            answered_at: until.map(end_of_day),
            name: sum.name,
            from: from.filter(|_| lists_period),
            until: until.filter(|_| tells),
            posts,
            count,
            interaction: sum.interaction,
            followers: sum.followers,
            usable: sum.usable,
            commercial: sum.commercial,
            links: sum.links,
            sha256: self.sha256.to_owned(),
            ..AccountFacts::new(source, origin, health)
        }
    }
}

/// 报送链接 of a row that a unit filled in: the address of its newest post, and the day on which it says so.
fn attested(table: &mut Table, row: &Row) -> Option<SourceSpec> {
    let url = table.parsed(row, "attested", web_url)?;
    let stated = match moment(table, row, "stated") {
        Ok(found) => found.map(|(day, _)| day),
        Err(message) => {
            table.fault(row, "stated", &message);
            return None;
        }
    };
    Some(SourceSpec { kind: Source::Attested, what: url.to_string(), stated })
}

/// Addresses of a cell: parted by blanks, commas, semicolons or line ends, each with words before it or none.
fn offered(text: &str) -> Vec<Offered> {
    let parts = text.split(|c: char| c.is_whitespace() || "；;，,、".contains(c));
    let mut words = String::new();
    let mut found = Vec::new();
    for part in parts.filter(|part| !part.is_empty()) {
        let at = ["http://", "https://", "file:"].iter().filter_map(|scheme| part.find(scheme)).min();
        match at {
            Some(at) => {
                let (before, url) = part.split_at(at);
                let text = [words.as_str(), before.trim_end_matches([':', '：', '='])].concat();
                found.push(Offered { url: url.to_owned(), text, answer: None });
                words.clear();
            }
            None => part.trim_end_matches([':', '：']).clone_into(&mut words),
        }
    }
    found
}

/// Takes in one row.
fn take(table: &mut Table, row: &Row, sum: &mut Sum, checklist: bool) {
    let faults = table.faults.len();
    sum.rows += 1;
    let title = table.long_text(row, "title");
    let url = table.text(row, "url").filter(|url| url.contains("://"));
    for key in ["newest", "time"] {
        match moment(table, row, key) {
            Ok(Some((day, at))) => {
                let post = Post { at, day, title: title.clone(), url: url.clone() };
                if sum.posts.len() < MOST_POSTS {
                    sum.posts.push(post);
                }
            }
            Ok(None) => sum.never |= cells::says_never(&table.written(row, key)),
            Err(message) => table.fault(row, key, &message),
        }
    }
    let day = |table: &mut Table, key: &'static str| match moment(table, row, key) {
        Ok(found) => found.map(|(day, _)| day),
        Err(message) => {
            table.fault(row, key, &message);
            None
        }
    };
    let (from, mut until) = (day(table, "from"), day(table, "until"));
    let mut period = (from, until);
    if let Some(text) = table.text(row, "period") {
        match cells::period(&text) {
            Some((from, until)) => period = (Some(from), Some(until)),
            None => table.fault(row, "period", &format!("“{}”不是起止日期", printable(&text))),
        }
    }
    if let Some(text) = table.text(row, "silent-days") {
        match (cells::number(&text), sum.posts.last()) {
            (Some(days), Some(post)) => until = post.day.checked_add_days(Days::new(days)),
            (Some(_), None) => {}
            (None, _) => table.fault(row, "silent-days", &format!("“{}”不是天数", printable(&text))),
        }
    }
    let later = |a: Option<NaiveDate>, b: Option<NaiveDate>| a.max(b);
    sum.period = (period.0.or(sum.period.0), later(sum.period.1, period.1.or(until)));
    for key in ["count", "followers"] {
        let Some(text) = table.text(row, key) else { continue };
        match cells::number(&text) {
            Some(number) if key == "count" => sum.count = u32::try_from(number).ok(),
            Some(number) => sum.followers = Some(number),
            None if text.chars().all(|c| "-—/无".contains(c)) => {}
            None => table.fault(row, key, &format!("“{}”不是数", printable(&text))),
        }
    }
    sum.links.extend(offered(&table.written(row, "menu-links")));
    sum.name = table.text(row, "account").or(sum.name.take());
    if checklist {
        answers(table, row, sum);
    }
    sum.faulty += usize::from(table.faults.len() > faults);
}

/// What a person answered and signed.
fn answers(table: &mut Table, row: &Row, sum: &mut Sum) {
    if let Some(works) = table.parsed(row, "interaction", account_cell::yes_no) {
        sum.interaction = Interaction { menu: Some(works), reply: Some(works), tried: true };
    }
    sum.usable = table.parsed(row, "usable", account_cell::yes_no).or(sum.usable);
    if let Some(seen) = table.parsed(row, "commercial", account_cell::yes_no) {
        sum.commercial = Some((seen, table.text(row, "note").unwrap_or_default()));
    }
    sum.signed_by = table.text(row, "signed-by").unwrap_or_default();
    let signed = match moment(table, row, "signed-at") {
        Ok(found) => found.map(|(day, _)| day),
        Err(message) => {
            table.fault(row, "signed-at", &message);
            None
        }
    };
    sum.period.1 = signed;
    sum.unsigned = sum.signed_by.is_empty() || signed.is_none();
    let answered = !is_blank(sum);
    if answered && sum.unsigned && !table.faulted(row, "signed-at") {
        table.fault(row, "signed-by", "已填核查情况，但没有核查人或核查时间，不能作为佐证");
    }
}

/// Whether a person left the row as it was printed.
fn is_blank(sum: &Sum) -> bool {
    sum.posts.is_empty()
        && !sum.never
        && sum.interaction == Interaction::default()
        && sum.usable.is_none()
        && sum.commercial.is_none()
        && sum.links.is_empty()
        && sum.faulty == 0
}

fn moment(table: &Table, row: &Row, key: &'static str) -> Result<Option<Moment>, String> {
    table.cell(row, key).map_or(Ok(None), cells::moment_of)
}

/// A period in a file's name: `公众号_20261101-20261115.xlsx`, `台账2026-11-16.xls`.
fn named_period(file: &str) -> Option<(Option<NaiveDate>, NaiveDate)> {
    let stem = plain(file.rsplit_once('.').map_or(file, |(stem, _)| stem));
    let mut days: Vec<NaiveDate> = Vec::new();
    let chars: Vec<char> = stem.chars().collect();
    let mut at = 0;
    while at < chars.len() {
        let run: String =
            chars.iter().skip(at).take_while(|c| c.is_ascii_digit() || "-.年月".contains(**c)).collect();
        if run.is_empty() {
            at += 1;
            continue;
        }
        at += run.chars().count();
        days.extend(days_in(&run));
    }
    match days.as_slice() {
        [day] => Some((None, *day)),
        [from, until] if from <= until => Some((Some(*from), *until)),
        _ => None,
    }
}

fn days_in(run: &str) -> Vec<NaiveDate> {
    if let Ok(day) = crate::config::date(run.trim_end_matches(['-', '.'])) {
        return vec![day];
    }
    let compact = run.split(['-', '.']).filter(|part| part.len() == 8);
    compact.filter_map(|part| NaiveDate::parse_from_str(part, "%Y%m%d").ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_in_names_of_files() {
        let day = |d| NaiveDate::from_ymd_opt(2026, 11, d).expect("a date");
        for (name, found) in [
            ("公众号_20261101-20261115.xlsx", Some((Some(day(1)), day(15)))),
            ("台账2026-11-16.xls", Some((None, day(16)))),
            ("微博2026年11月16日.csv", Some((None, day(16)))),
            ("wx.xlsx", None),
            ("第4季度2026.xlsx", None),
            ("20261399.xlsx", None),
        ] {
            assert_eq!(named_period(name), found, "{name}");
        }
    }
}
