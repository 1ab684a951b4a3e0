/* SPDX-License-Identifier: MIT
 *
 * What every unit test program shares: one suite, one main().  CK_* variables work as usual.
 */
#ifndef GW_TESTS_UNIT_H
#define GW_TESTS_UNIT_H

#include <check.h>

/* Run the suite; the exit status for main(). */
static inline int unit_main(Suite *s)
{
	SRunner *runner = srunner_create(s);

	srunner_run_all(runner, CK_ENV);
	int nfailed = srunner_ntests_failed(runner);

	srunner_free(runner);
	return nfailed > 0;
}

#endif
