/* SPDX-License-Identifier: MIT
 *
 * What will Ninja or Make do?  The plan as a job graph, in two shapes and two dialects.
 */
#ifndef GW_STAGE_GRAPH_H
#define GW_STAGE_GRAPH_H

struct buf;
struct err;
struct plan;
struct tests;

enum graph_shape {
	GRAPH_QUEUE, /* an edge a lane; the lanes share the units (what `gangway` runs) */
	GRAPH_LANES  /* an edge a unit, laid out on the lanes; inputs are programs (for other
			people's builds) */
};
enum graph_dialect { GRAPH_NINJA, GRAPH_MAKE };

struct graph_options {
	enum graph_shape shape;
	enum graph_dialect dialect;
	const char *gangway; /* absolute path of this program */
	const char *rundir;  /* absolute: holds tests.tsv, plan.tsv, run.tsv; outputs go below it */
	const char *workdir; /* folder in which the tool will run the graph, absolute */
	/* Of the queue alone: the round of these workers (sys/claims.h), whose outputs are
	 * DIR/gwK.ROUND/junit.xml from the second on; and lanes that have no worker; NULL: none. */
	unsigned round;
	const bool *is_idle;
	/* Of the lanes shape alone: TARGET/ID for each test and program, group/NAME for each group
	 * (stage/graph_names.h), and TARGET for all; NULL: no such names. */
	const char *target;
	/* To be included in another file: no default, nothing said of the tool, TARGET in place of
	 * `verdict`, `gangway_lanes` in place of `lanes`, no `junit.xml`; and programs that are not
	 * there are that file's to build. */
	bool is_part;
};

/*
 * Append the file's text.  Same input, same bytes.  Its targets: `lanes` (every worker's or unit's
 * junit.xml), `junit.xml` (the merged file, by `gangway merge run DIR`), and, by default, `verdict`
 * (`gangway verdict DIR`, which alone turns failures into an exit code).  Workers are
 * `gangway worker --run DIR --lane K [--unit uN]`; they write DIR/gwK/junit.xml, in the lanes
 * shape DIR/units/HASH/junit.xml (HASH: unit_hash() of format/files.h, %016x).
 */
int graph_write(const struct graph_options *o, const struct plan *p, const struct tests *t,
		struct buf *out, struct err *reterr);

#endif
