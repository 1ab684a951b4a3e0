/* SPDX-License-Identifier: MIT
 *
 * What the project says in gangway.ini.
 */
#ifndef GW_MODEL_CONFIG_H
#define GW_MODEL_CONFIG_H

#include "base/arena.h"

/* Something said of every test whose id fits a pattern. */
struct config_rule {
	const char *pattern; /* a glob of whole ids, or an id and what is below it */
	unsigned line;       /* in the file */
	const char **marks;  /* added */
	size_t nmarks;
	const char *group;  /* NULL: not said */
	const char **locks; /* added */
	size_t nlocks;
	uint64_t timeout_us;  /* TIME_UNKNOWN: not said; 0: none */
	unsigned slots;       /* 0: not said */
	unsigned retries;     /* UINT_MAX: not said */
	const char *skip;     /* reason; NULL: not said */
	const char *protocol; /* "exitcode" or "tap"; NULL: not said */
};

/* A zeroed config says nothing.  Everything it points to is in mem. */
struct config {
	struct arena mem;
	const char *path;    /* as messages name it; NULL: there is no file */
	const char *rootdir; /* absolute; NULL until config_find() */
	const char **addopts;
	size_t naddopts;
	unsigned addopts_line;
	const char **testpaths; /* relative to the rootdir */
	size_t ntestpaths;
	const char **test_programs; /* globs of basenames */
	size_t ntest_programs;
	uint64_t timeout_us; /* TIME_UNKNOWN: not said; 0: none */
	bool has_junit_family, is_junit_files;
	bool is_unpreloaded;  /* check_preload = no */
	struct limit *limits; /* [locks]: how many may have a lock at once */
	size_t nlimits, cap_limits;
	struct config_rule *rules; /* in the order of the file: later ones win */
	size_t nrules, cap_rules;
};

void config_release(struct config *c);

/* Does the rule speak of a test, program or entry of this id?  The pattern fits as it stands too, so
 * that an id with [ ] in it can be named, and so does what is below it. */
bool config_rule_fits(const struct config_rule *rule, const char *id);

/* A rule that says nothing yet. */
struct config_rule config_rule_blank(const char *pattern, unsigned line);
void config_add_rule(struct config *c, const struct config_rule *rule);

#endif
