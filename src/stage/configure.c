/* SPDX-License-Identifier: MIT */
#include "stage/configure.h"

#include <limits.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/quote.h"
#include "model/config.h"
#include "model/test.h"

/* TIME_UNKNOWN in a test means the run's limit, so "none" is one that no run reaches: a year. */
#define NO_TIMEOUT_US (UINT64_C(365) * 24 * 3600 * 1000000)

/* The rule's strings must live as long as the tests, which outlive the config. */
static struct config_rule copy_rule(struct arena *mem, const struct config_rule *rule)
{
	struct config_rule copy = *rule;

	copy.marks = arena_strings(mem, rule->marks, rule->nmarks);
	copy.locks = arena_strings(mem, rule->locks, rule->nlocks);
	copy.group = arena_strdup(mem, rule->group);
	copy.skip = arena_strdup(mem, rule->skip);
	copy.protocol = arena_strdup(mem, rule->protocol);
	return copy;
}

static void add_marks(struct tests *t, struct test *test, const struct config_rule *rule)
{
	size_t n = test->nmarks + rule->nmarks;
	const char **marks = xcalloc(n, sizeof *marks);

	if (test->nmarks > 0)
		memcpy(marks, test->marks, test->nmarks * sizeof *marks);
	memcpy(marks + test->nmarks, rule->marks, rule->nmarks * sizeof *marks);
	test_set_marks(t, test, marks, n);
	free(marks);
}

static bool has_lock(const struct test *test, const char *lock)
{
	for (size_t i = 0; i < test->nlocks; i++) {
		if (strcmp(test->locks[i], lock) == 0)
			return true;
	}
	return false;
}

static void add_locks(struct tests *t, struct test *test, const struct config_rule *rule)
{
	const char **locks = arena_alloc(&t->mem, test->nlocks + rule->nlocks + 1, sizeof *locks);

	if (test->nlocks > 0)
		memcpy(locks, test->locks, test->nlocks * sizeof *locks);
	test->locks = locks;
	for (size_t i = 0; i < rule->nlocks; i++) {
		if (!has_lock(test, rule->locks[i]))
			locks[test->nlocks++] = rule->locks[i];
	}
}

/* Everything but the protocol. */
static void apply(struct tests *t, struct test *test, const struct config_rule *rule)
{
	if (rule->nmarks > 0)
		add_marks(t, test, rule);
	if (rule->nlocks > 0)
		add_locks(t, test, rule);
	if (rule->group)
		test->group = rule->group;
	if (rule->timeout_us != TIME_UNKNOWN)
		test->timeout_us = rule->timeout_us ? rule->timeout_us : NO_TIMEOUT_US;
	if (rule->slots > 0)
		test->slots = rule->slots;
	if (rule->retries != UINT_MAX)
		test->retries = rule->retries;
	if (rule->skip)
		test->skip_reason = rule->skip;
}

/* Of a program that holds many cases the framework was recognised by its own marks; only where a
 * whole program is the test can we be told how it speaks. */
static bool is_whole_program(const struct test *test)
{
	return !test->selector[0];
}

static int fail_protocol(const struct config *c, const struct config_rule *rule, const char *id,
			 struct err *reterr)
{
	struct buf shown = BUF_INIT;

	quote_display(&shown, id, strlen(id));
	err_set(reterr, ERR_SYNTAX, c->path, rule->line,
		"'protocol' is for whole programs, and '%.500s' is a case of one", shown.s);
	buf_release(&shown);
	return -1;
}

static int apply_to_all(const struct config *c, const struct config_rule *rule, struct tests *t,
			struct err *reterr)
{
	const char *no_program = NULL; /* a test that fits and is none */
	bool has_program = false;

	for (size_t i = 0; i < t->ntests; i++) {
		struct test *test = &t->tests[i];

		if (!config_rule_fits(rule, test->id))
			continue;
		apply(t, test, rule);
		if (!rule->protocol)
			continue;
		if (is_whole_program(test)) {
			t->targets[test->target].adapter = rule->protocol;
			has_program = true;
		} else if (!no_program) {
			no_program = test->id;
		}
	}
	if (no_program && !has_program)
		return fail_protocol(c, rule, no_program, reterr);
	return 0;
}

int configure_run(const struct config *c, struct tests *t, struct err *reterr)
{
	for (size_t i = 0; i < c->nrules; i++) {
		const struct config_rule rule = copy_rule(&t->mem, &c->rules[i]);

		if (apply_to_all(c, &rule, t, reterr) < 0)
			return -1;
	}
	for (size_t i = 0; i < c->nlimits; i++)
		tests_set_limit(t, c->limits[i].lock, c->limits[i].count);
	return 0;
}
