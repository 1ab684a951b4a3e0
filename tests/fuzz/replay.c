/* SPDX-License-Identifier: MIT
 *
 * Runs a fuzz target over its corpus without libFuzzer: every file of the folder CORPUS whole, the
 * empty input, and every file cut short at a few places.  A target aborts when its property does
 * not hold.  Arguments, if any, are files to run instead: a crash that libFuzzer wrote, say.
 */
#include "base/buf.h"
#include "base/err.h"
#include "sys/fs.h"

enum { CUTS = 16, MAX_FILE_BYTES = 64 * 1024 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Exactly `len` bytes on the heap, so that the sanitizers see a read past the end. */
static void feed(const char *s, size_t len)
{
	uint8_t *exact = malloc(len ? len : 1);

	if (!exact)
		exit(3);
	memcpy(exact, s, len);
	LLVMFuzzerTestOneInput(exact, len);
	free(exact);
}

static int replay_file(const char *path)
{
	struct buf bytes = BUF_INIT;
	struct err e = { 0 };

	if (fs_read(path, MAX_FILE_BYTES, &bytes, &e) < 0) {
		fprintf(stderr, "%s: %s\n", path, e.msg);
		return 1;
	}
	printf("%s\n", path);
	fflush(stdout); /* the last line names the file, should the target abort */
	for (size_t i = 0; i < CUTS; i++)
		feed(bytes.s, bytes.len * i / CUTS);
	feed(bytes.s, bytes.len);
	buf_release(&bytes);
	return 0;
}

int main(int argc, char **argv)
{
	struct arena mem = { 0 };
	struct err e = { 0 };
	const char **names = NULL;
	size_t n = 0;
	int bad = 0;

	if (argc > 1) {
		for (int i = 1; i < argc; i++)
			bad |= replay_file(argv[i]);
		return bad;
	}
	if (fs_list(CORPUS, &mem, &names, &n, &e) < 0) {
		fprintf(stderr, "%s: %s\n", CORPUS, e.msg);
		return 1;
	}
	feed("", 0);
	for (size_t i = 0; i < n; i++)
		bad |= replay_file(fs_join(&mem, CORPUS, names[i]));
	arena_release(&mem);
	return bad;
}
