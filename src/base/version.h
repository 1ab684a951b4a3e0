/* SPDX-License-Identifier: MIT
 *
 * What `gangway --version` and the head of a report say.
 */
#ifndef GW_BASE_VERSION_H
#define GW_BASE_VERSION_H

#define GANGWAY_VERSION "0.1.0"

#endif
