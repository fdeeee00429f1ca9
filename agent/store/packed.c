#include "store/packed.h"

#include <string.h>

#include <zstd.h>

#define LEVEL 3

struct packed {
	struct sealed *sealed;
	ZSTD_CCtx *pack;   /* writer */
	ZSTD_DCtx *unpack; /* reader */
	uint8_t bytes[SEALED_CHUNK];
	ZSTD_inBuffer in; /* reader: what of bytes is not unpacked yet */
	bool is_ended;	  /* reader: the frame is complete */
};

static struct packed *make(struct sealed *sealed, bool is_writer)
{
	struct packed *packed = calloc(1, sizeof(*packed));

	if (!packed)
		return NULL;
	packed->sealed = sealed;
	packed->in.src = packed->bytes;
	packed->pack = is_writer ? ZSTD_createCCtx() : NULL;
	packed->unpack = is_writer ? NULL : ZSTD_createDCtx();
	if ((packed->pack && !ZSTD_isError(ZSTD_CCtx_setParameter(packed->pack, ZSTD_c_compressionLevel, LEVEL))) ||
		packed->unpack)
		return packed;
	packed_free(packed);
	return NULL;
}

int packed_write_new(struct sealed *sealed, struct packed **ret, struct fault *fault)
{
	struct packed *packed = make(sealed, true);

	if (!packed)
		return FAULT(fault, FAULT_MEMORY, "no memory to pack");
	*ret = packed;
	return 0;
}

int packed_read_new(struct sealed *sealed, struct packed **ret, struct fault *fault)
{
	struct packed *packed = make(sealed, false);

	if (!packed)
		return FAULT(fault, FAULT_MEMORY, "no memory to unpack");
	*ret = packed;
	return 0;
}

void packed_free(struct packed *packed)
{
	if (!packed)
		return;
	ZSTD_freeCCtx(packed->pack);
	ZSTD_freeDCtx(packed->unpack);
	explicit_bzero(packed->bytes, sizeof(packed->bytes)); /* the ledger's key went through here */
	free(packed);
}

/* Until @bytes are taken, or with ZSTD_e_end until the frame is complete. */
static int push(struct packed *packed, const void *bytes, size_t len, ZSTD_EndDirective how, struct fault *fault)
{
	ZSTD_inBuffer in = {.src = bytes, .size = len};
	size_t left;

	do {
		ZSTD_outBuffer out = {.dst = packed->bytes, .size = sizeof(packed->bytes)};
		int result;

		left = ZSTD_compressStream2(packed->pack, &out, &in, how);
		if (ZSTD_isError(left))
			return FAULT(fault, FAULT_MEMORY, "it cannot be packed: %s", ZSTD_getErrorName(left));
		result = sealed_write(packed->sealed, packed->bytes, out.pos, fault);
		if (result < 0)
			return result;
	} while (how == ZSTD_e_end ? left > 0 : in.pos < in.size);
	return 0;
}

int packed_write(struct packed *packed, const void *bytes, size_t len, struct fault *fault)
{
	return push(packed, bytes, len, ZSTD_e_continue, fault);
}

int packed_write_end(struct packed *packed, struct fault *fault)
{
	int result = push(packed, NULL, 0, ZSTD_e_end, fault);

	return result ? result : sealed_write_end(packed->sealed, fault);
}

/* More packed bytes; their end before the frame's is a fault. */
static int pull(struct packed *packed, struct fault *fault)
{
	int result = sealed_read(packed->sealed, packed->bytes, sizeof(packed->bytes), &packed->in.size, fault);

	packed->in.pos = 0;
	if (!result && packed->in.size == 0)
		return FAULT(fault, FAULT_FORMAT, "it ends too early");
	return result;
}

/* One step: some of what is packed is unpacked into @out, or more of it is fetched. */
static int unpack_some(struct packed *packed, ZSTD_outBuffer *out, struct fault *fault)
{
	size_t before = out->pos;
	size_t left = ZSTD_decompressStream(packed->unpack, out, &packed->in);

	if (ZSTD_isError(left))
		return FAULT(fault, FAULT_FORMAT, "it does not unpack: %s", ZSTD_getErrorName(left));
	packed->is_ended = left == 0;
	return out->pos == before && packed->in.pos == packed->in.size && left > 0 ? pull(packed, fault) : 0;
}

int packed_read(struct packed *packed, void *out, size_t len, struct fault *fault)
{
	ZSTD_outBuffer into = {.dst = out, .size = len};
	int result = 0;

	while (!result && into.pos < into.size)
		result = packed->is_ended ? FAULT(fault, FAULT_FORMAT, "it ends too early")
					  : unpack_some(packed, &into, fault);
	return result;
}

int packed_read_end(struct packed *packed, struct fault *fault)
{
	char more;
	ZSTD_outBuffer out = {.dst = &more, .size = 1};
	size_t len = 0;
	int result = 0;

	while (!result && !packed->is_ended && out.pos == 0)
		result = unpack_some(packed, &out, fault);
	if (!result && out.pos == 0 && packed->in.pos == packed->in.size)
		result = sealed_read(packed->sealed, &more, 1, &len, fault);
	if (!result && (out.pos > 0 || packed->in.pos < packed->in.size || len > 0))
		return FAULT(fault, FAULT_FORMAT, "it has bytes behind its end");
	return result;
}
