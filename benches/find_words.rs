//! What looking for words costs: 2,000 words for typos, 5,000 forbidden ones and the numbers of persons, each alone and all together,
//! and the same with all shipped lists, in processor time of one thread.
//!
//! `cargo bench --bench find_words -- FILE [ROUNDS]`: `FILE` holds text in UTF-8, one block a line; without it the text is invented.
#![allow(clippy::print_stdout, reason = "a benchmark's result is what it prints")]

use std::fmt::Write as _;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use xuncha::facts::personal::mask;
use xuncha::words::files::{List, WordFiles};
use xuncha::words::{Asked, Tier, Words};

fn main() {
    let mut args = std::env::args().skip(1).filter(|arg| arg != "--bench");
    let text = args.next().and_then(|path| std::fs::read_to_string(path).ok()).unwrap_or_else(invented);
    let rounds: u32 = args.next().and_then(|rounds| rounds.parse().ok()).unwrap_or(3);
    let with = |files: WordFiles| files.with(List::Forbidden, "forbidden", invented_words(5_000, 11));
    let some = with(WordFiles::default().with(List::Never, "typos", invented_words(2_000, 7)));
    let (typos, forbidden) = (Some(Tier::Context), true);
    let nothing = Asked { typos: None, forbidden: false, superseded: false };
    let parts = [
        ("typos", Asked { typos, ..nothing }, false),
        ("forbidden", Asked { forbidden, ..nothing }, false),
        ("numbers of persons", nothing, true),
        ("together", Asked { typos, forbidden, ..nothing }, true),
    ];
    println!(
        "{} bytes, best of {rounds} rounds; goal: {GOAL} MB/s together with 2,000 and 5,000 words",
        text.len()
    );
    for (name, files) in
        [("2,000 and 5,000 words", some), ("shipped lists and 5,000 words", with(WordFiles::shipped()))]
    {
        let start = thread_time();
        let Ok(words) = Words::load(&files) else { continue };
        println!("{name}, loaded in {} ms", thread_time().saturating_sub(start).as_millis());
        for (part, asked, numbers) in parts {
            let mut best = Duration::MAX;
            let mut found = 0;
            for _ in 0..rounds {
                found = 0;
                let start = thread_time();
                for line in text.lines() {
                    if asked != nothing {
                        found += words.look(line, asked).len();
                    }
                    if numbers {
                        found += mask(line).1.len();
                    }
                }
                best = best.min(thread_time().saturating_sub(start));
            }
            let speed = u128::try_from(text.len()).unwrap_or(0) / best.as_micros().max(1);
            println!("  {part}: {speed} MB/s, {found} found");
        }
    }
}

/// Megabytes a second and core.
const GOAL: u32 = 100;

/// Characters of the commonest part of the block, drawn by a fixed rule.
fn drawn(seed: &mut u64) -> char {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    char::from_u32(0x4E00 + u32::try_from(*seed >> 33).unwrap_or(0) % 3_000).unwrap_or('一')
}

fn invented() -> String {
    let mut seed = 1;
    (0..100_000).fold(String::new(), |mut text, line| {
        text.extend((0..50).map(|_| drawn(&mut seed)));
        // Official texts are full of dates and numbers; one line in a hundred names a person's.
        let _ = write!(text, "〔2026〕{line}号，2026年11月{}日", 1 + line % 30);
        if line % 100 == 0 {
            let _ = write!(text, "张三 138{:08}", 10_203_040 + line);
        }
        text.push('\n');
        text
    })
}

fn invented_words(count: u32, mut seed: u64) -> String {
    (0..count).fold(String::new(), |mut rows, number| {
        let word: String = (0..2 + number % 4).map(|_| drawn(&mut seed)).collect();
        let _ = writeln!(rows, "{word}\t正确{number}");
        rows
    })
}

fn thread_time() -> Duration {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(u64::try_from(now.tv_sec).unwrap_or(0), u32::try_from(now.tv_nsec).unwrap_or(0))
}
