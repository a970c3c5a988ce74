//! Documents to bytes: XLSX, DOCX, HTML, text and (feature `pdf`) PDF. Knows how a paper looks; decides nothing that it says.

pub mod docx;
mod docx_parts;
#[cfg(feature = "pdf")]
mod faces;
mod heights;
mod html;
pub mod paper;
#[cfg(feature = "pdf")]
pub mod pdf;
#[cfg(feature = "pdf")]
mod pdf_data;
pub mod sheets;
pub mod text;
pub mod xlsx;

pub(crate) use html::escaped;
pub use html::html;
