//! What may be connected to: one function, asked at every literal, every resolved address and every connected peer.
