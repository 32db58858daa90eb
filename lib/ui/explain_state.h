/*
 * explain_state: what the parts of `smtptalk explain` share.
 */
#ifndef UI_EXPLAIN_STATE_H
#define UI_EXPLAIN_STATE_H

#include "ui/explain_input.h"
#include "ui/explain_show.h"

struct explaining {
	struct explain *notes;
	struct explain_show show;
	const struct options *options;
	struct diags *ds;
	int status;
};

/* Each reads the input to its end. */
void explain_lines(struct explaining *e, struct explain_input *in);
void explain_transcript(struct explaining *e, struct explain_input *in);
void explain_log(struct explaining *e, struct explain_input *in);
void explain_mail(struct explaining *e, struct explain_input *in);
/* A topic or one reply, perhaps of several lines. */
void explain_one(struct explaining *e, struct span topic);

#endif
