#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/digest.h"
#include "base/envelope.h"
#include "base/file.h"

#define TEXT "<TDiep>một thông điệp</TDiep>"

struct fixture {
	char dir[64];
	struct bytes pem, other, der, out;
};

static void make_key(struct fixture *f, const char *name, struct bytes *ret)
{
	struct fault fault = {0};
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", f->dir, name);
	assert_int_equal(envelope_make_key(path, name, &fault), 0);
	bytes_init(ret, ENVELOPE_PEM_MAX);
	assert_int_equal(file_read(path, ret, &fault), 0);
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	snprintf(f->dir, sizeof(f->dir), "/tmp/hoadon-envelope.XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	make_key(f, "station", &f->pem);
	make_key(f, "stranger", &f->other);
	bytes_init(&f->der, 1 << 20);
	bytes_init(&f->out, 1 << 20);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	struct bytes *all[] = {&f->pem, &f->other, &f->der, &f->out};

	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		bytes_done(all[i]);
	assert_int_equal(file_room_remove(f->dir, NULL), 0);
	free(f);
	return 0;
}

static void seal_text(struct fixture *f, const struct bytes *to)
{
	struct fault fault = {0};

	bytes_clear(&f->der);
	assert_int_equal(envelope_seal_to(to, TEXT, strlen(TEXT), &f->der, &fault), 0);
}

static void the_holder_of_the_key_reads_it(void **state)
{
	struct fixture *f = *state;
	struct fault fault = {0};

	seal_text(f, &f->pem);
	assert_null(memmem(f->der.data, f->der.len, "TDiep", 5));
	assert_int_equal(envelope_open_with(&f->pem, f->der.data, f->der.len, &f->out, &fault), 0);
	assert_string_equal((const char *)f->out.data, TEXT);
}

static void a_certificate_alone_is_enough_to_seal_and_not_to_read(void **state)
{
	struct fixture *f = *state;
	struct fault fault = {0};
	BYTES_CLEANUP struct bytes certificate = {0};

	bytes_init(&certificate, ENVELOPE_PEM_MAX);
	assert_int_equal(envelope_certificate(&f->pem, &certificate, &fault), 0);
	assert_null(strstr((const char *)certificate.data, "PRIVATE"));
	seal_text(f, &certificate);
	assert_int_equal(envelope_open_with(&certificate, f->der.data, f->der.len, &f->out, &fault), FAULT_CRYPTO);
	assert_int_equal(envelope_open_with(&f->pem, f->der.data, f->der.len, &f->out, NULL), 0);
}

static void nobody_else_reads_it(void **state)
{
	struct fixture *f = *state;
	struct fault fault = {0};

	seal_text(f, &f->pem);
	assert_int_equal(envelope_open_with(&f->other, f->der.data, f->der.len, &f->out, &fault), 1);
	assert_int_equal(f->out.len, 0);
}

/* Every byte: what is outside the tag (the recipient, the version) has to be right too. */
static void a_changed_byte_gives_nothing(void **state)
{
	struct fixture *f = *state;

	seal_text(f, &f->pem);
	for (size_t i = 0; i < f->der.len; i++) {
		f->der.data[i] ^= 0x20;
		int result = envelope_open_with(&f->pem, f->der.data, f->der.len, &f->out, NULL);
		f->der.data[i] ^= 0x20;
		if (result == 0) { /* a byte that says nothing: what comes out is what went in */
			assert_string_equal((const char *)f->out.data, TEXT);
			bytes_clear(&f->out);
		} else {
			assert_int_equal(f->out.len, 0);
		}
	}
	for (size_t len = 0; len < f->der.len; len += 7)
		assert_int_equal(envelope_open_with(&f->pem, f->der.data, len, &f->out, NULL), 1);
}

static void a_secret_is_named_and_needed(void **state)
{
	struct fixture *f = *state;
	struct fault fault = {0};
	char id[ENVELOPE_ID_MAX + 1] = "";
	uint8_t key[ENVELOPE_KEY_LEN], wrong[ENVELOPE_KEY_LEN];

	digest_random(key, sizeof(key));
	memcpy(wrong, key, sizeof(wrong));
	wrong[31] ^= 1;
	assert_int_equal(envelope_seal_under(key, "17", TEXT, strlen(TEXT), &f->der, &fault), 0);
	assert_int_equal(envelope_id(f->der.data, f->der.len, id), 0);
	assert_string_equal(id, "17");
	assert_int_equal(envelope_open_under(wrong, "17", f->der.data, f->der.len, &f->out, &fault), 1);
	assert_int_equal(envelope_open_under(key, "18", f->der.data, f->der.len, &f->out, &fault), 1);
	assert_int_equal(f->out.len, 0);
	assert_int_equal(envelope_open_under(key, "17", f->der.data, f->der.len, &f->out, &fault), 0);
	assert_string_equal((const char *)f->out.data, TEXT);
	seal_text(f, &f->pem);
	assert_int_equal(envelope_id(f->der.data, f->der.len, id), 1);
	assert_int_equal(envelope_open_under(key, "17", f->der.data, f->der.len, &f->out, &fault), 1);
	assert_int_not_equal(envelope_seal_under(key, "", TEXT, strlen(TEXT), &f->der, &fault), 0);
}

static void a_key_is_made_once(void **state)
{
	struct fixture *f = *state;
	struct fault fault = {0};
	struct stat st;
	char path[128];
	BYTES_CLEANUP struct bytes again = {0};

	make_key(f, "station", &again);
	assert_string_equal((const char *)again.data, (const char *)f->pem.data);
	snprintf(path, sizeof(path), "%s/station", f->dir);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	bytes_clear(&again);
	bytes_text(&again, "no certificate");
	assert_int_equal(envelope_certificate(&again, &f->out, &fault), FAULT_CRYPTO);
	assert_int_equal(envelope_seal_to(&again, TEXT, 1, &f->out, &fault), FAULT_CRYPTO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_holder_of_the_key_reads_it, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_certificate_alone_is_enough_to_seal_and_not_to_read, set_up, tear_down),
		cmocka_unit_test_setup_teardown(nobody_else_reads_it, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_changed_byte_gives_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_secret_is_named_and_needed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_key_is_made_once, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
