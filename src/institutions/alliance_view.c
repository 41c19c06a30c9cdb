#include "institutions/alliance_view.h"

/* --- folding -------------------------------------------------------------------------------------
 */

struct cy_tenure cy_tenure_of(const struct cy_member_event *event)
{
    return (struct cy_tenure){.recorded = event->recorded,
                              .ordinal = event->ordinal,
                              .effective = event->effective,
                              .event = event->event,
                              .level = event->level,
                              .precision = event->precision};
}

void cy_tenure_fold(const struct cy_tenure *events, size_t n, const struct cy_as_of *as_of,
                    uint32_t n_parties, struct cy_standing *standing)
{
    memset(standing, 0, n_parties * sizeof *standing);
    for (size_t i = 0; i < n; i++) {
        const struct cy_tenure *e = &events[i];
        struct cy_standing *s = NULL;

        if (e->effective > as_of->day || e->recorded > as_of->known_at || e->ordinal == 0 ||
            e->ordinal > n_parties)
            continue;
        s = &standing[e->ordinal - 1];
        /* >=: of two events of one day the later number wins */
        if (e->effective >= s->effective) {
            s->effective = e->effective;
            s->level = e->level;
            s->precision = e->precision;
        }
        if (e->event != CY_membership_LEVEL && e->effective >= s->stood) {
            s->stood = e->effective;
            s->event = e->event;
        }
        if (e->event <= CY_membership_JOIN && e->effective >= s->since) {
            s->since = e->effective;
            s->since_precision = e->precision;
        }
    }
}

bool cy_standing_belongs(const struct cy_standing *standing)
{
    return standing->event != 0 && standing->event != CY_membership_EXIT &&
           standing->event != CY_membership_EXPEL;
}

bool cy_standing_suspended(const struct cy_standing *standing)
{
    return standing->event == CY_membership_SUSPEND;
}

bool cy_standing_unsure(const struct cy_standing *standing, cy_date day)
{
    unsigned year = 0, month = 0, first = 0, year_of_day = 0, month_of_day = 0;

    if (standing->effective == 0 || standing->precision == CY_precision_DAY)
        return false;
    cy_date_civil(standing->effective, &year, &month, &first);
    cy_date_civil(day, &year_of_day, &month_of_day, &first);
    return year == year_of_day &&
           (standing->precision == CY_precision_YEAR || month == month_of_day);
}

bool cy_alliance_ended(const struct cy_alliance *alliance, const struct cy_as_of *as_of)
{
    return alliance->ended != 0 && alliance->ended <= as_of->day &&
           alliance->ended_at <= as_of->known_at;
}

/* --- lists ---------------------------------------------------------------------------------------
 */

/* What a list is made from: events by number, wherever they are. */
struct events {
    const struct cy_member_event *(*at)(const struct events *events, uint64_t seq);
    const struct cy_world *world;
    const struct cy_member_event *records;
    const struct cy_alliance *alliance;
    uint64_t n;
};

static const struct cy_member_event *from_world(const struct events *events, uint64_t seq)
{
    return cy_alliance_event(events->world, &events->alliance->id, seq);
}

static const struct cy_member_event *from_records(const struct events *events, uint64_t seq)
{
    const struct cy_member_event *e = &events->records[seq];

    return e->seq == seq && cy_id_eq(&e->alliance, &events->alliance->id) ? e : NULL;
}

/* Packs the events, and notes where each party is named first. */
static cy_err pack(const struct events *events, struct cy_arena *arena, struct cy_tenure **tenures,
                   uint64_t **named, uint32_t *n_parties)
{
    *n_parties = 0;
    *tenures = cy_arena_take(arena, (events->n + 1) * sizeof **tenures);
    *named = cy_arena_take(arena, (events->n + 1) * sizeof **named);
    if (*tenures == NULL || *named == NULL)
        return cy_fail(CY_E_NO_ROOM, events->n);
    for (uint64_t i = 0; i < events->n; i++) {
        const struct cy_member_event *e = events->at(events, i);

        if (e == NULL || e->ordinal == 0 || e->ordinal > *n_parties + 1)
            return cy_fail(CY_E_EVENT_ORDER, i);
        if (e->ordinal == *n_parties + 1)
            (*named)[(*n_parties)++] = i;
        (*tenures)[i] = cy_tenure_of(e);
    }
    return CY_OK;
}

static cy_err list_members(const struct events *events, const struct cy_as_of *as_of,
                           struct cy_arena *arena, struct cy_listed **list, size_t *n)
{
    struct cy_tenure *tenures = NULL;
    struct cy_standing *standing = NULL;
    uint64_t *named = NULL;
    uint32_t n_parties = 0;

    *n = 0;
    CY_TRY(pack(events, arena, &tenures, &named, &n_parties));
    standing = cy_arena_take(arena, (n_parties + 1) * sizeof *standing);
    *list = cy_arena_take(arena, (n_parties + 1) * sizeof **list);
    if (standing == NULL || *list == NULL)
        return cy_fail(CY_E_NO_ROOM, n_parties);
    cy_tenure_fold(tenures, events->n, as_of, n_parties, standing);
    for (uint32_t i = 0; i < n_parties && !cy_alliance_ended(events->alliance, as_of); i++) {
        if (!cy_standing_belongs(&standing[i]))
            continue;
        (*list)[(*n)++] = (struct cy_listed){.party = events->at(events, named[i])->party,
                                             .ordinal = i + 1,
                                             .level = standing[i].level,
                                             .precision = standing[i].since_precision,
                                             .suspended = cy_standing_suspended(&standing[i]),
                                             .unsure = cy_standing_unsure(&standing[i], as_of->day),
                                             .since = standing[i].since};
    }
    return CY_OK;
}

cy_err cy_alliance_list_of(const struct cy_alliance *alliance, const struct cy_member_event *events,
                           size_t n_events, const struct cy_as_of *as_of, struct cy_arena *arena,
                           struct cy_listed **list, size_t *n)
{
    return list_members(
        &(struct events){
            .at = from_records, .records = events, .alliance = alliance, .n = n_events},
        as_of, arena, list, n);
}

cy_err cy_alliance_list(const struct cy_world *world, const struct cy_id *alliance,
                        const struct cy_as_of *as_of, struct cy_arena *arena,
                        struct cy_listed **list, size_t *n)
{
    const struct cy_alliance *a = CY_GET(world, alliance, alliance);

    if (a == NULL)
        return cy_fail(CY_E_NO_ALLIANCE, 0);
    CY_TRY(list_members(&(struct events){.at = from_world,
                                         .world = world,
                                         .alliance = a,
                                         .n = CY_GET(world, alliance_roll, alliance)->n_events},
                        as_of, arena, list, n));
    for (size_t i = 0; i < *n; i++) {
        const struct cy_bloc *bloc = CY_GET(world, bloc, &(*list)[i].party);

        (*list)[i].bloc = bloc != NULL && bloc->said && bloc->accepted;
    }
    return CY_OK;
}

/* --- finding -------------------------------------------------------------------------------------
 */

cy_err cy_alliance_find(const struct cy_world *world, struct cy_span text,
                        const struct cy_alliance **alliance)
{
    const uint32_t count = cy_world_count(world, CY_R_alliance);
    struct cy_id id;
    unsigned found = 0;

    *alliance = NULL;
    if (text.n == 64 && cy_ok(cy_hex_read(text, id.b, sizeof id.b)))
        *alliance = CY_GET(world, alliance, &id);
    if (*alliance != NULL)
        return CY_OK;
    for (uint32_t i = 0; i < count; i++) {
        const struct cy_alliance *a = cy_world_at(world, CY_R_alliance, i);

        if (!cy_span_eq(cy_label_text(&a->code), text) && !cy_span_eq(cy_name_text(&a->name), text))
            continue;
        *alliance = a;
        found++;
    }
    if (found > 1)
        return cy_fail(CY_E_AMBIGUOUS_ALLIANCE, found);
    return found == 1 ? CY_OK : cy_fail(CY_E_NO_ALLIANCE, 0);
}

const struct cy_member_event *cy_alliance_event(const struct cy_world *world,
                                                const struct cy_id *alliance, uint64_t seq)
{
    const struct cy_of_alliance key = {*alliance, seq};

    return CY_GET(world, member_event, &key);
}

const struct cy_member_event *cy_party_event(const struct cy_world *world,
                                             const struct cy_id *party, uint32_t *i)
{
    const uint32_t count = cy_world_count(world, CY_R_member_event);

    while (*i < count) {
        const struct cy_member_event *e = cy_world_at(world, CY_R_member_event, (*i)++);

        if (cy_id_eq(&e->party, party))
            return e;
    }
    return NULL;
}
