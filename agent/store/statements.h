/* statements: every SQL statement of the program, named, prepared when a store is opened. Parameters and columns go in order. */
#ifndef HOADON_STORE_STATEMENTS_H
#define HOADON_STORE_STATEMENTS_H

#define FRAME_HEAD "f.id, f.source, f.dialect, f.till_id, f.received_at, f.state, f.reason, f.digest"
#define SALE_ROW                                                                                                       \
	"id, frame_id, till_id, bill_no, business_day, kind, revision, state, sold_at, received_at, total, digest, "   \
	"reason, "                                                                                                     \
	"detail, idempotency_key"
#define INVOICE_HEAD                                                                                                   \
	"i.id, i.form, i.serial, i.number, i.code, i.issued_at, i.sold_at, i.deadline, i.net, i.vat, i.total, "        \
	"i.state, "                                                                                                    \
	"i.message_id, i.refusal, i.is_signed, i.xml_len, i.ledger_seq, i.time_state"
#define INVOICE_FULL INVOICE_HEAD ", b.digest, b.xml FROM invoice i JOIN invoice_bytes b ON b.invoice_id = i.id"
#define MESSAGE_HEAD                                                                                                   \
	"m.id, m.message_id, m.type, m.digest, m.count, m.bytes, m.state, m.made_at, m.sent_at, m.answered_at, "       \
	"m.next_try_at, m.attempts, m.is_resent, m.was_unknown, m.route, m.ref, m.halving, m.last_text, m.deadline, "  \
	"m.is_absent, m.carried_at"
#define OUTAGE_COLUMNS "id, part, cause, begun_at, ended_at, deadline, failures, status, first_text, last_text"
#define MESSAGE_FULL   MESSAGE_HEAD ", b.head, b.signature FROM message m JOIN message_bytes b ON b.message_id = m.id"
/* g: of each serial, the first invoice that waits; by its index, however many wait. */
#define INVOICE_FIRSTS                                                                                                 \
	"WITH RECURSIVE g (id, form, serial, deadline) AS ("                                                           \
	"SELECT * FROM (SELECT id, form, serial, deadline FROM invoice WHERE state = 'issued' AND message_id IS NULL " \
	"ORDER BY form, serial, number LIMIT 1) UNION ALL "                                                            \
	"SELECT n.id, n.form, n.serial, n.deadline FROM g JOIN invoice n ON n.id = (SELECT id FROM invoice "           \
	"WHERE state = 'issued' AND message_id IS NULL AND (form, serial) > (g.form, g.serial) "                       \
	"ORDER BY form, serial, number LIMIT 1)) "
#define MESSAGE_ISOPEN "state IN ('made', 'sent', 'unknown')"
/* What no route holds waits for a submission; the rest of what is open waits for an answer. */
#define MESSAGE_ISHERE "(state = 'made' OR is_absent = 1)"
#define ISSUING_ROLES  "('issues', 'reissues')"

/* X(NAME, "word", "SQL"): the word is the failpoint store.<word>. */
#define STORE_STATEMENTS(X)                                                                                            \
	X(BEGIN, "begin", "BEGIN IMMEDIATE")                                                                           \
	X(BEGIN_READ, "begin_read", "BEGIN")                                                                           \
	X(COMMIT, "commit", "COMMIT")                                                                                  \
	X(SAVE, "save", "SAVEPOINT inner")                                                                             \
	X(SAVE_UNDO, "save_undo", "ROLLBACK TO inner")                                                                 \
	X(SAVE_END, "save_end", "RELEASE inner")                                                                       \
	X(ROLLBACK, "rollback", "ROLLBACK")                                                                            \
	X(IDENTITY_ADD, "identity_add",                                                                                \
		"INSERT INTO identity (id, store, seller, secret, made_at) VALUES (1, ?, ?, ?, ?)")                    \
	X(IDENTITY_GET, "identity_get", "SELECT store, seller, secret, (SELECT max(epoch) FROM epoch) FROM identity")  \
	X(EPOCH_ADD, "epoch_add", "INSERT INTO epoch (epoch, from_seq, made_at, reason) VALUES (?, ?, ?, ?)")          \
	X(DICTIONARY_ADD, "dictionary_add", "INSERT OR IGNORE INTO dictionary (id, bytes) VALUES (?, ?)")              \
	X(DICTIONARY_GET, "dictionary_get", "SELECT bytes FROM dictionary WHERE id = ?")                               \
	X(META_GET, "meta_get", "SELECT value FROM meta WHERE key = ?")                                                \
	X(META_PUT, "meta_put",                                                                                        \
		"INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value")  \
	X(TALLY_ADD, "tally_add",                                                                                      \
		"UPDATE tally SET n = n + ?, net = net + ?, vat = vat + ?, total = total + ? WHERE name = ?")          \
	X(TALLY_GET, "tally_get", "SELECT n, net, vat, total FROM tally WHERE name = ?")                               \
                                                                                                                       \
	X(FRAME_ADD, "frame_add",                                                                                      \
		"INSERT INTO frame (id, source, dialect, till_id, received_at, state, reason, digest, bytes) "         \
		"VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")                                                                  \
	X(FRAME_NEXT_ID, "frame_next_id", "SELECT coalesce(max(id), 0) + 1 FROM frame")                                \
	X(FRAME_GET, "frame_get", "SELECT " FRAME_HEAD ", f.bytes FROM frame f WHERE f.id = ?")                        \
	X(FRAME_TRIM, "frame_trim",                                                                                    \
		"DELETE FROM frame WHERE state = 'refused' AND state <> 'decoded' "                                    \
		"AND id <= (SELECT id FROM frame WHERE state = 'refused' AND state <> 'decoded' ORDER BY id DESC "     \
		"LIMIT 1 OFFSET ?) "                                                                                   \
		"AND id < (SELECT max(id) FROM frame) "                                                                \
		"AND NOT EXISTS (SELECT 1 FROM sale WHERE frame_id = frame.id) "                                       \
		"AND NOT EXISTS (SELECT 1 FROM frame_origin WHERE origin_id = frame.id)")                              \
	X(FRAME_LIST, "frame_list", "SELECT " FRAME_HEAD " FROM frame f ORDER BY f.id DESC LIMIT ?")                   \
	X(FRAME_LIST_KEPT, "frame_list_kept",                                                                          \
		"SELECT " FRAME_HEAD " FROM frame f WHERE f.state = 'kept' AND f.state <> 'decoded' AND f.id > ? "     \
		"ORDER BY f.id LIMIT ?")                                                                               \
	X(FRAME_LIST_DECODED, "frame_list_decoded",                                                                    \
		"SELECT " FRAME_HEAD " FROM frame f WHERE f.state = 'decoded' ORDER BY f.id DESC LIMIT ?")             \
	X(FRAME_LIST_OPEN, "frame_list_open",                                                                          \
		"SELECT " FRAME_HEAD                                                                                   \
		" FROM frame f WHERE f.state = ? AND f.state <> 'decoded' ORDER BY f.id DESC LIMIT ?")                 \
	X(FRAME_MOVE, "frame_move", "UPDATE frame SET state = ?, reason = ? WHERE id = ? AND state = ?")               \
	X(FRAME_ORIGIN, "frame_origin", "INSERT INTO frame_origin (frame_id, origin_id) VALUES (?, ?)")                \
	X(FRAME_ORIGIN_GET, "frame_origin_get", "SELECT origin_id FROM frame_origin WHERE frame_id = ?")               \
                                                                                                                       \
	X(SALE_ADD, "sale_add",                                                                                        \
		"INSERT INTO sale (frame_id, till_id, bill_no, business_day, kind, revision, state, sold_at, "         \
		"received_at, "                                                                                        \
		"total, digest, reason, detail, idempotency_key) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")   \
	X(SALE_REPEATS, "sale_repeats",                                                                                \
		"SELECT coalesce(max(revision), 0) FROM sale WHERE bill_no = ? AND till_id = ? AND business_day = ? "  \
		"AND kind = ?")                                                                                        \
	X(SALE_GET, "sale_get", "SELECT " SALE_ROW " FROM sale WHERE id = ?")                                          \
	X(SALE_BY_BILL, "sale_by_bill",                                                                                \
		"SELECT " SALE_ROW " FROM sale WHERE bill_no = ? AND till_id = ? AND business_day = ? AND kind = ? "   \
		"ORDER BY revision DESC LIMIT 1")                                                                      \
	X(SALE_BY_CONTENT, "sale_by_content",                                                                          \
		"SELECT " SALE_ROW " FROM sale WHERE bill_no = ? AND till_id = ? AND business_day = ? AND kind = ? "   \
		"AND digest = ? ORDER BY revision DESC LIMIT 1")                                                       \
	X(SALE_NEAR, "sale_near",                                                                                      \
		"SELECT " SALE_ROW " FROM sale WHERE bill_no = ? AND till_id = ? AND business_day BETWEEN ? AND ? "    \
		"AND kind = ? ORDER BY abs(sold_at - ?), revision DESC LIMIT 1")                                       \
	X(SALE_BY_NUMBER, "sale_by_number",                                                                            \
		"SELECT " SALE_ROW " FROM sale WHERE bill_no = ? AND till_id = ? "                                     \
		"ORDER BY kind = 'sale' DESC, id DESC LIMIT 1")                                                        \
	X(SALE_BY_KEY, "sale_by_key", "SELECT " SALE_ROW " FROM sale WHERE idempotency_key = ? AND till_id = ?")       \
	X(SALE_OF_TILL, "sale_of_till",                                                                                \
		"SELECT " SALE_ROW " FROM sale WHERE id > (SELECT coalesce(max(id), 0) - ? FROM sale) AND till_id = "  \
		"? ORDER BY id DESC LIMIT ?")                                                                          \
	X(SALE_LIST, "sale_list", "SELECT " SALE_ROW " FROM sale WHERE id < ? ORDER BY id DESC LIMIT ?")               \
	X(SALE_LIST_ISSUED, "sale_list_issued",                                                                        \
		"SELECT " SALE_ROW " FROM sale WHERE state = 'issued' AND id < ? ORDER BY id DESC LIMIT ?")            \
	X(SALE_LIST_OPEN, "sale_list_open",                                                                            \
		"SELECT " SALE_ROW                                                                                     \
		" FROM sale WHERE state = ? AND state <> 'issued' AND id < ? ORDER BY id DESC LIMIT ?")                \
	X(SALE_MOVE, "sale_move", "UPDATE sale SET state = ?, reason = ?, detail = ? WHERE id = ? AND state = ?")      \
	X(SALE_EARLIER, "sale_earlier",                                                                                \
		"SELECT 1 FROM sale s JOIN sale e "                                                                    \
		"ON e.bill_no = s.bill_no AND e.till_id = s.till_id AND e.business_day = s.business_day "              \
		"WHERE s.id = ? AND e.id < s.id AND +e.kind IN ('pre-bill', 'no-sale') LIMIT 1")                       \
	X(SALE_LINK, "sale_link",                                                                                      \
		"INSERT OR IGNORE INTO sale_link (sale_id, earlier_id) SELECT s.id, e.id FROM sale s JOIN sale e "     \
		"ON e.bill_no = s.bill_no AND e.till_id = s.till_id AND e.business_day = s.business_day "              \
		"WHERE s.id = ? AND e.id < s.id AND e.kind IN ('pre-bill', 'no-sale')")                                \
	X(SALE_NAME, "sale_name", "UPDATE sale SET bill_no = ?, revision = ? WHERE id = ? AND state = 'parked'")       \
	X(SALE_OF_INVOICE, "sale_of_invoice",                                                                          \
		"SELECT " SALE_ROW                                                                                     \
		" FROM sale WHERE id = (SELECT s.id FROM sale_invoice l JOIN sale s ON s.id = l.sale_id "              \
		"WHERE l.invoice_id = ? AND l.role IN " ISSUING_ROLES " ORDER BY s.revision DESC LIMIT 1)")            \
	X(SALE_STRANDED, "sale_stranded",                                                                              \
		"SELECT s.id FROM sale s WHERE s.state = 'issued' "                                                    \
		"AND NOT EXISTS (SELECT 1 FROM sale_invoice l JOIN invoice i ON i.id = l.invoice_id "                  \
		"LEFT JOIN message m ON m.id = i.message_id WHERE l.sale_id = s.id AND l.is_issuing = 1 "              \
		"AND (i.state = 'accepted' OR (i.state = 'issued' AND m.state IS NOT 'answered'))) "                   \
		"AND NOT EXISTS (SELECT 1 FROM task t CROSS JOIN sale_invoice l ON l.invoice_id = t.invoice_id AND "   \
		"l.sale_id = s.id "                                                                                    \
		"WHERE t.closed_at = 0) ORDER BY s.id LIMIT ?")                                                        \
	X(SALE_PARKED_UNTIL, "sale_parked_until",                                                                      \
		"SELECT count(*), ifnull(max(id), 0) FROM sale WHERE state = 'parked' AND state <> 'issued' "          \
		"AND received_at <= ? AND (reason = ?) = ?")                                                           \
	X(SALE_OLDEST_PARKED, "sale_oldest_parked",                                                                    \
		"SELECT received_at FROM sale WHERE state = 'parked' AND state <> 'issued' ORDER BY id LIMIT 1")       \
	X(INVOICE_DAY, "invoice_day",                                                                                  \
		"SELECT count(*), coalesce(sum(state = 'accepted'), 0), coalesce(sum(state = 'refused'), 0) FROM "     \
		"(SELECT state, issued_at FROM invoice ORDER BY id DESC LIMIT ?) WHERE issued_at >= ?")                \
	X(SALE_PAPERS, "sale_papers",                                                                                  \
		"SELECT till_id, bill_no, kind, business_day, received_at, total, frame_id FROM sale "                 \
		"WHERE id > coalesce((SELECT id FROM sale WHERE received_at < ? ORDER BY id DESC LIMIT 1), 0) "        \
		"AND business_day BETWEEN ? AND ? AND reason <> ? ORDER BY id")                                        \
	X(SALE_LAST, "sale_last",                                                                                      \
		"SELECT till_id, min(received_at), max(received_at) FROM (SELECT till_id, received_at FROM sale "      \
		"ORDER BY id DESC LIMIT ?) GROUP BY till_id ORDER BY till_id")                                         \
                                                                                                                       \
	X(PLACE_GET, "place_get", "SELECT serial, last_number, last_issued_at FROM place WHERE form = ?")              \
	X(PLACE_EACH, "place_each", "SELECT form, serial, last_number, last_issued_at FROM place ORDER BY form")       \
	X(PLACE_PUT, "place_put",                                                                                      \
		"INSERT INTO place (form, serial, last_number, last_issued_at) VALUES (?, ?, ?, ?) "                   \
		"ON CONFLICT (form) DO UPDATE SET serial = excluded.serial, last_number = excluded.last_number, "      \
		"last_issued_at = excluded.last_issued_at WHERE substr(excluded.serial, 5) <> substr(serial, 5) "      \
		"OR (excluded.last_issued_at >= last_issued_at "                                                       \
		"AND (excluded.serial <> serial OR excluded.last_number >= last_number))")                             \
	X(TIME_GET, "time_get",                                                                                        \
		"SELECT boot, clock_offset, mono, is_proven, state, "                                                  \
		"(SELECT coalesce(max(last_issued_at), 0) FROM place) FROM believed_time")                             \
	X(TIME_PUT, "time_put",                                                                                        \
		"UPDATE believed_time SET boot = ?, clock_offset = ?, mono = ?, is_proven = ?, state = ?")             \
	X(BLOCK_GET, "block_get", "SELECT first, last, next FROM block WHERE epoch = ?")                               \
	X(BLOCK_ADD, "block_add", "INSERT INTO block (first, last, next, epoch) VALUES (?, ?, ?, ?)")                  \
	X(BLOCK_PUT, "block_put", "UPDATE block SET next = ? WHERE epoch = ? AND next = ?")                            \
                                                                                                                       \
	X(INVOICE_ADD, "invoice_add",                                                                                  \
		"INSERT INTO invoice (form, serial, number, code, issued_at, sold_at, deadline, net, vat, total, "     \
		"state, "                                                                                              \
		"message_id, refusal, is_signed, xml_len, ledger_seq, time_state) "                                    \
		"VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'issued', NULL, '', ?, ?, ?, ?)")                               \
	X(INVOICE_BYTES_ADD, "invoice_bytes_add",                                                                      \
		"INSERT INTO invoice_bytes (invoice_id, digest, xml) VALUES (?, ?, ?)")                                \
	X(SALE_INVOICE_ADD, "sale_invoice_add",                                                                        \
		"INSERT INTO sale_invoice (invoice_id, sale_id, role, is_issuing) VALUES (?, ?, ?, ?)")                \
	X(SALE_INVOICE_LIVE, "sale_invoice_live",                                                                      \
		"SELECT invoice_id FROM sale_invoice WHERE sale_id = ? AND is_issuing = 1")                            \
	X(SALE_INVOICE_END, "sale_invoice_end", "UPDATE sale_invoice SET is_issuing = 0 WHERE invoice_id = ?")         \
	X(INVOICE_GET, "invoice_get", "SELECT " INVOICE_FULL " WHERE i.id = ?")                                        \
	X(INVOICE_BY_NUMBER, "invoice_by_number",                                                                      \
		"SELECT " INVOICE_FULL " WHERE i.serial = ? AND i.number = ? AND i.form = ?")                          \
	X(INVOICE_BY_CODE, "invoice_by_code",                                                                          \
		"SELECT " INVOICE_FULL " WHERE CAST(substr(i.code, 13) AS INTEGER) = CAST(substr(?1, 13) AS INTEGER) " \
		"AND i.code <> '' AND i.code = ?1")                                                                    \
	X(INVOICE_OF_SALE, "invoice_of_sale",                                                                          \
		"SELECT " INVOICE_FULL " WHERE i.id = coalesce("                                                       \
		"(SELECT invoice_id FROM sale_invoice WHERE sale_id = ?1 AND is_issuing = 1), "                        \
		"(SELECT max(invoice_id) FROM sale_invoice WHERE sale_id = ?1 AND is_issuing = 0 AND role "            \
		"IN " ISSUING_ROLES "))")                                                                              \
	X(SALE_INVOICE_INHERIT, "sale_invoice_inherit",                                                                \
		"INSERT INTO sale_invoice (invoice_id, sale_id, role, is_issuing) "                                    \
		"SELECT ?1, sale_id, 'reissues', 1 FROM sale_invoice WHERE invoice_id = ?2 "                           \
		"AND sale_id NOT IN (SELECT sale_id FROM sale_invoice WHERE invoice_id = ?1)")                         \
	X(RELATION_ADD, "relation_add",                                                                                \
		"INSERT INTO invoice_relation (later_id, earlier_id, relation, made_at) VALUES (?, ?, 'reissued-as', " \
		"?)")                                                                                                  \
	X(INVOICE_REISSUES, "invoice_reissues",                                                                        \
		"SELECT " INVOICE_HEAD " FROM invoice i JOIN invoice_relation r ON r.earlier_id = i.id "               \
		"WHERE r.later_id = ? AND r.relation = 'reissued-as'")                                                 \
	X(INVOICE_REISSUED_AS, "invoice_reissued_as",                                                                  \
		"SELECT " INVOICE_HEAD " FROM invoice i JOIN invoice_relation r ON r.later_id = i.id "                 \
		"WHERE r.earlier_id = ? AND r.relation = 'reissued-as'")                                               \
	X(INVOICE_LIST, "invoice_list",                                                                                \
		"SELECT " INVOICE_HEAD " FROM invoice i WHERE i.id < ? ORDER BY i.id DESC LIMIT ?")                    \
	X(INVOICE_LIST_ISSUED, "invoice_list_issued",                                                                  \
		"SELECT " INVOICE_HEAD                                                                                 \
		" FROM invoice i WHERE i.state = 'issued' AND i.id < ? ORDER BY i.id DESC LIMIT ?")                    \
	X(INVOICE_LIST_ACCEPTED, "invoice_list_accepted",                                                              \
		"SELECT " INVOICE_HEAD                                                                                 \
		" FROM invoice i WHERE i.state = 'accepted' AND i.id < ? ORDER BY i.id DESC LIMIT ?")                  \
	X(INVOICE_LIST_REFUSED, "invoice_list_refused",                                                                \
		"SELECT " INVOICE_HEAD                                                                                 \
		" FROM invoice i WHERE i.state = 'refused' AND i.id < ? ORDER BY i.id DESC LIMIT ?")                   \
	X(INVOICE_WAITING, "invoice_waiting",                                                                          \
		INVOICE_FIRSTS "SELECT " INVOICE_HEAD                                                                  \
			       " FROM invoice i JOIN (SELECT form, serial FROM g ORDER BY deadline, id LIMIT 1) f "    \
			       "ON i.form = f.form AND i.serial = f.serial "                                           \
			       "WHERE i.state = 'issued' AND i.message_id IS NULL ORDER BY i.number LIMIT ?")          \
	X(INVOICE_TAKE, "invoice_take",                                                                                \
		"UPDATE invoice SET message_id = ?1 WHERE id IN "                                                      \
		"(SELECT invoice_id FROM message_invoice WHERE message_id = ?1) AND state = 'issued' AND message_id "  \
		"IS NULL")                                                                                             \
	X(INVOICE_RELEASE, "invoice_release",                                                                          \
		"UPDATE invoice SET message_id = NULL WHERE message_id = ? AND state = 'issued'")                      \
	X(MESSAGE_STATE, "message_state", "SELECT state FROM message WHERE id = ?")                                    \
	X(INVOICE_MONEY, "invoice_money", "SELECT net, vat, total FROM invoice WHERE id = ?")                          \
	X(INVOICE_CONCLUDE, "invoice_conclude",                                                                        \
		"UPDATE invoice SET state = ?, refusal = ? WHERE id = ? AND message_id = ? AND state = 'issued'")      \
	X(INVOICE_MONEY_OF, "invoice_money_of",                                                                        \
		"SELECT count(*), coalesce(sum(net), 0), coalesce(sum(vat), 0), coalesce(sum(total), 0) "              \
		"FROM message_invoice p JOIN invoice i ON i.id = p.invoice_id "                                        \
		"WHERE p.message_id = ?1 AND i.message_id = ?1 AND i.state = 'issued'")                                \
	X(INVOICE_ACCEPT_OF, "invoice_accept_of",                                                                      \
		"UPDATE invoice SET state = 'accepted' WHERE id IN "                                                   \
		"(SELECT invoice_id FROM message_invoice WHERE message_id = ?1) AND message_id = ?1 AND state = "      \
		"'issued'")                                                                                            \
	X(INVOICE_COUNT_WAITING, "invoice_count_waiting",                                                              \
		"SELECT count(*) FROM invoice WHERE state = 'issued' AND message_id IS NULL")                          \
	X(INVOICE_OLDEST_OPEN, "invoice_oldest_open",                                                                  \
		"SELECT issued_at, deadline FROM invoice WHERE id = (SELECT min(id) FROM invoice INDEXED BY "          \
		"invoice_open "                                                                                        \
		"WHERE state = 'issued')")                                                                             \
	X(INVOICE_OF_EPOCH, "invoice_of_epoch",                                                                        \
		"SELECT 1 FROM invoice WHERE id = ? AND ledger_seq >= (SELECT max(from_seq) FROM epoch)")              \
                                                                                                                       \
	X(TASK_ADD, "task_add",                                                                                        \
		"INSERT INTO task (kind, invoice_id, message_id, text, made_at, closed_at) VALUES (?, ?, ?, ?, ?, ?) " \
		"ON CONFLICT DO NOTHING")                                                                              \
	X(TASK_GET, "task_get",                                                                                        \
		"SELECT id, invoice_id, message_id, kind, text, made_at, closed_at FROM task WHERE id = ?")            \
	X(TASK_CLOSE, "task_close", "UPDATE task SET closed_at = ? WHERE id = ? AND closed_at = 0")                    \
	X(TASK_AFTER, "task_after",                                                                                    \
		"SELECT id, invoice_id, message_id, kind, text, made_at, closed_at FROM task WHERE closed_at = 0 "     \
		"AND id > ? ORDER BY id LIMIT ?")                                                                      \
	X(TASK_CLOSE_KIND, "task_close_kind", "UPDATE task SET closed_at = ? WHERE kind = ? AND closed_at = 0")        \
	X(TASK_LIST, "task_list",                                                                                      \
		"SELECT id, invoice_id, message_id, kind, text, made_at, closed_at FROM task WHERE closed_at = 0 "     \
		"ORDER BY id LIMIT ?")                                                                                 \
                                                                                                                       \
	X(OUTAGE_ADD, "outage_add",                                                                                    \
		"INSERT INTO outage (part, cause, begun_at, failures, status, first_text, last_text) VALUES (?, ?, "   \
		"?, ?, ?, ?, ?)")                                                                                      \
	X(OUTAGE_END, "outage_end",                                                                                    \
		"UPDATE outage SET ended_at = ?, deadline = max(deadline, ?), failures = ?, status = ?, "              \
		"last_text = ? WHERE id = ? AND ended_at = 0")                                                         \
	X(OUTAGE_OPEN, "outage_open", "SELECT " OUTAGE_COLUMNS " FROM outage WHERE part = ? AND ended_at = 0")         \
	X(OUTAGE_GET, "outage_get", "SELECT " OUTAGE_COLUMNS " FROM outage WHERE id = ?")                              \
	X(OUTAGE_INVOICES, "outage_invoices",                                                                          \
		"SELECT i.id, i.form, i.serial, i.number, i.code, i.state, i.issued_at, coalesce(m.sent_at, 0), "      \
		"coalesce(m.answered_at, 0) FROM invoice i LEFT JOIN message m ON m.id = i.message_id "                \
		"WHERE i.id > ? AND i.issued_at <= ? AND (m.id IS NULL OR m.answered_at = 0 OR m.answered_at >= ?) "   \
		"ORDER BY i.id LIMIT ?")                                                                               \
	X(OUTAGE_GOING, "outage_going", "SELECT " OUTAGE_COLUMNS " FROM outage WHERE ended_at = 0 ORDER BY id")        \
	X(OUTAGE_LIST, "outage_list", "SELECT " OUTAGE_COLUMNS " FROM outage ORDER BY id DESC LIMIT ?")                \
	X(OUTAGE_DUE, "outage_due", "UPDATE outage SET deadline = ? WHERE id = ?")                                     \
	X(NOTE_ADD, "note_add",                                                                                        \
		"INSERT INTO outage_note (outage_id, kind, said_on, noted_at, text, ledger_seq) "                      \
		"VALUES (?, ?, ?, ?, ?, ?)")                                                                           \
	X(NOTE_LIST, "note_list",                                                                                      \
		"SELECT kind, said_on, noted_at, text FROM outage_note WHERE outage_id = ? ORDER BY id")               \
                                                                                                                       \
	X(MESSAGE_ADD, "message_add",                                                                                  \
		"INSERT INTO message (message_id, type, digest, count, bytes, state, made_at, sent_at, answered_at, "  \
		"next_try_at, attempts, is_resent, was_unknown, route, ref, halving, last_text, deadline, is_absent) " \
		"VALUES (?, ?, ?, ?, ?, 'made', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")                               \
	X(MESSAGE_BYTES_ADD, "message_bytes_add",                                                                      \
		"INSERT INTO message_bytes (message_id, head, signature) VALUES (?, ?, ?)")                            \
	X(MESSAGE_INVOICE_ADD, "message_invoice_add",                                                                  \
		"INSERT INTO message_invoice (message_id, position, invoice_id) VALUES (?, ?, ?)")                     \
	X(MESSAGE_GET, "message_get", "SELECT " MESSAGE_FULL " WHERE m.id = ?")                                        \
	X(MESSAGE_BY_ID, "message_by_id", "SELECT " MESSAGE_FULL " WHERE m.message_id = ?")                            \
	X(MESSAGE_DUE, "message_due",                                                                                  \
		"SELECT " MESSAGE_FULL " WHERE m.id = (SELECT id FROM message WHERE " MESSAGE_ISOPEN                   \
		" AND next_try_at NOT BETWEEN ?1 + 1 AND ?1 + ?4 AND iif(" MESSAGE_ISHERE                              \
		", ?2, instr(?3, ',' || route || ',') = 0) "                                                           \
		"ORDER BY NOT " MESSAGE_ISHERE ", iif(" MESSAGE_ISHERE ", deadline, next_try_at), id LIMIT 1)")        \
	X(MESSAGE_NEXT_TRY, "message_next_try",                                                                        \
		"SELECT min(next_try_at) FROM message WHERE " MESSAGE_ISOPEN " AND next_try_at > ?")                   \
	X(MESSAGE_UNANSWERED, "message_unanswered",                                                                    \
		"SELECT min(sent_at) FROM message WHERE " MESSAGE_ISOPEN " AND state = 'sent'")                        \
	X(MESSAGE_MOVE, "message_move",                                                                                \
		"UPDATE message SET state = ?, sent_at = ?, answered_at = ?, next_try_at = ?, attempts = ?, "          \
		"is_resent = ?, "                                                                                      \
		"was_unknown = ?, route = ?, ref = ?, halving = ?, last_text = ?, "                                    \
		"is_absent = ? WHERE id = ? AND state = ?")                                                            \
	X(MESSAGE_DEADLINE, "message_deadline",                                                                        \
		"SELECT min(d) FROM (SELECT min(deadline) AS d FROM message WHERE " MESSAGE_ISOPEN                     \
		" AND deadline > ?1 UNION ALL SELECT min(deadline) FROM invoice "                                      \
		"WHERE state = 'issued' AND message_id IS NULL AND deadline > ?1)")                                    \
	X(INVOICE_UNSENT, "invoice_unsent",                                                                            \
		"SELECT (SELECT count(*) FROM invoice WHERE state = 'issued' AND message_id IS NULL "                  \
		"AND deadline <= ?1 AND issued_at <= ?2) "                                                             \
		"+ (SELECT coalesce(sum(count), 0) FROM message WHERE state IN ('made', 'unknown') "                   \
		"AND deadline <= ?1 AND made_at <= ?2)")                                                               \
	X(INVOICE_OLDEST_UNSENT, "invoice_oldest_unsent",                                                              \
		INVOICE_FIRSTS                                                                                         \
		"SELECT issued_at, deadline FROM invoice WHERE id IN (SELECT id FROM g UNION ALL "                     \
		"SELECT (SELECT invoice_id FROM message_invoice WHERE message_id = m.id ORDER BY position LIMIT 1) "   \
		"FROM message m WHERE m." MESSAGE_ISOPEN " AND m.state <> 'sent') "                                    \
		"ORDER BY deadline, issued_at LIMIT 1")                                                                \
	X(MESSAGE_LIST, "message_list", "SELECT " MESSAGE_HEAD " FROM message m ORDER BY m.id DESC LIMIT ?")           \
	X(MESSAGE_LIST_OPEN, "message_list_open",                                                                      \
		"SELECT " MESSAGE_HEAD " FROM message m WHERE m." MESSAGE_ISOPEN " ORDER BY m.id DESC LIMIT ?")        \
	X(MESSAGE_INVOICE_NEXT, "message_invoice_next",                                                                \
		"SELECT p.position, i.id, i.form, i.serial, i.number, i.state, b.digest, b.xml "                       \
		"FROM message_invoice p JOIN invoice i ON i.id = p.invoice_id JOIN invoice_bytes b ON b.invoice_id = " \
		"i.id "                                                                                                \
		"WHERE p.message_id = ? AND p.position > ? ORDER BY p.position LIMIT 1")                               \
	X(MESSAGE_WAS_UNKNOWN, "message_was_unknown",                                                                  \
		"SELECT 1 FROM message_invoice p JOIN message m ON m.id = p.message_id "                               \
		"WHERE p.invoice_id = ? AND p.message_id < ? AND m.was_unknown = 1 LIMIT 1")                           \
	X(MESSAGE_LAST_ANSWER, "message_last_answer", "SELECT max(answered_at) FROM message WHERE state = 'answered'") \
	X(VERDICT_ADD, "verdict_add",                                                                                  \
		"INSERT INTO verdict (id, message_id, received_at, type, is_believed, note, raw) VALUES (?, ?, ?, ?, " \
		"?, ?, "                                                                                               \
		"?)")                                                                                                  \
	X(VERDICT_NEXT_ID, "verdict_next_id", "SELECT coalesce(max(id), 0) + 1 FROM verdict")                          \
	X(VERDICT_LAST, "verdict_last",                                                                                \
		"SELECT id, raw FROM verdict WHERE type = ? AND is_believed = 1 ORDER BY id DESC LIMIT 1")             \
	X(VERDICT_NEXT, "verdict_next",                                                                                \
		"SELECT id, message_id, type, is_believed, raw FROM verdict WHERE id > ? ORDER BY id LIMIT 1")         \
                                                                                                                       \
	X(TOKEN_ADD, "token_add",                                                                                      \
		"INSERT INTO token (name, tills, scopes, made_at, revoked_at, hash) VALUES (?, ?, ?, ?, ?, ?)")        \
	X(TOKEN_FIND, "token_find",                                                                                    \
		"SELECT id, name, tills, scopes, made_at, revoked_at FROM token WHERE hash = ? AND revoked_at = 0")    \
	X(TOKEN_LIST, "token_list", "SELECT id, name, tills, scopes, made_at, revoked_at FROM token ORDER BY id")      \
	X(TOKEN_REVOKE, "token_revoke", "UPDATE token SET revoked_at = ? WHERE id = ? AND revoked_at = 0")             \
	X(TOKEN_COUNT, "token_count", "SELECT count(*) FROM token WHERE revoked_at = 0")                               \
                                                                                                                       \
	X(LAW_ADD, "law_add",                                                                                          \
		"INSERT INTO law (version, applies_on, imported_at, digest, pack, signature) "                         \
		"VALUES (?, ?, ?, ?, ?, ?)")                                                                           \
	X(LAW_FIND, "law_find", "SELECT coalesce(max(version), 0), coalesce(sum(digest = ?), 0) FROM law")             \
	X(LAW_LIST, "law_list", "SELECT version, digest, pack FROM law ORDER BY version")                              \
                                                                                                                       \
	X(BOOT_GET, "boot_get", "SELECT id FROM boot WHERE boot = ?")                                                  \
	X(BOOT_ADD, "boot_add", "INSERT INTO boot (boot) VALUES (?)")                                                  \
	X(LEDGER_ADD, "ledger_add",                                                                                    \
		"INSERT INTO ledger (seq, event, wall, mono, boot, trust, payload, hash) VALUES (?, ?, ?, ?, ?, ?, "   \
		"?, ?)")                                                                                               \
	X(LEDGER_EACH, "ledger_each",                                                                                  \
		"SELECT l.seq, l.event, l.wall, l.mono, (SELECT boot FROM boot WHERE id = l.boot), l.trust, "          \
		"l.payload, l.hash, "                                                                                  \
		"(SELECT max(epoch) FROM epoch WHERE from_seq <= l.seq) FROM ledger l WHERE l.seq > ? ORDER BY l.seq") \
	X(LEDGER_BEFORE, "ledger_before", "SELECT seq FROM ledger WHERE wall < ? ORDER BY seq DESC LIMIT 1")           \
	X(LEDGER_HASH, "ledger_hash", "SELECT hash FROM ledger WHERE seq = ?")                                         \
	X(TIP_GET, "tip_get", "SELECT seq, head, edge, checkpoint_edge FROM ledger_tip")                               \
	X(TIP_PUT, "tip_put", "UPDATE ledger_tip SET seq = ?, head = ?, edge = ? WHERE id = 1")                        \
	X(TIP_CHECKPOINT, "tip_checkpoint", "UPDATE ledger_tip SET checkpoint_edge = ? WHERE id = 1")                  \
	X(KEY_GET, "key_get", "SELECT id FROM ledger_key WHERE spki = ?")                                              \
	X(KEY_ADD, "key_add", "INSERT INTO ledger_key (spki, seq) VALUES (?, ?)")                                      \
	X(CHECKPOINT_ADD, "checkpoint_add",                                                                            \
		"INSERT INTO checkpoint (size, root, head, wall, key_id, sig) VALUES (?, ?, ?, ?, ?, ?)")              \
	X(CHECKPOINT_LAST, "checkpoint_last", "SELECT coalesce(max(size), 0) FROM checkpoint")                         \
	X(CHECKPOINT_NEXT, "checkpoint_next",                                                                          \
		"SELECT c.size, c.root, c.head, c.wall, c.sig, k.spki, k.seq FROM checkpoint c "                       \
		"LEFT JOIN ledger_key k ON k.id = c.key_id WHERE c.size >= ? ORDER BY c.size LIMIT 1")                 \
                                                                                                                       \
	X(FSCK_QUICK, "fsck_quick", "SELECT quick_check FROM pragma_quick_check WHERE quick_check <> 'ok' LIMIT 1")    \
	X(FSCK_NEWEST, "fsck_newest",                                                                                  \
		"SELECT (SELECT count(bytes) FROM (SELECT bytes FROM frame ORDER BY id DESC LIMIT 1000)), "            \
		"(SELECT count(digest) FROM (SELECT digest FROM sale ORDER BY id DESC LIMIT 1000)), "                  \
		"(SELECT count(code) FROM (SELECT code FROM invoice ORDER BY id DESC LIMIT 1000)), "                   \
		"(SELECT count(xml) FROM (SELECT xml FROM invoice_bytes ORDER BY invoice_id DESC LIMIT 1000)), "       \
		"(SELECT count(head) FROM (SELECT head FROM message_bytes ORDER BY message_id DESC LIMIT 1000)), "     \
		"(SELECT count(payload) FROM (SELECT payload FROM ledger ORDER BY seq DESC LIMIT 1000))")              \
	X(FSCK_FILE, "fsck_file",                                                                                      \
		"SELECT 0, integrity_check FROM pragma_integrity_check WHERE integrity_check <> 'ok'")                 \
	X(FSCK_REFERENCE, "fsck_reference",                                                                            \
		"SELECT rowid, 'a row of ' || \"table\" || ' names one of ' || parent || ' that is not there' "        \
		"FROM pragma_foreign_key_check")                                                                       \
	X(FSCK_INVOICE_BARE, "fsck_invoice_bare",                                                                      \
		"SELECT id, form || serial || '/' || number || ' has no bytes or no sale' FROM invoice i "             \
		"WHERE NOT EXISTS (SELECT 1 FROM invoice_bytes WHERE invoice_id = i.id) "                              \
		"OR NOT EXISTS (SELECT 1 FROM sale_invoice WHERE invoice_id = i.id)")                                  \
	X(FSCK_ISSUED, "fsck_issued",                                                                                  \
		"SELECT 0, r.n || ' records say issued, there are ' || i.n || ' invoices' "                            \
		"FROM (SELECT count(*) AS n FROM ledger WHERE event = 'issued') r, (SELECT count(*) AS n FROM "        \
		"invoice) i "                                                                                          \
		"WHERE r.n <> i.n")                                                                                    \
	X(FSCK_NUMBER, "fsck_number",                                                                                  \
		"SELECT 0, form || serial || ' holds ' || count(*) || ' invoices, numbers ' || min(number) || ' to ' " \
		"|| "                                                                                                  \
		"max(number) FROM invoice GROUP BY serial, form HAVING min(number) <> 1 OR count(*) <> max(number)")   \
	X(FSCK_PLACE, "fsck_place",                                                                                    \
		"SELECT form, form || serial || ' goes on behind ' || last_number || ', its last invoice is ' || "     \
		"last "                                                                                                \
		"FROM (SELECT form, serial, last_number, coalesce((SELECT max(number) FROM invoice i "                 \
		"WHERE i.serial = p.serial AND i.form = p.form), 0) AS last FROM place p) WHERE last_number <> last")  \
	X(FSCK_CODE, "fsck_code",                                                                                      \
		"SELECT id, 'the code ' || code || ' lies outside the leased blocks' FROM invoice WHERE code <> '' "   \
		"AND NOT EXISTS (SELECT 1 FROM block WHERE CAST(substr(code, 13) AS INTEGER) BETWEEN first AND last)") \
	X(FSCK_BLOCK, "fsck_block",                                                                                    \
		"SELECT epoch, 'the codes of epoch ' || epoch || ' go on with ' || next || ', the last one given is "  \
		"' || last "                                                                                           \
		"FROM (SELECT epoch, next, coalesce((SELECT max(CAST(substr(code, 13) AS INTEGER)) FROM invoice "      \
		"WHERE code <> '' AND CAST(substr(code, 13) AS INTEGER) BETWEEN b.first AND b.last), b.first - 1) AS " \
		"last "                                                                                                \
		"FROM block b) WHERE next <> last + 1")                                                                \
	X(FSCK_SALE, "fsck_sale",                                                                                      \
		"SELECT id, 'bill ' || bill_no || ' of till ' || till_id || ' has no live invoice and no open task' "  \
		"FROM sale s WHERE state = 'issued' "                                                                  \
		"AND NOT EXISTS (SELECT 1 FROM sale_invoice WHERE sale_id = s.id AND is_issuing = 1) "                 \
		"AND NOT EXISTS (SELECT 1 FROM sale_invoice l JOIN task t ON t.invoice_id = l.invoice_id "             \
		"WHERE l.sale_id = s.id AND t.closed_at = 0)")                                                         \
	X(FSCK_STUCK, "fsck_stuck",                                                                                    \
		"SELECT i.id, i.form || i.serial || '/' || i.number || ' is open, its message is answered' "           \
		"FROM invoice i JOIN message m ON m.id = i.message_id WHERE i.state = 'issued' AND m.state = "         \
		"'answered' "                                                                                          \
		"AND NOT EXISTS (SELECT 1 FROM task WHERE invoice_id = i.id AND closed_at = 0)")                       \
	X(FSCK_TALLY, "fsck_tally",                                                                                    \
		"SELECT 0, t.name || ' is counted as ' || t.n || ', there are ' || coalesce(c.n, 0) FROM tally t "     \
		"LEFT JOIN ("                                                                                          \
		"SELECT 'frame.' || state AS name, count(*) AS n, 0 AS net, 0 AS vat, 0 AS total FROM frame GROUP BY " \
		"state "                                                                                               \
		"UNION ALL SELECT 'sale.' || state, count(*), 0, 0, 0 FROM sale GROUP BY state "                       \
		"UNION ALL SELECT 'message.' || state, count(*), 0, 0, 0 FROM message GROUP BY state "                 \
		"UNION ALL SELECT 'invoice.' || state, count(*), sum(net), sum(vat), sum(total) FROM invoice GROUP "   \
		"BY state) c "                                                                                         \
		"ON c.name = t.name WHERE t.n <> coalesce(c.n, 0) OR t.net <> coalesce(c.net, 0) "                     \
		"OR t.vat <> coalesce(c.vat, 0) OR t.total <> coalesce(c.total, 0)")                                   \
	X(FSCK_FRAMES, "fsck_frames", "SELECT id, digest, bytes FROM frame ORDER BY id")                               \
	X(FSCK_INVOICES, "fsck_invoices",                                                                              \
		"SELECT i.id, i.form, i.serial, i.number, i.code, i.ledger_seq, b.digest, b.xml, "                     \
		"(SELECT payload FROM ledger WHERE seq = i.ledger_seq AND event = 'issued') "                          \
		"FROM invoice i JOIN invoice_bytes b ON b.invoice_id = i.id ORDER BY i.id")                            \
	X(FSCK_PAPER, "fsck_paper",                                                                                    \
		"SELECT frame_id, 'frame ' || frame_id || ' was read from paper ' || origin_id || ', and holds no "    \
		"sale' "                                                                                               \
		"FROM frame_origin o WHERE NOT EXISTS (SELECT 1 FROM sale WHERE frame_id = o.frame_id) UNION ALL "     \
		"SELECT DISTINCT f.id, 'paper ' || f.id || ' is refused, and a sale was read from it' "                \
		"FROM frame f JOIN frame_origin o ON o.origin_id = f.id WHERE f.state = 'refused'")                    \
	X(FSCK_NOTED, "fsck_noted",                                                                                    \
		"SELECT 0, r.n || ' records say outage-note, there are ' || o.n || ' notes' "                          \
		"FROM (SELECT count(*) AS n FROM ledger WHERE event = 'outage-note') r, "                              \
		"(SELECT count(*) AS n FROM outage_note) o WHERE r.n <> o.n")                                          \
	X(FSCK_NOTES, "fsck_notes",                                                                                    \
		"SELECT n.id, n.kind, n.said_on, n.text, n.ledger_seq, o.begun_at, "                                   \
		"(SELECT payload FROM ledger WHERE seq = n.ledger_seq AND event = 'outage-note') "                     \
		"FROM outage_note n JOIN outage o ON o.id = n.outage_id ORDER BY n.id")                                \
	X(FSCK_LAWS, "fsck_laws", "SELECT version, applies_on, digest, pack FROM law ORDER BY version")                \
	X(FSCK_LAW_RECORDS, "fsck_law_records", "SELECT payload FROM ledger WHERE event = 'law' ORDER BY seq")         \
	X(FSCK_VERDICTS, "fsck_verdicts", "SELECT id, raw FROM verdict ORDER BY id")                                   \
	X(MESSAGE_OPEN_AFTER, "message_open_after",                                                                    \
		"SELECT " MESSAGE_FULL " WHERE m.id > ? AND m." MESSAGE_ISOPEN " AND m.carried_at >= ? "               \
		"ORDER BY m.id LIMIT 1")                                                                               \
	X(MESSAGE_CARRIED, "message_carried",                                                                          \
		"SELECT count(*) FROM message WHERE " MESSAGE_ISOPEN " AND carried_at > 0")                            \
	X(MESSAGE_CARRY, "message_carry", "UPDATE message SET carried_at = ? WHERE id = ?")                            \
	X(EXPORT_ADD, "export_add", "INSERT INTO courier_export (wished_at, key) VALUES (?, ?)")                       \
	X(EXPORT_GET, "export_get", "SELECT id, wished_at, done_at, key FROM courier_export WHERE id = ?")             \
	X(EXPORT_OPEN, "export_open", "SELECT id, wished_at, done_at, key FROM courier_export WHERE done_at = 0")      \
	X(EXPORT_END, "export_end", "UPDATE courier_export SET done_at = ? WHERE id = ? AND done_at = 0")              \
	X(ANSWER_ADD, "answer_add",                                                                                    \
		"INSERT INTO courier_answer (message_id, digest, received_at, raw) VALUES (?, ?, ?, ?)")               \
	X(ANSWER_NEXT, "answer_next",                                                                                  \
		"SELECT id, message_id, raw FROM courier_answer WHERE done_at = 0 ORDER BY id LIMIT 1")                \
	X(ANSWER_END, "answer_end", "UPDATE courier_answer SET done_at = ?, raw = x'' WHERE id = ? AND done_at = 0")   \
	X(MESSAGE_AFTER, "message_after", "SELECT " MESSAGE_FULL " WHERE m.id > ? ORDER BY m.id LIMIT 1")

enum statement {
#define X(name, word, sql) STATEMENT_##name,
	STORE_STATEMENTS(X)
#undef X
		STATEMENT_COUNT
};

#endif
