/*
 * A refusal to relay has several grounds: that the destination is not ours, and that nothing before
 * it permitted this client. So what the permit_ entries of the same list looked at is told with it.
 */
#include "practice/reasons.h"

#include <stdlib.h>
#include <string.h>

#include "base/display.h"
#include "base/mem.h"

#define LOOKED_MAX 600

struct step {
	char *list, *entry, *looked;
	enum reason_outcome outcome;
};

struct reasons {
	struct step steps[REASONS_MAX];
	size_t count;
};

struct reasons *reasons_new(void)
{
	return mem_zero(sizeof(struct reasons));
}

void reasons_clear(struct reasons *r)
{
	for (size_t i = 0; i < r->count; i++) {
		free(r->steps[i].list);
		free(r->steps[i].entry);
		free(r->steps[i].looked);
	}
	r->count = 0;
}

void reasons_free(struct reasons *r)
{
	if (!r)
		return;
	reasons_clear(r);
	free(r);
}

size_t reasons_count(const struct reasons *r)
{
	return r->count;
}

void reasons_add(struct reasons *r, const char *list, const char *entry,
                 enum reason_outcome outcome, const char *looked)
{
	if (r->count == REASONS_MAX)
		return;
	r->steps[r->count++] = (struct step){
	        .list = mem_dup(list),
	        .entry = display_dup(span_of(entry), LOOKED_MAX),
	        .looked = display_dup(span_of(looked), LOOKED_MAX),
	        .outcome = outcome,
	};
}

void reasons_say(struct reasons *r, const char *what, const char *looked)
{
	reasons_add(r, NULL, what, REASON_REFUSES, looked);
}

static bool is_ground(const struct step *s, const struct step *decided)
{
	return s->outcome == REASON_GOES_ON && s->list && decided->list &&
	       strcmp(s->list, decided->list) == 0 && strncmp(s->entry, "permit_", 7) == 0;
}

/* "a, b, and c": what decided and the permissions that did not come. */
static void write_grounds(const struct reasons *r, const struct step *decided, struct buf *out)
{
	size_t grounds = 0, said = 0;

	for (const struct step *s = r->steps; s < decided; s++)
		grounds += is_ground(s, decided);
	buf_addstr(out, decided->looked);
	for (const struct step *s = r->steps; s < decided; s++) {
		if (!is_ground(s, decided))
			continue;
		said++;
		buf_addf(out, ", %s%s", said == grounds ? "and " : "", s->looked);
	}
}

static const char *const outcomes[] = {
        [REASON_GOES_ON] = "; the list goes on",
        [REASON_PERMITS] = ": permitted, the rest of this list is not looked at",
        [REASON_REFUSES] = "",
        [REASON_WARNS] = ": it would refuse, but warn_if_reject stands before it",
        [REASON_REMEMBERS] = ": remembered; the mail is deferred where it would be permitted",
};

static void write_step(const struct reasons *r, const struct step *s, bool decided, struct buf *out)
{
	if (s->list)
		buf_addf(out, "%s \xe2\x86\x92 ", s->list);
	buf_addf(out, "%s: ", s->entry);
	if (decided && s->outcome == REASON_REFUSES)
		write_grounds(r, s, out);
	else
		buf_addstr(out, s->looked);
	buf_addf(out, "%s\n", outcomes[s->outcome]);
}

void reasons_write(const struct reasons *r, struct buf *out)
{
	if (r->count == 0)
		return;
	write_step(r, &r->steps[r->count - 1], true, out);
	for (size_t i = 0; i + 1 < r->count; i++)
		write_step(r, &r->steps[i], false, out);
}
