//! One request with its redirects, by hand, within limits: URL in, `Exchange` and body out.
