/* SPDX-License-Identifier: MIT
 *
 * The counters of a lane on the disk: who writes them (stage/execute_cov.h) and who gathers them
 * agree here.
 *
 *   LANE/cov/place       where the next folder is; it is LANE/cov/fresh where this file is missing
 *   FRESH/eN/K/…         counter files of the lane's K-th process since epoch N began, which no other
 *                        process writes; below it the paths that they have in the build
 *   FRESH/eN/K.test      under --cov-context: the index of the one test that this process ran
 *   LANE/cov/sum.N/…     the sums of all processes of the epochs up to N; the highest N counts, and
 *                        with it the processes of later epochs
 *   LANE/cov/contexts.N  under --cov-context: what each test of epoch N counted (format/covctx.h); it is
 *                        there before sum.N, and does not count without it
 *   LANE/cov/odd.K/…     counter files of processes that could not be added up
 *   LANE/cov/llvm/P/     clang's source-based profiles of the tests of program P
 *   LANE/cov/python/     coverage.py's data, a file for each process
 *   LANE/cov/torn/       counter files that a kill broke
 *   LANE/cov/notes.tsv   format/covnote.h
 *   LANE/cov/gcov.err    what libgcov had to say, which is not the test's own output
 *
 * sum.N appears whole, by one rename: a lane may be killed at any point, and no process is counted
 * twice or not at all.
 */
#ifndef GW_FORMAT_COVLANE_H
#define GW_FORMAT_COVLANE_H

#include "base/arena.h"

struct err;

/* LANE/cov/NAME */
const char *covlane_path(struct arena *mem, const char *lanedir, const char *name);

/* LANE/cov/llvm/P: functions of one name in two programs are one to llvm-profdata, so that profiles
 * of two programs must not meet. */
const char *covlane_llvm(struct arena *mem, const char *lanedir, const char *program);

/* The folder of fresh counters; it need not exist. */
const char *covlane_fresh(struct arena *mem, const char *lanedir);

/* Folders with counter files, each at its object's path below it; NULL at the end. */
const char **covlane_prefixes(struct arena *mem, const char *lanedir, size_t *ret_n);

/* The context logs that count, by their epochs; NULL at the end. */
const char **covlane_contexts(struct arena *mem, const char *lanedir, size_t *ret_n);

/* Note which test the process of this folder ran, and read it; false: nobody knows. */
int covlane_note_test(const char *process_folder, uint32_t test, struct err *reterr);
bool covlane_test(const char *process_folder, uint32_t *ret);
/* The note goes. */
void covlane_forget_test(const char *process_folder);

#endif
