#!/bin/sh
# bridge.sh BIN: two realms with real daemons and signers, a bridge between them, and a relayer: units
# cross and come back, a packet times out, a severed bridge holds still.
set -u
bin=$1
what=bridge ports=17400
. "$(dirname "$0")/people.sh"
in_a() { comity --dir "$dir/a" "$@"; }
in_b() { comity --dir "$dir/b" "$@"; }
units() { in_"$1" account list --json 2>/dev/null | tr -d ' ' | grep -cE "\"balance\":\"?$2\"?[,}]?$"; }
relay() { want 0 'carried' comity bridge relay --dir "$dir/a" --with "$dir/b" --as Rel --with-as Rel --once; }
rounds() { for round in 1 2 3 4; do relay; done; }

begin a
begin b
for cell in a b; do
    want 0 'gets a passport' in_$cell passport create --kind person --name Ada --alias Ada
    want 0 'gets a passport' in_$cell passport create --kind person --name Rel --alias Rel
done
want 0 'creates the asset' in_a asset create --as Ada --code OAT --name Oats
want 0 'opens an account' in_a account open --as Ada --asset OAT
want 0 'issues 1000' in_a asset issue --as Ada --asset OAT --account Ada/OAT --amount 1000
A=$(setting a realm) B=$(setting b realm)
[ -n "$A" ] && [ -n "$B" ] || fail "no realm ids"

want 0 'no bridges' in_a bridge status
want 1 'NO_BRIDGE' in_a bridge send "$B" --as Ada --receiver "$(id_of b Ada)" --account Ada/OAT --amount 1
want 1 'NOT_OPERATOR' in_a bridge open "$B" --vkey "$(setting b vkey)" --as Ada
want 0 'opens a bridge' in_a bridge open "$B" --vkey "$(setting b vkey)" --guard Ada --guards-need 1
want 0 'opens a bridge' in_b bridge open "$A" --vkey "$(setting a vkey)"
relay
want 0 'b.example/ledger +active' in_a bridge status
want 0 '"state": ?"active"' in_a bridge status --json
want 0 'recorded as entry' in_a bridge send b.example/ledger --as Ada --receiver "$(id_of b Ada)" \
    --account Ada/OAT --amount 250
[ "$(units a 750)" = 1 ] || fail "the sender does not hold 750"
rounds
[ "$(units b 250)" = 1 ] || fail "250 vouchers did not arrive: $(in_b account list --json)"
want 0 'sent 1 packets, 0 under way' in_a bridge status
# what cannot be received in time returns
want 0 'recorded as entry' in_a bridge send "$B" --as Ada --receiver "$(id_of b Ada)" \
    --account Ada/OAT --amount 100 --timeout 2
[ "$(units a 650)" = 1 ] || fail "100 are not in escrow"
sleep 3
rounds
[ "$(units a 750)" = 1 ] || fail "what timed out did not return: $(in_a account list --json)"
voucher=$(in_b account list --json | tr -d ' ",' | sed -n 's/^id://p' | tail -n 1)
# --- a list of a, followed by b: carried by its events, in force in the next act of b ---
want 0 'recorded as entry' in_a act sanction_open --as Ada --owner Ada --code BAN --name 'Banned' --stale-ms 86400000
echo 'the findings' >"$dir/findings.txt"
want 0 'recorded as entry' in_a act evidence_record --as Ada --digest "file:$dir/findings.txt" --kind audit --summary findings
ban() { want 0 'recorded as entry' in_a sanction add --as Ada --list BAN --scheme list --value 'FTM vol' \
    --label 'VOLGA TRADING LLC' --exclude --evidence "file:$dir/findings.txt" --reason 'it ships arms' \
    --review-at "$(date -u -d '+30 days' +%Y-%m-%dT%H:%M:%SZ)"; }
ban
want 0 'no list of that realm is mirrored' comity sanction relay --dir "$dir/b" --with "$dir/a" --as Rel --with-as Rel --once
want 1 'is no list' comity sanction relay --dir "$dir/b" --with "$dir/a" --as Rel --with-as Rel --list NONE --once
want 0 'BAN +change 1 of 1, brought 1, lag [0-9]+ ms' comity sanction relay --dir "$dir/b" --with "$dir/a" \
    --as Rel --with-as Rel --list BAN --once
want 0 'recorded as entry' in_b sanction follow --list BAN --mode mirror
want 0 'gets a passport' in_b passport create --kind company --name 'Volga Trading' --alias Volga
want 0 'creates the asset' in_b asset create --as Rel --code PEA --name Peas
want 0 'opens an account' in_b account open --as Rel --asset PEA
want 0 'opens an account' in_b account open --as Volga --asset PEA
want 0 'issues 1000' in_b asset issue --as Rel --asset PEA --account Rel/PEA --amount 1000
pay() { in_b transfer --as Rel --from Rel/PEA --to Volga/PEA --amount 1; }
want 0 'recorded as entry' pay
# what screening found becomes acts, which a person reads, signs and sends
printf '%s\n' '{"id":"vol","schema":"Company","properties":{"name":["VOLGA TRADING LLC"]}}' >"$dir/list.json"
printf 'name\nVolga Trading\nGrain of Ada\n' >"$dir/customers.csv"
printf 'name,party\nVolga Trading,Volga\nGrain of Ada,Ada\n' >"$dir/parties.csv"
comity screen file "$dir/customers.csv" --list "$dir/list.json" --json >"$dir/report.json"
draft() { in_b sanction apply "$dir/report.json" --list BAN --out "$dir/acts.json" "$@"; }
want 1 'no name|no passport|Grain' draft
want 0 '1 clear, 1 possible, 0 match' draft --parties "$dir/parties.csv" --match 1001
want 0 '1 clear, 0 possible, 1 match; evidence [0-9a-f]{64}' draft --parties "$dir/parties.csv" --match 900
want 0 'nothing is in force' in_b sanction check Volga
want 1 'SANCTION_OFFICER' in_b act --as Ada --file "$dir/acts.json"
want 0 '1 clear, 0 possible, 1 match' draft --parties "$dir/parties.csv" --match 900 # the evidence stands by now
want 0 'recorded as entry' in_b act --file "$dir/acts.json"
want 1 'EXCLUDED' pay
want 1 'it ships arms' in_b sanction explain Volga
want 2 'no report' in_b sanction apply "$dir/acts.json" --list BAN
# eased in a, b lets it pay; decided again in a, b refuses: a carrier that looks every minute is woken
comity sanction relay --dir "$dir/b" --with "$dir/a" --as Rel --with-as Rel --every 60 >"$dir/carrier.log" 2>&1 &
pids="$pids $!"
sleep 1
until_() { # CODE: until a payment ends with it; milliseconds
    begin_ms=$(date +%s%3N)
    while :; do
        pay >"$dir/pay.txt" 2>&1
        [ $? = "$1" ] && break
        [ $(($(date +%s%3N) - begin_ms)) -lt 20000 ] || fail "a change of the list was not in force after 20 s: $(cat "$dir/carrier.log")"
    done
    echo $(($(date +%s%3N) - begin_ms))
}
subject=$(in_a record sanction_entry --json | tr -d ' ",' | sed -n 's/^subject://p')
want 0 'recorded as entry' in_a act sanction_ease --as Ada --list BAN --subject "$subject" --reason 'it stopped'
eased=$(until_ 0) || exit 1
ban
banned=$(until_ 1) || exit 1
grep -q EXCLUDED "$dir/pay.txt" || fail "refused for another reason: $(cat "$dir/pay.txt")"
want 0 'BAN +3 changes, [12] in force: in force here [0-9]+ ms after the decision' in_b sanction metrics
want 0 'decided here' in_a sanction metrics BAN
echo "from decision to refusal: $banned ms; from easing to payment: $eased ms"
# a severed bridge holds still; guardians return nothing that could still arrive
want 0 'recorded as entry' in_a bridge send "$B" --as Ada --receiver "$(id_of b Ada)" \
    --account Ada/OAT --amount 50
want 0 'severed' in_a bridge sever "$B" --reason 'a dispute'
want 1 'BRIDGE_STILL' in_a bridge send "$B" --as Ada --receiver "$(id_of b Ada)" --account Ada/OAT --amount 1
want 1 'UNWIND_EARLY' in_a bridge unwind "$B" 3 refused --as Ada
[ "$(units a 700)" = 1 ] || fail "guardians brought it back while it may arrive"
# units abroad come home, once; not before their home has severed, and not to nobody
want 0 'units abroad come home' in_a bridge status
recall() { in_b bridge recall --with "$dir/a" --with-as Rel --as Ada --account "$1" --amount "$2" --receiver "$3"; }
want 1 'no such passport' recall "$voucher" 100 "$(printf '%064d' 7)"
want 0 'paid out at home: 1' recall "$voucher" 100 "$(id_of a Ada)"
[ "$(units a 800)" = 1 ] || fail "100 did not come home: $(in_a account list --json)"
[ "$(units b 150)" = 1 ] || fail "the vouchers did not end: $(in_b account list --json)"
want 0 'paid out at home: 0' in_a bridge home --with "$dir/b" --as Rel --with-as Rel
want 1 'INSUFFICIENT' recall "$voucher" 151 "$(id_of a Ada)"
# b follows a to the keys that a's own record names: the same ones
want 0 'recorded as entry' in_b bridge follow --with "$dir/a" --as Rel --with-as Rel
want 0 'whole|matches|holds|verified|ok' comity audit "$dir/a/data"
echo "two realms settle over a bridge"
