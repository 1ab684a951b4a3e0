/* SPDX-License-Identifier: MIT
 *
 * tests.tsv: what exists.  A target's details follow it, a test's details follow it; what is not
 * said is not there.  Targets come first, so that a test's index is known.
 *
 *   line 1     tests TAB 1
 *   root       folder                                       exactly once, first
 *   target     name, adapter, program, workdir
 *     arg        word                                       of its command line, in order
 *     env        NAME=VALUE
 *     envmod     NAME=op:value
 *     rule       will_fail, skip_code ("-": none)           has a verdict rule of its own
 *     passregex, failregex, skipregex, afterregex   regex   only behind rule
 *     aftertime  microseconds                               only behind rule
 *   test       id, target index, suite, name, selector, file, line
 *     repeated   the id without " [2/5]" behind it           of a repeated test
 *     group      name
 *     mark, lock, after, passed, cleanup, need   text
 *     resources  what one group needs: gpus:2,cards:1
 *     prop       key, value
 *     timeout, cost   microseconds
 *     slots, retries   numbers
 *     priority   a number, maybe negative
 *     exclusive
 *     uncollected                                            it is none, but a file that could not be read
 *     held                                                   not run, for another is uncollected
 *     skip       reason                                     never started
 *     error      text                                       never started
 *   limit      lock, number                                 so many may have it at once
 *   resource   type, id, slots                              what tests share
 *   problem    where, message                               went wrong in collect
 *   end
 *
 * Sample:
 *   tests	1
 *   root	/home/me/project
 *   target	build/net_test	gtest	/home/me/project/build/net_test	/home/me/project/build
 *   arg	/home/me/project/build/net_test
 *   test	build/net_test::Retry::gives_up	0	Retry	gives_up	Retry.gives_up	net.cc	41
 *   mark	unit
 *   end
 */
#include "format/files.h"

#include <limits.h>

#include "base/err.h"
#include "base/parse.h"
#include "format/tsv.h"
#include "model/test.h"
#include "sys/outfile.h"

/* The attributes that are lists of strings, and where they are kept. */
struct list_kind {
	const char *word;
	size_t items, n; /* offsets in the struct */
};

static const struct list_kind target_lists[] = {
	{ "arg", offsetof(struct target, argv), offsetof(struct target, nargv) },
	{ "env", offsetof(struct target, env), offsetof(struct target, nenv) },
	{ "envmod", offsetof(struct target, env_mods), offsetof(struct target, nenv_mods) },
};

static const struct list_kind rule_lists[] = {
	{ "passregex", offsetof(struct verdict_rule, pass_regex),
	  offsetof(struct verdict_rule, npass_regex) },
	{ "failregex", offsetof(struct verdict_rule, fail_regex),
	  offsetof(struct verdict_rule, nfail_regex) },
	{ "skipregex", offsetof(struct verdict_rule, skip_regex),
	  offsetof(struct verdict_rule, nskip_regex) },
	{ "afterregex", offsetof(struct verdict_rule, after_regex),
	  offsetof(struct verdict_rule, nafter_regex) },
};

static const struct list_kind test_lists[] = {
	{ "mark", offsetof(struct test, marks), offsetof(struct test, nmarks) },
	{ "lock", offsetof(struct test, locks), offsetof(struct test, nlocks) },
	{ "after", offsetof(struct test, after), offsetof(struct test, nafter) },
	{ "passed", offsetof(struct test, passed), offsetof(struct test, npassed) },
	{ "cleanup", offsetof(struct test, cleanups), offsetof(struct test, ncleanups) },
	{ "need", offsetof(struct test, needs), offsetof(struct test, nneeds) },
	{ "resources", offsetof(struct test, resource_groups),
	  offsetof(struct test, nresource_groups) },
};

/* --- writing --- */

static void put_word(struct buf *out, const char *kind, const char *text)
{
	tsv_field(out, kind);
	tsv_field(out, text);
	tsv_end(out);
}

static void put_number(struct buf *out, const char *kind, uint64_t n)
{
	tsv_field(out, kind);
	tsv_field_uint(out, n);
	tsv_end(out);
}

static void put_lists(struct buf *out, const struct list_kind *kinds, size_t nkinds,
		      const void *object)
{
	for (size_t k = 0; k < nkinds; k++) {
		const char *base = object;
		const char **items = *(const char **const *)(base + kinds[k].items);
		size_t n = *(const size_t *)(base + kinds[k].n);

		for (size_t i = 0; i < n; i++)
			put_word(out, kinds[k].word, items[i]);
	}
}

static void put_rule(struct buf *out, const struct verdict_rule *rule)
{
	tsv_field(out, "rule");
	tsv_field_uint(out, rule->will_fail);
	tsv_field_uint(out, rule->skip_code < 0 ? TIME_UNKNOWN : (uint64_t)rule->skip_code);
	tsv_end(out);
	put_lists(out, rule_lists, ARRAY_SIZE(rule_lists), rule);
	if (rule->nafter_regex > 0)
		put_number(out, "aftertime", rule->after_us);
}

static void put_target(struct buf *out, const struct target *t)
{
	tsv_field(out, "target");
	tsv_field(out, t->name);
	tsv_field(out, t->adapter);
	tsv_field(out, t->program);
	tsv_field(out, t->workdir);
	tsv_end(out);
	put_lists(out, target_lists, ARRAY_SIZE(target_lists), t);
	if (t->rule)
		put_rule(out, t->rule);
}

static void put_flag(struct buf *out, const char *kind)
{
	tsv_field(out, kind);
	tsv_end(out);
}

/* What most tests do not have. */
static void put_rarities(struct buf *out, const struct test *t)
{
	for (size_t i = 0; i < t->nprops; i++) {
		tsv_field(out, "prop");
		tsv_field(out, t->props[i].key);
		tsv_field(out, t->props[i].value);
		tsv_end(out);
	}
	if (t->repeated)
		put_word(out, "repeated", t->repeated);
	if (t->timeout_us != TIME_UNKNOWN)
		put_number(out, "timeout", t->timeout_us);
	if (t->cost_us != TIME_UNKNOWN)
		put_number(out, "cost", t->cost_us);
	if (t->slots != 1)
		put_number(out, "slots", t->slots);
	if (t->retries != UINT_MAX)
		put_number(out, "retries", t->retries);
	if (t->priority != 0) {
		char text[16];

		snprintf(text, sizeof text, "%d", t->priority);
		put_word(out, "priority", text);
	}
	if (t->is_exclusive)
		put_flag(out, "exclusive");
	if (t->is_uncollected)
		put_flag(out, "uncollected");
	if (t->is_held)
		put_flag(out, "held");
	if (t->skip_reason)
		put_word(out, "skip", t->skip_reason);
	if (t->error)
		put_word(out, "error", t->error);
}

static void put_test(struct buf *out, const struct test *t)
{
	tsv_field(out, "test");
	tsv_field(out, t->id);
	tsv_field_uint(out, t->target);
	tsv_field(out, t->suite);
	tsv_field(out, t->name);
	tsv_field(out, t->selector);
	tsv_field(out, t->file ? t->file : "");
	tsv_field_uint(out, t->line);
	tsv_end(out);
	if (t->group)
		put_word(out, "group", t->group);
	put_lists(out, test_lists, ARRAY_SIZE(test_lists), t);
	put_rarities(out, t);
}

static void put_shared(struct buf *out, const struct tests *t)
{
	for (size_t i = 0; i < t->nlimits; i++) {
		tsv_field(out, "limit");
		tsv_field(out, t->limits[i].lock);
		tsv_field_uint(out, t->limits[i].count);
		tsv_end(out);
	}
	for (size_t i = 0; i < t->nresources; i++) {
		tsv_field(out, "resource");
		tsv_field(out, t->resources[i].type);
		tsv_field(out, t->resources[i].id);
		tsv_field_uint(out, t->resources[i].slots);
		tsv_end(out);
	}
}

int tests_write(const char *path, const struct tests *t, struct err *reterr)
{
	struct outfile *o = outfile_open(path, reterr);
	struct buf out = BUF_INIT;

	if (!o)
		return -1;
	FILE *to = outfile_stream(o);

	tsv_head(&out, "tests", 1);
	put_word(&out, "root", t->rootdir);
	for (size_t i = 0; i < t->ntargets; i++, tsv_flush(&out, to, false))
		put_target(&out, &t->targets[i]);
	for (size_t i = 0; i < t->ntests; i++, tsv_flush(&out, to, false))
		put_test(&out, &t->tests[i]);
	put_shared(&out, t);
	for (size_t i = 0; i < t->nerrors; i++, tsv_flush(&out, to, false)) {
		tsv_field(&out, "problem");
		tsv_field(&out, t->errors[i].where);
		tsv_field(&out, t->errors[i].message);
		tsv_end(&out);
	}
	if (t->is_interrupted)
		put_flag(&out, "interrupted");
	tsv_put_end(&out);
	tsv_flush(&out, to, true);
	buf_release(&out);
	return outfile_commit_if_changed(o, reterr);
}

/* --- reading --- */

struct reading {
	struct tsv_reader in;
	struct tests t;
	struct verdict_rule *rule; /* of the target at hand; NULL: none yet */
};

/* Lists double in the arena: n + 1 elements (a NULL at the end) fill 4, 8, 16, … places. */
static void append(struct arena *mem, const char ***items, size_t *n, const char *text)
{
	bool is_full = *n >= 3 && ((*n + 1) & *n) == 0;

	if (*n == 0 || is_full) {
		const char **more = arena_alloc(mem, *n == 0 ? 4 : (*n + 1) * 2, sizeof *more);

		if (*n > 0)
			memcpy(more, *items, *n * sizeof *more);
		*items = more;
	}
	(*items)[(*n)++] = arena_strdup(mem, text);
}

/* 1: it was one of these lists; 0: not; -1: error.  object may be NULL: then it may not come. */
static int read_list(struct reading *r, const struct list_kind *kinds, size_t nkinds, void *object,
		     struct err *reterr)
{
	for (size_t k = 0; k < nkinds; k++) {
		char *base = object;

		if (strcmp(r->in.fields[0], kinds[k].word) != 0)
			continue;
		if (!object)
			return tsv_fail(&r->in, reterr, "'%s' without what it belongs to",
					kinds[k].word);
		if (tsv_expect(&r->in, 2, reterr) < 0)
			return -1;
		append(&r->t.mem, (const char ***)(void *)(base + kinds[k].items),
		       (size_t *)(void *)(base + kinds[k].n), r->in.fields[1]);
		return 1;
	}
	return 0;
}

static char *keep(struct reading *r, size_t i)
{
	return arena_strdup(&r->t.mem, r->in.fields[i]);
}

static int read_target(struct reading *r, struct err *reterr)
{
	if (tsv_expect(&r->in, 5, reterr) < 0)
		return -1;
	if (r->t.ntests > 0)
		return tsv_fail(&r->in, reterr, "a target behind the tests");
	struct target target = {
		.name = keep(r, 1),
		.adapter = keep(r, 2),
		.program = keep(r, 3),
		.workdir = keep(r, 4),
	};

	tests_add_target(&r->t, &target);
	r->rule = NULL;
	return 0;
}

static int read_rule(struct reading *r, struct target *target, struct err *reterr)
{
	uint64_t skip_code = 0;
	bool will_fail = false;

	if (tsv_expect(&r->in, 3, reterr) < 0 || tsv_bool(&r->in, 1, &will_fail, reterr) < 0 ||
	    tsv_uint(&r->in, 2, UINT64_MAX, &skip_code, reterr) < 0)
		return -1;
	if (skip_code != TIME_UNKNOWN && skip_code > INT_MAX)
		return tsv_fail(&r->in, reterr, "no exit code");
	if (r->rule)
		return tsv_fail(&r->in, reterr, "a second rule of one target");
	r->rule = arena_alloc(&r->t.mem, 1, sizeof *r->rule);
	r->rule->will_fail = will_fail;
	r->rule->skip_code = skip_code == TIME_UNKNOWN ? -1 : (int)skip_code;
	target->rule = r->rule;
	return 0;
}

static int read_test(struct reading *r, struct err *reterr)
{
	uint64_t target = 0;
	uint64_t line = 0;

	if (tsv_expect(&r->in, 8, reterr) < 0 ||
	    tsv_uint(&r->in, 2, UINT32_MAX, &target, reterr) < 0 ||
	    tsv_uint(&r->in, 7, UINT_MAX, &line, reterr) < 0)
		return -1;
	if (target >= r->t.ntargets)
		return tsv_fail(&r->in, reterr, "target %u of %zu", (unsigned)target,
				r->t.ntargets);
	struct test test = test_blank((uint32_t)target);

	test.id = keep(r, 1);
	test.suite = keep(r, 3);
	test.name = keep(r, 4);
	test.selector = keep(r, 5);
	test.file = r->in.fields[6][0] ? keep(r, 6) : NULL;
	test.line = (unsigned)line;
	tests_add(&r->t, &test);
	return 0;
}

/* The list is doubled like those of strings, without the NULL at its end. */
static int read_prop(struct reading *r, struct test *test, struct err *reterr)
{
	size_t n = test->nprops;

	if (tsv_expect(&r->in, 3, reterr) < 0)
		return -1;
	if ((n & (n - 1)) == 0) { /* 0, 1, 2, 4, 8 … */
		struct property *more = arena_alloc(&r->t.mem, n ? n * 2 : 1, sizeof *more);

		if (n > 0)
			memcpy(more, test->props, n * sizeof *more);
		test->props = more;
	}
	struct property *p = (struct property *)(uintptr_t)&test->props[n]; /* ours until we end */

	*p = (struct property){ .key = keep(r, 1), .value = keep(r, 2) };
	test->nprops++;
	return 0;
}

static int read_slots(struct reading *r, struct test *test, struct err *reterr)
{
	uint64_t n = 0;

	if (tsv_uint(&r->in, 1, UINT_MAX, &n, reterr) < 0)
		return -1;
	if (n == 0)
		return tsv_fail(&r->in, reterr, "a test takes at least one slot");
	test->slots = (unsigned)n;
	return 0;
}

static int read_retries(struct reading *r, struct test *test, struct err *reterr)
{
	uint64_t n = 0;

	if (tsv_uint(&r->in, 1, RETRIES_MAX, &n, reterr) < 0)
		return -1;
	test->retries = (unsigned)n;
	return 0;
}

static int read_priority(struct reading *r, struct test *test, struct err *reterr)
{
	const char *text = r->in.fields[1];
	bool is_negative = *text == '-';
	uint64_t n = 0;

	if (!parse_uint(text + is_negative, INT_MAX, &n))
		return tsv_fail(&r->in, reterr, "'%s' is no priority", text);
	test->priority = is_negative ? -(int)n : (int)n;
	return 0;
}

/* A detail of one word behind a test. */
static int read_test_word(struct reading *r, struct test *test, struct err *reterr)
{
	const char *kind = r->in.fields[0];

	bool *flag = strcmp(kind, "exclusive") == 0     ? &test->is_exclusive
		     : strcmp(kind, "uncollected") == 0 ? &test->is_uncollected
		     : strcmp(kind, "held") == 0        ? &test->is_held
							: NULL;

	if (flag) {
		*flag = true;
		return tsv_expect(&r->in, 1, reterr);
	}
	if (tsv_expect(&r->in, 2, reterr) < 0)
		return -1;
	if (strcmp(kind, "slots") == 0)
		return read_slots(r, test, reterr);
	if (strcmp(kind, "repeated") == 0) {
		test->repeated = keep(r, 1);
		if (strncmp(test->id, test->repeated, strlen(test->repeated)) == 0)
			return 0;
		return tsv_fail(&r->in, reterr, "the id must begin so");
	}
	if (strcmp(kind, "retries") == 0)
		return read_retries(r, test, reterr);
	if (strcmp(kind, "priority") == 0)
		return read_priority(r, test, reterr);
	if (strcmp(kind, "timeout") == 0)
		return tsv_uint(&r->in, 1, UINT64_MAX, &test->timeout_us, reterr);
	if (strcmp(kind, "cost") == 0)
		return tsv_uint(&r->in, 1, UINT64_MAX, &test->cost_us, reterr);
	const char **text = strcmp(kind, "group") == 0  ? &test->group
			    : strcmp(kind, "skip") == 0 ? &test->skip_reason
							: &test->error;

	*text = keep(r, 1);
	return 0;
}

static bool is_test_word(const char *kind)
{
	static const char *const words[] = { "group",    "timeout",   "cost",  "slots",
					     "skip",     "exclusive", "error", "retries",
					     "repeated", "priority",  "held",  "uncollected" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (strcmp(kind, words[i]) == 0)
			return true;
	}
	return false;
}

/* What belongs to the target or the test at hand. */
static int read_detail(struct reading *r, struct err *reterr)
{
	struct test *test = r->t.ntests > 0 ? &r->t.tests[r->t.ntests - 1] : NULL;
	struct target *target =
		!test && r->t.ntargets > 0 ? &r->t.targets[r->t.ntargets - 1] : NULL;
	const char *kind = r->in.fields[0];
	int got = read_list(r, test_lists, ARRAY_SIZE(test_lists), test, reterr);

	if (got == 0)
		got = read_list(r, target_lists, ARRAY_SIZE(target_lists), target, reterr);
	if (got == 0)
		got = read_list(r, rule_lists, ARRAY_SIZE(rule_lists), target ? r->rule : NULL,
				reterr);
	if (got != 0)
		return got < 0 ? -1 : 0;
	if (test && strcmp(kind, "prop") == 0)
		return read_prop(r, test, reterr);
	if (test && is_test_word(kind))
		return read_test_word(r, test, reterr);
	if (target && r->rule && strcmp(kind, "aftertime") == 0) {
		if (tsv_expect(&r->in, 2, reterr) < 0)
			return -1;
		return tsv_uint(&r->in, 1, UINT64_MAX, &r->rule->after_us, reterr);
	}
	if (target && strcmp(kind, "rule") == 0)
		return read_rule(r, target, reterr);
	return tsv_fail(&r->in, reterr, "an unknown or misplaced kind of record");
}

static int read_limit(struct reading *r, struct err *reterr)
{
	uint64_t n = 0;

	if (tsv_expect(&r->in, 3, reterr) < 0 || tsv_uint(&r->in, 2, UINT_MAX, &n, reterr) < 0)
		return -1;
	if (n == 0)
		return tsv_fail(&r->in, reterr, "a lock is for at least one test");
	tests_set_limit(&r->t, r->in.fields[1], (unsigned)n);
	return 0;
}

static int read_resource(struct reading *r, struct err *reterr)
{
	struct resource resource = { 0 };

	if (tsv_expect(&r->in, 4, reterr) < 0 ||
	    tsv_uint(&r->in, 3, RESOURCE_SLOTS_MAX, &resource.slots, reterr) < 0)
		return -1;
	resource.type = r->in.fields[1];
	resource.id = r->in.fields[2];
	tests_add_resource(&r->t, &resource);
	return 0;
}

static int read_record(struct reading *r, struct err *reterr)
{
	const char *kind = r->in.fields[0];

	if (r->in.lineno == 2 || strcmp(kind, "root") == 0) {
		if (r->in.lineno != 2 || strcmp(kind, "root") != 0)
			return tsv_fail(&r->in, reterr, "'root' belongs on the second line");
		if (tsv_expect(&r->in, 2, reterr) < 0)
			return -1;
		r->t.rootdir = keep(r, 1);
		return 0;
	}
	if (strcmp(kind, "test") == 0)
		return read_test(r, reterr);
	if (strcmp(kind, "target") == 0)
		return read_target(r, reterr);
	if (strcmp(kind, "limit") == 0)
		return read_limit(r, reterr);
	if (strcmp(kind, "resource") == 0)
		return read_resource(r, reterr);
	if (strcmp(kind, "interrupted") == 0) {
		r->t.is_interrupted = true;
		return tsv_expect(&r->in, 1, reterr);
	}
	if (strcmp(kind, "problem") == 0) {
		if (tsv_expect(&r->in, 3, reterr) < 0)
			return -1;
		tests_add_error(&r->t, r->in.fields[1], r->in.fields[2]);
		return 0;
	}
	return read_detail(r, reterr);
}

/* The reader is open. */
static int read_all(struct reading *r, struct tests *ret, struct err *reterr)
{
	int got = 0;

	while ((got = tsv_next_of_whole(&r->in, reterr)) > 0) {
		if (read_record(r, reterr) < 0) {
			got = -1;
			break;
		}
	}
	if (got == 0 && !r->t.rootdir)
		got = tsv_fail(&r->in, reterr, "no 'root' record");
	tsv_close(&r->in);
	if (got < 0)
		tests_release(&r->t);
	else
		*ret = r->t;
	return got;
}

int tests_read(const char *path, struct tests *ret, struct err *reterr)
{
	struct reading r = { 0 };

	if (tsv_open(&r.in, path, "tests", 1, reterr) < 0)
		return -1;
	return read_all(&r, ret, reterr);
}

int tests_read_mem(const struct memory *in, struct tests *ret, struct err *reterr)
{
	struct reading r = { 0 };

	if (tsv_open_mem(&r.in, in->path, in->s, in->len, "tests", 1, reterr) < 0)
		return -1;
	return read_all(&r, ret, reterr);
}
