#!/bin/sh
# coverage.sh BUILD: lines run of each source file, from the .gcda files that a build with --coverage
# left; the least covered first.
set -eu

find "$1" -name '*.gcda' ! -path '*/unit/*' ! -path '*/replay/*' -exec gcov -n {} + 2>/dev/null |
	awk '
		/^File / { split($0, part, "\047"); file = part[2] }
		/^Lines executed:/ && file ~ /^src\/.*\.c$/ {
			split($0, part, /[:% ]+/)
			if (!(file in lines) || part[3] > percent[file])
				percent[file] = part[3]
			lines[file] = part[5]
			file = ""
		}
		END {
			for (file in lines) {
				printf "%6.2f%% of %4d  %s\n", percent[file], lines[file], file
				all += lines[file]
				run += lines[file] * percent[file] / 100
			}
			if (all)
				printf "%6.2f%% of %4d  all\n", 100 * run / all, all
		}' | sort -n
