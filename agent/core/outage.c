#include "core/outage.h"

#include <string.h>

/* Art. 14 speaks of the authority (clause 4) and of risks that the seller did not cause (clause 5); what is ours is neither. */
static const struct outage_kind kinds[OUTAGE_CAUSE_COUNT] = {
	[OUTAGE_NONE] = {"", "", "", "", false, false, 0},
	[OUTAGE_NETWORK] = {"network", "This machine has no network", "Máy này không có mạng", "R-OUT-5", false, true,
		DEADLINE_FORCE_MAJEURE_END},
	[OUTAGE_DNS] = {"dns", "The provider's name is not found (DNS)",
		"Không tìm được tên máy chủ của nhà cung cấp (DNS)", "R-OUT-5", false, true,
		DEADLINE_FORCE_MAJEURE_END},
	[OUTAGE_TLS] = {"tls", "No secure connection to the provider (TLS)",
		"Không lập được kết nối an toàn tới nhà cung cấp (TLS)", "R-OUT-3", false, true,
		DEADLINE_FORCE_MAJEURE_END},
	[OUTAGE_TVAN] = {"tvan", "The provider (T-VAN) does not work", "Nhà cung cấp (T-VAN) không hoạt động",
		"R-OUT-3", false, true, DEADLINE_FORCE_MAJEURE_END},
	[OUTAGE_AUTHORITY] = {"authority", "The tax authority gives no verdict", "Cơ quan thuế chưa trả kết quả",
		"R-OUT-4", false, true, DEADLINE_TAX_SYSTEM_BACK},
	[OUTAGE_KEY] = {"key", "The key that signs is not at hand", "Không có chữ ký số", "R-OUT-7", true, false, 0},
	[OUTAGE_DISK] = {"disk", "The disk is full", "Đĩa đầy", "R-OUT-7", true, false, 0},
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
