#include "core/seller.h"

#include <string.h>

#include "core/law.h"

/* Source: format 1.2, one row for each version; a field that a version lacks travels in TTKhac or not at all. */
static const struct profile profiles[] = {
	{
		.pban = "2.0.1",
		.tchat_max = 4,
		.dlieu_prefix = "_",
	},
	{
		.pban = "2.1.0",
		.has_buyer_ids = true,
		.has_shop_code = true,
		.is_provider_required = true,
		.is_payment_required = true,
		.tchat_max = 5,
		.dlieu_prefix = "_",
	},
	{
		.pban = "2.1.1",
		.has_uncoded_message = true,
		.has_buyer_ids = true,
		.has_buyer_place = true,
		.has_shop_code = true,
		.has_business_place = true,
		.is_provider_required = true,
		.is_payment_required = true,
		.tchat_max = 5,
		.dlieu_prefix = "DLieu-",
	},
};

const struct profile *profile_find(const char *pban)
{
	for (size_t i = 0; i < ARRAY_LEN(profiles); i++)
		if (strcmp(profiles[i].pban, pban) == 0)
			return &profiles[i];
	return NULL;
}

const struct profile *seller_profile(const struct seller *seller, int32_t day)
{
	return seller->profile ? seller->profile : profile_find(law_on(seller->law, day)->profile);
}

const struct till *seller_till(const struct seller *seller, const char *id)
{
	for (size_t i = 0; i < seller->till_count; i++)
		if (strcmp(seller->tills[i].id, id) == 0)
			return &seller->tills[i];
	return NULL;
}
