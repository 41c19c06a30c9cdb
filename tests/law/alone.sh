#!/bin/sh
# alone.sh PROGRAM: nothing of the daemon is linked into an auditor's program: no sequencer, no node, no
# server, no signer's keys. What checks a daemon must not share its code, but for the rules themselves.
found=$(nm "$1" | awk '$2 ~ /[Tt]/ && $3 ~ /^cy_(sequencer|node|http_start|routes|signer_desk|keystore|backup|sql)/ { print $3 }')
[ -z "$found" ] && exit 0
echo "$1 holds code of the daemon:"
echo "$found"
exit 1
