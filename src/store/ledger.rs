//! `ledger.db`: cases, events, batches, letters.
