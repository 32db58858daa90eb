/*
 * What the message is made of. As in swaks, what stands for text may be text, "@FILE", "-", or, as
 * older scripts have it, the bare name of a file that is there. Files are named, not read: only
 * --data may be larger than memory and come from standard input at once.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "send/plan.h"

/* The test strings of the GTUBE and EICAR pages, in two halves so that no scanner takes this file
 * for what they stand for. */
#define GTUBE                                                                                      \
	"XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-"                                              \
	"ANTI-UBE-TEST-EMAIL*C.34X"
#define EICAR                                                                                      \
	"X5O!P%@AP[4\\PZX54(P^)7CC)7}$"                                                            \
	"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"

static int fault(struct send_planner *m, const char *where, const char *what)
{
	*m->status = SEND_EXIT_USAGE;
	return diag_set(m->d, DIAG_USAGE, where, "%s", what);
}

static int take_input(struct send_planner *m, struct message_content *c)
{
	if (!m->input_read && m->asker->input(m->asker->arg, &m->input, m->d) != 0) {
		*m->status = SEND_EXIT_USAGE;
		return -1;
	}
	m->input_read = true;
	message_content_set(c, MESSAGE_CONTENT_TEXT, buf_span(&m->input));
	return 0;
}

static bool has_line_end(const char *s)
{
	return strchr(s, '\n') || strstr(s, "\\n") || strstr(s, "%NEWLINE%");
}

static int take_file(struct send_planner *m, struct message_content *c, const char *path)
{
	if (access(path, R_OK) != 0)
		return fault(m, path, "this file cannot be read");
	message_content_set(c, MESSAGE_CONTENT_FILE, span_of(path));
	return 0;
}

static int take_content(struct send_planner *m, const struct send_value *v,
                        struct message_content *c)
{
	const char *s = v->text;

	if (strcmp(s, "-") == 0)
		return take_input(m, c);
	if (s[0] == '@' && s[1] != '@')
		return take_file(m, c, s + 1);
	if (s[0] == '@')
		s++;
	else if (v->option == SEND_DATA && !has_line_end(s))
		return take_file(m, c, s);
	else if (v->option != SEND_DATA && s[0] && !strchr(s, '\n') && access(s, R_OK) == 0)
		return take_file(m, c, s);
	message_content_set(c, MESSAGE_CONTENT_TEXT, span_of(s));
	return 0;
}

struct next_part { /* what was said for the attachments to come */
	const char *type, *name, *cid;
	bool named;
};

static int add_part(struct send_planner *m, const struct send_value *v, struct next_part *next)
{
	struct message_attachment *a = message_spec_add_attachment(&m->plan->message);

	a->body = v->option == SEND_ATTACH_BODY;
	a->type = mem_dup(next->type);
	a->name_given = next->named && !a->body;
	a->name = a->body ? NULL : mem_dup(next->name);
	a->cid = mem_dup(next->cid);
	next->name = next->cid = NULL;
	next->named = false;
	if (a->body)
		next->type = NULL;
	return take_content(m, v, &a->content);
}

static int add_parts(struct send_planner *m)
{
	struct next_part next = {0};
	int result = 0;

	for (size_t i = 0; i < m->options->count && result == 0; i++) {
		const struct send_value *v = &m->options->list[i];

		switch ((int)v->option) {
		case SEND_ATTACH_TYPE: next.type = v->text; break;
		case SEND_ATTACH_CID: next.cid = v->text; break;
		case SEND_ATTACH_NAME:
			next.name = v->text;
			next.named = true;
			break;
		case SEND_ATTACH:
		case SEND_ATTACH_BODY: result = add_part(m, v, &next); break;
		default: break;
		}
	}
	return result;
}

static void add_headers(struct send_planner *m)
{
	for (size_t i = 0; i < m->options->count; i++) {
		const struct send_value *v = &m->options->list[i];

		if (v->option == SEND_ADD_HEADER || v->option == SEND_HEADER)
			message_spec_add_header(&m->plan->message,
			                        v->option == SEND_HEADER ? MESSAGE_HEADER_REPLACE
			                                                 : MESSAGE_HEADER_ADD,
			                        span_of(v->text));
	}
}

static void add_test_bodies(struct send_planner *m)
{
	struct message_attachment *a;

	if (send_options_has(m->options, SEND_GTUBE))
		message_content_set(&m->plan->message.body, MESSAGE_CONTENT_TEXT, SPAN(GTUBE));
	if (!send_options_has(m->options, SEND_EICAR))
		return;
	a = message_spec_add_attachment(&m->plan->message);
	a->name_given = true;
	a->name = mem_dup("eicar.com");
	message_content_set(&a->content, MESSAGE_CONTENT_TEXT, SPAN(EICAR));
}

static int take_line_ends(struct send_planner *m)
{
	const char *how = send_options_text(m->options, SEND_LINE_ENDS);

	if (how && strcmp(how, "refuse") == 0)
		m->plan->message.line_ends = MESSAGE_LINE_ENDS_REFUSE;
	else if (how && strcmp(how, "repair") != 0)
		return fault(m, "line-ends", "is neither repair nor refuse");
	return 0;
}

static int take_signature(struct send_planner *m)
{
	struct message_spec *s = &m->plan->message;
	const char *at = strrchr(s->from, '@');
	const char *domain = send_options_text(m->options, SEND_DKIM_DOMAIN);

	s->dkim_key = mem_dup(send_options_text(m->options, SEND_DKIM_KEY));
	s->dkim_selector = mem_dup(send_options_text(m->options, SEND_DKIM_SELECTOR));
	s->dkim_domain = mem_dup(domain ? domain : at ? at + 1 : NULL);
	if (!s->dkim_key != !s->dkim_selector)
		return fault(m, "dkim-key", "and --dkim-selector need each other");
	if (s->dkim_key && !s->dkim_domain)
		return fault(m, "dkim-key", "needs --dkim-domain: the null sender has no domain");
	return 0;
}

int send_plan_message(struct send_planner *m)
{
	struct message_spec *s = &m->plan->message;
	const struct send_value *data = send_options_find(m->options, SEND_DATA);
	const struct send_value *body = send_options_find(m->options, SEND_BODY);

	s->no_data_fixup = send_options_has(m->options, SEND_NO_DATA_FIXUP);
	s->no_strip_from = send_options_has(m->options, SEND_NO_STRIP_FROM);
	s->mailer = mem_dup("smtptalk");
	s->date = mem_dup(m->asker->date);
	s->message_id = mem_dup(m->asker->message_id);
	add_headers(m);
	if ((data && take_content(m, data, &s->data) != 0) ||
	    (body && take_content(m, body, &s->body) != 0) || add_parts(m) != 0)
		return -1;
	add_test_bodies(m);
	return take_line_ends(m) != 0 ? -1 : take_signature(m);
}
