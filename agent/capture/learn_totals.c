#include <stdlib.h>
#include <string.h>

#include "capture/learn_parts.h"

#define TRIES_MAX   400000
#define BIT(role)   (1u << (role))
#define PAID_ROLES  (BIT(ROLE_CASH) | BIT(ROLE_TRANSFER) | BIT(ROLE_CARD) | BIT(ROLE_VOUCHER) | BIT(ROLE_PAID))
#define SUM_ROLES   (BIT(ROLE_SUBTOTAL) | BIT(ROLE_TOTAL) | BIT(ROLE_SUM))
#define UNKNOWN_MAX (SUM_ROLES | BIT(ROLE_AGAIN) | BIT(ROLE_PAID) | BIT(ROLE_CHANGE) | BIT(ROLE_NONE))

#define X_SECTION(name, section, key, field) section,
#define X_KEY(name, section, key, field)     key,
#define X_FIELD(name, section, key, field)   field,
static const char *const sections[] = {LEARN_ROLES(X_SECTION)};
static const char *const keys[] = {LEARN_ROLES(X_KEY)};
static const int fields[] = {LEARN_ROLES(X_FIELD)};
#undef X_FIELD

/* What words mean; the first row whose words stand in the label. */
static const struct {
	const char *words;
	enum learn_role best;
	unsigned int others;
} meanings[] = {
	{"tel|dt|hotline|dien thoai|sdt|mst|wifi|wi-fi|mat khau|pass|website|stk|so tk|ref|diem|tich diem|diem thuong|"
	 "tong diem|so mon|so luong|tong sl|tong so luong|so mat hang|sl|sl mon|tong so mon|items|qty|tiet kiem|ma "
	 "gd|in luc|"
	 "ma giao dich|so khach|so du",
		ROLE_IGNORE, 0},
	{"tien thua|tien thoi|tien tra lai|tra lai|tra lai khach|thoi lai|tien thoi lai|thoi khach|thoi|change|con "
	 "thua|du",
		ROLE_CHANGE, 0},
	{"trong do|da gom|da bao gom|bao gom|gom thue|gom vat", ROLE_TAX_INSIDE, 0},
	{"truoc thue|chua thue|truoc vat|truoc giam|truoc ck|truoc chiet khau|chua vat", ROLE_SUBTOTAL, BIT(ROLE_SUM)},
	{"khach can tra|khach phai tra|can thanh toan|phai thanh toan|phai tra|phai thu|can tra|con phai thu|grand "
	 "total|amount due|"
	 "con phai tra|thuc thu|tong thanh toan|tong tien thanh toan|tong phai thu|can thu|tong tra|net total|sau "
	 "thue|sau giam|sau ck",
		ROLE_TOTAL, BIT(ROLE_SUM)},
	{"giam|giam gia|chiet khau|ck|km|khuyen mai|uu dai|discount|promo|promotion|bot|mien giam|voucher giam|giam "
	 "tru",
		ROLE_DISCOUNT, 0},
	{"vat|thue|thue suat|gtgt|tax", ROLE_TAX, BIT(ROLE_TAX_INSIDE)},
	{"phu thu|phu phi|phi|service|service charge|ship|phi ship|giao hang|cong them", ROLE_SURCHARGE, 0},
	{"voucher|phieu qua tang|the qua tang|gift|coupon", ROLE_VOUCHER, 0},
	{"chuyen khoan|vietqr|qr|momo|zalopay|vnpay|transfer|bank", ROLE_TRANSFER, 0},
	{"the|card|visa|mastercard|napas|quet the|atm|pos", ROLE_CARD, 0},
	{"tien mat|cash|tm", ROLE_CASH, 0},
	{"tien hang|cong tien hang|tam tinh|tong tien hang|sub total|subtotal|gia tri hang|cong hang|tong hang",
		ROLE_SUBTOTAL, BIT(ROLE_SUM)},
	{"khach dua|khach tra|tien khach dua|tien nhan|nhan cua khach|da thanh toan|da tra|khach thanh toan|khach "
	 "gui|paid|tender|"
	 "thanh toan|khach",
		ROLE_PAID, BIT(ROLE_TOTAL)},
	{"tong|cong|tong cong|tong tien|tong cong tien|thanh tien|total|tong hoa don|sum|t.cong|t.tien|amount",
		ROLE_SUM, BIT(ROLE_SUBTOTAL) | BIT(ROLE_TOTAL) | BIT(ROLE_AGAIN)},
};

const char *learn_role_section(enum learn_role role)
{
	return sections[role];
}

const char *learn_role_key(enum learn_role role)
{
	return keys[role];
}

/* ---- Labels ---- */

/* The words in front of the value, each number as one "#", without the marks behind them. */
static const char *key_of(struct learner *learner, const struct learn_row *row)
{
	char *key = arena_copy(learner->arena, row->row.fold + row->row.indent, row->label_end - row->row.indent);
	size_t n = 0;

	if (!key) {
		learner->is_out_of_memory = true;
		return "";
	}
	for (size_t i = 0; key[i]; i++) {
		char c = key[i];

		if (c >= '0' && c <= '9')
			c = '#';
		if ((c == '#' || c == ' ') && n > 0 && key[n - 1] == c)
			continue;
		if ((c == '.' || c == ',') && n > 0 && key[n - 1] == '#' && key[i + 1] >= '0' && key[i + 1] <= '9')
			i++;
		else
			key[n++] = c;
	}
	while (n > 0 && strchr(" :.=-(", key[n - 1]))
		n--;
	key[n] = '\0';
	return key;
}

static bool has_letter(const char *text)
{
	return strpbrk(text, "abcdefghijklmnopqrstuvwxyz") != NULL;
}

static void give_candidates(struct label *label)
{
	label->best = ROLE_NONE;
	label->candidates = UNKNOWN_MAX;
	for (size_t i = 0; i < ARRAY_LEN(meanings); i++) {
		if (!learn_has_word(label->key, meanings[i].words))
			continue;
		label->best = meanings[i].best;
		label->candidates = BIT(meanings[i].best) | meanings[i].others;
		return;
	}
}

/* The label of @row; LABELS_MAX when there is no more room. */
static size_t label_of(struct learner *learner, const struct learn_row *row)
{
	const char *key = key_of(learner, row);
	struct label *label = &learner->labels[learner->label_count];

	if (!has_letter(key))
		return LABELS_MAX;
	for (size_t i = 0; i < learner->label_count; i++) {
		if (strcmp(learner->labels[i].key, key) != 0)
			continue;
		learner->labels[i].is_same &= strcmp(learner->labels[i].line, row->row.text) == 0;
		return i;
	}
	if (learner->label_count == LABELS_MAX)
		return LABELS_MAX;
	*label = (struct label){.key = key, .line = row->row.text, .is_same = true};
	give_candidates(label);
	return learner->label_count++;
}

static void collect(struct learner *learner, size_t b)
{
	const struct learn_bill *bill = &learner->bills[b];

	for (size_t i = bill->end; bill->has_items && i < bill->row_count; i++) {
		const struct learn_row *row = &bill->rows[i];
		size_t label = row->has_last ? label_of(learner, row) : LABELS_MAX;
		bool is_new = true;

		if (label == LABELS_MAX)
			continue;
		for (size_t k = 0; k < learner->entry_count; k++)
			is_new &= learner->entries[k].bill != b || learner->entries[k].label != label;
		learner->labels[label].bills += is_new;
		learner->entries[learner->entry_count++] =
			(struct entry){.bill = b, .row = i, .label = label, .value = row->last};
	}
}

/* ---- Roles ---- */

/* The lines of one bill by their roles. */
struct sums {
	int64_t lines, total, subtotal, sum, off, on, inside, tender, change, again;
	size_t total_row, sum_row;
	bool has_total, has_subtotal, has_sum, has_change, has_again, is_paid, is_twice;
};

static void keep(bool *has, int64_t *known, int64_t value, bool *is_twice)
{
	*is_twice |= *has && *known != value;
	*has = true;
	*known = value;
}

static void add(struct sums *sums, enum learn_role role, const struct entry *entry)
{
	switch (role) {
	case ROLE_TOTAL:
		sums->total_row = sums->has_total ? sums->total_row : entry->row;
		keep(&sums->has_total, &sums->total, entry->value, &sums->is_twice);
		break;
	case ROLE_SUBTOTAL:
		keep(&sums->has_subtotal, &sums->subtotal, entry->value, &sums->is_twice);
		break;
	case ROLE_SUM:
		sums->sum_row = sums->has_sum ? sums->sum_row : entry->row;
		keep(&sums->has_sum, &sums->sum, entry->value, &sums->is_twice);
		break;
	case ROLE_CHANGE:
		keep(&sums->has_change, &sums->change, entry->value, &sums->is_twice);
		break;
	case ROLE_AGAIN:
		keep(&sums->has_again, &sums->again, entry->value, &sums->is_twice);
		break;
	case ROLE_DISCOUNT:
		sums->off += llabs(entry->value);
		break;
	case ROLE_SURCHARGE:
	case ROLE_TAX:
		sums->on += entry->value;
		break;
	case ROLE_TAX_INSIDE:
		sums->inside += entry->value;
		break;
	case ROLE_NONE:
	case ROLE_IGNORE:
	case ROLE_COUNT:
		break;
	default:
		sums->tender += entry->value;
		sums->is_paid |= entry->value != 0;
	}
}

static bool adds_up(struct sums *sums)
{
	if (sums->has_sum && !sums->has_total) {
		sums->total = sums->sum;
	} else if (sums->has_sum && sums->sum != sums->total) {
		if (sums->sum_row > sums->total_row || sums->sum != sums->lines)
			return false;
	} else if (!sums->has_total) {
		return false;
	}
	if (sums->is_twice || (sums->has_subtotal && sums->subtotal != sums->lines) ||
		(sums->has_again && sums->again != sums->lines && sums->again != sums->total))
		return false;
	if (sums->lines - sums->off + sums->on != sums->total || sums->inside < 0 || sums->inside * 2 > sums->total + 1)
		return false;
	if (sums->is_paid && sums->has_change)
		return sums->change >= 0 && sums->tender - sums->total == sums->change;
	return sums->is_paid ? sums->tender >= sums->total : !sums->has_change || sums->change == 0;
}

static bool bill_adds_up(const struct learner *learner, size_t b, const enum learn_role *roles)
{
	struct sums sums = {.lines = learner->bills[b].sum};

	for (size_t i = 0; i < learner->entry_count; i++)
		if (learner->entries[i].bill == b)
			add(&sums, roles[learner->entries[i].label], &learner->entries[i]);
	return adds_up(&sums);
}

struct choice {
	struct learner *learner;
	enum learn_role roles[LABELS_MAX], best[LABELS_MAX];
	int points, best_points;
	size_t best_bills;
	long tries;
};

static void weigh(struct choice *choice)
{
	size_t bills = 0;

	for (size_t b = 0; b < choice->learner->bill_count; b++)
		bills += choice->learner->bills[b].has_items && bill_adds_up(choice->learner, b, choice->roles);
	if (bills < choice->best_bills || bills == 0 ||
		(bills == choice->best_bills && choice->points <= choice->best_points))
		return;
	choice->best_bills = bills;
	choice->best_points = choice->points;
	memcpy(choice->best, choice->roles, sizeof(choice->best));
}

static int points_of(const struct label *label, enum learn_role role)
{
	if (role == label->best)
		return role == ROLE_NONE ? 0 : 10;
	if (role == ROLE_NONE)
		return -30;
	return label->best == ROLE_NONE ? 2 : 6;
}

static void choose(struct choice *choice, size_t at)
{
	const struct label *label = &choice->learner->labels[at];

	if (choice->tries++ > TRIES_MAX)
		return;
	if (at == choice->learner->label_count) {
		weigh(choice);
		return;
	}
	for (int role = 0; role < ROLE_COUNT; role++) {
		int points = points_of(label, (enum learn_role)role);

		if (!(label->candidates & BIT(role)))
			continue;
		choice->roles[at] = (enum learn_role)role;
		choice->points += points;
		choose(choice, at + 1);
		choice->points -= points;
	}
}

/* Roles whose value can be compared at once: fewer are left to try. */
static void exclude(struct learner *learner)
{
	for (size_t i = 0; i < learner->entry_count; i++) {
		const struct entry *entry = &learner->entries[i];
		struct label *label = &learner->labels[entry->label];

		if (entry->value != learner->bills[entry->bill].sum)
			label->candidates &= ~BIT(ROLE_SUBTOTAL);
		if (entry->value < 0)
			label->candidates &= ~(SUM_ROLES | PAID_ROLES | BIT(ROLE_TAX));
	}
	for (size_t i = 0; i < learner->label_count; i++) {
		struct label *label = &learner->labels[i];

		if (label->best == ROLE_NONE && label->is_same && learner->bill_count > 1 &&
			label->bills == learner->bill_count) {
			label->best = ROLE_IGNORE;
			label->candidates = BIT(ROLE_IGNORE);
		}
		if (label->candidates == 0)
			label->candidates = BIT(ROLE_NONE);
	}
}

/* What unknown words mean is only known by sums that close. */
static void forget_unproven(struct learner *learner, const enum learn_role *roles)
{
	for (size_t i = 0; i < learner->label_count; i++) {
		struct label *label = &learner->labels[i];
		bool is_proven = label->best != ROLE_NONE;

		for (size_t k = 0; k < learner->entry_count && !is_proven; k++)
			is_proven = learner->entries[k].label == i &&
				    bill_adds_up(learner, learner->entries[k].bill, roles);
		if (!is_proven)
			label->role = ROLE_NONE;
	}
}

/* Whether a role was given to several words that the sums do not tell from each other is no matter: the money is the same. */
static void tell(struct learner *learner)
{
	bool has[LEARN_FIELD_COUNT + 1] = {false};

	for (size_t i = 0; i < learner->label_count; i++) {
		struct label *label = &learner->labels[i];
		int field = fields[label->role];
		bool is_known = label->best != ROLE_NONE;

		if (label->role == ROLE_NONE) {
			learn_doubt(learner, DOUBT_LABEL, label->line);
			continue;
		}
		has[field] = true;
		if (field == LEARN_FIELD_COUNT)
			continue;
		learn_sure(learner, (enum learn_field)field,
			!learner->is_closed ? 40
			: !is_known	    ? 70
			: label->bills > 1  ? 95
					    : 85,
			label->line);
	}
	if (!has[LEARN_TOTAL] || !learner->is_closed)
		learn_doubt(learner, DOUBT_TOTAL, NULL);
	if (!has[LEARN_DISCOUNTS] && !learner->promotion)
		learn_doubt(learner, DOUBT_DISCOUNT, NULL);
	if (!has[LEARN_PAYMENTS])
		learn_doubt(learner, DOUBT_PAYMENT, NULL);
}

void learn_totals(struct learner *learner)
{
	struct choice choice = {.learner = learner, .best_points = -1000000};
	size_t rows = 0;

	for (size_t b = 0; b < learner->bill_count; b++)
		rows += learner->bills[b].row_count;
	learner->entries = ARENA_ARRAY(learner->arena, struct entry, rows + 1);
	if (!learner->entries) {
		learner->is_out_of_memory = true;
		return;
	}
	for (size_t b = 0; b < learner->bill_count; b++)
		collect(learner, b);
	exclude(learner);
	choose(&choice, 0);
	learner->is_closed = choice.best_bills == learner->bill_count;
	for (size_t i = 0; i < learner->label_count; i++)
		learner->labels[i].role = choice.best_bills > 0 ? choice.best[i] : ROLE_NONE;
	forget_unproven(learner, choice.best);
	tell(learner);
}
