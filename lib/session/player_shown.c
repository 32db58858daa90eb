/*
 * A player's messages are read on a screen and kept in logs, and what a client says to a fake
 * server may be a real password: so known secrets are redacted, and whatever looks like a login is
 * masked, line by line. After a 334 every line is one.
 */
#include "base/display.h"
#include "session/player_state.h"
#include "session/redact.h"
#include "smtp/mask.h"

#define SHOWN_MAX 60

/* Whether the last thing that was said before this step is a 334. */
static bool is_asked_for_answer(const struct player *p)
{
	for (size_t i = p->at; i > 0; i--) {
		const struct session_step *s = &p->file->steps[i - 1];

		if (s->type == SESSION_SERVER_LINE || s->type == SESSION_SERVER_RAW)
			return span_starts(span_from(s->text, s->len), SPAN("334"));
	}
	return false;
}

char *player_shown(const struct player *p, struct span bytes)
{
	bool answers = is_asked_for_answer(p);
	struct buf clean, masked;
	struct span rest;
	char *text;

	buf_init_secret(&clean, 2 * PLAYER_INPUT_MAX);
	buf_init(&masked, 4 * PLAYER_INPUT_MAX);
	session_redact(p->vars, bytes, &clean);
	rest = buf_span(&clean);
	while (rest.n > 0) {
		struct span line = span_first(rest, span_find(rest, '\n'));

		smtp_lone_line_mask(line, answers, &masked);
		rest = span_skip(rest, line.n);
		if (rest.n > 0)
			buf_addch(&masked, '\n');
		rest = span_skip(rest, 1);
	}
	text = display_dup(buf_span(&masked), SHOWN_MAX);
	buf_release(&clean);
	buf_release(&masked);
	return text;
}
