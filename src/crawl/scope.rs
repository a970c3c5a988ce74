//! Which URLs belong to which site, and which are traps. Pure.
