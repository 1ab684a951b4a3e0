/* SPDX-License-Identifier: MIT */
#include "cli/rundir.h"

#include <errno.h>
#include <inttypes.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/parse.h"
#include "format/files.h"
#include "stage/lost.h"
#include "sys/fs.h"
#include "sys/outfile.h"

enum { KEPT_RUNS = 10 };

struct rundir_files rundir_files(struct arena *mem, const char *rundir)
{
	return (struct rundir_files){
		.tests = fs_join(mem, rundir, "tests.tsv"),
		.selected = fs_join(mem, rundir, "selected.tsv"),
		.plan = fs_join(mem, rundir, "plan.tsv"),
		.run = fs_join(mem, rundir, "run.tsv"),
		.junit = fs_join(mem, rundir, "junit.xml"),
	};
}

static struct tm utc_now(void)
{
	time_t now = time(NULL);
	struct tm tm = { 0 };

	gmtime_r(&now, &tm);
	return tm;
}

const char *run_time_text(struct arena *mem)
{
	const struct tm now = utc_now();
	char text[64];
	size_t n = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &now);

	return arena_memdup(mem, text, n);
}

const char *run_new_id(struct arena *mem)
{
	const struct tm now = utc_now();
	char text[96];
	size_t n = strftime(text, sizeof text, "%Y%m%d-%H%M%S-", &now);

	snprintf(text + n, sizeof text - n, "%ld", (long)getpid());
	return arena_strdup(mem, text);
}

/* Old runs go, oldest first; names begin with the time.  Those that still work stay. */
static void prune(struct arena *mem, const char *runs)
{
	const char **names = NULL;
	size_t n = 0;

	if (fs_list(runs, mem, &names, &n, NULL) < 0)
		return;
	for (size_t i = 0; i + KEPT_RUNS < n; i++) {
		const char *dir = fs_join(mem, runs, names[i]);

		if (!fs_is_held(dir))
			fs_remove_tree(dir, NULL); /* another run may do the same */
	}
}

/* Point latest to the run: a new link beside the old one, then renamed over it. */
static int set_latest(struct arena *mem, const char *statedir, const char *id, struct err *reterr)
{
	const char *latest = fs_join(mem, statedir, "latest");
	const char *target = fs_join(mem, "runs", id);
	struct buf temp = BUF_INIT;
	int status = 0;

	buf_addf(&temp, "%s.tmp-%ld", latest, (long)getpid());
	unlink(temp.s);
	if (symlink(target, temp.s) < 0 || rename(temp.s, latest) < 0) {
		status = err_sys(reterr, latest, "cannot write");
		unlink(temp.s);
	}
	buf_release(&temp);
	return status;
}

/* The folder of everything we keep, out of the way of git. */
static int make_statedir(struct arena *mem, const char *statedir, struct err *reterr)
{
	const char *ignore = fs_join(mem, statedir, ".gitignore");

	if (fs_mkdirs(statedir, reterr) < 0)
		return -1;
	return fs_exists(ignore) ? 0 : outfile_write(ignore, "*\n", 2, reterr);
}

const char *rundir_cache(struct arena *mem, const char *statedir, bool is_cleared)
{
	const char *cache = fs_join(mem, statedir, "cache");

	if ((is_cleared && fs_remove_tree(cache, NULL) < 0) ||
	    make_statedir(mem, statedir, NULL) < 0 || fs_mkdirs(cache, NULL) < 0)
		return NULL;
	return cache;
}

const char *rundir_new(struct arena *mem, const char *statedir, const char *id, struct err *reterr)
{
	const char *runs = fs_join(mem, statedir, "runs");
	const char *dir = fs_join(mem, runs, id);

	if (make_statedir(mem, statedir, reterr) < 0 || fs_mkdirs(dir, reterr) < 0)
		return NULL;
	fs_hold_dir(dir);
	if (set_latest(mem, statedir, id, reterr) < 0)
		return NULL;
	prune(mem, runs);
	return dir;
}

const char *rundir_unit(struct arena *mem, const char *rundir, const struct unit *u,
			const struct tests *t)
{
	char name[64];

	if (u->folder)
		snprintf(name, sizeof name, "units/%s", u->folder);
	else
		snprintf(name, sizeof name, "units/%016" PRIx64, unit_hash(u, t));
	return fs_join(mem, rundir, name);
}

const char *rundir_lane(struct arena *mem, const char *rundir, uint32_t lane, uint32_t round)
{
	char name[48];

	if (round <= 1)
		snprintf(name, sizeof name, "gw%u", (unsigned)lane);
	else
		snprintf(name, sizeof name, "gw%u.%u", (unsigned)lane, (unsigned)round);
	return fs_join(mem, rundir, name);
}

uint32_t rundir_rounds(const char *rundir)
{
	enum { MOST_ROUNDS = 100000 };
	struct arena mem = { 0 };
	const char **names = NULL;
	uint32_t last = 1;
	size_t n = 0;

	if (fs_list(rundir, &mem, &names, &n, NULL) < 0)
		n = 0;
	for (size_t i = 0; i < n; i++) {
		const char *dot = strncmp(names[i], "gw", 2) == 0 ? strchr(names[i], '.') : NULL;
		uint64_t round = 0;

		if (dot && parse_uint(dot + 1, MOST_ROUNDS, &round) && round > last)
			last = (uint32_t)round;
	}
	arena_release(&mem);
	return last;
}

/* Of rounds: the lanes of each, one behind the other. */
struct folders {
	const char *rundir;
	uint32_t nrounds;
};

static const char **list_folders(struct arena *mem, const struct folders *f, const struct run *run,
				 const struct plan *p, const struct tests *t, uint32_t **ret_lanes,
				 size_t *ret_n)
{
	size_t n = run->is_by_unit ? p->nunits : (size_t)run->nlanes * f->nrounds;
	const char **dirs = arena_alloc(mem, 2 * n + 1, sizeof *dirs);
	uint32_t *lanes = arena_alloc(mem, 2 * n, sizeof *lanes);

	for (size_t i = 0; i < n; i++) {
		uint32_t lane = (uint32_t)(i % run->nlanes);
		uint32_t round = (uint32_t)(i / run->nlanes) + 1;

		dirs[i] = run->is_by_unit ? rundir_unit(mem, f->rundir, &p->units[i], t)
					  : rundir_lane(mem, f->rundir, lane, round);
		/* which lane a unit ran on stands in its journal */
		lanes[i] = run->is_by_unit ? NO_INDEX : lane;
		dirs[n + i] = lost_dir(mem, dirs[i]);
		lanes[n + i] = lanes[i];
	}
	*ret_lanes = lanes;
	*ret_n = n;
	return dirs;
}

const char **rundir_lanedirs(struct arena *mem, const char *rundir, const struct run *run,
			     const struct plan *p, const struct tests *t, uint32_t **ret_lanes,
			     size_t *ret_n)
{
	const struct folders f = { rundir, rundir_rounds(rundir) };

	return list_folders(mem, &f, run, p, t, ret_lanes, ret_n);
}

void rundir_look_again(struct loaded_run *r, uint32_t nrounds)
{
	struct folders f = { r->dir, rundir_rounds(r->dir) };

	f.nrounds = f.nrounds < nrounds ? nrounds : f.nrounds;
	r->lanedirs =
		list_folders(&r->mem, &f, &r->run, &r->plan, &r->tests, &r->lanes, &r->nlanedirs);
}

int rundir_load(const char *dir, struct loaded_run *ret, struct err *reterr)
{
	struct loaded_run r = { 0 };

	r.dir = fs_absolute(&r.mem, fs_cwd(&r.mem), dir);
	const struct rundir_files f = rundir_files(&r.mem, r.dir);

	if (run_read(f.run, &r.run, reterr) < 0 || tests_read(f.tests, &r.tests, reterr) < 0 ||
	    plan_read(f.plan, &r.tests, &r.plan, reterr) < 0) {
		loaded_run_release(&r);
		return -1;
	}
	r.lanedirs =
		rundir_lanedirs(&r.mem, r.dir, &r.run, &r.plan, &r.tests, &r.lanes, &r.nlanedirs);
	*ret = r;
	return 0;
}

void loaded_run_release(struct loaded_run *r)
{
	tests_release(&r->tests);
	plan_release(&r->plan);
	run_release(&r->run);
	arena_release(&r->mem);
	*r = (struct loaded_run){ 0 };
}
