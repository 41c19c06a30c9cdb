#!/bin/sh
# pin.sh [NUMBERS]: add the new error and message numbers to the files that pin them, in order of
# number. Rows that stand there are never touched: the laws report those that changed.
set -eu
cd "$(dirname "$0")"
numbers=${1:-../../build/debug/bin/law_numbers}
[ -x "$numbers" ] || {
    echo "build first: cmake --build --preset debug --target law_numbers" >&2
    exit 1
}
pin() { # KIND FILE SORT-KEY...
    kind=$1 file=$2
    shift 2
    touch "$file"
    { cat "$file" && "$numbers" "$kind"; } | LC_ALL=C sort -u | LC_ALL=C sort "$@" >"$file.new"
    diff "$file" "$file.new" | sed -n 's/^> /pinned: /p'
    mv "$file.new" "$file"
}
pin errors err_numbers.txt -k 2,2n
pin messages message_numbers.txt -k 1,1 -k 2,2 -k 3,3n
