/* SPDX-License-Identifier: MIT
 *
 * The Test Anything Protocol, versions 12 to 14, as programs really write it.
 *
 *   1..N                     the plan, first or last; "1..0 # SKIP why" skips all
 *   ok 3 - text # SKIP why   a point; the number is optional and never trusted: points are counted
 *   not ok text # TODO why   "\#" is no directive, and one needs a blank before its '#'
 *   Bail out! why            nothing further can be judged
 *     ---                    a YAML block behind a point, to "  ..."; message, file, line and
 *                            duration_ms are read from it
 *       ok 1 - text          indented: a subtest's; its failures explain the point that follows
 *   # text                   behind a failed point: what went wrong
 *
 * Everything else is the program's own output.  Limits: of a line MAX_LINE_BYTES are looked at, of
 * a point's diagnostics TAP_MAX_DETAIL_BYTES are kept, and so are TAP_MAX_POINTS points: further
 * ones are judged, but not kept.
 */
#ifndef GW_FORMAT_TAP_H
#define GW_FORMAT_TAP_H

#include "model/result.h"

struct tap;

enum { TAP_MAX_LINE_BYTES = 65536, TAP_MAX_DETAIL_BYTES = 65536, TAP_MAX_POINTS = 1000000 };

/* Is this first line of a program's output that of a TAP producer? */
bool tap_looks_like(const char *line, size_t len);

struct tap *tap_new(void);
void tap_free(struct tap *t);

/* The next bytes of stdout. */
void tap_read(struct tap *t, const char *s, size_t len);

/* How the program ended. */
struct tap_exit {
	int exit_code;      /* -1: killed */
	const char *signal; /* "SIGSEGV"; NULL: not killed */
	bool may_lack_plan; /* no plan is fine, if the exit status is */
	bool may_be_empty; /* neither plan nor points: there was nothing to run, so it is skipped */
};

/*
 * The output is over.  Sets outcome, message, detail, file, line and the points of *ret, which
 * live as long as t.
 */
void tap_end(struct tap *t, const struct tap_exit *how, struct result *ret);

#endif
