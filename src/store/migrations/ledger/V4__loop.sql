-- The closed loop: a chain of hashes over all events, the files that replies were read from, and letters beside those of
-- a batch.

CREATE TABLE chain (
    event INTEGER PRIMARY KEY REFERENCES event (id),
    hash  TEXT NOT NULL CHECK (length(hash) = 64)        -- SHA-256 over the link before and the event
) STRICT;
CREATE TRIGGER chain_is_never_updated BEFORE UPDATE ON chain
BEGIN SELECT RAISE(ABORT, 'the chain is append-only'); END;
CREATE TRIGGER chain_is_never_deleted BEFORE DELETE ON chain
BEGIN SELECT RAISE(ABORT, 'the chain is append-only'); END;

-- 0 until the events of before this schema have been chained and the cases folded again.
CREATE TABLE sealing (done INTEGER NOT NULL CHECK (done IN (0, 1))) STRICT;
INSERT INTO sealing (done) VALUES (0);

CREATE TABLE import (
    sha256 TEXT    NOT NULL PRIMARY KEY,                 -- of the file's bytes
    name   TEXT    NOT NULL,
    at     INTEGER NOT NULL,                             -- milliseconds since 1970, UTC
    author TEXT    NOT NULL CHECK (author <> '')
) STRICT;
CREATE TRIGGER import_is_never_updated BEFORE UPDATE ON import
BEGIN SELECT RAISE(ABORT, 'imports are append-only'); END;
CREATE TRIGGER import_is_never_deleted BEFORE DELETE ON import
BEGIN SELECT RAISE(ABORT, 'imports are append-only'); END;

-- The outbox takes further kinds of letters. SQLite cannot change a CHECK: both tables are written anew.
CREATE TABLE outbox_next (
    id            INTEGER PRIMARY KEY,
    batch         TEXT    NOT NULL,
    unit          TEXT    NOT NULL,
    kind          TEXT    NOT NULL CHECK (kind IN
        ('unit', 'county', 'separate', 'hint', 'notice', 'reminder', 'second-reminder', 'order', 'group')),
    recipient     TEXT    NOT NULL,
    lead          INTEGER NOT NULL CHECK (lead IN (0, 1)),
    via           TEXT    NOT NULL,
    subject       TEXT    NOT NULL,
    message_id    TEXT    NOT NULL,
    sender        TEXT    NOT NULL,
    bytes         BLOB,
    handed_over   TEXT    NOT NULL CHECK (json_valid(handed_over)),
    issued        TEXT    NOT NULL,
    state         TEXT    NOT NULL CHECK (state IN
        ('pending', 'attempting', 'body_sent', 'accepted', 'deferred', 'rejected', 'unknown', 'held',
         'waiting', 'by_hand')),
    attempts      INTEGER NOT NULL DEFAULT 0,
    unknowns      INTEGER NOT NULL DEFAULT 0,
    queued_at     INTEGER NOT NULL,
    first_attempt INTEGER,
    not_before    INTEGER,
    changed_at    INTEGER NOT NULL,
    note          TEXT    NOT NULL DEFAULT '',
    delivered_on  TEXT,
    recorded      INTEGER NOT NULL DEFAULT 0,
    UNIQUE (batch, unit, kind, recipient)
) STRICT;
INSERT INTO outbox_next SELECT * FROM outbox;
CREATE TABLE outbox_step_next (
    id     INTEGER PRIMARY KEY,
    letter INTEGER NOT NULL REFERENCES outbox_next (id),
    at     INTEGER NOT NULL,
    state  TEXT    NOT NULL,
    note   TEXT    NOT NULL
) STRICT;
INSERT INTO outbox_step_next SELECT * FROM outbox_step;
DROP TABLE outbox_step;
DROP TABLE outbox;
ALTER TABLE outbox_next RENAME TO outbox;
ALTER TABLE outbox_step_next RENAME TO outbox_step;
CREATE INDEX outbox_by_state ON outbox (state, not_before);
CREATE INDEX outbox_step_by_letter ON outbox_step (letter, id);

CREATE TRIGGER outbox_is_fixed
BEFORE UPDATE OF batch, unit, kind, recipient, message_id, sender, bytes, handed_over, issued ON outbox
BEGIN SELECT RAISE(ABORT, 'a letter in the outbox is never rewritten'); END;
CREATE TRIGGER outbox_is_never_deleted BEFORE DELETE ON outbox
BEGIN SELECT RAISE(ABORT, 'letters are never deleted'); END;
CREATE TRIGGER outbox_begins AFTER INSERT ON outbox
BEGIN INSERT INTO outbox_step (letter, at, state, note) VALUES (NEW.id, NEW.changed_at, NEW.state, NEW.note); END;
CREATE TRIGGER outbox_goes_on AFTER UPDATE OF state ON outbox
BEGIN INSERT INTO outbox_step (letter, at, state, note) VALUES (NEW.id, NEW.changed_at, NEW.state, NEW.note); END;
CREATE TRIGGER outbox_step_is_never_updated BEFORE UPDATE ON outbox_step
BEGIN SELECT RAISE(ABORT, 'steps are append-only'); END;
CREATE TRIGGER outbox_step_is_never_deleted BEFORE DELETE ON outbox_step
BEGIN SELECT RAISE(ABORT, 'steps are append-only'); END;
