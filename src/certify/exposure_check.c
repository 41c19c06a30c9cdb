#include "certify/exposure_check.h"

struct sums {
    uint64_t shares;
    uint64_t votes;
    bool control;
};

/* Sums that would not fit are cut: they pass any threshold. */
static void add(struct sums *sums, const struct cy_holding *holding)
{
    uint64_t *sum = holding->interest == CY_INTEREST_VOTES ? &sums->votes : &sums->shares;

    if (holding->interest == CY_INTEREST_CONTROL)
        sums->control = true;
    else if (__builtin_add_overflow(*sum, holding->share, sum))
        *sum = UINT64_MAX;
}

static bool counts(const struct cy_holding *holding, const uint64_t *ranks, uint64_t below)
{
    return ranks[holding->owner] != 0 && ranks[holding->owner] < below;
}

/* Whether a holding counts by itself, or because one that it is joint with does. */
static bool counts_jointly(const struct cy_holding *all, size_t n, size_t i, const uint64_t *ranks,
                           uint64_t below)
{
    if (counts(&all[i], ranks, below))
        return true;
    for (size_t k = 0; all[i].joint != 0 && k < n; k++) {
        if (all[k].joint == all[i].joint && all[k].interest == all[i].interest &&
            counts(&all[k], ranks, below))
            return true;
    }
    return false;
}

/* One company: its holdings are all n of `all`. */
static bool right(const struct cy_ownership_rule *rule, const struct cy_holding *all, size_t n,
                  bool named, const uint64_t *ranks, uint32_t party)
{
    const uint64_t rank = ranks[party];
    struct sums sums = {0};
    bool passes = false;

    if (named)
        return rank != 0;
    for (size_t i = 0; i < n; i++) {
        const uint64_t below = rank == 0 ? UINT64_MAX : rank;

        if (rule->aggregate ? counts(&all[i], ranks, below)
                            : counts_jointly(all, n, i, ranks, below))
            add(&sums, &all[i]);
    }
    passes = cy_rule_passes(rule, sums.shares, sums.votes, sums.control);
    return passes == (rank != 0);
}

cy_err cy_exposure_check(const struct cy_ownership_rule *rule, const struct cy_holding *holdings,
                         size_t n_holdings, const bool *named, const uint64_t *ranks, size_t n)
{
    size_t at = 0;

    for (size_t i = 0; i < n_holdings; i++) {
        if (holdings[i].owner >= n || holdings[i].owned >= n ||
            (i > 0 && holdings[i].owned < holdings[i - 1].owned))
            return cy_fail(CY_E_RANGE, i);
    }
    for (uint32_t party = 0; party < n; party++) {
        const size_t first = at;

        while (at < n_holdings && holdings[at].owned == party)
            at++;
        if (!right(rule, holdings + first, at - first, named[party], ranks, party))
            return cy_fail(CY_E_EXPOSURE_PROOF, party);
    }
    return CY_OK;
}

/* The holdings of one company in a proof. */
static cy_err replay_one(const struct cy_ownership_rule *rule, const struct cy_holding *proof,
                         size_t n, const bool *shown)
{
    struct sums sums = {0};

    for (size_t i = 0; i < n; i++) {
        bool held = shown[proof[i].owner];

        for (size_t k = 0; k < i; k++) {
            if (proof[k].owner == proof[i].owner && proof[k].interest == proof[i].interest &&
                proof[k].joint == proof[i].joint)
                return cy_fail(CY_E_EXPOSURE_PROOF, proof[i].owned);
        }
        for (size_t k = 0; k < n && !held && !rule->aggregate && proof[i].joint != 0; k++)
            held = proof[k].joint == proof[i].joint && proof[k].interest == proof[i].interest &&
                   shown[proof[k].owner];
        if (!held)
            return cy_fail(CY_E_EXPOSURE_PROOF, proof[i].owned);
        add(&sums, &proof[i]);
    }
    return cy_rule_passes(rule, sums.shares, sums.votes, sums.control)
               ? CY_OK
               : cy_fail(CY_E_EXPOSURE_PROOF, proof[0].owned);
}

cy_err cy_exposure_replay(const struct cy_ownership_rule *rule, const struct cy_holding *proof,
                          size_t n_proof, bool *shown, size_t n, uint32_t target)
{
    size_t at = 0;

    for (size_t i = 0; i < n_proof; i++) {
        if (proof[i].owner >= n || proof[i].owned >= n)
            return cy_fail(CY_E_RANGE, i);
    }
    while (at < n_proof) {
        const size_t first = at;

        while (at < n_proof && proof[at].owned == proof[first].owned)
            at++;
        CY_TRY(replay_one(rule, proof + first, at - first, shown));
        shown[proof[first].owned] = true;
    }
    if (target >= n)
        return cy_fail(CY_E_RANGE, target);
    return shown[target] ? CY_OK : cy_fail(CY_E_EXPOSURE_PROOF, target);
}
