//! Pages that say of themselves that they are not there.

/// The phrase with which a short page says that what was asked for does not exist.
pub fn says_not_found(_title: &str, text: &str) -> Option<String> {
    text.contains("页面不存在").then(|| "页面不存在".to_owned())
}
