/*
 * LC_ALL=C says nothing about the terminal, which is mostly UTF-8; but it is the user's word, so
 * nothing beyond ASCII is written there. What is typed must not be torn to pieces by it either:
 * readline in the C locale turns the bytes of one character into Meta keys.
 */
#include "ui/locale.h"

#include <langinfo.h>
#include <locale.h>
#include <string.h>

bool locale_begin(void)
{
	setlocale(LC_CTYPE,
	          ""); /* the only part that matters here, and one file instead of twelve */
	if (strcmp(nl_langinfo(CODESET), "UTF-8") == 0)
		return true;
	const char *name = setlocale(LC_CTYPE, NULL);
	if (name && (strcmp(name, "C") == 0 || strcmp(name, "POSIX") == 0))
		setlocale(LC_CTYPE, "C.UTF-8");
	return false;
}
