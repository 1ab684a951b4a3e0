/* SPDX-License-Identifier: MIT */
#include "cli/finish.h"

#include <unistd.h>

#include "base/err.h"
#include "cli/fail.h"
#include "cli/rundir.h"
#include "cli/signals.h"
#include "format/files.h"
#include "stage/lane_junit.h"
#include "stage/lost.h"
#include "stage/merge.h"
#include "sys/fs.h"
#include "sys/outfile.h"
#include "sys/proc.h"

struct run_view run_view_of(const struct loaded_run *r)
{
	return (struct run_view){
		.dir = r->dir,
		.run = &r->run,
		.tests = &r->tests,
		.plan = &r->plan,
		.lanedirs = r->lanedirs,
		.lanes = r->lanes,
		.nlanedirs = r->nlanedirs,
	};
}

int finish_lane(const struct run_view *v, const char *dir, uint32_t lane, struct err *reterr)
{
	const struct lane_junit_options options = {
		.dir = dir,
		.lane = lane,
		.is_each = v->plan->dist == DIST_EACH,
	};

	return lane_junit_write(&options, v->run, v->tests, reterr);
}

int finish_lost(const struct run_view *v, enum stop_reason stopped, struct err *reterr)
{
	const struct lost_options options = {
		.lanedirs = v->lanedirs,
		.lanes = v->lanes,
		.nlanedirs = v->nlanedirs,
		.stopped = stopped,
	};
	size_t n = 0;

	return lost_run(&options, v->run, v->tests, v->plan, &n, reterr);
}

struct claims *finish_claims(const struct run_view *v, struct err *reterr)
{
	struct arena mem = { 0 };
	struct claims *c = claims_open(fs_join(&mem, v->dir, "claims"), v->plan->nunits,
				       run_identity(v->run), reterr);

	arena_release(&mem);
	return c;
}

int finish_await_lanes(const struct run_view *v, const struct claims *c, struct err *reterr)
{
	enum { LOOK_US = 20 * 1000, MORE_US = 10 * 1000 * 1000 };
	uint64_t until_us = proc_now_us() + 2 * v->run->grace_us + MORE_US;

	while (claims_has_members(c) && !signals_wanted(NULL)) {
		if (proc_now_us() > until_us)
			return err_set(reterr, ERR_USAGE, v->dir, 0,
				       "a worker of this run is still at work");
		usleep(LOOK_US);
	}
	return 0;
}

/* Of a run of gangway's own, told by its folder. */
static enum stop_reason reason_of_own(const struct run_view *v, const struct claims *c,
				      bool *is_working)
{
	if (claims_has_ended(c))
		return claims_stopped(c);
	*is_working = fs_is_held(v->dir);
	if (!*is_working)
		finish_await_lanes(v, c, NULL); /* those that do not end in time: so be it */
	return STOP_INTERRUPT;
}

enum stop_reason finish_stop_reason(const struct run_view *v, bool *is_working)
{
	enum stop_reason reason = STOP_NO;
	struct arena mem = { 0 };
	bool works = false;

	if (fs_exists(fs_join(&mem, v->dir, "claims"))) {
		struct claims *c = finish_claims(v, NULL);

		if (c && is_working && claims_round(c) > 0)
			reason = reason_of_own(v, c, &works);
		else if (c)
			reason = claims_stopped(c);
		claims_close(c);
	}
	arena_release(&mem);
	if (is_working)
		*is_working = works;
	return reason;
}

static void on_warning(void *ctx, const char *path, uint64_t offset_bytes, const char *text)
{
	(void)ctx;
	cli_warn("%s: byte %llu: %s", path, (unsigned long long)offset_bytes, text);
}

int finish_merge(const struct run_view *v, const char *copy, struct err *reterr)
{
	struct arena mem = { 0 };
	const char **files = arena_alloc(&mem, 2 * v->nlanedirs + 1, sizeof *files);
	const struct rundir_files f = rundir_files(&mem, v->dir);
	const struct merge_options options = {
		.name = "gangway",
		.family = v->run->is_junit_files ? JUNIT_FILES : JUNIT_STRICT,
		.on_warning = on_warning,
	};
	struct junit_totals totals = { 0 };
	size_t n = 0;
	int status = 0;

	for (size_t i = 0; i < 2 * v->nlanedirs && status == 0; i++) {
		const char *file = fs_join(&mem, v->lanedirs[i], "junit.xml");

		if (!fs_is_dir(v->lanedirs[i]))
			continue; /* the lane never began */
		if (!fs_exists(file))
			status = finish_lane(v, v->lanedirs[i], v->lanes[i], reterr);
		files[n++] = file;
	}
	if (status == 0)
		status = merge_junit(&options, files, n, f.junit, &totals, reterr);
	if (status == 0 && copy)
		status = outfile_copy(f.junit, copy, reterr);
	arena_release(&mem);
	return status;
}
