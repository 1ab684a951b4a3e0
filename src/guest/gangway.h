/* SPDX-License-Identifier: MIT
 *
 * What gangway is to know of a test, said beside it, in C and C++:
 *
 *   #include <gangway.h>
 *
 *   START_TEST(inserts) { ... } END_TEST
 *   GANGWAY_MARK(inserts, "unit");
 *   GANGWAY_GROUP(inserts, "database");     runs with the others of its group on one worker, in order
 *   GANGWAY_LOCK(inserts, "port 8080");     never beside another test with this lock
 *   GANGWAY_TIMEOUT(inserts, 2.5);          seconds; 0: none
 *   GANGWAY_SLOTS(inserts, 4);              takes as many CPUs as four tests
 *
 * A test is named as its framework names it, without quotes: a START_TEST function of Check (its runs
 * in a loop and in several TCases with it), Suite.Name or Inst/Suite.Name/0 of GoogleTest, where a *
 * stands for any text, as in Suite.*; a lone * is every test of the program, and so a whole program
 * that is one test:
 *
 *   GANGWAY_MARK(*, "nightly");
 *
 * They stand at file scope, as often as is needed and in any order, in any source of the program; of
 * groups, times and slots a test has one.  Nothing runs for
 * them: each is a note in the ELF file, which gangway reads.  gangway.ini has the last word.  What
 * is no ELF file has none of it, and that is no error.
 *
 * The notes stand in the section .note.gangway.marks, owner "gangway", with one of the types below;
 * the description is the name of the test, NUL, and the text, NUL; or, for the two numbers, eight bytes
 * (milliseconds or CPUs, as the machine has them) and the name, NUL.
 */
#ifndef GANGWAY_H
#define GANGWAY_H

#define GANGWAY_MARK(test, mark)       GANGWAY_TEXT_(1, #test, mark)
#define GANGWAY_GROUP(test, group)     GANGWAY_TEXT_(2, #test, group)
#define GANGWAY_LOCK(test, lock)       GANGWAY_TEXT_(3, #test, lock)
#define GANGWAY_TIMEOUT(test, seconds) GANGWAY_NUMBER_(4, #test, (seconds)*1000)
#define GANGWAY_SLOTS(test, n)         GANGWAY_NUMBER_(5, #test, n)

#ifdef __ELF__

#define GANGWAY_JOIN_(a, b)  a##b
#define GANGWAY_NAME_(count) GANGWAY_JOIN_(gangway_note_, count)

/* Kept by compiler and linker, in a row without gaps, and without what a sanitizer puts around it. */
#ifdef __clang__
#define GANGWAY_BARE_ no_sanitize("address"),
#else
#define GANGWAY_BARE_
#endif
#define GANGWAY_PLACE_                                                                             \
	__attribute__((GANGWAY_BARE_ used, section(".note.gangway.marks"), aligned(4)))

#define GANGWAY_TEXT_(type_, test, text)                                                           \
	GANGWAY_PLACE_ static const struct {                                                       \
		unsigned name_bytes, desc_bytes, type;                                             \
		char name[8];                                                                      \
		char desc[sizeof(test "\0" text)];                                                 \
	} GANGWAY_NAME_(__COUNTER__) = { 8, sizeof(test "\0" text), type_, "gangway",              \
					 test "\0" text }

#define GANGWAY_NUMBER_(type_, test, number)                                                       \
	GANGWAY_PLACE_ static const struct {                                                       \
		unsigned name_bytes, desc_bytes, type;                                             \
		char name[8];                                                                      \
		unsigned low, high;                                                                \
		char desc[sizeof(test)];                                                           \
	} GANGWAY_NAME_(__COUNTER__) = { 8,                                                        \
					 sizeof(test) + 8,                                         \
					 type_,                                                    \
					 "gangway",                                                \
					 (unsigned)((unsigned long long)(number)&0xffffffff),      \
					 (unsigned)((unsigned long long)(number) >> 32),           \
					 test }

#else

#define GANGWAY_TEXT_(type_, test, text)     struct gangway_no_note
#define GANGWAY_NUMBER_(type_, test, number) struct gangway_no_note

#endif
#endif
