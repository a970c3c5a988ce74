//! Inline scripts beside an empty list that could bring nothing: whatever is not known to be idle may fill it.

use std::sync::LazyLock;

use regex::Regex;

use super::scripts;

/// A script longer than this is a library.
const LONGEST: usize = 64 * 1024;
/// Calls of counters and their like that are set aside in one script, at most.
const ASIDES: usize = 20;

/// The name of something that a script in the list's own part of a page calls or sets and that may bring its items; `None` where all
/// of it turns pages, shares, counts, shows and hides.
pub(super) fn busy(script: &str) -> Option<String> {
    static CALL: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?P<before>function\s+|\.\s*)?(?P<name>[A-Za-z_$][\w$]*)\s*\(").expect("a valid pattern")
    });
    static SETS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\.\s*(?P<name>innerHTML|outerHTML|innerText|textContent|src)\s*\+?=[^=]")
            .expect("a valid pattern")
    });
    static HANDS_OVER: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?:\$|jQuery|ready|setTimeout|onload|addEventListener)\s*(?:\(|=)\s*(?:''\s*,\s*)?(?P<name>[A-Za-z_$][\w$]*)\s*[,);]")
            .expect("a valid pattern")
    });
    static FETCH: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\b(?:get|post|ajax|getJSON|load|getScript)\s*\(").expect("a valid pattern")
    });
    const COUNTERS: [&str; 8] =
        ["_hmt", "hm.js", "cnzz", "51.la", "_bd_share", "conac", "jiucuo", "analytics"];
    let counts = COUNTERS.iter().any(|part| script.contains(part));
    if script.len() > LONGEST || !script.contains(['(', '=']) || counts {
        return None;
    }
    // Calls of counters, weather and log-in, told by their addresses.
    let mut script = script.to_owned();
    for _ in 0..ASIDES {
        let call = FETCH.find_iter(&script).find(|call| scripts::is_aside(&script, call.range()));
        let Some(call) = call.map(|call| call.range()) else { break };
        script.replace_range(call, "(");
    }
    let script = script.as_str();
    // What is written as it stands there is read elsewhere.
    let bare = without_words(script).replace("document.write('')", "").replace("document.writeln('')", "");
    let called = CALL.captures_iter(&bare).find_map(|call| {
        let name = call.name("name")?.as_str();
        let before = call.name("before").map_or("", |before| before.as_str());
        let known = if before.starts_with('.') { METHODS.contains(&name) } else { PLAIN.contains(&name) };
        let own = || bare.contains(&format!("function {name}"));
        let idle = before.starts_with("function") || known || is_idle_kin(name) || own();
        (!idle).then(|| name.to_owned())
    });
    let set = || Some(SETS.captures(&bare)?.name("name")?.as_str().to_owned());
    let handed = || {
        let known = ["function", "this", "window", "document", "true", "false", "null"];
        HANDS_OVER
            .captures_iter(&bare)
            .filter_map(|over| over.name("name"))
            .map(|name| name.as_str())
            .find(|name| !known.contains(name) && !bare.contains(&format!("var {name}")))
            .map(str::to_owned)
    };
    called.or_else(set).or_else(handed)
}

/// Pagers, sharing, counters: told by a part of their names.
fn is_idle_kin(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [
        "jpage",
        "createpage",
        "pagination",
        "share",
        "tongji",
        "hmt",
        "settab",
        "slide",
        "swiper",
        "scroll",
        "marquee",
        "fontsize",
        "dofont",
    ]
    .iter()
    .any(|part| name.contains(part))
}

/// What is called on nothing and brings nothing.
const PLAIN: &[&str] = &[
    "if",
    "for",
    "while",
    "switch",
    "catch",
    "return",
    "typeof",
    "function",
    "$",
    "jQuery",
    "parseInt",
    "parseFloat",
    "Number",
    "String",
    "Date",
    "RegExp",
    "alert",
    "confirm",
    "setTimeout",
    "setInterval",
    "clearInterval",
    "clearTimeout",
    "encodeURIComponent",
    "encodeURI",
    "escape",
    "isNaN",
];
/// What browsers, jQuery and the templates of every site call on something and bring nothing by.
const METHODS: &[&str] = &[
    "ready",
    "on",
    "off",
    "bind",
    "live",
    "one",
    "getElementById",
    "getElementsByTagName",
    "getElementsByClassName",
    "querySelector",
    "querySelectorAll",
    "addEventListener",
    "attachEvent",
    "addClass",
    "removeClass",
    "toggleClass",
    "hasClass",
    "hide",
    "show",
    "toggle",
    "css",
    "attr",
    "prop",
    "removeAttr",
    "setAttribute",
    "getAttribute",
    "removeAttribute",
    "click",
    "hover",
    "mouseover",
    "mouseout",
    "mouseenter",
    "mouseleave",
    "focus",
    "blur",
    "change",
    "keydown",
    "keyup",
    "keypress",
    "submit",
    "each",
    "find",
    "children",
    "eq",
    "parent",
    "parents",
    "siblings",
    "closest",
    "next",
    "prev",
    "first",
    "last",
    "index",
    "is",
    "not",
    "filter",
    "tab",
    "tabs",
    "slideToggle",
    "slideDown",
    "slideUp",
    "fadeIn",
    "fadeOut",
    "animate",
    "stop",
    "width",
    "height",
    "outerHeight",
    "outerWidth",
    "offset",
    "position",
    "resize",
    "val",
    "remove",
    "empty",
    "getFullYear",
    "getMonth",
    "getDate",
    "getDay",
    "getTime",
    "getHours",
    "push",
    "preventDefault",
    "stopPropagation",
    "replace",
    "split",
    "substring",
    "substr",
    "slice",
    "indexOf",
    "trim",
    "toLowerCase",
    "toUpperCase",
    "test",
    "match",
    "exec",
    "join",
    "print",
    "back",
    "go",
    "close",
    "floor",
    "ceil",
    "round",
    "max",
    "min",
    "abs",
    "random",
    "log",
    "charAt",
    "concat",
];

/// A script without its comments and with its strings emptied.
fn without_words(script: &str) -> String {
    let mut out = String::with_capacity(script.len());
    let mut chars = script.chars().peekable();
    let mut before = ' ';
    while let Some(c) = chars.next() {
        match c {
            '"' | '\'' | '`' => {
                out.push_str("''");
                while let Some(inner) = chars.next() {
                    if inner == '\\' {
                        chars.next();
                    } else if inner == c {
                        break;
                    }
                }
            }
            '/' if chars.peek() == Some(&'/') && before != ':' => {
                for inner in chars.by_ref() {
                    if inner == '\n' {
                        break;
                    }
                }
            }
            '/' if chars.peek() == Some(&'*') => {
                let mut star = false;
                for inner in chars.by_ref() {
                    if star && inner == '/' {
                        break;
                    }
                    star = inner == '*';
                }
            }
            _ => out.push(c),
        }
        before = c;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_bring_items_and_what_may_not() {
        for script in [
            "$(document).ready(f1)",
            "$('#x').append(h)",
            "var u=document.getElementById('x');u.innerHTML=data.value",
            "document.write(list)",
            "require(['list'],function(l){l.run()})",
            "jQuery.getScript('/l.js')",
            "show(3301,15);",
            "go2(1)",
            "doSearch(1)",
            "lazy();",
            "setTimeout(f1,300)",
            "window.onload = f1;",
            "new Grid('#x')",
            "// list\nrender2(1)",
        ] {
            assert!(busy(script).is_some(), "{script}");
        }
        for script in [
            "",
            "var page = 1;",
            "$.get('/visit/count?id=3');",
            "var _hmt=_hmt||[];(function(){var hm=document.createElement('script');hm.src='https://hm.example/hm.js?1';})();",
            "createPageHTML(0, 0, 'index', 'html');",
            "$(function(){ $('.tab li').hover(function(){ $(this).addClass('on').siblings().removeClass('on'); }); });",
            "window._bd_share_config={'common':{'bdUrl':location.href}};",
            "function f(){ return lazy; }",
            "var s = 'load(1)'; // load(1)",
            "/* load(1) */ document.getElementById('a').style.display='none';",
        ] {
            assert_eq!(busy(script), None, "{script}");
        }
    }
}
