/* SPDX-License-Identifier: MIT
 *
 * Where gangway.ini is, and with it the rootdir that ids are relative to.
 */
#ifndef GW_CLI_CONFIG_FIND_H
#define GW_CLI_CONFIG_FIND_H

struct config;
struct err;

struct config_wish {
	const char *file;        /* -c; NULL: look for gangway.ini */
	const char *rootdir;     /* --rootdir; NULL */
	const char *const *args; /* paths and ids as given */
	size_t nargs;
};

/*
 * As pytest does it: gangway.ini is looked for in the common ancestor of the paths among the
 * arguments (the current folder if there are none), then in the folders above it; its folder is
 * the rootdir.  Without one the current folder is.  -c and --rootdir win.
 * *ret must be zeroed.  Errors: a -c file or --rootdir that is not there (ERR_MISSING), and those
 * of config_read().
 */
int config_find(const struct config_wish *wish, struct config *ret, struct err *reterr);

#endif
