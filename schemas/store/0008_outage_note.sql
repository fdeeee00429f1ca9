-- What a person adds to the dossier of an outage beside our own evidence (law R-OUT-1 to 4). Notes are added, never changed.
-- kind: words, ticket (the provider's), announcement (the authority's), back (the authority's, that all works again; the term of R-OUT-4 counts from it).
-- said_on: local day YYYYMMDD on which it was said; noted_at: ms UTC; ledger_seq: the record outage-note.
CREATE TABLE outage_note (
	id INTEGER PRIMARY KEY,
	outage_id INTEGER NOT NULL REFERENCES outage (id),
	kind TEXT NOT NULL,
	said_on INTEGER NOT NULL,
	noted_at INTEGER NOT NULL,
	text TEXT NOT NULL,
	ledger_seq INTEGER NOT NULL
) STRICT;

CREATE INDEX outage_note_outage ON outage_note (outage_id, id);
CREATE TRIGGER outage_note_keep BEFORE UPDATE ON outage_note BEGIN
	SELECT raise(ABORT, 'a note on an outage never changes');
END;
CREATE TRIGGER outage_note_stay BEFORE DELETE ON outage_note BEGIN
	SELECT raise(ABORT, 'a note on an outage is never deleted');
END;
