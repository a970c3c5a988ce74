//! Configuration of one installation: the file as written (`raw`), and as checked ([`valid`]).

pub mod fault;
pub mod raw;
pub mod valid;
