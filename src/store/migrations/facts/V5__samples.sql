-- Rounds of visits to all home pages, a few dozen a day. `witness` is what witness looks said of our own network: 1 it was
-- there, 0 it was not, NULL nobody asked. `void` says why the whole round proves nothing, where it does.
CREATE TABLE probe_round (
    id      INTEGER PRIMARY KEY,
    began   INTEGER NOT NULL,
    ended   INTEGER,
    witness INTEGER,
    void    TEXT
) STRICT;

-- One visit to one home page over one family. `site` is the register's 标识码, so that samples outlive changes of the
-- register; `grp` is what the site shares with others: its address, or its own host; `reached` whether
-- anything answered, NULL where nothing was asked of the network. Times are milliseconds since 1970.
CREATE TABLE sample (
    site    TEXT NOT NULL,
    round   INTEGER NOT NULL,
    family  INTEGER NOT NULL,
    at      INTEGER NOT NULL,
    grp     TEXT NOT NULL,
    addr    TEXT,
    status  INTEGER,
    outcome TEXT NOT NULL,
    took_ms INTEGER NOT NULL,
    reached INTEGER,
    PRIMARY KEY (site, round, family)
) STRICT, WITHOUT ROWID;

CREATE INDEX sample_round ON sample (round, family, grp, reached);

-- What a look found of a home page's TLS, as JSON.
CREATE TABLE tls (
    run  INTEGER NOT NULL,
    look INTEGER NOT NULL,
    site INTEGER NOT NULL,
    tls  TEXT NOT NULL,
    PRIMARY KEY (run, look, site)
) STRICT, WITHOUT ROWID;

-- robots.txt as the visits last read it, by origin: asked for again once a day, not at every visit.
CREATE TABLE robots (
    origin TEXT PRIMARY KEY,
    at     INTEGER NOT NULL,
    body   BLOB NOT NULL
) STRICT, WITHOUT ROWID;
