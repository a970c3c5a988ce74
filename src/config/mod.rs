//! Configuration of one installation: the file as written (`raw`), as checked ([`valid`]), and everything an
//! office keeps in files, opened together ([`installation`]).

mod accounts;
pub mod fault;
pub mod installation;
mod mail;
mod raw;
mod read;
pub(crate) mod scalar;
pub mod valid;

pub(crate) use raw::{Document, printable, read_text, unreadable};
pub(crate) use scalar::{date, mail_address, one_line, trim, web_url};
