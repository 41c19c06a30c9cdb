#!/bin/sh
# tidy.sh BUILD JOBS: clang-tidy (.clang-tidy) over src/, with the flags of a clang build.
set -eu
[ -f "$1/compile_commands.json" ] || {
    echo "no $1/compile_commands.json: configure the build first" >&2
    exit 1
}
find src -name '*.c' -print0 | sort -z | xargs -0 -r -n 4 -P "$2" clang-tidy -p "$1" --quiet
