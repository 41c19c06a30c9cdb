#!/bin/sh
# sandbox.sh BIN: a sandbox comes up, says what runs, survives a killed daemon, tells its story in the
# real federation, and leaves no process behind.
set -eu
bin=$1
room=$(mktemp -d /tmp/cy-sandbox.XXXXXX)
box=$room/box
comity() { "$bin/comity" "$@"; }
sandbox() {
    word=$1
    shift
    comity sandbox "$word" --dir "$box" "$@"
}
processes() { # of this sandbox: their command lines name its directory
    for line in /proc/[0-9]*/cmdline; do
        { tr '\0' ' ' <"$line" | grep -q "comity.* $box/"; } 2>/dev/null && echo "$line"
    done || true
}
end() {
    [ -d "$box" ] && sandbox down --remove >/dev/null 2>&1
    rm -rf "$room"
}
trap end EXIT
fail() {
    echo "sandbox.sh: $*" >&2
    tail -n 5 "$box/making.log" "$room"/*.txt >&2 2>/dev/null
    exit 1
}
ready() { sandbox status --json | grep -o '"ready": [0-9]*' | grep -o '[0-9]*'; }

# nothing is there: it is said, with what to do
comity sandbox status --dir "$room/none" >"$room/none.txt" 2>&1 && fail "status of nothing"
grep -q "comity sandbox up" "$room/none.txt" || fail "no remedy"

sandbox up >"$room/up.txt" || fail "it does not come up"
[ "$(ready)" = 14 ] || fail "not all daemons are ready"
[ "$(processes | wc -l)" = 20 ] || fail "14 daemons and 6 signers were expected: $(processes | wc -l)"
sandbox logs ocean/reef --lines 3 | grep -q "ocean/reef/comityd.log" || fail "no log"
sandbox logs nowhere >/dev/null 2>&1 && fail "a log of nowhere"

# a daemon is killed: status says so, up brings it back, and only it
pid=$(cat "$box/south/comityd.pid")
kept=$(cat "$box/north/comityd.pid")
kill -9 "$pid"
for _ in 1 2 3 4 5 6 7 8 9 10; do
    [ "$(ready)" = 13 ] && break
    sleep 0.1
done
[ "$(ready)" = 13 ] || fail "a killed daemon counts as ready"
sandbox status | grep -q "^  south .* stopped" || fail "status does not name it"
sandbox up >"$room/again.txt" || fail "it does not come up again"
[ "$(ready)" = 14 ] || fail "the killed daemon did not come back"
[ "$(cat "$box/north/comityd.pid")" = "$kept" ] || fail "a daemon that ran was started again"

# the story, in the federation of four, with receipts that hold
sandbox story >"$room/story.txt" || fail "the story stops: $(tail -n 3 "$room/story.txt")"
grep -q "order together" "$room/story.txt" || fail "the story was not told in the federation"
grep -q "refused (DELEGATION_SCOPE)" "$room/story.txt" || fail "the agent has no limits"
grep -q "refused (QUOTA_EXCEEDED)" "$room/story.txt" || fail "no refusal"
grep -q "arrived: 250 vouchers" "$room/story.txt" || fail "nothing crossed the bridge"
grep -q "refused (BRIDGE_STILL)" "$room/story.txt" || fail "the severed bridge carries"
grep -q "FISHERS .* 300.01" "$room/story.txt" || fail "not split as the formula says"
n=$(find "$box/story" -name '*.receipt.json' | wc -l)
[ "$n" -gt 40 ] || fail "receipts: $n"
grep -q "$n of $n receipts hold" "$room/story.txt" || fail "not all of $n receipts hold"
# a receipt that was changed does not hold
sed 's/"index": [0-9]*/"index": 0/; s/[A-Za-z0-9+]\{9\}=/AAAAAAAAA=/' "$box/story/08.receipt.json" >"$room/forged.json"
comity verify "$room/forged.json" --policy "$box/ocean/policy" --origin ocean.example/ledger >/dev/null 2>&1 &&
    fail "a forged receipt holds"
sandbox story >"$room/twice.txt" 2>&1 && fail "told twice"

# the other story: an attack, and each state does what it voted (a few of the recorded roll call)
votes=$(dirname "$0")/../../scenarios/es-11-1.csv
[ "$(awk -F, '{ n[$2]++ } END { print n["yes"], n["no"], n["abstain"], n["absent"] }' "$votes")" = "141 5 35 12" ] ||
    fail "the roll call is not the recorded one"
awk -F, 'NR == 1 || n[$2]++ < ($2 == "yes" ? 8 : 2)' "$votes" >"$room/votes.csv"
comity story aggression --dir "$box" --votes "$room/none.csv" >/dev/null 2>&1 && fail "a roll call of nothing"
comity story aggression --dir "$box" --votes "$room/votes.csv" --svg "$room/ripple.svg" --json \
    >"$room/aggression.json" 2>"$room/aggression.txt" || fail "the attack stops: $(tail -n 3 "$room/aggression.txt")"
told() { tr -d ' \n' <"$room/aggression.json" | grep -qF "$1" || fail "not told: $1: $(cat "$room/aggression.json")"; }
told '"states":14,"coalition":9'
told '"before":{"yes":{"paid":8,"held":0,"refused":0},"no":{"paid":2,'
told '"attacker":{"yes":{"paid":0,"held":0,"refused":8},"no":{"paid":2,"held":0,"refused":0},"abstain":{"paid":2,'
told '"helper":{"yes":{"paid":0,"held":8,"refused":0},"no":{"paid":2,"held":0,"refused":0}'
told '"after":{"yes":{"paid":8,'
told '"flags":1'
grep -q 'receipts hold' "$room/aggression.txt" || fail "receipts of the attack"
grep -q '</svg>' "$room/ripple.svg" || fail "no drawing"
comity story aggression --dir "$box" --votes "$room/votes.csv" >/dev/null 2>&1 && fail "the attack twice"

# a pid file that names somebody else's process harms nobody
sleep 600 &
other=$!
kill -9 "$(cat "$box/fisher/comityd.pid")"
echo $other >"$box/fisher/comityd.pid"
sandbox down >"$room/down.txt" || fail "it does not end"
[ -z "$(processes)" ] || fail "left behind: $(processes)"
kill -0 $other || fail "a foreign process was ended"
kill $other
sandbox down --remove >/dev/null
[ ! -e "$box" ] || fail "the directory is still there"
comity sandbox down --dir "$room" --remove >/dev/null 2>&1 && fail "it removes what is no sandbox"
[ -d "$room" ] || fail "it removed what is no sandbox"
echo "sandbox.sh: all well"
