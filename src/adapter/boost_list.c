/* SPDX-License-Identifier: MIT
 *
 * `--list_content=DOT` on stderr, a line each for suites (numbers below 65536), cases, and who is
 * in what.  A dotted edge is a dependency.
 *
 *   digraph G {rankdir=LR;
 *   tu1[shape=ellipse,peripheries=2,fontname=Helvetica,color=green,label="my module"];
 *   {
 *   tu2[...,color=green,label="su|b.cpp(19)|expected failures=5|labels: @lab"];
 *   tu1 -> tu2;
 *   {
 *   tu65540[...,color=yellow,label="off|b.cpp(22)|timeout=5"];
 *   tu2 -> tu65540;
 *   }
 *   tu65547 -> tu65537[color=red,style=dotted,constraint=false];
 */
#include "adapter/adapter_args.h"
#include "adapter/adapter_ask.h"
#include "adapter/adapter_listing.h"
#include "adapter/boost.h"
#include "base/alloc.h"
#include "base/err.h"
#include "base/parse.h"
#include "sys/proc.h"

enum { FIRST_CASE = 65536, MAX_MARKS = 256 };

struct unit {
	uint64_t number;
	const char *path; /* of a suite: with '/' behind it, "" for the whole program */
	const char **marks;
	size_t nmarks;
	bool is_disabled;
	struct test test;
};

struct listing {
	const struct target *target;
	uint32_t target_index;
	struct tests *tests;
	struct unit *units;
	size_t n, cap;
	bool has_graph;
};

static char *copy(struct arena *mem, const char *s, const char *end)
{
	return arena_memdup(mem, s, (size_t)(end - s));
}

static struct unit *find_unit(struct listing *l, uint64_t number)
{
	for (size_t i = l->n; i-- > 0;) {
		if (l->units[i].number == number)
			return &l->units[i];
	}
	return NULL;
}

/* "b.cpp(19)" */
static bool read_place(struct arena *mem, const char *s, const char *end, struct test *t)
{
	const char *open = end > s ? memrchr(s, '(', (size_t)(end - s)) : NULL;
	uint64_t line = 0;

	if (!open || end[-1] != ')' || !parse_uint(copy(mem, open + 1, end - 1), UINT32_MAX, &line))
		return false;
	t->file = copy(mem, s, open);
	t->line = (unsigned)line;
	return true;
}

/* "labels: @fast @unit" */
static void read_labels(struct arena *mem, const char *s, const char *end, struct unit *u)
{
	u->marks = arena_alloc(mem, MAX_MARKS, sizeof *u->marks);
	for (s = memchr(s, '@', (size_t)(end - s)); s && u->nmarks < MAX_MARKS;) {
		const char *next = memmem(s, (size_t)(end - s), " @", 2);

		u->marks[u->nmarks++] = copy(mem, s + 1, next ? next : end);
		s = next ? next + 1 : NULL;
	}
}

/* NAME|FILE(LINE)|what else was said of it.  A name may hold '|' itself. */
static void read_label(struct arena *mem, const char *s, const char *end, struct unit *u)
{
	static const char expected[] = "expected failures=", labels[] = "labels: ";
	const char *name_end = end;

	for (const char *bar = s; (bar = memchr(bar, '|', (size_t)(end - bar))); bar++) {
		const char *next = memchr(bar + 1, '|', (size_t)(end - bar - 1));
		size_t len = (size_t)((next ? next : end) - bar - 1);

		if (!u->test.file && read_place(mem, bar + 1, bar + 1 + len, &u->test)) {
			name_end = bar;
		} else if (u->test.file && len > strlen(labels) &&
			   memcmp(bar + 1, labels, strlen(labels)) == 0) {
			read_labels(mem, bar + 1, bar + 1 + len, u);
		} else if (u->test.file && len > strlen(expected) &&
			   memcmp(bar + 1, expected, strlen(expected)) == 0) {
			struct property *p = arena_alloc(mem, 1, sizeof *p);

			p->key = BOOST_EXPECTED;
			p->value = copy(mem, bar + 1 + strlen(expected), bar + 1 + len);
			u->test.props = p;
			u->test.nprops = 1;
		}
	}
	u->test.name = copy(mem, s, name_end);
}

static void add_unit(struct listing *l, uint64_t number, const char *rest)
{
	static const char label[] = "label=\"";
	const char *s = strstr(rest, label);
	const char *end = s ? strrchr(s + strlen(label), '"') : NULL;

	if (!end)
		return;
	struct unit u = { .number = number, .test = test_blank(l->target_index), .path = "" };

	u.is_disabled = strstr(rest, ",color=yellow,") != NULL;
	read_label(&l->tests->mem, s + strlen(label), end, &u);
	GROW(l->units, l->n, l->cap);
	l->units[l->n++] = u;
}

/* The child is inside of the parent: it is called so, and has its labels. */
static void add_edge(struct listing *l, struct unit *parent, struct unit *child)
{
	struct arena *mem = &l->tests->mem;
	struct test *t = &child->test;
	struct buf path = BUF_INIT;
	size_t n = parent->nmarks + child->nmarks;
	const char **marks = arena_alloc(mem, n + 1, sizeof *marks);

	for (size_t i = 0; i < n; i++)
		marks[i] = i < parent->nmarks ? parent->marks[i] : child->marks[i - parent->nmarks];
	child->marks = marks;
	child->nmarks = n;
	buf_addf(&path, "%s%s", parent->path, t->name);
	if (child->number >= FIRST_CASE) {
		size_t len = strlen(parent->path);

		t->selector = arena_memdup(mem, path.s, path.len);
		t->suite = arena_memdup(mem, parent->path, len > 0 ? len - 1 : 0);
		t->id = test_make_id(mem, l->target->name, t->suite, t->name);
		if (child->is_disabled)
			t->skip_reason = "disabled";
		test_set_marks(l->tests, t, marks, n);
		tests_add(l->tests, t);
	} else {
		buf_addch(&path, '/');
		child->path = arena_memdup(mem, path.s, path.len);
	}
	buf_release(&path);
}

static void read_line(struct listing *l, const char *line)
{
	char *rest = NULL, *behind = NULL;

	if (strncmp(line, "digraph ", 8) == 0)
		l->has_graph = true;
	if (strncmp(line, "tu", 2) != 0 || line[2] < '0' || line[2] > '9')
		return;
	uint64_t number = strtoull(line + 2, &rest, 10);

	if (*rest == '[') {
		add_unit(l, number, rest);
	} else if (strncmp(rest, " -> tu", 6) == 0) {
		uint64_t to = strtoull(rest + 6, &behind, 10);
		struct unit *parent = find_unit(l, number), *child = find_unit(l, to);

		if (*behind == ';' && parent && child && parent->number < FIRST_CASE)
			add_edge(l, parent, child);
	}
}

int boost_list_read(const char *s, size_t len, const struct target *t, uint32_t target_index,
		    struct tests *ret, struct err *reterr)
{
	struct listing l = { .target = t, .target_index = target_index, .tests = ret };
	const char *end = s + len;
	struct buf line = BUF_INIT;
	size_t nbefore = ret->ntests;

	while (s < end) {
		const char *nl = memchr(s, '\n', (size_t)(end - s));

		buf_clear(&line);
		buf_add(&line, s, (size_t)((nl ? nl : end) - s));
		read_line(&l, line.s);
		s = nl ? nl + 1 : end;
	}
	buf_release(&line);
	free(l.units);
	if (l.has_graph)
		return 0;
	ret->ntests = nbefore;
	return err_set(reterr, ERR_SYNTAX, NULL, 0, "there is no 'digraph' in it");
}

int boost_list(const struct target *t, uint32_t target_index, const struct list_context *ctx,
	       struct tests *ret, struct err *reterr)
{
	static const char *const args[] = { "--list_content=DOT", "--color_output=no", NULL };
	const struct question q = { .own = &boost_args,
				    .args = args,
				    .is_left_out = boost_is_variable };
	struct proc_end end = { 0 };
	struct listing_answer answer = { BUF_INIT, BUF_INIT, &end };
	int status = listing_ask(t, ctx, &q, &answer, reterr);
	struct err why = { 0 };

	if (status == 0 &&
	    (end.is_timeout || end.term_signal ||
	     boost_list_read(answer.err.s, answer.err.len, t, target_index, ret, &why) < 0))
		status = listing_missing(t, ctx, &answer, reterr);
	listing_answer_release(&answer);
	return status;
}
