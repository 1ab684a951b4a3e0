#!/bin/sh
# gangway.mk in Makefiles, by make: two lines; -j auto, -jN, -j1, -n, -t, -q, -k, ARGS, test-failed,
# coverage; programs that have rules are built first; several of GANGWAY_TESTS, folders, recursive
# make, out of tree; the Makefile's own default goal stays.
. "$(dirname "$0")/lib.sh"
need make pkg-config cc nproc

make -s -C "$top" -o "$gangway" -o "${gangway%/*}/gangway-cov.o" install BUILD="${gangway%/*}" PREFIX="$work/inst" >log 2>&1 ||
	fail "$(cat log)"
PKG_CONFIG_PATH=$work/inst/share/pkgconfig
export PKG_CONFIG_PATH
version=$("$gangway" --version)
[ "$(pkg-config --modversion gangway)" = "${version##* }" ] ||
	fail "gangway.pc has another version"
[ -f "$(pkg-config --variable=makedir gangway)/gangway.mk" ] || fail "makedir is not where gangway.mk is"

# --- two lines: programs with rules are built, the program is found beside gangway.mk
mkdir p
cd p
cat >a_test.c <<'END'
int twice(int n);
int twice(int n) { return n > 0 ? 2 * n : 0; }
int main(void) { return twice(1) - 2; }
END
printf 'int main(void) { return 0; }\n' >b_test.c
mkdir more
printf '#!/bin/sh\nexit 77\n' >more/c_test
chmod +x more/c_test
cat >Makefile <<'END'
GANGWAY_TESTS := out/a_test out/b_test more
include $(shell pkg-config --variable=makedir gangway)/gangway.mk
all: ; @echo default goal
out/%: %.c ; @mkdir -p out && $(CC) $(CFLAGS) -o $@ $<
END
run 0 make
has "$out" "default goal"
run 0 make test
has "$out" "2 passed, 1 skipped"
rm -r out
run 0 make test -j auto
has "$out" "2 passed, 1 skipped"
lacks "$err" "warning"
n=$(nproc)
[ "$n" -gt 3 ] && n=3
[ "$n" = 1 ] || has "$out" "gw0 [3] / gw1 [3]"
run 0 make test auto -j3 ARGS=--no-history
has "$out" "gw0 [3] / gw1 [3] / gw2 [3]"
lacks "$err" "warning"
run 0 make test -j3 ARGS=--no-history
has "$out" "gw0 [3] / gw1 [3] / gw2 [3]"
run 0 make -j1 test ARGS='--no-history -v'
lacks "$out" "gw1 ["
run 0 make test ARGS='-k "a_test" -v'
has "$out" "PASSED out/a_test"
has "$out" "1 passed, 2 deselected"

# --- nothing runs under -n, -t and -q
rm -rf .gangway
run 0 make -n test
has "$out" "gangway"
run 0 make -n -j auto test
has "$out" "gangway"
run 0 make -j4 -n test
run 0 make -t test
run 1 make -q test
run 0 make --no-print-directory test
has "$out" "2 passed"
rm -rf .gangway
run 0 make -kn test
[ ! -d .gangway ] || fail "a dry run ran something"

# --- a failure, again what failed, what cannot be built
sed -i 's/- 2/- 3/' a_test.c
run 2 make test -j2
has "$out" "FAILED out/a_test"
has "$out" "1 failed, 1 passed, 1 skipped"
run 2 make test-failed
has "$out" "1 failed, 2 deselected"
sed -i 's/- 3/- 2/' a_test.c
run 0 make test-failed
has "$out" "1 passed, 2 deselected"
cp a_test.c good.c
echo 'no C at all' >a_test.c
run 2 make -k test
has "$err" "Target 'test' not remade"
lacks "$out" "passed"
mv good.c a_test.c

# --- coverage
rm -r out
run 0 make coverage CFLAGS=--coverage
has "$out" "2 passed, 1 skipped"
has "$out" "a_test.c"

# --- other rules of the project, recursive make, another folder, ids
cat >sub.mk <<'END'
GANGWAY_TARGETS := test auto
GANGWAY_TESTS := $(OUT)/a_test::nothing-of-the-kind
GANGWAY_TESTS := $(OUT)/b_test
include $(shell pkg-config --variable=makedir gangway)/gangway.mk
test: before
before coverage: ; @echo own $@
$(OUT)/%: %.c ; @mkdir -p $(OUT) && $(CC) -o $@ $<
END
run 0 make -f sub.mk test -j2 OUT=o1
has "$out" "own before"
has "$out" "1 passed"
run 0 make -f sub.mk coverage OUT=o1
has "$out" "own coverage"
lacks "$err" "warning"
run 0 make -f sub.mk test -j auto OUT=o2
has "$out" "1 passed"
printf 'all: ; +$(MAKE) -f sub.mk test OUT=o3\n' >top.mk
run 0 make -f top.mk -j2
has "$out" "1 passed"
lacks "$err" "jobserver"
mkdir ../build
cd ../build
cat >Makefile <<'END'
VPATH := ../p
GANGWAY_TESTS := a_test b_test
GANGWAY_ARGS := 'two words'
GANGWAY_PROGRAMS := two\ words
include $(shell pkg-config --variable=makedir gangway)/gangway.mk
END
printf '#!/bin/sh\nexit 0\n' >'two words'
chmod +x 'two words'
run 0 make test -j2
has "$out" "3 passed"

# --- who forgets the '+' is told, and gets what make would give: one job; the fifo of make 4.4 is there without it
printf 'all: ; "%s" -n auto --no-history a_test b_test\n' "$gangway" >plain.mk
run 0 make -f plain.mk -j4
if printf '$(info $(.FEATURES))\nall:\n' | make -s -f - | grep -q jobserver-fifo; then
	lacks "$err" "'+'"
	has "$out" "gw1 ["
else
	has "$err" "'+'"
	lacks "$out" "gw1 ["
fi
