/* SPDX-License-Identifier: MIT */
#include "model/run.h"

#include "base/map.h"

uint64_t run_identity(const struct run *r)
{
	return hash_bytes(r->id, strlen(r->id));
}

void run_release(struct run *r)
{
	arena_release(&r->mem);
	*r = (struct run){ 0 };
}
