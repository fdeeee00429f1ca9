-- Which time is believed (house 8.8): in the boot of that id, the monotonic clock and clock_offset. boot '' = nothing is known yet.
CREATE TABLE believed_time (
	id INTEGER PRIMARY KEY CHECK (id = 1),
	boot TEXT NOT NULL,
	clock_offset INTEGER NOT NULL,
	mono INTEGER NOT NULL,
	is_proven INTEGER NOT NULL,
	state TEXT NOT NULL
) STRICT;

INSERT INTO believed_time (id, boot, clock_offset, mono, is_proven, state) VALUES (1, '', 0, 0, 0, 'proven');

-- The flag of law R-TIME-1: 'proven', 'unproven' or 'ahead' when the invoice was issued.
ALTER TABLE invoice ADD COLUMN time_state TEXT NOT NULL DEFAULT 'proven';

CREATE TRIGGER invoice_time_keep BEFORE UPDATE OF time_state ON invoice BEGIN
	SELECT raise(ABORT, 'an issued invoice never changes');
END;
