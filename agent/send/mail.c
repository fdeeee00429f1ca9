#include "send/mail.h"

#include <string.h>

#include <curl/curl.h>

#include "base/clock.h"
#include "base/digest.h"

#define MAIL_MAX    ((size_t)256 << 10)
#define LINE_BYTES  57 /* of text in a line of 76 base64 characters (RFC 2045) */
#define WORD_BYTES  45 /* of text in an encoded word of at most 75 characters (RFC 2047) */
#define DATE_FORMAT "%s, %02d %s %04d %02d:%02d:%02d +0700"

/* ---- the message ---- */

/* The longest start of @text within @most bytes that ends between two characters. */
static size_t whole_characters(const char *text, size_t len, size_t most)
{
	if (len <= most)
		return len;
	while (most && ((unsigned char)text[most] & 0xC0) == 0x80)
		most--;
	return most;
}

static void write_subject(const char *subject, struct bytes *out)
{
	CLEANUP(bytes_done) struct bytes line = {.max = MAIL_MAX};
	size_t at = 0;

	bytes_text(&line, subject);
	for (size_t i = 0; i < line.len; i++)
		if (line.data[i] == '\n' || line.data[i] == '\r')
			line.data[i] = ' ';
	bytes_text(out, "Subject:");
	while (at < line.len) {
		size_t n = whole_characters((const char *)line.data + at, line.len - at, WORD_BYTES);

		bytes_text(out, at ? "\r\n =?UTF-8?B?" : " =?UTF-8?B?");
		bytes_base64(out, line.data + at, n);
		bytes_text(out, "?=");
		at += n;
	}
	bytes_text(out, "\r\n");
}

static void write_date(int64_t now_ms, struct bytes *out)
{
	static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char *const months[] = {
		"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	struct civil at = clock_local(now_ms);

	bytes_printf(out, "Date: " DATE_FORMAT "\r\n", days[clock_weekday(clock_day(now_ms))], at.day,
		months[at.month - 1], at.year, at.hour, at.minute, at.second);
}

static void write_id(struct bytes *out)
{
	uint8_t random[16];
	char hex[sizeof(random) * 2 + 1];

	digest_random(random, sizeof(random));
	hex_format(random, sizeof(random), hex);
	bytes_printf(out, "Message-ID: <%s@hoadon-agent>\r\n", hex);
}

void mail_write(
	const struct mail_settings *settings, const char *subject, const char *text, int64_t now_ms, struct bytes *out)
{
	size_t len = strlen(text);

	bytes_printf(out, "From: <%s>\r\nTo: <%s>\r\n", settings->from, settings->to);
	write_subject(subject, out);
	write_date(now_ms, out);
	write_id(out);
	bytes_text(out, "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: "
			"base64\r\n\r\n");
	for (size_t at = 0; at < len; at += LINE_BYTES) {
		bytes_base64(out, text + at, len - at < LINE_BYTES ? len - at : LINE_BYTES);
		bytes_text(out, "\r\n");
	}
}

/* ---- the way ---- */

struct reading {
	const struct bytes *bytes;
	size_t at;
};

static size_t on_read(char *out, size_t size, size_t count, void *context)
{
	struct reading *reading = context;
	size_t left = reading->bytes->len - reading->at;
	size_t n = size * count < left ? size * count : left;

	memcpy(out, reading->bytes->data + reading->at, n);
	reading->at += n;
	return n;
}

static int on_progress(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	(void)a, (void)b, (void)c, (void)d;
	const struct mail_settings *settings = context;

	return settings->is_ending && atomic_load(settings->is_ending);
}

static CURLcode set(CURL *easy, const struct mail_settings *settings, struct curl_slist *to, struct reading *reading)
{
	CURLcode code = CURLE_OK;

#define SET(option, value) code = code ? code : curl_easy_setopt(easy, (option), (value))
	SET(CURLOPT_URL, settings->url);
	SET(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_PROXY, "");
	SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(CURLOPT_USE_SSL, (long)CURLUSESSL_ALL);
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(CURLOPT_SSL_VERIFYPEER, 1L);
	SET(CURLOPT_SSL_VERIFYHOST, 2L);
	SET(CURLOPT_CAINFO, settings->ca_file);
	SET(CURLOPT_CONNECTTIMEOUT_MS, (long)settings->connect_timeout_ms);
	SET(CURLOPT_TIMEOUT_MS, (long)settings->total_timeout_ms);
	SET(CURLOPT_MAIL_FROM, settings->from);
	SET(CURLOPT_MAIL_RCPT, to);
	if (settings->user) {
		SET(CURLOPT_USERNAME, settings->user);
		SET(CURLOPT_PASSWORD, settings->password ? settings->password : "");
	}
	SET(CURLOPT_UPLOAD, 1L);
	SET(CURLOPT_READFUNCTION, on_read);
	SET(CURLOPT_READDATA, reading);
	SET(CURLOPT_NOPROGRESS, 0L);
	SET(CURLOPT_XFERINFOFUNCTION, on_progress);
	SET(CURLOPT_XFERINFODATA, (void *)settings);
#undef SET
	return code;
}

int mail_send(const struct mail_settings *settings, const char *subject, const char *text, int64_t now_ms,
	struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes message = {.max = MAIL_MAX};
	struct reading reading = {.bytes = &message};
	CURL *easy = curl_easy_init();
	struct curl_slist *to = curl_slist_append(NULL, settings->to);
	CURLcode code = CURLE_OUT_OF_MEMORY;

	mail_write(settings, subject, text, now_ms, &message);
	if (easy && to && !message.failed)
		code = set(easy, settings, to, &reading);
	if (!code)
		code = curl_easy_perform(easy);
	curl_slist_free_all(to);
	curl_easy_cleanup(easy);
	if (code == CURLE_OUT_OF_MEMORY)
		return FAULT(fault, FAULT_MEMORY, "no memory for a mail");
	if (code) {
		fault_set(fault, FAULT_NETWORK, "mail_send", "the mail server did not take it: %s",
			curl_easy_strerror(code));
		return 1;
	}
	return 0;
}
