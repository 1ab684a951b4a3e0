/* SPDX-License-Identifier: MIT
 *
 * What every unit test program shares: one suite, one main().  CK_* variables work as usual.
 */
#ifndef GW_TESTS_UNIT_H
#define GW_TESTS_UNIT_H

#include <check.h>
#include <stdlib.h>

/* Check's own 4 s for a test are few on a machine that is busy. */
__attribute__((constructor)) static void unit_patience(void)
{
	setenv("CK_DEFAULT_TIMEOUT", "60", 0);
}

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
