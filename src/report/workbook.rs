//! Workbooks that come back from people, as sheets of cells; a damaged file is a fault, whatever its reader does.

use std::io::Cursor;
use std::panic::catch_unwind;

use calamine::{Data, Range, Reader as _};

/// Every sheet with its name.
///
/// # Errors
/// Why it is no workbook, in the reader's words.
pub(super) fn worksheets(bytes: &[u8]) -> Result<Vec<(String, Range<Data>)>, String> {
    // The reader computes with what stands in the file, and stops the program where that is nonsense.
    catch_unwind(|| {
        calamine::open_workbook_auto_from_rs(Cursor::new(bytes)).map(|mut book| book.worksheets())
    })
    .map_err(|_| "文件已损坏".to_owned())?
    .map_err(|error| error.to_string())
}
