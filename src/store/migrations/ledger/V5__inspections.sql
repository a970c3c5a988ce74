-- Inspections: how each site and account stood when a run was judged, the lists drawn for a period, what a person ruled
-- where the machine could not, and the papers that were made final. All of it is only ever added to.

CREATE TABLE standing (
    id   INTEGER PRIMARY KEY,
    kind TEXT    NOT NULL CHECK (kind IN ('site', 'account')),
    code TEXT    NOT NULL,                               -- 网站标识码, or the key of the account
    run  TEXT    NOT NULL,
    at   INTEGER NOT NULL,                               -- the run's as_of; milliseconds since 1970, UTC, as all times here
    body TEXT    NOT NULL CHECK (json_valid(body))
) STRICT;
CREATE INDEX standing_by_time ON standing (at, id);
CREATE INDEX standing_by_code ON standing (kind, code, id);

CREATE TABLE draw (
    id     INTEGER PRIMARY KEY,
    period TEXT    NOT NULL,                             -- 2026Q4, 2026H2
    at     INTEGER NOT NULL,
    body   TEXT    NOT NULL CHECK (json_valid(body))
) STRICT;
CREATE INDEX draw_by_period ON draw (period, id);

CREATE TABLE ruling (
    id        INTEGER PRIMARY KEY,
    period    TEXT    NOT NULL,
    code      TEXT    NOT NULL,
    indicator TEXT    NOT NULL,
    verdict   TEXT    NOT NULL CHECK (verdict IN ('met', 'not-met', 'undecided')),
    author    TEXT    NOT NULL CHECK (author <> ''),
    at        INTEGER NOT NULL,
    reason    TEXT    NOT NULL
) STRICT;
CREATE INDEX ruling_by_period ON ruling (period, id);

CREATE TABLE paper (
    id     INTEGER PRIMARY KEY,
    kind   TEXT    NOT NULL,
    period TEXT    NOT NULL,
    author TEXT    NOT NULL CHECK (author <> ''),
    at     INTEGER NOT NULL,
    name   TEXT    NOT NULL,                             -- of the file
    sha256 TEXT    NOT NULL
) STRICT;

CREATE TRIGGER standing_is_never_updated BEFORE UPDATE ON standing
BEGIN SELECT RAISE(ABORT, 'standings are append-only'); END;
CREATE TRIGGER standing_is_never_deleted BEFORE DELETE ON standing
BEGIN SELECT RAISE(ABORT, 'standings are append-only'); END;
CREATE TRIGGER draw_is_never_updated BEFORE UPDATE ON draw
BEGIN SELECT RAISE(ABORT, 'draws are append-only'); END;
CREATE TRIGGER draw_is_never_deleted BEFORE DELETE ON draw
BEGIN SELECT RAISE(ABORT, 'draws are append-only'); END;
CREATE TRIGGER ruling_is_never_updated BEFORE UPDATE ON ruling
BEGIN SELECT RAISE(ABORT, 'rulings are append-only'); END;
CREATE TRIGGER ruling_is_never_deleted BEFORE DELETE ON ruling
BEGIN SELECT RAISE(ABORT, 'rulings are append-only'); END;
CREATE TRIGGER paper_is_never_updated BEFORE UPDATE ON paper
BEGIN SELECT RAISE(ABORT, 'papers are append-only'); END;
CREATE TRIGGER paper_is_never_deleted BEFORE DELETE ON paper
BEGIN SELECT RAISE(ABORT, 'papers are append-only'); END;
