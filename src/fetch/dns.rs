//! Name resolution that yields only addresses the egress policy allows.
