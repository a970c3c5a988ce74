//! Hidden links (暗链): of the links to strangers that a reader cannot see, those that nothing on the page will ever show.

use std::collections::HashSet;
use std::num::NonZero;

use super::hidden;
use super::links::{Resolver, domain_of, is_official};
use super::outline::{Attr, NodeId, Outline, Tag};
use super::regions::{Regions, fold};
use super::tokens;

/// Different strangers in a block that bears a name, by which a script could show it, from which on it is planted.
const NAMED_LEAST: usize = 8;
/// Blocks of one page that are looked at: no more is needed to tell of it.
const MOST_BLOCKS: usize = 500;
/// Words of which one in a hidden link's text is enough: nobody hides such a link in a menu.
const STRONG: &[&str] = &[
    "彩票",
    "博彩",
    "赌博",
    "赌场",
    "娱乐城",
    "娱乐场",
    "棋牌",
    "澳门",
    "葡京",
    "百家乐",
    "开奖",
    "六合彩",
    "时时彩",
    "下注",
    "成人视频",
    "色情",
    "情色",
    "av在线",
    "私服",
    "代孕",
    "办证",
    "开发票",
    "代开",
    "代写论文",
    "丰胸",
    "刷单",
    "外挂",
    "网赚",
    "sf999",
    "pg电子",
    "mg电子",
    "真钱",
    "炸金花",
    "一肖",
    "casino",
    "porn",
    "viagra",
    "bet365",
];
/// Words that count where most links of the block have one.
const WEAK: &[&str] = &[
    "代写",
    "小说",
    "发票",
    "减肥",
    "男科",
    "妇科",
    "性病",
    "贷款",
    "加速器",
    "传奇",
    "手游",
    "下载",
    "电影",
    "论文",
    "培训",
    "装修",
    "医院",
    "祛斑",
    "招聘",
    "网店",
    "seo",
    "优化",
    "推广",
    "成人",
];
/// Domains whose names say it.
const DOMAINS: &[&str] = &["casino", "caipiao", "qipai", "bocai", "porn", "bet365"];
/// Counters and their badges, which everybody hides.
const COUNTERS: &[&str] = &[
    "cnzz.com",
    "51.la",
    "baidu.com",
    "umeng.com",
    "51yes.com",
    "linezing.com",
    "alexa.com",
    "webterren.com",
];

/// Domain, URL and text of a link that nobody sees.
type Unseen = (String, String, String);

/// URLs of links to other domains that a reader cannot see, each once: what hides them is no ordinary menu, tab or drop-down.
/// What scripts write into the page is read as what stands in it.
pub fn hidden_links<'a>(
    page: &'a Outline,
    regions: &Regions,
    resolver: &mut Resolver<'a>,
    own: Option<&str>,
) -> Vec<String> {
    let mut resolve = |raw: &'a str| resolver.resolve(raw);
    let mut found = unseen(page, &|id| regions.hidden_by(id), &mut resolve, own);
    for (_, script) in page.raws_of(Tag::Script) {
        let Some(markup) = hidden::written_markup(script) else { continue };
        let (written, _) = tokens::read(&markup, &mut || false);
        let hidden_by = hidden::by(&written);
        let by = |id: NodeId| hidden_by.get(id as usize).copied().flatten().map(NonZero::get);
        found.extend(unseen(&written, &by, &mut |raw| resolver.resolve_loose(raw), own));
    }
    let mut seen = HashSet::new();
    found.retain(|url| seen.insert(url.clone()));
    found
}

fn unseen<'p>(
    page: &'p Outline,
    hidden_by: &dyn Fn(NodeId) -> Option<NodeId>,
    resolve: &mut dyn FnMut(&'p str) -> Option<String>,
    own: Option<&str>,
) -> Vec<String> {
    let mut by_root: Vec<(NodeId, Vec<Unseen>)> = Vec::new();
    for id in page.ids().skip(1) {
        let node = page.node(id);
        let raw = match node.tag {
            Tag::A | Tag::Area => page.attr(id, Attr::Href),
            Tag::Iframe => page.attr(id, Attr::Src),
            _ => None,
        };
        let Some(raw) = raw.filter(|_| !node.inert) else { continue };
        let Some(root) = hidden_by(id) else { continue };
        let Some(url) = resolve(raw) else { continue };
        let Some(domain) = domain_of(&url) else { continue };
        if Some(&*domain) == own || is_official(&domain) || COUNTERS.contains(&&*domain) {
            continue;
        }
        let found = (domain, url, fold(page.text_of(id)).to_lowercase());
        match by_root.last_mut() {
            Some((last, group)) if *last == root => group.push(found),
            _ => by_root.push((root, vec![found])),
        }
    }
    join_neighbours(page, &mut by_root);
    let planted = by_root
        .into_iter()
        .take(MOST_BLOCKS)
        .filter(|(root, group)| is_planted(page, hidden_by, *root, group));
    planted.flat_map(|(_, group)| group).map(|(_, url, _)| url).collect()
}

/// Links that are each hidden by itself, one after the other in one element, are one block.
fn join_neighbours(page: &Outline, by_root: &mut Vec<(NodeId, Vec<Unseen>)>) {
    let mut joined: Vec<(NodeId, Vec<Unseen>)> = Vec::with_capacity(by_root.len());
    for (root, group) in by_root.drain(..) {
        match joined.last_mut() {
            Some((last, known))
                if matches!(page.node(root).tag, Tag::A | Tag::Span | Tag::Font)
                    && page.node(*last).tag == page.node(root).tag
                    && page.node(*last).parent == page.node(root).parent =>
            {
                known.extend(group);
            }
            _ => joined.push((root, group)),
        }
    }
    *by_root = joined;
}

fn is_planted(
    page: &Outline,
    hidden_by: &dyn Fn(NodeId) -> Option<NodeId>,
    root: NodeId,
    group: &[Unseen],
) -> bool {
    let strong = |(domain, _, text): &Unseen| {
        STRONG.iter().any(|lure| text.contains(lure)) || DOMAINS.iter().any(|lure| domain.contains(lure))
    };
    if group.iter().any(strong) {
        return true;
    }
    let weak = group.iter().filter(|(.., text)| WEAK.iter().any(|lure| text.contains(lure))).count();
    let domains: HashSet<&str> = group.iter().map(|(domain, ..)| &**domain).collect();
    if weak * 2 > group.len() && domains.len() >= 3 {
        return true;
    }
    let node = page.node(root);
    // Scripts show by id or class what they hid; what has neither and no trigger is hidden for good.
    let named = page.attr(root, Attr::Id).is_some() || page.attr(root, Attr::Class).is_some();
    let style = page.attr(root, Attr::Style).unwrap_or_default().to_ascii_lowercase();
    // Whoever shows a thing later on hides it in one way.
    if zeroed(&style) && style.contains("opacity") {
        return true;
    }
    let switched = ["display", "visibility", "opacity", "height"].iter().any(|way| style.contains(way));
    if matches!(node.tag, Tag::Script | Tag::Marquee) || (!switched && !named) {
        return true;
    }
    if has_trigger(page, root) || has_visible_twin(page, hidden_by, root) {
        return false;
    }
    let anchor = matches!(node.tag, Tag::A | Tag::Span | Tag::P | Tag::Font | Tag::Li);
    if named { domains.len() >= NAMED_LEAST } else { domains.len() >= 2 || anchor || group.len() == 1 }
}

/// Whether a style sets letters too small to be seen.
fn zeroed(style: &str) -> bool {
    let flat: String = style.chars().filter(|c| !c.is_whitespace()).collect();
    flat.split(';').filter_map(|rule| rule.strip_prefix("font-size:")).any(|size| {
        let digits = size.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(size.len());
        size.get(..digits).and_then(|size| size.parse::<f32>().ok()).is_some_and(|size| size < 2.0)
            && !size.ends_with("em")
            && !size.ends_with('%')
    })
}

/// Of a set of tabs or slides one is shown: an element beside a hidden one, alike but for its style.
fn has_visible_twin(page: &Outline, hidden_by: &dyn Fn(NodeId) -> Option<NodeId>, root: NodeId) -> bool {
    let node = page.node(root);
    let first_class = |id| page.attr(id, Attr::Class).and_then(|names| names.split_ascii_whitespace().next());
    let class = first_class(root);
    let mut beside = node.parent + 1;
    let end = page.node(node.parent).end;
    for _ in 0..200 {
        if beside >= end {
            return false;
        }
        let other = page.node(beside);
        let alike = beside != root
            && other.tag == node.tag
            && hidden_by(beside).is_none()
            && class.is_some()
            && first_class(beside) == class;
        if alike && page.inside(beside).take(60).any(|id| page.node(id).tag == Tag::A) {
            return true;
        }
        beside = other.end.max(beside + 1);
    }
    false
}

/// Something near a hidden block that a reader can point at to open it: 友情链接, a tab, a menu entry.
fn has_trigger(page: &Outline, root: NodeId) -> bool {
    const WORDS: &[&str] = &[
        "链接",
        "网站",
        "部门",
        "媒体",
        "县区",
        "区县",
        "省",
        "市",
        "导航",
        "站群",
        "单位",
        "平台",
        "分享",
        "关注",
        "微信",
        "微博",
        "矩阵",
        "公众号",
        "客户端",
        "更多",
        "菜单",
        "选择",
    ];
    let start = page.node(root).text_start as usize;
    let from = page.text.floor_char_boundary(start.saturating_sub(90));
    let before = page.text.get(from..start).unwrap_or_default();
    if before
        .lines()
        .rev()
        .filter(|line| !line.trim().is_empty())
        .take(2)
        .any(|line| WORDS.iter().any(|word| line.contains(word)))
    {
        return true;
    }
    let parent = page.node(root).parent;
    let opens =
        |id: NodeId| page.attr(id, Attr::OnMouseOver).is_some() || page.attr(id, Attr::OnClick).is_some();
    opens(parent)
        || matches!(page.node(parent).tag, Tag::Li | Tag::Dd | Tag::Dl)
        || page.inside(parent).take(20).take_while(|id| *id < root).any(opens)
}

#[cfg(test)]
mod tests {
    use encoding_rs::UTF_8;
    use url::Url;

    use super::*;

    #[test]
    fn farms_and_menus() {
        let hidden = |html: &str| {
            let (page, _) = tokens::read(html, &mut || false);
            let regions = Regions::read(&page);
            let url = Url::parse("http://www.jia.gov.cn/").expect("a URL");
            let mut resolver = Resolver::new(&page, &url, UTF_8);
            hidden_links(&page, &regions, &mut resolver, Some("jia.gov.cn")).len()
        };
        assert_eq!(
            hidden(
                "<div style='display:none'><a href=http://a.example.com/>一</a><a href=http://b.example.net/>二</a></div>"
            ),
            2
        );
        assert_eq!(
            hidden(
                "<h3>友情链接</h3><ul class=drop style='display:none'><li><a href=http://a.example.com/>一</a><li><a href=http://b.example.net/>二</a></ul>"
            ),
            0
        );
        assert_eq!(
            hidden(
                "<ul><li><a href=/x>公开</a><div style='display:none'><a href=/y>目录</a></div></li></ul>"
            ),
            0
        );
        assert_eq!(
            hidden("<div style='position:absolute;left:-2000px'><a href=http://a.example.com/>一</a></div>"),
            1
        );
        assert_eq!(
            hidden("<div class=tab style='display:none'><a href=http://a.example.com/>澳门开奖</a></div>"),
            1
        );
        assert_eq!(
            hidden("<div class=tab style='display:none'><a href=http://fgw.yi.gov.cn/>发改委</a></div>"),
            0
        );
    }

    /// Invented pages around one block: a site's home page with a navigation, a list and a footer.
    fn told(block: &str) -> usize {
        let html = format!(
            "<!DOCTYPE html><html><head><title>示例县人民政府</title></head><body><div class=nav><a href=/a/>首页</a><a href=/b/>政务公开</a></div>\
             <ul class=list><li><a href=/1.html>示例县召开常务会议</a><span>2026-11-02</span></li><li><a href=/2.html>示例县部署秋收工作</a><span>2026-11-01</span></li></ul>\
             {block}<div class=footer>主办：示例县人民政府办公室</div></body></html>"
        );
        let (page, _) = tokens::read(&html, &mut || false);
        let regions = Regions::read(&page);
        let url = Url::parse("http://www.jia.gov.cn/").expect("a URL");
        let mut resolver = Resolver::new(&page, &url, UTF_8);
        hidden_links(&page, &regions, &mut resolver, Some("jia.gov.cn")).len()
    }

    fn strangers(count: usize, quote: char) -> String {
        (0..count).fold(String::new(), |all, n| {
            all + &format!("<a href={quote}http://www.mosheng{n}.example{n}.com/{quote}>陌生网{n}</a>")
        })
    }

    #[test]
    fn every_way_of_hiding_is_found() {
        let farm = strangers(9, '\'');
        let quoted = strangers(9, '"').replace('/', "\\/");
        let hex: String = strangers(9, '\'')
            .bytes()
            .map(|byte| match byte {
                b'<' | b'>' | b'\'' => format!("\\x{byte:02x}"),
                other if other.is_ascii() => char::from(other).to_string(),
                _ => String::new(),
            })
            .collect();
        let each = |style: &str| farm.replace("<a ", &format!("<a style='{style}' ").replace('\'', "\""));
        for block in [
            format!("<div style='display:none'>{farm}</div>"),
            format!("<DIV STYLE='DISPLAY : NONE !important'>{farm}</DIV>"),
            format!("<div id=hx style='display:none'>{farm}</div>"),
            format!("<div style='visibility:hidden'>{farm}</div>"),
            format!("<div style='position:absolute;left:-9999px'>{farm}</div>"),
            format!("<div style='position:absolute;top:-5000px;'>{farm}</div>"),
            format!("<div style='position:fixed;right:-3000px'>{farm}</div>"),
            format!("<div style='text-indent:-9999px'>{farm}</div>"),
            format!("<div style='margin-left:-9999px'>{farm}</div>"),
            format!("<div style='width:0;height:0;overflow:hidden'>{farm}</div>"),
            format!("<div style='overflow:hidden;height:1px'>{farm}</div>"),
            format!("<div style='font-size:0'>{farm}</div>"),
            format!("<div style='opacity:0'>{farm}</div>"),
            "<div style='opacity:0;font-size:1px;color:#fff'><a href='http://xz1.pg.example/'>甲</a></div>"
                .to_owned(),
            format!("<div style='filter:alpha(opacity=0)'>{farm}</div>"),
            format!("<div style='background:#fff;color:#ffffff'>{farm}</div>"),
            format!("<table bgcolor=white><tr><td><font color='#FFFFFF'>{farm}</font></td></tr></table>"),
            format!("<marquee height=1 width=4 scrollamount=3000>{farm}</marquee>"),
            format!("<div hidden>{farm}</div>"),
            format!("<style>.zz{{display:none}}</style><div class=zz>{farm}</div>"),
            format!("<style>#zz{{position:absolute;left:-2000px}}</style><div id=zz>{farm}</div>"),
            format!(
                "<div id=zz>{farm}</div><script>document.getElementById('zz').style.display='none'</script>"
            ),
            format!(
                "<script>document.write('<div style=\"display:none\">')</script>{farm}<script>document.write('</div>')</script>"
            ),
            format!("<script>document.write('<div style=\"display:none\">{quoted}<\\/div>')</script>"),
            format!(
                "<script>document.write(\"\\x3cdiv style=\\x22display:none\\x22\\x3e{hex}\\x3c/div\\x3e\")</script>"
            ),
            each("font-size:0"),
            each("display:none"),
            each("color:transparent"),
            "<div style='position:absolute;left:-999px'><a href='http://www.mosheng.com/'>某站</a></div>"
                .to_owned(),
            "<div class=ad style='display:none'><a href='http://www.mosheng.com/'>澳门新葡京</a></div>"
                .to_owned(),
            "<iframe width=0 height=0 src='http://www.mosheng.com/x.html'></iframe>".to_owned(),
        ] {
            assert!(told(&block) > 0, "{block}");
        }
        assert_eq!(told(&format!("<div style='display:none'>{farm}</div>")), 9);
    }

    #[test]
    fn what_readers_can_open_is_no_hidden_link() {
        let many = strangers(12, '\'');
        let few = strangers(3, '\'');
        for block in [
            // Tabs: the first is shown, the others wait; their headings may stand anywhere.
            format!("<div class=tabs><div class=hd><b>媒体</b><b>高校</b></div><div class=bd>{few}</div><div class=bd style='display:none'>{many}</div></div>"),
            format!("<div class=w><div class='pane on'>{many}</div><div class='pane' style='display:none'>{many}</div></div>"),
            format!("<h3>友情链接</h3><ul class=drop style='display:none'>{many}</ul>"),
            format!("<ul><li><a href=/x>相关网站</a><div style='display:none'>{many}</div></li></ul>"),
            format!("<div onclick='show()'>展开</div><div id=more style='display:none'>{many}</div>"),
            format!("<select><option>省内网站</option></select><div class=sel style='display:none'>{many}</div>"),
            format!("<div class=m-nav style='display:none'><a href=/a/>首页</a><a href=/b/>公开</a>{few}</div>"),
            format!("<style>@media(max-width:700px){{.pc{{display:none}}}}</style><div class=pc>{many}</div>"),
            format!("<style>.menu ul{{display:none}}</style><div class=menu><ul>{many}</ul></div>"),
            format!("<div class=slide><ul style='margin-left:-1200px' class=s>{few}</ul></div>"),
            format!("<style>.slide{{opacity:0}}</style><div class=slide>{many}</div>"),
            "<div class=ewm style='display:none'><img src=/ewm.png><a href='https://weibo.com/shili'>微博</a></div>".to_owned(),
            "<a class=skip style='position:absolute;left:-9999px' href='#main'>跳到正文</a>".to_owned(),
            "<style>.sr-only{position:absolute;width:1px;height:1px;overflow:hidden;clip:rect(0,0,0,0)}</style><a class=sr-only href='https://www.wuzhangai.com/'>无障碍</a>".to_owned(),
            "<div style='display:none'><script src='https://s4.cnzz.com/z.js'></script><a href='https://www.cnzz.com/stat'>站长统计</a></div>".to_owned(),
            format!("<div style='background:#003366'><span style='color:#fff'>{many}</span></div>"),
            format!("<div style='background:url(b.png)'><span style='color:#fff'>{many}</span></div>"),
            format!("<div id=ad>{few}</div><script>function shut(){{document.getElementById('ad').style.display='none'}}</script>"),
            "<div class=yh style='display:none'><a href='http://www.cdb.com/'>助学贷款</a><a href='http://www.wenxue.com/'>文学网</a></div>".to_owned(),
            format!("<script>document.write(\"<div class='links'>{many}</div>\")</script>"),
            "<div style='display:none'><a href='/old/'>旧版</a><a href='http://www.yi.gov.cn/'>乙县</a></div>".to_owned(),
        ] {
            assert_eq!(told(&block), 0, "{block}");
        }
    }
}
