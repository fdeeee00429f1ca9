#include "shop.h"

#include <fcntl.h>
#include <unistd.h>

#include "store/keeper.h"
#include "store/run.h"

#define FRAME (WAL_FRAME_HEAD_LEN + 4096)
#define ALL   ((size_t)64 << 20)

struct reader {
	struct keeper *keeper;
	struct wal_head head;
	struct wal_place place;
	struct bytes frames;
	int fd;
};

static struct reader reader_of(struct shop *shop)
{
	struct reader reader = {.fd = -1};
	char path[96];
	bool was_let_go;

	snprintf(path, sizeof(path), "%s/current.db-wal", shop->dir);
	must(shop, keeper_new(shop->dir, &shop->clock, SHOP_SELLER, &reader.keeper, &shop->fault));
	must(shop, keeper_head(reader.keeper, &reader.head, &was_let_go, &shop->fault));
	memcpy(reader.place.salt, reader.head.salt, WAL_SALT_LEN);
	bytes_init(&reader.frames, ALL);
	reader.fd = open(path, O_RDWR);
	assert_true(reader.fd >= 0);
	return reader;
}

static void look_again(struct shop *shop, struct reader *reader)
{
	bool was_let_go;

	must(shop, keeper_head(reader->keeper, &reader->head, &was_let_go, &shop->fault));
	assert_false(was_let_go);
}

static void reader_done(struct reader *reader)
{
	close(reader->fd);
	bytes_done(&reader->frames);
	keeper_free(reader->keeper);
}

static void committed_frames_are_read_once_and_in_order(void **state)
{
	struct shop *shop = *state;
	struct reader reader = reader_of(shop);
	uint32_t before;

	must(shop, wal_read(reader.fd, &reader.head, &reader.place, ALL, &reader.frames, &shop->fault));
	assert_int_equal(reader.place.frame, reader.head.frames);
	assert_int_equal(reader.frames.len, reader.head.frames * (size_t)FRAME);
	before = reader.place.frame;
	shop_record(shop, 1);
	look_again(shop, &reader);
	assert_true(reader.head.frames > before);
	bytes_clear(&reader.frames);
	must(shop, wal_read(reader.fd, &reader.head, &reader.place, ALL, &reader.frames, &shop->fault));
	assert_int_equal(reader.frames.len, (reader.head.frames - before) * (size_t)FRAME);
	assert_int_not_equal(wal_frame_pages(reader.frames.data + reader.frames.len - FRAME), 0);
	bytes_clear(&reader.frames);
	must(shop, wal_read(reader.fd, &reader.head, &reader.place, ALL, &reader.frames, &shop->fault));
	assert_int_equal(reader.frames.len, 0);
	reader_done(&reader);
}

static void a_small_bite_ends_with_a_transaction(void **state)
{
	struct shop *shop = *state;
	struct reader reader = reader_of(shop);
	int bites = 0;

	for (int i = 0; i < 5; i++)
		shop_record(shop, i);
	look_again(shop, &reader);
	while (reader.place.frame < reader.head.frames) {
		bytes_clear(&reader.frames);
		must(shop, wal_read(reader.fd, &reader.head, &reader.place, 1, &reader.frames, &shop->fault));
		assert_int_not_equal(wal_frame_pages(reader.frames.data + reader.frames.len - FRAME), 0);
		bites++;
	}
	assert_in_range(bites, 6, 20);
	reader_done(&reader);
}

/* A transaction too large for the cache stands in the file before it is committed. */
static void what_is_written_and_not_committed_is_not_read(void **state)
{
	struct shop *shop = *state;
	struct reader reader = reader_of(shop);
	char text[3000];
	off_t size;

	memset(text, 'x', sizeof(text));
	must(shop, wal_read(reader.fd, &reader.head, &reader.place, ALL, &reader.frames, &shop->fault));
	size = lseek(reader.fd, 0, SEEK_END);
	assert_int_equal(
		sqlite3_exec(shop->store->db, "PRAGMA cache_size = 5; PRAGMA cache_spill = 5", NULL, NULL, NULL), 0);
	shop_begin(shop);
	for (int i = 0; i < 200; i++) {
		char key[16];

		snprintf(key, sizeof(key), "k%d", i);
		digest_random(text, sizeof(text));
		must(shop, store_meta_put(shop->store, key, text, sizeof(text), &shop->fault));
	}
	assert_true(lseek(reader.fd, 0, SEEK_END) > size);
	look_again(shop, &reader);
	bytes_clear(&reader.frames);
	must(shop, wal_read(reader.fd, &reader.head, &reader.place, ALL, &reader.frames, &shop->fault));
	assert_int_equal(reader.frames.len, 0);
	shop_commit(shop);
	look_again(shop, &reader);
	must(shop, wal_read(reader.fd, &reader.head, &reader.place, ALL, &reader.frames, &shop->fault));
	assert_true(reader.frames.len > sizeof(text) * 200);
	reader_done(&reader);
}

static void a_torn_or_changed_wal_is_a_fault(void **state)
{
	struct shop *shop = *state;
	struct reader reader = reader_of(shop);
	uint8_t byte = 0;

	for (uint32_t frame = 0; frame < reader.head.frames; frame++) {
		off_t at = WAL_HEAD_LEN + (off_t)frame * FRAME + (frame * 37) % FRAME;
		struct wal_place place = {0};
		struct fault fault = {0};

		memcpy(place.salt, reader.head.salt, WAL_SALT_LEN);
		assert_int_equal(pread(reader.fd, &byte, 1, at), 1);
		byte ^= 4;
		assert_int_equal(pwrite(reader.fd, &byte, 1, at), 1);
		bytes_clear(&reader.frames);
		assert_int_equal(wal_read(reader.fd, &reader.head, &place, ALL, &reader.frames, &fault), FAULT_FORMAT);
		assert_int_equal(reader.frames.len, 0);
		assert_int_equal(place.frame, 0);
		byte ^= 4;
		assert_int_equal(pwrite(reader.fd, &byte, 1, at), 1);
	}
	must(shop, wal_read(reader.fd, &reader.head, &reader.place, ALL, &reader.frames, &shop->fault));
	/* An index that says more than the file holds. */
	reader.head.frames++;
	bytes_clear(&reader.frames);
	assert_true(wal_read(reader.fd, &reader.head, &reader.place, ALL, &reader.frames, &shop->fault) < 0);
	reader_done(&reader);
}

static void a_wal_is_not_reset_while_it_is_held(void **state)
{
	struct shop *shop = *state;
	struct reader reader = reader_of(shop);

	shop_record(shop, 1);
	for (int i = 0; i < 3; i++) {
		must(shop, store_checkpoint_wal(shop->store, 0, &shop->fault));
		shop_record(shop, i);
	}
	look_again(shop, &reader);
	must(shop, wal_read(reader.fd, &reader.head, &reader.place, ALL, &reader.frames, &shop->fault));
	assert_true(wal_is_at(reader.fd, &reader.head, &reader.place));
	/* When all of it was read it may be, and the place is then one of an earlier life. */
	must(shop, keeper_advance(reader.keeper, &shop->fault));
	must(shop, store_checkpoint_wal(shop->store, 0, &shop->fault));
	must(shop, keeper_advance(reader.keeper, &shop->fault));
	must(shop, store_checkpoint_wal(shop->store, 0, &shop->fault));
	shop_record(shop, 4);
	look_again(shop, &reader);
	assert_false(wal_is_at(reader.fd, &reader.head, &reader.place));
	assert_int_equal(wal_read(reader.fd, &reader.head, &reader.place, ALL, &reader.frames, &shop->fault), 1);
	reader_done(&reader);
}

/* Under load: all is read, moved and let go in one turn, and nothing in between is missed. */
static void a_large_wal_is_turned_over(void **state)
{
	struct shop *shop = *state;
	struct reader reader = reader_of(shop);
	struct keeper_news news;

	shop_record(shop, 1);
	must(shop, keeper_read(reader.keeper, &reader.place, ALL, 1, &reader.frames, &news, &shop->fault));
	assert_true(news.is_turned);
	assert_int_equal(reader.place.frame, news.head.frames);
	shop_record(shop, 2);
	assert_int_equal(keeper_read(reader.keeper, &reader.place, ALL, ALL, &reader.frames, &news, &shop->fault), 1);
	assert_true(news.head.frames < reader.place.frame);
	reader_done(&reader);
}

static void a_wal_index_being_written_is_looked_at_again(void **state)
{
	struct shop *shop = *state;
	struct wal_head head;
	uint8_t index[WAL_INDEX_LEN] = {0};

	(void)shop;
	assert_int_equal(wal_head_read(index, &head), 1);
	index[0] = 1; /* the copies differ */
	assert_int_equal(wal_head_read(index, &head), 1);
}

static void the_guard_lets_go_of_a_wal_that_is_too_large(void **state)
{
	struct shop *shop = *state;
	struct reader reader = reader_of(shop);
	bool was_let_go = false;

	assert_false(keeper_guard(reader.keeper, ALL));
	assert_true(keeper_guard(reader.keeper, 1));
	assert_false(keeper_guard(reader.keeper, 1));
	must(shop, keeper_head(reader.keeper, &reader.head, &was_let_go, &shop->fault));
	assert_true(was_let_go);
	reader_done(&reader);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SHOP_TEST(committed_frames_are_read_once_and_in_order),
		SHOP_TEST(a_small_bite_ends_with_a_transaction),
		SHOP_TEST(what_is_written_and_not_committed_is_not_read),
		SHOP_TEST(a_torn_or_changed_wal_is_a_fault),
		SHOP_TEST(a_wal_is_not_reset_while_it_is_held),
		SHOP_TEST(a_large_wal_is_turned_over),
		SHOP_TEST(a_wal_index_being_written_is_looked_at_again),
		SHOP_TEST(the_guard_lets_go_of_a_wal_that_is_too_large),
	};

	return cmocka_run_group_tests_name("walfile", tests, NULL, NULL);
}
