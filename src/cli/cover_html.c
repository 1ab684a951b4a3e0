/* SPDX-License-Identifier: MIT */
#include "cli/cover_html.h"

#include "base/buf.h"
#include "format/cov_write.h"
#include "format/covhtml.h"
#include "model/cov.h"
#include "sys/fs_outdir.h"

static const struct outdir_kind kind = {
	.what = "coverage report",
	.index = COVHTML_INDEX,
	.mark = COVHTML_MARK,
	.is_ours = covhtml_is_name,
};

struct html {
	const struct cover_html *wish;
	const struct cov *cov;
	struct covhtml *pages;
	struct outdir *dir;
	struct buf text; /* of one source after the other */
};

static int write_page(struct html *h, size_t i, struct err *reterr)
{
	uint64_t changed_us = 0;

	buf_clear(&h->text);
	bool is_read = source_read(&h->wish->roots, h->cov->files[i]->path, &h->text, &changed_us);
	const struct covhtml_source source = {
		.text = is_read ? h->text.s : NULL,
		.len = h->text.len,
		.is_newer = is_read && h->wish->counted_us != TIME_UNKNOWN &&
			    changed_us > h->wish->counted_us,
	};
	FILE *out = outdir_file(h->dir, covhtml_name(h->pages, i), reterr);

	if (!out)
		return -1;
	covhtml_write_page(h->pages, i, &source, out); /* its end looks at the stream's errors */
	return outdir_file_end(h->dir, reterr);
}

static int write_text(struct html *h, const char *name, const char *text, struct err *reterr)
{
	FILE *out = outdir_file(h->dir, name, reterr);

	if (!out)
		return -1;
	fputs(text, out); /* its end looks at the stream's errors */
	return outdir_file_end(h->dir, reterr);
}

static int write_index(struct html *h, struct err *reterr)
{
	FILE *out = outdir_file(h->dir, COVHTML_INDEX, reterr);

	if (!out)
		return -1;
	covhtml_write_index(h->pages, out); /* its end looks at the stream's errors */
	return outdir_file_end(h->dir, reterr);
}

static int write_all(struct html *h, struct err *reterr)
{
	int status = 0;

	for (size_t i = 0; i < h->cov->nfiles && status == 0; i++) {
		status = write_page(h, i, reterr);
		if (h->wish->progress)
			h->wish->progress(h->wish->ctx, i + 1, h->cov->nfiles);
	}
	if (status == 0)
		status = write_text(h, COVHTML_CSS, covhtml_css, reterr);
	if (status == 0)
		status = write_text(h, COVHTML_JS, covhtml_js, reterr);
	return status == 0 ? write_index(h, reterr) : -1;
}

int cover_html_write(const struct cover_html *w, const struct cov *cov, const char *path,
		     struct err *reterr)
{
	struct html h = { .wish = w, .cov = cov, .text = BUF_INIT };
	int status = -1;

	h.dir = outdir_open(path, &kind, reterr);
	if (!h.dir)
		return -1;
	h.pages = covhtml_new(cov, w->options, w->has_branches);
	if (write_all(&h, reterr) == 0)
		status = outdir_commit(h.dir, reterr);
	else
		outdir_abandon(h.dir);
	covhtml_free(h.pages);
	buf_release(&h.text);
	return status;
}
