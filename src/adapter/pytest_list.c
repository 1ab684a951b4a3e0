/* SPDX-License-Identifier: MIT
 *
 * pytest collects the tree once, in a process that runs nothing.  -k, -m and --deselect are its own, so
 * that they mean what they mean to it.
 */
#include "adapter/pytest.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "format/pytestguest.h"
#include "sys/fs.h"
#include "sys/proc.h"
#include "sys/proc_stay.h"

enum {
	MAX_LIST_BYTES = 1 << 30,
	OUTPUT_BYTES = 64 * 1024,
	EXIT_USAGE = 4,
	MESSAGE_BYTES = 1500,
};

struct listing {
	uint32_t index;
	struct tests *ret;
	size_t first;     /* of its tests */
	const char *root; /* pytest's */
	bool has_errors;
	bool goes_on;
	uint64_t deadline_us;
	struct buf list, output;
};

/* --- the process ---------------------------------------------------------------------------- */

static void on_bytes(void *ctx, int stream, const char *s, size_t len, uint64_t now_us)
{
	struct listing *l = ctx;
	struct buf *b = stream == 2 ? &l->list : &l->output;
	size_t limit = stream == 2 ? MAX_LIST_BYTES : OUTPUT_BYTES;

	(void)now_us;
	buf_add(b, s, len < limit - b->len ? len : limit - b->len);
}

static bool is_enough(void *ctx)
{
	static const char end[] = "\nend\n";
	const struct buf *list = &((struct listing *)ctx)->list;

	return list->len > strlen(end) && strcmp(list->s + list->len - strlen(end), end) == 0;
}

static uint64_t deadline(void *ctx)
{
	const struct listing *l = ctx;

	return l->deadline_us;
}

static int stop(void *ctx)
{
	(void)ctx;
	return proc_stop_asked();
}

/* --- the list ------------------------------------------------------------------------------- */

/* pytest's id as ours: its path relative to our rootdir. */
static const char *own_id(struct listing *l, const char *id)
{
	struct arena *mem = &l->ret->mem;
	const char *colons = strstr(id, "::");
	size_t len = colons ? (size_t)(colons - id) : strlen(id);
	struct buf b = BUF_INIT;

	if (!l->root || strcmp(l->root, l->ret->rootdir) == 0)
		return arena_strdup(mem, id);
	const char *path = fs_absolute(mem, l->root, arena_memdup(mem, id, len));

	buf_addf(&b, "%s%s", fs_relative(mem, l->ret->rootdir, path), id + len);
	const char *ret = arena_memdup(mem, b.s, b.len);

	buf_release(&b);
	return ret;
}

static void on_root(void *ctx, const char *dir)
{
	struct listing *l = ctx;

	l->root = arena_strdup(&l->ret->mem, dir);
}

static void add_env(struct listing *l, const char *name, const char *value)
{
	struct target *t = &l->ret->targets[l->index];
	const char **env = arena_alloc(&l->ret->mem, t->nenv + 1, sizeof *env);
	struct buf b = BUF_INIT;

	buf_addf(&b, "%s=%s", name, value);
	for (size_t i = 0; i < t->nenv; i++)
		env[i] = t->env[i];
	env[t->nenv++] = arena_memdup(&l->ret->mem, b.s, b.len);
	t->env = env;
	buf_release(&b);
}

static void on_basetemp(void *ctx, const char *dir)
{
	add_env(ctx, "GANGWAY_PYTEST_BASETEMP", dir);
}

static void on_controller(void *ctx, const char *name)
{
	add_env(ctx, "GANGWAY_PYTEST_CONTROLLER", name);
}

/* Where rewritten modules are kept, from run to run; "": nowhere. */
static const char *code_folder(struct listing *l, const struct list_context *ctx, struct arena *mem)
{
	const char *folder = ctx->cache ? fs_join(mem, ctx->cache, "pytest") : NULL;

	if (!folder || fs_mkdirs(folder, NULL) < 0)
		return "";
	add_env(l, "GANGWAY_PYTEST_CODE", folder);
	return folder;
}

static void on_addopt(void *ctx, const char *word)
{
	struct listing *l = ctx;

	tests_add_addopt(l->ret, word);
}

static struct test blank(struct listing *l, const char *id)
{
	struct test t = test_blank(l->index);

	t.id = own_id(l, id);
	t.selector = arena_strdup(&l->ret->mem, id);
	return t;
}

static void on_test(void *ctx, const struct pytestguest_test *said)
{
	struct listing *l = ctx;
	struct arena *mem = &l->ret->mem;
	struct test t = blank(l, said->id);
	const char *colons = strstr(t.id, "::");

	t.suite = arena_strdup(mem, said->suite);
	t.name = arena_strdup(mem, said->name);
	t.file = colons ? arena_memdup(mem, t.id, (size_t)(colons - t.id)) : t.id;
	t.line = said->line;
	test_set_marks(l->ret, &t, said->marks, said->nmarks);
	if (*said->group)
		t.group = arena_strdup(mem, said->group);
	if (said->is_deselected)
		t.left_out = "deselected by pytest";
	tests_add(l->ret, &t);
}

static void on_skip(void *ctx, const char *id, const char *reason)
{
	struct listing *l = ctx;
	struct test t = blank(l, id);

	t.name = t.id;
	t.skip_reason = *reason ? arena_strdup(&l->ret->mem, reason) : "skipped";
	tests_add(l->ret, &t);
}

static void on_error(void *ctx, const char *id, const char *text)
{
	struct listing *l = ctx;
	struct test t = blank(l, id);
	struct buf b = BUF_INIT;

	l->has_errors = true;
	t.name = t.id;
	buf_addf(&b, "error while it was collected\n%s", text);
	t.error = arena_memdup(&l->ret->mem, b.s, b.len);
	t.is_uncollected = true;
	buf_release(&b);
	tests_add(l->ret, &t);
}

static void on_goes_on(void *ctx)
{
	struct listing *l = ctx;

	l->goes_on = true;
}

/* As pytest: what could be collected does not run where something could not. */
static void hold_back(struct listing *l)
{
	for (size_t i = l->first; l->has_errors && !l->goes_on && i < l->ret->ntests; i++) {
		struct test *t = &l->ret->tests[i];

		if (!t->error && !t->left_out) {
			t->left_out = "not run: pytest could not collect all files";
			t->is_held = true;
		}
	}
	l->ret->is_interrupted = l->ret->is_interrupted || (l->has_errors && !l->goes_on);
}

/* The end of what it printed is where the reason stands. */
static int failed(struct listing *l, const struct proc_end *end, struct err *reterr)
{
	struct buf how = BUF_INIT;

	proc_end_describe(end, &how);
	while (l->output.len > 0 && l->output.s[l->output.len - 1] == '\n')
		buf_truncate(&l->output, l->output.len - 1);
	const char *text = l->output.s;

	if (l->output.len > MESSAGE_BYTES)
		text += l->output.len - MESSAGE_BYTES;
	if (end->is_timeout)
		err_set(reterr, ERR_LIMIT, NULL, 0,
			"pytest did not list its tests in time (--list-timeout)");
	else if (strstr(l->output.s, "No module named 'pytest'"))
		err_set(reterr, ERR_UNSUPPORTED, NULL, 0,
			"these are tests for pytest, and there is none: install it, or name the "
			"interpreter that has it in GANGWAY_PYTHON");
	else
		err_set(reterr, end->exit_code == EXIT_USAGE ? ERR_USAGE : ERR_SYSTEM, NULL, 0,
			"pytest could not list its tests: %s\n%s", how.s, text);
	buf_release(&how);
	return -1;
}

static int read_list(struct listing *l, const struct proc_end *end, struct err *reterr)
{
	const struct pytestguest_hooks hooks = {
		.ctx = l,
		.root = on_root,
		.basetemp = on_basetemp,
		.controller = on_controller,
		.addopt = on_addopt,
		.test = on_test,
		.skip = on_skip,
		.error = on_error,
		.goes_on = on_goes_on,
	};

	if (end->is_stopped)
		return err_set(reterr, ERR_INTERRUPTED, NULL, 0, "interrupted");
	if (!end->is_staying && !pytest_has_ended_well(end))
		return failed(l, end, reterr);
	if (l->list.len == MAX_LIST_BYTES)
		return err_set(reterr, ERR_LIMIT, NULL, 0, "pytest's list of tests is too long");
	if (pytestguest_list(l->list.s, l->list.len, &hooks, reterr) < 0)
		return -1;
	hold_back(l);
	return 0;
}

bool pytest_has_ended_well(const struct proc_end *end)
{
	return end->exit_code == 0;
}

/* A pipe: the process waits for its other end, if it may stay. */
static int open_feed(struct proc_spec *spec, int *ret, struct err *reterr)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_sys(reterr, NULL, "cannot make a pipe");
	/* above every number that the child gives away */
	spec->input = fcntl(ends[0], F_DUPFD_CLOEXEC, PYTEST_FEED_FD + PYTEST_REPORT_FD + 1);
	spec->input_fd = PYTEST_FEED_FD;
	close(ends[0]);
	*ret = ends[1];
	return spec->input < 0 ? err_sys(reterr, NULL, "cannot make a pipe") : 0;
}

/* It need not wait: the pipe keeps a byte. */
static int tell_passed(int feed, struct err *reterr)
{
	static const char byte = PYTEST_PASSED;

	return write(feed, &byte, 1) == 1 ? 0 : err_sys(reterr, NULL, "cannot write to a pipe");
}

/* It is run until it has told its list. */
static int run(struct listing *l, struct proc_spec *spec, struct proc_stay *stay,
	       struct proc_end *end, struct err *reterr)
{
	const struct proc_hooks hooks = { .ctx = l,
					  .bytes = on_bytes,
					  .deadline = deadline,
					  .stop = stop,
					  .is_enough = stay ? is_enough : NULL };
	int feed = -1;
	int status = open_feed(spec, &feed, reterr);

	if (status == 0 && !stay)
		status = tell_passed(feed, reterr);
	if (status == 0)
		status = proc_run(spec, &hooks, end, reterr);
	if (spec->input > 0)
		close(spec->input);
	if (status == 0 && stay && end->is_staying)
		*stay = (struct proc_stay){ end->pid, end->output, feed };
	else if (feed >= 0)
		close(feed);
	return status;
}

int pytest_list(const struct target *t, uint32_t target_index, const struct list_context *ctx,
		struct tests *ret, struct err *reterr)
{
	struct listing l = { .index = target_index,
			     .ret = ret,
			     .first = ret->ntests,
			     .list = BUF_INIT,
			     .output = BUF_INIT };
	struct proc_spec spec = { .envp = ctx->environ,
				  .workdir = t->workdir,
				  .is_merged = true,
				  .report_fd = PYTEST_REPORT_FD };
	struct proc_end end = { 0 };
	struct arena mem = { 0 };
	const char **argv = NULL;

	l.deadline_us =
		ctx->timeout_us == TIME_UNKNOWN ? TIME_UNKNOWN : proc_now_us() + ctx->timeout_us;
	int status = pytest_argv(t, ctx->scratch, "list", &mem, &argv, reterr);

	spec.argv = argv;
	if (status == 0)
		argv[PYTEST_ARGV_FILE] = code_folder(&l, ctx, &mem);
	if (status == 0)
		status = run(&l, &spec, ctx->stay, &end, reterr);
	if (status == 0)
		status = read_list(&l, &end, reterr);
	if (status < 0)
		ret->ntests = l.first;
	buf_release(&l.list);
	buf_release(&l.output);
	arena_release(&mem);
	return status;
}
