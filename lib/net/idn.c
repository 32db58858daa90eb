/*
 * Domain names as people write them, turned into what the DNS can be asked for.
 *
 * Plain ASCII, nearly every name, is checked and lower-cased here, without libidn2 and its large
 * tables. All else goes through libidn2 by UTS #46, non-transitional, as browsers do, and its
 * result through the same check: mapping may have made a dot, a slash or a blank. Letters, digits,
 * '-' and '_' pass: the DNS has names like _dmarc, and a name that only begins with '-' can be
 * asked for.
 */
#include "net/idn.h"

#include <idn2.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/display.h"
#include "base/mem.h"
#include "base/utf8.h"

#define LABEL_MAX 63   /* RFC 1035 §2.3.4 */
#define TEXT_MAX  253  /* of its text, without final dot */
#define INPUT_MAX 1000 /* no longer text can become a name of TEXT_MAX */
#define SHOWN_MAX 80

static void object(struct diag *d, struct span name, const char *why)
{
	char *shown = display_dup(name, SHOWN_MAX);

	diag_set(d, DIAG_USAGE, NULL, "\"%s\" cannot be a domain name: %s", shown, why);
	free(shown);
}

static bool is_letter_digit_hyphen(char c)
{
	return ascii_is_alnum(c) || c == '-' || c == '_';
}

static const char *label_fault(struct span label)
{
	if (label.n == 0)
		return "there is nothing between two of its dots, or before the first";
	if (label.n > LABEL_MAX)
		return "one of its parts is longer than 63 characters";
	for (size_t i = 0; i < label.n; i++) {
		if (!is_letter_digit_hyphen(label.p[i]))
			return "it holds a character other than letters, digits, '-', '_' and dots";
	}
	return NULL;
}

static const char *name_fault(struct span ascii)
{
	struct span rest = ascii;

	if (ascii.n == 0)
		return "it is empty";
	if (ascii.n > TEXT_MAX)
		return "it is longer than 253 characters";
	while (rest.p) {
		const char *why = label_fault(span_cut(&rest, '.'));

		if (why)
			return why;
	}
	return NULL;
}

/* The ASCII form, from ASCII; `shown` is what the user wrote. */
static char *from_ascii(struct span name, struct span shown, struct diag *d)
{
	struct span undotted = name;
	const char *why;
	char *ascii;

	if (undotted.n > 1 && undotted.p[undotted.n - 1] == '.')
		undotted.n--;
	why = name_fault(undotted);
	if (why) {
		object(d, shown, why);
		return NULL;
	}
	ascii = mem_dupn(undotted.p, undotted.n);
	for (char *p = ascii; *p; p++)
		*p = ascii_lower(*p);
	return ascii;
}

static bool is_ascii(struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		if ((unsigned char)s.p[i] > 0x7e)
			return false;
	}
	return true;
}

static char *from_unicode(struct span name, struct diag *d)
{
	char *text = mem_dupn(name.p, name.n);
	uint8_t *converted = NULL;
	char *ascii = NULL;
	int rc = idn2_lookup_u8((const uint8_t *)text, &converted,
	                        IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);

	free(text);
	if (rc != IDN2_OK)
		object(d, name, idn2_strerror(rc));
	else
		ascii = from_ascii(span_of((const char *)converted), name, d);
	idn2_free(converted);
	return ascii;
}

char *idn_to_ascii(struct span name, struct diag *d)
{
	if (name.n > INPUT_MAX) {
		object(d, name, "it is far longer than 253 characters");
		return NULL;
	}
	if (is_ascii(name))
		return from_ascii(name, name, d);
	if (!utf8_valid(name) || span_find(name, '\0') < name.n) {
		object(d, name, "it is not UTF-8 text");
		return NULL;
	}
	return from_unicode(name, d);
}
