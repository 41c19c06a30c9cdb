#!/bin/sh
# tests/package/install.sh FOLDER: run in a clean Debian 12 (scripts/deb-check does it). Installs the
# packages of FOLDER with apt, and uses them as an administrator and as a programmer would; nothing
# of the source tree is used but examples/.
set -u
packages=$(cd "$1" && pwd) || exit 2
here=$(cd "$(dirname "$0")/../.." && pwd)
passed=0 failed=0

# ok WHAT COMMAND...: one check.
ok() {
    what=$1
    shift
    if "$@" >/tmp/step.log 2>&1; then
        passed=$((passed + 1))
        echo "ok   $what"
    else
        failed=$((failed + 1))
        echo "FAIL $what: $*"
        tail -n 15 /tmp/step.log
    fi
}
no() {
    what=$1
    shift
    ok "$what" sh -c '! "$@"' sh "$@"
}
says() { # WORDS COMMAND...: its output holds the words
    words=$1
    shift
    "$@" 2>&1 | tee /tmp/said | grep -q -- "$words"
}
get() { apt-get -q -y -o Dpkg::Use-Pty=0 "$@"; }

export DEBIAN_FRONTEND=noninteractive
ok "apt update" get update
ok "apt install the programs and services" get install --no-install-recommends "$packages"/comity_*.deb "$packages"/comityd_*.deb
for program in comity comityd comity-signer comity-audit comity-sim comity-model comity-solve; do
    ok "$program --version" says "[0-9]" "$program" --version
done
ok "the manual" test -e /usr/share/man/man1/comity.1.gz
ok "completion" test -e /usr/share/bash-completion/completions/comity
ok "two users" sh -c 'id comity && id comity-signer'
ok "nothing runs before an administrator says so" sh -c '! pgrep comityd'

# --- an administrator: a cell of this machine's services ---
cd /root || exit 1
ok "comity init" comity init --dir /root/cell --name clean.example/ledger
ok "comity-adopt" comity-adopt /root/cell
no "a second cell is refused" comity-adopt /root/cell
as() { # USER COMMAND...
    user=$1
    shift
    setpriv --reuid "$user" --regid "$user" --clear-groups "$@"
}
no "the daemon's user cannot read keys" as comity ls /var/lib/comity-signer
no "nor the passphrase" as comity cat /etc/comity/passphrase
# What the units do, without systemd: the same users, the same arguments.
install -d -o comity-signer -g comity-signer -m 0755 /run/comity-signer
install -o comity-signer -m 0400 /etc/comity/passphrase /run/comity-signer.passphrase
as comity-signer comity-signer --keys /var/lib/comity-signer/keys --socket /run/comity-signer/signer.sock \
    --passphrase-file /run/comity-signer.passphrase --peer-user comity >/root/signer.log 2>&1 &
signer=$!
n=0
until [ -S /run/comity-signer/signer.sock ] || [ $n -gt 100 ]; do sleep 0.1; n=$((n + 1)); done
ok "the configuration is well" as comity comityd --config /etc/comity/comityd.conf check
as comity comityd --config /etc/comity/comityd.conf >/root/comityd.log 2>&1 &
daemon=$!
n=0
until comity --dir /etc/comity realm >/dev/null 2>&1 || [ $n -gt 100 ]; do sleep 0.1; n=$((n + 1)); done
ok "the cell answers" says clean.example comity --dir /etc/comity realm
ok "doctor" says . comity --dir /etc/comity doctor
ok "apt install curl" get install --no-install-recommends curl
ok "the console is served" says "<title>Comity" curl -s http://127.0.0.1:7301/

# --- a mirror, audited ---
ok "a mirror is a copy" cp -r /var/lib/comity/data /root/mirror
ok "the mirror is audited" comity audit /root/mirror

# --- a programmer: the library ---
ok "apt install the library" get install --no-install-recommends "$packages"/libcomity0_*.deb "$packages"/libcomity-dev_*.deb gcc libc6-dev pkgconf
ok "pkg-config knows it" pkg-config --exists --print-errors comity
printf '#include <comity.h>\n#include <stdio.h>\nint main(void) { return puts(comity_version()) < 0; }\n' >/root/v.c
# shellcheck disable=SC2046
ok "a program is built against it" sh -c 'gcc -Wall -Werror /root/v.c $(pkg-config --cflags --libs comity) -o /root/v && /root/v'

kill "$daemon" "$signer" 2>/dev/null
wait "$daemon" "$signer" 2>/dev/null
ok "purge" get purge comity comityd libcomity0 libcomity-dev
ok "a ledger outlives its programs" test -d /var/lib/comity/data
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
