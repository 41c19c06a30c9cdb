#!/bin/sh
# lp.sh BIN SOURCE: `comity lp` with every solver that is installed: the same answer by all of them,
# with a certificate that two checkers take; changed certificates and other data are refused; a
# solver that is missing is named.
set -eu
bin=$1 source=$2
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
mkdir "$room/tmp"
export TMPDIR="$room/tmp"
die() {
    echo "lp.sh: $*" >&2
    exit 1
}
cat >"$room/plan.mps" <<'MPS'
NAME PLAN
ROWS
 N cost
 G energy
 G protein
 L bulk
COLUMNS
 beans cost 1.25 energy 3.5
 beans protein 2 bulk 1
 rice cost 0.75 energy 4
 rice protein 0.5 bulk 1
RHS
 r energy 100 protein 30
 r bulk 40
BOUNDS
 UP b rice 22.5
ENDATA
MPS
sed 's/energy 100/energy 101/' "$room/plan.mps" >"$room/other.mps"
sed 's/bulk 40/bulk 20/' "$room/plan.mps" >"$room/short.mps"

for solver in none clp glpsol cbc esolver; do
    "$bin/comity" lp solve "$room/plan.mps" --solver $solver --certificate "$room/$solver.proof" \
        >"$room/$solver.out" 2>"$room/$solver.err" || die "$solver: $(cat "$room/$solver.err")"
    if [ $solver != none ] && ! command -v $solver >/dev/null; then
        grep -q 'Debian package' "$room/$solver.err" || die "$solver is missing, and it is not said"
    fi
    grep -v certificate "$room/$solver.out" >"$room/$solver.answer"
    cmp "$room/none.answer" "$room/$solver.answer" || die "$solver leads to another answer"
    "$bin/comity" lp check "$room/plan.mps" "$room/$solver.proof" | grep -q 'optimal' || die "$solver: not proved"
done
grep -q 'Exactly: 127/5' "$room/none.out" || die "the value: $(cat "$room/none.out")"

"$bin/comity-solve" lp solve "$room/plan.mps" --any 2>/dev/null | grep -q 'Exactly: 127/5' || die "comity-solve by itself"
"$bin/comity" lp solve "$room/plan.mps" --solver none --program "$room/plan.program" --json >/dev/null
"$bin/comity" lp check "$room/plan.program" "$room/none.proof" >/dev/null || die "the program's own bytes"
if command -v python3 >/dev/null; then
    python3 "$source/tests/unit/certify/lp_check.py" "$room/plan.program" "$room/none.proof" |
        grep -q 'optimal 127/5' || die "the second checker"
fi

code=0
"$bin/comity" lp check "$room/other.mps" "$room/none.proof" 2>"$room/err" || code=$?
[ $code = 1 ] && grep -q CERT_OTHER "$room/err" || die "other data: $code"
size=$(wc -c <"$room/none.proof")
{ head -c $((size - 1)) "$room/none.proof" && printf '\377'; } >"$room/changed"
code=0
"$bin/comity" lp check "$room/plan.mps" "$room/changed" 2>"$room/err" || code=$?
[ $code = 1 ] || die "a changed certificate: $code"
code=0
"$bin/comity" lp solve "$room/short.mps" >"$room/out" 2>/dev/null || code=$?
[ $code = 1 ] && grep -q 'row bulk is at most 20' "$room/out" || die "no point: $(cat "$room/out")"
[ -z "$(ls "$TMPDIR")" ] || die "left behind: $(ls "$TMPDIR")"
echo "lp: the same answer by every solver, proved twice"
