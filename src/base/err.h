/* SPDX-License-Identifier: MIT
 *
 * An error is a value with a place: a code for the machine, a message for people, a path and a
 * line for the editor.  A function that can fail returns 0, or -1 with *reterr filled; reterr may
 * be NULL where the caller does not care.  Messages are lower case, without a full stop, the
 * subject in single quotes, the cause last.  A zeroed struct err is "no error".
 */
#ifndef GW_BASE_ERR_H
#define GW_BASE_ERR_H

/* code, exit code of the program that ends with it */
#define ERR_MAP(X)                                                                                 \
	X(NONE, 0)                                                                                 \
	X(SYSTEM, 3)      /* the operating system said no: disk full, no permission */             \
	X(INTERNAL, 3)    /* our own mistake */                                                    \
	X(INTERRUPTED, 2) /* a signal asked us to stop */                                          \
	X(USAGE, 4)       /* options, expressions, arguments */                                    \
	X(SYNTAX, 4)      /* a file that does not read as what it should be */                     \
	X(LIMIT, 4)       /* larger or deeper than we accept */                                    \
	X(MISSING, 4)     /* a file, program or test that is not there */                          \
	X(UNSUPPORTED, 4) /* known, and not to be had here */

enum err_code {
#define X(id, exit_code) ERR_##id,
	ERR_MAP(X)
#undef X
};

enum { ERR_PATH_MAX = 4096, ERR_MSG_MAX = 2048 };

struct err {
	enum err_code code;
	unsigned line;           /* 1-based; 0: no line */
	char path[ERR_PATH_MAX]; /* "": no path; a longer one ends in "..." */
	char msg[ERR_MSG_MAX];   /* a longer one ends in "..." */
};

/* Fill *e (if not NULL) and return -1.  path may be NULL, line 0. */
int err_set(struct err *e, enum err_code code, const char *path, unsigned line, const char *fmt,
	    ...) PRINTF_LIKE(5, 6);

/* The same with ERR_SYSTEM and ": <strerror(errno)>" behind the message; errno is read first. */
int err_sys(struct err *e, const char *path, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* "path:line: message" as people read it, into out of size bytes. */
struct buf;
void err_format(const struct err *e, struct buf *out);

int err_exit_code(enum err_code code);

#endif
