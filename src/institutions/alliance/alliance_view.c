#include "institutions/alliance/alliance_view.h"

/* --- folding --- */

struct cy_tenure cy_tenure_of(const struct cy_member_event *event)
{
    return (struct cy_tenure){.recorded = event->recorded,
                              .ordinal = event->ordinal,
                              .effective = event->effective,
                              .event = event->event,
                              .level = event->level,
                              .precision = event->precision};
}

/* An event's place in time, in one number: later dates are greater, and of one day later numbers.
 * What happened stands below, so that nobody has to look the event up again. The mask is all ones
 * or zero: the loop below has no branch that a history could mislead.
 *
 *      date 22 bits | number + 1, 32 bits | event 4 | level 3 | precision 3 */
enum { NUMBER_AT = 10, DATE_AT = 42, EVENT_AT = 6, LEVEL_AT = 3, EVENT_BITS = 15, SMALL_BITS = 7 };

static uint64_t place_of(const struct cy_tenure *e, size_t i)
{
    return (uint64_t)e->effective << DATE_AT | (uint64_t)(i + 1) << NUMBER_AT |
           (uint64_t)(e->event & EVENT_BITS) << EVENT_AT |
           (uint64_t)(e->level & SMALL_BITS) << LEVEL_AT | (e->precision & SMALL_BITS);
}

static uint64_t later(uint64_t a, uint64_t b, bool counts)
{
    b &= -(uint64_t)counts;
    return a > b ? a : b;
}

/* Reads what the places say. */
static void settle(struct cy_standing *s)
{
    s->effective = (cy_date)(s->last >> DATE_AT);
    s->level = s->last >> LEVEL_AT & SMALL_BITS;
    s->precision = s->last & SMALL_BITS;
    s->event = s->stood >> EVENT_AT & EVENT_BITS;
    s->since = (cy_date)(s->entered >> DATE_AT);
    s->since_precision = s->entered & SMALL_BITS;
}

void cy_tenure_fold(const struct cy_tenure *events, size_t n, const struct cy_as_of *as_of,
                    uint32_t n_parties, struct cy_standing *standing)
{
    CY_ASSERT(n < UINT32_MAX);
    memset(standing, 0, n_parties * sizeof *standing);
    for (size_t i = 0; i < n; i++) {
        const struct cy_tenure *e = &events[i];
        const bool in = (e->effective <= as_of->day) & (e->recorded <= as_of->known_at);
        const uint64_t place = place_of(e, i);
        struct cy_standing *s = NULL;

        if (e->ordinal - 1 >= n_parties) /* 0 wraps to the greatest */
            continue;
        s = &standing[e->ordinal - 1];
        s->last = later(s->last, place, in);
        s->stood = later(s->stood, place, in & (e->event != CY_membership_LEVEL));
        s->entered = later(s->entered, place, in & (e->event <= CY_membership_JOIN));
    }
    for (uint32_t i = 0; i < n_parties; i++)
        settle(&standing[i]);
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

/* --- lists --- */

bool cy_history_add(struct cy_history *history, const struct cy_member_event *event)
{
    if (event == NULL || event->seq != history->n || event->ordinal == 0 ||
        event->ordinal > history->n_parties + 1)
        return false;
    CY_ASSERT(history->n < history->room);
    if (event->ordinal == history->n_parties + 1) {
        CY_ASSERT(history->n_parties < history->room_parties);
        history->parties[history->n_parties++] = event->party;
    }
    history->tenures[history->n++] = cy_tenure_of(event);
    return true;
}

static cy_err history_in(struct cy_arena *arena, size_t events, uint32_t parties,
                         struct cy_history *history)
{
    *history = (struct cy_history){.room = events, .room_parties = parties};
    history->tenures = cy_arena_take(arena, (events + 1) * sizeof *history->tenures);
    history->parties = cy_arena_take(arena, ((size_t)parties + 1) * sizeof *history->parties);
    if (history->tenures == NULL || history->parties == NULL)
        return cy_fail(CY_E_NO_ROOM, events);
    return CY_OK;
}

static cy_err list_members(const struct cy_alliance *alliance, const struct cy_history *history,
                           const struct cy_as_of *as_of, struct cy_arena *arena,
                           struct cy_listed **list, size_t *n)
{
    const uint32_t parties = cy_alliance_ended(alliance, as_of) ? 0 : history->n_parties;
    struct cy_standing *standing = cy_arena_take(arena, (parties + 1) * sizeof *standing);

    *n = 0;
    *list = cy_arena_take(arena, (parties + 1) * sizeof **list);
    if (standing == NULL || *list == NULL)
        return cy_fail(CY_E_NO_ROOM, parties);
    cy_tenure_fold(history->tenures, parties == 0 ? 0 : history->n, as_of, parties, standing);
    for (uint32_t i = 0; i < parties; i++) {
        if (!cy_standing_belongs(&standing[i]))
            continue;
        (*list)[(*n)++] = (struct cy_listed){.party = history->parties[i],
                                             .ordinal = i + 1,
                                             .level = standing[i].level,
                                             .precision = standing[i].since_precision,
                                             .suspended = cy_standing_suspended(&standing[i]),
                                             .unsure = cy_standing_unsure(&standing[i], as_of->day),
                                             .since = standing[i].since};
    }
    return CY_OK;
}

size_t cy_alliance_list_room(size_t n_events)
{
    const size_t each = sizeof(struct cy_tenure) + sizeof(uint64_t) + sizeof(struct cy_standing) +
                        sizeof(struct cy_listed);

    return (n_events + 1) * each + (size_t)4 * 16;
}

cy_err cy_alliance_list_of(const struct cy_alliance *alliance, const struct cy_member_event *events,
                           size_t n_events, const struct cy_as_of *as_of, struct cy_arena *arena,
                           struct cy_listed **list, size_t *n)
{
    struct cy_history history;
    uint32_t parties = 0;

    for (size_t i = 0; i < n_events; i++)
        parties += events[i].ordinal == parties + 1;
    CY_TRY(history_in(arena, n_events, parties, &history));
    for (size_t i = 0; i < n_events; i++) {
        if (!cy_id_eq(&events[i].alliance, &alliance->id) || !cy_history_add(&history, &events[i]))
            return cy_fail(CY_E_EVENT_ORDER, i);
    }
    return list_members(alliance, &history, as_of, arena, list, n);
}

cy_err cy_alliance_list_in(const struct cy_world *world, const struct cy_id *alliance,
                           const struct cy_history *history, const struct cy_as_of *as_of,
                           struct cy_arena *arena, struct cy_listed **list, size_t *n)
{
    const struct cy_alliance *a = CY_GET(world, alliance, alliance);
    const struct cy_alliance_roll *roll = CY_GET(world, alliance_roll, alliance);

    if (a == NULL)
        return cy_fail(CY_E_NO_ALLIANCE, 0);
    CY_TRY(list_members(a, history, as_of, arena, list, n));
    if (roll->n_blocs == 0)
        return CY_OK; /* none ever was a member */
    for (size_t i = 0; i < *n; i++) {
        const struct cy_bloc *bloc = CY_GET(world, bloc, &(*list)[i].party);

        (*list)[i].bloc = bloc != NULL && bloc->said && bloc->accepted;
    }
    return CY_OK;
}

cy_err cy_alliance_list(const struct cy_world *world, const struct cy_id *alliance,
                        const struct cy_as_of *as_of, struct cy_arena *arena,
                        struct cy_listed **list, size_t *n)
{
    const struct cy_alliance_roll *roll = CY_GET(world, alliance_roll, alliance);
    struct cy_history history;

    *n = 0;
    if (roll == NULL)
        return cy_fail(CY_E_NO_ALLIANCE, 0);
    CY_TRY(history_in(arena, roll->n_events, roll->n_parties, &history));
    for (uint64_t i = 0; i < roll->n_events; i++) {
        if (!cy_history_add(&history, cy_alliance_event(world, alliance, i)))
            return cy_fail(CY_E_EVENT_ORDER, i);
    }
    return cy_alliance_list_in(world, alliance, &history, as_of, arena, list, n);
}

/* --- finding --- */

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

const struct cy_officer_act *cy_officer_trace(const struct cy_world *world,
                                              const struct cy_id *alliance,
                                              const struct cy_id *about, uint64_t *seq)
{
    struct cy_of_alliance key = {*alliance, *seq};
    const struct cy_officer_act *act = NULL;

    while ((act = CY_GET(world, officer_act, &key)) != NULL) {
        *seq = ++key.n;
        if (about == NULL || cy_id_eq(&act->about, about))
            return act;
    }
    return NULL;
}

/* --- rights --- */

cy_err cy_alliance_rights(struct cy_plan *plan, const struct cy_of_party *who, cy_time now,
                          struct cy_rights *rights)
{
    const struct cy_member *member = cy_member_read(plan, &who->alliance, &who->party);
    const struct cy_alliance *alliance = NULL;
    uint8_t level = 0;

    CY_TRY(cy_alliance_any(plan, &who->alliance, &alliance));
    if (!cy_member_belongs(member, now) || alliance->state != CY_alliance_state_LIVE)
        return cy_fail(CY_E_NOT_MEMBER, 0);
    level = member->level;
#define VALUE(FAMILY) cy_charter_value(plan, alliance, cy_charter_by_level(FAMILY, level))
    *rights = (struct cy_rights){.levy_ppm = VALUE(CY_CLAUSE_LEVY_FULL),
                                 .notice_ms = VALUE(CY_CLAUSE_LEAVE_FULL),
                                 .duty = VALUE(CY_CLAUSE_DUTY_FULL) != 0,
                                 .level = level,
                                 .state = cy_member_state(member, now)};
    if (rights->state == CY_member_state_ACTIVE)
        rights->vote = cy_alliance_voice(plan, alliance, level);
    if (!cy_member_suspended(member, now))
        rights->data = (uint8_t)VALUE(CY_CLAUSE_DATA_FULL);
#undef VALUE
    return CY_OK;
}

/* --- blocs --- */

struct expansion {
    const struct cy_world *world;
    const struct cy_as_of *as_of;
    struct cy_arena *arena;
    cy_expanded *visit;
    void *self;
};

static cy_err expand(const struct expansion *x, const struct cy_id *alliance,
                     const struct cy_id *via, unsigned depth)
{
    const size_t used = x->arena->used;
    struct cy_listed *list = NULL;
    size_t n = 0;
    cy_err err = CY_OK;

    if (depth > CY_BLOC_DEPTH + 1)
        return cy_fail(CY_E_TOO_DEEP, depth);
    CY_TRY(cy_alliance_list(x->world, alliance, x->as_of, x->arena, &list, &n));
    for (size_t i = 0; i < n && cy_ok(err); i++) {
        const struct cy_bloc *bloc = CY_GET(x->world, bloc, &list[i].party);

        if (list[i].bloc)
            err = expand(x, &bloc->alliance, &list[i].party, depth + 1);
        else
            x->visit(x->self, &list[i], via);
    }
    cy_arena_rewind(x->arena, used);
    return err;
}

cy_err cy_alliance_expand(const struct cy_world *world, const struct cy_id *alliance,
                          const struct cy_as_of *as_of, struct cy_arena *arena, cy_expanded *visit,
                          void *self)
{
    static const struct cy_id none;
    const struct expansion x = {world, as_of, arena, visit, self};

    return expand(&x, alliance, &none, 1);
}

/* --- partners --- */

const struct cy_id *cy_alliance_partner(const struct cy_world *world, const struct cy_id *party,
                                        uint8_t topic, uint32_t *i)
{
    const uint32_t count = cy_world_count(world, CY_R_partner_consent);

    while (*i < count) {
        const struct cy_partner_consent *c = cy_world_at(world, CY_R_partner_consent, (*i)++);
        const struct {
            struct cy_id from;
            struct cy_id to;
            uint64_t topic;
        } back = {c->to, c->from, topic};
        const struct cy_partner_consent *other = NULL;

        if (!c->given || c->topic != topic || !cy_id_eq(&c->from, party))
            continue;
        other = CY_GET(world, partner_consent, &back);
        if (other != NULL && other->given)
            return &c->to;
    }
    return NULL;
}

/* --- figures --- */

static void count_events(const struct cy_world *world, const struct cy_alliance *alliance,
                         cy_date from, cy_date to, struct cy_figures *figures)
{
    const struct cy_member_event *e = NULL;

    for (uint64_t seq = 0; (e = cy_alliance_event(world, &alliance->id, seq)) != NULL; seq++) {
        if (e->effective < from || e->effective > to)
            continue;
        switch (e->event) {
        case CY_membership_FOUND:
        case CY_membership_JOIN: figures->joined++; break;
        case CY_membership_EXIT: figures->left++; break;
        case CY_membership_EXPEL: figures->expelled++; break;
        case CY_membership_SUSPEND: figures->suspended++; break;
        default: break;
        }
    }
}

/* Heapsort: no recursion, no memory. */
static void sift(uint64_t *a, size_t root, size_t n)
{
    for (size_t child = 2 * root + 1; child < n; root = child, child = 2 * root + 1) {
        uint64_t swap = 0;

        if (child + 1 < n && a[child] < a[child + 1])
            child++;
        if (a[root] >= a[child])
            return;
        swap = a[root];
        a[root] = a[child];
        a[child] = swap;
    }
}

static uint64_t median(uint64_t *a, size_t n)
{
    for (size_t i = n / 2; i-- > 0;)
        sift(a, i, n);
    for (size_t last = n; last-- > 1;) {
        const uint64_t greatest = a[0];

        a[0] = a[last];
        a[last] = greatest;
        sift(a, 0, last);
    }
    return n == 0 ? 0 : a[(n - 1) / 2];
}

static cy_err count_motions(const struct cy_world *world, const struct cy_alliance *alliance,
                            cy_date from, cy_date to, struct cy_arena *arena,
                            struct cy_figures *figures)
{
    const uint32_t count = cy_world_count(world, CY_R_motion);
    const size_t used = arena->used;
    uint64_t *waits = cy_arena_take(arena, ((size_t)count + 1) * sizeof *waits);
    cy_u128 cast = 0, called = 0;

    if (waits == NULL)
        return cy_fail(CY_E_NO_ROOM, count);
    for (uint32_t i = 0; i < count; i++) {
        const struct cy_motion *m = cy_world_at(world, CY_R_motion, i);

        if (m->state == CY_motion_state_OPEN || !cy_id_eq(&m->alliance, &alliance->id) ||
            cy_time_date(m->decided) < from || cy_time_date(m->decided) > to)
            continue;
        waits[figures->motions++] = m->decided - m->opened;
        figures->failed += m->state == CY_motion_state_FAILED;
        cast += (cy_u128)m->yes + m->no + m->abstain;
        called += m->weight;
    }
    figures->carried = figures->motions - figures->failed;
    figures->turnout_ppm = called == 0 ? 0 : (uint64_t)(cast * 1000000 / called);
    figures->decision_ms_median = median(waits, figures->motions);
    cy_arena_rewind(arena, used);
    return CY_OK;
}

cy_err cy_alliance_figures(const struct cy_world *world, const struct cy_id *alliance, cy_date from,
                           cy_date to, struct cy_arena *arena, struct cy_figures *figures)
{
    const struct cy_as_of as_of = {to, UINT64_MAX};
    const struct cy_alliance *a = CY_GET(world, alliance, alliance);
    const size_t used = arena->used;
    struct cy_listed *list = NULL;
    size_t n = 0;

    *figures = (struct cy_figures){0};
    CY_TRY(cy_alliance_list(world, alliance, &as_of, arena, &list, &n));
    for (size_t i = 0; i < n; i++) {
        figures->full += list[i].level == CY_level_FULL;
        figures->associate += list[i].level == CY_level_ASSOCIATE;
        figures->observer += list[i].level == CY_level_OBSERVER;
    }
    cy_arena_rewind(arena, used);
    figures->age_days = to > a->founded ? to - a->founded : 0;
    figures->officer_acts = CY_GET(world, alliance_roll, alliance)->n_officer_acts;
    figures->versions = a->version;
    figures->cap_sleeps = n < cy_charter_value_in(world, a, CY_CLAUSE_CAP_MEMBERS);
    count_events(world, a, from, to, figures);
    return count_motions(world, a, from, to, arena, figures);
}
