//! One row a letter and its states; never sends.
