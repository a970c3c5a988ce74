//! What commands print: to the terminal, or onto a tape where the demo runs them.

use std::cell::RefCell;
use std::io::Write as _;

thread_local! {
    /// What is printed while somebody records it.
    static TAPE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Prints to standard output. A reader that went away (`xuncha list | head -1`) is no failure: what the command does beside
/// printing is done all the same.
pub(super) fn print(text: &str) {
    if !tape(text) {
        let _ = std::io::stdout().write_all(text.as_bytes());
    }
}

/// Prints to standard error, as [`print`].
pub(super) fn print_err(text: &str) {
    if !tape(text) {
        let _ = std::io::stderr().write_all(text.as_bytes());
    }
}

/// Prints a line to standard output, as [`print`].
pub(crate) fn say(text: &str) {
    print(&format!("{text}\n"));
}

/// Does `work`, and gives back what it printed in this thread beside its result.
pub(super) fn taped<T>(work: impl FnOnce() -> T) -> (T, String) {
    TAPE.with(|tape| *tape.borrow_mut() = Some(String::new()));
    let result = work();
    (result, TAPE.with(|tape| tape.borrow_mut().take()).unwrap_or_default())
}

/// Whether what is printed now is recorded.
pub(super) fn is_taped() -> bool {
    TAPE.with(|tape| tape.borrow().is_some())
}

fn tape(text: &str) -> bool {
    TAPE.with(|tape| match tape.borrow_mut().as_mut() {
        Some(tape) => {
            tape.push_str(text);
            true
        }
        None => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tape_takes_what_is_printed_and_no_more() {
        let (result, said) = taped(|| {
            say("甲");
            print_err("乙\n");
            is_taped()
        });
        assert!(result);
        assert_eq!(said, "甲\n乙\n");
        assert!(!is_taped());
    }
}
