/* SPDX-License-Identifier: MIT
 *
 * What the parts of adapter/check share.
 */
#ifndef GW_ADAPTER_CHECK_H
#define GW_ADAPTER_CHECK_H

#include "adapter/adapter.h"

struct check_case;
struct elf_file;

/* How a process is told which tests to run. */
enum check_way {
	CHECK_BY_TCASE,  /* by Check's own variables: a whole TCase */
	CHECK_BY_GUEST,  /* by gangway's guest in it (src/guest): single tests */
	CHECK_BY_PRELOAD /* the same, and LD_PRELOAD brings the guest in */
};

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
	enum check_way way;
};

void check_selector_format(const struct check_selector *s, struct buf *out);
/* False if it does not read as one; strings live in mem. */
bool check_selector_parse(const char *selector, struct arena *mem, struct check_selector *ret);

int check_list(const struct target *t, uint32_t target_index, const struct list_context *ctx,
	       struct tests *ret, struct err *reterr);

/* One TCase: by its environment Check runs no less (check_entry.c). */
int check_entry(const struct test *t, const struct tests *all, const struct entry_style *style,
		struct arena *mem, struct entry *ret, struct err *reterr);

struct reader *check_reader_new(const struct batch *b, const struct case_sink *sink);
void check_read(struct reader *r, int stream, const char *s, size_t len);
bool check_finish(struct reader *r, const struct proc_end *end);

/* Add NAME=VALUE; there is room for what the parts of this adapter add. */
void check_add_env(struct command *c, const char *name, const char *value);
/* What tells the guest to run just these tests: variables that are added to the command. */
int check_guest_run(const struct batch *b, enum check_way way, struct command *ret,
		    struct err *reterr);
bool check_guest_serve(const struct target *t, const struct test *test, int fd,
		       struct command *ret);
/* Is a guest of ours, of a version that we know, linked into the program?  Reads only. */
bool check_guest_is_in(struct elf_file *f);

/* Is the batch's process asked for Check's log instead of its XML? */
bool check_wants_log(const struct batch *b);

/* A result of which only this is known. */
struct result check_blank(enum outcome outcome, const char *message);
/* Check's verdict in our words; the message goes to `text`. */
struct result check_judge(const struct check_case *c, struct buf *text);

#endif
