#!/bin/sh
# exports.sh ROOT SHARED ARCHIVE: what the libraries show and what they ask for. The shared library
# exports exactly the functions of include/comity.h; both ask for nothing but undefined.txt (no
# memory, no files, no sockets, no clock); neither keeps anything that could be written to, nor memory of a
# thread. The header is C99 and C++ by itself.
set -eu
root=$1 shared=$2 archive=$3 bad=0
here=$root/tests/libcomity
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
say() {
    echo "$1"
    bad=1
}
same() { # WHAT FILE FILE
    diff "$2" "$3" >"$room/diff" || say "$1 (< said, > found):
$(cat "$room/diff")"
}

tr '\n' ' ' <"$root/include/comity.h" | grep -oE 'COMITY_API [^;]*;' |
    grep -oE 'comity_[a-z0-9_]+\(' | tr -d '(' | sort -u >"$room/said"
[ "$(wc -l <"$room/said")" -ge 20 ] || say "the header was not understood"
nm -D --defined-only "$shared" | awk '$2 == "T" { sub(/@.*/, "", $3); print $3 }' | sort >"$room/shown"
same "the shared library shows other functions than the header" "$room/said" "$room/shown"
nm -D --defined-only "$shared" | awk '$2 != "T" && $2 != "A" { print }' | grep . &&
    say "the shared library shows more than functions"
nm --extern-only --defined-only "$archive" | awk 'NF == 3 { print $3 }' | sort >"$room/shown"
same "the archive shows other names than the header" "$room/said" "$room/shown"

grep -v '^#' "$here/undefined.txt" | sort >"$room/allowed"
for library in "$shared" "$archive"; do
    case $library in *.so*) flag=-D ;; *) flag= ;; esac
    # shellcheck disable=SC2086
    nm $flag -u "$library" | awk '$1 == "U" { sub(/@.*/, "", $2); print $2 }' | sort -u >"$room/asked"
    for name in $(comm -13 "$room/allowed" "$room/asked"); do
        say "$library asks for $name: it may not, or tests/libcomity/undefined.txt must say why"
    done
done
# What a compiler puts there itself: completed.0 and __dso_handle.
nm "$shared" | awk '$2 ~ /^[bBC]$/ || ($2 == "D" && $3 !~ /^_/) { print $3 }' | grep -vE '^(completed\.0|__bss_start|_end|_edata|__TMC_END__)$' &&
    say "the shared library keeps state"
readelf -lW "$shared" | grep -q ' TLS ' && say "the shared library keeps memory of each thread"
readelf -d "$shared" | grep -q 'soname: \[libcomity.so.0\]' || say "the soname is not libcomity.so.0"

printf '#include "comity.h"\nint main(void) { return comity_version() == NULL; }\n' >"$room/a.c"
cp "$room/a.c" "$room/a.cpp"
cc -std=c99 -pedantic -Wall -Wextra -Werror -fsyntax-only -I"$root/include" "$room/a.c" ||
    say "the header is not C99"
if command -v clang >/dev/null 2>&1; then
    clang -x c++ -std=c++11 -pedantic -Wall -Wextra -Werror -fsyntax-only -I"$root/include" "$room/a.cpp" ||
        say "the header is not C++"
else
    echo "note: no C++ compiler here"
fi
exit $bad
