/* SPDX-License-Identifier: MIT */
#include "model/run.h"

void run_release(struct run *r)
{
	arena_release(&r->mem);
	*r = (struct run){ 0 };
}
