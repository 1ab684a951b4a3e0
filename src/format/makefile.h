/* SPDX-License-Identifier: MIT
 *
 * GNU make's dialect of a file of jobs (make 3.82 and later).
 */
#ifndef GW_FORMAT_MAKEFILE_H
#define GW_FORMAT_MAKEFILE_H

#include "format/jobfile.h"

extern const struct jobfile makefile;

#endif
