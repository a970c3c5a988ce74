-- What the pages of a look came to, site by site, so that changed rules are judged without reading every page again.
-- `key` names everything the fold depends on beside the look itself: the register's sites and columns, and the program.
CREATE TABLE fold (
    run   INTEGER NOT NULL,
    look  INTEGER NOT NULL,
    site  INTEGER NOT NULL,
    key   TEXT    NOT NULL,
    facts BLOB    NOT NULL,                              -- JSON of look and survey, compressed
    PRIMARY KEY (run, look, site)
) STRICT;

-- Whatever is added to a run makes its folds untrue. New pages and visits forget them where they are committed.
CREATE TRIGGER fold_after_probe AFTER INSERT ON probe BEGIN DELETE FROM fold WHERE run = NEW.run; END;
CREATE TRIGGER fold_after_tls AFTER INSERT ON tls BEGIN DELETE FROM fold WHERE run = NEW.run; END;
CREATE TRIGGER fold_after_coverage AFTER INSERT ON coverage BEGIN DELETE FROM fold WHERE run = NEW.run; END;
CREATE TRIGGER fold_after_coverage_again AFTER UPDATE ON coverage BEGIN DELETE FROM fold WHERE run = NEW.run; END;
CREATE TRIGGER fold_after_witness AFTER INSERT ON witness BEGIN DELETE FROM fold WHERE run = NEW.run; END;
