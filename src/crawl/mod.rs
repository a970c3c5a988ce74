//! Which URL next, how fast, and within what bounds.

mod asking;
pub mod budget;
pub mod frontier;
pub mod gate;
pub mod hours;
pub mod pace;
mod reading;
pub mod robots;
pub mod scope;
pub mod truce;
pub mod worker;
