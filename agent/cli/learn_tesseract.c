#include "cli/learn_tesseract.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/png.h"

#define SCALE	   3 /* tesseract is trained on letters that are larger than a receipt's */
#define PNG_MAX	   ((size_t)64 << 20)
#define OUTPUT_MAX ((size_t)4 << 20)
#define WORD_LEVEL 5
#define COLUMNS	   11 /* in front of the word: level .. left, top, width, height, confidence */
#define COLUMN_TOP 7

extern char **environ;

/* Each dot as a square of SCALE dots with white around: a picture of its own in @arena; NULL without memory. */
static uint8_t *enlarge(struct arena *arena, const struct paper_picture *picture, struct paper_picture *ret)
{
	size_t stride = (size_t)(picture->width + 7) / 8;
	size_t wide;
	uint8_t *dots;

	*ret = (struct paper_picture){.width = picture->width * SCALE, .rows = picture->rows * SCALE};
	wide = (size_t)(ret->width + 7) / 8;
	dots = arena_alloc(arena, wide * ret->rows);
	for (size_t row = 0; dots && row < ret->rows; row++)
		for (int x = 0; x < ret->width; x++)
			if (picture->dots[row / SCALE * stride + (size_t)(x / SCALE / 8)] >> (7 - x / SCALE % 8) & 1)
				dots[row * wide + (size_t)x / 8] |= (uint8_t)(0x80 >> x % 8);
	ret->dots = dots;
	return dots;
}

/* A file without a name that holds the PNG; < 0 a failure. */
static int picture_file(const struct paper_picture *picture, struct fault *fault)
{
	BYTES_CLEANUP struct bytes png = {.max = PNG_MAX};
	CLEANUP(arena_freep) struct arena *arena = arena_new(PNG_MAX);
	struct paper_picture large;
	FILE *file = tmpfile();
	int fd = -1;

	if (arena && enlarge(arena, picture, &large))
		png_write(&large, &png);
	if (file && png.len > 0 && !png.failed && fwrite(png.data, 1, png.len, file) == png.len && fflush(file) == 0)
		fd = fcntl(fileno(file), F_DUPFD, 3);
	if (file)
		fclose(file);
	if (fd >= 0)
		lseek(fd, 0, SEEK_SET);
	return fd >= 0 ? fd : FAULT(fault, FAULT_IO, "a picture cannot be handed to tesseract: %s", strerror(errno));
}

/* tesseract with the picture as its input and @out as its output; 0 or what posix_spawn() says. */
static int spawn(int in, int out, pid_t *ret)
{
	static const char *const arguments[] = {
		"tesseract", "stdin", "stdout", "-l", "vie", "--psm", "6", "--dpi", "300", "tsv", NULL};
	posix_spawn_file_actions_t actions;
	int result = posix_spawn_file_actions_init(&actions);

	if (result)
		return result;
	result = posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
	if (result == 0)
		result = posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	if (result == 0)
		result = posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	if (result == 0)
		result = posix_spawn_file_actions_addclosefrom_np(&actions, 3);
	if (result == 0)
		result = posix_spawnp(ret, arguments[0], &actions, NULL, (char *const *)arguments, environ);
	posix_spawn_file_actions_destroy(&actions);
	return result;
}

static int take_output(int fd, struct bytes *out, struct fault *fault)
{
	char block[4096];
	ssize_t n;

	while ((n = read(fd, block, sizeof(block))) > 0 || (n < 0 && errno == EINTR))
		if (n > 0)
			bytes_append(out, block, (size_t)n);
	return n < 0 ? FAULT(fault, FAULT_IO, "tesseract cannot be read: %s", strerror(errno))
		     : bytes_check(out, "what tesseract read", fault);
}

/* What it says of @picture; 1: it is not there, or not with its Vietnamese. */
static int run(const struct paper_picture *picture, struct bytes *out, struct fault *fault)
{
	int fds[2];
	int status = 1;
	pid_t pid = 0;
	int in = picture_file(picture, fault);
	int result;

	if (in < 0)
		return in;
	if (pipe2(fds, O_CLOEXEC) < 0) {
		close(in);
		return FAULT(fault, FAULT_IO, "no pipe for tesseract: %s", strerror(errno));
	}
	result = spawn(in, fds[1], &pid) ? 1 : 0;
	close(in);
	close(fds[1]);
	if (result == 0)
		result = take_output(fds[0], out, fault);
	close(fds[0]);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return result ? result : status != 0;
}

/* The line whose letters stand nearest to @y dots from above. */
static size_t line_at(const struct learn_picture *bill, int y)
{
	size_t nearest = 0;
	int least = INT_MAX;

	for (size_t i = 0; i < bill->count; i++) {
		const struct shape *shape = &bill->lines[i].shapes[0];
		int top = shape->y, bottom = shape->y + shape->height;
		int away;

		for (size_t j = 1; j < bill->lines[i].count; j++) {
			shape = &bill->lines[i].shapes[j];
			top = shape->y < top ? shape->y : top;
			bottom = shape->y + shape->height > bottom ? shape->y + shape->height : bottom;
		}
		away = abs(top + bottom - 2 * y);
		if (away < least) {
			least = away;
			nearest = i;
		}
	}
	return nearest;
}

/* A row of the table: tabs between its numbers and the word. false without memory. */
static bool take_row(struct learn_picture *bill, char *row)
{
	int numbers[COLUMNS] = {0};
	const char *word;
	size_t line;

	for (int i = 0; i < COLUMNS; i++) {
		char *tab = strchr(row, '\t');

		if (!tab)
			return true;
		numbers[i] = (int)strtol(row, NULL, 10);
		row = tab + 1;
	}
	if (numbers[0] != WORD_LEVEL || text_clean(bill->arena, row, strlen(row), 0, &word) != TEXT_OK || !word[0])
		return true;
	line = line_at(bill, (numbers[COLUMN_TOP] + numbers[COLUMN_TOP + 2] / 2) / SCALE);
	bill->texts[line] = bill->texts[line] ? arena_printf(bill->arena, "%s %s", bill->texts[line], word) : word;
	return bill->texts[line] != NULL;
}

int learn_tesseract(struct learn_picture *bill, const struct cli *cli, struct fault *fault)
{
	BYTES_CLEANUP struct bytes out = {.max = OUTPUT_MAX};
	int result = run(&bill->picture, &out, fault);

	if (result > 0)
		return cli_fail(cli, CLI_FAILURE, "%s",
			SAY(cli,
				"tesseract, which reads pictures, is not there or has no Vietnamese: apt-get install "
				"tesseract-ocr "
				"tesseract-ocr-vie; or write what stands on the bills into the file of --text",
				"không có tesseract, chương trình đọc hình, hoặc thiếu tiếng Việt: apt-get install "
				"tesseract-ocr "
				"tesseract-ocr-vie; hoặc tự ghi chữ trên phiếu vào tệp của --text"));
	for (char *row = (char *)out.data; result == 0 && row;) {
		char *end = strchr(row, '\n');

		if (end)
			*end++ = '\0';
		if (!take_row(bill, row))
			return FAULT(fault, FAULT_MEMORY, "no memory for what tesseract read");
		row = end;
	}
	return result;
}
