//! Working days by the State Council calendar.
