/* SPDX-License-Identifier: MIT
 *
 * gangway history: what is remembered of earlier runs, and its way to other machines.
 */
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/quote.h"
#include "cli/commands.h"
#include "cli/config_find.h"
#include "cli/fail.h"
#include "cli/option.h"
#include "cli/show.h"
#include "format/durations.h"
#include "format/history.h"
#include "model/config.h"
#include "model/test.h"
#include "sys/fs.h"
#include "sys/outfile.h"

struct history_options {
	const char *rootdir;
	const char *config_file;
	bool wants_help;
};

#define AT(field) .offset = offsetof(struct history_options, field)

static const struct option_row history_rows[] = {
	{ OPTION_STRING, 0, "rootdir", .metavar = "DIR", AT(rootdir),
	  .help = "the folder whose .gangway/history.db is meant" },
	{ OPTION_STRING, 'c', "config-file", .metavar = "FILE", AT(config_file),
	  .help = "read this in place of gangway.ini" },
	{ OPTION_FLAG, 'h', "help", AT(wants_help), .help = "show this and stop" },
	{ .kind = OPTION_END },
};

/* --- show ----------------------------------------------------------------------------------- */

static bool is_wanted(const struct option_strings *ids, const char *id)
{
	for (size_t i = 0; i < ids->n; i++) {
		if (test_id_is_within(id, ids->items[i]))
			return true;
	}
	return ids->n == 0;
}

static void add_row(const struct history_test *t, struct buf *out)
{
	if (t->mean_us == TIME_UNKNOWN)
		buf_addf(out, "%12s", "-");
	else
		buf_addf(out, "%5llu.%06llu", (unsigned long long)(t->mean_us / 1000000),
			 (unsigned long long)(t->mean_us % 1000000));
	buf_addf(out, " %6llu", (unsigned long long)t->nruns);
	if (t->peak_bytes == TIME_UNKNOWN)
		buf_addf(out, " %8s", "-");
	else
		buf_addf(out, " %7lluM", (unsigned long long)(t->peak_bytes / (1024 * 1024)));
	buf_addf(out, " %6llu  ", (unsigned long long)t->nflakes);
	struct buf outcomes = BUF_INIT;

	quote_display(&outcomes, t->outcomes, strlen(t->outcomes));
	buf_addf(out, "%-*s  ", (int)HISTORY_OUTCOMES, outcomes.s);
	buf_release(&outcomes);
	quote_display(out, t->id, strlen(t->id));
	buf_addch(out, '\n');
}

static int show(struct history *h, const struct option_strings *ids)
{
	struct buf text = BUF_INIT;
	size_t n = 0;

	history_sort_by_time(h);
	buf_addf(&text, "%12s %6s %8s %6s  %-*s  %s\n", "seconds", "runs", "memory", "flakes",
		 (int)HISTORY_OUTCOMES, "last", "id");
	for (size_t i = 0; i < h->ntests; i++) {
		if (!is_wanted(ids, h->tests[i].id))
			continue;
		add_row(&h->tests[i], &text);
		n++;
	}
	if (n > 0)
		fputs(text.s, stdout);
	else
		puts("nothing is known of earlier runs");
	buf_release(&text);
	return n > 0 || ids->n == 0 ? 0 : 5;
}

/* --- export, import ------------------------------------------------------------------------- */

static int export(struct history *h, const char *path, struct err *reterr)
{
	struct buf text = BUF_INIT;

	durations_write(h, &text);
	struct outfile *o = outfile_open(path, reterr);
	int status = -1;

	if (o) {
		fwrite(text.s, 1, text.len, outfile_stream(o)); /* commit looks at its errors */
		status = outfile_commit_if_changed(o, reterr);
	}
	buf_release(&text);
	return status;
}

static int import(const struct history_file *file, const char *folder,
		  const struct option_strings *paths, struct err *reterr)
{
	struct history h = { 0 };
	int status = 0;

	for (size_t i = 0; i < paths->n && status == 0; i++)
		status = durations_read(paths->items[i], &h, reterr);
	if (status == 0)
		status = fs_mkdirs(folder, reterr);
	if (status == 0)
		status = history_import(file, &h, reterr);
	history_release(&h);
	return status;
}

/* Which of the words is meant, and what is behind it. */
static int work(const struct history_file *file, const char *folder,
		const struct option_strings *words, struct err *reterr)
{
	const char *verb = words->n > 0 ? words->items[0] : "show";
	bool is_export = strcmp(verb, "export") == 0;
	bool is_import = strcmp(verb, "import") == 0;
	bool is_verb = is_export || is_import || strcmp(verb, "show") == 0;
	struct option_strings rest = *words;
	struct history h = { 0 };
	int code = 0;

	if (is_verb && rest.n > 0) {
		rest.items++;
		rest.n--;
	}
	if (is_import && rest.n == 0)
		return err_set(reterr, ERR_USAGE, NULL, 0, "'history import' needs a FILE");
	if (is_export && rest.n != 1)
		return err_set(reterr, ERR_USAGE, NULL, 0, "'history export' needs one FILE");
	if (is_import)
		return import(file, folder, &rest, reterr);
	if (history_load(file, NULL, 0, &h, reterr) < 0)
		code = -1;
	else if (is_export)
		code = export(&h, rest.items[0], reterr);
	else
		code = show(&h, &rest);
	history_release(&h);
	return code;
}

static int at_history(const struct history_options *o, const struct option_strings *words,
		      struct arena *mem, struct err *reterr)
{
	struct config config = { 0 };
	struct buf warning = BUF_INIT;
	const struct config_wish wish = { .file = o->config_file, .rootdir = o->rootdir };
	int code = -1;

	if (config_find(&wish, &config, reterr) == 0) {
		const char *folder = fs_join(mem, config.rootdir, ".gangway");
		const struct history_file file = { fs_join(mem, folder, "history.db"), &warning };

		code = work(&file, folder, words, reterr);
	}
	if (warning.len > 0)
		cli_warn("%s", warning.s);
	buf_release(&warning);
	config_release(&config);
	return code;
}

static int exec(const struct command_row *self, const char *const *words, size_t nwords)
{
	struct history_options o = { 0 };
	struct option_strings rest = { 0 };
	struct arena mem = { 0 };
	struct err e = { 0 };
	const struct option_args args = { .words = words, .nwords = nwords };
	int code = -1;

	if (option_defaults(history_rows, &o, &mem, &e) == 0 &&
	    option_parse(history_rows, &args, &o, &mem, &rest, &e) == 0)
		code = o.wants_help ? show_help(self) : at_history(&o, &rest, &mem, &e);
	arena_release(&mem);
	return code < 0 ? cli_fail(&e) : code;
}

const struct command_row cmd_history = {
	.name = "history",
	.args = "[show] [ID...] | export FILE | import FILE...",
	.help = "show what is remembered of each test, the slowest first; write and read durations",
	.options = history_rows,
	.max_args = ARGS_ANY,
	.exec = exec,
};
