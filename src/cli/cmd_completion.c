/* SPDX-License-Identifier: MIT
 *
 * gangway completion bash|zsh|fish: what a shell completes, from the rows of commands and options.
 */
#include "base/buf.h"
#include "base/err.h"
#include "base/quote.h"
#include "cli/commands.h"
#include "cli/fail.h"
#include "cli/option.h"
#include "cli/show.h"

struct completion_words {
	bool wants_help;
};

static const struct option_row rows[] = {
	{ OPTION_FLAG, 'h', "help", .offset = offsetof(struct completion_words, wants_help),
	  .help = "show this and stop" },
	{ .kind = OPTION_END },
};

/* Every command that people call, then NULL. */
static const struct command_row *next_command(size_t *i)
{
	while (command_rows[*i] && command_rows[*i]->is_hidden)
		(*i)++;
	return command_rows[*i] ? command_rows[(*i)++] : NULL;
}

static bool takes_value(const struct option_row *r)
{
	return (r->metavar || r->words) && r->kind != OPTION_OPTIONAL &&
	       r->kind != OPTION_OPTIONALS;
}

/* The words of "auto|logical|N" that stand for themselves. */
static void add_metavar_words(const char *metavar, struct buf *out)
{
	const char *gap = "";

	for (const char *s = metavar; *s; s += *s == '|') {
		size_t len = strcspn(s, "|");

		if (strspn(s, "abcdefghijklmnopqrstuvwxyz-") == len) {
			buf_addf(out, "%s%.*s", gap, (int)len, s);
			gap = " ";
		}
		s += len;
	}
}

static void add_values(const struct option_row *r, struct buf *out)
{
	const char *gap = "";

	if (!r->words && r->metavar)
		add_metavar_words(r->metavar, out);
	for (const struct option_word *w = r->words; w && w->word; w++) {
		if (w->is_silent)
			continue;
		buf_addf(out, "%s%s", gap, w->word);
		gap = " ";
	}
}

static bool takes_path(const struct option_row *r)
{
	return strstr(r->metavar, "FILE") || strstr(r->metavar, "DIR") ||
	       strstr(r->metavar, "PATH");
}

static void add_command_names(struct buf *out)
{
	const struct command_row *c = NULL;
	const char *gap = "";

	for (size_t i = 0; (c = next_command(&i)) != NULL; gap = " ")
		buf_addf(out, "%s%s", gap, c->name);
}

/* --- bash ----------------------------------------------------------------------------------- */

/* Every way to write the option, with `gap` between them. */
static void add_spellings(const struct option_row *r, const char *gap, struct buf *out)
{
	const char *before = "";

	if (r->letter) {
		buf_addf(out, "-%c", r->letter);
		before = gap;
	}
	if (r->name) {
		buf_addf(out, "%s--%s", before, r->name);
		before = gap;
	}
	if (r->other)
		buf_addf(out, "%s--%s", before, r->other);
}

static void add_bash_command(const struct command_row *c, struct buf *out)
{
	const char *gap = "";

	buf_addf(out, "\t%s)\n\t\tcase $option in\n", c->name);
	for (const struct option_row *r = option_first(c->options); r; r = option_next(r)) {
		struct buf values = BUF_INIT;

		if (takes_value(r))
			add_values(r, &values);
		if (values.len > 0) {
			buf_addstr(out, "\t\t");
			add_spellings(r, "|", out);
			buf_addf(out, ") values='%s' ;;\n", values.s);
		}
		buf_release(&values);
	}
	buf_addstr(out, "\t\tesac\n\t\toptions='");
	for (const struct option_row *r = option_first(c->options); r; r = option_next(r)) {
		buf_addstr(out, gap);
		add_spellings(r, " ", out);
		gap = " ";
	}
	buf_addstr(out, "' ;;\n");
}

static void add_bash(struct buf *out)
{
	const struct command_row *c = NULL;

	/* '=' is a word of its own for bash */
	buf_addstr(out,
		   "# bash completion for gangway, by gangway completion bash\n"
		   "_gangway() {\n"
		   "\tlocal word=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD - 1]}\n"
		   "\tlocal command=run commands='");
	add_command_names(out);
	buf_addstr(out,
		   "' options='' values=''\n"
		   "\tif [ \"$option\" = = ]; then option=${COMP_WORDS[COMP_CWORD - 2]}; fi\n"
		   "\tif [ \"$word\" = = ]; then option=${COMP_WORDS[COMP_CWORD - 1]} word=; fi\n"
		   "\tif [ $COMP_CWORD -gt 1 ] && [[ \" $commands \" == *\" ${COMP_WORDS[1]} \"* "
		   "]]; then\n"
		   "\t\tcommand=${COMP_WORDS[1]}\n"
		   "\tfi\n"
		   "\tcase $command in\n");
	for (size_t i = 0; (c = next_command(&i)) != NULL;)
		add_bash_command(c, out);
	buf_addstr(out, "\tesac\n"
			"\tCOMPREPLY=()\n"
			"\tif [ -n \"$values\" ]; then\n"
			"\t\tCOMPREPLY=($(compgen -W \"$values\" -- \"$word\"))\n"
			"\telif [[ $word == -* ]]; then\n"
			"\t\tCOMPREPLY=($(compgen -W \"$options\" -- \"$word\"))\n"
			"\telif [ $COMP_CWORD = 1 ]; then\n"
			"\t\tCOMPREPLY=($(compgen -W \"$commands\" -- \"$word\"))\n"
			"\tfi\n"
			"}\n"
			"complete -o bashdefault -o default -F _gangway gangway\n");
}

/* --- zsh ------------------------------------------------------------------------------------ */

/* In a specification of _arguments brackets and colons have a meaning. */
static void add_zsh_text(const char *s, struct buf *out)
{
	for (; *s; s++) {
		if (strchr("[]:\\", *s))
			buf_addch(out, '\\');
		buf_addch(out, *s);
	}
}

static void add_zsh_value(const struct option_row *r, struct buf *spec)
{
	struct buf values = BUF_INIT;

	buf_addch(spec, ':');
	add_zsh_text(r->metavar ? r->metavar : r->name, spec);
	add_values(r, &values);
	if (values.len > 0)
		buf_addf(spec, ":(%s)", values.s);
	else
		buf_addstr(spec, takes_path(r) ? ":_files" : ": "); /* ' ': nothing to offer */
	buf_release(&values);
}

/* One way to write it, "-n" or "--numprocesses"; who has one of them needs no other one. */
static void add_zsh_spelling(const struct option_row *r, const char *dashes, const char *name,
			     struct buf *out)
{
	struct buf spec = BUF_INIT;
	bool repeats = r->kind == OPTION_STRINGS || r->kind == OPTION_OPTIONALS ||
		       r->kind == OPTION_UP || r->kind == OPTION_DOWN;
	const char *value = dashes[1] ? "=" : "+";

	if (repeats) {
		buf_addch(&spec, '*');
	} else {
		buf_addch(&spec, '(');
		add_spellings(r, " ", &spec);
		buf_addch(&spec, ')');
	}
	buf_addf(&spec, "%s%s%s[", dashes, name, takes_value(r) ? value : "");
	add_zsh_text(r->help ? r->help : "", &spec);
	buf_addch(&spec, ']');
	if (takes_value(r))
		add_zsh_value(r, &spec);
	buf_addstr(out, "\t\t\t");
	quote_shell(out, spec.s);
	buf_addstr(out, " \\\n");
	buf_release(&spec);
}

static void add_zsh_option(const struct option_row *r, struct buf *out)
{
	const char letter[] = { r->letter, '\0' };

	if (r->letter)
		add_zsh_spelling(r, "-", letter, out);
	if (r->name)
		add_zsh_spelling(r, "--", r->name, out);
	if (r->other)
		add_zsh_spelling(r, "--", r->other, out);
}

static void add_zsh(struct buf *out)
{
	const struct command_row *c = NULL;

	buf_addstr(out, "#compdef gangway\n"
			"# zsh completion for gangway, by gangway completion zsh\n"
			"_gangway() {\n"
			"\tlocal command=run commands=(");
	add_command_names(out);
	buf_addstr(out, ")\n"
			"\tif (( CURRENT > 2 )) && (( ${commands[(Ie)${words[2]}]} )); then\n"
			"\t\tcommand=${words[2]}\n"
			"\t\tshift words\n"
			"\t\t(( CURRENT-- ))\n"
			"\telif (( CURRENT == 2 )) && [[ ${words[2]} != -* ]]; then\n"
			"\t\tcompadd -a commands\n"
			"\tfi\n"
			"\tcase $command in\n");
	for (size_t i = 0; (c = next_command(&i)) != NULL;) {
		buf_addf(out, "\t%s)\n\t\t_arguments -S \\\n", c->name);
		for (const struct option_row *r = option_first(c->options); r; r = option_next(r))
			add_zsh_option(r, out);
		buf_addstr(out, "\t\t\t'*:path:_files' ;;\n");
	}
	buf_addstr(out, "\tesac\n}\n_gangway \"$@\"\n");
}

/* --- fish ----------------------------------------------------------------------------------- */

static void add_fish_value(const struct option_row *r, struct buf *out)
{
	struct buf values = BUF_INIT;

	add_values(r, &values);
	if (values.len > 0)
		buf_addf(out, " -xa '%s'", values.s);
	else
		buf_addstr(out, takes_path(r) ? " -r" : " -x");
	buf_release(&values);
}

static void add_fish_option(const struct command_row *c, const struct option_row *r,
			    struct buf *out)
{
	/* without a command it is run */
	if (strcmp(c->name, "run") == 0)
		buf_addstr(out, "complete -c gangway -n __gangway_runs");
	else
		buf_addf(out, "complete -c gangway -n '__fish_seen_subcommand_from %s'", c->name);
	if (r->name)
		buf_addf(out, " -l %s", r->name);
	if (r->other)
		buf_addf(out, " -l %s", r->other);
	if (r->letter)
		buf_addf(out, " -s %c", r->letter);
	if (takes_value(r))
		add_fish_value(r, out);
	if (r->help) {
		struct buf help = BUF_INIT;

		quote_shell(&help, r->help);
		buf_addf(out, " -d %s", help.s);
		buf_release(&help);
	}
	buf_addch(out, '\n');
}

static void add_fish(struct buf *out)
{
	const struct command_row *c = NULL;

	buf_addstr(out, "# fish completion for gangway, by gangway completion fish\n"
			"set -g __gangway_commands ");
	add_command_names(out);
	buf_addstr(out, "\nfunction __gangway_runs\n"
			"\tset -l others $__gangway_commands\n"
			"\tset -e others[(contains -i run $others)]\n"
			"\tnot __fish_seen_subcommand_from $others\n"
			"end\n");
	for (size_t i = 0; (c = next_command(&i)) != NULL;) {
		struct buf help = BUF_INIT;

		quote_shell(&help, c->help);
		buf_addf(out, "complete -c gangway -n __fish_use_subcommand -a %s -d %s\n", c->name,
			 help.s);
		buf_release(&help);
		for (const struct option_row *r = option_first(c->options); r; r = option_next(r))
			add_fish_option(c, r, out);
	}
}

/* --- the command ---------------------------------------------------------------------------- */

static const struct {
	const char *name;
	void (*add)(struct buf *out);
} shells[] = { { "bash", add_bash }, { "zsh", add_zsh }, { "fish", add_fish } };

static int print_for(const char *shell, struct err *reterr)
{
	struct buf text = BUF_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(shells); i++) {
		if (strcmp(shells[i].name, shell) == 0)
			shells[i].add(&text);
	}
	if (text.len == 0)
		return err_set(reterr, ERR_USAGE, NULL, 0,
			       "no completion for '%s': bash, zsh or fish", shell);
	fputs(text.s, stdout);
	buf_release(&text);
	return fflush(stdout) == 0 ? 0 : err_sys(reterr, NULL, "cannot write");
}

static int exec(const struct command_row *self, const char *const *words, size_t nwords)
{
	struct completion_words w = { 0 };
	struct arena mem = { 0 };
	struct option_strings rest = { 0 };
	struct err e = { 0 };
	const struct option_args args = { .words = words, .nwords = nwords };
	int code = 0;

	if (option_parse(rows, &args, &w, &mem, &rest, &e) < 0)
		code = cli_fail(&e);
	else if (w.wants_help)
		code = show_help(self);
	else if (command_check_args(self, rest.n, &e) < 0 || print_for(rest.items[0], &e) < 0)
		code = cli_fail(&e);
	arena_release(&mem);
	return code;
}

const struct command_row cmd_completion = {
	.name = "completion",
	.args = "bash|zsh|fish",
	.help = "print what that shell completes behind gangway",
	.options = rows,
	.min_args = 1,
	.max_args = 1,
	.exec = exec,
};
