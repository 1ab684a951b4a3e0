/* SPDX-License-Identifier: MIT
 *
 * part.tsv, in the run's folder: how its graph was made.
 *   line 1   part TAB 1
 *   cwd      folder
 *   word     one of the words behind "gangway graph", in their order
 *   end
 *
 * Journals name tests by their index, so no other unit's test may move: of the unit at hand, tests
 * with the same id stay where they are, new ones take the places of those that went or stand behind
 * all others, and what is left over becomes a test of a target that nobody runs.
 */
#include "cli/replan.h"

#include <fcntl.h>
#include <inttypes.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/map.h"
#include "cli/commands.h"
#include "cli/graph_file.h"
#include "cli/rundir.h"
#include "cli/session.h"
#include "format/files.h"
#include "format/tsv.h"
#include "sys/fs.h"
#include "sys/outfile.h"

static const char *kept_path(struct arena *mem, const char *dir)
{
	return fs_join(mem, dir, "part.tsv");
}

/* It is there as long as the graph's file lacks something. */
static const char *stale_path(struct arena *mem, const char *dir)
{
	return fs_join(mem, dir, "stale");
}

int replan_keep(const struct session *s, const struct option_args *words, struct err *reterr)
{
	struct arena mem = { 0 };
	struct buf text = BUF_INIT;

	tsv_head(&text, "part", 1);
	tsv_field(&text, "cwd");
	tsv_field(&text, fs_cwd(&mem));
	tsv_end(&text);
	for (size_t i = 0; i < words->nwords; i++) {
		tsv_field(&text, "word");
		tsv_field(&text, words->words[i]);
		tsv_end(&text);
	}
	tsv_put_end(&text);
	int status = fs_remove_tree(stale_path(&mem, s->rundir), reterr);

	if (status == 0)
		status = outfile_write(kept_path(&mem, s->rundir), text.s, text.len, reterr);
	buf_release(&text);
	arena_release(&mem);
	return status;
}

/* --- a graph behind another one ----------------------------------------------------------------- */

/* What went belongs to nothing that is there. */
static void bury(struct tests *t)
{
	static const struct target nobody = { .name = "", .adapter = TARGET_GONE, .program = "" };
	uint32_t grave = NO_INDEX;

	for (uint32_t i = 0; i < t->ntargets; i++) {
		if (strcmp(t->targets[i].adapter, TARGET_GONE) == 0)
			grave = i;
	}
	for (size_t i = 0; i < t->ntests; i++) {
		if (t->tests[i].target != NO_INDEX)
			continue;
		if (grave == NO_INDEX) {
			struct target target = nobody;

			target.argv = arena_strings(&t->mem, NULL, 0);
			target.workdir = t->rootdir;
			grave = tests_add_target(t, &target);
		}
		t->tests[i].target = grave;
	}
}

/* Of the old units, the folder of the one with this hash, if it is not named after it; else NULL. */
static const char *old_folder(const struct loaded_run *old, const uint64_t *hashes, uint64_t hash)
{
	for (size_t i = 0; i < old->plan.nunits; i++) {
		if (hashes[i] == hash)
			return old->plan.units[i].folder;
	}
	return NULL;
}

static void keep_folders(struct session *s, struct loaded_run *old)
{
	uint64_t *hashes = arena_alloc(&old->mem, old->plan.nunits + 1, sizeof *hashes);
	size_t nkept = 0;

	for (size_t i = 0; i < old->plan.nunits; i++) {
		hashes[i] = unit_hash(&old->plan.units[i], &old->tests);
		nkept += old->plan.units[i].folder != NULL;
	}
	for (size_t i = 0; i < s->plan.nunits && nkept > 0; i++) {
		uint64_t hash = unit_hash(&s->plan.units[i], &s->tests);

		s->plan.units[i].folder = arena_strdup(&s->plan.mem, old_folder(old, hashes, hash));
	}
}

/* Where each test is to stand: where its id stood, else in the first place that is free. */
static uint32_t *find_places(struct session *s, const struct tests *old, size_t *ntaken)
{
	struct tests *t = &s->tests;
	uint32_t *to = arena_alloc(&s->mem, t->ntests + 1, sizeof *to);
	bool *is_taken = xcalloc(old->ntests + t->ntests + 1, sizeof *is_taken);
	struct map ids = { 0 };
	uint32_t next = 0;
	size_t at = 0;

	for (size_t i = 0; i < old->ntests; i++)
		map_put(&ids, old->tests[i].id, strlen(old->tests[i].id), i);
	for (size_t i = 0; i < t->ntests; i++) {
		to[i] = NO_INDEX;
		if (!map_get(&ids, t->tests[i].id, strlen(t->tests[i].id), &at))
			continue;
		to[i] = (uint32_t)at;
		is_taken[at] = true;
	}
	*ntaken = 0;
	for (size_t i = 0; i < t->ntests; i++) {
		while (to[i] == NO_INDEX && is_taken[next])
			next++;
		if (to[i] == NO_INDEX)
			to[i] = next++;
		*ntaken = to[i] >= *ntaken ? to[i] + 1 : *ntaken;
	}
	map_release(&ids);
	free(is_taken);
	return to;
}

static void keep_places(struct session *s, const struct tests *old)
{
	struct tests *t = &s->tests;
	size_t n = 0;
	const uint32_t *to = find_places(s, old, &n);
	struct test *placed = xcalloc(n + 1, sizeof *placed);

	for (size_t i = 0; i < n; i++) {
		placed[i] = test_blank(NO_INDEX);
		if (i < old->ntests)
			placed[i].id = arena_strdup(&t->mem, old->tests[i].id);
		placed[i].left_out = "it is there no longer";
	}
	for (size_t i = 0; i < t->ntests; i++)
		placed[to[i]] = t->tests[i];
	for (size_t u = 0; u < s->plan.nunits; u++) {
		for (size_t k = 0; k < s->plan.units[u].ntests; k++)
			s->plan.units[u].tests[k] = to[s->plan.units[u].tests[k]];
	}
	free(t->tests);
	t->tests = placed;
	t->ntests = n;
	t->cap_tests = n + 1;
	bury(t);
}

void replan_follow(struct session *s, const char *dir)
{
	struct loaded_run old = { 0 };

	if (rundir_load(dir, &old, NULL) < 0)
		return;
	keep_folders(s, &old);
	keep_places(s, &old.tests);
	loaded_run_release(&old);
}

/* --- how it was made ---------------------------------------------------------------------------- */

/* How the graph was made; it was no part where *cwd stays NULL. */
struct kept {
	struct arena mem;
	const char *cwd;
	struct option_strings words;
};

static int read_kept(const char *dir, struct kept *ret, struct err *reterr)
{
	const char *path = kept_path(&ret->mem, dir);
	struct tsv_reader in = { 0 };
	int got = 0;

	if (!fs_exists(path))
		return 0;
	if (tsv_open(&in, path, "part", 1, reterr) < 0)
		return -1;
	while ((got = tsv_next_of_whole(&in, reterr)) > 0) {
		if (tsv_expect(&in, 2, reterr) < 0) {
			got = -1;
			break;
		}
		if (strcmp(in.fields[0], "cwd") == 0)
			ret->cwd = arena_strdup(&ret->mem, in.fields[1]);
		else
			option_strings_add(&ret->words, &ret->mem, in.fields[1]);
	}
	tsv_close(&in);
	return got;
}

/* --- whose tests can be listed again -------------------------------------------------------- */

/* A program that was named itself, all of whose tests are in this unit; else NULL. */
static const char *whole_program(struct loaded_run *r, const struct unit *u)
{
	uint32_t target = r->tests.tests[u->tests[0]].target;
	const struct target *t = &r->tests.targets[target];

	for (size_t k = 1; k < u->ntests; k++) {
		if (r->tests.tests[u->tests[k]].target != target)
			return NULL;
	}
	for (size_t i = 0; i < r->plan.nunits; i++) {
		const struct unit *other = &r->plan.units[i];

		for (size_t k = 0; other != u && k < other->ntests; k++) {
			if (r->tests.tests[other->tests[k]].target == target)
				return NULL;
		}
	}
	const char *path = fs_absolute(&r->mem, r->tests.rootdir, t->name);

	return strcmp(path, t->program) == 0 ? path : NULL;
}

/* Is it told or run in another way than before? */
static bool differs(const struct test *a, const struct test *b)
{
	return a->line != b->line || strcmp(a->file ? a->file : "", b->file ? b->file : "") != 0 ||
	       strcmp(a->group ? a->group : "", b->group ? b->group : "") != 0;
}

/* The tests of a session that are to run. */
static struct unit selected_unit(struct session *s)
{
	struct unit u = { .name = "", .home = NO_INDEX, .slots = 1 };

	u.tests = arena_alloc(&s->mem, s->tests.ntests + 1, sizeof *u.tests);
	for (uint32_t i = 0; i < s->tests.ntests; i++) {
		const struct test *t = &s->tests.tests[i];

		if (t->left_out)
			continue;
		u.tests[u.ntests++] = i;
		u.slots = t->slots > u.slots ? t->slots : u.slots;
	}
	return u;
}

static bool is_same(const struct loaded_run *r, const struct unit *u, const struct session *s,
		    const struct unit *now)
{
	bool is_same =
		u->ntests == now->ntests && unit_hash(u, &r->tests) == unit_hash(now, &s->tests);

	for (size_t k = 0; is_same && k < u->ntests; k++)
		is_same = !differs(&r->tests.tests[u->tests[k]], &s->tests.tests[now->tests[k]]);
	return is_same;
}

/* --- changing the run ----------------------------------------------------------------------- */

/* Places of the unit's old tests, by id; those taken are NO_INDEX in the list. */
struct places {
	struct map by_id;
	uint32_t *old;
	size_t n;
	size_t next; /* from here on one may be free */
};

static uint32_t free_place(struct places *p, struct tests *t)
{
	struct test blank = test_blank(0);

	while (p->next < p->n && p->old[p->next] == NO_INDEX)
		p->next++;
	if (p->next < p->n)
		return p->old[p->next++];
	blank.id = "";
	return tests_add(t, &blank);
}

/* Those that have a place keep it: first pass; the others get one: second. */
static void place_tests(struct loaded_run *r, const struct session *s, const struct unit *now,
			struct unit *u)
{
	uint32_t target = r->tests.tests[u->tests[0]].target;
	struct places p = { .old = u->tests, .n = u->ntests };
	uint32_t *new = arena_alloc(&r->plan.mem, now->ntests, sizeof *new);

	for (size_t k = 0; k < p.n; k++) {
		const char *id = r->tests.tests[p.old[k]].id;

		map_put(&p.by_id, id, strlen(id), k);
	}
	for (size_t k = 0; k < now->ntests; k++) {
		const char *id = s->tests.tests[now->tests[k]].id;
		size_t at = 0;

		new[k] = NO_INDEX;
		if (!map_get(&p.by_id, id, strlen(id), &at))
			continue;
		new[k] = p.old[at];
		p.old[at] = NO_INDEX;
	}
	for (size_t k = 0; k < now->ntests; k++) {
		if (new[k] == NO_INDEX)
			new[k] = free_place(&p, &r->tests);
		r->tests.tests[new[k]] = s->tests.tests[now->tests[k]];
		r->tests.tests[new[k]].target = target;
	}
	u->tests = new;
	u->ntests = now->ntests;
	for (; p.next < p.n; p.next++) {
		if (p.old[p.next] != NO_INDEX)
			r->tests.tests[p.old[p.next]].target = NO_INDEX;
	}
	map_release(&p.by_id);
}

static int write_changed(struct loaded_run *r, const struct session *s, const struct unit *now,
			 struct unit *u, struct err *reterr)
{
	const struct rundir_files f = rundir_files(&r->mem, r->dir);
	uint32_t target = r->tests.tests[u->tests[0]].target;
	char folder[24];

	snprintf(folder, sizeof folder, "%016" PRIx64, unit_hash(u, &r->tests));
	if (!u->folder)
		u->folder = arena_strdup(&r->plan.mem, folder);
	r->tests.targets[target] = s->tests.targets[s->tests.tests[now->tests[0]].target];
	place_tests(r, s, now, u);
	bury(&r->tests);
	u->slots = now->slots;
	u->cost_us = TIME_UNKNOWN;
	if (outfile_write(stale_path(&r->mem, r->dir), "", 0, reterr) < 0 ||
	    tests_write(f.tests, &r->tests, reterr) < 0)
		return -1;
	return plan_write(f.plan, &r->plan, &r->tests, reterr);
}

/* --- a worker's way ------------------------------------------------------------------------- */

/* Of all files of the run at once.  -1 where it cannot be had: then nobody else can either. */
static int lock(const char *dir, int how)
{
	struct arena mem = { 0 };
	int fd = open(fs_join(&mem, dir, "part.lock"), O_RDWR | O_CREAT | O_CLOEXEC, 0666);

	arena_release(&mem);
	while (fd >= 0 && flock(fd, how) < 0)
		;
	return fd;
}

static void unlock(int fd)
{
	if (fd >= 0)
		close(fd);
}

static int load(const char *dir, struct loaded_run *ret, struct err *reterr)
{
	int fd = lock(dir, LOCK_SH);
	int status = rundir_load(dir, ret, reterr);

	unlock(fd);
	return status;
}

static struct unit *find(struct loaded_run *r, const char *name)
{
	for (size_t i = 0; i < r->plan.nunits; i++) {
		if (strcmp(r->plan.units[i].name, name) == 0)
			return &r->plan.units[i];
	}
	return NULL;
}

/* The run as it is now, with this unit's tests as `now` has them. */
static int change(const struct session *s, const struct unit *now, const char *name,
		  struct loaded_run *r, struct err *reterr)
{
	struct arena mem = { 0 };
	const char *dir = arena_strdup(&mem, r->dir);
	int fd = lock(dir, LOCK_EX);

	loaded_run_release(r);
	int status = rundir_load(dir, r, reterr);
	struct unit *u = status == 0 ? find(r, name) : NULL;

	if (u && !is_same(r, u, s, now))
		status = write_changed(r, s, now, u, reterr);
	/* what was put into it lives in the session */
	loaded_run_release(r);
	if (status == 0)
		status = rundir_load(dir, r, reterr);
	unlock(fd);
	arena_release(&mem);
	return status;
}

static int list_again(const struct kept *k, const char *program, const char *unit,
		      struct loaded_run *r, struct err *reterr)
{
	const struct option_args words = { .words = k->words.items, .nwords = k->words.n };
	struct session s = { 0 };
	int status = session_list(&s, &cmd_graph, &words, program, reterr);
	struct unit now = status == 0 ? selected_unit(&s) : (struct unit){ 0 };
	const struct unit *u = find(r, unit);

	/* all deselected: what was planned says more than nothing would */
	if (status == 0 && now.ntests > 0 && !is_same(r, u, &s, &now))
		status = change(&s, &now, unit, r, reterr);
	session_release(&s);
	return status;
}

int replan_load(const char *dir, const char *unit, struct loaded_run *ret, struct err *reterr)
{
	struct kept k = { 0 };
	int status = load(dir, ret, reterr);

	if (status == 0 && ret->run.is_by_unit)
		status = read_kept(ret->dir, &k, reterr);
	const struct unit *u = status == 0 && k.cwd ? find(ret, unit) : NULL;
	const char *program = u ? whole_program(ret, u) : NULL;

	if (program && chdir(k.cwd) < 0)
		status = err_sys(reterr, k.cwd, "cannot go there");
	else if (program)
		status = list_again(&k, program, unit, ret, reterr);
	if (status < 0)
		loaded_run_release(ret);
	arena_release(&k.mem);
	return status;
}

/* --- the graph's file ----------------------------------------------------------------------- */

static int rewrite(struct loaded_run *r, const struct kept *k, struct err *reterr)
{
	const struct option_args words = { .words = k->words.items, .nwords = k->words.n };
	struct options_run o = { 0 };
	struct config config = { 0 };
	int status = options_run_read(options_graph_rows, &words, NULL, &o, &config, reterr);

	if (status == 0)
		status = graph_file_write(&o, r->dir, &r->plan, &r->tests, reterr);
	options_run_release(&o);
	config_release(&config);
	return status;
}

int replan_graph(const char *dir, struct err *reterr)
{
	struct loaded_run r = { 0 };
	struct kept k = { 0 };
	const char *stale = stale_path(&k.mem, dir);
	int status = 0;

	if (!fs_exists(stale))
		goto out;
	if (load(dir, &r, reterr) < 0 || read_kept(r.dir, &k, reterr) < 0)
		status = -1;
	else if (k.cwd && chdir(k.cwd) < 0)
		status = err_sys(reterr, k.cwd, "cannot go there");
	else if (k.cwd)
		status = rewrite(&r, &k, reterr);
	if (status == 0)
		status = fs_remove_tree(fs_join(&k.mem, r.dir, "stale"), reterr);
out:
	loaded_run_release(&r);
	arena_release(&k.mem);
	return status;
}
