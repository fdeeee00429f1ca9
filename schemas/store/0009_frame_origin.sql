-- Paper is two frames: what a till printed, as it came, and the sale that was read from it, in the words of the interface. frame_id is the sale's.
CREATE TABLE frame_origin (
	frame_id INTEGER PRIMARY KEY REFERENCES frame (id),
	origin_id INTEGER NOT NULL REFERENCES frame (id)
) STRICT;

CREATE INDEX frame_origin_origin ON frame_origin (origin_id);
CREATE TRIGGER frame_origin_keep BEFORE UPDATE ON frame_origin BEGIN
	SELECT raise(ABORT, 'where a sale came from never changes');
END;
