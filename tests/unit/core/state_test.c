/* House section 5: the words of every state and the moves between them. */
#include "cases.h"

#include "core/state.h"

#define MOVES_MAX 8

struct machine {
	int count;
	const char *(*word)(int);
	bool (*may_move)(int, int);
	int moves[MOVES_MAX][2]; /* allowed, all others are not */
	int move_count;
};

static void assert_machine(const struct machine *machine)
{
	for (int from = -1; from <= machine->count; from++) {
		for (int to = -1; to <= machine->count; to++) {
			bool is_allowed = false;

			for (int i = 0; i < machine->move_count; i++)
				is_allowed |= machine->moves[i][0] == from && machine->moves[i][1] == to;
			if (machine->may_move(from, to) != is_allowed)
				fail_msg("%s -> %s", machine->word(from), machine->word(to));
		}
	}
	assert_string_equal(machine->word(-1), "?");
	assert_string_equal(machine->word(machine->count), "?");
}

static void a_frame_is_decoded_or_refused_once(void **state)
{
	static const struct machine machine = {FRAME_STATE_COUNT, frame_state_word, frame_may_move,
		{{FRAME_KEPT, FRAME_DECODED}, {FRAME_KEPT, FRAME_REFUSED}}, 2};

	(void)state;
	assert_machine(&machine);
	assert_string_equal(frame_state_word(FRAME_KEPT), "kept");
	assert_string_equal(frame_state_word(FRAME_REFUSED), "refused");
}

static void a_sale_is_issued_at_once_or_after_it_was_parked(void **state)
{
	static const struct machine machine = {SALE_STATE_COUNT, sale_state_word, sale_may_move,
		{{SALE_STATE_RECEIVED, SALE_STATE_ISSUED}, {SALE_STATE_RECEIVED, SALE_STATE_PARKED},
			{SALE_STATE_RECEIVED, SALE_STATE_IGNORED}, {SALE_STATE_PARKED, SALE_STATE_ISSUED},
			{SALE_STATE_PARKED, SALE_STATE_IGNORED}},
		5};

	(void)state;
	assert_machine(&machine);
	assert_string_equal(sale_state_word(SALE_STATE_PARKED), "parked");
}

static void an_invoice_never_leaves_accepted_or_refused(void **state)
{
	static const struct machine machine = {INVOICE_STATE_COUNT, invoice_state_word, invoice_may_move,
		{{INVOICE_ISSUED, INVOICE_ACCEPTED}, {INVOICE_ISSUED, INVOICE_REFUSED}}, 2};

	(void)state;
	assert_machine(&machine);
	assert_string_equal(invoice_state_word(INVOICE_ACCEPTED), "accepted");
}

static void a_message_of_unknown_outcome_can_go_back_to_sent(void **state)
{
	static const struct machine machine = {MESSAGE_STATE_COUNT, message_state_word, message_may_move,
		{{MESSAGE_MADE, MESSAGE_SENT}, {MESSAGE_SENT, MESSAGE_UNKNOWN}, {MESSAGE_SENT, MESSAGE_ANSWERED},
			{MESSAGE_SENT, MESSAGE_REFUSED}, {MESSAGE_UNKNOWN, MESSAGE_SENT},
			{MESSAGE_UNKNOWN, MESSAGE_ANSWERED}, {MESSAGE_UNKNOWN, MESSAGE_REFUSED}},
		7};

	(void)state;
	assert_machine(&machine);
	assert_string_equal(message_state_word(MESSAGE_UNKNOWN), "unknown");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_frame_is_decoded_or_refused_once),
		cmocka_unit_test(a_sale_is_issued_at_once_or_after_it_was_parked),
		cmocka_unit_test(an_invoice_never_leaves_accepted_or_refused),
		cmocka_unit_test(a_message_of_unknown_outcome_can_go_back_to_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
