//! Reading pages and answers into plain facts. Pure: no I/O, no clock, and no knowledge of rules.
//!
//! Extraction never fails: on any bytes it returns facts and gaps, within a bound of time and memory.
#![deny(clippy::disallowed_methods)]

pub mod answer;
pub mod astray;
pub mod blank;
mod calls;
pub mod challenge;
mod charref;
pub mod class;
pub mod columns;
pub mod data;
pub mod dates;
pub mod decode;
pub mod elements;
pub mod files;
pub mod fold;
pub mod grouping;
pub mod hidden;
pub mod html;
pub mod identity;
pub mod impossible;
pub mod ipv6;
mod join;
pub mod joined;
pub mod links;
pub mod lists;
pub mod literal;
pub mod marks;
pub mod outline;
pub mod page;
pub mod pager;
pub mod planted;
pub mod pubdate;
pub mod records;
pub mod regions;
pub mod reply;
pub mod rows;
pub mod script_hosts;
pub mod scripts;
pub mod shapes;
pub mod site;
pub mod soft404;
pub mod sources;
pub mod state;
pub mod survey;
pub mod tags;
pub mod tokens;
