#!/bin/sh
# mechanisms.sh ROOT: docs/mechanisms.md names each mechanism once, counts them rightly, claims nothing
# without a test, and names nothing that is not there.
set -eu
cd "$1"
page=docs/mechanisms.md
bad=0
say() {
    echo "$page: $1"
    bad=1
}

# Columns: id, mechanism, act or command, test, status, what is missing.
complaints=$(awk -F '[|]' '
    function trim(s) { gsub(/^ +| +$/, "", s); return s }
    /^\| M[0-9][0-9][0-9] \|/ {
        id = trim($2); act = trim($4); test = trim($5); status = trim($6); missing = trim($7)
        if (id != sprintf("M%03d", ++n)) { print id " stands where M" sprintf("%03d", n) " belongs"; exit }
        if (status != "done" && status != "partly" && status != "not yet")
            print id ": the status is done, partly or not yet"
        if (status == "done" && missing != "") print id ": what is done misses nothing"
        if (status == "partly" && missing == "") print id ": say what is missing"
        if (status != "not yet" && (act == "" || test == "")) print id ": name the act and the test"
        if (status == "not yet" && test != "") print id ": a test without anything done"
    }
    /^\| M[0-9][0-9][0-9] \|/ { count[trim($6)]++ }
    /^[0-9]+ done, / { said = $0 }
    END { counts = sprintf("%d done, %d partly, %d not yet.", count["done"], count["partly"], count["not yet"])
          if (said != counts) print "the rows say: " counts
          if (n != 155) print n " rows; there are 155 mechanisms" }' $page)
[ -z "$complaints" ] || say "$complaints"

for test in $(grep -E '^\| M[0-9]{3} \|' $page | cut -d '|' -f 5); do
    [ -f "$test" ] || say "there is no test $test"
done

# Acts, records, fields, clauses and parameters are names of the tables or of a header.
for word in $(grep -E '^\| M[0-9]{3} \|' $page | cut -d '|' -f 4 | grep -oE '[a-z]+(_[a-z0-9]+)+' | sort -u); do
    grep -rqwF "$word" src --include='*.def' --include='*.h' || say "nothing is called $word"
done
exit $bad
