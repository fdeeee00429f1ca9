#include "folder_sheet.h"

#include <string.h>

#include "base/file.h"
#include "capture/bill.h"
#include "capture/intake.h"
#include "capture/letters.h"
#include "capture/sheet.h"
#include "drivers/drivers.h"
#include "store/frames.h"
#include "store/time.h"

#define SALE_TEXT_MAX  ((size_t)1 << 20)
#define SHEET_FILE_MAX ((size_t)4 << 20) /* as the folder reads */
#define ANSWERS_MAX    ((size_t)16 << 20)
#define KEPT_LOOK      256 /* oldest kept frames that are compared */

struct sheets {
	const struct config *config;
	struct letters *letters;
	struct sheet_map *map;
	struct catalogue *catalogue;
};

struct sheet_file {
	const struct sheets *sheets;
	struct source_item item; /* borrowed */
	const char *format;
	struct arena *arena;
	struct sheet_sale *sales;
	size_t count, at;
	struct problem problem; /* it is no list of bills */
	int64_t frame_id;	/* where the file is kept; 0 = not yet */
	int64_t received_at;
	enum time_state time_state;
	struct bytes answers;
	size_t answer_count;
	bool has_refused;
};

/* ---- how files are read ---- */

void sheets_free(struct sheets *sheets)
{
	if (!sheets)
		return;
	letters_free(sheets->letters);
	sheet_map_free(sheets->map);
	catalogue_free(sheets->catalogue);
	free(sheets);
}

static int read_map(struct sheets *sheets, const char *path, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes ini, problems;
	bytes_init(&ini, SHEET_MAP_MAX);
	bytes_init(&problems, SHEET_MAP_MAX);
	int result = path ? file_read(path, &ini, fault) : 0;
	return result == 0 ? sheet_map_new(path ? path : "", path ? &ini : NULL, &sheets->map, &problems, fault)
			   : result;
}

static int read_catalogue(struct sheets *sheets, const char *path, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes csv;
	bytes_init(&csv, CATALOGUE_BYTES_MAX);
	int result = path ? file_read(path, &csv, fault) : 0;
	return result == 0 && path ? catalogue_read(csv.data, csv.len, &sheets->catalogue, fault) : result;
}

int sheets_new(const struct config *config, struct sheets **ret, struct fault *fault)
{
	CLEANUP(sheets_freep) struct sheets *sheets = calloc(1, sizeof(*sheets));
	if (!sheets)
		return FAULT(fault, FAULT_MEMORY, "no memory for files of bills");
	sheets->config = config;
	int result = letters_new(&sheets->letters, fault);
	if (result == 0)
		result = read_map(sheets, config->spool_map, fault);
	if (result == 0)
		result = read_catalogue(sheets, config->spool_catalogue, fault);
	if (result < 0)
		return result;
	*ret = sheets;
	sheets = NULL;
	return 0;
}

const char *sheet_format(const char *name)
{
	const char *end = strrchr(name, '.');
	if (!end)
		return NULL;
	return strcmp(end, ".csv") == 0 ? "csv" : strcmp(end, ".xml") == 0 ? "xml" : NULL;
}

/* ---- a file ---- */

void sheet_close(struct sheet_file *file)
{
	if (!file)
		return;
	arena_free(file->arena);
	bytes_done(&file->answers);
	free(file);
}

static int read_sales(struct sheet_file *file)
{
	const struct sheets *sheets = file->sheets;
	const struct bill_till till = {.till_id = sheets->config->spool_till,
		.is_vat_included = sheets->config->spool_is_vat_included,
		.has_rates = sheets->config->seller.form == 1,
		.received_at = file->received_at};
	struct sheet sheet;
	int result = strcmp(file->format, "xml") == 0
			     ? sheet_xml(file->item.bytes, file->item.len, file->arena, &sheet, &file->problem)
			     : sheet_csv(sheets->map, sheets->letters, file->arena, file->item.bytes, file->item.len,
				       &sheet, &file->problem);
	if (result == 0)
		result = sheet_sales(
			&sheet, sheets->catalogue, &till, file->arena, &file->sales, &file->count, &file->problem);
	return result;
}

/* Whoever writes a file in pieces, closing it in between, ends it with a line. XML says itself where it ends. */
static bool is_half(const struct sheet_file *file)
{
	const char *bytes = file->item.bytes;
	size_t len = file->item.len;
	bool is_ended = len > 0 && (bytes[len - 1] == '\n' || bytes[len - 1] == '\r');
	return file->problem.code || (strcmp(file->format, "csv") == 0 && !is_ended);
}

/* A process that was killed behind the first COMMIT kept the same bytes already. */
static int find_kept(struct sheet_file *file, struct store *store, struct fault *fault)
{
	struct frame_row *rows;
	size_t count;
	uint8_t digest[DIGEST_LEN];
	int result = store_frame_list_kept(store, 0, KEPT_LOOK, file->arena, &rows, &count, fault);
	digest_sha256(file->item.bytes, file->item.len, digest);
	for (size_t i = 0; result == 0 && i < count; i++)
		if (strcmp(rows[i].source, "spool") == 0 && digest_equal(rows[i].digest, digest, DIGEST_LEN))
			file->frame_id = rows[i].id;
	return result;
}

int sheet_open(struct sheets *sheets, struct store *store, const struct source_item *item, int64_t now,
	struct sheet_file **ret, struct fault *fault)
{
	CLEANUP(sheet_closep) struct sheet_file *file = calloc(1, sizeof(*file));
	if (file)
		file->arena = arena_new(SHEET_ARENA_MAX);
	if (!file || !file->arena)
		return FAULT(fault, FAULT_MEMORY, "no memory to read %s", item->name);
	file->sheets = sheets;
	file->item = *item;
	file->format = sheet_format(item->name);
	file->received_at = store_time_now(store, &file->time_state);
	bytes_init(&file->answers, ANSWERS_MAX);
	int result = item->len > SHEET_FILE_MAX ? problem_set(&file->problem, PROBLEM_BODY_SIZE, "%s", "")
						: read_sales(file);
	if (result < 0)
		return FAULT(fault, result, "no memory to read %s", item->name);
	int64_t age = now - item->changed_at;
	if (is_half(file) && age >= 0 && age < SHEET_YOUNG_MS)
		return SOURCE_LATER;
	result = find_kept(file, store, fault);
	if (result < 0)
		return result;
	*ret = file;
	file = NULL;
	return 0;
}

static int fill_file(const struct sheet_file *file, struct slot *slot)
{
	slot->dialect = file->format;
	slot->till_id = file->sheets->config->spool_till ? file->sheets->config->spool_till : "";
	slot->problem = file->problem;
	slot->frame = arena_copy(slot->arena, file->item.bytes, file->item.len);
	slot->frame_len = file->item.len;
	return slot->frame ? 0 : FAULT_MEMORY;
}

static int fill_sale(const struct sheet_file *file, struct slot *slot, struct fault *fault)
{
	const struct sheet_sale *from = &file->sales[file->at];
	CLEANUP(bytes_done) struct bytes json;
	bytes_init(&json, SALE_TEXT_MAX);
	sale_write(&from->sale, &json);
	slot->origin_id = file->frame_id;
	slot->has_more = file->at + 1 < file->count;
	slot->frame = arena_copy(slot->arena, json.data, json.len);
	slot->frame_len = json.len;
	if (json.failed || !slot->frame)
		return FAULT_MEMORY;
	int result = intake_read(slot, &dialect_json, &file->sheets->config->seller, SALE_TEXT_MAX, fault);
	if (result == 0 && from->problem.code)
		slot->problem = from->problem;
	return result;
}

int sheet_next(struct sheet_file *file, struct slot **ret, struct fault *fault)
{
	CLEANUP(slot_freep) struct slot *slot = NULL;
	bool is_over = file->problem.code ? file->answer_count > 0 : file->at == file->count;
	*ret = NULL;
	if (is_over)
		return 0;
	slot = slot_new();
	if (!slot)
		return FAULT(fault, FAULT_MEMORY, "no memory to read %s", file->item.name);
	slot->source = "spool";
	slot->is_unattended = true;
	slot->received_at = file->received_at;
	slot->time_state = file->time_state;
	slot->wish = file->problem.code || file->frame_id ? SLOT_SALE : SLOT_KEEP;
	bool is_sale = !file->problem.code && file->frame_id;
	if ((is_sale ? fill_sale(file, slot, fault) : fill_file(file, slot)) < 0)
		return FAULT(fault, FAULT_MEMORY, "no memory to read %s", file->item.name);
	*ret = slot;
	slot = NULL;
	return 0;
}

enum source_fate sheet_settle(struct sheet_file *file, const struct slot *slot, const struct bytes *answer)
{
	if (slot->wish == SLOT_KEEP && slot->frame_id) {
		file->frame_id = slot->frame_id;
		return SOURCE_TAKEN;
	}
	bool is_refused = !slot->sale_id;
	if (is_refused && problem_kind(slot->problem.code)->is_retryable)
		return SOURCE_LATER;
	file->has_refused = file->has_refused || is_refused;
	file->at += !file->problem.code;
	bytes_text(&file->answers, file->answer_count++ ? "," : "");
	bytes_append(&file->answers, answer->data, answer->len);
	return SOURCE_TAKEN;
}

void sheet_answer(const struct sheet_file *file, enum source_fate *ret_fate, struct bytes *out)
{
	*ret_fate = file->has_refused ? SOURCE_REFUSED : SOURCE_TAKEN;
	bytes_text(out, file->problem.code ? "" : "{\"sales\":[");
	bytes_append(out, file->answers.data, file->answers.len);
	bytes_text(out, file->problem.code ? "" : "]}");
}
