/*
 * export_walk: a session file as exchanges: what is sent, and the reply to it; private to this
 * folder.
 *
 * A dialogue reads along, so that message text, the answers of a login and the replies to a group
 * of commands are told apart as in a real conversation. Owns its list; borrows the file.
 */
#ifndef SESSION_EXPORT_WALK_H
#define SESSION_EXPORT_WALK_H

#include "session/export.h"
#include "session/vars.h"

enum export_kind {
	EXPORT_COMMAND, /* one line; verb SMTP_VERB_ANSWER in a login */
	EXPORT_TEXT,    /* a whole message, its final dot included */
	EXPORT_RAW,     /* C! */
	EXPORT_REPLY,   /* a reply that nothing asked for, such as the greeting */
	EXPORT_STEP     /* any other step */
};

struct export_exchange {
	enum export_kind kind;
	enum smtp_verb verb;              /* that the reply answers */
	const struct session_step *steps; /* what is sent, or the step */
	size_t count;
	const struct session_step *reply; /* its lines, or NULL */
	size_t reply_count;
	char code[4]; /* of the reply; "" when the file does not say */
	bool waits;   /* a reply is still to come */
};

/* A secret that stands in the file as it is, and the reference that does instead (hide.h). */
struct export_secret {
	const struct session_step *step;
	size_t shown; /* so much of its text may be told */
	char *reference;
};

struct export_walk {
	const struct session_file *file;
	struct export_secret *secrets;
	size_t secrets_count, secrets_room;
	struct export_exchange *list;
	size_t count, room;
	struct session_vars *vars; /* with the file's @set */
};

void export_walk_init(struct export_walk *w, const struct session_file *f);
void export_walk_release(struct export_walk *w);

bool export_has_secrets(const struct session_file *f); /* some that stand in it as they are */
/* Appends the step's text where no secret is in it; 0, or -1 when one is (or a value is unknown).
 */
int export_text(const struct export_walk *w, const struct session_step *s, struct buf *out);
/* Appends what goes out for a <file PATH>. 0, or -1 and d. */
int export_message(const struct export_walk *w, const struct session_step *s, struct buf *out,
                   struct diag *d);
/* The value of an argument of a reference: true with its text, false when `out` gets the name of
 * the environment variable that has it. */
bool export_argument(const struct export_walk *w, const struct session_argument *a,
                     enum session_ref_form form, size_t place, struct buf *out);
/* The diag of a step that the form cannot express. Returns -1. */
int export_cannot(const struct session_step *s, struct diag *d, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
/* The server that the file or the settings name, cut in two; *port is 25 when none is said. */
void export_server(const struct export_walk *w, const struct export_settings *s, struct buf *host,
                   unsigned long *port);

int export_swaks(const struct session_file *f, const struct export_settings *s, struct buf *out,
                 struct diag *d);
int export_python(const struct session_file *f, const struct export_settings *s, struct buf *out,
                  struct diag *d);
int export_telnet(const struct session_file *f, const struct export_settings *s, struct buf *out,
                  struct diag *d);
int export_markdown(const struct session_file *f, const struct export_settings *s, struct buf *out,
                    struct diag *d);
int export_html(const struct session_file *f, const struct export_settings *s, struct buf *out,
                struct diag *d);

#endif
