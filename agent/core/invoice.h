/* invoice: the sale as the law wants it, every total computed. Pure: no number is taken here. */
#ifndef HOADON_CORE_INVOICE_H
#define HOADON_CORE_INVOICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "core/problem.h"
#include "core/sale.h"
#include "core/seller.h"
#include "core/symbols.h"
#include "core/tax.h"
#include "core/words.h"

struct invoice_line {		   /* HHDVu */
	enum line_kind kind;	   /* TChat */
	int index;		   /* STT, from 1 */
	const char *code;	   /* MHHDVu; may be NULL */
	const char *name;	   /* THHDVu */
	const char *unit;	   /* DVTinh; may be NULL */
	struct decimal qty;	   /* SLuong */
	struct decimal unit_price; /* DGia: form 1 without VAT, form 2 with */
	int64_t discount;	   /* STCKhau; 0 = left out */
	int64_t amount;		   /* ThTien */
	enum vat_rate rate;	   /* TSuat; VAT_NONE = left out */
};

struct invoice {
	const struct seller *seller;
	const struct till *till; /* may be NULL */
	struct invoice_line *lines;
	size_t line_count;
	const char *payment; /* HTTToan */
	bool is_anonymous;   /* buyer name is the text of law R-BUY-1 */
	struct sale_buyer buyer;
	struct tax_group groups[VAT_COUNT]; /* LTSuat */
	int64_t net;			    /* TgTCThue */
	int64_t vat;			    /* TgTThue */
	int64_t total;			    /* TgTTTBSo */
	char words[WORDS_MAX];		    /* TgTTTBChu */
	int64_t sold_at;		    /* ms UTC */
	/* set by invoice_bind() */
	char serial[SERIAL_LEN + 1];   /* KHHDon */
	int32_t number;		       /* SHDon */
	char code[CODE_LEN + 1];       /* MCCQT; "" without code */
	int64_t issued_at;	       /* ms UTC */
	int32_t issue_day;	       /* NLap, YYYYMMDD local */
	const struct profile *profile; /* PBan */
	char ledger_head[24];	       /* TTKhac LedgerHead: ledger tail before this invoice; "" = left out */
};

/**
 * invoice_from_sale() - compute the invoice of a sale that rules_check() passed
 * @sale:    borrowed by the result
 * @seller:  borrowed by the result
 * @arena:   holds lines and texts
 * @ret:     everything but number, code, times and ledger head; untouched unless 0
 * @problem: set when > 0
 *
 * Return: 0; > 0 the problem; FAULT_MEMORY.
 * Thread: owner of @arena. Source: format 2.3 (rule 8 for prices with VAT), 5.1, 5.4.
 */
int invoice_from_sale(const struct sale *sale, const struct seller *seller, struct arena *arena, struct invoice *ret,
	struct problem *problem) MUST_CHECK;

/** invoice_bind() - give @invoice its serial, number, code counter and time of issue; the local day of @issued_at decides year and serial (law R-TIME-2). 0, or 1 when a part is out of range. */
int invoice_bind(struct invoice *invoice, int32_t number, int64_t code_counter, int64_t issued_at) MUST_CHECK;

/** invoice_check_sums() - Σ line net = net per rate, Σ = totals, net + VAT = total (law R-RND-6): 0, or 1 when one fails. Called before every seal. */
int invoice_check_sums(const struct invoice *invoice) MUST_CHECK;

#endif
