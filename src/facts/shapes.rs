//! What a URL looks like before it is fetched: a list, an article, a file. Only for the order of work, never for a finding.

use url::Url;

use super::dates;
use super::page::LinkKind;

/// Endings of files to download.
const ATTACHMENTS: &[&str] = &[
    "doc", "docx", "xls", "xlsx", "ppt", "pptx", "pdf", "zip", "rar", "7z", "gz", "tar", "tgz", "wps", "et",
    "dps", "ofd", "ceb", "txt", "csv", "rtf", "exe", "apk", "msi", "caj", "dwg", "docm", "xlsm", "odt",
    "ods", "epub", "iso",
];
const IMAGES: &[&str] = &["jpg", "jpeg", "png", "gif", "bmp", "webp", "svg", "tif", "tiff", "ico"];
const MEDIA: &[&str] = &[
    "mp4", "mp3", "flv", "avi", "wmv", "wma", "mov", "rm", "rmvb", "swf", "m3u8", "wav", "mpg", "mpeg",
    "m4v", "f4v", "ogg", "webm",
];

/// What an `<a>` asks for by the ending of its path.
pub fn kind_by_ending(path: &str) -> LinkKind {
    let name = path.rsplit('/').next().unwrap_or_default();
    let Some((_, ending)) = name.rsplit_once('.') else { return LinkKind::Page };
    if matches!(ending, "html" | "htm" | "shtml" | "jsp" | "do" | "php" | "aspx") {
        return LinkKind::Page;
    }
    let is = |list: &[&str]| list.iter().any(|known| known.eq_ignore_ascii_case(ending));
    if is(ATTACHMENTS) {
        LinkKind::Attachment
    } else if is(IMAGES) {
        LinkKind::Image
    } else if is(MEDIA) {
        LinkKind::Media
    } else {
        LinkKind::Page
    }
}

/// The root of a host or its index page.
pub fn looks_like_home_url(url: &Url) -> bool {
    let path = url.path().trim_start_matches('/');
    if !matches!(url.scheme(), "http" | "https") || path.contains('/') {
        return false;
    }
    // `index.php?catid=9` is every page of a site but its home page.
    let numbered = url.query().is_some_and(|query| query.bytes().any(|b| b.is_ascii_digit()));
    let by_program = ["php", "asp", "aspx", "jsp", "jspx", "do"]
        .iter()
        .any(|ending| path.rsplit('.').next().is_some_and(|own| own.eq_ignore_ascii_case(ending)));
    path.is_empty() && url.query().is_none_or(str::is_empty) || is_index(path) && !(numbered && by_program)
}

/// A directory, an index page or a page of one: probably a list.
pub fn looks_like_list_url(url: &Url) -> bool {
    let path = url.path();
    let name = path.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    if looks_like_article_url(url) {
        return false;
    }
    let stem = name.split('.').next().unwrap_or_default();
    name.is_empty()
        || is_index(&name)
        || ["index_", "list_", "list-", "index-", "col_", "col", "node_", "channel_", "more", "liebiao", "lb"]
            .iter()
            .any(|start| stem.starts_with(start))
        || stem == "list"
}

/// A page with a date or an id of its own: probably an article.
pub fn looks_like_article_url(url: &Url) -> bool {
    let path = url.path();
    let name = path.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    if name.is_empty() || is_index(&name) {
        return false;
    }
    let stem = name.split('.').next().unwrap_or_default();
    if ["index", "list", "col_", "node_", "channel"].iter().any(|start| stem.starts_with(start)) {
        return false;
    }
    let digits = stem.bytes().filter(u8::is_ascii_digit).count();
    dates::in_url(url.as_str()).is_some()
        || ["art_", "content_", "article_", "info_", "c_", "post_", "p_"]
            .iter()
            .any(|start| stem.starts_with(start) && digits > 0)
        || (path.contains("/contents/") || path.contains("/content/")) && digits > 0
        || path.contains("/info/") && digits >= 3
        || (stem.starts_with('t') && digits >= 8)
        || dates::month_in_url(url.as_str()).is_some_and(|(_, month)| month.is_some()) && digits > 0
        || digits >= 6
}

/// An address that only articles have: a whole date in it, or a system's name for articles before the number.
pub fn surely_article_url(url: &Url) -> bool {
    let name = url.path().rsplit('/').next().unwrap_or_default();
    let stem = name.split('.').next().unwrap_or_default();
    let numbered = ["art_", "content_", "article_", "post_"].iter().any(|start| stem.starts_with(start));
    looks_like_article_url(url)
        && (dates::in_url(url.as_str()).is_some() || numbered || url.path().contains("/info/"))
}

fn is_index(name: &str) -> bool {
    let (stem, ending) = name.split_once('.').unwrap_or((name, ""));
    let stem_known =
        ["index", "default", "home", "main"].iter().any(|known| known.eq_ignore_ascii_case(stem));
    let ending_known =
        ["", "html", "htm", "shtml", "shtm", "jsp", "jspx", "asp", "aspx", "php", "do", "jhtml", "xhtml"]
            .iter()
            .any(|known| known.eq_ignore_ascii_case(ending));
    stem_known && ending_known && !(ending.is_empty() && stem.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).expect("a URL")
    }

    #[test]
    fn shapes_of_urls() {
        for (text, home, list, article) in [
            ("http://a.example/", true, true, false),
            ("http://a.example/index.html", true, true, false),
            ("http://a.example/zwgk/", false, true, false),
            ("http://a.example/zwgk/index_3.html", false, true, false),
            ("http://a.example/col/col1234/index.html", false, true, false),
            ("http://a.example/zwgk/202611/t20261102_1.html", false, false, true),
            ("http://a.example/art/2026/11/2/art_12_3456.html", false, false, true),
            ("http://a.example/info/1021/34567.htm", false, false, true),
            ("http://a.example/index.php?m=content&catid=9", false, true, false),
            ("http://a.example/about.html", false, false, false),
        ] {
            let url = url(text);
            assert_eq!(
                (looks_like_home_url(&url), looks_like_list_url(&url), looks_like_article_url(&url)),
                (home, list, article),
                "{text}"
            );
        }
    }

    #[test]
    fn kinds_by_ending() {
        assert_eq!(kind_by_ending("/a/b.PDF"), LinkKind::Attachment);
        assert_eq!(kind_by_ending("/a/b.jpg"), LinkKind::Image);
        assert_eq!(kind_by_ending("/a.pdf/b"), LinkKind::Page);
        assert_eq!(kind_by_ending("/a/b.mp4"), LinkKind::Media);
    }
}
