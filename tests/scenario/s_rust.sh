#!/bin/sh
# Rust test programs (libtest): listed, run together and singly with the verdicts and reasons that they
# print themselves; panics that are expected or not; what aborts, exits and hangs in the middle; output
# without a newline and output that lies.  tests/unit/t_rust.c has recorded output of the same.
. "$(dirname "$0")/lib.sh"
need rustc
# (older ones tell of a panic in several lines, of which the last has the place)
[ "$(rustc --version | sed 's/^rustc 1\.\([0-9]*\).*/\1/')" -ge 73 ] || exit 77

cat >t.rs <<'END'
#[test] fn passes() { println!("said by passes"); }
#[test] fn fails() { print!("x"); assert_eq!(1, 2, "one & <two> ]]>"); }
#[test] #[ignore = "no, net & <x>"] fn ignored_why() {}
#[test] #[ignore] fn is_ignored() {}
#[test] #[should_panic] fn should_panic() { panic!("boo"); }
#[test] #[should_panic] fn should_panic_and_does_not() {}
#[test] fn no_newline() { print!("does this look"); }
#[test] fn looks_failed() { println!("ok\nFAILED\ntest result: FAILED. 0 passed; 9 failed; 0 ignored;"); }
#[test] fn hé_ß() {}
#[test] fn r#match() {}
mod m {
	pub mod inner { #[test] fn passes() {} }
	#[test] fn passes() {}
	#[test] fn err() -> Result<(), String> { Err("bad".into()) }
}
#[cfg(trouble)]
mod t {
	#[test] fn a_aborts() { println!("last words"); std::process::abort(); }
	#[test] fn b() {}
	#[test] fn c_exits() { std::process::exit(0); }
	#[test] fn d() {}
	#[test] fn e_hangs() { loop { std::thread::sleep(std::time::Duration::from_secs(1)); } }
	#[test] fn f() {}
}
END
rustc --test -o kinds_test t.rs 2>log && rustc --cfg trouble --test -o trouble_test t.rs 2>log || fail "$(cat log)"
run 0 "$gangway" list kinds_test
has "$out" "13 items"

# what the program says itself, capturing what its tests print
./kinds_test --test-threads=1 >alone 2>&1 && fail "the program is content"
sed -n 's/ - should panic / /; s/^test \(.*\) \.\.\. \(ok\|FAILED\|ignored\).*/\1: \2/p' alone |
	sed 's/: ok/: passed/; s/: FAILED/: failed/; s/: ignored/: skipped/' | sort >want
for how in "-n 0" "-n 1" "-n 2 --isolate"; do
	# shellcheck disable=SC2086 # words
	run 1 "$gangway" $how -v -rfsP --junitxml=junit.xml kinds_test
	verdicts junit.xml | sed 's/^[^|]* | kinds_test\.\{0,1\}//; s/ | /::/; s/^:://' | sort >got
	same want got
	has "$out" "t.rs:2: assertion"
	has "$out" "one & <two> ]]>"
	has "$out" "no, net & <x>"
	has "$out" "said by passes"
done
run 0 "$gangway" -v kinds_test::m::passes kinds_test
has "$out" "1 passed"
if command -v ctest >/dev/null 2>&1; then
	run 0 "$gangway" discover -o CTestTestfile.cmake kinds_test
	ctest_verdicts . >theirs
	same want theirs
	rm CTestTestfile.cmake
	# entries with arguments of their own
	with_args kinds_test 13 --test-threads=1 --nocapture
	with_args kinds_test 3 m::
	with_args kinds_test 10 --skip m:: --color always
	with_args kinds_test 2 --ignored
	with_args kinds_test 13 --include-ignored
	with_args kinds_test 0 --exact m::passes
	with_args kinds_test 0 no_newline
fi

{
	cat want
	printf 't::%s\n' "a_aborts: failed" "b: passed" "c_exits: error" "d: passed" "e_hangs: failed" "f: passed"
} | sort >want.trouble
mv want.trouble want
for how in "-n 0" "-n 2" "-n 2 --isolate"; do
	# shellcheck disable=SC2086 # words
	run 1 "$gangway" $how --timeout 2 -v --junitxml=junit.xml trouble_test
	verdicts junit.xml | sed 's/^[^|]* | trouble_test\.\{0,1\}//; s/ | /::/; s/^:://' | sort >got
	same want got
	has "$out" "killed by SIGABRT"
	has "$out" "last words"
	has "$out" "exited with status 0 in the middle of the test"
	has "$out" "timed out after 2"
done
