#!/bin/sh
# Which lines coverage tells of: --cov=PATH, --cov-exclude, --cov-path-map, markers in the sources,
# symbolic links on the way, several build trees of one source, and --cov-diff.
. "$(dirname "$0")/lib.sh"
need gcc git

mkdir -p p/src/deep p/build1 p/build2 other
cat >p/src/a.c <<'EOS'
#include <stdlib.h>
#include "deep/b.h"
int a(int n)
{
	if (n < 0) /* LCOV_EXCL_START */
		abort(); /* LCOV_EXCL_STOP */
	if (n > 5)
		return b(n);
	return n;
}
int spare(void)
{
	return 4; // GCOVR_EXCL_FUNCTION
}
EOS
cat >p/src/deep/b.h <<'EOS'
static inline int b(int n)
{
	return n ? n : 3; // GCOVR_EXCL_BR_LINE
}
EOS
echo '#include "../src/a.c"
int main(void) { return a(1) - 1; }' >p/src/t.c
touch p/gangway.ini
ln -s p link
(cd link/build1 && gcc -O0 --coverage -I../../p/src -o one_test ../src/t.c)
(cd p/build2 && gcc -O0 --coverage -fprofile-abs-path -o two_test "$PWD/../src/t.c")
cd p

run 0 "$gangway" -n 2 --cov --cov-branch --cov-report=lcov:all.info build1 build2
grep ^SF: all.info >names
printf 'SF:%s\n' src/a.c src/deep/b.h src/t.c >want
grep -q SF:/ names && sed -i "s,^SF:,SF:$PWD/," want
same want names
has all.info "DA:7,2" # of both trees
lacks all.info "DA:5,"
has all.info "DA:6,"
lacks all.info "DA:13,"
lacks all.info "spare"
lacks all.info "stdlib"

run 0 "$gangway" report --cov=src/t.c --cov-report=lcov:one.info
lacks one.info "a.c"
has one.info "t.c"
run 0 "$gangway" report --cov --cov-exclude='**/t.c' --cov-report=lcov:one.info
has one.info "a.c"
lacks one.info "t.c"
run 0 "$gangway" report --cov --cov-exclude=src --cov-report=lcov:one.info
lacks one.info "SF:"

# a START alone hides nothing, and is named
echo '/* LCOV_EXCL_START */ int last(void) { return 2; }' >>src/a.c
(cd build2 && gcc -O0 --coverage -o two_test ../src/t.c)
run 0 "$gangway" -n 2 --cov --cov-report=lcov:two.info --cov-report=term build2
has two.info "last"
has "$out" "src/a.c: line 15: LCOV_EXCL_START without a STOP"

# only what changed
run 4 "$gangway" -n 2 --cov --cov-diff=HEAD build2
has "$err" "no working tree of git"
git init -q .
git config user.email a@b
git config user.name a
printf 'build*\n*.info\n.gangway\nnames\nwant\n' >.gitignore
git add . && git commit -qm one
run 0 "$gangway" -n 2 --cov --cov-diff=HEAD --cov-report=lcov:diff.info build2
lacks diff.info "SF:"
sed -i '9s/.*/	return n + 0;/' src/a.c
(cd build2 && gcc -O0 --coverage -o two_test ../src/t.c)
run 0 "$gangway" -n 2 --cov --cov-diff=HEAD --cov-report=lcov:diff.info build2
grep ^DA: diff.info >got
echo DA:9,1 >want
same want got
has diff.info "FN:"
lacks diff.info "main"
for rev in nothing "" --output=x HEAD..HEAD; do
	run 4 "$gangway" -n 2 --cov "--cov-diff=$rev" build2
	has "$err" "is no value for '--cov-diff'"
done
[ ! -e x ] || fail "git was given an option"
run 4 "$gangway" -n 2 --cov --cov-path-map=word build2
has "$err" "accepted: FROM=TO"

# a source elsewhere, under another name
mkdir src/gen
sed -n 11,14p src/a.c | sed 's/ *\/\/.*//; s/spare/moved/' >../other/m.c
echo 'int moved(void); int main(void) { return moved() - 4; }' >src/m_main.c
gcc -O0 --coverage -o build2/two_test ../other/m.c src/m_main.c
run 0 "$gangway" -n 2 --cov --cov-report=lcov:map.info build2
lacks map.info "m.c"
run 0 "$gangway" -n 2 --cov "--cov-path-map=../other=src/gen" "--cov-path-map=..=../nowhere" \
	--cov-report=lcov:map.info build2
has map.info "src/gen/m.c"
run 0 "$gangway" -n 2 --cov=../other --cov-report=lcov:map.info build2
has map.info "SF:$work/other/m.c"
