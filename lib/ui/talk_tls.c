/*
 * The handshake as a step of the conversation: look up, begin, show, judge. What is shown does not
 * depend on the policy; whether the conversation goes on does. At a prompt an unproven server is a
 * lesson; in a script it is said on standard error, and with --tls require it is the end.
 */
#include "ui/talk_tls.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ui/commands.h"
#include "ui/internet.h"
#include "ui/tls_view.h"

enum { HANDSHAKE_MS = 30000, REPORT_MAX = 64 << 10, PEM_MAX = 1 << 20 };

struct talk_tls {
	struct tls_context *context; /* the same for all conversations */
	struct dane_result *dane;
	bool busy;     /* looking up, or shaking hands */
	bool first;    /* TLS stands before the greeting */
	bool compared; /* EHLO before and after */
	char *report, *pem;
	struct tls_report *met; /* the last handshake with `met_name`, in an earlier connection */
	char *met_name;
};

static struct talk_tls *state(struct talk *t)
{
	if (!t->tls)
		t->tls = mem_zero(sizeof(*t->tls));
	return t->tls;
}

bool talk_tls_is_busy(const struct talk *t)
{
	return t->tls && t->tls->busy;
}

static struct tls_policy policy(const struct talk *t)
{
	static const enum tls_policy_mode modes[] = {
	        [OPTIONS_TLS_MAY] = TLS_POLICY_MAY,
	        [OPTIONS_TLS_REQUIRE] = TLS_POLICY_REQUIRE,
	        [OPTIONS_TLS_REQUIRE_UNPROVEN] = TLS_POLICY_REQUIRE,
	        [OPTIONS_TLS_OFF] = TLS_POLICY_OFF,
	};
	bool dane = t->tls && t->tls->dane && t->tls->dane->state == TLS_DANE_SECURE;

	return (struct tls_policy){
	        .mode = modes[t->s.options->tls],
	        .verify = t->s.options->tls == OPTIONS_TLS_REQUIRE,
	        .origin = dane ? TLS_POLICY_BY_DANE : TLS_POLICY_BY_USER,
	};
}

static bool is_required(const struct talk *t)
{
	return t->s.options->tls == OPTIONS_TLS_REQUIRE ||
	       t->s.options->tls == OPTIONS_TLS_REQUIRE_UNPROVEN;
}

static bool is_encrypted(const struct talk *t)
{
	return t->conversation && smtp_dialogue_encrypted(conversation_dialogue(t->conversation));
}

/* --- beginning --- */

static struct tls_context *context(struct talk *t, struct diags *ds)
{
	if (!state(t)->context)
		t->tls->context = internet_tls(t->s.options, t->world, ds);
	return t->tls->context;
}

/* The end of this conversation, for a reason that is ours. */
static void give_up(struct talk *t, enum smtp_verb verb, const char *what, const char *hint)
{
	talk_fail_after(t, verb, what, hint);
	if (t->conversation) {
		t->closing = true;
		conversation_close(t->conversation);
	}
	if (!t->interactive)
		talk_finish(t);
}

static void begin(struct talk *t)
{
	struct dane_result *dane = t->tls->dane;
	struct tls_target target = {
	        .name = dane ? dane->host : t->server,
	        .sni = t->s.options->sni,
	        .tlsa = dane_result_tlsa(dane),
	        .dane = dane ? dane->state : TLS_DANE_NONE,
	        .ms = t->timeout ? (int64_t)t->timeout * 1000 : HANDSHAKE_MS,
	};

	if (t->target.kind == TARGET_UNIX)
		target.name = target.sni;
	t->tls->busy = true;
	progress_begin(&t->progress, "TLS handshake");
	if (conversation_start_tls(t->conversation, t->tls->context, &target) == 0)
		return;
	t->tls->busy = false;
	progress_end(&t->progress);
	give_up(t, SMTP_VERB_UNKNOWN,
	        "the server spoke before TLS, so TLS does not come first here",
	        "without --tls-on-connect, and with STARTTLS, it may work");
}

static void dane_known(struct talk *t, struct dane_result *take)
{
	t->tls->dane = take;
	begin(t);
}

static void prepare(struct talk *t)
{
	struct diags ds;

	diags_init(&ds);
	if (!context(t, &ds)) {
		talk_fail(t, &ds.list[0]);
		t->closing = true;
		conversation_close(t->conversation);
		if (!t->interactive)
			talk_finish(t);
	} else if (talk_dane_begin(t, dane_known)) {
		t->tls->busy = true;
		progress_begin(&t->progress, "asking the DNS for TLSA records of %s", t->server);
	} else {
		begin(t);
	}
	diags_release(&ds);
}

void talk_tls_begin(struct talk *t)
{
	state(t)->first = false;
	prepare(t);
}

void talk_tls_connected(struct talk *t)
{
	if (!t->target.tls && !t->s.options->tls_on_connect)
		return;
	state(t)->first = true;
	prepare(t);
}

/* --- a server that was met before --- */

static bool is_met(const struct talk *t)
{
	return t->tls && t->tls->met && t->server && strcmp(t->server, t->tls->met_name) == 0;
}

/* Whether it is less safe than in the connection before this one (heap), or NULL. */
static char *weakened(const struct talk *t)
{
	char *why = NULL;

	if (is_met(t))
		tls_policy_weakened(t->tls->met,
		                    is_encrypted(t) ? conversation_tls(t->conversation) : NULL,
		                    &why);
	return why;
}

static void remember(struct talk *t)
{
	struct tls_report *r = t->conversation ? conversation_take_tls(t->conversation) : NULL;

	if (!r || !r->done || !t->server) {
		tls_report_free(r);
		return;
	}
	tls_report_free(t->tls->met);
	free(t->tls->met_name);
	t->tls->met = r;
	t->tls->met_name = mem_dup(t->server);
}

static void say_weakened(struct talk *t)
{
	char *why = weakened(t);

	if (why)
		view_say(t->view,
		         "careful: this server is less safe than a moment ago: %s. "
		         "Somebody on the way may want that",
		         why);
	free(why);
}

/* --- what came of it --- */

static void keep(struct talk *t, const struct tls_report *r)
{
	struct buf b;

	free(t->tls->report);
	free(t->tls->pem);
	buf_init(&b, REPORT_MAX);
	tls_view_report(r, t->tls->dane, &b);
	t->tls->report = buf_take(&b);
	buf_init(&b, PEM_MAX);
	tls_view_pem(r, &b);
	t->tls->pem = buf_take(&b);
}

static void each_line(const char *text, struct view *v,
                      void (*say)(struct view *v, const char *format, ...))
{
	struct span rest = span_of(text);

	while (rest.p) {
		struct span line = span_cut(&rest, '\n');

		say(v, SPAN_FMT, SPAN_ARG(line));
	}
}

static void teach(struct talk *t)
{
	struct buf b;

	if (t->tls->first)
		return;
	view_note(t->view, "everything that was learned before TLS counts no more, since it could "
	                   "be changed on the way (RFC 3207 §4.2): say EHLO again");
	buf_init(&b, 600);
	buf_addf(&b, "EHLO %s", t->me);
	free(t->suggest);
	t->suggest = buf_take(&b);
	view_hint(t->view, "next: %s", t->suggest);
}

static void failed(struct talk *t, const struct tls_report *r, const char *why)
{
	struct buf what;

	buf_init(&what, REPORT_MAX);
	buf_addstr(&what, why ? why : tls_failure_text(r->failure));
	if (r->unexpected)
		buf_addf(&what, ": \"%s\"", r->unexpected);
	buf_addstr(&what, "; the connection was closed");
	talk_fail_after(t, t->tls->first ? SMTP_VERB_UNKNOWN : SMTP_VERB_STARTTLS, what.data,
	                r->failure == TLS_FAILURE_OLD_VERSION
	                        ? "--tls-min 1.0 takes old versions, which are not safe"
	                        : NULL);
	buf_release(&what);
	talk_disconnect(t);
	if (!t->interactive)
		talk_finish(t);
}

static void unproven(struct talk *t, const char *why)
{
	struct buf what;
	struct diag d;

	if (t->interactive)
		return; /* the report says it */
	buf_init(&what, REPORT_MAX);
	buf_addf(&what, "encrypted, but the server is not proven: %s", why);
	diag_init(&d);
	diag_set(&d, DIAG_NETWORK, t->where, "%s", what.data);
	diag_hint(&d, "--tls require stops here");
	view_diag(t->view, &d);
	diag_release(&d);
	buf_release(&what);
}

static void stopped(struct talk *t, const char *why)
{
	struct buf what;

	buf_init(&what, REPORT_MAX);
	buf_addf(&what, "--tls require wants a proven server: %s", why);
	give_up(t, t->tls->first ? SMTP_VERB_UNKNOWN : SMTP_VERB_STARTTLS, what.data, NULL);
	buf_release(&what);
}

void talk_tls_ended(struct talk *t, const struct conversation_event *ev)
{
	struct tls_policy p = policy(t);
	enum tls_verdict verdict;
	char *why;

	t->tls->busy = false;
	t->tls->compared = false;
	progress_end(&t->progress);
	view_both(t->view, "<negotiate TLS>");
	verdict = tls_policy_judge(&p, ev->tls, &why);
	if (!ev->tls->done) {
		failed(t, ev->tls, why);
		free(why);
		return;
	}
	keep(t, ev->tls);
	each_line(t->tls->report, t->view, view_note);
	say_weakened(t);
	if (verdict == TLS_VERDICT_STOP)
		stopped(t, why);
	else if (verdict == TLS_VERDICT_UNPROVEN)
		unproven(t, why);
	if (verdict != TLS_VERDICT_STOP)
		teach(t);
	if (t->tls->first && verdict != TLS_VERDICT_STOP)
		progress_begin(&t->progress, "waiting for the server's greeting");
	view_flush(t->view);
	free(why);
}

/* --- the policy, later --- */

static void compare(struct talk *t)
{
	const struct smtp_dialogue *d = conversation_dialogue(t->conversation);
	const struct smtp_capabilities *before = smtp_dialogue_capabilities_before_tls(d);
	struct buf b;

	if (!before || t->tls->compared)
		return;
	t->tls->compared = true;
	buf_init(&b, REPORT_MAX);
	tls_view_compare(before, smtp_dialogue_capabilities(d), &b);
	view_note(t->view, "EHLO, compared with the one before TLS: %s. Only this answer counts",
	          b.data);
	buf_release(&b);
}

static void not_offered(struct talk *t)
{
	const char *what = "the server does not offer STARTTLS, and --tls require wants it; "
	                   "somebody on the way may have taken it out";

	if (t->interactive)
		view_say(t->view, "%s. MAIL and AUTH will not be sent", what);
	else
		give_up(t, SMTP_VERB_EHLO, what, NULL);
}

void talk_tls_replied(struct talk *t, const struct smtp_event *ev)
{
	const struct smtp_dialogue *d = conversation_dialogue(t->conversation);
	bool good = ev->reply->code / 100 == 2;
	struct buf what;

	if (ev->verb == SMTP_VERB_EHLO && good && is_encrypted(t)) {
		compare(t);
	} else if (!is_required(t) || is_encrypted(t)) {
		return;
	} else if (ev->verb == SMTP_VERB_EHLO && good) {
		if (!smtp_capability_find(smtp_dialogue_capabilities(d), "STARTTLS"))
			not_offered(t);
	} else if (ev->verb == SMTP_VERB_STARTTLS && ev->after != SMTP_STATE_TLS) {
		buf_init(&what, 300);
		buf_addf(&what,
		         "STARTTLS was answered %d and not 220: TLS does not begin, and --tls "
		         "require lets nothing go on without it",
		         ev->reply->code);
		give_up(t, SMTP_VERB_STARTTLS, what.data, NULL);
		buf_release(&what);
	}
}

static void refuse(struct talk *t, enum smtp_verb verb, const char *why, const char *hint)
{
	struct diag d;

	if (t->interactive) {
		view_say(t->view, "not sent: %s; %s", why, hint);
		return;
	}
	diag_init(&d);
	diag_set(&d, DIAG_NETWORK, t->where, "%s was not sent: %s", smtp_verb_info(verb)->name,
	         why);
	diag_hint(&d, "%s", hint);
	talk_fail(t, &d);
	diag_release(&d);
	talk_finish(t);
}

/* Why no login may go out in the clear, or NULL: it may. Inside this machine and on the practice
 * internet nobody is on the way, so there it is sent, and called odd. */
static const char *clear_login(const struct talk *t)
{
	enum net_range range = net_address_range(stream_peer(conversation_stream(t->conversation)));
	bool here = t->world || range == NET_RANGE_LOOPBACK || range == NET_RANGE_LOCAL_SOCKET;

	if (is_encrypted(t) || t->s.options->auth_in_clear)
		return NULL;
	if (is_met(t))
		return "this server spoke TLS in the connection before, and a login in the clear "
		       "now is what somebody on the way would want";
	return here ? NULL : TALK_CLEAR_LOGIN;
}

bool talk_tls_forbids(struct talk *t, const struct smtp_command *cmd)
{
	struct tls_policy p = policy(t);
	enum smtp_verb verb = cmd->verb == SMTP_VERB_UNKNOWN ? cmd->meant : cmd->verb;
	bool login = verb == SMTP_VERB_AUTH;
	char *why;

	if (login && clear_login(t)) {
		refuse(t, verb, clear_login(t), TALK_CLEAR_HINT);
		return true;
	}
	if (!is_required(t) || is_encrypted(t) || (verb != SMTP_VERB_MAIL && !login))
		return false;
	tls_policy_judge(&p, NULL, &why);
	refuse(t, verb, why, "STARTTLS stands before it, or --tls-on-connect");
	free(why);
	return true;
}

char *talk_tls_doubt(const struct talk *t)
{
	struct tls_policy p = policy(t);
	char *why = weakened(t);

	if (!why && is_encrypted(t))
		tls_policy_judge(&p, conversation_tls(t->conversation), &why);
	return why;
}

void talk_tls_forget(struct talk *t)
{
	talk_dane_cancel(t);
	if (!t->tls)
		return;
	remember(t);
	dane_result_free(t->tls->dane);
	t->tls->dane = NULL;
	t->tls->busy = false;
}

void talk_tls_free(struct talk *t)
{
	talk_tls_forget(t);
	if (!t->tls)
		return;
	tls_context_free(t->tls->context);
	tls_report_free(t->tls->met);
	free(t->tls->met_name);
	free(t->tls->report);
	free(t->tls->pem);
	free(t->tls);
	t->tls = NULL;
}

/* --- /tls --- */

void local_tls(struct talk *t, struct span arguments)
{
	if (!t->tls || !t->tls->report)
		view_say(t->view, "there was no TLS handshake yet; STARTTLS begins one");
	else if (span_eq_nocase(arguments, SPAN("pem")))
		view_block(t->view, span_of(t->tls->pem));
	else if (arguments.n)
		view_say(t->view, "/tls, or /tls pem for the certificates");
	else
		each_line(t->tls->report, t->view, view_say);
}
