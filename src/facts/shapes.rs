//! What a URL's shape says of the page behind it, before it is read.

/// Whether the URL looks like an article's.
pub fn looks_like_article_url(url: &str) -> bool {
    url.contains("/t20")
}

/// Whether the URL looks like a list's first or further page.
pub fn looks_like_list_url(url: &str) -> bool {
    url.ends_with('/') || url.contains("/index") || url.contains("/list")
}

/// Whether the URL looks like a further page (2, 3, …) of a list.
pub fn is_further_page(url: &str) -> bool {
    url.contains("index_")
}
