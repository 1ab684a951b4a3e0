/* SPDX-License-Identifier: MIT
 *
 * Names of ours begin with gangway_, since the file may be included in another one.  Recipes are
 * plain lines: no '+', so a dry run runs nothing, and make's jobserver stays make's.
 */
#include "format/makefile.h"

#include "base/buf.h"
#include "base/quote.h"

#define ALWAYS "gangway_always"

static void comment(struct buf *out, const char *text)
{
	buf_addstr(out, "# ");
	quote_display(out, text, strlen(text));
	/* a backslash at the end would make the next line a comment too */
	buf_addstr(out, out->s[out->len - 1] == '\\' ? " .\n" : "\n");
}

static void begin(struct buf *out, const struct jobfile_head *head)
{
	/* the first target is the default one */
	if (head->default_name)
		buf_addf(out, "%s:\n", head->default_name);
	else
		buf_addstr(out, "gangway_goal := $(.DEFAULT_GOAL)\n");
	buf_addstr(out, ".PHONY: " ALWAYS "\n");
}

static void rule(struct buf *out, const struct jobfile_rule *r)
{
	struct buf words = BUF_INIT;

	for (size_t i = 0; i < r->nwords; i++) {
		if (i > 0)
			buf_addch(&words, ' ');
		quote_shell_line(&words, r->words[i]);
	}
	/* inside define, a '#' is only a byte */
	buf_addf(out, "define gangway_%s\n", r->name);
	quote_make_recipe(out, words.s, words.len);
	buf_addstr(out, "\nendef\n");
	buf_release(&words);
}

static void put_paths(struct buf *out, const char *before, const char *const *paths, size_t n)
{
	if (n > 0)
		buf_addstr(out, before);
	for (size_t i = 0; i < n; i++) {
		buf_addch(out, ' ');
		quote_make_path(out, paths[i]);
	}
}

static void put_phony(struct buf *out, const char *name)
{
	buf_addstr(out, ".PHONY: ");
	quote_make_path(out, name);
	buf_addch(out, '\n');
}

static void job(struct buf *out, const struct jobfile_job *j)
{
	if (j->is_name)
		put_phony(out, j->output);
	quote_make_target(out, j->output);
	buf_addch(out, ':');
	put_paths(out, "", (const char *const *)j->inputs, j->ninputs);
	if (j->is_always)
		buf_addstr(out, " " ALWAYS);
	put_paths(out, " |", (const char *const *)j->after, j->nafter);
	buf_addf(out, "\n\t%s@$(gangway_%s)%s", j->rule->is_lenient ? "-" : "", j->rule->name,
		 j->args[0] ? " " : "");
	quote_make_recipe(out, j->args, strlen(j->args));
	buf_addch(out, '\n');
}

static void alias(struct buf *out, const char *name, const char *const *paths, size_t n)
{
	put_phony(out, name);
	quote_make_target(out, name);
	buf_addch(out, ':');
	put_paths(out, "", paths, n);
	buf_addch(out, '\n');
}

static void end(struct buf *out, const struct jobfile_head *head)
{
	if (!head->default_name)
		buf_addstr(out, ".DEFAULT_GOAL := $(gangway_goal)\n");
}

const struct jobfile makefile = {
	.has_pools = false,
	.can_say = quote_make_ok,
	.begin = begin,
	.comment = comment,
	.rule = rule,
	.job = job,
	.alias = alias,
	.end = end,
};
