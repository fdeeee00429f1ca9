#include <string.h>

#include "capture/amounts.h"
#include "capture/learn_parts.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_sign(char c)
{
	return c != '\0' && strchr("|=@*()/:%#", c) != NULL;
}

/* Behind the "d" or "vnd" that follows a number at @at; @at itself when none does. */
static size_t skip_currency(const char *fold, size_t at, size_t end)
{
	static const char *const words[] = {"vnd", "dong", "d"};

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		size_t len = strlen(words[i]);

		if (at + len <= end && strncmp(fold + at, words[i], len) == 0 && !is_letter(fold[at + len]))
			return at + len;
	}
	return at;
}

static size_t number_end(const char *fold, size_t at, size_t end)
{
	at += fold[at] == '-';
	while (at < end && (is_digit(fold[at]) || ((fold[at] == '.' || fold[at] == ',') && is_digit(fold[at + 1]))))
		at++;
	return at;
}

static size_t word_end(const char *fold, size_t at, size_t end)
{
	size_t from = at;

	while (at < end && fold[at] != ' ' && !is_sign(fold[at]) &&
		!(at == from + 1 && fold[from] == 'x' && is_digit(fold[at])))
		at++;
	return at > from ? at : from + 1;
}

static struct token token_at(const char *fold, size_t at, size_t end)
{
	struct token token = {.from = at};

	token.is_number = is_digit(fold[at]) || (fold[at] == '-' && is_digit(fold[at + 1]));
	if (!token.is_number) {
		token.to = is_sign(fold[at]) ? at + 1 : word_end(fold, at, end);
		return token;
	}
	token.to = number_end(fold, at, end);
	if (is_letter(fold[token.to]))
		token.to = skip_currency(fold, token.to, end);
	token.has_value = amount_money(fold + at, token.to - at, 1, &token.value) == AMOUNT_OK;
	return token;
}

/* Where the money at the end of the line begins: also "12 000", "- 5.000", "(5.000)", "VND 5.000". */
static size_t last_number(const struct row *row)
{
	const char *fold = row->fold;
	size_t at = row->len;

	while (at > row->indent && strchr("0123456789.,() -dvnog", fold[at - 1])) {
		if (is_letter(fold[at - 1]) && at < row->len && !strchr(" dvnog-)", fold[at]) && !is_digit(fold[at]))
			break;
		if (fold[at - 1] == ' ' && at >= 2 && fold[at - 2] == ' ')
			break;
		at--;
	}
	return at;
}

static void find_last(struct learn_row *learned)
{
	const struct row *row = &learned->row;

	for (size_t at = last_number(row); at < row->len; at++) {
		bool is_begin = is_digit(row->fold[at]) || row->fold[at] == '-' || row->fold[at] == '(';

		if (!is_begin || (at > 0 && (is_digit(row->fold[at - 1]) || strchr(".,/", row->fold[at - 1]))))
			continue;
		if (amount_money(row->fold + at, row->len - at, 1, &learned->last) != AMOUNT_OK)
			continue;
		learned->has_last = true;
		learned->label_end = at;
		return;
	}
}

void learn_tokens(struct learn_row *learned)
{
	const struct row *row = &learned->row;
	size_t at = row->indent;

	while (at < row->len && learned->token_count < TOKENS_MAX) {
		if (row->fold[at] == ' ') {
			at++;
			continue;
		}
		learned->tokens[learned->token_count] = token_at(row->fold, at, row->len);
		at = learned->tokens[learned->token_count++].to;
	}
	if (row->is_readable)
		find_last(learned);
}
