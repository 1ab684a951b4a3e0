#!/bin/sh
# man.sh GANGWAY PAGE: put what the option rows say into the man page, between its two marks.
set -eu
"$1" --man >"$2.rows"
awk -v rows="$2.rows" '
	/^\.\\" options end/ { is_inside = 0 }
	!is_inside { print }
	/^\.\\" options begin/ { is_inside = 1; while ((getline line <rows) > 0) print line }
' "$2" >"$2.new"
rm "$2.rows"
mv "$2.new" "$2"
