//! The demo's installation.
