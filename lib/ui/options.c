/*
 * A table instead of getopt_long(): the same rows also serve the environment, the config file and
 * --help, so that none of them can drift from the others.
 */
#include "ui/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/mem.h"
#include "base/record.h"
#include "ui/nearest.h"

enum option_kind { KIND_FLAG, KIND_VALUE, KIND_NUMBER, KIND_CHOICE, KIND_TEXT };

struct option_row {
	const char *name;
	int letter; /* 0: none */
	enum option_kind kind;
	const char *argument; /* NULL: takes none */
	size_t offset;        /* of the field in struct options */
	int low, high;        /* KIND_NUMBER: the range; KIND_VALUE: low is what the flag sets */
	const char *const *choices;
	const char *help;
};

static const char *const color_choices[] = {"auto", "always", "never", NULL};
static const char *const explain_choices[] = {"auto", "off", "short", "full", NULL};
static const char *const tls_choices[] = {"may", "require", "require,verify=no", "off", NULL};
static const char *const version_choices[] = {"1.0", "1.1", "1.2", "1.3", NULL};

#define AT(field) offsetof(struct options, field)
static const struct option_row rows[] = {
        {"ipv4", '4', KIND_VALUE, NULL, AT(family), OPTIONS_V4, 0, NULL, "use IPv4 only"},
        {"ipv6", '6', KIND_VALUE, NULL, AT(family), OPTIONS_V6, 0, NULL, "use IPv6 only"},
        {"port", 'p', KIND_NUMBER, "PORT", AT(port), 0, 65535, NULL,
         "connect straight to the target's own address, to this port"},
        {"host", 0, KIND_TEXT, "HOST", AT(host), 0, 0, NULL,
         "connect straight to this host, whatever the MX says"},
        {"helo", 0, KIND_TEXT, "NAME", AT(helo), 0, 0, NULL,
         "the name to suggest for HELO and EHLO"},
        {"dns", 0, KIND_TEXT, "ADDR[:PORT]", AT(dns), 0, 0, NULL,
         "ask this name server instead of those in /etc/resolv.conf"},
        {"timeout", 0, KIND_NUMBER, "SECONDS", AT(timeout), 1, 86400, NULL,
         "how long to wait for each connection and each reply"},
        {"practice", 0, KIND_FLAG, NULL, AT(practice), 0, 0, NULL,
         "use the practice internet inside this program; no network is needed"},
        {"explain", 0, KIND_CHOICE, "off|short|full", AT(explain), 0, 0, explain_choices,
         "how much to say beside the dialogue; short at a terminal, off in a pipe"},
        {"lang", 0, KIND_TEXT, "LANGUAGE", AT(lang), 0, 0, NULL,
         "the language of explanations and lessons, such as en"},
        {"color", 0, KIND_CHOICE, "auto|always|never", AT(color), 0, 0, color_choices,
         "colours; auto obeys NO_COLOR, a dumb terminal and a pipe"},
        {"quiet", 0, KIND_FLAG, NULL, AT(quiet), 0, 0, NULL,
         "no # lines at all, except the answers to / commands"},
        {"yes", 0, KIND_FLAG, NULL, AT(yes), 0, 0, NULL,
         "do not ask before connecting to a private or loopback mail host"},
        {"tls", 0, KIND_CHOICE, "may|require[,verify=no]|off", AT(tls), 0, 0, tls_choices,
         "require: TLS to a proven server; verify=no: to any"},
        {"tls-on-connect", 0, KIND_FLAG, NULL, AT(tls_on_connect), 0, 0, NULL,
         "begin with TLS, before the greeting, as on port 465"},
        {"tls-min", 0, KIND_CHOICE, "1.0|1.1|1.2|1.3", AT(tls_min), 0, 0, version_choices,
         "the oldest version of TLS to agree to; 1.2 without this"},
        {"ca-file", 0, KIND_TEXT, "FILE", AT(ca_file), 0, 0, NULL,
         "trust the authorities in this PEM file instead of the system's"},
        {"ca-path", 0, KIND_TEXT, "FOLDER", AT(ca_path), 0, 0, NULL,
         "trust the authorities in this folder (made by openssl rehash)"},
        {"sni", 0, KIND_TEXT, "NAME", AT(sni), 0, 0, NULL,
         "the server name to send in TLS; the host's own is still proven"},
        {"client-cert", 0, KIND_TEXT, "FILE", AT(client_cert), 0, 0, NULL,
         "show this certificate to servers that ask for one (PEM)"},
        {"client-key", 0, KIND_TEXT, "FILE", AT(client_key), 0, 0, NULL,
         "its key, when it is not in the same file (PEM)"},
        {"keylog", 0, KIND_TEXT, "FILE", AT(keylog), 0, 0, NULL,
         "append the keys of each TLS session, for Wireshark"},
        {"trust-ad", 0, KIND_FLAG, NULL, AT(trust_ad), 0, 0, NULL,
         "believe the name server's word on DNSSEC, also from afar"},
        {"auth-password-env", 0, KIND_TEXT, "NAME", AT(auth_password_env), 0, 0, NULL,
         "/auth: the password is in this environment variable"},
        {"auth-password-file", 0, KIND_TEXT, "FILE", AT(auth_password_file), 0, 0, NULL,
         "/auth: the password is the first line of this file"},
        {"auth-in-clear", 0, KIND_FLAG, NULL, AT(auth_in_clear), 0, 0, NULL,
         "log in also without TLS, where everybody on the way can read it"},
        {"listen", 0, KIND_TEXT, "ADDR[:PORT]", AT(listen), 0, 0, NULL,
         "serve: listen here instead of on 127.0.0.1:2525"},
        {"once", 0, KIND_FLAG, NULL, AT(once), 0, 0, NULL,
         "serve: leave after the first connection"},
        {"cert", 0, KIND_TEXT, "FILE", AT(cert), 0, 0, NULL,
         "serve: the certificate chain for <negotiate TLS> (PEM)"},
        {"key", 0, KIND_TEXT, "FILE", AT(key), 0, 0, NULL,
         "serve: its key, when it is not in the same file (PEM)"},
        {"help", 'h', KIND_FLAG, NULL, AT(help), 0, 0, NULL, "show this list and leave"},
        {"version", 0, KIND_FLAG, NULL, AT(version), 0, 0, NULL, "show the version and leave"},
};
enum { ROW_COUNT = sizeof(rows) / sizeof(*rows) };

static const char *row_name(size_t i)
{
	return rows[i].name;
}

static const struct option_row *row_find(struct span name)
{
	for (size_t i = 0; i < ROW_COUNT; i++)
		if (span_eq(name, span_of(rows[i].name)))
			return &rows[i];
	return NULL;
}

static const struct option_row *row_letter(char c)
{
	for (size_t i = 0; i < ROW_COUNT; i++)
		if (rows[i].letter == c)
			return &rows[i];
	return NULL;
}

void options_init(struct options *o)
{
	memset(o, 0, sizeof(*o));
	o->port = -1;
	o->tls_min = 2; /* RFC 8996 retired what is older */
}

void options_release(struct options *o)
{
	for (size_t i = 0; i < ROW_COUNT; i++)
		if (rows[i].kind == KIND_TEXT)
			free(*(char **)((char *)o + rows[i].offset));
	free(o->args);
	options_init(o);
}

static int read_switch(const char *value)
{
	static const char *const on[] = {"1", "yes", "true", "on", NULL};
	static const char *const off[] = {"0", "no", "false", "off", NULL};

	for (int i = 0; on[i]; i++) {
		if (span_eq_nocase(span_of(value), span_of(on[i])))
			return 1;
		if (span_eq_nocase(span_of(value), span_of(off[i])))
			return 0;
	}
	return -1;
}

static int set_choice(const struct option_row *row, int *field, const char *value)
{
	for (int i = 0; row->choices[i]; i++) {
		if (value != NULL && strcmp(row->choices[i], value) == 0) {
			*field = i;
			return 0;
		}
	}
	return -1;
}

/* Sets a field from text. -1 when the text is not of the row's kind. A flag with value NULL stands
 * alone on the command line. */
static int row_set(const struct option_row *row, struct options *o, const char *value)
{
	void *field = (char *)o + row->offset;
	unsigned long number;
	int on;

	switch (row->kind) {
	case KIND_FLAG:
	case KIND_VALUE:
		on = value ? read_switch(value) : 1;
		if (on < 0)
			return -1;
		if (row->kind == KIND_FLAG)
			*(int *)field = on;
		else if (on)
			*(int *)field = row->low;
		return 0;
	case KIND_NUMBER:
		if (span_number(span_of(value), (unsigned long)row->high, &number) < 0 ||
		    (long)number < row->low)
			return -1;
		*(int *)field = (int)number;
		return 0;
	case KIND_CHOICE: return set_choice(row, field, value);
	case KIND_TEXT:
		free(*(char **)field);
		*(char **)field = mem_dup(value);
		return 0;
	}
	return -1;
}

static void describe_argument(const struct option_row *row, struct buf *out)
{
	if (row->kind == KIND_NUMBER)
		buf_addf(out, "a number from %d to %d", row->low, row->high);
	else if (row->argument)
		buf_addf(out, "%s", row->argument);
	else
		buf_addstr(out, "yes or no");
}

static int set_or_say(const struct option_row *row, struct options *o, const char *value,
                      const char *where, enum diag_kind kind, struct diags *ds)
{
	struct buf text;

	if (row_set(row, o, value) == 0)
		return 0;
	buf_init(&text, 4096);
	buf_addf(&text, "\"%s\" is not what it takes: ", value ? value : "");
	describe_argument(row, &text);
	diags_add(ds, kind, where, "%s", text.data);
	buf_release(&text);
	return -1;
}

char *options_user_path(const char *variable, const char *fallback, const char *name)
{
	const char *base = getenv(variable), *home = getenv("HOME");
	struct buf path;

	buf_init(&path, 4096);
	/* The specification: a relative path there is to be ignored. */
	if (base && base[0] == '/')
		buf_addf(&path, "%s/smtptalk/%s", base, name);
	else if (home && home[0])
		buf_addf(&path, "%s/%s/smtptalk/%s", home, fallback, name);
	if (path.len == 0 || path.full) {
		buf_release(&path);
		return NULL;
	}
	return buf_take(&path);
}

static int read_file(struct options *o, struct diags *ds)
{
	char *path = options_user_path("XDG_CONFIG_HOME", ".config", "config");
	size_t before = ds->count + ds->dropped;
	struct record *r = NULL;

	if (path && access(path, F_OK) == 0)
		r = record_load(path, ds);
	for (size_t i = 0; r && i < r->count; i++) {
		for (size_t j = 0; j < r->sections[i].count; j++) {
			const struct record_field *f = &r->sections[i].fields[j];
			const struct option_row *row = row_find(span_of(f->key));
			char where[4200];

			snprintf(where, sizeof(where), "%s:%u:%u", path, f->line, f->column);
			if (row)
				set_or_say(row, o, f->value, where, DIAG_INPUT, ds);
			else
				diags_add(ds, DIAG_INPUT, where, "there is no option \"%s\"",
				          f->key);
		}
	}
	record_free(r);
	free(path);
	return ds->count + ds->dropped == before ? 0 : -1;
}

static int read_environment(struct options *o, struct diags *ds)
{
	int result = 0;

	for (size_t i = 0; i < ROW_COUNT; i++) {
		char name[64] = "SMTPTALK_";
		size_t n = strlen(name);

		for (const char *p = rows[i].name; *p; p++)
			name[n++] = *p == '-' ? '_' : ascii_upper(*p);
		name[n] = '\0';
		const char *value = getenv(name);
		if (value && *value && set_or_say(&rows[i], o, value, name, DIAG_USAGE, ds) < 0)
			result = -1;
	}
	return result;
}

struct words { /* the command line while it is read */
	int argc, at;
	char **argv;
	struct diags *ds;
};

static int option_unknown(struct words *w, const char *word, struct span name)
{
	const char *near = nearest_find(name, row_name, ROW_COUNT);
	struct diag *d = diags_add(w->ds, DIAG_USAGE, word, "there is no such option");

	if (near)
		diag_hint(d, "did you mean --%s?", near);
	else
		diag_hint(d, "smtptalk --help lists them");
	return -1;
}

/* `value` is what follows "=" or the letter; NULL: nothing, so the next word if one is needed. */
static int option_apply(struct words *w, struct options *o, const struct option_row *row,
                        const char *value)
{
	char shown[64];

	snprintf(shown, sizeof(shown), "--%s", row->name);
	if (row->argument && !value) {
		if (w->at + 1 >= w->argc) {
			diag_hint(diags_add(w->ds, DIAG_USAGE, shown, "needs a value"), "--%s %s",
			          row->name, row->argument);
			return -1;
		}
		value = w->argv[++w->at];
	}
	if (!row->argument && value) {
		diags_add(w->ds, DIAG_USAGE, shown, "takes no value");
		return -1;
	}
	return set_or_say(row, o, value, shown, DIAG_USAGE, w->ds);
}

static int option_long(struct words *w, struct options *o, const char *word)
{
	struct span name = span_of(word + 2);
	size_t equals = span_find(name, '=');
	const char *value = equals < name.n ? name.p + equals + 1 : NULL;

	name = span_first(name, equals);
	const struct option_row *row = row_find(name);
	return row ? option_apply(w, o, row, value) : option_unknown(w, word, name);
}

static int option_letters(struct words *w, struct options *o, const char *word)
{
	for (const char *p = word + 1; *p; p++) {
		const struct option_row *row = row_letter(*p);

		if (!row)
			return option_unknown(w, word, span_of(word + 1));
		if (row->argument)
			return option_apply(w, o, row, p[1] ? p + 1 : NULL);
		if (option_apply(w, o, row, NULL) < 0)
			return -1;
	}
	return 0;
}

static int read_line(struct options *o, struct words *w)
{
	int result = 0;
	bool words_only = false;

	for (w->at = 1; w->at < w->argc; w->at++) {
		char *word = w->argv[w->at];
		int one = 0;

		if (words_only || word[0] != '-' || word[1] == '\0')
			o->args[o->count++] = word;
		else if (strcmp(word, "--") == 0)
			words_only = true;
		else
			one = word[1] == '-' ? option_long(w, o, word) : option_letters(w, o, word);
		if (one < 0)
			result = -1;
	}
	return result;
}

int options_read(struct options *o, int argc, char **argv, struct diags *ds)
{
	struct words w = {argc, 0, argv, ds};
	struct options probe;
	struct diags ignored;

	/* The command line is read last so that it wins, but --help must work whatever the file
	 * says: so it is read once before, for that alone. */
	options_init(&probe);
	diags_init(&ignored);
	probe.args = mem_zero(((size_t)argc + 1) * sizeof(*probe.args));
	w.ds = &ignored;
	read_line(&probe, &w);
	bool only_help = probe.help || probe.version;
	options_release(&probe);
	diags_release(&ignored);

	w.ds = ds;
	o->args = mem_zero(((size_t)argc + 1) * sizeof(*o->args));
	if (!only_help) {
		if (read_file(o, ds) < 0 || read_environment(o, ds) < 0)
			return -1;
	}
	return read_line(o, &w);
}

void options_help(struct buf *out)
{
	for (size_t i = 0; i < ROW_COUNT; i++) {
		const struct option_row *row = &rows[i];
		char left[64];

		snprintf(left, sizeof(left), "%c%c%c --%s%s%s", row->letter ? '-' : ' ',
		         row->letter ? row->letter : ' ', row->letter ? ',' : ' ', row->name,
		         row->argument ? " " : "", row->argument ? row->argument : "");
		if (strlen(left) > 24)
			buf_addf(out, "  %s\n  %-24s  %s\n", left, "", row->help);
		else
			buf_addf(out, "  %-24s  %s\n", left, row->help);
	}
}
