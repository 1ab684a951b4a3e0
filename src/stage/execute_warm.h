/* SPDX-License-Identifier: MIT
 *
 * Programs that a lane keeps warm: started once, waiting at their tests, forking for each batch.
 */
#ifndef GW_STAGE_EXECUTE_WARM_H
#define GW_STAGE_EXECUTE_WARM_H

struct adapter;
struct command;
struct err;
struct lane;
struct proc_spec;
struct target;
struct test;

enum { WARM_MAX = 4 /* at once; the one that was not used for longest goes */ };

struct warm_program {
	const struct target *target; /* NULL: free */
	struct forkserver *server;   /* NULL: none */
	bool is_cold;                /* it had none, or one that was of no use: no more of it */
	uint64_t start_us;           /* least that a start took; TIME_UNKNOWN */
	uint64_t used;               /* counts up */
};

/* Zeroed is empty. */
struct warm {
	struct warm_program *programs; /* of every target that was looked at */
	size_t nprograms, cap_programs;
	size_t nservers;
	uint64_t clock;
};

/* What a start of this process needs; must live while it is started. */
struct warm_start {
	struct warm_program *program;
	struct command *command;
	const char *test_id; /* NULL: several tests */
	const char **vars;
};

/* Let the process be forked by its program's server, if there is to be one; else it is left as it
 * is.  `test` is one of those that it runs. */
void warm_prepare(struct lane *lane, const struct target *target, const struct test *test,
		  struct warm_start *s, struct proc_spec *spec);
/* A process of the target came to its first test so long after its start. */
void warm_note(struct lane *lane, const struct target *target, uint64_t start_us);
/* Is it warm now? */
bool warm_is(struct lane *lane, const struct target *target);
/* All of them end. */
void warm_close(struct warm *w);

#endif
