/* conf_lint FILE...: do they read? */
#include <stdio.h>

#include "conf.h"

int main(int argc, char **argv)
{
	int bad = 0;

	for (int i = 1; i < argc; i++) {
		struct conf_error error;
		struct conf *conf = conf_read(argv[i], &error);

		if (!conf) {
			fprintf(stderr, "%s:%u: %s\n", argv[i], error.line, error.message);
			bad = 1;
		}
		conf_free(conf);
	}
	return bad;
}
