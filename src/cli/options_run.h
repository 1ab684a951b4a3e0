/* SPDX-License-Identifier: MIT
 *
 * The options that run, list, plan and graph share, from all three places: addopts in gangway.ini,
 * then GANGWAY_ADDOPTS, then the command line; what comes later wins.
 */
#ifndef GW_CLI_OPTIONS_RUN_H
#define GW_CLI_OPTIONS_RUN_H

#include "cli/option.h"
#include "cli/options_cov.h"
#include "format/junit.h"
#include "model/plan.h"
#include "model/run.h"
#include "stage/report.h"

struct config;

enum engine_wish { ENGINE_WISH_ANY, ENGINE_WISH_NINJA, ENGINE_WISH_MAKE };
enum color_wish { COLOR_AUTO, COLOR_YES, COLOR_NO };
enum flaky_result { FLAKY_PASS, FLAKY_FAIL };
enum capture_wish { CAPTURE_FD, CAPTURE_NO };

struct options_run {
	struct arena mem; /* every string below */

	const char *keyword;            /* -k; NULL */
	const char *markexpr;           /* -m; NULL */
	struct option_strings deselect; /* --deselect */
	const char *shard;              /* --shard: "I/N" or "auto"; NULL */
	const char *durations_file;     /* as given; NULL */
	const char *resource_spec_file; /* as given; NULL */
	bool is_collect_only;
	bool is_cache_cleared;
	bool is_last_failed, is_failed_first; /* --lf, --ff */
	bool has_no_history;
	bool is_isolated;
	bool is_optimistic;
	enum forkserver_use forkserver;

	unsigned numprocesses; /* LANES_AUTO, LANES_LOGICAL or a number; 0: no engine */
	unsigned maxprocesses; /* 0: no limit */
	enum dist dist;
	enum engine_wish engine;

	uint64_t timeout_us;         /* gangway.ini's where no option says it; TIME_UNKNOWN: none */
	uint64_t list_timeout_us;    /* TIME_UNKNOWN: none */
	uint64_t session_timeout_us; /* TIME_UNKNOWN: none */
	uint64_t slow_us;            /* TIME_UNKNOWN: never said */
	unsigned maxfail;            /* 0: never */
	unsigned max_worker_restart; /* UINT_MAX: what cli/rounds.c has */
	bool is_timeout_dump;
	bool is_resumed; /* --resume: the arguments are a run's folder */

	unsigned repeat; /* 0, 1: not */
	unsigned reruns;
	enum flaky_result flaky_result;
	uint64_t reruns_delay_us;
	struct option_strings only_rerun; /* --only-rerun */

	const char *junitxml; /* NULL: none */
	enum junit_family junit_family;
	int verbosity; /* -q: -1, -vv: 2 */
	enum capture_wish capture;
	enum report_tb tb;
	unsigned durations; /* UINT_MAX: none, 0: all */
	uint64_t durations_min_us;
	const char *show; /* -r letters */
	enum color_wish color;
	uint64_t output_limit_bytes;

	struct options_cov cov;

	const char *build_config; /* -C; NULL */
	const char *setup;        /* --setup; NULL */
	const char *wrapper;      /* --wrapper as given; NULL */
	const char *rootdir;      /* --rootdir as given; NULL */
	const char *config_file;  /* -c as given; NULL */
	bool wants_version, wants_help;
	bool is_last; /* of report alone: --last */

	const char *only, *only_group; /* of verdict alone */

	const char *part;         /* of graph alone: --part: "" or the target's name; NULL */
	const char *graph_output; /* of graph alone: -o FILE; "-" is stdout */
	unsigned graph_shape;     /* enum graph_shape of stage/graph.h */

	/* The arguments: what is there on the disk is a path, the rest are ids of tests. */
	struct option_strings paths;       /* as given; where none were: testpaths, or none */
	struct option_strings unbuilt;     /* under --part: what is on no disk yet */
	struct option_strings pytest_args; /* what stood behind "--", where that begins with '-' */
	struct option_strings ids;         /* relative to the rootdir, as tests' ids are */
};

extern const struct option_row options_run_rows[];
/* The same and those of `gangway graph`. */
extern const struct option_row options_graph_rows[];
/* Those that say how results are shown, and those of `gangway verdict` too. */
extern const struct option_row options_verdict_rows[];
extern const struct option_row options_report_rows[];

/*
 * `tree` is what a tree's own configuration asks for (tests.addopts); NULL: nothing is known of one.
 * Read everything that the rows (of a run or a graph) know: first the command line for -c,
 * --rootdir and the paths, from which gangway.ini is found (see cli/config_find.h), then the three
 * places in order. *config gets what gangway.ini says (empty where there is none), its rootdir
 * always set; free it with config_release(), *ret with options_run_release(), both also after an
 * error. Under --help and --version no gangway.ini is read.
 */
int options_run_read(const struct option_row *rows, const struct option_args *words,
		     const struct option_args *tree, struct options_run *ret, struct config *config,
		     struct err *reterr);

void options_run_release(struct options_run *o);

#endif
