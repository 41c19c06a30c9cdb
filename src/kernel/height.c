#include "kernel/height.h"

#include "kernel/note_line.h"

#define INBOX_SWEEP 16u /* posts looked at in one height */

/* --- what was agreed --- */

static cy_time latest_first(struct cy_plan *plan)
{
    return cy_realm_read(plan)->now + cy_param(plan, CY_P_ACT_WINDOW_S) * 1000;
}

cy_time cy_height_time(struct cy_plan *plan, const struct cy_ballot_entry *ballots, uint32_t n,
                       cy_time clock)
{
    const cy_time now = cy_realm_read(plan)->now;
    struct cy_agreement_voters voters;
    cy_time time = clock;

    if (cy_agreement_of(plan)->height > 0) {
        cy_seat_voters(plan, &voters);
        time = cy_agreement_median(&voters, ballots, n);
    } else if (time > latest_first(plan)) {
        time = latest_first(plan);
    }
    return time < now ? now : time;
}

/* The first height rests on the genesis alone. */
static cy_err check_first(struct cy_plan *plan, const struct cy_height *m)
{
    if (m->size != 1)
        return cy_fail(CY_E_HEIGHT_HEAD, 1);
    if (m->n_ballots > 0 || m->round > 0)
        return cy_fail(CY_E_BAD_CERTIFICATE, m->n_ballots);
    if (m->now < cy_realm_read(plan)->now || m->now > latest_first(plan))
        return cy_fail(CY_E_HEIGHT_TIME, cy_realm_read(plan)->now);
    return CY_OK;
}

static cy_err check_certificate(struct cy_plan *plan, const struct cy_height *m)
{
    const struct cy_realm *realm = cy_realm_read(plan);
    const struct cy_agreement_head head = {.origin = cy_name_text(&realm->name),
                                           .height = m->height - 1,
                                           .round = m->round,
                                           .size = m->size,
                                           .root = m->root};
    struct cy_agreement_voters voters;
    cy_time time = 0;

    cy_seat_voters(plan, &voters);
    CY_TRY(cy_agreement_check(&voters, &head, m->ballots, m->n_ballots, &time));
    time = time < realm->now ? realm->now : time;
    return m->now == time ? CY_OK : cy_fail(CY_E_HEIGHT_TIME, time);
}

static uint64_t place_of(uint64_t height)
{
    return height % CY_AGREED_HEADS;
}

static void remember_head(struct cy_plan *plan, const struct cy_height *m)
{
    const struct cy_realm *realm = cy_realm_read(plan);
    const uint64_t place = place_of(m->height - 1);
    struct cy_agreement *agreement = cy_agreement_edit(plan);
    struct cy_agreed_head *head = NULL;

    agreement->height = m->height;
    agreement->size = m->size;
    agreement->root = m->root;
    agreement->round = m->round;
    agreement->value = cy_agreement_value(cy_name_text(&realm->name), m->size, &m->root);
    if (m->height == 1)
        return; /* nobody voted on the genesis */
    head = CY_EDIT(plan, agreed_head, &place);
    head->height = m->height - 1;
    head->size = m->size;
    head->root = m->root;
}

/* --- finality --- */

/* The agreed head of that size among those remembered; NULL when there is none. */
static const struct cy_agreed_head *head_sized(struct cy_plan *plan, uint64_t size)
{
    const uint64_t newest = cy_agreement_of(plan)->height - 1;

    for (uint64_t height = newest; height > 0 && height + CY_AGREED_HEADS > newest; height--) {
        const uint64_t place = place_of(height);
        const struct cy_agreed_head *head = CY_READ(plan, agreed_head, &place);

        if (head == NULL || head->size < size)
            return NULL; /* sizes grow with heights */
        if (head->size == size)
            return head;
    }
    return NULL;
}

/* The name under which a key of the policy cosigns. */
static struct cy_span name_of(struct cy_plan *plan, const struct cy_id *key)
{
    const struct cy_seat_key *seat = CY_READ(plan, seat_key, key);
    const struct cy_trustee *trustee = CY_READ(plan, trustee, key);

    if (trustee != NULL)
        return cy_name_text(&trustee->name);
    return seat != NULL ? cy_name_text(&seat->name) : cy_span_text("");
}

/* Whose cosignatures stand on the note. A line in the name of a witness that does not verify makes
 * the whole note worthless. */
static bool signers_of(struct cy_plan *plan, const struct cy_policy_tree *tree,
                       const struct cy_note *note, struct cy_quorum_set *signers)
{
    for (uint32_t w = 0; w < tree->n; w++) {
        const struct cy_id *key = &tree->node[w].key;
        const struct cy_span name = name_of(plan, key);
        uint32_t key_id = 0;

        if (tree->node[w].need > 0 || name.n == 0)
            continue;
        key_id = cy_note_key_id(name, CY_NOTE_COSIGNATURE, key);
        for (uint32_t i = 0; i < note->n; i++) {
            const struct cy_note_signature *line = &note->signatures[i];

            if (line->key_id != key_id || !cy_span_eq(line->name, name))
                continue;
            if (!cy_note_line_holds(line, CY_NOTE_COSIGNATURE, key, note->text))
                return false;
            cy_quorum_put(signers, w);
        }
    }
    return true;
}

static cy_err read_head(struct cy_plan *plan, struct cy_span bytes, struct cy_note *note,
                        struct cy_checkpoint *head)
{
    const struct cy_realm *realm = cy_realm_read(plan);

    if (!cy_ok(cy_note_read(bytes, note)) || !cy_ok(cy_checkpoint_read(note->text, head)) ||
        head->extension.n > 0 || !cy_span_eq(head->origin, cy_name_text(&realm->name)))
        return cy_fail(CY_E_BAD_FINAL, 1);
    return CY_OK;
}

static cy_err check_cosigned(struct cy_plan *plan, const struct cy_note *note)
{
    struct cy_quorum_set signers = {{0}};
    struct cy_policy_tree tree;

    cy_policy_tree_read(plan, &tree);
    return signers_of(plan, &tree, note, &signers) && cy_policy_tree_met(&tree, &signers)
               ? CY_OK
               : cy_fail(CY_E_BAD_FINAL, 3);
}

cy_err cy_final_check(struct cy_plan *plan, struct cy_span bytes, struct cy_checkpoint *head)
{
    struct cy_note note;

    CY_TRY(read_head(plan, bytes, &note, head));
    return check_cosigned(plan, &note);
}

/* Takes the final head in that the proposer knows. One that is known already says nothing. */
static cy_err take_final(struct cy_plan *plan, struct cy_span bytes)
{
    const struct cy_agreed_head *head = NULL;
    struct cy_agreement *agreement = NULL;
    struct cy_checkpoint checkpoint;
    struct cy_note note;

    CY_TRY(read_head(plan, bytes, &note, &checkpoint));
    if (checkpoint.size <= cy_agreement_of(plan)->final_size)
        return CY_OK;
    head = head_sized(plan, checkpoint.size);
    if (head == NULL || !cy_id_eq(&head->root, &checkpoint.root))
        return cy_fail(CY_E_BAD_FINAL, 2);
    CY_TRY(check_cosigned(plan, &note));
    agreement = cy_agreement_edit(plan);
    agreement->final_height = head->height;
    agreement->final_size = head->size;
    return CY_OK;
}

/* Safe without finality; normal again when it has been back long enough. */
static void judge_finality(struct cy_plan *plan)
{
    struct cy_agreement *agreement = cy_agreement_edit(plan);
    struct cy_realm *realm = cy_realm_edit(plan);
    const uint64_t behind = agreement->height - 1 - agreement->final_height;

    if (behind > cy_param(plan, CY_P_FINAL_WITHIN)) {
        agreement->back_since = 0;
        if (agreement->lost_since == 0)
            agreement->lost_since = realm->now;
        if (realm->breaker == CY_breaker_NORMAL || realm->breaker == CY_breaker_ELEVATED)
            realm->breaker = CY_breaker_SAFE;
        return;
    }
    if (agreement->lost_since == 0)
        return;
    if (agreement->back_since == 0)
        agreement->back_since = realm->now;
    if (realm->now - agreement->back_since < cy_param(plan, CY_P_FINAL_COOL))
        return;
    agreement->lost_since = 0;
    agreement->back_since = 0;
    if (realm->breaker == CY_breaker_SAFE)
        realm->breaker = CY_breaker_NORMAL;
}

/* --- the act --- */

cy_err cy_act_height(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_height *m = message;
    const struct cy_seat *seat = cy_seat_signing(plan, ctx->envelope);
    const uint64_t next = cy_agreement_of(plan)->height + 1;
    struct cy_agreement *agreement = NULL;
    struct cy_seat *proposer = NULL;

    CY_ASSERT(seat != NULL); /* identity has found it */
    if (seat->state != CY_seat_state_ACTIVE)
        return cy_fail(CY_E_SEAT_STATE, seat->number);
    if (m->height != next)
        return cy_fail(CY_E_HEIGHT_ORDER, next);
    if (m->size != ctx->at)
        return cy_fail(CY_E_HEIGHT_HEAD, ctx->at);
    CY_TRY(m->height == 1 ? check_first(plan, m) : check_certificate(plan, m));
    remember_head(plan, m);
    if (m->final.n > 0)
        CY_TRY(take_final(plan, m->final));
    CY_TRY(cy_ledger_time_pass(ctx, plan, m->now));
    judge_finality(plan);
    cy_seat_turn(plan, m->height);
    agreement = cy_agreement_edit(plan);
    agreement->proposer = seat->number;
    agreement->sweep = cy_inbox_sweep(plan, m->now, agreement->sweep, INBOX_SWEEP);
    proposer = CY_EDIT(plan, seat, &seat->number);
    proposer->spoke = m->height;
    return CY_OK;
}
