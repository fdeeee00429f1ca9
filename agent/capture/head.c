#include "capture/head.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/fault.h"
#include "base/text.h"
#include "capture/letters.h"
#include "capture/picture.h"

#define FONT_B_DOTS   9
#define LINE_DOTS     30 /* from line to line */
#define PAGE_DOTS_MAX 65535
#define SAME_LINE     12 /* pieces of a page that stand less apart are on one line */
#define TAB_EVERY     8
#define TAB_STOPS_MAX 32
#define CELL_MAX      255

/* Of one receipt; more is cut short and says so. */
#define RECEIPT_MAX (((size_t)4 << 20) + PICTURE_MAX)
#define LINES_MAX   ((size_t)4000)
#define PIECES_MAX  ((size_t)4096) /* not printed yet: of one line, or of a page in page mode */
#define TEXT_MAX    ((size_t)65536)
#define QR_MAX	    ((size_t)16)
#define QR_LEN_MAX  ((size_t)8192)

enum cells { CELLS_BYTES, CELLS_UTF8, CELLS_CP1258 }; /* how many letters some bytes are */

/* What commands set and a reset clears. */
struct style {
	int page;
	bool is_utf8, is_kanji, is_page_mode;
	uint8_t country;
	int font_dots, width, height, spacing;
	int align, margin, area;
	uint8_t tabs[TAB_STOPS_MAX];
	size_t tab_count;
	bool has_tabs; /* otherwise a stop every TAB_EVERY columns */
	int origin_x, origin_y;
};

/* A run and where it stands: x and end in dots from the margin or the page's edge, y in dots of the page, text in head.text. */
struct piece {
	struct paper_run run;
	int x, end, y, cell;
	size_t at;
};

struct head {
	head_receipt *receipt;
	void *context;
	int dots;
	struct style style;
	bool is_elsewhere; /* what comes is for another device (ESC =) */
	int x, y;	   /* of the next letter; y in page mode */
	int line_align;	   /* as it was at the first letter of the line */
	struct piece *pieces;
	size_t piece_count, piece_room;
	struct bytes text; /* of the pieces */
	struct bytes qr;   /* what the next QR print shows */
	struct picture picture;

	struct arena *arena; /* of this receipt; NULL: nothing came yet */
	struct paper paper;
	struct paper_line *lines;
	size_t line_room;
	struct bytes_ref codes[QR_MAX];
	bool is_lost;
};

static void reset(struct head *head)
{
	head->style = (struct style){
		.page = PRINT_PAGE_NONE, .font_dots = HEAD_LETTER_DOTS, .width = 1, .height = 1, .area = head->dots};
	head->x = head->y = 0;
	head->piece_count = 0;
	bytes_clear(&head->text);
	bytes_clear(&head->qr);
}

struct head *head_new(int dots, head_receipt *receipt, void *context)
{
	struct head *head = calloc(1, sizeof(*head));

	if (!head)
		return NULL;
	head->receipt = receipt;
	head->context = context;
	head->dots = dots;
	bytes_init(&head->text, TEXT_MAX);
	bytes_init(&head->qr, QR_LEN_MAX);
	reset(head);
	return head;
}

void head_free(struct head *head)
{
	if (!head)
		return;
	bytes_done(&head->text);
	bytes_done(&head->qr);
	picture_done(&head->picture);
	arena_free(head->arena);
	free(head->pieces);
	free(head->lines);
	free(head);
}

/* One more element of an array that grows up to @max; false: there is no room. */
static bool has_room(void **array, size_t *room, size_t count, size_t max, size_t size)
{
	size_t more = *room ? *room * 2 : 64;
	void *grown;

	if (count < *room)
		return true;
	if (count >= max)
		return false;
	grown = realloc(*array, more * size);
	if (!grown)
		return false;
	*array = grown;
	*room = more;
	return true;
}

/* ---- letters to pieces ---- */

static int cell_dots(const struct style *style)
{
	return (style->font_dots + style->spacing) * style->width;
}

/* Its tone marks take no cell. */
static bool is_cp1258(int page)
{
	enum page_encoding encoding;
	bool is_upper;

	return page_of_printer(page, &encoding, &is_upper) && encoding == PAGE_CP1258;
}

static enum cells cells_of(const struct style *style, const uint8_t *bytes, size_t len)
{
	size_t ascii = 0;

	while (ascii < len && bytes[ascii] < 0x80)
		ascii++;
	if (ascii == len)
		return CELLS_BYTES;
	if (style->is_utf8 || text_is_utf8(bytes, len))
		return CELLS_UTF8;
	return is_cp1258(style->page) ? CELLS_CP1258 : CELLS_BYTES;
}

/* How many bytes the next letter has; 0 cells in @ret_cells: a mark that stands over the letter before, or a byte order mark. */
static size_t next_letter(const uint8_t *bytes, size_t len, enum cells cells, int *ret_cells)
{
	size_t n = 1;

	*ret_cells = 1;
	if (cells == CELLS_CP1258)
		*ret_cells = memchr("\xcc\xd2\xde\xec\xf2", bytes[0], 5) == NULL;
	if (cells != CELLS_UTF8)
		return 1;
	while (n < len && (bytes[n] & 0xc0) == 0x80)
		n++;
	if (bytes[0] == 0xcc || (bytes[0] == 0xcd && n == 2 && bytes[1] < 0xb0) ||
		(n == 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0))
		*ret_cells = 0;
	return n;
}

/* As many letters as stand on the rest of the line, at least one at its beginning; their dots in @ret_dots. */
static size_t letters_that_fit(
	const struct style *style, int x, const uint8_t *bytes, size_t len, enum cells cells, int *ret_dots)
{
	int cell = cell_dots(style);
	int start = x;
	size_t n = 0;

	while (n < len) {
		int count;
		size_t letter = next_letter(bytes + n, len - n, cells, &count);

		if (x + count * cell > style->area && count > 0 && x > 0)
			break;
		x += count * cell;
		n += letter;
	}
	*ret_dots = x - start;
	return n;
}

static bool goes_on(const struct piece *piece, const struct paper_run *run, int x, int y)
{
	return piece->end == x && piece->y == y && piece->run.page == run->page && piece->run.country == run->country &&
	       piece->run.width == run->width && piece->run.height == run->height &&
	       piece->run.is_kanji == run->is_kanji;
}

static void add_letters(struct head *head, const uint8_t *bytes, size_t len, int dots)
{
	const struct style *style = &head->style;
	int x = head->x + style->origin_x;
	int y = head->y + style->origin_y;
	struct paper_run run = {.page = style->is_utf8 ? PRINT_PAGE_UTF8 : style->page,
		.country = style->country,
		.width = (uint8_t)style->width,
		.height = (uint8_t)style->height,
		.is_kanji = style->is_kanji,
		.len = len};

	if (head->piece_count == 0)
		head->line_align = style->is_page_mode ? 0 : style->align;
	bytes_append(&head->text, bytes, len);
	if (head->text.failed || !has_room((void **)&head->pieces, &head->piece_room, head->piece_count, PIECES_MAX,
					 sizeof(struct piece))) {
		head->paper.is_cut_short = true;
		head->text.failed = false;
	} else if (head->piece_count > 0 && goes_on(&head->pieces[head->piece_count - 1], &run, x, y)) {
		head->pieces[head->piece_count - 1].run.len += len;
		head->pieces[head->piece_count - 1].end += dots;
	} else {
		head->pieces[head->piece_count++] = (struct piece){.run = run,
			.x = x,
			.end = x + dots,
			.y = y,
			.cell = cell_dots(style),
			.at = head->text.len - len};
	}
	head->x += dots;
}

/* ---- pieces to lines ---- */

static int left_to_right(const void *one, const void *two)
{
	const struct piece *a = one;
	const struct piece *b = two;
	int order = (a->y > b->y) - (a->y < b->y);

	if (order == 0)
		order = (a->x > b->x) - (a->x < b->x);
	return order ? order : (a->at > b->at) - (a->at < b->at);
}

static uint8_t cells_in(int dots, int cell)
{
	int cells = dots > 0 ? (dots + cell / 2) / cell : 0;

	return (uint8_t)(cells < CELL_MAX ? cells : CELL_MAX);
}

/* Where the margin and the alignment put a line that ends at @end. */
static int line_start(const struct head *head, int end)
{
	int rest = head->style.area - end;

	if (head->style.is_page_mode)
		return 0;
	return head->style.margin + (rest <= 0			    ? 0
					    : head->line_align == 1 ? rest / 2
					    : head->line_align == 2 ? rest
								    : 0);
}

static void add_line(struct head *head, const struct piece *pieces, size_t count)
{
	struct paper_run *runs = NULL;
	int end = 0;
	int start;

	if (!has_room((void **)&head->lines, &head->line_room, head->paper.line_count, LINES_MAX,
		    sizeof(struct paper_line)) ||
		(count > 0 && !(runs = ARENA_ARRAY(head->arena, struct paper_run, count)))) {
		head->paper.is_cut_short = true;
		return;
	}
	for (size_t i = 0; i < count; i++)
		end = pieces[i].end > end ? pieces[i].end : end;
	start = line_start(head, end);
	end = -start;
	for (size_t i = 0; i < count; i++) {
		const struct piece *piece = &pieces[i];

		runs[i] = piece->run;
		runs[i].column = (uint8_t)((start + piece->x) / HEAD_LETTER_DOTS < CELL_MAX
						   ? (start + piece->x) / HEAD_LETTER_DOTS
						   : CELL_MAX);
		runs[i].gap = cells_in(piece->x - end, piece->cell);
		runs[i].bytes = (const uint8_t *)arena_copy(head->arena, head->text.data + piece->at, piece->run.len);
		if (!runs[i].bytes) {
			head->paper.is_cut_short = true;
			return;
		}
		for (size_t j = 0; !head->paper.is_printed && j < piece->run.len; j++)
			head->paper.is_printed = runs[i].bytes[j] > ' ';
		if (piece->x + piece->cell / 2 < end)
			head->paper.unread++; /* printed over one another: nobody can say what stands there */
		end = piece->end > end ? piece->end : end;
	}
	head->lines[head->paper.line_count++] = (struct paper_line){runs, count};
}

static void sort_pieces(struct piece *pieces, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (left_to_right(&pieces[i - 1], &pieces[i]) > 0) {
			qsort(pieces, count, sizeof(*pieces), left_to_right);
			return;
		}
}

/* What was not printed is printed: one line, or the lines of a page from top to bottom. */
static void print_pieces(struct head *head)
{
	struct piece *pieces = head->pieces;
	size_t count = head->piece_count;

	sort_pieces(pieces, count);
	for (size_t from = 0; from < count;) {
		size_t to = from + 1;

		while (to < count && pieces[to].y - pieces[from].y < SAME_LINE)
			to++;
		for (size_t i = from + 1; i < to; i++)
			pieces[i].y = pieces[from].y;
		sort_pieces(pieces + from, to - from);
		add_line(head, pieces + from, to - from);
		from = to;
	}
	head->piece_count = 0;
	bytes_clear(&head->text);
}

/* Down the page, which has an end. */
static void move_down(struct head *head, int dots)
{
	head->y += dots;
	if (head->y < 0 || head->y > PAGE_DOTS_MAX)
		head->y = head->y < 0 ? 0 : PAGE_DOTS_MAX;
}

static void new_line(struct head *head)
{
	if (head->style.is_page_mode) {
		move_down(head, LINE_DOTS * head->style.height);
	} else if (head->piece_count == 0) {
		add_line(head, NULL, 0);
	} else {
		print_pieces(head);
	}
	head->x = 0;
}

/* ---- receipts ---- */

static bool begin_receipt(struct head *head, uint64_t offset)
{
	if (head->arena)
		return true;
	head->arena = arena_new(RECEIPT_MAX);
	head->is_lost |= !head->arena;
	picture_begin(&head->picture, head->dots);
	head->paper = (struct paper){.columns = head->dots / HEAD_LETTER_DOTS, .offset = offset, .end = offset};
	return head->arena != NULL;
}

static void end_receipt(struct head *head)
{
	struct paper *paper = &head->paper;
	struct arena *arena = head->arena;
	struct paper_line *lines;
	struct bytes_ref *codes;
	struct paper *told;

	if (!arena)
		return;
	head->arena = NULL;
	if (!head->paper.is_printed && paper->qr_count == 0 && paper->raster_rows == 0 && paper->unread == 0 &&
		!paper->has_drawer) {
		arena_free(arena);
		return;
	}
	lines = ARENA_ARRAY(arena, struct paper_line, paper->line_count + 1);
	codes = ARENA_ARRAY(arena, struct bytes_ref, paper->qr_count + 1);
	told = ARENA_NEW(arena, struct paper);
	if (!lines || !codes || !told || !picture_keep(&head->picture, arena, &paper->picture)) {
		head->is_lost = true;
		arena_free(arena);
		return;
	}
	if (paper->line_count > 0)
		memcpy(lines, head->lines, paper->line_count * sizeof(*lines));
	memcpy(codes, head->codes, paper->qr_count * sizeof(*codes));
	paper->lines = lines;
	paper->qr = codes;
	paper->is_cut_short |= head->picture.is_cut_short;
	*told = *paper;
	head->receipt(head->context, arena, told);
}

/* ---- events ---- */

static void on_text(struct head *head, const struct print_event *event)
{
	enum cells cells = cells_of(&head->style, event->bytes, event->len);
	size_t at = 0;

	for (size_t i = 0; i < event->len; i++)
		head->paper.text_bytes += event->bytes[i] >= 0x20;
	while (at < event->len) {
		int dots;
		size_t n = letters_that_fit(&head->style, head->x, event->bytes + at, event->len - at, cells, &dots);

		if (n > 0)
			add_letters(head, event->bytes + at, n, dots);
		at += n;
		if (at < event->len)
			new_line(head);
	}
}

static void on_line_feed(struct head *head, const struct print_event *event)
{
	(void)event;
	new_line(head);
	picture_feed(&head->picture, LINE_DOTS);
}

/* Paper that is fed makes no lines, but what waits is printed. */
static void on_feed(struct head *head, const struct print_event *event)
{
	if (head->piece_count > 0)
		new_line(head);
	picture_feed(&head->picture, event->value[0] * LINE_DOTS + event->value[1]);
}

static void on_form_feed(struct head *head, const struct print_event *event)
{
	print_pieces(head);
	head->x = head->y = 0;
	if (event->value[0] == 0)
		head->style.is_page_mode = false;
	if (!head->style.is_page_mode)
		head->style.origin_x = head->style.origin_y = 0;
}

/* Also what leaving page mode does to a page that was not printed. */
static void on_cancel(struct head *head, const struct print_event *event)
{
	(void)event;
	if (!head->style.is_page_mode)
		return;
	head->piece_count = 0;
	bytes_clear(&head->text);
	head->x = head->y = 0;
}

static void on_page_mode(struct head *head, const struct print_event *event)
{
	if (event->value[0] == head->style.is_page_mode)
		return;
	if (event->value[0])
		on_feed(head, event);
	else
		on_cancel(head, event);
	head->style.is_page_mode = event->value[0];
	head->x = head->y = head->style.origin_x = head->style.origin_y = 0;
}

static void on_page_area(struct head *head, const struct print_event *event)
{
	if (!head->style.is_page_mode)
		return;
	head->style.origin_x = event->value[0];
	head->style.origin_y = event->value[1];
	head->x = head->y = 0;
}

static void on_page_y(struct head *head, const struct print_event *event)
{
	if (!head->style.is_page_mode)
		return;
	if (event->kind == PRINT_PAGE_Y)
		head->y = 0;
	move_down(head, event->value[0]);
}

static void on_tab(struct head *head, const struct print_event *event)
{
	int cell = cell_dots(&head->style);
	int column = head->x / cell;
	int stop = head->style.has_tabs ? column : (column / TAB_EVERY + 1) * TAB_EVERY;

	(void)event;
	for (size_t i = 0; i < head->style.tab_count && stop <= column; i++)
		stop = head->style.tabs[i];
	if (stop > column && stop * cell < head->style.area)
		head->x = stop * cell;
}

static void on_tabs(struct head *head, const struct print_event *event)
{
	head->style.has_tabs = true;
	head->style.tab_count = event->len < TAB_STOPS_MAX ? event->len : TAB_STOPS_MAX;
	if (event->len > 0)
		memcpy(head->style.tabs, event->bytes, head->style.tab_count);
}

static void on_move(struct head *head, const struct print_event *event)
{
	int x = event->kind == PRINT_ABSOLUTE ? event->value[0] : head->x + event->value[0];

	if (x >= 0 && x <= head->style.area)
		head->x = x;
}

static void on_page(struct head *head, const struct print_event *event)
{
	head->style.is_utf8 = event->value[0] == PRINT_PAGE_UTF8;
	if (event->value[0] >= 0 && !head->style.is_utf8)
		head->style.page = event->value[0];
}

static void on_style(struct head *head, const struct print_event *event)
{
	struct style *style = &head->style;
	int value = event->value[0];

	if (event->kind == PRINT_COUNTRY)
		style->country = (uint8_t)value;
	else if (event->kind == PRINT_KANJI)
		style->is_kanji = value;
	else if (event->kind == PRINT_FONT)
		style->font_dots = value ? FONT_B_DOTS : HEAD_LETTER_DOTS;
	else if (event->kind == PRINT_SPACING)
		style->spacing = value;
	else
		style->align = value;
}

static void on_size(struct head *head, const struct print_event *event)
{
	if (event->value[0] > 0)
		head->style.width = event->value[0];
	if (event->value[1] > 0)
		head->style.height = event->value[1];
}

/* A margin leaves at least one letter. */
static void on_margin(struct head *head, const struct print_event *event)
{
	struct style *style = &head->style;
	int room = head->dots - HEAD_LETTER_DOTS;

	if (event->kind == PRINT_MARGIN)
		style->margin = event->value[0] < room ? event->value[0] : room > 0 ? room : 0;
	else
		style->area = event->value[0];
	if (style->area > head->dots - style->margin)
		style->area = head->dots - style->margin;
	if (style->area < HEAD_LETTER_DOTS)
		style->area = HEAD_LETTER_DOTS;
}

static void on_raster(struct head *head, const struct print_event *event)
{
	head->paper.raster_rows += (size_t)event->value[1];
	picture_band(&head->picture, event, head->style.align == 0 ? head->style.margin : -head->style.align);
}

static void on_qr(struct head *head, const struct print_event *event)
{
	bytes_clear(&head->qr);
	bytes_append(&head->qr, event->bytes, event->len);
}

static void on_qr_print(struct head *head, const struct print_event *event)
{
	const char *copy;

	(void)event;
	if (head->qr.len == 0 && !head->qr.failed)
		return;
	copy = arena_copy(head->arena, head->qr.data, head->qr.len);
	if (!copy || head->qr.failed || head->paper.qr_count == QR_MAX)
		head->paper.is_cut_short = true;
	else
		head->codes[head->paper.qr_count++] = (struct bytes_ref){(const uint8_t *)copy, head->qr.len};
}

static void on_drawer(struct head *head, const struct print_event *event)
{
	(void)event;
	head->paper.has_drawer = true;
}

static void on_unread(struct head *head, const struct print_event *event)
{
	(void)event;
	head->paper.unread++;
}

static void on_cut(struct head *head, const struct print_event *event)
{
	on_feed(head, event);
	head->paper.has_cut = true;
	end_receipt(head);
}

/* What was not printed is gone, as in a printer; what was printed is a receipt of its own. */
static void on_reset(struct head *head, const struct print_event *event)
{
	if (head->paper.is_printed) {
		head->paper.end = event->offset;
		end_receipt(head);
		(void)begin_receipt(head, event->offset);
	}
	reset(head);
}

static void (*const handlers[PRINT_KINDS])(struct head *head, const struct print_event *event) = {
	[PRINT_TEXT] = on_text,
	[PRINT_LINE_FEED] = on_line_feed,
	[PRINT_FEED] = on_feed,
	[PRINT_TAB] = on_tab,
	[PRINT_FORM_FEED] = on_form_feed,
	[PRINT_CANCEL] = on_cancel,
	[PRINT_RESET] = on_reset,
	[PRINT_PAGE] = on_page,
	[PRINT_COUNTRY] = on_style,
	[PRINT_KANJI] = on_style,
	[PRINT_FONT] = on_style,
	[PRINT_SPACING] = on_style,
	[PRINT_ALIGN] = on_style,
	[PRINT_SIZE] = on_size,
	[PRINT_MARGIN] = on_margin,
	[PRINT_WIDTH] = on_margin,
	[PRINT_TABS] = on_tabs,
	[PRINT_ABSOLUTE] = on_move,
	[PRINT_RELATIVE] = on_move,
	[PRINT_PAGE_MODE] = on_page_mode,
	[PRINT_PAGE_AREA] = on_page_area,
	[PRINT_PAGE_Y] = on_page_y,
	[PRINT_PAGE_Y_MOVE] = on_page_y,
	[PRINT_RASTER] = on_raster,
	[PRINT_QR] = on_qr,
	[PRINT_QR_PRINT] = on_qr_print,
	[PRINT_CUT] = on_cut,
	[PRINT_DRAWER] = on_drawer,
	[PRINT_UNKNOWN] = on_unread,
	[PRINT_GARBAGE] = on_unread,
	[PRINT_INCOMPLETE] = on_unread,
};

void head_event(void *context, const struct print_event *event)
{
	struct head *head = context;

	if (event->kind == PRINT_DEVICE)
		head->is_elsewhere = event->value[0] == 0;
	if (head->is_elsewhere || !handlers[event->kind] || !begin_receipt(head, event->offset))
		return;
	head->paper.end =
		event->offset + event->length > head->paper.end ? event->offset + event->length : head->paper.end;
	handlers[event->kind](head, event);
}

void head_state(const struct head *head, struct print_state *ret)
{
	const struct style *style = &head->style;

	*ret = (struct print_state){.page = style->page,
		.is_utf8 = style->is_utf8,
		.country = style->country,
		.align = (uint8_t)style->align,
		.font = style->font_dots == FONT_B_DOTS,
		.width = (uint8_t)style->width,
		.height = (uint8_t)style->height,
		.is_kanji = style->is_kanji};
}

int head_end(struct head *head)
{
	bool is_lost;

	if (head->arena && !head->style.is_page_mode && head->piece_count > 0)
		new_line(head);
	end_receipt(head);
	is_lost = head->is_lost;
	head->is_lost = false;
	return is_lost ? FAULT_MEMORY : 0;
}
