/* check_key: the key that signs, and its certificate; prototypes in checkup.h. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/checkup.h"
#include "cli/daemon.h"
#include "cli/print.h"
#include "cli/status.h"
#include "drivers/drivers.h"

#define PASSWORD_MAX 4096
#define DAY_MS	     (INT64_C(24) * 3600 * 1000)
#define WARN_DAYS    60 /* first warning of an expiring certificate (signing section 4, policies) */

static int read_password(const char *path, struct bytes *ret, struct fault *fault)
{
	if (!path || !*path)
		return 0;
	return file_read_secret(path, ret, fault);
}

static void find_no_key(struct checkup *at, int result, const struct fault *fault)
{
	const struct cli *cli = at->cli;
	const char *remedy = SAY(cli, "Put the right file or password there, then look again",
		"Đặt đúng tệp hoặc mật khẩu vào đó, rồi kiểm tra lại");
	if (result == KEY_WRONG_PASSWORD)
		checkup_found(at, FINDING_WRONG, remedy, "hoadon config check",
			SAY(cli, "key.password_file: the password does not open %s",
				"key.password_file: mật khẩu không mở được %s"),
			cli->config.key_file);
	else
		checkup_found(at, FINDING_WRONG, remedy, "hoadon config check", "key.file: %s", fault->text);
}

void check_key_file(struct checkup *at)
{
	const struct cli *cli = at->cli;
	const struct config *config = &cli->config;
	CLEANUP(bytes_done) struct bytes password;
	struct fault fault = {0};
	bytes_init(&password, PASSWORD_MAX);
	if (!config->key_file || !*config->key_file || !file_exists(config->key_file))
		return;
	at->key.ops = config->key_driver ? driver_key(config->key_driver) : NULL;
	if (!at->key.ops) {
		checkup_found(at, FINDING_WRONG, SAY(cli, "See which drivers there are", "Xem các trình điều khiển"),
			"hoadon help drivers",
			SAY(cli, "key.driver: there is no driver %s", "key.driver: không có trình điều khiển %s"),
			config->key_driver ? config->key_driver : "");
		return;
	}
	if (!at->key.ops->opens_at_will) {
		checkup_ok(at, FINDING_UNCHECKED, "%s",
			SAY(cli, "a wrong password may lock this key: hoadond alone tries it, once",
				"sai mật khẩu có thể khóa chữ ký số này: chỉ hoadond thử, một lần"));
		return;
	}
	int result = read_password(config->key_password_file, &password, &fault);
	if (result == 0)
		result =
			key_open(&at->key, config->key_file, password.len ? (const char *)password.data : NULL, &fault);
	if (result == 0)
		atomic_store(&at->key.standing, KEY_OPEN);
	if (result)
		find_no_key(at, result, &fault);
}

/* ---- how it stands ---- */

static void take_certificate(struct checkup *at, const struct answer *key)
{
	struct key_certificate *certificate = &at->key.certificate;
	const char *from = answer_text(key, "valid_from"), *to = answer_text(key, "valid_until");
	if (clock_parse(from, strlen(from), &certificate->not_before) != 0 ||
		clock_parse(to, strlen(to), &certificate->not_after) != 0)
		return;
	snprintf(certificate->tax_code, sizeof(certificate->tax_code), "%s", answer_text(key, "tax_code"));
	snprintf(certificate->serial_hex, sizeof(certificate->serial_hex), "%s", answer_text(key, "serial"));
}

static void ask_for_key(struct checkup *at)
{
	const struct cli *cli = at->cli;
	CLEANUP(answer_done) struct answer key = {0};
	daemon_ask(cli, "/api/v1/key", &key);
	const char *standing = answer_text(&key, "standing");
	int reason = status_key_reason(standing);
	if (reason)
		checkup_found(at, strcmp(standing, "opening") == 0 ? FINDING_WARNING : FINDING_WRONG,
			SAY(cli, "See which file it is, and what hoadond said of it: journalctl -u hoadond",
				"Xem đó là tệp nào, và hoadond đã nói gì: journalctl -u hoadond"),
			"hoadon config show --origin", "%s", status_reason_text(cli, reason));
	else if (strcmp(standing, "none") == 0 && cli->config.key_file)
		checkup_found(at, FINDING_WARNING,
			SAY(cli, "Restart it, so that it reads the configuration", "Khởi động lại để đọc cấu hình"),
			"systemctl restart hoadond", "%s",
			SAY(cli, "hoadond does not know of it yet", "hoadond chưa biết chữ ký số này"));
	else
		take_certificate(at, &key);
}

void check_key(struct checkup *at)
{
	const struct cli *cli = at->cli;
	const char *file = cli->config.key_file;
	if (at->is_running)
		ask_for_key(at);
	else if (file && access(file, R_OK) == 0)
		check_key_file(at);
	if (*at->key.certificate.serial_hex)
		checkup_ok(at, FINDING_OK, SAY(cli, "opens, certificate %s", "mở được, chứng thư %s"),
			at->key.certificate.serial_hex);
	else if (findings_worst(&at->findings, at->check) == FINDING_OK)
		checkup_ok(at, FINDING_UNCHECKED, "%s", SAY(cli, "it cannot be looked at", "không xem được"));
}

/* ---- its certificate ---- */

static void check_dates(struct checkup *at)
{
	const struct cli *cli = at->cli;
	const struct key_certificate *certificate = &at->key.certificate;
	int64_t now = checkup_now(at), left = certificate->not_after - now;
	char from[CLOCK_TEXT_MAX], to[CLOCK_TEXT_MAX];
	time_text(certificate->not_before, from);
	time_text(certificate->not_after, to);
	if (left < 0 || now < certificate->not_before)
		checkup_found(at, FINDING_WRONG,
			SAY(cli, "Get a new one from your certificate authority, put it into [key] file and restart",
				"Gia hạn với nhà cung cấp chữ ký số, đặt vào [key] file rồi khởi động lại"),
			"systemctl restart hoadond",
			SAY(cli, "key.file: the certificate is valid from %s to %s, not today",
				"key.file: chứng thư số có hiệu lực từ %s đến %s, hôm nay không dùng được"),
			from, to);
	else if (left < WARN_DAYS * DAY_MS)
		checkup_found(at, FINDING_WARNING,
			SAY(cli, "Have it renewed; the new one must be declared before it is used",
				"Gia hạn sớm; chứng thư mới phải đăng ký với cơ quan thuế trước khi dùng"),
			"hoadon config check",
			SAY(cli, "key.file: the certificate ends on %s, in %lld days",
				"key.file: chứng thư số hết hạn ngày %s, còn %lld ngày"),
			to, (long long)(left / DAY_MS));
	else if (findings_worst(&at->findings, at->check) == FINDING_OK)
		checkup_ok(at, FINDING_OK,
			SAY(cli, "of tax code %s, ends in %lld days", "của mã số thuế %s, còn %lld ngày"),
			certificate->tax_code, (long long)(left / DAY_MS));
}

void check_certificate(struct checkup *at)
{
	const struct cli *cli = at->cli;
	const char *seller = cli->config.seller.tax_code, *own = at->key.certificate.tax_code;
	if (seller && strcmp(own, seller) != 0)
		checkup_found(at, FINDING_WRONG,
			SAY(cli, "Use the certificate of this seller, or correct seller.tax_code",
				"Dùng chứng thư số của người bán này, hoặc sửa seller.tax_code"),
			"hoadon config check",
			SAY(cli, "key.file: the certificate belongs to tax code %s, the seller is %s",
				"key.file: chứng thư số của mã số thuế %s, còn người bán là %s"),
			*own ? own : "?", seller);
	check_dates(at);
}
