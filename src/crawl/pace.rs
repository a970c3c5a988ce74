//! Politeness: one owner per host and per group of hosts on one address.
