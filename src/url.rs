//! The only place where a URL is normalised.
