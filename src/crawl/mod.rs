//! Which URL next, how fast, and within what bounds.

pub mod frontier;
pub mod gate;
pub mod pace;
pub mod robots;
pub mod scope;
pub mod worker;
