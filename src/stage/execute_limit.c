/* SPDX-License-Identifier: MIT
 *
 * Check stops a test after 4 s, or what the program said for its TCase (the property
 * check_timeout), times CK_TIMEOUT_MULTIPLIER.  It knows what it stopped, and goes on; we could
 * only kill the whole program.
 */
#include "stage/execute_limit.h"

#include "base/buf.h"
#include "base/parse.h"
#include "model/run.h"
#include "model/test.h"

enum { LONGSTOP_US = 60 * 1000 * 1000, CHECK_DEFAULT_US = 4 * 1000 * 1000 };

static uint64_t framework_limit(const struct test *t)
{
	const char *multiplier = getenv("CK_TIMEOUT_MULTIPLIER");
	uint64_t limit = CHECK_DEFAULT_US;
	uint64_t factor = 1;

	for (size_t i = 0; i < t->nprops; i++) {
		if (strcmp(t->props[i].key, "check_timeout") == 0 &&
		    (!parse_seconds(t->props[i].value, &limit) || limit == TIME_UNKNOWN))
			limit = CHECK_DEFAULT_US;
	}
	if (multiplier && (!parse_uint(multiplier, 1000000, &factor) || factor == 0))
		factor = 1;
	return limit < UINT64_MAX / 4 / factor ? limit * factor : UINT64_MAX / 4;
}

uint64_t limit_us(const struct run *run, const struct test *t, bool is_timeless)
{
	if (t->timeout_us != TIME_UNKNOWN)
		return t->timeout_us;
	if (run->timeout_us == TIME_UNKNOWN || !is_timeless)
		return run->timeout_us;
	uint64_t theirs = framework_limit(t);

	if (theirs == 0)
		return run->timeout_us; /* the program said none: ours is the only one */
	return (theirs > run->timeout_us ? theirs : run->timeout_us) + LONGSTOP_US;
}

uint64_t limit_alone_us(const struct run *run, const struct test *t)
{
	uint64_t theirs = framework_limit(t);
	uint64_t ours = limit_us(run, t, false);

	return theirs > 0 && theirs < ours ? theirs : ours;
}

void limit_say(uint64_t limit, bool is_session, struct buf *out)
{
	if (is_session)
		buf_addstr(out, "stopped, for the time of the whole run was over");
	else
		buf_addf(out, "timed out after %llu.%03llu s",
			 (unsigned long long)(limit / 1000000),
			 (unsigned long long)(limit / 1000 % 1000));
}
