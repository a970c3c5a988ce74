//! Documents to bytes: XLSX, DOCX, HTML and text. Knows how a paper looks; decides nothing that it says.

pub mod docx;
mod docx_parts;
mod html;
pub mod paper;
pub mod sheets;
pub mod text;
pub mod xlsx;

pub(crate) use html::escaped;
pub use html::html;
