/* A plain program that reads a file: named on the command line, or by LARDER_CONF.  Exit code 77
 * says that there is nothing to test. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"

int main(int argc, char **argv)
{
	const char *path = argc > 1 ? argv[1] : getenv("LARDER_CONF");
	struct conf_error error;
	struct conf *conf;
	int ok;

	if (!path) {
		puts("LARDER_CONF names no file");
		return 77;
	}
	conf = conf_read(path, &error);
	if (!conf) {
		fprintf(stderr, "%s:%u: %s\n", path, error.line, error.message);
		return 1;
	}
	ok = strcmp(conf_get(conf, "owner", ""), "Frau Holle") == 0 &&
	     conf_number(conf, "shelf.count", 0) == 4;
	conf_free(conf);
	return !ok;
}
