/* Settings as text: "key = value" lines, "# comments", blank lines.  Keys are letters, digits, '_'
 * and '.'; a value goes to the end of its line, without the blanks around it.  The last of several
 * values of a key counts. */
#ifndef LARDER_CONF_H
#define LARDER_CONF_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct conf;

struct conf_error {
	unsigned line; /* 1-based; 0: the file could not be read */
	const char *message;
};

/* NULL with *error filled if a line does not read. */
struct conf *conf_parse(const char *text, size_t len, struct conf_error *error);
struct conf *conf_read(const char *path, struct conf_error *error);
void conf_free(struct conf *c);

/* The value, or fallback if there is no such key. */
const char *conf_get(const struct conf *c, const char *key, const char *fallback);
/* The value as a number; fallback if there is none or it is not a whole number. */
long conf_number(const struct conf *c, const char *key, long fallback);
size_t conf_count(const struct conf *c);

#ifdef __cplusplus
}
#endif

#endif
