#include "institutions/sanction/sanction_screen.h"

struct of_party {
    struct cy_id party;
    struct cy_id list;
};

/* Takes the party out of the matches of its target; the last one takes its number. */
static void unmatch(struct cy_plan *plan, const struct cy_screen_word *word)
{
    const struct cy_sanction_named name = {word->list, word->subject};
    const struct cy_sanction_entry *entry = CY_READ(plan, sanction_entry, &name);
    const uint64_t n = entry->matches;

    for (uint64_t i = 0; i < n; i++) {
        const struct cy_sanction_matched key = {word->list, word->subject, i};
        const struct cy_sanction_matched last = {word->list, word->subject, n - 1};

        if (!cy_id_eq(&CY_READ(plan, screen_match, &key)->party, &word->party))
            continue;
        CY_EDIT(plan, screen_match, &key)->party = CY_READ(plan, screen_match, &last)->party;
        CY_REMOVE(plan, screen_match, &last);
        CY_EDIT(plan, sanction_entry, &name)->matches--;
        cy_sanction_unbear(plan, &word->list, &word->party);
        return;
    }
}

static cy_err match(const struct cy_ctx *ctx, struct cy_plan *plan,
                    const struct cy_sanction_screen *m)
{
    const struct cy_sanction_named name = {m->list, m->subject};
    const struct cy_sanction_entry *entry = CY_READ(plan, sanction_entry, &name);
    const struct cy_sanction_named own = {m->list, m->party};
    const struct cy_sanction_entry *listed = CY_READ(plan, sanction_entry, &own);

    if (cy_id_eq(&m->party, &m->subject) || (listed != NULL && !listed->eased))
        return cy_fail(CY_E_SCREEN_LISTED, 2); /* it stands on the list itself */
    if (entry->matches == CY_SANCTION_MATCHES)
        return cy_fail(CY_E_SCREEN_MOST, CY_SANCTION_MATCHES);
    CY_EDIT(plan, screen_match,
            (&(const struct cy_sanction_matched){m->list, m->subject, entry->matches}))
        ->party = m->party;
    CY_EDIT(plan, sanction_entry, &name)->matches++;
    return cy_sanction_bear(ctx, plan, &m->list, &m->subject, &m->party);
}

static cy_err may_say(const struct cy_ctx *ctx, struct cy_plan *plan,
                      const struct cy_sanction_list *list)
{
    if (!cy_id_none(&list->owner))
        return cy_sanction_officer(ctx, plan, list, "screener");
    return cy_id_eq(&ctx->author, &ctx->realm) ? CY_OK : cy_fail(CY_E_SANCTION_OFFICER, 1);
}

cy_err cy_sanction_screen_act(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_sanction_screen *m = message;
    const struct of_party key = {m->party, m->list};
    const struct cy_screen_word *old = CY_READ(plan, screen_word, &key);
    const struct cy_sanction_list *list = NULL;
    const struct cy_passport *party = NULL;
    struct cy_screen_word *word = NULL;

    CY_TRY(cy_sanction_live(plan, &m->list, &list));
    CY_TRY(may_say(ctx, plan, list));
    CY_TRY(cy_identity_active(plan, &m->party, &party));
    if ((m->verdict == CY_screen_verdict_CLEAR) != cy_id_none(&m->subject))
        return cy_fail(CY_E_SCREEN_TERMS, 4);
    if (!cy_id_none(&m->subject) &&
        CY_READ(plan, sanction_entry, (&(const struct cy_sanction_named){m->list, m->subject})) ==
            NULL)
        return cy_fail(CY_E_SANCTION_NO_ENTRY, 4);
    if (CY_READ(plan, evidence, &m->evidence) == NULL)
        return cy_fail(CY_E_NO_NOUN, 6);
    if (m->number > list->number || (old != NULL && m->number < old->number))
        return cy_fail(CY_E_SCREEN_OLD, (uint32_t)list->number);
    if (old != NULL && old->verdict == CY_screen_verdict_MATCH)
        unmatch(plan, old);
    if (m->verdict == CY_screen_verdict_MATCH)
        CY_TRY(match(ctx, plan, m));
    word = CY_EDIT(plan, screen_word, &key);
    word->verdict = m->verdict;
    word->subject = m->subject;
    word->score_ppm = m->score_ppm;
    word->evidence = m->evidence;
    word->number = m->number;
    word->by = ctx->author;
    word->since = ctx->now;
    return CY_OK;
}
