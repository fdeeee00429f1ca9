#include "send/line.h"

#include <stdio.h>
#include <string.h>

#include "core/symbols.h"
#include "send/outage.h"
#include "send/route.h"
#include "wire/answer.h"

#define ARENA_MAX ((size_t)8 << 20)
#define NOBODY	  "LINE" /* sender of a message that nobody sent */

static const struct {
	const char *word, *en, *vi;
} layers[LINE_LAYER_COUNT] = {
	[LINE_NAME] = {"name", "name of the server", "tên máy chủ"},
	[LINE_CONNECTION] = {"connection", "connection", "kết nối"},
	[LINE_TLS] = {"tls", "secure connection (TLS)", "kết nối an toàn (TLS)"},
	[LINE_TVAN] = {"tvan", "provider (T-VAN)", "nhà cung cấp (T-VAN)"},
	[LINE_AUTHORITY] = {"authority", "tax authority", "cơ quan thuế"},
};

/* clang-format off */
static const struct line_finding_row findings[LINE_FINDING_COUNT] = {
	[LINE_FINE] = {"", LINE_AUTHORITY, OUTAGE_NONE, "The line works.", "Đường truyền tốt."},
	[LINE_NO_NETWORK] = {"no-network", LINE_NAME, OUTAGE_NETWORK,
		"This machine has no network: look at cable, Wi-Fi and router.", "Máy này không có mạng: hãy xem dây mạng, Wi-Fi và modem."},
	[LINE_NO_NAME] = {"no-name", LINE_NAME, OUTAGE_DNS,
		"The name of the server is not found: compare the address with the T-VAN's letter; if it is right, look at DNS: resolvectl status",
		"Không tìm thấy tên máy chủ: hãy so địa chỉ với thư của T-VAN; nếu đúng thì xem DNS: resolvectl status"},
	[LINE_NO_CONNECTION] = {"no-connection", LINE_CONNECTION, OUTAGE_TVAN,
		"The server does not take the connection: compare the port with the T-VAN's letter, look at the firewall, ask the T-VAN.",
		"Máy chủ không nhận kết nối: hãy so cổng với thư của T-VAN, xem tường lửa, hỏi T-VAN."},
	[LINE_NO_TLS] = {"no-tls", LINE_TLS, OUTAGE_TLS,
		"No secure connection comes about: the server, or something in between, speaks no TLS 1.2, or ca_file is out of date; ask the T-VAN.",
		"Không lập được kết nối an toàn: máy chủ hoặc thiết bị ở giữa không dùng TLS 1.2, hoặc ca_file đã cũ; hãy hỏi T-VAN."},
	[LINE_CERT_EARLY] = {"certificate-early", LINE_TLS, OUTAGE_NONE,
		"The server's certificate is not valid yet: the clock of this machine is behind; set it: timedatectl set-ntp true",
		"Chứng thư máy chủ chưa có hiệu lực: đồng hồ máy này chạy chậm; hãy chỉnh: timedatectl set-ntp true"},
	[LINE_CERT_EXPIRED] = {"certificate-expired", LINE_TLS, OUTAGE_TLS,
		"The server's certificate is no longer valid: if the date of this machine is right (date), tell the T-VAN.",
		"Chứng thư máy chủ đã hết hạn: nếu ngày giờ máy này đúng (date) thì hãy báo T-VAN."},
	[LINE_CERT_STRANGER] = {"certificate-stranger", LINE_TLS, OUTAGE_TLS,
		"Nobody in ca_file vouches for the server: get the T-VAN's CA file; something between here and there may listen in.",
		"Chứng thư máy chủ không nối tới ca_file: hãy lấy đúng tệp CA của T-VAN; có thể có thiết bị ở giữa nghe lén."},
	[LINE_CERT_OTHER_NAME] = {"certificate-other-name", LINE_TLS, OUTAGE_TLS,
		"The server's certificate belongs to another name: compare the address with the T-VAN's letter.",
		"Chứng thư máy chủ mang tên khác: hãy so địa chỉ với thư của T-VAN."},
	[LINE_NO_CA_FILE] = {"no-ca-file", LINE_TLS, OUTAGE_NONE,
		"ca_file cannot be read or holds no certificate: get the T-VAN's CA file (PEM).",
		"Không đọc được ca_file, hoặc tệp không có chứng thư: hãy lấy tệp CA (PEM) của T-VAN."},
	[LINE_SILENT] = {"silent", LINE_TVAN, OUTAGE_TVAN,
		"The T-VAN does not answer: nothing is to be done here; ask the T-VAN if it lasts.", "T-VAN không trả lời: ở đây không phải làm gì; nếu kéo dài hãy hỏi T-VAN."},
	[LINE_REFUSES] = {"refuses", LINE_TVAN, OUTAGE_NONE,
		"The T-VAN refuses user or password: compare both with its letter.", "T-VAN từ chối tên đăng nhập hoặc mật khẩu: hãy so cả hai với thư của T-VAN."},
	[LINE_NOT_THERE] = {"not-there", LINE_TVAN, OUTAGE_NONE,
		"A server answers, but not as a T-VAN: compare the address behind the name with the T-VAN's letter.",
		"Máy chủ có trả lời nhưng không phải dịch vụ T-VAN: hãy so phần địa chỉ sau tên máy chủ với thư của T-VAN."},
	[LINE_BUSY] = {"busy", LINE_TVAN, OUTAGE_TVAN,
		"The T-VAN is busy: try again later.", "T-VAN đang bận: hãy thử lại sau."},
	[LINE_TVAN_BROKEN] = {"broken", LINE_TVAN, OUTAGE_TVAN,
		"The T-VAN answers with an error of its own: ask the T-VAN.", "T-VAN báo lỗi nội bộ: hãy hỏi T-VAN."},
	[LINE_NO_VERDICT] = {"no-verdict", LINE_AUTHORITY, OUTAGE_AUTHORITY,
		"The T-VAN took a message, and the tax authority gives no verdict: nothing is to be done here; it is asked for.",
		"T-VAN đã nhận thông điệp nhưng cơ quan thuế chưa trả kết quả: ở đây không phải làm gì, máy sẽ tự hỏi tiếp."},
	[LINE_NOT_SIGNED] = {"not-signed", LINE_AUTHORITY, OUTAGE_NONE,
		"An answer is not signed by the tax authority as far as anchors_file tells: get the T-VAN's file of the authority's certificates.",
		"Trả lời không mang chữ ký của cơ quan thuế theo anchors_file: hãy lấy đúng tệp chứng thư cơ quan thuế từ T-VAN."},
};
/* clang-format on */

const struct line_finding_row *line_finding_row(enum line_finding finding)
{
	return &findings[finding];
}

const char *line_layer_word(enum line_layer layer)
{
	return layers[layer].word;
}

const char *line_layer_text(enum line_layer layer, bool is_vi)
{
	return is_vi ? layers[layer].vi : layers[layer].en;
}

static enum line_finding finding_of_reach(enum reach reach, enum http_tls tls)
{
	static const enum line_finding by_reach[] = {
		[REACH_SERVER] = LINE_SILENT,
		[REACH_NO_CONNECTION] = LINE_NO_CONNECTION,
		[REACH_NO_NAME] = LINE_NO_NAME,
		[REACH_NO_NETWORK] = LINE_NO_NETWORK,
	};
	static const enum line_finding by_tls[] = {
		[HTTP_TLS_OTHER] = LINE_NO_TLS,
		[HTTP_TLS_EARLY] = LINE_CERT_EARLY,
		[HTTP_TLS_EXPIRED] = LINE_CERT_EXPIRED,
		[HTTP_TLS_STRANGER] = LINE_CERT_STRANGER,
		[HTTP_TLS_OTHER_NAME] = LINE_CERT_OTHER_NAME,
		[HTTP_TLS_CA_FILE] = LINE_NO_CA_FILE,
	};

	return reach == REACH_NO_TLS ? by_tls[tls] : by_reach[reach];
}

static enum line_finding finding_of_status(int asked, const struct authority_answer *answer)
{
	switch (route_query_cause(asked, answer)) {
	case ROUTE_HEALTHY:
		return LINE_FINE;
	case ROUTE_REFUSES:
		return LINE_REFUSES;
	case ROUTE_BUSY:
		return LINE_BUSY;
	default:
		return answer->http_status >= 500 ? LINE_TVAN_BROKEN : LINE_NOT_THERE;
	}
}

/* A verdict in the T-VAN's hands proves the authority only when it signed it. */
static int judge_verdict(const struct line_settings *settings, const struct authority_answer *answer,
	enum line_state *ret_state, enum line_finding *ret, struct fault *fault)
{
	const struct verify_settings verify = {
		.anchors_pem = settings->anchors_pem, .now_ms = clock_now_ms(settings->clock)};
	CLEANUP(arena_freep) struct arena *arena = arena_new(ARENA_MAX);
	struct verdict verdict = {0};
	const char *rule;
	int result = arena ? answer_read(answer->raw.data, answer->raw.len, &verify, arena, &verdict, &rule, fault)
			   : FAULT(fault, FAULT_MEMORY, "no memory for an answer");

	if (result < 0)
		return result;
	if (result == 0 && verdict.message_type != 204)
		return 0; /* the T-VAN's own answer: the authority's is still to come */
	*ret = result == 0 && verdict.is_signed ? LINE_FINE : LINE_NOT_SIGNED;
	*ret_state = *ret == LINE_FINE ? LINE_WELL : LINE_BROKEN;
	return 0;
}

static int judge_authority(const struct line_settings *settings, int asked, const struct authority_answer *answer,
	struct line_report *ret, struct fault *fault)
{
	enum line_state *state = &ret->steps[LINE_AUTHORITY].state;

	if (!settings->message_id)
		return 0;
	if (asked == QUERY_VERDICT)
		return judge_verdict(settings, answer, state, &ret->finding, fault);
	if (asked == QUERY_PENDING && clock_now_ms(settings->clock) - settings->sent_at >= OUTAGE_VERDICT_LATE_MS) {
		ret->finding = LINE_NO_VERDICT;
		*state = LINE_BROKEN;
	}
	return 0;
}

/* Each layer took the time since the one before it stood. */
static void take_steps(const struct http_course *course, enum line_layer last, struct line_report *ret)
{
	const int64_t ends[] = {course->named_ms, course->connected_ms, course->secured_ms, course->ended_ms};
	int64_t begin = 0;

	for (int i = LINE_NAME; i <= LINE_TVAN && i <= (int)last; i++) {
		bool is_broken = ret->finding != LINE_FINE && i == (int)last;
		int64_t end = is_broken || ends[i] < 0 ? course->ended_ms : ends[i];

		ret->steps[i].state = is_broken ? LINE_BROKEN : LINE_WELL;
		ret->steps[i].ms = end > begin ? end - begin : 0;
		begin = end > begin ? end : begin;
	}
}

static int judge(const struct line_settings *settings, const struct http *http, int asked,
	const struct authority_answer *answer, struct line_report *ret, struct fault *fault)
{
	const struct http_course course = http_course(http);

	ret->status = answer->http_status;
	snprintf(ret->text, sizeof(ret->text), "%s", answer->text);
	ret->finding =
		answer->http_status ? finding_of_status(asked, answer) : finding_of_reach(answer->reach, course.tls);
	take_steps(&course, findings[ret->finding].layer, ret);
	ret->has_date = answer->http_status && answer->date_ms;
	if (ret->has_date)
		ret->ahead_ms = clock_now_ms(settings->clock) - answer->date_ms;
	return ret->finding == LINE_FINE ? judge_authority(settings, asked, answer, ret, fault) : 0;
}

int line_try(const struct line_settings *settings, struct line_report *ret, struct fault *fault)
{
	CLEANUP(http_freep) struct http *http = NULL;
	struct authority_answer answer = {.retry_after_ms = -1};
	char id[MESSAGE_ID_MAX + 1];
	int result = http_new(&settings->http, &http, fault);

	if (result)
		return result;
	if (message_id_make(NOBODY, id))
		return FAULT(fault, FAULT_BUG, "%s makes no message id", NOBODY);
	const struct authority_env env = {.call = http_call,
		.http = http,
		.url = settings->url,
		.user = settings->user,
		.password = settings->password};
	bytes_init(&answer.raw, HTTP_BODY_MAX);
	*ret = (struct line_report){.finding = LINE_FINE};
	result = settings->ops->query(
		&env, settings->message_id ? settings->message_id : id, settings->ref, &answer, fault);
	if (result >= 0)
		result = judge(settings, http, result, &answer, ret, fault);
	bytes_done(&answer.raw);
	return result;
}
