/* parcel: what lies on a courier's stick: NAME.message for whoever delivers, NAME.answer for the shop, a manifest (schemas/store/COURIER.md). */
#ifndef HOADON_CLI_PARCEL_H
#define HOADON_CLI_PARCEL_H

#include "base/arena.h"
#include "base/digest.h"
#include "base/envelope.h"

#define PARCEL_NAME_LEN 32 /* hex of the first half of the message's SHA-256: says nothing to a finder */

struct parcel_item { /* one row of the manifest, which lies open: digests and counts, nothing about persons */
	char name[PARCEL_NAME_LEN + 1];
	uint8_t digest[DIGEST_LEN]; /* SHA-256 of NAME.message */
	int64_t invoices;
};
struct manifest { /* in an arena */
	struct parcel_item *items;
	size_t count, room;
};

/** parcel_name() - the name of the message with SHA-256 @digest. */
void parcel_name(const uint8_t digest[DIGEST_LEN], char ret[PARCEL_NAME_LEN + 1]);
/** manifest_read() - the manifest of folder @dir; none is one without items. 0; FAULT_FORMAT; < 0. */
int manifest_read(const char *dir, struct arena *arena, struct manifest *ret, struct fault *fault) MUST_CHECK;
/** manifest_put() - @item in the place of the one with its name, else at the end. 0 or FAULT_MEMORY. */
int manifest_put(
	struct manifest *manifest, struct arena *arena, const struct parcel_item *item, struct fault *fault) MUST_CHECK;
/** manifest_find() - the item of @name; NULL when there is none. Borrowed. */
const struct parcel_item *manifest_find(const struct manifest *manifest, const char *name);
/** manifest_write() - into folder @dir, atomically. 0 or < 0. */
int manifest_write(const char *dir, const struct manifest *manifest, struct fault *fault) MUST_CHECK;

struct parcel_message {		/* texts in an arena */
	const char *message_id; /* MTDiep */
	int64_t invoices;
	bool may_submit;			    /* false: it arrived already, and only its verdict is asked for */
	bool was_sent;				    /* some attempt before had an unknown outcome */
	const char *driver, *url, *user, *password; /* the route, as configured in the shop */
	const char *ca;				    /* PEM: whom to believe there */
	const char *export;			    /* id of the secret of the answer */
	uint8_t key[ENVELOPE_KEY_LEN];		    /* that secret */
	const void *bytes;			    /* the TDiep as it was signed */
	size_t len;
};
/** parcel_is_whole() - whether NAME.message in @dir has the digest of @item. */
bool parcel_is_whole(const char *dir, const struct parcel_item *item);
/** parcel_message_write() - NAME.message in @dir for the holder of the key of certificate @to; @ret_digest is that of the file. 0 or < 0. */
int parcel_message_write(const char *dir, const char *name, const struct parcel_message *message,
	const struct bytes *to, uint8_t ret_digest[DIGEST_LEN], struct fault *fault) MUST_CHECK;
/** parcel_message_read() - 0; 1 when it was sealed to another machine's key than that in @pem, or changed; < 0. */
int parcel_message_read(const char *dir, const char *name, const struct bytes *pem, struct arena *arena,
	struct parcel_message *ret, struct fault *fault) MUST_CHECK;

/* X(NAME, "word"): how far a courier came with a message; the words stand in NAME.answer and in --json. */
#define PARCEL_OUTCOMES(X)                                                                                             \
	X(SENT, "sent")	      /* its bytes left, and nobody knows more */                                              \
	X(TAKEN, "taken")     /* the provider has it */                                                                \
	X(REFUSED, "refused") /* the provider did not take it: by HTTP, for what it said */                            \
	X(VERDICT, "verdict") /* the authority's answer */
enum parcel_outcome {
#define X(name, word) PARCEL_##name,
	PARCEL_OUTCOMES(X)
#undef X
		PARCEL_OUTCOME_COUNT
};
/** parcel_outcome_word() - the word of @outcome. */
const char *parcel_outcome_word(enum parcel_outcome outcome);

struct parcel_answer { /* texts in an arena */
	const char *message_id;
	enum parcel_outcome outcome;
	const char *text;  /* for people */
	const void *bytes; /* a TDiep of the authority; may be empty */
	size_t len;
};
/** parcel_answer_exists() - whether there is a NAME.answer in @dir. */
bool parcel_answer_exists(const char *dir, const char *name);
/** parcel_answer_write() - NAME.answer in @dir under the secret that came with the message. 0 or < 0. */
int parcel_answer_write(const char *dir, const char *name, const struct parcel_message *message,
	const struct parcel_answer *answer, struct fault *fault) MUST_CHECK;
/** parcel_answer_id() - the id of the secret that NAME.answer lies under. 0; 1 when it is no answer; < 0. */
int parcel_answer_id(const char *dir, const char *name, char ret[ENVELOPE_ID_MAX + 1], struct fault *fault) MUST_CHECK;
/** parcel_answer_read() - NAME.answer in @dir, opened with secret @key called @id. 0; 1 = it is not under this secret, or was changed; < 0. */
int parcel_answer_read(const char *dir, const char *name, const char *id, const uint8_t key[ENVELOPE_KEY_LEN],
	struct arena *arena, struct parcel_answer *ret, struct fault *fault) MUST_CHECK;

#endif
