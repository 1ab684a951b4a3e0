/* SPDX-License-Identifier: MIT
 *
 *   # a comment
 *   [Test]
 *   Type=session                    or session-exclusive: alone
 *   Exec=/usr/libexec/t --tap 'a b' words as in a shell, no variables
 *   Output=TAP
 *   TestEnvironment=A=1;B=2;
 *
 * Escapes of a value: \s \n \t \r \\.  The test runs in an empty folder of its own and says all by its
 * exit status, 77 being skipped; points of TAP count as well.
 */
#include "adapter/installed.h"

#include "adapter/adapter.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/parse.h"
#include "format/tap.h"
#include "sys/fs.h"
#include "sys/proc.h"

enum { FILE_MAX_BYTES = 1 << 20, EXIT_SKIPPED = 77 };

static const char *const key_names[] = { "Exec", "Output", "TestEnvironment", "Type" };
enum { KEY_EXEC, KEY_OUTPUT, KEY_ENVIRONMENT, KEY_TYPE };

/* The process is the test itself in the end, so that its death is seen. */
static const char runner[] = "d=$0/test-$$; mkdir -p \"$d\" && cd \"$d\" && exec \"$@\"";

struct reader {
	const struct case_sink *sink;
	struct tap *tap; /* NULL: it speaks something else */
	const char *scratch;
};

/* --- the file ------------------------------------------------------------------------------- */

static const char *unescape(struct arena *mem, const char *s, size_t len)
{
	static const char from[] = "sntr\\", to[] = " \n\t\r\\";
	struct buf text = BUF_INIT;

	for (size_t i = 0; i < len; i++) {
		const char *found = s[i] == '\\' && i + 1 < len ? strchr(from, s[i + 1]) : NULL;

		if (found && *found) {
			buf_addch(&text, to[found - from]);
			i++;
		} else if (s[i]) {
			buf_addch(&text, s[i]);
		}
	}
	const char *kept = arena_memdup(mem, text.s, text.len);

	buf_release(&text);
	return kept;
}

static size_t trim(const char **s, size_t len)
{
	while (len > 0 && (**s == ' ' || **s == '\t')) {
		++*s;
		len--;
	}
	while (len > 0 && strchr(" \t\r", (*s)[len - 1]) && (*s)[len - 1])
		len--;
	return len;
}

static void take_key(struct arena *mem, const char *line, size_t len, const char *equals,
		     const char **values)
{
	const char *value = equals + 1;
	size_t value_len = trim(&value, (size_t)(line + len - value));
	size_t key_len = trim(&line, (size_t)(equals - line));

	for (size_t k = 0; k < ARRAY_SIZE(key_names); k++) {
		if (strlen(key_names[k]) == key_len && memcmp(key_names[k], line, key_len) == 0)
			values[k] = unescape(mem, value, value_len);
	}
}

int installed_read(const char *s, size_t len, const char *path, struct arena *mem,
		   struct installed_keys *ret, struct err *reterr)
{
	const char *values[ARRAY_SIZE(key_names)] = { NULL };
	const char *end = s + len, *next = s;
	bool is_test = false;
	unsigned number = 0;

	for (const char *line = s; line < end; line = next) {
		const char *nl = memchr(line, '\n', (size_t)(end - line));
		size_t n = (size_t)((nl ? nl : end) - line);

		next = nl ? nl + 1 : end;
		number++;
		n = trim(&line, n);
		const char *equals = memchr(line, '=', n);

		if (n == 0 || *line == '#')
			continue;
		if (*line == '[' && line[n - 1] == ']')
			is_test = n == 6 && memcmp(line, "[Test]", 6) == 0;
		else if (!equals)
			return err_set(reterr, ERR_SYNTAX, path, number,
				       "neither a group, a comment nor KEY=VALUE");
		else if (is_test)
			take_key(mem, line, n, equals, values);
	}
	*ret = (struct installed_keys){ .type = values[KEY_TYPE],
					.exec = values[KEY_EXEC],
					.output = values[KEY_OUTPUT],
					.environment = values[KEY_ENVIRONMENT] };
	return 0;
}

/* --- listing -------------------------------------------------------------------------------- */

static int read_file(const char *path, struct arena *mem, struct installed_keys *ret,
		     struct err *reterr)
{
	struct buf text = BUF_INIT;
	int status = fs_read(path, FILE_MAX_BYTES, &text, reterr);

	if (status == 0)
		status = installed_read(text.s, text.len, path, mem, ret, reterr);
	buf_release(&text);
	return status;
}

/* Many things are called *.test: these have the group before anything else. */
static bool probe(const struct candidate *c)
{
	size_t n = strlen(c->path);
	struct buf text = BUF_INIT;
	bool is = false;

	if (c->elf || n <= 5 || strcmp(c->path + n - 5, ".test") != 0 ||
	    fs_read(c->path, FILE_MAX_BYTES, &text, NULL) < 0)
		return false;
	for (const char *s = text.s; *s; s += strcspn(s, "\n")) {
		s += strspn(s, " \t\r\n");
		if (*s == '#' && s[1] != '!')
			continue;
		is = strncmp(s, "[Test]", 6) == 0;
		break;
	}
	buf_release(&text);
	return is;
}

static int check_keys(const struct installed_keys *keys, const char *path, struct err *reterr)
{
	if (!keys->type || !keys->exec)
		return err_set(reterr, ERR_SYNTAX, path, 0, "the group [Test] has no key '%s'",
			       keys->type ? "Exec" : "Type");
	if (strcmp(keys->type, "session") != 0 && strcmp(keys->type, "session-exclusive") != 0)
		return err_set(reterr, ERR_SYNTAX, path, 0,
			       "unknown Type '%s': session and session-exclusive are known",
			       keys->type);
	return 0;
}

static int list(const struct target *t, uint32_t target_index, const struct list_context *ctx,
		struct tests *ret, struct err *reterr)
{
	struct test test = test_blank(target_index);
	struct installed_keys keys = { 0 };
	const char **words = NULL;
	size_t n = 0;

	(void)ctx;
	if (read_file(t->program, &ret->mem, &keys, reterr) < 0 ||
	    check_keys(&keys, t->program, reterr) < 0)
		return -1;
	if (!parse_words(keys.exec, &ret->mem, &words, &n) || n == 0)
		return err_set(reterr, ERR_SYNTAX, t->program, 0, "Exec '%s' is no command line",
			       keys.exec);
	const char *values[] = { keys.exec, keys.output, keys.environment, keys.type };
	struct property *props = arena_alloc(&ret->mem, ARRAY_SIZE(values), sizeof *props);

	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		if (values[i])
			props[test.nprops++] = (struct property){ key_names[i], values[i] };
	}
	test.props = props;
	test.id = arena_strdup(&ret->mem, t->name);
	test.name = arena_strdup(&ret->mem, fs_basename(t->name));
	test.is_exclusive = strcmp(keys.type, "session-exclusive") == 0;
	tests_add(ret, &test);
	return 0;
}

/* --- running -------------------------------------------------------------------------------- */

static const char *value_of(const struct test *t, const char *key)
{
	for (size_t i = 0; i < t->nprops; i++) {
		if (strcmp(t->props[i].key, key) == 0)
			return t->props[i].value;
	}
	return "";
}

static int command(const struct batch *b, struct command *ret, struct err *reterr)
{
	const char *list = value_of(b->tests[0], key_names[KEY_ENVIRONMENT]);
	const char **words = NULL;
	size_t n = 0;

	if (!parse_words(value_of(b->tests[0], key_names[KEY_EXEC]), &ret->mem, &words, &n))
		return err_set(reterr, ERR_SYNTAX, b->target->program, 0,
			       "Exec is no command line");
	ret->argv = arena_alloc(&ret->mem, n + 5, sizeof *ret->argv);
	ret->argv[ret->nargv++] = "/bin/sh";
	ret->argv[ret->nargv++] = "-c";
	ret->argv[ret->nargv++] = runner;
	ret->argv[ret->nargv++] = b->scratch;
	for (size_t i = 0; i < n; i++)
		ret->argv[ret->nargv++] = words[i];
	ret->env = arena_alloc(&ret->mem, strlen(list) / 2 + 2, sizeof *ret->env);
	for (const char *s = list; *s; s += *s == ';') {
		size_t len = strcspn(s, ";");

		if (memchr(s, '=', len))
			ret->env[ret->nenv++] = arena_memdup(&ret->mem, s, len);
		s += len;
	}
	return 0;
}

static struct reader *reader_new(const struct batch *b, const struct case_sink *sink)
{
	struct reader *r = xcalloc(1, sizeof *r);

	r->sink = sink;
	r->scratch = b->scratch;
	if (strcmp(value_of(b->tests[0], key_names[KEY_OUTPUT]), "TAP") == 0)
		r->tap = tap_new();
	return r;
}

static void read_bytes(struct reader *r, int stream, const char *s, size_t len)
{
	r->sink->output(r->sink->ctx, 0, stream, s, len);
	if (stream == 0 && r->tap)
		tap_read(r->tap, s, len);
}

static void judge(struct reader *r, const struct proc_end *end, struct result *ret, struct buf *why)
{
	const struct tap_exit how = { .exit_code =
					      end->exit_code == EXIT_SKIPPED ? 0 : end->exit_code,
				      .may_lack_plan = true,
				      .may_be_empty = true };

	ret->outcome = OUTCOME_PASS;
	if (r->tap)
		tap_end(r->tap, &how, ret);
	if (end->exit_code == EXIT_SKIPPED)
		ret->outcome = OUTCOME_SKIP;
	else if (end->exit_code != 0)
		ret->outcome = OUTCOME_FAIL;
	if (ret->message && *ret->message)
		buf_addstr(why, ret->message);
	else if (end->exit_code != 0)
		proc_end_describe(end, why);
}

static void remove_folder(const struct reader *r, const struct proc_end *end)
{
	struct buf path = BUF_INIT;

	buf_addf(&path, "%s/test-%d", r->scratch, end->pid);
	if (end->pid > 0)
		(void)fs_remove_tree(path.s, NULL); /* goes with the run at the latest */
	buf_release(&path);
}

static bool finish(struct reader *r, const struct proc_end *end)
{
	struct result result = { .time_us = TIME_UNKNOWN,
				 .exit_code = end->exit_code,
				 .is_leaky = end->is_leaky };
	struct buf why = BUF_INIT;

	/* time-outs, crashes and starts that failed are execute's to judge */
	if (end->exit_code >= 0 && !end->is_timeout && !end->is_stopped) {
		judge(r, end, &result, &why);
		result.message = why.s;
		r->sink->end(r->sink->ctx, 0, &result);
	}
	remove_folder(r, end);
	buf_release(&why);
	tap_free(r->tap);
	free(r);
	return true;
}

const struct adapter adapter_installed = {
	.name = "installed",
	.pattern = "*.test",
	.probe = probe,
	.list = list,
	.max_batch = 1,
	.command = command,
	.reader_new = reader_new,
	.read = read_bytes,
	.finish = finish,
};
