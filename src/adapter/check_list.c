/* SPDX-License-Identifier: MIT
 *
 * The best way of listing that a program allows: by gangway's guest in it, which runs single tests
 * too; by looking on (check_trace.c).  Where neither can be done (no symbols, an old libcheck, no
 * ptrace()), the program is one test, whose points show when it runs.
 */
#include "adapter/check_list.h"

#include "adapter/check_model.h"
#include "base/alloc.h"
#include "base/err.h"
#include "format/elf.h"
#include "sys/fs.h"
#include "sys/proc.h"

enum { MAX_TESTS = 1 << 20 };

/* Seconds; a guest tells it of every TCase that was told nothing else. */
#define CHECK_DEFAULT_TIMEOUT "4.000"

/* --- tests ------------------------------------------------------------------------------ */

const char *listing_getenv(const struct listing *l, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; l->env[i]; i++) {
		if (strncmp(l->env[i], name, len) == 0 && l->env[i][len] == '=')
			return l->env[i] + len + 1;
	}
	return NULL;
}

/* Count one more of this key: how many there were before. */
static size_t count_key(struct listing *l, struct map *m, const char *key)
{
	size_t n = 0, len = strlen(key);

	map_get(m, key, len, &n);
	map_set(m, arena_memdup(&l->mem, key, len), len, n + 1);
	return n;
}

/* The name of a run of a test: loops have their number, equal ids a second one. */
static void name_test(struct listing *l, struct test *test, const struct check_test *from, int i)
{
	struct buf name = BUF_INIT;
	const char *id = NULL;

	buf_addstr(&name, from->name);
	if (from->end - from->start != 1 || from->start != 0)
		buf_addf(&name, "[%d]", i);
	id = test_make_id(&l->mem, l->target->name, test->suite, name.s);
	size_t n = count_key(l, &l->ids, id);

	while (n > 0) {
		size_t len = name.len;

		buf_addf(&name, "#%zu", n + 1);
		id = test_make_id(&l->mem, l->target->name, test->suite, name.s);
		if (count_key(l, &l->ids, id) == 0)
			break;
		buf_truncate(&name, len);
		n++;
	}
	test->name = arena_strdup(&l->tests->mem, name.s);
	test->id = test_make_id(&l->tests->mem, l->target->name, test->suite, name.s);
	buf_release(&name);
}

static void select_test(struct listing *l, struct test *test, struct check_selector *s)
{
	struct buf text = BUF_INIT;

	s->occurrence = s->ordinal = 0;
	check_selector_format(s, &text); /* everything but where it stands */
	s->occurrence = count_key(l, &l->equals, text.s);
	s->ordinal = l->tests->ntests - l->nbefore;
	buf_clear(&text);
	check_selector_format(s, &text);
	test->selector = arena_strdup(&l->tests->mem, text.s);
	buf_release(&text);
}

static void add_property(struct listing *l, struct test *test, const char *key, const char *value)
{
	enum { MAX_PROPS = 5 };
	struct property *list = (struct property *)test->props;

	if (!list)
		test->props = list = arena_alloc(&l->tests->mem, MAX_PROPS, sizeof *list);
	list[test->nprops++] =
		(struct property){ .key = key, .value = arena_strdup(&l->tests->mem, value) };
}

static void add_properties(struct listing *l, struct test *test, const struct check_tcase *c,
			   const struct check_test *from)
{
	char number[16];

	test->props = NULL;
	test->nprops = 0;
	add_property(l, test, "check_alone", l->alone);
	if (from->exit_code != 0) {
		snprintf(number, sizeof number, "%d", from->exit_code);
		add_property(l, test, "check_exit", number);
	}
	if (c->has_unchecked || c->has_checked)
		add_property(l, test, "check_fixtures",
			     !c->has_unchecked ? "checked"
			     : c->has_checked  ? "checked unchecked"
					       : "unchecked");
	if (from->signal != 0)
		add_property(l, test, "check_signal", proc_signal_name(from->signal));
	if (c->timeout && strcmp(c->timeout, CHECK_DEFAULT_TIMEOUT) != 0)
		add_property(l, test, "check_timeout", c->timeout);
}

void listing_add_tcase(struct listing *l, const char *suite, const struct check_tcase *c,
		       bool has_xml)
{
	struct arena *mem = &l->tests->mem;
	struct test test = test_blank(l->target_index);

	test.suite = *suite && *c->name ? test_make_id(mem, suite, c->name, "")
					: arena_strdup(mem, *suite ? suite : c->name);
	test_set_marks(l->tests, &test, c->tags, c->ntags);
	for (size_t k = 0; k < c->ntests; k++) {
		const struct check_test *from = &c->tests[k];

		test.file = from->file ? arena_strdup(mem, from->file) : NULL;
		test.line = from->line;
		add_properties(l, &test, c, from);
		for (int i = from->start; i < from->end; i++) {
			struct check_selector s = { .suite = suite,
						    .tcase = c->name,
						    .name = from->name,
						    .iteration = (uint32_t)i,
						    .wants_log = has_xml,
						    .way = l->way };

			if (l->tests->ntests - l->nbefore >= MAX_TESTS) {
				l->is_too_many = true;
				return;
			}
			name_test(l, &test, from, i);
			select_test(l, &test, &s);
			tests_add(l->tests, &test);
		}
	}
}

/* The listing's environment: the base, then the target's own. */
static const char **list_environ(struct arena *mem, const struct target *t, const char *const *base)
{
	size_t nbase = 0, n = 0;

	while (base && base[nbase])
		nbase++;
	const char **env = arena_alloc(mem, nbase + t->nenv + 1, sizeof *env);

	for (size_t i = 0; i < nbase; i++) {
		bool is_replaced = false;

		for (size_t k = 0; k < t->nenv && !is_replaced; k++)
			is_replaced = strncmp(base[i], t->env[k], strcspn(t->env[k], "=") + 1) == 0;
		if (!is_replaced)
			env[n++] = base[i];
	}
	for (size_t i = 0; i < t->nenv; i++)
		env[n++] = t->env[i];
	return env;
}

int listing_failed(const struct listing *l, const struct proc_end *end, const struct buf *output,
		   struct err *reterr)
{
	struct buf how = BUF_INIT;

	if (end->is_timeout)
		buf_addstr(&how, "took too long");
	else
		proc_end_describe(end, &how);
	err_set(reterr, ERR_MISSING, NULL, 0, "'%s' failed to list its tests: %s%s%s",
		l->target->argv[0], how.s, output->len > 0 ? ": " : "", output->s);
	buf_release(&how);
	return -1;
}

void listing_clear(struct listing *l)
{
	l->tests->ntests = l->nbefore;
	map_release(&l->ids);
	map_release(&l->equals);
	l->is_too_many = false;
}

static void add_whole(struct listing *l)
{
	struct test test = test_blank(l->target_index);

	test.id = arena_strdup(&l->tests->mem, l->target->name);
	test.name = arena_strdup(&l->tests->mem, fs_basename(l->target->name));
	tests_add(l->tests, &test);
}

/* By the guest, else by looking on; a program with a guest that shows no list may still show one. */
static int list_parts(struct listing *l, struct err *reterr)
{
	struct err why = { 0 };
	struct buf alone = BUF_INIT;
	int status = -1;

	l->way = check_guest_way(l, &alone);
	l->alone = arena_strdup(&l->mem, alone.s);
	if (l->way != CHECK_BY_TCASE) {
		status = check_guest_list(l, &why);
		if (status < 0 && why.code == ERR_UNSUPPORTED) {
			listing_clear(l);
			buf_clear(&alone);
			buf_addf(&alone, "no: %s", why.msg);
			l->alone = arena_strdup(&l->mem, alone.s);
			l->way = CHECK_BY_TCASE;
		}
	}
	buf_release(&alone);
	if (l->way == CHECK_BY_TCASE)
		status = check_trace(l, &why);
	if (status == 0 && l->is_too_many)
		status = err_set(&why, ERR_LIMIT, NULL, 0, "'%s' has more than %d tests",
				 l->target->argv[0], MAX_TESTS);
	if (status < 0 && reterr)
		*reterr = why;
	return status;
}

int check_list(const struct target *t, uint32_t target_index, const struct list_context *ctx,
	       struct tests *ret, struct err *reterr)
{
	struct listing l = { .target = t,
			     .target_index = target_index,
			     .ctx = ctx,
			     .tests = ret,
			     .nbefore = ret->ntests };
	struct err why = { 0 };
	int status = 0;

	l.env = list_environ(&l.mem, t, ctx->environ);
	/* what cannot be opened cannot be started: execute will say so */
	if (t->nargv > 0 && elf_file_open(t->argv[0], &l.program, &why) < 0)
		l.program = NULL;
	if (list_parts(&l, &why) < 0) {
		listing_clear(&l);
		if (why.code == ERR_UNSUPPORTED)
			add_whole(&l);
		else
			status = -1;
		if (status < 0 && reterr)
			*reterr = why;
	}
	elf_file_close(l.program);
	map_release(&l.ids);
	map_release(&l.equals);
	arena_release(&l.mem);
	return status;
}
