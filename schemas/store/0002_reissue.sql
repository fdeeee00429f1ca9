-- How one invoice follows from another (house section 5; law R-FIX-14). Two-phase: the relation holds once the later one is accepted,
-- which its own state says; nothing here ever changes.
CREATE TABLE invoice_relation (
	later_id INTEGER PRIMARY KEY REFERENCES invoice (id),
	earlier_id INTEGER NOT NULL REFERENCES invoice (id),
	relation TEXT NOT NULL,
	made_at INTEGER NOT NULL,
	CHECK (later_id > earlier_id)
) STRICT;

-- A refused invoice is issued again once, however often a person clicks.
CREATE UNIQUE INDEX invoice_reissued ON invoice_relation (earlier_id) WHERE relation = 'reissued-as';

CREATE TRIGGER invoice_relation_keep BEFORE UPDATE ON invoice_relation BEGIN
	SELECT raise(ABORT, 'a relation of invoices never changes');
END;
CREATE TRIGGER invoice_relation_stay BEFORE DELETE ON invoice_relation BEGIN
	SELECT raise(ABORT, 'a relation of invoices is never deleted');
END;

-- The open tasks of one invoice.
CREATE INDEX task_invoice ON task (invoice_id) WHERE closed_at = 0;
