#!/bin/sh
# A tree that automake made: the verdicts and the .log and .trs files are those of `make check`, byte by
# byte, for scripts, programs, TAP and SUBDIRS; `make recheck` then runs what failed and no more, a test
# that was killed too.  Tests run behind those whose logs they need.  What is not built is one line each.
. "$(dirname "$0")/lib.sh"
need automake autoconf make cc

mkdir -p proj/sub/low proj/tests
cd proj
cat >configure.ac <<'END'
AC_INIT([proj],[1])
AM_INIT_AUTOMAKE([foreign subdir-objects])
AC_PROG_CC
AC_PROG_AWK
AC_REQUIRE_AUX_FILE([tap-driver.sh])
AC_CONFIG_FILES([Makefile sub/Makefile sub/low/Makefile])
AC_OUTPUT
END
cat >Makefile.am <<'END'
SUBDIRS = sub .
TEST_EXTENSIONS = .sh .tap .py
SH_LOG_COMPILER = $(SHELL)
AM_SH_LOG_FLAGS = -e
PY_LOG_COMPILER = /usr/bin/python3
TAP_LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/tap-driver.sh
AM_TESTS_ENVIRONMENT = FOO='a $$b'; export FOO;
TESTS_ENVIRONMENT = BAR=1
check_PROGRAMS = tests/prog
tests_prog_SOURCES = tests/prog.c
TESTS = tests/ok.sh tests/bad.sh tests/skip.sh tests/hard.sh tests/xfail.sh tests/xpass.sh tests/xskip.sh \
	tests/a+b.c-d.sh tests/späť.sh tests/good.tap tests/bad.tap.tap tests/todo.tap tests/allskip.tap \
	tests/bail.tap tests/p.py tests/prog tests/plain tests/second.sh
XFAIL_TESTS = tests/xfail.sh tests/xpass.sh tests/xskip.sh
tests/second.log: tests/ok.log
EXTRA_DIST = $(TESTS)
END
printf 'SUBDIRS = low\nTESTS = one two.x\n' >sub/Makefile.am
printf 'TESTS = one\n' >sub/low/Makefile.am
for what in ok:0 bad:1 skip:77 hard:99 xfail:1 xpass:0 xskip:77 a+b.c-d:0 späť:0 second:0; do
	cat >"tests/${what%:*}.sh" <<-END
		echo "$what: \$FOO \$BAR \$srcdir"; echo err >&2
		[ $what != second:0 ] || [ -f tests/ok.log ] || exit 1
		[ ! -f slow ] || [ $what != ok:0 ] || exec sleep 20
		[ ! -f kill ] || [ $what != ok:0 ] || . ./kill
		exit ${what#*:}
	END
done
tap() {
	printf '#!/bin/sh\n%s\n' "$2" >"tests/$1.tap"
}
tap good 'echo 1..2; echo "ok 1 - a b"; echo "ok 2 - c # SKIP no net"'
tap bad.tap 'echo 1..3; echo "ok 1"; echo "not ok 2 - it # here"; echo "ok 3"'
tap todo 'echo 1..1; echo "not ok 1 # TODO later"'
tap allskip 'echo "1..0 # SKIP nothing here"'
tap bail 'echo 1..2; echo "ok 1"; echo "Bail out! no disk"'
echo 'import sys; sys.exit(3)' >tests/p.py
printf '#!/bin/sh\nexit 0\n' | tee tests/plain sub/one sub/two.x >sub/low/one
echo 'int main(void) { return 0; }' >tests/prog.c
chmod +x tests/* sub/one sub/two.x sub/low/one
(autoreconf -i && mkdir b && cd b && ../configure && make) >../configure.log 2>&1 ||
	{
		tail -30 ../configure.log
		fail "configure"
	}

# not built
run 1 "$gangway" -n 2 -v b
has "$out" "ERROR b/tests/ok.sh"
has "$out" "not built: tests/prog is not there; build it first (make -C $work/proj/b check TESTS=)"
has "$out" "PASSED b/sub/low/one"

make -C b check TESTS= >/dev/null 2>&1
LC_ALL=C.UTF-8
export LC_ALL
make -C b -k check >../check.log 2>&1 || :
reports() { /usr/bin/python3 "$top/tests/scenario/reports.py" "$@"; }
results() {
	(cd "$1" && find . -name '*.trs' -o -name '*.log' | grep -v -e config -e test-suite | sort |
		while read -r f; do echo "== $f"; cat "$f"; done)
}
results b >../theirs.files
[ "$(grep -c '^== .*trs' ../theirs.files)" = 21 ] || fail "make check: $(cat ../check.log)"
(cd b && find . -name '*.trs' | sed 's|^\./||' | sort) >../trs
(cd b && reports automake $(cat ../../trs)) | sed 's|^|b/|; s|: |:|' | sort >../theirs

for n in 0 1 2 8; do
	find b -name '*.trs' -exec rm -f {} +
	run 1 "$gangway" -n $n -v b
	reports gangway "$out" | sed 's/\.\(sh\|tap\|py\): /:/; s/: /:/' | sort >../ours
	same ../theirs ../ours
	results b >../ours.files
	same ../theirs.files ../ours.files
done

# one by one, with the reasons
run 1 "$gangway" -n 0 -v -rs b/Makefile 'b/tests/bad.tap.tap' 'b/tests/hard.sh' 'b/tests/skip.sh' 'b/tests/allskip.tap' 'b/sub/two.x'
has "$out" "1 of 3 points failed: 2 - it, here"
lacks "$out" "make wrote no verdict"
has "$out" "exit status 77"
has "$out" "b/tests/allskip.tap: nothing here"
has "$out" "PASSED b/sub/two.x"

# recheck runs what failed, and only that
make -C b recheck 2>&1 | grep -E '^[A-Z]+: ' | sed 's/^[A-Z]*: \([^ ]*\).*/\1/' | sort -u >../again
printf 'tests/%s\n' bad.sh bad.tap.tap bail.tap hard.sh p.py xpass.sh >../want
same ../want ../again

# what ran too long has files too, and is run again
run 1 "$gangway" -n 2 -v b
: >b/slow
run 1 "$gangway" -n 2 --timeout=1 -v b b/tests/ok.sh
rm b/slow
has b/tests/ok.trs ":recheck: yes"
make -C b recheck 2>&1 | grep -q '^PASS: tests/ok.sh' || fail "recheck leaves out what was killed"

# a worker that is killed in the middle of a test: every other test has its files whole, and recheck runs this
# one again, wherever it was
cat >killer <<'END'
p=$$
until [ "$(cat /proc/$p/comm)" = gangway ]; do
	p=$(sed -n 's/^PPid:[^0-9]*//p' /proc/$p/status)
done
echo $$ >killed
[ ! -f early ] || rm -f tests/ok.log
kill -9 "$p"
while :; do sleep 0.1; done
END
is_gone() { ! kill -0 "$1" 2>/dev/null || grep -qs '^State:.Z' "/proc/$1/status"; }
others() {
	(cd b && find . -name '*.trs' -o -name '*.log' | grep -v -e config -e test-suite -e tests/ok -e tests/second |
		sort | while read -r f; do echo "== $f"; cat "$f"; done)
}
run 1 "$gangway" -n 2 b
others >../theirs.files
for early in '' early; do
	[ -z "$early" ] || : >b/early
	for n in 1 2; do
		find b -name '*.trs' -exec rm -f {} +
		cp killer b/kill
		run 1 "$gangway" -n $n -v b
		rm b/kill
		has "$out" "ERROR b/tests/ok.sh - worker 'gw"
		wait_for "a test is left" is_gone "$(cat b/killed)"
		others >../ours.files
		same ../theirs.files ../ours.files
		has b/tests/ok.trs ":recheck: yes"
		make -C b recheck >"$out" 2>&1 || :
		has "$out" "PASS: tests/ok.sh"
	done
done
rm b/early

# built in the source's folder; a folder without tests is one of programs
(cd sub/low && cp one test_program)
mkdir in
cp -R configure* Makefile.* tests sub ./*.sh aclocal.m4 compile depcomp install-sh missing test-driver in/ 2>/dev/null || :
(cd in && ./configure && make check TESTS=) >../in.log 2>&1 || {
	tail ../in.log
	fail "in the source's folder"
}
run 0 "$gangway" -n 2 -v in/sub
has "$out" "PASSED in/sub/low/one"
sed -i 's/^TESTS = .*/TESTS =/' in/sub/low/Makefile
run 0 "$gangway" -n 0 -v in/sub/low
has "$out" "PASSED in/sub/low/test_program"

# the serial harness has no logs
sed -i 's/^TEST_LOGS = .*/TEST_LOGS =/' in/sub/Makefile
run 1 "$gangway" -n 0 in/sub
has "$out" "only automake's parallel test harness can be run"
