-- An interval in which invoices could not go their way, and why (law R-OUT-1 to 7). begun_at: first failure; ended_at: 0 = it goes on.
-- deadline: ms UTC, until when what it delayed is to be sent, counted from its end (law R-OUT-4, R-OUT-5); 0 = none, or it goes on.
-- part: what failed ("route NAME", "authority", "key", "disk"); first_text and last_text: what was seen, status: HTTP, 0 = no answer came.
CREATE TABLE outage (
	id INTEGER PRIMARY KEY,
	part TEXT NOT NULL,
	cause TEXT NOT NULL,
	begun_at INTEGER NOT NULL,
	ended_at INTEGER NOT NULL DEFAULT 0,
	deadline INTEGER NOT NULL DEFAULT 0,
	failures INTEGER NOT NULL,
	status INTEGER NOT NULL,
	first_text TEXT NOT NULL,
	last_text TEXT NOT NULL
) STRICT;

CREATE UNIQUE INDEX outage_open ON outage (part) WHERE ended_at = 0;
