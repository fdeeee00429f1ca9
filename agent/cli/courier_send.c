#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "cli/commands.h"
#include "cli/courier.h"
#include "cli/print.h"
#include "drivers/drivers.h"
#include "send/http.h"

#define CONNECT_TIMEOUT_MS  10000
#define TOTAL_TIMEOUT_MS    120000
#define SLOWEST_BYTES_PER_S 1000
#define ASK_EVERY_MS	    2000
#define WAIT_SECONDS	    60 /* for verdicts, unless --wait says otherwise */
#define WAIT_SECONDS_MAX    86400
#define MESSAGE_ARENA	    ((size_t)16 << 20)

/* How a message stands after a visit. */
enum stand {
	STAND_DONE,	   /* its verdict is on the stick */
	STAND_PENDING,	   /* the provider has it; the verdict comes later */
	STAND_REFUSED,	   /* the provider did not take it */
	STAND_UNKNOWN,	   /* a call brought no answer */
	STAND_UNREACHABLE, /* no connection came about */
	STAND_FOREIGN,	   /* not for this machine, changed, or missing */
	STAND_NEW,	   /* not visited yet */
	STAND_COUNT
};
static const struct stand_word {
	const char *word, *en, *vi;
} stand_words[] = {
	[STAND_DONE] = {"verdict", "answered by the tax authority", "cơ quan thuế đã trả lời"},
	[STAND_PENDING] = {"taken", "taken, no verdict yet: run the command again later",
		"đã nhận, chưa có kết quả: chạy lại sau"},
	[STAND_REFUSED] = {"refused", "not taken by the provider", "nhà cung cấp không nhận"},
	[STAND_UNKNOWN] = {"unknown", "no clear answer: run the command again", "chưa rõ kết quả: hãy chạy lại"},
	[STAND_UNREACHABLE] = {"unreachable", "the provider is not reached: is there a line?",
		"không nối được nhà cung cấp: có mạng không?"},
	[STAND_FOREIGN] = {"foreign", "for another machine, changed, or missing: export it again",
		"của máy khác, bị thay đổi hoặc thiếu: hãy xuất lại"},
	[STAND_NEW] = {"waiting", "not tried yet", "chưa thử"},
};
_Static_assert(ARRAY_LEN(stand_words) == STAND_COUNT, "one row for each stand");

struct round { /* one visit of the provider with a stick */
	struct cli *cli;
	const char *dir;
	struct bytes pem; /* this machine's key */
	struct manifest manifest;
	enum stand *stands; /* of each item */
	struct http *http;  /* kept for all messages of one provider */
	struct http_settings http_settings;
	char text[200]; /* of the last failure */
};

static void round_done(struct round *round)
{
	http_free(round->http);
	free((void *)round->http_settings.ca_pem);
	if (round->pem.data)
		explicit_bzero(round->pem.data, round->pem.len);
	bytes_done(&round->pem);
}

/* ---- one message ---- */

struct visit {
	struct round *round;
	const char *name;
	struct parcel_message message;
	enum parcel_outcome before; /* what is on the stick, PARCEL_OUTCOME_COUNT = nothing */
	const struct authority_ops *ops;
	struct authority_env env;
	struct authority_answer answer;
};

static int open_line(struct visit *visit, struct fault *fault)
{
	struct round *round = visit->round;
	const char *ca = round->http_settings.ca_pem;
	if (!ca || strcmp(ca, visit->message.ca) != 0) {
		http_free(round->http);
		free((void *)ca);
		round->http = NULL;
		round->http_settings = (struct http_settings){.ca_pem = strdup(visit->message.ca),
			.connect_timeout_ms = CONNECT_TIMEOUT_MS,
			.total_timeout_ms = TOTAL_TIMEOUT_MS,
			.slowest_bytes_per_s = SLOWEST_BYTES_PER_S};
		if (!round->http_settings.ca_pem)
			return FAULT(fault, FAULT_MEMORY, "no memory for a certificate");
		int result = http_new(&round->http_settings, &round->http, fault);
		if (result)
			return result;
	}
	visit->ops = driver_authority(visit->message.driver);
	if (!visit->ops)
		return FAULT(fault, FAULT_CONFIG,
			"the shop's route needs driver %s, which this program lacks; install the shop's version here",
			visit->message.driver);
	visit->env = (struct authority_env){.call = http_call,
		.http = round->http,
		.url = visit->message.url,
		.user = visit->message.user,
		.password = visit->message.password};
	return 0;
}

static void clear_answer(struct visit *visit)
{
	bytes_done(&visit->answer.raw);
	visit->answer = (struct authority_answer){.retry_after_ms = -1};
	bytes_init(&visit->answer.raw, HTTP_BODY_MAX);
}

static int put_answer(struct visit *visit, enum parcel_outcome outcome, struct fault *fault)
{
	const struct parcel_answer answer = {.outcome = outcome,
		.text = visit->answer.text,
		.bytes = visit->answer.raw.data,
		.len = visit->answer.raw.len};
	return parcel_answer_write(visit->round->dir, visit->name, &visit->message, &answer, fault);
}

static int stand_after(struct visit *visit, enum stand stand)
{
	snprintf(visit->round->text, sizeof(visit->round->text), "%s", visit->answer.text);
	return visit->answer.reach == REACH_SERVER ? (int)stand : STAND_UNREACHABLE;
}

/* "sent" is on the stick before the first byte leaves, so that whoever comes next knows. */
static int submit(struct visit *visit, struct fault *fault)
{
	clear_answer(visit);
	int result = put_answer(visit, PARCEL_SENT, fault);
	if (result)
		return result;
	int called = visit->ops->submit(&visit->env, visit->message.message_id, visit->message.bytes,
		visit->message.len, &visit->answer, fault);
	switch (called) {
	case SUBMIT_TAKEN:
		result = put_answer(visit, PARCEL_TAKEN, fault);
		return result ? result : STAND_PENDING;
	case SUBMIT_REFUSED:
		result = put_answer(visit, PARCEL_REFUSED, fault);
		return result ? result : stand_after(visit, STAND_REFUSED);
	default:
		return called < 0 ? called : stand_after(visit, STAND_UNKNOWN);
	}
}

/* A route that cannot be asked gets each message once: nobody could tell what became of it (law R-SEND-5). */
static bool may_go_unasked(const struct visit *visit)
{
	return visit->message.may_submit && !visit->message.was_sent && visit->before == PARCEL_OUTCOME_COUNT;
}

/* Asked first, always: the shop's own line may have been quicker, or another courier. */
static int ask(struct visit *visit, struct fault *fault)
{
	clear_answer(visit);
	int called = visit->ops->query(&visit->env, visit->message.message_id, "", &visit->answer, fault);
	switch (called) {
	case QUERY_VERDICT: {
		int result = put_answer(visit, PARCEL_VERDICT, fault);
		return result ? result : STAND_DONE;
	}
	case QUERY_PENDING:
		return STAND_PENDING;
	case QUERY_NOT_FOUND:
		return visit->message.may_submit ? submit(visit, fault) : stand_after(visit, STAND_UNKNOWN);
	case QUERY_CANNOT_ASK:
		return may_go_unasked(visit) ? submit(visit, fault) : stand_after(visit, STAND_UNKNOWN);
	default:
		return called < 0 ? called : stand_after(visit, STAND_UNKNOWN);
	}
}

/* enum stand; < 0. */
static int visit_message(struct round *round, const struct parcel_item *item, struct fault *fault)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(MESSAGE_ARENA);
	struct visit visit = {.round = round, .name = item->name, .before = PARCEL_OUTCOME_COUNT};
	if (!arena)
		return FAULT(fault, FAULT_MEMORY, "no memory for a message");
	if (!parcel_is_whole(round->dir, item))
		return STAND_FOREIGN;
	int result = parcel_message_read(round->dir, item->name, &round->pem, arena, &visit.message, fault);
	if (result > 0)
		return STAND_FOREIGN;
	if (result == 0 && parcel_answer_exists(round->dir, item->name)) {
		struct parcel_answer answer;
		result = parcel_answer_read(
			round->dir, item->name, visit.message.export, visit.message.key, arena, &answer, fault);
		visit.before = result ? PARCEL_OUTCOME_COUNT : answer.outcome;
	}
	if (result >= 0 && visit.before == PARCEL_VERDICT)
		return STAND_DONE;
	if (result >= 0)
		result = open_line(&visit, fault);
	if (result >= 0)
		result = ask(&visit, fault);
	bytes_done(&visit.answer.raw);
	explicit_bzero(visit.message.key, sizeof(visit.message.key));
	return result;
}

/* ---- all of them ---- */

static void say_progress(const struct round *round, size_t done)
{
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r%zu/%zu ", done, round->manifest.count);
}

/* Each message once that may still change; the line being away ends the walk. */
static int walk(struct round *round, struct fault *fault)
{
	for (size_t i = 0; i < round->manifest.count; i++) {
		if (round->stands[i] != STAND_NEW && round->stands[i] != STAND_PENDING)
			continue;
		int stand = visit_message(round, &round->manifest.items[i], fault);
		if (stand < 0)
			return stand;
		round->stands[i] = (enum stand)stand;
		say_progress(round, i + 1);
		if (stand == STAND_UNREACHABLE)
			break;
	}
	return 0;
}

static int count(const struct round *round, enum stand stand)
{
	int n = 0;
	for (size_t i = 0; i < round->manifest.count; i++)
		n += round->stands[i] == stand;
	return n;
}

static int is_over(void *context, struct fault *fault)
{
	struct round *round = context;
	int result = walk(round, fault);
	return result ? result : count(round, STAND_PENDING) > 0 && !count(round, STAND_UNREACHABLE);
}

static int print_stands_json(const struct round *round, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes out;
	bytes_init(&out, PRINT_JSON_MAX);
	json_begin(&out);
	json_key(&out, "messages");
	bytes_char(&out, '[');
	for (size_t i = 0; i < round->manifest.count; i++) {
		json_item(&out);
		bytes_char(&out, '{');
		json_member(&out, "name", round->manifest.items[i].name);
		json_member_int(&out, "invoices", round->manifest.items[i].invoices);
		json_member(&out, "outcome", stand_words[round->stands[i]].word);
		bytes_char(&out, '}');
	}
	bytes_char(&out, ']');
	json_member(&out, "last", round->text[0] ? round->text : NULL);
	return json_print(&out, fault);
}

static void print_stands(const struct round *round)
{
	const struct cli *cli = round->cli;
	for (size_t i = 0; i < ARRAY_LEN(stand_words); i++)
		if (count(round, (enum stand)i))
			printf(SAY(cli, "%d messages: %s\n", "%d thông điệp: %s\n"), count(round, (enum stand)i),
				SAY(cli, stand_words[i].en, stand_words[i].vi));
	if (round->text[0])
		fprintf(stderr, "%s\n", round->text);
	printf(SAY(cli, "Take the stick back to the shop: hoadon courier import %s\n",
		       "Mang USB về cửa hàng: hoadon courier import %s\n"),
		round->dir);
}

static int print_result(const struct round *round, struct fault *fault)
{
	if (isatty(STDERR_FILENO))
		fputc('\n', stderr);
	if (!round->cli->is_json)
		print_stands(round);
	else if (print_stands_json(round, fault) < 0)
		return FAULT_MEMORY;
	if (count(round, STAND_FOREIGN))
		return CLI_BROKEN;
	return (size_t)count(round, STAND_DONE) == round->manifest.count ? CLI_OK : CLI_FAILURE;
}

static int read_wait(const struct cli *cli, int64_t *ret_ms)
{
	const char *text = cli_value(cli, "wait");
	int64_t seconds = WAIT_SECONDS;
	if (text && strcmp(text, "0") != 0 && (cli_number(text, &seconds) || seconds > WAIT_SECONDS_MAX))
		return cli_usage(
			cli, "--wait is a number of seconds, up to a day", "--wait là số giây, tối đa một ngày");
	*ret_ms = text && strcmp(text, "0") == 0 ? 0 : seconds * 1000;
	return 0;
}

int courier_send_run(struct cli *cli, struct fault *fault)
{
	CLEANUP(round_done) struct round round = {.cli = cli, .dir = cli->words[0]};
	const char *key = courier_key_path(cli);
	int64_t wait_ms = 0;
	bytes_init(&round.pem, ENVELOPE_PEM_MAX);
	if (!key)
		return FAULT(fault, FAULT_MEMORY, "no memory");
	if (read_wait(cli, &wait_ms))
		return CLI_USAGE;
	if (!file_exists(key))
		return cli_fail(cli, CLI_CONFIG,
			SAY(cli,
				"this machine has no key %s; make it first, and give its certificate to the shop: "
				"hoadon courier key FILE",
				"máy này chưa có khóa %s; hãy tạo trước và đưa chứng thư cho cửa hàng: hoadon courier "
				"key TỆP"),
			key);
	int result = file_read(key, &round.pem, fault);
	if (result == 0)
		result = courier_open(cli, round.dir, &round.manifest, fault);
	if (result)
		return result;
	round.stands = ARENA_ARRAY(cli->arena, enum stand, round.manifest.count);
	if (!round.stands)
		return FAULT(fault, FAULT_MEMORY, "no memory for %zu messages", round.manifest.count);
	for (size_t i = 0; i < round.manifest.count; i++)
		round.stands[i] = STAND_NEW;
	result = courier_wait(wait_ms, ASK_EVERY_MS, is_over, &round, fault);
	return result < 0 ? result : print_result(&round, fault);
}
