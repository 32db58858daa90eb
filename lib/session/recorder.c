/*
 * Bytes become lines here, since a line is what is judged and written. What is not a whole line
 * waits for its end, or is written without it when the other side speaks or the exchange is over.
 */
#include "session/recorder.h"

#include <stdlib.h>
#include <time.h>

#include "base/mem.h"
#include "session/hide.h"
#include "session/journal.h"
#include "session/writer.h"

#define LINE_MAX_KEPT (2u << 20) /* a line without an end is cut here */
#define ONE_MAX       (16u << 20)
#define TARGET_MAX    1100

struct recorder {
	recorder_failed_fn *failed;
	void *arg;
	struct recording *file; /* or NULL */
	struct journal journal;
	size_t exchanges; /* in the file */

	struct session_vars *vars; /* the secrets */
	struct hide hide;
	const struct smtp_dialogue *dialogue; /* NULL: not connected */
	struct buf target;
	bool begun; /* something of this connection is in the file's past */

	struct buf text;   /* the exchange under way */
	struct buf one;    /* a line of it */
	bool spoken;       /* it has a line of the wire */
	size_t left_out;   /* lines that it has no room for */
	struct buf client; /* bytes of a line that is not whole */
	struct buf server;
	bool cut_secret; /* what the client sends up to the next LF goes on with a secret */
};

struct recorder *recorder_new(recorder_failed_fn *failed, void *arg)
{
	struct recorder *r = mem_zero(sizeof(*r));

	r->failed = failed;
	r->arg = arg;
	r->vars = session_vars_new();
	r->hide.vars = r->vars;
	journal_init(&r->journal);
	buf_init(&r->target, TARGET_MAX);
	buf_init(&r->text, RECORDER_EXCHANGE_MAX + ONE_MAX);
	buf_init(&r->one, ONE_MAX);
	buf_init_secret(&r->client, LINE_MAX_KEPT);
	buf_init_secret(&r->server, LINE_MAX_KEPT);
	return r;
}

void recorder_free(struct recorder *r)
{
	struct diag d;

	if (!r)
		return;
	diag_init(&d);
	if (recorder_stop(r, &d) < 0)
		r->failed(r->arg, &d);
	diag_release(&d);
	session_vars_free(r->vars);
	journal_release(&r->journal);
	buf_release(&r->target);
	buf_release(&r->text);
	buf_release(&r->one);
	buf_release(&r->client);
	buf_release(&r->server);
	free(r);
}

/* --- lines --- */

static struct session_writer writer(struct recorder *r, struct buf *out)
{
	return (struct session_writer){.out = out, .vars = r->vars};
}

/* The line in r->one. The dot that ends a message always has room. */
static void keep_line(struct recorder *r, bool must)
{
	r->spoken = true;
	if (!must && r->text.len + r->one.len > RECORDER_EXCHANGE_MAX)
		r->left_out++;
	else
		buf_addspan(&r->text, buf_span(&r->one));
}

static struct span line_end(struct span line)
{
	size_t n = line.n;

	if (n > 0 && line.p[n - 1] == '\n')
		n--;
	if (n < line.n && n > 0 && line.p[n - 1] == '\r')
		n--;
	return span_skip(line, n);
}

static void write_secret(struct recorder *r, struct span line, struct span end)
{
	struct session_writer w = writer(r, &r->one);
	struct buf reference;
	size_t shown = 0;

	buf_init(&reference, 2 * SESSION_VALUE_MAX);
	if (r->cut_secret)
		buf_addstr(&reference, "${secret:answer}");
	if (r->cut_secret || hide_line(&r->hide, r->dialogue, line, &shown, &reference)) {
		session_write_hidden(&w, span_first(line, shown), buf_span(&reference), end);
		r->cut_secret = end.n == 0;
	}
	buf_release(&reference);
}

static void client_line(struct recorder *r, struct span line)
{
	struct session_writer w = writer(r, &r->one);
	struct span end = line_end(line);

	buf_clear(&r->one);
	write_secret(r, span_first(line, line.n - end.n), end);
	if (r->one.len == 0)
		session_write_bytes(&w, true, line);
	keep_line(r, span_eq(line, SPAN(".\r\n")));
}

static void server_line(struct recorder *r, struct span line)
{
	struct session_writer w = writer(r, &r->one);

	buf_clear(&r->one);
	session_write_bytes(&w, false, line);
	keep_line(r, true);
}

/* --- bytes --- */

static void end_line(struct buf *part, struct recorder *r,
                     void (*take)(struct recorder *r, struct span line))
{
	if (part->len > 0)
		take(r, buf_span(part));
	buf_clear(part);
}

static void add_bytes(struct buf *part, struct recorder *r, struct span bytes,
                      void (*take)(struct recorder *r, struct span line))
{
	while (bytes.n > 0) {
		size_t n = span_find(bytes, '\n') + 1;
		struct span piece = span_first(bytes, n);

		bytes = span_skip(bytes, n);
		if (part->len == 0 && piece.p[piece.n - 1] == '\n') {
			take(r, piece);
			continue;
		}
		if (part->len + piece.n > LINE_MAX_KEPT)
			end_line(part, r, take);
		buf_addspan(part, span_first(piece, LINE_MAX_KEPT));
		if (piece.p[piece.n - 1] == '\n')
			end_line(part, r, take);
	}
}

void recorder_tap(void *recorder, enum conversation_flow flow, struct span bytes)
{
	struct recorder *r = recorder;

	if (flow == CONVERSATION_CAME) {
		end_line(&r->client, r, client_line);
		add_bytes(&r->server, r, bytes, server_line);
		return;
	}
	end_line(&r->server, r, server_line);
	add_bytes(&r->client, r, bytes, client_line);
	if (flow == CONVERSATION_LINE_GOES)
		add_bytes(&r->client, r, SPAN("\r\n"), client_line);
}

static void end_lines(struct recorder *r)
{
	end_line(&r->client, r, client_line);
	end_line(&r->server, r, server_line);
}

/* --- beside the wire --- */

void recorder_note(struct recorder *r, struct span text)
{
	struct session_writer w = writer(r, &r->one);

	buf_clear(&r->one);
	session_write_note(&w, text);
	if (r->text.len + r->one.len <= RECORDER_EXCHANGE_MAX)
		buf_addspan(&r->text, buf_span(&r->one));
}

static void add_step(struct recorder *r, const struct session_step *s)
{
	struct session_writer w = writer(r, &r->text);

	session_write_step(&w, s);
}

void recorder_opened(struct recorder *r, struct span target, const struct smtp_dialogue *d)
{
	struct session_step open = {.type = SESSION_OPEN, .client = true};

	buf_clear(&r->target);
	buf_addspan(&r->target, target);
	open.text = r->target.data;
	open.len = r->target.len;
	add_step(r, &open);
	r->dialogue = d;
	r->begun = false;
}

void recorder_replied(struct recorder *r, int code, int64_t ms)
{
	struct timespec now;
	struct tm utc;
	char clock[16] = "";
	struct buf note;

	hide_replied(&r->hide, code);
	clock_gettime(CLOCK_REALTIME, &now);
	if (gmtime_r(&now.tv_sec, &utc))
		strftime(clock, sizeof(clock), "%H:%M:%S", &utc);
	buf_init(&note, 100);
	buf_addf(&note, "%s.%03ld UTC", clock, now.tv_nsec / 1000000);
	if (ms >= 0)
		buf_addf(&note, ", after %lld ms", (long long)ms);
	recorder_note(r, buf_span(&note));
	buf_release(&note);
}

void recorder_tls(struct recorder *r, bool verified)
{
	struct session_step tls = {.type = SESSION_TLS, .client = true, .verify = verified};

	end_lines(r);
	add_step(r, &tls);
}

void recorder_closed(struct recorder *r, enum recorder_close how)
{
	struct session_step close = {.type = SESSION_CLOSE, .client = how == RECORDER_BY_CLIENT};

	end_lines(r);
	if (r->dialogue && how != RECORDER_CLEAN)
		add_step(r, &close);
	r->dialogue = NULL;
	r->cut_secret = false;
	hide_replied(&r->hide, 0);
}

void recorder_know(struct recorder *r, const struct session_vars *secrets)
{
	hide_know(&r->hide, secrets);
}

/* --- where it goes --- */

static void put(struct recorder *r, struct span piece, bool exchange)
{
	struct diag d;

	if (!r->file || recording_failed(r->file))
		return;
	diag_init(&d);
	if (recording_add(r->file, piece, &d) == 0)
		r->exchanges += exchange;
	else
		r->failed(r->arg, &d);
	diag_release(&d);
}

void recorder_whole(struct recorder *r)
{
	struct buf note;

	if (r->left_out > 0) {
		buf_init(&note, 200);
		buf_addf(&note,
		         "%zu more lines were sent; this recording leaves them out, since it keeps "
		         "8 MiB of an exchange",
		         r->left_out);
		r->left_out = 0;
		recorder_note(r, buf_span(&note));
		buf_release(&note);
	}
	put(r, buf_span(&r->text), r->spoken);
	journal_add(&r->journal, buf_span(&r->text), r->spoken);
	buf_clear(&r->text);
	r->begun = r->begun || r->spoken;
	r->spoken = false;
}

/* --- the file --- */

static void add_date(struct buf *out)
{
	time_t now = time(NULL);
	struct tm utc;
	char text[32] = "";

	if (gmtime_r(&now, &utc))
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &utc);
	buf_addf(out, ", %s UTC", text);
}

static void add_head(struct recorder *r, const char *how, struct buf *out)
{
	struct session_writer w = writer(r, out);

	session_write_start(&w);
	buf_addstr(out, RECORDING_BEGIN);
	add_date(out);
	buf_addf(out, "%s\n", how);
}

static void add_end(size_t exchanges, struct buf *out)
{
	buf_addstr(out, RECORDING_END);
	add_date(out);
	buf_addf(out, "; exchanges: %zu\n", exchanges);
}

/* Begun when a conversation is under way: whom it is with, and that something is missing. */
static void add_join(struct recorder *r, struct buf *out)
{
	struct session_step open = {
	        .type = SESSION_OPEN, .client = true, .text = r->target.data, .len = r->target.len};
	struct session_writer w = writer(r, out);

	session_write_note(&w, SPAN("begun in the middle of this conversation; /save has its "
	                            "beginning as well"));
	session_write_step(&w, &open);
}

int recorder_start(struct recorder *r, const char *path, bool overwrite, struct diag *d)
{
	struct buf head;

	buf_init(&head, 8192);
	add_head(r, "", &head);
	if (r->dialogue && r->begun)
		add_join(r, &head);
	r->exchanges = 0;
	r->file = recording_open(path, overwrite, buf_span(&head), d);
	buf_release(&head);
	return r->file ? 0 : -1;
}

int recorder_stop(struct recorder *r, struct diag *d)
{
	struct recording *file;
	struct buf end;
	int result;

	if (!r->file)
		return 0;
	buf_init(&end, 200);
	add_end(r->exchanges, &end);
	file = r->file;
	r->file = NULL;
	result = recording_close(file, buf_span(&end), d);
	buf_release(&end);
	return result;
}

const char *recorder_path(const struct recorder *r)
{
	return r->file && !recording_failed(r->file) ? recording_path(r->file) : NULL;
}

size_t recorder_exchanges(const struct recorder *r)
{
	return r->exchanges;
}

long recorder_save(struct recorder *r, const char *path, bool overwrite, size_t *lost,
                   struct diag *d)
{
	struct recording *file;
	struct buf head, end;
	int result = -1;

	buf_init(&head, 8192);
	buf_init(&end, 200);
	add_head(r, ", saved afterwards", &head);
	if (r->journal.lost > 0)
		buf_addf(&head, "# the first %zu exchanges are missing: they were no longer kept\n",
		         r->journal.lost);
	add_end(r->journal.kept, &end);
	*lost = r->journal.lost;
	file = recording_open(path, overwrite, buf_span(&head), d);
	if (file) {
		result = recording_add(file, buf_span(&r->journal.text), d);
		if (recording_close(file, buf_span(&end), d) < 0)
			result = -1;
	}
	buf_release(&end);
	buf_release(&head);
	return result < 0 ? -1 : (long)r->journal.kept;
}
