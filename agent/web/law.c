#include <string.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/json_write.h"
#include "store/law.h"
#include "web/request.h"

#define PEM_MAX	 16384
#define PACK_MAX (1u << 20)

/* The signature in the query, as hex; false when there is none. */
static bool read_signature(struct request *request, struct bytes *ret)
{
	const char *hex = MHD_lookup_connection_value(request->connection, MHD_GET_ARGUMENT_KIND, "signature");
	size_t len = hex ? strlen(hex) / 2 : 0;
	uint8_t der[LAW_SIGNATURE_MAX];
	if (!len || len > sizeof(der) || hex_parse(hex, der, len))
		return false;
	bytes_append(ret, der, len);
	return !ret->failed;
}

/* What the publisher signed: 0; PROBLEM_LAW_…; < 0. */
static int open_pack(struct request *request, struct arena *arena, const struct bytes *signature, struct law *ret,
	struct problem *problem, struct fault *fault)
{
	const char *path = request->web->settings->config->law_publisher;
	CLEANUP(bytes_done) struct bytes pem;
	bytes_init(&pem, PEM_MAX);
	bool has_key = path && file_read(path, &pem, NULL) == 0;
	int result = law_open((const char *)request->body.data, request->body.len, signature, has_key ? &pem : NULL,
		arena, ret, problem);
	return result < 0 ? FAULT(fault, FAULT_MEMORY, "no memory for a pack of law") : result;
}

static int keep(struct request *request, const struct law_row *row, bool *ret_is_new, struct fault *fault)
{
	struct store *store = request->web->settings->store;
	int result = store_begin(store, fault);
	if (result)
		return result;
	result = store_law_add(store, row, ret_is_new, fault);
	return store_end(store, result, fault);
}

/* Into the book of the shop that is selling, whose memory outlives the request. */
static int take_up(struct request *request, struct fault *fault)
{
	const struct web_settings *settings = request->web->settings;
	struct law *law = ARENA_NEW(settings->law_arena, struct law);
	struct problem problem = {0};
	if (!law || law_read((const char *)request->body.data, request->body.len, settings->law_arena, law, &problem))
		return FAULT(fault, FAULT_MEMORY, "the pack of law is kept; restart hoadond to use it");
	law_add(settings->law, law);
	return 0;
}

static void write_answer(const struct law *law, bool is_new, struct bytes *out)
{
	char day[CLOCK_TEXT_MAX];
	clock_format_day(law->applies_on, day);
	bytes_char(out, '{');
	json_member_int(out, "version", law->version);
	json_member(out, "applies_on", day);
	json_member_flag(out, "is_new", is_new);
	bytes_char(out, '}');
}

int web_import_law(struct request *request, struct fault *fault)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(PACK_MAX);
	CLEANUP(bytes_done) struct bytes signature;
	struct law law;
	bool is_new = false;
	bytes_init(&signature, LAW_SIGNATURE_MAX);
	if (!arena)
		return FAULT(fault, FAULT_MEMORY, "no memory for a pack of law");
	if (!request->body.len || !read_signature(request, &signature)) {
		api_refuse(request, PROBLEM_LAW_SIGNATURE);
		return 0;
	}
	int result = open_pack(request, arena, &signature, &law, &request->problem, fault);
	if (result) {
		if (result > 0)
			api_refuse(request, (enum problem_code)result);
		return result < 0 ? result : 0;
	}
	const struct law_row row = {.law = &law,
		.imported_at = clock_now_ms(request->web->settings->clock),
		.pack = (const char *)request->body.data,
		.pack_len = request->body.len,
		.signature = &signature};
	result = keep(request, &row, &is_new, fault);
	if (result == 0 && is_new)
		result = take_up(request, fault);
	if (result > 0)
		api_refuse(request, PROBLEM_LAW_VERSION);
	if (result)
		return result < 0 ? result : 0;
	write_answer(&law, is_new, &request->answer);
	request->status = is_new ? 201 : 200;
	request->type = HEADER_JSON;
	return 0;
}
