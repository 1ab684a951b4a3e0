/* SPDX-License-Identifier: MIT
 *
 * gangway plan, gangway graph: with whom, when; and the job graph for plain ninja and make.
 */
#include "base/buf.h"
#include "base/err.h"
#include "base/quote.h"
#include "cli/commands.h"
#include "cli/cover.h"
#include "cli/graph_file.h"
#include "cli/replan.h"
#include "cli/session.h"
#include "cli/show.h"
#include "stage/graph.h"
#include "sys/fs.h"

static void print_plan(const struct session *s)
{
	const struct plan *p = &s->plan;
	struct buf text = BUF_INIT;

	buf_addf(&text, "%zu unit%s on %u worker%s (%s), dist %s\n", p->nunits,
		 p->nunits == 1 ? "" : "s", p->nlanes, p->nlanes == 1 ? "" : "s", p->lanes_reason,
		 dist_word(p->dist));
	for (size_t i = 0; i < p->nunits; i++) {
		const struct unit *u = &p->units[i];

		buf_addf(&text, "%s: ", u->name);
		quote_display(&text, u->reason, strlen(u->reason));
		if (u->home != NO_INDEX)
			buf_addf(&text, ", on gw%u", u->home);
		if (u->cost_us != TIME_UNKNOWN)
			buf_addf(&text, ", %llu.%03llu s expected",
				 (unsigned long long)(u->cost_us / 1000000),
				 (unsigned long long)(u->cost_us / 1000 % 1000));
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

static int plan(struct session *s, struct err *reterr)
{
	(void)reterr;
	if (s->selection.nselected == 0)
		return show_nothing(s);
	print_plan(s);
	return 0;
}

static int plan_exec(const struct command_row *self, const char *const *words, size_t nwords)
{
	const struct option_args args = { .words = words, .nwords = nwords };

	return session_exec(self, &args, true, plan);
}

const struct command_row cmd_plan = {
	.name = "plan",
	.args = "[options] [PATH|ID...]",
	.help = "show the units of tests in the order in which they would start",
	.options = options_run_rows,
	.max_args = ARGS_ANY,
	.exec = plan_exec,
};

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

static int write_graph(struct session *s, struct err *reterr)
{
	const struct options_run *o = &s->options;

	if (s->selection.nselected == 0)
		return show_nothing(s);
	if (o->part && (o->graph_shape != GRAPH_LANES || strcmp(o->graph_output, "-") == 0))
		return err_set(reterr, ERR_USAGE, NULL, 0,
			       "--part needs -o FILE and --shape=lanes");
	s->run.wants_junit = true;
	s->run.is_by_unit = o->graph_shape == GRAPH_LANES;
	const char *folder = graph_folder(s, o->graph_output);

	if (s->run.is_by_unit)
		replan_follow(s, folder);
	if (session_save(s, folder, reterr) < 0 || cover_begin(s, reterr) < 0 ||
	    (o->part && replan_keep(s, &s->words, reterr) < 0))
		return -1;
	return graph_file_write(o, s->rundir, &s->plan, &s->tests, reterr);
}

static int graph_exec(const struct command_row *self, const char *const *words, size_t nwords)
{
	const struct option_args args = { .words = words, .nwords = nwords };

	return session_exec(self, &args, true, write_graph);
}

const struct command_row cmd_graph = {
	.name = "graph",
	.args = "[-o FILE] [options] [PATH|ID...]",
	.help = "write a job graph that plain `ninja -f FILE` or `make -f FILE` runs",
	.options = options_graph_rows,
	.max_args = ARGS_ANY,
	.exec = graph_exec,
};
