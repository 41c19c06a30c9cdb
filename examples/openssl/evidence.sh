#!/bin/sh
# evidence.sh FILE: takes a file `comity evidence@v1` (SPEC/proofs.md) apart and has openssl verify both
# signatures of its key. Nothing of Comity is used: openssl, awk and coreutils. What the two texts say is
# printed one after the other: whether they contradict each other is for the reader to see (two votes: all
# the same but the value). Exit code: 0 both signatures are the key's, 1 one is not.
set -eu
file=$1
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT

kind=$(sed -n 2p "$file")
[ "$(sed -n 1p "$file")" = 'comity evidence@v1' ] || {
    echo "$file is no evidence@v1" >&2
    exit 1
}
# The key as a SubjectPublicKeyInfo (RFC 8410).
{
    printf '\060\052\060\005\006\003\053\145\160\003\041\000'
    sed -n 's/^key //p;3q' "$file" | base64 -d
} >"$room/key"

# Each note is a text, an empty line, signature lines; an empty line divides the two.
awk -v room="$room" '
    BEGIN { part = 0 }
    $0 == "" { part++; next }
    part == 1 { print >(room "/text1") }
    part == 2 { if (!one++) print $NF >(room "/line1") }
    part == 3 { print >(room "/text2") }
    part == 4 { if (!two++) print $NF >(room "/line2") }' "$file"

for i in 1 2; do
    base64 -d "$room/line$i" | tail -c +5 >"$room/blob" # behind the key id
    if [ "$kind" = cosignature ]; then                  # u64be time || signature, over time and text
        time=$(head -c 8 "$room/blob" | od -An -v -tu1 | awk '{ for (i = 1; i <= NF; i++) n = n * 256 + $i } END { printf "%d", n }')
        { printf 'cosignature/v1\ntime %s\n' "$time" && cat "$room/text$i"; } >"$room/signed"
        tail -c +9 "$room/blob" >"$room/sig"
    else
        cp "$room/text$i" "$room/signed"
        cp "$room/blob" "$room/sig"
    fi
    openssl pkeyutl -verify -pubin -keyform DER -inkey "$room/key" -rawin -in "$room/signed" \
        -sigfile "$room/sig" >"$room/out" 2>&1 || {
        echo "statement $i is not signed by the key: $(cat "$room/out")"
        exit 1
    }
    echo "statement $i, signed by the key:"
    sed 's/^/    /' "$room/text$i"
done
