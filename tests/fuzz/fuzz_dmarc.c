/*
 * DMARC records, and the lists of tags that they and others are.
 */
#include <stdint.h>
#include <stdlib.h>

#include "check/dmarc.h"
#include "check/tags.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void read_tags(struct span text)
{
	struct tags t;

	if (tags_read(text, &t))
		return;
	must(t.count <= TAGS_MAX);
	for (size_t i = 0; i < t.count; i++) {
		must(t.list[i].name.n > 0);
		must(t.list[i].name.p >= text.p && t.list[i].value.p <= text.p + text.n);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = span_from((const char *)data, size);
	struct dmarc_record r = {0};
	const char *wrong = dmarc_record_read(text, &r);

	if (!wrong) {
		must(r.p <= DMARC_REJECT && r.sp <= DMARC_REJECT && r.np <= DMARC_REJECT);
		must(r.psd == 'y' || r.psd == 'n' || r.psd == 'u');
	}
	dmarc_record_release(&r);
	read_tags(text);
	return 0;
}
