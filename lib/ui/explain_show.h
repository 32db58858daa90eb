/*
 * explain_show: how `smtptalk explain` shows what it found: one line, a paragraph, or JSON.
 *
 * The same for a reply at hand, a reply in a transcript, a line of a log, a recipient in a bounce.
 */
#ifndef UI_EXPLAIN_SHOW_H
#define UI_EXPLAIN_SHOW_H

#include "explain/explain.h"
#include "ui/options.h"
#include "ui/view.h"

struct explain_show {
	const struct explain *notes;
	struct view *view;
	int how; /* enum options_explain: SHORT, FULL; OFF: sums only */
	bool json;
};

/* Where something was found, beside its explanation. All may be NULL or empty; not safe to show. */
struct explain_found {
	const char *kind; /* "delivered", "bounce", … */
	struct span time, id, from, to, relay;
	struct span text; /* the reply as it was met */
	long delay;       /* in hundredths of a second; -1: not known */
	bool from_known;
};

void explain_found_init(struct explain_found *f);

/* "550 5.1.1: …" as the mode says. `found` may be NULL. */
void explain_show(const struct explain_show *s, const struct explanation *x,
                  const struct explain_found *found);
/* One line of JSON. */
void explain_show_json(const struct explain_show *s, const struct explanation *x,
                       const struct explain_found *found);
/* "reason: user-unknown, final, theirs: the mailbox …". */
void explain_add_verdict(const struct explain_show *s, const struct explain_verdict *v,
                         struct buf *out);
/* "5 minutes". */
void explain_add_duration(long seconds, struct buf *out);

#endif
