//! Cases for `marks.rs`: the marks in every form that publishing systems give them.

use super::*;
use crate::facts::tokens;

fn marks(html: &str) -> Footer {
    let (page, _) = tokens::read(html, &mut || false);
    read(&page, &Regions::read(&page))
}

#[test]
fn marks_in_plain_text() {
    let footer = marks(
        "<div class=footer><p>网站标识码：<b>1304000009</b> <a href='https://beian.miit.gov.cn/'>冀ICP备 13001288号-2</a></p><p>冀公网安备 13040202000007号</p>\
         <script id='_jiucuo_' sitecode='1304000009' src='https://zfwzgl.www.gov.cn/exposure/jiucuo.js'></script></div>",
    );
    assert_eq!(footer.site_code, ["1304000009"]);
    assert_eq!(footer.icp, ["冀ICP备 13001288号-2"]);
    assert_eq!(footer.gongan, ["冀公网安备 13040202000007"]);
    assert_eq!(footer.jiucuo, ["1304000009"]);
    assert!(!footer.conac && footer.is_static);
    assert_eq!(marks("<p>网站标识码bm17000009 京ICP备05070218号</p>").site_code, ["bm17000009"]);
}

#[test]
fn marks_written_by_script() {
    let footer = marks(
        "<script>document.write(unescape(\"%3Cspan id='_ideConac' %3E%3C/span%3E%3Cscript src='//dcs.conac.cn/js/1/CA1.js'%3E%3C/script%3E\"));</script>",
    );
    assert!(footer.conac);
    assert!(!marks("<!-- <a href='http://bszs.conac.cn/sitename?id=1'>x</a> -->").conac);
    assert_eq!(
        marks("<a href='https://zfwzgl.www.gov.cn/exposure/jiucuo.html?site_code=6101000007&url=x'>找错</a>")
            .jiucuo,
        ["6101000007"]
    );
}

fn signs(html: &str) -> Signs {
    marks(html).signs.expect("read by this version")
}

#[test]
fn marks_in_whatever_form() {
    let all = signs(
        "<div class=footer><a href='http://bszs.conac.cn/sitename?method=show&id=X'><img src='red.png'></a><p>主办：甲县人民政府办公室 联系电话：0000-0000000</p>\
         <a href='https://beian.miit.gov.cn/'>备案</a><a href='http://www.beian.gov.cn/portal/registerSystemInfo?recordcode=1'><img src=g.png></a>\
         <img src=jc.png alt='我为政府网站找错'><a href=/wzdt/>网站地图</a> 标识码 无</div>",
    );
    assert_eq!(
        all.shown,
        [
            Mark::Conac,
            Mark::SiteCode,
            Mark::Icp,
            Mark::Gongan,
            Mark::Jiucuo,
            Mark::Host,
            Mark::Contact,
            Mark::SiteMap
        ]
    );
    assert!(all.foot && !all.scripted);
    assert_eq!(all.links.len(), 3);
    let none = signs("<p>正文</p>");
    assert!(none.shown.is_empty() && !none.foot && none.links.is_empty());
    assert!(signs("<p>正文</p><div>技术支持：甲</div>").foot);
    assert_eq!(signs("<a href='http://www.conac.example/'>x</a>").shown, []);
}

#[test]
fn a_script_in_the_foot_may_bring_more() {
    let foot = |inside: &str| signs(&format!("<div class=footer><p>主办：甲县</p>{inside}</div>")).scripted;
    assert!(foot("<script src='/js/beian.js'></script>"));
    assert!(foot("<script>document.write('<img src=g.png>')</script>"));
    assert!(foot("<iframe src='/foot2.html'></iframe>"));
    assert!(!foot(
        "<script src='//dcs.conac.cn/js/1/CA1.js'></script><script src='/js/jquery.min.js'></script>"
    ));
    assert!(!foot("<script>document.write(unescape(\"%3Cspan id='_ideConac' %3E%3C/span%3E\"));</script>"));
    assert!(!foot("<script>var a = 1;</script>"));
}

#[test]
fn a_picture_or_a_hover_text_shows_the_site_map_and_news_show_no_badge() {
    assert_eq!(signs("<a href=/map/><img src=m.gif alt='网站地图'></a>").shown, [Mark::SiteMap]);
    assert_eq!(signs("<a href=/map/ title=' 站点地图 '><i></i></a>").shown, [Mark::SiteMap]);
    assert_eq!(signs("<a href=/a.html title='新版网站地图上线的通知'>新版</a>").shown, []);
    assert_eq!(signs("<img src=g.png alt='公安备案图标'>").shown, [Mark::Gongan]);
    assert_eq!(signs("<img src=g.png alt='公安'>").shown, [Mark::Gongan]);
    assert_eq!(signs("<img src=n.jpg alt='县公安局开展冬季交通安全宣传'>").shown, []);
}

#[test]
fn a_footer_that_a_script_writes_is_not_seen() {
    let is_static = |script: &str| {
        let html = format!("<p>正文</p><script>{script}</script>");
        let (page, _) = tokens::read(&html, &mut || false);
        read(&page, &Regions::read(&page)).is_static
    };
    assert!(!is_static("document.writeln(\"<p>网站标识码：9900000001</p>\");"));
    assert!(!is_static("$.ajax({url: '/common/footer.html', success: show})"));
    assert!(is_static("$.ajax({url: '/hits.jsp', success: function (n) { el.style.bottom = '1px' }})"));
    assert!(is_static("document.write('<b>' + new Date() + '</b>')"));
}

#[test]
fn addresses_of_entries_are_kept() {
    let old =
        signs("<a href='http://pucha.kaipuyun.cn/exposure/jiucuo.html?site_code=9900000001&url=x'>找错</a>");
    assert_eq!(
        old.links,
        [MarkLink {
            mark: Mark::Jiucuo,
            url: "http://pucha.kaipuyun.cn/exposure/jiucuo.html?site_code=9900000001&url=x".to_owned()
        }]
    );
    let script = signs(
        "<script id='_jiucuo_' sitecode='9900000001' src='https://zfwzgl.www.gov.cn/exposure/jiucuo.js'></script>",
    );
    assert_eq!(script.links.len(), 1);
    assert_eq!(script.shown, [Mark::Jiucuo]);
}

#[test]
fn numbers_as_they_are_printed() {
    let read = |text: &str| {
        let footer = marks(text);
        [footer.site_code, footer.icp, footer.gongan].concat().join("|")
    };
    for (text, want) in [
        ("京ICP证030173号", "京ICP证030173号"),
        ("蜀 ICP 备 12345 号 - 1 x", "蜀 ICP 备 12345 号 - 1"),
        ("粤ICP备B2-20090059", "粤ICP备B2-20090059"),
        ("网站ICP备案：甲", ""),
        ("ICP备123456号", ""),
        ("渝ICP备123456789012345", ""),
        ("京公网安备：\n 11010202000001号", "京公网安备： 11010202000001"),
        ("公网安备 1101", ""),
        ("政府网站标识码：\n\u{a0}<b>N123456789</b>", "N123456789"),
        ("网站标识码为BM12345678", "BM12345678"),
        ("标识码：510000", ""),
        ("网站标识码：１１０００００００１", "1100000001"),
        ("网站标识码：【ｂｍ１７０００００９】", "bm17000009"),
        ("网站标识码\u{200b}：11 0000\u{a0}0001", "1100000001"),
        ("标识编码：1100000001 标识号：1100000001", "1100000001"),
        ("网站识别码（1100000001）", "1100000001"),
        ("网站标识码：1100000001 010-65000000", "1100000001"),
        ("网站标识码：11000000012", ""),
        ("网站标识码：110000 0001 65000000", ""),
        ("网站标识码：1100000001ICP备案", "1100000001"),
        ("网站标识码见证书 1100000001", ""),
        ("（京）ICP备05000000号", "京ICP备05000000号"),
        ("京ICP备（05000000）号－3", "京ICP备05000000号-3"),
        ("京ICP（备）05000000号", "京ICP备05000000号"),
        ("京ＩＣＰ备０５００００００号", "京ICP备05000000号"),
        ("京icp备05000000号", "京ICP备05000000号"),
        ("ICP备案编号：京05000000号", "京ICP备05000000号"),
        ("网站ICP备案号：京ICP备05000000号", "京ICP备05000000号"),
        ("ICP备案：北京市通信管理局05000000", ""),
        ("京公网安备【11000002000001】号", "京公网安备11000002000001"),
        ("京公网安备第 1100 0002 000001 号", "京公网安备 11000002000001"),
        ("公安备案号：11000002000001", "11000002000001"),
        ("京公网安备110000020000012", ""),
        ("公安备案查询 11000002000001", ""),
        ("标识码是1104010001 川公网安备51010402000507号", "1104010001|川公网安备51010402000507"),
    ] {
        assert_eq!(read(text), want, "{text}");
    }
    assert_eq!(
        read("<img alt='网站标识码：1100000001'><img title='京ICP备05000000号'>"),
        "1100000001|京ICP备05000000号"
    );
    let both = "<img alt='网站标识码：1100000002'>网站标识码：1100000001";
    assert_eq!(read(both), "1100000001", "text speaks before pictures");
    let far = format!("网站标识码：1111111111{}网站标识码：2222222222", "文".repeat(2000));
    assert_eq!(read(&far), "2222222222", "the tail speaks before the body");
    let only = format!("网站标识码：1111111111{}", "文".repeat(2000));
    assert_eq!(read(&only), "1111111111");
}

#[test]
fn footers_that_are_not_in_the_source() {
    assert!(!marks("<p>正文</p><!--页脚开始--><script src='static/17081.js'></script>").is_static);
    assert!(!marks("<p>正文</p><div id='footer'></div>").is_static);
    assert!(!marks("<p>正文</p><script>$('#foot').load('/inc/foot.html')</script>").is_static);
    assert!(!marks("<p>正文</p><iframe src='/bottom.html'></iframe>").is_static);
    assert!(marks("<p>正文</p><div class=foot>主办：甲县人民政府办公室</div>").is_static);
    assert!(marks("<p>正文</p>").is_static);
}

#[test]
fn marks_in_unusual_letters_are_shown() {
    for (text, want) in [
        ("<p>网站标识编码：1305340001</p>", Mark::SiteCode),
        ("<p>网站识别码 1305340001</p>", Mark::SiteCode),
        ("<p>網站標识号</p><p>网站标识号：1305340001</p>", Mark::SiteCode),
        ("<p>網站标识码：１３０５３４０００１</p>", Mark::SiteCode),
        ("<p>冀ＩＣＰ备１３００１２８８号</p>", Mark::Icp),
        ("<p>冀icp备13001288号</p>", Mark::Icp),
        ("<p>冀ICP 字13001288号</p>", Mark::Icp),
        ("<img src=a.png alt='网站标识码1305340001'>", Mark::SiteCode),
        ("<img src=a.png title='冀ICP备13001288号'>", Mark::Icp),
    ] {
        assert_eq!(signs(text).shown, [want], "{text}");
    }
}
