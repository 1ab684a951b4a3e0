/* SPDX-License-Identifier: MIT
 *
 * Coverage as pages for a browser, to be opened from a disk: a first page with all folders and
 * files, one page for each source, a style sheet and a script.
 *
 *   index.html  style.css  report.js  0123456789abcdef.html ...
 *
 * A page is named by a hash of the source's path, never by the path, and keeps its name as long as
 * the source does.  Whatever comes from outside goes through quote_html(); the pages forbid
 * everything but their own two files (Content-Security-Policy).  A line of source takes some 50
 * bytes beside its text.  The same model gives the same bytes; the first page alone says when.
 */
#ifndef GW_FORMAT_COVHTML_H
#define GW_FORMAT_COVHTML_H

struct cov;
struct cov_write_options;
struct covhtml;

#define COVHTML_INDEX "index.html"
#define COVHTML_CSS   "style.css"
#define COVHTML_JS    "report.js"
/* How the first page begins: what has it was written by us. */
#define COVHTML_MARK "<!DOCTYPE html>\n<!-- gangway coverage report -->\n"

/* May a file of a report be called so? */
bool covhtml_is_name(const char *name);

/* The contents of COVHTML_CSS and COVHTML_JS (format/covhtml.css, covhtml.js). */
extern const char covhtml_css[], covhtml_js[];

/* The model must be sorted: cov_sort().  It, and the strings of *o, are borrowed.  Branches are told
 * of only where `has_branches`. */
struct covhtml *covhtml_new(const struct cov *c, const struct cov_write_options *o,
			    bool has_branches);
void covhtml_free(struct covhtml *h);

/* The page of the i-th file; borrowed. */
const char *covhtml_name(const struct covhtml *h, size_t i);

struct covhtml_source {
	const char *text; /* any bytes; NULL: there is none to show, lines are told by number */
	size_t len;
	bool is_newer; /* than the figures */
};

/* -1: the stream has an error. */
int covhtml_write_index(const struct covhtml *h, FILE *out);
int covhtml_write_page(struct covhtml *h, size_t i, const struct covhtml_source *s, FILE *out);

#endif
