//! The straight line from register to ledger, one short function a stage.
