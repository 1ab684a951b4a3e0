/* SPDX-License-Identifier: MIT */
#include "cli/graph_file.h"

#include "base/buf.h"
#include "base/err.h"
#include "cli/options_run.h"
#include "cli/session.h"
#include "stage/graph.h"
#include "sys/fs.h"
#include "sys/outfile.h"

int graph_file_write(const struct options_run *o, const char *dir, const struct plan *p,
		     const struct tests *t, struct err *reterr)
{
	struct arena mem = { 0 };
	struct buf text = BUF_INIT;
	const struct graph_options options = {
		.shape = o->graph_shape,
		.dialect = o->engine == ENGINE_WISH_MAKE ? GRAPH_MAKE : GRAPH_NINJA,
		.gangway = session_program(&mem),
		.rundir = dir,
		.workdir = fs_cwd(&mem),
		.target = o->graph_shape != GRAPH_LANES ? NULL
			  : o->part && *o->part         ? o->part
							: "test",
		.is_part = o->part != NULL,
	};
	int status = graph_write(&options, p, t, &text, reterr);
	struct outfile *out = status == 0 ? outfile_open(o->graph_output, reterr) : NULL;

	if (out) {
		fwrite(text.s, 1, text.len, outfile_stream(out)); /* commit looks at its errors */
		status = outfile_commit_if_changed(out, reterr);
	}
	buf_release(&text);
	arena_release(&mem);
	return out ? status : -1;
}
