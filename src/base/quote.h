/* SPDX-License-Identifier: MIT
 *
 * One function per dialect that foreign text may go into.  Names of tests are other people's
 * bytes: review greps for places that do without.  Nested dialects are quoted inside out: what the
 * last reader sees first, then the reader before it.
 */
#ifndef GW_BASE_QUOTE_H
#define GW_BASE_QUOTE_H

struct buf;

/* One word of a POSIX shell.  Words of safe bytes stay bare. */
void quote_shell(struct buf *out, const char *s);
/* The same in one line: newlines and CRs are made by printf.  One at the very end would be lost. */
void quote_shell_line(struct buf *out, const char *s);

/* A path in a build line of a Ninja file.  Newlines cannot be written there: see quote_ninja_ok().
 * A '|' becomes ${gangway_pipe}, which the file must set to '|'. */
void quote_ninja_path(struct buf *out, const char *s);
/* The value of a Ninja variable (a command is one): quote_shell() its words first. */
void quote_ninja_value(struct buf *out, const char *s, size_t len);
/* Can this text stand in a Ninja file at all?  (No newline, no NUL.) */
bool quote_ninja_ok(const char *s, size_t len);

/* A path as prerequisite, or as target, of a rule in a makefile. */
void quote_make_path(struct buf *out, const char *s);
void quote_make_target(struct buf *out, const char *s);
/* Can it be written there at all?  GNU make 4.3 has no way to write control bytes, ';', '|', a
 * backslash before a byte that it protects or at the end, a '~' at the beginning, a ' ' or '&' at
 * the end; and it reads "a(b)" as a member of an archive. */
bool quote_make_ok(const char *s);
/* A recipe line of a makefile: quote_shell() its words first. */
void quote_make_recipe(struct buf *out, const char *s, size_t len);

/* One argument of a CMake command, which nothing in it is evaluated in.  Words of safe bytes stay
 * bare, others stand in brackets. */
void quote_cmake(struct buf *out, const char *s);

/* A field of our TSV files: bytes < 0x20, DEL and '\' become \xNN.  Bytes >= 0x80 stay. */
void quote_tsv(struct buf *out, const char *s, size_t len);
/* Undo it in place; the new length, or -1 on a bad escape. */
ptrdiff_t quote_tsv_undo(char *s);

/* For a terminal or a message: control bytes and invalid UTF-8 become \xNN, so nothing moves the
 * cursor. */
void quote_display(struct buf *out, const char *s, size_t len);

/* XML text and attribute values: & < > " ' escaped, TAB LF CR as character references in
 * attributes, bytes that XML 1.0 cannot carry as U+FFFD (invalid UTF-8) or as visible \xNN (control
 * bytes). */
void quote_xml_text(struct buf *out, const char *s, size_t len);
void quote_xml_attr(struct buf *out, const char *s, size_t len);

/* HTML text, and attribute values in quotes: & < > " ' escaped, invalid UTF-8 as U+FFFD.  What a
 * page would not show is made visible: control bytes but TAB as \xNN, characters that turn text
 * around (U+202E and its like, with which a source can look other than it is) as \uNNNN. */
void quote_html(struct buf *out, const char *s, size_t len);

#endif
