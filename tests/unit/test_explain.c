/*
 * explain: which note wins, what is put into it, and that nothing of a peer gets out unescaped.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/display.h"
#include "base/utf8.h"
#include "explain/example.h"
#include "explain/fill.h"
#include "explain/glob.h"
#include "explain/internal.h"

static const char *data_folder(void)
{
	const char *dir = getenv("SMTPTALK_DATA");

	return dir && *dir ? dir : "lessons";
}

static int load_all(void **state)
{
	struct diags ds;

	diags_init(&ds);
	*state = explain_load(data_folder(), "en", &ds);
	diags_release(&ds);
	return *state ? 0 : -1;
}

static int free_all(void **state)
{
	explain_free(*state);
	return 0;
}

/* A data folder of two small files, for what the real ones do not show. */
struct folder {
	char dir[64], notes[96], rules[128], words[128];
};

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void folder_make(struct folder *d, const char *rules, const char *words)
{
	strcpy(d->dir, "/tmp/test_explain.XXXXXX");
	assert_non_null(mkdtemp(d->dir));
	snprintf(d->notes, sizeof(d->notes), "%s/notes", d->dir);
	snprintf(d->rules, sizeof(d->rules), "%s/rules", d->notes);
	snprintf(d->words, sizeof(d->words), "%s/en.txt", d->notes);
	assert_int_equal(mkdir(d->notes, 0700), 0);
	write_file(d->rules, rules);
	write_file(d->words, words);
}

static void folder_remove(struct folder *d)
{
	unlink(d->rules);
	unlink(d->words);
	rmdir(d->notes);
	rmdir(d->dir);
}

#define CLASSES                                                                                    \
	"[rule c2]\nClass: 2\nNote: n\n[rule c3]\nClass: 3\nNote: n\n"                             \
	"[rule c4]\nClass: 4\nNote: n\n[rule c5]\nClass: 5\nNote: n\n"

/* Explains an Example: line; the caller releases. */
static struct explanation explain_line(const struct explain *e, const char *line,
                                       enum smtp_state after)
{
	struct explanation out;
	struct example x;

	assert_int_equal(example_parse(&x, line), 0);
	x.context.after = after;
	explain_reply(e, &x.context, &out);
	example_release(&x);
	return out;
}

static void assert_rule(const struct explain *e, const char *line, const char *rule)
{
	struct explanation out = explain_line(e, line, SMTP_STATE_READY);

	assert_string_equal(out.rule, rule);
	assert_non_null(out.brief);
	explanation_release(&out);
}

static void test_glob(void **state)
{
	(void)state;
	assert_true(explain_glob_matches("relay", span_of("x RELAY access")));
	assert_true(explain_glob_matches("re*ss", span_of("x relay access")));
	assert_true(explain_glob_matches("", span_of("x")));
	assert_true(explain_glob_matches("*", span_of("")));
	assert_true(explain_glob_matches("aab", span_of("aaab")));
	assert_true(explain_glob_matches("a*bc", span_of("ab abc")));
	assert_true(explain_glob_matches("\\*\\*", span_of("220 **")));
	assert_false(explain_glob_matches("\\*\\*", span_of("220 x*y")));
	assert_false(explain_glob_matches("relay denied", span_of("relay access denied")));
	assert_false(explain_glob_matches("abc", span_of("ab")));
}

/* Each line of rules is more specific than all before it. */
static void test_specificity(void **state)
{
	static const char RULES[] = CLASSES
	        "[rule code]\nCode: 550\nNote: n\n"
	        "[rule class-verb]\nClass: 5\nVerb: RCPT\nNote: n\n"
	        "[rule enhanced]\nEnhanced: *.1.*\nNote: n\n"
	        "[rule code-verb]\nCode: 550\nVerb: RCPT\nNote: n\n"
	        "[rule code-verb-state]\nCode: 550\nVerb: RCPT\nState: rcpt\nNote: n\n"
	        "[rule code-verb-fault]\nCode: 550\nVerb: RCPT\nFault: no-brackets\nNote: n\n"
	        "[rule enhanced-verb]\nEnhanced: 5.1.*\nVerb: RCPT\nNote: n\n"
	        "[rule enhanced-exact]\nEnhanced: 5.1.1\nVerb: RCPT\nNote: n\n"
	        "[rule text]\nText: user*unknown\nNote: n\n"
	        "[rule host]\nHost: outlook\nClass: 5\nNote: n\n"
	        "[rule unasked]\nUnsolicited: yes\nNote: n\n";
	struct folder d;
	struct explain *e;
	struct diags ds;

	(void)state;
	diags_init(&ds);
	folder_make(&d, RULES, "[note n]\nBrief: words\n");
	e = explain_load(d.dir, "en", &ds);
	folder_remove(&d);
	assert_non_null(e);
	assert_rule(e, "NOOP | 559 x", "c5");
	assert_rule(e, "NOOP | 550 x", "code");
	assert_rule(e, "RCPT | 559 x", "class-verb");
	assert_rule(e, "NOOP | 550 5.1.1 x", "enhanced");
	assert_rule(e, "RCPT | 550 x", "code-verb");
	assert_rule(e, "RCPT | state=rcpt | 550 x", "code-verb-state");
	assert_rule(e, "RCPT | state=rcpt | typed=RCPT TO:a@b.example | 550 x", "code-verb-fault");
	assert_rule(e, "RCPT | 550 5.1.7 x", "enhanced-verb");
	assert_rule(e, "RCPT | 550 5.1.1 x", "enhanced-exact");
	assert_rule(e, "RCPT | 550 5.1.1 User is unknown", "text");
	assert_rule(e, "RCPT | host=OUTLOOK.com | 550 5.1.1 User unknown", "host");
	assert_rule(e, "RCPT | host=outlook | unsolicited=yes | 550 5.1.1 User unknown", "unasked");
	explain_free(e);
	diags_release(&ds);
}

static void test_enhanced_range(void **state)
{
	struct folder d;
	struct explain *e;
	struct diags ds;

	(void)state;
	diags_init(&ds);
	folder_make(&d, CLASSES "[rule r]\nEnhanced: 4.7.500-699\nNote: n\n",
	            "[note n]\nBrief: words\n");
	e = explain_load(d.dir, "en", &ds);
	folder_remove(&d);
	assert_non_null(e);
	assert_rule(e, "NOOP | 450 4.7.499 x", "c4");
	assert_rule(e, "NOOP | 450 4.7.500 x", "r");
	assert_rule(e, "NOOP | 450 4.7.699 x", "r");
	assert_rule(e, "NOOP | 450 4.7.700 x", "c4");
	explain_free(e);
	diags_release(&ds);
}

static void assert_refused(const char *rules, const char *words, const char *what)
{
	struct folder d;
	struct diags ds;
	struct buf b;
	bool found = false;

	diags_init(&ds);
	folder_make(&d, rules, words);
	assert_null(explain_load(d.dir, "en", &ds));
	folder_remove(&d);
	assert_true(ds.count > 0);
	buf_init(&b, 4096);
	for (size_t i = 0; i < ds.count; i++) {
		buf_clear(&b);
		diag_format(&ds.list[i], &b);
		found = found || strstr(b.data, what);
	}
	assert_true(found);
	buf_release(&b);
	diags_release(&ds);
}

static void test_faulty_files(void **state)
{
	static const char WORDS[] = "[note n]\nBrief: words\n";

	(void)state;
	assert_refused("", WORDS, "Class: 2");
	assert_refused(CLASSES "[rule x]\nVerb: MIAL\nNote: n\n", WORDS, "rules:14:7: Verb:");
	assert_refused(CLASSES "[rule x]\nCode: 99\nNote: n\n", WORDS, "reply codes");
	assert_refused(CLASSES "[rule x]\nCode: 250,\nNote: n\n", WORDS, "reply codes");
	assert_refused(CLASSES "[rule x]\nEnhanced: 5.1\nNote: n\n", WORDS, "enhanced");
	assert_refused(CLASSES "[rule x]\nEnhanced: 5.1.1.1\nNote: n\n", WORDS, "enhanced");
	assert_refused(CLASSES "[rule x]\nState: asleep\nNote: n\n", WORDS, "states");
	assert_refused(CLASSES "[rule x]\nFault: ugly\nNote: n\n", WORDS, "typing faults");
	assert_refused(CLASSES "[rule x]\nReply-fault: ugly\nNote: n\n", WORDS, "reply faults");
	assert_refused(CLASSES "[rule x]\nUnsolicited: no\nNote: n\n", WORDS, "yes");
	assert_refused(CLASSES "[rule x]\nColour: red\nNote: n\n", WORDS, "no key Colour");
	assert_refused(CLASSES "[rule x]\nCode: 250\n", WORDS, "no [note x]");
	assert_refused(CLASSES "[other x]\nCode: 250\n", WORDS, "only [rule");
	assert_refused(CLASSES, "[note n]\nFull: words\n", "no Brief");
	assert_refused(CLASSES, "[note n]\nBrief: a\nColour: b\n", "no key Colour");
	assert_refused(CLASSES, "[thing n]\nBrief: a\n", "no kind");
	assert_refused(CLASSES, "[note n]\nBrief: a\n[note N]\nBrief: b\n", "twice");
	assert_refused(CLASSES, "[software s]\nBrief: a\n", "no Banner");
}

static void test_no_folder(void **state)
{
	struct diags ds;

	(void)state;
	diags_init(&ds);
	assert_null(explain_load("/nowhere/at/all", "en", &ds));
	assert_true(ds.count > 0);
	assert_int_equal(ds.list[0].kind, DIAG_INPUT);
	diags_release(&ds);
}

static void test_language_falls_back(void **state)
{
	static const char *const LANGS[] = {"xx", "", "../../etc/passwd", NULL};
	struct diags ds;

	(void)state;
	for (size_t i = 0; i < sizeof(LANGS) / sizeof(LANGS[0]); i++) {
		struct explain *e;

		diags_init(&ds);
		e = explain_load(data_folder(), LANGS[i], &ds);
		assert_non_null(e);
		explain_free(e);
		diags_release(&ds);
	}
}

static void assert_filled(const struct explain_context *c, const char *text, const char *expected)
{
	struct notes none = {0};
	struct fill f = {.context = c, .notes = &none};
	char *got = fill_text(&f, text);

	if (expected)
		assert_string_equal(got, expected);
	else
		assert_null(got);
	free(got);
}

static void test_placeholders(void **state)
{
	static struct smtp_envelope env = {.helo = (char *)"me.example",
	                                   .sender = (char *)"a@me.example"};
	struct explain_context c = {.me = "me.example",
	                            .domain = "school.test",
	                            .envelope = &env,
	                            .verb = SMTP_VERB_RCPT};

	(void)state;
	assert_filled(&c, "x", "x");
	assert_filled(&c, "HELO {me}", "HELO me.example");
	assert_filled(&c, "{sender} {helo}", "<a@me.example> me.example");
	assert_filled(&c, "RCPT TO:<{mailbox|somebody@{domain|example.com}}>",
	              "RCPT TO:<somebody@school.test>");
	assert_filled(&c, "a[[ b {mailbox}]] c", "a c");
	assert_filled(&c, "a[[ b {me}]] c", "a b me.example c");
	assert_filled(&c, "[[outer {me}[[ inner {mailbox}]]]].", "outer me.example.");
	assert_filled(&c, "[[{mailbox}]]", NULL);
	assert_filled(&c, "{accepted|none}", "none");
	c.mailbox = "bob@school.test";
	env.count = 3;
	env.accepted = 1;
	assert_filled(&c, "RCPT TO:<{mailbox|x}>", "RCPT TO:<bob@school.test>");
	assert_filled(&c, "{accepted} {refused} {recipients}", "1 2 3");
	env.sender = (char *)"";
	assert_filled(&c, "{sender}", "<>");
	env.count = env.accepted = 0;
}

static void test_own_data_in_notes(void **state)
{
	const struct explain *e = *state;
	struct explanation out;

	out = explain_line(e, "connection | 220 mx.google.com ESMTP k8 - gsmtp",
	                   SMTP_STATE_GREETED);
	assert_string_equal(out.label, "220");
	assert_non_null(strstr(out.brief, "mx.google.com and speaks ESMTP"));
	assert_non_null(strstr(out.brief, "Google"));
	assert_string_equal(out.suggest, "HELO client.example");
	explanation_release(&out);

	out = explain_line(e, "MAIL | typed=MAIL FROM:<a@b.example> | 250 2.1.0 Ok",
	                   SMTP_STATE_MAIL);
	assert_string_equal(out.label, "250 2.1.0");
	assert_non_null(strstr(out.brief, "sender <a@b.example> accepted"));
	assert_string_equal(out.suggest, "RCPT TO:<somebody@example.com>");
	assert_string_equal(out.source, "RFC 5321 §4.1.1.2, §3.3");
	assert_null(out.typing);
	explanation_release(&out);

	out = explain_line(e, "message | 250 2.0.0 Ok: queued as 4F1B2", SMTP_STATE_READY);
	assert_non_null(strstr(out.brief, "knows it as 4F1B2."));
	assert_string_equal(out.suggest, "QUIT");
	explanation_release(&out);

	out = explain_line(e, "RCPT | typed=RCPT TO:<x@b.example> | 554 5.7.1 Relay access denied",
	                   SMTP_STATE_MAIL);
	assert_string_equal(out.suggest, "/mx b.example");
	explanation_release(&out);
}

/* The interface says at once what it makes of this 220; two things to do next would be too much. */
static void test_a_note_may_have_nothing_next(void **state)
{
	struct explanation out =
	        explain_line(*state, "STARTTLS | 220 2.0.0 Ready to start TLS", SMTP_STATE_TLS);

	assert_string_equal(out.rule, "starttls-ready");
	assert_null(out.next);
	assert_null(out.suggest);
	explanation_release(&out);
}

/* The first of the two dialogues that must work: HELO without a name. */
static void test_hello_without_name(void **state)
{
	struct explanation out = explain_line(
	        *state, "HELO | typed=HELO | 250 mx.google.com at your service", SMTP_STATE_READY);

	assert_string_equal(out.rule, "helo-ok-no-name");
	assert_non_null(strstr(out.brief, "You gave no name"));
	assert_null(out.typing);
	assert_string_equal(out.suggest, "MAIL FROM:<you@client.example>");
	explanation_release(&out);
}

static void test_typing_in_the_light_of_the_answer(void **state)
{
	struct explanation out;

	out = explain_line(*state, "MAIL | typed=mail from:a@b.example | 250 2.1.0 Ok",
	                   SMTP_STATE_MAIL);
	assert_non_null(strstr(out.typing, "no angle brackets"));
	assert_non_null(strstr(out.typing, "takes it without"));
	assert_string_equal(out.suggest, "RCPT TO:<somebody@example.com>");
	explanation_release(&out);

	out = explain_line(*state, "MAIL | typed=mail from:a@b.example | 555 5.5.2 Syntax error",
	                   SMTP_STATE_READY);
	assert_non_null(strstr(out.typing, "no angle brackets"));
	assert_string_equal(out.suggest, "MAIL FROM:<a@b.example>");
	explanation_release(&out);

	out = explain_line(*state, "MAIL | typed=mail from:a@b.example | 450 4.7.1 Later",
	                   SMTP_STATE_READY);
	assert_non_null(strstr(out.typing, "probably not why"));
	assert_string_equal(out.suggest, "MAIL FROM:<you@client.example>");
	explanation_release(&out);

	out = explain_line(*state,
	                   "unknown | typed=Subject: x | 221 2.7.0 Error: I can break rules, "
	                   "too. Goodbye.",
	                   SMTP_STATE_LEAVING);
	assert_string_equal(out.rule, "i-can-break-rules");
	assert_non_null(strstr(out.typing, "\"Subject:\" is a header"));
	explanation_release(&out);

	out = explain_line(*state, "unknown | typed=MIAL FROM:<a@b.example> | 500 5.5.2 Error",
	                   SMTP_STATE_READY);
	assert_non_null(strstr(out.typing, "Did you mean MAIL?"));
	assert_string_equal(out.suggest, "MAIL FROM:<a@b.example>");
	explanation_release(&out);
}

static void test_no_reply_yet(void **state)
{
	struct smtp_command cmd;
	struct explain_context c = {.state = SMTP_STATE_READY,
	                            .after = SMTP_STATE_READY,
	                            .verb = SMTP_VERB_MAIL,
	                            .command = &cmd,
	                            .me = "me.example"};
	struct explanation out;

	smtp_command_parse(span_of("MAIL FROM <a@b.example>"), &cmd);
	explain_reply(*state, &c, &out);
	assert_non_null(strstr(out.typing, "no colon"));
	assert_null(out.brief);
	assert_null(out.label);
	assert_non_null(out.next);
	explanation_release(&out);
}

static void test_enhanced_is_added(void **state)
{
	struct explanation out = explain_line(*state, "message | 550 5.7.20 No", SMTP_STATE_READY);

	assert_string_equal(out.rule, "message-550");
	assert_non_null(strstr(out.brief, "5.7.20 stands for: no DKIM signature passed."));
	assert_non_null(strstr(out.source, "RFC 7372 §3.1"));
	explanation_release(&out);

	out = explain_line(*state, "message | 550 5.5.1 No", SMTP_STATE_READY);
	assert_null(strstr(out.brief, "stands for"));
	explanation_release(&out);

	out = explain_line(*state, "message | 550 5.7.999 No", SMTP_STATE_READY);
	assert_non_null(strstr(out.brief, "security or the rules"));
	explanation_release(&out);
}

static void test_partial_refusal(void **state)
{
	struct smtp_envelope env = {.sender = (char *)"a@b.example", .count = 3, .accepted = 1};
	struct explanation out;
	struct example x;

	assert_int_equal(example_parse(&x, "RCPT | state=rcpt | 550 5.1.1 No such user"), 0);
	x.context.envelope = &env;
	x.context.after = SMTP_STATE_RCPT;
	explain_reply(*state, &x.context, &out);
	assert_string_equal(out.suggest, "DATA");
	assert_non_null(strstr(out.next, "(1 of 3)"));
	explanation_release(&out);
	example_release(&x);
	assert_int_equal(
	        example_parse(&x, "DATA | state=mail | 554 5.5.1 Error: no valid recipients"), 0);
	env.accepted = 0;
	x.context.envelope = &env;
	explain_reply(*state, &x.context, &out);
	assert_non_null(strstr(out.brief, "3 of 3 recipients were refused"));
	explanation_release(&out);
	example_release(&x);
}

static void assert_safe(const char *s)
{
	struct span rest = span_of(s);

	while (rest.n > 0) {
		uint32_t cp = 0;
		size_t n = utf8_decode(rest, &cp);

		assert_true(n > 0);
		assert_true(display_allows(cp, 0));
		rest = span_skip(rest, n);
	}
}

static void assert_all_safe(const struct explanation *x)
{
	assert_safe(x->label);
	assert_safe(x->brief);
	assert_safe(x->full);
	assert_safe(x->source);
	assert_safe(x->typing);
	assert_safe(x->next);
	assert_safe(x->suggest);
}

#define EVIL "\033]52;c;eA==\007\xc2\x9b\xe2\x80\xae\xff\xf3\xa0\x80\x81{me}[[{sender}]]"

static void test_hostile_bytes(void **state)
{
	static const char *const LINES[] = {
	        "connection | 220 mx" EVIL " ESMTP Postfix" EVIL,
	        "connection | 421 " EVIL,
	        "message | 250 2.0.0 Ok: queued as " EVIL,
	        "RCPT | typed=RCPT TO:<" EVIL "@b.example> | 551 5.1.6 try " EVIL,
	        "RCPT | typed=RCPT TO:" EVIL " | 501 5.1.3 " EVIL,
	        "MAIL | typed=MAIL FROM:\"" EVIL "\" <a@b.example> | 250 " EVIL,
	        "HELO | typed=HELO " EVIL " | 501 " EVIL,
	        "unknown | typed=" EVIL " | 500 " EVIL,
	        "EHLO | 250-" EVIL,
	        "MAIL | " EVIL,
	};

	for (size_t i = 0; i < sizeof(LINES) / sizeof(LINES[0]); i++) {
		struct explanation out = explain_line(*state, LINES[i], SMTP_STATE_READY);

		assert_non_null(out.brief);
		assert_all_safe(&out);
		explanation_release(&out);
	}
}

/* What a peer sends is never read as a text with placeholders. */
static void test_peer_text_is_not_a_template(void **state)
{
	struct explanation out = explain_line(
	        *state, "RCPT | 551 User not local; try {me} [[{mailbox}]]", SMTP_STATE_MAIL);

	assert_non_null(strstr(out.brief, "try {me} [[{mailbox}]]"));
	explanation_release(&out);
}

static void test_hostile_names(void **state)
{
	struct smtp_envelope env = {.helo = (char *)EVIL, .sender = (char *)EVIL, .count = 1};
	struct explain_context c = {.state = SMTP_STATE_RCPT,
	                            .after = SMTP_STATE_RCPT,
	                            .envelope = &env,
	                            .server = EVIL,
	                            .domain = EVIL,
	                            .me = EVIL,
	                            .mailbox = EVIL,
	                            .banner = {EVIL, strlen(EVIL)}};
	struct explanation out;
	char *remark;

	env.recipients[0].address = (char *)EVIL;
	for (int s = 0; s < SMTP_STATE_COUNT; s++) {
		c.after = c.state = (enum smtp_state)s;
		explain_next(*state, &c, &out);
		assert_non_null(out.next);
		assert_all_safe(&out);
		explanation_release(&out);
	}
	for (size_t i = 0; EXPLAIN_FIXED_NOTES[i]; i++) {
		assert_int_equal(explain_note(*state, EXPLAIN_FIXED_NOTES[i], &c, &out), 0);
		assert_non_null(out.brief);
		assert_all_safe(&out);
		explanation_release(&out);
	}
	remark = explain_text_line(*state, SMTP_TEXT_HEADER, span_of("From: " EVIL), &c);
	assert_non_null(remark);
	assert_safe(remark);
	free(remark);
}

static void test_next_by_state(void **state)
{
	struct explain_context c = {.me = "me.example", .domain = "school.test"};
	struct explanation out;

	c.state = c.after = SMTP_STATE_MAIL;
	explain_next(*state, &c, &out);
	assert_string_equal(out.suggest, "RCPT TO:<somebody@school.test>");
	explanation_release(&out);
	c.after = SMTP_STATE_CONNECTED;
	c.state = SMTP_STATE_RCPT;
	explain_next(*state, &c, &out);
	assert_string_equal(out.suggest, "DATA");
	explanation_release(&out);
	c.state = SMTP_STATE_MESSAGE;
	explain_next(*state, &c, &out);
	assert_null(out.suggest);
	assert_non_null(strstr(out.next, "single dot"));
	explanation_release(&out);
}

static void assert_remark(const struct explain *e, enum smtp_text_look look, const char *line,
                          const char *part)
{
	struct smtp_envelope env = {.sender = (char *)"a@b.example"};
	struct explain_context c = {.state = SMTP_STATE_MESSAGE, .envelope = &env};
	char *got = explain_text_line(e, look, span_of(line), &c);

	if (part)
		assert_non_null(strstr(got, part));
	else
		assert_null(got);
	free(got);
}

static void test_message_lines(void **state)
{
	const struct explain *e = *state;

	assert_remark(e, SMTP_TEXT_PLAIN, "hello", NULL);
	assert_remark(e, SMTP_TEXT_END, ".", NULL);
	assert_remark(e, SMTP_TEXT_HEADER, "X-Mine: y", NULL);
	assert_remark(e, SMTP_TEXT_HEADER, "from: yyy", "envelope sender <a@b.example>");
	assert_remark(e, SMTP_TEXT_HEADER, "To: zzz", "decided at RCPT TO");
	assert_remark(e, SMTP_TEXT_HEADERS_END, "", "headers end here");
	assert_remark(e, SMTP_TEXT_NO_HEADER, "hello", "No header");
	assert_remark(e, SMTP_TEXT_COMMAND, "QUIT", "went into the message");
	assert_remark(e, SMTP_TEXT_LOCAL_COMMAND, "/quit", "^]");
	assert_remark(e, SMTP_TEXT_ALMOST_DOT, ". ", "did not end");
	assert_remark(e, SMTP_TEXT_STUFFING, ".x", "first dot");
	assert_remark(e, SMTP_TEXT_TOO_LONG, "x", "998");
}

static void collect(void *arg, const char *keyword, const char *argument, const char *text)
{
	assert_safe(keyword);
	assert_safe(argument);
	assert_safe(text);
	assert_true(*text != '\0');
	buf_addf(arg, "%s|%s|%s\n", keyword, argument, text);
}

static void test_capabilities(void **state)
{
	static const char REPLY[] = "250-mx.school.test\r\n250-SIZE 1000\r\n250-pipelining\r\n"
	                            "250-AUTH PLAIN LOGIN\r\n250-XMINE 1\r\n250-FOO \033[2J\r\n"
	                            "250 X-EXPS GSSAPI\r\n";
	struct smtp_capabilities caps;
	struct smtp_reply_parser p;
	struct span in = span_of(REPLY);
	struct buf b;

	smtp_capabilities_init(&caps);
	smtp_reply_parser_init(&p);
	while (smtp_reply_parser_feed(&p, &in) != SMTP_PARSE_REPLY)
		assert_true(in.n > 0);
	smtp_capabilities_read(&caps, &p.reply, true);
	buf_init(&b, 8192);
	explain_capabilities(*state, &caps, collect, &b);
	assert_non_null(strstr(b.data, "SIZE|1000|SIZE: a sender may announce"));
	assert_non_null(strstr(b.data, "in groups"));
	assert_non_null(strstr(b.data, "mechanisms: PLAIN LOGIN."));
	assert_non_null(strstr(b.data, "XMINE|1|XMINE: a private extension"));
	assert_non_null(strstr(b.data, "not among the extensions"));
	assert_non_null(strstr(b.data, "Exchange"));
	buf_release(&b);
	smtp_reply_parser_release(&p);
	smtp_capabilities_release(&caps);
}

static void assert_topic(const struct explain *e, const char *topic, const char *label,
                         const char *brief)
{
	struct explanation out;

	assert_int_equal(explain_topic(e, span_of(topic), &out), 0);
	assert_string_equal(out.label, label);
	assert_non_null(strstr(out.brief, brief));
	assert_non_null(out.source);
	assert_null(out.next);
	assert_null(out.suggest);
	assert_all_safe(&out);
	explanation_release(&out);
}

static void test_topics(void **state)
{
	const struct explain *e = *state;
	struct explanation out;

	assert_topic(e, "250", "250", "done");
	assert_topic(e, "  250-mx.school.test ", "250", "done");
	assert_topic(e, "S: 550 5.1.1 No such user", "550 5.1.1", "no such user");
	assert_topic(e, "250-PIPELINING", "PIPELINING", "in groups");
	assert_topic(e, "250-SIZE 1000", "SIZE", "largest taken is 1000 bytes.");
	assert_topic(e, "250-SIZE 0", "SIZE", "after MAIL FROM:<…>.");
	assert_topic(e, "250 AUTH PLAIN", "AUTH", "mechanisms: PLAIN.");
	assert_topic(e, "599", "599", "lasting refusal");
	assert_topic(e, "5.1.1", "5.1.1", "does not exist");
	assert_topic(e, "4.7.999", "4.7.999", "temporary");
	assert_topic(e, "mail from:<x>", "MAIL FROM:<address> [parameter …]", "begins a mail");
	assert_topic(e, "pipelining", "PIPELINING", "in groups");
	assert_topic(e, "550 \033[2J", "550", "refused");
	assert_int_equal(explain_topic(e, span_of("xyzzy"), &out), -1);
	assert_int_equal(explain_topic(e, span_of(""), &out), -1);
	assert_int_equal(explain_topic(e, span_of("9.1.1"), &out), -1);
	assert_int_equal(explain_topic(e, span_of("message"), &out), -1);
	assert_int_equal(explain_topic(e, span_from("a\0b", 3), &out), -1);
}

static void test_unknown_note(void **state)
{
	struct explain_context c = {0};
	struct explanation out;

	assert_int_equal(explain_note(*state, "no-such-note", &c, &out), -1);
	assert_null(out.brief);
	explanation_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_glob),
	        cmocka_unit_test(test_specificity),
	        cmocka_unit_test(test_enhanced_range),
	        cmocka_unit_test(test_faulty_files),
	        cmocka_unit_test(test_no_folder),
	        cmocka_unit_test(test_language_falls_back),
	        cmocka_unit_test(test_placeholders),
	        cmocka_unit_test(test_own_data_in_notes),
	        cmocka_unit_test(test_a_note_may_have_nothing_next),
	        cmocka_unit_test(test_hello_without_name),
	        cmocka_unit_test(test_typing_in_the_light_of_the_answer),
	        cmocka_unit_test(test_no_reply_yet),
	        cmocka_unit_test(test_enhanced_is_added),
	        cmocka_unit_test(test_partial_refusal),
	        cmocka_unit_test(test_hostile_bytes),
	        cmocka_unit_test(test_peer_text_is_not_a_template),
	        cmocka_unit_test(test_hostile_names),
	        cmocka_unit_test(test_next_by_state),
	        cmocka_unit_test(test_message_lines),
	        cmocka_unit_test(test_capabilities),
	        cmocka_unit_test(test_topics),
	        cmocka_unit_test(test_unknown_note),
	};

	return cmocka_run_group_tests(tests, load_all, free_all);
}
