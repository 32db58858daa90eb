/*
 * Text is gathered in lines: a finding is made up by several hands, each of which adds its own.
 */
#include "check/finding.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define TEXT_MAX (64u << 10)

static const char *const verdicts[] = {"ok", "bad", "unknown", "not tested"};

static const struct {
	const char *name, *question;
} groups[] = {
        [CHECK_RECEIVING] = {"receiving", "Can it receive mail?"},
        [CHECK_SENDING] = {"sending", "May it send mail?"},
        [CHECK_PROTECTED] = {"protected", "Is its mail protected on the way?"},
        [CHECK_MESSAGE] = {"message", "What does the message say?"},
};

const char *check_verdict_name(enum check_verdict v)
{
	return verdicts[v];
}

const char *check_group_name(enum check_group g)
{
	return groups[g].name;
}

const char *check_group_question(enum check_group g)
{
	return groups[g].question;
}

void findings_init(struct findings *f)
{
	*f = (struct findings){0};
}

void findings_release(struct findings *f)
{
	for (size_t i = 0; i < f->count; i++) {
		free(f->list[i].text);
		free(f->list[i].asked);
		free(f->list[i].detail);
		free(f->list[i].change);
	}
	free(f->list);
	findings_init(f);
}

/* Adds a line to *text. */
__attribute__((format(printf, 2, 0))) static void add_line(char **text, const char *format,
                                                           va_list args)
{
	struct buf b;

	buf_init(&b, TEXT_MAX);
	if (*text && **text)
		buf_addf(&b, "%s\n", *text);
	buf_vaddf(&b, format, args);
	free(*text);
	*text = buf_take(&b);
}

struct finding *findings_add(struct findings *f, enum check_group group, const char *id,
                             enum check_verdict verdict, const char *format, ...)
{
	struct finding *one;
	va_list args;

	if (f->count >= FINDINGS_MAX) {
		f->dropped++;
		return NULL;
	}
	f->list = mem_grow(f->list, f->count, &f->room, sizeof(*f->list));
	one = &f->list[f->count++];
	*one = (struct finding){.group = group, .id = id, .verdict = verdict};
	one->asked = mem_dup("");
	one->detail = mem_dup("");
	one->change = mem_dup("");
	va_start(args, format);
	add_line(&one->text, format, args);
	va_end(args);
	return one;
}

__attribute__((format(printf, 2, 3))) static void add_text(char **text, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add_line(text, format, args);
	va_end(args);
}

void finding_asked(struct finding *f, const struct dns_answer *a)
{
	if (!f || !a)
		return;
	if (a->given)
		add_text(&f->asked, "%s of %s: given with --resolve", dns_type_name(a->type),
		         a->name);
	else if (a->server)
		add_text(&f->asked, "%s of %s, asked of %s, %lld ms: %s", dns_type_name(a->type),
		         a->name, a->server, (long long)a->elapsed_ms, dns_status_text(a->status));
	else
		add_text(&f->asked, "%s of %s: %s", dns_type_name(a->type), a->name,
		         dns_status_text(a->status));
}

void finding_detail(struct finding *f, const char *format, ...)
{
	va_list args;

	if (!f)
		return;
	va_start(args, format);
	add_line(&f->detail, format, args);
	va_end(args);
}

void finding_change(struct finding *f, const char *format, ...)
{
	va_list args;

	if (!f)
		return;
	va_start(args, format);
	add_line(&f->change, format, args);
	va_end(args);
}
