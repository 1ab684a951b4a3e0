/* SPDX-License-Identifier: MIT
 *
 * The commands by which ctest learns of tests, for a file that CTestTestfile.cmake includes:
 *
 *   add_test([=[net Retry.gives_up]=] /b/net_test --gtest_filter=Retry.gives_up)
 *   set_tests_properties([=[net Retry.gives_up]=] PROPERTIES WORKING_DIRECTORY /b LABELS [=[a;b]=])
 *   set(net_TESTS [=[net Retry.gives_up]=])
 */
#ifndef GW_FORMAT_CTESTFILE_H
#define GW_FORMAT_CTESTFILE_H

struct buf;

/* A test as it was begun: its program comes first, then its properties. */
void ctestfile_add_test(struct buf *out, const char *name, const char *const *argv, size_t nargv);

/* Properties of one test: begin, each, end.  Lists are text with ";" between their items. */
void ctestfile_begin_properties(struct buf *out, const char *name);
void ctestfile_add_property(struct buf *out, const char *key, const char *value);
void ctestfile_end(struct buf *out);

/* set(NAME item ...): begin, each item of the list, ctestfile_end().  An item that no list of
 * CMake's can hold is left out, as gtest_discover_tests() leaves it out. */
void ctestfile_begin_list(struct buf *out, const char *variable);
void ctestfile_add_item(struct buf *out, const char *item);

/* Append one more item to the text of a list.  False, nothing added, where no list can hold it:
 * brackets keep CMake from dividing. */
bool ctestfile_list_add(struct buf *list, const char *item);

#endif
