/* schemas/authority/tvan-http.md, row by row. */
#include "../wire/testing.h"

#include "drivers/drivers.h"

#define ID "V990000002362F746B484E64CEB95BD447E7184D454"

/* A connection that answers what the test wants and keeps what was asked. */
struct line {
	int status; /* 0 = no answer comes, < 0 = failure about us */
	const char *body, *state, *ref;
	int64_t retry_after_ms;
	char method[16], url[256], user[32], password[32], content_type[64];
	char sent[64];
};

static int call(struct http *http, const struct http_request *request, struct http_response *ret, struct fault *fault)
{
	struct line *line = (struct line *)(void *)http;

	snprintf(line->method, sizeof(line->method), "%s", request->method);
	snprintf(line->url, sizeof(line->url), "%s", request->url);
	snprintf(line->user, sizeof(line->user), "%s", request->user);
	snprintf(line->password, sizeof(line->password), "%s", request->password);
	snprintf(line->content_type, sizeof(line->content_type), "%s",
		request->content_type ? request->content_type : "");
	snprintf(line->sent, sizeof(line->sent), "%.*s", (int)request->len,
		request->body ? (const char *)request->body : "");
	if (line->status <= 0) {
		fault_set(fault, FAULT_NETWORK, "call", "cut off");
		return line->status < 0 ? FAULT_NETWORK : 1;
	}
	bytes_init(&ret->body, 1 << 20);
	bytes_text(&ret->body, line->body ? line->body : "");
	ret->status = line->status;
	ret->retry_after_ms = line->retry_after_ms;
	ret->date_ms = 123;
	snprintf(ret->state, sizeof(ret->state), "%s", line->state ? line->state : "");
	snprintf(ret->ref, sizeof(ret->ref), "%s", line->ref ? line->ref : "");
	return 0;
}

static struct authority_env env_of(struct line *line)
{
	return (struct authority_env){.call = call,
		.http = (struct http *)(void *)line,
		.url = "https://tvan.test/v1/",
		.user = "u",
		.password = "p"};
}

static int submit(struct line *line, struct authority_answer *ret)
{
	struct authority_env env = env_of(line);

	memset(ret, 0, sizeof(*ret));
	bytes_init(&ret->raw, 1 << 20);
	return authority_tdiep.submit(&env, ID, "<TDiep/>", 8, ret, NULL);
}

static int ask(struct line *line, struct authority_answer *ret)
{
	struct authority_env env = env_of(line);

	memset(ret, 0, sizeof(*ret));
	bytes_init(&ret->raw, 1 << 20);
	return authority_tdiep.query(&env, ID, "", ret, NULL);
}

static void submit_posts_the_bytes_with_basic_credentials(void **state)
{
	struct line line = {.status = 200, .body = "<TDiep>999</TDiep>", .ref = "R-7"};
	struct authority_answer answer;

	(void)state;
	assert_int_equal(submit(&line, &answer), SUBMIT_TAKEN);
	assert_string_equal(line.method, "POST");
	assert_string_equal(line.url, "https://tvan.test/v1/messages");
	assert_string_equal(line.user, "u");
	assert_string_equal(line.password, "p");
	assert_string_equal(line.content_type, "application/xml");
	assert_string_equal(line.sent, "<TDiep/>");
	assert_string_equal((char *)answer.raw.data, "<TDiep>999</TDiep>");
	assert_string_equal(answer.ref, "R-7");
	assert_int_equal(answer.date_ms, 123);
	bytes_done(&answer.raw);
}

static void query_gets_by_message_id(void **state)
{
	struct line line = {.status = 200, .body = "<TDiep>204</TDiep>"};
	struct authority_answer answer;

	(void)state;
	assert_int_equal(ask(&line, &answer), QUERY_VERDICT);
	assert_string_equal(line.method, "GET");
	assert_string_equal(line.url, "https://tvan.test/v1/messages/" ID);
	assert_string_equal(line.sent, "");
	bytes_done(&answer.raw);
}

/* Table "submit". */
static void each_status_of_a_submit_means_what_the_table_says(void **state)
{
	static const struct {
		int status;
		const char *body;
		int expected;
	} cases[] = {
		{200, "x", SUBMIT_TAKEN},
		{200, "", SUBMIT_UNKNOWN},
		{400, "x", SUBMIT_REFUSED},
		{401, "", SUBMIT_REFUSED},
		{403, "", SUBMIT_REFUSED},
		{404, "", SUBMIT_REFUSED},
		{405, "", SUBMIT_REFUSED},
		{413, "", SUBMIT_REFUSED},
		{415, "", SUBMIT_REFUSED},
		{408, "", SUBMIT_UNKNOWN},
		{425, "", SUBMIT_UNKNOWN},
		{429, "", SUBMIT_UNKNOWN},
		{500, "", SUBMIT_UNKNOWN},
		{502, "x", SUBMIT_UNKNOWN},
		{503, "", SUBMIT_UNKNOWN},
		{504, "", SUBMIT_UNKNOWN},
		{302, "x", SUBMIT_UNKNOWN},
		{204, "", SUBMIT_UNKNOWN},
		{0, "", SUBMIT_UNKNOWN},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct line line = {.status = cases[i].status, .body = cases[i].body, .retry_after_ms = 7000};
		struct authority_answer answer;

		assert_int_equal(submit(&line, &answer), cases[i].expected);
		assert_int_equal(answer.http_status, cases[i].status);
		assert_int_equal(answer.retry_after_ms, cases[i].status ? 7000 : -1);
		bytes_done(&answer.raw);
	}
}

/* Table "query". */
static void each_status_of_a_query_means_what_the_table_says(void **state)
{
	static const struct {
		int status;
		const char *body, *state;
		int expected;
	} cases[] = {
		{200, "x", "", QUERY_VERDICT},
		{200, "", "", QUERY_UNKNOWN},
		{202, "", "", QUERY_PENDING},
		{404, "", "not_found", QUERY_NOT_FOUND},
		{404, "", "", QUERY_UNKNOWN},
		{404, "", "cannot_ask", QUERY_UNKNOWN},
		{501, "", "cannot_ask", QUERY_CANNOT_ASK},
		{501, "", "", QUERY_UNKNOWN},
		{200, "", "not_found", QUERY_UNKNOWN},
		{401, "", "", QUERY_UNKNOWN},
		{500, "x", "", QUERY_UNKNOWN},
		{302, "x", "", QUERY_UNKNOWN},
		{0, "", "", QUERY_UNKNOWN},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct line line = {.status = cases[i].status, .body = cases[i].body, .state = cases[i].state};
		struct authority_answer answer;

		assert_int_equal(ask(&line, &answer), cases[i].expected);
		bytes_done(&answer.raw);
	}
}

static void a_failure_about_us_is_forwarded(void **state)
{
	struct line line = {.status = -1};
	struct authority_answer answer;

	(void)state;
	assert_int_equal(submit(&line, &answer), FAULT_NETWORK);
	bytes_done(&answer.raw);
	assert_int_equal(ask(&line, &answer), FAULT_NETWORK);
	bytes_done(&answer.raw);
}

static void an_id_that_would_change_the_path_is_not_asked_for(void **state)
{
	struct line line = {.status = 202};
	struct authority_env env = env_of(&line);
	struct authority_answer answer = {0};

	(void)state;
	assert_int_equal(authority_tdiep.query(&env, "../admin", "", &answer, NULL), FAULT_BUG);
	assert_int_equal(authority_tdiep.query(&env, "", "", &answer, NULL), FAULT_BUG);
	assert_string_equal(line.method, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(submit_posts_the_bytes_with_basic_credentials),
		cmocka_unit_test(query_gets_by_message_id),
		cmocka_unit_test(each_status_of_a_submit_means_what_the_table_says),
		cmocka_unit_test(each_status_of_a_query_means_what_the_table_says),
		cmocka_unit_test(a_failure_about_us_is_forwarded),
		cmocka_unit_test(an_id_that_would_change_the_path_is_not_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
