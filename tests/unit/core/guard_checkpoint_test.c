/* guard_checkpoint: a forged line of an exported ledger must be named, whatever lay in memory before. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/ecsign.h"
#include "core/ledger_verify.h"

#define DIRT_LEN 32768

/* Leaves bytes on the stack that no pointer is: what reads a value that was never set fails here and not by chance. */
static __attribute__((noinline)) void dirty_stack(void)
{
	volatile char dirt[DIRT_LEN];

	for (size_t i = 0; i < sizeof(dirt); i++)
		dirt[i] = 0x41;
}

/* A ledger of one record and a checkpoint over it, in the form of schemas/ledger/FORMAT.md, with @note. */
static void write_lines(struct bytes *out, const char *note)
{
	static const struct ledger_record record = {.seller = "9900000016",
		.store = "000102030405060708090a0b0c0d0e0f",
		.epoch = 1,
		.seq = 1,
		.event = "begin",
		.boot = "",
		.payload = "{}",
		.payload_len = 2};
	char head[DIGEST_HEX_LEN + 1], root[DIGEST_HEX_LEN + 1], key[2 * ECSIGN_SPKI_LEN + 1], sig[2 * ECSIGN_LEN + 1];
	uint8_t hash[DIGEST_LEN], leaf[DIGEST_LEN];

	assert_int_equal(ledger_record_hash(&record, hash, leaf, NULL), 0);
	hex_format(hash, sizeof(hash), head);
	hex_format(leaf, sizeof(leaf), root);
	memset(key, '0', sizeof(key));
	memset(sig, '0', sizeof(sig));
	key[sizeof(key) - 1] = sig[sizeof(sig) - 1] = '\0';
	bytes_text(out, "{\"payload\":{},\"record\":");
	ledger_record_write(&record, out);
	bytes_printf(out,
		"}\n{\"checkpoint\":{\"head\":\"%s\",\"key\":\"%s\",\"note\":\"%s\",\"root\":\"%s\",\"sig\":\"%s\","
		"\"size\":1}}\n",
		head, key, note, root, sig);
}

static void a_note_without_a_time_is_named(void **state)
{
	static const char *const notes[] = {"", "x", "\\n", "x\\nx", "x\\n9x", "99999999999999999999\\n", "x\\n-\\n"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(notes); i++) {
		struct ledger_finding finding = {0};
		struct ledger_summary summary = {0};
		BYTES_CLEANUP struct bytes lines = {.max = 4096};

		write_lines(&lines, notes[i]);
		dirty_stack();
		assert_int_equal(
			ledger_verify_export((const char *)lines.data, lines.len, &finding, &summary, NULL), 1);
		assert_int_equal(finding.line, 2);
		assert_int_equal(finding.reason, LEDGER_BAD_NOTE);
		assert_false(summary.has_checkpoint);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_note_without_a_time_is_named),
	};

	return cmocka_run_group_tests_name("guard_checkpoint", tests, NULL, NULL);
}
