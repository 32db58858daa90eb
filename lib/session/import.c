/*
 * Every dialect reads the whole paste, the one that makes most sense of it wins, and only its items
 * are made into a session file. A text that is a session file already stays what it is.
 */
#include "session/import.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/mem.h"
#include "session/export.h"
#include "session/import_state.h"

enum { LOSS_MAX = 600 };

static const char *const lost_names[IMPORT_LOST_COUNT] = {
#define X(NAME, name) [IMPORT_LOST_##NAME] = name,
        IMPORT_LOSSES(X)
#undef X
};

const char *import_lost_name(enum import_lost l)
{
	return lost_names[l];
}

void import_result_init(struct import_result *r)
{
	*r = (struct import_result){0};
}

void import_result_release(struct import_result *r)
{
	for (size_t i = 0; i < r->count; i++)
		free(r->losses[i].text);
	free(r->losses);
	import_result_init(r);
}

void import_lose(struct import_result *r, enum import_lost kind, unsigned line, const char *format,
                 ...)
{
	struct import_loss loss = {.kind = kind, .line = line};
	struct buf text;
	va_list args;

	buf_init(&text, LOSS_MAX);
	va_start(args, format);
	buf_vaddf(&text, format, args);
	va_end(args);
	loss.text = buf_take(&text);
	buf_release(&text);
	r->losses = mem_grow(r->losses, r->count, &r->room, sizeof(*r->losses));
	r->losses[r->count++] = loss;
}

void import_show_losses(const struct import_result *r, struct buf *out)
{
	for (size_t i = 0; i < r->count; i++)
		buf_addf(out, "line %u: %s\n", r->losses[i].line, r->losses[i].text);
}

/* --- session files --- */

/* What RFC notation does not know: only a session file has it. */
static bool is_own(const struct session_file *f)
{
	for (size_t i = 0; i < f->count; i++) {
		enum session_step_type t = f->steps[i].type;

		if (t != SESSION_CLIENT_LINE && t != SESSION_SERVER_LINE && t != SESSION_TLS)
			return true;
	}
	return false;
}

static bool take_session(struct span paste, struct import_result *r, struct buf *out)
{
	struct session_file *f;
	struct diags ds;
	bool taken;

	diags_init(&ds);
	f = session_file_parse("paste", paste, &ds);
	taken = f && f->included_count == 0 && f->warnings.count == 0 &&
	        (is_own(f) || span_starts(paste, SPAN("@smtptalk")));
	if (taken) {
		export_session(f, out);
		r->dialect = "session";
		r->title = "a session file";
	}
	session_file_free(f);
	diags_release(&ds);
	return taken;
}

/* --- pastes --- */

static void choose(const struct import_lines *lines, struct import_scan *best)
{
	const struct import_dialect *d;

	*best = (struct import_scan){0};
	for (size_t i = 0; (d = import_dialect_at(i)); i++) {
		struct import_scan s;

		import_scan_run(&s, d, lines);
		if (s.score > best->score) {
			import_scan_release(best);
			*best = s;
		} else {
			import_scan_release(&s);
		}
	}
}

static int take_paste(const struct import_lines *lines, const char *where, struct import_result *r,
                      struct buf *out, struct diag *d)
{
	struct import_scan best;
	int result = -1;

	choose(lines, &best);
	if (best.score == 0) {
		diag_set(d, DIAG_INPUT, where, "no SMTP dialogue of a known form was found in it");
		diag_hint(d, "lines of a server begin with a code, such as 250");
	} else if (import_build(&best, r, out) != 0) {
		diag_set(d, DIAG_INPUT, where, "this makes a session file of more than 16 MiB");
	} else {
		r->dialect = best.dialect->name;
		r->title = best.dialect->title;
		r->reversed = best.right_is_client;
		result = 0;
	}
	import_scan_release(&best);
	return result;
}

int import_text(struct span paste, const char *where, struct import_result *r, struct buf *out,
                struct diag *d)
{
	struct import_lines lines;
	int result = import_lines_read(&lines, paste, where, d);

	if (result == 0 && !take_session(paste, r, out))
		result = take_paste(&lines, where, r, out, d);
	import_lines_release(&lines);
	return result;
}
