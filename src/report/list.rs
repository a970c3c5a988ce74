//! The problem list (问题清单) of one unit and batch, and a county's package of them, as plain values.
