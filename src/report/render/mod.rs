//! Documents to bytes: XLSX and HTML.
