#include <stdio.h>

#include "base/file.h"
#include "cli/commands.h"
#include "cli/look.h"
#include "cli/outage_text.h"
#include "cli/print.h"

#define PAGE	    1000
#define DOSSIER_MAX ((size_t)64 << 20)

/* Clause 4 counts from the announcement, which only a person can read. */
static const char *no_deadline(const struct outage_kind *kind)
{
	return kind->term == DEADLINE_TAX_SYSTEM_BACK
		       ? "chờ thông báo hoạt động trở lại của cơ quan thuế (hoadon outage note ID --back)"
		       : "không có hạn riêng";
}

/* Vietnamese, whatever --lang says: it is for the tax office. */
static void write_head(const struct cli *cli, const struct outage_row *row, struct bytes *out)
{
	const struct seller *seller = &cli->config.seller;
	const struct outage_kind *kind = outage_kind(row->cause);
	char begun[CLOCK_TEXT_MAX], ended[CLOCK_TEXT_MAX], deadline[CLOCK_TEXT_MAX];
	time_text(row->begun_at, begun);
	time_text(row->ended_at, ended);
	time_text(row->deadline, deadline);
	bytes_printf(out, "HỒ SƠ GIÁN ĐOẠN LẬP VÀ GỬI HÓA ĐƠN ĐIỆN TỬ (Điều 14 Nghị định 254/2026/NĐ-CP)\n\n");
	bytes_printf(out, "Người bán:\t%s\nMã số thuế:\t%s\n", seller->name ? seller->name : "",
		seller->tax_code ? seller->tax_code : "");
	bytes_printf(out, "Nguyên nhân:\t%s (%s; %s)\n", kind->vi, kind->word, kind->rule);
	bytes_printf(out, "Thuộc về:\t%s\n",
		kind->is_own ? "người bán; không phải bất khả kháng" : "bên ngoài người bán; do cơ quan thuế xem xét");
	bytes_printf(out, "Bộ phận:\t%s\nBắt đầu:\t%s\nKết thúc:\t%s\n", row->part, begun,
		row->ended_at ? ended : "chưa kết thúc");
	bytes_printf(out, "Hạn gửi:\t%s\n", row->deadline ? deadline : no_deadline(kind));
	bytes_printf(out, "Bằng chứng:\tlần đầu: %s; lần cuối: %s; HTTP %lld; số lần lỗi liên tiếp: %lld\n",
		row->first_text, row->last_text, (long long)row->status, (long long)row->failures);
	outage_text_notes(cli, row, "Ghi nhận:\t", out);
	bytes_printf(out,
		"Sổ đối soát:\tbản ghi outage-begun và outage-ended có begun_at %lld (hoadon audit export, "
		"hoadon-verify)\n\n",
		(long long)row->begun_at);
	bytes_printf(out, "STT\tKý hiệu\tSố\tMã CQT\tLập lúc\tGửi lúc\tTrả lời lúc\tTrạng thái\n");
}

static void write_invoice(const struct cli *cli, const struct outage_invoice *invoice, int64_t place, struct bytes *out)
{
	char issued[CLOCK_TEXT_MAX], sent[CLOCK_TEXT_MAX], answered[CLOCK_TEXT_MAX];
	time_text(invoice->issued_at, issued);
	time_text(invoice->sent_at, sent);
	time_text(invoice->answered_at, answered);
	bytes_printf(out, "%lld\t%d%s\t%lld\t%s\t%s\t%s\t%s\t%s\n", (long long)place, invoice->form, invoice->serial,
		(long long)invoice->number, invoice->code, issued, sent, answered, state_text(cli, invoice->state));
}

static int write_dossier(const struct cli *cli, struct store *store, const struct outage_row *row, int64_t *ret_count,
	struct bytes *out, struct fault *fault)
{
	struct cli vi = *cli;
	int64_t after = 0;
	size_t count = PAGE;
	vi.is_vi = true;
	*ret_count = 0;
	write_head(&vi, row, out);
	while (count == PAGE) {
		CLEANUP(arena_freep) struct arena *arena = arena_new(8 << 20);
		struct outage_invoice *page = NULL;
		if (!arena)
			return FAULT(fault, FAULT_MEMORY, "no memory for a page of invoices");
		int result = store_outage_invoices(store, row, after, PAGE, arena, &page, &count, fault);
		if (result)
			return result;
		for (size_t i = 0; i < count; i++)
			write_invoice(&vi, &page[i], ++*ret_count, out);
		after = count ? page[count - 1].id : after;
	}
	bytes_printf(out, "\nSố hóa đơn liên quan:\t%lld\n", (long long)*ret_count);
	return bytes_check(out, "a dossier", fault);
}

static int print_result(const struct cli *cli, const struct outage_row *row, int64_t count, struct fault *fault)
{
	if (!cli->is_json) {
		printf(SAY(cli, "The dossier of outage %lld is in %s: %lld invoices\n",
			       "Hồ sơ lần gián đoạn %lld ở %s: %lld hóa đơn\n"),
			(long long)row->id, cli->words[1], (long long)count);
		return CLI_OK;
	}
	CLEANUP(bytes_done) struct bytes out;
	bytes_init(&out, PRINT_JSON_MAX);
	json_begin(&out);
	json_id(&out, "outage", row->id);
	json_member(&out, "file", cli->words[1]);
	json_member_int(&out, "invoices", count);
	return json_print(&out, fault);
}

int outage_export_run(struct cli *cli, struct fault *fault)
{
	CLEANUP(store_closep) struct store *store = NULL;
	CLEANUP(bytes_done) struct bytes out;
	struct outage_row row = {0};
	int64_t count = 0;
	bytes_init(&out, DOSSIER_MAX);
	int result = cli_open_store(cli, &store, fault);
	if (result == 0)
		result = outage_text_find(cli, store, &row, fault);
	if (result == 0)
		result = look_export(cli, "outage export", fault);
	if (result == 0)
		result = write_dossier(cli, store, &row, &count, &out, fault);
	if (result == 0)
		result = file_write(cli->words[1], out.data, out.len, 0640, fault);
	return result ? result : print_result(cli, &row, count, fault);
}
