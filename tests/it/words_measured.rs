//! How precise the word lists are: sentences with known wrong characters and the text of real pages, published in `docs/words.md`.
//!
//! The material is not part of the project: without the folder that `XUNCHA_REAL` names nothing is measured, and that is said.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use xuncha::calendar;
use xuncha::facts::html::read_page;
use xuncha::facts::page::PageContext;
use xuncha::words::files::WordFiles;
use xuncha::words::{Hit, Tier, Words};

/// The least share of tier 1's hits in the sentences that must be right.
const PRECISION: f64 = 0.98;
/// Most things that tier 1 may say of the text of real pages, in a million characters.
const PER_MILLION: f64 = 10.0;
/// Ends of the part of the document that is written here.
const BEGIN: &str = "<!-- measured: XUNCHA_BLESS=1 XUNCHA_REAL=… cargo test words_measured -->\n";
const END: &str = "<!-- end of what is measured -->\n";

/// A sentence as it was found, and as it should be.
struct Sentence {
    written: Vec<char>,
    right: Vec<char>,
}

impl Sentence {
    /// Places of its wrong characters; where the lengths differ, all from the first to the last that does.
    fn wrong(&self) -> Vec<usize> {
        let (written, right) = (&self.written, &self.right);
        if written.len() == right.len() {
            return (0..written.len()).filter(|at| written[*at] != right[*at]).collect();
        }
        let same = written.iter().zip(right).take_while(|(a, b)| a == b).count();
        let least = written.len().min(right.len()) - same;
        let end =
            written.iter().rev().zip(right.iter().rev()).take(least).take_while(|(a, b)| a == b).count();
        (same..(written.len() - end).max(same + 1)).collect()
    }
}

/// What one list came to.
#[derive(Default)]
struct Tally {
    hits: u32,
    right: u32,
    held_hits: u32,
    held_right: u32,
}

#[derive(Default)]
struct Measured {
    /// By tier and list.
    lists: BTreeMap<(u8, &'static str), Tally>,
    /// Wrong characters, and those that tier 1 covers; of the half that was looked at, and of the other.
    wrong: [u32; 2],
    covered: [u32; 2],
    /// By tier, hits in sentences that are in order.
    in_order: BTreeMap<u8, u32>,
    sentences: u32,
    with_wrong: u32,
}

fn sentences(text: &str) -> Vec<Sentence> {
    let rows = text.lines().filter_map(|line| {
        let mut cells = line.split('\t').skip(1);
        Some(Sentence { written: cells.next()?.chars().collect(), right: cells.next()?.chars().collect() })
    });
    rows.collect()
}

fn hits(words: &Words, text: &[char]) -> Vec<Hit> {
    words.find(&text.iter().collect::<String>(), Tier::Context)
}

fn of_sentences(words: &Words, sentences: &[Sentence]) -> Measured {
    let mut measured = Measured::default();
    for (number, sentence) in sentences.iter().enumerate() {
        let wrong = sentence.wrong();
        // Every second sentence was held out when the lists were widened.
        let held = number % 2;
        let comparable = sentence.written.len() == sentence.right.len();
        measured.sentences += 1;
        measured.with_wrong += u32::from(!wrong.is_empty());
        let mut covered = Vec::new();
        for hit in hits(words, &sentence.written) {
            let places: Vec<usize> =
                wrong.iter().copied().filter(|at| (hit.start..hit.start + hit.len).contains(at)).collect();
            let tally = measured.lists.entry((hit.tier.number(), hit.rule)).or_default();
            let right = u32::from(!places.is_empty());
            tally.hits += 1;
            tally.right += right;
            if held == 1 {
                tally.held_hits += 1;
                tally.held_right += right;
            }
            if hit.tier == Tier::Never {
                covered.extend(places);
            }
        }
        if comparable {
            covered.sort_unstable();
            covered.dedup();
            measured.wrong[held] += count(wrong.len());
            measured.covered[held] += count(covered.len());
        }
        for hit in hits(words, &sentence.right) {
            *measured.in_order.entry(hit.tier.number()).or_default() += 1;
        }
    }
    measured
}

/// Real pages: how many, how many characters of their own text, hits by tier.
fn of_pages(words: &Words, folder: &Path) -> (u32, usize, BTreeMap<u8, u32>) {
    let labels = std::fs::read(folder.join("labels.json")).expect("labels.json");
    let labels: Vec<serde_json::Value> = serde_json::from_slice(&labels).expect("labels");
    let tampered: Vec<&str> = labels
        .iter()
        .filter(|label| label["expect"]["tampered_copy"] == true)
        .filter_map(|label| label["file"].as_str())
        .collect();
    let (mut pages, mut chars, mut told) = (0, 0, BTreeMap::new());
    let url = url::Url::parse("http://www.shili.example/a/b.html").expect("a URL");
    let as_of = calendar::from_millis(1_790_000_000_000);
    for path in below(folder) {
        let name = path.strip_prefix(folder).expect("below it").to_string_lossy();
        if !name.ends_with(".html") || tampered.contains(&&*name) {
            continue;
        }
        let body = std::fs::read(&path).expect("a page");
        let cx =
            PageContext { url: &url, content_type: None, status: Some(200), as_of, want_structure: false };
        let Some(text) = read_page(&body, &cx, || false).own_text else { continue };
        pages += 1;
        chars += text.text.chars().count();
        for hit in words.find(&text.text, Tier::Context) {
            *told.entry(hit.tier.number()).or_default() += 1;
        }
    }
    (pages, chars, told)
}

fn below(folder: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { out.extend(below(&path)) } else { out.push(path) }
    }
    out.sort();
    out
}

impl Measured {
    /// Hits of tier 1, and those that are right.
    fn sure(&self) -> (u32, u32) {
        let sure = self.lists.iter().filter(|((tier, _), _)| *tier == 1);
        sure.fold((0, 0), |(hits, right), (_, tally)| (hits + tally.hits, right + tally.right))
    }

    /// As Markdown.
    fn table(&self) -> String {
        let mut out = format!(
            "{} sentences, {} with wrong characters, {} of these where both sides are of one length.\n\n",
            self.sentences,
            self.with_wrong,
            self.wrong[0] + self.wrong[1]
        );
        out.push_str("| List | Tier | Hits | Right | Precision | Right on the held-out half |\n|---|--:|--:|--:|--:|--:|\n");
        for ((tier, list), tally) in &self.lists {
            let _ = writeln!(
                out,
                "| `{list}` | {tier} | {} | {} | {} | {} of {} |",
                tally.hits,
                tally.right,
                percent(tally.right, tally.hits),
                tally.held_right,
                tally.held_hits
            );
        }
        let (hits, right) = self.sure();
        let _ = writeln!(
            out,
            "\nTier 1: {right} of {hits} hits right (with 95 % confidence at least {:.1} %, Wilson). It finds {} of {} wrong characters: \
             {} of the half that was looked at, {} of the other. On the corrected sentences tier 1 says {} things, tier 2 {}.",
            (wilson(right, hits) * 1000.0).floor() / 10.0,
            self.covered[0] + self.covered[1],
            self.wrong[0] + self.wrong[1],
            percent(self.covered[0], self.wrong[0]),
            percent(self.covered[1], self.wrong[1]),
            self.in_order.get(&1).unwrap_or(&0),
            self.in_order.get(&2).unwrap_or(&0)
        );
        out
    }
}

/// The lower end of what a share may be, given what was seen, with 95 % confidence.
fn wilson(part: u32, whole: u32) -> f64 {
    let (n, z) = (f64::from(whole), 1.96_f64);
    let p = f64::from(part) / n;
    let middle = p + z * z / (2.0 * n);
    let spread = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
    (middle - spread) / (1.0 + z * z / n)
}

fn percent(part: u32, whole: u32) -> String {
    format!("{:.1} %", (f64::from(part) / f64::from(whole.max(1)) * 1000.0).floor() / 10.0)
}

fn count(n: usize) -> u32 {
    u32::try_from(n).expect("few")
}

#[test]
#[allow(clippy::print_stderr, reason = "a skipped test must be seen")]
fn words_hold_their_precision_and_it_is_published() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/words.md");
    let document = std::fs::read_to_string(&path).expect("docs/words.md");
    let (before, rest) = document.split_once(BEGIN).expect("where it begins");
    let (kept, after) = rest.split_once(END).expect("where it ends");
    let Some(folder) = std::env::var_os("XUNCHA_REAL").map(PathBuf::from) else {
        eprintln!(
            "SKIPPED: XUNCHA_REAL names no folder: the figures of docs/words.md are not measured again"
        );
        return;
    };
    let words = Words::load(&WordFiles::shipped()).unwrap_or_else(|faults| panic!("{faults:?}"));
    let text = std::fs::read_to_string(folder.join("typos/official-documents.train.txt")).expect("sentences");
    let measured = of_sentences(&words, &sentences(&text));
    let (pages, chars, told) = of_pages(&words, &folder);
    let of_tier = |tier: u8| told.get(&tier).copied().unwrap_or(0);
    let table = format!(
        "{}\nOn the own text of {pages} real pages ({chars} characters) tier 1 says {} things, tier 2 {}.\n",
        measured.table(),
        of_tier(1),
        of_tier(2)
    );
    let (hits, right) = measured.sure();
    assert!(hits >= 200, "{table}");
    assert!(f64::from(right) >= PRECISION * f64::from(hits), "{table}");
    #[allow(clippy::cast_precision_loss, reason = "far below 2^52")]
    let per_million = f64::from(of_tier(1)) / (chars as f64 / 1e6);
    assert!(per_million <= PER_MILLION, "{table}");
    if std::env::var_os("XUNCHA_BLESS").is_some() {
        std::fs::write(&path, format!("{before}{BEGIN}{table}{END}{after}"))
            .expect("docs/words.md is written");
    } else {
        assert_eq!(kept, table, "docs/words.md is stale: XUNCHA_BLESS=1 cargo test words_measured");
    }
}

#[test]
fn a_wrong_hit_lowers_the_figures() {
    let files = WordFiles::default().with(
        xuncha::words::files::List::Never,
        "never.tsv",
        "部暑\t部署\n村委\t某委\n".to_owned(),
    );
    let words = Words::load(&files).unwrap_or_else(|faults| panic!("{faults:?}"));
    let text = "1\t会议部暑了任务。\t会议部署了任务。\n0\t村委开会。\t村委开会。\n2\t部属了任物。\t部署了任务。\n1\t会议部署署了。\t会议部署了。\n";
    let measured = of_sentences(&words, &sentences(text));
    assert_eq!(measured.sure(), (2, 1));
    assert_eq!((measured.sentences, measured.with_wrong), (4, 3));
    assert_eq!((measured.wrong, measured.covered), ([3, 0], [1, 0]));
    assert_eq!(measured.in_order.get(&1), Some(&1));
    assert!(wilson(288, 288) > 0.986 && wilson(288, 288) < 0.988);
}
