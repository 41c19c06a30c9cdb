#!/bin/sh
# spec.sh [--check] [BIN]: print the tables of SPEC/ and docs/ again from the programs in BIN
# (build/debug/bin). A table stands between two comments,
#
#     <!-- printed: NAME [PART] -->
#     <!-- end -->
#
# where NAME is a table of spec_tables (run it without arguments for the list), `example` of
# spec_vectors, or `metrics`, which is read from the source. --check changes nothing: it says what
# differs and fails. Vectors (SPEC/vectors) are written by spec_vectors.
set -eu
cd "$(dirname "$0")/.."
check=no
[ "${1:-}" = --check ] && check=yes && shift
bin=${1:-build/debug/bin}
[ -x "$bin/spec_tables" ] || {
    echo "build first: cmake --build --preset debug" >&2
    exit 2
}
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
bad=0

# Names, kinds and help of all metrics: the calls that make them, wherever they stand.
metrics() {
    printf '| metric | kind | what |\n|---|---|---|\n'
    cat $(ls src/host/*/*.c src/apps/*.c | LC_ALL=C sort) | tr -s '\n\t ' '   ' |
        grep -oE 'cy_metrics_(counter|gauge|histogram)\([^"]*"comity_[a-z_]+", *[^,]+, *("[^"]*" *)+' |
        sed -E 's/^cy_metrics_([a-z]+)\([^"]*"(comity_[a-z_]+)", *[^,]+, */| `\2` | \1 | /; s/" +"//g; s/ \| "/ | /; s/" *$/ |/' |
        LC_ALL=C sort -u
}

# print NAME [PART]
print() {
    case $1 in
    metrics) metrics ;;
    example) "$bin/spec_vectors" example ;;
    *) "$bin/spec_tables" "$@" ;;
    esac
}

fill() { # FILE: the file with its tables printed again
    while IFS= read -r line; do
        case $line in
        '<!-- printed: '*' -->')
            name=${line#'<!-- printed: '}
            printf '%s\n\n' "$line"
            # shellcheck disable=SC2086
            print ${name%' -->'} || return 1
            printf '\n<!-- end -->\n'
            while IFS= read -r line && [ "$line" != '<!-- end -->' ]; do :; done
            [ "$line" = '<!-- end -->' ] || return 1
            ;;
        *) printf '%s\n' "$line" ;;
        esac
    done <"$1"
}

for file in SPEC/*.md docs/*.md; do
    grep -q '^<!-- printed: ' "$file" || continue
    fill "$file" >"$room/new" || {
        echo "$file: a table cannot be printed (an unknown name, or no <!-- end -->)"
        exit 1
    }
    cmp -s "$file" "$room/new" && continue
    if [ $check = yes ]; then
        diff "$file" "$room/new" | head -20
        echo "$file: its tables are not what the programs say; run: make spec"
        bad=1
    else
        cat "$room/new" >"$file"
        echo "printed: $file"
    fi
done
# The tables of the verifier that runs in browsers.
web=web/src/verify/schema.json
if [ -x "$bin/spec_web" ] && [ -d "${web%/*}" ]; then
    "$bin/spec_web" >"$room/web"
    if ! cmp -s "$web" "$room/web"; then
        if [ $check = yes ]; then
            echo "$web: not what the program says; run: make spec"
            bad=1
        else
            cat "$room/web" >"$web"
            echo "printed: $web"
        fi
    fi
fi
# Files that are printed whole.
"$bin/spec_tables" openapi >"$room/new"
if ! cmp -s "$room/new" SPEC/openapi.json; then
    if [ $check = yes ]; then
        diff SPEC/openapi.json "$room/new" | head -20
        echo "SPEC/openapi.json is not what the programs say; run: make spec"
        bad=1
    else
        cp "$room/new" SPEC/openapi.json
        echo "printed: SPEC/openapi.json"
    fi
fi
if [ -x "$bin/spec_vectors" ]; then
    "$bin/spec_vectors" "$([ $check = yes ] && echo check || echo write)" SPEC/vectors || bad=1
fi
exit $bad
