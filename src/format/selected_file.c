/* SPDX-License-Identifier: MIT
 *
 * selected.tsv: which tests run.  For people and for Make; nobody of us reads it.
 *
 *   selected TAB 1
 *   +   id,
 *   -   id, why it is left out
 *   end
 */
#include "format/files.h"

#include "format/tsv.h"
#include "model/test.h"
#include "sys/outfile.h"

int selected_write(const char *path, const struct tests *t, struct err *reterr)
{
	struct outfile *o = outfile_open(path, reterr);
	struct buf out = BUF_INIT;

	if (!o)
		return -1;
	tsv_head(&out, "selected", 1);
	for (size_t i = 0; i < t->ntests; i++) {
		const struct test *test = &t->tests[i];

		tsv_field(&out, test->left_out ? "-" : "+");
		tsv_field(&out, test->id);
		tsv_field(&out, test->left_out ? test->left_out : "");
		tsv_end(&out);
		tsv_flush(&out, outfile_stream(o), false);
	}
	tsv_put_end(&out);
	tsv_flush(&out, outfile_stream(o), true);
	buf_release(&out);
	return outfile_commit_if_changed(o, reterr);
}
