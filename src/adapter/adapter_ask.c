/* SPDX-License-Identifier: MIT */
#include "adapter/adapter_ask.h"

#include <unistd.h>

#include "adapter/adapter_args.h"
#include "adapter/adapter_cases.h"
#include "adapter/adapter_listing.h"
#include "base/err.h"
#include "base/map.h"
#include "sys/proc.h"

enum { ANSWER_MAX_BYTES = 64 << 20, NOISE_MAX_BYTES = 65536 };

const char *ask_getenv(const struct target *t, const char *const *base, const char *name)
{
	size_t len = strlen(name);
	const char *const *list = base ? base : (const char *const *)environ;

	for (size_t i = 0; i < t->nenv; i++) {
		if (strncmp(t->env[i], name, len) == 0 && t->env[i][len] == '=')
			return t->env[i] + len + 1;
	}
	for (size_t i = 0; list[i]; i++) {
		if (strncmp(list[i], name, len) == 0 && list[i][len] == '=')
			return list[i] + len + 1;
	}
	return NULL;
}

/* --- asking ---------------------------------------------------------------------------------- */

static size_t count(const char *const *list)
{
	size_t n = 0;

	while (list && list[n])
		n++;
	return n;
}

static bool is_set_in(const char *var, const char *const *list, size_t n)
{
	size_t len = strcspn(var, "=") + 1;
	bool is_in = false;

	for (size_t i = 0; i < n && !is_in; i++)
		is_in = strncmp(var, list[i], len) == 0;
	return is_in;
}

void ask_begin(const struct target *t, const struct list_context *ctx, const struct question *q,
	       struct command *ret)
{
	size_t nbase = count(ctx->environ), nown = count(q->env), nargs = count(q->args);

	args_begin_list(ret, q->own, t, nargs);
	for (size_t i = 0; i < nargs; i++)
		ret->argv[ret->nargv++] = q->args[i];
	args_finish(ret, q->own, t);
	ret->env = arena_alloc(&ret->mem, nbase + t->nenv + nown + 1, sizeof *ret->env);
	for (size_t i = 0; i < nbase; i++) {
		const char *var = ctx->environ[i];

		if (!is_set_in(var, t->env, t->nenv) && !is_set_in(var, q->env, nown) &&
		    !(q->is_left_out && q->is_left_out(var)))
			ret->env[ret->nenv++] = var;
	}
	for (size_t i = 0; i < t->nenv; i++) {
		if (!is_set_in(t->env[i], q->env, nown))
			ret->env[ret->nenv++] = t->env[i];
	}
	for (size_t i = 0; i < nown; i++)
		ret->env[ret->nenv++] = q->env[i];
}

struct asking {
	struct buf *answer, noise;
	int answer_stream;
	bool may_be_empty;
	uint64_t deadline_us;
};

static void on_bytes(void *ctx, int stream, const char *s, size_t len, uint64_t now_us)
{
	struct asking *a = ctx;
	struct buf *b = stream == a->answer_stream ? a->answer : &a->noise;
	size_t limit = stream == a->answer_stream ? ANSWER_MAX_BYTES : NOISE_MAX_BYTES;

	(void)now_us;
	buf_add(b, s, len < limit - b->len ? len : limit - b->len);
}

static uint64_t deadline(void *ctx)
{
	const struct asking *a = ctx;

	return a->deadline_us;
}

static int stop(void *ctx)
{
	(void)ctx;
	return proc_stop_asked();
}

static int judge(const struct asking *a, const struct target *t, const struct list_context *ctx,
		 struct proc_end *end, struct err *reterr)
{
	const struct listing_answer said = { BUF_INIT, a->noise, end };
	bool is_good = !end->is_timeout && end->exit_code == 0 && end->term_signal == 0;

	if (end->is_stopped)
		return err_set(reterr, ERR_INTERRUPTED, NULL, 0, "interrupted");
	if (a->answer->len == ANSWER_MAX_BYTES)
		return err_set(reterr, ERR_LIMIT, NULL, 0, "the list of tests of '%s' is too long",
			       t->argv[0]);
	if (is_good && (a->answer->len > 0 || a->may_be_empty))
		return 0;
	return listing_missing(t, ctx, &said, reterr);
}

int ask(const struct target *t, const struct list_context *ctx, const struct question *q,
	struct buf *ret, struct err *reterr)
{
	struct command how = { 0 };
	struct asking a = { .answer = ret,
			    .noise = BUF_INIT,
			    .answer_stream = q->has_report ? 2 : 0,
			    .may_be_empty = q->may_be_empty,
			    .deadline_us = ctx->timeout_us == TIME_UNKNOWN
						   ? TIME_UNKNOWN
						   : proc_now_us() + ctx->timeout_us };

	ask_begin(t, ctx, q, &how);
	const struct proc_spec spec = { .argv = how.argv,
					.envp = how.env,
					.workdir = t->workdir,
					.report_fd = q->has_report ? ASK_REPORT_FD : 0,
					.grace_us = 100000 };
	const struct proc_hooks hooks = {
		.ctx = &a, .bytes = on_bytes, .deadline = deadline, .stop = stop
	};
	struct proc_end end = { 0 };
	int status = proc_run(&spec, &hooks, &end, reterr);

	if (status == 0)
		status = judge(&a, t, ctx, &end, reterr);
	buf_release(&a.noise);
	command_release(&how);
	return status;
}

int ask_list(const struct target *t, uint32_t target_index, const struct list_context *ctx,
	     const struct question *q, ask_read read, struct tests *ret, struct err *reterr)
{
	struct buf answer = BUF_INIT;
	int status = ask(t, ctx, q, &answer, reterr);

	if (status == 0)
		status = read(answer.s, answer.len, t, target_index, ret, reterr);
	buf_release(&answer);
	return status;
}

/* --- the answer ------------------------------------------------------------------------------ */

void ask_add_test(struct tests *ret, const struct target *t, struct test *test, struct map *seen)
{
	struct buf name = BUF_INIT;
	const char *id = test_make_id(&ret->mem, t->name, test->suite, test->name);
	size_t n = 1;

	/* the list may have "a", "a" and "a#2" */
	while (!map_put(seen, id, strlen(id), 0)) {
		buf_clear(&name);
		buf_addf(&name, "%s#%zu", test->name, ++n);
		id = test_make_id(&ret->mem, t->name, test->suite, name.s);
	}
	if (n > 1)
		test->name = arena_memdup(&ret->mem, name.s, name.len);
	test->id = id;
	tests_add(ret, test);
	buf_release(&name);
}

struct list_reading {
	const struct target *target;
	uint32_t target_index;
	struct tests *tests;
	struct map seen;
	bool (*take)(const struct line *line, struct arena *mem, struct test *test);
};

static void read_line(void *ctx, const struct line *line)
{
	struct list_reading *r = ctx;
	struct test t = test_blank(r->target_index);

	if (r->take(line, &r->tests->mem, &t))
		ask_add_test(r->tests, r->target, &t, &r->seen);
}

void ask_read_lines(const char *s, size_t len, const struct target *t, uint32_t target_index,
		    struct tests *ret,
		    bool (*take)(const struct line *line, struct arena *mem, struct test *test))
{
	struct list_reading r = {
		.target = t, .target_index = target_index, .tests = ret, .take = take
	};

	lines_read(s, len, read_line, &r);
	map_release(&r.seen);
}

/* --- commands -------------------------------------------------------------------------------- */

void command_begin(struct command *c, const struct target *t, size_t n)
{
	c->argv = arena_alloc(&c->mem, t->nargv + n + 1, sizeof *c->argv);
	c->env = arena_alloc(&c->mem, COMMAND_MAX_ENV, sizeof *c->env);
	for (size_t i = 0; i < t->nargv; i++)
		c->argv[c->nargv++] = t->argv[i];
}

void command_arg(struct command *c, const char *fmt, ...)
{
	struct buf b = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_addvf(&b, fmt, ap);
	va_end(ap);
	c->argv[c->nargv++] = arena_memdup(&c->mem, b.s, b.len);
	buf_release(&b);
}

void command_env(struct command *c, const char *name, const char *value)
{
	struct buf b = BUF_INIT;

	buf_addf(&b, "%s=%s", name, value);
	c->env[c->nenv++] = arena_memdup(&c->mem, b.s, b.len);
	buf_release(&b);
}
