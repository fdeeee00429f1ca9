/* key: the contract of whatever signs. It may need a person, and survives a restart. */
#ifndef HOADON_ISSUE_KEY_H
#define HOADON_ISSUE_KEY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/fault.h"

#define KEY_SIGNATURE_MAX 512 /* RSA-4096 */

struct key_certificate {
	struct bytes der;	       /* X.509 of the signer */
	char subject[512];	       /* RFC 4514 text for X509SubjectName */
	char tax_code[16];	       /* value of UID MST:…; "" when absent */
	char serial_hex[64];	       /* lower-case, as the declaration lists it (law R-REG-2) */
	int64_t not_before, not_after; /* ms UTC */
};

enum key_result {
	KEY_OK = 0,
	KEY_LATER = 1,		/* a token is unplugged, a person has to tap: ask again */
	KEY_WRONG_PASSWORD = 2, /* not asked again with this one: a token would lock its PIN */
	KEY_REFUSED = 3,	/* the key will not do: not asked again until its file or the password is another */
};

struct key_ops {
	const char *name;
	const char *summary;
	/** open - load the key. @password may be NULL. Return: enum key_result with a sentence in @fault when not 0; or < 0. */
	int (*open)(const char *where, const char *password, void **ret_state, struct fault *fault);
	/** certificate - of the key; @ret is initialised by the callee and freed with bytes_done(&ret->der). 0 or < 0. */
	int (*certificate)(void *state, struct key_certificate *ret, struct fault *fault);
	/** sign - RSA PKCS#1 v1.5 over SHA-256 @digests (32 bytes each); @sigs has @n × KEY_SIGNATURE_MAX, @lens their lengths. KEY_OK, KEY_LATER, or < 0. Thread: any, at the same time when is_parallel. */
	int (*sign)(void *state, const uint8_t (*digests)[32], size_t n, uint8_t (*sigs)[KEY_SIGNATURE_MAX],
		size_t *lens, struct fault *fault);
	/** unseal - what envelope_seal_to() sealed to the certificate, appended to @out. KEY_OK; KEY_REFUSED when it was sealed to another one or changed; KEY_LATER; < 0. NULL = it only signs. Thread: as sign. */
	int (*unseal)(void *state, const void *der, size_t len, struct bytes *out, struct fault *fault);
	void (*close)(void *state);
	int is_parallel;   /* several threads may sign at once */
	int opens_at_will; /* a wrong password costs nothing; else hoadond alone tries one, which may lock a token */
};

/* X(NAME, "word", "sentence for the evidence of an outage"): how a key stands. */
#define KEY_STANDINGS(X)                                                                                               \
	X(OPENING, "opening", "the key is being opened")                                                               \
	X(AWAY, "away", "the key is not at hand")                                                                      \
	X(PASSWORD, "password", "the password of the key is wrong")                                                    \
	X(UNFIT, "unfit", "the key will not do")                                                                       \
	X(OPEN, "open", "the key does not sign")
enum key_standing {
#define X(name, word, sentence) KEY_##name,
	KEY_STANDINGS(X)
#undef X
		KEY_STANDING_COUNT
};

/* A key in use, or not at hand yet: who opens it (agent/keying) hands it over whole. */
struct key {
	const struct key_ops *ops;
	void *state;
	struct key_certificate certificate;
	atomic_int
		standing; /* enum key_standing; KEY_OPEN is set last and never taken back: before it @state and @certificate are the opener's alone */
};

/**
 * key_open() - open @key with its driver and read its certificate; all of it or nothing
 * @file, @password: as key_ops.open takes them
 *
 * Says nothing of the standing. Return: 0, to be closed with key_close(); enum key_result; < 0. Thread: any, one at a time.
 */
int key_open(struct key *key, const char *file, const char *password, struct fault *fault) MUST_CHECK;
/** key_close() - what key_open() opened. */
void key_close(struct key *key);
/** key_sign_one() - one signature by open struct key @context, as the sender asks for it (send_signer): RSA PKCS#1 v1.5 over SHA-256 @digest into @sig (KEY_SIGNATURE_MAX). As key_ops.sign. Thread: as key_ops.sign. */
int key_sign_one(
	void *context, const uint8_t digest[32], uint8_t *sig, size_t *ret_len, struct fault *fault) MUST_CHECK;
/** key_is_open() - whether @key can be asked to sign; NULL is not. Thread: any. */
bool key_is_open(const struct key *key);
/** key_word() - "opening", "away", "password", "unfit", "open"; "none" for NULL, when no key is configured. Static. Thread: any. */
const char *key_word(const struct key *key);
/** key_sentence() - why nothing is signed, one English sentence. Static. Thread: any. */
const char *key_sentence(const struct key *key);

#endif
