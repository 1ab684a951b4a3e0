/* SPDX-License-Identifier: MIT
 *
 * Names of ours begin with gangway_, since the file may be read by another one (subninja, include).
 * Inputs are implicit ones (behind '|'): commands name what they need themselves.
 */
#include "format/ninjafile.h"

#include "base/buf.h"
#include "base/quote.h"

#define ALWAYS "gangway_always"

static bool can_say(const char *path)
{
	return *path && quote_ninja_ok(path, strlen(path));
}

static void comment(struct buf *out, const char *text)
{
	buf_addstr(out, "# ");
	quote_display(out, text, strlen(text));
	buf_addch(out, '\n');
}

static void begin(struct buf *out, const struct jobfile_head *head)
{
	buf_addstr(out, "ninja_required_version = 1.5\n");
	if (head->state_dir && quote_ninja_ok(head->state_dir, strlen(head->state_dir))) {
		buf_addstr(out, "builddir = ");
		quote_ninja_value(out, head->state_dir, strlen(head->state_dir));
		buf_addch(out, '\n');
	}
	/* a path can hold this byte only from a variable */
	buf_addstr(out, "gangway_pipe = |\n");
	/* no file of this name, no inputs: never up to date */
	buf_addstr(out, "build " ALWAYS ": phony\n");
	for (unsigned i = 0; i < head->nlanes; i++)
		buf_addf(out, "pool gangway_gw%u\n  depth = 1\n", i);
}

static void rule(struct buf *out, const struct jobfile_rule *r)
{
	struct buf words = BUF_INIT;

	for (size_t i = 0; i < r->nwords; i++) {
		if (i > 0)
			buf_addch(&words, ' ');
		quote_shell_line(&words, r->words[i]);
	}
	/* on an interrupt the shell, which Ninja waits for, must not go before its command */
	buf_addf(out, "rule gangway_%s\n  command = %s", r->name,
		 r->is_lenient ? "trap : INT TERM HUP; " : "");
	quote_ninja_value(out, words.s, words.len);
	buf_addf(out, " $args%s\n  description = %s $args\n", r->is_lenient ? " || :" : "",
		 r->name);
	if (r->is_live)
		buf_addstr(out, "  pool = console\n");
	/* such a rule's outputs do not depend on the command line */
	if (r->is_by_inputs)
		buf_addstr(out, "  generator = 1\n");
	buf_release(&words);
}

static void put_paths(struct buf *out, const char *before, const char *const *paths, size_t n)
{
	if (n > 0)
		buf_addstr(out, before);
	for (size_t i = 0; i < n; i++) {
		buf_addch(out, ' ');
		quote_ninja_path(out, paths[i]);
	}
}

static void job(struct buf *out, const struct jobfile_job *j)
{
	bool is_always = j->is_always || j->is_name;

	buf_addstr(out, "build ");
	quote_ninja_path(out, j->output);
	buf_addf(out, ": gangway_%s", j->rule->name);
	put_paths(out, " |", (const char *const *)j->inputs, j->ninputs);
	if (is_always)
		buf_addstr(out, j->ninputs > 0 ? " " ALWAYS : " | " ALWAYS);
	put_paths(out, " ||", (const char *const *)j->after, j->nafter);
	buf_addch(out, '\n');
	if (j->args[0]) {
		buf_addstr(out, "  args = ");
		quote_ninja_value(out, j->args, strlen(j->args));
		buf_addch(out, '\n');
	}
	if (j->lane != NO_INDEX)
		buf_addf(out, "  pool = gangway_gw%u\n", j->lane);
}

static void alias(struct buf *out, const char *name, const char *const *paths, size_t n)
{
	buf_addstr(out, "build ");
	quote_ninja_path(out, name);
	buf_addstr(out, ": phony");
	put_paths(out, "", paths, n);
	buf_addch(out, '\n');
}

static void end(struct buf *out, const struct jobfile_head *head)
{
	if (head->default_name)
		buf_addf(out, "default %s\n", head->default_name);
}

const struct jobfile ninjafile = {
	.has_pools = true,
	.can_say = can_say,
	.begin = begin,
	.comment = comment,
	.rule = rule,
	.job = job,
	.alias = alias,
	.end = end,
};
