//! `xuncha.toml` as it is written: serde structs with spans, unknown keys refused with a suggestion.
