#!/bin/sh
# allocate.sh BIN SOURCE: charters and set-offs as people use them: run, verify, explain; other data
# and changed findings are refused; the order of lines does not matter.
set -eu
bin=$1 source=$2
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
die() {
    echo "allocate.sh: $*" >&2
    exit 1
}
for name in vaccines estate power cold; do
    charter=$source/scenarios/allocation/$name.charter
    "$bin/comity" allocate run "$charter" --finding "$room/$name.finding" --svg "$room/$name.svg" >"$room/$name.out" ||
        die "$name: run"
    "$bin/comity" allocate verify "$charter" "$room/$name.finding" >/dev/null || die "$name: verify"
    "$bin/comity" allocate explain "$charter" >/dev/null || die "$name: explain"
    grep -q '<title' "$room/$name.svg" || die "$name: drawing"
done
sed -n '/^party/,$p' "$source/scenarios/allocation/estate.charter" | sort -r >"$room/turned"
{ sed '/^party/,$d' "$source/scenarios/allocation/estate.charter" && cat "$room/turned"; } >"$room/estate.charter"
"$bin/comity" allocate run "$room/estate.charter" | sed '/^Charter/d' >"$room/turned.out"
sed '/^Charter/d' "$room/estate.out" | cmp - "$room/turned.out" || die "the order of lines matters"
code=0
"$bin/comity" allocate verify "$source/scenarios/allocation/power.charter" "$room/estate.finding" 2>"$room/err" || code=$?
[ $code = 1 ] && grep -q FINDING "$room/err" || grep -q ALLOCATE_DIFFERS "$room/err" || die "another charter: $code"
sed 's/"given": "75"/"given": "76"/' "$room/estate.finding" >"$room/changed"
code=0
"$bin/comity" allocate verify "$source/scenarios/allocation/estate.charter" "$room/changed" 2>"$room/err" || code=$?
[ $code = 1 ] || die "a changed finding: $code"
# lots with a minimum by a tree, which is verified; explained side by side; a frontier
printf 'comity charter 1\noffice o\nsupply 100\nlot 10\nrule proportional\nparty a claim 100 minimum 60\nparty b claim 100\n' >"$room/minimum.charter"
printf 'party c claim 50 minimum 30\nparty d claim 40\n' >>"$room/minimum.charter"
"$bin/comity" allocate run "$room/minimum.charter" --finding "$room/minimum.finding" | grep -Eq '^c +50 +0 ' || die "minimum"
"$bin/comity" allocate verify "$room/minimum.charter" "$room/minimum.finding" >/dev/null || die "minimum: verify"
"$bin/comity" allocate explain "$room/minimum.charter" --party a --party c >"$room/out"
grep -q 'its minimum of 30 is not reached' "$room/out" && grep -Eq '^of each further unit +about 0.3448 +about 0.1724' "$room/out" ||
    die "explain: $(cat "$room/out")"
"$bin/comity" allocate frontier "$source/scenarios/allocation/cold.charter" --points 3 --svg "$room/frontier.svg" >"$room/out"
grep -Eq '^347 +100% +10% +c' "$room/out" && grep -q '<title' "$room/frontier.svg" || die "frontier: $(cat "$room/out")"
data=$source/../shared/data
if [ -f "$data/needs/humanitarian_needs_CAF_NGA.csv" ]; then
    needs=$data/needs/humanitarian_needs_CAF_NGA.csv
    relief=$source/scenarios/allocation/relief.charter
    "$bin/comity" allocate run "$relief" --claims "$needs" --finding "$room/relief.finding" >"$room/relief.out"
    grep -q 'NGA.WSH  *5044433  *157400 ' "$room/relief.out" || die "relief: $(cat "$room/relief.out")"
    "$bin/comity" allocate verify "$relief" "$room/relief.finding" --claims "$needs" >/dev/null || die "relief: verify"
fi

grid=$source/scenarios/grid
set -- "$grid/valleys.m" --charter "$grid/valleys.charter" --periods "$grid/day.csv" --storage "$grid/lakes.csv"
"$bin/comity" grid dispatch "$@" --plan "$room/day.plan" --svg "$room/day.svg" --explain >"$room/day.out" || die "grid"
grep -q 'line 2 from bus 1 to bus 3 is full' "$room/day.out" || die "grid: $(cat "$room/day.out")"
grep -q '<title' "$room/day.svg" || die "grid: drawing"
"$bin/comity" grid prices "$grid/valleys.m" >/dev/null || die "grid: prices"
sed 's/"price": "117\./"price": "118./' "$room/day.plan" >"$room/changed.plan"
plan=$room/day.plan
"$bin/comity" grid verify "$1" "$plan" --charter "$3" --periods "$5" --storage "$7" >/dev/null || die "grid: verify"
for wrong in "$plan --charter $3 --periods $5" "$room/changed.plan --charter $3 --periods $5 --storage $7"; do
    code=0
    # shellcheck disable=SC2086 # words on purpose
    "$bin/comity" grid verify "$1" $wrong 2>"$room/err" || code=$?
    [ $code = 1 ] || die "grid: a plan of other files, or changed: $code"
done

"$bin/comity" story pandemic "$source/scenarios/pandemic" --month 7 --charter "$room/m.charter" \
    --finding "$room/m.finding" --svg "$room/story.svg" >"$room/story.out" || die "story"
grep -q '^all  *9,551,181  *7,234,962 ' "$room/story.out" || die "story: $(cat "$room/story.out")"
grep -q '<title' "$room/story.svg" || die "story: drawing"
"$bin/comity" allocate verify "$room/m.charter" "$room/m.finding" >/dev/null || die "story: verify"
sed 's/supply  .*/supply  1000000/' "$room/m.charter" >"$room/less.charter"
"$bin/comity" allocate verify "$room/less.charter" "$room/m.finding" >/dev/null 2>&1 && die "story: another charter"
"$bin/comity" epidemic run "$source/scenarios/pandemic" --rule none >/dev/null || die "epidemic"

printf 'debtor,creditor,amount\na,b,10.25\nb,c,7\nc,a,9.50\na,c,5\n' >"$room/debts.csv"
"$bin/comity" clear run "$room/debts.csv" --cleared "$room/cleared.csv" --proof "$room/proof.csv" >"$room/out"
grep -q 'cleared  26.00' "$room/out" || die "clear: $(cat "$room/out")"
"$bin/comity" clear verify "$room/debts.csv" "$room/cleared.csv" "$room/proof.csv" >/dev/null || die "clear: verify"
sed 's/,7.00,0.00/,6.00,1.00/' "$room/cleared.csv" >"$room/changed.csv"
cmp -s "$room/cleared.csv" "$room/changed.csv" && die "nothing was changed"
code=0
"$bin/comity" clear verify "$room/debts.csv" "$room/changed.csv" "$room/proof.csv" >/dev/null 2>&1 || code=$?
[ $code = 1 ] || die "a changed clearing: $code"

# terms: rates, cash and barred parties; the same terms are needed to verify
printf 'debtor,creditor,amount,currency\na,b,10.25,EUR\nb,c,7,USD\nc,a,9.50,EUR\na,c,5,USD\nd,e,3,EUR\ne,x,3,EUR\n' >"$room/mixed.csv"
printf 'currency,rate\nEUR,1\nUSD,0.913\n' >"$room/rates.csv"
printf 'party,amount,currency\nd,2.5,EUR\n' >"$room/funds.csv"
printf 'party\nx\n' >"$room/barred.csv"
set -- --rates "$room/rates.csv" --base EUR --funds "$room/funds.csv" --barred "$room/barred.csv"
"$bin/comity" clear run "$room/mixed.csv" "$@" --cleared "$room/cleared.csv" --proof "$room/proof.csv" >"$room/out"
grep -q 'cleared  27.89' "$room/out" && grep -q 'barred   3.00' "$room/out" && grep -q 'cash     2.50 of 2.50' "$room/out" ||
    die "terms: $(cat "$room/out")"
"$bin/comity" clear verify "$room/mixed.csv" "$room/cleared.csv" "$room/proof.csv" "$@" >/dev/null || die "terms: verify"
code=0
"$bin/comity" clear verify "$room/mixed.csv" "$room/cleared.csv" "$room/proof.csv" >/dev/null 2>&1 || code=$?
[ $code = 1 ] || die "a clearing under other terms: $code"
sed 's/^EUR,e,x,3.00,0.00,3.00,0.00/EUR,e,x,3.00,1.00,2.00,1.00/' "$room/cleared.csv" >"$room/changed.csv"
code=0
"$bin/comity" clear verify "$room/mixed.csv" "$room/changed.csv" "$room/proof.csv" "$@" 2>"$room/err" >/dev/null || code=$?
[ $code = 1 ] && grep -q 'barred from dealings' "$room/err" || die "a barred obligation cleared: $code $(cat "$room/err")"
"$bin/comity" clear settle "$room/mixed.csv" "$room/cleared.csv" "$room/proof.csv" "$@" --custodian HOUSE --acts "$room/acts" |
    grep -q '^6 transfers in one atomic batch' || die "settle"
grep -q '"mode": "atomic"' "$room/acts" && grep -q '"HOUSE/a.USD"' "$room/acts" || die "settle: $(cat "$room/acts")"
code=0
"$bin/comity" clear settle "$room/mixed.csv" "$room/changed.csv" "$room/proof.csv" "$@" --custodian HOUSE --acts "$room/acts" 2>/dev/null || code=$?
[ $code = 1 ] && [ ! -s "$room/acts" ] || die "what does not verify was drafted: $code"
printf 'debtor,creditor,amount\na,b,10\nb,c,9\nc,a,8\nd,a,2\nx,a,1\n' >"$room/queue.csv"
printf 'party,amount\na,1\nd,2\nc,1\n' >"$room/balances.csv"
"$bin/comity" clear queue "$room/queue.csv" --funds "$room/balances.csv" --barred "$room/barred.csv" --settled "$room/settled" >"$room/out"
grep -q '^together         3 payments  27' "$room/out" && grep -q '^6,x,a,1,barred,$' "$room/settled" || die "queue: $(cat "$room/out")"
set --
# match: a plan, its proof, a change, and what is refused
printf 'id,kind,amount,lat,lon\nberlin,beds,5,52.52,13.405\nparis,beds,3,48.857,2.352\nrome,water,9,41.9,12.5\n' >"$room/offers.csv"
printf 'id,kind,amount,lat,lon,weight\nlyon,beds,4,45.76,4.84,2\nprague,beds,2,50.08,14.44,1\nbari,water,10,41.12,16.87,1\n' >"$room/needs.csv"
"$bin/comity" match run "$room/offers.csv" "$room/needs.csv" --plan "$room/plan.csv" --proof "$room/prices.csv" >"$room/out" ||
    die "match: $(cat "$room/out")"
grep -q 'bari: 1 of 10 are missing' "$room/out" && grep -q '^beds,paris,lyon,3,' "$room/plan.csv" || die "match: $(cat "$room/out" "$room/plan.csv")"
"$bin/comity" match verify "$room/offers.csv" "$room/needs.csv" "$room/plan.csv" "$room/prices.csv" >/dev/null || die "match: verify"
sed 's/^beds,paris,lyon,3,/beds,paris,prague,3,/' "$room/plan.csv" >"$room/changed.csv"
code=0
"$bin/comity" match verify "$room/offers.csv" "$room/needs.csv" "$room/changed.csv" "$room/prices.csv" >/dev/null 2>&1 || code=$?
[ $code = 1 ] || die "a changed plan: $code"
sed 's/^prague,beds,2,/prague,beds,9,/' "$room/needs.csv" >"$room/more.csv"
code=0
"$bin/comity" match verify "$room/offers.csv" "$room/more.csv" "$room/plan.csv" "$room/prices.csv" >/dev/null 2>&1 || code=$?
[ $code = 1 ] || die "a plan for other needs: $code"
"$bin/comity" match run "$room/offers.csv" "$room/more.csv" --before "$room/plan.csv" --before-proof "$room/prices.csv" |
    grep -q 'prague: 5 of 9 are missing' || die "match: after a change"
if [ -f "$data/trade/trade_2008_2012.csv" ]; then
    "$bin/comity" clear run "$data/trade/trade_2008_2012.csv" --debtor importer --creditor exporter \
        --amount export_usd_m --where year=2008 >"$room/trade"
    grep -q 'owed     14297542.512268' "$room/trade" && grep -q 'cleared  10973535.678997' "$room/trade" ||
        die "trade: $(cat "$room/trade")"
fi
echo "allocate: charters and set-offs, verified and refused as they should be"
