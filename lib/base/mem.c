/*
 * Lost memory ends the program here and nowhere else, so that no caller has a path for it that
 * nobody ever ran.
 */
#include "base/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXIT_NO_MEMORY 70 /* EX_SOFTWARE */

static void *check(void *p)
{
	static const char words[] = "smtptalk: out of memory\n";

	if (p != NULL)
		return p;
	if (write(STDERR_FILENO, words, sizeof(words) - 1) < 0)
		_exit(EXIT_NO_MEMORY + 1);
	exit(EXIT_NO_MEMORY);
}

void *mem_zero(size_t size)
{
	return check(calloc(1, size > 0 ? size : 1));
}

void *mem_resize(void *old, size_t count, size_t size)
{
	if (size != 0 && count > SIZE_MAX / size)
		return check(NULL);
	return check(realloc(old, count * size > 0 ? count * size : 1));
}

char *mem_dup(const char *s)
{
	return s == NULL ? NULL : mem_dupn(s, strlen(s));
}

char *mem_dupn(const char *p, size_t n)
{
	char *copy = mem_zero(n + 1);

	if (n > 0)
		memcpy(copy, p, n);
	return copy;
}

void *mem_grow(void *old, size_t count, size_t *room, size_t size)
{
	if (count < *room)
		return old;
	*room = *room < 4 ? 4 : *room * 2;
	return mem_resize(old, *room, size);
}
