//! Tests of word lists.
