/*
 * An exchange leaves for the file after its reply was explained and before the next line can go
 * out: a line that the server has seen proves that the exchange before it is recorded.
 */
#include "ui/talk_record.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "ui/commands.h"
#include "ui/talk_replay.h"
#include "ui/width.h"

enum { NOTE_COLUMNS = 78, NOTE_HANG = 5, NOTE_MAX = 1 << 20, TARGET_MAX = 600, COUNT_TEXT = 40 };

/* --- what is heard --- */

/* Laid out for a file, whatever the width of the screen. */
static void heard(void *arg, const char *text)
{
	static const struct width_margin margin = {"", "     ", 0, NOTE_HANG};
	struct talk *t = arg;
	struct buf lines;

	buf_init(&lines, NOTE_MAX);
	width_wrap(&lines, span_of(text), NOTE_COLUMNS, &margin);
	recorder_note(t->recorder, buf_span(&lines));
	buf_release(&lines);
}

static void say_failure(struct talk *t, const struct diag *why)
{
	struct diag d;

	diag_init(&d);
	diag_set(&d, why->kind, why->where, "the recording ends here: %s", why->what);
	if (why->hint)
		diag_hint(&d, "%s", why->hint);
	else
		diag_hint(&d, "the conversation goes on without it");
	view_diag(t->view, &d);
	diag_release(&d);
}

static void failed(void *arg, const struct diag *why)
{
	say_failure(arg, why);
}

int talk_record_begin(struct talk *t, struct diags *ds)
{
	const char *path = t->s.options->record;
	struct diag why;
	int result = 0;

	t->recorder = recorder_new(failed, t);
	view_set_listener(t->view, heard, t);
	diag_init(&why);
	if (path && recorder_start(t->recorder, path, t->s.options->yes, &why) < 0) {
		if (why.kind == DIAG_USAGE) {
			result = -1;
			diag_hint(diags_add(ds, why.kind, why.where, "%s", why.what), "%s",
			          why.hint);
		} else {
			say_failure(t, &why);
		}
	}
	diag_release(&why);
	return result;
}

/* "1 exchange", in `text`. */
static const char *exchanges(const struct talk *t, char text[COUNT_TEXT])
{
	size_t n = recorder_exchanges(t->recorder);

	snprintf(text, COUNT_TEXT, "%zu exchange%s", n, n == 1 ? "" : "s");
	return text;
}

/* The end of the file is written; a failure there is told as any other. */
static void stop(struct talk *t)
{
	const char *running = recorder_path(t->recorder);
	char *path = mem_dup(running), count[COUNT_TEXT];
	struct diag why;

	diag_init(&why);
	if (recorder_stop(t->recorder, &why) < 0)
		say_failure(t, &why);
	else if (path && t->interactive)
		view_say(t->view, "recorded: %s, in %s", exchanges(t, count), path);
	diag_release(&why);
	free(path);
}

void talk_record_end(struct talk *t)
{
	if (!t->recorder)
		return;
	stop(t);
	view_set_listener(t->view, NULL, NULL);
	recorder_free(t->recorder);
	t->recorder = NULL;
}

/* --- what is told --- */

/* What <open …> would name: the host that we are connected to. */
static void add_target(const struct talk *t, struct buf *out)
{
	const struct net_address *peer = stream_peer(conversation_stream(t->conversation));

	if (net_address_range(peer) == NET_RANGE_LOCAL_SOCKET)
		buf_addf(out, "unix:%s", t->server);
	else
		buf_addf(out,
		         span_find(span_of(t->server), ':') < span_of(t->server).n ? "[%s]:%u"
		                                                                   : "%s:%u",
		         t->server, net_address_port(peer));
}

static void pass(void *arg, enum conversation_flow flow, struct span bytes)
{
	struct talk *t = arg;

	recorder_know(t->recorder, talk_replay_vars(t));
	recorder_tap(t->recorder, flow, bytes);
}

void talk_record_connected(struct talk *t)
{
	struct buf target;

	buf_init(&target, TARGET_MAX);
	add_target(t, &target);
	recorder_opened(t->recorder, buf_span(&target), conversation_dialogue(t->conversation));
	conversation_set_tap(t->conversation, pass, t);
	buf_release(&target);
}

void talk_record_event(struct talk *t, const struct conversation_event *ev)
{
	switch (ev->type) {
	case CONVERSATION_REPLY: recorder_replied(t->recorder, ev->smtp.reply->code, ev->ms); break;
	case CONVERSATION_UNSOLICITED:
		recorder_replied(t->recorder, ev->smtp.reply->code, -1);
		break;
	case CONVERSATION_TLS: recorder_tls(t->recorder, tls_report_verified(ev->tls)); break;
	case CONVERSATION_BROKEN:
	case CONVERSATION_TIMEOUT:
	case CONVERSATION_INJECTED: recorder_closed(t->recorder, RECORDER_BY_CLIENT); break;
	case CONVERSATION_CLOSED:
		recorder_closed(t->recorder, ev->smtp.clean ? RECORDER_CLEAN
		                             : t->closing   ? RECORDER_BY_CLIENT
		                                            : RECORDER_BY_SERVER);
		break;
	default: break;
	}
}

void talk_record_told(struct talk *t, const struct conversation_event *ev)
{
	bool reply = ev->type == CONVERSATION_REPLY || ev->type == CONVERSATION_UNSOLICITED;

	if (!reply && ev->type != CONVERSATION_TLS)
		return;
	if (!t->conversation ||
	    smtp_dialogue_outstanding(conversation_dialogue(t->conversation)) == 0)
		recorder_whole(t->recorder);
}

void talk_record_disconnected(struct talk *t)
{
	enum smtp_state state = talk_state(t);
	bool over = state == SMTP_STATE_LEAVING || state == SMTP_STATE_CLOSED;

	if (!t->recorder || !t->conversation)
		return;
	recorder_closed(t->recorder, over ? RECORDER_CLEAN : RECORDER_BY_CLIENT);
	recorder_whole(t->recorder);
}

/* --- /record and /save --- */

char *talk_record_path(struct span typed)
{
	const char *home = getenv("HOME");
	struct buf path;

	if (!home || !span_starts(typed, SPAN("~/")))
		return mem_dupn(typed.p, typed.n);
	buf_init(&path, 4096);
	buf_addf(&path, "%s" SPAN_FMT, home, SPAN_ARG(span_skip(typed, 1)));
	return buf_take(&path);
}

static void record(struct talk *t, const char *path, bool overwrite)
{
	struct diag why;

	diag_init(&why);
	if (recorder_path(t->recorder))
		stop(t);
	if (recorder_start(t->recorder, path, overwrite, &why) < 0)
		view_diag(t->view, &why);
	else
		view_say(t->view, "recording to %s; /record off ends it", path);
	diag_release(&why);
}

static void save(struct talk *t, const char *path, bool overwrite)
{
	struct diag why;
	size_t lost = 0;
	long count;

	diag_init(&why);
	count = recorder_save(t->recorder, path, overwrite, &lost, &why);
	if (count < 0)
		view_diag(t->view, &why);
	else if (lost > 0)
		view_say(t->view,
		         "saved in %s: the last %ld exchanges; the %zu before them are no longer "
		         "known, since 12 MiB are kept",
		         path, count, lost);
	else
		view_say(t->view, "saved in %s: %ld exchange%s", path, count,
		         count == 1 ? "" : "s");
	diag_release(&why);
}

static void overwrite(struct talk *t, bool yes)
{
	char *path = t->record_path;

	t->record_path = NULL;
	if (!path)
		return;
	if (yes)
		t->record_what(t, path, true);
	else
		view_say(t->view, "%s stays as it is", path);
	free(path);
}

/* An earlier recording may be overwritten when the user says so. */
static void to_file(struct talk *t, struct span typed,
                    void (*what)(struct talk *t, const char *path, bool overwrite))
{
	char *path = talk_record_path(typed);

	if (!t->interactive || t->s.options->yes || recording_look(path) != RECORDING_EARLIER) {
		what(t, path, t->s.options->yes != 0);
		free(path);
		return;
	}
	view_say(t->view, "%s is an earlier recording", path);
	free(t->record_path);
	t->record_path = path;
	t->record_what = what;
	talk_ask(t, overwrite, "overwrite it? (y/n) ");
}

void local_record(struct talk *t, struct span arguments)
{
	const char *path = recorder_path(t->recorder);
	char count[COUNT_TEXT];

	if (span_eq_nocase(arguments, SPAN("off")) && path)
		stop(t);
	else if (span_eq_nocase(arguments, SPAN("off")))
		view_say(t->view, "no recording is running");
	else if (arguments.n)
		to_file(t, arguments, record);
	else if (path)
		view_say(t->view, "recording to %s, so far %s; /record off ends it", path,
		         exchanges(t, count));
	else
		view_say(t->view, "no recording is running; /record FILE begins one, and /save "
		                  "FILE keeps everything so far");
}

void local_save(struct talk *t, struct span arguments)
{
	if (arguments.n)
		to_file(t, arguments, save);
	else
		view_say(t->view, "/save FILE keeps everything so far, as a session file");
}
