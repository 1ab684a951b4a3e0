/* One copy of every string: equal strings have equal pointers. */
#ifndef LARDER_INTERN_H
#define LARDER_INTERN_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct intern;

/* NULL if there is no memory. */
struct intern *intern_new(void);
void intern_free(struct intern *in);

/* The one copy of these len bytes, with a NUL behind them; it lives as long as the table.  NULL if
 * there is no memory. */
const char *intern_bytes(struct intern *in, const char *s, size_t len);
const char *intern_string(struct intern *in, const char *s);

/* How many different strings there are. */
size_t intern_count(const struct intern *in);

#ifdef __cplusplus
}
#endif

#endif
