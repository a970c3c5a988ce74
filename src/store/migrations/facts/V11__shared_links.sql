-- Stretches of links that many pages of a site carry alike (menus, footers), each once, named by a hash of their content;
-- the pages' facts say which they carry where.
CREATE TABLE stretch (
    id    INTEGER PRIMARY KEY,
    links BLOB NOT NULL
) STRICT;
