//! Sentences with fields in them: `栏目“{name}”有{items}条信息。`

use super::{Facts, Fault, Field, printed};

/// Holds the fields that a sentence names against those there are; each fault at its byte.
pub fn faults(sentence: &str, fields: &[Field]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (at, name) in parts(sentence) {
        match name {
            None => faults.push(Fault { at, message: "花括号没有成对".to_owned() }),
            Some(name) if fields.iter().all(|field| field.name != name) => {
                let hint = crate::config::fault::suggestion(name, fields.iter().map(|field| field.name));
                faults.push(Fault { at, message: format!("没有名为“{name}”的字段{hint}") });
            }
            Some(_) => {}
        }
    }
    faults
}

/// The sentence with each field's value in its place; what is not known reads `未知`.
pub fn fill(sentence: &str, facts: &Facts) -> String {
    let mut out = String::with_capacity(sentence.len());
    let mut rest = sentence;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((name, behind)) = after.split_once('}') else { break };
        out.push_str(&facts.get(name).map_or_else(|| "未知".to_owned(), printed));
        rest = behind;
    }
    out.push_str(rest);
    out
}

/// The names between braces with the bytes where they begin; `None` for a brace without its other.
fn parts(sentence: &str) -> Vec<(usize, Option<&str>)> {
    let mut all = Vec::new();
    let mut from = 0;
    while let Some(open) = sentence.get(from..).and_then(|rest| rest.find('{')).map(|at| from + at) {
        let after = sentence.get(open + 1..).unwrap_or_default();
        let Some(close) = after.find('}') else {
            all.push((open, None));
            break;
        };
        all.push((open + 1, after.get(..close)));
        from = open + close + 2;
    }
    all
}
