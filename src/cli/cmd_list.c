/* SPDX-License-Identifier: MIT
 *
 * gangway list, gangway explain: what exists, and why a test is (not) run.
 */
#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/quote.h"
#include "cli/commands.h"
#include "cli/remember.h"
#include "cli/session.h"
#include "cli/show.h"

static int list(struct session *s, struct err *reterr)
{
	(void)reterr;
	return show_collected(s);
}

static int list_exec(const struct command_row *self, const char *const *words, size_t nwords)
{
	const struct option_args args = { .words = words, .nwords = nwords };

	return session_exec(self, &args, false, list);
}

const struct command_row cmd_list = {
	.name = "list",
	.args = "[options] [PATH|ID...]",
	.help = "show the tests that exist and are selected",
	.options = options_run_rows,
	.max_args = ARGS_ANY,
	.exec = list_exec,
};

static void add_field(struct buf *out, const char *name, const char *value)
{
	buf_addf(out, "  %-10s ", name);
	quote_display(out, value, strlen(value));
	buf_addch(out, '\n');
}

static void explain_test(struct buf *out, const struct session *s, const struct test *t)
{
	const struct target *target = &s->tests.targets[t->target];
	struct buf text = BUF_INIT;

	quote_display(out, t->id, strlen(t->id));
	buf_addch(out, '\n');
	add_field(out, "run",
		  t->left_out      ? "no"
		  : t->skip_reason ? "skipped"
		  : t->error       ? "no, it is an error"
				   : "yes");
	if (t->left_out || t->skip_reason)
		add_field(out, "because", t->left_out ? t->left_out : t->skip_reason);
	if (t->error)
		add_field(out, "error", t->error);
	add_field(out, "framework", target->adapter);
	for (size_t i = 0; i < target->nargv; i++) {
		if (i > 0)
			buf_addch(&text, ' ');
		quote_shell(&text, target->argv[i]);
	}
	add_field(out, "command", text.s);
	add_field(out, "folder", target->workdir);
	if (t->file) {
		buf_clear(&text);
		buf_addf(&text, "%s:%u", t->file, t->line);
		add_field(out, "source", text.s);
	}
	for (size_t i = 0; i < t->nmarks; i++)
		add_field(out, "mark", t->marks[i]);
	if (t->group)
		add_field(out, "group", t->group);
	for (size_t i = 0; i < t->nlocks; i++)
		add_field(out, "lock", t->locks[i]);
	if (t->slots > 1) {
		buf_clear(&text);
		buf_addf(&text, "%u", t->slots);
		add_field(out, "slots", text.s);
	}
	if (t->timeout_us != TIME_UNKNOWN) {
		buf_clear(&text);
		buf_addf(&text, "%llu.%03u s", (unsigned long long)(t->timeout_us / 1000000),
			 (unsigned)(t->timeout_us / 1000 % 1000));
		add_field(out, "timeout", text.s);
	}
	for (size_t i = 0; i < t->nafter; i++)
		add_field(out, "after", t->after[i]);
	for (size_t i = 0; i < t->nprops; i++) {
		buf_clear(&text);
		buf_addf(&text, "%s = %s", t->props[i].key, t->props[i].value);
		add_field(out, "property", text.s);
	}
	buf_clear(&text);
	remember_describe(s, test_own_id(t), &text);
	if (text.len > 0)
		add_field(out, "history", text.s);
	buf_release(&text);
}

/* Where the plan has a test: its first unit, for under --dist=each it is in one of every lane. */
struct place {
	const struct unit *unit; /* NULL: it does not run */
	size_t number;           /* in the unit, from 1 */
};

static struct place *find_places(const struct session *s)
{
	struct place *places = xcalloc(s->tests.ntests + 1, sizeof *places);

	for (size_t i = s->plan.nunits; i-- > 0;) {
		const struct unit *u = &s->plan.units[i];

		for (size_t k = 0; k < u->ntests; k++)
			places[u->tests[k]] = (struct place){ u, k + 1 };
	}
	return places;
}

static void explain_unit(struct buf *out, const struct place *place)
{
	const struct unit *u = place->unit;

	if (!u)
		return;
	buf_addf(out, "  %-10s %s, %zu of %zu: ", "unit", u->name, place->number, u->ntests);
	quote_display(out, u->reason, strlen(u->reason));
	buf_addch(out, '\n');
}

static bool is_asked(const struct option_strings *ids, const char *id)
{
	for (size_t i = 0; i < ids->n; i++) {
		if (test_id_is_within(id, ids->items[i]))
			return true;
	}
	return ids->n == 0;
}

static int explain(struct session *s, struct err *reterr)
{
	struct buf text = BUF_INIT;
	struct place *places = find_places(s);

	(void)reterr;
	for (size_t i = 0; i < s->tests.ntests; i++) {
		const struct test *t = &s->tests.tests[i];

		if (!is_asked(&s->options.ids, t->id))
			continue;
		explain_test(&text, s, t);
		explain_unit(&text, &places[i]);
	}
	fputs(text.s, stdout);
	free(places);
	buf_release(&text);
	return 0;
}

static int explain_exec(const struct command_row *self, const char *const *words, size_t nwords)
{
	const struct option_args args = { .words = words, .nwords = nwords };

	return session_exec(self, &args, true, explain);
}

const struct command_row cmd_explain = {
	.name = "explain",
	.args = "[options] [PATH|ID...]",
	.help = "say for each test whether it runs, how, with which others, and why",
	.options = options_run_rows,
	.max_args = ARGS_ANY,
	.exec = explain_exec,
};
