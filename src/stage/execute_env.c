/* SPDX-License-Identifier: MIT */
#include "stage/execute_env.h"

#include <unistd.h>

#include "adapter/adapter.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/parse.h"
#include "model/run.h"
#include "model/test.h"
#include "sys/proc.h"

/* A growing list of NAME=VALUE in which each name stands once. */
struct vars {
	struct arena *mem;
	const char **list;
	size_t n, cap;
};

static size_t name_len(const char *var)
{
	return strcspn(var, "=");
}

static size_t vars_find(const struct vars *v, const char *name, size_t len)
{
	size_t i = 0;

	while (i < v->n && !(strncmp(v->list[i], name, len) == 0 && v->list[i][len] == '='))
		i++;
	return i;
}

static void vars_put(struct vars *v, const char *var)
{
	size_t i = vars_find(v, var, name_len(var));

	if (i < v->n) {
		v->list[i] = var;
		return;
	}
	GROW(v->list, v->n, v->cap);
	v->list[v->n++] = var;
}

static void vars_remove(struct vars *v, const char *name, size_t len)
{
	size_t i = vars_find(v, name, len);

	if (i < v->n)
		v->list[i] = v->list[--v->n];
}

static void vars_putf(struct vars *v, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void vars_putf(struct vars *v, const char *fmt, ...)
{
	struct buf b = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_addvf(&b, fmt, ap);
	va_end(ap);
	vars_put(v, arena_memdup(v->mem, b.s, b.len));
	buf_release(&b);
}

/* The list as it is, its terminator added, moved into the arena. */
static const char **vars_detach(struct vars *v)
{
	const char **list = arena_alloc(v->mem, v->n + 1, sizeof *list);

	if (v->n > 0)
		memcpy(list, v->list, v->n * sizeof *list);
	free(v->list);
	v->list = NULL;
	return list;
}

struct lane_env lane_env_make(struct arena *mem, const struct run *run, unsigned lane,
			      const char *tmpdir)
{
	/* a test that calls make or ninja is not a part of our own job graph */
	static const char *const engine[] = { "MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES" };
	struct vars v = { .mem = mem };

	for (char **e = environ; *e; e++)
		vars_put(&v, *e);
	for (size_t i = 0; i < ARRAY_SIZE(engine); i++)
		vars_remove(&v, engine[i], strlen(engine[i]));
	vars_putf(&v, "GANGWAY_WORKER=gw%u", lane);
	vars_putf(&v, "GANGWAY_WORKER_COUNT=%u", run->nlanes);
	vars_putf(&v, "GANGWAY_RUN_ID=%s", run->id);
	vars_putf(&v, "PYTEST_XDIST_WORKER=gw%u", lane);
	vars_putf(&v, "PYTEST_XDIST_WORKER_COUNT=%u", run->nlanes);
	vars_putf(&v, "PYTEST_XDIST_TESTRUNUID=%s", run->id);
	vars_putf(&v, "TMPDIR=%s", tmpdir);
	vars_putf(&v, "TEST_TMPDIR=%s", tmpdir);
	size_t n = v.n;

	return (struct lane_env){ .vars = vars_detach(&v), .nvars = n };
}

void lane_env_add(struct lane_env *env, struct arena *mem, const char *const *vars)
{
	struct vars v = { .mem = mem, .n = env->nvars, .cap = env->nvars + 16 };

	v.list = xrealloc(NULL, v.cap, sizeof *v.list);
	memcpy(v.list, env->vars, env->nvars * sizeof *v.list);
	for (; *vars; vars++)
		vars_put(&v, *vars);
	env->nvars = v.n;
	env->vars = vars_detach(&v);
}

/* What CTest's ENVIRONMENT_MODIFICATION can do to a variable. */
static const struct {
	const char *op;
	const char *separator;
	bool is_prepended;
} joins[] = {
	{ "string_append", "", false },      { "string_prepend", "", true },
	{ "path_list_append", ":", false },  { "path_list_prepend", ":", true },
	{ "cmake_list_append", ";", false }, { "cmake_list_prepend", ";", true },
};

/* The value of a variable.  One that was unset is joined to what it was before, as CTest does. */
static const char *value_of(const struct vars *v, const struct vars *before, const char *name)
{
	size_t len = strlen(name);
	size_t i = vars_find(v, name, len);

	if (i < v->n)
		return v->list[i] + len + 1;
	i = vars_find(before, name, len);
	return i < before->n ? before->list[i] + len + 1 : "";
}

static bool join(struct vars *v, const struct vars *before, const char *name, const char *op,
		 const char *value)
{
	size_t op_len = strcspn(op, ":");

	for (size_t k = 0; k < ARRAY_SIZE(joins); k++) {
		if (strlen(joins[k].op) != op_len || strncmp(joins[k].op, op, op_len) != 0)
			continue;
		const char *old = value_of(v, before, name);
		const char *between = *old ? joins[k].separator : "";

		vars_putf(v, "%s=%s%s%s", name, joins[k].is_prepended ? value : old, between,
			  joins[k].is_prepended ? old : value);
		return true;
	}
	return false;
}

/* "NAME=op:value"; `before` is what was there when no modification had been made. */
static int modify(struct vars *v, const struct vars *before, const char *mod, struct err *reterr)
{
	size_t len = name_len(mod);
	const char *op = mod[len] ? mod + len + 1 : "";
	size_t op_len = strcspn(op, ":");
	const char *value = op[op_len] ? op + op_len + 1 : "";
	char *name = arena_memdup(v->mem, mod, len);
	size_t i = vars_find(before, name, len);

	if (strncmp(op, "set:", 4) == 0) {
		vars_putf(v, "%s=%s", name, value);
	} else if (strncmp(op, "unset:", 6) == 0) {
		vars_remove(v, name, len);
	} else if (strncmp(op, "reset:", 6) == 0) {
		vars_remove(v, name, len);
		if (i < before->n)
			vars_put(v, before->list[i]);
	} else if (!join(v, before, name, op, value)) {
		return err_set(reterr, ERR_SYNTAX, NULL, 0, "unknown ENVIRONMENT_MODIFICATION '%s'",
			       mod);
	}
	return 0;
}

static int modify_all(struct vars *v, const struct target *target, struct err *reterr)
{
	struct vars before = { .mem = v->mem, .n = v->n };
	int status = 0;

	if (target->nenv_mods == 0)
		return 0;
	before.list = xrealloc(NULL, v->n + 1, sizeof *before.list);
	memcpy(before.list, v->list, v->n * sizeof *before.list);
	for (size_t i = 0; status == 0 && i < target->nenv_mods; i++)
		status = modify(v, &before, target->env_mods[i], reterr);
	free(before.list);
	return status;
}

int execute_env(struct arena *mem, const struct lane_env *lane, const struct target *target,
		const struct command *command, const struct process_env *process, const char ***ret,
		struct err *reterr)
{
	struct vars v = { .mem = mem, .n = lane->nvars, .cap = lane->nvars + 16 };

	v.list = xrealloc(NULL, v.cap, sizeof *v.list);
	memcpy(v.list, lane->vars, lane->nvars * sizeof *v.list);
	for (size_t i = 0; i < target->nenv; i++)
		vars_put(&v, target->env[i]);
	if (modify_all(&v, target, reterr) < 0) {
		free(v.list);
		return -1;
	}
	/* as for ctest, none of what we were given ourselves, nor of what the test's own says */
	vars_remove(&v, "CTEST_RESOURCE_GROUP_COUNT", strlen("CTEST_RESOURCE_GROUP_COUNT"));
	for (const char *const *var = process->resources; var && *var; var++)
		vars_put(&v, *var);
	for (size_t i = 0; i < command->nenv; i++)
		vars_put(&v, command->env[i]);
	if (process->test_id)
		vars_putf(&v, "GANGWAY_TEST_ID=%s", process->test_id);
	for (const char *const *var = process->vars; *var; var++)
		vars_put(&v, *var);
	*ret = vars_detach(&v);
	return 0;
}

/* The run's wrapper in front of the command. */
static const char **wrapped(const struct run *run, struct command *command)
{
	const char **words = NULL, **argv = NULL;
	size_t n = 0, nown = 0;

	if (!run->wrapper || !parse_words(run->wrapper, &command->mem, &words, &n) || n == 0)
		return command->argv;
	while (command->argv[nown])
		nown++;
	argv = arena_alloc(&command->mem, n + nown + 1, sizeof *argv);
	memcpy(argv, words, n * sizeof *argv);
	memcpy(argv + n, command->argv, nown * sizeof *argv);
	return argv;
}

void execute_spec(const struct run *run, struct command *command, const char *const *env,
		  struct proc_spec *ret)
{
	ret->argv = wrapped(run, command);
	ret->envp = env;
	ret->report_fd = command->report_fd;
	ret->is_merged = command->is_merged;
}
