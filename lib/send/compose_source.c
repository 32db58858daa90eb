/*
 * What the fixup could not decide yet stays at the front of the block, and the next bytes are read
 * behind it: so no step keeps a memory of its own for bytes that were cut apart.
 */
#include "send/compose_source.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/display.h"
#include "base/file.h"
#include "base/mem.h"

#define PIECE_MAX  (128u << 10) /* after the fixup, but for one token more */
#define STAGE_MAX  (PIECE_MAX + COMPOSE_BLOCK + COMPOSE_VALUE_MAX)
#define PATH_SHOWN 300

void compose_source_init(struct compose_source *s, const struct compose_tokens *tokens)
{
	memset(s, 0, sizeof(*s));
	s->tokens = tokens;
	s->fd = -1;
	s->block = mem_zero(COMPOSE_BLOCK);
	buf_init(&s->stage, STAGE_MAX);
}

static void close_file(struct compose_source *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

void compose_source_release(struct compose_source *s)
{
	close_file(s);
	free(s->block);
	buf_release(&s->stage);
	s->block = NULL;
}

static int fail(const char *path, struct diag *d, const char *what)
{
	char *shown = path ? display_dup(span_of(path), PATH_SHOWN) : NULL;

	diag_set(d, DIAG_INPUT, shown, "%s", what);
	free(shown);
	return -1;
}

int compose_source_size(const char *path, uint64_t *size, struct diag *d)
{
	int fd = file_open(path, d);
	struct stat st;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) < 0) {
		close(fd);
		return fail(path, d, "cannot read the size of this file");
	}
	close(fd);
	*size = (uint64_t)st.st_size;
	return 0;
}

int compose_source_open(struct compose_source *s, const struct compose_part *part, struct diag *d)
{
	close_file(s);
	s->part = part;
	s->read = 0;
	s->block_len = 0;
	s->line = 1;
	s->before = '\0';
	s->encoder = (struct mime_encoder){.coding = part->coding};
	if (!part->path)
		return 0;
	s->fd = file_open(part->path, d);
	if (s->fd < 0)
		return -1;
	if (part->from > 0 && lseek(s->fd, (off_t)part->from, SEEK_SET) < 0)
		return fail(part->path, d, "cannot be read from its middle");
	return 0;
}

static uint64_t part_size(const struct compose_part *p)
{
	return p->path ? p->size : p->text.n;
}

/* A CR or LF that is not one half of a CRLF. The CR at the end of all that was read so far is
 * judged with the next byte. */
static int check_line_ends(struct compose_source *s, struct span fresh, bool last, struct diag *d)
{
	char before = s->before, *shown;
	bool bad = false, bare_cr = false;

	for (size_t i = 0; i < fresh.n && !bad; i++) {
		bool crlf = before == '\r' && fresh.p[i] == '\n';

		bare_cr = !crlf && before == '\r';
		bad = bare_cr || (!crlf && fresh.p[i] == '\n');
		s->line += crlf;
		before = fresh.p[i];
	}
	s->before = before;
	if (!bad && !(last && before == '\r'))
		return 0;
	shown = s->part->path ? display_dup(span_of(s->part->path), PATH_SHOWN) : NULL;
	diag_set(d, DIAG_INPUT, shown, "line %" PRIu64 " does not end in CRLF: it has a bare %s",
	         s->line, bare_cr || !bad ? "CR" : "LF");
	free(shown);
	return -1;
}

/* Fills the block. */
static int more(struct compose_source *s, bool *last, struct diag *d)
{
	const struct compose_part *p = s->part;
	uint64_t left = part_size(p) - s->read;
	size_t want = COMPOSE_BLOCK - s->block_len, got = 0;
	char *to = s->block + s->block_len;

	want = left < want ? (size_t)left : want;
	while (got < want) {
		ssize_t n = (ssize_t)want;

		if (p->path)
			n = file_next(s->fd, p->path, to + got, want - got, d);
		else
			memcpy(to, p->text.p + s->read, want);
		if (n < 0)
			return -1;
		if (n == 0)
			return fail(p->path, d, "became shorter while it was read");
		got += (size_t)n;
	}
	s->read += got;
	s->block_len += got;
	*last = s->read == part_size(p);
	if (s->strict && p->fixup)
		return check_line_ends(s, span_from(to, got), *last, d);
	return 0;
}

static void take(struct compose_source *s, size_t n)
{
	memmove(s->block, s->block + n, s->block_len - n);
	s->block_len -= n;
}

int compose_source_read(struct compose_source *s, struct buf *out, bool *end, struct diag *d)
{
	bool last = false;
	size_t n;

	if (more(s, &last, d) < 0)
		return -1;
	n = s->block_len;
	if (s->part->fixup && s->part->coding == MIME_AS_IS) {
		n = compose_fixup(s->tokens, span_from(s->block, n), last, PIECE_MAX, out);
	} else if (s->part->fixup) {
		buf_clear(&s->stage);
		n = compose_fixup(s->tokens, span_from(s->block, n), last, PIECE_MAX, &s->stage);
		mime_encode_add(&s->encoder, buf_span(&s->stage), out);
	} else {
		mime_encode_add(&s->encoder, span_from(s->block, n), out);
	}
	take(s, n);
	*end = last && s->block_len == 0;
	if (!*end)
		return 0;
	mime_encode_end(&s->encoder, out);
	close_file(s);
	return 0;
}
