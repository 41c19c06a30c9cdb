#!/bin/sh
# formal/run.sh short|long BIN: checks the models in this folder and holds the real code to them
# (docs/formal.md). BIN has the programs that the build made of replay.c. One line for each search:
# what, states, depth, memory, time, verdict. Exit 0 only when everything is as it should be; 77 when
# spin is not installed.
set -u
here=$(dirname "$(realpath "$0")")
length=$1 bin=$(realpath "$2")
command -v spin >/dev/null || { echo "formal: spin is not installed (scripts/deps test)"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bad=0
row() { printf '%-58s %12s %6s %9s %7s  %s\n' "$@"; }
row search states depth memory time verdict

# search WHAT MODEL "DEFINES" "COMPILER FLAGS" "SEARCH FLAGS" WANTED: WANTED is `holds`, `broken` or
# `none` (no error was found until the search ended, or the minutes that its flag -Q allows were over).
# With -DLIVE a run that ends before everybody is done is an error; else it is none (-E).
search() {
    case $3 in *-DLIVE*) ends='' ;; *) ends=-E ;; esac
    rm -rf "$work/s" && mkdir "$work/s" && cd "$work/s" || exit 1
    began=$(date +%s.%N)
    # shellcheck disable=SC2086
    if ! { spin $3 -a "$here/$2" >log && gcc -w -O1 -DSAFETY -DNOFAIR -DMEMLIM=8000 $4 -o pan pan.c &&
        ./pan $ends -n $5 >log; }; then
        cat log
        bad=1
    fi
    verdict=unfinished
    grep -q 'errors: 0' log && verdict=holds
    grep -q 'errors: [1-9]' log && verdict=broken
    grep -q 'Search not completed\|max search depth too small\|resource limit' log && [ $verdict = holds ] &&
        verdict=unfinished
    [ "$6 $verdict" = "none unfinished" ] && grep -q 'errors: 0' log && verdict="none (stopped)"
    [ "$6 $verdict" = "none holds" ] && verdict=none
    row "$1" "$(awk '/states, stored/ { print $1; exit }' log)" \
        "$(sed -n 's/.*depth reached \([0-9]*\).*/\1/p' log)" \
        "$(awk '/total actual memory usage/ { print int($1) " MB" }' log)" \
        "$(echo "$began $(date +%s.%N)" | awk '{ printf "%.1f s", $2 - $1 }')" "$verdict"
    [ "${verdict% (stopped)}" = "$6" ] || { echo "formal: $1: wanted: $6"; bad=1; }
    cd "$here" || exit 1
}

# broken NAME "DEFINES" "COMPILER FLAGS" "SEARCH FLAGS" COMMAND...: SPIN finds a counter-example; the
# real code with the same break breaks its promises under it, the real code as it is does not.
broken() {
    name=$1 defines=$2 flags=$3 options=$4
    shift 4
    began=$(date +%s.%N)
    if ! "$here/scenario.sh" "$here/agree.pml" "$defines" "$flags" "$options" >"$work/scenario"; then
        bad=1
        return
    fi
    said=$("$@" "$work/scenario") && { echo "formal: $name: the broken code is harmless"; bad=1; }
    "$bin/formal_replay" "$work/scenario" >/dev/null || { echo "formal: $name: as it is, too"; bad=1; }
    row "agree.pml broken: $name" "" "" "" \
        "$(echo "$began $(date +%s.%N)" | awk '{ printf "%.1f s", $2 - $1 }')" "found; replayed: $said"
}

# traces FROM TO PROGRAM WANTED
traces() {
    began=$(date +%s.%N)
    "$3" --trace "$1" "$2" >"$work/traces" 2>/dev/null
    verdict=broken
    said=$("$here/trace.sh" "$here/agree.pml" <"$work/traces" 2>"$work/why") && verdict=holds
    row "agree.pml: traces of $(basename "$3"), seeds $1 to $2" "" "" "" \
        "$(echo "$began $(date +%s.%N)" | awk '{ printf "%.1f s", $2 - $1 }')" "${said:-no path of the model}"
    [ $verdict = "$4" ] || { cat "$work/why"; bad=1; }
}

for first in 0 1 2 3; do
    search "agree_votes.pml: 3 rounds, $first proposes first" agree_votes.pml \
        "-DROUNDS=3 -DFIRST=$first" -DCOLLAPSE "-m1000" holds
done
search "agree.pml: 2 rounds, 0 proposes first" agree.pml \
    "-DROUNDS=2 -DFIRST=0" -DCOLLAPSE "-m10000" holds
search "agree.pml: everybody decides, 3 rounds, 0 proposes first" agree.pml \
    "-DLIVE -DQUIET -DROUNDS=3 -DFIRST=0" -DCOLLAPSE "-m10000" holds
traces 1 16 "$bin/formal_replay" holds
search "bridge.pml: a packet out, one home" bridge.pml "-DTIMES=2" -DCOLLAPSE "-m100000" holds
if [ "$length" = short ]; then
    broken quorum "-DQUIET -DROUNDS=2 -DFIRST=0 -DBROKEN_QUORUM" -DBFS "" "$bin/formal_replay_quorum"
    exit $bad
fi

for first in 1 2 3; do
    search "agree.pml: 2 rounds, $first proposes first" agree.pml \
        "-DROUNDS=2 -DFIRST=$first" -DCOLLAPSE "-m10000" holds
done
for first in 1 2 3; do
    search "agree.pml: everybody decides, 3 rounds, $first proposes first" agree.pml \
        "-DLIVE -DQUIET -DROUNDS=3 -DFIRST=$first" -DCOLLAPSE "-m10000" holds
done
for first in 0 2; do
    search "agree.pml: everybody decides, calm in round 1, $first first" agree.pml \
        "-DLIVE -DQUIET -DROUNDS=6 -DRESTLESS=1 -DFIRST=$first" -DCOLLAPSE "-m10000" holds
done
search "agree.pml broken: TIMER (nobody decides)" agree.pml \
    "-DLIVE -DQUIET -DROUNDS=3 -DFIRST=0 -DBROKEN_TIMER" -DCOLLAPSE "-m10000" broken
search "agree.pml: 2 rounds, one restart (bitstate)" agree.pml "-DROUNDS=2 -DFIRST=3 -DRESTARTS=1" \
    -DBITSTATE "-w33 -m10000 -Q10" none
search "agree_votes.pml: 4 rounds, the traitor first (bitstate)" agree_votes.pml "-DROUNDS=4 -DFIRST=3" \
    -DBITSTATE "-w33 -m1000 -Q10" none
# the model of three rounds is larger than anything here can hold: so many minutes of it
search "agree.pml: 3 rounds, the traitor first (bitstate)" agree.pml "-DROUNDS=3 -DFIRST=3" \
    -DBITSTATE "-w33 -m10000 -Q10" none
search "bridge.pml: later timeouts (bitstate)" bridge.pml "-DTIMES=3" -DBITSTATE "-w33 -m100000 -Q10" none
search "bridge.pml: frozen and unwound" bridge.pml "-DTIMES=2 -DUNWIND" -DCOLLAPSE "-m100000" holds
search "bridge.pml: two packets out (bitstate)" bridge.pml "-DTIMES=2 -DPACKETS=3" -DBITSTATE "-w33 -m100000 -Q10" none
for name in CLOCK ACK ABSENCE LATE CLOSED FORGET OLD_ROOT; do
    search "bridge.pml broken: $name" bridge.pml "-DTIMES=2 -DBROKEN_$name" -DBFS "" broken
done
search "bridge.pml broken: GUARDS" bridge.pml "-DTIMES=2 -DUNWIND -DBROKEN_GUARDS" -DBFS "" broken
for name in QUORUM LOCK OLD TWICE; do
    search "agree_votes.pml broken: $name" agree_votes.pml "-DROUNDS=3 -DFIRST=3 -DBROKEN_$name" \
        -DCOLLAPSE "-m1000" broken
done
search "agree_votes.pml broken: WORD" agree_votes.pml "-DROUNDS=3 -DFIRST=2 -DBROKEN_WORD" \
    -DCOLLAPSE "-m1000" broken
search "agree.pml: two traitors of four" agree.pml "-DROUNDS=2 -DFIRST=2 -DTRAITORS=2" -DBFS "" broken
broken quorum "-DQUIET -DROUNDS=2 -DFIRST=0 -DBROKEN_QUORUM" -DBFS "" "$bin/formal_replay_quorum"
broken lock "-DQUIET -DROUNDS=2 -DFIRST=0 -DBROKEN_LOCK" -DBFS "" "$bin/formal_replay_lock"
broken word "-DQUIET -DROUNDS=2 -DFIRST=2 -DBROKEN_WORD" -DBFS "" "$bin/formal_replay_word"
broken twice "-DQUIET -DROUNDS=2 -DFIRST=3 -DBROKEN_TWICE" -DBFS "" "$bin/formal_replay_twice"
broken restart "-DQUIET -DROUNDS=2 -DFIRST=3 -DBROKEN_RESTART -DRESTARTS=1" \
    "-DBITSTATE -DT_REVERSE" "-w29 -m80" \
    "$bin/formal_replay" --forget lock
broken key "-DQUIET -DROUNDS=1 -DFIRST=0 -DBROKEN_KEY -DRESTARTS=1" -DBFS "" \
    "$bin/formal_replay" --forget votes
traces 100 160 "$bin/formal_replay" holds
traces 100 160 "$bin/formal_replay_lock" broken
traces 100 160 "$bin/formal_replay_word" broken
exit $bad
