#!/bin/sh
# analyze.sh BUILD JOBS: gcc -fanalyzer over src/, with the flags each file is compiled with. Leaks are
# left to the address sanitizer (gcc 12 loses sight of memory held in lists), and uninitialized values to
# the compilers (it takes the padding of a copied struct for one).
set -eu
database=$1/compile_commands.json
[ -f "$database" ] || {
    echo "no $database: configure the build first" >&2
    exit 1
}
sed -n 's/^ *"command": "\(.*\)",\{0,1\}$/\1/p' "$database" | sed 's/\\\(.\)/\1/g' |
    grep -E ' -c [^ ]*/src/[^ ]*\.c$' | grep -E '^[^ ]*(gcc|cc) ' |
    sed 's/ -o [^ ]*\.o / -o \/dev\/null /; s/$/ -fanalyzer -Wno-analyzer-malloc-leak -Wno-analyzer-use-of-uninitialized-value/' |
    tr '\n' '\0' | (cd "$1" && xargs -0 -r -n 1 -P "$2" sh -c)
