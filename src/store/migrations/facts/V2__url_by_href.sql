-- A record is asked for by its address: each home page once a look, each open case of a link once.
CREATE INDEX url_by_href ON url (href);
