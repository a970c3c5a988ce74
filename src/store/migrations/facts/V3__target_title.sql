-- What outside targets called themselves, one row whenever that changed: the memory by which a domain that others have
-- bought is told.
CREATE TABLE target_title (
    url   INTEGER NOT NULL,
    run   INTEGER NOT NULL,
    title TEXT NOT NULL,
    PRIMARY KEY (url, run)
) STRICT, WITHOUT ROWID;
