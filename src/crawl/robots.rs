//! robots.txt by RFC 9309 with the practice of the large crawlers. Pure.
