/* seller: the shop that the tests of the issuer and of its doors sell as. */
#ifndef HOADON_TESTS_UNIT_SELLER_H
#define HOADON_TESTS_UNIT_SELLER_H

#include "core/seller.h"

#define SELLER "9900000016"

static inline struct seller seller_with(const struct till *tills, size_t count)
{
	return (struct seller){.tax_code = SELLER,
		.name = "Công ty TNHH Quán Ví Dụ",
		.address = "Số 1 Phố Ví Dụ",
		.form = 1,
		.code_flag = 'C',
		.suffix = "AA",
		.key = "VD7K2",
		.provider_tax_code = "9900000030",
		.issuer_prefix = 1,
		.profile = profile_find("2.1.0"),
		.tills = tills,
		.till_count = count};
}

#endif
