/* SPDX-License-Identifier: MIT
 *
 * gangway [COMMAND] …: a loop over the commands' rows; without a command it is run.
 */
#include "base/buf.h"
#include "cli/commands.h"
#include "cli/option.h"
#include "cli/options_run.h"

const struct command_row *const command_rows[] = {
	&cmd_run,    &cmd_list,       &cmd_explain, &cmd_plan,    &cmd_graph,
	&cmd_worker, &cmd_merge,      &cmd_report,  &cmd_history, &cmd_discover,
	&cmd_init,   &cmd_completion, &cmd_verdict, NULL,
};

static const struct command_row *find(const char *name)
{
	for (size_t i = 0; command_rows[i]; i++) {
		if (strcmp(command_rows[i]->name, name) == 0)
			return command_rows[i];
	}
	return NULL;
}

static int print(struct buf *text)
{
	fputs(text->s, stdout);
	buf_release(text);
	return fflush(stdout) == 0 ? 0 : 3;
}

static int help(void)
{
	struct buf text = BUF_INIT;

	buf_addstr(&text, "usage: gangway [COMMAND] [options] [PATH|ID...]\n\n"
			  "Runs the tests that a build already has on parallel workers, and merges "
			  "their results.\n\n"
			  "commands (gangway COMMAND --help says more):\n");
	for (size_t i = 0; command_rows[i]; i++) {
		if (!command_rows[i]->is_hidden)
			buf_addf(&text, "  %-10s %s\n", command_rows[i]->name,
				 command_rows[i]->help);
	}
	buf_addstr(&text, "\nWithout a command: run.\n");
	option_help(options_run_rows, &text);
	return print(&text);
}

static int man(void)
{
	struct buf text = BUF_INIT;

	option_man(options_graph_rows, &text);
	return print(&text);
}

int main(int argc, char **argv)
{
	const char *const *words = (const char *const *)argv + (argc > 0 ? 1 : 0);
	size_t nwords = argc > 1 ? (size_t)argc - 1 : 0;

	if (nwords == 1 && (strcmp(words[0], "--help") == 0 || strcmp(words[0], "-h") == 0))
		return help();
	if (nwords == 1 && strcmp(words[0], "--man") == 0)
		return man();
	const struct command_row *row = nwords > 0 ? find(words[0]) : NULL;

	if (row)
		return row->exec(row, words + 1, nwords - 1);
	return cmd_run.exec(&cmd_run, words, nwords);
}
