#!/bin/sh
# laws.sh LAW ROOT NUMBERS: one law over the source text; prints each breach and what to do.
# Exit 0 kept, 1 broken, 77 cannot be judged here.
set -eu
law=$1 root=$2 numbers=$3 bad=0
cd "$root"
here=tests/law
say() {
    echo "$1"
    bad=1
}
sources() { # all C files of the project, or of the folders given
    for folder in "${@:-src}"; do
        [ -d "$folder" ] && find "$folder" -name '*.[ch]' -not -path '*/node_modules/*'
    done | sort
}
# code FILE...: the files with comments and string contents blanked, as FILE:LINE:text
code() {
    awk 'FNR == 1 { inside = 0 }
    {
        line = $0; out = ""
        while (line != "") {
            if (inside) {
                at = index(line, "*/")
                if (!at) { line = ""; break }
                line = substr(line, at + 2); inside = 0
            } else if (match(line, /\/\*|\/\/|"([^"\\]|\\.)*"/)) {
                word = substr(line, RSTART, 2); out = out substr(line, 1, RSTART - 1)
                if (word == "/*") { inside = 1; line = substr(line, RSTART + 2) }
                else if (word == "//") line = ""
                else { out = out "\"\""; line = substr(line, RSTART + RLENGTH) }
            } else { out = out line; line = "" }
        }
        print FILENAME ":" FNR ":" out
    }' "$@"
}

# append_only FILE KIND: the numbers in the program against the file that pins them.
append_only() {
    "$numbers" "$2" | LC_ALL=C sort >"$numbers.$2"
    LC_ALL=C sort "$1" >"$numbers.$2.pinned"
    LC_ALL=C comm -13 "$numbers.$2" "$numbers.$2.pinned" | sed "s/^/removed or changed: /" >"$numbers.$2.gone"
    LC_ALL=C comm -23 "$numbers.$2" "$numbers.$2.pinned" >"$numbers.$2.fresh"
    if [ -s "$numbers.$2.gone" ]; then
        cat "$numbers.$2.gone"
        say "numbers in $1 are protocol: put the old rows back and give new ones new numbers"
    fi
    if [ -s "$numbers.$2.fresh" ]; then
        cat "$numbers.$2.fresh"
        say "new rows must be pinned: run $here/pin.sh and commit $1"
    fi
}

case $law in
format)
    clang-format --version | grep -q 'version 14\.' || {
        echo "clang-format 14 is not here"
        exit 77
    }
    sources src tests tools bench formal | xargs clang-format --dry-run --Werror --ferror-limit=3 ||
        say "run: make format"
    ;;
names)
    for name in $(sources | sed 's|.*/||' | sort | uniq -d); do
        say "two files of this name: $(find src -name "$name" | tr '\n' ' ')"
    done
    for folder in common util utils misc helpers; do
        for found in $(find src -type d -name "$folder"); do
            say "$found: name the folder for what it holds"
        done
    done
    ;;
headers)
    for file in $(sources); do
        case $file in
        *.c)
            grep -qE '^int main\(' "$file" || [ -f "${file%.c}.h" ] || say "$file: no header of the same name"
            ;;
        *.h)
            want=CY_$(echo "${file#src/}" | tr 'a-z/.-' 'A-Z___')
            grep -qx "#ifndef $want" "$file" && grep -qx "#define $want" "$file" ||
                say "$file: the guard must be $want"
            sed -n 1p "$file" | grep -q '^/\*' || say "$file: a header opens with its purpose"
            ;;
        esac
    done
    ;;
length)
    for file in $(sources); do
        awk -v limit=900 'END { if (NR > limit) { printf "%s: %d lines, at most %d\n", FILENAME, NR, limit; exit 1 } }' "$file" ||
            bad=1
        # The format law puts the braces of a function, and of nothing else, alone in column 0.
        awk '/^\{$/ { from = FNR } /^\}$/ && from { n = FNR - from - 1; from = 0
                if (n > 100) { printf "%s:%d: a function of %d lines, at most 100\n", FILENAME, FNR, n; bad = 1 }
                else if (n > 70) printf "note: %s:%d: a function of %d lines\n", FILENAME, FNR, n }
            END { exit bad }' "$file" || bad=1
    done
    [ $bad = 0 ] || echo "split what does two things"
    ;;
words)
    marks='TO''DO|FIX''ME|XX''X'
    # grep answers 2 when a path is absent, even where it found something.
    found=$(grep -rnwIE "$marks" src tests bench tools scripts docs SPEC cmake check Makefile \
        CMakeLists.txt ./*.md --exclude-dir=node_modules 2>/dev/null || true)
    [ -z "$found" ] || {
        echo "$found"
        say "finish it, or write down what is missing in an issue"
    }
    ;;
memory)
    for floor in base wire crypto kernel ledger institutions realm verify libcomity certify; do
        [ -d src/$floor ] || continue
        code $(sources src/$floor) | grep -E '[^[:alnum:]_.>](malloc|calloc|realloc|reallocarray|free|strdup|strndup|asprintf|getline) *\(' &&
            say "$floor: memory comes from the caller or from cy_arena"
    done
    ;;
err_numbers)
    append_only $here/err_numbers.txt errors
    for column in 1 2 4; do
        for twice in $("$numbers" errors | cut -d ' ' -f $column | sort | uniq -d); do
            say "src/base/err.def: $twice stands twice"
        done
    done
    ;;
message_numbers)
    append_only $here/message_numbers.txt messages
    for twice in $("$numbers" messages | awk '$1 != "item" { print $1, $1 ~ /field|word/ ? $2 : "number", $3 }' |
        sort | uniq -d | tr ' ' :); do
        say "schema: $twice stands twice"
    done
    ;;
scripts)
    for file in check .ci/run $(find scripts tools tests bench formal -type f -not -path '*/node_modules/*' 2>/dev/null); do
        shell=$(sed -n '1s/^#!.*[/ ]\(sh\|bash\)$/\1/p' "$file" 2>/dev/null)
        [ -n "$shell" ] || continue
        "$shell" -n "$file" || bad=1
        [ -x "$file" ] || say "$file: is not executable"
    done
    ;;
*)
    echo "no law $law" >&2
    exit 2
    ;;
esac
exit $bad
