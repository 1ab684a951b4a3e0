/* SPDX-License-Identifier: MIT
 *
 * gangway.ini as a struct config.  Sections and keys are listed in config_file.c.
 */
#ifndef GW_FORMAT_CONFIG_FILE_H
#define GW_FORMAT_CONFIG_FILE_H

struct config;
struct err;

/*
 * Read len bytes into *ret, which must be zeroed; free with config_release() either way.
 * ERR_SYNTAX with the line: what does not parse, unknown sections and keys (naming the nearest
 * known one), values that are not what the key takes.
 */
int config_parse(const char *path, const char *s, size_t len, struct config *ret,
		 struct err *reterr);

/* The same from a file; ERR_MISSING if it is not there. */
int config_read(const char *path, struct config *ret, struct err *reterr);

#endif
