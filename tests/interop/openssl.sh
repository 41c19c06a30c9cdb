#!/bin/sh
# openssl.sh FOLDER: verifies good-N.{key,text,sig} and expects bad-N to be refused. key is a
# SubjectPublicKeyInfo, text what was signed, sig the bare 64 bytes.
set -eu
cd "$1"
accepted=0 refused=0 wrong=0
for key in good-*.key bad-*.key; do
    [ -f "$key" ] || continue
    name=${key%.key}
    if openssl pkeyutl -verify -pubin -keyform DER -inkey "$key" -rawin -in "$name.text" \
        -sigfile "$name.sig" >out.txt 2>&1; then
        verdict=good
    else
        verdict=bad
    fi
    case $verdict-$name in
    good-good-*) accepted=$((accepted + 1)) ;;
    bad-bad-*) refused=$((refused + 1)) ;;
    *)
        wrong=$((wrong + 1))
        echo "$name: openssl says $verdict: $(cat out.txt)"
        ;;
    esac
done
echo "openssl: $accepted accepted, $refused refused, $wrong wrong"
[ "$wrong" = 0 ] && [ "$accepted" -gt 0 ] && [ "$refused" -gt 0 ]
