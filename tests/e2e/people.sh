# shellcheck shell=sh
# people.sh: what the shell tests share that play people at work. They source it with $bin (the
# programs), $what (a word for the directory) and $ports (the first of 400, its own) set.
#
#   $dir              a directory of one's own; at the end it is gone, and so is what $pids names
#   fail WORDS        says what is wrong, with the last lines of the logs
#   want CODE WORDS COMMAND...   the exit code, and words in what it prints (extended expression)
#   free_port         moves $port to one where nobody answers
#   signer NAME, daemon NAME     starts them for $dir/NAME ($pid_NAME is the daemon)
#   begin NAME        founds a cell in $dir/NAME and runs it: $url_NAME
#   setting NAME KEY, id_of NAME ALIAS   what the directory of a cell says
dir=$(mktemp -d "/tmp/comity-$what.XXXXXX")
PATH=$bin:$PATH
export PATH
unset COMITY_URL COMITY_DIR COMITY_PASSPHRASE
pids=''
port=$((ports + $$ % 400))
end() {
    for pid in $pids; do kill -9 "$pid" 2>/dev/null; done
    wait 2>/dev/null
    rm -rf "$dir"
}
trap end EXIT
trap 'exit 1' INT TERM

fail() {
    echo "FAILED: $*"
    for log in "$dir"/*.log; do [ -f "$log" ] && tail -n 5 "$log"; done
    exit 1
}
want() {
    want_code=$1 want_words=$2
    shift 2
    out=$("$@" 2>&1)
    got=$?
    [ $got = "$want_code" ] || fail "$* ended with $got, not $want_code: $out"
    printf '%s\n' "$out" | grep -qE -e "$want_words" || fail "$*: no \"$want_words\" in: $out"
}
free_port() {
    until comity --url "http://127.0.0.1:$port" realm 2>&1 | grep -q 'network.unreachable'; do
        port=$((port + 1))
    done
}
signer() {
    comity-signer --keys "$dir/$1/keys" --socket "$dir/$1/signer.sock" \
        --passphrase-file "$dir/$1/passphrase" >>"$dir/$1.log" 2>&1 &
    pids="$pids $!"
}
daemon() {
    comityd --config "$dir/$1/comityd.conf" >>"$dir/$1.log" 2>&1 &
    pids="$pids $!"
    eval "pid_$1=$!"
}
begin() {
    free_port
    want 0 'is a realm now' comity init --dir "$dir/$1" --name "$1.example/ledger" --port $port
    signer "$1"
    daemon "$1"
    tries=0
    until comity --dir "$dir/$1" realm >/dev/null 2>&1; do
        tries=$((tries + 1))
        [ $tries -lt 300 ] || fail "the daemon of $1 did not start"
        sleep 0.1
    done
    eval "url_$1=http://127.0.0.1:$port"
    port=$((port + 1))
}
setting() { sed -n "s/^$2 *= *//p" "$dir/$1/client.conf" | tr -d '";'; }
id_of() { awk -F '\t' -v name="$2" '$1 == "passport" && $2 == name { id = $3 } END { print id }' "$dir/$1/aliases"; }
