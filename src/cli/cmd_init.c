/* SPDX-License-Identifier: MIT
 *
 * gangway init: the lines that make tests a part of a project's build, and a CI file.  Shown as a
 * diff before anything is written; lines go behind all that is there, and a file that is there
 * already is never replaced by another one.
 */
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "cli/commands.h"
#include "cli/fail.h"
#include "cli/option.h"
#include "cli/show.h"
#include "sys/fs.h"
#include "sys/outfile.h"

enum ci { CI_NONE, CI_GITHUB, CI_GITLAB };

struct init_words {
	enum ci ci;
	bool is_sure;
	bool wants_help;
};

static const struct option_word ci_words[] = {
	{ .word = "none", .value = CI_NONE },
	{ .word = "github", .value = CI_GITHUB },
	{ .word = "gitlab", .value = CI_GITLAB },
	{ 0 },
};

static const struct option_row rows[] = {
	{ OPTION_ENUM, .name = "ci", .words = ci_words, .default_text = "none",
	  .offset = offsetof(struct init_words, ci),
	  .help = "also write a CI file that builds, tests and keeps junit.xml" },
	{ OPTION_FLAG, 'y', "yes", .offset = offsetof(struct init_words, is_sure),
	  .help = "write without asking" },
	{ OPTION_FLAG, 'h', "help", .offset = offsetof(struct init_words, wants_help),
	  .help = "show this and stop" },
	{ .kind = OPTION_END },
};

/* --- what is written ------------------------------------------------------------------------ */

static const char cmake_lines[] = "\n"
				  "# gangway: cmake --build BUILD --target check-parallel\n"
				  "find_package(Gangway REQUIRED)\n"
				  "gangway_enable()\n";

static const char make_lines[] =
	"\n"
	"# gangway: make test, make test -j4, make test -j auto\n"
	"GANGWAY_TESTS := %s\n"
	"include $(shell pkg-config --variable=makedir gangway)/gangway.mk\n";

static const char cmake_build[] = "cmake -S . -B build && cmake --build build";
static const char cmake_test[] = "gangway --junitxml=junit.xml --junit-family=files build";
static const char make_build[] = "make";
static const char make_test[] = "make test ARGS='--junitxml=junit.xml --junit-family=files'";

static const char github_file[] =
	"name: tests\n"
	"on: [push, pull_request]\n"
	"jobs:\n"
	"  test:\n"
	"    runs-on: ubuntu-latest\n"
	"    steps:\n"
	"      - uses: actions/checkout@v4\n"
	"      # gangway and what the project needs are to be installed here\n"
	"      - run: %s\n"
	"      - run: %s\n"
	"      - uses: actions/upload-artifact@v4\n"
	"        if: always()\n"
	"        with:\n"
	"          name: test-results\n"
	"          path: junit.xml\n";

static const char gitlab_file[] = "test:\n"
				  "  # the image is to have gangway and what the project needs\n"
				  "  script:\n"
				  "    - %s\n"
				  "    - %s\n"
				  "  artifacts:\n"
				  "    when: always\n"
				  "    paths:\n"
				  "      - junit.xml\n"
				  "    reports:\n"
				  "      junit: junit.xml\n";

struct change {
	const char *path; /* NULL: nothing is to be done */
	struct buf before, added;
	bool is_new;
};

/* Where programs of tests are likely to be. */
static const char *likely_tests(void)
{
	static const char *const places[] = { "build/tests", "build/test", "tests", "test" };

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		if (fs_is_dir(places[i]))
			return places[i];
	}
	return ".";
}

static const char *find_build_file(bool *is_cmake)
{
	static const char *const names[] = { "CMakeLists.txt", "GNUmakefile", "makefile",
					     "Makefile" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		*is_cmake = i == 0;
		if (fs_exists(names[i]))
			return names[i];
	}
	return NULL;
}

static int plan_build(struct change *c, bool *is_cmake, struct err *reterr)
{
	enum { MOST_BYTES = 16 * 1024 * 1024 };
	const char *path = find_build_file(is_cmake);

	if (!path)
		return err_set(reterr, ERR_MISSING, NULL, 0,
			       "neither a CMakeLists.txt nor a Makefile is in this folder");
	if (fs_is_link(path))
		return err_set(reterr, ERR_UNSUPPORTED, path, 0,
			       "a symbolic link is not written to: go where it points to");
	if (fs_read(path, MOST_BYTES, &c->before, reterr) < 0)
		return -1;
	if (strstr(c->before.s, *is_cmake ? "gangway_enable" : "gangway.mk")) {
		printf("%s has it already\n", path);
		return 0;
	}
	c->path = path;
	if (*is_cmake)
		buf_addstr(&c->added, cmake_lines);
	else
		buf_addf(&c->added, make_lines, likely_tests());
	return 0;
}

static void plan_ci(enum ci ci, bool is_cmake, struct change *c)
{
	const char *path = ci == CI_GITHUB ? ".github/workflows/gangway.yml" : ".gitlab-ci.yml";

	if (ci == CI_NONE)
		return;
	if (fs_exists(path) || fs_is_link(path)) {
		printf("%s is there already, and is left alone\n", path);
		return;
	}
	c->path = path;
	c->is_new = true;
	buf_addf(&c->added, ci == CI_GITHUB ? github_file : gitlab_file,
		 is_cmake ? cmake_build : make_build, is_cmake ? cmake_test : make_test);
}

/* --- showing it ----------------------------------------------------------------------------- */

static size_t count_lines(const struct buf *b)
{
	size_t n = 0;

	for (size_t i = 0; i < b->len; i++)
		n += b->s[i] == '\n';
	return n + (b->len > 0 && b->s[b->len - 1] != '\n');
}

/* The last n lines. */
static const char *last_lines(const struct buf *b, size_t n)
{
	const char *s = b->s + b->len;

	if (b->len > 0 && s[-1] == '\n')
		s--;
	while (s > b->s && (s[-1] != '\n' || --n > 0))
		s--;
	return s;
}

static void put_lines(char sign, const char *s)
{
	for (size_t len = 0; *s; s += len + (s[len] == '\n')) {
		len = strcspn(s, "\n");
		printf("%c%.*s\n", sign, (int)len, s);
	}
}

/* A last line without its end changes too: it gets one. */
static bool is_cut(const struct change *c)
{
	return c->before.len > 0 && c->before.s[c->before.len - 1] != '\n';
}

static void show(const struct change *c)
{
	enum { CONTEXT = 3 };
	size_t nbefore = count_lines(&c->before);
	size_t nshown = nbefore < CONTEXT ? nbefore : CONTEXT;
	size_t first = nbefore - nshown + (nshown > 0);

	if (!c->path)
		return;
	printf("--- %s%s\n+++ b/%s\n", c->is_new ? "/dev/null" : "a/", c->is_new ? "" : c->path,
	       c->path);
	printf("@@ -%zu,%zu +%zu,%zu @@\n", first, nshown, nshown > 0 ? first : 1,
	       nshown + count_lines(&c->added));
	if (is_cut(c)) {
		const char *last = last_lines(&c->before, 1);
		struct buf head = BUF_INIT;
		const char *from = last_lines(&c->before, nshown);

		buf_add(&head, from, (size_t)(last - from));
		put_lines(' ', head.s);
		put_lines('-', last);
		printf("\\ No newline at end of file\n");
		put_lines('+', last);
		buf_release(&head);
	} else if (nshown > 0) {
		put_lines(' ', last_lines(&c->before, nshown));
	}
	put_lines('+', c->added.s);
}

/* --- writing it ----------------------------------------------------------------------------- */

static int write_change(struct change *c, struct err *reterr)
{
	struct arena mem = { 0 };
	char *folder = arena_strdup(&mem, c->path ? c->path : "");
	char *slash = strrchr(folder, '/');
	int status = 0;

	if (slash)
		*slash = '\0';
	if (slash && fs_mkdirs(folder, reterr) < 0)
		status = -1;
	if (c->path && status == 0) {
		if (is_cut(c))
			buf_addch(&c->before, '\n');
		buf_add(&c->before, c->added.s, c->added.len);
		status = outfile_write(c->path, c->before.s, c->before.len, reterr);
	}
	arena_release(&mem);
	return status;
}

/* 1: yes; 0: no; -1: there is nobody to ask. */
static int ask(struct err *reterr)
{
	char answer[16] = "";

	if (isatty(STDIN_FILENO) != 1 || isatty(STDOUT_FILENO) != 1)
		return err_set(reterr, ERR_USAGE, NULL, 0,
			       "nothing is written: there is no terminal to ask on; say --yes");
	printf("Write this? [y/N] ");
	fflush(stdout);
	if (!fgets(answer, sizeof answer, stdin))
		return 0;
	return answer[0] == 'y' || answer[0] == 'Y';
}

static int init(const struct init_words *w, struct change changes[2], struct err *reterr)
{
	bool is_cmake = false;
	int answer = w->is_sure;

	if (plan_build(&changes[0], &is_cmake, reterr) < 0)
		return -1;
	plan_ci(w->ci, is_cmake, &changes[1]);
	if (!changes[0].path && !changes[1].path)
		return 0;
	show(&changes[0]);
	show(&changes[1]);
	fflush(stdout);
	if (!w->is_sure)
		answer = ask(reterr);
	if (answer < 0)
		return -1;
	if (answer == 0) {
		printf("nothing is written\n");
		return 0;
	}
	if (write_change(&changes[0], reterr) < 0 || write_change(&changes[1], reterr) < 0)
		return -1;
	return 0;
}

static int exec(const struct command_row *self, const char *const *words, size_t nwords)
{
	struct init_words w = { 0 };
	struct change changes[2] = { { .before = BUF_INIT, .added = BUF_INIT },
				     { .before = BUF_INIT, .added = BUF_INIT } };
	struct arena mem = { 0 };
	struct option_strings rest = { 0 };
	struct err e = { 0 };
	const struct option_args args = { .words = words, .nwords = nwords };
	int code = 0;

	if (option_defaults(rows, &w, &mem, &e) < 0 ||
	    option_parse(rows, &args, &w, &mem, &rest, &e) < 0)
		code = cli_fail(&e);
	else if (w.wants_help)
		code = show_help(self);
	else if (command_check_args(self, rest.n, &e) < 0 || init(&w, changes, &e) < 0)
		code = cli_fail(&e);
	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		buf_release(&changes[i].before);
		buf_release(&changes[i].added);
	}
	arena_release(&mem);
	return code;
}

const struct command_row cmd_init = {
	.name = "init",
	.args = "[--ci github|gitlab] [--yes]",
	.help = "add the lines to this folder's CMakeLists.txt or Makefile, showing them first",
	.options = rows,
	.exec = exec,
};
