/* SPDX-License-Identifier: MIT
 *
 * The environment of one test process.
 */
#ifndef GW_STAGE_EXECUTE_ENV_H
#define GW_STAGE_EXECUTE_ENV_H

#include "base/arena.h"

struct command;
struct err;
struct target;

/* The variables every test of a lane gets, NAME=VALUE. */
struct lane_env {
	const char **vars; /* the inherited environment and the lane's own, NULL at the end */
	size_t nvars;
};

/* Our own environment without what belongs to the job engine (MAKEFLAGS and the like), plus the
 * lane's names: GANGWAY_WORKER, PYTEST_XDIST_WORKER, TMPDIR, … */
struct run;
struct lane_env lane_env_make(struct arena *mem, const struct run *run, unsigned lane,
			      const char *tmpdir);
/* More of them, NAME=VALUE, NULL at the end. */
void lane_env_add(struct lane_env *env, struct arena *mem, const char *const *vars);

/* Of one process alone. */
struct process_env {
	const char *test_id;          /* GANGWAY_TEST_ID; NULL: several tests share the process */
	const char *const *vars;      /* more NAME=VALUE, NULL at the end */
	const char *const *resources; /* CTEST_RESOURCE_GROUP_*, NULL at the end; NULL: none */
};

/*
 * The lane's variables, then the target's env, its env_mods, the command's env and those of the
 * process.  The list ends in NULL and lives in mem.  An env_mod that CTest would not know is
 * ERR_SYNTAX.
 */
int execute_env(struct arena *mem, const struct lane_env *lane, const struct target *target,
		const struct command *command, const struct process_env *process, const char ***ret,
		struct err *reterr);

/* What a command says of the process that is to run it. */
struct proc_spec;
void execute_spec(const struct run *run, struct command *command, const char *const *env,
		  struct proc_spec *ret);

#endif
