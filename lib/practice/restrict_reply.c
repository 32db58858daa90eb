/*
 * What every restriction asks and says: the facts by their names, and refusals and deferrals in
 * Postfix's words, with soft_bounce, warn_if_reject and what was remembered taken into account.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/mem.h"
#include "practice/restrict_state.h"
#include "practice/world_state.h"

#define REPLY_MAX 510
#define TEXT_MAX  (16u << 10)

/* --- memory --- */

void check_forget(struct restrict_deferral *d)
{
	free(d->dsn);
	free(d->text);
	*d = (struct restrict_deferral){0};
}

void restrict_memory_release(struct restrict_memory *m)
{
	restrict_memory_reset(m);
	check_forget(&m->if_permit);
	check_forget(&m->if_reject);
	free(m->reply);
	m->reply = NULL;
}

void restrict_memory_reset(struct restrict_memory *m)
{
	m->discard = false;
	if (m->prepend)
		buf_clear(m->prepend);
}

/* --- what restrictions ask and say --- */

const struct maincf *check_cf(const struct check *c)
{
	return c->f->site->cf;
}

const char *check_value(const struct check *c, enum subject about)
{
	switch (about) {
	case ABOUT_ANY: return c->subject;
	case ABOUT_CLIENT: return c->f->client_name;
	case ABOUT_REVERSE: return c->f->reverse_name;
	case ABOUT_HELO: return c->f->helo;
	case ABOUT_SENDER: return c->f->sender;
	case ABOUT_RECIPIENT: return c->f->recipient;
	case ABOUT_ETRN: return c->f->etrn;
	case ABOUT_USER: return c->f->user;
	}
	return NULL;
}

const char *check_class(const struct check *c, enum subject about)
{
	static const char *const classes[] = {
	        [ABOUT_CLIENT] = "Client host",          [ABOUT_REVERSE] = "Unverified Client host",
	        [ABOUT_HELO] = "Helo command",           [ABOUT_SENDER] = "Sender address",
	        [ABOUT_RECIPIENT] = "Recipient address", [ABOUT_ETRN] = "Etrn command",
	        [ABOUT_USER] = "SASL login name",
	};

	return about == ABOUT_ANY ? c->class : classes[about];
}

char *check_shown(const struct check *c, enum subject about)
{
	if (about == ABOUT_CLIENT)
		return world_text("%s[%s]", c->f->client_name, c->f->client);
	return mem_dup(check_value(c, about));
}

void check_looked(struct check *c, const char *format, ...)
{
	struct buf b;
	va_list args;

	buf_init(&b, TEXT_MAX);
	va_start(args, format);
	buf_vaddf(&b, format, args);
	va_end(args);
	free(c->looked);
	c->looked = buf_take(&b);
	buf_release(&b);
}

static bool is_dsn(struct span s, size_t *length)
{
	size_t n = 2, digits;

	if (s.n < 5 || !strchr("245", s.p[0]) || s.p[1] != '.')
		return false;
	for (int part = 0; part < 2; part++) {
		for (digits = 0; n < s.n && s.p[n] >= '0' && s.p[n] <= '9'; n++)
			digits++;
		if (digits < 1 || digits > 3 || (part == 0 && (n >= s.n || s.p[n++] != '.')))
			return false;
	}
	*length = n;
	return n == s.n || s.p[n] == ' ' || s.p[n] == '\t';
}

int check_code(const char *digits)
{
	return (digits[0] - '0') * 100 + (digits[1] - '0') * 10 + digits[2] - '0';
}

struct span check_split_dsn(struct span text, const char *fallback, char *dsn)
{
	size_t n = 0;

	text = span_trim_left(text);
	if (is_dsn(text, &n)) {
		memcpy(dsn, text.p, n);
		dsn[n] = '\0';
		return span_trim_left(span_skip(text, n));
	}
	memcpy(dsn, fallback, strlen(fallback) + 1);
	return text;
}

const char *check_fix_dsn(char *dsn, enum subject about, const char *class)
{
	static const struct {
		const char *detail, *sender, *recipient;
	} map[] = {
	        {"1", "1.0", "1.1"}, {"2", "1.8", "1.2"}, {"3", "1.7", "1.3"}, {"4", "1.0", "1.4"},
	        {"5", "1.0", "1.5"}, {"6", "1.0", "1.6"}, {"7", "1.7", "1.3"}, {"8", "1.8", "1.2"},
	};
	const char *fixed = "1.0";
	bool sender = about == ABOUT_SENDER || strcmp(class, "Sender address") == 0;
	bool recipient = about == ABOUT_RECIPIENT || strcmp(class, "Recipient address") == 0;

	if (strncmp(dsn + 1, ".1.", 3) != 0)
		return dsn;
	for (size_t i = 0; i < sizeof map / sizeof *map; i++)
		if (strcmp(dsn + 4, map[i].detail) == 0)
			fixed = sender ? map[i].sender : recipient ? map[i].recipient : "0.0";
	memcpy(dsn + 2, sender || recipient ? fixed : "0.0", 4);
	return dsn;
}

/* --- refusing --- */

static void set_reply(struct check *c, int code, const char *dsn, const char *text)
{
	struct buf b;

	buf_init(&b, TEXT_MAX);
	buf_addf(&b, "%d %s %s", code, dsn, text);
	if (code < 400 || code > 599)
		buf_clear(&b), buf_addstr(&b, "450 4.7.1 Service unavailable");
	if (b.len > REPLY_MAX)
		buf_cut(&b, REPLY_MAX);
	for (size_t i = 0; i < b.len; i++)
		if ((unsigned char)b.data[i] < ' ' || b.data[i] == 0x7f)
			b.data[i] = ' ';
	free(c->m->reply);
	c->m->reply = buf_take(&b);
	buf_release(&b);
}

static enum outcome refuse(struct check *c, int code, const char *dsn, const char *text, bool final)
{
	struct restrict_deferral *later = &c->m->if_reject;
	bool warn = c->warn && !final;
	char *reply;

	set_reply(c, code, dsn, text);
	reply = c->m->reply;
	if (!warn && later->active && reply[0] == '5') {
		char *saved_dsn = mem_dup(later->dsn), *saved_text = mem_dup(later->text);
		int saved = later->code;

		c->warn = 0;
		check_forget(later);
		refuse(c, saved, saved_dsn, saved_text, false);
		free(saved_dsn);
		free(saved_text);
		return REFUSE;
	}
	if (maincf_yes(check_cf(c), MAINCF_SOFT_BOUNCE) && reply[0] == '5')
		reply[0] = '4';
	reply[4] = reply[0];
	return warn ? DUNNO : REFUSE;
}

static char *format_text(const char *format, va_list args) __attribute__((format(printf, 1, 0)));
static char *format_text(const char *format, va_list args)
{
	struct buf b;
	char *text;

	buf_init(&b, TEXT_MAX);
	buf_vaddf(&b, format, args);
	text = buf_take(&b);
	buf_release(&b);
	return text;
}

enum outcome check_refuse(struct check *c, int code, const char *dsn, const char *format, ...)
{
	enum outcome o;
	va_list args;
	char *text;

	va_start(args, format);
	text = format_text(format, args);
	va_end(args);
	o = refuse(c, code, dsn, text, false);
	free(text);
	return o;
}

static void remember(struct restrict_deferral *d, int code, const char *dsn, const char *text)
{
	if (d->active)
		return;
	check_forget(d);
	*d = (struct restrict_deferral){true, code, mem_dup(dsn), mem_dup(text)};
}

enum outcome check_defer_if_permit(struct check *c, bool now, int code, const char *dsn,
                                   const char *format, ...)
{
	enum outcome o = DUNNO;
	va_list args;
	char *text;

	va_start(args, format);
	text = format_text(format, args);
	va_end(args);
	if (c->warn || now)
		o = refuse(c, code, dsn, text, false);
	else
		remember(&c->m->if_permit, code, dsn, text);
	free(text);
	return o;
}

void check_defer_if_reject(struct check *c, int code, const char *dsn, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = format_text(format, args);
	va_end(args);
	remember(&c->m->if_reject, code, dsn, text);
	free(text);
}

enum outcome check_server_error(struct check *c, const char *why)
{
	check_looked(c, "%s: Postfix calls this a server configuration error", why);
	return refuse(c, 451, "4.3.5", "Server configuration error", true);
}
