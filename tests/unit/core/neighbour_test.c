/* Which card has an address: the kernel's own table, and what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "core/neighbour.h"

#define HEAD "IP address       HW type     Flags       HW address            Mask     Device\n"
#define TILL "192.168.1.21     0x1         0x2         02:00:5e:AA:bb:01     *        eth0\n"
#define IP   0xc0a80115u
#define CARD UINT64_C(0x02005eaabb01)

static void a_card_is_read_or_refused(void **state)
{
	static const char *const wrong[] = {"", "02:00:5e:aa:bb", "02:00:5e:aa:bb:1", "02-00-5e-aa-bb-01",
		"02:00:5e:aa:bb:0g", "02:00:5e:aa:bb:01:", "00:00:00:00:00:00", " 2:00:5e:aa:bb:01"};
	uint64_t card = 0;

	(void)state;
	assert_true(neighbour_read("02:00:5E:aa:bb:01, more", 17, &card));
	assert_true(card == CARD);
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		if (neighbour_read(wrong[i], strlen(wrong[i]), &card))
			fail_msg("taken: %s", wrong[i]);
}

static void the_card_of_an_address_is_found(void **state)
{
	(void)state;
	assert_true(neighbour_find(HEAD TILL, IP) == CARD);
	assert_true(neighbour_find(HEAD
			    "192.168.1.2      0x1         0x2         02:00:00:00:00:02     *        eth0\n" TILL,
			    IP) == CARD);
	assert_true(neighbour_find(HEAD TILL, IP + 1) == 0);
	assert_true(neighbour_find("", IP) == 0);
	assert_true(neighbour_find(HEAD, IP) == 0);
	assert_true(neighbour_find(HEAD TILL TILL, IP) == CARD);
}

static void what_nobody_answered_for_is_nobodys(void **state)
{
	static const char *const tables[] = {
		HEAD "192.168.1.21     0x1         0x0         02:00:5e:aa:bb:01     *        "
		     "eth0\n", /* asked for, not answered */
		HEAD "192.168.1.21     0x1         0x2         00:00:00:00:00:00     *        "
		     "eth0\n",
		HEAD "192.168.1.21     0x20        0x2         02:00:5e:aa:bb:01     *        "
		     "ib0\n", /* another kind of network */
		HEAD TILL "192.168.1.21     0x1         0x2         02:00:5e:aa:bb:02     *    "
			  "    eth1\n", /* two of them */
		HEAD "192.168.1.211    0x1         0x2         02:00:5e:aa:bb:01     *        "
		     "eth0\n",
		HEAD "192.168.1.21     0x1",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(tables); i++)
		if (neighbour_find(tables[i], IP))
			fail_msg("found in table %zu", i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_card_is_read_or_refused),
		cmocka_unit_test(the_card_of_an_address_is_found),
		cmocka_unit_test(what_nobody_answered_for_is_nobodys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
