/*
 * The public functions: find the rule, then fill the words of its note. What a note leaves open is
 * filled from more general places: what to do next from the state, the meaning of an enhanced code
 * that the rule did not look at from the registry.
 */
#include "explain/explain.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/display.h"
#include "base/mem.h"
#include "explain/internal.h"
#include "explain/typing.h"

enum { PATH_BYTES = 4096, BRIEF_MAX = 8 << 10 };

const char *const EXPLAIN_FIXED_NOTES[] = {
        /* connecting and finding the server */
        "connect-refused", "connect-timeout", "connect-reset", "connect-unreachable",
        "all-timed-out", "null-mx", "no-mx", "no-name", "implicit-mx", "mx-literal", "mx-alias",
        "mx-private",
        /* the end of a conversation */
        "closed-after-354", "closed-waiting", "closed-idle", "closed-clean", "silence-after-dot",
        "silence", "unsolicited-421", "cut-off", "two-replies", "broken-reply",
        /* remarks */
        "envelope-vs-header", "type-again", "enhanced-word", "keyword-unknown", "keyword-private",
        NULL};

static bool plain_language(const char *lang)
{
	size_t n = lang ? strlen(lang) : 0;

	for (size_t i = 0; i < n; i++)
		if (!ascii_is_alnum(lang[i]) && lang[i] != '-' && lang[i] != '_')
			return false;
	return n > 0 && n < 32;
}

void explain_words_path(const char *datadir, const char *prefix, const char *lang, struct buf *out)
{
	if (plain_language(lang)) {
		buf_addf(out, "%s/notes/%s%s.txt", datadir, prefix, lang);
		if (access(out->data, R_OK) == 0)
			return;
		buf_clear(out);
	}
	buf_addf(out, "%s/notes/%sen.txt", datadir, prefix);
}

struct explain *explain_load(const char *datadir, const char *lang, struct diags *ds)
{
	struct explain *e = mem_zero(sizeof(*e));
	struct buf path;
	int failed;

	buf_init(&path, PATH_BYTES);
	explain_words_path(datadir, "", lang, &path);
	failed = notes_load(&e->notes, path.data, ds);
	if (failed == 0) {
		buf_clear(&path);
		buf_addf(&path, "%s/notes/rules", datadir);
		failed = rules_load(&e->rules, path.data, &e->notes, ds);
	}
	buf_release(&path);
	if (failed == 0)
		return e;
	explain_free(e);
	return NULL;
}

void explain_free(struct explain *e)
{
	if (!e)
		return;
	rules_release(&e->rules);
	notes_release(&e->notes);
	free(e);
}

void explain_expect_many(struct explain *e)
{
	rules_index(&e->rules);
}

void explanation_release(struct explanation *x)
{
	free(x->label);
	free(x->brief);
	free(x->full);
	free(x->source);
	free(x->rule);
	free(x->typing);
	free(x->next);
	free(x->suggest);
	free(x->doing);
	free(x->proof);
	memset(x, 0, sizeof(*x));
}

void explain_case(const struct explain *e, const struct explain_context *c, struct buf *text,
                  struct rule_case *out)
{
	const struct smtp_reply *r = c->reply;

	for (size_t i = 0; i < r->count && text->len < EXPLAIN_TEXT_MAX; i++) {
		struct span line = smtp_reply_text(r, i);
		struct smtp_enhanced code;

		line = span_skip(line, smtp_enhanced_parse(line, &code));
		if (text->len > 0)
			buf_addch(text, ' ');
		buf_addspan(text, span_first(line, EXPLAIN_TEXT_MAX - text->len));
	}
	*out = (struct rule_case){
	        .code = r->code,
	        .enhanced = r->enhanced,
	        .verb = c->verb,
	        .state = c->state,
	        .faults = c->command ? c->command->faults : 0,
	        .reply_faults = r->faults,
	        .unsolicited = c->unsolicited,
	        .null_sender = c->command && c->verb == SMTP_VERB_MAIL && c->command->address.null,
	        .text = buf_span(text),
	        .host = {c->banner, span_of(c->server),
	                 span_of(c->capabilities ? c->capabilities->server_name : NULL)},
	};
	if (c->verb == SMTP_VERB_CONNECT && c->banner.n == 0)
		out->host[0] = out->text;
	out->provider = provider_of(&e->rules.providers, out->host,
	                            sizeof(out->host) / sizeof(out->host[0]), out->text);
}

static bool refused(const struct smtp_reply *r)
{
	return r && (r->code / 100 == 4 || r->code / 100 == 5);
}

static void add_next(struct fill *f, const struct record_section *s, struct explanation *out)
{
	out->suggest = fill_text(f, record_value(s, "Suggest"));
	f->suggest = out->suggest;
	out->next = fill_text(f, record_value(s, "Next"));
}

static const struct record_section *find_state(const struct fill *f, enum smtp_state state,
                                               const char *word)
{
	const struct record_section *s;
	struct buf name;

	buf_init(&name, 64);
	buf_addf(&name, "%s%s%s", smtp_state_name(state), *word ? " " : "", word);
	s = notes_find(f->notes, "state", name.data);
	buf_release(&name);
	return s;
}

static bool is_offered(const struct fill *f, const char *keyword)
{
	return f->context->capabilities && smtp_capability_find(f->context->capabilities, keyword);
}

/* What the server demands first (530: RFC 3207 §4, RFC 4954 §6), or will on such a port: TLS, then
 * a login, as far as it offers them. NULL: nothing. */
static const struct record_section *find_demand(const struct fill *f, enum smtp_state state)
{
	const struct explain_context *c = f->context;

	if (!c->submission && !(c->reply && c->reply->code == 530))
		return NULL;
	if (!c->encrypted)
		return is_offered(f, "STARTTLS") ? find_state(f, state, "starttls") : NULL;
	return !c->logged_in && is_offered(f, "AUTH") ? find_state(f, state, "login") : NULL;
}

static void add_state_next(struct fill *f, enum smtp_state state, struct explanation *out)
{
	const struct record_section *s = find_demand(f, state);

	if (!s && refused(f->context->reply))
		s = find_state(f, state, "refused");
	if (!s && f->context->encrypted)
		s = find_state(f, state, "encrypted");
	if (!s)
		s = find_state(f, state, "");
	if (s)
		add_next(f, s, out);
}

/* The first that knows: the typed line's correction, what a 530 demands, the note, the state. */
static void choose_next(struct fill *f, const struct record_section *note, struct explanation *out)
{
	const struct record_section *again = notes_find(f->notes, "note", "type-again");
	const char *next = record_value(note, "Next") ? record_value(note, "Next") : "";

	if (out->suggest && again) {
		f->suggest = out->suggest;
		out->next = fill_text(f, record_value(again, "Next"));
	} else if (strcmp(next, "-") == 0) {
		return;
	} else if (*next &&
	           !(f->context->reply->code == 530 && find_demand(f, f->context->after))) {
		add_next(f, note, out);
	} else {
		add_state_next(f, f->context->after, out);
	}
}

static void add_sentence(struct buf *out, char *text)
{
	if (text && out->len > 0)
		buf_addch(out, ' ');
	buf_addstr(out, text ? text : "");
	free(text);
}

static const struct record_section *find_enhanced(const struct fill *f)
{
	struct smtp_enhanced e = f->context->reply->enhanced;
	const struct record_section *s;
	struct buf name;

	buf_init(&name, 64);
	buf_addf(&name, "x.%d.%d", e.subject, e.detail);
	s = notes_find(f->notes, "enhanced", name.data);
	if (!s) {
		buf_clear(&name);
		buf_addf(&name, "x.%d.*", e.subject);
		s = notes_find(f->notes, "enhanced", name.data);
	}
	buf_release(&name);
	return s;
}

/* What the registry says of an enhanced code that the rule itself did not look at. */
static const struct record_section *add_enhanced(struct fill *f, const struct rule *rule,
                                                 struct buf *brief)
{
	const struct record_section *s, *frame = notes_find(f->notes, "note", "enhanced-word");
	struct smtp_enhanced code = f->context->reply->enhanced;

	/* "Undefined" (x.y.0) and "protocol" (x.5.y) would only repeat what the code says. */
	if (!code.present || code.detail == 0 || code.subject == 5 || !refused(f->context->reply) ||
	    !frame || rule->enhanced_count || rule->text_count || rule->host_count ||
	    rule->providers)
		return NULL;
	s = find_enhanced(f);
	if (!s)
		return NULL;
	f->meaning = record_value(s, "Brief");
	add_sentence(brief, fill_text(f, record_value(frame, "Brief")));
	return s;
}

static char *make_label(const struct smtp_reply *r)
{
	struct buf b;
	char *label;

	if (r->code == 0)
		return NULL;
	buf_init(&b, 64);
	buf_addf(&b, "%d", r->code);
	if (r->enhanced.present)
		buf_addf(&b, " %d.%d.%d", r->enhanced.class, r->enhanced.subject,
		         r->enhanced.detail);
	label = buf_take(&b);
	buf_release(&b);
	return label;
}

static char *join_sources(const char *note, const struct record_section *enhanced)
{
	const char *more = enhanced ? record_value(enhanced, "Source") : NULL;
	struct buf b;
	char *source;

	if (!more || (note && strstr(note, more)))
		return mem_dup(note);
	buf_init(&b, 1024);
	buf_addf(&b, "%s%s%s", note ? note : "", note ? ", " : "", more);
	source = buf_take(&b);
	buf_release(&b);
	return source;
}

static void add_note(struct fill *f, const struct rule *rule, struct explanation *out)
{
	const struct record_section *enhanced;
	struct buf brief;

	buf_init(&brief, BRIEF_MAX);
	add_sentence(&brief, fill_text(f, record_value(rule->note, "Brief")));
	enhanced = add_enhanced(f, rule, &brief);
	out->brief = buf_take(&brief);
	buf_release(&brief);
	out->full = fill_text(f, record_value(rule->note, "Full"));
	out->source = join_sources(rule->source ? rule->source : record_value(rule->note, "Source"),
	                           enhanced);
	out->rule = mem_dup(rule->id);
}

/* What to do and what would prove it: the note knows best, then the words of the reason. */
static void add_advice(struct fill *f, const struct record_section *note, struct explanation *out)
{
	const struct record_section *reason =
	        notes_find(f->notes, "reason", explain_reason_name(out->verdict.reason));
	const char *doing = record_value(note, "Do"), *proof = record_value(note, "Proof");

	if (!doing && reason)
		doing = record_value(reason, "Do");
	if (!proof && reason)
		proof = record_value(reason, "Proof");
	out->doing = fill_text(f, doing);
	out->proof = fill_text(f, proof);
}

/* DATA after every RCPT was refused: the server wants a recipient, but that is not what is wrong.
 */
static bool is_consequence(const struct explain_context *c)
{
	int code = c->reply->code;

	return c->verb == SMTP_VERB_DATA && (code == 503 || code == 554) && c->envelope &&
	       c->envelope->count > 0 && c->envelope->accepted == 0;
}

void explain_reply(const struct explain *e, const struct explain_context *c,
                   struct explanation *out)
{
	struct fill f = {.context = c, .notes = &e->notes};
	struct rule_winner words, reason;
	const struct rule *rule;
	struct rule_case rc;
	struct buf text;

	memset(out, 0, sizeof(*out));
	typing_explain(&f, out);
	if (!c->reply) {
		if (!out->suggest)
			add_state_next(&f, c->after, out);
		return;
	}
	buf_init(&text, EXPLAIN_TEXT_MAX + 1);
	explain_case(e, c, &text, &rc);
	rules_match(&e->rules, &rc, &words, &reason);
	verdict_make(&e->rules, &rc, &reason, &out->verdict);
	out->verdict.consequence = is_consequence(c);
	rule = words.rule;
	buf_release(&text);
	out->label = make_label(c->reply);
	if (!rule)
		return;
	add_note(&f, rule, out);
	if (rule->faults) { /* then the note speaks of the typed line itself */
		free(out->typing);
		out->typing = NULL;
	}
	add_advice(&f, rule->note, out);
	choose_next(&f, rule->note, out);
}

const char *explain_side_text(const struct explain *e, enum explain_side side)
{
	const struct record_section *s = notes_find(&e->notes, "side", explain_side_name(side));

	return s ? record_value(s, "Brief") : NULL;
}

void explain_next(const struct explain *e, const struct explain_context *c, struct explanation *out)
{
	struct fill f = {.context = c, .notes = &e->notes};
	/* `after` is what counts; a caller that has no exchange at hand fills only `state`. */
	enum smtp_state state = c->after != SMTP_STATE_CONNECTED ? c->after : c->state;

	memset(out, 0, sizeof(*out));
	add_state_next(&f, state, out);
}

int explain_note(const struct explain *e, const char *id, const struct explain_context *c,
                 struct explanation *out)
{
	struct fill f = {.context = c, .notes = &e->notes};
	const struct record_section *s = notes_find(&e->notes, "note", id);

	memset(out, 0, sizeof(*out));
	if (!s)
		return -1;
	out->brief = fill_text(&f, record_value(s, "Brief"));
	out->full = fill_text(&f, record_value(s, "Full"));
	out->source = mem_dup(record_value(s, "Source"));
	add_next(&f, s, out);
	return 0;
}
