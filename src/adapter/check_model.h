/* SPDX-License-Identifier: MIT
 *
 * What a program told libcheck while it was looked at: its suites, TCases and tests, known by
 * their addresses in the program.
 */
#ifndef GW_ADAPTER_CHECK_MODEL_H
#define GW_ADAPTER_CHECK_MODEL_H

#include "base/arena.h"

struct check_test {
	const char *name, *file; /* file: NULL if unknown */
	unsigned line;
	int signal, exit_code; /* how it is expected to end */
	int start, end;        /* runs of a loop test, _i from start to end - 1 */
};

struct check_tcase {
	uint64_t address;
	const char *name;
	const char **tags;
	size_t ntags;
	const char *timeout;             /* seconds; NULL: Check's own */
	bool has_unchecked, has_checked; /* fixtures */
	struct check_test *tests;
	size_t ntests, cap_tests;
};

/* A suite or an SRunner: a list of TCases or of suites, by index. */
struct check_group {
	uint64_t address; /* 0: not known yet */
	const char *name; /* of a suite */
	size_t *members;
	size_t nmembers, cap_members;
	bool has_xml; /* an SRunner whose XML goes to a file of its own */
};

struct check_model {
	struct arena mem;
	struct check_tcase *tcases;
	size_t ntcases, cap_tcases;
	struct check_group *suites;
	size_t nsuites, cap_suites;
	struct check_group *runners;
	size_t nrunners, cap_runners;
};

/* What a run is narrowed to; NULL: not narrowed. */
struct check_filter {
	const char *suite, *tcase, *include_tags, *exclude_tags;
};

void check_model_release(struct check_model *m);

/* New ones; their index.  The address is told when the call that makes them returns. */
size_t check_model_suite(struct check_model *m, const char *name);
size_t check_model_tcase(struct check_model *m, const char *name);
size_t check_model_runner(struct check_model *m);

/* The newest with that address, or NULL (memory is used again). */
struct check_tcase *check_model_find_tcase(struct check_model *m, uint64_t address);
struct check_group *check_model_find_suite(struct check_model *m, uint64_t address);
struct check_group *check_model_find_runner(struct check_model *m, uint64_t address);

void check_group_add(struct check_group *g, size_t member);
bool check_group_has(const struct check_group *g, size_t member);
void check_tcase_add(struct check_tcase *c, const struct check_test *t);

/* Blank-separated words, in mem. */
void check_model_tags(struct check_model *m, struct check_tcase *c, const char *tags);

/* Would Check run this TCase of this suite? */
bool check_filter_takes(const struct check_filter *f, const char *suite,
			const struct check_tcase *c);

#endif
