/* message: TDiep, the envelope of 1..n invoices, rebuilt from stored parts by concatenation. */
#ifndef HOADON_WIRE_MESSAGE_H
#define HOADON_WIRE_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/digest.h"
#include "core/symbols.h"

struct message_head {		  /* TTChung */
	const char *pban;	  /* PBan */
	const char *sender;	  /* MNGui */
	const char *receiver;	  /* MNNhan: TCT */
	int type;		  /* MLTDiep: 206, 216 */
	const char *id;		  /* MTDiep */
	const char *tax_code;	  /* MST */
	int count;		  /* SLuong */
	const char *dlieu_prefix; /* of DLieu/@Id: "_" or "DLieu-" */
};

#define MESSAGE_DATA_ID_MAX 48

/** message_data_id() - DLieu/@Id: prefix + the 32 hex of MTDiep. */
void message_data_id(const struct message_head *head, char out[MESSAGE_DATA_ID_MAX]);
/** message_write_head() - `<TDiep>…<DLieu Id="…">` appended; what follows are the invoices. Source: format 3. */
void message_write_head(const struct message_head *head, struct bytes *out);
/** message_write_tail() - `</DLieu><CKSNNT>` signature `</CKSNNT></TDiep>` appended. */
void message_write_tail(const void *signature, size_t len, struct bytes *out);

/* The digest that the message signature covers, streamed: DLieu with its invoices. */
struct message_digest;
/** message_digest_new() - begins with `<DLieu Id="…">`; NULL without memory. */
struct message_digest *message_digest_new(const struct message_head *head) MUST_CHECK;
/** message_digest_add() - the canonical bytes of the next invoice. */
void message_digest_add(struct message_digest *digest, const void *hdon, size_t len);
/** message_digest_end() - ends with `</DLieu>`; frees @digest. */
void message_digest_end(struct message_digest *digest, uint8_t out[DIGEST_LEN]);

#endif
