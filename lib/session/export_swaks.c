/*
 * swaks makes one transaction of a fixed order: a table says at which place each command may stand.
 * The message goes in on standard input as it is on the wire, since swaks rewrites what it takes
 * from the command line.
 */
#include <string.h>

#include "base/display.h"
#include "session/export_walk.h"
#include "smtp/command.h"

struct swaks {
	const struct export_walk *walk;
	struct buf options, to, data, user;
	bool user_set, has_data;
	char secret[SESSION_NAME_MAX + 1];
	const char *quit_after;
	int place;
	bool tls;
	struct diag *d;
};

/* Quoted for a shell. */
static void quote(struct span text, struct buf *out)
{
	buf_addch(out, '\'');
	while (text.n > 0) {
		size_t plain = span_find(text, '\'');

		buf_add(out, text.p, plain);
		text = span_skip(text, plain);
		if (text.n > 0) {
			buf_addstr(out, "'\\''");
			text = span_skip(text, 1);
		}
	}
	buf_addch(out, '\'');
}

static void add_option(struct swaks *s, const char *name, struct span value)
{
	buf_addf(&s->options, " \\\n\t%s ", name);
	quote(value, &s->options);
}

static bool is_plain_text(struct span text)
{
	struct buf shown;
	bool same;

	buf_init(&shown, 8 * text.n + 16);
	display_add(&shown, text, DISPLAY_TAB);
	same = span_eq(buf_span(&shown), text);
	buf_release(&shown);
	return same;
}

/* --- commands --- */

static int take_hello(struct swaks *s, const struct session_step *step,
                      const struct smtp_command *c)
{
	static const char *const protocols[] = {
	        [SMTP_VERB_HELO] = "SMTP", [SMTP_VERB_EHLO] = NULL, [SMTP_VERB_LHLO] = "LMTP"};

	(void)step;
	if (!s->tls) {
		add_option(s, "--helo", c->argument);
		if (protocols[c->verb])
			add_option(s, "--protocol", span_of(protocols[c->verb]));
	}
	s->quit_after = s->tls ? "TLS" : "HELO";
	return 0;
}

static int take_tls(struct swaks *s, const struct session_step *step, const struct smtp_command *c)
{
	(void)step, (void)c;
	buf_addstr(&s->options, " \\\n\t--tls");
	s->tls = true;
	return 0;
}

static void take_argument(struct swaks *s, const struct session_ref *ref, size_t i)
{
	struct buf name;

	buf_init(&name, SESSION_VALUE_MAX);
	if (i == 0 && ref->count == 2) {
		s->user_set = export_argument(s->walk, &ref->args[i], ref->form, i, &s->user);
	} else {
		export_argument(s->walk, &ref->args[i], ref->form, i, &name);
		if (name.len <= SESSION_NAME_MAX)
			memcpy(s->secret, name.data, name.len + 1);
	}
	buf_release(&name);
}

static int take_auth(struct swaks *s, const struct session_step *step, const struct smtp_command *c)
{
	struct span rest = c->argument, mechanism = span_word(&rest);

	if (!span_eq_nocase(mechanism, SPAN("PLAIN")) &&
	    !span_eq_nocase(mechanism, SPAN("LOGIN")) &&
	    !span_eq_nocase(mechanism, SPAN("CRAM-MD5")))
		return export_cannot(step, s->d,
		                     "of such logins, swaks can do PLAIN, LOGIN and CRAM-MD5 only");
	add_option(s, "--auth", mechanism);
	for (size_t i = 0; i < step->refs_count; i++) {
		for (size_t k = 0; k < step->refs[i].count; k++)
			take_argument(s, &step->refs[i], k);
	}
	s->quit_after = "AUTH";
	return 0;
}

static int take_answer(struct swaks *s, const struct session_step *step)
{
	struct buf user;

	if (step->refs_count != 1)
		return export_cannot(step, s->d, "swaks makes the answers of a login itself");
	if (s->user.len > 0 || step->refs[0].count == 2) {
		for (size_t k = 0; k < step->refs[0].count; k++)
			take_argument(s, &step->refs[0], k);
		return 0;
	}
	buf_init(&user, SESSION_VALUE_MAX);
	s->user_set =
	        export_argument(s->walk, &step->refs[0].args[0], step->refs[0].form, 0, &user);
	buf_addspan(&s->user, buf_span(&user));
	buf_release(&user);
	return 0;
}

static struct span bare_path(struct span path)
{
	if (path.n > 2 && path.p[0] == '<' && path.p[path.n - 1] == '>')
		return span_first(span_skip(path, 1), path.n - 2);
	return path;
}

static int take_mail(struct swaks *s, const struct session_step *step, const struct smtp_command *c)
{
	if (c->parameters.n > 0 && !span_starts_nocase(c->parameters, SPAN("SIZE=")))
		return export_cannot(step, s->d, "swaks has no option for a parameter of MAIL");
	add_option(s, "--from", bare_path(c->path));
	s->quit_after = "MAIL";
	return 0;
}

static int take_rcpt(struct swaks *s, const struct session_step *step, const struct smtp_command *c)
{
	struct span path = bare_path(c->path);

	if (c->parameters.n > 0)
		return export_cannot(step, s->d, "swaks has no option for a parameter of RCPT");
	if (span_find(path, ',') < path.n)
		return export_cannot(step, s->d,
		                     "swaks cannot send an address that has a comma in it");
	if (s->to.len > 0)
		buf_addch(&s->to, ',');
	buf_addspan(&s->to, path);
	s->quit_after = "RCPT";
	return 0;
}

static int take_data(struct swaks *s, const struct session_step *step, const struct smtp_command *c)
{
	(void)s, (void)step, (void)c;
	return 0;
}

static int take_quit(struct swaks *s, const struct session_step *step, const struct smtp_command *c)
{
	(void)s, (void)step, (void)c;
	return 0;
}

static const struct {
	enum smtp_verb verb;
	int place, next; /* where it may stand, and what stands behind it */
	int (*take)(struct swaks *s, const struct session_step *step, const struct smtp_command *c);
} order[] = {
        {SMTP_VERB_EHLO, 0, 1, take_hello}, {SMTP_VERB_HELO, 0, 1, take_hello},
        {SMTP_VERB_LHLO, 0, 1, take_hello}, {SMTP_VERB_STARTTLS, 1, 2, take_tls},
        {SMTP_VERB_EHLO, 2, 3, take_hello}, {SMTP_VERB_AUTH, 1, 4, take_auth},
        {SMTP_VERB_AUTH, 3, 4, take_auth},  {SMTP_VERB_MAIL, 1, 5, take_mail},
        {SMTP_VERB_MAIL, 3, 5, take_mail},  {SMTP_VERB_MAIL, 4, 5, take_mail},
        {SMTP_VERB_RCPT, 5, 5, take_rcpt},  {SMTP_VERB_DATA, 5, 6, take_data},
};
enum { LAST_PLACE = 8 };

static int take_command(struct swaks *s, const struct session_step *step)
{
	struct smtp_command cmd;
	struct buf line;
	int result = -2;

	buf_init_secret(&line, SESSION_FILE_MAX);
	if (export_text(s->walk, step, &line) != 0) {
		buf_clear(&line);
		buf_add(&line, step->text, step->len);
	}
	smtp_command_parse(buf_span(&line), &cmd);
	if (cmd.verb == SMTP_VERB_QUIT) {
		s->place = LAST_PLACE;
		result = take_quit(s, step, &cmd);
	}
	for (size_t i = 0; result == -2 && i < sizeof(order) / sizeof(order[0]); i++) {
		if (order[i].verb == cmd.verb && order[i].place == s->place) {
			s->place = order[i].next;
			result = order[i].take(s, step, &cmd);
		}
	}
	if (result == -2 || !is_plain_text(buf_span(&line)))
		result = export_cannot(step, s->d,
		                       "swaks cannot send this here: it makes one transaction, in "
		                       "the usual order");
	buf_release(&line);
	return result;
}

/* --- the message --- */

static int take_text(struct swaks *s, const struct export_exchange *x)
{
	for (size_t i = 0; i + 1 < x->count; i++) {
		struct buf line;
		bool good;

		buf_init_secret(&line, SESSION_FILE_MAX);
		good = export_text(s->walk, &x->steps[i], &line) == 0 &&
		       is_plain_text(buf_span(&line));
		buf_addstr(&s->data, "\t");
		quote(buf_span(&line), &s->data);
		buf_addstr(&s->data, " \\\n");
		buf_release(&line);
		if (!good)
			return export_cannot(
			        &x->steps[i], s->d,
			        "this line of the message cannot stand in a command line");
	}
	s->has_data = true;
	s->place = LAST_PLACE;
	return 0;
}

static int take_exchange(struct swaks *s, const struct export_exchange *x)
{
	switch (x->kind) {
	case EXPORT_REPLY: return 0;
	case EXPORT_TEXT:
		if (x->steps->type == SESSION_MESSAGE)
			return export_cannot(x->steps, s->d,
			                     "the message is in a file: give it with --data @FILE");
		return take_text(s, x);
	case EXPORT_COMMAND:
		return x->verb == SMTP_VERB_ANSWER ? take_answer(s, x->steps)
		                                   : take_command(s, x->steps);
	case EXPORT_RAW: return export_cannot(x->steps, s->d, "swaks cannot send raw bytes");
	case EXPORT_STEP: break;
	}
	switch (x->steps->type) {
	case SESSION_TLS:
		if (s->place == 0)
			buf_addstr(&s->options, " \\\n\t--tls-on-connect");
		if (x->steps->verify)
			buf_addstr(&s->options, " \\\n\t--tls-verify");
		return 0;
	case SESSION_OPEN:
		if (s->place == 0)
			return 0;
		return export_cannot(x->steps, s->d, "swaks makes one connection");
	case SESSION_NOTHING:
	case SESSION_STALL:
	case SESSION_RESET: return export_cannot(x->steps, s->d, "swaks cannot do this step");
	default: return 0;
	}
}

/* --- the whole --- */

static void write_command(struct swaks *s, const struct export_settings *settings, struct buf *out)
{
	unsigned long port;
	struct buf host;

	buf_init(&host, SESSION_VALUE_MAX);
	export_server(s->walk, settings, &host, &port);
	if (s->has_data)
		buf_addf(out, "{ printf '%%s\\r\\n' \\\n%.*s; printf .; } |\n",
		         (int)(s->data.len > 3 ? s->data.len - 3 : s->data.len), s->data.data);
	buf_addf(out, "swaks --server ");
	quote(buf_span(&host), out);
	buf_addf(out, " --port %lu", port);
	buf_addspan(out, buf_span(&s->options));
	if (s->to.len > 0) {
		buf_addstr(out, " \\\n\t--to ");
		quote(buf_span(&s->to), out);
	}
	if (s->user.len > 0 && s->user_set) {
		buf_addstr(out, " \\\n\t--auth-user ");
		quote(buf_span(&s->user), out);
	} else if (s->user.len > 0) {
		buf_addf(out, " \\\n\t--auth-user \"$%s\"", s->user.data);
	}
	if (s->secret[0])
		buf_addf(out, " \\\n\t--auth-password \"$%s\" --auth-hide-password", s->secret);
	if (s->has_data)
		buf_addstr(out, " \\\n\t--no-data-fixup --data -");
	else if (s->quit_after)
		buf_addf(out, " \\\n\t--quit-after %s", s->quit_after);
	buf_addch(out, '\n');
	buf_release(&host);
}

int export_swaks(const struct session_file *f, const struct export_settings *settings,
                 struct buf *out, struct diag *d)
{
	struct export_walk walk;
	struct swaks s = {.walk = &walk, .d = d};
	int result = 0;

	export_walk_init(&walk, f);
	buf_init(&s.options, EXPORT_MAX);
	buf_init(&s.to, EXPORT_MAX);
	buf_init(&s.data, EXPORT_MAX);
	buf_init(&s.user, SESSION_VALUE_MAX);
	for (size_t i = 0; i < walk.count && result == 0; i++)
		result = take_exchange(&s, &walk.list[i]);
	if (result == 0)
		write_command(&s, settings, out);
	if (result == 0 && out->full)
		result = diag_set(d, DIAG_INPUT, f->path, "it is too large for a command line");
	buf_release(&s.user);
	buf_release(&s.data);
	buf_release(&s.to);
	buf_release(&s.options);
	export_walk_release(&walk);
	return result;
}
