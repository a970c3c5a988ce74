//! Findings and gaps to indicators: met, not met, or undecided.
