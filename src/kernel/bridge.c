#include "kernel/bridge.h"

#include "crypto/ed25519.h"
#include "crypto/ics23.h"
#include "crypto/merkle.h"

struct numbered {
    struct cy_id realm;
    uint64_t number;
};

static const uint64_t the_canary = 1;

/* --- reading --- */

const struct cy_bridge *cy_bridge_of(struct cy_plan *plan, const struct cy_id *realm)
{
    return CY_READ(plan, bridge, realm);
}

const struct cy_bridge_line *cy_bridge_line_of(struct cy_plan *plan, const struct cy_id *realm)
{
    const struct cy_bridge_line *line = CY_READ(plan, bridge_line, realm);

    CY_ASSERT(line != NULL); /* opened together with the bridge */
    return line;
}

struct cy_id cy_bridge_party(const struct cy_id *realm)
{
    static const char domain[] = "comity-bridge";

    return cy_sha256_parts((const struct cy_span[]){cy_span_of(domain, sizeof domain - 1),
                                                    cy_span_of(realm->b, sizeof realm->b)},
                           2);
}

static bool silent(const struct cy_bridge *bridge, const struct cy_bridge_line *line, cy_time now)
{
    const cy_time heard = line->heard < line->heard_here ? line->heard : line->heard_here;

    return line->roots == 0 || (now > heard && now - heard > bridge->stale_ms);
}

/* Without the warning of the canary. */
static unsigned own_state(const struct cy_bridge *bridge, const struct cy_bridge_line *line,
                          cy_time now)
{
    if (bridge->state != CY_bridge_state_ACTIVE)
        return bridge->state;
    if (silent(bridge, line, now) || (bridge->until != 0 && now >= bridge->until))
        return CY_bridge_state_STALE;
    return CY_bridge_state_ACTIVE;
}

unsigned cy_bridge_now(struct cy_plan *plan, const struct cy_bridge *bridge, cy_time now)
{
    const unsigned state = own_state(bridge, cy_bridge_line_of(plan, &bridge->realm), now);
    const struct cy_canary *canary = CY_READ(plan, canary, &the_canary);
    const struct cy_bridge *its = NULL;

    if (state != CY_bridge_state_ACTIVE || canary == NULL ||
        cy_id_eq(&canary->realm, &bridge->realm))
        return state;
    its = cy_bridge_of(plan, &canary->realm);
    CY_ASSERT(its != NULL); /* a bridge is never removed */
    if (now < canary->until ||
        own_state(its, cy_bridge_line_of(plan, &its->realm), now) != CY_bridge_state_ACTIVE)
        return CY_bridge_state_STALE;
    return state;
}

unsigned cy_bridge_seen(const struct cy_world *world, const struct cy_bridge *bridge, cy_time now)
{
    const unsigned state = own_state(bridge, CY_GET(world, bridge_line, &bridge->realm), now);
    const struct cy_canary *canary = CY_GET(world, canary, &the_canary);
    const struct cy_bridge *its = NULL;

    if (state != CY_bridge_state_ACTIVE || canary == NULL ||
        cy_id_eq(&canary->realm, &bridge->realm))
        return state;
    its = CY_GET(world, bridge, &canary->realm);
    CY_ASSERT(its != NULL);
    if (now < canary->until ||
        own_state(its, CY_GET(world, bridge_line, &its->realm), now) != CY_bridge_state_ACTIVE)
        return CY_bridge_state_STALE;
    return state;
}

cy_err cy_bridge_pass(struct cy_plan *plan, const struct cy_id *realm, unsigned kind, cy_time now)
{
    const struct numbered key = {*realm, kind};
    const struct cy_bridge *bridge = cy_bridge_of(plan, realm);
    const struct cy_bridge_door *have = CY_READ(plan, bridge_door, &key);
    struct cy_bridge_door *door = NULL;
    unsigned state = 0;

    if (bridge == NULL)
        return cy_fail(CY_E_NO_BRIDGE, 0);
    state = cy_bridge_now(plan, bridge, now);
    if (state != CY_bridge_state_ACTIVE)
        return cy_fail(CY_E_BRIDGE_STILL, state);
    if (have == NULL || !have->open)
        return cy_fail(CY_E_BRIDGE_CLOSED, kind);
    if (have->packets_most != 0 && have->packets_used >= have->packets_most &&
        now - have->window_since < bridge->window_ms)
        return cy_fail(CY_E_BRIDGE_THROTTLE, 1);
    door = CY_EDIT(plan, bridge_door, &key);
    if (now - door->window_since >= bridge->window_ms) {
        door->window_since = now;
        door->packets_used = 0;
    }
    if (door->packets_used < UINT32_MAX)
        door->packets_used++;
    return CY_OK;
}

cy_err cy_bridge_root_of(struct cy_plan *plan, const struct cy_id *realm, uint64_t number,
                         const struct cy_bridge_root **root)
{
    const struct numbered key = {*realm, number % CY_BRIDGE_ROOTS};

    if (cy_bridge_of(plan, realm) == NULL)
        return cy_fail(CY_E_NO_BRIDGE, 0);
    *root = CY_READ(plan, bridge_root, &key);
    return *root != NULL && (*root)->number == number ? CY_OK : cy_fail(CY_E_ROOT_UNKNOWN, number);
}

cy_err cy_bridge_guard_of(struct cy_plan *plan, const struct cy_bridge *bridge,
                          const struct cy_id *passport, uint32_t *number)
{
    for (uint32_t i = 0; i < bridge->guards; i++) {
        const struct numbered key = {bridge->realm, i};
        const struct cy_bridge_guard *guard = CY_READ(plan, bridge_guard, &key);

        if (guard != NULL && cy_id_eq(&guard->passport, passport)) {
            *number = i;
            return CY_OK;
        }
    }
    return cy_fail(CY_E_NOT_GUARD, 0);
}

/* --- opening, gates and states: the operator --- */

static struct cy_id digest_of(struct cy_span text)
{
    return text.n == 0 ? (struct cy_id){0} : cy_sha256(text);
}

/* A trust that somebody's signature is needed for. */
static cy_err trust_holds(const struct cy_bridge_open *m)
{
    struct cy_quorum quorum;

    if (cy_id_none(&m->log_key) && m->policy.n == 0)
        return cy_fail(CY_E_BRIDGE_TERMS, 3);
    if (!cy_id_none(&m->log_key))
        CY_TRY(cy_ed25519_admit(&m->log_key));
    if (m->policy.n == 0)
        return CY_OK;
    CY_TRY(cy_quorum_read(m->policy, &quorum));
    return quorum.root == CY_QUORUM_NONE ? cy_fail(CY_E_BRIDGE_TERMS, 4) : CY_OK;
}

static cy_err terms_hold(const struct cy_ctx *ctx, struct cy_plan *plan,
                         const struct cy_bridge_open *m)
{
    if (cy_id_eq(&m->realm, &ctx->realm))
        return cy_fail(CY_E_BRIDGE_TERMS, 1);
    CY_TRY(trust_holds(m));
    for (uint32_t i = 0; i < m->n_gates; i++) {
        for (uint32_t k = 0; k < i; k++) {
            if (m->gates[k].kind == m->gates[i].kind)
                return cy_fail(CY_E_BRIDGE_TERMS, 5);
        }
    }
    if (m->until != 0 && m->until <= ctx->now)
        return cy_fail(CY_E_WRONG_TIME, 8);
    if (m->guards_need > m->n_guards || (m->guards_need == 0) != (m->n_guards == 0))
        return cy_fail(CY_E_BRIDGE_TERMS, 13);
    for (uint32_t i = 0; i < m->n_guards; i++) {
        const struct cy_passport *guard = NULL;

        CY_TRY(cy_identity_active(plan, &m->guards[i].passport, &guard));
        for (uint32_t k = 0; k < i; k++) {
            if (cy_id_eq(&m->guards[k].passport, &m->guards[i].passport))
                return cy_fail(CY_E_BRIDGE_TERMS, 12);
        }
    }
    return CY_OK;
}

static void set_door(struct cy_plan *plan, const struct cy_id *realm, unsigned kind, bool open,
                     uint32_t packets_most)
{
    const struct numbered key = {*realm, kind};
    struct cy_bridge_door *door = CY_EDIT(plan, bridge_door, &key);

    door->open = open;
    door->packets_most = packets_most;
}

static void set_guards(struct cy_plan *plan, const struct cy_bridge *old,
                       const struct cy_bridge_open *m)
{
    const uint32_t before = old == NULL ? 0 : old->guards;

    for (uint32_t i = 0; i < m->n_guards || i < before; i++) {
        const struct numbered key = {m->realm, i};

        if (i < m->n_guards)
            CY_EDIT(plan, bridge_guard, &key)->passport = m->guards[i].passport;
        else
            CY_REMOVE(plan, bridge_guard, &key);
    }
}

/* A canary that was this bridge is none any more when the new terms do not say so. */
static void set_canary(struct cy_plan *plan, const struct cy_bridge_open *m)
{
    const struct cy_canary *canary = CY_READ(plan, canary, &the_canary);

    if (m->canary)
        CY_EDIT(plan, canary, &the_canary)->realm = m->realm;
    else if (canary != NULL && cy_id_eq(&canary->realm, &m->realm))
        CY_REMOVE(plan, canary, &the_canary);
}

/* A realm that signed two histories begins anew: nothing that was forgotten may come again. */
static void begin_anew(struct cy_bridge_line *line)
{
    if (!line->forked)
        return;
    line->forked = false;
    line->size = 0;
    line->root = (struct cy_id){0};
    line->position = 0;
    line->heard = 0;
    line->receive_over = line->forgot_most;
    line->forget_root = line->roots + 1;
}

static cy_err open_bridge(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_bridge_open *m = message;
    const struct cy_bridge *old = cy_bridge_of(plan, &m->realm);
    struct cy_bridge *bridge = NULL;

    if (old != NULL && old->state != CY_bridge_state_SEVERED)
        return cy_fail(CY_E_BRIDGE_EXISTS, 1);
    if (CY_READ(plan, merged, &m->realm) != NULL)
        return cy_fail(CY_E_REALM_MERGED, 1); /* it goes on here */
    CY_TRY(terms_hold(ctx, plan, m));
    for (unsigned kind = CY_bridge_kind_SETTLEMENT; kind <= CY_bridge_kind_COMPUTE; kind++)
        set_door(plan, &m->realm, kind, false, 0);
    for (uint32_t i = 0; i < m->n_gates; i++)
        set_door(plan, &m->realm, m->gates[i].kind, m->gates[i].open, m->gates[i].packets_most);
    set_guards(plan, old, m);
    set_canary(plan, m);
    bridge = CY_EDIT(plan, bridge, &m->realm);
    bridge->name = m->name;
    bridge->log_key = m->log_key;
    bridge->policy = digest_of(m->policy);
    bridge->state = CY_bridge_state_ACTIVE;
    bridge->until = m->until;
    bridge->stale_ms = m->stale_ms;
    bridge->window_ms = m->window_ms;
    bridge->value_most = m->value_most;
    bridge->canary = m->canary;
    bridge->canary_ms = m->canary_ms;
    bridge->guards = (uint16_t)m->n_guards;
    bridge->guards_need = m->guards_need;
    bridge->list = m->list;
    bridge->list_age_ms = m->list_age_ms;
    bridge->since = ctx->now;
    bridge->turned = ctx->now;
    begin_anew(CY_EDIT(plan, bridge_line, &m->realm));
    return CY_OK;
}

/* Closing is allowed at any time; opening only while all is well. */
static cy_err may_open(struct cy_plan *plan)
{
    const struct cy_realm *realm = cy_realm_read(plan);

    return realm->breaker == CY_breaker_NORMAL ? CY_OK : cy_fail(CY_E_GATE_CLOSED, realm->breaker);
}

static cy_err gate(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_bridge_gate *m = message;

    (void)ctx;
    if (cy_bridge_of(plan, &m->realm) == NULL)
        return cy_fail(CY_E_NO_BRIDGE, 1);
    if (m->open)
        CY_TRY(may_open(plan));
    set_door(plan, &m->realm, m->kind, m->open, m->packets_most);
    return CY_OK;
}

/* The bridge stops, and when it is the canary, so do the others for a while. */
static void stop(struct cy_plan *plan, struct cy_bridge *bridge, unsigned state, cy_time now)
{
    const struct cy_canary *canary = CY_READ(plan, canary, &the_canary);

    bridge->state = (uint8_t)state;
    bridge->turned = now;
    if (canary != NULL && cy_id_eq(&canary->realm, &bridge->realm))
        CY_EDIT(plan, canary, &the_canary)->until = now + bridge->canary_ms;
}

static cy_err turn(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_bridge_turn *m = message;
    const struct cy_bridge *have = cy_bridge_of(plan, &m->realm);
    struct cy_bridge *bridge = NULL;

    if (have == NULL)
        return cy_fail(CY_E_NO_BRIDGE, 1);
    if (m->state == CY_bridge_state_STALE)
        return cy_fail(CY_E_BRIDGE_TERMS, 2); /* nobody says so: it follows from the times */
    if (have->state == CY_bridge_state_SEVERED && m->state != CY_bridge_state_SEVERED)
        return cy_fail(CY_E_BRIDGE_STILL, have->state); /* it is opened again, with its terms */
    if (m->state == CY_bridge_state_ACTIVE) {
        if (cy_bridge_line_of(plan, &m->realm)->forked)
            return cy_fail(CY_E_HEAD_FORKED, 0);
        CY_TRY(may_open(plan));
    }
    bridge = CY_EDIT(plan, bridge, &m->realm);
    if (m->state == CY_bridge_state_ACTIVE) {
        bridge->state = m->state;
        bridge->turned = ctx->now;
    } else {
        stop(plan, bridge, m->state, ctx->now);
    }
    return CY_OK;
}

/* --- what the foreign realm shows: anybody --- */

/* The trust that is pinned, with the policy's text given by who shows something. */
static cy_err trust_of(const struct cy_bridge *bridge, struct cy_span policy,
                       struct cy_foreign_trust *trust)
{
    const struct cy_id digest = digest_of(policy);

    if (!cy_id_eq(&digest, &bridge->policy))
        return cy_fail(CY_E_BRIDGE_TERMS, 3);
    *trust = (struct cy_foreign_trust){
        .origin = cy_name_text(&bridge->name), .log_key = bridge->log_key, .policy = policy};
    return CY_OK;
}

/* The head continues the one shown before. */
static cy_err continues(const struct cy_bridge_line *line, const struct cy_checkpoint *head,
                        struct cy_span consistency)
{
    struct cy_id path[CY_MERKLE_PATH_MAX + 1];
    uint32_t n = 0;

    if (line->size == 0)
        return CY_OK;
    if (head->size < line->size)
        return cy_fail(CY_E_HEAD_OLD, 2);
    if (head->size == line->size)
        return cy_id_eq(&head->root, &line->root) ? CY_OK : cy_fail(CY_E_HEAD_FORKED, 2);
    CY_TRY(cy_foreign_path(consistency, path, CY_COUNT(path), &n));
    return cy_merkle_consistency(line->size, &line->root, head->size, &head->root, path, n);
}

static void keep_root(const struct cy_ctx *ctx, struct cy_plan *plan, struct cy_bridge_line *line,
                      const struct cy_foreign_mark *mark, uint64_t position)
{
    const uint64_t number = line->roots + 1;
    const struct numbered key = {line->realm, number % CY_BRIDGE_ROOTS};
    struct cy_bridge_root *root = CY_EDIT(plan, bridge_root, &key);

    root->number = number;
    root->state_root = mark->state_root;
    root->at = mark->at;
    root->position = position;
    line->roots = number;
    line->position = position;
    line->heard = mark->at;
    line->heard_here = ctx->now;
}

static cy_err head(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_bridge_head *m = message;
    const struct cy_bridge *have = cy_bridge_of(plan, &m->realm);
    const struct cy_bridge_line *before = NULL;
    struct cy_bridge_line *line = NULL;
    struct cy_foreign_trust trust;
    struct cy_foreign_mark mark;
    struct cy_checkpoint checkpoint;

    if (have == NULL)
        return cy_fail(CY_E_NO_BRIDGE, 1);
    before = cy_bridge_line_of(plan, &m->realm);
    if (before->forked)
        return cy_fail(CY_E_HEAD_FORKED, 0);
    CY_TRY(trust_of(have, m->policy, &trust));
    CY_TRY(cy_foreign_mark_read(m->entry, &mark));
    if (before->size != 0 && (m->position <= before->position || mark.at < before->heard))
        return cy_fail(CY_E_HEAD_OLD, 5);
    CY_TRY(cy_foreign_head(m->note, &trust, &checkpoint));
    CY_TRY(continues(before, &checkpoint, m->consistency));
    CY_TRY(cy_foreign_entry(&checkpoint, m->entry, m->position, m->path));
    line = CY_EDIT(plan, bridge_line, &m->realm);
    line->size = checkpoint.size;
    line->root = checkpoint.root;
    keep_root(ctx, plan, line, &mark, m->position);
    return CY_OK;
}

/* The foreign realm's own record, proven under the newest root. */
static cy_err proven_realm(struct cy_plan *plan, const struct cy_bridge_follow *m,
                           const struct cy_bridge *bridge, struct cy_realm *out)
{
    const uint64_t one = 1;
    const struct cy_id key = cy_state_key(&cy_schema_realm, &one);
    const struct cy_bridge_root *root = NULL;
    _Alignas(16) uint8_t memory[16];
    struct cy_arena nothing = cy_arena_on(memory, sizeof memory); /* a record holds no lists */

    CY_TRY(cy_bridge_root_of(plan, &m->realm, m->root, &root));
    if (m->root != cy_bridge_line_of(plan, &m->realm)->roots)
        return cy_fail(CY_E_HEAD_OLD, 2); /* an older root would bring an older key back */
    CY_TRY(cy_ics23_verify_membership(&cy_ics23_tendermint, &root->state_root, m->proof,
                                      cy_span_of(key.b, sizeof key.b), m->value));
    CY_TRY(cy_decode(&cy_schema_realm, m->value, &nothing, out));
    if (!cy_id_eq(&out->id, &bridge->realm) ||
        !cy_span_eq(cy_name_text(&out->name), cy_name_text(&bridge->name)))
        return cy_fail(CY_E_OTHER_LOG, 0);
    return CY_OK;
}

static cy_err follow(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_bridge_follow *m = message;
    const struct cy_bridge *have = cy_bridge_of(plan, &m->realm);
    const bool keyed = have != NULL && !cy_id_none(&have->log_key);
    struct cy_bridge *bridge = NULL;
    struct cy_realm realm;

    (void)ctx;
    if (have == NULL)
        return cy_fail(CY_E_NO_BRIDGE, 1);
    if (cy_bridge_line_of(plan, &m->realm)->forked)
        return cy_fail(CY_E_HEAD_FORKED, 0);
    CY_TRY(proven_realm(plan, m, have, &realm));
    if (keyed ? cy_id_none(&realm.log_key) : cy_id_none(&realm.policy))
        return cy_fail(CY_E_BRIDGE_TERMS, 3); /* what kind of trust it is, the operator decides */
    bridge = CY_EDIT(plan, bridge, &m->realm);
    if (keyed)
        bridge->log_key = realm.log_key;
    else
        bridge->policy = realm.policy;
    return CY_OK;
}

static cy_err two_heads(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_bridge_fork *m = message;
    const struct cy_bridge *have = cy_bridge_of(plan, &m->realm);
    struct cy_bridge *bridge = NULL;
    const struct cy_bridge_line *line = NULL;
    struct cy_foreign_trust trust;
    struct cy_checkpoint one;
    struct cy_checkpoint other;

    if (have == NULL)
        return cy_fail(CY_E_NO_BRIDGE, 1);
    CY_TRY(trust_of(have, m->policy, &trust));
    CY_TRY(cy_foreign_head(m->one, &trust, &one));
    line = cy_bridge_line_of(plan, &m->realm);
    other = (struct cy_checkpoint){.size = line->size, .root = line->root};
    if (m->other.n > 0)
        CY_TRY(cy_foreign_head(m->other, &trust, &other));
    if (one.size != other.size || cy_id_eq(&one.root, &other.root))
        return cy_fail(CY_E_NOT_FORK, 0);
    bridge = CY_EDIT(plan, bridge, &m->realm);
    CY_EDIT(plan, bridge_line, &m->realm)->forked = true;
    if (bridge->state == CY_bridge_state_ACTIVE)
        stop(plan, bridge, CY_bridge_state_FROZEN, ctx->now);
    return CY_OK;
}

/* --- lists --- */

static cy_err publish(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_list_publish *m = message;
    const struct cy_list_head *old = CY_READ(plan, list_head, &m->list);
    struct cy_list_head *list = NULL;

    if (old != NULL && m->number <= old->number)
        return cy_fail(CY_E_RANGE, 2);
    list = CY_EDIT(plan, list_head, &m->list);
    list->number = m->number;
    list->digest = m->digest;
    list->since = ctx->now;
    return CY_OK;
}

static const struct cy_act_row acts[] = {
    {&cy_schema_bridge_open,   CY_WHO_OPERATOR, CY_RISK_HIGH,   CY_GATE_POWER,  false, 40, open_bridge},
    {&cy_schema_bridge_gate,   CY_WHO_OPERATOR, CY_RISK_HIGH,   CY_GATE_ALWAYS, false, 1,  gate       },
    {&cy_schema_bridge_turn,   CY_WHO_OPERATOR, CY_RISK_HIGH,   CY_GATE_ALWAYS, false, 2,  turn       },
    {&cy_schema_bridge_head,   CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_ALWAYS, false, 2,  head       },
    {&cy_schema_bridge_follow, CY_WHO_PASSPORT, CY_RISK_HIGH,   CY_GATE_ALWAYS, false, 1,  follow     },
    {&cy_schema_bridge_fork,   CY_WHO_PASSPORT, CY_RISK_HIGH,   CY_GATE_ALWAYS, false, 3,  two_heads  },
    {&cy_schema_list_publish,  CY_WHO_OPERATOR, CY_RISK_MEDIUM, CY_GATE_ALWAYS, false, 1,  publish    },
};

static const struct cy_table_spec tables[] = {
    {&cy_schema_bridge,       256,                   false},
    {&cy_schema_bridge_line,  256,                   false},
    {&cy_schema_bridge_door,  256 * 4,               false},
    {&cy_schema_bridge_root,  256 * CY_BRIDGE_ROOTS, false},
    {&cy_schema_bridge_guard, 256 * 16,              false},
    {&cy_schema_canary,       1,                     false},
    {&cy_schema_list_head,    256,                   false},
};

const struct cy_institution cy_bridges = {
    .name = "bridge",
    .purpose = "what is believed of foreign realms, and what may cross",
    .acts = acts,
    .n_acts = CY_COUNT(acts),
    .tables = tables,
    .n_tables = CY_COUNT(tables),
};
