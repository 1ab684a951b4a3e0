#!/bin/sh
# layers.sh FILE...: who may include whom, and who may do what.  Run from the top folder.
#
#   base < sys < model < format < adapter < stage < cli     strictly lower rooms may be included
#   base, model and format may include siblings; a stage or adapter only its own parts: a file
#   room/verb_part.h belongs to room/verb*.c; adapter.h is the table every adapter fills in,
#   listing.h and xmlrun.h are what several adapters share
#   each foreign library is included by one file
#   only cli/ and base/alloc.c end the process or write to stderr
set -eu

awk '
	BEGIN {
		nrooms = split("base sys model format adapter stage cli", names, " ")
		for (i = 1; i <= nrooms; i++)
			level[names[i]] = i
		has_siblings["base"] = has_siblings["model"] = has_siblings["format"] = 1
		has_siblings["cli"] = 1
		foreign["libxml/"] = "libxml2"
		foreign["zlib.h"] = "zlib"
		foreign["sqlite3.h"] = "sqlite3"
		foreign["jansson.h"] = "jansson"
		foreign["libelf.h"] = foreign["gelf.h"] = "libelf"
	}
	function complain(text) {
		printf "%s:%d: %s\n", FILENAME, FNR, text
		bad = 1
	}
	function verb(path) { # stage/execute_batch.h -> stage/execute
		sub(/\.[ch]$/, "", path)
		sub(/_[a-z0-9_]*$/, "", path)
		return path
	}
	FNR == 1 {
		path = FILENAME
		sub(/^src\//, "", path)
		room = path
		sub(/\/.*/, "", room)
	}
	/^[ \t]*#[ \t]*include[ \t]*"/ && room in level {
		split($0, part, "\"")
		other = part[2]
		sub(/\/.*/, "", other)
		if (!(other in level))
			complain("\"" part[2] "\" is in no room")
		else if (level[other] > level[room])
			complain(room "/ includes " part[2] ", which is above it")
		else if (other == room && !has_siblings[room] && verb(part[2]) != verb(path) &&
			 part[2] !~ /^adapter\/(adapter|listing|xmlrun)\.h$/)
			complain(path " includes its neighbour " part[2])
	}
	/^[ \t]*#[ \t]*include[ \t]*</ {
		for (header in foreign)
			if (index($0, "<" header)) {
				library = foreign[header]
				if (FILENAME ~ /\.h$/)
					complain("a header shows " library)
				if (library in home && home[library] != FILENAME)
					complain(library " is included here and in " home[library])
				home[library] = FILENAME
			}
	}
	room != "cli" && path != "base/alloc.c" && room in level {
		is_comment = $0 ~ /^[ \t]*(\/?\*|\/\/)/
		if (!is_comment && /(^|[^A-Za-z_])(exit|abort|perror|errx?|warnx?) ?\(/)
			complain("ends the process or prints an error: only cli/ may")
		if (!is_comment && /(printf|put[sc]|fwrite) ?\(.*[^a-z_]stderr/)
			complain("writes to stderr: only cli/ may")
	}
	END { exit bad + 0 }
' "$@"
