#include "core/outage.h"

#include <string.h>

#include "base/clock.h"
#include "core/law.h"

/* Art. 14 speaks of the authority (clause 4) and of risks that the seller did not cause (clause 5); what is ours is neither. */
static const struct outage_kind kinds[OUTAGE_CAUSE_COUNT] = {
	[OUTAGE_NONE] = {"", "", "", "", false, false, 0, false},
	[OUTAGE_NETWORK] = {"network", "This machine has no network", "Máy này không có mạng", "R-OUT-5", false, true,
		DEADLINE_FORCE_MAJEURE_END, false},
	[OUTAGE_DNS] = {"dns", "The provider's name is not found (DNS)",
		"Không tìm được tên máy chủ của nhà cung cấp (DNS)", "R-OUT-5", false, true, DEADLINE_FORCE_MAJEURE_END,
		false},
	[OUTAGE_TLS] = {"tls", "No secure connection to the provider (TLS)",
		"Không lập được kết nối an toàn tới nhà cung cấp (TLS)", "R-OUT-3", false, true,
		DEADLINE_FORCE_MAJEURE_END, false},
	[OUTAGE_TVAN] = {"tvan", "The provider (T-VAN) does not work", "Nhà cung cấp (T-VAN) không hoạt động",
		"R-OUT-3", false, true, DEADLINE_FORCE_MAJEURE_END, false},
	[OUTAGE_AUTHORITY] = {"authority", "The tax authority gives no verdict", "Cơ quan thuế chưa trả kết quả",
		"R-OUT-4", false, true, DEADLINE_TAX_SYSTEM_BACK, false},
	[OUTAGE_KEY] = {"key", "The key that signs is not at hand", "Không có chữ ký số", "R-OUT-7", true, false, 0,
		false},
	[OUTAGE_DISK] = {"disk", "The disk is full", "Đĩa đầy", "R-OUT-7", true, false, 0, true},
	[OUTAGE_DISK_FAILING] = {"disk-failing", "The disk cannot be read or written", "Không đọc hoặc ghi được đĩa",
		"R-OUT-7", true, false, 0, true},
	[OUTAGE_FILES] = {"files", "The route's password or certificates cannot be read",
		"Không đọc được mật khẩu hoặc chứng thư của đường truyền", "R-OUT-7", true, false, 0, false},
};

const struct outage_kind *outage_kind(int cause)
{
	return &kinds[cause > OUTAGE_NONE && cause < OUTAGE_CAUSE_COUNT ? cause : OUTAGE_NONE];
}

enum outage_cause outage_find(const char *word)
{
	for (int i = OUTAGE_NONE + 1; i < OUTAGE_CAUSE_COUNT; i++)
		if (strcmp(kinds[i].word, word) == 0)
			return (enum outage_cause)i;
	return OUTAGE_NONE;
}

int64_t outage_deadline(enum outage_cause cause, bool is_announced, const struct law_book *law, int64_t from)
{
	const struct outage_kind *kind = outage_kind(cause);

	if (!law || !kind->has_term || is_announced != (kind->term == DEADLINE_TAX_SYSTEM_BACK))
		return 0;
	return deadline_of(law_calendar(law, law->calendar, clock_day(from)), kind->term, from);
}

static const struct outage_said_kind said_kinds[OUTAGE_SAID_COUNT] = {
	[SAID_NOTHING] = {"", "", "", false},
	[SAID_WORDS] = {"words", "Note", "Ghi chú", false},
	[SAID_TICKET] = {"ticket", "Ticket of the provider", "Phiếu, thông báo của nhà cung cấp", false},
	[SAID_ANNOUNCEMENT] = {"announcement", "Announcement of the tax authority", "Thông báo của cơ quan thuế", true},
	[SAID_BACK] = {"back", "The tax authority announces that all works again",
		"Cơ quan thuế thông báo hoạt động trở lại bình thường", true},
};

const struct outage_said_kind *outage_said_kind(int said)
{
	return &said_kinds[said > SAID_NOTHING && said < OUTAGE_SAID_COUNT ? said : SAID_NOTHING];
}

enum outage_said outage_said_find(const char *word)
{
	for (int i = SAID_NOTHING + 1; i < OUTAGE_SAID_COUNT; i++)
		if (strcmp(said_kinds[i].word, word) == 0)
			return (enum outage_said)i;
	return SAID_NOTHING;
}
