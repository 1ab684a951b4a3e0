/* SPDX-License-Identifier: MIT */
#include "cli/cover_report.h"

#include <time.h>

#include "base/err.h"
#include "cli/cover_html.h"
#include "cli/cover_kills.h"
#include "cli/cover_table.h"
#include "cli/options_cov.h"
#include "format/cobertura.h"
#include "format/cov_write.h"
#include "format/covjson.h"
#include "format/lcov.h"
#include "model/cov.h"
#include "sys/outfile.h"

/* Of every 100,000,000 lines (and branches) so many are covered: all of them where there are none,
 * less than all where one is not. */
static uint64_t covered_ppm(const struct options_cov *o, const struct cov_totals *t)
{
	enum { ALL_PPM = 100 * 1000000 };
	uint64_t all = t->lines + (o->wants_branches ? t->branches : 0);
	uint64_t hit = t->lines_hit + (o->wants_branches ? t->branches_hit : 0);

	if (all == 0 || hit == all)
		return ALL_PPM;
	return (uint64_t)((unsigned __int128)hit * ALL_PPM / all);
}

static int write_html(const struct cover_telling *t, const char *path,
		      const struct cov_write_options *options, const struct cov *cov,
		      struct err *reterr)
{
	const struct cover_html html = {
		.options = options,
		.has_branches = t->options->wants_branches,
		.roots = { t->rootdir, t->options->sources.items, t->options->sources.n },
		.counted_us = t->counted_us,
		.progress = t->progress,
		.ctx = t->ctx,
	};

	return cover_html_write(&html, cov, path, reterr);
}

static int write_file(const struct cover_telling *t, const struct cov_report_wish *wish,
		      const struct cov *cov, struct err *reterr)
{
	const struct cov_write_options options = {
		.rootdir = t->rootdir,
		.timestamp_s = cov_timestamp((uint64_t)time(NULL)),
		.demangles = true,
	};
	if (wish->type == COV_REPORT_HTML)
		return write_html(t, wish->path, &options, cov, reterr);
	struct outfile *o = outfile_open(wish->path, reterr);

	if (!o)
		return -1;
	/* commit looks at the stream's errors */
	if (wish->type == COV_REPORT_LCOV)
		lcov_write(cov, &options, outfile_stream(o));
	else if (wish->type == COV_REPORT_JSON)
		covjson_write(cov, &options, outfile_stream(o));
	else if (wish->type == COV_REPORT_XML)
		cobertura_write(cov, &options, outfile_stream(o));
	return outfile_commit(o, reterr);
}

static int write_files(const struct cover_telling *t, const struct cov *cov, struct buf *out,
		       struct err *reterr)
{
	int status = 0;

	for (size_t i = 0; i < t->options->nreports; i++) {
		const struct cov_report_wish *wish = &t->options->reports[i];
		struct err e = { 0 };

		if (!wish->path)
			continue;
		if (write_file(t, wish, cov, &e) < 0) {
			if (status == 0)
				*reterr = e;
			status = -1;
		} else if (strcmp(wish->path, "-") != 0) {
			buf_addf(out, "Coverage written to %s%s\n", wish->path,
				 wish->type == COV_REPORT_HTML ? "/index.html" : "");
		}
	}
	return status;
}

static void add_percent(struct buf *out, uint64_t ppm)
{
	uint64_t hundredths = ppm / 10000;

	buf_addf(out, "%llu.%02llu%%", (unsigned long long)(hundredths / 100),
		 (unsigned long long)(hundredths % 100));
}

static void judge(const struct cover_telling *t, const struct cov_totals *totals, struct buf *out,
		  bool *is_under)
{
	const struct options_cov *o = t->options;
	uint64_t ppm = covered_ppm(o, totals);

	/* where nothing was counted nobody knows */
	*is_under = o->fail_under_ppm != TIME_UNKNOWN &&
		    (ppm < o->fail_under_ppm || totals->lines == 0);
	if (o->fail_under_ppm == TIME_UNKNOWN)
		return;
	if (totals->lines == 0) {
		buf_addf(out, "FAIL Required coverage of %s%% not reached: nothing was counted\n",
			 o->fail_under_text);
		return;
	}
	buf_addf(out, "%sRequired coverage of %s%% %s. Total coverage: ", *is_under ? "FAIL " : "",
		 o->fail_under_text, *is_under ? "not reached" : "reached");
	add_percent(out, ppm);
	buf_addch(out, '\n');
}

static void add_tables(const struct cover_telling *t, const struct cov *cov, struct buf *out)
{
	for (size_t i = 0; i < t->options->nreports; i++) {
		const struct cov_report_wish *wish = &t->options->reports[i];
		const struct cover_table table = {
			.has_branches = t->options->wants_branches,
			.has_missing = wish->type == COV_REPORT_TERM_MISSING,
		};

		if (!wish->path)
			cover_table_add(&table, cov, out);
	}
}

int cover_tell(const struct cover_telling *t, struct cov *cov, struct buf *out, bool *is_under,
	       struct err *reterr)
{
	struct cov_totals totals = { 0 };

	cov_sort(cov);
	for (size_t i = 0; i < cov->nfiles; i++) {
		const struct cov_totals one = cov_totals(cov->files[i]);

		cov_totals_add(&totals, &one);
	}
	cover_warnings_show(t->warnings, t->is_verbose, out);
	add_tables(t, cov, out);
	int status = t->wants_files ? write_files(t, cov, out, reterr) : 0;

	judge(t, &totals, out, is_under);
	return status;
}
