#!/bin/sh
# examples.sh STEP ROOM BUILD ROOT [EMIT_CELL EMIT_UNION]: one step of trying libcomity as strangers do: installed into
# a directory of its own, found by pkg-config alone, from C, Python and Node, on files of two real cells.
# 77 means: cannot be tried here.
set -eu
step=$1 room=$2 build=$3 root=$4 emit=${5:-} emit_union=${6:-}
cell=$room/cell tree=$room/tree
out=$room/out.$step # the steps run side by side
mkdir -p "$room"

need() {
    command -v "$1" >/dev/null 2>&1 || {
        echo "$1 is not here: scripts/deps interop"
        exit 77
    }
}
libdir() { dirname "$(find "$tree" -name libcomity.so.0 | head -n 1)"; }

# holds COMMAND...: an example on every kind of file; and a refusal, and a wrong call.
holds() {
    for file in receipt.json checkpoint bundle.json; do
        "$@" "$cell/ledger.vkey" "$cell/$file" --witness "$cell/witness.vkey" >"$out" || {
            cat "$out"
            exit 1
        }
        grep -q 'holds$' "$out"
    done
    "$@" "$cell/ledger.vkey" "$cell/act.tlog-proof" --witness "$cell/witness.vkey" --entry "$cell/act.entry" >/dev/null
    "$@" "$cell/ledger.vkey" "$cell/act.cose" --entry "$cell/act.entry" >/dev/null
    "$@" "$cell/ledger.vkey" "$cell/act.entry" >/dev/null
    "$@" "$cell/forked.vkey" "$cell/two-histories.heads" | grep -q "has contradicted itself"
    # a federation: its policy, and no key
    "$@" --policy "$cell/union.policy" --origin union.example/federation "$cell/union.head" | grep -q 'holds$'
    code=0
    "$@" --policy "$cell/union.policy" --origin union.example/federation "$cell/union-few.head" >"$out" || code=$?
    [ $code = 1 ] && grep -q 'does NOT hold' "$out" || {
        echo "a head that does not meet the policy: exit $code"
        exit 1
    }
    for kind in votes heads histories cosignatures; do
        "$@" --policy "$cell/union.policy" --origin union.example/federation "$cell/$kind.evidence" | grep -q "has contradicted itself"
    done
    code=0
    "$@" "$cell/forked.vkey" "$cell/receipt.json" >"$out" || code=$?
    [ $code = 1 ] && grep -q 'does NOT hold' "$out" || {
        echo "another ledger's receipt: exit $code"
        exit 1
    }
    code=0
    "$@" "$cell/witness.vkey" "$cell/receipt.json" >"$out" 2>&1 || code=$?
    [ $code = 2 ] || {
        echo "a witness's key as a ledger's: exit $code"
        exit 1
    }
    echo "the example holds: $*"
}

case $step in
cell)
    rm -rf "$cell"
    mkdir -p "$cell"
    "$emit" "$cell"
    "$emit_union" "$cell"
    ;;
install)
    rm -rf "$tree"
    for part in libcomity libcomity-dev; do
        DESTDIR=$tree cmake --install "$build" --component $part >"$room/install.log"
    done
    find "$tree" ! -type d
    [ -f "$(libdir)/libcomity.a" ] && [ -L "$(libdir)/libcomity.so" ]
    ;;
c)
    need pkg-config
    cp "$root/examples/c/verify.c" "$root/examples/c/Makefile" "$root/tests/libcomity/mutate.c" "$room"
    PKG_CONFIG_PATH=$(libdir)/pkgconfig
    LD_LIBRARY_PATH=$(libdir)
    export PKG_CONFIG_PATH LD_LIBRARY_PATH
    rm -f "$room/verify"
    make -s -C "$room" verify
    holds "$room/verify"
    # shellcheck disable=SC2046
    cc -O2 -Wall -Wextra -Werror -o "$room/mutate" "$room/mutate.c" $(pkg-config --cflags --libs comity)
    "$room/mutate" "$cell"
    # the archive: nothing of ours is loaded any more
    # shellcheck disable=SC2046
    cc -O2 -o "$room/mutate_static" "$room/mutate.c" $(pkg-config --cflags comity) "$(libdir)/libcomity.a" \
        -Wl,--as-needed $(pkg-config --static --libs comity)
    unset LD_LIBRARY_PATH
    if ldd "$room/mutate_static" | grep libcomity; then exit 1; fi
    "$room/mutate_static" "$cell"
    ;;
python)
    need python3
    LIBCOMITY=$(libdir)/libcomity.so.0 PYTHONPATH=$root/examples/python PYTHONDONTWRITEBYTECODE=1
    export LIBCOMITY PYTHONPATH PYTHONDONTWRITEBYTECODE
    holds python3 "$root/examples/python/verify.py"
    python3 "$root/tests/libcomity/mutate.py" "$cell"
    ;;
npm)
    need npm
    mkdir -p "$room/node"
    if [ -d "$room/node/node_modules" ] && cmp -s "$root/examples/node/package-lock.json" "$room/node/package-lock.json"; then
        echo "already here"
        exit 0
    fi
    cp "$root/examples/node/package.json" "$root/examples/node/package-lock.json" "$room/node"
    cd "$room/node"
    timeout 200 npm ci --ignore-scripts --no-audit --no-fund >npm.log 2>&1 && exit 0
    cat npm.log
    rm -rf package-lock.json node_modules
    # Only a network that is not there excuses: a wrong digest or a missing version is a failure.
    grep -qE 'ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|ECONNRESET' npm.log && exit 77
    exit 1
    ;;
node)
    need node
    [ -d "$room/node/node_modules" ] || {
        echo "koffi is not here (interop.libcomity_npm)"
        exit 77
    }
    cp "$root/examples/node/comity.mjs" "$root/examples/node/verify.mjs" "$root/tests/libcomity/mutate.mjs" "$room/node"
    LIBCOMITY=$(libdir)/libcomity.so.0
    export LIBCOMITY
    holds node "$room/node/verify.mjs"
    node "$room/node/mutate.mjs" "$cell"
    ;;
*)
    echo "no step $step" >&2
    exit 2
    ;;
esac
