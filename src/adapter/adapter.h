/* SPDX-License-Identifier: MIT
 *
 * One row per test framework: how it is recognised, listed, started, and read.  The stages know
 * only this table.  An adapter runs nothing itself but its own listing.
 *
 * To add a framework: write adapter/NAME.c with one const struct adapter, add it to the table in
 * adapter.c (most specific first), tests/unit/t_NAME.c, tests/scenario/NAME.sh, a fuzz target if
 * it reads bytes, and a row in docs/frameworks.md.
 */
#ifndef GW_ADAPTER_ADAPTER_H
#define GW_ADAPTER_ADAPTER_H

#include "base/buf.h"
#include "model/result.h"
#include "model/test.h"

struct err;
struct elf_file;
struct own_args;
struct proc_end;
struct proc_stay;

/* A file that may hold tests, before anything of it was run. */
struct candidate {
	const char *path;           /* absolute */
	const struct elf_file *elf; /* NULL: not an ELF file (a script) */
};

/* What collect tells the listing. */
struct list_context {
	uint64_t timeout_us;        /* for the listing program, TIME_UNKNOWN: none */
	const char *scratch;        /* an empty folder the adapter may write to */
	const char *const *environ; /* the base environment, NAME=VALUE, NULL at the end */
	bool is_unpreloaded;        /* nothing of ours is to be preloaded into a program */
	const char *cache; /* folder of remembered listings, see adapter_list(); NULL: none */
	bool is_by_content; /* remembered by the bytes of programs and libraries, not by their times */
	/* Has the project said how the program or entry of this name speaks?  Then it is one test,
	 * whatever its file looks like.  NULL: it has said nothing. */
	bool (*is_whole)(void *ctx, const char *name);
	void *is_whole_ctx;
	/* Who takes over a program that has listed and is to live as long as its tests run.  NULL: none
	 * may. */
	struct proc_stay *stay;
};

/* How to start one process that runs a batch.  Zeroed is valid; command_release() frees it. */
struct command {
	struct arena mem;
	const char **argv; /* NULL at the end */
	size_t nargv;
	const char **env; /* NAME=VALUE, added after the target's own */
	size_t nenv;
	int report_fd;           /* >= 0: the child inherits this pipe end at this same number; see
				    wants_report */
	const char *report_path; /* file the framework writes its own report to, in scratch; NULL:
				    none */
	int feed_fd;             /* > 2: the child reads at this number what its reader sends to
				    batch.feed */
	bool is_merged; /* stderr goes into stdout's pipe, so that both belong to the right test */
	bool is_timeless; /* the framework has its own time limits per test: ours is only a longstop
			   */
};

void command_release(struct command *c);

/*
 * What a reader says while the bytes come in.  `i` counts within the batch.  Times are stamped by
 * the caller.  After end(i) nothing more is said of i.
 */
struct case_sink {
	void *ctx;
	/* Test i runs now.  SIZE_MAX: the one that ran waits, and will begin once more. */
	void (*begin)(void *ctx, size_t i);
	/* Bytes that test i (or, with SIZE_MAX, nobody known) printed.  stream: 0 stdout, 1 stderr.
	 */
	void (*output)(void *ctx, size_t i, int stream, const char *s, size_t len);
	/* Its verdict: outcome, message, detail, file, line, time_us, subs, is_leaky are taken from
	 * *r, and copied. */
	void (*end)(void *ctx, size_t i, const struct result *r);
	/* From now on it has so long, whatever its limit was; may be NULL. */
	void (*limit)(void *ctx, size_t i, uint64_t limit_us);
	/* The process could run more: true if the batch has grown.  NULL: it never does. */
	bool (*more)(void *ctx);
};

/* How the names of entries are made. */
struct entry_style {
	bool has_plain_types; /* the number of a type parameter, not the type */
	bool has_plain_values;
};

/* What somebody else, such as ctest, starts to run just one test without us. */
struct entry {
	const char *name;
	const char *plain_name; /* where another entry is called the same */
	const char **args;      /* behind the program */
	size_t nargs;
	const char **env; /* NAME=VALUE */
	size_t nenv;
	const char *skip_regex; /* CMake's dialect: what a skipped test prints; NULL */
	bool is_disabled;
};

/* One argument more; the strings are the arena's. */
void entry_arg(struct entry *e, struct arena *mem, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* One batch to read: the tests in the order they were asked for. */
struct batch {
	const struct target *target;
	const struct test *const *tests;
	size_t ntests;
	const struct tests *all; /* every test of the run, for those that can say "all of these"
				    shorter than by name; NULL: not known */
	const char *scratch;     /* folder of this process: report files live here */
	bool is_trial;           /* without what keeps tests apart, see may_try */
	bool wants_report; /* ask the framework for its own report file too, whatever it costs */
	int feed;          /* our end of the socket that the process has as feed_fd; -1: none */
};

struct reader;

struct adapter {
	const char *name;
	/* Files that are called so and that probe() takes need no permission to be executed, for
	 * another program reads them; NULL: none. */
	const char *pattern;
	/* Does the file belong to this framework?  Reads only; never runs it. */
	bool (*probe)(const struct candidate *c);
	/*
	 * Append target `t`'s tests to *ret (fields of struct test all in ret->mem).  On failure
	 * *ret has no new tests and *reterr says what the program did.
	 */
	int (*list)(const struct target *t, uint32_t target_index, const struct list_context *ctx,
		    struct tests *ret, struct err *reterr);
	bool runs_to_list; /* list() starts the program */
	/* A program that is started with other arguments of its own than these stays whole.  NULL: any will do. */
	const struct own_args *own_args;
	/* Its command has make start the test: a wrapper in front would wrap make. */
	bool is_by_make;
	bool is_selecting; /* list() says itself what -k and -m leave out (left_out) */
	bool takes_cov;    /* it counts coverage itself: its arguments begin with --cov=PATH and
			      --cov-branch, where they were given */
	/* How many tests one process may be given (1: a process each). */
	size_t max_batch;
	/* May a process run these two tests of one target together?  NULL: any two. */
	bool (*may_join)(const struct test *a, const struct test *b);
	/*
	 * Tests that the framework cannot run apart have the same entry.  `all` are the tests of
	 * its program.  NULL: only a whole program can be started from outside.
	 */
	int (*entry)(const struct test *t, const struct tests *all, const struct entry_style *style,
		     struct arena *mem, struct entry *ret, struct err *reterr);
	/* Would a process that is to run one of them (or a itself) run both, for the framework
	 * selects no finer?  NULL: never. */
	bool (*must_join)(const struct test *a, const struct test *b);
	/* May it be run in one process with others, without what the framework does to keep tests
	 * apart, to see if it passes?  NULL: none may. */
	bool (*may_try)(const struct test *t);
	/* What starts a program of such a test so that it comes to its tests, and there forks for each
	 * command() whose variables it is sent through socket `fd`: argv and env.  NULL, or false:
	 * it cannot. */
	bool (*serve)(const struct target *t, const struct test *test, int fd, struct command *ret);
	/* The process that runs just these tests. */
	int (*command)(const struct batch *b, struct command *ret, struct err *reterr);
	/* A reader of that process's output.  `sink` and `b` outlive it. */
	struct reader *(*reader_new)(const struct batch *b, const struct case_sink *sink);
	/* stream: 0 stdout, 1 stderr, 2 the report pipe. */
	void (*read)(struct reader *r, int stream, const char *s, size_t len);
	/*
	 * The process is gone and all its output read: say the end of every test that is known.
	 * What is left without an end, execute judges: the one in flight by the way the process
	 * died, the others run again.  Frees the reader.
	 * Returns false if the framework's output cannot be trusted to name the tests that ran (it
	 * was silenced): execute then runs what is left with wants_report.
	 */
	bool (*finish)(struct reader *r, const struct proc_end *end);
};

/*
 * As the row's list().  Where that runs a program (runs_to_list) and ctx has a cache, a listing is
 * remembered with what it was made from: the program and the libraries it finds through its run
 * path, each by device, inode, size and times; the system's library cache; arguments, folder and
 * environment.  Only when all of that is the same is it taken without running the program.
 * With is_by_content their bytes are compared in place of inode and times, so that a program that
 * was linked again and is the same is not asked again.
 * A cache that cannot be read or written is no error.
 */
int adapter_list(const struct adapter *a, const struct target *t, uint32_t target_index,
		 const struct list_context *ctx, struct tests *ret, struct err *reterr);

/*
 * Would running the program argv[0] with these arguments and variables be something else
 * than one run of each test that it lists with them?  Then it must stay whole.
 */
bool adapter_is_special_call(const struct adapter *a, const char *const *argv, size_t nargv,
			     const char *const *env, size_t nenv);

/* list() and command() of a row whose test is the whole program, called and started as the target
 * is. */
int adapter_whole_list(const struct target *t, uint32_t target_index,
		       const struct list_context *ctx, struct tests *ret, struct err *reterr);
int adapter_whole_command(const struct batch *b, struct command *ret, struct err *reterr);

/* NULL if no row has this name. */
const struct adapter *adapter_by_name(const char *name);
/* The row whose probe says yes, or NULL. */
const struct adapter *adapter_probe(const struct candidate *c);
/* The row with a pattern that takes this file, or NULL. */
const struct adapter *adapter_of_script(const char *path);
/* The row of the framework whose tests this program holds, by its ELF file; NULL where the program is
 * one test, as far as its file says. */
const struct adapter *adapter_of_program(const char *path);

extern const struct adapter adapter_bats;
extern const struct adapter adapter_installed;
extern const struct adapter adapter_gtest;
extern const struct adapter adapter_check;
extern const struct adapter adapter_catch2;
extern const struct adapter adapter_doctest;
extern const struct adapter adapter_boost;
extern const struct adapter adapter_cmocka;
extern const struct adapter adapter_glib;
extern const struct adapter adapter_criterion;
extern const struct adapter adapter_cunit;
extern const struct adapter adapter_unity;
extern const struct adapter adapter_rust;
extern const struct adapter adapter_go;
extern const struct adapter adapter_qt;
extern const struct adapter adapter_tap;
extern const struct adapter adapter_meson;
extern const struct adapter adapter_meson_tap;
extern const struct adapter adapter_meson_rust;
extern const struct adapter adapter_automake;
extern const struct adapter adapter_exitcode;
extern const struct adapter adapter_pytest;

#endif
