-- deadline: earliest legal deadline of the message's invoices, ms UTC; 0 = of a message that was closed before this column was there.
-- is_absent: 1 = certain that no route holds it (no byte of it left, or its route refused it or said not_found), so any route may take it.
ALTER TABLE message ADD COLUMN deadline INTEGER NOT NULL DEFAULT 0;
ALTER TABLE message ADD COLUMN is_absent INTEGER NOT NULL DEFAULT 0;

UPDATE message SET deadline = (SELECT min(i.deadline) FROM message_invoice p JOIN invoice i ON i.id = p.invoice_id
	WHERE p.message_id = message.id) WHERE state IN ('made', 'sent', 'unknown');
