#!/bin/sh
# fuzz.sh [SECONDS [NAME...]]: run each libFuzzer target for SECONDS (60), on its corpus. New inputs
# stay in build/fuzz/new/NAME; a crash leaves its input in build/fuzz/crash-NAME-* and ends the run.
set -eu
cd "$(dirname "$0")/.."
seconds=${1:-60}
[ $# -gt 0 ] && shift
cmake --preset fuzz >/dev/null
cmake --build --preset fuzz --target fuzzers
[ $# -gt 0 ] || set -- $(cd build/fuzz/bin && ls | sed -n 's/^fuzz_//p')
[ $# -gt 0 ] || {
    echo "no fuzz targets in this build" >&2
    exit 1
}
failed=
for name in "$@"; do
    new=build/fuzz/new/$name
    mkdir -p "$new"
    set -- "$new"
    [ -d "tests/fuzz/corpus/$name" ] && set -- "$new" "tests/fuzz/corpus/$name"
    echo "fuzz $name for $seconds s"
    "build/fuzz/bin/fuzz_$name" "$@" -max_total_time="$seconds" -max_len=65536 -timeout=10 \
        -artifact_prefix="build/fuzz/crash-$name-" -print_final_stats=1 >"build/fuzz/$name.log" 2>&1 || {
        failed="$failed $name"
        grep -vE '^#[0-9]|^INFO|DE: ' "build/fuzz/$name.log" | head -n 60
    }
    sed -n 's/^stat::number_of_executed_units: */  inputs run: /p;s/^stat::new_units_added: */  new inputs kept: /p' \
        "build/fuzz/$name.log"
done
[ -z "$failed" ] || {
    echo "crashed:$failed (inputs in build/fuzz/crash-*)" >&2
    exit 1
}
