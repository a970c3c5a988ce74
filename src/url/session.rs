//! Addresses without the number of a visit: servers that see no cookie write it into every link anew.

use std::borrow::Cow;

/// The address without its session: `;jsessionid=…` in the path, `PHPSESSID=…` and the like in the query.
pub fn without_session(url: &str) -> Cow<'_, str> {
    if !["sess", "SESS", "Sess"].iter().any(|word| url.contains(word)) {
        return Cow::Borrowed(url);
    }
    let (path, query) = url.split_once('?').map_or((url, None), |(path, query)| (path, Some(query)));
    let mut out = String::with_capacity(url.len());
    for (number, part) in path.split(';').enumerate() {
        if number == 0 {
            out.push_str(part);
        } else if part.split_once('=').is_some_and(|(name, _)| is_session(name)) {
            // What follows the parameter's value within the path stays.
            out.push_str(part.find('/').and_then(|at| part.get(at..)).unwrap_or_default());
        } else {
            out.push(';');
            out.push_str(part);
        }
    }
    let kept = query.map(|query| {
        let named = |pair: &&str| !is_session(pair.split_once('=').map_or(*pair, |(name, _)| name));
        query.split('&').filter(named).collect::<Vec<_>>().join("&")
    });
    if let Some(kept) = kept.filter(|kept| !kept.is_empty()) {
        out.push('?');
        out.push_str(&kept);
    }
    Cow::Owned(out)
}

fn is_session(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    matches!(&*name, "jsessionid" | "phpsessid" | "sessionid" | "session_id" | "sessid" | "jsessionidsso")
        || name.starts_with("aspsessionid")
}

/// Whether a query holds nothing but numbers, in whatever digits, that change at every look: `?t=1793577600`, `?_=0.8123`.
pub fn is_throwaway(query: &str) -> bool {
    const NAMES: [&str; 11] =
        ["t", "_", "_t", "r", "rnd", "rand", "random", "ts", "time", "timestamp", "nocache"];
    query.split('&').all(|pair| {
        let Some((name, value)) = pair.split_once('=') else { return false };
        let plain = value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.');
        NAMES.contains(&&*name.to_ascii_lowercase())
            && plain
            && value.bytes().any(|byte| byte.is_ascii_digit())
            && (value.len() >= 6 || value.starts_with("0."))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_are_left_out_and_nothing_else() {
        for (url, want) in [
            ("http://h/a.do;jsessionid=0A1B?id=3", "http://h/a.do?id=3"),
            ("http://h/a.do;jsessionid=0A1B.node1", "http://h/a.do"),
            ("http://h/x;JSESSIONID=9/b.html", "http://h/x/b.html"),
            ("http://h/a.php?PHPSESSID=77&id=3", "http://h/a.php?id=3"),
            ("http://h/a.php?id=3&phpsessid=77", "http://h/a.php?id=3"),
            ("http://h/a.php?PHPSESSID=77", "http://h/a.php"),
            ("http://h/a;v=1?session=3", "http://h/a;v=1?session=3"),
            ("http://h/assessment.html", "http://h/assessment.html"),
            ("http://h/a?id=3", "http://h/a?id=3"),
        ] {
            assert_eq!(without_session(url), want);
        }
    }

    #[test]
    fn numbers_that_change_at_every_look() {
        for query in ["t=1793577600", "_=0.8123", "rnd=123456&t=17935776", "t=0A1B2C3D4E"] {
            assert!(is_throwaway(query), "{query}");
        }
        for query in ["t=5", "id=1793577600", "t=1793577600&id=5", "", "time=2026-11-02", "t=notices"] {
            assert!(!is_throwaway(query), "{query}");
        }
    }
}
