/* check_machine: the daemon, the clock, the disk and the second medium; prototypes in checkup.h. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/checkup.h"
#include "cli/daemon.h"
#include "cli/print.h"
#include "cli/status.h"
#include "store/disk.h"

#define ROOM_TIMES 8 /* less room than so many reserves is worth a look */
#define MEGABYTE   (INT64_C(1) << 20)

#define RESTART "systemctl restart hoadond"

/* ---- the daemon ---- */

void check_service(struct checkup *at)
{
	const struct cli *cli = at->cli;
	CLEANUP(answer_done) struct answer live = {0};
	if (!daemon_is_running(cli)) {
		checkup_found(at, FINDING_WRONG, SAY(cli, "Start it (as root)", "Khởi động (chạy với sudo)"),
			"systemctl start hoadond",
			SAY(cli, "hoadond does not run: no sale is taken (nobody answers at %s)",
				"hoadond không chạy, không nhận giao dịch (không ai trả lời ở %s)"),
			cli->config.socket_path);
		return;
	}
	daemon_ask(cli, "/health/live", &live);
	at->is_running = live.status == 200;
	snprintf(at->version, sizeof(at->version), "%s", answer_text(&live, "version"));
	if (at->is_running)
		checkup_ok(at, FINDING_OK, "%s", SAY(cli, "hoadond runs and answers", "hoadond đang chạy và trả lời"));
	else
		checkup_found(at, FINDING_WRONG,
			SAY(cli, "Look at its log; when it hangs, restart it: " RESTART,
				"Xem nhật ký; nếu treo thì khởi động lại: " RESTART),
			"journalctl -u hoadond -n 50",
			SAY(cli, "hoadond holds %s but gives this user no answer",
				"hoadond giữ %s nhưng không trả lời người dùng này"),
			cli->config.socket_path);
}

void check_version(struct checkup *at)
{
	const struct cli *cli = at->cli;
	if (strcmp(at->version, HOADON_VERSION) == 0)
		checkup_ok(at, FINDING_OK, "%s", HOADON_VERSION);
	else
		checkup_found(at, FINDING_WARNING,
			SAY(cli, "Restart it; tills are refused for less than a second",
				"Khởi động lại; các máy chỉ gián đoạn chưa tới một giây"),
			RESTART,
			SAY(cli, "hoadond is of version %s, this program of %s: it was not restarted after an upgrade",
				"hoadond phiên bản %s, chương trình này %s: chưa khởi động lại sau khi nâng cấp"),
			*at->version ? at->version : "?", HOADON_VERSION);
}

/* ---- clock ---- */

static void find_time(struct checkup *at, const struct time_decision *time)
{
	const struct cli *cli = at->cli;
	bool is_wrong = time_is_held(time->state) || time->wait_until_ms;
	char until[CLOCK_TEXT_MAX];
	time_text(time->wait_until_ms, until);
	if (time->state != TIME_PROVEN)
		checkup_found(at, is_wrong ? FINDING_WRONG : FINDING_WARNING,
			SAY(cli, "Set the clock from the network; when it is right: hoadon clock confirm --reason TEXT",
				"Chỉnh giờ theo mạng; nếu giờ đã đúng: hoadon clock confirm --reason LÝ-DO"),
			"timedatectl set-ntp true", "%s", status_time_text(cli, time->state));
	else if (time->wait_until_ms)
		checkup_found(at, FINDING_WRONG,
			SAY(cli, "Wait, or set a suffix under [serial] that was never used and restart hoadond",
				"Chờ, hoặc đặt suffix chưa từng dùng trong [serial] rồi khởi động lại hoadond"),
			RESTART,
			SAY(cli, "the last invoice bears the later time %s: no number is taken before then",
				"hóa đơn trước mang giờ muộn hơn %s: chưa cấp số trước giờ đó"),
			until);
}

void check_clock(struct checkup *at)
{
	const struct cli *cli = at->cli;
	char now[CLOCK_TEXT_MAX];
	if (at->store)
		find_time(at, &at->status.time);
	if (findings_worst(&at->findings, at->check) != FINDING_OK)
		return;
	time_text(checkup_now(at), now);
	if (clock_trust(&cli->clock) != CLOCK_UNKNOWN)
		checkup_ok(at, FINDING_OK, SAY(cli, "%s, set by the network", "%s, đã đồng bộ với mạng"), now);
	else
		checkup_found(at, FINDING_WARNING, SAY(cli, "Set the clock from the network", "Đồng bộ giờ với mạng"),
			"timedatectl set-ntp true",
			SAY(cli, "%s, and nothing on this machine keeps it right",
				"%s, nhưng không có gì giữ cho đúng giờ"),
			now);
}

/* ---- disk ---- */

/* Why selling stands still, by what hoadond says of its disk. */
static bool is_told_by_daemon(struct checkup *at)
{
	const struct cli *cli = at->cli;
	CLEANUP(answer_done) struct answer ready = {0};
	if (at->is_running)
		daemon_ask(cli, "/health/ready", &ready);
	if (strcmp(answer_text(&ready, "disk"), disk_word(DISK_FAILING)) == 0)
		checkup_found(at, FINDING_WRONG,
			SAY(cli, "Look for the reason; a disk that fails again is replaced",
				"Tìm lý do; đĩa còn lỗi thì phải thay"),
			"dmesg --level=err,warn",
			SAY(cli, "%s cannot be written: no sale is taken", "%s không ghi được: không nhận giao dịch"),
			cli->config.store_dir);
	else if (strcmp(answer_text(&ready, "disk"), disk_word(DISK_FULL)) == 0)
		checkup_found(at, FINDING_WRONG,
			SAY(cli, "Free space; selling then goes on by itself",
				"Giải phóng dung lượng; bán hàng tự chạy lại"),
			checkup_command(at, "df -h %s", checkup_quote(at, cli->config.store_dir)),
			SAY(cli, "the disk of %s is full: no sale is taken", "đĩa của %s đã đầy: không nhận giao dịch"),
			cli->config.store_dir);
	return findings_worst(&at->findings, at->check) == FINDING_WRONG;
}

/* As hoadond does it at its start. */
static bool take_reserve(const struct checkup *at, const char *path)
{
	const struct config *config = &at->cli->config;
	struct disk *disk = NULL;
	struct stat folder;
	if (!at->is_fixing || at->is_running || stat(config->store_dir, &folder) != 0 ||
		disk_open(config->store_dir, config->reserve_bytes, &disk, NULL) < 0)
		return false;
	bool is_taken = disk_state(disk) == DISK_OK && lchown(path, folder.st_uid, folder.st_gid) == 0;
	disk_free(disk);
	return is_taken;
}

void check_disk(struct checkup *at)
{
	const struct cli *cli = at->cli;
	const char *dir = cli->config.store_dir;
	int64_t wanted = cli->config.reserve_bytes;
	char path[4200];
	snprintf(path, sizeof(path), "%s/reserve", dir);
	int64_t room = file_room(path);
	if (room < 0) {
		checkup_ok(at, FINDING_UNCHECKED, "%s: %s", dir, strerror(errno));
		return;
	}
	if (is_told_by_daemon(at))
		return;
	if (file_size(path) < wanted && take_reserve(at, path))
		checkup_ok(at, FINDING_FIXED,
			SAY(cli, "the reserve %s (%lld MB) is taken again", "đã lấy lại phần dự trữ %s (%lld MB)"),
			path, (long long)(wanted / MEGABYTE));
	else if (file_size(path) < wanted)
		checkup_found(at, FINDING_WRONG,
			SAY(cli, "Free space, then take the reserve again",
				"Giải phóng dung lượng, rồi lấy lại phần dự trữ"),
			"hoadon doctor --fix",
			SAY(cli, "the reserve %s is not whole: on a full disk nothing could be sent",
				"phần dự trữ %s chưa đủ: khi đầy đĩa sẽ không gửi được"),
			path);
	else if (room < ROOM_TIMES * wanted)
		checkup_found(at, FINDING_WARNING, SAY(cli, "Free space", "Giải phóng dung lượng"),
			checkup_command(at, "df -h %s", checkup_quote(at, dir)),
			SAY(cli, "only %lld MB are left for %s", "chỉ còn %lld MB cho %s"),
			(long long)(room / MEGABYTE), dir);
	else
		checkup_ok(at, FINDING_OK,
			SAY(cli, "%lld MB are free, and %lld MB in reserve", "còn trống %lld MB, dự trữ %lld MB"),
			(long long)(room / MEGABYTE), (long long)(wanted / MEGABYTE));
}

/* ---- the second medium ---- */

static bool is_same_disk(const char *a, const char *b)
{
	struct stat first, second;
	return stat(a, &first) == 0 && stat(b, &second) == 0 && first.st_dev == second.st_dev;
}

/* Only where the medium is: a folder made on the store's own disk would hide that the stick is missing. */
static bool make_mirror_dir(const struct checkup *at, const char *dir)
{
	const char *store_dir = at->cli->config.store_dir;
	CLEANUP(freep) char *parent = strdup(dir);
	char *slash = parent ? strrchr(parent, '/') : NULL;
	struct stat owner, above;
	if (!at->is_fixing || !slash || slash == parent)
		return false;
	*slash = 0;
	if (stat(store_dir, &owner) != 0 || stat(parent, &above) != 0 || owner.st_dev == above.st_dev)
		return false;
	return mkdir(dir, 0700) == 0 && lchown(dir, owner.st_uid, owner.st_gid) == 0;
}

/* What the folder itself says; true = it may be used. */
static bool has_mirror_dir(struct checkup *at)
{
	const struct cli *cli = at->cli;
	const char *dir = cli->config.mirror_dir;
	if (file_exists(dir) && (cli->config.mirror_may_share_disk || !is_same_disk(dir, cli->config.store_dir)))
		return true;
	if (!file_exists(dir) && make_mirror_dir(at, dir)) {
		checkup_ok(at, FINDING_FIXED, SAY(cli, "%s was made", "đã tạo %s"), dir);
		return true;
	}
	checkup_found(at, FINDING_WARNING,
		SAY(cli, "Plug the medium in or mount it; it catches up by itself",
			"Cắm hoặc gắn lại thiết bị; bản sao tự bắt kịp"),
		"lsblk -o NAME,SIZE,LABEL,MOUNTPOINT",
		file_exists(dir) ? SAY(cli, "%s lies on the disk of the store: the medium is not mounted",
					   "%s nằm trên chính ổ đĩa của kho dữ liệu: thiết bị chưa được gắn")
				 : SAY(cli, "%s is not there", "không có %s"),
		dir);
	return false;
}

void check_mirror(struct checkup *at)
{
	const struct cli *cli = at->cli;
	CLEANUP(answer_done) struct answer mirror = {0};
	if (!cli->config.mirror_dir) {
		/* The shop's choice: it is named, and fails no look. */
		checkup_found(at, FINDING_ADVICE,
			SAY(cli, "Plug a USB stick in and name a folder on it in [mirror] dir, or back up every day",
				"Cắm USB và đặt thư mục trên đó vào [mirror] dir, hoặc sao lưu mỗi ngày"),
			"hoadon help backup", "%s",
			SAY(cli, "none: when the disk breaks, what is not backed up is lost",
				"không có: hỏng ổ đĩa là mất phần chưa sao lưu"));
		return;
	}
	if (!has_mirror_dir(at))
		return;
	if (!at->is_running) {
		checkup_ok(at, FINDING_OK, SAY(cli, "%s is there", "có %s"), cli->config.mirror_dir);
		return;
	}
	daemon_ask(cli, "/api/v1/mirror", &mirror);
	if (!answer_is_true(&mirror, "is_configured"))
		checkup_found(at, FINDING_WARNING,
			SAY(cli, "Restart it, so that it reads the configuration", "Khởi động lại để đọc cấu hình"),
			RESTART, "%s", SAY(cli, "hoadond does not know of it yet", "hoadond chưa biết thiết bị này"));
	else if (!answer_is_true(&mirror, "is_there"))
		checkup_found(at, FINDING_WARNING,
			SAY(cli, "Plug it in, mount it or make room on it; it catches up by itself",
				"Cắm, gắn lại hoặc giải phóng chỗ trên thiết bị; bản sao tự bắt kịp"),
			"lsblk -o NAME,SIZE,LABEL,MOUNTPOINT", "%s", answer_text(&mirror, "reason"));
	else if (!answer_is_true(&mirror, "is_whole"))
		checkup_found(at, FINDING_WARNING, SAY(cli, "Wait until it is whole", "Chờ đến khi chép xong"),
			"hoadon status --watch",
			SAY(cli, "being made, %lld %% of the store copied", "đang tạo, đã chép %lld %% kho dữ liệu"),
			(long long)answer_number(&mirror, "base_percent", 0));
	else
		checkup_ok(at, FINDING_OK, SAY(cli, "%s, %lld ms behind", "%s, chậm %lld ms"), cli->config.mirror_dir,
			(long long)answer_number(&mirror, "behind_ms", 0));
}
