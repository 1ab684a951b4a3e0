/* SPDX-License-Identifier: MIT
 *
 * plan.tsv: what the schedule decided.  Units stand in the order in which they are to start, their
 * tests below them in the order in which they run.
 *
 *   line 1   plan TAB 1
 *   dist     mode, lanes, reason for that number of lanes            exactly once, first; behind
 *            them the slots that units share, where they are more than the lanes
 *   unit     name, home lane ("-": any), expected_us ("-": unknown), slots, is_exclusive, reason;
 *            behind them its folder below units/, where that is not its hash
 *     test     index in tests.tsv (from 0), id
 *   end
 *
 * Sample:
 *   plan	1
 *   dist	loadgroup	2	2 CPUs by affinity
 *   unit	u1	-	1200	1	0	group 'database'
 *   test	17	build/net_test::Retry::gives_up
 *   end
 */
#include "format/files.h"

#include <limits.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/map.h"
#include "base/quote.h"
#include "format/tsv.h"
#include "model/plan.h"
#include "model/test.h"
#include "sys/outfile.h"

static void put_unit(struct buf *out, const struct unit *u, const struct tests *t)
{
	tsv_field(out, "unit");
	tsv_field(out, u->name);
	tsv_field_uint(out, u->home == NO_INDEX ? TIME_UNKNOWN : u->home);
	tsv_field_uint(out, u->cost_us);
	tsv_field_uint(out, u->slots);
	tsv_field_uint(out, u->is_exclusive);
	tsv_field(out, u->reason);
	if (u->folder)
		tsv_field(out, u->folder);
	tsv_end(out);
	for (size_t i = 0; i < u->ntests; i++) {
		tsv_field(out, "test");
		tsv_field_uint(out, u->tests[i]);
		tsv_field(out, t->tests[u->tests[i]].id);
		tsv_end(out);
	}
}

int plan_write(const char *path, const struct plan *p, const struct tests *t, struct err *reterr)
{
	struct outfile *o = outfile_open(path, reterr);
	struct buf out = BUF_INIT;

	if (!o)
		return -1;
	tsv_head(&out, "plan", 1);
	tsv_field(&out, "dist");
	tsv_field(&out, dist_word(p->dist));
	tsv_field_uint(&out, p->nlanes);
	tsv_field(&out, p->lanes_reason ? p->lanes_reason : "");
	if (p->nslots > p->nlanes)
		tsv_field_uint(&out, p->nslots);
	tsv_end(&out);
	for (size_t i = 0; i < p->nunits; i++, tsv_flush(&out, outfile_stream(o), false))
		put_unit(&out, &p->units[i], t);
	tsv_put_end(&out);
	tsv_flush(&out, outfile_stream(o), true);
	buf_release(&out);
	return outfile_commit_if_changed(o, reterr);
}

struct reading {
	struct tsv_reader in;
	const struct tests *tests;
	struct plan p;
	struct map names;
	uint32_t *list; /* tests of the unit at hand */
	size_t nlist, cap_list;
};

static int read_dist(struct reading *r, struct err *reterr)
{
	uint64_t nlanes = 0, nslots = 0;
	size_t nfields = r->in.nfields == 5 ? 5 : 4;

	if (strcmp(r->in.fields[0], "dist") != 0)
		return tsv_fail(&r->in, reterr, "the second line must be 'dist'");
	if (tsv_expect(&r->in, nfields, reterr) < 0 ||
	    tsv_uint(&r->in, 2, UINT32_MAX - 1, &nlanes, reterr) < 0 ||
	    (nfields == 5 && tsv_uint(&r->in, 4, UINT32_MAX - 1, &nslots, reterr) < 0))
		return -1;
	if (!dist_of_word(r->in.fields[1], &r->p.dist))
		return tsv_fail(&r->in, reterr, "field 2 is no --dist mode");
	if (nlanes == 0)
		return tsv_fail(&r->in, reterr, "a plan has at least one lane");
	r->p.nlanes = (unsigned)nlanes;
	r->p.nslots = (unsigned)nslots;
	r->p.lanes_reason = arena_strdup(&r->p.mem, r->in.fields[3]);
	return 0;
}

/* The unit at hand is complete: hand it its tests. */
static int close_unit(struct reading *r, struct err *reterr)
{
	if (r->p.nunits == 0)
		return 0;
	struct unit *u = &r->p.units[r->p.nunits - 1];

	if (r->nlist == 0)
		return tsv_fail(&r->in, reterr, "the unit above has no tests");
	u->tests = arena_alloc(&r->p.mem, r->nlist, sizeof *u->tests);
	memcpy(u->tests, r->list, r->nlist * sizeof *u->tests);
	u->ntests = r->nlist;
	r->nlist = 0;
	return 0;
}

static int read_home(struct reading *r, uint32_t *ret, struct err *reterr)
{
	uint64_t home = 0;

	if (tsv_uint(&r->in, 2, UINT64_MAX, &home, reterr) < 0)
		return -1;
	if (home != TIME_UNKNOWN && home >= r->p.nlanes)
		return tsv_fail(&r->in, reterr, "home lane %llu of %u", (unsigned long long)home,
				r->p.nlanes);
	*ret = home == TIME_UNKNOWN ? NO_INDEX : (uint32_t)home;
	return 0;
}

/* The name of one folder, for it becomes a part of paths. */
static int read_folder(struct reading *r, const char **ret, struct err *reterr)
{
	const char *s = r->in.fields[7];
	size_t n = strlen(s);

	if (n == 0 || n > 32 || strspn(s, "0123456789abcdef") != n)
		return tsv_fail(&r->in, reterr, "field 8 is no unit's folder");
	*ret = arena_strdup(&r->p.mem, s);
	return 0;
}

static int read_unit(struct reading *r, struct err *reterr)
{
	struct unit u = { 0 };
	uint64_t slots = 0;

	size_t nfields = r->in.nfields == 8 ? 8 : 7;

	if (close_unit(r, reterr) < 0 || tsv_expect(&r->in, nfields, reterr) < 0 ||
	    read_home(r, &u.home, reterr) < 0 ||
	    tsv_uint(&r->in, 3, UINT64_MAX, &u.cost_us, reterr) < 0 ||
	    tsv_uint(&r->in, 4, UINT_MAX, &slots, reterr) < 0 ||
	    tsv_bool(&r->in, 5, &u.is_exclusive, reterr) < 0)
		return -1;
	u.slots = (unsigned)slots;
	u.name = arena_strdup(&r->p.mem, r->in.fields[1]);
	u.reason = arena_strdup(&r->p.mem, r->in.fields[6]);
	if (nfields == 8 && read_folder(r, &u.folder, reterr) < 0)
		return -1;
	if (!map_put(&r->names, u.name, strlen(u.name), 0))
		return tsv_fail(&r->in, reterr, "this unit is listed twice");
	GROW(r->p.units, r->p.nunits, r->p.cap_units);
	r->p.units[r->p.nunits++] = u;
	return 0;
}

static int fail_id(const struct reading *r, const char *id, struct err *reterr)
{
	struct buf found = BUF_INIT;
	struct buf want = BUF_INIT;

	quote_display(&found, r->in.fields[2], strlen(r->in.fields[2]));
	quote_display(&want, id, strlen(id));
	tsv_fail(&r->in, reterr, "test %s is '%.500s' here and '%.500s' in the list of tests",
		 r->in.fields[1], found.s, want.s);
	buf_release(&found);
	buf_release(&want);
	return -1;
}

static int read_test(struct reading *r, struct err *reterr)
{
	uint64_t i = 0;

	if (tsv_expect(&r->in, 3, reterr) < 0 || tsv_uint(&r->in, 1, UINT32_MAX, &i, reterr) < 0)
		return -1;
	if (r->p.nunits == 0)
		return tsv_fail(&r->in, reterr, "a test without a unit");
	if (i >= r->tests->ntests)
		return tsv_fail(&r->in, reterr, "test %u of %zu", (unsigned)i, r->tests->ntests);
	if (strcmp(r->tests->tests[i].id, r->in.fields[2]) != 0)
		return fail_id(r, r->tests->tests[i].id, reterr);
	GROW(r->list, r->nlist, r->cap_list);
	r->list[r->nlist++] = (uint32_t)i;
	return 0;
}

static int read_record(struct reading *r, struct err *reterr)
{
	const char *kind = r->in.fields[0];

	if (r->in.lineno == 2)
		return read_dist(r, reterr);
	if (strcmp(kind, "test") == 0)
		return read_test(r, reterr);
	if (strcmp(kind, "unit") == 0)
		return read_unit(r, reterr);
	return tsv_fail(&r->in, reterr, "an unknown or misplaced kind of record");
}

/* The reader is open. */
static int read_all(struct reading *r, struct plan *ret, struct err *reterr)
{
	int got = 0;

	while ((got = tsv_next_of_whole(&r->in, reterr)) > 0) {
		if (read_record(r, reterr) < 0) {
			got = -1;
			break;
		}
	}
	if (got == 0 && r->p.nlanes == 0)
		got = tsv_fail(&r->in, reterr, "no 'dist' record");
	if (got == 0)
		got = close_unit(r, reterr);
	tsv_close(&r->in);
	map_release(&r->names);
	free(r->list);
	if (got < 0)
		plan_release(&r->p);
	else
		*ret = r->p;
	return got;
}

int plan_read(const char *path, const struct tests *t, struct plan *ret, struct err *reterr)
{
	struct reading r = { .tests = t };

	if (tsv_open(&r.in, path, "plan", 1, reterr) < 0)
		return -1;
	return read_all(&r, ret, reterr);
}

int plan_read_mem(const struct memory *in, const struct tests *t, struct plan *ret,
		  struct err *reterr)
{
	struct reading r = { .tests = t };

	if (tsv_open_mem(&r.in, in->path, in->s, in->len, "plan", 1, reterr) < 0)
		return -1;
	return read_all(&r, ret, reterr);
}

/* --- hashes: strings with their NUL, numbers low byte first, so that nothing runs together --- */

static uint64_t hash_text(uint64_t h, const char *s)
{
	return s ? hash_more(h, s, strlen(s) + 1) : hash_more(h, "\xff", 2);
}

static uint64_t hash_number(uint64_t h, uint64_t n)
{
	unsigned char bytes[8];

	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (unsigned char)(n >> (8 * i));
	return hash_more(h, bytes, sizeof bytes);
}

static uint64_t hash_list(uint64_t h, const char *const *items, size_t n)
{
	h = hash_number(h, n);
	for (size_t i = 0; i < n; i++)
		h = hash_text(h, items[i]);
	return h;
}

static uint64_t hash_target(const struct target *t)
{
	uint64_t h = HASH_BEGIN;

	h = hash_text(h, t->name);
	h = hash_text(h, t->adapter);
	h = hash_text(h, t->program);
	h = hash_list(h, t->argv, t->nargv);
	h = hash_list(h, t->env, t->nenv);
	h = hash_list(h, t->env_mods, t->nenv_mods);
	h = hash_text(h, t->workdir);
	if (!t->rule)
		return h;
	h = hash_number(h, t->rule->will_fail);
	h = hash_number(h, (uint64_t)(int64_t)t->rule->skip_code);
	h = hash_list(h, t->rule->pass_regex, t->rule->npass_regex);
	h = hash_list(h, t->rule->fail_regex, t->rule->nfail_regex);
	return hash_list(h, t->rule->skip_regex, t->rule->nskip_regex);
}

static uint64_t hash_test(uint64_t h, const struct test *t)
{
	h = hash_text(h, t->id);
	h = hash_text(h, t->selector);
	h = hash_list(h, t->locks, t->nlocks);
	h = hash_list(h, t->after, t->nafter);
	h = hash_list(h, t->passed, t->npassed);
	h = hash_list(h, t->needs, t->nneeds);
	if (t->nresource_groups > 0)
		h = hash_list(h, t->resource_groups, t->nresource_groups);
	h = hash_number(h, t->timeout_us);
	h = hash_number(h, t->slots);
	h = hash_number(h, t->is_exclusive);
	if (t->retries != UINT_MAX)
		h = hash_number(h, t->retries);
	h = hash_text(h, t->skip_reason);
	return hash_text(h, t->error);
}

uint64_t unit_hash(const struct unit *u, const struct tests *t)
{
	uint64_t h = HASH_BEGIN;
	uint64_t of_target = 0;

	/* with --dist=each, units differ in nothing else */
	if (u->home != NO_INDEX)
		h = hash_number(h, u->home);
	for (size_t i = 0; i < u->ntests; i++) {
		const struct test *test = &t->tests[u->tests[i]];

		if (i == 0 || test->target != t->tests[u->tests[i - 1]].target)
			of_target = hash_target(&t->targets[test->target]);
		h = hash_test(hash_number(h, of_target), test);
	}
	return h;
}
