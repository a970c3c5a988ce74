//! The user's errors: every fault of a file with its place, all told at once; and notices, which stop nothing.

use std::fmt;

/// One fault in a file that a person wrote.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// The file as named to the program.
    pub file: String,
    /// Line, or row of a table, from 1.
    pub line: u32,
    /// Column from 1, in characters; of a table, the cell's column.
    pub column: u32,
    /// What is wrong and what would be right.
    pub message: String,
}

impl Fault {
    /// A fault at `file:line:column`.
    pub fn new(file: impl Into<String>, line: u32, column: u32, message: impl Into<String>) -> Self {
        Self { file: file.into(), line, column, message: message.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.message)
    }
}

/// All faults found in the files of one installation. Ends the program with exit code 2 before any
/// network, database or mail I/O.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct Faults(pub Vec<Fault>);

impl Faults {
    /// `Ok(value)` where nothing is wrong, otherwise the faults sorted by file and place, each told once.
    ///
    /// # Errors
    /// The faults, if there are any.
    pub fn none_or<T>(mut faults: Vec<Fault>, value: T) -> Result<T, Self> {
        if faults.is_empty() {
            return Ok(value);
        }
        faults.sort();
        faults.dedup();
        Err(Self(faults))
    }
}

/// Something in a file that a person should know and that stops nothing: an unused heading, a GBK file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Notice {
    /// The file as named to the program.
    pub file: String,
    /// Line, or row of a table, from 1.
    pub line: u32,
    /// Column from 1.
    pub column: u32,
    /// What was noticed, and what the program does about it.
    pub message: String,
}

impl Notice {
    /// A notice at `file:line:column`.
    pub fn new(file: impl Into<String>, line: u32, column: u32, message: impl Into<String>) -> Self {
        Self { file: file.into(), line, column, message: message.into() }
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: 提示：{}", self.file, self.line, self.column, self.message)
    }
}

/// The candidate that `word` was probably meant to be; `None` where nothing is close.
///
/// Close is at most one edit in three characters, or one name abbreviating the other by leaving characters
/// out, as offices do: 市交通局 for 示例市交通运输局.
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = word.chars().count();
    candidates
        .into_iter()
        .filter_map(|candidate| {
            let distance = strsim::damerau_levenshtein(&word.to_lowercase(), &candidate.to_lowercase());
            let longest = length.max(candidate.chars().count());
            let near = distance <= (longest / 3).max(1) && distance < longest;
            let shortest = length.min(candidate.chars().count());
            let short = shortest >= 3 && (abbreviates(word, candidate) || abbreviates(candidate, word));
            (near || short).then_some((distance, candidate))
        })
        .min()
        .map(|(_, candidate)| candidate)
}

/// `，您是否想写“…”？`, or nothing where no candidate is close.
pub fn suggestion<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    did_you_mean(word, candidates).map(|found| format!("，您是否想写“{found}”？")).unwrap_or_default()
}

fn abbreviates(short: &str, long: &str) -> bool {
    let mut rest = long.chars();
    short.chars().all(|c| rest.any(|other| other == c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_sorted_and_told_once() {
        let fault = |line| Fault::new("a.csv", line, 1, "x");
        let told = Faults::none_or(vec![fault(3), fault(1), fault(3)], ()).expect_err("there are faults");
        assert_eq!(told.to_string(), "a.csv:1:1: x\na.csv:3:1: x");
        assert_eq!(Faults::none_or(Vec::new(), 7), Ok(7));
    }

    #[test]
    fn suggestions_are_near_or_none() {
        let units = ["示例市交通运输局", "示例市教育局", "示例县人民政府办公室"];
        assert_eq!(did_you_mean("示例市交通局", units), Some("示例市交通运输局"));
        assert_eq!(did_you_mean("交通运输局", units), Some("示例市交通运输局"));
        assert_eq!(did_you_mean("市交局", units), Some("示例市交通运输局"));
        assert_eq!(did_you_mean("别处某公司", units), None);
        assert_eq!(did_you_mean("rate-per-hots", ["rate-per-host", "rate-per-group"]), Some("rate-per-host"));
        assert_eq!(did_you_mean("x", ["y"]), None);
    }
}
