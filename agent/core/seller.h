/* seller: the fiscal identity that the configuration gives, plain data. */
#ifndef HOADON_CORE_SELLER_H
#define HOADON_CORE_SELLER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/decimal.h"

struct law_book;

/* One row of format 1.2: what a version of the data format switches. */
struct profile {
	const char *pban; /* PBan: "2.0.1", "2.1.0", "2.1.1" */
	bool has_uncoded_message, has_buyer_ids, has_buyer_place, has_shop_code, has_business_place;
	bool is_provider_required, is_payment_required;
	int tchat_max;
	const char *dlieu_prefix; /* of DLieu/@Id: "_" or "DLieu-" */
};

/** profile_find() - the profile of @pban, or NULL when none has this name. Source: format 1.2. */
const struct profile *profile_find(const char *pban);

struct till { /* [till NAME] */
	const char *id;
	const char *location_code, *location_name, *location_address; /* MCHang, TCHang; may be NULL (law R-WHO-3) */
};

enum words_dialect { WORDS_NORTH, WORDS_SOUTH };

struct seller {
	const char *tax_code;						/* MST */
	const char *name;						/* Ten */
	const char *address;						/* DChi */
	const char *phone, *email, *bank_account, *bank_name, *website; /* may be NULL */
	int form;							/* KHMSHDon: 1 VAT, 2 sales */
	char code_flag;							/* 'C' with authority code, 'K' without */
	char suffix[3];							/* last two letters of the serial */
	char key[6];							/* the five characters of message 103 */
	const char *provider_tax_code;					/* MSTTCGP */
	const char *sender;						/* MNGui of our messages */
	int issuer_prefix; /* 0..999: first three of the 11 digits of the default code block; -1 = not set */
	const struct profile *profile; /* NULL = the one that the law names; see seller_profile() */
	enum words_dialect words_dialect;
	bool words_even, words_dot; /* " chẵn", "." */
	bool sign_each_invoice;
	bool ledger_in_invoice;
	size_t max_message_bytes;  /* default 2,000,000 */
	const char *generic_names; /* "tiền ăn|…": folded names refused as a line (law R-CON-4) */
	const struct till *tills;
	size_t till_count;
	const struct law_book *law; /* core/law; NULL = the built-in one alone */
};

/** seller_profile() - the version in which invoices issued on local @day are written: the fixed one, else that of the law. Thread: any. Source: format 1.2. */
const struct profile *seller_profile(const struct seller *seller, int32_t day);
/** seller_till() - the till of @id, or NULL when it is not configured. */
const struct till *seller_till(const struct seller *seller, const char *id);

#endif
