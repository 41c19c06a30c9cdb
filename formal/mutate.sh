#!/bin/sh
# formal/mutate.sh NAME FILE: prints FILE with the break NAME of formal/mutants.txt. Fails when a piece
# that it replaces does not stand there exactly once: the code moved on, and the break must follow.
set -eu
awk -v name="$1" '
FNR == NR {
    if ($1 == "mutant") here = $2 == name
    else if (here && /^- /) from[++n] = substr($0, 3)
    else if (here && /^\+ /) to[n] = substr($0, 3)
    next
}
{
    for (k = 1; k <= n; k++) {
        if ((at = index($0, from[k])) == 0) continue
        $0 = substr($0, 1, at - 1) to[k] substr($0, at + length(from[k]))
        done[k]++
    }
    print
}
END {
    if (n == 0) { print "mutate: no break " name > "/dev/stderr"; exit 1 }
    for (k = 1; k <= n; k++)
        if (done[k] != 1) {
            print "mutate: " name ": stands there " done[k] + 0 " times: " from[k] > "/dev/stderr"
            exit 1
        }
}' "$(dirname "$0")/mutants.txt" "$2"
