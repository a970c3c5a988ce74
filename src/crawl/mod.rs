//! Which URL next, how fast, and within what bounds.

mod again;
mod asking;
pub mod budget;
mod calibration;
pub mod files;
mod front;
pub mod frontier;
pub mod gate;
pub mod hours;
mod intake;
mod memory;
pub mod pace;
mod plan;
mod reading;
pub mod robots;
mod sameness;
pub mod scope;
pub mod truce;
mod wanted;
pub mod worker;
mod writing;
