/* The state table: the main path exactly, and rules that hold in every row of the product. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "smtp/dialogue.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define S(NAME)  SMTP_STATE_##NAME
#define V(NAME)  SMTP_VERB_##NAME
#define C(NAME)  SMTP_CLASS_##NAME

/* --- exact expectations --- */

struct step {
	enum smtp_state from;
	enum smtp_verb verb;
	enum smtp_reply_class class;
	int code;
	enum smtp_state greeted, not_greeted; /* where it leads in either case */
};

static const struct step steps[] = {
        {S(CONNECTED), V(CONNECT), C(2), 220, S(GREETED), S(GREETED)},
        {S(CONNECTED), V(CONNECT), C(3), 354, S(LEAVING), S(LEAVING)},
        {S(CONNECTED), V(CONNECT), C(4), 421, S(LEAVING), S(LEAVING)},
        {S(CONNECTED), V(CONNECT), C(4), 450, S(LEAVING), S(LEAVING)},
        {S(CONNECTED), V(CONNECT), C(5), 554, S(LEAVING), S(LEAVING)},
        {S(GREETED), V(HELO), C(2), 250, S(READY), S(READY)},
        {S(GREETED), V(EHLO), C(2), 250, S(READY), S(READY)},
        {S(GREETED), V(LHLO), C(2), 250, S(READY), S(READY)},
        {S(GREETED), V(EHLO), C(5), 502, S(GREETED), S(GREETED)},
        {S(GREETED), V(MAIL), C(2), 250, S(MAIL), S(MAIL)},
        {S(GREETED), V(MAIL), C(5), 503, S(GREETED), S(GREETED)},
        {S(READY), V(MAIL), C(2), 250, S(MAIL), S(MAIL)},
        {S(READY), V(MAIL), C(4), 451, S(READY), S(READY)},
        {S(READY), V(RCPT), C(5), 503, S(READY), S(READY)},
        {S(READY), V(DATA), C(5), 503, S(READY), S(READY)},
        {S(MAIL), V(RCPT), C(2), 250, S(RCPT), S(RCPT)},
        {S(MAIL), V(RCPT), C(2), 251, S(RCPT), S(RCPT)},
        {S(MAIL), V(RCPT), C(5), 550, S(MAIL), S(MAIL)},
        {S(MAIL), V(DATA), C(5), 554, S(MAIL), S(MAIL)},
        {S(MAIL), V(MAIL), C(5), 503, S(MAIL), S(MAIL)},
        {S(RCPT), V(RCPT), C(5), 550, S(RCPT), S(RCPT)},
        {S(RCPT), V(MAIL), C(2), 250, S(MAIL), S(MAIL)},
        {S(RCPT), V(DATA), C(3), 354, S(MESSAGE), S(MESSAGE)},
        {S(RCPT), V(DATA), C(2), 250, S(RCPT), S(RCPT)},
        {S(RCPT), V(DATA), C(3), 334, S(RCPT), S(RCPT)},
        {S(RCPT), V(DATA), C(4), 451, S(RCPT), S(RCPT)},
        {S(RCPT), V(RSET), C(2), 250, S(READY), S(GREETED)},
        {S(RCPT), V(RSET), C(5), 500, S(RCPT), S(RCPT)},
        {S(RCPT), V(EHLO), C(2), 250, S(READY), S(READY)},
        {S(RCPT), V(NOOP), C(2), 250, S(RCPT), S(RCPT)},
        {S(RCPT), V(NOOP), C(3), 354, S(RCPT), S(RCPT)},
        {S(RCPT), V(UNKNOWN), C(5), 500, S(RCPT), S(RCPT)},
        {S(RCPT), V(MESSAGE), C(2), 250, S(READY), S(GREETED)},
        {S(MESSAGE), V(MESSAGE), C(2), 250, S(READY), S(GREETED)},
        {S(MESSAGE), V(MESSAGE), C(4), 451, S(READY), S(GREETED)},
        {S(MESSAGE), V(MESSAGE), C(5), 550, S(READY), S(GREETED)},
        {S(MESSAGE), V(MESSAGE), C(4), 421, S(LEAVING), S(LEAVING)},
        {S(MESSAGE), V(UNKNOWN), C(5), 552, S(MESSAGE), S(MESSAGE)},
        {S(READY), V(AUTH), C(3), 334, S(AUTH), S(AUTH)},
        {S(READY), V(AUTH), C(2), 235, S(READY), S(READY)},
        {S(READY), V(AUTH), C(5), 535, S(READY), S(READY)},
        {S(AUTH), V(ANSWER), C(3), 334, S(AUTH), S(AUTH)},
        {S(AUTH), V(ANSWER), C(2), 235, S(READY), S(GREETED)},
        {S(AUTH), V(ANSWER), C(5), 535, S(READY), S(GREETED)},
        {S(AUTH), V(ANSWER), C(5), 501, S(READY), S(GREETED)},
        {S(READY), V(STARTTLS), C(2), 220, S(TLS), S(TLS)},
        {S(READY), V(STARTTLS), C(2), 250, S(READY), S(READY)},
        {S(READY), V(STARTTLS), C(2), 200, S(READY), S(READY)},
        {S(READY), V(STARTTLS), C(3), 354, S(READY), S(READY)},
        {S(READY), V(STARTTLS), C(4), 454, S(READY), S(READY)},
        {S(READY), V(STARTTLS), C(5), 502, S(READY), S(READY)},
        {S(READY), V(QUIT), C(2), 221, S(LEAVING), S(LEAVING)},
        {S(READY), V(QUIT), C(2), 250, S(LEAVING), S(LEAVING)},
        {S(READY), V(QUIT), C(5), 500, S(READY), S(READY)},
        {S(GREETED), V(UNKNOWN), C(2), 221, S(LEAVING), S(LEAVING)},
        {S(LEAVING), V(QUIT), C(2), 221, S(LEAVING), S(LEAVING)},
        {S(LEAVING), V(EHLO), C(2), 250, S(LEAVING), S(LEAVING)},
        {S(LEAVING), V(UNKNOWN), C(EOF), 0, S(CLOSED), S(CLOSED)},
        {S(BROKEN), V(UNKNOWN), C(EOF), 0, S(CLOSED), S(CLOSED)},
};

static void the_main_path_leads_where_it_should(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(steps); i++) {
		const struct step *s = &steps[i];

		assert_int_equal(smtp_state_next(s->from, s->verb, s->class, s->code, true, false),
		                 s->greeted);
		assert_int_equal(smtp_state_next(s->from, s->verb, s->class, s->code, false, false),
		                 s->not_greeted);
	}
}

static void auth_inside_a_transaction_returns_to_it(void **state)
{
	(void)state;
	assert_int_equal(smtp_state_next(S(AUTH), V(ANSWER), C(2), 235, true, true), S(RCPT));
	assert_int_equal(smtp_state_next(S(AUTH), V(ANSWER), C(5), 535, true, true), S(RCPT));
}

/* --- the whole product --- */

static const int codes_2[] = {200, 211, 220, 221, 235, 250, 251, 252};
static const int codes_3[] = {334, 354, 300};
static const int codes_4[] = {421, 450, 451, 454};
static const int codes_5[] = {500, 503, 530, 550, 554, 559};
static const int codes_none[] = {0};

static const struct {
	const int *list;
	size_t count;
} codes[SMTP_CLASS_COUNT] = {
        [SMTP_CLASS_2] = {codes_2, COUNT(codes_2)}, [SMTP_CLASS_3] = {codes_3, COUNT(codes_3)},
        [SMTP_CLASS_4] = {codes_4, COUNT(codes_4)}, [SMTP_CLASS_5] = {codes_5, COUNT(codes_5)},
        [SMTP_CLASS_BROKEN] = {codes_none, 1},      [SMTP_CLASS_EOF] = {codes_none, 1},
        [SMTP_CLASS_TIMEOUT] = {codes_none, 1},
};

struct walked {
	enum smtp_state from;
	enum smtp_verb verb;
	enum smtp_reply_class class;
	int code;
	bool greeted, recipients;
	enum smtp_state to;
};

static void ends_absorb(const struct walked *w)
{
	if (w->from == S(CLOSED) || w->class == C(EOF))
		assert_int_equal(w->to, S(CLOSED));
	else if (w->from == S(BROKEN) || w->class == C(BROKEN) || w->class == C(TIMEOUT))
		assert_int_equal(w->to, S(BROKEN));
	else if (w->from == S(LEAVING) || w->from == S(TLS))
		assert_int_equal(w->to, w->from);
}

static void each_state_has_its_only_door(const struct walked *w)
{
	if (w->to == w->from)
		return;
	assert_int_not_equal(w->to, S(CONNECTED));
	if (w->to == S(MESSAGE)) {
		assert_int_equal(w->verb, V(DATA));
		assert_int_equal(w->code, 354);
	}
	if (w->to == S(AUTH)) {
		assert_int_equal(w->verb, V(AUTH));
		assert_int_equal(w->code, 334);
	}
	if (w->to == S(TLS)) {
		assert_int_equal(w->verb, V(STARTTLS));
		assert_int_equal(w->code, 220);
	}
	if (w->to == S(MAIL))
		assert_int_equal(w->verb, V(MAIL));
	if (w->to == S(RCPT))
		assert_true(w->verb == V(RCPT) || (w->from == S(AUTH) && w->recipients));
	if (w->to == S(CLOSED))
		assert_int_equal(w->class, C(EOF));
}

static void a_refusal_changes_little(const struct walked *w)
{
	if (w->class != C(4) && w->class != C(5))
		return;
	if (w->from == S(CONNECTED) || w->from == S(MESSAGE) || w->from == S(AUTH))
		return;
	if (w->code != 421)
		assert_int_equal(w->to, w->from);
}

static void farewells_are_heard_everywhere(const struct walked *w)
{
	if (w->from == S(TLS) || w->from == S(BROKEN) || w->from == S(CLOSED))
		return;
	if (w->code == 421 || w->code == 221)
		assert_int_equal(w->to, S(LEAVING));
}

static void greeted_decides_only_about_idle(const struct walked *w)
{
	enum smtp_state other =
	        smtp_state_next(w->from, w->verb, w->class, w->code, !w->greeted, w->recipients);

	if (other == w->to)
		return;
	assert_int_equal(w->to, w->greeted ? S(READY) : S(GREETED));
	assert_int_equal(other, w->greeted ? S(GREETED) : S(READY));
}

static void check_walked(const struct walked *w)
{
	assert_in_range(w->to, 0, SMTP_STATE_COUNT - 1);
	ends_absorb(w);
	each_state_has_its_only_door(w);
	a_refusal_changes_little(w);
	farewells_are_heard_everywhere(w);
	greeted_decides_only_about_idle(w);
}

static size_t walk_codes(struct walked w)
{
	for (size_t i = 0; i < codes[w.class].count; i++) {
		for (int flags = 0; flags < 4; flags++) {
			w.code = codes[w.class].list[i];
			w.greeted = flags & 1;
			w.recipients = flags & 2;
			w.to = smtp_state_next(w.from, w.verb, w.class, w.code, w.greeted,
			                       w.recipients);
			check_walked(&w);
		}
	}
	return codes[w.class].count * 4;
}

static void the_whole_product_keeps_the_rules(void **state)
{
	size_t walked = 0, per_pair = 0;

	(void)state;
	for (int c = 0; c < SMTP_CLASS_COUNT; c++)
		per_pair += codes[c].count * 4;
	for (int from = 0; from < SMTP_STATE_COUNT; from++)
		for (int verb = 0; verb < SMTP_VERB_COUNT; verb++)
			for (int class = 0; class < SMTP_CLASS_COUNT; class ++)
				walked += walk_codes(
				        (struct walked){.from = (enum smtp_state)from,
				                        .verb = (enum smtp_verb)verb,
				                        .class = (enum smtp_reply_class) class});
	assert_int_equal(walked, SMTP_STATE_COUNT * SMTP_VERB_COUNT * per_pair);
}

static void every_state_has_a_name(void **state)
{
	(void)state;
	for (int s = 0; s < SMTP_STATE_COUNT; s++) {
		const char *name = smtp_state_name((enum smtp_state)s);

		assert_true(strlen(name) > 2);
		assert_int_equal(smtp_state_find(span_of(name)), s);
	}
	assert_int_equal(smtp_state_find(SPAN("nowhere")), SMTP_STATE_COUNT);
	assert_int_equal(smtp_state_find(SPAN("")), SMTP_STATE_COUNT);
	assert_string_equal(smtp_state_name(SMTP_STATE_COUNT), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_main_path_leads_where_it_should),
	        cmocka_unit_test(auth_inside_a_transaction_returns_to_it),
	        cmocka_unit_test(the_whole_product_keeps_the_rules),
	        cmocka_unit_test(every_state_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
