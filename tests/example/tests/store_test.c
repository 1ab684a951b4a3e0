/* A plain program that wants a file for itself: two of them at once would meet.  That is what a
 * group or a lock is for. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "conf.h"

int main(int argc, char **argv)
{
	static const char path[] = "store.conf";
	const char *shelf = argc > 1 ? argv[1] : "any";
	struct conf_error error;
	struct conf *conf;
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0644);
	int ok;

	if (fd < 0) {
		fprintf(stderr, "%s: %s: does somebody else use the store?\n", path,
			strerror(errno));
		return 1;
	}
	dprintf(fd, "shelf = %s\n", shelf);
	close(fd);
	conf = conf_read(path, &error);
	ok = conf && strcmp(conf_get(conf, "shelf", ""), shelf) == 0;
	conf_free(conf);
	unlink(path);
	return !ok;
}
