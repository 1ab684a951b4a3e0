/* SPDX-License-Identifier: MIT
 *
 *   @test "a name" {           function_name() { # @test
 *   # bats test_tags=slow, net          of the next test;  # bats file_tags=… of all that follow
 *
 * A name stands between quotes of either kind, and bats puts it between double ones: so what is
 * shown in the end is what bash makes of it, and --filter looks at what is in the file.
 */
#include "adapter/bats.h"

#include <assert.h>
#include <regex.h>

#include "base/buf.h"
#include "base/err.h"
#include "sys/fs.h"

enum { FILE_MAX_BYTES = 64 << 20, MAX_BATCH = 500 };

/* bats-preprocess of bats-core 1.8 */
static const char test_pattern[] = "^[[:blank:]]*@test[[:blank:]]+(.*[^[:blank:]])[[:blank:]]+\\{";
static const char function_pattern[] =
	"[[:blank:]]*([^[:blank:]()]+)[[:blank:]]*\\(?\\)?[[:blank:]]+\\{[[:blank:]]+#[[:blank:]]*"
	"@test[[:blank:]]*$";
static const char comment_pattern[] = "^[[:blank:]]*#[[:blank:]]*bats[[:blank:]]+(.*)$";

static const struct property once = { "setup_file", "once" };

struct listing {
	regex_t test, function, comment;
	const struct target *target;
	uint32_t target_index;
	struct tests *ret;
	const char *file_tags, *test_tags; /* "a, b" */
	unsigned line;
	bool has_setup_file;
};

/* --- names ---------------------------------------------------------------------------------- */

/* What bash makes of it between double quotes; as it is written where that takes running it. */
static const char *shown_name(struct arena *mem, const char *raw)
{
	struct buf text = BUF_INIT;
	bool is_plain = true;

	for (const char *s = raw; *s && is_plain; s++) {
		if (*s == '\\' && s[1] && strchr("\\\"$`", s[1]))
			buf_addch(&text, *++s);
		else if (strchr("\"$`", *s))
			is_plain = false;
		else
			buf_addch(&text, *s);
	}
	const char *kept = is_plain ? arena_memdup(mem, text.s, text.len) : raw;

	buf_release(&text);
	return kept;
}

/* For an extended regular expression. */
static void add_literal(struct buf *out, const char *s)
{
	for (; *s; s++) {
		if (strchr("\\^$.[]|()*+?{}", *s))
			buf_addch(out, '\\');
		buf_addch(out, *s);
	}
}

/* --- listing -------------------------------------------------------------------------------- */

static void set_tags(struct listing *l, struct test *t)
{
	const char *lists[] = { l->file_tags, l->test_tags };
	struct arena *mem = &l->ret->mem;
	const char *marks[256];
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		for (const char *s = lists[i]; s && *s && n < ARRAY_SIZE(marks);) {
			s += strspn(s, ", \t");
			size_t len = strcspn(s, ",");
			size_t next = len;

			while (len > 0 && (s[len - 1] == ' ' || s[len - 1] == '\t'))
				len--;
			if (len > 0)
				marks[n++] = arena_memdup(mem, s, len);
			s += next;
		}
	}
	test_set_marks(l->ret, t, marks, n);
	l->test_tags = NULL;
}

static void add_test(struct listing *l, const char *line, regmatch_t name)
{
	struct arena *mem = &l->ret->mem;
	struct test t = test_blank(l->target_index);
	const char *s = line + name.rm_so;
	size_t len = (size_t)(name.rm_eo - name.rm_so);

	if (len > 0 && (*s == '"' || *s == '\''))
		s++, len--;
	if (len > 0 && (s[len - 1] == '"' || s[len - 1] == '\''))
		len--;
	t.selector = arena_memdup(mem, s, len);
	t.name = shown_name(mem, t.selector);
	t.id = test_make_id(mem, l->target->name, "", t.name);
	t.file = arena_strdup(mem, l->target->name);
	t.line = l->line;
	set_tags(l, &t);
	tests_add(l->ret, &t);
}

static void take_line(struct listing *l, const char *line)
{
	regmatch_t m[2];

	if (regexec(&l->test, line, 2, m, 0) == 0 || regexec(&l->function, line, 2, m, 0) == 0) {
		add_test(l, line, m[1]);
	} else if (regexec(&l->comment, line, 2, m, 0) == 0) {
		const char *text = line + m[1].rm_so;

		if (strncmp(text, "test_tags=", 10) == 0)
			l->test_tags = arena_strdup(&l->ret->mem, text + 10);
		else if (strncmp(text, "file_tags=", 10) == 0)
			l->file_tags = arena_strdup(&l->ret->mem, text + 10);
	} else {
		const char *s = line + strspn(line, " \t");

		s += strncmp(s, "function ", 9) == 0 ? 9 : 0;
		l->has_setup_file = l->has_setup_file || strncmp(s, "setup_file", 10) == 0 ||
				    strncmp(s, "teardown_file", 13) == 0;
	}
}

void bats_read_file(const char *s, size_t len, const struct target *t, uint32_t target_index,
		    struct tests *ret)
{
	struct listing l = { .target = t, .target_index = target_index, .ret = ret };
	size_t first = ret->ntests;
	const char *end = s + len;
	struct buf line = BUF_INIT;

	int bad = regcomp(&l.test, test_pattern, REG_EXTENDED) |
		  regcomp(&l.function, function_pattern, REG_EXTENDED) |
		  regcomp(&l.comment, comment_pattern, REG_EXTENDED);

	assert(bad == 0); /* they are ours */
	(void)bad;
	while (s < end) {
		const char *nl = memchr(s, '\n', (size_t)(end - s));

		buf_clear(&line);
		l.line++;
		for (; s < (nl ? nl : end); s++) {
			if (*s != '\r' && *s != '\0')
				buf_addch(&line, *s);
		}
		s = nl ? nl + 1 : end;
		take_line(&l, line.s);
	}
	for (size_t i = first; i < ret->ntests && l.has_setup_file; i++) {
		ret->tests[i].props = &once;
		ret->tests[i].nprops = 1;
	}
	buf_release(&line);
	regfree(&l.test);
	regfree(&l.function);
	regfree(&l.comment);
}

static bool probe(const struct candidate *c)
{
	size_t n = strlen(c->path);

	return !c->elf && n > 5 && strcmp(c->path + n - 5, ".bats") == 0;
}

static int list(const struct target *t, uint32_t target_index, const struct list_context *ctx,
		struct tests *ret, struct err *reterr)
{
	struct arena mem = { 0 };
	struct buf text = BUF_INIT;
	const char *bats = fs_find_program(&mem, "bats");
	int status = 0;

	(void)ctx;
	if (!bats)
		status = err_set(reterr, ERR_MISSING, t->program, 0,
				 "a Bats file, but there is no 'bats' to run it: install bats");
	if (status == 0)
		status = fs_read(t->program, FILE_MAX_BYTES, &text, reterr);
	if (status == 0)
		bats_read_file(text.s, text.len, t, target_index, ret);
	buf_release(&text);
	arena_release(&mem);
	return status;
}

/* --- running -------------------------------------------------------------------------------- */

/* setup_file() and teardown_file() of a file run in every process that runs one of its tests, so
 * there is only one. */
static bool must_join(const struct test *a, const struct test *b)
{
	/* all tests of such a file say so */
	return a->target == b->target && a->nprops > 0 && strcmp(a->props[0].key, once.key) == 0;
}

static int command(const struct batch *b, struct command *ret, struct err *reterr)
{
	const char **argv = arena_alloc(&ret->mem, 8, sizeof *argv);
	struct buf filter = BUF_INIT;
	size_t n = 0;

	(void)reterr;
	for (size_t i = 0; i < b->ntests; i++) {
		buf_addstr(&filter, i == 0 ? "^(" : "|");
		add_literal(&filter, b->tests[i]->selector);
	}
	buf_addstr(&filter, ")$");
	argv[n++] = "bats";
	argv[n++] = "--formatter";
	argv[n++] = "cat"; /* what formatters get: with a line when a test begins */
	argv[n++] = "--timing";
	argv[n++] = "--filter";
	argv[n++] = arena_memdup(&ret->mem, filter.s, filter.len);
	argv[n++] = b->target->program;
	ret->argv = argv;
	ret->nargv = n;
	buf_release(&filter);
	return 0;
}

const struct adapter adapter_bats = {
	.name = "bats",
	.pattern = "*.bats",
	.probe = probe,
	.list = list,
	.max_batch = MAX_BATCH,
	.must_join = must_join,
	.command = command,
	.reader_new = bats_reader_new,
	.read = bats_read,
	.finish = bats_finish,
};
