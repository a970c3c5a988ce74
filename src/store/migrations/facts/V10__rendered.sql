-- Pages as a browser showed them, by the address they were asked for; their pictures are bodies.
CREATE TABLE rendered (
    run     INTEGER NOT NULL,
    look    INTEGER NOT NULL,
    site    INTEGER NOT NULL,
    url     TEXT NOT NULL,
    at      INTEGER NOT NULL,
    seen    BLOB NOT NULL,
    picture TEXT NOT NULL,
    PRIMARY KEY (run, look, url)
) STRICT, WITHOUT ROWID;

CREATE INDEX rendered_by_url ON rendered (url, at);

-- The TLS of hosts that outside links lead to, where a finding asked for it.
CREATE TABLE outside_tls (
    run  INTEGER NOT NULL,
    look INTEGER NOT NULL,
    url  TEXT NOT NULL,
    tls  TEXT NOT NULL,
    PRIMARY KEY (run, look, url)
) STRICT, WITHOUT ROWID;
