#!/bin/sh
# formal/scenario.sh MODEL "DEFINES" "COMPILER FLAGS" "SEARCH FLAGS": searches a counter-example of a
# broken model and prints it as a scenario for replay.c. Fails when SPIN finds none.
set -eu
model=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
# shellcheck disable=SC2086
{
    spin $2 -DTRAIL -a "$model" >spin.log
    gcc -w -O1 -DSAFETY -DNOFAIR -DMEMLIM=4000 $3 -o pan pan.c
    ./pan -E $4 >pan.log
}
trail=$(basename "$model").trail
[ -f "$trail" ] || {
    echo "scenario: nothing found by $2" >&2
    cat pan.log >&2
    exit 1
}
value() { printf '%s\n' "$2" | sed -n "s/.*-D$1=\([0-9]*\).*/\1/p"; }
traitors=$(value TRAITORS "$2") first=$(value FIRST "$2")
echo "members $((4 - ${traitors:-1})) ${first:-0}"
# shellcheck disable=SC2086
spin $2 -DTRAIL -k "$trail" -t "$model" | sed -n 's/^ *@ //p'
