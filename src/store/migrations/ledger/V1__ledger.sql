-- The ledger: cases and their histories. Histories are only ever added to; the triggers hold even against
-- a hand at the sqlite3 prompt.

CREATE TABLE cases (
    number      TEXT    NOT NULL PRIMARY KEY,            -- 问题编号, YYYYMM-NNNN
    month       INTEGER NOT NULL,                        -- YYYYMM
    serial      INTEGER NOT NULL CHECK (serial > 0),
    fingerprint TEXT    NOT NULL UNIQUE,
    site        TEXT    NOT NULL,
    rule        TEXT    NOT NULL,
    unit        TEXT    NOT NULL,
    state       TEXT    NOT NULL,
    folded      TEXT    NOT NULL CHECK (json_valid(folded)), -- fold of the case's events; can be made again from them
    UNIQUE (month, serial)
) STRICT;
CREATE INDEX cases_by_state ON cases (state, unit);

CREATE TRIGGER cases_keep_their_identity
BEFORE UPDATE OF number, month, serial, fingerprint ON cases
WHEN OLD.number <> NEW.number OR OLD.month <> NEW.month OR OLD.serial <> NEW.serial OR OLD.fingerprint <> NEW.fingerprint
BEGIN SELECT RAISE(ABORT, 'a case never changes its number or its identity'); END;
CREATE TRIGGER cases_are_never_deleted BEFORE DELETE ON cases
BEGIN SELECT RAISE(ABORT, 'cases are never deleted'); END;

CREATE TABLE event (
    id       INTEGER PRIMARY KEY,
    number   TEXT    NOT NULL REFERENCES cases (number),
    at       INTEGER NOT NULL,                           -- milliseconds since 1970, UTC
    author   TEXT    NOT NULL CHECK (author <> ''),
    kind     TEXT    NOT NULL,
    run      TEXT,                                       -- of observations
    body     TEXT    NOT NULL CHECK (json_valid(body)),
    evidence TEXT
) STRICT;
CREATE INDEX event_by_case ON event (number, id);

CREATE TRIGGER event_is_never_updated BEFORE UPDATE ON event
BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE TRIGGER event_is_never_deleted BEFORE DELETE ON event
BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE TRIGGER event_is_never_replaced BEFORE INSERT ON event
WHEN NEW.id IS NOT NULL AND EXISTS (SELECT 1 FROM event WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;

CREATE TABLE recording (
    id      INTEGER PRIMARY KEY,
    run     TEXT    NOT NULL,
    at      INTEGER NOT NULL,
    whole   INTEGER NOT NULL CHECK (whole IN (0, 1)),
    outcome TEXT    NOT NULL CHECK (json_valid(outcome))
) STRICT;
CREATE INDEX recording_by_run ON recording (run);

CREATE TABLE undecided (
    run     TEXT NOT NULL,
    unit    TEXT NOT NULL,
    subject TEXT NOT NULL,
    why     TEXT NOT NULL,
    PRIMARY KEY (run, unit, subject, why)
) STRICT, WITHOUT ROWID;

CREATE TABLE batch (
    id          TEXT    NOT NULL PRIMARY KEY,            -- 批次, YYYYMM or YYYYMM-N
    approved_by TEXT    NOT NULL CHECK (approved_by <> ''),
    approved_at INTEGER NOT NULL
) STRICT;

CREATE TABLE batch_case (
    batch  TEXT NOT NULL REFERENCES batch (id),
    number TEXT NOT NULL REFERENCES cases (number),
    PRIMARY KEY (batch, number)
) STRICT, WITHOUT ROWID;
