#include "base/json_write.h"
#include "store/courier.h"
#include "store/hold.h"
#include "store/time.h"
#include "web/request.h"

int web_wish_export(struct request *request, struct fault *fault)
{
	struct store *store = request->web->settings->store;
	struct hold hold;
	int64_t id = 0;
	int result = store_hold_get(store, &hold, fault);
	if (result)
		return result;
	if (hold.kind != HOLD_NONE) {
		api_refuse(request, PROBLEM_COURIER_COPY);
		return 0;
	}
	result = store_begin(store, fault);
	if (result == 0)
		result = store_end(store, store_export_wish(store, store_time_now(store, NULL), &id, fault), fault);
	if (result)
		return result;
	bytes_char(&request->answer, '{');
	json_key(&request->answer, "id");
	bytes_printf(&request->answer, "\"%lld\"}", (long long)id);
	request->status = 202;
	request->type = HEADER_JSON;
	return 0;
}

int web_take_answer(struct request *request, struct fault *fault)
{
	struct store *store = request->web->settings->store;
	const char *message = MHD_lookup_connection_value(request->connection, MHD_GET_ARGUMENT_KIND, "message");
	if (!message || !*message || !request->body.len) {
		api_refuse(request, PROBLEM_REQUIRED);
		return 0;
	}
	int result = store_begin(store, fault);
	if (result)
		return result;
	result = store_answer_add(
		store, message, request->body.data, request->body.len, store_time_now(store, NULL), fault);
	result = store_end(store, result, fault);
	if (result < 0)
		return result;
	bytes_char(&request->answer, '{');
	json_member_flag(&request->answer, "is_new", result == 0);
	bytes_char(&request->answer, '}');
	request->status = result == 0 ? 202 : 200;
	request->type = HEADER_JSON;
	return 0;
}
