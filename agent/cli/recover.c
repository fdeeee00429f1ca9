#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/print.h"
#include "cli/store_key.h"
#include "store/recover.h"

static void print_last(const struct cli *cli, const struct recovery *recovery)
{
	char issued[CLOCK_TEXT_MAX], shipped[CLOCK_TEXT_MAX], symbol[SERIAL_LEN + 2];
	time_text(recovery->issued_at, issued);
	time_text(recovery->shipped_at, shipped);
	printf(SAY(cli, "Recovered: %lld invoices, %lld ledger records, tail %s; seller %s\n",
		       "Đã khôi phục: %lld hóa đơn, %lld bản ghi sổ, đuôi %s; người bán %s\n"),
		(long long)recovery->invoices, (long long)recovery->records, recovery->tail, recovery->seller);
	printf(SAY(cli, "The mirror received its last change at %s.\n", "Bản sao nhận thay đổi cuối lúc %s.\n"),
		shipped);
	if (!recovery->form) {
		puts(SAY(cli, "No invoice had been issued by then.", "Khi đó chưa lập hóa đơn nào."));
		return;
	}
	symbol_make(recovery->form, recovery->serial, symbol);
	printf(SAY(cli, "Last invoice: %s/%d, code %s, issued %s\n", "Hóa đơn cuối: %s/%d, mã %s, lập lúc %s\n"),
		symbol, (int)recovery->number, *recovery->code ? recovery->code : "-", issued);
	printf(SAY(cli,
		       "NOT HERE: numbers after %d of serial %s, issued between %s and the loss of the disk (2 seconds "
		       "at most "
		       "while the mirror was not behind). Look for them on receipts and at the tax authority.\n",
		       "KHÔNG CÓ Ở ĐÂY: các số sau %d của ký hiệu %s, lập từ %s đến lúc hỏng ổ đĩa (nhiều nhất 2 giây "
		       "nếu bản "
		       "sao không bị chậm). Hãy đối chiếu phiếu đã in và dữ liệu cơ quan thuế.\n"),
		(int)recovery->number, symbol, issued);
}

static void print_human(const struct cli *cli, const struct recovery *recovery, const struct store_key *key)
{
	print_last(cli, recovery);
	if (recovery->newer)
		printf(SAY(cli,
			       "The mirror goes on in schema %lld of a newer version: this is the store as it was "
			       "before "
			       "that upgrade. What came later is there for the newer version only.\n",
			       "Bản sao còn tiếp tục ở lược đồ %lld của phiên bản mới hơn: đây là kho như trước khi "
			       "nâng "
			       "cấp. Phần sau đó chỉ phiên bản mới hơn đọc được.\n"),
			(long long)recovery->newer);
	store_key_print(cli, key);
	puts(SAY(cli,
		"This store takes no number yet. Next: let [store] dir name its folder, set a new suffix and "
		"issuer_prefix under "
		"[serial], run: hoadon adopt --reason TEXT, then start hoadond.",
		"Kho này chưa cấp số. Tiếp theo: đặt [store] dir là thư mục này, đặt suffix và issuer_prefix mới trong "
		"[serial], "
		"chạy: hoadon adopt --reason LÝ-DO, rồi khởi động hoadond."));
}

static int print_json(const struct recovery *recovery, const struct store_key *key, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes out;
	bytes_init(&out, PRINT_JSON_MAX);
	json_begin(&out);
	json_member(&out, "store", recovery->store);
	json_member(&out, "seller", recovery->seller);
	json_member_int(&out, "epoch", recovery->epoch);
	json_member_int(&out, "invoices", recovery->invoices);
	json_member_int(&out, "records", recovery->records);
	json_member(&out, "tail", recovery->tail);
	json_member_int(&out, "form", recovery->form);
	json_member(&out, "serial", recovery->form ? recovery->serial : NULL);
	json_member_int(&out, "last_number", recovery->number);
	json_member(&out, "last_code", recovery->form ? recovery->code : NULL);
	json_time(&out, "last_issued_at", recovery->issued_at);
	json_time(&out, "last_shipped_at", recovery->shipped_at);
	json_id(&out, "newer_schema", recovery->newer);
	store_key_json(key, &out);
	return json_print(&out, fault);
}

/* The store is whole without it; what is sealed waits. */
static int find_key(struct cli *cli, const char *dir, struct store_key *ret, struct fault *fault)
{
	CLEANUP(store_closep) struct store *store = NULL;
	int result = store_open(dir, STORE_READ, &cli->clock, NULL, &store, fault);
	if (result == 0)
		result = store_key_unlock(cli, store, ret, fault);
	if (result == 0)
		store_key_put(cli, dir, ret);
	explicit_bzero(ret->key, sizeof(ret->key));
	return result < 0 ? result : 0;
}

int recover_cmd_run(struct cli *cli, struct fault *fault)
{
	const char *dir = cli_value(cli, "to");
	struct recovery recovery;
	struct store_key key = {0};
	int result = recover_run(cli->words[0], dir, &cli->clock, &recovery, fault);
	if (result == 0)
		result = find_key(cli, dir, &key, fault);
	if (result < 0)
		return result;
	if (!cli->is_json)
		print_human(cli, &recovery, &key);
	else if (print_json(&recovery, &key, fault) < 0)
		return FAULT_MEMORY;
	return CLI_OK;
}
