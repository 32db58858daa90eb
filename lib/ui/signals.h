/*
 * signals: the end that a signal asked for.
 */
#ifndef UI_SIGNALS_H
#define UI_SIGNALS_H

/* Ends the program as this signal does by default, so that the shell sees why. */
void signals_die(int signo);

#endif
