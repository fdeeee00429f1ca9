#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "core/taxcode.h"
#include "drivers/drivers.h"

#define LINES_MAX    (1u << 20)
#define PASSWORD_MAX 4096
#define DAY_MS	     (INT64_C(24) * 3600 * 1000)
#define WARN_DAYS    60 /* first warning of an expiring certificate (signing section 4, policies) */

struct findings {
	struct bytes wrong; /* one line each: no sale can be issued or sent */
	struct bytes warnings;
};

static void findings_done(struct findings *findings)
{
	bytes_done(&findings->wrong);
	bytes_done(&findings->warnings);
}

static void key_certificate_done(struct key_certificate *certificate)
{
	bytes_done(&certificate->der);
}

static void check_file(
	const struct cli *cli, const char *setting, const char *path, bool is_secret, struct findings *out)
{
	struct stat info;
	if (!path || !*path)
		return;
	if (stat(path, &info) != 0 || access(path, R_OK) != 0)
		bytes_printf(&out->wrong, "%s: %s: %s\n", setting, path, strerror(errno));
	else if (!S_ISREG(info.st_mode))
		bytes_printf(
			&out->wrong, SAY(cli, "%s: %s is not a file\n", "%s: %s không phải là tệp\n"), setting, path);
	else if (is_secret && (info.st_mode & (S_IRWXO)))
		bytes_printf(&out->warnings,
			SAY(cli, "%s: every user may read %s; chmod 0600 %s\n",
				"%s: mọi người dùng đều đọc được %s; chmod 0600 %s\n"),
			setting, path, path);
}

static void check_files(const struct cli *cli, struct findings *out)
{
	const struct config *config = &cli->config;
	check_file(cli, "key.file", config->key_file, true, out);
	check_file(cli, "key.password_file", config->key_password_file, true, out);
	for (size_t i = 0; i < config->authority_count; i++) {
		const struct config_authority *authority = &config->authorities[i];
		char setting[128];
		snprintf(setting, sizeof(setting), "authority %s.ca_file", authority->name);
		check_file(cli, setting, authority->ca_file, false, out);
		snprintf(setting, sizeof(setting), "authority %s.anchors_file", authority->name);
		check_file(cli, setting, authority->anchors_file, false, out);
		snprintf(setting, sizeof(setting), "authority %s.password_file", authority->name);
		check_file(cli, setting, authority->password_file, true, out);
	}
}

static void check_authorities(const struct cli *cli, struct findings *out)
{
	for (size_t i = 0; i < cli->config.authority_count; i++) {
		const struct config_authority *authority = &cli->config.authorities[i];
		if (!authority->driver || !driver_authority(authority->driver))
			bytes_printf(&out->wrong,
				SAY(cli, "authority %s.driver: there is no driver %s; see: hoadon help drivers\n",
					"authority %s.driver: không có trình điều khiển %s; xem: hoadon help "
					"drivers\n"),
				authority->name, authority->driver ? authority->driver : "");
	}
}

static const struct key_ops *find_key(const char *driver)
{
	for (size_t i = 0; driver && driver_keys[i]; i++)
		if (strcmp(driver_keys[i]->name, driver) == 0)
			return driver_keys[i];
	return NULL;
}

static int read_password(const char *path, struct bytes *ret, struct fault *fault)
{
	if (!path || !*path)
		return 0;
	return file_read_secret(path, ret, fault);
}

static void check_dates(const struct cli *cli, const struct key_certificate *certificate, struct findings *out)
{
	int64_t now = clock_now_ms(&cli->clock), left = certificate->not_after - now;
	char from[CLOCK_TEXT_MAX], to[CLOCK_TEXT_MAX];
	time_text(certificate->not_before, from);
	time_text(certificate->not_after, to);
	if (left < 0 || now < certificate->not_before)
		bytes_printf(&out->wrong,
			SAY(cli, "key.file: the certificate is valid from %s to %s, not today; get a new one\n",
				"key.file: chứng thư số có hiệu lực từ %s đến %s, hôm nay không dùng được; hãy gia "
				"hạn\n"),
			from, to);
	else if (left < WARN_DAYS * DAY_MS)
		bytes_printf(&out->warnings,
			SAY(cli, "key.file: the certificate ends on %s, in %lld days\n",
				"key.file: chứng thư số hết hạn ngày %s, còn %lld ngày\n"),
			to, (long long)(left / DAY_MS));
}

static void check_certificate(const struct cli *cli, const struct key_certificate *certificate, struct findings *out)
{
	const char *seller = cli->config.seller.tax_code;
	if (seller && strcmp(certificate->tax_code, seller) != 0)
		bytes_printf(&out->wrong,
			SAY(cli, "key.file: the certificate belongs to tax code %s, the seller is %s\n",
				"key.file: chứng thư số của mã số thuế %s, còn người bán là %s\n"),
			*certificate->tax_code ? certificate->tax_code : "?", seller);
	check_dates(cli, certificate, out);
}

static void check_key(const struct cli *cli, struct findings *out)
{
	const struct config *config = &cli->config;
	const struct key_ops *ops = find_key(config->key_driver);
	CLEANUP(bytes_done) struct bytes password;
	CLEANUP(key_certificate_done) struct key_certificate certificate = {0};
	struct fault fault = {0};
	void *state = NULL;
	bytes_init(&password, PASSWORD_MAX);
	if (!config->key_file || !*config->key_file || !file_exists(config->key_file))
		return;
	if (!ops) {
		bytes_printf(&out->wrong,
			SAY(cli, "key.driver: there is no driver %s; see: hoadon help drivers\n",
				"key.driver: không có trình điều khiển %s; xem: hoadon help drivers\n"),
			config->key_driver ? config->key_driver : "");
		return;
	}
	int result = read_password(config->key_password_file, &password, &fault);
	if (result == 0)
		result = ops->open(config->key_file, password.len ? (const char *)password.data : NULL, &state, &fault);
	if (result == KEY_WRONG_PASSWORD)
		bytes_printf(&out->wrong,
			SAY(cli, "key.password_file: the password does not open %s\n",
				"key.password_file: mật khẩu không mở được %s\n"),
			config->key_file);
	else if (result)
		bytes_printf(&out->wrong, "key.file: %s\n", fault.text);
	if (result)
		return;
	if (ops->certificate(state, &certificate, &fault) < 0)
		bytes_printf(&out->wrong, "key.file: %s\n", fault.text);
	else
		check_certificate(cli, &certificate, out);
	ops->close(state);
}

static int count_lines(const struct bytes *text)
{
	int count = 0;
	for (size_t i = 0; i < text->len; i++)
		count += text->data[i] == '\n';
	return count;
}

static void write_lines(const struct bytes *text, const char *key, struct bytes *out)
{
	json_key(out, key);
	bytes_char(out, '[');
	for (size_t at = 0; at < text->len;) {
		const char *line = (const char *)text->data + at;
		size_t len = strcspn(line, "\n");
		char copy[1024];
		snprintf(copy, sizeof(copy), "%.*s", (int)len, line);
		json_item(out);
		json_string(out, copy);
		at += len + 1;
	}
	bytes_char(out, ']');
}

static int print_json(const struct findings *findings, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes out;
	bytes_init(&out, PRINT_JSON_MAX);
	json_begin(&out);
	json_member_flag(&out, "is_ready", findings->wrong.len == 0);
	write_lines(&findings->wrong, "problems", &out);
	write_lines(&findings->warnings, "warnings", &out);
	return json_print(&out, fault);
}

static void print_human(const struct cli *cli, const struct findings *findings)
{
	if (findings->wrong.len)
		fputs((const char *)findings->wrong.data, stdout);
	if (findings->warnings.len)
		printf("%s%s", SAY(cli, "Warnings:\n", "Cảnh báo:\n"), (const char *)findings->warnings.data);
	if (findings->wrong.len)
		printf(SAY(cli, "%d things are missing or wrong; no sale can be issued or sent yet.\n",
			       "Còn %d mục thiếu hoặc sai; chưa thể lập và gửi hóa đơn.\n"),
			count_lines(&findings->wrong));
	else
		puts(SAY(cli, "The configuration is complete.", "Cấu hình đã đầy đủ."));
}

int config_check_run(struct cli *cli, struct fault *fault)
{
	CLEANUP(findings_done) struct findings findings;
	bytes_init(&findings.wrong, LINES_MAX);
	bytes_init(&findings.warnings, LINES_MAX);
	if (cli->is_configured) {
		config_missing(&cli->config, &findings.wrong);
		check_files(cli, &findings);
		check_authorities(cli, &findings);
		check_key(cli, &findings);
	} else if (!cli->is_json) {
		return cli_explain_config(cli);
	} else if (cli->problems.len) {
		bytes_append(&findings.wrong, cli->problems.data, cli->problems.len);
	} else {
		bytes_printf(&findings.wrong, "%s\n", cli->config_fault.text);
	}
	if (bytes_check(&findings.wrong, "the findings", fault) < 0)
		return FAULT_MEMORY;
	if (!cli->is_json)
		print_human(cli, &findings);
	else if (print_json(&findings, fault) < 0)
		return FAULT_MEMORY;
	return findings.wrong.len ? CLI_CONFIG : CLI_OK;
}
