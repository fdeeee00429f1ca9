-- The courier: signed messages leave on a USB stick, and answers come back on it (schemas/store/COURIER.md).
-- carried_at: ms UTC when the message was last given to a courier; 0 = never.
ALTER TABLE message ADD COLUMN carried_at INTEGER NOT NULL DEFAULT 0;

-- What a person wished to take away. key: the secret that whoever delivers seals the answers under. done_at: 0 = the sender has not packed and handed it over yet.
CREATE TABLE courier_export (
	id INTEGER PRIMARY KEY,
	wished_at INTEGER NOT NULL,
	done_at INTEGER NOT NULL DEFAULT 0,
	key BLOB NOT NULL
) STRICT;

CREATE UNIQUE INDEX courier_export_open ON courier_export (done_at) WHERE done_at = 0;

-- What came back, opened. done_at: 0 = the sender has not read it yet; then raw is emptied, since table verdict keeps it.
CREATE TABLE courier_answer (
	id INTEGER PRIMARY KEY,
	message_id TEXT NOT NULL,
	digest BLOB NOT NULL UNIQUE,
	received_at INTEGER NOT NULL,
	done_at INTEGER NOT NULL DEFAULT 0,
	raw BLOB NOT NULL
) STRICT;

CREATE INDEX courier_answer_open ON courier_answer (id) WHERE done_at = 0;
