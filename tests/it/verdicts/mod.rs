//! How often the program calls broken what is well: every scenario of firewalls, passing faults, cut answers and failures
//! of our own, under fifty seeds each; with planted breakages and planted blunders that must be noticed.

mod answers;
mod scenarios;
mod served;
mod world;

use std::collections::{BTreeMap, BTreeSet};

use xuncha::finding::{Finding, State};

use self::scenarios::{Scenario, broken, healthy};
use self::world::{Blunder, play};

/// Seeds a scenario is played under.
const SEEDS: u64 = 50;

/// What is said of a page or site that is well and may not be: confirmed, whatever the rule.
fn accusations(findings: &[Finding]) -> impl Iterator<Item = &Finding> {
    findings.iter().filter(|finding| finding.state == State::Confirmed)
}

/// Scenarios in which somebody is accused, with the number of seeds that do so and one accusation of each.
fn wrong(scenarios: &[Scenario], seeds: u64) -> BTreeMap<String, (u64, String)> {
    let mut wrong = BTreeMap::new();
    for scenario in scenarios {
        for seed in 0..seeds {
            let findings = play(scenario, seed, Blunder::None);
            if let Some(first) = accusations(&findings).next() {
                let said = format!("seed {seed}: {} {} {}", first.rule, first.url, first.description);
                wrong.entry(scenario.name.clone()).or_insert((0, said)).0 += 1;
            }
        }
    }
    wrong
}

#[expect(clippy::print_stderr, reason = "how many were played is part of the result")]
fn accuse_nobody(scenarios: &[Scenario], seeds: u64) {
    let names: BTreeSet<&str> = scenarios.iter().map(|scenario| scenario.name.as_str()).collect();
    assert_eq!(names.len(), scenarios.len(), "every scenario is another");
    let (one, other) = scenarios.split_at(scenarios.len() / 2);
    let wrong = std::thread::scope(|scope| {
        let beside = scope.spawn(|| wrong(one, seeds));
        let mut all = wrong(other, seeds);
        all.extend(beside.join().expect("played"));
        all
    });
    let told: Vec<String> =
        wrong.iter().map(|(name, (seeds, said))| format!("{name} ({seeds} seeds): {said}")).collect();
    assert!(wrong.is_empty(), "{} of {} scenarios:\n{}", wrong.len(), scenarios.len(), told.join("\n"));
    eprintln!("{} scenarios, {} verdicts", scenarios.len(), scenarios.len() as u64 * seeds);
}

#[test]
fn ten_thousand_verdicts_accuse_nobody() {
    let scenarios = healthy(1);
    assert!(scenarios.len() >= 200, "{} scenarios", scenarios.len());
    assert!(scenarios.len() as u64 * SEEDS >= 10_000);
    accuse_nobody(&scenarios, SEEDS);
}

#[test]
fn every_answer_in_every_place_accuses_nobody() {
    accuse_nobody(&healthy(5), 3);
}

#[test]
#[ignore = "every answer in every place under every seed: half a minute in release mode"]
fn sixty_thousand_verdicts_accuse_nobody() {
    accuse_nobody(&healthy(5), SEEDS);
}

#[test]
fn planted_breakages_are_confirmed() {
    let mut missed = Vec::new();
    for scenario in broken() {
        for seed in 0..SEEDS {
            let findings = play(&scenario, seed, Blunder::None);
            let links =
                accusations(&findings).filter(|f| matches!(f.rule.as_str(), "broken-link" | "soft-404"));
            if links.count() != 1 {
                missed.push(format!("{} under seed {seed}", scenario.name));
            }
        }
    }
    assert!(missed.is_empty(), "{}:\n{}", missed.len(), missed.join("\n"));
}

#[test]
fn planted_blunders_are_noticed() {
    let scenarios = healthy(5);
    for blunder in [Blunder::WallsAreGone, Blunder::OneTry, Blunder::NoControl, Blunder::NothingVoid] {
        let noticed = scenarios
            .iter()
            .any(|scenario| (0..3).any(|seed| accusations(&play(scenario, seed, blunder)).next().is_some()));
        assert!(noticed, "{blunder:?} goes unnoticed");
    }
}
