/*
 * option: the options of `smtptalk send`: those of swaks by their names, and our own.
 *
 * One list (option_list.h) has a row for each; it makes the reader, --help, and the table in the
 * manual. They are read from a configuration file, from SWAKS_OPT_… variables and from words, in
 * this order; what comes later wins. Any option takes a "no-" before its name, which forgets what
 * was said before. Names may be cut short as long as they stay unique, and may have one dash or
 * two. Owns its strings. Limits: SEND_OPTIONS_FILE_MAX bytes of a file.
 */
#ifndef SEND_OPTION_H
#define SEND_OPTION_H

#include "base/buf.h"
#include "base/diag.h"
#include "base/span.h"
#include "send/option_list.h"

#define SEND_OPTIONS_FILE_MAX (1u << 20)

enum send_option {
#define X(ID, names, argument, flags, prompt, carried, value, help, note) SEND_##ID,
	SEND_OPTIONS(X)
#undef X
	        SEND_OPTION_COUNT
};

enum send_argument {
	SEND_NONE, /* takes no argument */
	SEND_MAY,  /* the next word, unless it begins with a dash */
	SEND_ASK,  /* likewise; without one it is asked for, or it is a fault */
	SEND_MUST, /* the next word, whatever it is */
};

enum {                  /* bits of send_option_row.flags */
       SEND_FILE = 1,   /* "-" is standard input, "@PATH" a file, "@@" a literal "@" */
       SEND_SECRET = 2, /* what is typed for it may be hidden (--protect-prompt) */
       SEND_LIST = 4,   /* all that are given count, not only the last */
};

enum send_carried {
	SEND_SAME,      /* as in swaks */
	SEND_DIFFERENT, /* as `note` says */
	SEND_LEFT_OUT,  /* `note` says what to use */
	SEND_OURS,      /* swaks has none */
};

struct send_option_row {
	const char *names; /* parted by blanks, the long one first */
	enum send_argument argument;
	unsigned flags;
	const char *prompt; /* SEND_ASK: what is asked; NULL: a missing one is a fault */
	enum send_carried carried;
	const char *value; /* for help, such as "ADDRESS"; NULL: none */
	const char *help;
	const char *note; /* or NULL */
};

const struct send_option_row *send_option_at(enum send_option o);
/* Its first name. */
struct span send_option_name(enum send_option o);
/* The next name of a row: *names is its `names` at first; empty when there is none left. */
struct span send_option_next_name(struct span *names);

struct send_value {
	enum send_option option;
	char *text; /* "" when there was no argument */
};

struct send_options {
	struct send_value *list; /* in the order in which they were given */
	size_t count, room;
};

void send_options_init(struct send_options *o);
void send_options_release(struct send_options *o);

/* Reads words: 0, or -1 and d (DIAG_USAGE). `where` is what the words come from, or NULL. */
int send_options_read(struct send_options *o, char *const *words, size_t count, const char *where,
                      struct diag *d);
/* SWAKS_OPT_… of `environment` (as environ is). */
int send_options_environment(struct send_options *o, char *const *environment, struct diag *d);
/* A file with an option in each line; d is DIAG_USAGE when it cannot be read. */
int send_options_file(struct send_options *o, const char *path, struct diag *d);
/* Everything, in order: the file of --config, or else the first .swaksrc in SWAKS_HOME, HOME and
 * LOGDIR; the environment; the words. */
int send_options_all(struct send_options *o, char *const *words, size_t count,
                     char *const *environment, struct diag *d);

/* The last value, or NULL when the option was not given. */
const struct send_value *send_options_find(const struct send_options *o, enum send_option which);
bool send_options_has(const struct send_options *o, enum send_option which);
/* Its text; NULL when the option was not given or has no argument. */
const char *send_options_text(const struct send_options *o, enum send_option which);
/* As if it had been given last. */
void send_options_set(struct send_options *o, enum send_option which, const char *text);

/* For --help, at most 79 columns wide. */
void send_options_help(struct buf *out);
/* The manual's table of all of them, and of what became of swaks', in mdoc(7). */
void send_options_manual(struct buf *out);

#endif
