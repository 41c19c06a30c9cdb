#!/bin/sh
# federation.sh BIN: docs/federation.md as a stranger types it: four members, a directory, a signer
# and a daemon each, found a federation; nothing is given that the page does not say.
set -u
bin=$1
dir=$(mktemp -d /tmp/comity-fed.XXXXXX)
PATH=$bin:$PATH
export PATH
unset COMITY_URL COMITY_DIR COMITY_PASSPHRASE
pids=''
end() {
    for pid in $pids; do kill -9 "$pid" 2>/dev/null; done
    wait 2>/dev/null
    rm -rf "$dir"
}
trap end EXIT
trap 'exit 1' INT TERM

fail() {
    echo "FAILED: $*"
    for log in "$dir"/*.log; do [ -f "$log" ] && tail -n 5 "$log"; done
    exit 1
}
# want CODE WORDS COMMAND...: the exit code, and words in what it prints (extended expression)
want() {
    want_code=$1 want_words=$2
    shift 2
    out=$("$@" 2>&1)
    got=$?
    [ $got = "$want_code" ] || fail "$* ended with $got, not $want_code: $out"
    printf '%s\n' "$out" | grep -qE -e "$want_words" || fail "$*: no \"$want_words\" in: $out"
}
port=$((17900 + $$ % 400))
free_port() {
    until comity --url "http://127.0.0.1:$port" realm 2>&1 | grep -q 'network.unreachable'; do
        port=$((port + 1))
    done
}
signer() { # DIR
    comity-signer --keys "$dir/$1/keys" --socket "$dir/$1/signer.sock" \
        --passphrase-file "$dir/$1/passphrase" >>"$dir/$1.log" 2>&1 &
    pids="$pids $!"
}
daemon() { # DIR
    comityd --config "$dir/$1/comityd.conf" >>"$dir/$1.log" 2>&1 &
    pids="$pids $!"
    eval "pid_$1=$!"
}
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
echo "four founded a federation by hand"
