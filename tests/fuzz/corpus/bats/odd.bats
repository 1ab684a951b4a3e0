#!/usr/bin/env bats
setup_file() { echo "# setup_file" >&3; export F=$BATS_FILE_TMPDIR; : > $BATS_FILE_TMPDIR/once; }
NAME=var
@test "ok one" { true; }
@test 'single $x "dq"' { true; }
@test "fails; with: special [chars] (x) & <y>" {
  echo out; false; }
@test "skips" { skip "no net # here"; }
@test "skip bare" { skip; }
@test "a $NAME name" { true; }
@test unquoted_name { true; }
  @test "back\\slash \"q\" * ? + ^ | {}" { true; }
@test "ünï" { [ -f $BATS_FILE_TMPDIR/once ]; }
@test "out # skip not" { false; }
function plain_func { #@test
  true
}
other() { # @test
  true
}
@test "crash" { kill -SEGV $$; }
