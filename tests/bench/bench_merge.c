/* SPDX-License-Identifier: MIT
 *
 * How fast are JUnit files merged, in how much memory?
 *   bench_merge make DIR [FILES [CASES]]   writes them: 1000 files of 1000 cases, shuffled
 *   bench_merge run DIR                    times, side by side, each in a process of its own:
 *     a bare libxml2 xmlTextReader loop over the same bytes, and merge_junit()
 * and prints MB/s, peak memory and the ratio.
 */
#include <libxml/xmlreader.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/parse.h"
#include "stage/merge.h"
#include "sys/fs.h"
#include "sys/outfile.h"
#include "sys/proc.h"

enum { ROUNDS = 3 };

struct measured {
	double seconds;
	double peak_mb;
};

static uint64_t next_random(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return *state >> 33;
}

static void add_case(struct buf *out, unsigned long n, uint64_t *state)
{
	unsigned long test = next_random(state) % 1000;
	bool fails = next_random(state) % 50 == 0;

	buf_addf(out,
		 "    <testcase classname=\"tests.module_%02lu.Suite%lu\" name=\"case_%lu_of_%lu\" "
		 "time=\"0.%03lu\"",
		 test % 40, test % 7, test, n, test);
	if (!fails) {
		buf_addstr(out, "/>\n");
		return;
	}
	buf_addf(out,
		 ">\n      <failure message=\"expected &lt;%lu&gt;\" "
		 "type=\"failure\">tests/module.c:%lu: "
		 "expected &lt;1&gt; &amp; got &lt;2&gt;\nagain</failure>\n      <system-out>line "
		 "one\nline two\n</system-out>\n    </testcase>\n",
		 test, test);
}

static int make(const char *dir, unsigned long nfiles, unsigned long ncases, struct err *reterr)
{
	struct buf text = BUF_INIT;
	struct buf path = BUF_INIT;
	uint64_t state = 1;
	int status = fs_mkdirs(dir, reterr);

	for (unsigned long i = 0; status == 0 && i < nfiles; i++) {
		buf_clear(&path);
		buf_addf(&path, "%s/f%04lu.xml", dir, i);
		buf_clear(&text);
		buf_addf(&text,
			 "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
			 "  <testsuite name=\"program_%02lu\" tests=\"%lu\" failures=\"0\" "
			 "errors=\"0\">\n",
			 i % 50, ncases);
		for (unsigned long k = 0; k < ncases; k++)
			add_case(&text, i * ncases + k, &state);
		buf_addstr(&text, "  </testsuite>\n</testsuites>\n");
		status = outfile_write(path.s, text.s, text.len, reterr);
	}
	buf_release(&text);
	buf_release(&path);
	return status;
}

/* The nodes, so that the loop is no empty one. */
static int read_bare(const char *dir)
{
	struct arena mem = { 0 };
	const char **names = NULL;
	size_t n = 0;
	size_t nodes = 0;

	if (fs_list(dir, &mem, &names, &n, NULL) < 0)
		return 1;
	for (size_t i = 0; i < n; i++) {
		xmlTextReaderPtr r = xmlReaderForFile(fs_join(&mem, dir, names[i]), NULL, 0);

		while (r && xmlTextReaderRead(r) == 1)
			nodes++;
		xmlFreeTextReader(r);
	}
	arena_release(&mem);
	return nodes == 0;
}

static int merge(const char *dir)
{
	const struct merge_options o = { .name = "bench", .family = JUNIT_FILES };
	struct arena mem = { 0 };
	struct junit_totals totals = { 0 };
	struct buf out = BUF_INIT;
	struct err e = { 0 };

	buf_addf(&out, "%s-merged.xml", dir);
	int status = merge_junit(&o, &dir, 1, out.s, &totals, &e);

	if (status < 0)
		fprintf(stderr, "%s:%u: %s\n", e.path, e.line, e.msg);
	buf_release(&out);
	arena_release(&mem);
	return status < 0;
}

/* In a process of its own, for its peak memory. */
static bool measure(int (*work)(const char *dir), const char *dir, struct measured *ret)
{
	uint64_t start = proc_now_us();
	pid_t pid = fork();
	struct rusage usage;
	int status = 0;

	if (pid == 0)
		_exit(work(dir));
	if (pid < 0 || wait4(pid, &status, 0, &usage) < 0 || status != 0)
		return false;
	double seconds = (double)(proc_now_us() - start) / 1e6;

	if (ret->seconds == 0 || seconds < ret->seconds)
		*ret = (struct measured){ seconds, (double)usage.ru_maxrss / 1024 };
	return true;
}

static double megabytes_in(const char *dir)
{
	struct arena mem = { 0 };
	struct buf bytes = BUF_INIT;
	const char **names = NULL;
	size_t n = 0;
	double sum = 0;

	if (fs_list(dir, &mem, &names, &n, NULL) == 0) {
		for (size_t i = 0; i < n; i++) {
			buf_clear(&bytes);
			if (fs_read(fs_join(&mem, dir, names[i]), SIZE_MAX / 4, &bytes, NULL) == 0)
				sum += (double)bytes.len / 1e6;
		}
	}
	buf_release(&bytes);
	arena_release(&mem);
	return sum;
}

static int run(const char *dir)
{
	struct measured bare = { 0 };
	struct measured merged = { 0 };
	double mb = megabytes_in(dir);

	for (int i = 0; i < ROUNDS; i++) { /* the best of some, taken in turn */
		if (!measure(read_bare, dir, &bare) || !measure(merge, dir, &merged))
			return 1;
	}
	printf("merge: %.0f MB of JUnit\n", mb);
	printf("  bare libxml2 reader  %6.2f s  %6.0f MB/s  %5.0f MB peak\n", bare.seconds,
	       mb / bare.seconds, bare.peak_mb);
	printf("  gangway merge        %6.2f s  %6.0f MB/s  %5.0f MB peak\n", merged.seconds,
	       mb / merged.seconds, merged.peak_mb);
	printf("  ratio                %6.2f\n", merged.seconds / bare.seconds);
	return 0;
}

int main(int argc, char **argv)
{
	struct err e = { 0 };
	uint64_t n[2] = { 1000, 1000 };

	for (int i = 3; i < argc && i < 5; i++) {
		if (!parse_uint(argv[i], 1000000, &n[i - 3]))
			return 4;
	}
	if (argc >= 3 && strcmp(argv[1], "make") == 0) {
		if (make(argv[2], n[0], n[1], &e) == 0)
			return 0;
		fprintf(stderr, "%s: %s\n", e.path, e.msg);
		return 1;
	}
	if (argc == 3 && strcmp(argv[1], "run") == 0)
		return run(argv[2]);
	fprintf(stderr, "usage: bench_merge make DIR [FILES [CASES]] | run DIR\n");
	return 4;
}
