/* check_key: the key that signs, and its certificate; prototypes in checkup.h. */
#include <string.h>

#include "base/file.h"
#include "cli/checkup.h"
#include "cli/print.h"
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
	int result = read_password(config->key_password_file, &password, &fault);
	if (result == 0)
		result =
			key_open(&at->key, config->key_file, password.len ? (const char *)password.data : NULL, &fault);
	if (result == 0)
		atomic_store(&at->key.standing, KEY_OPEN);
	if (result)
		find_no_key(at, result, &fault);
}

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
