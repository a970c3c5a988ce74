//! JSON Feed, whole or broken off: its items one by one, so that a broken one spoils no other.

use serde_json::{Map, Value};

use super::{Found, MAX_ITEMS, Raw, plain};

/// Where an item says when it was published, the most trustworthy first.
const PUBLISHED: [&str; 7] =
    ["date_published", "pubDate", "published", "publish_time", "pub_date", "create_time", "date"];
/// Where it says when it was edited.
const UPDATED: [&str; 3] = ["date_modified", "updated", "update_time"];

/// Objects nested deeper than this are no items.
const MAX_DEPTH: usize = 6;
/// Bytes of one item, in a document that no parser takes.
const MAX_OBJECT: usize = 1 << 20;

/// Reads a document.
pub(super) fn read(text: &str) -> Found {
    let start = text.find(['{', '[']).unwrap_or(0);
    let body = text.get(start..).unwrap_or_default();
    // A callback's closing bracket, or a warning of the server, may stand behind it.
    let mut values = serde_json::Deserializer::from_str(body).into_iter::<Value>();
    match values.next() {
        Some(Ok(Value::Object(feed))) => {
            let items = feed.get("items").and_then(Value::as_array);
            let named =
                ["version", "title", "home_page_url", "feed_url"].iter().any(|key| feed.contains_key(*key));
            Found {
                is_feed: items.is_some() && named || items.is_some_and(|items| items.iter().any(is_item)),
                items: items
                    .into_iter()
                    .flatten()
                    .take(MAX_ITEMS + 1)
                    .filter_map(Value::as_object)
                    .map(item)
                    .collect(),
                ..Found::default()
            }
        }
        Some(Ok(Value::Array(items))) => Found {
            is_feed: items.iter().any(is_item),
            items: items.iter().take(MAX_ITEMS + 1).filter_map(Value::as_object).map(item).collect(),
            damaged: true,
            ..Found::default()
        },
        _ => broken(body),
    }
}

fn is_item(value: &Value) -> bool {
    value.as_object().is_some_and(|item| PUBLISHED.iter().chain(&UPDATED).any(|key| item.contains_key(*key)))
}

fn item(object: &Map<String, Value>) -> Raw {
    let text = |key: &str| match object.get(key) {
        Some(Value::String(text)) => Some(text.clone()),
        Some(Value::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    let first = |keys: &[&str]| keys.iter().filter_map(|key| text(key)).find(|text| !text.is_empty());
    let id = text("id").filter(|id| id.starts_with("http"));
    let title = first(&["title"]).or_else(|| first(&["summary", "content_text"])).unwrap_or_default();
    Raw {
        title: plain(&title),
        url: first(&["url", "external_url", "link"]).or(id).unwrap_or_default(),
        published: PUBLISHED.iter().filter_map(|key| text(key)).collect(),
        updated: UPDATED.iter().filter_map(|key| text(key)).collect(),
    }
}

/// A document that no parser takes: every innermost object with a date of its own, as far as it goes.
fn broken(body: &str) -> Found {
    let mut found = Found { damaged: true, cut: true, ..Found::default() };
    let mut open: Vec<usize> = Vec::new();
    let mut text = false;
    let mut escaped = false;
    let mut taken_to = 0;
    for (at, byte) in body.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if text => escaped = true,
            // A line feed cannot stand in a text: the closing quote was lost.
            b'\n' => text = false,
            b'"' => text = !text,
            b'{' if !text => open.push(at),
            b'}' if !text => {
                let Some(start) = open.pop() else { continue };
                let part = body.get(start..=at).filter(|part| start >= taken_to && part.len() <= MAX_OBJECT);
                if let Some(part) = part.filter(|_| open.len() < MAX_DEPTH)
                    && take(part, &mut found.items)
                {
                    taken_to = at;
                }
            }
            _ => {}
        }
        if found.items.len() > MAX_ITEMS {
            break;
        }
    }
    // The last one was cut off, perhaps within something it contains.
    for start in open.iter().take(MAX_DEPTH).rev().filter(|start| **start >= taken_to && **start > 0) {
        if body.get(*start..).is_some_and(|part| part.len() <= MAX_OBJECT && take(part, &mut found.items)) {
            // What says when it was published may be what is lost.
            if let Some(cut) = found.items.last_mut() {
                cut.updated.clear();
            }
            break;
        }
    }
    found.is_feed = !found.items.is_empty() || (body.contains("\"items\"") && body.contains("jsonfeed.org"));
    found
}

/// Reads one object, by its keys alone where it is broken; false where it is no item.
fn take(part: &str, items: &mut Vec<Raw>) -> bool {
    let object = serde_json::from_str::<Map<String, Value>>(part).unwrap_or_else(|_| by_keys(part));
    let value = Value::Object(object);
    let found = is_item(&value);
    if let (true, Value::Object(object)) = (found, &value) {
        items.push(item(object));
    }
    found
}

/// The texts and numbers of the keys we read, wherever they stand. Values that are not closed are none.
fn by_keys(part: &str) -> Map<String, Value> {
    let mut object = Map::new();
    for key in PUBLISHED.iter().chain(&UPDATED).chain(&["title", "url", "id", "external_url", "link"]) {
        let quoted = format!("\"{key}\"");
        let Some((_, rest)) = part.split_once(&quoted) else { continue };
        let Some(rest) = rest.trim_start().strip_prefix(':') else { continue };
        let rest = rest.trim_start();
        let end = if rest.starts_with('"') {
            let inner = rest.get(1..).unwrap_or_default();
            let mut escaped = false;
            inner
                .bytes()
                .position(|byte| {
                    let ends = byte == b'"' && !escaped;
                    escaped = byte == b'\\' && !escaped;
                    ends
                })
                .map(|at| at + 2)
        } else {
            rest.find(|c: char| !c.is_ascii_digit()).filter(|end| *end > 0)
        };
        if let Some(value) =
            end.and_then(|end| rest.get(..end)).and_then(|value| serde_json::from_str(value).ok())
        {
            object.insert((*key).to_owned(), value);
        }
    }
    object
}
