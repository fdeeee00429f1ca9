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

/* A checkpoint over no records, in the form of schemas/ledger/FORMAT.md, with @note. */
static void write_line(char *out, size_t room, const char *note)
{
	char head[2 * DIGEST_LEN + 1], key[2 * ECSIGN_SPKI_LEN + 1], sig[2 * ECSIGN_LEN + 1];

	memset(head, '0', sizeof(head));
	memset(key, '0', sizeof(key));
	memset(sig, '0', sizeof(sig));
	head[sizeof(head) - 1] = key[sizeof(key) - 1] = sig[sizeof(sig) - 1] = '\0';
	/* root: SHA-256 of nothing (RFC 9162, 2.1.1) */
	snprintf(out, room,
		"{\"checkpoint\":{\"head\":\"%s\",\"key\":\"%s\",\"note\":\"%s\","
		"\"root\":\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\",\"sig\":\"%s\",\"size\":"
		"0}}\n",
		head, key, note, sig);
}

static void a_note_without_a_time_is_named(void **state)
{
	static const char *const notes[] = {"", "x", "\\n", "x\\nx", "x\\n9x", "99999999999999999999\\n", "x\\n-\\n"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(notes); i++) {
		struct ledger_finding finding = {0};
		struct ledger_summary summary = {0};
		char line[2048];

		write_line(line, sizeof(line), notes[i]);
		dirty_stack();
		assert_int_equal(ledger_verify_export(line, strlen(line), &finding, &summary, NULL), 1);
		assert_int_equal(finding.line, 1);
		assert_non_null(strstr(finding.text, "note"));
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
