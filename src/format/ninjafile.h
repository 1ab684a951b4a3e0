/* SPDX-License-Identifier: MIT
 *
 * Ninja's dialect of a file of jobs (Ninja 1.5 and later).
 */
#ifndef GW_FORMAT_NINJAFILE_H
#define GW_FORMAT_NINJAFILE_H

#include "format/jobfile.h"

extern const struct jobfile ninjafile;

#endif
