#!/bin/sh
# services.sh BIN SOURCE: the unit files are sound and closed, and two users are enough: the daemon
# works, and reads no key. The part with users needs root. 77: nothing could be tried.
set -eu
bin=$1 source=$2
room=$(mktemp -d /tmp/cy-services-XXXXXX)
port=$((17000 + $$ % 900))
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
fail() { echo "services: $1" >&2; exit 1; }
tried=0

# --- what systemd says of the units ---
if command -v systemd-analyze >/dev/null; then
    tried=1
    for unit in comityd comity-signer; do
        sed "s|/usr/bin/comity|$bin/comity|g" "$source/etc/systemd/$unit.service" >"$room/$unit.service"
    done
    said=$(cd "$room" && systemd-analyze verify --man=no ./comityd.service ./comity-signer.service 2>&1 |
        grep -E 'comity' || true)
    [ -z "$said" ] || fail "systemd-analyze verify: $said"
    # 0 is closed, 10 is open; a service without any of this has 9.6
    for unit in comityd:20 comity-signer:15; do
        name=${unit%:*} most=${unit#*:}
        systemd-analyze security --offline=true --threshold="$most" "$room/$name.service" >"$room/$name.log" 2>&1 ||
            fail "$name.service is more open than $most tenths: $(tail -1 "$room/$name.log")"
        tail -1 "$room/$name.log"
        rm "$room/$name.log"
    done
    # what the programs' own table allows is allowed by the units too: else it would fail only there
    expand() { # GROUP: its calls, one a line
        systemd-analyze syscall-filter "$1" | sed 's/^ *//; s/ *#.*//' | grep -vx "$1" | while read -r word; do
            case $word in '') ;; @*) expand "$word" ;; *) echo "$word" ;; esac
        done
    }
    expand @system-service | sort -u >"$room/allowed"
    for group in @privileged @resources @obsolete; do expand $group; done | sort -u >"$room/denied"
    for program in comityd comity-signer; do
        unit=$source/etc/systemd/$program.service
        sed -n 's/^SystemCallFilter=\([a-z].*\)/\1/p' "$unit" | tr ' ' '\n' >"$room/more"
        comm -23 "$room/allowed" "$room/denied" | cat - "$room/more" | sort -u >"$room/unit"
        case $program in
        comityd) "$bin/comityd" policy ;;
        *) "$bin/comity-signer" --policy ;;
        esac | sed -n 's/^    \([a-z].*\)/\1/p' | sed 's/  .*//' | tr ' ' '\n' | sort -u >"$room/own"
        # fchown: SQLite asks for it as root only, and the service is not root
        missing=$(comm -13 "$room/unit" "$room/own" | grep -vx fchown | tr '\n' ' ')
        [ -z "$missing" ] || fail "$program.service forbids what $program needs: $missing"
    done
else
    echo "services: no systemd-analyze; units not looked at"
fi

# --- the cell with its two users ---
"$bin/comity" init --dir "$room/cell" --name services.example/x --port $port >"$room/init.log" 2>&1 || fail "init"
"$source/etc/systemd/comity-adopt" --root "$room/root" "$room/cell" >"$room/adopt.log" || fail "adopt"
"$source/etc/systemd/comity-adopt" --root "$room/root" "$room/cell" >"$room/again.log" 2>&1 && fail "a second cell was adopted"
grep -q "has a cell already" "$room/again.log" || fail "the refusal of a second cell does not say why"
grep -q '^signer = "/run/comity-signer/signer.sock";' "$room/root/etc/comity/comityd.conf" || fail "the signer's place"
[ "$(stat -c %a "$room/root/var/lib/comity-signer")" = 700 ] || fail "the keys' directory is open"
[ "$(stat -c %a "$room/root/etc/comity/passphrase")" = 600 ] || fail "the passphrase is open"

if [ "$(id -u)" != 0 ] || ! command -v setpriv >/dev/null; then
    echo "services: not root; users not tried"
    [ $tried = 1 ] || exit 77
    exit 0
fi
signer=61411 daemon=61412 other=61413
become() { # UID COMMAND...: this shell becomes it
    uid=$1
    shift
    exec setpriv --reuid "$uid" --regid "$uid" --clear-groups "$@"
}
as() (become "$@")
root=$room/root
chmod 0755 "$room" "$root" "$root/etc" "$root/var" "$root/var/lib"
chown -R $signer:$signer "$root/var/lib/comity-signer"
chown -R $daemon:$daemon "$root/var/lib/comity" "$root/etc/comity/comityd.conf"
mkdir -p "$root/run"
install -d -m 0755 -o $signer -g $signer "$root/run"
install -m 0400 -o $signer -g $signer "$root/etc/comity/passphrase" "$root/run/passphrase"
sed -i "s|\"/run/comity-signer/|\"$root/run/|; s|\([\":]\)/var/lib/|\1$root/var/lib/|" "$root/etc/comity/comityd.conf"

become $signer "$bin/comity-signer" --keys "$root/var/lib/comity-signer/keys" --socket "$root/run/signer.sock" \
    --passphrase-file "$root/run/passphrase" --peer-uid $daemon 2>"$room/signer.log" &
pids="$pids $!"
for _ in $(seq 100); do [ -S "$root/run/signer.sock" ] && break; sleep 0.1; done
become $daemon "$bin/comityd" --config "$root/etc/comity/comityd.conf" 2>"$room/daemon.log" &
pids="$pids $!"
for _ in $(seq 100); do grep -q 'serving' "$room/daemon.log" && break; sleep 0.1; done
grep -q 'serving' "$room/daemon.log" || fail "the daemon does not serve under its own user"
"$bin/comity" --url http://127.0.0.1:$port realm >/dev/null || fail "the daemon does not answer"

for _ in $(seq 100); do [ -s "$root/var/lib/comity/projection.sqlite" ] && break; sleep 0.1; done
[ -s "$root/var/lib/comity/projection.sqlite" ] || fail "the SQL projection is not made behind the closed door"

for file in keys/keystore keys/heads keys; do
    as $daemon ls "$root/var/lib/comity-signer/$file" >/dev/null 2>&1 && fail "the daemon sees $file"
done
as $daemon cat "$root/run/passphrase" >/dev/null 2>&1 && fail "the daemon reads the passphrase"
as $daemon "$bin/comity" key list --signer "$root/run/signer.sock" --url http://127.0.0.1:$port >/dev/null ||
    fail "the daemon's user does not reach the signer"
as $other "$bin/comity" key list --signer "$root/run/signer.sock" --url http://127.0.0.1:$port >/dev/null 2>&1 &&
    fail "another user reaches the signer"
grep -q "another user tried to connect" "$room/signer.log" || fail "the signer does not say that another user tried"
echo "services: sound"
