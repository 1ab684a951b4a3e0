/* SPDX-License-Identifier: MIT
 *
 * The binary log of GLib's test framework (--GTestLogFD): what its own gtester reads.  Big-endian;
 * each message is
 *
 *   u32 bytes of all of it, type, number of texts, number of numbers, 0
 *   each text: u32 bytes, then these
 *   each number: 8 bytes, an IEEE double
 *
 * Types: 1 error (message), 2 start of program, 3 listed case (path), 4 skipped case, 5 start of case
 * (path), 6 stop of case (path, message; status, forks, seconds), 7 and 8 measurements, 9 message,
 * 10 and 11 suites.  Status: 0 success, 1 skipped, 2 failure, 3 incomplete.
 */
#ifndef GW_ADAPTER_GLIB_H
#define GW_ADAPTER_GLIB_H

#include "adapter/adapter.h"

enum { GLIB_ERROR = 1, GLIB_LIST_CASE = 3, GLIB_START_CASE = 5, GLIB_STOP_CASE = 6 };

enum { GLIB_MAX_TEXTS = 2, GLIB_MAX_NUMBERS = 3, GLIB_MAX_MESSAGE_BYTES = 1 << 20 };

/* One message; further texts and numbers than these are left out.  A text ends in a NUL. */
struct glib_message {
	unsigned type;
	const char *texts[GLIB_MAX_TEXTS]; /* "" where there is none */
	double numbers[GLIB_MAX_NUMBERS];
};

struct glib_log {
	struct buf pending;
	bool is_broken; /* from here on nothing can be read */
};

/* The next bytes of the log. */
void glib_log_feed(struct glib_log *l, const char *s, size_t len,
		   void (*each)(void *ctx, const struct glib_message *m), void *ctx);

int glib_list_read(const char *s, size_t len, const struct target *t, uint32_t target_index,
		   struct tests *ret, struct err *reterr);

#endif
