/*
 * Everything that can be wrong without a server is found here, before the first byte goes out: a
 * suite with a file that cannot be read sends nothing.
 */
#include "ui/replay_plan.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/display.h"
#include "base/mem.h"
#include "ui/internet.h"
#include "ui/replay_convert.h"
#include "ui/replay_set.h"

enum { PATH_LENGTH_MAX = 4096, FOLDER_DEPTH_MAX = 32 };

/* --- its life --- */

void replay_plan_init(struct replay_plan *p, const struct options *o)
{
	memset(p, 0, sizeof(*p));
	p->options = o;
	p->loop = loop_new();
	p->vars = session_vars_new();
}

void replay_plan_release(struct replay_plan *p)
{
	for (size_t i = 0; i < p->count; i++) {
		free(p->files[i].path);
		session_file_free(p->files[i].session);
	}
	free(p->files);
	replay_ways_release(p);
	session_vars_free(p->vars);
	tls_context_free(p->tls);
	if (p->network)
		network_free(p->network);
	if (p->world)
		world_free(p->world);
	loop_free(p->loop);
}

struct session_vars *replay_plan_vars(const struct replay_plan *p)
{
	struct session_vars *v = session_vars_new();
	const struct session_variable *one;

	for (size_t i = 0; (one = session_vars_at(p->vars, i)) != NULL; i++)
		session_vars_set(v, span_of(one->name), buf_span(&one->value), one->origin, NULL,
		                 NULL);
	return v;
}

struct span replay_plan_target(const struct replay_plan *p, struct span named)
{
	return p->options->host ? span_of(p->options->host) : named;
}

/* --- which files --- */

static bool is_wanted(const struct replay_plan *p, const char *path)
{
	const char *pattern = p->options->filter;

	return !pattern || strstr(path, pattern) || fnmatch(pattern, path, 0) == 0;
}

static int add_file(struct replay_plan *p, const char *path, struct diags *ds)
{
	if (!is_wanted(p, path))
		return 0;
	if (p->count >= REPLAY_FILES_MAX) {
		diags_add(ds, DIAG_USAGE, "replay", "takes at most %u files", REPLAY_FILES_MAX);
		return -1;
	}
	p->files = mem_grow(p->files, p->count, &p->room, sizeof(*p->files));
	p->files[p->count++] = (struct replay_file){.path = mem_dup(path)};
	return 0;
}

static int fault(struct diags *ds, const char *path, const char *what)
{
	char *shown = display_dup(span_of(path), 1000);

	diags_add(ds, DIAG_INPUT, shown, "%s", what);
	free(shown);
	return -1;
}

static int is_visible(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

static bool is_session(const char *name)
{
	size_t n = strlen(name);

	return n > 5 && strcmp(name + n - 5, ".smtp") == 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name); /* the same order in every locale */
}

static int add_folder(struct replay_plan *p, const char *path, unsigned depth, struct diags *ds)
{
	struct dirent **entries = NULL;
	int count = scandir(path, &entries, is_visible, by_name), result = 0;
	size_t slash = strlen(path);
	struct buf below;

	if (count < 0)
		return fault(ds, path, strerror(errno));
	while (slash > 1 && path[slash - 1] == '/')
		slash--;
	buf_init(&below, PATH_LENGTH_MAX);
	for (int i = 0; i < count; i++) {
		struct stat st;

		buf_clear(&below);
		buf_addf(&below, "%.*s/%s", (int)slash, path, entries[i]->d_name);
		if (below.full || stat(below.data, &st) < 0)
			result = fault(ds, path, "an entry of this folder cannot be looked at");
		else if (S_ISDIR(st.st_mode) && depth >= FOLDER_DEPTH_MAX)
			result = fault(ds, path, "folders are read 32 deep");
		else if (S_ISDIR(st.st_mode))
			result |= add_folder(p, below.data, depth + 1, ds);
		else if (is_session(entries[i]->d_name))
			result |= add_file(p, below.data, ds);
		free(entries[i]);
	}
	free(entries);
	buf_release(&below);
	return result;
}

static int add_word(struct replay_plan *p, const char *word, struct diags *ds)
{
	size_t before = p->count;
	struct stat st;

	if (stat(word, &st) < 0)
		return fault(ds, word, strerror(errno));
	if (!S_ISDIR(st.st_mode))
		return add_file(p, word, ds);
	if (add_folder(p, word, 1, ds) < 0)
		return -1;
	if (p->count > before || p->options->filter)
		return 0;
	return fault(ds, word, "no *.smtp file is in this folder");
}

/* --- reading --- */

/* What the reader remarked says why: it is empty, or a recording that was cut off. */
static int nothing_to_play(const struct replay_file *f, struct diags *ds)
{
	const struct diags *remarks = &f->session->warnings;
	struct diag *d =
	        diags_add(ds, DIAG_INPUT, f->path, "there is nothing in this file to be played");

	if (remarks->count > 0)
		diag_hint(d, "%s", remarks->list[remarks->count - 1].what);
	return -1;
}

static int read_one(struct replay_file *f, struct diags *ds)
{
	if (stat(f->path, &f->state) < 0)
		return fault(ds, f->path, strerror(errno));
	f->session = replay_load_file(f->path, ds);
	if (!f->session || session_file_check_side(f->session, true, ds) < 0)
		return -1;
	return f->session->count == 0 ? nothing_to_play(f, ds) : 0;
}

int replay_plan_find(struct replay_plan *p, char *const *words, size_t count, struct diags *ds)
{
	int result = 0;

	for (size_t i = 0; i < count; i++)
		result |= add_word(p, words[i], ds);
	if (result == 0 && p->count == 0) {
		char *shown = display_dup(span_of(p->options->filter), 300);

		diags_add(ds, DIAG_USAGE, "--filter", "no file has \"%s\" in its path", shown);
		free(shown);
		result = -1;
	}
	return result;
}

int replay_plan_read(struct replay_plan *p, struct diags *ds)
{
	int result = 0;

	for (size_t i = 0; i < p->count; i++)
		result |= read_one(&p->files[i], ds);
	return result;
}

/* --- what a play needs --- */

static bool has_step(const struct session_file *f, enum session_step_type type)
{
	for (size_t i = 0; i < f->count; i++)
		if (f->steps[i].type == type)
			return true;
	return false;
}

static int check_server(const struct replay_plan *p, const struct replay_file *f, struct diags *ds)
{
	char *shown;

	if (p->options->host || has_step(f->session, SESSION_OPEN))
		return 0;
	shown = display_dup(span_of(f->path), 1000);
	diag_hint(diags_add(ds, DIAG_USAGE, shown, "no server is named to play it with"),
	          "--host HOST[:PORT], or  C: <open HOST:PORT>  in the file");
	free(shown);
	return -1;
}

/* To read the system's authorities takes longer than a short play; a target may be smtps://. */
static bool may_need_tls(const struct replay_plan *p)
{
	const struct options *o = p->options;
	bool any = o->tls_on_connect || o->ca_file || o->ca_path || o->client_cert || o->keylog ||
	           (o->host && strchr(o->host, '/'));

	for (size_t i = 0; !any && i < p->count; i++)
		any = has_step(p->files[i].session, SESSION_TLS) ||
		      has_step(p->files[i].session, SESSION_OPEN);
	return any;
}

int replay_plan_ready(struct replay_plan *p, struct diags *ds)
{
	int result = replay_set_variables(p->vars, p->options, ds);

	for (size_t i = 0; i < p->count; i++)
		result |= check_server(p, &p->files[i], ds);
	if (result < 0 || internet_open(p->options, p->loop, &p->network, &p->world, ds) < 0)
		return -1;
	if (!may_need_tls(p))
		return 0;
	p->tls = internet_tls(p->options, p->world, ds);
	return p->tls ? 0 : -1;
}
