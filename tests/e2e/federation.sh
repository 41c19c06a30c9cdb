#!/bin/sh
# federation.sh BIN: docs/federation.md as a stranger types it: four members, a directory, a signer
# and a daemon each, found a federation; nothing is given that the page does not say.
set -u
bin=$1
what=fed ports=17900
. "$(dirname "$0")/people.sh"
until_true() { # SECONDS COMMAND...
    tries=$(($1 * 10))
    shift
    until "$@" >/dev/null 2>&1; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || fail "not in time: $*"
        sleep 0.1
    done
}
cd "$dir" || exit 1

# a directory that is none: said in three lines, with a remedy and no empty line
mkdir none
want 1 'what to do' comity --dir none federation status
printf '%s\n' "$out" | grep -q '^$' && fail "an empty line in: $out"

# 1. each makes its seat and starts its signer
for m in a b c d; do
    free_port
    want 0 "comity-signer --keys $dir/$m/keys --socket $dir/$m/signer.sock --passphrase-file $dir/$m/passphrase" \
        comity federation seat --dir $m --name $m.example/ledger --operator OP-$m \
        --url https://127.0.0.1:$port --tls
    signer $m
    port=$((port + 1))
done
want 0 'digest +[0-9a-f]{8} ' comity federation card a/seat.conf

# 2. one writes the genesis, 3. each signs it
want 0 'any two quorums share 2 operators' comity federation draft --name sea.example/federation \
    --seat a/seat.conf --seat b/seat.conf --seat c/seat.conf --seat d/seat.conf \
    --param idle_ms=1000 --out genesis.draft
for m in a b c d; do
    until_true 20 test -S $m/signer.sock
    want 0 'founders of sea.example/federation' comity --dir $m federation sign genesis.draft --out $m.signed
done

# 4. together they are the genesis, 5. of which each takes the settings of its node
want 0 'signatures +4 of 4' comity federation seal a.signed b.signed c.signed d.signed --out genesis.act
for m in a b c d; do
    want 0 'has a seat in sea.example/federation now' comity federation join --dir $m \
        --genesis genesis.act --seat a/seat.conf --seat b/seat.conf --seat c/seat.conf --seat d/seat.conf
    daemon $m
done

# 6. they agree
agrees() { comity --dir "$1" federation status | grep -q 'agrees with the others'; }
for m in a b c d; do until_true 30 agrees $m; done
final() { comity --dir "$1" federation status --json | tr -d ' ,' | sed -n 's/^"final_height"://p'; }
past() { [ "$(final "$1")" -ge "$2" ]; }
until_true 30 past a 2
want 0 'b.example/ledger +active' comity --dir a federation seats
want 0 'gets a passport' comity --dir c passport create --kind person --name Ada --alias Ada

# three of four act in the realm's name; a trustee's key is made, and a fifth member comes and goes
REALM=$(sed -n 's/^realm *= *//p' a/client.conf | tr -d '";')
together() { # NAME WORDS: sign, seal, send
    for m in a b c; do want 0 'signed' comity --dir $m federation sign $1.draft --out $1.$m; done
    want 0 'signatures' comity federation seal $1.a $1.b $1.c --out $1.act
    want 0 "$2" comity --dir a federation send $1.act
}
echo '{"act":"param_set","name":"probation","value":1}' >param.json
want 0 'more than two thirds' comity --dir a federation act param.json --out param.draft
together param 'sets probation to 1'
free_port
want 0 'digest' comity federation seat --dir e --name e.example/ledger --operator OP-e \
    --url https://127.0.0.1:$port --tls
signer e
want 0 'more than two thirds' comity --dir a federation admit e/seat.conf --out admit.draft
together admit 'admits e.example/ledger'
want 0 'has a seat' comity federation join --dir e --genesis genesis.act --seat a/seat.conf \
    --seat b/seat.conf --seat c/seat.conf --seat d/seat.conf
for m in a b c d; do
    want 0 'knows e.example/ledger' comity --dir $m federation meet e/seat.conf
    want 1 'EXISTS' comity --dir $m federation meet e/seat.conf
    eval "kill \$pid_$m; wait \$pid_$m" 2>/dev/null
    daemon $m
    until_true 30 comity --dir $m federation status
done
daemon e
height() { comity --dir "$1" federation status --json | tr -d ' ,' | sed -n 's/^"height"://p' | head -n 1; }
follows() { [ "$(height e)" -ge "$(height a)" ] && [ "$(height e)" -gt 2 ]; }
until_true 30 follows
want 0 'votes again' comity --dir e act seat_rejoin --as "$REALM" --key seat --from $(($(height a) + 3))
want 0 'witness e.example/ledger' comity --dir a federation confirm e.example/ledger --out confirm.draft
together confirm 'confirms seat 4'
seated() { comity --dir a federation seats | grep -q 'e.example/ledger  *active'; }
until_true 10 seated
want 0 'leaves its seat' comity --dir e act seat_leave --as "$REALM" --key seat --reason 'a test'
due() { comity --dir a federation status | grep -q 'policy_set is due'; }
until_true 10 due
want 0 'quorum seats' comity --dir a federation policy --out policy.draft
together policy 'sets the witness policy'

# what is no cell's is said: a member's ledger is with the others
echo secret >passphrase
want 2 'keys' comity --dir b backup --to b.cyb --passphrase-file passphrase

# a trustee cosigns what the members stand by
want 0 "\-\-trustee 'labor,union.example" comity federation trustee init --dir t --name union.example \
    --chamber labor --operator UNION
signer t
until_true 20 test -S t/signer.sock
want 0 'cosigned [0-9]+ entries: 4 of 4 members' comity --dir t federation trustee run --once \
    --origin sea.example/federation --seat a/seat.conf --seat b/seat.conf --seat c/seat.conf --seat d/seat.conf
want 0 'cosigned +[0-9]+ entries' comity --dir t federation trustee status --origin sea.example/federation
for m in b c d; do eval "kill \$pid_$m" 2>/dev/null; done
sleep 0.3
want 1 'members' comity --dir t federation trustee run --once --origin sea.example/federation \
    --seat a/seat.conf --seat b/seat.conf --seat c/seat.conf --seat d/seat.conf
echo "four founded a federation by hand, and changed its roll"
