#!/bin/sh
# check_layers ROOT LAYER "ON;..." "FILE;..." ARCHIVE "ARCHIVE OF ON;..."
# The include law: a layer includes only its own files, in list order, and files of the layers in ON.
# The symbol law: every cy_ symbol it calls is defined in itself or in one of those layers.
# The float law: the deterministic floors contain no float or double.
set -eu
root=$1 layer=$2 archive=$5 bad=0 seen=" "
on=" $(echo "$3" | tr ';' ' ') "
say() { echo "$1"; bad=1; }

for file in $(echo "$4" | tr ';' ' '); do
    for inc in $(sed -n 's/^#include "\([^"]*\)".*/\1/p' "$root/$file"); do
        case "$inc" in *.def) continue ;; esac
        if [ "${inc%/*}" = "$layer" ]; then
            [ "src/${inc%.h}" = "${file%.c}" ] && continue
            case "$seen" in *" src/$inc "*) ;; *) say "$file: $inc does not stand above it in the list" ;; esac
        else
            case "$on" in *" ${inc%/*} "*) ;; *) say "$file: includes $inc; $layer may use:$on" ;; esac
        fi
    done
    seen="$seen$file "
done
for file in "$root/src/$layer"/*.[ch]; do
    case ";$4;" in *";${file#"$root"/};"*) ;; *) say "$file: is not in the list of its layer" ;; esac
done

case $layer in
kernel | institutions | institutions/* | realm | verify | libcomity | ledger | certify | wire | base)
    grep -nE '\b(float|double|time\(|clock_gettime|rand\(|random\()' "$root/src/$layer"/*.[ch] |
        grep -vE '^[^:]*:[0-9]+: *(\*|/\*|//)' && say "$layer: float, clock or randomness" ;;
esac

# shellcheck disable=SC2046
have=$(nm --defined-only "$archive" $(echo "$6" | tr ';' ' ') 2>/dev/null | awk 'NF == 3 { print $3 }')
for name in $(nm -u "$archive" 2>/dev/null | awk '$1 == "U" && $2 ~ /^cy_/ { print $2 }' | sort -u); do
    echo "$have" | grep -qx "$name" || say "$layer: calls $name, which no lower layer defines"
done
exit $bad
