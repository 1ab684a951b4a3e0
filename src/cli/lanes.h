/* SPDX-License-Identifier: MIT
 *
 * How many lanes here, and which shard of how many machines.
 */
#ifndef GW_CLI_LANES_H
#define GW_CLI_LANES_H

struct err;
struct session;
struct shard;

/*
 * -n as a number of lanes, and why (static, or in the session's memory).  auto is the least of the
 * CPUs by affinity and by cgroup quota, and of what memory holds of the largest tests at once; or
 * one, in this process (s->uses_engine becomes false), where all is expected to be over before a
 * graph has begun.  The units limit it when they are made.
 */
unsigned lanes_count(struct session *s, const char **reason);

/*
 * "I/N" (1 <= I <= N), "auto" or NULL.  auto looks at GANGWAY_SHARD=I/N, then at
 * CI_NODE_INDEX/CI_NODE_TOTAL, CIRCLE_NODE_INDEX/CIRCLE_NODE_TOTAL and
 * BUILDKITE_PARALLEL_JOB/BUILDKITE_PARALLEL_JOB_COUNT; where none is set there is one shard.
 */
int lanes_shard(const char *text, struct shard *ret, struct err *reterr);

#endif
