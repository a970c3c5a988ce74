//! Documents to bytes: XLSX and HTML. Knows how a paper looks; decides nothing that it says.

mod html;
pub mod sheets;
pub mod text;
pub mod xlsx;

pub use html::html;
