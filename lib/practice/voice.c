/*
 * The words are checked when they are read: each reply must have its class and a well-formed code
 * on every line, and name only places that exist. So that a teacher's slip is a sentence at the
 * start, and not a broken protocol in the middle of a lesson.
 */
#include "practice/voice.h"

#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/mem.h"
#include "base/record.h"
#include "practice/world_state.h"

#define VOICE_DEPTH_MAX 4 /* voices that are like another that is like another … */

static const struct {
	const char *key;
	int class;
} replies[PRACTICE_REPLY_COUNT] = {
#define X(NAME, key, class) {key, class},
        PRACTICE_REPLIES(X)
#undef X
};

static const char *const places[] = {"host",  "client", "peer", "id",     "what",
                                     "bytes", "limit",  "date", "seconds"};
enum place {
	PLACE_HOST,
	PLACE_CLIENT,
	PLACE_PEER,
	PLACE_ID,
	PLACE_WHAT,
	PLACE_BYTES,
	PLACE_LIMIT,
	PLACE_DATE,
	PLACE_SECONDS,
	PLACE_COUNT
};

/* The place at the start of s ("{host}"): its length, or 0. */
static size_t place_at(struct span s, enum place *place)
{
	for (size_t i = 0; i < PLACE_COUNT; i++) {
		size_t n = strlen(places[i]);

		if (s.n >= n + 2 && s.p[0] == '{' && s.p[n + 1] == '}' &&
		    memcmp(s.p + 1, places[i], n) == 0) {
			*place = (enum place)i;
			return n + 2;
		}
	}
	return 0;
}

static bool has_unknown_place(struct span s)
{
	enum place place;

	for (; s.n > 0; s = span_skip(s, 1))
		if (s.p[0] == '{' && place_at(s, &place) == 0)
			return true;
	return false;
}

static bool is_reply_line(const char *line, int class)
{
	return (class ? line[0] == '0' + class : line[0] >= '2' && line[0] <= '5') &&
	       strspn(line, "0123456789") == 3 && (line[3] == ' ' || line[3] == '-');
}

static void add_line(char **words, const char *line)
{
	char *joined = *words ? world_text("%s\n%s", *words, line) : mem_dup(line);

	free(*words);
	*words = joined;
}

/* All fields of one key: the lines of one reply. */
static char *read_words(const struct record *r, const struct record_section *s, unsigned reply,
                        struct diags *ds)
{
	const struct record_field *f = record_find(s, replies[reply].key, NULL);
	char *words = NULL;

	while (f) {
		const struct record_field *next = record_find(s, replies[reply].key, f);

		if (!is_reply_line(f->value, replies[reply].class))
			record_fault(r, s, f, ds,
			             "this reply must begin with a code from %d00 to %d99",
			             replies[reply].class ? replies[reply].class : 2,
			             replies[reply].class ? replies[reply].class : 5);
		else if ((f->value[3] == '-') != (next != NULL))
			record_fault(r, s, f, ds,
			             "every line of a reply but the last has '-' after its code");
		else if (has_unknown_place(span_of(f->value)))
			record_fault(r, s, f, ds,
			             "the places are {host} {client} {peer} {id} {what} {bytes} "
			             "{limit} {date} {seconds}");
		add_line(&words, f->value);
		f = next;
	}
	return words;
}

static bool is_known_key(const char *key)
{
	if (strcmp(key, "Like") == 0 || strcmp(key, "Empty-Helo") == 0)
		return true;
	for (unsigned i = 0; i < PRACTICE_REPLY_COUNT; i++)
		if (span_eq_nocase(span_of(key), span_of(replies[i].key)))
			return true;
	return false;
}

static void check_keys(const struct record *r, struct diags *ds)
{
	for (size_t i = 0; i < r->count; i++) {
		const struct record_section *s = &r->sections[i];

		if (s->kind[0])
			record_fault(r, s, NULL, ds, "a voice has no sections");
		for (size_t j = 0; j < s->count; j++)
			if (!is_known_key(s->fields[j].key))
				record_fault(r, s, &s->fields[j], ds,
				             "no reply has the name \"%s\"", s->fields[j].key);
	}
}

static struct world_voice *load_at(const char *datadir, const char *name, int depth,
                                   struct diags *ds);

/* What the file does not say is taken from the voice that it is like. */
static int inherit(struct world_voice *v, const char *datadir, const char *like, int depth,
                   const char *path, struct diags *ds)
{
	struct world_voice *base = NULL;
	int missing = 0;

	if (like && depth < VOICE_DEPTH_MAX)
		base = load_at(datadir, like, depth + 1, ds);
	if (like && !base)
		return -1;
	for (unsigned i = 0; i < PRACTICE_REPLY_COUNT; i++) {
		if (!v->words[i] && base)
			v->words[i] = mem_dup(base->words[i]);
		if (!v->words[i]) {
			diags_add(ds, DIAG_INPUT, path, "has no words for the reply \"%s\"",
			          replies[i].key);
			missing++;
		}
	}
	voice_free(base);
	return missing ? -1 : 0;
}

static bool read_empty_helo(const struct record *r, const struct record_section *s,
                            struct diags *ds)
{
	const struct record_field *f = record_find(s, "Empty-Helo", NULL);

	if (f && strcmp(f->value, "accept") != 0)
		record_fault(r, s, f, ds, "the only value is \"accept\"");
	return f != NULL;
}

static struct world_voice *load_at(const char *datadir, const char *name, int depth,
                                   struct diags *ds)
{
	char *path = world_text("%s/world/voices/%s", datadir, name);
	struct world_voice *v = mem_zero(sizeof *v);
	size_t faults = ds->count + ds->dropped;
	struct record *r = record_load(path, ds);
	const struct record_section *s = r ? record_section(r, "", NULL) : NULL;

	v->name = mem_dup(name);
	v->postfix = strcmp(name, "postfix") == 0;
	if (r)
		check_keys(r, ds);
	if (s) {
		v->takes_empty_helo = read_empty_helo(r, s, ds);
		for (unsigned i = 0; i < PRACTICE_REPLY_COUNT; i++)
			v->words[i] = read_words(r, s, i, ds);
		inherit(v, datadir, record_value(s, "Like"), depth, path, ds);
	}
	record_free(r);
	free(path);
	if (s && ds->count + ds->dropped == faults)
		return v;
	voice_free(v);
	return NULL;
}

struct world_voice *voice_load(const char *datadir, const char *name, struct diags *ds)
{
	return load_at(datadir, name, 0, ds);
}

void voice_free(struct world_voice *v)
{
	if (!v)
		return;
	for (unsigned i = 0; i < PRACTICE_REPLY_COUNT; i++)
		free(v->words[i]);
	free(v->name);
	free(v);
}

static void add_printable(struct buf *out, struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		buf_addch(out, c < ' ' || c == 0x7f ? '?' : (char)c);
	}
}

/* "laptop.home.test [192.0.2.77]", as sendmail names a client; only the address when the name is
 * not proven. */
static void add_peer(const struct voice_values *v, struct buf *out)
{
	if (v->name && strcmp(v->name, "unknown") != 0)
		buf_addf(out, "%s ", v->name);
	buf_addf(out, "[%s]", v->client);
}

/* RFC 5322 §3.3. */
static void add_date(time_t when, struct buf *out)
{
	struct tm t;

	gmtime_r(&when, &t);
	buf_addf(out, "%s, %d %s %d %02d:%02d:%02d +0000", date_day(&t), t.tm_mday, date_month(&t),
	         t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec);
}

static void add_place(enum place place, const struct voice_values *v, struct buf *out)
{
	switch (place) {
	case PLACE_HOST: buf_addspan(out, span_of(v->host)); break;
	case PLACE_CLIENT: buf_addspan(out, span_of(v->client)); break;
	case PLACE_ID: buf_addspan(out, span_of(v->id)); break;
	case PLACE_WHAT: add_printable(out, v->what); break;
	case PLACE_PEER: add_peer(v, out); break;
	case PLACE_BYTES: buf_addf(out, "%lu", v->bytes); break;
	case PLACE_LIMIT: buf_addf(out, "%lu", v->limit); break;
	case PLACE_DATE: add_date(v->now, out); break;
	case PLACE_SECONDS: buf_addf(out, "%lld", (long long)v->now); break;
	case PLACE_COUNT: break;
	}
}

void voice_say(const struct world_voice *v, enum practice_reply reply,
               const struct voice_values *values, struct buf *out)
{
	struct span rest = span_of(v->words[reply]);
	enum place place = PLACE_COUNT;

	while (rest.n > 0) {
		size_t n = place_at(rest, &place);

		if (n > 0)
			add_place(place, values, out);
		else if (rest.p[0] == '\n')
			buf_addstr(out, "\r\n");
		else
			buf_addch(out, rest.p[0]);
		rest = span_skip(rest, n ? n : 1);
	}
	buf_addstr(out, "\r\n");
}
