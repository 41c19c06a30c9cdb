#!/bin/sh
# Checks organisations.csv, alliances.csv and headcounts.csv.
# Usage: sh scenarios/check.sh
# Needs sh and awk. ISO_CODES may name the folder that holds iso_3166-1.json
# and iso_3166-3.json (Debian package iso-codes); without it the party codes
# are only checked for their shape.
set -u
LC_ALL=C
export LC_ALL
here=$(dirname "$0")
iso=${ISO_CODES:-/usr/share/iso-codes/json}

for f in organisations.csv alliances.csv headcounts.csv; do
	if [ ! -r "$here/$f" ]; then
		echo "FAIL $here/$f: cannot be read"
		echo "0 passed, 1 failed"
		exit 1
	fi
done

{
	if [ -r "$iso/iso_3166-1.json" ] && [ -r "$iso/iso_3166-3.json" ]; then
		awk -F'"' '$2 == "alpha_3" { print "P" $4 }' "$iso/iso_3166-1.json"
		awk -F'"' '$2 == "alpha_4" { print "P" $4 }' "$iso/iso_3166-3.json"
	else
		echo "note: no ISO 3166 lists in $iso; party codes checked for shape only" >&2
	fi
	for f in organisations alliances headcounts; do
		echo "F$f"
		sed 's/^/L/' "$here/$f.csv"
	done
} | awk '
function fail(msg) {
	failed++
	printf "FAIL %s.csv:%d: %s\n", file, line, msg
	bad = 1
}
# RFC 4180 fields of one record into col[1..n]; -1 on a quoting fault
function split_csv(s,   n, i, c, q, cur, len, was) {
	n = 1; cur = ""; q = 0; was = 0; len = length(s)
	for (i = 1; i <= len; i++) {
		c = substr(s, i, 1)
		if (q) {
			if (c == "\"") {
				if (substr(s, i + 1, 1) == "\"") { cur = cur "\""; i++ }
				else { q = 0; was = 1 }
			} else cur = cur c
		} else if (c == ",") { col[n++] = cur; cur = ""; was = 0 }
		else if (c == "\"") { if (cur != "" || was) return -1; q = 1 }
		else { if (was) return -1; cur = cur c }
	}
	if (q) return -1
	col[n] = cur
	return n
}
function valid_date(d,   y, m, n, lim) {
	if (d !~ /^[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]$/) return 0
	y = substr(d, 1, 4) + 0; m = substr(d, 6, 2) + 0; n = substr(d, 9, 2) + 0
	if (y < 1800 || y > 2100 || m < 1 || m > 12) return 0
	lim = 31
	if (m == 4 || m == 6 || m == 9 || m == 11) lim = 30
	if (m == 2) lim = (y % 4 == 0 && y % 100 != 0 || y % 400 == 0) ? 29 : 28
	return n >= 1 && n <= lim
}
function check_precision(d, p) {
	if (p != "day" && p != "month" && p != "year") fail("precision \"" p "\"")
	if (p == "month" && substr(d, 9) != "01") fail("month precision needs day 01: " d)
	if (p == "year" && substr(d, 6) != "01-01") fail("year precision needs 01-01: " d)
}
# the last day a date of this precision may mean
function ceil_date(d, p) {
	if (p == "year") return substr(d, 1, 4) "-12-31"
	if (p == "month") return substr(d, 1, 7) "-31"
	return d
}
function members(org, date, level,   i, k, n, lv) {
	if (dissolved[org] != "" && date >= dissolved[org]) return 0
	for (k in lv) delete lv[k]
	for (i = first[org]; i <= last[org]; i++) {
		if (row_date[i] > date) break
		if (row_event[i] == "found" || row_event[i] == "join" || row_event[i] == "level")
			lv[row_party[i]] = row_level[i]
		else if (row_event[i] == "exit")
			delete lv[row_party[i]]
	}
	n = 0
	for (k in lv) if (lv[k] == level) n++
	return n
}
BEGIN {
	split("environment trade security technology health education human-rights regional-economy energy culture agriculture peacebuilding", t, " ")
	for (i in t) topic[t[i]] = 1
	split("found join exit level suspend resume", t, " ")
	for (i in t) event[t[i]] = 1
	split("full associate observer", t, " ")
	for (i in t) level[t[i]] = 1
	head["organisations"] = "code,name,topic,template,founded,precision,dissolved,seat,home,source"
	head["alliances"] = "organisation,party,event,level,date,precision,source"
	head["headcounts"] = "organisation,date,level,members,source"
	width["organisations"] = 10; width["alliances"] = 7; width["headcounts"] = 5
	passed = 0; failed = 0; rows = 0
}
/^P/ { iso[substr($0, 2)] = 1; have_iso = 1; next }
/^F/ { file = substr($0, 2); line = 0; next }
{
	text = substr($0, 2); line++; bad = 0
	if (line == 1) {
		if (text != head[file]) fail("header is not " head[file])
		if (!bad) passed++
		next
	}
	if (index(text, "\r")) fail("carriage return")
	if (text ~ /[ \t]$/) fail("space at the end")
	n = split_csv(text)
	if (n != width[file]) { fail("columns: " n " instead of " width[file]); next }
	if (col[n] == "") fail("no source")
}
file == "organisations" {
	c = col[1]
	if (c !~ /^[A-Z0-9][A-Z0-9-]*$/) fail("code \"" c "\"")
	if (c in org_no) fail("code twice: " c)
	if (c in iso) fail("code is also a country code: " c)
	org_no[c] = ++orgs; org_name[orgs] = c
	if (col[2] == "") fail("no name")
	if (!(col[3] in topic)) fail("topic \"" col[3] "\"")
	if (col[4] != col[3]) fail("template is not the topic: " col[4])
	if (!valid_date(col[5])) fail("founded \"" col[5] "\"")
	check_precision(col[5], col[6])
	if (col[7] != "" && !valid_date(col[7])) fail("dissolved \"" col[7] "\"")
	if (col[7] != "" && col[7] <= col[5]) fail("dissolved before founded")
	if (col[9] != "a" && col[9] != "b") fail("home \"" col[9] "\"")
	founded[c] = col[5]; dissolved[c] = col[7]
	if (!bad) passed++
	next
}
file == "alliances" {
	o = col[1]; p = col[2]; e = col[3]; l = col[4]; d = col[5]
	key = o SUBSEP p
	if (!(o in org_no)) fail("unknown organisation " o)
	if (p in org_no) {
		if (p == o) fail("an organisation in itself: " p)
		if (founded[p] > ceil_date(d, col[6])) fail("bloc " p " did not exist on " d)
	} else if (have_iso ? !(p in iso) : p !~ /^[A-Z][A-Z][A-Z][A-Z]?$/)
		fail("unknown party " p)
	if (!(e in event)) fail("event \"" e "\"")
	if (!(l in level)) fail("level \"" l "\"")
	if (!valid_date(d)) fail("date \"" d "\"")
	check_precision(d, col[6])
	if (d < founded[o]) fail(o " " p ": " d " is before the founding " founded[o])
	if (dissolved[o] != "" && d > dissolved[o]) fail(o " " p ": " d " is after the end " dissolved[o])
	if (org_no[o] < org_no[prev_o]) fail("order: " o " after " prev_o)
	if (o == prev_o && d < prev_d) fail("order: " d " after " prev_d)
	prev_o = o; prev_d = d
	if (e == "found" || e == "join") {
		if (key in held) fail(o " " p ": " e " while a member")
		if (e == "found" && (key in seen)) fail(o " " p ": found is not its first event")
		held[key] = l; delete out[key]
	} else if (!(key in held)) {
		fail(o " " p ": " e " while no member")
	} else if (e == "level") {
		if (held[key] == l) fail(o " " p ": level is already " l)
		held[key] = l
	} else {
		if (held[key] != l) fail(o " " p ": " e " names " l " but holds " held[key])
		if (e == "suspend") { if (key in out) fail(o " " p ": suspended twice"); out[key] = 1 }
		if (e == "resume") { if (!(key in out)) fail(o " " p ": resume while not suspended"); delete out[key] }
		if (e == "exit") { delete held[key]; delete out[key] }
	}
	seen[key] = 1
	rows++
	if (!(o in first)) first[o] = rows
	last[o] = rows
	row_party[rows] = p; row_event[rows] = e; row_level[rows] = l; row_date[rows] = d
	if (!bad) passed++
	next
}
file == "headcounts" {
	if (!(col[1] in org_no)) fail("unknown organisation " col[1])
	if (!valid_date(col[2])) fail("date \"" col[2] "\"")
	if (!(col[3] in level)) fail("level \"" col[3] "\"")
	if (col[4] !~ /^[0-9]+$/) fail("members \"" col[4] "\"")
	if (!bad) {
		got = members(col[1], col[2], col[3])
		if (got != col[4] + 0)
			fail(col[1] " on " col[2] ": " got " " col[3] " members instead of " col[4])
	}
	counts++
	if (!bad) passed++
	next
}
END {
	file = "alliances"; line = rows + 1
	for (i = 1; i <= orgs; i++) {
		bad = 0
		if (!(org_name[i] in first)) fail("no row for " org_name[i])
		else passed++
	}
	printf "%d organisations, %d events, %d head counts\n", orgs, rows, counts
	printf "%d passed, %d failed\n", passed, failed
	exit (failed > 0)
}'
