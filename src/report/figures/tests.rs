//! Figures from hand-built histories, checked by hand.
