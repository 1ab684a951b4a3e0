/* SPDX-License-Identifier: MIT
 *
 * Keys on the terminal while tests run, without Enter behind them.  Nothing happens where stdin is
 * no terminal, or another program's now.
 */
#ifndef GW_CLI_KEYS_H
#define GW_CLI_KEYS_H

/* From now on keys come one by one and are not shown. */
void keys_begin(void);
/* As it was; may be called in a signal handler, and at any time. */
void keys_end(void);
/* The next key, or 0. */
int keys_next(void);

#endif
