-- Everything that was seen, run by run. Prunable by age; nothing here is the only record of a case.
CREATE TABLE run (
    id            INTEGER PRIMARY KEY,
    as_of         TEXT NOT NULL,
    started       TEXT NOT NULL,
    ended         TEXT,
    version       TEXT NOT NULL,
    config_hash   TEXT NOT NULL,
    registry_hash TEXT NOT NULL,
    rules_hash    TEXT NOT NULL
) STRICT;

-- Every URL ever met, once.
CREATE TABLE url (
    id   INTEGER PRIMARY KEY,
    href TEXT NOT NULL
) STRICT;

-- One row a URL, run and look: the frontier while `state` is 0, the record of what came once it is 1; 2 where a bound
-- forbids it.
CREATE TABLE visit (
    run      INTEGER NOT NULL,
    look     INTEGER NOT NULL,
    url      INTEGER NOT NULL,
    site     INTEGER NOT NULL,
    role     INTEGER NOT NULL,
    depth    INTEGER NOT NULL,
    via      INTEGER,
    state    INTEGER NOT NULL,
    answer   TEXT,
    exchange TEXT,
    PRIMARY KEY (run, look, url)
) STRICT, WITHOUT ROWID;

-- What was read off a page: JSON without its links, and the links as ids of URLs, compressed.
CREATE TABLE page (
    run   INTEGER NOT NULL,
    look  INTEGER NOT NULL,
    url   INTEGER NOT NULL,
    site  INTEGER NOT NULL,
    facts BLOB NOT NULL,
    PRIMARY KEY (run, look, url)
) STRICT;

-- Validators for a conditional GET in the next run, with the run whose page facts they stand for.
CREATE TABLE validator (
    url           INTEGER PRIMARY KEY,
    run           INTEGER NOT NULL,
    etag          TEXT,
    last_modified TEXT
) STRICT;

-- Bodies kept as evidence, by content, compressed.
CREATE TABLE body (
    sha256 TEXT PRIMARY KEY,
    bytes  BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- What a look found of a site apart from pages: IPv6 as JSON.
CREATE TABLE probe (
    run  INTEGER NOT NULL,
    look INTEGER NOT NULL,
    site INTEGER NOT NULL,
    ipv6 TEXT NOT NULL,
    PRIMARY KEY (run, look, site)
) STRICT, WITHOUT ROWID;

-- Figures of one look at one site that the visits alone do not tell.
CREATE TABLE coverage (
    run         INTEGER NOT NULL,
    look        INTEGER NOT NULL,
    site        INTEGER NOT NULL,
    requests    INTEGER NOT NULL,
    not_reached INTEGER NOT NULL,
    traps       TEXT NOT NULL,
    PRIMARY KEY (run, look, site)
) STRICT, WITHOUT ROWID;

-- When a politeness key may be asked again after it asked for patience, as milliseconds since 1970.
CREATE TABLE patience (
    key       TEXT PRIMARY KEY,
    not_until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
