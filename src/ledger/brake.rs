//! The brake before an approval: a batch that accuses far more than the last one is held for a second thought.
#![deny(clippy::disallowed_methods)]

/// A batch of more than this many times the last one's cases …
pub const MORE_TIMES: usize = 3;
/// … and of more than this many cases beyond it is held.
pub const MORE_BY: usize = 20;

/// Why an approval should not go through without another word.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Brake {
    /// No batch was ever approved, and nobody has looked at the candidates.
    #[error(
        "这是首个批次，首次巡查的结果须先经人工核对：请用 xuncha list --candidates --out 待核清单.xlsx 导出，逐项填写后用 --from 附上"
    )]
    First,
    /// Far more cases than in the last batch.
    #[error(
        "本批拟交办 {now} 项，上一批 {last} 项，明显增多。请先核对是否误报（规则、网络或网站防护有无变化）；确认无误后加 --yes-more"
    )]
    FarMore {
        /// Cases of this batch.
        now: usize,
        /// Cases of the last one.
        last: usize,
    },
}

/// The brake that holds a batch of `now` cases after one of `last` (`None` = there was none), whose candidates
/// a person has `reviewed` one by one or not.
pub fn brake(now: usize, last: Option<usize>, reviewed: bool) -> Option<Brake> {
    match last {
        None => (!reviewed && now > 0).then_some(Brake::First),
        Some(last) => (now > last.saturating_mul(MORE_TIMES) && now > last.saturating_add(MORE_BY))
            .then_some(Brake::FarMore { now, last }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_only_what_is_far_more() {
        assert_eq!(brake(31, Some(10), true), Some(Brake::FarMore { now: 31, last: 10 }));
        for (now, last) in [(30, 10), (20, 0), (60, 20), (25, 5), (0, 0)] {
            assert_eq!(brake(now, Some(last), false), None, "{now} after {last}");
        }
        assert_eq!(brake(21, Some(0), true), Some(Brake::FarMore { now: 21, last: 0 }));
    }

    #[test]
    fn the_first_batch_wants_a_review() {
        assert_eq!(brake(1, None, false), Some(Brake::First));
        assert_eq!(brake(500, None, true), None);
        assert_eq!(brake(0, None, false), None);
    }
}
