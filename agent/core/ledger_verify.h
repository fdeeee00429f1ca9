/* ledger_verify: checks an exported ledger as schemas/ledger/FORMAT.md section 6 says. Pure. */
#ifndef HOADON_CORE_LEDGER_VERIFY_H
#define HOADON_CORE_LEDGER_VERIFY_H

#include "core/ledger_proof.h"

/* X(NAME, "word", "English", "Vietnamese"): why a ledger is broken, in the order of FORMAT.md section 6. */
#define LEDGER_REASONS(X)                                                                                              \
	X(CUT, "cut", "the file was cut off", "tệp bị cắt cụt")                                                        \
	X(LINE, "line", "the line is neither a record nor a checkpoint", "dòng không đúng dạng bản ghi hay điểm ký")   \
	X(RECORD, "record", "the record has another form", "bản ghi không đúng dạng")                                  \
	X(GAP, "gap", "records are missing", "thiếu bản ghi")                                                          \
	X(ORDER, "order", "records are out of order or stand twice", "bản ghi sai thứ tự hoặc bị lặp")                 \
	X(PAYLOAD, "payload", "the content of the record was changed", "nội dung bản ghi đã bị sửa")                   \
	X(LINK, "link", "the record does not continue the one before it", "bản ghi không nối tiếp bản ghi trước")      \
	X(CHANGED, "changed", "the record was changed", "bản ghi đã bị sửa")                                           \
	X(BEGIN, "begin", "the first record is no beginning", "bản ghi đầu không phải mở sổ")                          \
	X(OWNER, "owner", "the record is of another store or seller", "bản ghi của kho hoặc người bán khác")           \
	X(EPOCH, "epoch", "the epoch goes back", "kỳ của sổ bị lùi lại")                                               \
	X(KEY, "key", "what is announced is no key", "khóa được công bố không phải là khóa")                           \
	X(CHECKPOINT, "checkpoint", "the checkpoint has another form", "điểm ký không đúng dạng")                      \
	X(PLACE, "place", "the checkpoint stands at a foreign place", "điểm ký đặt sai chỗ")                           \
	X(TREE, "tree", "the checkpoint was made of other records", "điểm ký được lập từ các bản ghi khác")            \
	X(NOTE, "note", "the signed text says something else", "nội dung được ký không khớp")                          \
	X(UNKNOWN_KEY, "unknown-key", "nobody announced the key of the checkpoint",                                    \
		"khóa của điểm ký chưa được công bố")                                                                  \
	X(SIGNATURE, "signature", "the signature is wrong", "chữ ký của điểm ký sai")                                  \
	X(EMPTY, "empty", "there is no record in it", "không có bản ghi nào")
enum ledger_reason {
#define X(name, word, en, vi) LEDGER_BAD_##name,
	LEDGER_REASONS(X)
#undef X
};
/** ledger_reason_word() - the word of FORMAT.md section 6; static text. */
const char *ledger_reason_word(enum ledger_reason reason);
/** ledger_reason_text() - one sentence for people; static text. */
const char *ledger_reason_text(enum ledger_reason reason, bool is_vi);

/* What a check of an exported ledger (JSON Lines) found. */
struct ledger_finding {
	int64_t line;		   /* of the file, from 1; 0 = none */
	int64_t seq;		   /* of the record, 0 = none */
	enum ledger_reason reason; /* of an export; unset by ledger_check() */
	char text[200];		   /* what is wrong, one sentence */
};
struct ledger_summary {
	int64_t records, checkpoints;
	int64_t first_seq, last_seq;
	char store[33];
	char tail[LEDGER_TAIL_LEN + 1];
	int64_t lost_key_seq; /* first record that replaces a lost key, 0 = none: only the chain ties the new one to the ledger */
	bool has_checkpoint; /* at least one signature verified */
};
/**
 * ledger_verify_export() - check a whole export: bytes of each record, chain, gaps, payload digests, tree, every checkpoint signature
 * @text:     the file
 * @len:      its bytes
 * @finding:  the first bad record; set only when 1
 * @summary:  what was read; always set
 *
 * Return: 0 whole; 1 broken; FAULT_MEMORY. Thread: any. Source: schemas/ledger/FORMAT.md.
 */
int ledger_verify_export(const char *text, size_t len, struct ledger_finding *finding, struct ledger_summary *summary,
	struct fault *fault) MUST_CHECK;

#endif
