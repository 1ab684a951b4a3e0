#!/bin/sh
# make deb: a package whose files are those of make install, whose program runs, and about which lintian,
# where it is installed, has nothing to say.  The same tree gives the same package.
. "$(dirname "$0")/lib.sh"
need dpkg-deb dpkg-shlibdeps

run 0 "$top/.ci/deb" "$(dirname "$(realpath "$gangway")")" "$work"
lacks "$out" "W: "
lacks "$out" "E: "
package=$(tail -n 1 "$out")
cp "$package" first.deb
run 0 dpkg-deb -f "$package" Package Version Depends
has "$out" "Package: gangway"
has "$out" "libsqlite3-0"
dpkg-deb -x "$package" tree
[ "$(tree/usr/bin/gangway --version)" = "$("$gangway" --version)" ] || fail "it does not run"
(cd tree && find . -type f ! -path './usr/share/doc/*' | sed 's/\.gz$//; s,/lib/[^/]*-linux-[^/]*/,/lib/,' | sort) >packed
make -s -C "$top" install BUILD="$(dirname "$(realpath "$gangway")")" PREFIX=/usr DESTDIR="$work/inst" >log 2>&1 ||
	fail "$(cat log)"
(cd inst && find . -type f | sort) >installed
same installed packed
(cd tree && find usr -type f | sort) >files
dpkg-deb -e "$package" control
sed 's/^[0-9a-f]*  //' control/md5sums | same files -
(cd tree && md5sum --quiet -c ../control/md5sums) || fail "wrong sums"
run 0 "$top/.ci/deb" "$(dirname "$(realpath "$gangway")")" "$work"
cmp -s "$package" first.deb || fail "the same tree gave another package"
