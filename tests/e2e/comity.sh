#!/bin/sh
# comity.sh BIN SOURCE PART: the programs together, as people run them: comityd, comity-signer,
# comity and comity-audit in a temporary directory.
#   PART use       a realm from nothing: passports, assets, transfers, proofs, audit, restart
#   PART crash     kill -9 of the daemon under load, again and again
#   PART damage    damaged files are named; a second daemon is refused
#   PART relief    from an alert to a certified dispatch: pact, vote, crisis, plan, finding, credit
#   PART history   the countries and the histories of scenarios/, every head count
set -u
bin=$1 source=$2 part=$3
what=e2e ports=16800
. "$(dirname "$0")/people.sh"
daemon='' signer='' loaders=''
end() {
    for pid in $loaders $daemon $signer; do kill -9 "$pid" 2>/dev/null; done
    wait 2>/dev/null
    rm -rf "$dir"
}
start_signer() {
    comity-signer --keys "$dir/a/keys" --socket "$dir/a/signer.sock" \
        --passphrase-file "$dir/a/passphrase" >>"$dir/signer.log" 2>&1 &
    signer=$!
}
# Waits until the daemon answers, or has ended.
start_daemon() {
    comityd --config "$dir/a/comityd.conf" >>"$dir/daemon.log" 2>&1 &
    daemon=$!
    tries=0
    until comity realm >/dev/null 2>&1; do
        kill -0 "$daemon" 2>/dev/null || return 1
        tries=$((tries + 1))
        [ $tries -lt 300 ] || return 1
        sleep 0.1
    done
}
stop_daemon() {
    kill -TERM "$daemon"
    wait "$daemon" || fail "the daemon ended with $? on SIGTERM"
    daemon=''
}
begin() {
    free_port
    want 0 'is a realm now' comity init --dir "$dir/a" --name a.example/ledger --port $port "$@"
    COMITY_DIR=$dir/a
    export COMITY_DIR
    start_signer
    start_daemon || fail "the daemon did not start"
}
# id of the act, and its index, in a receipt file
field() { sed -n "s/^  \"$1\": \"\{0,1\}\([^\",]*\)\"\{0,1\},\{0,1\}$/\1/p" "$2" | head -n 1; }
# The entries of the ledger as "index id" lines.
entries() {
    comity feed --json --limit 1000000 |
        sed -n 's/^{"index":\([0-9]*\),"id":"\([0-9a-f]*\)".*/\1 \2/p'
}

people() {
    want 0 'gets a passport' comity passport create --kind nation --name Norway --code iso3166-1=NOR
    want 0 'gets a passport' comity passport create --kind nation --name Sweden --code iso3166-1=SWE
    want 0 'creates the asset' comity asset create --as NOR --code GRAIN --name Grain --scale 3
    want 0 'opens an account' comity account open --as NOR --asset GRAIN
    want 0 'opens an account' comity account open --as SWE --asset GRAIN
    want 0 'issues 1000000' comity asset issue --as NOR --asset GRAIN --account NOR/GRAIN \
        --amount 1000000
}

# A set-off is drafted, held, looked at and posted: promises in custody return to who made them.
clearing() {
    want 0 'gets a passport' comity passport create --kind company --name House
    for who in NOR SWE; do
        want 0 'creates the asset' comity asset create --as $who --code $who.EUR --name Promises --scale 2
        want 0 'opens an account' comity account open --as $who --asset $who.EUR
        want 0 'opens an account' comity account open --as House --asset $who.EUR
        want 0 'issues 1000' comity asset issue --as $who --asset $who.EUR --account House/$who.EUR --amount 1000
    done
    printf 'debtor,creditor,amount,currency\nNOR,SWE,10,EUR\nSWE,NOR,7.5,EUR\n' >"$dir/owed.csv"
    want 0 'cleared  15.0 ' comity clear run "$dir/owed.csv" --cleared "$dir/cleared.csv" --proof "$dir/proof.csv"
    settle() { want 0 '2 transfers' comity clear settle "$dir/owed.csv" "$dir/cleared.csv" "$dir/proof.csv" \
        --custodian House --scale 2 --acts "$dir/batch.json" "$@"; }
    settle
    want 0 'recorded as entry' comity act --as House --file "$dir/batch.json" --receipt "$dir/begin.json"
    comity account list | grep -E '^NOR .*NOR.EUR' | grep -q 750 && fail "promises moved before they were posted"
    settle --post "$(field act "$dir/begin.json")"
    want 0 'recorded as entry' comity act --as House --file "$dir/batch.json"
    want 0 'NOR +NOR.EUR +750|NOR .*750' comity account list
    want 0 'SWE .*750' comity account list
}

use() {
    begin --waiver-days 1
    want 1 'DIR_TAKEN' comity init --dir "$dir/a" --name a.example/ledger
    want 2 'origin|named like a URL' comity init --dir "$dir/x" --name 'a b'
    want 0 'all is well' comity doctor
    people
    # dry run: effects, and nothing recorded
    size=$(entries | wc -l)
    want 0 'would be accepted' comity transfer --as NOR --from NOR/GRAIN --to SWE/GRAIN \
        --amount 250 --dry-run
    want 0 'would be accepted' comity passport create --kind person --name Dry --dry-run
    comity key list | grep -q Dry && fail "a dry run made a key"
    [ "$(entries | grep -c .)" -ge "$size" ] || fail "the feed shrank"
    comity account list | grep -E '^SWE' | grep -q 250 && fail "a dry run moved value"
    want 0 'recorded as entry' comity transfer --as NOR --from NOR/GRAIN --to SWE/GRAIN \
        --amount 250 --receipt "$dir/r.json"
    want 1 'NOT_OWNER' comity transfer --as SWE --from NOR/GRAIN --to SWE/GRAIN --amount 1
    want 1 '"code":"author.authority.owner"' comity transfer --as SWE --from NOR/GRAIN \
        --to SWE/GRAIN --amount 1 --json
    want 2 'did you mean --from' comity transfer --as SWE --fron NOR/GRAIN
    want 1 'NO_NAME' comity transfer --as NOR --from NOR/GRAIN --to NOBODY/GRAIN --amount 1
    want 2 'must be a whole number' comity transfer --as NOR --from NOR/GRAIN --to SWE/GRAIN \
        --amount 1.5
    want 3 'network.unreachable' comity --url http://127.0.0.1:1 realm
    # JSON, several acts, names in place of ids
    printf '[{"act":"transfer","from":"NOR/GRAIN","to":"@SWE/GRAIN","amount":"5"},
        {"act":"batch","acts":[{"act":"transfer","from":"NOR/GRAIN","to":"SWE/GRAIN","amount":1},
        {"act":"transfer","from":"NOR/GRAIN","to":"SWE/GRAIN","amount":2}]}]' >"$dir/acts.json"
    want 0 'recorded as entry' comity act --as NOR --file "$dir/acts.json"
    want 0 'SWE .*258' comity account list
    # proofs, offline: without daemon and signer
    index=$(field index "$dir/r.json")
    want 0 '' comity proof "$index" --out "$dir/p.tlog-proof" --entry "$dir/entry"
    want 0 'does not hold the entry' comity proof "$index" --cose --out "$dir/p.cose"
    want 0 '' comity proof 0 --cose --out "$dir/p0.cose" --entry "$dir/entry0"
    want 1 'NO_NOUN' comity proof 99999999 --cose
    clearing
    officers
    administration
    want 0 'gets a passport' comity passport create --kind person --name Ada
    want 0 'replaces its keys' comity passport rotate Ada
    want 0 'replaces its keys' comity passport rotate Ada
    want 0 'generation +3' comity passport show Ada
    want 0 'retires' comity passport retire --as Ada --reason done
    want 1 'RETIRED' comity passport attest --passport Ada --scheme x --value y
    want 0 'replaces its keys' comity passport rotate operator
    stop_daemon
    want 0 'this receipt holds' comity verify "$dir/r.json"
    want 0 'this tlog-proof holds' comity verify "$dir/p.tlog-proof"
    want 0 'this COSE receipt holds' comity verify "$dir/p.cose" --entry "$dir/entry"
    want 0 'this COSE receipt holds' comity verify "$dir/p0.cose" --entry "$dir/entry0"
    want 1 'does NOT hold' comity verify "$dir/p.cose" --entry "$dir/entry0"
    want 0 'this checkpoint holds' comity verify "$dir/a/data/checkpoint"
    want 0 'this act holds' comity verify "$dir/entry"
    want 1 'NO_VKEY' env -u COMITY_DIR comity verify "$dir/r.json"
    vkey=$(sed -n 's/^vkey = "\(.*\)";/\1/p' "$dir/a/client.conf")
    want 0 'this receipt holds' env -u COMITY_DIR comity verify "$dir/r.json" --vkey "$vkey"
    tampered
    want 0 'is sound' comity audit "$dir/a/data"
    cp -r "$dir/a/data" "$dir/mirror"
    want 0 'is sound' env -u COMITY_DIR comity-audit "$dir/mirror"
    want 0 'is sound' comity-audit "$dir/mirror" --vkey "$vkey"
    # after the restart: the rotated operator ticks, everything stands
    start_daemon || fail "no restart"
    want 0 'is sound' comity audit "http://127.0.0.1:$port"
    want 0 'recorded as entry' comity transfer --as NOR --from NOR/GRAIN --to SWE/GRAIN --amount 1
    want 0 'SWE .*259' comity account list
    want 0 'attests' comity passport attest --as operator --passport NOR --scheme lei --value X1
    sleep 2
    want 0 'all is well' comity doctor
    kill "$signer"
    wait "$signer"
    signer=''
    want 3 'RED .*signer' comity doctor
    want 3 'comity-signer' comity transfer --as NOR --from NOR/GRAIN --to SWE/GRAIN --amount 1
    want 0 'comity act transfer' comity act transfer --help
    want 0 'complete -F' comity completion bash
    want 0 'a.example/ledger' comity config explain
}
# M009: an officer's act about a member is a receipt that the member checks offline.
officers() {
    want 0 'founds' comity alliance found --as NOR --code WATCH --name "Arctic Watch" \
        --topic environment --clauses '[{"name":"admission","value":1}]'
    want 0 'invites SWE' comity alliance invite --as NOR --alliance WATCH --party SWE --level full
    want 0 'joins' comity alliance join --as SWE --alliance WATCH --level full
    want 0 'secretary +NOR +alliance_invite +SWE' comity alliance officers WATCH --about SWE
    index=$(printf '%s\n' "$out" | sed -n 's/^\([0-9]*\) .*alliance_invite.*/\1/p')
    want 0 '' comity proof "$index" --out "$dir/officer.tlog-proof" --entry "$dir/officer.entry"
    want 0 'this tlog-proof holds' comity verify "$dir/officer.tlog-proof" --entry "$dir/officer.entry"
    want 0 'alliance_invite|invites' comity verify "$dir/officer.entry"
    want 1 'does NOT hold' comity verify "$dir/officer.tlog-proof" --entry "$dir/entry"
    # M008: figures to compare alliances by are public
    want 0 'full +1' comity alliance figures WATCH
}

# Administration: roles, what they may, and what the audit log says of it.
administration() {
    want 0 'operator' comity admin me
    want 0 '"roles": \[' comity admin me --json
    want 0 'gets a passport' comity passport create --kind person --name Auda --alias Auda
    want 0 'observer' comity admin me --as Auda
    want 1 'NO_ROLE' comity admin log --as Auda
    want 0 'recorded as entry|holds the office' comity admin grant Auda --role auditor --days 30
    want 0 'auditor' comity admin me --as Auda
    want 0 'refused.*Auda \(observer\).*caller.role.missing' comity admin log --as Auda
    want 1 'NO_ROLE' comity admin snapshot --as Auda
    want 0 'ends the term' comity admin revoke Auda --role auditor
    want 1 'NO_ROLE' comity admin log --as Auda
    want 0 'done' comity admin snapshot
    want 0 'done' comity admin log-level --level info
    want 2 'USAGE' comity admin log-level
    want 0 'listen.port' comity admin config
    want 0 'start again|next start' comity admin peer.add --peer "$dir/a" --cosign
    want 0 'cosign": true' comity admin peer.list
    want 0 'next start' comity admin peer.remove --origin a.example/ledger
    want 1 'UNKNOWN_PEER' comity admin peer.remove --origin a.example/ledger
    want 0 '"label": "log"' comity admin key.list
    want 0 'snapshot +done' comity admin log --local
    want 0 'pin' comity tls new --cert "$dir/t.cert" --key "$dir/t.key"
    want 0 'tls.new +done +from comity uid' comity admin log --local
    want 1 'check the paths' comity tls new --cert /nowhere/t.cert --key /nowhere/t.key
    want 0 'tls.new +refused' comity admin log --local
    mv "$dir/a/data.admin.log" "$dir/kept.log" && mkdir "$dir/a/data.admin.log"
    want 3 'TRAIL_UNWRITTEN' comity tls new --cert "$dir/u.cert" --key "$dir/u.key"
    [ ! -e "$dir/u.key" ] || fail 'a key was made although it could not be logged'
    rmdir "$dir/a/data.admin.log" && mv "$dir/kept.log" "$dir/a/data.admin.log"
    want 0 'unlock' comity admin log --file "$dir/a/keys/admin.log"
    want 0 '"answers"' comity admin status
    sed 's/"action":"snapshot"/"action":"snapshoT"/' "$dir/a/data.admin.log" >"$dir/forged.log"
    want 1 'TRAIL_BROKEN' comity admin log --file "$dir/forged.log"
}

# Every kind of proof with one byte or word changed is refused.
tampered() {
    sed 's/"index": [0-9]*/"index": 1/' "$dir/r.json" >"$dir/bad.json"
    want 1 'does NOT hold' comity verify "$dir/bad.json"
    for byte in 40 200 400 700; do
        for file in p.tlog-proof entry a/data/checkpoint; do
            size=$(wc -c <"$dir/$file")
            at=$((byte % size))
            cp "$dir/$file" "$dir/bad"
            old=$(od -An -tu1 -j $at -N 1 "$dir/bad" | tr -d ' ')
            new=$((old == 65 ? 66 : 65))
            printf "\\$(printf %o $new)" | dd of="$dir/bad" bs=1 seek=$at conv=notrunc 2>/dev/null
            want 1 'does NOT hold' comity verify "$dir/bad"
        done
    done
    printf 'nothing of ours' >"$dir/bad"
    want 1 'does NOT hold' comity verify "$dir/bad"
}

# load NAME: transfers, one in three an atomic batch, until told to stop; receipts are kept.
load() {
    n=0
    while [ ! -e "$dir/stop" ]; do
        n=$((n + 1))
        if [ $((n % 3)) = 0 ]; then
            printf '{"act":"batch","acts":[%s,%s,%s]}' "$one" "$one" "$one" |
                comity act --as NOR --file - --receipt "$dir/receipts/$1.$round.$n" >/dev/null 2>&1
        else
            comity transfer --as NOR --from NOR/GRAIN --to SWE/GRAIN --amount 1 \
                --receipt "$dir/receipts/$1.$round.$n" >/dev/null 2>&1
        fi
    done
}
crash() {
    begin
    people
    mkdir "$dir/receipts"
    one='{"act":"transfer","from":"NOR/GRAIN","to":"SWE/GRAIN","amount":1}'
    for round in 1 2 3 4 5 6; do
        rm -f "$dir/stop"
        loaders=''
        for name in x y z; do
            load $name &
            loaders="$loaders $!"
        done
        sleep "0.$((round * 3 % 10 + 4))"
        kill -9 "$daemon"
        wait "$daemon" 2>/dev/null
        : >"$dir/stop"
        # shellcheck disable=SC2086
        wait $loaders
        loaders=''
        start_daemon || fail "no restart after kill -9, round $round"
        entries >"$dir/entries"
        for receipt in "$dir"/receipts/*; do
            line="$(field index "$receipt") $(field act "$receipt")"
            grep -qx "$line" "$dir/entries" || fail "round $round: an acknowledged act is lost: $line"
        done
    done
    kept=$(find "$dir/receipts" -type f | grep -c .)
    [ "$kept" -ge 10 ] || fail "only $kept acts were acknowledged: no load"
    # none half applied: what arrived is what the ledger's acts say, batches whole
    said=$(comity feed --json --limit 1000000 | grep -c '"act":{"act":"transfer"')
    batches=$(comity feed --json --limit 1000000 | grep -c '"act":{"act":"batch"')
    have=$(comity account list --owner SWE --json | sed -n 's/.*"balance": "\([0-9]*\)".*/\1/p')
    [ "$have" = $((said + 3 * batches)) ] ||
        fail "SWE has $have, the ledger says $said and $batches batches of three"
    for receipt in "$dir"/receipts/*.1.*; do
        want 0 'this receipt holds' comity verify "$receipt"
    done
    want 0 'is sound' comity audit "$dir/a/data"
    echo "$kept acknowledged acts stand after 6 times kill -9; $have units arrived"
}

flip() { # FILE AT: changes one byte
    old=$(od -An -tu1 -j "$2" -N 1 "$1" | tr -d ' ')
    printf "\\$(printf %o $((old ^ 1)))" | dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}
damage() {
    begin
    people
    want 1 'holds|busy|another' comityd --config "$dir/a/comityd.conf"
    stop_daemon
    cp -r "$dir/a/data" "$dir/good"
    # an entry of a copy
    cp -r "$dir/good" "$dir/bad"
    flip "$dir/bad/tile/entries/000.p/$(sed -n 2p "$dir/bad/checkpoint")" 700
    want 3 'NOT sound: entry [0-9]+' comity audit "$dir/bad"
    # a hash of a copy
    rm -rf "$dir/bad"
    cp -r "$dir/good" "$dir/bad"
    flip "$dir/bad/tile/0/000.p/$(sed -n 2p "$dir/bad/checkpoint")" 40
    want 3 'NOT sound: .*tile/0/000' comity audit "$dir/bad"
    # the head of a copy
    rm -rf "$dir/bad"
    cp -r "$dir/good" "$dir/bad"
    flip "$dir/bad/checkpoint" 20
    comity audit "$dir/bad" >"$dir/out" 2>&1 && fail "a damaged head was audited as sound"
    grep -q 'NOT sound' "$dir/out" || fail "a damaged head: $(cat "$dir/out")"
    # another ledger's key
    want 1 'another ledger key' comity audit "$dir/good" --vkey "$(comity init --dir "$dir/o" \
        --name a.example/ledger --json | sed -n 's/.*"vkey": "\(.*\)",/\1/p')"
    # the daemon on damaged files: it names them and does not start
    segment=$(find "$dir/a/data/journal" -type f | sort | head -n 1)
    flip "$segment" 300
    start_daemon && fail "the daemon started on a damaged journal"
    tail -n 4 "$dir/daemon.log" | grep -q 'journal/' || fail "the damaged journal is not named"
    rm -rf "$dir/a/data"
    cp -r "$dir/good" "$dir/a/data"
    flip "$dir/a/data/tile/entries/000.p/$(sed -n 2p "$dir/a/data/checkpoint")" 700
    start_daemon && fail "the daemon started on a damaged bundle"
    tail -n 4 "$dir/daemon.log" | grep -q 'tile/' || fail "the damaged tile is not named"
    rm -rf "$dir/a/data"
    cp -r "$dir/good" "$dir/a/data"
    start_daemon || fail "the good copy does not start"
    want 0 'all is well' comity doctor
}

history() {
    [ -r /usr/share/iso-codes/json/iso_3166-1.json ] || {
        echo "SKIPPED: iso-codes is not installed"
        exit 77
    }
    begin
    want 0 'would be made' comity import passports --dry-run
    # an import that ended between a receipt and its alias: begun again, it makes nothing twice
    want 0 'gets a passport' comity passport create --kind nation --name Norway --alias NOR
    sed -i '/\tNOR\t/d' "$dir/a/aliases"
    want 0 '279 passports made, 1 were there' comity import passports
    twice=$(comity passport list --json | grep '"name"' | sort | uniq -d)
    [ -z "$twice" ] || fail "made twice: $twice"
    want 0 '"NOR"' comity record attestation --where value=NOR --json
    want 0 '0 passports made, 280 were there' comity import passports
    want 0 '58 alliances founded, 2038 events recorded' comity import csv --table alliances \
        "$source/scenarios/alliances.csv"
    want 0 '0 events recorded .2038 were there' comity import csv --table alliances \
        "$source/scenarios/alliances.csv"
    rows=0
    while IFS=, read -r org day level members _; do
        [ "$org" = organisation ] && continue
        got=$(comity alliance members "$org" --as-of "$day" --level "$level" --json |
            grep -c '"party"')
        [ "$got" = "$members" ] || fail "$org on $day: $got $level members, not $members"
        rows=$((rows + 1))
    done <"$source/scenarios/headcounts.csv"
    want 0 'prove it' comity alliance members NATO --as-of 1960-01-01 --bundle "$dir/nato.json"
    stop_daemon
    want 0 'this answer bundle holds' comity verify "$dir/nato.json"
    sed 's/1960-01-01/1961-01-01/' "$dir/nato.json" >"$dir/bad.json"
    want 1 'does NOT hold' comity verify "$dir/bad.json"
    want 0 'is sound' comity audit "$dir/a/data"
    echo "$rows head counts are right"
}

# From an outbreak to a certified dispatch: what was voted and signed in peacetime decides, and
# nobody approves anything in between.
id_of() { field act "$dir/receipt.json"; }
sent() { want 0 . "$@" --receipt "$dir/receipt.json"; }
relief() {
    begin
    for who in CAF NGA NOR Office Solver Auditor; do
        want 0 'gets a passport' comity passport create --kind nation --name $who
    done
    printf 'urgent first, then the shortest ways\n' >"$dir/charter.txt"
    sent comity aid pact --as CAF --name Relief --text "file:$dir/charter.txt" --seconds 2 --days 30 --auditor Auditor \
        --parties '[{"party":"CAF","weight":1},{"party":"NGA","weight":1},{"party":"NOR","weight":2}]' \
        --goods '[{"good":"WSH","unit":"person","value":3}]'
    pact=$(id_of)
    for who in CAF NGA NOR; do want 0 'joins' comity aid join --as $who --pact "$pact"; done
    sent comity objective offer --as CAF --name "Urgent first" --text "file:$dir/charter.txt" --kind outbreak \
        --summary "the urgent first, then the shortest ways" --office Office --need 2 \
        --voters '[{"voter":"CAF","weight":1},{"voter":"NGA","weight":1},{"voter":"NOR","weight":1}]'
    objective=$(id_of)
    for who in CAF NOR; do want 0 'votes' comity objective vote --as $who --objective "$objective" --allow true; done
    sent comity model register --as Solver --name "comity lp" --version 1 --digest "file:$bin/comity-model" \
        --purpose "linear programs" --limits "none: every answer is proved"
    model=$(id_of)
    sent comity stock offer --as NOR --pact "$pact" --good WSH --amount 1500000 --place Bergen --north 150392000 --east 185322000
    stock=$(id_of)
    want 0 'lets certified plans' comity aid mandate --as NOR --pact "$pact" --good WSH --ppm 1000000 --most 1500000 --until 2099-12-31

    sleep 2.5 # the realm's clock ticks once a second: the vote is before the crisis, not in it
    # the outbreak: an alert comes in, two parties declare
    sed 's/GULF-2026-17/RELIEF-1/' "$source/tests/fuzz/corpus/cap/alert" >"$dir/alert.xml"
    want 0 'Cholera' comity relief alert "$dir/alert.xml" --declare "$dir/declare.json" --pact "$pact" --kind outbreak
    want 0 'records' comity act evidence_record --as CAF --digest "file:$dir/alert.xml" --kind incident --summary "the alert"
    for who in CAF NGA; do want 0 'declares' comity act --as $who --file "$dir/declare.json" --receipt "$dir/receipt.json"; done
    crisis=$(comity crisis list --json | sed -n 's/.*"id":"\([0-9a-f]*\)".*/\1/p')
    [ -n "$crisis" ] || crisis=$(comity crisis list --json | tr -d ' \n' | sed -n 's/.*"id":"\([0-9a-f]*\)".*/\1/p')
    comity record crisis --json >"$dir/crises.json"
    want 0 . comity relief publish "$dir/crises.json" --sender relief.example --category Health --cap "$dir/out.xml"
    want 0 'outbreak' comity relief alert "$dir/out.xml"
    want 0 'activates' comity objective activate --as NGA --objective "$objective" --occasion "$crisis"
    want 1 'nobody amends' comity objective offer --as CAF --name Other --text "file:$dir/alert.xml" --kind outbreak --replaces "$objective" \
        --summary "other" --office Office --need 1 --voters '[{"voter":"CAF","weight":1}]'

    # needs from the published table, where it is there
    needs=$source/../shared/data/needs/humanitarian_needs_CAF_NGA.csv
    [ -f "$needs" ] || needs=$source/tests/fuzz/corpus/need_table/published
    for who in CAF NGA; do
        awk -F, -v who=$who 'NR == 1 || $1 == who' "$needs" >"$dir/$who.csv"
        want 0 '1 needs' comity relief needs "$dir/$who.csv" --place country_iso3 --good cluster_code --amount in_need \
            --where cluster_code=WSH --acts "$dir/$who.json" --crisis "$crisis"
        want 0 'recorded' comity act --as $who --file "$dir/$who.json"
    done
    for table in stock need holding; do comity record $table --json >"$dir/$table.json"; done
    want 0 '2 needs' comity relief needs "$dir/need.json" --hxl "$dir/needs.csv"
    grep -q '^#loc+name,#item,#item+num' "$dir/needs.csv" || fail "no hashtags"
    want 0 '2 lines' comity relief plan "$dir/stock.json" "$dir/need.json" --holdings "$dir/holding.json" \
        --day 2026-11-20 --mps "$dir/plan.mps" --lines "$dir/plan.csv"
    want 0 . comity lp solve "$dir/plan.mps" --solver none --program "$dir/plan.program" --certificate "$dir/plan.proof"
    want 0 'names the data' comity objective name "$objective" --as Office --input "$dir/need.json" --input "$dir/stock.json" \
        --program "$dir/plan.program" --lines "$dir/plan.csv"
    sed 's/R S0 1500000/R S0 1500001/' "$dir/plan.mps" >"$dir/more.mps"
    want 0 . comity lp solve "$dir/more.mps" --solver none --program "$dir/more.program" --certificate "$dir/more.proof"
    want 1 'FINDING_FRAME' comity finding submit "$objective" --as Solver --model "$model" --program "$dir/more.program" --certificate "$dir/more.proof"
    want 1 'CERT_OTHER' comity finding submit "$objective" --as Solver --model "$model" --program "$dir/plan.program" --certificate "$dir/more.proof"
    sent comity finding submit "$objective" --as Solver --model "$model" --program "$dir/plan.program" --certificate "$dir/plan.proof"
    finding=$(id_of)
    want 0 'may be relied on' comity finding show "$finding"

    # nobody approves: any party sends what was certified, under the mandate signed before
    want 0 'lines sent now' comity crisis dispatch "$finding" --as NGA --program "$dir/plan.program" --certificate "$dir/plan.proof" --lines "$dir/plan.csv"
    want 0 '^0 of' comity crisis dispatch "$finding" --as NGA --program "$dir/plan.program" --certificate "$dir/plan.proof" --lines "$dir/plan.csv"
    want 0 'WSH .*1500000  *1500000 ' comity stock list
    dispatch=$(comity record dispatch --json | tr -d ' \n' | sed 's/.*"items":\[//; s/},{.*//' | sed -n 's/.*"id":"\([0-9a-f]*\)".*/\1/p')
    for who in CAF NGA; do
        comity dispatch receive --as $who --dispatch "$dispatch" --received 1000 >"$dir/received.$who" 2>&1 && break
    done
    grep -q 'received 1000' "$dir/received.$who" || fail "nobody received: $(cat "$dir/received.$who")"
    want 0 'NOR .* 3000 ' comity account list --owner NOR
    stop_daemon
    want 0 'is sound' comity audit "$dir/a/data"
}

case $part in
use | crash | damage | relief | history) $part ;;
*)
    echo "no part $part" >&2
    exit 2
    ;;
esac
echo "ok: $part"
