#include "verify/trust.h"

cy_err cy_policy_trust_read(struct cy_span origin, struct cy_span text, struct cy_policy_trust *out)
{
    out->origin = origin;
    out->n = 0;
    CY_TRY(cy_note_name_check(origin));
    CY_TRY(cy_quorum_read(text, &out->quorum));
    if (out->quorum.root == CY_QUORUM_NONE)
        return cy_fail(CY_E_NO_VKEY, 0);
    for (uint32_t i = 0; i < out->quorum.n; i++) {
        const struct cy_quorum_node *node = &out->quorum.nodes[i];

        if (node->need > 0)
            continue;
        CY_TRY(cy_note_key_of(node->signs_as, CY_NOTE_COSIGNATURE, &node->key, &out->keys[out->n]));
        out->nodes[out->n++] = i;
    }
    return CY_OK;
}

struct cy_span cy_trust_name(const struct cy_trust *trust)
{
    return trust->policy == NULL ? trust->log.name : trust->policy->origin;
}

uint32_t cy_trust_cosigners(const struct cy_trust *trust)
{
    return trust->policy == NULL ? trust->n_witnesses : trust->policy->n;
}

/* Which cosigners of the policy signed; *cosigned of them. */
static cy_err policy_signers(const struct cy_note *note, const struct cy_policy_trust *policy,
                             struct cy_quorum_set *signers, uint32_t *cosigned)
{
    struct cy_note_verdict verdicts[CY_QUORUM_NODES_MAX];
    const cy_err err = cy_note_verify(note, policy->keys, policy->n, verdicts);

    *signers = (struct cy_quorum_set){{0}};
    *cosigned = 0;
    if (!cy_ok(err) && err.code != CY_E_NOT_SIGNED)
        return err;
    for (uint32_t i = 0; i < policy->n; i++) {
        if (!verdicts[i].good)
            continue;
        cy_quorum_put(signers, policy->nodes[i]);
        (*cosigned)++;
    }
    return CY_OK;
}

/* asked: whether cosignatures are asked for where the ledger's own key has signed. */
static cy_err policy_head(struct cy_span bytes, const struct cy_trust *trust, bool asked,
                          struct cy_checkpoint *out, uint32_t *cosigned)
{
    const bool has_log = trust->log.name.n > 0;
    struct cy_note_verdict own;
    struct cy_quorum_set signers;
    struct cy_note note;

    CY_TRY(cy_note_read(bytes, &note));
    CY_TRY(cy_checkpoint_read(note.text, out));
    if (!cy_span_eq(out->origin, trust->policy->origin))
        return cy_fail(CY_E_OTHER_LOG, 0);
    if (has_log)
        CY_TRY(cy_note_verify(&note, &trust->log, 1, &own));
    CY_TRY(policy_signers(&note, trust->policy, &signers, cosigned));
    if (cy_quorum_met(&trust->policy->quorum, &signers) || (has_log && !asked))
        return CY_OK;
    return cy_fail(CY_E_FEW_WITNESSES, *cosigned);
}

static cy_err head(struct cy_span note, const struct cy_trust *trust, bool asked,
                   struct cy_checkpoint *out, uint32_t *cosigned)
{
    *cosigned = 0;
    if (trust->policy != NULL)
        return policy_head(note, trust, asked, out, cosigned);
    if (trust->log.name.n == 0)
        return cy_fail(CY_E_NO_VKEY, 0);
    return cy_checkpoint_verify(note, &trust->log, trust->witnesses, trust->n_witnesses,
                                asked ? trust->need : 0, out, cosigned);
}

cy_err cy_trust_head(struct cy_span note, const struct cy_trust *trust, struct cy_checkpoint *out,
                     uint32_t *cosigned)
{
    return head(note, trust, true, out, cosigned);
}

cy_err cy_trust_own_head(struct cy_span note, const struct cy_trust *trust,
                         struct cy_checkpoint *out, uint32_t *cosigned)
{
    return head(note, trust, false, out, cosigned);
}
