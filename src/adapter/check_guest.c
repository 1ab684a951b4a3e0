/* SPDX-License-Identifier: MIT
 *
 * Programs with gangway's guest in them (src/guest/gangway-check.h), linked in or preloaded: they
 * list their tests themselves, and run just those that a file names.
 */
#include <elf.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapter/adapter_guest.h"
#include "adapter/check_list.h"
#include "adapter/check_model.h"
#include "base/alloc.h"
#include "base/err.h"
#include "base/quote.h"
#include "format/checkguest.h"
#include "format/elf.h"
#include "sys/fs.h"
#include "sys/outfile.h"
#include "sys/proc.h"

enum { REPORT_FD = 7, MAX_LIST_BYTES = 1 << 28 };

#define GUEST_VAR    "GANGWAY_CHECK"
#define PRELOAD_VAR  "LD_PRELOAD"
#define SUITE_VAR    "CK_RUN_SUITE"
#define CHOSEN_TESTS "check-tests"
/* The guest sets these two back to what they were. */
#define BEFORE(name) "GANGWAY_CHECK_" name

/* --- which way ------------------------------------------------------------------------------ */

static bool take_protocol(void *ctx, const struct elf_note *note)
{
	uint32_t *protocol = ctx;

	if (note->len >= sizeof *protocol)
		memcpy(protocol, note->desc, sizeof *protocol);
	return false;
}

bool check_guest_is_in(struct elf_file *f)
{
	uint32_t protocol = 0;

	elf_file_notes(f, ".note.gangway.check", take_protocol, &protocol);
	return protocol == CHECKGUEST_PROTOCOL;
}

static bool is_set_id(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && (st.st_mode & (S_ISUID | S_ISGID));
}

static bool changes_preload(const struct target *t)
{
	for (size_t i = 0; i < t->nenv_mods; i++) {
		if (strncmp(t->env_mods[i], PRELOAD_VAR "=", strlen(PRELOAD_VAR) + 1) == 0)
			return true;
	}
	return false;
}

/* Why nothing can be preloaded into the program, or NULL. */
static const char *preload_fails(const struct listing *l)
{
	struct arena mem = { 0 };
	struct elf_file *f = l->program;
	bool is_here = guest_path(&mem, "check") != NULL;

	arena_release(&mem);
	if (l->ctx->is_unpreloaded)
		return "check_preload = no";
	if (!is_here)
		return "gangway-check-preload.so is not installed";
	if (elf_file_machine(f) != EM_X86_64)
		return "it is not for x86-64";
	if (elf_file_is_static(f))
		return "it is linked statically";
	if (elf_file_sanitizer(f))
		return "it is built with a sanitizer";
	if (is_set_id(l->target->argv[0]))
		return "it is set-user-ID";
	if (changes_preload(l->target))
		return "CTest changes its LD_PRELOAD";
	if (!elf_file_has_symbol(f, "srunner_run_tagged", ELF_SYMBOL_DEFINED) &&
	    !elf_file_needs(f, "libcheck.so"))
		return "it is stripped";
	return NULL;
}

enum check_way check_guest_way(const struct listing *l, struct buf *why)
{
	if (!l->program || l->target->nargv == 0 || !strchr(l->target->argv[0], '/')) {
		buf_addstr(why, "no: it is not started as itself");
		return CHECK_BY_TCASE;
	}
	if (check_guest_is_in(l->program)) {
		buf_addstr(why, "yes: linked with gangway's guest");
		return CHECK_BY_GUEST;
	}
	const char *fails = preload_fails(l);

	buf_addf(why, "%s", fails ? "no: " : "yes: preloaded");
	buf_addstr(why, fails ? fails : "");
	return fails ? CHECK_BY_TCASE : CHECK_BY_PRELOAD;
}

/* --- listing -------------------------------------------------------------------------------- */

/* What was told of the TCase at hand. */
struct telling {
	struct listing *l;
	struct check_model model;
	struct check_tcase *tcase; /* NULL: none */
	const char *suite;
	bool has_xml;
	struct buf list, output;
	uint64_t deadline_us;
};

static void end_tcase(struct telling *t)
{
	if (t->tcase)
		listing_add_tcase(t->l, t->suite, t->tcase, t->has_xml);
	t->tcase = NULL;
}

static void on_runner(void *ctx, bool has_xml)
{
	struct telling *t = ctx;

	t->has_xml = has_xml;
}

static void on_tcase(void *ctx, const struct checkguest_tcase *c)
{
	struct telling *t = ctx;
	struct arena *mem = &t->model.mem;

	end_tcase(t);
	size_t i = check_model_tcase(&t->model, c->name);

	t->tcase = &t->model.tcases[i];
	t->suite = arena_strdup(mem, c->suite);
	t->tcase->timeout = arena_strdup(mem, c->timeout);
	t->tcase->has_unchecked = c->has_unchecked;
	t->tcase->has_checked = c->has_checked;
	check_model_tags(&t->model, t->tcase, arena_strdup(mem, c->tags));
}

static void on_test(void *ctx, const struct checkguest_test *from)
{
	struct telling *t = ctx;
	struct arena *mem = &t->model.mem;
	const struct check_test test = {
		.name = arena_strdup(mem, from->name),
		.file = arena_strdup(mem, from->file),
		.line = from->line,
		.signal = from->signal,
		.exit_code = from->exit_code,
		.start = from->start,
		.end = from->end,
	};

	check_tcase_add(t->tcase, &test);
}

static void on_ran(void *ctx)
{
	end_tcase(ctx);
}

static void on_bytes(void *ctx, int stream, const char *s, size_t len, uint64_t now_us)
{
	struct telling *t = ctx;
	struct buf *b = stream == 2 ? &t->list : &t->output;
	size_t limit = stream == 2 ? MAX_LIST_BYTES : CHECK_LIST_OUTPUT_BYTES;

	(void)now_us;
	buf_add(b, s, len < limit - b->len ? len : limit - b->len);
}

static uint64_t deadline(void *ctx)
{
	const struct telling *t = ctx;

	return t->deadline_us;
}

static int stop(void *ctx)
{
	(void)ctx;
	return proc_stop_asked();
}

static const char *assign(struct arena *mem, const char *name, const char *value)
{
	struct buf b = BUF_INIT;

	buf_addf(&b, "%s=%s", name, value);
	const char *ret = arena_memdup(mem, b.s, b.len);

	buf_release(&b);
	return ret;
}

/* The listing's environment and what makes the program list. */
static const char **list_env(struct listing *l)
{
	static const char *const ours[] = { GUEST_VAR "=", PRELOAD_VAR "=", SUITE_VAR "=" };
	bool is_preloaded = l->way == CHECK_BY_PRELOAD;
	size_t nours = is_preloaded ? ARRAY_SIZE(ours) : 1;
	size_t n = 0, kept = 0;

	while (l->env[n])
		n++;
	const char **env = arena_alloc(&l->mem, n + 6, sizeof *env);

	for (size_t i = 0; i < n; i++) {
		bool is_ours = false;

		for (size_t k = 0; k < nours && !is_ours; k++)
			is_ours = strncmp(l->env[i], ours[k], strlen(ours[k])) == 0;
		if (!is_ours)
			env[kept++] = l->env[i];
	}
	env[kept++] = assign(&l->mem, GUEST_VAR, "list 7");
	if (!is_preloaded)
		return env;
	const char *preload = listing_getenv(l, PRELOAD_VAR);
	const char *suite = listing_getenv(l, SUITE_VAR);

	env[kept++] = assign(&l->mem, PRELOAD_VAR, guest_preload(&l->mem, "check", preload));
	env[kept++] = assign(&l->mem, BEFORE(PRELOAD_VAR), preload ? preload : "");
	/* if the loader passes the guest over after all, no test runs */
	env[kept++] = assign(&l->mem, SUITE_VAR, "(gangway lists the tests)");
	env[kept++] = assign(&l->mem, BEFORE(SUITE_VAR), suite ? suite : "");
	return env;
}

static int read_list(struct telling *t, const struct proc_end *end, struct err *reterr)
{
	const struct checkguest_hooks hooks = { t, on_runner, on_tcase, on_test, on_ran };
	const char *program = t->l->target->argv[0];
	bool is_dead = end->is_timeout || end->term_signal;
	size_t nran = 0;

	if (end->is_stopped)
		return err_set(reterr, ERR_INTERRUPTED, NULL, 0, "interrupted");
	if (t->list.len == MAX_LIST_BYTES)
		return err_set(reterr, ERR_LIMIT, NULL, 0, "the list of tests of '%s' is too long",
			       program);
	if (checkguest_read(t->list.s, t->list.len, &hooks, &nran, reterr) < 0)
		return -1;
	if (is_dead && nran == 0)
		return listing_failed(t->l, end, &t->output, reterr);
	if (is_dead || nran == 0)
		return err_set(reterr, ERR_UNSUPPORTED, NULL, 0, "'%s' shows no list of its tests",
			       program);
	return 0;
}

int check_guest_list(struct listing *l, struct err *reterr)
{
	struct telling t = { .l = l, .list = BUF_INIT, .output = BUF_INIT };
	const struct proc_spec spec = { .argv = l->target->argv,
					.envp = list_env(l),
					.workdir = l->target->workdir,
					.report_fd = REPORT_FD };
	const struct proc_hooks hooks = {
		.ctx = &t, .bytes = on_bytes, .deadline = deadline, .stop = stop
	};
	struct proc_end end = { 0 };

	t.deadline_us = l->ctx->timeout_us == TIME_UNKNOWN ? TIME_UNKNOWN
							   : proc_now_us() + l->ctx->timeout_us;
	int ret = proc_run(&spec, &hooks, &end, reterr);

	if (ret == 0)
		ret = read_list(&t, &end, reterr);
	check_model_release(&t.model);
	buf_release(&t.list);
	buf_release(&t.output);
	return ret;
}

/* --- running -------------------------------------------------------------------------------- */

static void add_chosen(struct buf *out, const struct check_selector *s)
{
	const char *const names[] = { s->suite, s->tcase, s->name };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		quote_tsv(out, names[i], strlen(names[i]));
		buf_addch(out, '\t');
	}
	buf_addf(out, "%d\t%llu\n", (int)(uint32_t)s->iteration, (unsigned long long)s->occurrence);
}

static void add_preload(const struct target *t, enum check_way way, struct command *ret)
{
	const char *before = getenv(PRELOAD_VAR);

	for (size_t i = 0; i < t->nenv; i++) {
		if (strncmp(t->env[i], PRELOAD_VAR "=", strlen(PRELOAD_VAR) + 1) == 0)
			before = t->env[i] + strlen(PRELOAD_VAR) + 1;
	}
	if (way != CHECK_BY_PRELOAD)
		return;
	check_add_env(ret, PRELOAD_VAR, guest_preload(&ret->mem, "check", before));
	check_add_env(ret, BEFORE(PRELOAD_VAR), before ? before : "");
}

bool check_guest_serve(const struct target *t, const struct test *test, int fd, struct command *ret)
{
	enum { MAX_ENV = 4 };
	/* bound once, and not in every child anew */
	bool binds = !getenv("LD_BIND_NOW");
	struct check_selector s = { 0 };
	char told[32];

	if (!check_selector_parse(test->selector, &ret->mem, &s) || s.way == CHECK_BY_TCASE)
		return false;
	snprintf(told, sizeof told, "serve %d%s", fd, binds ? " bound" : "");
	ret->argv = arena_strings(&ret->mem, t->argv, t->nargv);
	ret->nargv = t->nargv;
	ret->env = arena_alloc(&ret->mem, MAX_ENV, sizeof *ret->env);
	check_add_env(ret, GUEST_VAR, told);
	if (binds)
		check_add_env(ret, "LD_BIND_NOW", "1");
	add_preload(t, s.way, ret);
	return true;
}

int check_guest_run(const struct batch *b, enum check_way way, struct command *ret,
		    struct err *reterr)
{
	const char *path = fs_join(&ret->mem, b->scratch, CHOSEN_TESTS);
	struct buf text = BUF_INIT;
	struct buf told = BUF_INIT;
	int status = 0;

	for (size_t i = 0; i < b->ntests && status == 0; i++) {
		struct check_selector s = { 0 };

		if (check_selector_parse(b->tests[i]->selector, &ret->mem, &s))
			add_chosen(&text, &s);
	}
	if (outfile_write(path, text.s, text.len, reterr) < 0)
		status = -1;
	buf_addf(&told, "run %s", path);
	check_add_env(ret, GUEST_VAR, told.s);
	add_preload(b->target, way, ret);
	buf_release(&text);
	buf_release(&told);
	return status;
}
