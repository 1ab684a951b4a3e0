/* SPDX-License-Identifier: MIT
 *
 * What exists: targets, and the tests in them.  Collect fills a struct tests, select adds why a
 * test is left out, and nobody changes what an earlier room wrote.  Everything pointed to lives in
 * tests.mem.
 */
#ifndef GW_MODEL_TEST_H
#define GW_MODEL_TEST_H

#include "base/arena.h"

/* A property of a foreign tool that we keep as it was written (CTest's, Meson's). */
struct property {
	const char *key;
	const char *value;
};

/*
 * CTest's way to a verdict, in its order: exit code, then skip_regex / skip_code, then fail_regex,
 * then pass_regex, then will_fail turns the result round.  A zeroed rule with skip_code -1 is
 * "exit 0 passes".  Regular expressions are CMake's dialect.
 */
struct verdict_rule {
	bool will_fail;
	int skip_code; /* exit code that means skipped; -1: none */
	const char **pass_regex;
	size_t npass_regex;
	const char **fail_regex;
	size_t nfail_regex;
	const char **skip_regex;
	size_t nskip_regex;
	/* Once one of these matched what it printed so far, it has after_us from then on. */
	const char **after_regex;
	size_t nafter_regex;
	uint64_t after_us;
};

/*
 * Something that holds tests: one program with one way of starting it.  Two CTest entries of the
 * same program with other arguments are two targets.
 */
/* The adapter of a target that is there no longer: of tests that no unit has (cli/replan.c). */
#define TARGET_GONE "gone"

struct target {
	const char *name; /* first part of its tests' ids: path relative to rootdir, or the entry's
			     name */
	const char *adapter; /* name of the row that knows how to run it: "gtest", "check", "tap",
				"exitcode" */
	const char *program; /* absolute path, for the graph's inputs; "" where there is none */
	const char **argv;   /* argv[0] is started; what selects tests is added by the adapter */
	size_t nargv;
	const char **env; /* NAME=VALUE, added to the environment */
	size_t nenv;
	const char **
		env_mods; /* CTest's ENVIRONMENT_MODIFICATION, "NAME=op:value", applied after env */
	size_t nenv_mods;
	const char *workdir;             /* absolute */
	const struct verdict_rule *rule; /* NULL: the adapter's own verdict */
};

enum { RETRIES_MAX = 1000 };

struct test {
	const char *id; /* PATH::SUITE::NAME, unique in the run; never changes with mode, order,
			      shard */
	const char
		*repeated; /* --repeat: the id without the " [2/5]" behind it; NULL: it has none */
	uint32_t target;   /* index into tests.targets */
	const char *suite; /* for --dist=loadscope and JUnit's classname; "" if none */
	const char *name;  /* the case's own name */
	const char *selector; /* how the framework is told to run just this one; "" for a whole
				 program */
	const char *file;     /* source file as the framework gave it; NULL if unknown */
	unsigned line;        /* 1-based; 0 unknown */
	const char *group;    /* xdist_group; NULL if none */
	const char **marks;   /* sorted, unique */
	size_t nmarks;
	const char **locks; /* RESOURCE_LOCK, lock = */
	size_t nlocks;
	const char **after; /* ids of tests that must have ended before this one starts */
	size_t nafter;
	const char **passed; /* ids of tests, all of them in `after` too, that must not have failed:
				a fixture's set-up */
	size_t npassed;
	const char **cleanups; /* ids of tests that run whenever it does, as those in `passed` do */
	size_t ncleanups;
	const char **needs; /* files that must exist (REQUIRED_FILES) */
	size_t nneeds;
	const char **resource_groups; /* RESOURCE_GROUPS: "gpus:2,cards:1", one for each group */
	size_t nresource_groups;
	const struct property *props; /* foreign properties, all of them, sorted by key */
	size_t nprops;
	uint64_t timeout_us; /* TIME_UNKNOWN: the run's default */
	uint64_t cost_us;    /* what the project itself says it takes (CTest COST); TIME_UNKNOWN if
				nothing */
	int priority; /* those of a higher one start first (Meson's priority); 0 where nobody says */
	unsigned slots;   /* CPUs it uses, >= 1 */
	unsigned retries; /* times it is tried again after it failed; UINT_MAX: the run's default */
	bool is_exclusive;       /* nothing else may run beside it (RUN_SERIAL) */
	bool is_uncollected;     /* a file that could not be read stands here, with `error` */
	bool is_held;            /* left out, for another is uncollected */
	const char *skip_reason; /* not NULL: reported as skipped with this reason, never started */
	const char
		*error; /* not NULL: reported as error with this text, never started (not built) */
	const char *left_out; /* filled by select: why it is not run; NULL: it runs */
};

/* Something in collect went wrong for one target; the rest went on. */
struct collect_error {
	const char *where; /* the program or entry */
	const char *message;
};

/* So many tests with this lock may run at once; one where nobody says. */
struct limit {
	const char *lock;
	unsigned count; /* >= 1 */
};

enum { RESOURCE_SLOTS_MAX = 1000000, REQUIREMENTS_MAX = 1000 };

/* Something of which tests take slots while they run, see model/resources.h. */
struct resource {
	const char *type, *id;
	uint64_t slots; /* <= RESOURCE_SLOTS_MAX */
};

struct tests {
	struct arena mem;
	const char *rootdir; /* absolute */
	struct target *targets;
	size_t ntargets, cap_targets;
	struct test *tests; /* in collection order: as the framework lists them */
	size_t ntests, cap_tests;
	struct collect_error *errors;
	size_t nerrors, cap_errors;
	struct limit *limits; /* no lock twice */
	size_t nlimits, cap_limits;
	struct resource *resources; /* none: nobody looks at what tests need */
	size_t nresources, cap_resources;
	const char **addopts; /* what a tree's own configuration asks of whoever runs it */
	size_t naddopts, cap_addopts;
	bool is_interrupted; /* tests are held, if there are any, for others could not be collected */
};

/* How many are held, how many uncollected. */
size_t tests_held(const struct tests *t);
size_t tests_uncollected(const struct tests *t);

void tests_release(struct tests *t);

/* Append a copy of the struct; strings are the caller's business (tests.mem).  The new index. */
uint32_t tests_add_target(struct tests *t, const struct target *target);
uint32_t tests_add(struct tests *t, const struct test *test);
void tests_add_error(struct tests *t, const char *where, const char *message);

/* Append a copy to addopts. */
void tests_add_addopt(struct tests *t, const char *word);

/* Append deep copies of all tests of `from`, as tests of this target. */
void tests_append(struct tests *t, const struct tests *from, uint32_t target);

/* Say or change how many may have the lock at once; the text is copied. */
void tests_set_limit(struct tests *t, const char *lock, unsigned count);
unsigned tests_limit(const struct tests *t, const char *lock);

/* Append a copy. */
void tests_add_resource(struct tests *t, const struct resource *resource);

/* A test with every field at its "nothing said" value, of this target. */
struct test test_blank(uint32_t target);

/* PATH::SUITE::NAME in mem; an empty suite or name is left out with its "::". */
const char *test_make_id(struct arena *mem, const char *path, const char *suite, const char *name);

/* The test's id in every run, whether it is repeated or not. */
const char *test_own_id(const struct test *t);
/* " [2/5]" of a repeated test, else "". */
const char *test_repetition(const struct test *t);

/* Is the id `part` itself, or below it: `part` and "::" and more? */
bool test_id_is_within(const char *id, const char *part);

bool test_has_mark(const struct test *t, const char *mark);

/* Set t->marks to the sorted unique list; "xdist_group=G" or "xdist_group:G" among them becomes
 * t->group. */
void test_set_marks(struct tests *owner, struct test *t, const char *const *marks, size_t n);

/* What is said of an entry holds for each of the `n` tests made of it; what a test says itself
 * stays. */
void test_inherit(struct tests *owner, struct test *t, const struct test *from, size_t n);

#endif
