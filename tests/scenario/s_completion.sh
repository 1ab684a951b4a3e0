#!/bin/sh
# Completions: what bash offers for words that somebody typed, from the same rows as --help; zsh and
# fish read theirs, where they are installed.
. "$(dirname "$0")/lib.sh"
need bash

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
offers '' gangway --par
offers '' gangway graph out/some
# every option of the help is offered
offered gangway -- >got
for option in $("$gangway" --help | grep -o -e '^  \(-., \)*--[a-z-]*' | grep -o -e '--[a-z-]*'); do
	grep -qx -e "$option" got || fail "$option is not offered"
done

"$gangway" completion zsh >_gangway
"$gangway" completion fish >gangway.fish
has _gangway '#compdef gangway'
has gangway.fish 'complete -c gangway'
has gangway.fish "-l dist -xa 'load loadscope"
! command -v zsh >/dev/null || zsh -n _gangway || fail "zsh does not read _gangway"
! command -v fish >/dev/null || fish -n gangway.fish || fail "fish does not read gangway.fish"
run 4 "$gangway" completion csh
has "$err" "bash, zsh or fish"
run 4 "$gangway" completion
