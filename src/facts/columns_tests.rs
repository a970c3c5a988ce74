//! Tests of names and trails.

use super::*;

#[test]
fn names_of_columns() {
    for (text, is) in [
        ("通知公告", true),
        ("  · 要闻 ", true),
        ("12345热线", true),
        ("首页", false),
        ("首 页", false),
        ("更多>>", false),
        ("MORE+", false),
        ("ENGLISH", false),
        ("2026", false),
        ("1", false),
        ("关于印发示例市二〇二六年政务公开工作要点的通知", false),
        ("", false),
    ] {
        assert_eq!(is_name(text), is, "{text}");
    }
}

#[test]
fn trails_lead_from_below_the_home_page_to_the_column() {
    let home = "http://a.example/";
    let crumb = |name: &str, url: Option<&str>| Crumb { name: name.to_owned(), url: url.map(str::to_owned) };
    let names = |crumbs: &[Crumb]| trail(crumbs, home).into_iter().map(|step| step.name).collect::<Vec<_>>();
    let open = || crumb("政务公开", Some("http://a.example/zwgk/index.html#top"));
    assert_eq!(
        names(&[crumb("示例市", Some("http://a.example/index.html")), open(), open(), crumb("正文", None)]),
        ["政务公开"]
    );
    assert_eq!(trail(&[open()], home)[0].url.as_deref(), Some("http://a.example/zwgk/"));
    let sentence: Vec<Crumb> = (0..9).map(|n| crumb(&format!("第{n}步"), None)).collect();
    assert_eq!(names(&sentence), Vec::<String>::new());
}
