#include "wire/message.h"

#include <stdio.h>
#include <stdlib.h>

#include "wire/xml_write.h"

struct message_digest {
	struct digest *running;
};

void message_data_id(const struct message_head *head, char out[MESSAGE_DATA_ID_MAX])
{
	const char *hex = message_id_hex(head->id);

	snprintf(out, MESSAGE_DATA_ID_MAX, "%s%s", head->dlieu_prefix, hex ? hex : head->id);
}

/* TTChung: never signed, because a T-VAN writes it anew (format 3). */
static void write_common(const struct message_head *head, struct bytes *out)
{
	xml_open(out, "TTChung");
	xml_element(out, "PBan", head->pban);
	xml_element(out, "MNGui", head->sender);
	xml_element(out, "MNNhan", head->receiver);
	xml_element_int(out, "MLTDiep", head->type);
	xml_element(out, "MTDiep", head->id);
	bytes_text(out, "<MTDTChieu></MTDTChieu>"); /* present and empty in what is sent (format 3) */
	xml_element(out, "MST", head->tax_code);
	xml_element_int(out, "SLuong", head->count);
	xml_close(out, "TTChung");
}

static void write_data_open(const struct message_head *head, struct bytes *out)
{
	char id[MESSAGE_DATA_ID_MAX];

	message_data_id(head, id);
	xml_open_attr(out, "DLieu", "Id", id);
}

void message_write_head(const struct message_head *head, struct bytes *out)
{
	xml_open(out, "TDiep");
	write_common(head, out);
	write_data_open(head, out);
}

void message_write_tail(const void *signature, size_t len, struct bytes *out)
{
	bytes_text(out, "</DLieu><CKSNNT>");
	bytes_append(out, signature, len);
	bytes_text(out, "</CKSNNT></TDiep>");
}

struct message_digest *message_digest_new(const struct message_head *head)
{
	BYTES_CLEANUP struct bytes open = {0};
	struct message_digest *digest;

	bytes_init(&open, 1024);
	write_data_open(head, &open);
	if (open.failed)
		return NULL;
	digest = malloc(sizeof(*digest));
	if (!digest)
		return NULL;
	digest->running = digest_new();
	if (!digest->running) {
		free(digest);
		return NULL;
	}
	digest_add(digest->running, open.data, open.len);
	return digest;
}

void message_digest_add(struct message_digest *digest, const void *hdon, size_t len)
{
	digest_add(digest->running, hdon, len);
}

void message_digest_end(struct message_digest *digest, uint8_t out[DIGEST_LEN])
{
	static const char close[] = "</DLieu>";

	digest_add(digest->running, close, sizeof(close) - 1);
	digest_end(digest->running, out);
	digest_free(digest->running);
	free(digest);
}
