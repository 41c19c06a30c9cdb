#!/bin/sh
# figures.sh BIN SOURCE: what a real cell says at /metrics is what the dashboard and the alerts ask
# for; all three are sound for promtool and node, where these are installed.
set -eu
bin=$1 source=$2
room=$(mktemp -d /tmp/cy-figures-XXXXXX)
port=$((17000 + ($$ + 450) % 900))
pids=
end() {
    code=$?
    for pid in $pids; do kill "$pid" 2>/dev/null || true; done
    for pid in $pids; do wait "$pid" 2>/dev/null || true; done
    [ $code = 0 ] || cat "$room"/*.log 2>/dev/null || true
    rm -rf "$room"
    exit $code
}
trap end EXIT
fail() { echo "figures: $1" >&2; exit 1; }

# a cell with a witness that is away and an SQL projection: every figure that there is
"$bin/comity" init --dir "$room/a" --name figures.example/a --port $port >"$room/init.log" 2>&1
"$bin/comity" init --dir "$room/b" --name figures.example/b --port $((port + 1)) >>"$room/init.log" 2>&1
"$bin/comity" --dir "$room/a" peer add --peer "$room/b" --witness >>"$room/init.log" 2>&1
grep -q '^sql: ' "$room/a/comityd.conf" || fail "comity init sets no SQL projection"
"$bin/comity-signer" --keys "$room/a/keys" --socket "$room/a/signer.sock" --passphrase-file "$room/a/passphrase" 2>"$room/signer.log" &
pids="$pids $!"
for _ in $(seq 200); do [ -S "$room/a/signer.sock" ] && break; sleep 0.1; done
"$bin/comityd" --config "$room/a/comityd.conf" 2>"$room/daemon.log" &
pids="$pids $!"
for _ in $(seq 200); do grep -q serving "$room/daemon.log" && break; sleep 0.1; done
"$bin/comity" --dir "$room/a" passport create --kind nation --name Norway --alias NOR >/dev/null
"$bin/comity" --dir "$room/a" asset create --as NOR --code TEA --name Tea --dry-run >/dev/null
url=http://127.0.0.1:$port/metrics
get() { if command -v curl >/dev/null; then curl -sf $url; else wget -qO- $url; fi; }
get >"$room/metrics" || fail "no figures"

names() { sed -n 's/^# TYPE \([a-z_]*\) .*/\1/p' "$room/metrics"; }
grep -q '^comity_acts_total{verdict="accepted"} 1$' "$room/metrics" || fail "an act was not counted once; dry runs are none"
grep -q '^comity_flush_seconds_count [1-9]' "$room/metrics" || fail "flushes were not measured"
grep -q '^comity_witness_failing{witness="figures.example/b' "$room/metrics" || fail "a witness that is away is not told"
for name in $(names); do
    case $(sed -n "s/^# TYPE $name //p" "$room/metrics"):$name in
    counter:*_total | gauge:* | histogram:*_seconds) ;;
    *) fail "$name: counters end in _total, histograms of time in _seconds" ;;
    esac
    grep -q "^# HELP $name [A-Z0-9].*\.\$" "$room/metrics" || fail "$name: its help is no sentence"
done
if command -v promtool >/dev/null; then
    said=$(promtool check metrics <"$room/metrics" 2>&1) || fail "promtool: $said"
    [ -z "$said" ] || fail "promtool: $said"
    promtool check rules "$source/etc/prometheus-alerts.yml" >"$room/rules.log" 2>&1 || fail "alerts: $(cat "$room/rules.log")"
fi

# what is asked for exists, and what exists is shown
exprs() { # every expression of the dashboard and the alerts
    sed -n 's/^ *"expr": "\(.*\)",$/\1/p' "$source/etc/grafana-comity.json" | sed 's/\\"/"/g'
    sed -n 's/^ *expr: //p' "$source/etc/prometheus-alerts.yml"
}
asked() { exprs | grep -oE '\b(comity|process)_[a-z_]+' | sed 's/_\(bucket\|count\|sum\)$//' | sort -u; }
[ "$(exprs | wc -l)" -gt 30 ] || fail "the expressions were not found"
for name in $(asked); do
    names | grep -qx "$name" || fail "$name is asked for, and is not at /metrics"
done
for name in $(names); do
    asked | grep -qx "$name" || fail "$name is at /metrics, and neither in the dashboard nor in the alerts"
done
if command -v promtool >/dev/null; then # every panel parses
    {
        printf 'groups:\n- name: panels\n  rules:\n'
        exprs | sed 's/\$__rate_interval/5m/g; s/\$cell/.*/g' | awk '{ gsub("\047", "\047\047"); printf "  - record: panel:%d\n    expr: \047%s\047\n", NR, $0 }'
    } >"$room/panels.yml"
    promtool check rules "$room/panels.yml" >"$room/panels.log" 2>&1 || fail "a panel does not parse: $(cat "$room/panels.log")"
fi
if command -v node >/dev/null; then
    node -e '
        const d = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"));
        const ids = new Set();
        for (const p of d.panels) {
            if (ids.has(p.id)) throw new Error(`two panels have the id ${p.id}`);
            ids.add(p.id);
            if (p.type === "row") continue;
            if (!p.title || p.targets.length === 0 || p.targets.some((t) => !t.expr)) throw new Error(`panel ${p.title}`);
            if (p.gridPos.x + p.gridPos.w > 24) throw new Error(`panel ${p.title} leaves the page`);
        }' "$source/etc/grafana-comity.json" || fail "the dashboard"
fi
echo "figures: sound"
