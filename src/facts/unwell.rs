//! Pages that a server sent in place of the one asked for because something behind it failed.

/// The words by which a page says so.
pub fn says_server_error(text: &str) -> Option<&'static str> {
    const WORDS: [&str; 22] = [
        "Error establishing a database connection",
        "应用程序中的服务器错误",
        "Welcome to nginx",
        "IIS Windows Server",
        "403 Forbidden",
        "403 - 禁止访问",
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

/// The words by which a home page of a few words says that there is no site behind it now.
pub fn is_no_home(text: &str) -> Option<&'static str> {
    const WORDS: [&str; 6] = ["暂停服务", "停止服务", "网站已迁移", "本站已迁移", "网站关停", "域名出售"];
    let said = WORDS.iter().find(|word| text.contains(**word)).copied();
    said.or_else(|| says_server_error(text)).or_else(|| asks_to_retry(text))
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
    WORDS.iter().find(|word| text.contains(**word)).copied().or_else(|| is_under_maintenance(text))
}

/// The word by which a text says that the whole system or site is being worked on: it stands for a while, and for every page,
/// unlike a column that is said to be under construction.
fn is_under_maintenance(text: &str) -> Option<&'static str> {
    const WORK: [&str; 4] = ["维护", "升级", "检修", "割接"];
    const WHOLE: [&str; 6] = ["系统", "网站", "本站", "站点", "平台", "服务器"];
    /// Characters between the two, such as 网站正在进行升级.
    const APART: usize = 6;
    WORK.into_iter().find(|work| {
        text.match_indices(work).any(|(at, _)| {
            let before = text.get(..at).unwrap_or_default();
            let from = before.char_indices().rev().nth(APART).map_or(0, |(at, _)| at);
            before.get(from..).is_some_and(|near| WHOLE.iter().any(|whole| near.contains(whole)))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_and_no_errors() {
        assert!(says_server_error("Microsoft OLE DB Provider for ODBC Drivers 错误 '80004005'").is_some());
        assert!(says_server_error("关于加强数据库管理的通知").is_none());
    }

    #[test]
    fn a_home_page_behind_which_there_is_no_site() {
        for text in [
            "Welcome to nginx!",
            "因机房检修，网站暂停服务。",
            "本站已迁移至新址",
            "403 Forbidden nginx/1.20",
        ] {
            assert!(is_no_home(text).is_some(), "{text}");
        }
        assert!(is_no_home("示例市人民政府 政务公开 政务服务 互动交流").is_none());
    }

    #[test]
    fn a_site_at_work_is_not_a_column_without_content() {
        for text in
            ["网站系统升级维护中，给您带来不便敬请谅解。", "本站正在进行升级改造", "系统维护", "服务器检修"]
        {
            assert!(asks_to_retry(text).is_some(), "{text}");
        }
        for text in ["栏目正在维护", "本栏目内容维护中", "网站首页 > 市政设施 > 道路维护"]
        {
            assert!(asks_to_retry(text).is_none(), "{text}");
        }
    }
}
