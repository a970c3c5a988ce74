-- The text of a page, compressed, stored once however many pages and runs hold it. `print` is the first half of its SHA-256.
-- Numbers of persons are masked in it; which there were stands beside it as JSON, masked as well.
CREATE TABLE text (
    id    INTEGER PRIMARY KEY,
    print BLOB NOT NULL UNIQUE,
    chars INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    leaks TEXT
) STRICT;

-- Which text a page of a look held.
CREATE TABLE page_text (
    run  INTEGER NOT NULL,
    look INTEGER NOT NULL,
    site INTEGER NOT NULL,
    url  INTEGER NOT NULL,
    text INTEGER NOT NULL,
    PRIMARY KEY (run, look, site, url)
) STRICT, WITHOUT ROWID;

CREATE INDEX page_text_by_text ON page_text (text, run);
CREATE INDEX page_text_by_url ON page_text (url, run);
