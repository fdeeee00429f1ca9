/* Every open task is told once by each channel, also after a failure or a restart; a sale that is parked for too long is a task. */
#include "../wire/testing.h"

#include "../store/shop.h"

#include "send/mail.h"
#include "send/tell.h"

#define MINUTE INT64_C(60000)

struct ear { /* a channel that keeps what it heard */
	int calls, failures_left;
	char text[4096], json[4096], subject[256];
};

static int hear(void *context, const struct notice *notice, struct fault *fault)
{
	struct ear *ear = context;

	ear->calls++;
	if (ear->failures_left-- > 0) {
		fault_set(fault, FAULT_NETWORK, "hear", "nobody answers");
		return 1;
	}
	snprintf(ear->text, sizeof(ear->text), "%s", notice->text);
	snprintf(ear->json, sizeof(ear->json), "%s", notice->json);
	snprintf(ear->subject, sizeof(ear->subject), "%s", notice->subject);
	return 0;
}

struct desk {
	struct shop *shop;
	struct config config;
	struct ear ears[2];
	struct tell_settings settings;
	struct teller *teller;
	int64_t now;
};

static int set_up(void **state)
{
	struct desk *desk = calloc(1, sizeof(*desk));

	shop_setup((void **)&desk->shop);
	desk->now = SHOP_NOW;
	desk->config.seller.name = "Quán Ví Dụ";
	desk->config.seller.tax_code = SHOP_SELLER;
	desk->config.parked_after_ms = 10 * MINUTE;
	desk->settings = (struct tell_settings){.config = &desk->config,
		.clock = &desk->shop->clock,
		.channels = {{"webhook", hear, &desk->ears[0]}, {"mail", hear, &desk->ears[1]}},
		.channel_count = 2};
	desk->teller = teller_new(&desk->settings, desk->shop->store);
	assert_non_null(desk->teller);
	*state = desk;
	return 0;
}

static int tear_down(void **state)
{
	struct desk *desk = *state;

	teller_free(desk->teller);
	shop_teardown((void **)&desk->shop);
	free(desk);
	return 0;
}

static void restart(struct desk *desk)
{
	teller_free(desk->teller);
	desk->teller = teller_new(&desk->settings, desk->shop->store);
}

static void step_after(struct desk *desk, int64_t ms)
{
	desk->now += ms;
	shop_set_clock(desk->shop, desk->now);
	must(desk->shop, teller_step(desk->teller, &desk->shop->fault));
}

static void add_task(struct desk *desk, const char *kind, int64_t message_id, const char *text)
{
	const struct task_row row = {.kind = kind, .message_id = message_id, .text = text, .made_at = desk->now};

	shop_begin(desk->shop);
	must(desk->shop, store_task_add(desk->shop->store, &row, &desk->shop->fault));
	shop_commit(desk->shop);
}

static void park_for(struct desk *desk, const char *bill_no, const char *reason)
{
	int64_t id = 0;

	shop_begin(desk->shop);
	struct sale_row row = shop_sale_row(shop_frame(desk->shop, "{}"), bill_no);
	row.state = SALE_STATE_PARKED;
	row.received_at = desk->now;
	row.reason = reason;
	must(desk->shop, store_sale_add(desk->shop->store, &row, &id, &desk->shop->fault));
	shop_commit(desk->shop);
}

static void park(struct desk *desk, const char *bill_no)
{
	park_for(desk, bill_no, "bill.review");
}

static void ignore(struct desk *desk, int64_t id)
{
	shop_begin(desk->shop);
	must(desk->shop, store_sale_move(desk->shop->store, id, SALE_STATE_PARKED, SALE_STATE_IGNORED, "x", "",
				 &desk->shop->fault));
	shop_commit(desk->shop);
}

static size_t open_tasks(struct desk *desk)
{
	struct task_row *rows = NULL;
	size_t count = 0;

	must(desk->shop, store_task_list(desk->shop->store, 100, desk->shop->arena, &rows, &count, &desk->shop->fault));
	return count;
}

static void a_task_is_told_once_by_each_channel(void **state)
{
	struct desk *desk = *state;

	step_after(desk, 0);
	assert_int_equal(desk->ears[0].calls, 0);
	add_task(desk, "route-refused", 1, "HTTP 401");
	step_after(desk, MINUTE);
	step_after(desk, MINUTE);
	restart(desk);
	step_after(desk, MINUTE);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(desk->ears[i].calls, 1);
		assert_non_null(strstr(desk->ears[i].text, "Nhà cung cấp từ chối một thông điệp: HTTP 401"));
		assert_non_null(strstr(desk->ears[i].text, "Kiểm tra tài khoản, mật khẩu"));
		assert_non_null(strstr(desk->ears[i].text, "hoadon task show 1"));
		assert_string_equal(desk->ears[i].subject, "Quán Ví Dụ: Nhà cung cấp từ chối một thông điệp");
	}
	assert_non_null(strstr(desk->ears[0].json, "\"kind\":\"route-refused\""));
	assert_non_null(strstr(desk->ears[0].json, "\"seller\":\"" SHOP_SELLER "\""));
}

static void a_channel_that_fails_is_tried_again_and_holds_back_no_other(void **state)
{
	struct desk *desk = *state;

	desk->ears[0].failures_left = 2;
	add_task(desk, "route-refused", 1, "HTTP 401");
	step_after(desk, MINUTE);
	assert_int_equal(desk->ears[0].calls, 1);
	assert_int_equal(desk->ears[1].calls, 1);
	step_after(desk, 1000); /* the pause after a failure is 10 s */
	assert_int_equal(desk->ears[0].calls, 1);
	step_after(desk, 10 * MINUTE);
	step_after(desk, 10 * MINUTE);
	step_after(desk, 10 * MINUTE);
	assert_int_equal(desk->ears[0].calls, 3);
	assert_int_equal(desk->ears[1].calls, 1);
	assert_non_null(strstr(desk->ears[0].text, "HTTP 401"));
}

static void a_bad_day_fills_no_mailbox(void **state)
{
	struct desk *desk = *state;
	char text[32];

	for (int i = 1; i <= 45; i++) {
		snprintf(text, sizeof(text), "reason %d.", i);
		add_task(desk, "answer-unclear", i, text);
	}
	for (int i = 0; i < 10; i++)
		step_after(desk, MINUTE / 2);
	assert_int_equal(desk->ears[1].calls, 3);
	assert_non_null(strstr(desk->ears[1].text, "reason 41."));
	assert_non_null(strstr(desk->ears[1].text, "reason 45."));
	assert_null(strstr(desk->ears[1].text, "reason 40."));
}

static void a_settled_task_is_passed_over(void **state)
{
	struct desk *desk = *state;

	add_task(desk, "route-refused", 1, "HTTP 401");
	shop_begin(desk->shop);
	must(desk->shop, store_task_close(desk->shop->store, 1, desk->now, &desk->shop->fault));
	shop_commit(desk->shop);
	step_after(desk, MINUTE);
	assert_int_equal(desk->ears[0].calls + desk->ears[1].calls, 0);
}

static void a_parked_sale_is_a_task_after_ten_minutes(void **state)
{
	struct desk *desk = *state;

	park(desk, "HD1");
	step_after(desk, 9 * MINUTE);
	assert_int_equal(open_tasks(desk), 0);
	step_after(desk, MINUTE);
	assert_int_equal(open_tasks(desk), 1);
	assert_int_equal(desk->ears[1].calls, 1);
	assert_non_null(strstr(desk->ears[1].text, "Có giao dịch chờ người xử lý quá mười phút: 1"));
	restart(desk);
	step_after(desk, 60 * MINUTE);
	assert_int_equal(desk->ears[1].calls, 1);
	/* Another one that waits as long is told too. */
	park(desk, "HD2");
	step_after(desk, 11 * MINUTE);
	assert_int_equal(desk->ears[1].calls, 2);
	assert_non_null(strstr(desk->ears[1].text, "quá mười phút: 2"));
	assert_int_equal(open_tasks(desk), 1);
	ignore(desk, 1);
	ignore(desk, 2);
	step_after(desk, MINUTE);
	assert_int_equal(open_tasks(desk), 0);
	assert_int_equal(desk->ears[1].calls, 2);
}

/* Not ten minutes later, and not once more then. */
static void who_is_not_enrolled_is_told_at_once(void **state)
{
	struct desk *desk = *state;

	park_for(desk, "HD1", "peer.unknown");
	step_after(desk, 1000);
	assert_int_equal(open_tasks(desk), 1);
	assert_int_equal(desk->ears[1].calls, 1);
	assert_non_null(strstr(desk->ears[1].text, "Có máy chưa khai báo đang in vào cổng của máy tính tiền: 1"));
	step_after(desk, 20 * MINUTE);
	assert_int_equal(open_tasks(desk), 1);
	assert_int_equal(desk->ears[1].calls, 1);
	park_for(desk, "HD2", "peer.unknown");
	step_after(desk, 1000);
	assert_int_equal(desk->ears[1].calls, 2);
	ignore(desk, 1);
	ignore(desk, 2);
	step_after(desk, MINUTE);
	assert_int_equal(open_tasks(desk), 0);
	assert_int_equal(desk->ears[1].calls, 2);
}

/* RFC 2047: words of at most 75 characters that end between two characters; RFC 5322: no line break gets into a header. */
static void a_mail_is_plain_text_that_any_reader_shows(void **state)
{
	const struct mail_settings settings = {.from = "agent@example.com", .to = "chu@example.com"};
	CLEANUP(bytes_done) struct bytes out = {.max = 65536};

	(void)state;
	mail_write(&settings, "Quán\nBcc: x@example.com", "Dòng một\nDòng hai\n", SHOP_NOW, &out);
	const char *text = (const char *)out.data;
	assert_non_null(strstr(text, "To: <chu@example.com>\r\n"));
	assert_non_null(strstr(text, "\r\nDate: Sun, 22 Nov 2026 13:00:00 +0700\r\n"));
	assert_null(strstr(text, "Bcc"));
	assert_non_null(strstr(text, "Subject: =?UTF-8?B?UXXDoW4gQmNjOiB4QGV4YW1wbGUuY29t?=\r\n"));
	assert_non_null(strstr(text, "\r\n\r\nRMOybmcgbeG7mXQKRMOybmcgaGFpCg==\r\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_task_is_told_once_by_each_channel, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_channel_that_fails_is_tried_again_and_holds_back_no_other, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_bad_day_fills_no_mailbox, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_settled_task_is_passed_over, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_parked_sale_is_a_task_after_ten_minutes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(who_is_not_enrolled_is_told_at_once, set_up, tear_down),
		cmocka_unit_test(a_mail_is_plain_text_that_any_reader_shows),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
