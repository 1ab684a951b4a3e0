#!/bin/sh
# The bundled project, built by its Makefile: a folder of programs, each recognised by what it is.
. "$(dirname "$0")/lib.sh"
need make

cp -r "$top/tests/example" project
make -C project >log 2>&1 || fail "$(cat log)"
cd project
export LARDER_CONF="$PWD"/tests/data/good.conf

run 0 "$gangway" list build/tests
has "$out" "build/tests/lru_test::"
has "$out" "build/tests/conf_test::"
has "$out" "build/tests/tap_test"
has "$out" "build/tests/smoke_test"
run 0 "$gangway" -n 2 --junitxml=junit.xml build/tests
run 0 make check

# One program, one suite of it, one case of it.
run 0 "$gangway" list build/tests/lru_test
first=$(grep -m 1 :: "$out")
run 0 "$gangway" -v "$first"
has "$out" "PASSED $first"
has "$out" "1 passed"
run 0 "$gangway" -q "${first%::*}"
run 4 "$gangway" "$first-not"
has "$err" "$first-not"
