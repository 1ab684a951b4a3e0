/* SPDX-License-Identifier: MIT
 *
 *   line 1  cov TAB 1
 *   w  word of the command line, paths absolute: --cov=/home/me/project/src
 *   r  folder that is searched for notes
 *   end
 */
#include "cli/cover_file.h"

#include "base/err.h"
#include "format/tsv.h"
#include "sys/outfile.h"

static void put(struct buf *out, const char *kind, const struct option_strings *list)
{
	for (size_t i = 0; i < list->n; i++) {
		tsv_field(out, kind);
		tsv_field(out, list->items[i]);
		tsv_end(out);
	}
}

int cover_file_write(const char *path, const struct options_cov *o,
		     const struct option_strings *roots, struct err *reterr)
{
	struct arena mem = { 0 };
	struct option_strings words = { 0 };
	struct buf out = BUF_INIT;

	options_cov_words(o, &mem, &words);
	tsv_head(&out, "cov", 1);
	put(&out, "w", &words);
	put(&out, "r", roots);
	tsv_put_end(&out);
	int status = outfile_write(path, out.s, out.len, reterr);

	buf_release(&out);
	arena_release(&mem);
	return status;
}

static int read_records(struct tsv_reader *in, struct cover_file *f, struct option_strings *words,
			struct err *reterr)
{
	int got = 0;

	while ((got = tsv_next_of_whole(in, reterr)) > 0) {
		const char *kind = in->fields[0];
		struct option_strings *list = strcmp(kind, "w") == 0   ? words
					      : strcmp(kind, "r") == 0 ? &f->roots
								       : NULL;

		if (!list)
			return tsv_fail(in, reterr, "unknown record '%s'", kind);
		if (tsv_expect(in, 2, reterr) < 0)
			return -1;
		option_strings_add(list, &f->options.mem, in->fields[1]);
	}
	return got;
}

int cover_file_read(const char *path, struct cover_file *ret, struct err *reterr)
{
	struct option_strings words = { 0 };
	struct option_strings rest = { 0 };
	struct tsv_reader in;
	struct options_run *o = &ret->options;

	*ret = (struct cover_file){ 0 };
	if (tsv_open(&in, path, "cov", 1, reterr) < 0)
		return -1;
	int status = read_records(&in, ret, &words, reterr);

	tsv_close(&in);
	const struct option_args args = { .words = words.items, .nwords = words.n, .origin = path };

	if (status == 0)
		status = option_parse(options_cov_run_rows, &args, o, &o->mem, &rest, reterr);
	/* its paths are absolute */
	return status == 0 ? options_cov_settle(&o->cov, &o->mem, "/", reterr) : -1;
}

void cover_file_release(struct cover_file *f)
{
	options_run_release(&f->options);
	f->roots = (struct option_strings){ 0 };
}
