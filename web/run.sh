#!/bin/sh
# web/run.sh PART: one part of the console's tests, after web/build.sh --dev.
#   types     tsc over all sources
#   unit      node's own test runner over web/test/*.test.ts
#   evidence  the verifier against `comity verify`, with two real cells (build/debug); [BIN [COUNT]]
#   browser   Chromium before two real cells (build/debug); --pictures writes docs/console/*.png anew
set -eu
cd "$(dirname "$0")"
part=${1:-}
[ $# -gt 0 ] && shift
case $part in
types) exec node node_modules/typescript/bin/tsc --noEmit -p tsconfig.json ;;
unit) exec node test/unit.mjs "$@" ;;
evidence) exec node test/evidence.mjs "$@" ;;
browser) exec node test/browser.mjs "$@" ;;
*)
    sed -n '2,6s/^# \{0,1\}//p' "$0"
    exit 2
    ;;
esac
