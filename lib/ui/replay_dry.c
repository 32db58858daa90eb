/*
 * The steps are gone through as a play would, with a server that answers what is expected. Of a
 * reply that was not given nothing can be captured, so a capture gets a stand-in.
 */
#include "ui/replay_dry.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/display.h"
#include "session/expected.h"
#include "session/message.h"

enum { WIRE_ROOM = 2 * SESSION_FILE_MAX };

struct dry {
	const struct replay_plan *plan;
	const struct session_file *file;
	struct session_vars *vars;
	size_t commands, replies, messages, connections, handshakes;
	char *target; /* of the first connection */
};

/* --- captures --- */

static void stand_in(struct dry *d, const struct session_step *s)
{
	struct span rest = span_from(s->text, s->len);

	while (rest.n > 0) {
		struct span name = span_skip(rest, span_find(rest, '{') + 1);
		size_t end = span_find(name, '}');

		if (end < name.n && session_name_valid(span_first(name, end)) &&
		    !session_vars_find(d->vars, span_first(name, end)))
			session_vars_set(d->vars, span_first(name, end), SPAN("captured"),
			                 SESSION_ORIGIN_CAPTURE, NULL, NULL);
		rest = end < name.n ? span_skip(name, end + 1) : SPAN("");
	}
}

/* --- steps; each gives how many it took, 0 for a fault --- */

static size_t expect(struct dry *d, size_t at, struct diag *why)
{
	size_t run = expected_run(d->file, at);
	struct expected e;
	int result;

	expected_init(&e);
	result = expected_build(&e, &d->file->steps[at], run, d->vars, why);
	d->replies += e.count;
	expected_release(&e);
	for (size_t i = 0; i < run; i++)
		if (d->file->steps[at + i].type == SESSION_SERVER_GLOB)
			stand_in(d, &d->file->steps[at + i]);
	return result == 0 ? run : 0;
}

static size_t send_line(struct dry *d, size_t at, struct diag *why)
{
	struct buf wire;
	int result;

	buf_init_secret(&wire, WIRE_ROOM);
	result = session_step_wire(d->vars, &d->file->steps[at], &wire, why);
	buf_release(&wire);
	d->commands++;
	return result == 0;
}

static size_t send_message(struct dry *d, size_t at, struct diag *why)
{
	struct session_message *m = session_message_open(d->vars, &d->file->steps[at], why);
	bool found = m != NULL;

	session_message_free(m);
	d->messages++;
	return found;
}

static size_t connect_to(struct dry *d, size_t at, struct diag *why)
{
	struct buf target;
	int result;

	buf_init(&target, 2u * SESSION_VALUE_MAX);
	result = session_vars_expand(d->vars, &d->file->steps[at], NULL, &target, why);
	if (!d->target)
		d->target = display_dup(replay_plan_target(d->plan, buf_span(&target)), 300);
	buf_release(&target);
	d->connections++;
	return result == 0;
}

static size_t set(struct dry *d, size_t at, struct diag *why)
{
	return session_vars_apply(d->vars, &d->file->steps[at], why) == 0;
}

static size_t check_text(struct dry *d, size_t at, struct diag *why)
{
	struct buf text;
	int result;

	buf_init_secret(&text, SESSION_FILE_MAX);
	result = session_vars_expand(d->vars, &d->file->steps[at], NULL, &text, why);
	buf_release(&text);
	return result == 0;
}

static size_t shake_hands(struct dry *d, size_t at, struct diag *why)
{
	(void)at;
	(void)why;
	d->handshakes++;
	return 1;
}

static size_t (*const steps[SESSION_STEP_COUNT])(struct dry *d, size_t at, struct diag *why) = {
        [SESSION_CLIENT_LINE] = send_line,
        [SESSION_CLIENT_RAW] = send_line,
        [SESSION_MESSAGE] = send_message,
        [SESSION_SERVER_LINE] = expect,
        [SESSION_SERVER_RAW] = expect,
        [SESSION_SERVER_GLOB] = expect,
        [SESSION_SERVER_REGEX] = expect,
        [SESSION_SERVER_EXACT] = expect,
        [SESSION_SERVER_OPTIONAL] = expect,
        [SESSION_OPEN] = connect_to,
        [SESSION_SET] = set,
        [SESSION_TLS] = shake_hands,
        [SESSION_ECHO] = check_text,
        [SESSION_REQUIRE] = check_text,
};

static void tell(const struct dry *d, const char *path, struct view *v)
{
	struct buf text;

	buf_init(&text, 8192);
	buf_addf(&text, "%s: %zu line%s to send", path, d->commands, d->commands == 1 ? "" : "s");
	if (d->messages > 0)
		buf_addf(&text, ", %zu message%s", d->messages, d->messages == 1 ? "" : "s");
	if (d->handshakes > 0)
		buf_addstr(&text, ", TLS");
	buf_addf(&text, ", %zu repl%s to compare; with %s", d->replies,
	         d->replies == 1 ? "y" : "ies", d->target ? d->target : "nobody");
	if (d->connections > 1)
		buf_addf(&text, ", %zu connections", d->connections);
	view_block(v, buf_span(&text));
	buf_release(&text);
}

static int go_through(struct dry *d, struct diag *why)
{
	for (size_t at = 0; at < d->file->count;) {
		size_t taken = steps[d->file->steps[at].type]
		                       ? steps[d->file->steps[at].type](d, at, why)
		                       : 1;

		if (taken == 0)
			return -1;
		at += taken;
	}
	return 0;
}

int replay_dry_run(const struct replay_plan *p, struct view *v, struct diags *ds)
{
	int result = 0;

	for (size_t i = 0; i < p->count; i++) {
		struct dry d = {.plan = p, .file = p->files[i].session};
		struct diag why;

		diag_init(&why);
		d.vars = replay_plan_vars(p);
		if (p->options->host)
			d.target = display_dup(span_of(p->options->host), 300);
		if (go_through(&d, &why) == 0) {
			tell(&d, p->files[i].path, v);
		} else {
			diags_add_copy(ds, &why);
			result = -1;
		}
		session_vars_free(d.vars);
		free(d.target);
		diag_release(&why);
	}
	return result;
}

void replay_list(const struct replay_plan *p, struct view *v)
{
	view_flush(v);
	for (size_t i = 0; i < p->count; i++) {
		char *shown = display_dup(span_of(p->files[i].path), 4096);

		printf("%s\n", shown);
		free(shown);
	}
}
