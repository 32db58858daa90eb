/*
 * mem: allocation that does not fail.
 *
 * Every function here either gives what was asked for or ends the program with one sentence on
 * standard error and exit status 70: lost memory is the one thing lib/ exits for. What is given
 * belongs to the caller, who frees it with free().
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

void *mem_zero(size_t size);                            /* size bytes, all zero */
void *mem_resize(void *old, size_t count, size_t size); /* realloc of count * size, checked */
char *mem_dup(const char *s);                           /* a copy of s; NULL gives NULL */
char *mem_dupn(const char *p, size_t n);                /* n bytes and a NUL */

/* The room to take next for an array that holds `count` of `*room` and needs one more place. */
void *mem_grow(void *old, size_t count, size_t *room, size_t size);

#endif
