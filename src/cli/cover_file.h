/* SPDX-License-Identifier: MIT
 *
 * cov.tsv in a run's folder: what was asked of coverage when the run was made, so that the run's
 * last edge, --resume and `gangway report --cov` know it.
 */
#ifndef GW_CLI_COVER_FILE_H
#define GW_CLI_COVER_FILE_H

#include "cli/options_run.h"

struct cover_file {
	struct options_run options;  /* of which only cov is filled; owns everything */
	struct option_strings roots; /* folders that are searched for notes, absolute */
};

int cover_file_write(const char *path, const struct options_cov *o,
		     const struct option_strings *roots, struct err *reterr);
/* Release *ret with cover_file_release(), also after an error. */
int cover_file_read(const char *path, struct cover_file *ret, struct err *reterr);
void cover_file_release(struct cover_file *f);

#endif
