#!/bin/sh
# replace-libcheck.sh DIR: make of the installed libcheck one that gangway can list and run test by
# test: DIR/libcheck.a, DIR/libcheck_pic.a (those that there are), DIR/pkgconfig/check.pc.
# NM, AR, OBJCOPY and PKG_CONFIG are heeded.  The guest is gangway-check.o beside DIR's end or beside
# this file.  Exit code 3: there is no static libcheck here.
set -eu

[ $# = 1 ] || {
	echo "replace-libcheck.sh: one folder is wanted" >&2
	exit 4
}
to=$1
here=$(cd "$(dirname "$0")" && pwd)
guest=${GUEST:-$here/gangway-check.o}
pkg_config=${PKG_CONFIG:-pkg-config}
libdir=$("$pkg_config" --variable=libdir check 2>/dev/null) && version=$("$pkg_config" --modversion check) || {
	echo "replace-libcheck.sh: pkg-config knows no check" >&2
	exit 3
}
case $version in
0.13* | 0.14* | 0.15*) ;;
*)
	echo "replace-libcheck.sh: libcheck $version is none of 0.13 to 0.15" >&2
	exit 3
	;;
esac

rm -rf "$to"
mkdir -p "$to/pkgconfig"
# the functions of libcheck get the names that the guest calls, the guest gets theirs
for f in srunner_run srunner_run_all srunner_run_tagged; do
	echo "$f __real_$f"
done >"$to/libcheck.names"
for f in srunner_run srunner_run_all srunner_run_tagged; do
	echo "__wrap_$f $f"
done >"$to/guest.names"
"${OBJCOPY:-objcopy}" --redefine-syms="$to/guest.names" "$guest" "$to/gangway-check.o"
n=0
for lib in libcheck.a libcheck_pic.a; do
	[ -e "$libdir/$lib" ] || continue
	"${OBJCOPY:-objcopy}" --redefine-syms="$to/libcheck.names" "$libdir/$lib" "$to/$lib"
	"${AR:-ar}" rs "$to/$lib" "$to/gangway-check.o" 2>/dev/null
	n=$((n + 1))
done
rm "$to/gangway-check.o" "$to/libcheck.names" "$to/guest.names"
[ $n -gt 0 ] || {
	rm -rf "$to"
	echo "replace-libcheck.sh: no static libcheck in $libdir" >&2
	exit 3
}
# found where it lies, wherever it is moved to
# shellcheck disable=SC2016 # ${pcfiledir} is pkg-config's
"$pkg_config" --variable=pcfiledir check | {
	read -r dir
	sed -e 's|^libdir=.*|libdir=${pcfiledir}/..|' -e 's|^Description:.*|& (with gangway)|' "$dir/check.pc"
} >"$to/pkgconfig/check.pc"
