/* SPDX-License-Identifier: MIT
 *
 * gangway plan, gangway graph: with whom, when; and the job graph for plain ninja and make.
 */
#include "base/buf.h"
#include "base/err.h"
#include "base/quote.h"
#include "cli/commands.h"
#include "cli/fail.h"
#include "cli/session.h"
#include "cli/show.h"
#include "stage/graph.h"
#include "sys/fs.h"
#include "sys/outfile.h"

static void print_plan(const struct session *s)
{
	const struct plan *p = &s->plan;
	struct buf text = BUF_INIT;

	buf_addf(&text, "%zu units on %u workers (%s), dist %s\n", p->nunits, p->nlanes,
		 p->lanes_reason, dist_word(p->dist));
	for (size_t i = 0; i < p->nunits; i++) {
		const struct unit *u = &p->units[i];

		buf_addf(&text, "%s: ", u->name);
		quote_display(&text, u->reason, strlen(u->reason));
		if (u->home != NO_INDEX)
			buf_addf(&text, ", on gw%u", u->home);
		buf_addch(&text, '\n');
		for (size_t k = 0; k < u->ntests; k++) {
			const char *id = s->tests.tests[u->tests[k]].id;

			buf_addstr(&text, "  ");
			quote_display(&text, id, strlen(id));
			buf_addch(&text, '\n');
		}
	}
	fputs(text.s, stdout);
	buf_release(&text);
}

static int plan_exec(const struct command_row *self, const char *const *words, size_t nwords)
{
	struct session s = { 0 };
	struct err e = { 0 };
	int code = 0;

	if (session_options(&s, words, nwords, &e) < 0) {
		code = cli_fail(&e);
	} else if (s.options.wants_help || s.options.wants_version) {
		code = show_help_or_version(self, &s.options);
	} else if (session_collect(&s, &e) < 0 || session_schedule(&s, &e) < 0) {
		code = cli_fail(&e);
	} else if (s.selection.nselected == 0) {
		code = show_nothing(&s);
	} else {
		print_plan(&s);
	}
	session_release(&s);
	return code;
}

const struct command_row cmd_plan = {
	.name = "plan",
	.args = "[options] [PATH|ID...]",
	.help = "show the units of tests in the order in which they would start",
	.options = options_run_rows,
	.max_args = ARGS_ANY,
	.exec = plan_exec,
};

/* Options of graph alone, read before those of a run. */
struct graph_words {
	const char *output;
	const char *shape;
};

/* Take "-o FILE" and "--shape WORD" out of the words; the rest stays in order. */
static int split_words(const char *const *words, size_t nwords, const char **rest, size_t *nrest,
		       struct graph_words *ret, struct err *reterr)
{
	for (size_t i = 0; i < nwords; i++) {
		const char **to = NULL;

		if (strcmp(words[i], "-o") == 0 || strcmp(words[i], "--output") == 0)
			to = &ret->output;
		else if (strcmp(words[i], "--shape") == 0)
			to = &ret->shape;
		else if (strncmp(words[i], "--output=", 9) == 0)
			ret->output = words[i] + 9;
		else if (strncmp(words[i], "--shape=", 8) == 0)
			ret->shape = words[i] + 8;
		else
			rest[(*nrest)++] = words[i];
		if (to && i + 1 == nwords)
			return err_set(reterr, ERR_USAGE, NULL, 0, "option '%s' needs a value",
				       words[i]);
		if (to)
			*to = words[++i];
	}
	if (ret->shape && strcmp(ret->shape, "queue") != 0 && strcmp(ret->shape, "lanes") != 0)
		return err_set(reterr, ERR_USAGE, NULL, 0,
			       "bad value '%s' for '--shape': lanes, queue", ret->shape);
	if (!ret->output)
		ret->output = "-";
	return 0;
}

/* Where the plan and the results of a graph file go: beside it. */
static const char *graph_folder(struct session *s, const char *output)
{
	const char *cwd = fs_cwd(&s->mem);
	const char *base = strcmp(output, "-") == 0 ? "tests" : output;
	const char *path = fs_absolute(&s->mem, cwd, base);
	char *folder = arena_alloc(&s->mem, strlen(path) + 3, 1);

	stpcpy(stpcpy(folder, path), ".d");
	return folder;
}

static int write_graph(struct session *s, const struct graph_words *w, struct err *reterr)
{
	struct buf text = BUF_INIT;
	const char *folder = graph_folder(s, w->output);

	s->run.wants_junit = true;
	s->run.is_by_unit = !w->shape || strcmp(w->shape, "lanes") == 0;
	if (session_save(s, folder, reterr) < 0)
		return -1;
	const struct graph_options options = {
		.shape = s->run.is_by_unit ? GRAPH_LANES : GRAPH_QUEUE,
		.dialect = s->options.engine == ENGINE_WISH_MAKE ? GRAPH_MAKE : GRAPH_NINJA,
		.gangway = session_program(&s->mem),
		.rundir = folder,
		.workdir = fs_cwd(&s->mem),
	};
	int status = graph_write(&options, &s->plan, &s->tests, &text, reterr);
	struct outfile *o = status == 0 ? outfile_open(w->output, reterr) : NULL;

	if (o) {
		fwrite(text.s, 1, text.len, outfile_stream(o)); /* commit looks at its errors */
		status = outfile_commit_if_changed(o, reterr);
	}
	buf_release(&text);
	return o ? status : -1;
}

static int graph_exec(const struct command_row *self, const char *const *words, size_t nwords)
{
	struct session s = { 0 };
	struct graph_words w = { 0 };
	struct err e = { 0 };
	const char **rest = arena_alloc(&s.mem, nwords + 1, sizeof *rest);
	size_t nrest = 0;
	int code = 0;

	if (split_words(words, nwords, rest, &nrest, &w, &e) < 0 ||
	    session_options(&s, rest, nrest, &e) < 0)
		code = cli_fail(&e);
	else if (s.options.wants_help || s.options.wants_version)
		code = show_help_or_version(self, &s.options);
	else if (session_collect(&s, &e) < 0 || session_schedule(&s, &e) < 0)
		code = cli_fail(&e);
	else if (s.selection.nselected == 0)
		code = show_nothing(&s);
	else if (write_graph(&s, &w, &e) < 0)
		code = cli_fail(&e);
	session_release(&s);
	return code;
}

const struct command_row cmd_graph = {
	.name = "graph",
	.args = "[-o FILE] [--shape lanes|queue] [options] [PATH|ID...]",
	.help = "write a job graph that plain `ninja -f FILE` or `make -f FILE` runs",
	.options = options_run_rows,
	.max_args = ARGS_ANY,
	.exec = graph_exec,
};
