/* SPDX-License-Identifier: MIT
 *
 * In order: the ids asked for, --deselect, -k, -m, --lf.  The first that leaves a test out is its
 * reason.  At last come back the tests that one that runs cannot do without.
 */
#include "stage/select.h"

#include "adapter/adapter.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/map.h"
#include "base/nearest.h"
#include "base/quote.h"
#include "format/expr.h"
#include "model/test.h"

/* pytest-xdist's mark; a test's group was taken out of its marks. */
#define GROUP_MARK "xdist_group"

/* "-k 'slow and not net'" as long as it is; lives as long as the tests. */
static const char *make_reason(struct tests *t, const char *option, const char *value)
{
	struct buf text = BUF_INIT;

	buf_addf(&text, "deselected by %s '%s'", option, value);
	const char *reason = arena_memdup(&t->mem, text.s, text.len);

	buf_release(&text);
	return reason;
}

/* --- ids --- */

/* Where the next "::" at or behind `from` begins, or the parameters' "[", or the end of the id. */
static size_t next_cut(const char *id, size_t from)
{
	const char *cut = strstr(id + from, "::");
	const char *bracket = strchr(id + from, '[');

	if (bracket && (!cut || bracket < cut))
		cut = bracket;
	return cut ? (size_t)(cut - id) : strlen(id);
}

/* Mark the asked-for ids that are this id or have it below them; is there one? */
static bool find_asked(const struct map *asked, const char *id, bool *is_found)
{
	bool any = false;

	for (size_t cut = next_cut(id, 0);; cut = next_cut(id, cut + 1)) {
		size_t i = 0;

		if (map_get(asked, id, cut, &i)) {
			is_found[i] = true;
			any = true;
		}
		if (!id[cut])
			return any;
	}
}

/* The nearest of all ids and of what they begin with: programs, suites. */
static int fail_missing(const struct tests *t, const char *id, struct err *reterr)
{
	struct nearest n = nearest_begin(id);
	struct arena mem = { 0 };
	struct map seen = { 0 };
	struct buf shown = BUF_INIT;
	struct buf text = BUF_INIT;

	for (size_t i = 0; i < t->ntests; i++) {
		const char *have = t->tests[i].id;

		for (size_t cut = next_cut(have, 0); have[cut]; cut = next_cut(have, cut + 1)) {
			if (map_put(&seen, have, cut, 0))
				nearest_try(&n, arena_memdup(&mem, have, cut));
		}
		nearest_try(&n, have);
	}
	quote_display(&shown, id, strlen(id));
	buf_addf(&text, "no path and no test '%.800s'", shown.s);
	if (n.best) {
		buf_clear(&shown);
		quote_display(&shown, n.best, strlen(n.best));
		buf_addf(&text, "; did you mean '%.800s'?", shown.s);
	}
	err_set(reterr, ERR_MISSING, NULL, 0, "%s", text.s);
	buf_release(&text);
	buf_release(&shown);
	map_release(&seen);
	arena_release(&mem);
	return -1;
}

/* What could not be collected is reported as such, and not as a slip of the pen. */
static void find_uncollected(const struct tests *t, const struct select_options *o, bool *is_found)
{
	for (size_t i = 0; i < t->nerrors; i++) {
		for (size_t k = 0; k < o->nids; k++) {
			if (test_id_is_within(o->ids[k], t->errors[i].where))
				is_found[k] = true;
		}
	}
}

static int select_ids(const struct select_options *o, struct tests *t, struct err *reterr)
{
	struct map asked = { 0 };
	bool *is_found = xcalloc(o->nids + 1, sizeof *is_found);
	int status = 0;

	for (size_t i = 0; i < o->nids; i++) {
		/* the same id twice is found twice */
		if (!map_put(&asked, o->ids[i], strlen(o->ids[i]), i))
			is_found[i] = true;
	}
	for (size_t i = 0; i < t->ntests; i++) {
		if (!find_asked(&asked, t->tests[i].id, is_found))
			t->tests[i].left_out = "not among the ids asked for";
	}
	find_uncollected(t, o, is_found);
	for (size_t i = 0; i < o->nids && status == 0; i++) {
		if (!is_found[i])
			status = fail_missing(t, o->ids[i], reterr);
	}
	free(is_found);
	map_release(&asked);
	return status;
}

/* --- --deselect --- */

struct prefix {
	const char *text;
	size_t len;
	const char *reason;
};

static int compare_prefixes(const void *a, const void *b)
{
	return strcmp(((const struct prefix *)a)->text, ((const struct prefix *)b)->text);
}

static bool begins_with(const char *id, const struct prefix *p)
{
	return strncmp(id, p->text, p->len) == 0;
}

/* Sorted, and none the beginning of another: then the only one that can fit an id is the greatest
 * that is not behind it. */
static const struct prefix *find_prefix(const struct prefix *all, size_t n, const char *id)
{
	size_t low = 0;
	size_t high = n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (strcmp(all[mid].text, id) <= 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low > 0 && begins_with(id, &all[low - 1]) ? &all[low - 1] : NULL;
}

static void deselect(const struct select_options *o, struct tests *t)
{
	struct prefix *all = xcalloc(o->ndeselect + 1, sizeof *all);
	size_t n = 0;

	for (size_t i = 0; i < o->ndeselect; i++)
		all[i] = (struct prefix){ .text = o->deselect[i], .len = strlen(o->deselect[i]) };
	qsort(all, o->ndeselect, sizeof *all, compare_prefixes);
	for (size_t i = 0; i < o->ndeselect; i++) {
		if (n > 0 && begins_with(all[i].text, &all[n - 1]))
			continue;
		all[n] = all[i];
		all[n].reason = make_reason(t, "--deselect", all[n].text);
		n++;
	}
	for (size_t i = 0; i < t->ntests; i++) {
		const struct prefix *p =
			t->tests[i].left_out ? NULL : find_prefix(all, n, t->tests[i].id);

		if (p)
			t->tests[i].left_out = p->reason;
	}
	free(all);
}

/* --- -k and -m --- */

/* Is the word a part of the id, or of a mark, whatever the case of its (ASCII) letters? */
static bool matches_keyword(void *ctx, const char *word)
{
	const struct test *t = ctx;

	if (strcasestr(t->id, word) || (t->group && strcasestr(GROUP_MARK, word)))
		return true;
	for (size_t i = 0; i < t->nmarks; i++) {
		if (strcasestr(t->marks[i], word))
			return true;
	}
	return false;
}

static bool matches_mark(void *ctx, const char *word)
{
	const struct test *t = ctx;

	return test_has_mark(t, word) || (t->group && strcmp(word, GROUP_MARK) == 0);
}

struct filter {
	const char *option;
	const char *text;
	bool (*matches)(void *ctx, const char *word);
};

/* By its framework, which knows better what the expression means there. */
static bool is_selected_by_itself(const struct tests *t, const struct test *test)
{
	const struct adapter *a = adapter_by_name(t->targets[test->target].adapter);

	return a && a->is_selecting;
}

static int filter_tests(const struct filter *f, struct tests *t, struct err *reterr)
{
	struct arena mem = { 0 };
	struct expr *expr = NULL;

	if (expr_parse(f->option, f->text, &mem, &expr, reterr) < 0) {
		arena_release(&mem);
		return -1;
	}
	const char *reason = make_reason(t, f->option, f->text);

	for (size_t i = 0; i < t->ntests; i++) {
		struct test *test = &t->tests[i];

		if (!test->left_out && !is_selected_by_itself(t, test) &&
		    !expr_eval(expr, f->matches, test))
			test->left_out = reason;
	}
	arena_release(&mem);
	return 0;
}

/* --- what sets up and cleans up for those that run --- */

struct company {
	struct tests *t;
	struct map ids;
	uint32_t *todo; /* tests that run, whose company is not looked for yet */
	size_t ntodo;
	size_t nadded;
};

static void call_back(struct company *c, const char **ids, size_t n)
{
	for (size_t k = 0; k < n; k++) {
		size_t i = 0;

		if (!map_get(&c->ids, ids[k], strlen(ids[k]), &i) || !c->t->tests[i].left_out)
			continue;
		c->t->tests[i].left_out = NULL;
		c->todo[c->ntodo++] = (uint32_t)i;
		c->nadded++;
	}
}

static bool has_company(const struct test *t)
{
	return t->npassed > 0 || t->ncleanups > 0;
}

size_t select_add_company(struct tests *t)
{
	struct company c = { .t = t, .todo = xcalloc(t->ntests + 1, sizeof *c.todo) };

	for (size_t i = 0; i < t->ntests; i++) {
		if (!t->tests[i].left_out && has_company(&t->tests[i]))
			c.todo[c.ntodo++] = (uint32_t)i;
	}
	for (size_t i = 0; c.ntodo > 0 && i < t->ntests; i++)
		map_put(&c.ids, t->tests[i].id, strlen(t->tests[i].id), i);
	while (c.ntodo > 0) {
		const struct test *test = &t->tests[c.todo[--c.ntodo]];

		call_back(&c, test->passed, test->npassed);
		call_back(&c, test->cleanups, test->ncleanups);
	}
	map_release(&c.ids);
	free(c.todo);
	return c.nadded;
}

/* --- --lf ------------------------------------------------------------------------------- */

static void select_failed(const struct select_options *o, struct tests *t)
{
	bool *has_failed = xcalloc(t->ntests + 1, sizeof *has_failed);
	size_t n = 0;

	for (size_t i = 0; i < t->ntests; i++) {
		const struct test *test = &t->tests[i];

		has_failed[i] = !test->left_out && o->failed(o->failed_ctx, test->id);
		n += has_failed[i];
	}
	for (size_t i = 0; i < t->ntests && n > 0; i++) {
		if (!t->tests[i].left_out && !t->tests[i].is_uncollected && !has_failed[i])
			t->tests[i].left_out = "did not fail last time (--lf)";
	}
	free(has_failed);
}

int select_run(const struct select_options *o, struct tests *t, struct selection *ret,
	       struct err *reterr)
{
	const struct filter keyword = { "-k", o->keyword, matches_keyword };
	const struct filter mark = { "-m", o->markexpr, matches_mark };
	struct selection s = { .nitems = t->ntests };

	if (o->nids > 0 && select_ids(o, t, reterr) < 0)
		return -1;
	if (o->ndeselect > 0)
		deselect(o, t);
	/* as in pytest, -k of blanks says nothing */
	if (o->keyword && o->keyword[strspn(o->keyword, " \t")] &&
	    filter_tests(&keyword, t, reterr) < 0)
		return -1;
	if (o->markexpr && *o->markexpr && filter_tests(&mark, t, reterr) < 0)
		return -1;
	if (o->failed)
		select_failed(o, t);
	select_add_company(t);
	for (size_t i = 0; i < t->ntests; i++)
		s.ndeselected += t->tests[i].left_out && !t->tests[i].is_held;
	s.nselected = s.nitems - s.ndeselected - tests_held(t);
	*ret = s;
	return 0;
}
