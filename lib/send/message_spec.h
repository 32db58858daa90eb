/*
 * message_spec: what the options say that a message is to be, before it is made (compose.h).
 *
 * Owns its strings. All text is as it was given: the tokens (%TO_ADDRESS% and the like) and "\n"
 * for a line end are replaced when the message is made, unless no_data_fixup is set. A file is
 * named, not read: it may be larger than memory. Standard input was read by who filled this.
 * Nothing here fails but for lost memory.
 */
#ifndef SEND_MESSAGE_SPEC_H
#define SEND_MESSAGE_SPEC_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

enum message_content_source {
	MESSAGE_CONTENT_NONE, /* nothing was said: the default holds */
	MESSAGE_CONTENT_TEXT, /* text, len */
	MESSAGE_CONTENT_FILE, /* text: its path */
};

struct message_content {
	enum message_content_source source;
	char *text; /* NUL-terminated; may hold NUL, see len */
	size_t len;
};

struct message_attachment {
	struct message_content content;
	bool body;       /* --attach-body: one of the alternatives of the text, before the others */
	bool name_given; /* --attach-name: `name`, which may be empty: then it has none. Else a
	                    file's own name is its name */
	char *name;
	char *type; /* NULL: text/plain of a body, application/octet-stream of another */
	char *cid;  /* Content-ID without <>, or NULL */
};

enum message_header_edit_type {
	MESSAGE_HEADER_REPLACE, /* --header, --h-NAME: in the place of one of that name, if any */
	MESSAGE_HEADER_ADD,     /* --add-header */
};

struct message_header_edit {
	enum message_header_edit_type type;
	char *line; /* "Name: value"; "\n" (two characters) parts several */
};

enum message_line_ends {
	MESSAGE_LINE_ENDS_REPAIR, /* a bare CR or LF becomes CRLF */
	MESSAGE_LINE_ENDS_REFUSE, /* it is a fault */
};

struct message_spec {
	char *from; /* the envelope sender, without <>; "" is the null sender */
	char **to;  /* the envelope's recipients, as given, those of cc and bcc not among them */
	size_t to_count, to_room;
	char **cc;
	size_t cc_count, cc_room;
	char **bcc; /* recipients that no header names */
	size_t bcc_count, bcc_room;
	struct message_header_edit *headers; /* in the order in which they were given */
	size_t headers_count, headers_room;
	struct message_content body;
	struct message_attachment *attachments; /* likewise */
	size_t attachments_count, attachments_room;
	struct message_content data; /* --data: the whole message, headers and all */
	bool no_data_fixup;          /* data goes out as it is */
	bool no_strip_from;          /* a "From " line of a mailbox file is left in data */
	bool eightbit;               /* the server takes 8BITMIME: text need not be encoded */
	bool utf8;                   /* and SMTPUTF8: headers need not be encoded */
	enum message_line_ends line_ends;
	char *dkim_key; /* a file in PEM, or NULL: no signature */
	char *dkim_selector;
	char *dkim_domain;
	char *date;       /* of %DATE% and Date: */
	char *message_id; /* of %MESSAGEID% and Message-Id:, without <> */
	char *boundary;   /* what the boundaries of parts are made of; NULL: of message_id */
	char *mailer;     /* of X-Mailer: */
};

void message_spec_init(struct message_spec *m);
void message_spec_release(struct message_spec *m);

void message_content_set(struct message_content *c, enum message_content_source source,
                         struct span text);
/* Appends a copy. */
void message_spec_add_address(char ***list, size_t *count, size_t *room, struct span address);
void message_spec_add_header(struct message_spec *m, enum message_header_edit_type type,
                             struct span line);
/* The new one, zeroed, for the caller to fill; good until the next one is added. */
struct message_attachment *message_spec_add_attachment(struct message_spec *m);

#endif
