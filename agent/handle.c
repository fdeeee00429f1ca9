#include "handle.h"

#include "store/seal.h"

int handle_open(const struct config *config, const struct clock *clock, struct disk *disk, struct store **ret,
	struct fault *fault)
{
	int result = store_open(config->store_dir, STORE_WRITE, clock, config->seller.tax_code, ret, fault);
	if (result)
		return result;
	store_share_disk(*ret, disk);
	return store_unlock(*ret, config->store_key_file, config->seal_store, fault);
}

int handle_open_again(const struct config *config, const struct clock *clock, struct disk *disk, struct store **ret,
	struct fault *fault)
{
	int result = handle_open(config, clock, disk, ret, fault);
	return result == STORE_LOCKED ? FAULT_IO : result;
}
