/* SPDX-License-Identifier: MIT
 *
 * The list of its tests that a Check program with gangway's guest in it writes; src/guest/
 * gangway-check.h has the format.  The bytes come from a foreign program: what does not read as a list
 * is refused, with its line.
 */
#ifndef GW_FORMAT_CHECKGUEST_H
#define GW_FORMAT_CHECKGUEST_H

struct err;

/* Of src/guest/gangway-check.h. */
enum { CHECKGUEST_PROTOCOL = 1 };

struct checkguest_tcase {
	const char *suite, *name;
	const char *timeout;             /* seconds */
	const char *tags;                /* blank-separated */
	bool has_unchecked, has_checked; /* fixtures */
};

struct checkguest_test {
	const char *name, *file;
	unsigned line;
	int signal, exit_code; /* how it is expected to end */
	int start, end;        /* runs of a loop test */
};

/* Strings live until the hook returns. */
struct checkguest_hooks {
	void *ctx;
	/* A call of srunner_run*(), and that all of it was told. */
	void (*runner)(void *ctx, bool has_xml);
	void (*tcase)(void *ctx, const struct checkguest_tcase *c);
	void (*test)(void *ctx, const struct checkguest_test *t); /* of the TCase before */
	void (*ran)(void *ctx);
};

/*
 * Read the whole list, which is changed on the way; s[len] must be writable.  *ret_nran: runners
 * that were told whole; one that was cut is left out of that, but its tests may have been said.
 * -1: ERR_UNSUPPORTED where the guest refused (its reason is the message) or speaks another protocol,
 * ERR_SYNTAX.
 */
int checkguest_read(char *s, size_t len, const struct checkguest_hooks *hooks, size_t *ret_nran,
		    struct err *reterr);

#endif
