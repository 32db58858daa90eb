/*
 * A session file in its normal form: one table says how each step is written. What is included
 * stands in its place, comments and prose are gone; all that is played is the same.
 */
#include "session/export.h"

#include <inttypes.h>

#include "session/export_walk.h"
#include "session/writer.h"

struct export_writer {
	const struct export_walk *walk;
	struct session_writer w;
	enum session_level level;
};

static void write_duration(struct buf *out, int64_t ms)
{
	if (ms % 1000 == 0)
		buf_addf(out, "%" PRId64 "s", ms / 1000);
	else
		buf_addf(out, "%" PRId64 "ms", ms);
}

static void write_marked(struct export_writer *e, const struct session_step *s, const char *mark,
                         bool raw)
{
	buf_addstr(e->w.out, mark);
	if (s->len > 0 || s->refs_count > 0)
		buf_addch(e->w.out, ' ');
	session_write_text(&e->w, s, raw);
	buf_addch(e->w.out, '\n');
}

/* A step of this kind in angle brackets, or a line after its mark. */
static const struct {
	const char *mark;
	bool raw;
} marks[SESSION_STEP_COUNT] = {
        [SESSION_CLIENT_LINE] = {"C:", false},     [SESSION_SERVER_LINE] = {"S:", false},
        [SESSION_CLIENT_RAW] = {"C!", true},       [SESSION_SERVER_RAW] = {"S!", true},
        [SESSION_CLIENT_GLOB] = {"C*", false},     [SESSION_SERVER_GLOB] = {"S*", false},
        [SESSION_SERVER_REGEX] = {"S~", false},    [SESSION_SERVER_EXACT] = {"S=", true},
        [SESSION_SERVER_OPTIONAL] = {"S?", false}, [SESSION_REQUIRE] = {"@require", false},
        [SESSION_ECHO] = {"@echo", false},
};

static void write_bracket(struct export_writer *e, const struct session_step *s, const char *name)
{
	buf_addf(e->w.out, "%c: <%s ", s->client ? 'C' : 'S', name);
	session_write_text(&e->w, s, false);
	buf_addstr(e->w.out, ">\n");
}

static void write_set(struct export_writer *e, const struct session_step *s)
{
	buf_addf(e->w.out, "@set %s = ", s->name);
	session_write_text(&e->w, s, false);
	buf_addch(e->w.out, '\n');
}

static void write_step(struct export_writer *e, const struct session_step *s)
{
	struct buf *out = e->w.out;

	switch (s->type) {
	case SESSION_OPEN: write_bracket(e, s, "open"); break;
	case SESSION_MESSAGE: write_bracket(e, s, "file"); break;
	case SESSION_SET: write_set(e, s); break;
	case SESSION_RETRY:
		buf_addf(out, "@retry %s %lu ", s->code, s->times);
		write_duration(out, s->ms);
		buf_addch(out, '\n');
		break;
	case SESSION_TIMEOUT:
		buf_addstr(out, "@timeout ");
		write_duration(out, s->ms);
		buf_addch(out, '\n');
		break;
	default:
		if (marks[s->type].mark)
			write_marked(e, s, marks[s->type].mark, marks[s->type].raw);
		else
			session_write_step(&e->w, s);
	}
}

static bool is_directive(const struct session_step *s)
{
	return s->type >= SESSION_SET || s->refs_count > 0 || s->level != SESSION_MATCH_STATUS;
}

/* @match stands before the first line that it holds for. */
static void write_level(struct export_writer *e, const struct session_step *s)
{
	if (s->level == e->level)
		return;
	e->level = s->level;
	buf_addf(e->w.out, "@match %s\n", session_level_name(s->level));
}

bool export_has_secrets(const struct session_file *f)
{
	struct export_walk walk;
	bool has;

	export_walk_init(&walk, f);
	has = walk.secrets_count > 0;
	export_walk_release(&walk);
	return has;
}

static bool has_directives(const struct session_file *f)
{
	for (size_t i = 0; i < f->count; i++) {
		if (is_directive(&f->steps[i]))
			return true;
	}
	return false;
}

/* The names of variables that stand for what was hidden. */
static void write_sets(struct export_writer *e)
{
	size_t own = 0;

	for (size_t i = 0; i < e->walk->file->count; i++)
		own += e->walk->file->steps[i].type == SESSION_SET;
	for (size_t i = 0; own == 0 && i < session_vars_count(e->walk->vars); i++) {
		const struct session_variable *v = session_vars_at(e->walk->vars, i);

		if (!v->secret)
			session_write_set(&e->w, span_of(v->name), buf_span(&v->value));
	}
}

int export_session(const struct session_file *f, struct buf *out)
{
	struct session_vars *none = session_vars_new();
	struct export_walk walk;
	struct export_writer e = {.walk = &walk, .w = {.out = out}, .level = SESSION_MATCH_STATUS};
	size_t secret = 0;

	export_walk_init(&walk, f);
	e.w.vars = walk.secrets_count > 0 || has_directives(f) ? none : NULL;
	session_write_start(&e.w);
	write_sets(&e);
	for (size_t i = 0; i < f->count; i++) {
		const struct export_secret *s =
		        secret < walk.secrets_count ? &walk.secrets[secret] : NULL;

		write_level(&e, &f->steps[i]);
		if (s && s->step == &f->steps[i]) {
			session_write_hidden(&e.w, span_from(s->step->text, s->shown),
			                     span_of(s->reference), SPAN("\r\n"));
			secret++;
		} else {
			write_step(&e, &f->steps[i]);
		}
	}
	export_walk_release(&walk);
	session_vars_free(none);
	return out->full ? -1 : 0;
}
