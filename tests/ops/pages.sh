#!/bin/bash
# pages.sh BIN MAN: the manual pages and the completions that the build printed. The pages must be
# clean for the tools that are installed; the completions must complete.
set -eu
bin=$1 man=$2
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
export HOME=$room
fail() { echo "pages: $1" >&2; exit 1; }

for page in comity.1 comity-audit.1 comity-sim.1 comity-model.1 comity-solve.1 comityd.conf.5 comityd.8 comity-signer.8; do
    [ -s "$man/$page" ] || fail "$page is missing"
    if command -v mandoc >/dev/null; then
        said=$(mandoc -Tlint -W warning "$man/$page" 2>&1 || true)
        [ -z "$said" ] || fail "mandoc: $said"
    fi
    if command -v man >/dev/null && command -v groff >/dev/null; then
        said=$(LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings -E UTF-8 -l -Tutf8 -Z "$man/$page" 2>&1 >/dev/null || true)
        [ -z "$said" ] || fail "man $page: $said"
    fi
done

# every command, every option of every command and every act stands in comity(1)
plain() { sed 's/\\-/-/g; s/\\f[BR]//g' "$1"; }
"$bin/comity" help | sed -n 's/^  comity \([a-z]*\).*/\1/p' | sort -u | while read -r noun; do
    plain "$man/comity.1" | grep -q "^.SS comity $noun" || fail "comity(1) does not know comity $noun"
done
"$bin/comity" help act | sed -n 's/^  comity act \([a-z_]*\) .*/\1/p' | while read -r act; do
    plain "$man/comity.1" | grep -qx "$act" || fail "comity(1) does not know the act $act"
done
"$bin/comityd" example | sed -n 's/^ *#* *\([a-z_]*\) = .*/\1/p' | sort -u | while read -r setting; do
    plain "$man/comityd.conf.5" | grep -qE "^([a-z]+\.)?$setting( |\$)" || fail "comityd.conf(5) does not know $setting"
done
for program in comityd comity-signer; do
    "$bin/$program" --help | grep -oE -- '--[a-z]+(-[a-z]+)*' | sort -u | while read -r option; do
        plain "$man/$program.8" | grep -q -- "$option" || fail "$program(8) does not know $option"
    done
done

# --- bash ---
complete_bash() { # WORDS...: what may stand for the last one
    bash -c 'source "$1"; shift; COMP_WORDS=(comity "$@"); COMP_CWORD=$#; _comity; printf "%s\n" "${COMPREPLY[@]}"' \
        - "$man/comity.bash" "$@"
}
complete_bash al | grep -qx alliance || fail "bash: al is not alliance"
complete_bash alliance mem | grep -qx members || fail "bash: alliance mem"
complete_bash alliance members --as | grep -qx -- --as-of || fail "bash: --as-of"
complete_bash act transfer --amo | grep -qx -- --amount || fail "bash: act transfer --amount"
complete_bash passport create --ki | grep -qx -- --kind || fail "bash: passport create --kind"

# --- zsh: its functions are replaced by ones that print ---
if command -v zsh >/dev/null; then
    complete_zsh() {
        zsh -f -c 'compdef() { : }
            _describe() { for list in "$@"; do case $list in (-*|commands|options|command|option) ;; (*) print -l -- "${(@P)list}" ;; esac done }
            _files() { : }
            source "$1"; shift; words=(comity "$@"); CURRENT=$#words; _comity' - "$man/_comity" "$@"
    }
    complete_zsh al | grep -q '^alliance:' || fail "zsh: nouns"
    complete_zsh alliance mem | grep -q '^members:who belongs' || fail "zsh: verbs"
    complete_zsh alliance members --as | grep -q -- '^--as-of:' || fail "zsh: options"
    complete_zsh act transfer --amo | grep -q -- '^--amount:' || fail "zsh: fields"
fi

# --- fish ---
if command -v fish >/dev/null; then
    complete_fish() {
        fish --no-config -c "source $man/comity.fish; complete -C 'comity $1'" 2>"$room/fish.err"
        [ ! -s "$room/fish.err" ] || echo "fish complains: $(head -3 "$room/fish.err")"
    }
    complete_fish al | grep -q '^alliance' || fail "fish: nouns"
    complete_fish 'alliance mem' | grep -q '^members.who belongs' || fail "fish: verbs"
    complete_fish 'alliance members --as' | grep -q -- '^--as-of' || fail "fish: options"
    complete_fish 'act transfer --amo' | grep -q -- '^--amount' || fail "fish: fields"
    complete_fish 'passport create --amo' | grep -q -- '^--amount' && fail "fish: fields of another command"
    complete_fish 'alliance members --as' | grep -q complains && fail "$(cat "$room/fish.err")"
fi
echo "pages: sound"
