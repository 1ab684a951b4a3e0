/* SPDX-License-Identifier: MIT */
#include "cli/command.h"

#include "base/buf.h"
#include "base/err.h"
#include "cli/option.h"

void command_help(const struct command_row *row, struct buf *out)
{
	buf_addf(out, "usage: gangway %s %s\n\n%s\n", row->name, row->args, row->help);
	if (row->options)
		option_help(row->options, out);
}

int command_check_args(const struct command_row *row, size_t n, struct err *reterr)
{
	if (n < row->min_args)
		return err_set(reterr, ERR_USAGE, NULL, 0,
			       "'%s' needs more arguments: gangway %s %s", row->name, row->name,
			       row->args);
	if (n > row->max_args)
		return err_set(reterr, ERR_USAGE, NULL, 0,
			       "'%s' takes fewer arguments: gangway %s %s", row->name, row->name,
			       row->args);
	return 0;
}
