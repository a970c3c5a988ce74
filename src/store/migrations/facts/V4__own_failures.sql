-- Looks at the witnesses: the addresses that say whether our own network is well, round by round.
CREATE TABLE witness (
    run      INTEGER NOT NULL,
    look     INTEGER NOT NULL,
    round    INTEGER NOT NULL,
    url      TEXT NOT NULL,
    exchange TEXT NOT NULL,
    PRIMARY KEY (run, look, round, url)
) STRICT, WITHOUT ROWID;

-- What a run said of its own failures, as it was told; judged again from the tables above at any time.
CREATE TABLE own_failure (
    run  INTEGER NOT NULL,
    look INTEGER NOT NULL,
    nth  INTEGER NOT NULL,
    told TEXT NOT NULL,
    PRIMARY KEY (run, look, nth)
) STRICT, WITHOUT ROWID;
