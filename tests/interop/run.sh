#!/bin/sh
# run.sh STEP ROOM EMIT VECTORS: one step of the stock-tool tests. 77 means: cannot be tried here.
set -eu
step=$1 room=$2 emit=$3 vectors=$4
here=$(cd "$(dirname "$0")" && pwd)
samples=$room/samples

need() {
    command -v "$1" >/dev/null 2>&1 || {
        echo "$1 is not here: scripts/deps interop"
        exit 77
    }
}

case $step in
emit)
    rm -rf "$samples"
    mkdir -p "$samples/openssl"
    "$emit" "$samples"
    wc -l "$samples"/*.jsonl
    ;;
go)
    need go
    # GOPATH mode, from Debian's packages: nothing is fetched.
    GO111MODULE=off GOPATH=/usr/share/gocode GOFLAGS='' GOCACHE=$room/gocache CGO_ENABLED=0 \
        go build -o "$room/interop_go" "$here/go/main.go"
    "$room/interop_go" "$samples" "$vectors"
    ;;
npm)
    need npm
    mkdir -p "$room"
    if [ -d "$room/node_modules" ] && cmp -s "$here/package-lock.json" "$room/package-lock.json"; then
        echo "already here"
        exit 0
    fi
    cp "$here/package.json" "$here/package-lock.json" "$room"
    cd "$room"
    timeout 200 npm ci --ignore-scripts --no-audit --no-fund >npm.log 2>&1 && exit 0
    cat npm.log
    rm -rf package-lock.json node_modules
    # Only a network that is not there excuses: a wrong digest or a missing version is a failure.
    grep -qE 'ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|ECONNRESET' npm.log && exit 77
    exit 1
    ;;
node)
    need node
    [ -d "$room/node_modules" ] || {
        echo "the packages are not here (interop.npm)"
        exit 77
    }
    cp "$here/check.mjs" "$room"
    node "$room/check.mjs" "$samples" "$vectors"
    ;;
spec)
    need node
    [ -d "$room/node_modules" ] || {
        echo "the packages are not here (interop.npm)"
        exit 77
    }
    cp "$here/spec.mjs" "$room"
    node "$room/spec.mjs" "$here/../../SPEC/vectors"
    ;;
api)
    need node
    [ -d "$room/node_modules" ] || {
        echo "the packages are not here (interop.npm)"
        exit 77
    }
    "$here/api.sh" "$vectors" "$room" "$(cd "$here/../.." && pwd)" # the fourth word is the programs
    ;;
openssl)
    need openssl
    [ -d "$samples/openssl" ] || {
        echo "openssl: no samples"
        exit 77
    }
    "$here/openssl.sh" "$samples/openssl"
    for file in "$here"/../fuzz/corpus/verify/*.evidence; do
        "$here/../../examples/openssl/evidence.sh" "$file" >"$room/evidence.out" || {
            cat "$room/evidence.out"
            exit 1
        }
        sed 's/^time 1/time 2/; s/^union\./unions./' "$file" >"$room/changed.evidence"
        if "$here/../../examples/openssl/evidence.sh" "$room/changed.evidence" >"$room/evidence.out"; then
            echo "$file: accepted after a change"
            exit 1
        fi
        echo "openssl verifies both statements of $(basename "$file"), and refuses them changed"
    done
    ;;
*)
    echo "no step $step" >&2
    exit 2
    ;;
esac
