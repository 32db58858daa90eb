/*
 * Makes a message from options and writes it to standard output, for tests that compare it with
 * other programs' messages. Options are those of `smtptalk send`, with a few that fix what changes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "send/compose.h"

enum kind { STRING, ADDRESS, CONTENT, HEADER, ATTACHMENT, FLAG };

static const struct option {
	const char *name;
	enum kind kind;
	size_t at;
} options[] = {
        {"--from", STRING, offsetof(struct message_spec, from)},
        {"--date", STRING, offsetof(struct message_spec, date)},
        {"--message-id", STRING, offsetof(struct message_spec, message_id)},
        {"--boundary", STRING, offsetof(struct message_spec, boundary)},
        {"--mailer", STRING, offsetof(struct message_spec, mailer)},
        {"--dkim-key", STRING, offsetof(struct message_spec, dkim_key)},
        {"--dkim-selector", STRING, offsetof(struct message_spec, dkim_selector)},
        {"--dkim-domain", STRING, offsetof(struct message_spec, dkim_domain)},
        {"--to", ADDRESS, 0},
        {"--cc", ADDRESS, 1},
        {"--body", CONTENT, offsetof(struct message_spec, body)},
        {"--data", CONTENT, offsetof(struct message_spec, data)},
        {"--header", HEADER, MESSAGE_HEADER_REPLACE},
        {"--add-header", HEADER, MESSAGE_HEADER_ADD},
        {"--attach", ATTACHMENT, 0},
        {"--attach-body", ATTACHMENT, 1},
        {"--no-data-fixup", FLAG, offsetof(struct message_spec, no_data_fixup)},
        {"--eightbit", FLAG, offsetof(struct message_spec, eightbit)},
        {"--no-strip-from", FLAG, offsetof(struct message_spec, no_strip_from)},
        {"--utf8", FLAG, offsetof(struct message_spec, utf8)},
};

/* Of the next attachment. */
static const char *next_type, *next_name, *next_cid;

static void set_content(struct message_content *c, const char *text)
{
	bool file = text[0] == '@' && text[1] != '@';

	message_content_set(c, file ? MESSAGE_CONTENT_FILE : MESSAGE_CONTENT_TEXT,
	                    span_of(text + (text[0] == '@')));
}

static char *copy(const char *s)
{
	return s ? strdup(s) : NULL;
}

static void attach(struct message_spec *spec, const char *text, bool body)
{
	struct message_attachment *a = message_spec_add_attachment(spec);

	set_content(&a->content, text);
	a->body = body;
	a->name_given = !body && next_name;
	a->name = body ? NULL : copy(next_name);
	a->type = copy(next_type);
	a->cid = copy(next_cid);
	next_name = next_cid = NULL;
	if (body)
		next_type = NULL;
}

static void add_address(struct message_spec *spec, const char *text, bool cc)
{
	if (cc)
		message_spec_add_address(&spec->cc, &spec->cc_count, &spec->cc_room, span_of(text));
	else
		message_spec_add_address(&spec->to, &spec->to_count, &spec->to_room, span_of(text));
}

static void take(struct message_spec *spec, const struct option *o, const char *value)
{
	switch (o->kind) {
	case STRING:
		free(*(char **)((char *)spec + o->at));
		*(char **)((char *)spec + o->at) = strdup(value);
		break;
	case ADDRESS: add_address(spec, value, o->at == 1); break;
	case CONTENT: set_content((struct message_content *)((char *)spec + o->at), value); break;
	case HEADER:
		message_spec_add_header(spec, (enum message_header_edit_type)o->at, span_of(value));
		break;
	case ATTACHMENT: attach(spec, value, o->at == 1); break;
	case FLAG: *(bool *)((char *)spec + o->at) = true;
	}
}

static int read_options(struct message_spec *spec, char **argv, bool *info)
{
	for (; *argv; argv++) {
		const struct option *o = options, *end = o + sizeof(options) / sizeof(*options);

		while (o < end && strcmp(o->name, *argv) != 0)
			o++;
		if (strcmp(*argv, "--info") == 0)
			*info = true;
		else if (strcmp(*argv, "--refuse") == 0)
			spec->line_ends = MESSAGE_LINE_ENDS_REFUSE;
		else if (o < end && o->kind == FLAG)
			take(spec, o, NULL);
		else if (!argv[1])
			return -1;
		else if (strcmp(*argv, "--attach-type") == 0)
			next_type = *++argv;
		else if (strcmp(*argv, "--attach-name") == 0)
			next_name = *++argv;
		else if (strcmp(*argv, "--attach-cid") == 0)
			next_cid = *++argv;
		else if (o < end)
			take(spec, o, *++argv);
		else
			return -1;
	}
	return 0;
}

static int write_message(struct compose *c, struct diag *d)
{
	bool end = false;
	struct buf piece;
	int result = 0;

	buf_init(&piece, COMPOSE_PIECE_MAX);
	while (result == 0 && !end) {
		buf_clear(&piece);
		result = compose_read(c, &piece, &end, d);
		fwrite(piece.data, 1, piece.len, stdout);
	}
	buf_release(&piece);
	return result;
}

int main(int argc, char **argv)
{
	struct message_spec spec;
	struct compose *c = NULL;
	bool info = false;
	struct diag d;
	struct buf why;
	int result;

	(void)argc;
	message_spec_init(&spec);
	diag_init(&d);
	buf_init(&why, 10000);
	if (read_options(&spec, argv + 1, &info) < 0) {
		fputs("compose_message: wrong options\n", stderr);
		return 1;
	}
	result = compose_open(&c, &spec, &d);
	if (result == 0 && info)
		printf("size=%llu 8bit=%d utf8=%d\n", (unsigned long long)compose_size(c),
		       compose_needs_8bit(c), compose_needs_utf8(c));
	else if (result == 0)
		result = write_message(c, &d);
	if (result < 0) {
		diag_format(&d, &why);
		fprintf(stderr, "%s\n", why.data);
	}
	compose_free(c);
	message_spec_release(&spec);
	diag_release(&d);
	buf_release(&why);
	return result < 0 ? diag_exit_status(&d) + 1 : 0;
}
