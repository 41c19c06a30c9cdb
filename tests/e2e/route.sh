#!/bin/sh
# route.sh BIN: three realms with real daemons in a row. The way is found from their own records,
# vouchers of vouchers settle at its end and come back, a severed bridge has no way; and what binds
# a party in two of them is reported with what contradicts. (M081, M082, M105)
set -u
bin=$1
what=route ports=19400
. "$(dirname "$0")/people.sh"
in_() {
    cell=$1
    shift
    comity --dir "$dir/$cell" "$@"
}
units() { in_ "$1" account list --json 2>/dev/null | tr -d ' ' | grep -cE "\"balance\":\"?$2\"?[,}]?$"; }
join() { # ONE OTHER: a bridge between them
    want 0 'opens a bridge' in_ "$1" bridge open "$(setting "$2" realm)" --vkey "$(setting "$2" vkey)"
    want 0 'opens a bridge' in_ "$2" bridge open "$(setting "$1" realm)" --vkey "$(setting "$1" vkey)"
}
relay() { # ONE OTHER
    want 0 'carried' comity bridge relay --dir "$dir/$1" --with "$dir/$2" --as Rel --with-as Rel --once
}
rounds() { for round in 1 2 3; do relay a b && relay b c; done; }

for cell in a b c; do
    begin $cell
    for name in Ada Rel; do
        want 0 'gets a passport' in_ $cell passport create --kind person --name $name --alias $name
    done
done
A=$(setting a realm) B=$(setting b realm) C=$(setting c realm)
with="--with $url_b --with $url_c"
want 1 'route.missing' in_ a bridge route a.example/ledger c.example/ledger $with
join a b
join b c
relay a b
relay b c
want 0 'creates the asset' in_ a asset create --as Ada --code OAT --name Oats
want 0 'opens an account' in_ a account open --as Ada --asset OAT
want 0 'issues 1000' in_ a asset issue --as Ada --asset OAT --account Ada/OAT --amount 1000

want 0 "via $C" in_ a bridge route a.example/ledger c.example/ledger OAT $with
want 0 '"name": ?"b.example/ledger"' in_ a bridge route "$A" "$C" OAT $with --json
want 1 'route.missing' in_ a bridge route "$A" "$C" OAT --with "$url_b"
want 0 'recorded as entry' in_ a bridge send "$B" --via "$C" --as Ada --receiver "$(id_of c Ada)" \
    --account Ada/OAT --amount 250
rounds
[ "$(units c 250)" = 1 ] || fail "250 did not arrive two bridges away: $(in_ c account list --json)"
[ "$(units a 750)" = 1 ] || fail "the sender does not hold 750"
want 0 'sent 1 packets, 0 under way' in_ a bridge status
want 0 'sound' comity audit "$dir/b/data"
want 0 'recorded as entry' in_ b bridge sever "$C" --reason 'a dispute'
want 1 'route.missing' in_ a bridge route "$A" "$C" OAT $with

# what binds Ada in two realms: rulings of two venues contradict
venue=$(id_of a Rel)
want 0 'duties: 0' in_ a passport duties Ada --with "$url_b"
want 0 'recorded as entry' in_ a act constrain --as Ada --kind arbitration --venue "$venue"
want 0 'recorded as entry' in_ b act constrain --as Ada --kind arbitration --venue "$(id_of b Rel)"
want 1 'venue +a.example/ledger and b.example' in_ a passport duties Ada --with "$url_b" \
    --also "$(id_of b Ada)@$url_b"
want 1 '"kind": ?"venue"' in_ a passport duties Ada --with "$url_b" --also "$(id_of b Ada)@$url_b" --json
echo "the way is found, vouchers of vouchers settle, duties that contradict are told"
