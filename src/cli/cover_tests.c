/* SPDX-License-Identifier: MIT */
#include "cli/cover_tests.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/quote.h"
#include "model/cov.h"
#include "model/cov_contexts.h"

static int by_name(const void *a, const void *b, void *ctx)
{
	return strcmp(cov_context_name(ctx, *(const uint32_t *)a),
		      cov_context_name(ctx, *(const uint32_t *)b));
}

int cover_tests_list(const struct cov *cov, const char *file, uint32_t line, struct buf *out,
		     struct err *reterr)
{
	const struct cov_file *f = cov_find(cov, file, strlen(file));

	if (!f)
		return err_set(reterr, ERR_MISSING, file, 0, "nothing was counted in this file");
	if (!cov_line_at(f, line))
		return err_set(reterr, ERR_MISSING, file, line, "there is no code on this line");
	uint32_t *tests = xcalloc(cov_ncontexts(cov) + 1, sizeof *tests);
	size_t n = cov_set_list(cov, cov_contexts_of(f, line), tests);

	if (n > 1)
		qsort_r(tests, n, sizeof *tests, by_name, (void *)(uintptr_t)cov);
	for (size_t i = 0; i < n; i++) {
		const char *name = cov_context_name(cov, tests[i]);

		quote_display(out, name, strlen(name));
		buf_addch(out, '\n');
	}
	free(tests);
	return 0;
}
