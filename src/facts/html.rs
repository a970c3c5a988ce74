//! The reader of pages: one pass over the tokens into an outline, then everything a careful reader finds on it.

use super::maintext::{self, PageText};
use super::outline::{Attr, NodeId, Outline, Tag};
use super::page::{Empty, LinkPlace, PageContext, PageFacts, PageKind, SCHEMA};
use super::regions::is_letter;
use super::regions::{Regions, fold};
use super::state::{self, Shape};
use super::{
    access, account_marks, annual, archived, challenge, data, decode, guides, links, lists, marks, messages,
    pager, personal, planted, pubdate, search, shapes, sides, soft404, sources, tags, texture, tokens,
};
use crate::finding::Gap;

/// More characters of its own than this, and a page with a date beside its title is an article.
const LONG_TEXT: usize = 400;

/// Reads one page. Never fails: what could not be read is in `gaps`. `clock` says true when time is up; it is asked once for every
/// 4 KiB of text and between the steps of the analysis.
pub fn read_page(body: &[u8], cx: &PageContext<'_>, mut clock: impl FnMut() -> bool) -> PageFacts {
    read_dyn(body, cx, &mut clock)
}

fn read_dyn(body: &[u8], cx: &PageContext<'_>, clock: &mut dyn FnMut() -> bool) -> PageFacts {
    let url = cx.url.as_str();
    let as_of = cx.as_of.date_naive();
    let decoded = decode::decode(body, cx.content_type);
    let (page, whole) = tokens::read(&decoded.text, clock);
    let mut gaps = Vec::new();
    let mut gap = |why: String| gaps.push(Gap { subject: url.to_owned(), why });
    if !whole || page.too_deep {
        gap("page-too-complex".to_owned());
    }
    if let Some(claimed) = decoded.contradicted {
        gap(format!("charset-contradiction: declared {}", claimed.name().to_ascii_lowercase()));
    }
    let regions = Regions::read(&page);
    let mut resolver = links::Resolver::new(&page, cx.url, decoded.encoding);
    let title = title_of(&page);
    let (tag_values, tag_faults) = tags::read(&page);
    let names = title_names(&title, tag_values.get("ArticleTitle"));
    let visible = pubdate::visible(&page, &regions, &names, cx.as_of);
    let published = visible.as_ref().is_some_and(|visible| visible.told);
    // What is published under a date may speak of firewalls.
    let plainly_answered = published || cx.status == Some(200) && shows_much(&page);
    let wall = if plainly_answered { None } else { challenge::challenge(cx.status, &[], &decoded.text) };
    let (body_chars, text_print) = own_text(&page, &regions, &[], LONG_TEXT);
    let clearly_article = is_surely_article(cx, visible.as_ref(), tag_values.get("ArticleTitle"), body_chars);
    let surely_article = clearly_article && !cx.want_structure;

    let time_left = whole && !clock();
    let columns = state::column_names(&page, &regions, &tag_values, &title);
    let mut blocks = Vec::new();
    let mut held = data::Data::default();
    if !surely_article && time_left && wall.is_none() {
        let mut resolve = |id: NodeId| page.attr(id, Attr::Href).and_then(|href| resolver.resolve(href));
        blocks = lists::blocks(&page, &regions, &mut resolve, as_of);
        sides::mark(&page, &regions, &mut blocks, &columns);
        held = data::read(&page, &resolver, as_of, clock);
    }
    if whole && !time_left {
        gap("page-too-complex".to_owned());
    }
    let in_rows = rows_mask(&page, &blocks);
    let shape = Shape {
        page: &page,
        regions: &regions,
        cx,
        title: &title,
        tags: &tag_values,
        visible,
        own_chars: if surely_article {
            body_chars
        } else {
            own_text(&page, &regions, &in_rows, usize::MAX).0
        },
        blocks: &blocks,
        names: &columns,
        data: &held,
        wall: wall.as_deref(),
        surely_article,
        clearly_article,
        cut: !whole || page.too_deep || !time_left,
        middle: None,
    };
    let mut verdict = state::judge(&shape);
    if verdict.empty == Empty::Yes && is_cut_off(&decoded.text, &page, &regions) {
        (verdict.empty, verdict.reason) =
            (Empty::Uncertain, format!("{}, but the page breaks off", verdict.reason));
    }
    if let Some(why) = verdict.gap {
        gap(why);
    }
    let in_blocks = |id: NodeId| in_rows.get(id as usize).copied().unwrap_or(false);
    let page_links = links::read(&page, &regions, &mut resolver, &in_blocks);
    let own_domain = links::domain_of(url);
    let hidden_links = planted::hidden_links(&page, &regions, &mut resolver, own_domain.as_deref());
    let foreign_scripts = links::foreign_scripts(&page_links, own_domain.as_deref());
    let breadcrumb = super::regions::crumbs(&page, &regions, &mut |href| resolver.resolve_loose(href));
    let jumps_to = verdict.jumps_to.as_deref().and_then(|raw| resolver.resolve_loose(raw));
    let listing = matches!(verdict.kind, PageKind::List | PageKind::Home | PageKind::Shell);
    let (further, stated) = pager::further_pages(&page, listing);
    let list_sources = sources::of_page(&page, &regions, verdict.state, held.present, &resolver);
    for raw in resolver.failed.drain(..).take(20) {
        let shown: String = raw.chars().take(200).collect();
        gaps.push(Gap { subject: shown, why: "not-a-url".to_owned() });
    }
    let declared_total =
        if listing { lists::declared_total(&page.text).or(stated).or(held.total) } else { None };
    let mut pub_date =
        pubdate::choose(if verdict.keeps_visible { visible } else { None }, &tag_values, url, as_of);
    if matches!(verdict.kind, PageKind::List | PageKind::Home) {
        pub_date.chosen = pub_date.visible;
    }
    // Asked of home pages alone: a site shows its accounts there.
    let is_home = verdict.kind == PageKind::Home || (cx.url.path() == "/" && cx.url.query().is_none());
    let accounts = is_home.then(|| account_marks::read(&page, &|raw| resolver.resolve_loose(raw)));
    let search = is_home.then(|| {
        let entrance = search::entrance(&page, &regions, &|raw| resolver.resolve_loose(raw));
        search::Search { entrance, tried: Vec::new() }
    });
    let templates = (is_home || cx.want_structure) && verdict.kind != PageKind::Blocked && whole;
    let barriers = templates.then(|| access::read(&page, &regions, &title));
    let archived = listing && archived::says(&page, &regions, &title, &breadcrumb, &in_blocks);
    let first_words = body_text(&page, &regions);
    let told = if first_words.trim().is_empty() { soft404::told_by_script(&page) } else { None };
    let words = told.as_deref().unwrap_or(&first_words);
    let notice = soft404::notice(&title, words)
        .map(|notice| soft404::on_page(notice, &page, &regions, &title, published));
    let own_text = maintext::read(&page, &regions, &title, verdict.kind, &in_rows);
    let personal = personal::any(&page.text) || !resolver.leaks.is_empty();
    let mut facts = PageFacts {
        schema: SCHEMA,
        url: url.to_owned(),
        kind: verdict.kind,
        state: verdict.state,
        requests: annual::request_table(&page, &title),
        guide: guides::guide(verdict.kind, &title, &breadcrumb, &page.text),
        message: messages::message(verdict.kind, &breadcrumb, &page.text, as_of),
        title,
        charset: decoded.encoding.name().to_ascii_lowercase(),
        charset_faults: decoded.faults,
        tags: tag_values,
        tag_faults,
        pubdate: pub_date,
        partly: verdict.partly,
        list: verdict.list,
        blocks: verdict.blocks,
        headlines: verdict.headlines,
        declared_total,
        empty: verdict.empty,
        reason: verdict.reason,
        footer: marks::read(&page, &regions),
        links: page_links,
        hidden_links,
        foreign_scripts,
        breadcrumb,
        jumps_to,
        script_pages: further.iter().filter_map(|raw| resolver.resolve_loose(raw)).collect(),
        list_sources,
        not_found: notice.as_ref().filter(|notice| notice.sure).map(|notice| notice.said.clone()),
        maybe_not_found: notice.filter(|notice| !notice.sure).map(|notice| notice.said),
        text_print,
        barriers,
        search,
        archived,
        accounts,
        gaps,
        texture: texture::runs(&page, verdict.kind == PageKind::Article),
        own_text: own_text.map(|mut text| {
            text.leaks.append(&mut resolver.leaks);
            Box::new(PageText { personal, ..text })
        }),
    };
    // Always: tags, data and attributes hold what the text of the page does not.
    facts.mask();
    facts
}

/// Whether a page comes to no end: neither its markup is closed nor does a foot stand in it.
fn is_cut_off(html: &str, page: &Outline, regions: &Regions) -> bool {
    let closes = |tag: &[u8]| html.as_bytes().windows(tag.len()).any(|part| part.eq_ignore_ascii_case(tag));
    !closes(b"</body") && !closes(b"</html") && !page.ids().any(|id| regions.place(id) == LinkPlace::Footer)
}

/// Text of the first `<title>`, outside pictures.
fn title_of(page: &Outline) -> String {
    page.raws_of(Tag::Title).next().map(|(_, text)| fold(text)).unwrap_or_default()
}

/// Names the article's title may stand under: the tag, the whole title, its parts.
fn title_names(title: &str, tag: Option<&String>) -> Vec<String> {
    let mut names: Vec<String> =
        tag.into_iter().filter(|tag| tag.chars().nth(3).is_some()).map(|tag| fold(tag)).collect();
    let mut add = |name: &str| {
        let name = name.trim();
        if name.chars().nth(3).is_some() && !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    };
    add(title);
    for part in title.split(['-', '_', '|', '—', '–', '－']) {
        add(part);
    }
    if let Some((_, last)) = title.split_once(' ') {
        add(last);
        if let Some((_, last)) = last.split_once(' ') {
            add(last);
        }
    }
    names
}

/// Clear signs of one text: a told date beside the title, and a title tag, an article's address or long text.
fn is_surely_article(
    cx: &PageContext<'_>,
    visible: Option<&pubdate::Visible>,
    tag: Option<&String>,
    chars: usize,
) -> bool {
    let Some(visible) = visible else { return false };
    let told = visible.told || visible.near_title;
    let tagged = tag.is_some_and(|tag| !tag.trim().is_empty());
    let address = shapes::looks_like_article_url(cx.url);
    let signs = (tagged && (address || chars > 150))
        || (address && chars > 150)
        || (visible.weight >= 95 && chars > LONG_TEXT);
    told && signs && !shapes::looks_like_list_url(cx.url)
}

/// The text of the body without the site's frame, at most the first 2,000 bytes of it.
fn body_text(page: &Outline, regions: &Regions) -> String {
    let mut text = String::new();
    for id in page.ids() {
        let node = page.node(id);
        if node.tag == Tag::Text
            && !node.inert
            && regions.place(id) == LinkPlace::Body
            && !regions.is_hidden(id)
        {
            text.push_str(page.text_of(id));
            if text.len() > 2_000 {
                break;
            }
        }
    }
    text
}

/// Whether a page shows more text than a firewall's answer ever does.
fn shows_much(page: &Outline) -> bool {
    page.text.chars().filter(|c| !c.is_whitespace()).nth(challenge::MOST_OF_A_PLAIN_ANSWER).is_some()
}

/// Characters of text in the body that belong to no link, form, region of the frame or list block, and their fingerprint
/// (see [`PageFacts::text_print`]); counted until they are more than `enough`.
fn own_text(page: &Outline, regions: &Regions, in_rows: &[bool], enough: usize) -> (usize, u64) {
    let mut count = 0;
    let mut print = soft404::Print::default();
    let mut skip_to = 0;
    for id in page.ids().skip(1) {
        if id < skip_to {
            continue;
        }
        let node = page.node(id);
        if in_rows.get(id as usize).copied().unwrap_or(false) {
            continue;
        }
        match node.tag {
            Tag::A | Tag::Select | Tag::Option | Tag::Button | Tag::Label => skip_to = node.end,
            Tag::Text if !node.inert && regions.place(id) == LinkPlace::Body && !regions.is_hidden(id) => {
                for c in page.text_of(id).chars().filter(|c| is_letter(*c)) {
                    count += 1;
                    print.add(c);
                }
                if count > enough {
                    break;
                }
            }
            _ => {}
        }
    }
    (count, print.end(page.text.len()))
}

/// Of every node, whether it stands in a row of a list block.
fn rows_mask(page: &Outline, blocks: &[lists::Block]) -> Vec<bool> {
    let mut mask = vec![false; if blocks.is_empty() { 0 } else { page.nodes.len() }];
    for row in blocks.iter().flat_map(|block| &block.rows) {
        if let Some(part) = mask.get_mut(row.start as usize..row.end as usize) {
            part.fill(true);
        }
    }
    mask
}
