-- The first schema of store/current.db. Times are milliseconds since 1970 in UTC, money is whole dong, digests are SHA-256.
-- States, kinds and roles are kept as their words (agent/core/state.h, agent/core/sale.h), so that a person can read the tables.
-- Later files only add (house 8.7); this one never changes once a store was made with it.

CREATE TABLE identity (
	id INTEGER PRIMARY KEY CHECK (id = 1),
	store TEXT NOT NULL,
	seller TEXT NOT NULL,
	secret BLOB NOT NULL,
	made_at INTEGER NOT NULL
) STRICT;

-- An epoch begins with a ledger record: records from from_seq on carry it (law R-CODE-5).
CREATE TABLE epoch (
	epoch INTEGER PRIMARY KEY,
	from_seq INTEGER NOT NULL,
	made_at INTEGER NOT NULL,
	reason TEXT NOT NULL
) STRICT;

CREATE TABLE meta (
	key TEXT PRIMARY KEY,
	value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Never deleted: blobs name the dictionary they were packed with.
CREATE TABLE dictionary (
	id INTEGER PRIMARY KEY,
	bytes BLOB NOT NULL
) STRICT;

-- How many rows of each state there are, written with each transaction: status must not read a year of invoices.
CREATE TABLE tally (
	name TEXT PRIMARY KEY,
	n INTEGER NOT NULL DEFAULT 0,
	net INTEGER NOT NULL DEFAULT 0,
	vat INTEGER NOT NULL DEFAULT 0,
	total INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

INSERT INTO tally (name) VALUES
	('frame.kept'), ('frame.decoded'), ('frame.refused'),
	('sale.received'), ('sale.issued'), ('sale.parked'), ('sale.ignored'),
	('invoice.issued'), ('invoice.accepted'), ('invoice.refused'),
	('message.made'), ('message.sent'), ('message.unknown'), ('message.answered'), ('message.refused');

CREATE TABLE frame (
	id INTEGER PRIMARY KEY,
	source TEXT NOT NULL,
	dialect TEXT NOT NULL,
	till_id TEXT NOT NULL,
	received_at INTEGER NOT NULL,
	state TEXT NOT NULL,
	reason TEXT NOT NULL,
	digest BLOB NOT NULL,
	bytes BLOB NOT NULL
) STRICT;

CREATE INDEX frame_open ON frame (state) WHERE state <> 'decoded';

-- A kind that takes the bill's number (sale, return, void, deposit) comes once for each revision; of the others the store
-- counts the repeats in revision.
CREATE TABLE sale (
	id INTEGER PRIMARY KEY,
	frame_id INTEGER NOT NULL REFERENCES frame (id),
	till_id TEXT NOT NULL,
	bill_no TEXT NOT NULL,
	business_day INTEGER NOT NULL,
	kind TEXT NOT NULL,
	revision INTEGER NOT NULL,
	state TEXT NOT NULL,
	sold_at INTEGER NOT NULL,
	received_at INTEGER NOT NULL,
	total INTEGER NOT NULL,
	digest BLOB NOT NULL,
	reason TEXT NOT NULL,
	detail TEXT NOT NULL,
	idempotency_key TEXT
) STRICT;

CREATE UNIQUE INDEX sale_bill ON sale (bill_no, till_id, business_day, kind, revision);
CREATE UNIQUE INDEX sale_key ON sale (idempotency_key, till_id) WHERE idempotency_key IS NOT NULL;
CREATE INDEX sale_frame ON sale (frame_id);
CREATE INDEX sale_open ON sale (state) WHERE state <> 'issued';

-- What came before a bill: its pre-bills and kitchen tickets.
CREATE TABLE sale_link (
	sale_id INTEGER NOT NULL REFERENCES sale (id),
	earlier_id INTEGER NOT NULL REFERENCES sale (id),
	PRIMARY KEY (sale_id, earlier_id)
) STRICT, WITHOUT ROWID;

-- Messages: head, ordered invoices, signature and digest; the whole is rebuilt from them (house 8.5).
CREATE TABLE message (
	id INTEGER PRIMARY KEY,
	message_id TEXT NOT NULL UNIQUE,
	type INTEGER NOT NULL,
	digest BLOB NOT NULL,
	count INTEGER NOT NULL,
	bytes INTEGER NOT NULL,
	state TEXT NOT NULL,
	made_at INTEGER NOT NULL,
	sent_at INTEGER NOT NULL,
	answered_at INTEGER NOT NULL,
	next_try_at INTEGER NOT NULL,
	attempts INTEGER NOT NULL,
	is_resent INTEGER NOT NULL,
	was_unknown INTEGER NOT NULL,
	route TEXT NOT NULL,
	ref TEXT NOT NULL,
	halving INTEGER NOT NULL,
	last_text TEXT NOT NULL
) STRICT;

CREATE INDEX message_open ON message (next_try_at, state) WHERE state IN ('made', 'sent', 'unknown');
CREATE INDEX message_answered ON message (answered_at) WHERE state = 'answered';

-- Apart from message, so that a change of state does not write the signature again.
CREATE TABLE message_bytes (
	message_id INTEGER PRIMARY KEY REFERENCES message (id),
	head BLOB NOT NULL,
	signature BLOB NOT NULL
) STRICT;

CREATE TRIGGER message_bytes_keep BEFORE UPDATE ON message_bytes BEGIN
	SELECT raise(ABORT, 'signed bytes never change');
END;
CREATE TRIGGER message_bytes_stay BEFORE DELETE ON message_bytes BEGIN
	SELECT raise(ABORT, 'signed bytes are never deleted');
END;

-- message_id NULL = waiting.
CREATE TABLE invoice (
	id INTEGER PRIMARY KEY,
	form INTEGER NOT NULL,
	serial TEXT NOT NULL,
	number INTEGER NOT NULL,
	code TEXT NOT NULL,
	issued_at INTEGER NOT NULL,
	sold_at INTEGER NOT NULL,
	deadline INTEGER NOT NULL,
	net INTEGER NOT NULL,
	vat INTEGER NOT NULL,
	total INTEGER NOT NULL,
	state TEXT NOT NULL,
	message_id INTEGER REFERENCES message (id),
	refusal TEXT NOT NULL,
	is_signed INTEGER NOT NULL,
	xml_len INTEGER NOT NULL,
	ledger_seq INTEGER NOT NULL
) STRICT;

-- Each number once (law R-NUM-2).
CREATE UNIQUE INDEX invoice_number ON invoice (serial, number, form);
-- The 11 digits are unique for the seller over all serials and tills (law R-CODE-3), so they alone are the key.
CREATE UNIQUE INDEX invoice_code ON invoice (CAST(substr(code, 13) AS INTEGER)) WHERE code <> '';
CREATE INDEX invoice_open ON invoice (message_id, form, serial, number) WHERE state = 'issued';
CREATE INDEX invoice_refused ON invoice (state) WHERE state = 'refused';

-- A sealed row is never updated (law R-STO-1); a refused invoice keeps its number (law R-NUM-4).
CREATE TRIGGER invoice_keep
BEFORE UPDATE OF id, form, serial, number, code, issued_at, sold_at, deadline, net, vat, total, is_signed, xml_len, ledger_seq
ON invoice BEGIN
	SELECT raise(ABORT, 'an issued invoice never changes');
END;
CREATE TRIGGER invoice_stay BEFORE DELETE ON invoice BEGIN
	SELECT raise(ABORT, 'an issued invoice is never deleted');
END;
-- Apart from invoice, so that packing and verdicts do not write the bytes again.
CREATE TABLE invoice_bytes (
	invoice_id INTEGER PRIMARY KEY REFERENCES invoice (id),
	digest BLOB NOT NULL,
	xml BLOB NOT NULL
) STRICT;

CREATE TRIGGER invoice_bytes_keep BEFORE UPDATE ON invoice_bytes BEGIN
	SELECT raise(ABORT, 'sealed bytes never change');
END;
CREATE TRIGGER invoice_bytes_stay BEFORE DELETE ON invoice_bytes BEGIN
	SELECT raise(ABORT, 'sealed bytes are never deleted');
END;

-- is_issuing: this invoice is the sale's live one in an issuing role; at most one for each sale (house 8.1).
CREATE TABLE sale_invoice (
	invoice_id INTEGER NOT NULL REFERENCES invoice (id),
	sale_id INTEGER NOT NULL REFERENCES sale (id),
	role TEXT NOT NULL,
	is_issuing INTEGER NOT NULL,
	PRIMARY KEY (invoice_id, sale_id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX sale_invoice_live ON sale_invoice (sale_id) WHERE is_issuing = 1;
CREATE INDEX sale_invoice_past ON sale_invoice (sale_id) WHERE is_issuing = 0;

CREATE TABLE message_invoice (
	message_id INTEGER NOT NULL REFERENCES message (id),
	position INTEGER NOT NULL,
	invoice_id INTEGER NOT NULL REFERENCES invoice (id),
	PRIMARY KEY (message_id, position)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX message_invoice_invoice ON message_invoice (invoice_id, message_id);

-- The running serial of each form, and the leased blocks of the 11-digit code counter (house 8.3; law R-CODE-3).
CREATE TABLE place (
	form INTEGER PRIMARY KEY,
	serial TEXT NOT NULL,
	last_number INTEGER NOT NULL,
	last_issued_at INTEGER NOT NULL
) STRICT;

CREATE TABLE block (
	first INTEGER PRIMARY KEY,
	last INTEGER NOT NULL,
	next INTEGER NOT NULL,
	epoch INTEGER NOT NULL UNIQUE REFERENCES epoch (epoch)
) STRICT;

CREATE TABLE verdict (
	id INTEGER PRIMARY KEY,
	message_id INTEGER REFERENCES message (id),
	received_at INTEGER NOT NULL,
	type INTEGER NOT NULL,
	is_believed INTEGER NOT NULL,
	note TEXT NOT NULL,
	raw BLOB NOT NULL
) STRICT;

-- invoice_id and message_id 0 = none; closed_at 0 = open.
CREATE TABLE task (
	id INTEGER PRIMARY KEY,
	kind TEXT NOT NULL,
	invoice_id INTEGER NOT NULL,
	message_id INTEGER NOT NULL,
	text TEXT NOT NULL,
	made_at INTEGER NOT NULL,
	closed_at INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX task_open ON task (kind, invoice_id, message_id) WHERE closed_at = 0;

CREATE TABLE token (
	id INTEGER PRIMARY KEY,
	name TEXT NOT NULL,
	tills TEXT NOT NULL,
	scopes INTEGER NOT NULL,
	made_at INTEGER NOT NULL,
	revoked_at INTEGER NOT NULL,
	hash BLOB NOT NULL UNIQUE
) STRICT;

-- The ledger: record bytes are rebuilt from these columns, identity and epoch (schemas/ledger/FORMAT.md).
CREATE TABLE boot (
	id INTEGER PRIMARY KEY,
	boot TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE ledger (
	seq INTEGER PRIMARY KEY,
	event TEXT NOT NULL,
	wall INTEGER NOT NULL,
	mono INTEGER NOT NULL,
	boot INTEGER NOT NULL REFERENCES boot (id),
	trust INTEGER NOT NULL,
	payload BLOB NOT NULL,
	hash BLOB NOT NULL
) STRICT;

CREATE TRIGGER ledger_keep BEFORE UPDATE ON ledger BEGIN
	SELECT raise(ABORT, 'the ledger is append-only');
END;
CREATE TRIGGER ledger_stay BEFORE DELETE ON ledger BEGIN
	SELECT raise(ABORT, 'the ledger is append-only');
END;

-- The head and the right edge of the tree; checkpoint_edge is the edge as of the last checkpoint, where the check at start begins.
CREATE TABLE ledger_tip (
	id INTEGER PRIMARY KEY CHECK (id = 1),
	seq INTEGER NOT NULL,
	head BLOB NOT NULL,
	edge BLOB NOT NULL,
	checkpoint_edge BLOB NOT NULL
) STRICT;

INSERT INTO ledger_tip (id, seq, head, edge, checkpoint_edge) VALUES (1, 0, zeroblob(32), x'', x'');

CREATE TABLE ledger_key (
	id INTEGER PRIMARY KEY,
	spki BLOB NOT NULL UNIQUE,
	seq INTEGER NOT NULL
) STRICT;

CREATE TABLE checkpoint (
	size INTEGER PRIMARY KEY,
	root BLOB NOT NULL,
	head BLOB NOT NULL,
	wall INTEGER NOT NULL,
	key_id INTEGER NOT NULL REFERENCES ledger_key (id),
	sig BLOB NOT NULL
) STRICT;
