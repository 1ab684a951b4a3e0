/* SPDX-License-Identifier: MIT */
#include "adapter/adapter_listing.h"

#include "adapter/adapter_ask.h"
#include "base/err.h"
#include "base/quote.h"
#include "sys/proc.h"

enum { OUTPUT_MAX_BYTES = 64 << 20, SHOWN_MAX_BYTES = 300 };

int listing_ask(const struct target *t, const struct list_context *ctx, const struct question *q,
		struct listing_answer *ret, struct err *reterr)
{
	struct command how = { 0 };

	ask_begin(t, ctx, q, &how);
	const struct proc_spec spec = {
		.argv = how.argv, .envp = how.env, .workdir = t->workdir, .grace_us = 100000
	};
	int status = proc_capture(&spec, ctx->timeout_us, OUTPUT_MAX_BYTES, &ret->out, &ret->err,
				  ret->end, reterr);

	command_release(&how);
	return status;
}

void listing_answer_release(struct listing_answer *a)
{
	buf_release(&a->out);
	buf_release(&a->err);
}

/* The last line that is not blank, as people may see it. */
static void add_last_line(struct buf *out, const struct buf *text)
{
	size_t end = text->len;

	while (end > 0 && strchr(" \t\r\n", text->s[end - 1]))
		end--;
	if (end == 0)
		return;
	const char *nl = memrchr(text->s, '\n', end);
	size_t begin = nl ? (size_t)(nl + 1 - text->s) : 0;
	size_t len = end - begin < SHOWN_MAX_BYTES ? end - begin : SHOWN_MAX_BYTES;

	buf_addstr(out, ": ");
	quote_display(out, text->s + begin, len);
}

int listing_missing(const struct target *t, const struct list_context *ctx,
		    const struct listing_answer *a, struct err *reterr)
{
	const struct proc_end *end = a->end;
	struct buf what = BUF_INIT;

	if (end->is_timeout)
		buf_addf(&what, "took longer than %llu.%03u s",
			 (unsigned long long)(ctx->timeout_us / 1000000),
			 (unsigned)(ctx->timeout_us / 1000 % 1000));
	else
		proc_end_describe(end, &what);
	add_last_line(&what, a->err.len > 0 ? &a->err : &a->out);
	/* content with its run, but without a list: its main() does not heed the question */
	bool is_deaf = !end->is_timeout && end->exit_code == 0 && end->term_signal == 0;

	err_set(reterr, is_deaf ? ERR_MISSING : ERR_SYNTAX, NULL, 0,
		"'%s' was asked to list its tests and did not: %s", t->argv[0], what.s);
	buf_release(&what);
	return -1;
}

int listing_unreadable(const struct target *t, const struct err *why, struct err *reterr)
{
	return err_set(reterr, why->code, NULL, 0,
		       "the list of tests that '%s' wrote cannot be read: %s", t->argv[0],
		       why->msg);
}
