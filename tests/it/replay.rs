//! Stored facts judged again, through the real binary.
