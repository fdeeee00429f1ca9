-- Packs of law as the publisher signed them (schemas/law/README.md). The built-in one has no row. What held on a day is never rewritten.
CREATE TABLE law (
	version INTEGER PRIMARY KEY,
	applies_on INTEGER NOT NULL,
	imported_at INTEGER NOT NULL,
	digest BLOB NOT NULL,
	pack BLOB NOT NULL,
	signature BLOB NOT NULL
) STRICT;

CREATE TRIGGER law_keep BEFORE UPDATE ON law BEGIN
	SELECT raise(ABORT, 'a pack of law never changes');
END;
CREATE TRIGGER law_stay BEFORE DELETE ON law BEGIN
	SELECT raise(ABORT, 'a pack of law is never deleted');
END;
