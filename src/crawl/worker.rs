//! The loop that takes leases from the frontier and brings back exchanges and facts.
