/*
 * libgsasl and the libidn below it free their copies of a password as they are. What is freed last
 * is given out first, so taking as many pieces of each small size as the allocator keeps ready (7
 * in glibc), and wiping them, reaches those copies without replacing the allocator.
 */
#include "smtp/sasl_scrub.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define SMALLEST 24
#define LARGEST  2056 /* the work space of libidn for a long password */
#define STEP     16
#define READY    7

static void scrub_size(size_t size)
{
	void *taken[READY];

	for (int i = 0; i < READY; i++) {
		taken[i] = mem_resize(NULL, size, 1);
		explicit_bzero(taken[i], size);
	}
	for (int i = 0; i < READY; i++)
		free(taken[i]);
}

void sasl_scrub_freed(void)
{
	for (size_t size = SMALLEST; size <= LARGEST; size += STEP)
		scrub_size(size);
}
