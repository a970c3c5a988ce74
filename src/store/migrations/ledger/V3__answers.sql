-- What persons found where no check judges (人工核查表): only ever added to, a later answer stands beside the earlier one.
CREATE TABLE answer (
    id       INTEGER PRIMARY KEY,
    subject  TEXT    NOT NULL CHECK (subject <> ''),     -- 标识码 of the site or account
    question TEXT    NOT NULL CHECK (question <> ''),    -- V1-2
    said     TEXT    NOT NULL CHECK (json_valid(said)),
    note     TEXT    NOT NULL,
    author   TEXT    NOT NULL CHECK (author <> ''),
    day      TEXT    NOT NULL,                           -- 核查日期, YYYY-MM-DD
    entered  INTEGER NOT NULL,                           -- milliseconds since 1970, UTC
    source   TEXT    NOT NULL                            -- name of the file it came in
) STRICT;
CREATE INDEX answer_by_subject ON answer (subject, question, id);

CREATE TRIGGER answer_is_never_updated BEFORE UPDATE ON answer
BEGIN SELECT RAISE(ABORT, 'answers are append-only'); END;
CREATE TRIGGER answer_is_never_deleted BEFORE DELETE ON answer
BEGIN SELECT RAISE(ABORT, 'answers are append-only'); END;
CREATE TRIGGER answer_is_never_replaced BEFORE INSERT ON answer
WHEN NEW.id IS NOT NULL AND EXISTS (SELECT 1 FROM answer WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'answers are append-only'); END;
