/* Pastes: whatever is imported reads as a session file, which every form can be asked of; every
 * dialect of the table reads every input. The first byte chooses what is exported. */
#include <stdint.h>
#include <stdlib.h>

#include "session/export.h"
#include "session/import.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void export_it(const struct session_file *f, size_t choice)
{
	struct export_settings s = {.title = "fuzz"};
	struct buf out;
	struct diag d;
	size_t forms = 0;

	while (export_format_at(forms))
		forms++;
	diag_init(&d);
	buf_init(&out, EXPORT_MAX);
	if ((export_write(export_format_at(choice % forms), f, &s, &out, &d) != 0) !=
	    (d.kind != DIAG_NONE))
		abort();
	buf_release(&out);
	diag_release(&d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct import_result r;
	struct session_file *f;
	struct diags ds;
	struct diag d;
	struct buf out;

	if (size == 0)
		return 0;
	import_result_init(&r);
	diag_init(&d);
	diags_init(&ds);
	buf_init(&out, IMPORT_OUT_MAX);
	if (import_text(span_from((const char *)data + 1, size - 1), "paste", &r, &out, &d) == 0) {
		f = session_file_parse("out", buf_span(&out), &ds);
		if (!f || !r.dialect)
			abort();
		export_it(f, data[0]);
		session_file_free(f);
	} else if (d.kind != DIAG_INPUT) {
		abort();
	}
	buf_release(&out);
	diags_release(&ds);
	diag_release(&d);
	import_result_release(&r);
	return 0;
}
