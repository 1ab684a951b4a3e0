#!/bin/sh
# Completions: what bash, zsh and fish offer for words that somebody typed, from the same rows as --help.
. "$(dirname "$0")/lib.sh"
need bash zsh fish

"$gangway" completion bash >bash.sh
offered() { # WORD...: what is offered for the last one, one a line
	bash -c '. ./bash.sh; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _gangway; printf "%s\n" "${COMPREPLY[@]}"' bash "$@"
}
offers() { # EXPECTED WORD...
	want=$1
	shift
	offered "$@" >got
	[ "$(tr '\n' ' ' <got)" = "$want " ] || fail "for '$*': $(cat got)"
}

offers 'report' gangway rep
offers '--dist' gangway --dis
offers 'load loadscope loadfile loadgroup' gangway --dist loa
offers 'loadscope' gangway --dist = loads
offers 'ninja' gangway graph build --engine n
offers '--part' gangway graph --par
offers 'logical' gangway -n lo
offers 'auto' gangway --shard = a
offers '--last-failed' gangway --last
offers '' gangway --par
offers '' gangway graph out/some
# every option of the help is offered
offered gangway -- >got
for option in $("$gangway" --help | grep -o -e '^  \(-., \)*--[a-z-]*' | grep -o -e '--[a-z-]*'); do
	grep -qx -e "$option" got || fail "$option is not offered"
done

"$gangway" completion zsh >_gangway
zsh "$top/tests/scenario/tab.zsh" 'gangway rep' 'gangway --dist=loads' 'gangway graph build --engine=n' 'gangway graph --par' \
	'gangway -n lo' 'gangway -nlo' 'gangway --last' 'gangway --shard au' 'gangway --maxfail _g' 'gangway --junitxml _g' >got
cat >want <<'END'
report
--dist=loadscope
graph build --engine=ninja
graph --part
-n logical
-nlogical
--last-failed
--shard auto
--maxfail _g
--junitxml _gangway
END
cmp got want || fail "zsh: $(diff want got)"

"$gangway" completion fish >gangway.fish
fish_offers() { # EXPECTED LINE
	fish -c 'source gangway.fish; complete -C $argv[1]' "$2" | cut -f 1 | sort >got
	[ "$(tr '\n' ' ' <got)" = "$1${1:+ }" ] || fail "fish, for '$2': $(cat got)"
}
fish_offers 'report' 'gangway rep'
fish_offers 'load loadfile loadgroup loadscope' 'gangway --dist loa'
fish_offers '--dist=loadscope' 'gangway --dist=loads'
fish_offers 'ninja' 'gangway graph build --engine n'
fish_offers '--part' 'gangway graph --par'
fish_offers '' 'gangway --par'
fish_offers 'auto logical' 'gangway -n '
fish_offers 'auto' 'gangway --shard '
fish_offers '' 'gangway --maxfail '
fish_offers '_gangway' 'gangway --junitxml _g'
run 4 "$gangway" completion csh
has "$err" "bash, zsh or fish"
run 4 "$gangway" completion
