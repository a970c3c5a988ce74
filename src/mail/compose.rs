//! The letter of one unit and batch, HTML and plain text alike.
