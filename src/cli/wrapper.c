/* SPDX-License-Identifier: MIT */
#include "cli/wrapper.h"

#include "adapter/adapter.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/parse.h"
#include "base/quote.h"
#include "sys/fs.h"

static int refuse_make(const struct tests *t, struct err *reterr)
{
	for (size_t i = 0; i < t->ntests; i++) {
		const struct target *target = &t->targets[t->tests[i].target];
		const struct adapter *row = adapter_by_name(target->adapter);

		if (!t->tests[i].left_out && row && row->is_by_make)
			return err_set(reterr, ERR_USAGE, t->tests[i].id, 0,
				       "--wrapper: make starts this test, and would be wrapped in "
				       "its place; tell automake instead: make -C %s check "
				       "LOG_COMPILER=COMMAND",
				       target->workdir);
	}
	return 0;
}

int wrapper_find(const char *given, const struct tests *t, struct arena *mem, const char **ret,
		 struct err *reterr)
{
	const char **words = NULL, *program = NULL;
	struct buf text = BUF_INIT;
	size_t n = 0;

	if (!parse_words(given, mem, &words, &n))
		return err_set(reterr, ERR_USAGE, NULL, 0, "--wrapper: a quote is not closed");
	if (n > 0)
		program = strchr(words[0], '/') ? fs_absolute(mem, fs_cwd(mem), words[0])
						: fs_find_program(mem, words[0]);
	if (!program || !fs_is_program(program))
		return err_set(reterr, ERR_USAGE, NULL, 0, "--wrapper: '%s' is no program",
			       n > 0 ? words[0] : "");
	if (refuse_make(t, reterr) < 0)
		return -1;
	words[0] = program;
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_addch(&text, ' ');
		quote_shell(&text, words[i]);
	}
	*ret = arena_memdup(mem, text.s, text.len);
	buf_release(&text);
	return 0;
}
