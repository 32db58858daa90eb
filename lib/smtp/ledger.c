/*
 * An array with a moving start: entries go in at the end and out at the start, and the gap is
 * closed when it has become half of the array, so that a reply costs constant time on average.
 */
#include "smtp/ledger.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "smtp/dialogue.h"

void smtp_ledger_entry_release(struct smtp_ledger_entry *e)
{
	free(e->line);
	*e = (struct smtp_ledger_entry){0};
}

void smtp_ledger_release(struct smtp_ledger *l)
{
	for (size_t i = l->start; i < l->end; i++)
		smtp_ledger_entry_release(&l->list[i]);
	free(l->list);
	*l = (struct smtp_ledger){0};
}

static void close_gap(struct smtp_ledger *l)
{
	if (l->start == 0 || l->start < l->end - l->start)
		return;
	memmove(l->list, l->list + l->start, (l->end - l->start) * sizeof(*l->list));
	l->end -= l->start;
	l->start = 0;
}

static struct smtp_ledger_entry *add(struct smtp_ledger *l, enum smtp_verb verb)
{
	if (l->end - l->start >= SMTP_LEDGER_MAX || l->uncounted > 0) {
		l->uncounted++;
		return NULL;
	}
	close_gap(l);
	if (l->end == l->room)
		l->list = mem_grow(l->list, l->end, &l->room, sizeof(*l->list));
	l->list[l->end] = (struct smtp_ledger_entry){.verb = verb, .replies = 1};
	return &l->list[l->end++];
}

void smtp_ledger_add_command(struct smtp_ledger *l, struct span line)
{
	struct smtp_ledger_entry *e = add(l, SMTP_VERB_UNKNOWN);

	if (!e)
		return;
	e->line = mem_dupn(line.p, line.n);
	e->len = line.n;
	e->is_command = true;
	smtp_command_parse(span_from(e->line, e->len), &e->command);
	e->verb = e->command.verb;
}

void smtp_ledger_add_pseudo(struct smtp_ledger *l, enum smtp_verb verb, size_t replies)
{
	struct smtp_ledger_entry *e = add(l, verb);

	if (e)
		e->replies = replies;
}

size_t smtp_ledger_count(const struct smtp_ledger *l)
{
	return l->end - l->start + l->uncounted;
}

struct smtp_ledger_entry *smtp_ledger_first(struct smtp_ledger *l)
{
	return l->start < l->end ? &l->list[l->start] : NULL;
}

void smtp_ledger_turn_first(struct smtp_ledger *l, enum smtp_verb verb, size_t replies)
{
	struct smtp_ledger_entry *e = smtp_ledger_first(l);

	if (!e)
		return;
	smtp_ledger_entry_release(e);
	e->verb = verb;
	e->replies = replies;
}

bool smtp_ledger_answer(struct smtp_ledger *l, struct smtp_ledger_entry *out)
{
	struct smtp_ledger_entry *e = smtp_ledger_first(l);

	*out = (struct smtp_ledger_entry){0};
	if (!e) {
		bool any = l->uncounted > 0;

		l->uncounted -= any;
		return any;
	}
	if (e->replies > 1) { /* only pseudo verbs: there is no line to share */
		e->replies--;
		out->verb = e->verb;
		return true;
	}
	*out = *e;
	l->start++;
	return true;
}

bool smtp_ledger_has(const struct smtp_ledger *l, enum smtp_verb verb)
{
	for (size_t i = l->start; i < l->end; i++)
		if (l->list[i].verb == verb)
			return true;
	return false;
}
