/* SPDX-License-Identifier: MIT
 *
 * sys/jobserver: MAKEFLAGS, which whoever calls us has written.
 */
#include <assert.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "sys/jobserver.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena mem = { 0 };
	char *text = xmemdup(data, size);
	const struct jobserver_flags f = jobserver_flags(text, &mem);

	assert(f.form != JOBSERVER_FIFO || (f.path && *f.path));
	assert(f.form != JOBSERVER_PIPE || (f.read_fd >= 0 && f.write_fd >= 0));
	arena_release(&mem);
	free(text);
	return 0;
}
