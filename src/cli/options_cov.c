/* SPDX-License-Identifier: MIT */
#include "cli/options_cov.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/parse.h"
#include "base/quote.h"
#include "cli/options_run.h"
#include "model/cov.h"
#include "sys/fs.h"

#define AT(field) .offset = offsetof(struct options_run, cov.field)

static const char coverage[] = "Coverage";

/* clang-format off */
/* What `gangway report` takes as well. */
#define ROWS_SHARED \
	{ OPTION_OPTIONALS, 0, "cov", .metavar = "PATH", AT(sources), .section = coverage, \
	  .help = "which lines tests run: of source files at or below PATH, else below the rootdir; may be given again" }, \
	{ OPTION_STRINGS, 0, "cov-report", .metavar = "TYPE[:DEST]", AT(report_words), \
	  .section = coverage, \
	  .help = "term, term-missing, html[:DIR], xml[:FILE] (Cobertura), lcov[:FILE], json[:FILE]; term where none is given; may be given again" }, \
	{ OPTION_FLAG, 0, "cov-branch", AT(wants_branches), .section = coverage, \
	  .help = "count branches too" }, \
	{ OPTION_STRING, 0, "cov-fail-under", .metavar = "PERCENT", AT(fail_under_text), \
	  .section = coverage, .help = "exit with 1 where less is covered" }, \
	{ OPTION_STRINGS, 0, "cov-exclude", .metavar = "GLOB", AT(excludes), .section = coverage, \
	  .help = "leave out source files whose path GLOB matches; may be given again" }, \
	{ OPTION_STRINGS, 0, "cov-path-map", .metavar = "FROM=TO", AT(path_maps), .section = coverage, \
	  .help = "source files below FROM are those below TO; may be given again" }, \
	{ OPTION_STRING, 0, "cov-diff", .metavar = "REV", AT(diff), .section = coverage, \
	  .help = "only lines that changed since git's revision REV" }

const struct option_row options_cov_rows[] = {
	ROWS_SHARED,
	{ OPTION_STRING, 0, "cov-tests", .metavar = "FILE:LINE", AT(tests_word), .section = coverage,
	  .help = "only list the tests that ran this line, of a run with --cov-context=test" },
	{ .kind = OPTION_END },
};

const struct option_row options_cov_run_rows[] = {
	ROWS_SHARED,
	{ OPTION_FLAG, 0, "no-cov", AT(is_off), .section = coverage,
	  .help = "no coverage, whatever else says so: for a debugger" },
	{ OPTION_FLAG, 0, "cov-throw-branches", AT(wants_throws), .section = coverage,
	  .help = "branches that only an exception takes count too" },
	{ OPTION_FLAG, 0, "cov-in-place", AT(is_in_place), .section = coverage,
	  .help = "let programs keep their counters in the build tree, where gcc puts them; those of earlier runs are removed first" },
	{ OPTION_FLAG, 0, "cov-append", AT(is_appended), .section = coverage,
	  .help = "add what the counters in the build tree have from earlier runs" },
	{ OPTION_STRING, 0, "cov-context", .metavar = "test", AT(context_text), .section = coverage,
	  .help = "note which tests ran each line (--cov-report=json, report --cov-tests); each has a process of its own then" },
	{ .kind = OPTION_END },
};
/* clang-format on */

static const struct {
	const char *word;
	enum cov_report_type type;
	const char *path; /* where none is given */
} types[] = {
	{ "term", COV_REPORT_TERM, NULL },
	{ "term-missing", COV_REPORT_TERM_MISSING, NULL },
	{ "html", COV_REPORT_HTML, "htmlcov" },
	{ "xml", COV_REPORT_XML, "coverage.xml" },
	{ "lcov", COV_REPORT_LCOV, "coverage.lcov" },
	{ "json", COV_REPORT_JSON, "coverage.json" },
};

static int bad_report(const char *word, struct err *reterr)
{
	struct buf text = BUF_INIT;

	buf_addch(&text, '\'');
	quote_display(&text, word, strlen(word));
	buf_addstr(&text, "' is no value for '--cov-report'; accepted: term, term-missing, "
			  "html[:DIR], xml[:FILE], lcov[:FILE], json[:FILE]");
	err_set(reterr, ERR_USAGE, NULL, 0, "%s", text.s);
	buf_release(&text);
	return -1;
}

static int read_report(const char *word, struct arena *mem, const char *cwd,
		       struct cov_report_wish *ret, struct err *reterr)
{
	size_t len = strcspn(word, ":");
	const char *path = word[len] ? word + len + 1 : NULL;

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		if (strlen(types[i].word) != len || memcmp(types[i].word, word, len) != 0)
			continue;
		if (path && (!*path || !types[i].path))
			break; /* no file where one is announced, or one that cannot be */
		ret->type = types[i].type;
		if (path && strcmp(path, "-") == 0 && ret->type != COV_REPORT_HTML)
			ret->path = path;
		else if (types[i].path)
			ret->path = fs_absolute(mem, cwd, path ? path : types[i].path);
		return 0;
	}
	return bad_report(word, reterr);
}

static int settle_reports(struct options_cov *o, struct arena *mem, const char *cwd,
			  struct err *reterr)
{
	size_t n = o->report_words.n;

	o->reports = arena_alloc(mem, n + 1, sizeof *o->reports);
	for (o->nreports = 0; o->nreports < n; o->nreports++) {
		if (read_report(o->report_words.items[o->nreports], mem, cwd,
				&o->reports[o->nreports], reterr) < 0)
			return -1;
	}
	if (n == 0)
		o->nreports = 1; /* all zeroes: the terminal's table */
	return 0;
}

/* What separates the two folders; NULL: there are not two. */
static const char *map_separator(const char *word)
{
	const char *equals = strchr(word, '=');

	return equals && equals > word ? equals : NULL;
}

static int settle_context(const struct options_cov *o, struct err *reterr)
{
	struct buf text = BUF_INIT;

	if (!o->context_text)
		return 0;
	if (strcmp(o->context_text, "test") != 0) {
		quote_display(&text, o->context_text, strlen(o->context_text));
		err_set(reterr, ERR_USAGE, NULL, 0,
			"'%s' is no value for '--cov-context'; accepted: test", text.s);
		buf_release(&text);
		return -1;
	}
	if (o->is_in_place)
		return err_set(reterr, ERR_USAGE, NULL, 0,
			       "'--cov-context' and '--cov-in-place' do not go together: in the "
			       "build tree the counters of all tests are one sum");
	return 0;
}

static int settle_tests(struct options_cov *o, struct arena *mem, const char *cwd,
			struct err *reterr)
{
	const char *colon = o->tests_word ? strrchr(o->tests_word, ':') : NULL;
	struct buf text = BUF_INIT;
	uint64_t line = 0;

	if (!o->tests_word)
		return 0;
	if (!colon || colon == o->tests_word || !parse_uint(colon + 1, COV_LINE_MAX, &line) ||
	    line == 0) {
		quote_display(&text, o->tests_word, strlen(o->tests_word));
		err_set(reterr, ERR_USAGE, NULL, 0,
			"'%s' is no value for '--cov-tests'; accepted: FILE:LINE", text.s);
		buf_release(&text);
		return -1;
	}
	o->tests_file = fs_absolute(
		mem, cwd, arena_memdup(mem, o->tests_word, (size_t)(colon - o->tests_word)));
	o->tests_line = (uint32_t)line;
	return 0;
}

int options_cov_settle(struct options_cov *o, struct arena *mem, const char *cwd,
		       struct err *reterr)
{
	enum { ALL_PPM = 100 * 1000000 };

	o->fail_under_ppm = TIME_UNKNOWN;
	if (o->fail_under_text &&
	    (!parse_seconds(o->fail_under_text, &o->fail_under_ppm) || o->fail_under_ppm > ALL_PPM))
		return err_set(reterr, ERR_USAGE, NULL, 0,
			       "'%s' is no value for '--cov-fail-under'; accepted: a percentage "
			       "from 0 to 100",
			       o->fail_under_text);
	for (size_t i = 0; i < o->path_maps.n; i++) {
		if (!map_separator(o->path_maps.items[i]))
			return err_set(reterr, ERR_USAGE, NULL, 0,
				       "'%s' is no value for '--cov-path-map'; accepted: FROM=TO",
				       o->path_maps.items[i]);
	}
	for (size_t i = 0; i < o->sources.n; i++) {
		if (*o->sources.items[i])
			o->sources.items[i] = fs_absolute(mem, cwd, o->sources.items[i]);
	}
	if (settle_context(o, reterr) < 0 || settle_tests(o, mem, cwd, reterr) < 0)
		return -1;
	return settle_reports(o, mem, cwd, reterr);
}

bool options_cov_is_on(const struct options_cov *o)
{
	return o->sources.n > 0 && !o->is_off;
}

bool options_cov_has_contexts(const struct options_cov *o)
{
	return options_cov_is_on(o) && o->context_text;
}

static void add_word(struct option_strings *ret, struct arena *mem, const char *name,
		     const char *value)
{
	struct buf word = BUF_INIT;

	if (!value)
		return;
	buf_addf(&word, "--%s%s%s", name, *value ? "=" : "", value);
	option_strings_add(ret, mem, word.s);
	buf_release(&word);
}

static void add_words(struct option_strings *ret, struct arena *mem, const char *name,
		      const struct option_strings *values)
{
	for (size_t i = 0; i < values->n; i++)
		add_word(ret, mem, name, values->items[i]);
}

void options_cov_words(const struct options_cov *o, struct arena *mem, struct option_strings *ret)
{
	add_words(ret, mem, "cov", &o->sources);
	for (size_t i = 0; i < o->report_words.n; i++) {
		const struct cov_report_wish *r = &o->reports[i];
		struct buf word = BUF_INIT;

		buf_addstr(&word, types[r->type].word);
		if (r->path)
			buf_addf(&word, ":%s", r->path);
		add_word(ret, mem, "cov-report", word.s);
		buf_release(&word);
	}
	add_word(ret, mem, "cov-branch", o->wants_branches ? "" : NULL);
	add_word(ret, mem, "cov-throw-branches", o->wants_throws ? "" : NULL);
	add_word(ret, mem, "cov-fail-under", o->fail_under_text);
	add_words(ret, mem, "cov-exclude", &o->excludes);
	add_words(ret, mem, "cov-path-map", &o->path_maps);
	add_word(ret, mem, "cov-diff", o->diff);
	add_word(ret, mem, "cov-in-place", o->is_in_place ? "" : NULL);
	add_word(ret, mem, "cov-append", o->is_appended ? "" : NULL);
	add_word(ret, mem, "cov-context", o->context_text);
}
