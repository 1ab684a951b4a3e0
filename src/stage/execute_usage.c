/* SPDX-License-Identifier: MIT */
#include "stage/execute_usage.h"

#include "base/buf.h"
#include "model/result.h"
#include "model/run.h"
#include "model/test.h"
#include "stage/execute_batch.h"
#include "stage/execute_capture.h"
#include "sys/proc.h"
#include "sys/proc_core.h"
#include "sys/proc_stacks.h"

void usage_add(struct lane *lane, const struct target *target, const struct proc_end *end,
	       bool is_alone, struct result *r)
{
	if (is_alone) {
		r->exit_code = end->exit_code;
		r->term_signal = end->term_signal;
		r->has_usage = true;
		r->user_us = end->user_us;
		r->system_us = end->system_us;
		r->peak_bytes = end->peak_bytes;
	}
	if (end->has_core && r->term_signal != 0) {
		const struct proc_core core = {
			.pid = end->pid,
			.term_signal = end->term_signal,
			.program = target->nargv > 0 ? target->argv[0] : "",
			.workdir = target->workdir,
		};

		r->core = proc_core_path(&lane->mem, &core);
	}
}

void usage_stacks(const struct lane *lane, int pid, struct capture *to)
{
	enum { TIME_US = 20 * 1000 * 1000, SIZE_BYTES = 256 * 1024 };
	const struct proc_stacks_options options = {
		.gdb = "gdb",
		.time_us = TIME_US,
		.size_bytes = SIZE_BYTES,
		.stop = lane->options->stop,
		.stop_ctx = lane->options->stop_ctx,
	};
	struct buf text = BUF_INIT;

	proc_stacks(pid, &options, &text);
	capture_add(to, text.s, text.len, lane->run->output_limit_bytes);
	buf_release(&text);
}
