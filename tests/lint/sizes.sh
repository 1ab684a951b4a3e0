#!/bin/sh
# sizes.sh FILE...: files over 600 lines, functions over 80.  A longer function says why in a
# comment on the line before it or on its first line: /* long: one flat table */
set -eu

files=600 functions=80

wc -l "$@" | awk -v max="$files" '
	$2 != "total" && $1 > max { printf "%s:1: %d lines, %d are enough\n", $2, $1, max; bad = 1 }
	END { exit bad + 0 }' || bad=1

ctags -x --_xformat='%F %n %{end} %N' --languages=C --kinds-C=f "$@" |
	while read -r file first last name; do
		[ $((last - first + 1)) -gt $functions ] || continue
		before=$((first > 3 ? first - 3 : 1))
		sed -n "${before},${first}p" "$file" | grep -q 'long: ' ||
			echo "$file:$first: $name() has $((last - first + 1)) lines, $functions are enough"
	done | awk '{ print; bad = 1 } END { exit bad + 0 }' || bad=1

exit "${bad:-0}"
