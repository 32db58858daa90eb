/*
 * The cap is given at birth because a buffer that a peer fills must never be one that somebody
 * forgot to limit.
 */
#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void buf_init(struct buf *b, size_t cap)
{
	*b = (struct buf){.cap = cap, .room = 1, .data = mem_zero(1)};
}

void buf_init_secret(struct buf *b, size_t cap)
{
	buf_init(b, cap);
	b->secret = true;
}

void buf_release(struct buf *b)
{
	if (b->secret && b->data)
		explicit_bzero(b->data, b->room);
	free(b->data);
	*b = (struct buf){0};
}

/* realloc would leave the old copy behind. */
static void move_secret(struct buf *b, size_t room)
{
	char *data = mem_zero(room);

	if (b->data != NULL) {
		memcpy(data, b->data, b->len + 1);
		explicit_bzero(b->data, b->room);
	}
	free(b->data);
	b->data = data;
}

static int make_room(struct buf *b, size_t more)
{
	if (more > b->cap - b->len) {
		b->full = true;
		return -1;
	}
	size_t need = b->len + more + 1;
	if (need <= b->room)
		return 0;
	size_t room = b->room < 32 ? 64 : b->room * 2;
	if (room < need)
		room = need;
	if (room > b->cap + 1)
		room = b->cap + 1;
	if (b->secret)
		move_secret(b, room);
	else
		b->data = mem_resize(b->data, room, 1);
	b->room = room;
	return 0;
}

void buf_reserve(struct buf *b, size_t n)
{
	make_room(b, n < b->cap - b->len ? n : b->cap - b->len);
}

int buf_add(struct buf *b, const void *p, size_t n)
{
	if (make_room(b, n) < 0)
		return -1;
	if (n > 0)
		memcpy(b->data + b->len, p, n);
	b->len += n;
	b->data[b->len] = '\0';
	return 0;
}

int buf_addspan(struct buf *b, struct span s)
{
	return buf_add(b, s.p, s.n);
}

int buf_addstr(struct buf *b, const char *s)
{
	return buf_add(b, s, strlen(s));
}

int buf_addch(struct buf *b, char c)
{
	return buf_add(b, &c, 1);
}

int buf_addf(struct buf *b, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	int result = buf_vaddf(b, format, args);
	va_end(args);
	return result;
}

int buf_vaddf(struct buf *b, const char *format, va_list args)
{
	va_list again;

	va_copy(again, args);
	int n = vsnprintf(NULL, 0, format, args);
	int result = n < 0 ? -1 : make_room(b, (size_t)n);
	if (result == 0) {
		vsnprintf(b->data + b->len, (size_t)n + 1, format, again);
		b->len += (size_t)n;
	}
	va_end(again);
	return result;
}

void buf_clear(struct buf *b)
{
	b->full = false;
	buf_cut(b, 0);
}

void buf_drop(struct buf *b, size_t n)
{
	if (n > b->len)
		n = b->len;
	if (n == 0)
		return;
	memmove(b->data, b->data + n, b->len - n);
	buf_cut(b, b->len - n);
}

void buf_cut(struct buf *b, size_t len)
{
	if (b->secret && len < b->len)
		explicit_bzero(b->data + len, b->len - len);
	if (len < b->len)
		b->len = len;
	if (b->data != NULL)
		b->data[b->len] = '\0';
}

struct span buf_span(const struct buf *b)
{
	return span_from(b->data, b->len);
}

char *buf_take(struct buf *b)
{
	char *data = b->data;

	b->data = NULL;
	b->len = b->room = 0;
	b->full = false;
	return data != NULL ? data : mem_zero(1);
}
