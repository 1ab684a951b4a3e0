#!/bin/sh
# gangway init: the lines for a Makefile or a CMakeLists.txt and a CI file, shown as a diff that git
# applies, written with --yes only where nobody can be asked, once, and never over a file.
. "$(dirname "$0")/lib.sh"
need git make script

mkdir empty
cd empty
run 4 "$gangway" init
has "$err" "neither a CMakeLists.txt nor a Makefile"
cd ..

# --- a Makefile: shown, not written; what is shown is what --yes writes
for text in 'all:\n\t@echo own\n# end\n\nX := 1\n' 'all:\n\t@echo own' ''; do
	rm -rf p
	mkdir -p p/tests
	cd p
	printf %b "$text" >Makefile
	cp Makefile before
	run 4 "$gangway" init
	has "$err" "say --yes"
	cp "$out" diff
	same before Makefile
	run 0 "$gangway" init --yes
	cp Makefile ours
	cp before Makefile
	GIT_CEILING_DIRECTORIES=$work git apply --unsafe-paths diff || fail "git does not apply $(cat diff)"
	same ours Makefile
	run 0 "$gangway" init --yes
	has "$out" "has it already"
	same ours Makefile
	cd ..
done

# --- it works: with gangway installed
make -s -C "$top" -o "$gangway" -o "${gangway%/*}/gangway-cov.o" install BUILD="${gangway%/*}" PREFIX="$work/inst" >log 2>&1 ||
	fail "$(cat log)"
PKG_CONFIG_PATH=$work/inst/share/pkgconfig
export PKG_CONFIG_PATH
cd p
printf '#!/bin/sh\nexit 0\n' >tests/a_test
chmod +x tests/a_test
run 0 make test
has "$out" "1 passed"

# --- a CI file, which is left alone where there is one
run 0 "$gangway" init --yes --ci github
has .github/workflows/gangway.yml "path: junit.xml"
has .github/workflows/gangway.yml "make test ARGS="
cp .github/workflows/gangway.yml kept
echo '# mine' >.gitlab-ci.yml
run 0 "$gangway" init --yes --ci=gitlab
has "$out" "left alone"
[ "$(cat .gitlab-ci.yml)" = '# mine' ] || fail "the CI file was replaced"
run 0 "$gangway" init --yes --ci github
same kept .github/workflows/gangway.yml
cd ..

# --- CMake; a person who says no, and one who says yes
mkdir c
cd c
printf 'cmake_minimum_required(VERSION 3.16)\nproject(c LANGUAGES NONE)\nenable_testing()\n' >CMakeLists.txt
cp CMakeLists.txt before
echo n | script -qec "'$gangway' init --ci gitlab" /dev/null >"$out" 2>&1 || fail "$(cat "$out")"
has "$out" "nothing is written"
same before CMakeLists.txt
echo y | script -qec "'$gangway' init --ci gitlab" /dev/null >"$out" 2>&1 || fail "$(cat "$out")"
has CMakeLists.txt "gangway_enable()"
has .gitlab-ci.yml "junit: junit.xml"
rm .gitlab-ci.yml
mv CMakeLists.txt real
ln -s real CMakeLists.txt
run 4 "$gangway" init --yes
has "$err" "symbolic link"
