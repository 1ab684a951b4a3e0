/* SPDX-License-Identifier: MIT
 *
 * The way from the command line to a plan, which run, list, plan and graph go together for as far
 * as each needs.  A zeroed session is empty; session_release() frees it at any point.
 */
#ifndef GW_CLI_SESSION_H
#define GW_CLI_SESSION_H

#include "cli/options_run.h"
#include "model/config.h"
#include "model/history.h"
#include "model/plan.h"
#include "model/run.h"
#include "model/test.h"
#include "stage/select.h"
#include "sys/proc_stay.h"

struct command_row;

struct session {
	struct arena mem;
	uint64_t began_us;        /* proc_now_us() when gangway began */
	struct option_args words; /* behind the command's name; borrowed */
	struct options_run options;
	struct config config;
	struct tests tests;
	struct selection selection;
	struct plan plan;
	struct run run;
	const char *statedir;     /* ROOTDIR/.gangway */
	const char *cache;        /* STATEDIR/cache; NULL where it cannot be */
	const char *rundir;       /* where this run's files go */
	bool uses_engine;         /* false: -n 0, or so few that starting one would take longer */
	struct history history;   /* what is known of these tests from runs here (cli/remember.h) */
	struct history durations; /* what --durations-file says */
	struct proc_stay stay;    /* the process that listed a pytest tree */
	bool has_history;         /* it was read, or could not be */
	bool is_sharded;          /* other machines run tests as well */
};

/* How many lanes, then schedule. */
int session_schedule(struct session *s, struct err *reterr);

/*
 * Make the run's folder and write tests.tsv, selected.tsv, plan.tsv and run.tsv into it.
 * dir: where; NULL: .gangway/runs/ID, with .gangway/latest pointing to it and old runs removed.
 */
int session_save(struct session *s, const char *dir, struct err *reterr);

void session_release(struct session *s);

/* The tests are over: who listed them and stayed for them may end (sys/proc_stay.h), side by side with
 * what is left to do here. */
void session_tests_over(struct session *s, bool has_failed);

/* The tests of one program, by the words of an earlier command and for its paths: options are read,
 * tests collected, configured and selected.  Release the session also where this failed. */
int session_list(struct session *s, const struct command_row *row, const struct option_args *words,
		 const char *program, struct err *reterr);

/*
 * A command that is a session: its words and gangway.ini are read, --help and --version are
 * answered, tests are collected (what could not be becomes tests that fail), configured, selected
 * and, if wants_plan, scheduled; then comes what the command does, which returns the
 * exit code and may fail with -1 and *reterr.
 */
int session_exec(const struct command_row *row, const struct option_args *args, bool wants_plan,
		 int (*command)(struct session *s, struct err *reterr));

/* The absolute path of this program, for the graph's commands. */
const char *session_program(struct arena *mem);

#endif
