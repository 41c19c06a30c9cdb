#include "sim/sim_cross.h"

#include "kernel/packet.h"

#include <stdlib.h>

enum fate { UNSEEN, DONE, REFUSED, FORGOTTEN };

/* A packet from one realm to another, by its sequence. */
struct crossing {
    bool open;
    bool closed;
    bool closed_unseen; /* and there was no receipt then */
    bool must_end;
    enum fate receipt;
    uint64_t mark; /* of the look in which it was found */
    uint64_t receipt_mark;
};

/* From one realm to another: the bridge as the one sees it, and its packets. */
struct way {
    unsigned state; /* 0: there was none */
    bool stale;
    bool forked;
    struct cy_id policy;
    struct crossing *packets;
    uint64_t n; /* sequences are below */
};

struct cy_sim_cross {
    struct cy_sim_scene *scene;
    struct way ways[CY_SIM_REALMS_MAX][CY_SIM_REALMS_MAX];
    uint64_t mark;
};

struct sequenced {
    struct cy_id realm;
    uint64_t sequence;
};

struct cy_sim_cross *cy_sim_cross_new(struct cy_sim_scene *scene)
{
    struct cy_sim_cross *cross = calloc(1, sizeof *cross);

    CY_ASSERT(cross != NULL);
    cross->scene = scene;
    return cross;
}

void cy_sim_cross_free(struct cy_sim_cross *cross)
{
    if (cross == NULL)
        return;
    for (uint32_t a = 0; a < CY_SIM_REALMS_MAX; a++) {
        for (uint32_t b = 0; b < CY_SIM_REALMS_MAX; b++)
            free(cross->ways[a][b].packets);
    }
    free(cross);
}

static uint32_t realm_of(const struct cy_sim_cross *cross, const struct cy_id *id)
{
    uint32_t r = 0;

    while (r < cross->scene->plan->realms && !cy_id_eq(&cross->scene->realms[r].ledger.id, id))
        r++;
    return r;
}

static void count(struct cy_sim_cross *cross, enum cy_sim_passage passage)
{
    cross->scene->figures.passages[passage]++;
}

/* Whether the newest world of a realm was looked at. */
static bool current(const struct cy_sim_cross *cross, uint32_t realm)
{
    const struct cy_sim_realm *at = &cross->scene->realms[realm];

    return at->seen == cy_sim_book_height(at->book);
}

static struct crossing *crossing_of(struct way *way, uint64_t sequence)
{
    if (sequence >= way->n) {
        const uint64_t n = sequence * 2 + 16;

        way->packets = realloc(way->packets, n * sizeof *way->packets);
        CY_ASSERT(way->packets != NULL);
        memset(way->packets + way->n, 0, (n - way->n) * sizeof *way->packets);
        way->n = n;
    }
    return &way->packets[sequence];
}

/* --- bridges --- */

static void look_bridge(struct cy_sim_cross *cross, const struct cy_world *world,
                        const struct cy_bridge *bridge, struct way *way)
{
    static const struct {
        unsigned from;
        unsigned to;
        enum cy_sim_passage passage;
    } turns[] = {
        {0,                       CY_bridge_state_ACTIVE,  CY_SIM_PASSAGE_BRIDGE_OPENED  },
        {CY_bridge_state_ACTIVE,  CY_bridge_state_FROZEN,  CY_SIM_PASSAGE_BRIDGE_FROZEN  },
        {CY_bridge_state_FROZEN,  CY_bridge_state_ACTIVE,  CY_SIM_PASSAGE_BRIDGE_THAWED  },
        {CY_bridge_state_ACTIVE,  CY_bridge_state_SEVERED, CY_SIM_PASSAGE_BRIDGE_SEVERED },
        {CY_bridge_state_FROZEN,  CY_bridge_state_SEVERED, CY_SIM_PASSAGE_BRIDGE_CUT     },
        {CY_bridge_state_SEVERED, CY_bridge_state_ACTIVE,  CY_SIM_PASSAGE_BRIDGE_REOPENED},
    };
    const struct cy_realm *realm = CY_GET(world, realm, &(uint64_t){1});
    const struct cy_bridge_line *line = CY_GET(world, bridge_line, &bridge->realm);
    const bool stale = bridge->state == CY_bridge_state_ACTIVE &&
                       cy_bridge_seen(world, bridge, realm->now) == CY_bridge_state_STALE;

    for (size_t i = 0; i < CY_COUNT(turns); i++) {
        if (way->state == turns[i].from && bridge->state == turns[i].to)
            count(cross, turns[i].passage);
    }
    if (stale != way->stale)
        count(cross, stale ? CY_SIM_PASSAGE_BRIDGE_STALE : CY_SIM_PASSAGE_BRIDGE_FRESH);
    if (line->forked && !way->forked)
        count(cross, CY_SIM_PASSAGE_BRIDGE_FORKED);
    if (way->state == bridge->state && !cy_id_eq(&way->policy, &bridge->policy))
        count(cross, CY_SIM_PASSAGE_BRIDGE_FOLLOWED);
    way->state = bridge->state;
    way->stale = stale;
    way->forked = line->forked;
    way->policy = bridge->policy;
}

/* --- packets --- */

static void count_sent(struct cy_sim_cross *cross, const struct cy_world *world,
                       const struct cy_packet_out *out)
{
    const struct sequenced key = {out->destination, out->sequence};
    const struct cy_packet_way *way = CY_GET(world, packet_way, &key);

    cross->scene->figures.crossings++;
    count(cross, CY_SIM_PASSAGE_PACKET_SENT);
    if (out->kind != CY_bridge_kind_SETTLEMENT)
        count(cross, CY_SIM_PASSAGE_PACKET_DATA);
    else if (cy_id_eq(&out->home, &out->destination))
        count(cross, CY_SIM_PASSAGE_PACKET_HOME);
    if (way != NULL && way->passed > 0)
        count(cross, CY_SIM_PASSAGE_PACKET_ONWARD);
    else if (out->timeout == 0)
        count(cross, CY_SIM_PASSAGE_PACKET_BACK);
}

static void look_out(struct cy_sim_cross *cross, uint32_t realm, const struct cy_world *world)
{
    for (uint32_t i = 0; i < cy_world_count(world, CY_R_packet_out); i++) {
        const struct cy_packet_out *out = cy_world_at(world, CY_R_packet_out, i);
        const uint32_t to = realm_of(cross, &out->destination);
        struct crossing *crossing = NULL;

        if (to == cross->scene->plan->realms)
            continue;
        crossing = crossing_of(&cross->ways[realm][to], out->sequence);
        if (!crossing->open)
            count_sent(cross, world, out);
        crossing->open = true;
        crossing->mark = cross->mark;
    }
}

static void look_closed(struct cy_sim_cross *cross, uint32_t to, struct way *way)
{
    for (uint64_t i = 0; i < way->n; i++) {
        struct crossing *crossing = &way->packets[i];

        if (!crossing->open || crossing->closed || crossing->mark == cross->mark)
            continue;
        crossing->closed = true;
        crossing->must_end = false;
        crossing->closed_unseen = crossing->receipt == UNSEEN && current(cross, to);
        count(cross, crossing->receipt == DONE      ? CY_SIM_PASSAGE_PACKET_ACKED
                     : crossing->receipt == REFUSED ? CY_SIM_PASSAGE_PACKET_RETURNED
                                                    : CY_SIM_PASSAGE_PACKET_TIMED_OUT);
    }
}

static const char *look_receipt(struct cy_sim_cross *cross, struct crossing *crossing,
                                const struct cy_packet_receipt *receipt)
{
    const bool done = receipt->outcome == CY_packet_outcome_DONE;

    crossing->receipt_mark = cross->mark;
    if (crossing->receipt == FORGOTTEN)
        return "a packet was received twice";
    if (crossing->receipt != UNSEEN)
        return crossing->receipt == (done ? DONE : REFUSED) ? NULL : "a receipt changed its mind";
    crossing->receipt = done ? DONE : REFUSED;
    count(cross, done ? CY_SIM_PASSAGE_PACKET_DONE : CY_SIM_PASSAGE_PACKET_REFUSED);
    return crossing->closed_unseen && done ? "a packet was received after it had been returned"
                                           : NULL;
}

static const char *look_in(struct cy_sim_cross *cross, uint32_t realm, const struct cy_world *world)
{
    for (uint32_t i = 0; i < cy_world_count(world, CY_R_packet_receipt); i++) {
        const struct cy_packet_receipt *receipt = cy_world_at(world, CY_R_packet_receipt, i);
        const uint32_t from = realm_of(cross, &receipt->source);
        const char *wrong = NULL;

        if (from == cross->scene->plan->realms)
            continue;
        wrong =
            look_receipt(cross, crossing_of(&cross->ways[from][realm], receipt->sequence), receipt);
        if (wrong != NULL)
            return wrong;
    }
    for (uint32_t from = 0; from < cross->scene->plan->realms; from++) {
        struct way *way = &cross->ways[from][realm];

        for (uint64_t i = 0; i < way->n; i++) {
            struct crossing *crossing = &way->packets[i];

            if ((crossing->receipt != DONE && crossing->receipt != REFUSED) ||
                crossing->receipt_mark == cross->mark)
                continue;
            crossing->receipt = FORGOTTEN;
            count(cross, CY_SIM_PASSAGE_PACKET_FORGOTTEN);
            if (!crossing->closed && current(cross, from))
                return "a receipt was forgotten before its packet was closed";
        }
    }
    return NULL;
}

/* --- the sums --- */

struct scale {
    struct cy_sim_cross *cross;
    const struct cy_world *home;
    const struct cy_world *abroad;
    const struct cy_id *home_id;
    const struct cy_id *abroad_id;
};

static bool received(const struct cy_world *world, const struct cy_id *from, uint64_t sequence)
{
    const struct sequenced key = {*from, sequence};
    const struct cy_packet_receipt *receipt = CY_GET(world, packet_receipt, &key);

    return receipt != NULL && receipt->outcome == CY_packet_outcome_DONE;
}

/* What open packets of one realm to the other hold of an asset at home in `home`: all, or those
 * that were received, or those that were not. */
static cy_u128 under_way(const struct cy_world *from, const struct cy_id *from_id,
                         const struct cy_world *to, const struct cy_id *to_id,
                         const struct cy_id *home, const struct cy_id *asset, bool want_received,
                         cy_u128 *all)
{
    cy_u128 sum = 0;

    *all = 0;
    for (uint32_t i = 0; i < cy_world_count(from, CY_R_packet_out); i++) {
        const struct cy_packet_out *out = cy_world_at(from, CY_R_packet_out, i);

        if (out->kind != CY_bridge_kind_SETTLEMENT || !cy_id_eq(&out->destination, to_id) ||
            !cy_id_eq(&out->home, home) || !cy_id_eq(&out->asset, asset))
            continue;
        *all += out->amount;
        if (received(to, from_id, out->sequence) == want_received)
            sum += out->amount;
    }
    return sum;
}

static const char *weigh_asset(const struct scale *s, const struct cy_bridge_asset *on)
{
    const struct cy_id party = cy_bridge_party(s->abroad_id);
    const struct cy_id account = cy_account_id(&party, &on->asset, 0);
    const struct cy_id voucher = cy_voucher_id(s->home_id, &on->asset);
    const struct cy_account *escrow = CY_GET(s->home, account, &account);
    const struct cy_asset *vouchers = CY_GET(s->abroad, asset, &voucher);
    cy_u128 out = 0;
    cy_u128 back = 0;
    const cy_u128 there =
        under_way(s->home, s->home_id, s->abroad, s->abroad_id, s->home_id, &on->asset, true, &out);
    const cy_u128 not_back = under_way(s->abroad, s->abroad_id, s->home, s->home_id, s->home_id,
                                       &on->asset, false, &back);
    const cy_u128 stood_for = on->abroad + there;
    const cy_u128 issued = (vouchers == NULL ? 0 : vouchers->issued) + not_back;

    if (on->in_flight != out)
        return "what a bridge has in flight is not what its open packets hold";
    if ((escrow == NULL ? 0 : escrow->held) != on->in_flight + on->abroad)
        return "escrow does not hold what is in flight and abroad";
    if (issued > stood_for)
        return "there are more vouchers than escrow stands for";
    return issued < stood_for ? "units are in escrow for which there is nothing abroad" : NULL;
}

static const char *weigh_pair(const struct scale *s)
{
    for (uint32_t i = 0; i < cy_world_count(s->home, CY_R_bridge_asset); i++) {
        const struct cy_bridge_asset *on = cy_world_at(s->home, CY_R_bridge_asset, i);
        const char *wrong = NULL;

        if (!cy_id_eq(&on->realm, s->abroad_id) || !cy_id_none(&on->abroad_asset))
            continue;
        wrong = weigh_asset(s, on);
        if (wrong != NULL)
            return wrong;
    }
    return NULL;
}

static const char *weigh(struct cy_sim_cross *cross)
{
    struct cy_sim_scene *scene = cross->scene;
    const struct cy_world *worlds[CY_SIM_REALMS_MAX] = {NULL};

    for (uint32_t r = 0; r < scene->plan->realms; r++) {
        struct cy_sim_seat *seat = cy_scene_newest(scene, r);

        if (seat == NULL)
            return NULL; /* another time */
        worlds[r] = cy_scene_world(seat);
    }
    scene->figures.weighed++;
    for (uint32_t a = 0; a < scene->plan->realms; a++) {
        for (uint32_t b = 0; b < scene->plan->realms; b++) {
            const struct scale scale = {cross, worlds[a], worlds[b], &scene->realms[a].ledger.id,
                                        &scene->realms[b].ledger.id};
            const char *wrong = a == b ? NULL : weigh_pair(&scale);

            if (wrong != NULL)
                return wrong;
        }
    }
    return NULL;
}

const char *cy_sim_cross_look(struct cy_sim_cross *cross, uint32_t realm,
                              const struct cy_world *world)
{
    const char *wrong = NULL;

    if (cross->scene->plan->realms < 2)
        return NULL;
    cross->mark++;
    for (uint32_t other = 0; other < cross->scene->plan->realms; other++) {
        const struct cy_bridge *bridge =
            CY_GET(world, bridge, &cross->scene->realms[other].ledger.id);

        if (bridge != NULL)
            look_bridge(cross, world, bridge, &cross->ways[realm][other]);
    }
    look_out(cross, realm, world);
    for (uint32_t other = 0; other < cross->scene->plan->realms; other++)
        look_closed(cross, other, &cross->ways[realm][other]);
    wrong = look_in(cross, realm, world);
    return wrong != NULL ? wrong : weigh(cross);
}

/* --- liveness --- */

void cy_sim_cross_calm(struct cy_sim_cross *cross)
{
    for (uint32_t a = 0; a < CY_SIM_REALMS_MAX; a++) {
        for (uint32_t b = 0; b < CY_SIM_REALMS_MAX; b++) {
            struct way *way = &cross->ways[a][b];

            for (uint64_t i = 0; i < way->n; i++)
                way->packets[i].must_end = way->packets[i].open && !way->packets[i].closed;
        }
    }
}

bool cy_sim_cross_ended(const struct cy_sim_cross *cross)
{
    for (uint32_t a = 0; a < CY_SIM_REALMS_MAX; a++) {
        for (uint32_t b = 0; b < CY_SIM_REALMS_MAX; b++) {
            const struct way *way = &cross->ways[a][b];

            for (uint64_t i = 0; i < way->n; i++) {
                if (way->packets[i].must_end)
                    return false;
            }
        }
    }
    return true;
}
