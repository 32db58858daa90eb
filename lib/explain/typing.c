/*
 * A remark has two parts: what the line looks like (always true), and what the answer tells about
 * it. A refusal is put down to the form of the line only when the reply is of the kind that speaks
 * about form: a 450 after a path without brackets has other reasons.
 *
 * The order of the [fault …] sections in the file is their order of importance; at most two are
 * told, and only one when it says `Alone: yes` or when the server did not mind.
 */
#include "explain/typing.h"

#include <stdlib.h>

#include "explain/explain.h"

enum answer {
	ANSWER_NONE,
	ANSWER_ACCEPTED,
	ANSWER_ABOUT_FORM,
	ANSWER_OTHER, /* refused for a reason that is not the form of the line */
	ANSWER_END,   /* the server hung up */
};

static bool enhanced_about_form(struct smtp_enhanced e)
{
	return e.present &&
	       (e.subject == 5 || (e.subject == 1 && (e.detail == 3 || e.detail == 7)));
}

static enum answer classify(const struct smtp_reply *r)
{
	static const int FORM[] = {500, 501, 502, 503, 504, 553, 555};

	if (!r || r->code == 0)
		return ANSWER_NONE;
	if (r->code == 221 || r->code == 421)
		return ANSWER_END;
	if (r->code < 400)
		return ANSWER_ACCEPTED;
	for (size_t i = 0; i < sizeof(FORM) / sizeof(FORM[0]); i++)
		if (r->code == FORM[i])
			return ANSWER_ABOUT_FORM;
	return r->code >= 500 && enhanced_about_form(r->enhanced) ? ANSWER_ABOUT_FORM
	                                                          : ANSWER_OTHER;
}

static void add_text(const struct fill *f, const char *text, struct buf *out)
{
	char *filled = fill_text(f, text);

	if (filled && out->len > 0)
		buf_addch(out, ' ');
	buf_addstr(out, filled ? filled : "");
	free(filled);
}

static void tell(const struct fill *f, const struct record_section *s, enum answer answer,
                 struct buf *out)
{
	static const char *const KEYS[] = {
	        [ANSWER_ACCEPTED] = "Accepted",
	        [ANSWER_ABOUT_FORM] = "Refused",
	        [ANSWER_OTHER] = "Unrelated",
	        [ANSWER_END] = NULL,
	};

	add_text(f, record_value(s, "Typed"), out);
	if (KEYS[answer])
		add_text(f, record_value(s, KEYS[answer]), out);
}

/* The next section, from *i on, of a fault that the line has. */
static const struct record_section *next_fault(const struct fill *f, size_t *i)
{
	const struct record *r = f->notes->record;

	while (*i < r->count) {
		const struct record_section *s = &r->sections[(*i)++];
		enum smtp_typing_fault fault;

		if (!span_eq_nocase(span_of(s->kind), span_of("fault")))
			continue;
		fault = smtp_typing_fault_find(span_of(s->name));
		if (fault != SMTP_TYPING_COUNT && ((f->context->command->faults >> fault) & 1u))
			return s;
	}
	return NULL;
}

void typing_explain(const struct fill *f, struct explanation *out)
{
	enum answer answer = classify(f->context->reply);
	const struct record_section *s;
	struct buf text;
	size_t at = 0;

	if (!f->context->command || f->context->command->faults == 0)
		return;
	buf_init(&text, 8 << 10);
	for (int told = 0; told < 2 && (s = next_fault(f, &at)); told++) {
		tell(f, s, answer, &text);
		if (answer == ANSWER_ABOUT_FORM && !out->suggest)
			out->suggest = fill_text(f, record_value(s, "Suggest"));
		if (answer == ANSWER_ACCEPTED || record_value(s, "Alone"))
			break;
	}
	if (text.len > 0)
		out->typing = buf_take(&text);
	buf_release(&text);
}
