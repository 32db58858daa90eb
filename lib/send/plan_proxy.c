/*
 * What comes from in front of a mail server: the PROXY protocol of HAProxy, XCLIENT and XFORWARD of
 * Postfix. As in swaks, nothing checks that addresses fit each other: a wrong header is a test,
 * too.
 */
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/mem.h"
#include "net/address.h"
#include "send/plan.h"

static int proxy_fault(struct send_planner *m, const char *where, const char *what)
{
	*m->status = SEND_EXIT_PROXY;
	return diag_set(m->d, DIAG_USAGE, where, "%s", what);
}

/* --- PROXY --- */

enum { FAMILY, SOURCE, SOURCE_PORT, DEST, DEST_PORT, PROTOCOL, COMMAND, PARTS };

static const struct {
	const char *name;
	enum send_option option;
	const char *otherwise;
} parts[PARTS] = {
        [FAMILY] = {"proxy-family", SEND_PROXY_FAMILY, NULL},
        [SOURCE] = {"proxy-source", SEND_PROXY_SOURCE, NULL},
        [SOURCE_PORT] = {"proxy-source-port", SEND_PROXY_SOURCE_PORT, NULL},
        [DEST] = {"proxy-dest", SEND_PROXY_DEST, NULL},
        [DEST_PORT] = {"proxy-dest-port", SEND_PROXY_DEST_PORT, NULL},
        [PROTOCOL] = {"proxy-protocol", SEND_PROXY_PROTOCOL, "STREAM"},
        [COMMAND] = {"proxy-command", SEND_PROXY_COMMAND, "PROXY"},
};

static int word_in(const char *word, const char *const *list)
{
	for (int i = 0; list[i]; i++)
		if (span_eq_nocase(span_of(word), span_of(list[i])))
			return i;
	return -1;
}

static const char *const protocol_words[] = {"UNSPEC", "STREAM", "DGRAM", NULL};
static const char *const command_words[] = {"LOCAL", "PROXY", NULL};
static const char *const family_1[] = {"TCP4", "TCP6", NULL};
static const char *const family_2[] = {"AF_UNSPEC", "AF_INET", "AF_INET6", "AF_UNIX", NULL};

static void add_16(struct buf *out, unsigned n)
{
	buf_addch(out, (char)(n >> 8));
	buf_addch(out, (char)n);
}

static void add_address(struct buf *out, const char *text)
{
	struct net_address a;

	if (net_address_parse(span_of(text), 0, &a) != 0)
		return;
	if (a.sa.ss_family == AF_INET6)
		buf_add(out, (const char *)&a.sa + 8, 16); /* sin6_addr */
	else
		buf_add(out, (const char *)&a.sa + 4, 4); /* sin_addr */
}

static unsigned port_of(const char *text)
{
	unsigned long n = 0;

	return span_number(span_of(text), 65535, &n) == 0 ? (unsigned)n : 0;
}

/* The PROXY protocol, version 2, §2.2. */
static void add_binary(struct buf *out, const char *const *given)
{
	struct buf net;
	bool local = word_in(given[COMMAND], command_words) == 0;

	/* swaks says 2 for LOCAL, which no version of the protocol knows; it is 0. */
	buf_addch(out, (char)(local ? 0x20 : 0x21));
	if (local) {
		buf_addch(out, 0);
		add_16(out, 0);
		return;
	}
	buf_addch(out, (char)(word_in(given[FAMILY], family_2) << 4 |
	                      word_in(given[PROTOCOL], protocol_words)));
	buf_init(&net, 64);
	add_address(&net, given[SOURCE]);
	add_address(&net, given[DEST]);
	add_16(&net, port_of(given[SOURCE_PORT]));
	add_16(&net, port_of(given[DEST_PORT]));
	add_16(out, (unsigned)net.len);
	buf_addspan(out, buf_span(&net));
	buf_release(&net);
}

static void add_upper(struct buf *out, const char *text)
{
	for (; *text; text++)
		buf_addch(out, ascii_upper(*text));
}

static void add_text(struct buf *out, const char *const *given)
{
	for (int i = FAMILY; i <= DEST_PORT; i++) {
		static const int order[] = {FAMILY, SOURCE, DEST, SOURCE_PORT, DEST_PORT};

		buf_addch(out, ' ');
		add_upper(out, given[order[i]]);
	}
	buf_addstr(out, "\r\n");
}

static int check_words(struct send_planner *m, const char *const *given, int version)
{
	if (word_in(given[PROTOCOL], protocol_words) < 0)
		return proxy_fault(m, "proxy-protocol", "is none of UNSPEC, STREAM, DGRAM");
	if (word_in(given[COMMAND], command_words) < 0)
		return proxy_fault(m, "proxy-command", "is neither LOCAL nor PROXY");
	if (word_in(given[FAMILY], version == 2 ? family_2 : family_1) < 0)
		return proxy_fault(m, "proxy-family",
		                   version == 2 ? "is none of AF_UNSPEC, AF_INET, AF_INET6, AF_UNIX"
		                                : "is neither TCP4 nor TCP6");
	return 0;
}

static int read_version(struct send_planner *m, int *version)
{
	const char *text = send_options_text(m->options, SEND_PROXY_VERSION);

	*version = text && strcmp(text, "2") == 0 ? 2 : 1;
	if (text && strcmp(text, "1") != 0 && strcmp(text, "2") != 0)
		return proxy_fault(m, "proxy-version", "is neither 1 nor 2");
	return 0;
}

static int complete(struct send_planner *m, const char **given)
{
	for (int i = 0; i < PARTS; i++) {
		if (!given[i])
			given[i] = parts[i].otherwise;
		if (!given[i])
			return proxy_fault(m, parts[i].name,
			                   "is missing: these options belong together");
	}
	return 0;
}

int send_plan_proxy(struct send_planner *m)
{
	static const char signature[] = {'\r', '\n', '\r', '\n', 0,   '\r',
	                                 '\n', 'Q',  'U',  'I',  'T', '\n'};
	const char *raw = send_options_text(m->options, SEND_PROXY);
	const char *given[PARTS];
	struct buf *out = &m->plan->proxy;
	bool any = false;
	int version;

	for (int i = 0; i < PARTS; i++) {
		given[i] = send_options_text(m->options, parts[i].option);
		any = any || given[i];
	}
	if (raw && any)
		return proxy_fault(m, "proxy", "stands against the other options of PROXY");
	if (read_version(m, &version) != 0)
		return -1;
	if (!raw && !any)
		return 0;
	if (!raw && (complete(m, given) != 0 || check_words(m, given, version) != 0))
		return -1;
	if (version == 2)
		buf_add(out, signature, sizeof(signature));
	else
		buf_addstr(out, "PROXY");
	if (raw)
		buf_addf(out, version == 2 ? "%s" : " %s\r\n", raw);
	else if (version == 2)
		add_binary(out, given);
	else
		add_text(out, given);
	return 0;
}

/* --- XCLIENT and XFORWARD --- */

/* RFC 3461 §4: xtext. */
static void add_xtext(struct buf *out, const char *text)
{
	for (const char *p = text; *p; p++) {
		unsigned char c = (unsigned char)*p;

		if (c == '+' || c == '=' || c <= ' ' || c == 0xff)
			buf_addf(out, "+%02X", c);
		else
			buf_addch(out, *p);
	}
}

/* The name of an attribute is the option's, after its first dash. */
static void add_attribute(struct buf *text, struct buf *names, enum send_option o,
                          const char *value)
{
	const struct span whole = send_option_name(o);
	const struct span name = span_skip(whole, span_find(whole, '-') + 1);
	struct buf upper;

	buf_init(&upper, 64);
	for (size_t i = 0; i < name.n; i++)
		buf_addch(&upper, name.p[i] == '-' ? '_' : ascii_upper(name.p[i]));
	buf_addf(text, "%s%s=", text->len ? " " : "", upper.data);
	add_xtext(text, value);
	buf_addf(names, "%s%s", names->len ? " " : "", upper.data);
	buf_release(&upper);
}

static void add_xclient(struct send_plan *p, struct buf *text, struct buf *names)
{
	if (text->len > 0) {
		p->xclient = mem_grow(p->xclient, p->xclient_count, &p->xclient_room,
		                      sizeof(*p->xclient));
		p->xclient[p->xclient_count++] =
		        (struct send_xclient){mem_dup(text->data), mem_dup(names->data)};
	}
	buf_clear(text);
	buf_clear(names);
}

static void collect_xclient(struct send_planner *m, struct buf *text, struct buf *names)
{
	for (size_t i = 0; i < m->options->count; i++) {
		const struct send_value *v = &m->options->list[i];

		if (v->option == SEND_XCLIENT || v->option == SEND_XCLIENT_DELIM)
			add_xclient(m->plan, text, names);
		if (v->option == SEND_XCLIENT) {
			buf_addstr(text, v->text);
			add_xclient(m->plan, text, names);
		} else if (v->option >= SEND_XCLIENT_NAME &&
		           v->option <= SEND_XCLIENT_REVERSE_NAME && v->text[0]) {
			add_attribute(text, names, v->option, v->text);
		}
	}
	add_xclient(m->plan, text, names);
}

static void collect_xforward(struct send_planner *m, struct buf *text, struct buf *names)
{
	for (size_t i = 0; i < m->options->count; i++) {
		const struct send_value *v = &m->options->list[i];

		if (v->option >= SEND_XFORWARD_ADDR && v->option <= SEND_XFORWARD_SOURCE)
			add_attribute(text, names, v->option, v->text);
	}
	if (text->len > 0)
		m->plan->xforward = mem_dup(text->data);
}

int send_plan_xclient(struct send_planner *m)
{
	struct send_plan *p = m->plan;
	struct buf text, names;

	buf_init(&text, 64u << 10);
	buf_init(&names, 4096);
	collect_xclient(m, &text, &names);
	collect_xforward(m, &text, &names);
	buf_release(&text);
	buf_release(&names);
	p->xclient_no_verify = send_options_has(m->options, SEND_XCLIENT_NO_VERIFY);
	p->xclient_before_tls = send_options_has(m->options, SEND_XCLIENT_BEFORE_STARTTLS);
	if (send_options_has(m->options, SEND_XCLIENT_OPTIONAL))
		p->xclient_need = SEND_OPTIONAL;
	if (send_options_has(m->options, SEND_XCLIENT_OPTIONAL_STRICT))
		p->xclient_need = SEND_OPTIONAL_STRICT;
	return 0;
}
