//! Cases for `robots.rs`: the facts that Google's published parser and RFC 9309 agree on, and our own beside them.

use super::*;

/// One robots.txt and what it says: `agent url` allowed (`+`) or not (`-`).
struct Case {
    about: &'static str,
    text: &'static str,
    says: &'static [(char, &'static str, &'static str)],
}

const CASES: &[Case] = &[
    Case {
        about: "an empty file allows all",
        text: "",
        says: &[('+', "FooBot", "http://h/x"), ('+', "", ""), ('+', "FooBot", "")],
    },
    Case {
        about: "no agent matches no group; no path is /",
        text: "user-agent: FooBot\ndisallow: /\n",
        says: &[('+', "", ""), ('-', "FooBot", ""), ('-', "FooBot", "http://h")],
    },
    Case {
        about: "unknown fields mean nothing",
        text: "foo: FooBot\nbar: /\n",
        says: &[('+', "FooBot", "http://h/x/y")],
    },
    Case {
        about: "the colon may be missing between two words",
        text: "user-agent FooBot\ndisallow /\n",
        says: &[('-', "FooBot", "http://h/x/y")],
    },
    Case {
        about: "but not among three",
        text: "user-agent: FooBot\ndisallow / now\n",
        says: &[('+', "FooBot", "http://h/x/y")],
    },
    Case {
        about: "groups of one agent are merged; rules before any group are void",
        text: "allow: /foo/bar/\n\nuser-agent: FooBot\ndisallow: /\nallow: /x/\nuser-agent: BarBot\ndisallow: /\nallow: /y/\n\n\n\
               allow: /w/\nuser-agent: BazBot\n\nuser-agent: FooBot\nallow: /z/\ndisallow: /\n",
        says: &[
            ('+', "FooBot", "http://h/x/b"),
            ('+', "FooBot", "http://h/z/d"),
            ('-', "FooBot", "http://h/y/c"),
            ('+', "BarBot", "http://h/y/c"),
            ('+', "BarBot", "http://h/w/a"),
            ('-', "BarBot", "http://h/z/d"),
            ('+', "BazBot", "http://h/z/d"),
            ('-', "FooBot", "http://h/foo/bar/"),
            ('-', "BarBot", "http://h/foo/bar/"),
            ('-', "BazBot", "http://h/foo/bar/"),
        ],
    },
    Case {
        about: "fields in any case",
        text: "uSeR-aGeNt: FooBot\nAlLoW: /x/\ndIsAlLoW: /\n",
        says: &[('+', "FooBot", "http://h/x/y"), ('-', "FooBot", "http://h/a/b")],
    },
    Case {
        about: "agents in any case, up to the first space; all of the asking name counts",
        text: "User-Agent: *\nDisallow: /\nUser-Agent: FoO bAr\nAllow: /x/\nDisallow: /\n",
        says: &[
            ('+', "Foo", "http://h/x/y"),
            ('+', "fOO", "http://h/x/y"),
            ('-', "foo", "http://h/a/b"),
            ('-', "Foo Bar", "http://h/x/y"),
        ],
    },
    Case {
        about: "a version on either side does not matter",
        text: "User-agent: FooBot/1.1\nDisallow: /\n",
        says: &[
            ('-', "foobot", "http://h/x"),
            ('-', "FooBot/2.0 (+http://contact)", "http://h/x"),
            ('+', "FooBotNews", "http://h/x"),
            ('+', "Foo", "http://h/x"),
        ],
    },
    Case {
        about: "everybody's group only where none is named",
        text: "user-agent: *\nallow: /\nuser-agent: FooBot\ndisallow: /\n",
        says: &[('-', "FooBot", "http://h/x/y"), ('+', "BarBot", "http://h/x/y")],
    },
    Case {
        about: "no group fits: all is allowed",
        text: "user-agent: FooBot\nallow: /\nuser-agent: BarBot\ndisallow: /\nuser-agent: BazBot\ndisallow: /\n",
        says: &[('+', "QuxBot", "http://h/x/y")],
    },
    Case {
        about: "a named group replaces everybody's, even where it holds no rule",
        text: "User-agent: *\nDisallow: /x/\nUser-agent: FooBot\nDisallow: /y/\nUser-agent: Idle\n",
        says: &[
            ('+', "FooBot", "http://h/x/p"),
            ('-', "FooBot", "http://h/y/p"),
            ('+', "Idle", "http://h/x/p"),
        ],
    },
    Case {
        about: "star with something after it is everybody",
        text: "User-agent: * all\nDisallow: /\n",
        says: &[('-', "FooBot", "http://h/x")],
    },
    Case {
        about: "paths keep their case",
        text: "user-agent: FooBot\ndisallow: /X/\n",
        says: &[('+', "FooBot", "http://h/x/y"), ('-', "FooBot", "http://h/X/y")],
    },
    Case {
        about: "the longest match wins, whatever the order",
        text: "user-agent: FooBot\ndisallow: /x/page.html\nallow: /x/\n",
        says: &[('-', "FooBot", "http://h/x/page.html"), ('+', "FooBot", "http://h/x/")],
    },
    Case {
        about: "the other way round",
        text: "user-agent: FooBot\nallow: /x/page.html\ndisallow: /x/\n",
        says: &[('+', "FooBot", "http://h/x/page.html"), ('-', "FooBot", "http://h/x/")],
    },
    Case {
        about: "empty values say nothing",
        text: "user-agent: FooBot\ndisallow: \nallow: \n",
        says: &[('+', "FooBot", "http://h/x/page.html")],
    },
    Case {
        about: "a tie allows",
        text: "user-agent: FooBot\ndisallow: /folder\nallow: /folder\n",
        says: &[('+', "FooBot", "http://h/folder/page")],
    },
    Case {
        about: "one more slash is longer",
        text: "user-agent: FooBot\ndisallow: /x\nallow: /x/\n",
        says: &[('-', "FooBot", "http://h/x"), ('+', "FooBot", "http://h/x/")],
    },
    Case {
        about: "a wildcard counts as one octet",
        text: "user-agent: FooBot\nallow: /page\ndisallow: /*.html\n",
        says: &[('-', "FooBot", "http://h/page.html"), ('+', "FooBot", "http://h/page")],
    },
    Case {
        about: "and may be the shorter one",
        text: "user-agent: FooBot\nallow: /x/page.\ndisallow: /*.html\n",
        says: &[('+', "FooBot", "http://h/x/page.html"), ('-', "FooBot", "http://h/x/y.html")],
    },
    Case {
        about: "/page against /*.htm",
        text: "user-agent: FooBot\nallow: /page\ndisallow: /*.htm\n",
        says: &[('-', "FooBot", "http://h/page.htm")],
    },
    Case {
        about: "the query is part of the path",
        text: "User-agent: FooBot\nDisallow: /\nAllow: /foo/bar?qux=taz&baz=http://foo.bar?tar&par\n",
        says: &[('+', "FooBot", "http://h/foo/bar?qux=taz&baz=http://foo.bar?tar&par")],
    },
    Case {
        about: "letters beyond ASCII are compared encoded",
        text: "User-agent: FooBot\nDisallow: /\nAllow: /foo/ツ\n",
        says: &[
            ('+', "FooBot", "http://h/foo/%E3%83%84"),
            ('+', "FooBot", "http://h/foo/%e3%83%84"),
            ('-', "FooBot", "http://h/foo/ツ"),
        ],
    },
    Case {
        about: "an Allow is met by the encoded URL alone, a Disallow by the bare one as well",
        text: "User-agent: FooBot\nDisallow: /\nAllow: /foo/%E3%83%84\nUser-agent: BarBot\nDisallow: /内部/\n",
        says: &[
            ('+', "FooBot", "http://h/foo/%E3%83%84"),
            ('-', "FooBot", "http://h/foo/ツ"),
            ('-', "BarBot", "http://h/内部/"),
            ('-', "BarBot", "http://h/%e5%86%85%e9%83%a8/"),
        ],
    },
    Case {
        about: "also where the rule encodes them",
        text: "User-agent: FooBot\nDisallow: /政务/%e5%86%85\n",
        says: &[
            ('-', "FooBot", "http://h/%E6%94%BF%E5%8A%A1/%E5%86%85"),
            ('+', "FooBot", "http://h/%E6%94%BF"),
        ],
    },
    Case {
        about: "an Allow with needlessly encoded letters allows what it says and no more",
        text: "User-agent: FooBot\nDisallow: /\nAllow: /foo/bar/%62%61%7A\n",
        says: &[('-', "FooBot", "http://h/foo/bar/baz"), ('+', "FooBot", "http://h/foo/bar/%62%61%7A")],
    },
    Case {
        about: "a Disallow with them forbids both",
        text: "User-agent: FooBot\nDisallow: /foo/%62%61%7A\nDisallow: /~u\n",
        says: &[
            ('-', "FooBot", "http://h/foo/baz"),
            ('-', "FooBot", "http://h/foo/%62%61%7a"),
            ('-', "FooBot", "http://h/%7Eu"),
        ],
    },
    Case {
        about: "an encoded slash is no slash",
        text: "User-agent: FooBot\nDisallow: /a%2fb\n",
        says: &[('-', "FooBot", "http://h/a%2Fb"), ('+', "FooBot", "http://h/a/b")],
    },
    Case {
        about: "an encoded star is an asterisk",
        text: "User-agent: FooBot\nDisallow: /a%2Ab\nDisallow: /c$d\n",
        says: &[
            ('-', "FooBot", "http://h/a*b"),
            ('+', "FooBot", "http://h/axb"),
            ('-', "FooBot", "http://h/c$d"),
        ],
    },
    Case {
        about: "star in the middle",
        text: "User-agent: FooBot\nDisallow: /foo/bar/quz\nAllow: /foo/*/qux\n",
        says: &[
            ('-', "FooBot", "http://h/foo/bar/quz"),
            ('+', "FooBot", "http://h/foo/quz"),
            ('+', "FooBot", "http://h/foo//quz"),
            ('+', "FooBot", "http://h/foo/bax/quz"),
        ],
    },
    Case {
        about: "$ ends the pattern",
        text: "User-agent: FooBot\nDisallow: /foo/bar$\nAllow: /foo/bar/qux\n",
        says: &[
            ('-', "FooBot", "http://h/foo/bar"),
            ('+', "FooBot", "http://h/foo/bar/qux"),
            ('+', "FooBot", "http://h/foo/bar/"),
            ('+', "FooBot", "http://h/foo/bar/baz"),
        ],
    },
    Case {
        about: "# begins a comment",
        text: "User-agent: FooBot\n# Disallow: /\nDisallow: /foo/quz#qux\nAllow: /\n",
        says: &[('+', "FooBot", "http://h/foo/bar"), ('-', "FooBot", "http://h/foo/quz")],
    },
    Case {
        about: "allowing index.html allows its folder",
        text: "User-Agent: *\nAllow: /allowed-slash/index.html\nDisallow: /\n",
        says: &[
            ('+', "foobot", "http://h/allowed-slash/"),
            ('-', "foobot", "http://h/allowed-slash/index.htm"),
            ('+', "foobot", "http://h/allowed-slash/index.html"),
            ('-', "foobot", "http://h/anyother-url"),
        ],
    },
    Case {
        about: "index.htm as well",
        text: "User-Agent: *\nAllow: /index.htm\nDisallow: /\n",
        says: &[('+', "foobot", "http://h/"), ('-', "foobot", "http://h/x")],
    },
    Case {
        about: "prefixes",
        text: "user-agent: FooBot\ndisallow: /\nallow: /fish\n",
        says: &[
            ('-', "FooBot", "http://h/bar"),
            ('+', "FooBot", "http://h/fish"),
            ('+', "FooBot", "http://h/fish.html"),
            ('+', "FooBot", "http://h/fish/salmon.html"),
            ('+', "FooBot", "http://h/fishheads/yummy.html"),
            ('+', "FooBot", "http://h/fish.html?id=anything"),
            ('-', "FooBot", "http://h/Fish.asp"),
            ('-', "FooBot", "http://h/catfish"),
            ('-', "FooBot", "http://h/?id=fish"),
        ],
    },
    Case {
        about: "a star at the end changes nothing",
        text: "user-agent: FooBot\ndisallow: /\nallow: /fish*\n",
        says: &[
            ('-', "FooBot", "http://h/bar"),
            ('+', "FooBot", "http://h/fish"),
            ('+', "FooBot", "http://h/fishheads/yummy.html"),
            ('-', "FooBot", "http://h/Fish.bar"),
            ('-', "FooBot", "http://h/?id=fish"),
        ],
    },
    Case {
        about: "a slash at the end does",
        text: "user-agent: FooBot\ndisallow: /\nallow: /fish/\n",
        says: &[
            ('+', "FooBot", "http://h/fish/"),
            ('+', "FooBot", "http://h/fish/?salmon"),
            ('-', "FooBot", "http://h/fish"),
            ('-', "FooBot", "http://h/fish.html"),
            ('-', "FooBot", "http://h/Fish/Salmon.html"),
        ],
    },
    Case {
        about: "by extension",
        text: "user-agent: FooBot\ndisallow: /\nallow: /*.php\n",
        says: &[
            ('+', "FooBot", "http://h/filename.php"),
            ('+', "FooBot", "http://h/folder/filename.php?parameters"),
            ('+', "FooBot", "http://h//folder/any.php.file.html"),
            ('+', "FooBot", "http://h/filename.php/"),
            ('+', "FooBot", "http://h/index?f=filename.php/"),
            ('-', "FooBot", "http://h/php/"),
            ('-', "FooBot", "http://h/index?php"),
            ('-', "FooBot", "http://h/windows.PHP"),
        ],
    },
    Case {
        about: "by extension at the end",
        text: "user-agent: FooBot\ndisallow: /\nallow: /*.php$\n",
        says: &[
            ('+', "FooBot", "http://h/filename.php"),
            ('+', "FooBot", "http://h/a.php/b.php"),
            ('-', "FooBot", "http://h/filename.php?parameters"),
            ('-', "FooBot", "http://h/filename.php/"),
            ('-', "FooBot", "http://h/filename.php5"),
            ('-', "FooBot", "http://h/aaaphpaaa"),
            ('-', "FooBot", "http://h//windows.PHP"),
        ],
    },
    Case {
        about: "star between two words",
        text: "user-agent: FooBot\ndisallow: /\nallow: /fish*.php\n",
        says: &[
            ('+', "FooBot", "http://h/fish.php"),
            ('+', "FooBot", "http://h/fishheads/catfish.php?parameters"),
            ('-', "FooBot", "http://h/Fish.PHP"),
        ],
    },
    Case {
        about: "only the home page",
        text: "user-agent: FooBot\nallow: /$\ndisallow: /\n",
        says: &[('+', "FooBot", "http://h/"), ('-', "FooBot", "http://h/page.html")],
    },
    Case {
        about: "a sitemap between two agents parts nothing",
        text: "User-agent: a\nSitemap: http://h/s.xml\nUser-agent: b\nDisallow: /x\n",
        says: &[('-', "a", "http://h/x"), ('-', "b", "http://h/x")],
    },
    Case {
        about: "nor do blank lines and crawl delays",
        text: "User-agent: a\nCrawl-delay: 3\n\nUser-agent: b\n\nDisallow: /x\n",
        says: &[('-', "a", "http://h/x"), ('-', "b", "http://h/x")],
    },
    Case {
        about: "misspelt fields",
        text: "useragent: a\ndissallow: /1\ndissalow: /2\ndisalow: /3\ndiasllow: /4\ndisallaw: /5\nuser agent: b\ndisallow : /6\n",
        says: &[
            ('-', "a", "http://h/1"),
            ('-', "a", "http://h/2"),
            ('-', "a", "http://h/3"),
            ('-', "a", "http://h/4"),
            ('-', "a", "http://h/5"),
            ('-', "b", "http://h/6"),
            ('+', "a", "http://h/6"),
        ],
    },
    Case {
        about: "robots.txt itself",
        text: "User-agent: *\nDisallow: /\n",
        says: &[('+', "a", "http://h/robots.txt"), ('-', "a", "http://h/robots.txt?x")],
    },
    Case {
        about: "HTML in its place",
        text: "<!DOCTYPE html><html><body>404: not <b>found</b></body></html>",
        says: &[('+', "a", "http://h/")],
    },
    Case {
        about: "old Mac line ends",
        text: "User-agent: a\rDisallow: /x\rUser-agent: b\r\r\rDisallow: /\r",
        says: &[('-', "a", "http://h/x"), ('+', "a", "http://h/y"), ('-', "b", "http://h/y")],
    },
    Case {
        about: "Windows line ends, none at the end",
        text: "User-agent: a\r\nDisallow: /x\r\n\r\nUser-agent: b\r\nDisallow: /",
        says: &[('-', "a", "http://h/x"), ('-', "b", "http://h/y")],
    },
];

#[test]
fn cases() {
    for case in CASES {
        let robots = Robots::parse(case.text.as_bytes());
        for (sign, agent, url) in case.says {
            assert_eq!(robots.allows(agent, url), *sign == '+', "{}: {agent} {url}", case.about);
        }
    }
}

#[test]
fn byte_order_marks() {
    let rules = b"User-agent: a\nDisallow: /\n";
    let allows = |mark: &[u8]| Robots::parse(&[mark, rules].concat()).allows("a", "http://h/x");
    assert!(
        !allows(b"\xef\xbb\xbf") && !allows(b"\xef\xbb") && !allows(b"\xef"),
        "a mark, or part of one, is skipped"
    );
    assert!(allows(b"\xef\x11\xbf"), "anything else spoils the line");
    let wide: Vec<u8> = [0xff, 0xfe].into_iter().chain(rules.iter().flat_map(|b| [*b, 0])).collect();
    assert!(!Robots::parse(&wide).allows("a", "http://h/x"), "UTF-16 is read");
}

#[test]
fn what_a_path_is() {
    for (url, path) in [
        ("", "/"),
        ("http://www.example.com", "/"),
        ("http://www.example.com/a/b?c=http://d.e/", "/a/b?c=http://d.e/"),
        ("http://www.example.com/a/b?c=d&e=f#fragment", "/a/b?c=d&e=f"),
        ("example.com", "/"),
        ("example.com/a/", "/a/"),
        ("a", "/"),
        ("/a", "/a"),
        ("a/b", "/b"),
        ("example.com?a", "/?a"),
        ("example.com/a;b#c", "/a;b"),
        ("//a/b/c", "/b/c"),
    ] {
        assert_eq!(path_of(url), path, "{url}");
    }
}

#[test]
fn long_lines_are_cut() {
    let field = "disallow: ";
    let kept = format!("/x/{}", "a".repeat(MAX_LINE - field.len() - 3));
    let robots = Robots::parse(format!("user-agent: a\n{field}{kept}/qux\n").as_bytes());
    assert!(robots.allows("a", "http://h/fux"));
    assert!(!robots.allows("a", &format!("http://h{kept}/fux")), "the part that was read rules");
}

#[test]
fn only_the_first_500_kib_are_read() {
    let mut text = b"User-agent: a\nDisallow: /early\n".to_vec();
    while text.len() < MAX_BYTES {
        text.extend_from_slice(b"Disallow: /private/of/no/account\n");
    }
    // The line that the limit cuts must not become "Disallow: /".
    text.extend_from_slice(b"Disallow: /late\n");
    let robots = Robots::parse(&text);
    assert!(!robots.allows("a", "http://h/early"));
    assert!(robots.allows("a", "http://h/late") && robots.allows("a", "http://h/private/of"));
}

#[test]
fn delays_and_sitemaps() {
    let robots = Robots::parse(
        b"Sitemap: http://h/1.xml\nUser-agent: *\nCrawl-delay: 2\nUser-agent: a\nCrawl-delay: 0.5\nDisallow:\n\
          Site-map: http://h/2.xml\nUser-agent: a\nCrawl-delay: 4\nAllow: /\nUser-agent: c\nCrawl-delay: -1\nCrawl-delay: soon\nAllow: /\n",
    );
    assert_eq!(robots.crawl_delay("a/1.0"), Some(4.0));
    assert_eq!(robots.crawl_delay("b"), Some(2.0));
    assert_eq!(robots.crawl_delay("c"), None);
    assert_eq!(robots.sitemaps(), ["http://h/1.xml", "http://h/2.xml"]);
}

#[test]
fn many_stars_take_linear_time() {
    let text = format!("User-agent: a\nDisallow: /{}b\n", "*a".repeat(4000));
    let robots = Robots::parse(text.as_bytes());
    assert!(robots.allows("a", &format!("http://h/{}", "a".repeat(200_000))));
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_read(text: Vec<u8>, agent: String, url: String) {
        let robots = Robots::parse(&text);
        robots.allows(&agent, &url);
        robots.crawl_delay(&agent);
    }

    #[test]
    fn a_rule_forbids_its_own_path(path in "/[a-zA-Z0-9/._~%-]{0,40}") {
        let robots = Robots::parse(format!("user-agent: a\ndisallow: {path}\n").as_bytes());
        let url = format!("http://h{path}");
        proptest::prop_assert!(path == "/robots.txt" || !robots.allows("a", &url));
    }
}
