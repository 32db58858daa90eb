/* A message that somebody sent: whatever it claims about its parts, what is read of it is bounded.
 */
#include <stdint.h>
#include <stdlib.h>

#include "explain/bounce.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bounce b;
	int result = bounce_read(&b, span_from((const char *)data, size));

	if ((result == 0) != (b.count > 0) || b.count > BOUNCE_RECIPIENTS_MAX)
		abort();
	for (size_t i = 0; i < b.count; i++)
		if (!b.list[i].address || !b.list[i].words || !b.list[i].action)
			abort();
	bounce_release(&b);
	return 0;
}
