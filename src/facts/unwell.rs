//! Pages that a server sent in place of the one asked for because something behind it failed.

/// The words by which a page says so.
pub fn says_server_error(text: &str) -> Option<&'static str> {
    const WORDS: [&str; 16] = [
        "OLE DB Provider",
        "ODBC Driver",
        "[Microsoft][ODBC",
        "SQLException",
        "java.lang.",
        "Stack trace",
        "Server Error in",
        "Fatal error:",
        "mysql_connect",
        "SQLSTATE[",
        "Internal Server Error",
        "HTTP Status 50",
        "HTTP 错误 50",
        "Service Unavailable",
        "Bad Gateway",
        "数据库连接失败",
    ];
    WORDS.iter().find(|word| text.contains(**word)).copied()
}

/// The words by which a page of a few words asks to come back later.
pub fn asks_to_retry(text: &str) -> Option<&'static str> {
    const WORDS: [&str; 9] = [
        "系统繁忙",
        "服务器繁忙",
        "加载失败",
        "请稍后再试",
        "请稍后重试",
        "刷新重试",
        "系统维护中",
        "系统升级中",
        "访问过于频繁",
    ];
    WORDS.iter().find(|word| text.contains(**word)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_and_no_errors() {
        assert!(says_server_error("Microsoft OLE DB Provider for ODBC Drivers 错误 '80004005'").is_some());
        assert!(says_server_error("关于加强数据库管理的通知").is_none());
    }
}
