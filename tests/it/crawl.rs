//! Redirects, conditional requests and scope, through the real binary.
