/*
 * compose_source: reads one part of a message, through its two steps; private to the compose files.
 *
 * A part is borrowed. At most one file is open. A file that became shorter than the part
 * is a failure; what was added to it since is not read.
 */
#ifndef SEND_COMPOSE_SOURCE_H
#define SEND_COMPOSE_SOURCE_H

#include <stdint.h>

#include "base/diag.h"
#include "send/compose_fixup.h"
#include "send/mime_encode.h"

#define COMPOSE_BLOCK (1024u * MIME_BASE64_LINE) /* bytes that are read at once */

struct compose_part {
	char *own;           /* heap, or NULL */
	struct span text;    /* what is read when path is NULL */
	const char *path;    /* borrowed from the spec */
	uint64_t from, size; /* of the file */
	bool fixup;
	enum mime_coding coding;
};

struct compose_source {
	const struct compose_tokens *tokens;
	bool strict; /* a bare CR or LF is a failure; only looked for where there is a fixup */

	const struct compose_part *part; /* private, as all that follows */
	int fd;
	uint64_t read; /* from the file or text */
	char *block;
	size_t block_len; /* read and not yet taken */
	struct mime_encoder encoder;
	struct buf stage;
	uint64_t line;
	char before; /* the byte in front of the block */
};

void compose_source_init(struct compose_source *s, const struct compose_tokens *tokens);
void compose_source_release(struct compose_source *s);
/* Begins at the part's first byte. 0, or -1 and d. */
int compose_source_open(struct compose_source *s, const struct compose_part *part, struct diag *d);
/* Appends the next piece, of some hundred KiB at most; *end is set with the last. 0, or -1 and d.
 */
int compose_source_read(struct compose_source *s, struct buf *out, bool *end, struct diag *d);
/* A file's size: 0, or -1 and d. */
int compose_source_size(const char *path, uint64_t *size, struct diag *d);

#endif
