//! Bytes to text in the WHATWG order: header, BOM, meta, guess.
