/*
 * import_build: what the parts that make a session file of a scan share; private to this folder.
 *
 * import_build.c goes through the items, import_say.c writes and supplies, import_client.c knows
 * the client's lines, import_secret.c those of a login. Nothing here fails but by the cap of
 * `body`.
 */
#ifndef SESSION_IMPORT_BUILD_H
#define SESSION_IMPORT_BUILD_H

#include "session/hide.h"
#include "session/import_state.h"
#include "session/writer.h"
#include "smtp/dialogue.h"

struct import_build {
	const struct import_scan *scan;
	struct import_result *result;
	struct buf body; /* the file without its head */
	struct session_vars *vars;
	struct hide hide;
	struct session_writer writer;
	struct smtp_dialogue *talk;
	bool references; /* something is written as a reference */
	bool spoken, greeted, over;
	bool secure_first; /* TLS before any line */
	bool unproven;
	bool server_only;
	bool message_lost, told_message;
	bool dot_said; /* the message is over, its reply has not come */
	bool inside_reply;
	bool peer_told;
	unsigned long chunk; /* bytes of BDAT that are still to come */
	unsigned line;       /* of the item */
};

enum smtp_state import_build_state_of(const struct import_build *b);
bool import_build_in_message(const struct import_build *b);
void import_build_drain(struct import_build *b);
/* The dialogue hears a line, of the server and of the client. */
void import_build_feed(struct import_build *b, struct span line);
void import_build_say(struct import_build *b, struct span line);

/* A loss at the line of the paste that is being read, and the comment that tells it. */
void import_build_lose(struct import_build *b, enum import_lost kind, const char *what);
void import_build_write_line(struct import_build *b, bool client, struct span line);
void import_build_write_step(struct import_build *b, struct session_step s);
/* A line that is not in the paste, without which the file could not be played. */
void import_build_supply(struct import_build *b, bool client, struct span line);
void import_build_negotiate(struct import_build *b);
void import_build_supply_message(struct import_build *b);
/* Before the first line: what should have come before it. True when the line is done with. */
bool import_build_open_with(struct import_build *b, bool client, struct span line);
/* STARTTLS was accepted: whatever comes next was said inside TLS. */
void import_build_enter_tls(struct import_build *b);

void import_build_client_line(struct import_build *b, struct span line);
bool import_build_is_prose(const struct import_build *b, struct span line);

/* A line with a reference behind what may be shown of it. */
void import_build_write_hidden(struct import_build *b, struct span shown, const char *reference);
/* The paste hides what stood here. */
void import_build_hidden_answer(struct import_build *b, struct span shown, struct span mechanism,
                                size_t round);
/* A line that may hold a secret; `answers`: it answers a 334. */
void import_build_secret_line(struct import_build *b, struct span line, bool answers);
/* "AUTH PLAIN <hidden>": true when it was one. */
bool import_build_hidden_auth(struct import_build *b, struct span line);

#endif
