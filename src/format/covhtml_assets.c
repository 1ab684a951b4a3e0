/* SPDX-License-Identifier: MIT
 *
 * The two files that every report has: the assembler takes them in as they are.
 */
#include "format/covhtml.h"

#define ASSET(name, path)                                                                          \
	__asm__(".pushsection .rodata\n"                                                           \
		".globl " #name "\n"                                                               \
		".hidden " #name "\n"                                                              \
		".type " #name ", %object\n" #name ":\n"                                           \
		".incbin \"" path "\"\n"                                                           \
		".byte 0\n"                                                                        \
		".size " #name ", . - " #name "\n"                                                 \
		".popsection\n")

ASSET(covhtml_css, "src/format/covhtml.css");
ASSET(covhtml_js, "src/format/covhtml.js");
