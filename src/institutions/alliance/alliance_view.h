/* alliance_view: what was so on a day, as far as it was known at a time; pure reading.
 *
 *      events of one alliance, in the order of their numbers
 *      [found FRA 1949][join GRC 1952] ... [exit ...]  --fold(as_of, known_at)-->  how each party
 * stood
 *
 * Two dates: an event counts when it took *effect* on or before `as_of` and was *recorded* by
 * `known_at`. How a party stands follows from the event with the greatest (effective date, number);
 * the level from that one, membership from the greatest that is no mere change of level. So the
 * answer does not depend on the order in which history was written down.
 *
 * The day counts: on the day of an exit one is no member any more. An event known only by month or
 * year counts from the first day of it, and the answer says `unsure` while the month or year runs.
 *
 * One fold serves the daemon, which gathers the events from its world, and the verifier, who holds
 * the records with state proofs and has checked that none of the n_events is missing: it is linear,
 * allocates nothing, and takes about 5 ms for a million events of 50,000 parties.
 *
 * Owns: nothing. Never: writes. */
#ifndef CY_INSTITUTIONS_ALLIANCE_ALLIANCE_VIEW_H
#define CY_INSTITUTIONS_ALLIANCE_ALLIANCE_VIEW_H

#include "institutions/alliance/alliance_member.h"

/* An event, packed for folding. */
struct cy_tenure {
    cy_time recorded;
    uint32_t ordinal; /* of the party in the alliance, from 1 */
    cy_date effective;
    uint8_t event; /* enum membership */
    uint8_t level;
    uint8_t precision;
};

/* Which day, seen from when. known_at UINT64_MAX is everything on record. */
struct cy_as_of {
    cy_date day;
    cy_time known_at;
};

/* How a party stood. The first three say where its decisive events are: greater is later,
 * 0 is none (alliance_view.c says what their bits are). */
struct cy_standing {
    uint64_t last;    /* the last event */
    uint64_t stood;   /* the last that is no mere change of level */
    uint64_t entered; /* the last found or join */
    cy_date effective;
    cy_date since; /* of found or join */
    uint8_t event; /* of stood; 0 = none yet */
    uint8_t level;
    uint8_t precision;       /* of effective */
    uint8_t since_precision; /* of since */
};

/* cy_tenure_of packs an event. */
struct cy_tenure cy_tenure_of(const struct cy_member_event *event);

/* cy_tenure_fold sets standing[ordinal - 1] for n_parties parties (cleared first) from n events in
 * the order of their numbers. Events of greater ordinals are passed over. */
void cy_tenure_fold(const struct cy_tenure *events, size_t n, const struct cy_as_of *as_of,
                    uint32_t n_parties, struct cy_standing *standing);

/* cy_standing_belongs: a member then, suspended or not. cy_standing_suspended. cy_standing_unsure:
 * the day lies inside the month or year of the last event. */
bool cy_standing_belongs(const struct cy_standing *standing);
bool cy_standing_suspended(const struct cy_standing *standing);
bool cy_standing_unsure(const struct cy_standing *standing, cy_date day);

/* cy_alliance_ended says that the alliance had ended on that day, as known then. */
bool cy_alliance_ended(const struct cy_alliance *alliance, const struct cy_as_of *as_of);

/* One member of a list. */
struct cy_listed {
    struct cy_id party;
    uint32_t ordinal;
    uint8_t level;
    uint8_t precision; /* of since */
    bool suspended;
    bool unsure;
    bool bloc; /* it speaks for an alliance of its own: see cy_alliance_expand */
    cy_date since;
};

/* All events of one alliance, packed, and its parties by ordinal: what a question reads. The memory
 * is the caller's, with room for so many. */
struct cy_history {
    struct cy_tenure *tenures; /* by number */
    struct cy_id *parties;     /* [ordinal - 1] */
    size_t n;
    uint32_t n_parties;
    size_t room;
    uint32_t room_parties;
};

/* cy_history_add packs one event more; there must be room (asserts), also for a new party. False,
 * and nothing added, when it is NULL or not the one that comes next. */
bool cy_history_add(struct cy_history *history, const struct cy_member_event *event);

/* cy_alliance_list gives the members of an alliance in the order of their ordinals; the list comes
 * from the arena. Fails with NO_ALLIANCE, NO_ROOM (about 24 bytes an event and 100 a party). */
CY_MUST_USE cy_err cy_alliance_list(const struct cy_world *world, const struct cy_id *alliance,
                                    const struct cy_as_of *as_of, struct cy_arena *arena,
                                    struct cy_listed **list, size_t *n);

/* cy_alliance_list_in: the same for who keeps the alliance's history packed, up to its last event:
 * then no event is looked up. */
CY_MUST_USE cy_err cy_alliance_list_in(const struct cy_world *world, const struct cy_id *alliance,
                                       const struct cy_history *history,
                                       const struct cy_as_of *as_of, struct cy_arena *arena,
                                       struct cy_listed **list, size_t *n);

/* cy_alliance_list_of: the same from records alone: the alliance, and all its events in the order
 * of their numbers. Fails with EVENT_ORDER when one is missing or foreign (detail: its place). */
CY_MUST_USE cy_err cy_alliance_list_of(const struct cy_alliance *alliance,
                                       const struct cy_member_event *events, size_t n_events,
                                       const struct cy_as_of *as_of, struct cy_arena *arena,
                                       struct cy_listed **list, size_t *n);

/* cy_alliance_list_room bounds the arena that a list of n_events events takes. */
size_t cy_alliance_list_room(size_t n_events);

/* cy_alliance_find finds by id (64 hexadecimal digits), code or name. Fails with NO_ALLIANCE,
 * AMBIGUOUS_ALLIANCE (detail: how many). */
CY_MUST_USE cy_err cy_alliance_find(const struct cy_world *world, struct cy_span text,
                                    const struct cy_alliance **alliance);

/* cy_alliance_event is event number seq of an alliance, NULL past the last: its history.
 * cy_party_event walks all events of a party over all alliances: start with *i = 0; NULL at the
 * end. */
const struct cy_member_event *cy_alliance_event(const struct cy_world *world,
                                                const struct cy_id *alliance, uint64_t seq);
const struct cy_member_event *cy_party_event(const struct cy_world *world,
                                             const struct cy_id *party, uint32_t *i);

/* cy_officer_trace walks what the officers of an alliance did about a party, or did at all (about
 * NULL): start with *seq = 0; NULL at the end. Each names the act and where it stands in the
 * ledger; with the ledger's inclusion proof that is the member's receipt (M009). */
const struct cy_officer_act *cy_officer_trace(const struct cy_world *world,
                                              const struct cy_id *alliance,
                                              const struct cy_id *about, uint64_t *seq);

/* What a level gives and asks, by the charter in force (M006). */
struct cy_rights {
    uint64_t vote;     /* weight of its vote, after the cap; 0 without a voice now */
    uint64_t levy_ppm; /* what the treasury may charge */
    uint64_t notice_ms;
    bool duty;    /* must carry out sanctions */
    uint8_t data; /* 0 public, 1 shared, 2 all */
    uint8_t level;
    uint8_t state; /* enum member_state */
};

/* cy_alliance_rights are those of a party now. A suspended member keeps its duties and loses vote
 * and data; one that leaves keeps its duties until the day. Fails with NO_ALLIANCE, NOT_MEMBER. */
CY_MUST_USE cy_err cy_alliance_rights(struct cy_plan *plan, const struct cy_of_party *who,
                                      cy_time now, struct cy_rights *rights);

/* cy_alliance_expand walks the members on a day with every bloc replaced by the members of the
 * alliance for which it speaks (M003), as mandates stand now; `via` is the bloc through which a
 * party was reached, none for direct members. A party that comes by several ways is visited each
 * time. Fails as cy_alliance_list, and with TOO_DEEP. */
typedef void cy_expanded(void *self, const struct cy_listed *member, const struct cy_id *via);
CY_MUST_USE cy_err cy_alliance_expand(const struct cy_world *world, const struct cy_id *alliance,
                                      const struct cy_as_of *as_of, struct cy_arena *arena,
                                      cy_expanded *visit, void *self);

/* cy_alliance_partner walks the partners of a party on a topic: those who consent to each other now
 * (M004). Start with *i = 0; NULL at the end. */
const struct cy_id *cy_alliance_partner(const struct cy_world *world, const struct cy_id *party,
                                        uint8_t topic, uint32_t *i);

/* Figures by which alliances can be compared (M008). Events count by the day they took effect,
 * motions by the time they were decided. */
struct cy_figures {
    uint64_t age_days;
    uint32_t full, associate, observer; /* members on the last day, suspended ones included */
    uint32_t joined, left, expelled, suspended;
    uint32_t motions, carried, failed; /* decided; moot ones count as carried */
    uint64_t turnout_ppm;              /* weight cast of weight called, over all of them */
    uint64_t decision_ms_median;
    uint64_t officer_acts; /* ever */
    uint64_t versions;     /* of the charter, ever */
    bool cap_sleeps;       /* fewer members than the concentration cap needs */
};

/* cy_alliance_figures are those of the days from..to, both included. Fails as cy_alliance_list. */
CY_MUST_USE cy_err cy_alliance_figures(const struct cy_world *world, const struct cy_id *alliance,
                                       cy_date from, cy_date to, struct cy_arena *arena,
                                       struct cy_figures *figures);

#endif
