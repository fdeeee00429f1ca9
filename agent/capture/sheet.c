#include "capture/sheet.h"

#include <stdlib.h>
#include <string.h>

#include "base/options.h"
#include "base/text.h"
#include "capture/csv.h"
#include "capture/letters.h"

#define COLUMNS_MAX 200
#define VALUES_MAX  300000
#define SKIP_MAX    100
#define WORD_MAX    200		   /* letters of a column's name */
#define VALUE_MAX   ((size_t)4096) /* bytes of a value */

#define X_COLUMN(name, word, help_)                                                                                    \
	{.section = "columns", .key = word, .type = OPTION_TEXT, .min = 1, .max = WORD_MAX, .help = help_},
static const struct option table[] = {SHEET_FIELDS(X_COLUMN){.section = "file",
					      .key = "delimiter",
					      .type = OPTION_CHOICE,
					      .choices = "auto|comma|semicolon|tab|pipe",
					      .fallback = "auto"},
	{.section = "file", .key = "encoding", .type = OPTION_TEXT, .min = 1, .max = 10, .fallback = "auto"},
	{.section = "file", .key = "decimal", .type = OPTION_CHOICE, .choices = "auto|comma|point", .fallback = "auto"},
	{.section = "file", .key = "date", .type = OPTION_CHOICE, .choices = "dmy|mdy|ymd", .fallback = "dmy"},
	{.section = "file", .key = "header", .type = OPTION_FLAG, .fallback = "yes"},
	{.section = "file", .key = "skip", .type = OPTION_INT, .min = 0, .max = SKIP_MAX, .fallback = "0"},
	{.section = "kinds", .key = "sale", .type = OPTION_TEXT, .min = 1, .max = WORD_MAX},
	{.section = "kinds", .key = "return", .type = OPTION_TEXT, .min = 1, .max = WORD_MAX},
	{.section = "kinds", .key = "void", .type = OPTION_TEXT, .min = 1, .max = WORD_MAX}, {0}};
#undef X_COLUMN

static const enum sheet_field needed[] = {SHEET_BILL, SHEET_DATE, SHEET_TOTAL, SHEET_NAME, SHEET_QTY, SHEET_AMOUNT};

struct sheet_map {
	struct option_set *set;
	struct arena *arena;
	const char *columns[SHEET_FIELD_COUNT]; /* key of the column's name; NULL: the file has none */
	int numbers[SHEET_FIELD_COUNT];		/* without a header: from 1; 0 = none */
	bool has_header;
	size_t skip;
	char separator; /* 0: by the first line */
	char decimal;
	enum sheet_date date;
	enum page_encoding encoding; /* PAGE_ASCII: by evidence */
	const char *kinds[SALE_KIND_COUNT];
};

/* ---- the column map ---- */

static void tell(struct bytes *problems, const struct option_value *value, const char *file, const char *sentence)
{
	bytes_printf(problems, "%s:%d: %s%s%s\n", file, value ? value->line : 1, value ? value->option->key : "",
		value ? ": " : "", sentence);
}

static int number_of(const char *text)
{
	char *end;
	long number = strtol(text, &end, 10);

	return *end == '\0' && number >= 1 && number <= COLUMNS_MAX ? (int)number : 0;
}

static int set_columns(struct sheet_map *map, bool is_given, const char *file, struct bytes *problems)
{
	for (size_t i = 0; i < SHEET_FIELD_COUNT; i++) {
		const struct option_value *value = options_get(map->set, "columns", "", table[i].key);

		if (value || !is_given) {
			map->columns[i] = page_key(map->arena, value ? value->value : table[i].key);
			if (!map->columns[i])
				return FAULT_MEMORY;
		}
		if (!value || map->has_header)
			continue;
		map->numbers[i] = number_of(value->value);
		if (map->numbers[i] == 0)
			tell(problems, value, file, "without a header a column is its number, 1 to 200");
	}
	for (size_t i = 0; i < ARRAY_LEN(needed); i++)
		if (!map->columns[needed[i]]) {
			bytes_printf(problems, "%s:1: [columns] %s is missing\n", file, table[needed[i]].key);
			return 0;
		}
	return 0;
}

static void set_file(struct sheet_map *map, const char *file, struct bytes *problems)
{
	static const struct {
		const char *word;
		char separator;
	} separators[] = {{"comma", ','}, {"semicolon", ';'}, {"tab", '\t'}, {"pipe", '|'}};
	const char *delimiter = options_text(map->set, "file", "", "delimiter");
	const char *decimal = options_text(map->set, "file", "", "decimal");
	const char *encoding = options_text(map->set, "file", "", "encoding");
	const char *date = options_text(map->set, "file", "", "date");

	for (size_t i = 0; i < ARRAY_LEN(separators); i++)
		if (strcmp(separators[i].word, delimiter) == 0)
			map->separator = separators[i].separator;
	map->decimal = *decimal == 'c' ? ',' : *decimal == 'p' ? '.' : '\0';
	map->date = *date == 'm' ? SHEET_MDY : *date == 'y' ? SHEET_YMD : SHEET_DMY;
	map->has_header = options_int(map->set, "file", "", "header") != 0;
	map->skip = (size_t)options_int(map->set, "file", "", "skip");
	map->kinds[SALE_KIND_SALE] = options_text(map->set, "kinds", "", "sale");
	map->kinds[SALE_KIND_RETURN] = options_text(map->set, "kinds", "", "return");
	map->kinds[SALE_KIND_VOID] = options_text(map->set, "kinds", "", "void");
	if (strcmp(encoding, "auto") != 0 &&
		(page_encoding_parse(encoding, &map->encoding) != 0 || map->encoding == PAGE_PAGES))
		tell(problems, options_get(map->set, "file", "", "encoding"), file,
			"is none of auto, utf-8, tcvn, cp1258, viscii, cp437, cp850, cp852, cp1252");
}

int sheet_map_new(
	const char *file, const struct bytes *ini, struct sheet_map **ret, struct bytes *problems, struct fault *fault)
{
	static const struct bytes nothing;
	const struct options_draft draft = {.file = file, .content = ini ? ini : &nothing};
	CLEANUP(sheet_map_freep) struct sheet_map *map = calloc(1, sizeof(*map));
	int result;

	if (map)
		map->arena = arena_new(SHEET_MAP_MAX);
	if (!map || !map->arena)
		return FAULT(fault, FAULT_MEMORY, "no memory for the column map %s", file);
	if (draft.content->len > SHEET_MAP_MAX)
		return FAULT(fault, FAULT_CONFIG, "%s:1: a column map has at most %zu bytes", file, SHEET_MAP_MAX);
	result = options_read_draft(table, NULL, &draft, &map->set, problems, fault);
	if (result < 0)
		return result;
	set_file(map, file, problems);
	result = set_columns(map, ini != NULL, file, problems);
	if (result < 0)
		return FAULT(fault, result, "no memory for the column map %s", file);
	if (problems->len > 0)
		return FAULT(fault, FAULT_CONFIG, "%.*s", (int)strcspn((char *)problems->data, "\n"),
			(char *)problems->data);
	*ret = map;
	map = NULL;
	return 0;
}

void sheet_map_free(struct sheet_map *map)
{
	if (!map)
		return;
	options_free(map->set);
	arena_free(map->arena);
	free(map);
}

/* ---- CSV ---- */

struct cells { /* of the whole file: a value each, of which a run of letters is made */
	struct paper_line *lines;
	struct paper_run *runs;
	size_t *ends; /* behind each row */
	size_t *at;   /* line of the file that each row begins at */
	size_t count, row_count;
};

struct reader {
	const struct sheet_map *map;
	struct arena *arena;
	struct problem *problem;
	struct csv csv;
	struct bytes value;
	struct cells cells;
};

static int wrong(struct reader *reader, size_t line, const char *why)
{
	problem_set(reader->problem, PROBLEM_SHEET_UNREAD, "%s", "");
	return problem_add(reader->problem, "line %zu: %s", line, why);
}

/* What stands between values most often in the first line, outside quotes. */
static char separator_of(const struct csv *csv)
{
	static const char separators[] = {';', '\t', '|', ','};
	size_t counts[sizeof(separators)] = {0};
	size_t best = sizeof(separators) - 1;
	bool is_quoted = false;

	for (const char *at = csv->at; at < csv->end && (is_quoted || (*at != '\n' && *at != '\r')); at++) {
		const char *found = memchr(separators, *at, sizeof(separators));

		is_quoted ^= *at == '"';
		if (found && !is_quoted)
			counts[found - separators]++;
	}
	for (size_t i = 0; i < sizeof(separators); i++)
		best = counts[i] > counts[best] ? i : best;
	return separators[best];
}

static int add_cell(struct reader *reader)
{
	struct cells *cells = &reader->cells;
	struct paper_run *run = &cells->runs[cells->count];
	uint8_t *bytes = (uint8_t *)arena_copy(reader->arena, reader->value.data, reader->value.len);

	if (!bytes)
		return FAULT_MEMORY;
	for (size_t i = 0; i < reader->value.len; i++)
		if (bytes[i] == '\n' || bytes[i] == '\r' || bytes[i] == '\t')
			bytes[i] = ' ';
	*run = (struct paper_run){
		.page = PRINT_PAGE_NONE, .width = 1, .height = 1, .bytes = bytes, .len = reader->value.len};
	cells->lines[cells->count].runs = run;
	cells->lines[cells->count++].run_count = run->len > 0;
	return 0;
}

static const char *sentence_of(int result)
{
	static const char *const sentences[] = {[CSV_OPEN] = "a quote is opened and never closed",
		[CSV_INSIDE] = "a quote stands inside a value that is not in quotes",
		[CSV_BEHIND] = "a value goes on behind its closing quote"};

	return sentences[result];
}

static int read_row(struct reader *reader)
{
	struct cells *cells = &reader->cells;
	size_t line = reader->csv.line, first = cells->count;
	bool is_last = false;

	cells->at[cells->row_count] = line;
	while (!is_last) {
		int result = csv_value(&reader->csv, &reader->value);

		if (result != CSV_OK)
			return wrong(reader, line, sentence_of(result));
		if (reader->value.failed)
			return wrong(reader, line, "a value has more than 4096 bytes");
		if (cells->count - first == COLUMNS_MAX)
			return wrong(reader, line, "more than 200 columns");
		result = add_cell(reader);
		if (result != 0)
			return result;
		is_last = csv_is_line_end(&reader->csv);
		reader->csv.at += !is_last;
	}
	cells->ends[cells->row_count++] = cells->count;
	return 0;
}

/* Room for a value behind each separator and each line end. */
static int make_cells(struct reader *reader)
{
	struct cells *cells = &reader->cells;
	size_t values = 1, rows = 1;

	for (const char *at = reader->csv.at; at < reader->csv.end; at++) {
		values += *at == reader->csv.separator || *at == '\n';
		rows += *at == '\n';
	}
	if (rows > SHEET_ROWS_MAX || values > VALUES_MAX)
		return wrong(reader, rows, "more than 20000 rows or 300000 values; write smaller files");
	cells->lines = ARENA_ARRAY(reader->arena, struct paper_line, values);
	cells->runs = ARENA_ARRAY(reader->arena, struct paper_run, values);
	cells->ends = ARENA_ARRAY(reader->arena, size_t, rows);
	cells->at = ARENA_ARRAY(reader->arena, size_t, rows);
	return cells->lines && cells->runs && cells->ends && cells->at ? 0 : FAULT_MEMORY;
}

static int read_cells(struct reader *reader)
{
	int result;

	for (size_t i = 0; i < reader->map->skip && reader->csv.at < reader->csv.end; reader->csv.at++)
		if (*reader->csv.at == '\n') {
			reader->csv.line++;
			i++;
		}
	csv_skip_line_ends(&reader->csv);
	reader->csv.separator = reader->map->separator ? reader->map->separator : separator_of(&reader->csv);
	result = make_cells(reader);
	while (result == 0 && reader->csv.at < reader->csv.end) {
		result = read_row(reader);
		csv_skip_line_ends(&reader->csv);
	}
	return result;
}

static int read_letters(struct reader *reader, struct letters *letters, bool has_mark, struct page *ret)
{
	const struct paper paper = {.lines = reader->cells.lines, .line_count = reader->cells.count};
	const struct letters_port port = {
		.wanted = reader->map->encoding == PAGE_ASCII && has_mark ? PAGE_UTF8 : reader->map->encoding};
	struct fault fault = {0};
	int result = letters_read(letters, reader->arena, &paper, &port, ret, &fault);

	if (result > 0)
		return wrong(reader, 1, "more than 1 MiB of text; write smaller files");
	if (result == 0 && ret->is_unsure)
		return wrong(reader, 1, "its encoding is not sure; write UTF-8, or name it in the column map");
	return result;
}

static const char *trim(const char *text)
{
	return text + strspn(text, " ");
}

/* What the map names must be there, and what no sale can do without. */
static bool is_wanted(const struct sheet_map *map, size_t field)
{
	bool is_needed = false;

	for (size_t i = 0; i < ARRAY_LEN(needed); i++)
		is_needed |= needed[i] == field;
	return is_needed || options_get(map->set, "columns", "", table[field].key);
}

/* Where in a row each field stands, from 1, by the names in the first row. */
static int find_columns(struct reader *reader, const struct page *page, int numbers[SHEET_FIELD_COUNT])
{
	const struct sheet_map *map = reader->map;
	size_t count = reader->cells.row_count > 0 ? reader->cells.ends[0] : 0;

	memcpy(numbers, map->numbers, sizeof(map->numbers));
	for (size_t i = 0; map->has_header && i < count; i++) {
		const char *key = page_key(reader->arena, trim(page->lines[i].text));

		if (!key)
			return FAULT_MEMORY;
		for (size_t field = 0; field < SHEET_FIELD_COUNT; field++) {
			if (!map->columns[field] || strcmp(map->columns[field], key) != 0)
				continue;
			if (numbers[field] != 0)
				return wrong(reader, reader->cells.at[0], "two columns have the same name");
			numbers[field] = (int)i + 1;
		}
	}
	for (size_t field = 0; field < SHEET_FIELD_COUNT; field++)
		if (numbers[field] == 0 && is_wanted(map, field)) {
			problem_set(reader->problem, PROBLEM_SHEET_UNREAD, "%s", "");
			return problem_add(reader->problem, "line %zu: there is no column %.100s; see [spool] map",
				count > 0 ? reader->cells.at[0] : 1, map->columns[field]);
		}
	return 0;
}

static int fill_rows(struct reader *reader, const struct page *page, struct sheet *sheet)
{
	const struct cells *cells = &reader->cells;
	int numbers[SHEET_FIELD_COUNT];
	int result = find_columns(reader, page, numbers);
	size_t first = reader->map->has_header;

	if (result != 0)
		return result;
	sheet->rows = ARENA_ARRAY(reader->arena, struct sheet_row, cells->row_count + 1);
	if (!sheet->rows)
		return FAULT_MEMORY;
	for (size_t i = first; i < cells->row_count; i++) {
		struct sheet_row *row = &sheet->rows[sheet->row_count++];
		size_t start = i > 0 ? cells->ends[i - 1] : 0;
		size_t count = cells->ends[i] - start;

		row->line = cells->at[i];
		for (size_t field = 0; field < SHEET_FIELD_COUNT; field++)
			row->values[field] = numbers[field] > 0 && (size_t)numbers[field] <= count
						     ? trim(page->lines[start + (size_t)numbers[field] - 1].text)
						     : "";
	}
	return 0;
}

static int read_file(struct reader *reader, struct letters *letters, struct sheet *sheet)
{
	struct page page;
	bool has_mark = reader->csv.end - reader->csv.at >= 3 && memcmp(reader->csv.at, "\xef\xbb\xbf", 3) == 0;
	int result;

	reader->csv.at += has_mark ? 3 : 0;
	result = read_cells(reader);
	if (result == 0)
		result = read_letters(reader, letters, has_mark, &page);
	return result ? result : fill_rows(reader, &page, sheet);
}

int sheet_csv(const struct sheet_map *map, struct letters *letters, struct arena *arena, const void *bytes, size_t len,
	struct sheet *ret, struct problem *problem)
{
	const char *text = len > 0 ? bytes : "";
	struct reader reader = {
		.map = map, .arena = arena, .problem = problem, .csv = {.at = text, .end = text + len, .line = 1}};
	struct sheet sheet = {.decimal = map->decimal, .date = map->date};
	int result;

	memcpy(sheet.kinds, map->kinds, sizeof(sheet.kinds));
	bytes_init(&reader.value, VALUE_MAX);
	result = read_file(&reader, letters, &sheet);
	bytes_done(&reader.value);
	if (result == 0)
		*ret = sheet;
	return result;
}
