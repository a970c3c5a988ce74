//! Which URL next, how fast, and within what bounds.

mod asking;
pub mod budget;
mod calibration;
pub mod frontier;
pub mod gate;
mod hours;
mod memory;
pub mod pace;
mod reading;
pub mod robots;
pub mod scope;
mod wanted;
pub mod worker;
