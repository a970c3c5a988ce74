//! How well pages are read: precision and recall of each fact over the labelled pages, held to floors and published in `docs/accuracy.md`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use serde_json::{Map, Value};
use url::Url;
use xuncha::calendar;
use xuncha::facts::html::read_page;
use xuncha::facts::page::{PageContext, PageFacts};

/// What is measured: the name in the document, the keys of a label that belong to it, and the least share that must be exact.
const FACTS: [(&str, &[&str], f64); 11] = [
    ("Newest date of the main list", &["newest"], 0.97),
    ("Number of items of the main list", &["count"], 0.95),
    ("Other dates and titles of rows", &["oldest", "first"], 0.95),
    ("Publication date a reader sees", &["visible"], 0.97),
    ("Publication date in tag, chosen", &["tag", "chosen"], 0.97),
    ("Empty column: yes, no, uncertain", &["empty"], 0.95),
    ("Kind of page", &["kind"], 0.95),
    ("Page tags and their faults", &["tags"], 0.98),
    ("Marks in the footer", &["footer"], 0.98),
    ("Links, hidden links", &["links", "hidden", "hidden_farm"], 0.98),
    (
        "Further blocks, stated totals, gaps, jumps, encoding",
        &[
            "blocks",
            "headed",
            "declared_total",
            "gap",
            "jumps_to",
            "script_pages",
            "list_sources",
            "not_found",
            "charset",
            "title",
            "state",
        ],
        0.95,
    ),
];
/// The least share of truly empty columns that must be called empty; of all others, none may.
const EMPTY_RECALL: f64 = 0.90;

/// A page with what a careful reader finds on it.
struct Case {
    name: String,
    body: Vec<u8>,
    url: String,
    as_of: String,
    /// By the keys of [`FACTS`].
    label: Map<String, Value>,
}

/// One fact of one page: what the label says and what was read.
struct Claim {
    page: String,
    key: String,
    want: Value,
    got: Value,
}

#[derive(Default)]
struct Tally {
    right: u32,
    rightly_none: u32,
    wrong: u32,
    missed: u32,
    invented: u32,
}

#[test]
fn accuracy_holds_its_floors_and_is_published() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let cases = invented(&root.join("tests/pages"));
    assert!(cases.len() >= 200, "{} pages", cases.len());
    let (table, mut faults) = measured(&cases, true);
    let path = root.join("docs/accuracy.md");
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    let (_, kept_real) = kept.split_once(REAL_HEADING).unwrap_or_default();
    let head = format!("{INTRODUCTION}{table}{REAL_HEADING}");
    let real =
        std::env::var_os("XUNCHA_REAL").map(|folder| measured(&of_folder(&PathBuf::from(folder)), false));
    if let Some((_, more)) = &real {
        faults.extend_from_slice(more);
    }
    if std::env::var_os("XUNCHA_BLESS").is_some() {
        let real = real.as_ref().map_or(kept_real, |(table, _)| table);
        std::fs::write(&path, format!("{head}{real}")).expect("docs/accuracy.md is written");
    } else if !kept.starts_with(&head) {
        faults.push("docs/accuracy.md is stale: XUNCHA_BLESS=1 cargo test accuracy".to_owned());
    }
    assert!(faults.is_empty(), "{}\n{table}{}", faults.join("\n"), real.unwrap_or_default().0);
}

#[test]
fn a_misread_page_lowers_the_figures() {
    let label = serde_json::json!({ "kind": "list", "count": 2, "newest": "2026-11-03", "empty": "no" });
    let case = |body: &str| Case {
        name: "page".to_owned(),
        body: body.as_bytes().to_vec(),
        url: "http://www.qingxi.gov.cn/zwdt/".to_owned(),
        as_of: "2026-11-20".to_owned(),
        label: label.as_object().cloned().expect("an object"),
    };
    let menu = "<ul class=nav><li><a href=/>首页</a></li></ul>";
    let row =
        |n| format!("<li><a href=/{n}.html>关于第{n}次工作会议的通知</a><span>2026-11-0{n}</span></li>");
    let whole = format!("{menu}<ul class=list>{}{}</ul></body>", row(3), row(2));
    let (_, faults) = measured(&[case(&whole)], true);
    assert!(faults.is_empty(), "{faults:?}");
    let (table, faults) = measured(&[case(&format!("{menu}<ul class=list></ul></body>"))], true);
    assert!(faults.iter().any(|fault| fault.contains("called empty")), "{faults:?}\n{table}");
    assert!(faults.iter().any(|fault| fault.contains("Newest date")), "{faults:?}");
}

const INTRODUCTION: &str = "# How accurately pages are read

Generated; do not edit. `XUNCHA_BLESS=1 cargo test accuracy` writes it anew, and the test `tests/it/accuracy.rs` fails where it is stale or a figure lies below its floor.

A value that is read and is the label's counts as right; another value than the label's lowers precision and recall; a value where the label has none lowers precision; none where the label has one
lowers recall. *Exact* is the share of all labels, those of absent things included, that were met. Dates are compared to the day, and to the minute where the label has it.

## Invented pages

In the shapes of real publishing systems, labelled by hand: `tests/pages/`. Each is read twice, as a column and as any page, and must come out right both times.

";
const REAL_HEADING: &str = "
## Real pages

Pages of real sites with labels, in the folder that `XUNCHA_REAL` names; they are not part of the project. The figures are those of the last run that had them.

";

/// The table of some pages as Markdown, with what lies below its floor; `twice` reads each page as a column and as any page.
fn measured(cases: &[Case], twice: bool) -> (String, Vec<String>) {
    let claims: Vec<Claim> = cases.iter().flat_map(|case| claims(case, twice)).collect();
    let mut out = format!("{} pages.\n\n", cases.len());
    out.push_str("| Fact | Labels | Exact | Precision | Recall | Floor |\n|---|--:|--:|--:|--:|--:|\n");
    let mut faults = Vec::new();
    let mut misread: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (fact, keys, floor) in FACTS {
        let mut tally = Tally::default();
        for claim in
            claims.iter().filter(|claim| keys.contains(&claim.key.split(' ').next().unwrap_or_default()))
        {
            if !tally.count(claim) {
                misread
                    .entry(&claim.page)
                    .or_default()
                    .push(format!("{} {} instead of {}", claim.key, claim.got, claim.want));
            }
        }
        if tally.labels() == 0 {
            continue;
        }
        let exact = share(tally.right + tally.rightly_none, tally.labels());
        let precision = share(tally.right, tally.right + tally.wrong + tally.invented);
        let recall = share(tally.right, tally.right + tally.wrong + tally.missed);
        writeln!(
            out,
            "| {fact} | {} | {} | {} | {} | {:.0} % |",
            tally.labels(),
            percent(exact),
            percent(precision),
            percent(recall),
            floor * 100.0
        )
        .expect("a string takes all");
        if exact < floor {
            faults.push(format!("{fact}: {} exact, floor {floor}", percent(exact)));
        }
    }
    faults.extend(emptiness(&claims, &mut out));
    if !misread.is_empty() {
        out.push_str("\nRead otherwise than labelled:\n\n");
        for (page, what) in misread {
            writeln!(out, "- `{page}`: {}", what.join("; ")).expect("a string takes all");
        }
    }
    (out, faults)
}

/// How often 空白 was said wrongly and rightly: the figure that accuses.
fn emptiness(claims: &[Claim], out: &mut String) -> Vec<String> {
    let empties = || claims.iter().filter(|claim| claim.key == "empty");
    let is_yes = |value: &Value| value == "yes";
    let truly = empties().filter(|claim| is_yes(&claim.want)).count();
    let found = empties().filter(|claim| is_yes(&claim.want) && is_yes(&claim.got)).count();
    let falsely: Vec<&str> = empties()
        .filter(|claim| !is_yes(&claim.want) && is_yes(&claim.got))
        .map(|claim| &*claim.page)
        .collect();
    let (found, truly) = (u32::try_from(found).unwrap_or(0), u32::try_from(truly).unwrap_or(0));
    writeln!(
        out,
        "\nTruly empty columns called empty: {found} of {truly} (floor {:.0} %). Others called empty: {} of {} (none allowed).",
        EMPTY_RECALL * 100.0,
        falsely.len(),
        empties().count() - truly as usize,
    )
    .expect("a string takes all");
    let mut faults = Vec::new();
    if !falsely.is_empty() {
        faults.push(format!("called empty and is not: {}", falsely.join(", ")));
    }
    if truly > 0 && share(found, truly) < EMPTY_RECALL {
        faults.push(format!("truly empty: {found} of {truly}"));
    }
    faults
}

impl Tally {
    /// Counts a claim; true where it is right.
    fn count(&mut self, claim: &Claim) -> bool {
        let place = match (is_none(&claim.want), is_none(&claim.got)) {
            (true, true) => &mut self.rightly_none,
            (true, false) => &mut self.invented,
            (false, true) => &mut self.missed,
            (false, false) if same(&claim.got, &claim.want) => &mut self.right,
            (false, false) => &mut self.wrong,
        };
        *place += 1;
        is_none(&claim.want) && is_none(&claim.got) || same(&claim.got, &claim.want)
    }

    fn labels(&self) -> u32 {
        self.right + self.rightly_none + self.wrong + self.missed + self.invented
    }
}

fn share(part: u32, whole: u32) -> f64 {
    if whole == 0 { 1.0 } else { f64::from(part) / f64::from(whole) }
}

fn percent(share: f64) -> String {
    // Cut, not rounded: 99.96 is not 100.
    format!("{:.1} %", (share * 1000.0).floor() / 10.0)
}

fn is_none(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(yes) => !yes,
        Value::Number(number) => number.as_u64() == Some(0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
    }
}

/// Equal; a date to the precision of the label, a text that the label cuts with `…` to there.
fn same(got: &Value, want: &Value) -> bool {
    match (got.as_str(), want.as_str()) {
        (Some(got), Some(want)) => {
            let cut = want.strip_suffix('…');
            let day = NaiveDate::parse_from_str(want, "%Y-%m-%d").is_ok();
            got == want || cut.is_some_and(|start| got.starts_with(start)) || day && got.starts_with(want)
        }
        _ => got == want,
    }
}

fn claims(case: &Case, twice: bool) -> Vec<Claim> {
    let facts = read(case, true);
    let mut claims = claims_of(case, &facts);
    if twice {
        let as_any_page = claims_of(case, &read(case, false));
        for (claim, other) in claims.iter_mut().zip(as_any_page) {
            if same(&claim.got, &claim.want) || is_none(&claim.got) && is_none(&claim.want) {
                claim.got = other.got;
            }
        }
    }
    claims
}

fn read(case: &Case, want_structure: bool) -> PageFacts {
    let url = Url::parse(&case.url).expect("a URL");
    let date = NaiveDate::parse_from_str(&case.as_of, "%Y-%m-%d").expect("a date");
    let as_of = date.and_hms_opt(12, 0, 0).expect("noon").and_local_timezone(calendar::beijing()).unwrap();
    let content_type = case.label.get("content_type").and_then(Value::as_str);
    let cx = PageContext { url: &url, content_type, status: None, as_of, want_structure };
    read_page(&case.body, &cx, || false)
}

fn claims_of(case: &Case, facts: &PageFacts) -> Vec<Claim> {
    let json = serde_json::to_value(facts).expect("facts serialise");
    let mut claims = Vec::new();
    let mut claim = |key: String, want: &Value, got: Value| {
        claims.push(Claim { page: case.name.clone(), key, want: want.clone(), got });
    };
    for (key, want) in &case.label {
        match key.as_str() {
            "url" | "as_of" | "content_type" => {}
            "tags" if want.is_null() => {}
            "tags" => {
                for (tag, value) in want["values"].as_object().into_iter().flatten() {
                    claim(format!("tags {tag}"), value, json["tags"][tag].clone());
                }
                for fault in ["missing", "empty", "duplicated", "odd_case"] {
                    let told = json["tag_faults"].as_array().into_iter().flatten();
                    let got: Vec<Value> = told
                        .filter(|told| told["fault"] == fault.replace('_', "-"))
                        .map(|told| told["tag"].clone())
                        .collect();
                    claim(format!("tags {fault}"), &want[fault], got.into());
                }
            }
            "footer" => {
                for (mark, value) in want.as_object().into_iter().flatten() {
                    claim(format!("footer {mark}"), value, json["footer"][mark].clone());
                }
            }
            "headed" => {
                for (heading, count) in want.as_object().into_iter().flatten() {
                    let named = facts.list.iter().chain(&facts.blocks).find(|list| list.heading == *heading);
                    claim(format!("headed {heading}"), count, named.map_or(0, |list| list.count).into());
                }
            }
            _ => claim(key.clone(), want, told(facts, &json, key, want)),
        }
    }
    claims
}

/// What the page turned out to be, in the words of a label.
fn told(facts: &PageFacts, json: &Value, key: &str, want: &Value) -> Value {
    let items = facts.list.iter().flat_map(|list| &list.items);
    match key {
        "count" => facts.list.as_ref().map_or(0, |list| list.count).into(),
        "newest" => json["list"]["newest"].clone(),
        "oldest" => items.filter_map(|item| item.date).min().map(|stamp| stamp.to_string()).into(),
        "first" => items.map(|item| item.title.clone()).next().into(),
        "blocks" => facts.blocks.len().into(),
        "visible" | "tag" | "chosen" => json["pubdate"][key].clone(),
        "script_pages" => facts.script_pages.len().into(),
        "links" => facts.links.len().into(),
        "hidden" => facts.hidden_links.len().into(),
        "hidden_farm" => (facts.hidden_links.len() > 5).into(),
        "not_found" => facts.not_found.is_some().into(),
        "gap" => {
            let found =
                facts.gaps.iter().find(|gap| want.as_str().is_some_and(|want| gap.why.contains(want)));
            found.map_or_else(|| facts.gaps.iter().map(|gap| gap.why.clone()).collect(), |_| want.clone())
        }
        _ => json[key].clone(),
    }
}

/// The pages of `tests/pages`, each with its label beside it.
fn invented(folder: &Path) -> Vec<Case> {
    let mut cases = Vec::new();
    for entry in std::fs::read_dir(folder).expect("tests/pages") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|ending| ending != "html") {
            continue;
        }
        let label = std::fs::read(path.with_extension("json")).expect("a page has its label beside it");
        let label: Map<String, Value> =
            serde_json::from_slice(&label).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let known = |key: &String| {
            matches!(key.as_str(), "url" | "as_of" | "content_type")
                || FACTS.iter().any(|(_, keys, _)| keys.contains(&&**key))
        };
        assert!(label.keys().all(known), "{} has a key that nobody measures", path.display());
        let text = |key: &str| label.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        cases.push(Case {
            name: path.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
            body: std::fs::read(&path).expect("the page"),
            url: text("url"),
            as_of: text("as_of"),
            label,
        });
    }
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    cases
}

/// The pages of a folder with `labels.json`, their labels put into the words of ours.
fn of_folder(folder: &Path) -> Vec<Case> {
    let labels = std::fs::read(folder.join("labels.json")).expect("labels.json");
    let labels: Vec<Value> = serde_json::from_slice(&labels).expect("labels");
    let mut cases = Vec::new();
    for label in &labels {
        let file = label["file"].as_str().unwrap_or_default();
        if file.ends_with('/') {
            continue;
        }
        let body = std::fs::read(folder.join(file)).expect("the page");
        let url = match file.strip_prefix("sites/").and_then(|path| path.split_once('/')) {
            Some((site, path)) => format!("http://www.{site}.example/{path}"),
            None => Url::from_file_path(std::path::absolute(folder.join(file)).expect("a path"))
                .expect("a URL")
                .into(),
        };
        cases.push(Case {
            name: file.to_owned(),
            label: translated(&label["expect"], &String::from_utf8_lossy(&body)),
            body,
            url,
            as_of: "2026-11-22".to_owned(),
        });
    }
    cases
}

fn translated(expect: &Value, source: &str) -> Map<String, Value> {
    let mut label = Map::new();
    let known = expect.as_object().expect("an object");
    for (theirs, ours) in [
        ("page_kind", "kind"),
        ("title_element", "title"),
        ("visible_pubdate", "visible"),
        ("tag_pubdate", "tag"),
        ("item_count", "count"),
        ("newest_date", "newest"),
        ("tags", "tags"),
        ("blocks", "headed"),
        ("hidden_link_farm", "hidden_farm"),
    ] {
        if let Some(value) = known.get(theirs) {
            label.insert(ours.to_owned(), value.clone());
        }
    }
    // A label whose date does not stand in its file belongs to another page.
    let parts: Vec<&str> = expect["visible_pubdate"].as_str().unwrap_or_default().split('-').collect();
    let stands = match parts[..] {
        [year, month, day] => {
            source.contains(&parts.join("-")) || source.contains(&format!("{year}年{month}月{day}日"))
        }
        _ => true,
    };
    if !stands {
        label.remove("visible");
    }
    if let Some(empty) = expect["is_empty_column"].as_bool() {
        label.insert("empty".to_owned(), if empty { "yes" } else { "no" }.into());
    }
    if let Some(marks) = expect["footer"].as_object() {
        let mut footer = Map::new();
        for (theirs, ours) in [
            ("site_code", "site_code"),
            ("icp", "icp"),
            ("gongan", "gongan"),
            ("conac", "conac"),
            ("jiucuo_sitecode", "jiucuo"),
        ] {
            footer.insert(ours.to_owned(), marks[theirs].clone());
        }
        if let Some(is_static) = known.get("footer_in_static_html") {
            footer.insert("static".to_owned(), is_static.clone());
        }
        label.insert("footer".to_owned(), footer.into());
    }
    label
}
