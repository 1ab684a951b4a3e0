#!/bin/sh
# JUnit files of real frameworks, merged: an independent reader counts the same, disguised verdicts
# are undone, ill-formed files are mended with a word about it.
. "$(dirname "$0")/lib.sh"
need ctest c++ xmllint meson ninja

cat >many_test.cc <<'END'
#include <gtest/gtest.h>
TEST(A, passes) {}
TEST(A, fails) { EXPECT_TRUE(false) << "here"; }
TEST(A, prints_control_bytes) { FAIL() << "esc \x1b[31m bad \xff end"; }
TEST(A, skips) { GTEST_SKIP(); }
TEST(A, DISABLED_is_off) {}
END
c++ -o many_test many_test.cc $(pkg-config --cflags --libs gtest_main) || fail "does not compile"
./many_test --gtest_output=xml:gtest.xml >/dev/null || :

cat >CTestTestfile.cmake <<'END'
add_test(good "/bin/true")
add_test(bad "/bin/false")
add_test(gone "/no/such/program")
END
ctest --output-junit "$work/ctest.xml" >log 2>&1 || :

mkdir m
cat >m/meson.build <<'END'
project('p', 'c')
sh = find_program('sh')
test('good', sh, args: ['-c', 'exit 0'])
test('slow', sh, args: ['-c', 'sleep 100'], timeout: 1)
test('skipped', sh, args: ['-c', 'exit 77'])
END
meson setup mb m >log 2>&1 || fail "$(cat log)"
meson test -C mb >log 2>&1 || :

run 0 "$gangway" merge junit -o merged.xml gtest.xml ctest.xml mb/meson-logs/testlog.junit.xml
has "$err" "gtest.xml: byte"
run 0 xmllint --noout --schema "$fixtures/schema/junit-strict.xsd" merged.xml
verdicts merged.xml | sed 's/^.* | //' >got
for line in "passes: passed" "fails: failed" "prints_control_bytes: failed" "skips: skipped" \
	"DISABLED_is_off: skipped" "good: passed" "bad: failed" "gone: error"; do
	has got "$line"
done
grep -q '^\(p / \)\{0,1\}slow: \(failed\|error\)' got || fail "meson's time-out passed: $(cat got)"
/usr/bin/python3 - merged.xml <<'END' || fail "junitparser counts otherwise"
import sys
from junitparser import JUnitXml
x = JUnitXml.fromfile(sys.argv[1])
cases = [c for s in x for c in s]
assert len(cases) == x.tests == 11, (len(cases), x.tests)
assert x.failures + x.errors == sum(any(type(r).__name__ in ("Failure", "Error") for r in c.result) for c in cases)
END

# Folders, compressed files, the same file twice, to stdout; the same input the same bytes.
mkdir d
gzip -c gtest.xml >d/a.xml.gz
cp ctest.xml d/b.xml
run 0 "$gangway" merge junit -o - d
cp "$out" one
run 0 "$gangway" merge junit -o - d
same one "$out"
