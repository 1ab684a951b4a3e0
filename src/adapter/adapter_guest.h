/* SPDX-License-Identifier: MIT
 *
 * Frameworks that cannot list their tests and live in a shared library (cmocka, CUnit): a guest of
 * ours is preloaded that lists them, runs the chosen ones and tells how they go
 * (src/guest/gangway-tests.h).  What the rows of these frameworks share.
 */
#ifndef GW_ADAPTER_ADAPTER_GUEST_H
#define GW_ADAPTER_ADAPTER_GUEST_H

#include "adapter/adapter.h"

struct elf_file;

/* A guest library, "gangway-NAME-preload.so": beside gangway in a build tree, else as `make install`
 * lays it, or where GANGWAY_LIBDIR says.  NULL: there is none. */
const char *guest_path(struct arena *mem, const char *name);

/* That library before what is preloaded already. */
const char *guest_preload(struct arena *mem, const char *name, const char *before);

/* The row's functions, `guest` being the NAME of the library. */
int guest_list(const char *guest, const struct target *t, uint32_t target_index,
	       const struct list_context *ctx, struct tests *ret, struct err *reterr);
int guest_command(const char *guest, const struct batch *b, struct command *ret,
		  struct err *reterr);

/* What a guest wrote, as tests of the target; path is for messages. */
int guest_list_read(const char *s, size_t len, const struct target *t, uint32_t target_index,
		    struct tests *ret, struct err *reterr);

struct reader *guest_reader_new(const struct batch *b, const struct case_sink *sink);
void guest_read(struct reader *r, int stream, const char *s, size_t len);
bool guest_finish(struct reader *r, const struct proc_end *end);

/* A file in a batch's scratch folder: which tests it may run.  First the word that its marks have. */
#define GUEST_CHOSEN "guest-tests"

#endif
