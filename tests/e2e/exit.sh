#!/bin/sh
# exit.sh BIN: real daemons and signers. People leave a realm with its consent and against its will,
# a thief is refuted, foreign passports are followed, and at last the realm merges into the other.
# (M081, M082, M119)
set -u
bin=$1
here=$(cd "$(dirname "$0")" && pwd)
what=exit ports=18400
. "$(dirname "$0")/people.sh"
in_a() { comity --dir "$dir/a" "$@"; }
in_b() { comity --dir "$dir/b" "$@"; }
# what somebody of realm a does in realm b: with the keys that only the signer of a holds
arriving() { comity --dir "$dir/b" --signer "$dir/a/signer.sock" "$@"; }
# the newest state root covers what was done: ask for a tick's time to pass
settle_root() { sleep 1.3; }

begin a
begin b
A=$(setting a realm) B=$(setting b realm)
for name in Ada Bo Cy; do
    want 0 'gets a passport' in_a passport create --kind person --name $name --alias $name
done
want 0 'gets a passport' in_b passport create --kind person --name Rel --alias Rel
# a cooperative of three keys, of which two are needed
keys='' sep=''
for label in k1 k2 k3; do
    in_a key make --label $label >"$dir/key.out" 2>&1 || fail "key make: $(cat "$dir/key.out")"
    key=$(grep -oE '[0-9a-f]{64}' "$dir/key.out" | head -n 1)
    keys="$keys$sep{\"key\":\"$key\",\"weight\":1}" sep=,
done
want 0 'gets a passport' in_a passport create --kind company --name Coop --alias Coop \
    --keys "[$keys]" --need-0 2 --key k1 --key k2
want 0 'opens a bridge' in_a bridge open "$B" --vkey "$(setting b vkey)" --kind settlement --kind recognition
want 0 'opens a bridge' in_b bridge open "$A" --vkey "$(setting a vkey)" --kind settlement --kind recognition
want 0 'sets exit_window_ms' in_b act param_set --name exit_window_ms --value 4000
want 0 'creates the asset' in_a asset create --as Ada --code OAT --name Oats
want 0 'opens an account' in_a account open --as Ada --asset OAT
want 0 'issues 1000' in_a asset issue --as Ada --asset OAT --account Ada/OAT --amount 1000
want 0 'posts 40' in_a act bond_post --as Ada --account Ada/OAT --beneficiary Bo --amount 40

# recognition, out of a copy of the other ledger
settle_root
want 0 'recognises' in_b recognise tier a.example/ledger person 2
want 0 'recognised' in_b recognise add "$A" "$(id_of a Cy)" --from "$dir/a/data" --as Rel
want 0 'tier 2 +person +active' in_b recognise list
want 0 'replaces|rotat|keys' in_a passport rotate Cy
settle_root
want 0 '1 known, 1 changed, 1 followed' in_b recognise follow "$A" --from "$dir/a/data" --as Rel
want 0 '1 known, 0 changed' in_b recognise follow "$A" --from "$dir/a/data" --as Rel

# with consent: Bo leaves
want 0 'leaves' in_a exit begin "$B" --as Bo
settle_root
want 0 'sealed by the head' in_a exit bundle Bo --from "$dir/a/data" --out "$dir/bo.exit"
want 0 'this answer bundle holds' comity verify "$dir/bo.exit" --vkey "$(setting a vkey)"
want 1 'does NOT hold' comity verify "$dir/bo.exit" --vkey "$(setting b vkey)"
want 0 '"standing": ?"active"' comity verify "$dir/bo.exit" --vkey "$(setting a vkey)" --json
sed 's/"passport":"\(.\)/"passport":"0\1/' "$dir/bo.exit" >"$dir/odd.exit"
want 1 'does NOT hold' comity verify "$dir/odd.exit" --vkey "$(setting a vkey)"
want 0 'admitted as passport' arriving exit admit "$dir/bo.exit" --key Bo --alias BoHere \
    --from "$dir/a/data"
want 1 'exists' arriving exit admit "$dir/bo.exit" --as BoHere --key Bo --from "$dir/a/data"
settle_root
want 0 'proves that' in_a exit done "$B" Bo --from "$dir/b/data" --as Cy
want 1 'passport.retired|not active' in_a account open --as Bo --asset OAT
want 0 '"standing": ?"moved"' in_a passport show Bo --json

# against an operator who lets no departure pass: its front censors the act exit_leave (number 0x69)
free_port
python3 "$here/censor.py" $port "$url_a" 001869 >>"$dir/censor.log" 2>&1 &
pids="$pids $!"
front=http://127.0.0.1:$port
tries=0
until comity --url "$front" realm >/dev/null 2>&1; do
    tries=$((tries + 1))
    [ $tries -lt 100 ] || fail 'the front did not start'
    sleep 0.1
done
out=$(comity --dir "$dir/a" --url "$front" exit begin "$B" --as Coop --key k1 --key k2 2>&1) &&
    fail "the censor let the departure pass: $out"
want 0 'none' in_a exit status Coop
want 0 'sealed by the head' comity --dir "$dir/a" exit bundle Coop --from "$front" --out "$dir/coop.exit"
want 0 'this answer bundle holds' comity verify "$dir/coop.exit" --vkey "$(setting a vkey)"
want 1 'no departure' arriving exit admit "$dir/coop.exit" --key k1 --key k2 --from "$front"
coop=$(id_of a Coop)
want 0 'claimed as passport' arriving exit admit "$dir/coop.exit" --claim --key k1 --key k2 \
    --alias CoopHere --from "$front"
want 1 'claim.early' in_b exit settle "$A" "$coop" --as Rel
want 1 'claim.holds' in_b exit contest "$A" "$coop" --from "$front" --as Rel
sleep 4
settle_root
want 0 'admits passport' in_b exit settle "$A" "$coop" --as Rel
want 0 'admission +\{' in_b exit status "$coop"
settle_root
# the operator lets that pass: it is not the act that it censors
want 0 'by claim' comity --dir "$dir/a" --url "$front" exit done "$B" Coop --from "$dir/b/data" --as Cy
want 0 '"standing": ?"moved"' in_a passport show Coop --json

# a thief with Ada's old key claims her passport; she replaced it, and the newer record refutes the claim
settle_root
want 0 'sealed by the head' in_a exit bundle Ada --from "$dir/a/data" --out "$dir/ada.exit"
want 0 'claimed as passport' arriving exit admit "$dir/ada.exit" --claim --key Ada --from "$dir/a/data"
want 0 'replaces|rotat|keys' in_a passport rotate Ada
settle_root
want 0 'refuted' in_b exit contest "$A" "$(id_of a Ada)" --from "$dir/a/data" --as Rel
want 1 'claim.state' in_b exit settle "$A" "$(id_of a Ada)" --as Rel
want 0 'foreign_duty' in_b exit status "$(id_of a Ada)"

# at last the realm goes on in the other one
want 1 'merge|NOT_MERGED' in_b merge open "$A" --from "$dir/a/data"
want 0 'ends this realm' in_a merge close "$B" --reason 'one town'
want 1 'realm.merged' in_a asset issue --as Ada --asset OAT --account Ada/OAT --amount 1
settle_root
want 0 'takes over' in_b merge open "$A" --from "$dir/a/data"
want 0 'account +1 there, 1 brought' in_b merge bring "$A" --from "$dir/a/data" --as Rel
want 0 'account +1 there, 0 brought' in_b merge bring "$A" --from "$dir/a/data" --as Rel
[ "$(in_b account list --json | tr -d ' ' | grep -cE '"balance":"?960"?[,}]?$')" = 1 ] ||
    fail "Ada's 960 did not come over: $(in_b account list --json)"
[ "$(in_b account list --json | tr -d ' ' | grep -cE '"held":"?40"?[,}]?$')" -ge 1 ] || fail 'the bond did not come over'
want 0 'sound' comity audit "$dir/a/data"
want 0 'sound' comity audit "$dir/b/data"
echo "people leave with consent and without, and two realms are one"
