/* SPDX-License-Identifier: MIT */
#include "cli/lanes.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/parse.h"
#include "cli/remember.h"
#include "cli/session.h"
#include "cli/slots.h"
#include "stage/shard.h"
#include "sys/cpus.h"

enum {
	/* What starting a graph takes: an engine, and of each lane a process that reads the plan;
	 * measured, see docs/decisions.md. */
	GRAPH_US = 25 * 1000,
	/* What a process costs beside its tests, where nobody measured it. */
	START_US = 1000,
	SHARDS_MAX = 100000
};

/* --- lanes ---------------------------------------------------------------------------------- */

static int largest_first(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a;
	uint64_t y = *(const uint64_t *)b;

	return (x < y) - (x > y);
}

/* How many of the largest tests that are to run fit into memory together; at least 1, at most n. */
static unsigned lanes_by_memory(const struct session *s, unsigned n)
{
	const struct tests *t = &s->tests;
	uint64_t *peaks = xcalloc(t->ntests + 1, sizeof *peaks);
	uint64_t left = UINT64_MAX;
	size_t npeaks = 0;
	unsigned fit = 0;

	for (size_t i = 0; i < t->ntests; i++) {
		uint64_t peak = t->tests[i].left_out
					? TIME_UNKNOWN
					: remember_peak_bytes(s, test_own_id(&t->tests[i]));

		if (peak != TIME_UNKNOWN)
			peaks[npeaks++] = peak;
	}
	if (npeaks > 1)
		qsort(peaks, npeaks, sizeof *peaks, largest_first);
	if (npeaks > 0)
		left = cpus_memory_here();
	while (fit < n && (fit >= npeaks || peaks[fit] <= left)) {
		left -= fit < npeaks ? peaks[fit] : 0;
		fit++;
	}
	free(peaks);
	return fit > 0 ? fit : 1;
}

/* Is everything that is to run, one after the other, known to take less than the limit? */
static bool is_shorter(struct session *s, uint64_t limit_us)
{
	const struct tests *t = &s->tests;
	bool *is_started = xcalloc(t->ntargets + 1, sizeof *is_started);
	uint64_t total = 0;

	for (size_t i = 0; i < t->ntests && total < limit_us; i++) {
		const struct test *test = &t->tests[i];

		if (test->left_out || test->skip_reason || test->error)
			continue;
		uint64_t time = remember_expected(s, test_own_id(test));

		if (!is_started[test->target] || s->options.is_isolated) {
			uint64_t start = remember_start(s, t->targets[test->target].name);

			total += start == TIME_UNKNOWN ? START_US : start;
			is_started[test->target] = true;
		}
		total = time == TIME_UNKNOWN ? UINT64_MAX : total + time;
	}
	free(is_started);
	return total < limit_us;
}

/* n lanes would save (n - 1) / n of the time. */
static bool is_sooner_without_graph(struct session *s, unsigned n)
{
	/* each wants every lane; a graph file is what was asked for */
	if (s->options.dist == DIST_EACH || s->options.graph_output)
		return false;
	return is_shorter(s, n > 1 ? (uint64_t)GRAPH_US * n / (n - 1) : 2 * GRAPH_US);
}

static unsigned lanes_auto(struct session *s, const char **reason)
{
	const struct cpus cpus = cpus_read();
	unsigned n = slots_count(reason);

	if (n == 0)
		n = cpus_auto(&cpus, reason);

	if (is_sooner_without_graph(s, n)) {
		s->uses_engine = false;
		*reason = "sooner over than a graph has begun";
		return 1;
	}
	unsigned fit = lanes_by_memory(s, n);

	if (fit < n) {
		n = fit;
		*reason = "as the largest tests fit into memory";
	}
	return n;
}

unsigned lanes_count(struct session *s, const char **reason)
{
	const struct options_run *o = &s->options;
	unsigned n = o->numprocesses;

	*reason = "asked for";
	if (!s->uses_engine)
		return 1;
	if (n == LANES_AUTO)
		n = lanes_auto(s, reason);
	if (n == LANES_LOGICAL) {
		n = cpus_read().logical;
		*reason = "CPUs online";
	}
	if (o->maxprocesses > 0 && n > o->maxprocesses) {
		n = o->maxprocesses;
		*reason = "limited by --maxprocesses";
	}
	return n;
}

/* --- shards --------------------------------------------------------------------------------- */

static int read_pair(const char *text, const char *origin, struct shard *ret, struct err *reterr)
{
	struct buf copy = BUF_INIT;
	uint64_t index = 0;
	uint64_t count = 0;

	buf_addstr(&copy, text);
	char *slash = strchr(copy.s, '/');
	bool is_good = slash != NULL;

	if (slash)
		*slash = '\0';
	is_good = is_good && parse_uint(slash + 1, SHARDS_MAX, &count) &&
		  parse_uint(copy.s, count, &index) && index > 0;
	buf_release(&copy);
	if (!is_good)
		return err_set(reterr, ERR_USAGE, NULL, 0,
			       "%s: '%s' is no shard: I/N with I from 1 to N, or auto", origin,
			       text);
	*ret = (struct shard){ (unsigned)index, (unsigned)count };
	return 0;
}

static const struct {
	const char *index, *count;
	unsigned first; /* what the first is called */
} services[] = {
	{ "CI_NODE_INDEX", "CI_NODE_TOTAL", 1 },
	{ "CIRCLE_NODE_INDEX", "CIRCLE_NODE_TOTAL", 0 },
	{ "BUILDKITE_PARALLEL_JOB", "BUILDKITE_PARALLEL_JOB_COUNT", 0 },
	/* GitHub's strategy.job-index and strategy.job-total, where the workflow names them so */
	{ "STRATEGY_JOB_INDEX", "STRATEGY_JOB_TOTAL", 0 },
};

/* 1: the shard is in *ret; 0: this service does not say; -1. */
static int read_service(size_t i, struct shard *ret, struct err *reterr)
{
	const char *index_text = getenv(services[i].index);
	const char *count_text = getenv(services[i].count);
	uint64_t index = 0;
	uint64_t count = 0;

	/* GitLab sets the total alone, to 1, where a job is not parallel */
	if (!index_text || !*index_text || !count_text || !*count_text)
		return 0;
	if (!parse_uint(count_text, SHARDS_MAX, &count) ||
	    !parse_uint(index_text, SHARDS_MAX, &index) || index < services[i].first ||
	    index - services[i].first >= count)
		return err_set(reterr, ERR_USAGE, NULL, 0,
			       "--shard=auto: %s=%s and %s=%s do not fit", services[i].index,
			       index_text, services[i].count, count_text);
	*ret = (struct shard){ (unsigned)(index - services[i].first) + 1, (unsigned)count };
	return 1;
}

int lanes_shard(const char *text, struct shard *ret, struct err *reterr)
{
	const char *here = getenv("GANGWAY_SHARD");
	int got = 0;

	*ret = (struct shard){ 0 };
	if (!text)
		return 0;
	if (strcmp(text, "auto") != 0)
		return read_pair(text, "--shard", ret, reterr);
	if (here && *here)
		return read_pair(here, "GANGWAY_SHARD", ret, reterr);
	for (size_t i = 0; i < ARRAY_SIZE(services) && got == 0; i++)
		got = read_service(i, ret, reterr);
	return got < 0 ? -1 : 0;
}
