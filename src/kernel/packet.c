#include "kernel/packet.h"

struct sequenced {
    struct cy_id realm;
    uint64_t sequence;
};

struct blob_key {
    struct cy_id realm;
    struct cy_id blob;
};

/* --- the packet and its records --- */

void cy_packet_of(const struct cy_id *source, const struct cy_packet_out *out,
                  const struct cy_packet_way *way, struct cy_bridge_packet *packet)
{
    *packet = (struct cy_bridge_packet){
        .kind = out->kind,
        .source = *source,
        .destination = out->destination,
        .sequence = out->sequence,
        .timeout = out->timeout,
        .sender = out->sender,
        .receiver = out->receiver,
        .list = out->list,
        .list_number = out->list_number,
        .list_at = out->list_at,
        .list_digest = out->list_digest,
        .home = out->home,
        .asset = out->asset,
        .code = out->code,
        .scale = out->scale,
        .amount = out->amount,
        .reference = out->reference,
        .blob = out->blob,
        .bytes = out->bytes,
        .terms = out->terms,
    };
    if (way == NULL)
        return;
    packet->n_hops = (uint32_t)way->hops;
    packet->hops[0] = way->hop_0;
    packet->hops[1] = way->hop_1;
    packet->hops[2] = way->hop_2;
    packet->hops[3] = way->hop_3;
    packet->n_passed = (uint32_t)way->passed;
    packet->passed[0] = way->passed_0;
    packet->passed[1] = way->passed_1;
    packet->passed[2] = way->passed_2;
    packet->passed[3] = way->passed_3;
}

static void fill_out(const struct cy_bridge_packet *packet, struct cy_packet_out *out)
{
    out->kind = packet->kind;
    out->sender = packet->sender;
    out->receiver = packet->receiver;
    out->timeout = packet->timeout;
    out->list = packet->list;
    out->list_number = packet->list_number;
    out->list_at = packet->list_at;
    out->list_digest = packet->list_digest;
    out->home = packet->home;
    out->asset = packet->asset;
    out->code = packet->code;
    out->scale = packet->scale;
    out->amount = packet->amount;
    out->reference = packet->reference;
    out->blob = packet->blob;
    out->bytes = packet->bytes;
    out->terms = packet->terms;
}

static void fill_way(const struct cy_bridge_packet *packet, struct cy_packet_way *way)
{
    way->hops = packet->n_hops;
    way->hop_0 = packet->hops[0];
    way->hop_1 = packet->hops[1];
    way->hop_2 = packet->hops[2];
    way->hop_3 = packet->hops[3];
    way->passed = packet->n_passed;
    way->passed_0 = packet->passed[0];
    way->passed_1 = packet->passed[1];
    way->passed_2 = packet->passed[2];
    way->passed_3 = packet->passed[3];
}

/* Gives the packet, which passed the bridge, its number and the list head that the bridge carries,
 * and commits it; account is where its units came from. Touches four records. */
static void commit(const struct cy_ctx *ctx, struct cy_plan *plan, struct cy_bridge_packet *packet,
                   const struct cy_id *account)
{
    const struct cy_bridge *bridge = cy_bridge_of(plan, &packet->destination);
    struct cy_bridge_line *line = CY_EDIT(plan, bridge_line, &packet->destination);
    const struct cy_list_head *list =
        bridge->list.n > 0 ? CY_READ(plan, list_head, &bridge->list) : NULL;
    struct sequenced key;
    struct cy_packet_out *out = NULL;

    packet->source = ctx->realm;
    packet->sequence = ++line->sent;
    line->open++;
    if (list != NULL) {
        packet->list = list->list;
        packet->list_number = list->number;
        packet->list_at = list->since;
        packet->list_digest = list->digest;
    }
    key = (struct sequenced){packet->destination, packet->sequence};
    out = CY_EDIT(plan, packet_out, &key);
    fill_out(packet, out);
    out->account = *account;
    out->since = ctx->now;
    out->realms = (uint8_t)(packet->n_hops + packet->n_passed);
    if (out->realms > 0)
        fill_way(packet, CY_EDIT(plan, packet_way, &key));
    CY_EDIT(plan, packet_sent, &key)->digest = cy_packet_digest(packet);
}

/* --- send --- */

static cy_err fields_fit(const struct cy_packet_send *m)
{
    const bool settles = m->kind == CY_bridge_kind_SETTLEMENT;

    if (m->kind == CY_bridge_kind_RECOGNITION)
        return cy_fail(CY_E_PACKET_FIELDS, 2); /* proven by the passport's own record */
    if (settles != !cy_id_none(&m->account))
        return cy_fail(CY_E_PACKET_FIELDS, 4);
    if (settles != (m->amount != 0))
        return cy_fail(CY_E_PACKET_FIELDS, 5);
    if (settles == !cy_id_none(&m->blob))
        return cy_fail(CY_E_PACKET_FIELDS, 8);
    if (settles && m->terms.n > 0)
        return cy_fail(CY_E_PACKET_FIELDS, 9);
    return !settles && m->n_hops > 0 ? cy_fail(CY_E_PACKET_FIELDS, 10) : CY_OK;
}

static cy_err share(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_packet_send *m,
                    struct cy_bridge_packet *packet)
{
    const struct cy_blob *blob = CY_READ(plan, blob, &m->blob);

    if (blob == NULL)
        return cy_fail(CY_E_NO_NOUN, 8);
    if (!cy_id_eq(&blob->owner, &ctx->author))
        return cy_fail(CY_E_NOT_OWNER, 8);
    if (blob->state != CY_blob_state_HELD)
        return cy_fail(CY_E_ERASED, 8);
    packet->blob = m->blob;
    packet->bytes = blob->bytes;
    packet->terms = m->terms.n > 0 ? m->terms : blob->licence;
    return CY_OK;
}

static cy_err pay_out(const struct cy_ctx *ctx, struct cy_plan *plan,
                      const struct cy_packet_send *m, struct cy_bridge_packet *packet)
{
    const struct cy_account *account = CY_READ(plan, account, &m->account);

    if (account == NULL)
        return cy_fail(CY_E_NO_NOUN, 4);
    if (!cy_id_eq(&account->owner, &ctx->author))
        return cy_fail(CY_E_NOT_OWNER, 4);
    if (account->balance < m->amount)
        return cy_fail(CY_E_INSUFFICIENT, 5);
    CY_TRY(cy_constraint_spend(ctx, plan, &account->asset, m->amount));
    return cy_voucher_depart(ctx, plan, &m->realm, &m->account, m->amount, packet);
}

static cy_err send(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_packet_send *m = message;
    const struct cy_bridge *bridge = cy_bridge_of(plan, &m->realm);
    struct cy_bridge_packet packet = {.kind = m->kind,
                                      .destination = m->realm,
                                      .timeout = m->timeout,
                                      .sender = ctx->author,
                                      .receiver = m->receiver,
                                      .n_hops = m->n_hops,
                                      .reference = m->reference};
    cy_time heard = 0;

    CY_TRY(fields_fit(m));
    if (bridge == NULL)
        return cy_fail(CY_E_NO_BRIDGE, 1);
    heard = cy_bridge_line_of(plan, &m->realm)->heard;
    if (m->timeout <= heard && (m->timeout != 0 || m->kind == CY_bridge_kind_SETTLEMENT))
        return cy_fail(CY_E_WRONG_TIME, 6); /* over already, or units that might never return */
    for (uint32_t i = 0; i < m->n_hops; i++)
        packet.hops[i] = m->hops[i].realm;
    CY_TRY(cy_bridge_pass(plan, &m->realm, m->kind, ctx->now));
    if (m->kind == CY_bridge_kind_SETTLEMENT)
        CY_TRY(pay_out(ctx, plan, m, &packet));
    else
        CY_TRY(share(ctx, plan, m, &packet));
    commit(ctx, plan, &packet, &m->account);
    return CY_OK;
}

/* --- receive --- */

/* From now on no packet and no absence counts that is proven under an older root: a packet that was
 * closed since stands there still, and one that was sent since does not yet. */
static void no_older_root(struct cy_plan *plan, const struct cy_id *realm, uint64_t root)
{
    struct cy_bridge_line *line = CY_EDIT(plan, bridge_line, realm);

    if (line->forget_root < root)
        line->forget_root = root;
}

/* The list head that this bridge asks for is there, not older than one seen before, and not too
 * old. */
static cy_err list_holds(struct cy_plan *plan, const struct cy_bridge_packet *packet, cy_time now)
{
    const struct cy_bridge *bridge = cy_bridge_of(plan, &packet->source);

    if (bridge->list.n == 0)
        return CY_OK;
    if (!cy_label_eq(&packet->list, &bridge->list) ||
        packet->list_number < cy_bridge_line_of(plan, &packet->source)->list_number)
        return cy_fail(CY_E_LIST_STALE, 1);
    if (bridge->list_age_ms != 0 && now > packet->list_at &&
        now - packet->list_at > bridge->list_age_ms)
        return cy_fail(CY_E_LIST_STALE, 2);
    CY_EDIT(plan, bridge_line, &packet->source)->list_number = packet->list_number;
    return CY_OK;
}

/* The packet is from that realm to this one, in time, new, and committed there. */
static cy_err holds(const struct cy_ctx *ctx, struct cy_plan *plan,
                    const struct cy_packet_receive *m, const struct cy_bridge_packet *packet)
{
    const struct sequenced key = {m->realm, packet->sequence};
    const struct cy_bridge_line *line = NULL;
    const struct cy_bridge_root *root = NULL;
    struct cy_packet_sent committed = {.destination = ctx->realm, .sequence = packet->sequence};

    if (cy_bridge_of(plan, &m->realm) == NULL)
        return cy_fail(CY_E_NO_BRIDGE, 1);
    line = cy_bridge_line_of(plan, &m->realm);
    if (!cy_id_eq(&packet->source, &m->realm))
        return cy_fail(CY_E_PACKET_OTHER, 1);
    if (!cy_id_eq(&packet->destination, &ctx->realm))
        return cy_fail(CY_E_PACKET_OTHER, 2);
    if (packet->timeout != 0 && ctx->now >= packet->timeout)
        return cy_fail(CY_E_PACKET_LATE, 0);
    if (CY_READ(plan, packet_receipt, &key) != NULL || packet->sequence <= line->receive_over)
        return cy_fail(CY_E_PACKET_CLOSED, 0);
    CY_TRY(cy_bridge_root_of(plan, &m->realm, m->root, &root));
    if (m->root < line->forget_root)
        return cy_fail(CY_E_ROOT_UNKNOWN, m->root); /* it may show what was closed since */
    committed.digest = cy_packet_digest(packet);
    return cy_foreign_record(&root->state_root, &cy_schema_packet_sent, &committed, m->proof);
}

/* Whether what is asked can ever be done here. */
static cy_err can_be_done(const struct cy_ctx *ctx, struct cy_plan *plan,
                          const struct cy_bridge_packet *packet)
{
    const struct cy_passport *receiver = NULL;

    if (packet->kind == CY_bridge_kind_SETTLEMENT)
        CY_TRY(cy_voucher_fits(ctx, plan, packet));
    if (packet->n_hops > 0) {
        if (packet->kind != CY_bridge_kind_SETTLEMENT)
            return cy_fail(CY_E_PACKET_FIELDS, 10);
        if (packet->n_hops + packet->n_passed > CY_BRIDGE_HOPS_MAX)
            return cy_fail(CY_E_PACKET_FIELDS, 10);
        return cy_bridge_of(plan, &packet->hops[0]) != NULL ? CY_OK : cy_fail(CY_E_NO_BRIDGE, 10);
    }
    if (packet->kind == CY_bridge_kind_RECOGNITION)
        return cy_fail(CY_E_PACKET_FIELDS, 2);
    return cy_identity_active(plan, &packet->receiver, &receiver);
}

/* Units that only pass through: received by the bridge's party and sent on at once. */
static cy_err send_on(const struct cy_ctx *ctx, struct cy_plan *plan,
                      const struct cy_bridge_packet *packet)
{
    const struct cy_id party = cy_bridge_party(&packet->source);
    struct cy_id account;
    struct cy_bridge_packet next = {.kind = packet->kind,
                                    .destination = packet->hops[0],
                                    .timeout = packet->timeout,
                                    .sender = packet->sender,
                                    .receiver = packet->receiver,
                                    .n_hops = packet->n_hops - 1,
                                    .n_passed = packet->n_passed + 1,
                                    .reference = packet->reference};

    for (uint32_t i = 0; i < next.n_hops; i++)
        next.hops[i] = packet->hops[i + 1];
    memcpy(next.passed, packet->passed, sizeof next.passed);
    next.passed[packet->n_passed] = packet->source;
    CY_TRY(cy_voucher_arrive(ctx, plan, packet, &party, &account));
    CY_TRY(cy_bridge_pass(plan, &next.destination, next.kind, ctx->now));
    CY_TRY(cy_voucher_depart(ctx, plan, &next.destination, &account, packet->amount, &next));
    commit(ctx, plan, &next, &account);
    return CY_OK;
}

static void note_shared(const struct cy_ctx *ctx, struct cy_plan *plan,
                        const struct cy_bridge_packet *packet)
{
    const struct blob_key key = {packet->source, packet->blob};
    struct cy_shared *shared = CY_EDIT(plan, shared, &key);

    shared->kind = packet->kind;
    shared->owner = packet->sender;
    shared->receiver = packet->receiver;
    shared->bytes = packet->bytes;
    shared->terms = packet->terms;
    shared->since = ctx->now;
}

static cy_err carry_out(const struct cy_ctx *ctx, struct cy_plan *plan,
                        const struct cy_bridge_packet *packet)
{
    struct cy_id account;

    if (packet->kind != CY_bridge_kind_SETTLEMENT) {
        note_shared(ctx, plan, packet);
        return CY_OK;
    }
    if (packet->n_hops > 0)
        return send_on(ctx, plan, packet);
    return cy_voucher_arrive(ctx, plan, packet, &packet->receiver, &account);
}

static cy_err receive(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_packet_receive *m = message;
    struct cy_bridge_packet packet;
    struct cy_packet_receipt *receipt = NULL;
    struct sequenced key;
    cy_err can = CY_OK;

    CY_TRY(cy_bridge_packet_read(m->packet, &packet));
    CY_TRY(holds(ctx, plan, m, &packet));
    CY_TRY(cy_bridge_pass(plan, &m->realm, packet.kind, ctx->now));
    CY_TRY(list_holds(plan, &packet, ctx->now));
    no_older_root(plan, &m->realm, m->root);
    can = can_be_done(ctx, plan, &packet);
    if (cy_ok(can))
        CY_TRY(carry_out(ctx, plan, &packet));
    key = (struct sequenced){m->realm, packet.sequence};
    receipt = CY_EDIT(plan, packet_receipt, &key);
    receipt->digest = cy_packet_digest(&packet);
    receipt->outcome = cy_ok(can) ? CY_packet_outcome_DONE : CY_packet_outcome_REFUSED;
    receipt->reason = (uint16_t)can.code;
    return CY_OK;
}

/* --- close --- */

/* Units that were passing through go back the way they came, in a packet that no time ends. */
static cy_err send_back(const struct cy_ctx *ctx, struct cy_plan *plan,
                        const struct cy_bridge_packet *sent, const struct cy_id *account)
{
    struct cy_bridge_packet back = {.kind = sent->kind,
                                    .sender = sent->receiver,
                                    .receiver = sent->sender,
                                    .reference = sent->reference};

    for (uint32_t i = sent->n_passed; i-- > 0;) {
        if (i + 1 == sent->n_passed)
            back.destination = sent->passed[i];
        else
            back.hops[back.n_hops++] = sent->passed[i];
    }
    CY_TRY(cy_bridge_pass(plan, &back.destination, back.kind, ctx->now));
    CY_TRY(cy_voucher_depart(ctx, plan, &back.destination, account, sent->amount, &back));
    commit(ctx, plan, &back, account);
    return CY_OK;
}

/* The packet ends, once and for all. */
static cy_err close_packet(const struct cy_ctx *ctx, struct cy_plan *plan,
                           const struct sequenced *key, unsigned outcome)
{
    const struct cy_packet_out out = *CY_READ(plan, packet_out, key);
    struct cy_bridge_packet packet;

    cy_packet_of(&ctx->realm, &out, CY_READ(plan, packet_way, key), &packet);
    CY_EDIT(plan, bridge_line, &key->realm)->open--;
    CY_REMOVE(plan, packet_sent, key);
    CY_REMOVE(plan, packet_out, key);
    CY_REMOVE(plan, packet_way, key);
    if (out.kind != CY_bridge_kind_SETTLEMENT)
        return CY_OK;
    if (outcome == CY_packet_outcome_DONE)
        return cy_voucher_landed(ctx, plan, &out);
    CY_TRY(cy_voucher_return(ctx, plan, &out));
    return packet.n_passed == 0 ? CY_OK : send_back(ctx, plan, &packet, &out.account);
}

/* The packet under way, and the root that something is proven under. */
static cy_err under_way(struct cy_plan *plan, const struct sequenced *key, uint64_t number,
                        const struct cy_packet_out **out, const struct cy_bridge_root **root)
{
    CY_TRY(cy_bridge_root_of(plan, &key->realm, number, root));
    *out = CY_READ(plan, packet_out, key);
    return *out != NULL ? CY_OK : cy_fail(CY_E_PACKET_CLOSED, 2);
}

static cy_err ack(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_packet_ack *m = message;
    const struct sequenced key = {m->realm, m->sequence};
    const struct cy_bridge_root *root = NULL;
    const struct cy_packet_out *out = NULL;
    struct cy_packet_receipt receipt = {
        .source = ctx->realm, .sequence = m->sequence, .outcome = m->outcome, .reason = m->reason};

    CY_TRY(under_way(plan, &key, m->root, &out, &root));
    receipt.digest = CY_READ(plan, packet_sent, &key)->digest;
    CY_TRY(cy_foreign_record(&root->state_root, &cy_schema_packet_receipt, &receipt, m->proof));
    return close_packet(ctx, plan, &key, m->outcome);
}

static cy_err timeout(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_packet_timeout *m = message;
    const struct sequenced key = {m->realm, m->sequence};
    const struct sequenced receipt = {ctx->realm, m->sequence}; /* its key in the destination */
    const struct cy_bridge_root *root = NULL;
    const struct cy_packet_out *out = NULL;

    CY_TRY(under_way(plan, &key, m->root, &out, &root));
    CY_ASSERT(out != NULL); /* it was found */
    if (out->timeout == 0 || root->at < out->timeout)
        return cy_fail(CY_E_PACKET_EARLY, 3);
    CY_TRY(cy_foreign_absent(&root->state_root, &cy_schema_packet_receipt, &receipt, m->proof));
    return close_packet(ctx, plan, &key, CY_packet_outcome_REFUSED);
}

static cy_err forget(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_packet_forget *m = message;
    const struct sequenced key = {m->realm, m->sequence};
    const struct sequenced packet = {ctx->realm, m->sequence}; /* its key in the source */
    const struct cy_bridge_root *root = NULL;
    struct cy_bridge_line *line = NULL;

    CY_TRY(cy_bridge_root_of(plan, &m->realm, m->root, &root));
    if (CY_READ(plan, packet_receipt, &key) == NULL)
        return cy_fail(CY_E_PACKET_CLOSED, 2);
    if (m->root < cy_bridge_line_of(plan, &m->realm)->forget_root)
        return cy_fail(CY_E_ROOT_UNKNOWN, m->root); /* the packet may have been sent since */
    CY_TRY(cy_foreign_absent(&root->state_root, &cy_schema_packet_sent, &packet, m->proof));
    CY_REMOVE(plan, packet_receipt, &key);
    no_older_root(plan, &m->realm, m->root);
    line = CY_EDIT(plan, bridge_line, &m->realm);
    if (line->forgot_most < m->sequence)
        line->forgot_most = m->sequence;
    return CY_OK;
}

/* What returns here must not arrive there as well. Where the other realm is silent no proof says
 * so; its time does: past the timeout it receives the packet no more, whatever guardians believe.
 * Its clock may lag by as much as its silence is borne with. What no time ends, waits for the
 * window in which units abroad come home. */
static cy_err may_return(struct cy_plan *plan, const struct cy_bridge *bridge,
                         const struct cy_packet_out *out, cy_time now)
{
    const cy_time still = out->since > bridge->turned ? out->since : bridge->turned;
    const cy_time from = out->timeout != 0 ? out->timeout : still;
    const uint64_t wait =
        out->timeout != 0 ? bridge->stale_ms : cy_param(plan, CY_P_BRIDGE_HOME_MS);

    return now > from && now - from >= wait ? CY_OK : cy_fail(CY_E_UNWIND_EARLY, 1);
}

static cy_err unwind(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_bridge_unwind *m = message;
    const struct sequenced key = {m->realm, m->sequence};
    const struct cy_bridge *bridge = cy_bridge_of(plan, &m->realm);
    const struct cy_packet_out *out = NULL;
    struct cy_unwind *voices = NULL;
    uint32_t guard = 0;
    uint32_t *bits = NULL;

    if (bridge == NULL)
        return cy_fail(CY_E_NO_BRIDGE, 1);
    CY_TRY(cy_bridge_guard_of(plan, bridge, &ctx->author, &guard));
    if (cy_bridge_now(plan, bridge, ctx->now) == CY_bridge_state_ACTIVE)
        return cy_fail(CY_E_UNWIND_EARLY, 0);
    out = CY_READ(plan, packet_out, &key);
    if (out == NULL)
        return cy_fail(CY_E_PACKET_CLOSED, 2);
    if (m->outcome == CY_packet_outcome_REFUSED)
        CY_TRY(may_return(plan, bridge, out, ctx->now));
    voices = CY_EDIT(plan, unwind, &key);
    if (((voices->done | voices->refused) >> guard & 1) != 0)
        return cy_fail(CY_E_EXISTS, 0); /* a guardian speaks once */
    bits = m->outcome == CY_packet_outcome_DONE ? &voices->done : &voices->refused;
    *bits |= (uint32_t)1 << guard;
    if (__builtin_popcount(*bits) < bridge->guards_need)
        return CY_OK;
    CY_REMOVE(plan, unwind, &key);
    return close_packet(ctx, plan, &key, m->outcome);
}

static const struct cy_act_row acts[] = {
    {&cy_schema_packet_send,    CY_WHO_PASSPORT, CY_RISK_HIGH,   CY_GATE_VALUE,  false, 12, send   },
    {&cy_schema_packet_receive, CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_VALUE,  false, 20, receive},
    {&cy_schema_packet_ack,     CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_ALWAYS, false, 16, ack    },
    {&cy_schema_packet_timeout, CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_ALWAYS, false, 16,
     timeout                                                                                       },
    {&cy_schema_packet_forget,  CY_WHO_PASSPORT, CY_RISK_LOW,    CY_GATE_ALWAYS, false, 3,  forget },
    {&cy_schema_bridge_unwind,  CY_WHO_PASSPORT, CY_RISK_HIGH,   CY_GATE_ALWAYS, false, 18, unwind },
};

static const struct cy_table_spec tables[] = {
    {&cy_schema_packet_sent,    1u << 16, false},
    {&cy_schema_packet_out,     1u << 16, true },
    {&cy_schema_packet_way,     1u << 14, true },
    {&cy_schema_packet_receipt, 1u << 17, false},
    {&cy_schema_shared,         1u << 12, false},
    {&cy_schema_unwind,         1u << 10, false},
};

const struct cy_institution cy_packets = {
    .name = "packet",
    .purpose = "what crosses bridges: sent, received, acknowledged, timed out",
    .acts = acts,
    .n_acts = CY_COUNT(acts),
    .tables = tables,
    .n_tables = CY_COUNT(tables),
};
