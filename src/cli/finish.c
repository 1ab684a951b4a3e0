/* SPDX-License-Identifier: MIT */
#include "cli/finish.h"

#include "base/err.h"
#include "cli/fail.h"
#include "cli/rundir.h"
#include "format/files.h"
#include "stage/lane_junit.h"
#include "stage/lost.h"
#include "stage/merge.h"
#include "sys/fs.h"
#include "sys/outfile.h"

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

int finish_lane(const struct run_view *v, size_t i, struct err *reterr)
{
	const struct lane_junit_options options = {
		.dir = v->lanedirs[i],
		.lane = v->lanes[i],
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

enum stop_reason finish_stop_reason(const struct run_view *v)
{
	enum stop_reason reason = STOP_NO;
	struct arena mem = { 0 };
	const char *path = fs_join(&mem, v->dir, "claims");

	if (fs_exists(path)) {
		struct claims *c = claims_open(path, v->plan->nunits, run_identity(v->run), NULL);

		if (c)
			reason = claims_stopped(c);
		claims_close(c);
	}
	arena_release(&mem);
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
			status = finish_lane(v, i, reterr);
		files[n++] = file;
	}
	if (status == 0)
		status = merge_junit(&options, files, n, f.junit, &totals, reterr);
	if (status == 0 && copy)
		status = outfile_copy(f.junit, copy, reterr);
	arena_release(&mem);
	return status;
}
