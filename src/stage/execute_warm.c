/* SPDX-License-Identifier: MIT */
#include "stage/execute_warm.h"

#include "adapter/adapter.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "model/run.h"
#include "stage/execute_batch.h"
#include "sys/proc.h"
#include "sys/proc_forkserver.h"

/* A start of less is not worth a process that stays; one that takes longer than a minute to be ready
 * is left to the time limits of its tests. */
enum { DEAR_US = 20 * 1000, READY_US = 60 * 1000 * 1000 };

static struct warm_program *find(struct warm *w, const struct target *target)
{
	for (size_t i = 0; i < w->nprograms; i++) {
		if (w->programs[i].target == target)
			return &w->programs[i];
	}
	GROW(w->programs, w->nprograms, w->cap_programs);
	w->programs[w->nprograms] =
		(struct warm_program){ .target = target, .start_us = TIME_UNKNOWN };
	return &w->programs[w->nprograms++];
}

void warm_note(struct lane *lane, const struct target *target, uint64_t start_us)
{
	struct warm_program *p = find(&lane->warm, target);

	if (!p->server && start_us < p->start_us)
		p->start_us = start_us;
}

bool warm_is(struct lane *lane, const struct target *target)
{
	const struct warm_program *p = find(&lane->warm, target);

	return p->server && !p->is_cold;
}

static void end_server(struct warm *w, struct warm_program *p)
{
	forkserver_stop(p->server);
	p->server = NULL;
	w->nservers--;
}

/* The one that was not used for longest. */
static void make_room(struct warm *w)
{
	struct warm_program *oldest = NULL;

	for (size_t i = 0; i < w->nprograms; i++) {
		if (w->programs[i].server && (!oldest || w->programs[i].used < oldest->used))
			oldest = &w->programs[i];
	}
	if (oldest && w->nservers >= WARM_MAX)
		end_server(w, oldest);
}

static bool is_stopped(void *ctx)
{
	const struct lane *lane = ctx;
	const struct execute_options *o = lane->options;

	return lane_is_stopped(lane) || (o->stop && o->stop(o->stop_ctx) != 0);
}

static void start_server(struct lane *lane, struct warm_program *p, const struct command *command)
{
	const char *const none[] = { NULL };
	const struct process_env process = { .vars = none };
	struct arena mem = { 0 };
	struct forkserver_spec spec = { .argv = command->argv,
					.workdir = p->target->workdir,
					.timeout_us = READY_US,
					.stop = is_stopped,
					.stop_ctx = lane };
	const char **env = NULL;

	make_room(&lane->warm);
	if (execute_env(&mem, &lane->env, p->target, command, &process, &env, NULL) == 0) {
		spec.envp = env;
		p->server = forkserver_start(&spec);
	}
	if (p->server)
		lane->warm.nservers++;
	arena_release(&mem);
}

/* What the process would find in its environment beside what the server has. */
static const char **list_vars(struct warm_start *s, struct arena *mem)
{
	const struct command *c = s->command;
	const char **vars = arena_alloc(mem, c->nenv + 2, sizeof *vars);
	struct buf id = BUF_INIT;
	size_t n = 0;

	for (size_t i = 0; i < c->nenv; i++)
		vars[n++] = c->env[i];
	if (s->test_id) {
		buf_addf(&id, "GANGWAY_TEST_ID=%s", s->test_id);
		vars[n++] = arena_memdup(mem, id.s, id.len);
	}
	buf_release(&id);
	return vars;
}

/* A server that was killed by a test, or by whoever, has no successor. */
static pid_t start(void *ctx, const int fds[3])
{
	const struct warm_start *s = ctx;
	pid_t pid = forkserver_fork(s->program->server, fds, s->command->report_fd, s->vars);

	s->program->is_cold = pid == 0;
	return pid;
}

void warm_prepare(struct lane *lane, const struct target *target, const struct test *test,
		  struct warm_start *s, struct proc_spec *spec)
{
	const struct run *run = lane->run;
	const struct adapter *a = adapter_by_name(target->adapter);
	struct warm_program *p = find(&lane->warm, target);
	bool is_dear = run->forkserver == FORKSERVER_YES ||
		       (p->start_us != TIME_UNKNOWN && p->start_us >= DEAR_US);
	struct command command = { 0 };

	/* counters of what main() does before its tests would be every batch's; a wrapper is told how
	 * a process ends, which a server's children do not */
	if (run->forkserver == FORKSERVER_NO || run->wants_cov || (run->wrapper && *run->wrapper) ||
	    !a || !a->serve || s->command->report_fd <= 2 || s->command->is_merged)
		return;
	if (!p->server && is_dear && !p->is_cold) {
		if (a->serve(target, test, FORKSERVER_FD, &command))
			start_server(lane, p, &command);
		p->is_cold = !p->server;
	}
	command_release(&command);
	if (p->server && p->is_cold)
		end_server(&lane->warm, p);
	if (!p->server)
		return;
	p->used = ++lane->warm.clock;
	s->program = p;
	s->vars = list_vars(s, &s->command->mem);
	spec->start = start;
	spec->start_ctx = s;
}

void warm_close(struct warm *w)
{
	for (size_t i = 0; i < w->nprograms; i++)
		forkserver_stop(w->programs[i].server);
	free(w->programs);
	*w = (struct warm){ 0 };
}
