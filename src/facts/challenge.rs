//! Pages that a firewall or bot check shows in a site's place.

/// The name of the firewall or check whose page this is, where it is one.
pub fn challenge(_status: Option<u16>, _headers: &[(String, String)], _text_head: &str) -> Option<String> {
    None
}
