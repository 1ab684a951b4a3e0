#!/bin/sh
# Go test binaries: listed, run together and singly with the verdicts and reasons that they print
# themselves; subtests as parts of their test; parallel tests; what panics, exits and hangs in the
# middle; output without a newline and output that lies.  tests/unit/t_go.c has recorded output of the
# same.
. "$(dirname "$0")/lib.sh"
need go

printf 'module x\ngo 1.19\n' >go.mod
cat >x_test.go <<'END'
package x
import ("fmt"; "os"; "testing"; "time")
func TestPasses(t *testing.T) { fmt.Println("said by passes") }
func TestFails(t *testing.T) { t.Log("note"); t.Errorf("why %d & <x>", 3); fmt.Print("no newline") }
func TestSkips(t *testing.T) { t.Skip("no net & <x>") }
func TestSub(t *testing.T) {
	t.Run("a b/c", func(t *testing.T) {})
	t.Run("bad", func(t *testing.T) { t.Error("sub why") })
	t.Run("sk", func(t *testing.T) { t.Skip("sub skip") })
}
func TestParallel1(t *testing.T) { t.Parallel(); time.Sleep(20 * time.Millisecond); t.Log("p1") }
func TestParallel2(t *testing.T) { t.Parallel(); fmt.Println("p2 out"); t.Error("p2 why") }
func TestÄ(t *testing.T) {}
func TestÄb(t *testing.T) {}
func TestLies(t *testing.T) { fmt.Println("--- FAIL: TestLies (0.00s)\n--- FAIL: TestPasses (0.00s)\n    --- FAIL: TestLies/x (0.00s)\nPASS") }
func TestCleanup(t *testing.T) { t.Cleanup(func() { t.Error("cleanup") }) }
func ExampleGood() { fmt.Println("hi")
// Output: hi
}
func ExampleBad() { fmt.Println("hi")
// Output: ho
}
func FuzzSeeds(f *testing.F) { f.Add(1); f.Fuzz(func(t *testing.T, n int) {}) }
func BenchmarkB(b *testing.B) {}
END
mkdir trouble
cat >trouble/t_test.go <<'END'
package x
import ("os"; "testing"; "time")
func TestA(t *testing.T) {}
func TestBPanics(t *testing.T) { panic("boom") }
func TestC(t *testing.T) {}
func TestDExits(t *testing.T) { os.Exit(0) }
func TestE(t *testing.T) {}
func TestFHangs(t *testing.T) { for { time.Sleep(time.Second) } }
func TestG(t *testing.T) {}
func TestHPanicsInParallel(t *testing.T) { t.Parallel(); panic("late") }
func TestI(t *testing.T) { t.Parallel() }
END
sed -i 's/"fmt"; "os"; /"fmt"; /' x_test.go
GOCACHE=$work/.cache GOFLAGS=-mod=mod HOME=$work go test -c -o kinds_test . >log 2>&1 &&
	GOCACHE=$work/.cache HOME=$work go test -c -o trouble_test ./trouble >log 2>&1 || fail "$(cat log)"
run 0 "$gangway" list kinds_test
has "$out" "13 items"

# what the program says itself
./kinds_test -test.v >alone 2>&1 && fail "the program is content"
sed -n 's/^\(no newline\)*--- \([A-Z]*\): \([^ /]*\) (.*/\3: \2/p' alone | grep -v 'TestLies: FAIL' |
	awk '!($0 == "TestPasses: FAIL")' |
	sed 's/PASS$/passed/; s/FAIL$/failed/; s/SKIP$/skipped/' | sort >want
for how in "-n 0" "-n 1" "-n 2 --isolate"; do
	# shellcheck disable=SC2086 # words
	run 1 "$gangway" $how -v -rfsP --junitxml=junit.xml kinds_test
	sed -n 's/^.*\(PASSED\|FAILED\|SKIPPED\) kinds_test::\([^ ]*\)$/\2: \1/p' "$out" |
		sed 's/PASSED/passed/; s/FAILED/failed/; s/SKIPPED/skipped/' | sort >got
	same want got
	has "$out" "FAILED kinds_test::TestFails - why 3 & <x>"
	has "$out" "FAILED kinds_test::TestSub - TestSub/bad: sub why"
	has "$out" "FAILED kinds_test::TestParallel2 - p2 why"
	has "$out" "no net & <x>"
	has "$out" "said by passes"
	has "$out" "p2 out"
	verdicts junit.xml >all
	has all "TestSub/a_b/c: passed"
	has all "TestSub/sk: skipped"
done
run 0 "$gangway" -v kinds_test::TestÄ kinds_test
has "$out" "1 passed"
if command -v ctest >/dev/null 2>&1; then
	run 0 "$gangway" discover -o CTestTestfile.cmake kinds_test
	ctest_verdicts . >theirs
	same want theirs
	rm CTestTestfile.cmake
	# entries with arguments of their own
	with_args kinds_test 13 -test.v -test.short -test.timeout 60s
	with_args kinds_test 0 -test.run=TestP
fi

cat >want <<'END'
TestA: passed
TestBPanics: failed
TestC: passed
TestDExits: error
TestE: passed
TestFHangs: failed
TestG: passed
TestHPanicsInParallel: failed
TestI: passed
END
for how in "-n 0" "-n 2" "-n 2 --isolate"; do
	# shellcheck disable=SC2086 # words
	run 1 "$gangway" $how --timeout 2 -v --junitxml=junit.xml trouble_test
	verdicts junit.xml | sed 's/.* | //' >got
	same want got
	has "$out" "panic: boom"
	has "$out" "panic: late"
	has "$out" "in the middle of the test"
	has "$out" "timed out after 2"
done
