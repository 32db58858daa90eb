/*
 * One row a key. A key is a set (its values have names or small numbers, and become bits), a
 * number, a pattern for text, or a place to look into. What a row looks at is either in the facts
 * of the event, or asked of the dialogue and of the world when it is needed.
 */
#include "lesson/condition_keys.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/mem.h"
#include "practice/mailbox.h"

/* --- reading values --- */

static int read_verb(struct span text, unsigned long *value)
{
	*value = smtp_verb_find(text);
	return *value == SMTP_VERB_UNKNOWN && !span_eq(text, SPAN("unknown")) ? -1 : 0;
}

static int read_class(struct span text, unsigned long *value)
{
	return span_number(text, 5, value) == 0 && *value >= 2 ? 0 : -1;
}

static int read_code(struct span text, unsigned long *value)
{
	return span_number(text, 599, value) == 0 && *value >= 200 ? 0 : -1;
}

static unsigned long enhanced_number(struct smtp_enhanced e)
{
	if (!e.present)
		return 0;
	return (unsigned long)e.class * 1000000 + (unsigned long)e.subject * 1000 +
	       (unsigned long)e.detail;
}

static int read_enhanced(struct span text, unsigned long *value)
{
	struct smtp_enhanced e;

	if (smtp_enhanced_parse(text, &e) != text.n || !e.present)
		return -1;
	*value = enhanced_number(e);
	return 0;
}

static int read_state(struct span text, unsigned long *value)
{
	*value = smtp_state_find(text);
	return *value < SMTP_STATE_COUNT ? 0 : -1;
}

static int read_count(struct span text, unsigned long *value)
{
	return span_number(text, SMTP_ENVELOPE_MAX, value);
}

static int read_typed(struct span text, unsigned long *value)
{
	*value = smtp_typing_fault_find(text);
	return *value < SMTP_TYPING_COUNT ? 0 : -1;
}

static int read_look(struct span text, unsigned long *value)
{
	*value = smtp_text_look_find(text);
	return *value < SMTP_TEXT_LOOK_COUNT ? 0 : -1;
}

static int read_named(struct span text, const char *const *names, size_t count,
                      unsigned long *value)
{
	for (size_t i = 0; i < count; i++)
		if (span_eq(text, span_of(names[i]))) {
			*value = i;
			return 0;
		}
	return -1;
}

static int read_raw(struct span text, unsigned long *value)
{
	static const char *const names[] = {"any", "bare-lf", "bare-cr"};

	return read_named(text, names, sizeof names / sizeof *names, value);
}

static int read_message(struct span text, unsigned long *value)
{
	static const char *const names[] = {"header", "eight-bit", "stuffed", "too-long",
	                                    "encoded-word"};

	return read_named(text, names, sizeof names / sizeof *names, value);
}

static int read_secure(struct span text, unsigned long *value)
{
	static const char *const names[] = {"tls", "auth"};

	return read_named(text, names, sizeof names / sizeof *names, value);
}

/* --- what happened, in numbers --- */

#define FACT(name, expression)                                                                     \
	static unsigned long name##_fact(const struct lesson_condition *c,                         \
	                                 const struct lesson_facts *f)                             \
	{                                                                                          \
		(void)c;                                                                           \
		return expression;                                                                 \
	}
FACT(verb, 1UL << f->verb)
FACT(class, 1UL << (f->code / 100))
FACT(code, (unsigned long)f->code)
FACT(enhanced, enhanced_number(f->enhanced))
FACT(state, 1UL << f->state)
FACT(accepted, f->accepted)
FACT(refused, f->refused)
FACT(waiting, f->waiting)
FACT(typed, f->typed)
FACT(look, f->in_text ? 1UL << f->look : 0)
FACT(raw, f->raw)
FACT(message, f->message)
FACT(secure, f->secure)

/* --- text --- */

/* `*` is any text, `?` any byte; without regard to case. */
static bool matches(const char *pattern, struct span text)
{
	const char *star = NULL;
	size_t at = 0, again = 0;

	while (at < text.n) {
		if (*pattern == '*') {
			star = ++pattern;
			again = at;
		} else if (*pattern == '?' ||
		           (*pattern && ascii_lower(*pattern) == ascii_lower(text.p[at]))) {
			pattern++;
			at++;
		} else if (star) {
			pattern = star;
			at = ++again;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}

#define TEXT(name, expression)                                                                     \
	static bool name##_matches(const struct lesson_condition *c, const struct lesson_facts *f, \
	                           const char *pattern)                                            \
	{                                                                                          \
		(void)c;                                                                           \
		return expression;                                                                 \
	}
TEXT(host, f->host &&matches(pattern, span_of(f->host)))
TEXT(line, matches(pattern, f->line))
TEXT(address, f->address.p &&matches(pattern, f->address))
TEXT(argument, matches(pattern, f->argument))
TEXT(command, matches(pattern, f->command))

static const struct smtp_envelope *envelope(const struct lesson_facts *f)
{
	return f->dialogue ? smtp_dialogue_envelope(f->dialogue) : NULL;
}

static bool helo_matches(const struct lesson_condition *c, const struct lesson_facts *f,
                         const char *pattern)
{
	const struct smtp_envelope *e = envelope(f);

	(void)c;
	return e && e->helo && matches(pattern, span_of(e->helo));
}

static bool sender_matches(const struct lesson_condition *c, const struct lesson_facts *f,
                           const char *pattern)
{
	const struct smtp_envelope *e = envelope(f);

	(void)c;
	return e && e->sender && matches(pattern, *e->sender ? span_of(e->sender) : SPAN("<>"));
}

static bool to_matches(const struct lesson_condition *c, const struct lesson_facts *f,
                       const char *pattern)
{
	const struct smtp_envelope *e = envelope(f);

	(void)c;
	for (size_t i = 0; e && i < e->count; i++)
		if (e->recipients[i].code / 100 == 2 &&
		    matches(pattern, span_of(e->recipients[i].address)))
			return true;
	return false;
}

static bool parameter_matches(const struct lesson_condition *c, const struct lesson_facts *f,
                              const char *pattern)
{
	struct span rest = f->parameters;

	(void)c;
	while (rest.n > 0)
		if (matches(pattern, span_word(&rest)))
			return true;
	return false;
}

static bool offered_matches(const struct lesson_condition *c, const struct lesson_facts *f,
                            const char *pattern)
{
	const struct smtp_capabilities *caps =
	        f->dialogue ? smtp_dialogue_capabilities(f->dialogue) : NULL;

	(void)c;
	for (size_t i = 0; caps && i < caps->count; i++)
		if (matches(pattern, span_of(caps->list[i].keyword)))
			return true;
	return false;
}

/* An answer may be put in brackets or quotes, and a name may have its last dot. */
static bool is_matches(const struct lesson_condition *c, const struct lesson_facts *f,
                       const char *pattern)
{
	struct span said = span_trim(f->argument);

	(void)c;
	if (matches(pattern, said))
		return true;
	while (said.n > 0 && strchr("<\"'", said.p[0]))
		said = span_skip(said, 1);
	while (said.n > 0 && strchr(">\"'.;,", said.p[said.n - 1]))
		said.n--;
	return matches(pattern, span_trim(said));
}

/* --- the practice world --- */

static const struct world_mailbox *mailbox_of(const struct lesson_condition *c,
                                              const struct lesson_facts *f)
{
	return f->world && c->mailbox ? world_mailbox(f->world, span_of(c->mailbox), NULL) : NULL;
}

static unsigned long mails_fact(const struct lesson_condition *c, const struct lesson_facts *f)
{
	const struct world_mailbox *box = mailbox_of(c, f);

	return box ? box->count : 0;
}

static bool has_matches(const struct lesson_condition *c, const struct lesson_facts *f,
                        const char *pattern)
{
	const struct world_mailbox *box = mailbox_of(c, f);
	struct span rest;

	if (!box || box->count == 0)
		return false;
	rest = span_from(box->messages[box->count - 1].text, box->messages[box->count - 1].len);
	while (rest.p) {
		struct span line = span_cut(&rest, '\n');

		if (line.n > 0 && line.p[line.n - 1] == '\r')
			line.n--;
		if (matches(pattern, line))
			return true;
	}
	return false;
}

/* "name = pattern": the value as postconf would show it. */
static bool cf_matches(const struct lesson_condition *c, const struct lesson_facts *f,
                       const char *pattern)
{
	struct span value = span_of(pattern), name = span_trim(span_cut(&value, '='));
	const struct world_host *host =
	        f->world && c->host ? world_host_named(f->world, c->host) : NULL;
	char *now = host && host->port_count ? maincf_lookup(host->sites[0].cf, name) : NULL;
	bool found = now && value.p && matches(span_trim_left(value).p, span_of(now));

	free(now);
	return found;
}

#define SET(name, reads, gives, values)                                                            \
	{                                                                                          \
		name, LESSON_KEY_SET, reads, gives, NULL, values, 0                                \
	}
#define NUMBER(name, reads, gives, values, place)                                                  \
	{                                                                                          \
		name, LESSON_KEY_NUMBER, reads, gives, NULL, values, place                         \
	}
#define PATTERN(name, test, place)                                                                 \
	{                                                                                          \
		name, LESSON_KEY_TEXT, NULL, NULL, test, "a pattern", place                        \
	}

static const struct lesson_key keys[] = {
        SET("verb", read_verb, verb_fact, "a verb, \"connection\", \"message\" or \"unknown\""),
        SET("class", read_class, class_fact, "2, 3, 4 or 5"),
        NUMBER("code", read_code, code_fact, "a reply code", 0),
        NUMBER("enhanced", read_enhanced, enhanced_fact, "an enhanced code such as 5.1.1", 0),
        SET("state", read_state, state_fact, "a state of smtp/dialogue.h, such as \"ready\""),
        NUMBER("accepted", read_count, accepted_fact, "a number of recipients", 0),
        NUMBER("refused", read_count, refused_fact, "a number of recipients", 0),
        NUMBER("waiting", read_count, waiting_fact, "a number of commands", 0),
        SET("typed", read_typed, typed_fact, "a typing fault of smtp/command.h"),
        SET("text", read_look, look_fact, "what a message line looks like"),
        SET("raw", read_raw, raw_fact, "any, bare-lf or bare-cr"),
        SET("message", read_message, message_fact,
            "header, eight-bit, stuffed, too-long or encoded-word"),
        SET("secure", read_secure, secure_fact, "tls or auth"),
        PATTERN("host", host_matches, 0),
        PATTERN("helo", helo_matches, 0),
        PATTERN("sender", sender_matches, 0),
        PATTERN("to", to_matches, 0),
        PATTERN("address", address_matches, 0),
        PATTERN("parameter", parameter_matches, 0),
        PATTERN("offered", offered_matches, 0),
        PATTERN("line", line_matches, 0),
        PATTERN("command", command_matches, 0),
        PATTERN("argument", argument_matches, 0),
        PATTERN("is", is_matches, 0),
        {"mailbox", LESSON_KEY_PLACE, NULL, NULL, NULL, "one mailbox", 'm'},
        NUMBER("mails", read_count, mails_fact, "a number of messages", 'm'),
        PATTERN("has", has_matches, 'm'),
        {"at", LESSON_KEY_PLACE, NULL, NULL, NULL, "one host", 'h'},
        PATTERN("cf", cf_matches, 'h'),
};

const struct lesson_key *lesson_key_find(struct span name)
{
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (span_eq(name, span_of(keys[i].name)))
			return &keys[i];
	return NULL;
}
