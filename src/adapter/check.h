/* SPDX-License-Identifier: MIT
 *
 * What the parts of adapter/check share.
 */
#ifndef GW_ADAPTER_CHECK_H
#define GW_ADAPTER_CHECK_H

#include "adapter/adapter.h"

struct check_case;

/*
 * test.selector of a test that was listed: fields divided by TABs, bytes below 0x20 escaped as in
 * our TSV files.  "" is a whole program.
 */
struct check_selector {
	const char *suite, *tcase, *name;
	uint64_t iteration;
	uint64_t occurrence; /* of several equal ones of the same TCase, from 0 */
	uint64_t ordinal;    /* place in the order in which the program runs its tests */
	bool wants_log;      /* the program sends its XML to a file of its own */
};

void check_selector_format(const struct check_selector *s, struct buf *out);
/* False if it does not read as one; strings live in mem. */
bool check_selector_parse(const char *selector, struct arena *mem, struct check_selector *ret);

int check_list(const struct target *t, uint32_t target_index, const struct list_context *ctx,
	       struct tests *ret, struct err *reterr);

/* One TCase: by its environment Check runs no less (check_entry.c). */
int check_entry(const struct test *t, const struct entry_style *style, struct arena *mem,
		struct entry *ret, struct err *reterr);

struct reader *check_reader_new(const struct batch *b, const struct case_sink *sink);
void check_read(struct reader *r, int stream, const char *s, size_t len);
bool check_finish(struct reader *r, const struct proc_end *end);

/* Is the batch's process asked for Check's log instead of its XML? */
bool check_wants_log(const struct batch *b);

/* A result of which only this is known. */
struct result check_blank(enum outcome outcome, const char *message);
/* Check's verdict in our words; the message goes to `text`. */
struct result check_judge(const struct check_case *c, struct buf *text);

#endif
