#!/bin/sh
# Few open files, a small disk, a short limit on files, folders that cannot be written: the tests are run,
# or one line says what is wrong; no file is half there.
. "$(dirname "$0")/lib.sh"
need ninja xmllint

mkdir t
for n in 1 2 3 4 5 6 7 8 9 10; do
	printf '#!/bin/sh\necho %s\n' $n >t/${n}_test
	cp t/${n}_test t/1${n}_test
	chmod +x t/*_test
done

# one_line CODE: of an error, and nothing half written
one_line() {
	[ "$(grep -c '^gangway: error: ' "$err")" = 1 ] || fail "$1: no error in one line: $(cat "$err")"
	half=$(find . -name '*.tmp-*')
	[ -z "$half" ] || fail "$1: $half is left"
	[ ! -e junit.xml ] || xmllint --noout junit.xml || fail "$1: half a junit.xml"
}

# Open files.
for engine in ninja make; do
	for n in 0 2 8 40; do
		# shellcheck disable=SC3045 # every sh here has it
		run 0 sh -c 'ulimit -n 32 && exec "$@"' sh \
			"$gangway" -n $n --engine=$engine --junitxml=junit.xml t
		has "$out" "20 passed"
		[ "$(verdicts junit.xml | grep -c passed)" = 20 ] || fail "$(verdicts junit.xml)"
		rm junit.xml
	done
done
# shellcheck disable=SC3045 # every sh here has it
# what make's jobserver leaves open would be two of these
run 3 sh -c 'exec 3<&- 4<&- && ulimit -n 5 && exec "$@"' sh "$gangway" -n 2 t
one_line "5 open files"

# The length of files: tests say what they have to say until the limit is met.
printf '#!/bin/sh\nhead -c 100000 /dev/zero | tr "\\0" x\n' >t/much_test
chmod +x t/much_test
for n in 0 2; do
	for blocks in 8 64; do
		code=0
		# shellcheck disable=SC3045 # every sh here has it
		sh -c 'ulimit -f '$blocks' && exec "$@"' sh \
			"$gangway" -n $n --junitxml=junit.xml t >"$out" 2>"$err" || code=$?
		[ $code = 3 ] || fail "-n $n, $blocks blocks: exit code $code: $(cat "$out" "$err")"
		has "$err" "File too large"
		one_line "-n $n, $blocks blocks"
	done
done

# No folder for our files.
rm -rf .gangway
: >.gangway
run 3 "$gangway" -n 2 t
has "$err" ".gangway: cannot make folder"
one_line "a file .gangway"
rm .gangway
run 3 "$gangway" -n 2 --junitxml=no/such/junit.xml t/1_test
has "$err" "no/such/junit.xml: cannot write"
one_line "no folder for junit.xml"

# A small disk, and one that cannot be written at all, where we may mount them.
mkdir disk
if mount -t tmpfs -o size=300k none disk 2>/dev/null; then
	trap 'umount "$work/disk"; rm -rf "$work"' EXIT
	mkdir disk/t
	cp t/1_test t/2_test t/much_test disk/t
	cd disk
	for n in 0 2; do
		run 3 "$gangway" -n $n --junitxml=junit.xml t
		has "$err" "No space left on device"
		one_line "-n $n on a small disk"
		rm -rf .gangway junit.xml
	done
	cd ..
	mount -o remount,ro disk
	cd disk
	run 3 "$gangway" -n 2 t
	has "$err" ".gangway: cannot make folder: Read-only file system"
	run 0 "$gangway" list t
	cd ..
fi
