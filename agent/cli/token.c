#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/daemon.h"
#include "cli/print.h"
#include "store/tokens.h"

#define BODY_MAX 16384

/* What the command line calls a scope, and what the API calls it. */
static const struct scope {
	const char *word, *api;
	int bit;
} scopes[] = {
	{"sale", "sale:write", TOKEN_SALE},
	{"read", "read", TOKEN_READ},
	{"admin", "admin", TOKEN_ADMIN},
	{"bulk", "bulk", TOKEN_BULK},
};

static const char *as_is(const char *word)
{
	return word;
}

static const char *scope_api(const char *word)
{
	for (size_t i = 0; i < ARRAY_LEN(scopes); i++)
		if (strcmp(scopes[i].word, word) == 0 || strcmp(scopes[i].api, word) == 0)
			return scopes[i].api;
	return NULL;
}

/* "A,B" as ["A","B"], each word through @translate. 0; 1 when one is empty or unknown. */
static int write_list(const char *text, const char *key, const char *(*translate)(const char *), struct bytes *out)
{
	json_key(out, key);
	bytes_char(out, '[');
	for (bool is_more = true; is_more;) {
		char word[64];
		size_t len = strcspn(text, ",");
		if (!len || len >= sizeof(word))
			return 1;
		snprintf(word, sizeof(word), "%.*s", (int)len, text);
		if (!translate(word))
			return 1;
		json_item(out);
		json_string(out, translate(word));
		is_more = text[len] == ',';
		text += len + is_more;
	}
	bytes_char(out, ']');
	return 0;
}

static int print_token(const struct cli *cli, const struct answer *answer, struct fault *fault)
{
	if (cli->is_json)
		return answer_print_json(answer, fault);
	printf("%s\n", answer_text(answer, "token"));
	fprintf(stderr,
		SAY(cli, "Token %s. It is shown only now: put it into the till's software.\n",
			"Mã truy cập %s. Chỉ hiện lần này: hãy nhập vào phần mềm bán hàng.\n"),
		answer_text(answer, "id"));
	return CLI_OK;
}

int token_create_run(struct cli *cli, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes body;
	CLEANUP(answer_done) struct answer answer = {0};
	const char *wish = cli_value(cli, "scopes");
	bytes_init(&body, BODY_MAX);
	bytes_char(&body, '{');
	json_member(&body, "name", cli_value(cli, "name"));
	if (write_list(cli_value(cli, "tills"), "tills", as_is, &body))
		return cli_usage(cli, "--tills is a list like T01,T02", "--tills là danh sách như T01,T02");
	if (write_list(wish ? wish : "sale", "scopes", scope_api, &body))
		return cli_usage(cli, "--scopes is a list of sale, read, admin, bulk",
			"--scopes là danh sách gồm sale, read, admin, bulk");
	bytes_char(&body, '}');
	int result = bytes_check(&body, "the token", fault);
	if (result == 0)
		result = daemon_call(cli, "POST", "/api/v1/tokens", &body, &answer, fault);
	if (result)
		return result;
	return answer.status == 201 ? print_token(cli, &answer, fault)
				    : answer_refused(cli, &answer, CLI_FAILURE, fault);
}

int token_revoke_run(struct cli *cli, struct fault *fault)
{
	CLEANUP(answer_done) struct answer answer = {0};
	char path[64];
	int64_t id;
	if (cli_number(cli->words[0], &id))
		return cli_usage(
			cli, "ID is the number that `hoadon token list` shows", "ID là số mà `hoadon token list` hiện");
	snprintf(path, sizeof(path), "/api/v1/tokens/%lld", (long long)id);
	int result = daemon_call(cli, "DELETE", path, NULL, &answer, fault);
	if (result)
		return result;
	if (answer.status / 100 != 2)
		return answer_refused(cli, &answer, CLI_FAILURE, fault);
	if (cli->is_json)
		return answer_print_json(&answer, fault);
	printf(SAY(cli, "Token %lld is revoked.\n", "Đã thu hồi mã truy cập %lld.\n"), (long long)id);
	return CLI_OK;
}

static void scopes_text(int bits, char out[64])
{
	*out = 0;
	for (size_t i = 0; i < ARRAY_LEN(scopes); i++)
		if (bits & scopes[i].bit)
			snprintf(out + strlen(out), 64 - strlen(out), "%s%s", *out ? "," : "", scopes[i].word);
}

static void print_row(const struct cli *cli, const struct token_row *row)
{
	char words[64], made[CLOCK_TEXT_MAX], revoked[CLOCK_TEXT_MAX];
	scopes_text(row->scopes, words);
	time_text(row->made_at, made);
	time_text(row->revoked_at, revoked);
	print_cell_int(row->id, 5);
	print_cell(row->name, 20);
	print_cell(row->tills, 20);
	print_cell(words, 22);
	print_cell(made, 19);
	printf("%s\n", row->revoked_at ? revoked : SAY(cli, "valid", "còn hiệu lực"));
}

static int print_rows_json(const struct token_row *rows, size_t count, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes out;
	bytes_init(&out, PRINT_JSON_MAX);
	json_begin(&out);
	json_key(&out, "tokens");
	bytes_char(&out, '[');
	for (size_t i = 0; i < count; i++) {
		char words[64];
		scopes_text(rows[i].scopes, words);
		json_item(&out);
		bytes_char(&out, '{');
		json_id(&out, "id", rows[i].id);
		json_member(&out, "name", rows[i].name);
		json_member(&out, "tills", rows[i].tills);
		json_member(&out, "scopes", words);
		json_time(&out, "made_at", rows[i].made_at);
		json_time(&out, "revoked_at", rows[i].revoked_at);
		bytes_char(&out, '}');
	}
	bytes_char(&out, ']');
	return json_print(&out, fault);
}

int token_list_run(struct cli *cli, struct fault *fault)
{
	CLEANUP(store_closep) struct store *store = NULL;
	struct token_row *rows = NULL;
	size_t count = 0;
	int result = cli_open_store(cli, &store, fault);
	if (result == 0)
		result = store_token_list(store, cli->arena, &rows, &count, fault);
	if (result)
		return result;
	if (cli->is_json)
		return print_rows_json(rows, count, fault);
	if (!count)
		fputs(SAY(cli, "No tokens; make one: hoadon token create --name N --tills T01\n",
			      "Chưa có mã truy cập; tạo: hoadon token create --name N --tills T01\n"),
			stderr);
	for (size_t i = 0; i < count; i++)
		print_row(cli, &rows[i]);
	return CLI_OK;
}
