//! The only place that speaks SMTP.
