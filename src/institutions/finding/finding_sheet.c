#include "institutions/finding/finding_sheet.h"

#include "certify/sheet.h"
#include "crypto/hash.h"
#include "kernel/certificate.h"
#include "kernel/escrow.h"
#include "kernel/upload.h"

/* --- the tree of answers, for certify/sheet --- */

struct grown {
    struct cy_frontier tree;
    const struct cy_finding *finding;
};

static bool begin(void *context, uint64_t before, struct cy_span hashes)
{
    struct grown *grown = context;

    grown->tree.size = before;
    CY_ASSERT(hashes.n <= sizeof grown->tree.hash);
    if (hashes.n > 0)
        memcpy(grown->tree.hash, hashes.at, hashes.n);
    return before <= UINT32_MAX;
}

static void add(void *context, uint32_t column, uint64_t amount)
{
    struct grown *grown = context;
    const struct cy_id leaf = cy_certificate_leaf(column, amount);

    (void)cy_ok(cy_frontier_append(&grown->tree, &leaf)); /* far from its end */
}

static bool meets(void *context, uint64_t before, struct cy_span hashes)
{
    const struct grown *grown = context;

    return grown->tree.size == before &&
           (hashes.n == 0 || memcmp(grown->tree.hash, hashes.at, hashes.n) == 0);
}

static bool ends(void *context)
{
    const struct grown *grown = context;
    const struct cy_id root = cy_frontier_root(&grown->tree);

    return grown->tree.size == grown->finding->answers && cy_id_eq(&root, &grown->finding->answer);
}

/* --- recording --- */

cy_err cy_finding_do_large(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_finding_large *m = message;
    const struct cy_input *sheet = cy_upload_whole(plan, &m->sheet, ctx->now);
    const struct cy_account *account = CY_READ(plan, account, &m->account);
    const struct cy_objective *objective = NULL;
    const struct cy_objective_basis *basis = NULL;
    struct cy_finding *finding = NULL;

    CY_TRY(cy_finding_begin(ctx, plan, &(struct cy_finding_terms){m->objective, m->model, m->data},
                            &finding));
    objective = CY_READ(plan, objective, &m->objective);
    basis = CY_READ(plan, objective_basis, &m->objective);
    if (objective->challenge_ms == 0)
        return cy_fail(CY_E_FINDING_WINDOW, 0);
    if (!cy_id_none(&objective->frame) || !cy_id_none(&basis->bounds))
        return cy_fail(CY_E_FINDING_FRAME, cy_id_none(&objective->frame) ? 2 : 1);
    if (sheet == NULL || sheet->parts > CY_SHEET_PARTS_MAX)
        return cy_fail(CY_E_FINDING_SHEET, 1);
    if (account == NULL || !cy_id_eq(&account->asset, &objective->asset))
        return cy_fail(CY_E_FINDING_SHEET, 4);
    CY_TRY(cy_escrow_promise(ctx, plan, &m->account, objective->bond));
    finding->program = m->sheet;
    finding->proof = CY_finding_proof_SHEET;
    finding->answer = m->answer;
    finding->answers = m->answers;
    finding->parts = sheet->parts;
    finding->account = m->account;
    finding->bond = objective->bond;
    finding->stands_from = ctx->now + objective->challenge_ms;
    cy_finding_publish(plan, finding, true, true);
    return CY_OK;
}

/* --- refuting --- */

/* The digests are those of the sheet's parts, and the parts shown are among them. */
static cy_err shown(const struct cy_finding *finding, const struct cy_finding_challenge *m)
{
    const struct cy_id *digest = (const struct cy_id *)m->digests.at;
    const struct cy_id part = cy_sha256(m->part);
    const struct cy_id other = cy_sha256(m->other);
    struct cy_id head = {{0}};

    if (m->digests.n != (size_t)finding->parts * sizeof *digest)
        return cy_fail(CY_E_FINDING_SHEET, 2);
    for (uint32_t i = 0; i < finding->parts; i++)
        head = cy_sha256_parts((const struct cy_span[]){cy_span_of(head.b, sizeof head.b),
                                                        cy_span_of(digest[i].b, 32)},
                               2);
    if (!cy_id_eq(&head, &finding->program))
        return cy_fail(CY_E_FINDING_SHEET, 2);
    if (m->first >= finding->parts || !cy_id_eq(&digest[m->first], &part))
        return cy_fail(CY_E_FINDING_SHEET, 3);
    if (m->other.n == 0)
        return CY_OK;
    if (m->second >= finding->parts || m->second <= m->first ||
        !cy_id_eq(&digest[m->second], &other))
        return cy_fail(CY_E_FINDING_SHEET, 3);
    return CY_OK;
}

static bool fails(const struct cy_finding *finding, const struct cy_finding_challenge *m)
{
    struct grown grown = {.finding = finding};
    const struct cy_sheet_tree tree = {&grown, begin, add, meets, ends};

    if (m->other.n == 0)
        return cy_sheet_part(m->part, m->first, finding->parts, &tree) != CY_SHEET_HOLDS;
    return cy_sheet_pair(m->part, m->first, m->other, m->second, &tree) != CY_SHEET_HOLDS;
}

cy_err cy_finding_do_challenge(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_finding_challenge *m = message;
    const struct cy_finding *found = CY_READ(plan, finding, &m->finding);
    const struct cy_account *account = CY_READ(plan, account, &m->account);
    const struct cy_account *bonded = NULL;
    struct cy_finding *finding = NULL;

    if (found == NULL)
        return cy_fail(CY_E_FINDING_UNKNOWN, 0);
    if (cy_id_none(&found->account))
        return cy_fail(CY_E_FINDING_STATE, found->state);
    if (ctx->now >= found->stands_from)
        return cy_fail(CY_E_FINDING_WINDOW, found->stands_from);
    CY_TRY(shown(found, m));
    bonded = CY_READ(plan, account, &found->account);
    if (account == NULL || bonded == NULL || !cy_id_eq(&account->asset, &bonded->asset))
        return cy_fail(CY_E_FINDING_SHEET, 4);
    if (!fails(found, m)) { /* the challenger is wrong, and pays for it */
        CY_TRY(cy_escrow_promise(ctx, plan, &m->account, found->bond));
        return cy_escrow_pay(plan, &m->account, &found->account, found->bond);
    }
    if (!cy_id_eq(&account->owner, &ctx->author))
        return cy_fail(CY_E_FINDING_SHEET, 4);
    finding = CY_EDIT(plan, finding, &m->finding);
    CY_TRY(cy_escrow_pay(plan, &finding->account, &m->account, finding->bond));
    finding->state = CY_finding_state_DEFEATED;
    finding->account = (struct cy_id){{0}};
    finding->bond = 0;
    cy_finding_publish(plan, finding, false, true);
    return CY_OK;
}
