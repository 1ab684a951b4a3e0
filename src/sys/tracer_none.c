/* SPDX-License-Identifier: MIT
 *
 * The tracer where there is none.
 */
#include "sys/tracer.h"

#include "base/err.h"

#ifndef __x86_64__

int tracer_run(const struct tracer_spec *spec, const struct tracer_hooks *hooks, struct buf *output,
	       struct tracer_end *ret, struct err *reterr)
{
	(void)hooks;
	(void)output;
	*ret = (struct tracer_end){ .exit_code = -1 };
	return err_set(reterr, ERR_UNSUPPORTED, NULL, 0,
		       "cannot trace '%s': not known on this kind of processor", spec->argv[0]);
}

/* Hooks are never called here. */
uint64_t tracer_bias(const struct tracer *t)
{
	(void)t;
	return 0;
}

bool tracer_library(const struct tracer *t, const char *prefix, struct buf *path, uint64_t *ret)
{
	(void)t, (void)prefix, (void)path, (void)ret;
	return false;
}

int tracer_break(struct tracer *t, uint64_t address, unsigned id, struct err *reterr)
{
	(void)t, (void)address, (void)id;
	return err_set(reterr, ERR_UNSUPPORTED, NULL, 0, "no breakpoints on this processor");
}

uint64_t tracer_arg(const struct tracer *t, unsigned i)
{
	(void)t, (void)i;
	return 0;
}

double tracer_arg_double(const struct tracer *t)
{
	(void)t;
	return 0;
}

bool tracer_read(const struct tracer *t, uint64_t address, void *ret, size_t len)
{
	(void)t, (void)address, (void)ret, (void)len;
	return false;
}

bool tracer_read_string(const struct tracer *t, uint64_t address, size_t limit, struct buf *ret)
{
	(void)t, (void)address, (void)limit, (void)ret;
	return false;
}

void tracer_return(struct tracer *t, uint64_t value)
{
	(void)t, (void)value;
}

void tracer_watch_return(struct tracer *t, uint64_t token)
{
	(void)t, (void)token;
}

#endif
