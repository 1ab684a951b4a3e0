/* SPDX-License-Identifier: MIT */
#include "cli/show.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/quote.h"
#include "base/version.h"
#include "cli/command.h"
#include "cli/fail.h"
#include "cli/session.h"

bool show_colors(const struct options_run *o)
{
	const char *no = getenv("NO_COLOR");
	const char *force = getenv("FORCE_COLOR");

	switch (o->color) {
	case COLOR_YES:
		return true;
	case COLOR_NO:
		return false;
	case COLOR_AUTO:
		break;
	}
	if (no && *no)
		return false;
	return (force && *force) || isatty(STDOUT_FILENO) == 1;
}

unsigned show_columns(void)
{
	struct winsize size;
	const char *text = getenv("COLUMNS");
	unsigned long n = text ? strtoul(text, NULL, 10) : 0;

	if (n >= 20 && n <= 1000)
		return (unsigned)n;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20)
		return size.ws_col;
	return 80;
}

struct report_options show_options(const struct options_run *o)
{
	return (struct report_options){
		.out = stdout,
		.use_color = show_colors(o),
		.columns = show_columns(),
		.verbosity = o->verbosity,
		.tb = o->tb,
		.durations = o->durations,
		.durations_min_us = o->durations_min_us,
		.show = o->show,
	};
}

const char *show_engine_wish(const struct options_run *o)
{
	switch (o->engine) {
	case ENGINE_WISH_NINJA:
		return "ninja";
	case ENGINE_WISH_MAKE:
		return "make";
	case ENGINE_WISH_ANY:
		break;
	}
	return NULL;
}

int show_help(const struct command_row *row)
{
	struct buf text = BUF_INIT;

	command_help(row, &text);
	fputs(text.s, stdout);
	buf_release(&text);
	return 0;
}

int show_help_or_version(const struct command_row *row, const struct options_run *o)
{
	if (!o->wants_version)
		return show_help(row);
	puts("gangway " GANGWAY_VERSION);
	return 0;
}

void show_counts(const struct session *s, struct buf *out)
{
	const struct selection *sel = &s->selection;
	size_t nuncollected = tests_uncollected(&s->tests);
	size_t nitems = sel->nitems + s->tests.nerrors - nuncollected;
	size_t nerrors = s->tests.nerrors + nuncollected;

	buf_addf(out, "%zu item%s", nitems, nitems == 1 ? "" : "s");
	if (nerrors > 0)
		buf_addf(out, " / %zu error%s", nerrors, nerrors == 1 ? "" : "s");
	if (sel->ndeselected > 0)
		buf_addf(out, " / %zu deselected / %zu selected", sel->ndeselected,
			 nitems - sel->ndeselected);
}

int show_collected(const struct session *s)
{
	const struct tests *t = &s->tests;
	struct buf text = BUF_INIT;

	for (size_t i = 0; i < t->ntests; i++) {
		if ((t->tests[i].left_out && !t->tests[i].is_held) || t->tests[i].is_uncollected ||
		    (t->tests[i].error && t->nerrors > 0 && i >= t->ntests - t->nerrors))
			continue;
		quote_display(&text, t->tests[i].id, strlen(t->tests[i].id));
		buf_addch(&text, '\n');
	}
	for (size_t i = 0; i < t->ntests; i++) {
		if (t->tests[i].is_uncollected)
			cli_warn("error collecting %s: %s", t->tests[i].id, t->tests[i].error);
	}
	for (size_t i = 0; i < t->nerrors; i++)
		cli_warn("error collecting %s: %s", t->errors[i].where, t->errors[i].message);
	buf_addch(&text, '\n');
	show_counts(s, &text);
	buf_addch(&text, '\n');
	fputs(text.s, stdout);
	buf_release(&text);
	if (t->is_interrupted)
		return 2;
	if (t->nerrors > 0)
		return 1;
	return s->selection.nselected > 0 || s->is_sharded ? 0 : 5;
}

int show_nothing(const struct session *s)
{
	struct buf text = BUF_INIT;

	buf_addstr(&text, "collected ");
	show_counts(s, &text);
	fprintf(stdout, "%s\nno tests ran\n", text.s);
	buf_release(&text);
	/* a shard that has nothing to do is no failure */
	return s->is_sharded ? 0 : 5;
}
