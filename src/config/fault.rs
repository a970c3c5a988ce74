//! The user's errors: every fault of a file with its place, all told at once.

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
