/* SPDX-License-Identifier: MIT
 *
 * Ctrl-C and SIGTERM: once asks, twice kills, three times quits on the spot.  SIGTSTP stops the
 * tests with us, SIGUSR1 asks what runs now.
 */
#ifndef GW_CLI_SIGNALS_H
#define GW_CLI_SIGNALS_H

/* Who is not in charge (a worker) leaves SIGTSTP and SIGUSR1 to the gangway that is. */
void signals_catch(bool is_in_charge);
/* The signal to pass on: 0, the one that came, SIGKILL after the second. */
int signals_wanted(void *unused);
/* How often SIGUSR1 came, or signals_ask() was called. */
unsigned signals_asked(void);
void signals_ask(void);
/* Called around a stop: is_over false before it, and after it with how long it was; NULL: nobody.
 */
void signals_on_stop(void (*fn)(void *ctx, bool is_over, uint64_t time_us), void *ctx);
/* Called in the handler before it quits on the spot; only what is safe there. */
void signals_on_quit(void (*fn)(void));

#endif
