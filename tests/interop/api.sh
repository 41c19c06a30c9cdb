#!/bin/sh
# api.sh BIN ROOM SOURCE: a client that stock tools generate from SPEC/openapi.json talks to a real
# cell, and every answer is held to the document (api_client.mts).
set -eu
bin=$1 room=$2 source=$3
dir=$(mktemp -d /tmp/comity-api.XXXXXX)
PATH=$bin:$PATH
export PATH
unset COMITY_URL COMITY_DIR COMITY_PASSPHRASE
daemon='' signer=''
end() {
    for pid in $daemon $signer; do kill "$pid" 2>/dev/null || true; done
    wait 2>/dev/null || true
    rm -rf "$dir"
}
trap end EXIT
trap 'exit 1' INT TERM
here=$source/tests/interop
work=$room/api
rm -rf "$work"
mkdir -p "$work"
cp "$here/api_client.mts" "$source/SPEC/openapi.json" "$work"
ln -s "$room/node_modules" "$work/node_modules"

# The document is valid OpenAPI 3.1, and a client comes of it that compiles.
"$room/node_modules/.bin/validate-api" "$work/openapi.json"
"$room/node_modules/.bin/openapi-typescript" "$work/openapi.json" -o "$work/api.d.ts" >"$work/gen.log" 2>&1 || {
    cat "$work/gen.log"
    exit 1
}
cat >"$work/tsconfig.json" <<'END'
{"compilerOptions": {"strict": true, "target": "es2022", "module": "nodenext", "moduleResolution": "nodenext",
 "types": [], "lib": ["es2022", "dom"], "skipLibCheck": true}, "files": ["api_client.mts", "node.d.ts"]}
END
cat >"$work/node.d.ts" <<'END'
declare module "fs" { export function readFileSync(path: string, encoding: "utf8"): string; }
declare module "crypto" {
  export function createHash(name: string): { update(bytes: Uint8Array): void; digest(): Uint8Array };
  export function createPublicKey(key: { key: Uint8Array; format: string; type: string }): object;
  export function verify(name: null, bytes: Uint8Array, key: object, signature: Uint8Array): boolean;
}
declare const Buffer: { from(what: string | number[], coding?: string): Uint8Array & { toString(coding: string): string } };
END
echo '{"type": "module"}' >"$work/package.json"
(cd "$work" && node_modules/.bin/tsc -p .)

# A cell with something of everything.
port=$((20000 + $$ % 9000))
comity init --dir "$dir/a" --name a.example/ledger --port $port >/dev/null
COMITY_DIR=$dir/a
export COMITY_DIR
comity-signer --keys "$dir/a/keys" --socket "$dir/a/signer.sock" \
    --passphrase-file "$dir/a/passphrase" >"$dir/signer.log" 2>&1 &
signer=$!
comityd --config "$dir/a/comityd.conf" >"$dir/daemon.log" 2>&1 &
daemon=$!
n=0
until comity realm >/dev/null 2>&1; do
    n=$((n + 1))
    [ $n -lt 200 ] || {
        cat "$dir"/*.log
        exit 1
    }
    sleep 0.1
done
do_it() { comity "$@" >"$dir/out" 2>&1 || {
    echo "comity $*"
    cat "$dir/out"
    exit 1
}; }
do_it passport create --kind nation --name Norway --code iso3166-1=NOR --alias NOR
do_it passport create --kind nation --name Sweden --code iso3166-1=SWE --alias SWE
do_it asset create --as NOR --code GRAIN --name Grain --scale 3
do_it account open --as NOR --asset GRAIN
do_it account open --as SWE --asset GRAIN
do_it asset issue --as NOR --asset GRAIN --account NOR/GRAIN --amount 1000
do_it transfer --as NOR --from NOR/GRAIN --to SWE/GRAIN --amount 250
do_it alliance found --as NOR --code ARCTIC --name "Arctic Watch" --topic environment
do_it alliance consent --as NOR --to SWE --topic environment --given
do_it alliance consent --as SWE --to NOR --topic environment --given
do_it alliance invite --as NOR --alliance ARCTIC --party SWE --level full
do_it alliance join --as SWE --alliance ARCTIC --level full
do_it alliance invite --as NOR --alliance ARCTIC --party NOR --level full
do_it alliance join --as NOR --alliance ARCTIC --level full
do_it act mantle_create --role auditor --term-ms-most 100000000000
printf 'secret' >"$dir/file"
do_it blob hold --as NOR "$dir/file" --reader SWE
do_it act param_set --name open_passports --value 1
do_it admin grant NOR --role auditor --days 30
do_it peer add --dir "$dir/a" --peer "$dir/a" --witness
do_it admin log-level --level warn
do_it admin snapshot
mkdir "$work/admin"
for action in me config peer.list key.list log snapshot; do
    comity admin $action --json >"$work/admin/$action.json"
done
comity admin log --as NOR --json >"$work/admin/log.json"
node "$work/api_client.mjs" "http://127.0.0.1:$port" "$work/openapi.json" "$work/admin"
