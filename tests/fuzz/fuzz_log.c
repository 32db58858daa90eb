/* Lines of a log, with rules of our own and stories kept: what is told is safe to show. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/display.h"
#include "base/utf8.h"
#include "explain/log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_story(void *arg, const char *id, const char *story)
{
	struct span s = span_of(story);

	(void)arg;
	(void)id;
	while (s.n > 0) {
		uint32_t cp = 0;
		size_t n = utf8_decode(s, &cp);

		if (n == 0 || !display_allows(cp, 0))
			abort();
		s = span_skip(s, n);
	}
}

static void check_event(void *arg, const struct log_event *ev)
{
	(void)arg;
	if (ev->kind >= LOG_EVENT_COUNT || ev->verdict.reason == EXPLAIN_REASON_NONE)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct log_callbacks CALLBACKS = {.event = check_event, .story = check_story};
	static struct explain *notes;
	struct span rest = span_from((const char *)data, size);
	struct log *l;

	if (!notes) {
		struct diags ds;

		diags_init(&ds);
		notes = explain_load("lessons", "en", &ds);
		diags_release(&ds);
		if (!notes)
			abort();
	}
	l = log_new(notes, &CALLBACKS);
	while (rest.p && rest.n > 0)
		log_feed(l, span_cut(&rest, '\n'));
	log_end(l);
	log_free(l);
	return 0;
}
