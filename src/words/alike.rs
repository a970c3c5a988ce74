//! Which characters are taken for each other: by sound, by shape.

use std::collections::{BTreeSet, HashMap};

/// First and last character of the main block of Chinese characters.
const BLOCK: std::ops::RangeInclusive<u32> = 0x4E00..=0x9FFF;
const SIZE: usize = 0x9FFF - 0x4E00 + 1;
/// Most pronunciations kept of one character.
const SOUNDS: usize = 3;

/// See the module.
#[derive(Debug, Clone)]
pub(super) struct Alike {
    /// Numbers of syllables by character, as they are and as they are heard; 0 for none.
    sounds: Vec<[(u16, u16); SOUNDS]>,
    /// The characters of each syllable, as it is and as it is heard.
    heard: HashMap<u16, String>,
    /// What each character looks like.
    looks: HashMap<char, Vec<char>>,
}

/// How two characters are alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// They sound the same, tones apart.
    Same,
    /// They sound alike to speakers of the south-west.
    Sound,
    /// They look alike.
    Shape,
}

impl Alike {
    pub(super) fn new(sounds: &[(String, String)], shapes: &[String]) -> Self {
        let mut alike =
            Self { sounds: vec![[(0, 0); SOUNDS]; SIZE], heard: HashMap::new(), looks: HashMap::new() };
        let mut numbers: HashMap<String, u16> = HashMap::new();
        for (syllable, characters) in sounds {
            let mut number_of = |syllable: String| {
                let next = u16::try_from(numbers.len() + 1).unwrap_or(u16::MAX);
                *numbers.entry(syllable).or_insert(next)
            };
            let number = (number_of(syllable.clone()), number_of(broad(syllable)));
            for heard in BTreeSet::from([number.0, number.1]) {
                alike.heard.entry(heard).or_default().push_str(characters);
            }
            for c in characters.chars() {
                let Some(slots) = index(c).and_then(|at| alike.sounds.get_mut(at)) else { continue };
                if !slots.contains(&number)
                    && let Some(free) = slots.iter_mut().find(|slot| slot.0 == 0)
                {
                    *free = number;
                }
            }
        }
        for group in shapes {
            for a in group.chars() {
                alike.looks.entry(a).or_default().extend(group.chars().filter(|b| *b != a));
            }
        }
        alike
    }

    /// The characters that sound alike to `c` or look like it, each once.
    pub(super) fn all_like(&self, c: char) -> Vec<char> {
        let mut all = Vec::new();
        let slots = index(c).and_then(|at| self.sounds.get(at)).copied().unwrap_or_default();
        for number in slots.iter().flat_map(|slot| [slot.0, slot.1]).filter(|number| *number != 0) {
            all.extend(self.heard.get(&number).into_iter().flat_map(|text| text.chars()));
        }
        all.extend(self.looks.get(&c).into_iter().flatten());
        all.sort_unstable();
        all.dedup();
        all.retain(|other| *other != c);
        all
    }

    /// How two different characters are alike; `None` where they are not, or are the same.
    pub(super) fn kind(&self, a: char, b: char) -> Option<Kind> {
        if a == b {
            return None;
        }
        let (one, two) = (self.sounds.get(index(a)?)?, self.sounds.get(index(b)?)?);
        let both = |same: fn(&(u16, u16)) -> u16| {
            one.iter().any(|a| same(a) != 0 && two.iter().any(|b| same(a) == same(b)))
        };
        if both(|sound| sound.0) {
            Some(Kind::Same)
        } else if both(|sound| sound.1) {
            Some(Kind::Sound)
        } else {
            self.looks.get(&b).is_some_and(|looks| looks.contains(&a)).then_some(Kind::Shape)
        }
    }
}

#[inline]
fn index(c: char) -> Option<usize> {
    let code = c as u32;
    BLOCK.contains(&code).then(|| (code - BLOCK.start()) as usize)
}

/// A syllable as speakers of the south-west hear it: zh as z, eng as en, n as l.
fn broad(syllable: &str) -> String {
    let mut out = syllable.replace("zh", "z").replace("ch", "c").replace("sh", "s");
    if out.starts_with('n') {
        out.replace_range(..1, "l");
    }
    for (narrow, wide) in [("ing", "in"), ("eng", "en"), ("ang", "an")] {
        if let Some(stem) = out.strip_suffix(narrow) {
            out = format!("{stem}{wide}");
        }
    }
    out
}
