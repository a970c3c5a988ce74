-- What sources said of new-media accounts. A look gathers evidence anew; the numbers of these looks are their own.
CREATE TABLE account_look (
    run  INTEGER NOT NULL,
    look INTEGER NOT NULL,
    at   INTEGER NOT NULL,
    PRIMARY KEY (run, look)
) STRICT, WITHOUT ROWID;

-- One answer of one source; `asked` is 1 where the network was asked. `facts` is JSON, zstd.
CREATE TABLE account_facts (
    run     INTEGER NOT NULL,
    look    INTEGER NOT NULL,
    account TEXT NOT NULL,
    nth     INTEGER NOT NULL,
    asked   INTEGER NOT NULL,
    facts   BLOB NOT NULL,
    PRIMARY KEY (run, look, account, nth)
) STRICT;

-- What could not be read of the evidence, as it was told.
CREATE TABLE account_remark (
    run  INTEGER NOT NULL,
    look INTEGER NOT NULL,
    nth  INTEGER NOT NULL,
    told TEXT NOT NULL,
    PRIMARY KEY (run, look, nth)
) STRICT, WITHOUT ROWID;
