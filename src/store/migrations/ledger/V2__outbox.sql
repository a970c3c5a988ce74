-- The outbox: one row a letter and recipient. What is sent is fixed when the row is written; the same letter
-- of a batch is never written twice for the same recipient.

CREATE TABLE outbox (
    id            INTEGER PRIMARY KEY,
    batch         TEXT    NOT NULL,
    unit          TEXT    NOT NULL,
    kind          TEXT    NOT NULL CHECK (kind IN ('unit', 'county', 'separate', 'hint')),
    recipient     TEXT    NOT NULL,                      -- address; empty where delivered by other means
    lead          INTEGER NOT NULL CHECK (lead IN (0, 1)), -- 1: 主送, whose acceptance hands the cases over
    via           TEXT    NOT NULL,                      -- 送达方式
    subject       TEXT    NOT NULL,
    message_id    TEXT    NOT NULL,
    sender        TEXT    NOT NULL,
    bytes         BLOB,                                  -- the whole message; NULL where delivered by other means
    handed_over   TEXT    NOT NULL CHECK (json_valid(handed_over)),
    issued        TEXT    NOT NULL,                      -- date of the letter
    state         TEXT    NOT NULL CHECK (state IN
        ('pending', 'attempting', 'body_sent', 'accepted', 'deferred', 'rejected', 'unknown', 'held',
         'waiting', 'by_hand')),
    attempts      INTEGER NOT NULL DEFAULT 0,
    unknowns      INTEGER NOT NULL DEFAULT 0,            -- attempts whose end is not known: at most 2
    queued_at     INTEGER NOT NULL,                      -- milliseconds since 1970, UTC, as all times here
    first_attempt INTEGER,
    not_before    INTEGER,
    changed_at    INTEGER NOT NULL,
    note          TEXT    NOT NULL DEFAULT '',           -- the server's last reply, or how it was delivered
    delivered_on  TEXT,                                  -- 送达日期
    recorded      INTEGER NOT NULL DEFAULT 0,            -- 1: the ledger knows that its cases are handed over
    UNIQUE (batch, unit, kind, recipient)
) STRICT;
CREATE INDEX outbox_by_state ON outbox (state, not_before);

CREATE TRIGGER outbox_is_fixed
BEFORE UPDATE OF batch, unit, kind, recipient, message_id, sender, bytes, handed_over, issued ON outbox
BEGIN SELECT RAISE(ABORT, 'a letter in the outbox is never rewritten'); END;
CREATE TRIGGER outbox_is_never_deleted BEFORE DELETE ON outbox
BEGIN SELECT RAISE(ABORT, 'letters are never deleted'); END;

CREATE TABLE outbox_step (
    id     INTEGER PRIMARY KEY,
    letter INTEGER NOT NULL REFERENCES outbox (id),
    at     INTEGER NOT NULL,
    state  TEXT    NOT NULL,
    note   TEXT    NOT NULL
) STRICT;
CREATE INDEX outbox_step_by_letter ON outbox_step (letter, id);

CREATE TRIGGER outbox_begins AFTER INSERT ON outbox
BEGIN INSERT INTO outbox_step (letter, at, state, note) VALUES (NEW.id, NEW.changed_at, NEW.state, NEW.note); END;
CREATE TRIGGER outbox_goes_on AFTER UPDATE OF state ON outbox
BEGIN INSERT INTO outbox_step (letter, at, state, note) VALUES (NEW.id, NEW.changed_at, NEW.state, NEW.note); END;
CREATE TRIGGER outbox_step_is_never_updated BEFORE UPDATE ON outbox_step
BEGIN SELECT RAISE(ABORT, 'steps are append-only'); END;
CREATE TRIGGER outbox_step_is_never_deleted BEFORE DELETE ON outbox_step
BEGIN SELECT RAISE(ABORT, 'steps are append-only'); END;
