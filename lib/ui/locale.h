/*
 * locale: which characters the terminal can show and the keyboard can send.
 */
#ifndef UI_LOCALE_H
#define UI_LOCALE_H

#include <stdbool.h>

/* Call once at the start. Returns whether output may be UTF-8. Under the C locale the input side is
 * switched to C.UTF-8 all the same, so that typed characters arrive whole. */
bool locale_begin(void);

#endif
