#!/bin/sh
# The n-th open, write, rename, … fails, for n = 1, 2, … until a run has no fault: each run ends with a
# message or a right result, never by a signal, and leaves no half file.
. "$(dirname "$0")/lib.sh"
need strace xmllint
ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0 # who is traced cannot look for leaks
strace -o /dev/null true 2>/dev/null || { echo "strace may not trace here"; exit 77; }

mkdir t
for n in 1 2 3; do
	printf '#!/bin/sh\nexit 0\n' >t/${n}_test
	chmod +x t/${n}_test
done

# try COMMAND...: with every fault; $call and $error are set
try() {
	n=0
	while :; do
		n=$((n + 1))
		[ $n -lt 400 ] || fail "no end of faults in $call"
		rm -rf .gangway junit.xml merged.xml g g.d
		code=0
		strace -qq -o trace -e trace="$call" -e inject="$call:error=$error:when=$n" "$@" \
			>"$out" 2>"$err" </dev/null || code=$?
		grep -q INJECTED trace || break
		case $code in
		0 | 1 | 5) ;;
		3 | 4) grep -q '^gangway: ' "$err" || fail "$call $n: no message: $(cat "$err" "$out")" ;;
		127) ;; # before main(): a library was not found
		*) fail "$call $n: exit code $code: $(tail -n 3 trace) $(cat "$err" "$out")" ;;
		esac
		half=$(find . -name '*.tmp-*')
		# who may not remove or rename cannot clean up either
		[ -z "$half" ] || [ "$call" = unlink,unlinkat ] || fail "$call $n: $half is left"
		for file in junit.xml merged.xml; do
			[ ! -e $file ] || xmllint --noout $file || fail "$call $n: half a $file"
		done
	done
	echo "$call: $((n - 1)) faults in $*"
}

for pair in openat:EMFILE openat:EACCES write:ENOSPC rename:EACCES mkdir:ENOSPC pipe2:EMFILE \
	ftruncate:ENOSPC symlink:EPERM getdents64:EIO; do
	call=${pair%:*} error=${pair#*:}
	try "$gangway" -n 0 -q --junitxml=junit.xml t
done
call=write error=ENOSPC
try "$gangway" -n 2 -q --junitxml=junit.xml t
try "$gangway" graph -o g t
run 0 "$gangway" -n 0 -q --junitxml=one.xml t
try "$gangway" merge junit -o merged.xml one.xml one.xml
