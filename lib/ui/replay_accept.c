/*
 * A file is only rewritten when all of it was played: what stands behind the place where a play
 * ended was not seen. And only when it is still the file that was played.
 */
#include "ui/replay_accept.h"

#include <errno.h>
#include <string.h>

#include "base/file.h"

void replay_accept_init(struct replay_accept *a, const struct replay_file *f)
{
	a->edits = session_accept_new(f->session);
	diag_init(&a->refused);
	buf_init(&a->diff, 2u * SESSION_FILE_MAX);
}

void replay_accept_release(struct replay_accept *a)
{
	session_accept_free(a->edits);
	a->edits = NULL;
	diag_release(&a->refused);
	buf_release(&a->diff);
}

void replay_accept_reply(struct replay_accept *a, const struct runner_event *ev,
                         const struct session_vars *v)
{
	bool ehlo = ev->verb == SMTP_VERB_EHLO || ev->verb == SMTP_VERB_LHLO;

	if (ev->type == RUNNER_EXCHANGE && !ev->comparison->equal)
		session_accept_reply(a->edits, ev->wanted, ev->came, ehlo, v, &a->refused);
}

/* What ended the play early is told already; here only what to do about it. */
static bool may_rewrite(const struct replay_accept *a, struct runner_result *r)
{
	if (r->whole && a->refused.kind == DIAG_NONE)
		return true;
	if (r->whole) {
		diag_release(&r->first);
		diag_copy(&r->first, &a->refused);
	} else if (r->end == RUNNER_MISMATCH) {
		diag_hint(&r->first, "what follows hangs on this reply and could not be played, so "
		                     "the file is not rewritten; change it by hand");
	}
	return false;
}

static int read_played(const struct replay_file *f, struct buf *text, struct diag *d)
{
	struct stat st;

	if (stat(f->path, &st) < 0)
		return diag_set(d, DIAG_INPUT, f->path, "%s", strerror(errno));
	if (st.st_ino != f->state.st_ino || st.st_size != f->state.st_size ||
	    st.st_mtim.tv_sec != f->state.st_mtim.tv_sec ||
	    st.st_mtim.tv_nsec != f->state.st_mtim.tv_nsec)
		return diag_set(d, DIAG_INPUT, f->path,
		                "the file was changed while it was played, so it is not rewritten");
	return file_read(f->path, text, d);
}

static int make_diff(struct replay_accept *a, const struct replay_file *f, struct span old,
                     struct diag *d)
{
	if (session_accept_diff(a->edits, old, &a->diff) == 0)
		return 0;
	return diag_set(d, DIAG_INPUT, f->path, "the difference is too large to be shown");
}

static int rewrite(const struct replay_accept *a, const struct replay_file *f, struct span old,
                   struct diag *d)
{
	struct buf changed;
	int result;

	buf_init(&changed, SESSION_FILE_MAX);
	if (session_accept_apply(a->edits, old, &changed) < 0)
		result = diag_set(
		        d, DIAG_INPUT, f->path,
		        "with these replies it would be larger than a session file may be");
	else
		result = file_replace(f->path, buf_span(&changed), d);
	buf_release(&changed);
	return result;
}

void replay_accept_settle(struct replay_accept *a, const struct replay_file *f,
                          const struct options *o, struct runner_result *r)
{
	struct buf text;
	struct diag d;
	int result;

	if (r->end == RUNNER_PASSED || r->end == RUNNER_SKIPPED || !may_rewrite(a, r))
		return;
	diag_init(&d);
	buf_init(&text, SESSION_FILE_MAX);
	result = read_played(f, &text, &d);
	if (result == 0 && o->diff)
		result = make_diff(a, f, buf_span(&text), &d);
	if (result == 0 && o->accept)
		result = rewrite(a, f, buf_span(&text), &d);
	buf_release(&text);
	diag_release(&r->first);
	r->first = d;
	a->changed = result == 0 ? session_accept_count(a->edits) : 0;
	a->written = result == 0 && o->accept;
	if (result < 0)
		r->end = RUNNER_FAILED;
	else if (a->written)
		r->end = RUNNER_PASSED;
	else
		diag_set(&r->first, DIAG_REPLY, f->path, "not rewritten; --accept does it");
}
