//! Address shapes whose pages bring nothing any more: calendars that go on for ever, one list in every order, a search for
//! every word. Pages of such a shape go behind everything else, and of what is left a few are tried before it is given up.
//! Pure.
#![deny(clippy::disallowed_methods)]

use std::collections::{BTreeSet, HashMap, HashSet};

use super::frontier::{Lease, Passthrough, Role, SPREAD, SiteIndex, fold_digits, hash};
use crate::facts::page::{PageFacts, PageKind, PageState};
use crate::url::is_throwaway;

/// Pages in a row that repeat what their shape has shown already, before it is set aside.
const REPEATING: u32 = 12;
/// Words in a row whose pages bring no new address, before further words are set aside.
const IDLE_WORDS: u32 = 24;
/// Pages of a shape that was set aside that are tried all the same.
const TRIALS: u32 = 12;
/// What is remembered of one shape: more than any trap shows that is worth telling.
const MOST_SEEN: usize = 1024;

/// The shape of an address, and which words fill it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ShapeOf {
    name: String,
    key: u64,
    words: Option<u32>,
}

impl ShapeOf {
    /// The path with runs of digits folded, and the names of the query; the words are its values that are no numbers.
    pub(super) fn of(url: &str, site: SiteIndex) -> Self {
        let url = url.split('#').next().unwrap_or(url);
        let (path, query) = url.split_once('?').map_or((url, None), |(path, query)| (path, Some(query)));
        let mut name = fold_digits(path);
        let mut words = None;
        if let Some(query) = query {
            let mut pairs: Vec<(&str, &str)> =
                query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, ""))).collect();
            pairs.sort_unstable();
            let told = pairs.iter().filter(|(_, value)| value.bytes().any(|byte| !byte.is_ascii_digit()));
            let told: Vec<String> = told.map(|(name, value)| format!("{name}={value}")).collect();
            if !told.is_empty() {
                words = Some(fold_to_32(hash(&told.join("&"))));
            }
            let mut names: Vec<&str> = pairs.iter().map(|(name, _)| *name).collect();
            names.dedup();
            name.push('?');
            name.push_str(&names.join("&"));
        }
        let key = hash(&name) ^ u64::from(site).wrapping_mul(SPREAD);
        Self { name, key, words }
    }
}

/// Whether two addresses may be pages of one list: alike but for figures.
pub(super) fn of_one_shape(one: &str, other: &str) -> bool {
    ShapeOf::of(one, 0) == ShapeOf::of(other, 0)
}

/// What is known of the pages of one shape.
#[derive(Debug, Default)]
struct Shape {
    seen: HashSet<u32, Passthrough>,
    repeating: u32,
    words: Vec<u32>,
    idle: u32,
    /// Set aside: nothing more of it, or only no further words.
    shut: Option<Shut>,
}

#[derive(Debug)]
struct Shut {
    words_only: bool,
    name: String,
    site: SiteIndex,
    key: String,
    aside: Vec<Lease>,
    /// Whether a further page was refused for another bound.
    refused: bool,
    trials: u32,
}

/// Links of one page that are looked at; a page of more is worth reading.
const MOST_LINKS: usize = 2048;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Sameness {
    shapes: HashMap<u64, Shape, Passthrough>,
    /// Shapes that are set aside, in order.
    shut: BTreeSet<u64>,
}

impl Sameness {
    /// Whether a page's turn is put off, because pages like it bring nothing; then it is kept here.
    pub(super) fn keeps(&mut self, lease: &Lease) -> bool {
        if self.shut.is_empty() || !is_bound(lease) {
            return false;
        }
        let of = ShapeOf::of(&lease.what.url, lease.what.site);
        let Some(shape) = self.shapes.get_mut(&of.key) else { return false };
        let Some(shut) = &mut shape.shut else { return false };
        if shut.words_only && of.words.is_none_or(|words| shape.words.contains(&words)) {
            return false;
        }
        shut.aside.push(lease.clone());
        true
    }

    /// A page that was put off and is tried all the same, once nothing else of `key` waits.
    pub(super) fn trial(&mut self, key: &str) -> Option<Lease> {
        for id in &self.shut {
            let Some(shut) = self.shapes.get_mut(id).and_then(|shape| shape.shut.as_mut()) else { continue };
            if shut.key != key || shut.trials == 0 || shut.aside.is_empty() {
                continue;
            }
            shut.trials -= 1;
            // From everywhere: what comes late may be what was meant.
            let at = u64::from(shut.trials).wrapping_mul(SPREAD) >> 33;
            let at = usize::try_from(at).unwrap_or(0) % shut.aside.len();
            return Some(shut.aside.swap_remove(at));
        }
        None
    }

    /// Politeness keys under which something waits to be tried.
    pub(super) fn keys(&self) -> impl Iterator<Item = &String> {
        let shut = self.shut.iter().filter_map(|id| self.shapes.get(id)?.shut.as_ref());
        shut.filter(|shut| shut.trials > 0 && !shut.aside.is_empty()).map(|shut| &shut.key)
    }

    /// Leaves alone what waits under `key`.
    pub(super) fn forget(&mut self, key: &str) {
        for shape in &self.shut {
            if let Some(shut) = self.shapes.get_mut(shape).and_then(|shape| shape.shut.as_mut())
                && shut.key == key
            {
                shut.trials = 0;
            }
        }
    }

    /// Takes down that a page was refused for another bound: then its shape was not read to its end.
    pub(super) fn refused(&mut self, url: &str, site: SiteIndex) {
        if self.shut.is_empty() {
            return;
        }
        let shape = self.shapes.get_mut(&ShapeOf::of(url, site).key);
        if let Some(shut) = shape.and_then(|shape| shape.shut.as_mut()) {
            shut.refused = true;
        }
    }

    /// What of a site was put off and never read: how many pages, and the shapes.
    pub(super) fn left(&self, site: SiteIndex) -> (u64, Vec<String>) {
        let shut = self.shut.iter().filter_map(|id| self.shapes.get(id)?.shut.as_ref());
        let of_site: Vec<&Shut> =
            shut.filter(|shut| shut.site == site && (shut.refused || !shut.aside.is_empty())).collect();
        let pages = of_site.iter().map(|shut| shut.aside.len() as u64).sum();
        (pages, of_site.iter().map(|shut| shut.name.clone()).collect())
    }

    /// Takes in a page that was read, with its links by id and address, and whether any of those that nobody had met stands
    /// for `fresh`. Gives back what was put off, where the page shows that its shape is worth reading after all.
    pub(super) fn page<'a>(
        &mut self,
        lease: &Lease,
        facts: &PageFacts,
        links: impl Iterator<Item = (u32, &'a str)>,
        fresh: &[&str],
    ) -> Vec<Lease> {
        if !is_bound(lease) || !is_telling(facts) {
            return Vec::new();
        }
        let site = lease.what.site;
        let of = ShapeOf::of(&lease.what.url, site);
        let outside = |url: &str, shapes: &HashMap<u64, Shape, Passthrough>| {
            let key = ShapeOf::of(url, site).key;
            key != of.key && shapes.get(&key).is_none_or(|shape| shape.shut.is_none())
        };
        let brings = fresh.iter().any(|url| outside(url, &self.shapes));
        let mut shape = self.shapes.remove(&of.key).unwrap_or_default();
        let first = shape.seen.is_empty();
        let known = shape.seen.len();
        let texts = &facts.texture;
        let mut worth = false;
        let mut labels = 0;
        for run in texts {
            if shape.seen.insert(run.hash) {
                labels += 1;
                worth |= run.long;
            }
        }
        worth |= labels > (texts.len() / 16).max(1);
        for (number, (id, url)) in links.enumerate() {
            if number >= MOST_LINKS {
                worth = true;
                break;
            }
            if shape.seen.insert(fold_to_32(u64::from(id).wrapping_mul(SPREAD))) {
                worth = worth || first || is_lasting(url) && outside(url, &self.shapes);
            }
        }
        if shape.seen.len() > MOST_SEEN && known > 0 {
            // What repeats itself shows it soon again.
            shape.seen = HashSet::default();
        }
        shape.repeating = if worth { 0 } else { shape.repeating + 1 };
        if let Some(words) = of.words.filter(|words| !shape.words.contains(words)) {
            shape.words.push(words);
            shape.idle = if brings { 0 } else { shape.idle + 1 };
        }
        let back = match &mut shape.shut {
            None if shape.repeating >= REPEATING || shape.idle >= IDLE_WORDS => {
                let words_only = shape.repeating < REPEATING;
                shape.shut = Some(Shut {
                    words_only,
                    name: of.name,
                    site,
                    key: lease.what.key.clone(),
                    aside: Vec::new(),
                    refused: false,
                    trials: TRIALS,
                });
                self.shut.insert(of.key);
                Vec::new()
            }
            Some(shut) if brings || worth && !shut.words_only => {
                let back = std::mem::take(&mut shut.aside);
                shape.shut = None;
                shape.idle = 0;
                self.shut.remove(&of.key);
                back
            }
            _ => Vec::new(),
        };
        self.shapes.insert(of.key, shape);
        back
    }
}

/// Whether a page may be put off: not what the register names, nor what the home page's menu does.
fn is_bound(lease: &Lease) -> bool {
    match lease.what.role {
        Role::List | Role::Page => true,
        Role::Column => lease.what.depth > 1,
        Role::Home | Role::Source | Role::Target | Role::External => false,
    }
}

/// Whether an address is more than a number made up for one look.
fn is_lasting(url: &str) -> bool {
    url.split_once('?').is_none_or(|(_, query)| !is_throwaway(query))
}

/// Whether the source of a page tells what a reader sees.
fn is_telling(facts: &PageFacts) -> bool {
    !matches!(facts.kind, PageKind::Shell | PageKind::Blocked | PageKind::Redirect)
        && !matches!(facts.state, PageState::Script | PageState::Failed)
        && !facts.texture.is_empty()
}

fn fold_to_32(hash: u64) -> u32 {
    u32::try_from((hash ^ hash >> 32) & 0xffff_ffff).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crawl::frontier::Candidate;
    use crate::facts::texture::Run;

    fn lease(url: &str) -> Lease {
        let what = Candidate {
            url: url.to_owned(),
            key: "h".to_owned(),
            site: 0,
            role: Role::List,
            depth: 3,
            via: None,
        };
        Lease { id: 1, what }
    }

    fn facts(labels: &[u32]) -> PageFacts {
        let runs = labels.iter().map(|hash| Run { hash: *hash, long: false });
        PageFacts {
            texture: (1..30).map(|hash| Run { hash, long: false }).chain(runs).collect(),
            ..PageFacts::bare("http://h/", PageState::Normal, "")
        }
    }

    fn shape(url: &str) -> String {
        ShapeOf::of(url, 0).name
    }

    #[test]
    fn shapes_of_addresses() {
        assert_eq!(shape("http://h/rili/2031-05.html"), shape("http://h/rili/2032-11.html"));
        assert_eq!(shape("http://h/c?year=2031&month=5"), shape("http://h/c?month=6&year=1999"));
        assert_eq!(shape("http://h/c?a=1&a=1"), shape("http://h/c?a=1"));
        assert_ne!(shape("http://h/c?a=1"), shape("http://h/c?b=1"));
        let words = |url: &str| ShapeOf::of(url, 0).words;
        assert_eq!(words("http://h/c?page=3"), None);
        assert_eq!(words("http://h/c?page=3&sort=asc"), words("http://h/c?page=9&sort=asc"));
        assert_ne!(words("http://h/c?q=a"), words("http://h/c?q=b"));
    }

    #[test]
    fn a_shape_that_repeats_itself_is_set_aside_and_one_that_brings_something_is_not() {
        let mut same = Sameness::default();
        for month in 0..=REPEATING {
            let url = format!("http://h/rili?m={month}");
            assert!(!same.keeps(&lease(&url)), "{month}");
            let next = format!("http://h/rili?m={}", month + 1);
            same.page(&lease(&url), &facts(&[]), [(month + 100, &*next)].into_iter(), &[&next]);
        }
        let next = lease("http://h/rili?m=99");
        assert!(same.keeps(&next));
        assert_eq!(same.left(0), (1, vec!["http://h/rili?m".to_owned()]));
        // It is tried once more, and what it brings opens the shape again.
        assert_eq!(same.trial("h"), Some(next.clone()));
        assert!(same.keeps(&lease("http://h/rili?m=98")));
        let back = same.page(&next, &facts(&[]), [(7, "http://h/a.html")].into_iter(), &["http://h/a.html"]);
        assert_eq!(back.len(), 1);
        assert!(!same.keeps(&next) && same.left(0).0 == 0);
    }

    #[test]
    fn lists_and_articles_are_never_set_aside() {
        let mut same = Sameness::default();
        for page in 0..2000_u32 {
            let url = format!("http://h/list?page={page}");
            // Titles that differ in figures alone, of articles known from elsewhere.
            let article = format!("http://h/a/{page}.html");
            assert!(!same.keeps(&lease(&url)), "{page}");
            same.page(&lease(&url), &facts(&[]), [(page, &*article)].into_iter(), &[]);
            // Names without links.
            let url = format!("http://h/names?page={page}");
            assert!(!same.keeps(&lease(&url)), "{page}");
            same.page(&lease(&url), &facts(&[2 * page + 1000, 2 * page + 1001]), std::iter::empty(), &[]);
            let url = format!("http://h/zw/{page}.html");
            assert!(!same.keeps(&lease(&url)), "{page}");
            let whole = vec![Run { hash: page + 1, long: true }];
            let text = PageFacts { kind: PageKind::Article, texture: whole, ..facts(&[]) };
            same.page(&lease(&url), &text, std::iter::empty(), &[]);
        }
    }

    #[test]
    fn words_that_bring_nothing_end_the_asking_for_words() {
        let mut same = Sameness::default();
        let pages = (0..).take_while(|word| {
            let url = format!("http://h/search?q=w{word}");
            let what = lease(&url);
            if same.keeps(&what) {
                return false;
            }
            // Every answer has rows of its own, all of them known.
            let article = format!("http://h/a/{word}.html");
            same.page(&what, &facts(&[word + 1000, word + 5000]), [(*word, &*article)].into_iter(), &[]);
            true
        });
        assert_eq!(pages.count(), IDLE_WORDS as usize);
        assert!(!same.keeps(&lease("http://h/search?q=w3")), "what was opened goes on");
    }
}
