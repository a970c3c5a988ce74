//! Rules joined to facts: every check on every subject, look by look, to findings, gaps and their confirmation.
