/*
 * The words of a fault: two tables, one of stages, one of actions.
 */
#include "practice/fault.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/mem.h"

static const char *read_wait(struct span text, struct fault *out)
{
	static const char wrong[] = "a wait is a time such as 300ms or 2s, at most 30s";
	unsigned long n, unit = 1;

	if (text.n > 2 && span_eq(span_skip(text, text.n - 2), SPAN("ms"))) {
		text.n -= 2;
	} else if (text.n > 1 && text.p[text.n - 1] == 's') {
		text.n--;
		unit = 1000;
	} else {
		return wrong;
	}
	if (span_number(text, FAULT_WAIT_MAX, &n) != 0 || n * unit > FAULT_WAIT_MAX)
		return wrong;
	out->ms = (int64_t)(n * unit);
	return NULL;
}

static const char *read_say(struct span text, struct fault *out)
{
	if (text.n < 5 || text.p[0] < '2' || text.p[0] > '5' || !ascii_is_digit(text.p[1]) ||
	    !ascii_is_digit(text.p[2]) || text.p[3] != ' ')
		return "what is said begins with a reply code from 200 to 599";
	out->reply = mem_dupn(text.p, text.n);
	return NULL;
}

static const char *read_nothing(struct span text, struct fault *out)
{
	(void)out;
	return text.n == 0 ? NULL : "nothing follows this word";
}

static const struct {
	const char *word;
	enum fault_action action;
	const char *(*read)(struct span text, struct fault *out);
} actions[] = {
        {"drop", FAULT_DROP, read_nothing},
        {"silent", FAULT_SILENT, read_nothing},
        {"wait", FAULT_WAIT, read_wait},
        {"say", FAULT_SAY, read_say},
};

static const struct {
	const char *word;
	enum fault_stage stage;
} stages[] = {
        {"connect", FAULT_CONNECT},
        {"every", FAULT_EVERY},
        {"text", FAULT_TEXT},
        {"end", FAULT_END},
};

static const char *read_stage(struct span word, struct fault *out)
{
	struct span number = span_skip(word, 6);

	for (size_t i = 0; i < sizeof stages / sizeof *stages; i++) {
		if (span_eq(word, span_of(stages[i].word))) {
			out->stage = stages[i].stage;
			return NULL;
		}
	}
	if (span_starts(word, SPAN("after-")) && span_number(number, 10000, &out->after) == 0) {
		out->stage = FAULT_AFTER;
		return NULL;
	}
	for (size_t i = 0; i < word.n; i++)
		if (word.p[i] < 'A' || word.p[i] > 'Z')
			return "a fault happens at connect, every, after-N, text, end, or a verb "
			       "in "
			       "capitals";
	out->stage = FAULT_VERB;
	out->verb = mem_dupn(word.p, word.n);
	return NULL;
}

const char *fault_parse(struct span text, struct fault *out)
{
	struct span stage = span_word(&text), action = span_word(&text);
	const char *wrong;

	*out = (struct fault){0};
	if (stage.n == 0)
		return "here is a stage expected, and an action";
	wrong = read_stage(stage, out);
	for (size_t i = 0; !wrong && i < sizeof actions / sizeof *actions; i++) {
		if (!span_eq(action, span_of(actions[i].word)))
			continue;
		out->action = actions[i].action;
		wrong = actions[i].read(span_trim(text), out);
		if (wrong)
			break;
		return NULL;
	}
	fault_release(out);
	return wrong ? wrong : "a fault is drop, silent, wait TIME, or say REPLY";
}

void fault_release(struct fault *f)
{
	free(f->verb);
	free(f->reply);
	*f = (struct fault){0};
}
