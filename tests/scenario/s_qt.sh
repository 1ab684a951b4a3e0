#!/bin/sh
# QtTest programs: functions and rows of data are listed, run together and singly with the verdicts and
# reasons that they print themselves; rows with every byte that means something to Qt; fixtures that
# fail; what crashes, exits and hangs in the middle.
. "$(dirname "$0")/lib.sh"
need c++
libs=$(pkg-config --cflags --libs Qt5Test) || exit 77
moc=$(pkg-config --variable=host_bins Qt5Core)/moc

cat >kinds.cpp <<'END'
#include <QtTest>
#include <cstdio>
#include <cstdlib>
#include <unistd.h>
class Kinds : public QObject { Q_OBJECT
private slots:
	void initTestCase()
	{
		if (getenv("SKIP_INIT"))
			QSKIP("nowhere");
		QVERIFY2(!getenv("BAD_INIT"), "no db");
	}
	void passes() { std::puts("said by passes"); qDebug("debug"); }
	void fails() { QVERIFY2(false, "why & <x> ]]> y"); }
	void skips() { QSKIP("no net & <x>"); }
	void xfails() { QEXPECT_FAIL("", "known", Continue); QVERIFY(false); }
	void xpasses() { QEXPECT_FAIL("", "known", Continue); QVERIFY(true); }
	void each_data()
	{
		QTest::addColumn<int>("n");
		QTest::newRow("one") << 1;
		QTest::newRow("two: & <x>, \"y\" \\ * ? [z] 'q'") << 2;
		QTest::newRow("a:b::c") << 3;
		QTest::newRow("]]> ) h\xc3\xa9") << 4;
		QTest::newRow("bad") << 5;
	}
	void each() { QFETCH(int, n); QVERIFY(n != 5); }
#ifdef TROUBLE
	void t_a() {}
	void t_crashes() { *(volatile int *)0 = 1; }
	void t_b() {}
	void t_exits() { exit(0); }
	void t_c() {}
	void t_hangs() { for (;;) pause(); }
	void t_d() {}
#endif
};
QTEST_APPLESS_MAIN(Kinds)
#include "kinds.moc"
END
# shellcheck disable=SC2086 # several words
"$moc" kinds.cpp -o kinds.moc && c++ -fPIC -w -o kinds_test kinds.cpp $libs &&
	"$moc" -DTROUBLE kinds.cpp -o kinds.moc && c++ -DTROUBLE -fPIC -w -o trouble_test kinds.cpp $libs ||
	fail "does not compile"
run 0 "$gangway" list kinds_test
has "$out" "10 items"

# what the program says itself
./kinds_test -o alone,txt >/dev/null && fail "the program is content"
sed "s/ 'n != 5' returned FALSE. ()\$//" alone |
	sed -n 's/^\(PASS\|FAIL!\|SKIP\|XFAIL\|XPASS\) *: Kinds::\([a-z_]*\)()\( .*\)*$/\2: \1/p
s/^\(PASS\|FAIL!\|SKIP\|XFAIL\|XPASS\) *: Kinds::\([a-z_]*\)(\(..*\))$/\2:\3: \1/p' |
	grep -v 'TestCase\|xfails: PASS' |
	sed 's/: PASS$/: PASSED/; s/: FAIL!$/: FAILED/; s/: XPASS$/: FAILED/; s/: SKIP$/: SKIPPED/' | sort >want
for how in "-n 0" "-n 1" "-n 2 --isolate"; do
	# shellcheck disable=SC2086 # words
	run 1 "$gangway" $how -v -rfsP --junitxml=junit.xml kinds_test
	sed -n 's/^.*\(PASSED\|FAILED\|SKIPPED\|XFAIL\) kinds_test::Kinds::\(.*\)$/\2: \1/p' "$out" |
		grep -v ' - ' | sort >got
	same want got
	xmllint --noout junit.xml || fail "not well-formed"
	has "$out" "why & <x> ]]> y"
	has "$out" "no net & <x>"
	# (stdout is not flushed between the tests of a process)
	case $how in *isolate) has "$out" "said by passes" ;; esac
done
run 0 "$gangway" -v "kinds_test::Kinds::each:two: & <x>, \"y\" \\ * ? [z] 'q'" kinds_test
has "$out" "1 passed"
if command -v ctest >/dev/null 2>&1; then
	run 0 "$gangway" discover -o CTestTestfile.cmake kinds_test
	sed 's/^/Kinds::/; s/PASSED$/passed/; s/XFAIL$/passed/; s/FAILED$/failed/; s/SKIPPED$/skipped/' want |
		sort >want.ctest
	ctest_verdicts . >theirs
	same want.ctest theirs
	rm CTestTestfile.cmake
	# entries with arguments of their own
	with_args kinds_test 10 -maxwarnings 0 -nocrashhandler
	with_args kinds_test 0 passes
fi
BAD_INIT=1 run 1 "$gangway" -q kinds_test
has "$out" "initTestCase() failed: "
has "$out" "10 errors"
SKIP_INIT=1 run 0 "$gangway" -q -rs kinds_test
has "$out" "10 skipped"
has "$out" "nowhere"

{
	cat want
	printf '%s\n' "t_a: PASSED" "t_crashes: FAILED" "t_b: PASSED" "t_exits: ERROR" "t_c: PASSED" \
		"t_hangs: FAILED" "t_d: PASSED"
} | sort >want.trouble
for how in "-n 0" "-n 2" "-n 2 --isolate"; do
	# shellcheck disable=SC2086 # words
	run 1 "$gangway" $how --timeout 2 -v --junitxml=junit.xml trouble_test
	sed -n 's/^.*\(PASSED\|FAILED\|SKIPPED\|XFAIL\|ERROR\) trouble_test::Kinds::\(.*\)$/\2: \1/p' "$out" |
		grep -v ' - ' | sort >got
	same want.trouble got
	has "$out" "killed by SIGSEGV"
	has "$out" "exited with status 0 in the middle of the test"
	has "$out" "timed out after 2"
done
