#!/bin/sh
# build.sh OUT gcc|clang FLAGS...: the corpus of tests/fixtures/cov, compiled with --coverage.
#
# OUT gets src (a copy) and build, in which every program is a test (NAME_test); OUT itself is the
# root.  What is odd about a program is mostly where it lies and how the compiler was told of it: in
# several trees, behind links, with blanks and letters of other alphabets in its path, absolute, far
# around, from a pipe, generated.
set -eu

out=$1
compiler=$2
shift 2
flags="--coverage $*"
case $compiler in
gcc) cc=gcc cxx=g++ ;;
clang) cc=clang cxx=clang++ ;;
*) echo "build.sh: '$compiler' is neither gcc nor clang" >&2 && exit 4 ;;
esac
fixtures=$(cd "$(dirname "$0")/../fixtures/cov" && pwd)

mkdir -p "$out"
cp -R "$fixtures" "$out/src"
cd "$out"
out=$(pwd)
touch gangway.ini

# object SOURCE OBJECT [FLAGS...], from the folder that it is called in
object() {
	source=$1
	object=$2
	shift 2
	compile=$cc
	case $source in
	*.cc) compile="$cxx -std=c++17" ;;
	esac
	# shellcheck disable=SC2086 # words
	$compile $flags -w "$@" -c -o "$object" "$source"
}

# link PROGRAM OBJECT...
link() {
	program=$1
	shift
	$cxx --coverage -pthread -o "$program" "$@" -ldl
}

# program SOURCE NAME [FLAGS...]
program() {
	source=$1
	name=$2
	shift 2
	object "$source" "$name.o" "$@"
	link "${name}_test" "$name.o"
}

# picks FOLDER [FLAGS...]: one header in three objects, each with other branches of it
picks() {
	for name in pick pick_one pick_two; do
		object "../src/$name.c" "$name.o" "$@"
	done
	link pick_test pick.o pick_one.o pick_two.o
}

mkdir build
cd build
for name in goto one_line loops switch jump lines leave tail; do
	program ../src/$name.c $name
done
if [ "$compiler" = gcc ]; then
	program ../src/nested.c nested
	program ../src/excluded.c excluded # clang does not say where functions end
fi
for name in virtual throws lambdas statics; do
	program ../src/$name.cc $name
done
program ../src/threads.c threads -pthread -fprofile-update=atomic
picks
for name in templates templates_more units units_other; do
	object ../src/$name.cc $name.o
done
link templates_test templates.o templates_more.o
link units_test units.o units_other.o
object ../src/idle.c idle.o

object ../src/plug.c plug.o -fPIC
$cc --coverage -shared -o plug.so plug.o
program ../src/load.c load "-DPLUG=\"$out/build/plug.so\""

# a second tree of the same sources, compiled in another way, and a third below the first
mkdir ../again sub
(cd ../again && picks -O1 && program ../src/one_line.c one_line)
(cd sub && program ../../src/loops.c loops -Os && program ../../src/switch.c switch -Os)

# absolute names, in the notes or on the command line
mkdir absolute
if [ "$compiler" = gcc ]; then
	program ../src/jump.c absolute/jump -fprofile-abs-path
	program ../src/throws.cc absolute/throws -fprofile-abs-path -O1
	program ../src/goto.c absolute/goto -fprofile-abs-path
fi
program "$out/src/tree/tree.c" absolute/tree

# blanks, other alphabets, and the long way round
mkdir -p "../src/w space" "w space" "../src/größe" "größe" odd
cp ../src/tail.c "../src/w space/the tail.c"
cp ../src/switch.c "../src/größe/naïve.c"
program "../src/w space/the tail.c" "w space/the tail"
program ../src/größe/naïve.c größe/naïve
program ../src/tree/deep/../../tree/deep/.././tree.c odd/tree
mkdir -p odd/a/b
(cd odd/a/b && program ../../../../src/tree/deep/../tree.c tree)

# an object behind a link
ln -s build/odd ../link
(cd ../link && program ../../src/loops.c linked)

# a source behind a link
ln -s src/tree ../linked_tree
program ../linked_tree/tree.c linked_tree

# no file, or one that is written by the build
# shellcheck disable=SC2086
$cc $flags -x c -c -o piped.o - <../src/pipe.c
link piped_test piped.o
# shellcheck disable=SC2086
{ echo '#line 1 "../src/pipe.c"' && cat ../src/pipe.c; } | $cc $flags -x c -c -o pipe.o -
link pipe_test pipe.o
mkdir gen
{
	echo "/* Written by the build. */"
	echo "int main(int argc, char **argv)"
	echo "{"
	echo "	(void)argv;"
	for i in 1 2 3 4 5; do
		echo "	if (argc > $i)"
		echo "		return $i;"
	done
	echo "	return 0;"
	echo "}"
} >gen/written.c
program gen/written.c gen/written
# not there any more when it is read
cp ../src/switch.c gen/gone.c
program gen/gone.c gen/gone
rm gen/gone.c
