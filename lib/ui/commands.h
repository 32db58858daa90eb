/*
 * commands: the local commands, one table row each: name, arguments, help, example, what its
 * argument completes to, function. The table makes /help, completion and the manual page's list.
 *
 * A unique beginning of a name is enough.
 */
#ifndef UI_COMMANDS_H
#define UI_COMMANDS_H

#include <stddef.h>

#include "base/span.h"

struct talk;

enum commands_completer {
	COMMANDS_NOTHING,
	COMMANDS_TOPIC,
	COMMANDS_COMMAND,
	COMMANDS_SETTING,
	COMMANDS_FILE
};

struct command_row {
	const char *name;
	const char *arguments; /* "" when it takes none */
	const char *help;
	const char *example;
	enum commands_completer completer;
	void (*run)(struct talk *t, struct span arguments);
};

const struct command_row *commands_row(size_t i); /* NULL past the end */
/* Runs a line without its slash; says what is wrong with it otherwise. */
void commands_run(struct talk *t, struct span line);

/* --- local_net.c --- */
void local_mx(struct talk *t, struct span arguments);
void local_connect(struct talk *t, struct span arguments);
void local_close(struct talk *t, struct span arguments);
void local_raw(struct talk *t, struct span arguments);
void local_quit(struct talk *t, struct span arguments);

/* --- talk_tls.c, talk_login.c --- */
void local_tls(struct talk *t, struct span arguments);
void local_auth(struct talk *t, struct span arguments);

/* --- talk_record.c --- */
void local_record(struct talk *t, struct span arguments);
void local_save(struct talk *t, struct span arguments);

/* --- talk_replay.c --- */
void local_replay(struct talk *t, struct span arguments);

/* --- talk_why.c --- */
void local_why(struct talk *t, struct span arguments);

/* --- local_practice.c --- */
void local_mailbox(struct talk *t, struct span arguments);
void local_queue(struct talk *t, struct span arguments);
void local_log(struct talk *t, struct span arguments);
void local_aliases(struct talk *t, struct span arguments);
void local_newaliases(struct talk *t, struct span arguments);

/* --- local_show.c --- */
void local_next(struct talk *t, struct span arguments);
void local_hint(struct talk *t, struct span arguments);
void local_answer(struct talk *t, struct span arguments);
void local_lesson(struct talk *t, struct span arguments);
void local_progress(struct talk *t, struct span arguments);
void local_reset(struct talk *t, struct span arguments);
void local_skip(struct talk *t, struct span arguments);
void local_explain(struct talk *t, struct span arguments);
void local_state(struct talk *t, struct span arguments);
void local_caps(struct talk *t, struct span arguments);
void local_history(struct talk *t, struct span arguments);
void local_set(struct talk *t, struct span arguments);

/* The settings of /set, for completion; NULL past the end. */
const char *local_setting(size_t i);

#endif
