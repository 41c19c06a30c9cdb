#!/bin/sh
# web/build.sh [--dev]: fetch the pinned npm packages if need be, and build the console into build/web.
# --dev also fetches what only the tests need (typescript, playwright-core, axe-core).
# The C build embeds what it finds in build/web; run it again afterwards.
set -eu
cd "$(dirname "$0")"
kind=build
[ "${1:-}" = --dev ] && kind=dev
for tool in node npm; do
    command -v $tool >/dev/null 2>&1 || {
        echo "web/build.sh: $tool is missing (scripts/deps web)" >&2
        exit 1
    }
done

# What is installed is written down beside the packages: the lockfile's digest and the kind.
stamp=node_modules/.comity
want=$(cksum <package-lock.json)
have=$(sed -n 1p $stamp 2>/dev/null || true)
with=$(sed -n 2p $stamp 2>/dev/null || true)
if [ "$want" != "$have" ] || { [ $kind = dev ] && [ "$with" != dev ]; }; then
    only=--omit=dev
    [ $kind = dev ] && only=--include=dev
    log=$(mktemp)
    trap 'rm -f "$log"' EXIT
    npm ci $only --ignore-scripts --no-audit --no-fund >"$log" 2>&1 || {
        cat "$log" >&2
        echo "web/build.sh: npm could not fetch the packages; check the network, then run again" >&2
        exit 1
    }
    printf '%s\n%s\n' "$want" $kind >$stamp
fi
node build.mjs
