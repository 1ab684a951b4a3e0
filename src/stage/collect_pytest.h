/* SPDX-License-Identifier: MIT
 *
 * Which folders and files are pytest's, by their names and settings alone.
 */
#ifndef GW_STAGE_COLLECT_PYTEST_H
#define GW_STAGE_COLLECT_PYTEST_H

/* What speaks for pytest: settings or a conftest.py are for nobody else; a test_NAME.py may be. */
enum pytest_sign { PYTEST_NONE, PYTEST_MAYBE, PYTEST_SURE };

enum pytest_sign collect_pytest_folder(const char *dir, const char *const *names, size_t n);

/* test_NAME.py or NAME_test.py */
bool collect_is_pytest_file(const char *name);
bool collect_is_python(const char *name);

#endif
