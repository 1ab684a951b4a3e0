/* SPDX-License-Identifier: MIT
 *
 * Exercises cli/option.c on the rows of run, graph and report, and parse_words() before it; the
 * bytes are a line of words as in GANGWAY_ADDOPTS.  Nothing is run.  Properties: a refusal is one
 * line; what is accepted is in its limits; a second reading of the same words changes no value
 * that is not counted or listed.
 */
#include <assert.h>

#include "base/err.h"
#include "base/parse.h"
#include "cli/options_run.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_values(const struct options_run *o)
{
	assert(o->numprocesses <= LANES_MAX || o->numprocesses == LANES_AUTO ||
	       o->numprocesses == LANES_LOGICAL);
	assert(o->engine <= ENGINE_WISH_MAKE && o->color <= COLOR_NO && o->capture <= CAPTURE_NO);
	for (size_t i = 0; i < o->deselect.n; i++)
		assert(o->deselect.items[i]);
}

static void check_rows(const struct option_row *rows, const struct option_args *args)
{
	struct options_run o = { 0 };
	struct option_strings rest = { 0 };
	struct err e = { 0 };

	assert(option_defaults(rows, &o, &o.mem, &e) == 0);
	if (option_parse(rows, args, &o, &o.mem, &rest, &e) < 0) {
		assert(e.code == ERR_USAGE && e.msg[0] && !strchr(e.msg, '\n'));
	} else {
		size_t nrest = rest.n;
		unsigned lanes = o.numprocesses;

		check_values(&o);
		assert(nrest <= args->nwords);
		assert(option_parse(rows, args, &o, &o.mem, &rest, &e) == 0);
		assert(rest.n == 2 * nrest && o.numprocesses == lanes);
	}
	options_run_release(&o);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena mem = { 0 };
	const char *line = arena_memdup(&mem, (const char *)data, size);
	struct option_args args = { .origin = "fuzz.ini", .line = 1 };
	const char **words = NULL;

	if (parse_words(line, &mem, &words, &args.nwords)) {
		args.words = words;
		check_rows(options_graph_rows, &args);
		check_rows(options_report_rows, &args);
	}
	arena_release(&mem);
	return 0;
}
