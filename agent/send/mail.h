/* mail: one plain text to one address by SMTP (libcurl), always inside TLS. */
#ifndef HOADON_SEND_MAIL_H
#define HOADON_SEND_MAIL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/fault.h"

struct mail_settings {	 /* borrowed */
	const char *url; /* "smtps://host:465", or "smtp://host:587": then the server must offer STARTTLS */
	const char *from, *to;
	const char *user, *password; /* NULL = the server asks for none */
	const char *ca_file;	     /* PEM: whom the server's certificate must chain to */
	int64_t connect_timeout_ms, total_timeout_ms;
	atomic_bool *is_ending; /* set by any thread: the mail under way is given up within a second */
};

/** mail_write() - the whole message (RFC 5322, RFC 2047) into @out; a line break in @subject becomes a blank. @now_ms: UTC, its Date. */
void mail_write(
	const struct mail_settings *settings, const char *subject, const char *text, int64_t now_ms, struct bytes *out);

/**
 * mail_send() - hand @text to the mail server
 * @subject, @text: UTF-8; lines of @text end with LF
 *
 * Return: 0 the server took it; 1 it did not, or does not answer (sentence in @fault); < 0 failure about us.
 * Thread: its own; blocks up to total_timeout_ms. Source: RFC 5321, RFC 3207.
 */
int mail_send(const struct mail_settings *settings, const char *subject, const char *text, int64_t now_ms,
	struct fault *fault) MUST_CHECK;

#endif
