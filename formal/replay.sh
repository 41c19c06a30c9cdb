#!/bin/sh
# formal/replay.sh BIN: every scenario of scenarios/ breaks a promise where the break that it was found
# for is compiled in, and none where it is not.
set -u
here=$(dirname "$(realpath "$0")")
bin=$(realpath "$1") bad=0
wrong() {
    echo "replay: $1"
    bad=1
}
for file in "$here"/scenarios/agree_*.txt; do
    name=${file##*/agree_} name=${name%.txt}
    case $name in
    restart) set -- "$bin/formal_replay" --forget lock ;;
    key) set -- "$bin/formal_replay" --forget votes ;;
    traitors) set -- "$bin/formal_replay" ;;
    *) set -- "$bin/formal_replay_$name" ;;
    esac
    "$@" "$file" && wrong "$name: the broken code keeps its promises"
    [ "$name" = traitors ] && continue # two of four: more than anything can bear
    "$bin/formal_replay" "$file" >/dev/null || wrong "$name: our code breaks its promises"
done
exit $bad
