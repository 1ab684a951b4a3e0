/* SPDX-License-Identifier: MIT
 *
 * Ctrl-C and SIGTERM: once asks, twice kills, three times quits on the spot.
 */
#ifndef GW_CLI_SIGNALS_H
#define GW_CLI_SIGNALS_H

void signals_catch(void);
/* The signal to pass on: 0, the one that came, SIGKILL after the second. */
int signals_wanted(void *unused);

#endif
