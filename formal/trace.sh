#!/bin/sh
# formal/trace.sh MODEL < TRACES: are traces of the real code (replay --trace) paths of the model? They
# become a process that says who moves and waits until it stands as the real one stood; SPIN searches
# a way through all of them. Fails when there is none, and prints the first step that cannot be.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$1" "$work/model.pml"
cd "$work"
# One line of trace.inc for each step: what is printed shows that the step was reached.
awk 'BEGIN { printf "active proctype witness() { byte x;" }
     { print " " $0 "; printf(\"step\\n\");" }
     END { print " assert(false) }" }' >trace.inc
steps=$(grep -c expect trace.inc) traces=$(grep -c begun trace.inc)
spin -DTRACE -DROUNDS=6 -a model.pml >spin.log || { cat spin.log >&2; exit 1; }
gcc -w -O0 -DSAFETY -DNOFAIR -DMEMLIM=2000 -o pan pan.c
./pan -E -m1000000 >pan.log
if grep -q 'assertion violated' pan.log; then
    echo "$traces traces, $steps steps: paths of the model"
else
    line=$(sed -n 's/.*pml:\([0-9]*\),.*step.*/\1/p' pan.log | sort -n | head -n 1)
    echo "trace: not a path of the model from here on:" >&2
    sed -n "$((line > 4 ? line - 4 : 1)),${line}p" trace.inc >&2
    exit 1
fi
