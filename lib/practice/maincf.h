/*
 * maincf: a Postfix main.cf, read as Postfix reads it (postconf(5)).
 *
 * Logical lines (a line that begins with a blank continues the one before it), comments, "name =
 * value", the later of two entries wins; $name, $(name), ${name}, ${name?text}, ${name:text},
 * ${name?{a}:{b}}, ${{x} == {y} ? {a} : {b}}, and "<level" for compatibility levels. Owns all its
 * strings. Faults are file:line:column. Files of MAINCF_MAX bytes; values of MAINCF_VALUE_MAX after
 * expansion, MAINCF_DEPTH_MAX references deep.
 */
#ifndef PRACTICE_MAINCF_H
#define PRACTICE_MAINCF_H

#include <stdbool.h>

#include "base/diag.h"
#include "base/span.h"
#include "practice/maincf_parameters.h"

#define MAINCF_MAX       (1u << 20)
#define MAINCF_VALUE_MAX (64u << 10)
#define MAINCF_DEPTH_MAX 100

/* RAW is not expanded: it is a template that is filled in for each reply. */
enum maincf_type { MAINCF_TEXT, MAINCF_RAW, MAINCF_YESNO, MAINCF_NUMBER, MAINCF_TIME };

enum maincf_parameter {
#define X(NAME, name, type, value) MAINCF_##NAME,
	MAINCF_PARAMETERS(X)
#undef X
	        MAINCF_COUNT
};

struct maincf;

struct maincf *maincf_new(void);
struct maincf *maincf_copy(const struct maincf *cf); /* settled if cf is */
void maincf_free(struct maincf *cf);

/* Another default than Postfix's, where Postfix asks the machine: myhostname, mynetworks. */
void maincf_supply(struct maincf *cf, enum maincf_parameter p, const char *value);
/* Adds what a file, or text (`path` names it), says. 0, or -1 and ds. */
int maincf_load(struct maincf *cf, const char *path, struct diags *ds);
int maincf_read(struct maincf *cf, const char *path, struct span text, struct diags *ds);
/* One "name = value", as of master.cf's -o. 0, or -1 and ds. */
int maincf_set(struct maincf *cf, const char *where, struct span text, struct diags *ds);
/* Expands and checks everything; to be called before values are asked for, and again after
 * maincf_set(). 0, or -1 and ds; a value that is at fault is then its default. */
int maincf_settle(struct maincf *cf, struct diags *ds);
/* One warning for each parameter that is set, is not known here, and is not used by another. */
void maincf_warn(const struct maincf *cf, struct diags *ds);

/* Of the settled file; borrowed until it is settled again. */
const char *maincf_text(const struct maincf *cf, enum maincf_parameter p);
bool maincf_yes(const struct maincf *cf, enum maincf_parameter p);
long maincf_number(const struct maincf *cf, enum maincf_parameter p); /* times in seconds */
bool maincf_is_set(const struct maincf *cf, enum maincf_parameter p); /* by the file */
/* What postconf -h -x says: any name's value, expanded; heap; NULL: there is no such parameter. */
char *maincf_lookup(const struct maincf *cf, struct span name);

const char *maincf_name(enum maincf_parameter p);
enum maincf_parameter maincf_find(struct span name); /* MAINCF_COUNT: not known here */

/* Expands text whose names `lookup` knows (NULL: undefined). What is looked up is expanded too
 * when `deep`. 0; -1: the text is malformed, and d says how. */
struct maincf_names {
	const char *(*lookup)(void *arg, struct span name);
	void *arg;
	bool deep;
};
int maincf_expand(struct span text, const struct maincf_names *names, struct buf *out,
                  struct diag *d);

/* Lists: words parted by blanks and commas; what stands in braces is one word. False at the end. */
bool maincf_word(struct span *rest, struct span *word);

#endif
