#!/bin/sh
# own-lists.sh DIR-A DIR-B: every country can do the same (M154).
#
# In cell a the United States found their own list of allies, with three dozen topics as sub-lists, each
# with its own charter. In cell b a bloc of a continent is formed by its own members, who join with
# their own keys. Back in cell a the bloc comes as one member, its register there citing the proof from
# cell b, and a joint group is founded whose members must belong to one of the two. Each root is at
# its founder; nobody needed anybody's leave.
#
# COMITY names the program (default: comity). Both cells must run, with the countries imported.
set -eu
a=$1 b=$2
comity=${COMITY:-comity}

# Does one command in a cell. What is there already is fine, so the script may run again.
in_cell() { # DIR WORDS...
    dir=$1
    shift
    said=$("$comity" --dir "$dir" "$@" 2>&1) && {
        printf '%s\n' "$said" >>"$dir/own-lists.log"
        return 0
    }
    case $said in
    *CODE_TAKEN* | *ALREADY_MEMBER* | *ASKED_ALREADY* | *ALIAS_TAKEN* | *\(EXISTS\)*) return 0 ;;
    esac
    printf '%s\n' "$said" >&2
    return 1
}
in_a() { in_cell "$a" "$@"; }
in_b() { in_cell "$b" "$@"; }
say() { printf '%s\n' "$*"; }

# what the charter's template leaves open: who may come in
invited='[{"name":"admission","value":1}]' open='[{"name":"admission","value":0}]'
friends="GBR CAN AUS NZL JPN KOR NOR DEU FRA POL"
members="BEL DEU FRA ITA LUX NLD DNK IRL GRC ESP PRT AUT FIN SWE POL CZE EST LVA LTU"

# --- a nation's own list, with topics as sub-lists ---

say "cell a: the United States found their list of allies, and its topics"
in_a alliance found --as USA --code ALLIES --name "Allies of the United States" --topic security \
    --purpose "those who stand together" --clauses "$invited" --alias ALLIES
for party in $friends; do
    in_a alliance invite --as USA --alliance ALLIES --party "$party" --level full
    in_a alliance join --as "$party" --alliance ALLIES --level full
done

topic() { # CODE TOPIC NAME
    in_a alliance found --as USA --code "$1" --name "$3" --topic "$2" --parent ALLIES \
        --clauses "$invited" --alias "$1"
}
while IFS='|' read -r code area name; do
    topic "$code" "$area" "$name"
done <<'TOPICS'
AL-AIR|security|Air defence
AL-SEA|security|Maritime patrol
AL-CYBER|security|Cyber defence
AL-SPACE|technology|Space situational awareness
AL-INTEL|security|Shared warning
AL-ARMS|security|Arms control
AL-NUCLEAR|security|Non-proliferation
AL-CHIPS|technology|Semiconductors
AL-AI|technology|Artificial intelligence
AL-QUANTUM|technology|Quantum research
AL-NET|technology|Undersea cables
AL-STANDARDS|technology|Technical standards
AL-TRADE|trade|Trade in goods
AL-SERVICES|trade|Trade in services
AL-EXPORT|trade|Export control
AL-MINERALS|trade|Critical minerals
AL-SHIPPING|trade|Shipping lanes
AL-FINANCE|regional-economy|Finance
AL-TAX|regional-economy|Taxation
AL-SUPPLY|regional-economy|Supply chains
AL-OIL|energy|Oil reserves
AL-GRID|energy|Grids
AL-FUSION|energy|Fusion
AL-CLIMATE|environment|Climate
AL-OCEAN|environment|Oceans
AL-FOREST|environment|Forests
AL-POLAR|environment|Polar regions
AL-HEALTH|health|Health security
AL-VACCINE|health|Vaccines
AL-SCHOOL|education|Student exchange
AL-SCIENCE|education|Science
AL-RIGHTS|human-rights|Human rights
AL-PRESS|human-rights|Freedom of the press
AL-FOOD|agriculture|Food security
AL-SEEDS|agriculture|Seed banks
AL-ARTS|culture|Arts
AL-RELIEF|peacebuilding|Disaster relief
AL-MEDIATE|peacebuilding|Mediation
TOPICS
# other members on other topics: a sub-list has its own door
for party in JPN KOR DEU; do
    in_a alliance invite --as USA --alliance AL-CHIPS --party "$party" --level full
    in_a alliance join --as "$party" --alliance AL-CHIPS --level full
done
in_a alliance invite --as USA --alliance AL-POLAR --party NOR --level full
in_a alliance join --as NOR --alliance AL-POLAR --level full
in_a alliance invite --as USA --alliance AL-POLAR --party SWE --level observer
in_a alliance join --as SWE --alliance AL-POLAR --level observer

# The members decide by vote who speaks for them, and the bloc's own keys accept. The motion is carried
# as soon as the outcome is certain; later votes would only repeat it.
mandate() { # in_a | in_b
    $1 alliance motion --as BEL --alliance CONTINENT --kind mandate --subject BLOC \
        --reason "one voice outside" --alias WHO-SPEAKS
    for party in BEL DEU FRA ITA LUX NLD DNK IRL GRC ESP; do
        $1 alliance vote --as "$party" --motion WHO-SPEAKS --choice yes
    done
    $1 alliance mandate --as BLOC --alliance CONTINENT --bloc BLOC
}

# --- a bloc of a continent, formed by its own members ---

say "cell b: nineteen European nations form a bloc, each joining with its own key"
in_b alliance found --as BEL --code CONTINENT --name "Continental Bloc" --topic regional-economy \
    --clauses "$open" --alias CONTINENT
for party in $members; do
    in_b alliance join --as "$party" --alliance CONTINENT --level full
done
in_b passport create --kind bloc --name "Continental Bloc" --alias BLOC
mandate in_b

# --- the bloc as one member, and the joint group ---

say "cell a: the bloc registers its membership, citing the proof from cell b"
"$comity" --dir "$b" alliance members CONTINENT --bundle "$a/continent.bundle.json" >>"$b/own-lists.log"
"$comity" --dir "$b" verify "$a/continent.bundle.json" >>"$a/own-lists.log"
in_a passport create --kind bloc --name "Continental Bloc" --alias BLOC
in_a act evidence_record --as BLOC --kind document --digest "file:$a/continent.bundle.json" \
    --summary "members of the Continental Bloc, proven by its own ledger b.example/ledger"
in_a alliance found --as BLOC --code CONTINENT --name "Continental Bloc" --topic regional-economy \
    --clauses "$open" --alias CONTINENT
for party in $members; do
    in_a alliance join --as "$party" --alliance CONTINENT --level full
done
mandate in_a

# the United States take the bloc into their own list, as one member
in_a alliance invite --as USA --alliance ALLIES --party BLOC --level full
in_a alliance join --as BLOC --alliance ALLIES --level full

say "cell a: a joint group, open to members of either"
in_a alliance found --as USA --code JOINT --name "Joint group of the allies and the continent" \
    --topic trade --bases '[{"alliance":"ALLIES"},{"alliance":"CONTINENT"}]' \
    --clauses "$open" --alias JOINT
in_a alliance join --as BLOC --alliance JOINT --level full
for party in GBR CAN JPN NOR PRT GRC; do
    in_a alliance join --as "$party" --alliance JOINT --level full
done
if "$comity" --dir "$a" alliance join --as BRA --alliance JOINT --level full >>"$a/own-lists.log" 2>&1; then
    say "own-lists: a party that belongs to neither was let into the joint group" >&2
    exit 1
fi
say "done: see comity alliance members JOINT, and comity alliance list"
