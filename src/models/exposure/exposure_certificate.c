#include "models/exposure/exposure_certificate.h"

#include <stdlib.h>

#define PARTIES_MAX 4000000u

static const char *const verdicts_[] = {"not blocked", "not to be excluded", "blocked", "named"};
static const char *const shares_[] = {"exact", "least", "most"};

const char *cy_verdict_name(enum cy_verdict verdict)
{
    return verdicts_[verdict];
}

/* --- making one --- */

/* Who holds the target, and who holds those: `in` is true for each, the target too. Holdings are
 * sorted by company. */
static cy_err find_above(struct cy_desk *desk, const struct cy_case *c, uint32_t target, bool *in,
                         size_t *n)
{
    size_t *first = cy_desk_take(desk, (c->o.n_parties + 2) * sizeof *first);
    uint32_t *queue = cy_desk_take(desk, (c->o.n_parties + 1) * sizeof *queue);

    if (first == NULL || queue == NULL)
        return desk->failed;
    for (size_t i = 0; i < c->n_holdings; i++)
        first[c->holdings[i].owned + 1]++;
    for (size_t i = 0; i < c->o.n_parties; i++)
        first[i + 1] += first[i];
    in[target] = true;
    queue[0] = target;
    *n = 1;
    for (size_t at = 0; at < *n; at++) {
        for (size_t i = first[queue[at]]; i < first[queue[at] + 1]; i++) {
            const uint32_t owner = c->holdings[i].owner;

            if (in[owner])
                continue;
            in[owner] = true;
            queue[(*n)++] = owner;
        }
    }
    return CY_OK;
}

struct numbered {
    const char *id;
    uint32_t party; /* in the register */
};

static int by_id(const void *a, const void *b)
{
    const struct numbered *x = a;
    const struct numbered *y = b;

    return strcmp(x->id, y->id);
}

/* The holdings of parties that are in, under their new numbers, and the ranks of each set. */
static cy_err take_case(struct cy_desk *desk, const struct cy_case *c,
                        const struct cy_holding *holdings, size_t n_holdings, struct cy_exposure *x,
                        const uint32_t *number, const struct numbered *parties,
                        struct cy_certificate *out)
{
    struct cy_certificate_case *made = &out->cases[out->n_cases++];
    uint64_t *ranks = cy_desk_take(desk, (c->o.n_parties + 1) * sizeof *ranks);

    made->holdings = cy_desk_take(desk, (n_holdings + 1) * sizeof *made->holdings);
    made->sets = cy_desk_take(desk, (cy_exposure_holders(x) + 1) * sizeof *made->sets);
    if (!cy_ok(desk->failed))
        return desk->failed;
    for (size_t i = 0; i < n_holdings; i++) {
        if (number[holdings[i].owned] == CY_PARTY_NONE)
            continue;
        made->holdings[made->n] = holdings[i];
        made->holdings[made->n].owner = number[holdings[i].owner];
        made->holdings[made->n++].owned = number[holdings[i].owned];
    }
    if (made->n > 1)
        qsort(made->holdings, made->n, sizeof *made->holdings, cy_holding_order);
    for (size_t i = 0; i < cy_exposure_holders(x); i++) {
        const uint32_t holder = cy_exposure_holder(x, i);
        struct cy_certificate_set *set = &made->sets[made->n_sets];

        if (holder != CY_PARTY_NONE && number[holder] == CY_PARTY_NONE)
            continue; /* it holds nothing of these */
        set->holder = holder == CY_PARTY_NONE ? holder : number[holder];
        set->ranks = cy_desk_take(desk, (out->n + 1) * sizeof *set->ranks);
        if (set->ranks == NULL)
            return desk->failed;
        cy_exposure_ranks(x, i, ranks);
        for (size_t k = 0; k < out->n; k++)
            set->ranks[k] = ranks[parties[k].party];
        made->n_sets++;
    }
    return CY_OK;
}

static bool same_holdings(const struct cy_certificate_case *a, const struct cy_certificate_case *b)
{
    for (size_t i = 0; i < a->n && i < b->n; i++) {
        if (cy_holding_order(&a->holdings[i], &b->holdings[i]) != 0 ||
            a->holdings[i].share != b->holdings[i].share)
            return false;
    }
    return a->n == b->n;
}

static cy_err take_parties(struct cy_desk *desk, const struct cy_case *c, const bool *in,
                           uint32_t *number, struct numbered *parties, struct cy_certificate *out)
{
    size_t n = 0;

    out->ids = cy_desk_take(desk, (out->n + 1) * sizeof *out->ids);
    out->names = cy_desk_take(desk, (out->n + 1) * sizeof *out->names);
    out->named = cy_desk_take(desk, (out->n + 1) * sizeof *out->named);
    if (!cy_ok(desk->failed))
        return desk->failed;
    for (uint32_t i = 0; i < c->o.n_parties; i++) {
        number[i] = CY_PARTY_NONE;
        if (in[i])
            parties[n++] = (struct numbered){c->o.parties[i].id, i};
    }
    qsort(parties, n, sizeof *parties, by_id);
    for (size_t k = 0; k < n; k++) {
        number[parties[k].party] = (uint32_t)k;
        out->ids[k] = parties[k].id;
        out->names[k] = c->o.parties[parties[k].party].name;
        out->named[k] = cy_exposure_named(c->sure, parties[k].party);
    }
    return CY_OK;
}

cy_err cy_certificate_of(struct cy_desk *desk, const struct cy_case *c, uint32_t target,
                         struct cy_certificate *out)
{
    bool *in = cy_desk_take(desk, c->o.n_parties + 1);
    uint32_t *number = cy_desk_take(desk, (c->o.n_parties + 1) * sizeof *number);
    struct numbered *parties = cy_desk_take(desk, (c->o.n_parties + 1) * sizeof *parties);
    struct cy_holding *most = NULL;
    size_t n_most = 0;
    cy_err err = CY_OK;

    *out = (struct cy_certificate){.regime = c->regime, .day = c->day};
    if (!cy_ok(desk->failed))
        return desk->failed;
    CY_TRY(find_above(desk, c, target, in, &out->n));
    CY_TRY(take_parties(desk, c, in, number, parties, out));
    out->party = number[target];
    out->verdict = cy_exposure_named(c->sure, target)         ? CY_VERDICT_NAMED
                   : cy_exposure_blocked(c->sure, target)     ? CY_VERDICT_BLOCKED
                   : cy_exposure_blocked(c->possible, target) ? CY_VERDICT_OPEN
                                                              : CY_VERDICT_FREE;
    CY_TRY(take_case(desk, c, c->holdings, c->n_holdings, c->sure, number, parties, out));
    if (!cy_ok(cy_ownership_on(&c->o, c->day, true, &most, &n_most)))
        return cy_desk_note(desk, cy_fail(CY_E_NO_MEMORY, 0), "the certificate");
    err = take_case(desk, c, most, n_most, c->possible, number, parties, out);
    free(most);
    if (same_holdings(&out->cases[0], &out->cases[1]))
        out->n_cases = 1;
    out->cases[0].shares = shares_[out->n_cases - 1];
    out->cases[1].shares = shares_[2];
    return err;
}

/* --- as JSON --- */

static json_t *holdings_json(const struct cy_certificate_case *of)
{
    json_t *out = json_array();

    for (size_t i = 0; i < of->n; i++) {
        const struct cy_holding *h = &of->holdings[i];

        (void)json_array_append_new(out, json_pack("[I,I,s,I,I]", (json_int_t)h->owner,
                                                   (json_int_t)h->owned,
                                                   cy_interest_name((enum cy_interest)h->interest),
                                                   (json_int_t)h->share, (json_int_t)h->joint));
    }
    return out;
}

static json_t *sets_json(const struct cy_certificate_case *of, size_t parties)
{
    json_t *out = json_array();

    for (size_t i = 0; i < of->n_sets; i++) {
        json_t *ranks = json_array();

        for (size_t k = 0; k < parties; k++)
            (void)json_array_append_new(ranks, json_integer((json_int_t)of->sets[i].ranks[k]));
        (void)json_array_append_new(out,
                                    json_pack("{s:o, s:o}", "holder",
                                              of->sets[i].holder == CY_PARTY_NONE
                                                  ? json_null()
                                                  : json_integer((json_int_t)of->sets[i].holder),
                                              "ranks", ranks));
    }
    return out;
}

json_t *cy_certificate_json(const struct cy_certificate *of)
{
    json_t *parties = json_array();
    json_t *named = json_array();
    json_t *cases = json_array();
    char day[16];
    struct cy_text text = cy_text_on(day, sizeof day);

    cy_date_text(&text, of->day);
    for (size_t k = 0; k < of->n; k++) {
        (void)json_array_append_new(parties, json_pack("[s,s]", of->ids[k], of->names[k]));
        if (of->named[k])
            (void)json_array_append_new(named, json_integer((json_int_t)k));
    }
    for (size_t i = 0; i < of->n_cases; i++)
        (void)json_array_append_new(cases,
                                    json_pack("{s:s, s:o, s:o}", "shares", of->cases[i].shares,
                                              "holdings", holdings_json(&of->cases[i]), "sets",
                                              sets_json(&of->cases[i], of->n)));
    return json_pack("{s:s, s:s, s:s, s:I, s:s, s:o, s:o, s:o}", "certificate", "exposure",
                     "regime", of->regime->regime, "day", day, "party", (json_int_t)of->party,
                     "verdict", cy_verdict_name(of->verdict), "parties", parties, "named", named,
                     "cases", cases);
}

/* --- reading --- */

static bool below(const json_t *value, uint64_t end, uint64_t *out)
{
    if (!json_is_integer(value) || json_integer_value(value) < 0 ||
        (uint64_t)json_integer_value(value) >= end)
        return false;
    *out = (uint64_t)json_integer_value(value);
    return true;
}

static bool word_among(const json_t *value, const char *const *words, size_t n, size_t *at)
{
    const char *text = json_string_value(value);

    for (*at = 0; text != NULL && *at < n; ++*at) {
        if (strcmp(words[*at], text) == 0)
            return true;
    }
    return false;
}

/* The text lives as long as the JSON; the certificate longer. */
static const char *keep(struct cy_desk *desk, const char *text)
{
    char *copy = cy_desk_take(desk, strlen(text) + 1);

    if (copy != NULL)
        memcpy(copy, text, strlen(text) + 1);
    return copy;
}

static cy_err read_parties(struct cy_desk *desk, const json_t *root, struct cy_certificate *out,
                           struct cy_desk_fault *fault)
{
    const json_t *parties = json_object_get(root, "parties");
    const json_t *named = json_object_get(root, "named");

    out->n = json_array_size(parties);
    if (out->n == 0 || out->n > PARTIES_MAX || !json_is_array(named))
        return cy_desk_at(fault, 0, 0, "the certificate has no parties, or no list of the named");
    out->ids = cy_desk_take(desk, (out->n + 1) * sizeof *out->ids);
    out->names = cy_desk_take(desk, (out->n + 1) * sizeof *out->names);
    out->named = cy_desk_take(desk, (out->n + 1) * sizeof *out->named);
    if (!cy_ok(desk->failed))
        return desk->failed;
    for (size_t k = 0; k < out->n; k++) {
        const char *id = NULL;
        const char *name = NULL;

        if (json_unpack(json_array_get(parties, k), "[s,s!]", &id, &name) != 0 ||
            (k > 0 && strcmp(out->ids[k - 1], id) >= 0))
            return cy_desk_at(fault, 0, 0,
                              "party %zu is no pair of an id and a name, or out of order", k);
        out->ids[k] = keep(desk, id);
        out->names[k] = keep(desk, name);
        if (!cy_ok(desk->failed))
            return desk->failed;
    }
    for (size_t i = 0; i < json_array_size(named); i++) {
        uint64_t at = 0;

        if (!below(json_array_get(named, i), out->n, &at) || out->named[at])
            return cy_desk_at(fault, 0, 0, "the %zu. of the named is no party, or stands twice",
                              i + 1);
        out->named[at] = true;
    }
    return CY_OK;
}

static cy_err read_holdings(struct cy_desk *desk, const json_t *list, size_t parties,
                            struct cy_certificate_case *out, struct cy_desk_fault *fault)
{
    static const char *const interests[] = {"shares", "votes", "control"};

    out->n = json_array_size(list);
    out->holdings = cy_desk_take(desk, (out->n + 1) * sizeof *out->holdings);
    if (out->holdings == NULL)
        return desk->failed;
    if (!json_is_array(list))
        return cy_desk_at(fault, 0, 0, "a case has no list of holdings");
    for (size_t i = 0; i < out->n; i++) {
        const json_t *item = json_array_get(list, i);
        uint64_t owner = 0;
        uint64_t owned = 0;
        uint64_t joint = 0;
        size_t interest = 0;
        struct cy_holding *h = &out->holdings[i];

        if (json_array_size(item) != 5 || !below(json_array_get(item, 0), parties, &owner) ||
            !below(json_array_get(item, 1), parties, &owned) ||
            !word_among(json_array_get(item, 2), interests, CY_COUNT(interests), &interest) ||
            !below(json_array_get(item, 3), CY_SHARE_WHOLE + 1, &h->share) ||
            !below(json_array_get(item, 4), UINT32_MAX, &joint))
            return cy_desk_at(fault, 0, 0, "holding %zu is none", i);
        h->owner = (uint32_t)owner;
        h->owned = (uint32_t)owned;
        h->joint = (uint32_t)joint;
        h->interest = (uint8_t)interest;
        if (i > 0 && cy_holding_order(h - 1, h) >= 0)
            return cy_desk_at(fault, 0, 0, "holding %zu is out of order, or stands twice", i);
    }
    return CY_OK;
}

static cy_err read_sets(struct cy_desk *desk, const json_t *list, size_t parties,
                        struct cy_certificate_case *out, struct cy_desk_fault *fault)
{
    out->n_sets = json_array_size(list);
    out->sets = cy_desk_take(desk, (out->n_sets + 1) * sizeof *out->sets);
    if (out->sets == NULL)
        return desk->failed;
    for (size_t i = 0; i < out->n_sets; i++) {
        const json_t *item = json_array_get(list, i);
        const json_t *holder = json_object_get(item, "holder");
        const json_t *ranks = json_object_get(item, "ranks");
        uint64_t number = CY_PARTY_NONE;

        if ((!json_is_null(holder) && !below(holder, parties, &number)) ||
            json_array_size(ranks) != parties)
            return cy_desk_at(fault, 0, 0, "set %zu has no holder, or not a rank for each party",
                              i);
        out->sets[i].holder = (uint32_t)number;
        out->sets[i].ranks = cy_desk_take(desk, (parties + 1) * sizeof *out->sets[i].ranks);
        if (out->sets[i].ranks == NULL)
            return desk->failed;
        for (size_t k = 0; k < parties; k++) {
            if (!below(json_array_get(ranks, k), INT64_MAX, &out->sets[i].ranks[k]))
                return cy_desk_at(fault, 0, 0, "rank %zu of set %zu is none", k, i);
        }
    }
    return CY_OK;
}

static cy_err read_cases(struct cy_desk *desk, const json_t *root, struct cy_certificate *out,
                         struct cy_desk_fault *fault)
{
    const json_t *cases = json_object_get(root, "cases");

    out->n_cases = json_array_size(cases);
    if (out->n_cases == 0 || out->n_cases > 2)
        return cy_desk_at(fault, 0, 0, "the certificate has one case, or two");
    for (size_t i = 0; i < out->n_cases; i++) {
        const json_t *item = json_array_get(cases, i);
        size_t shares = 0;

        if (!word_among(json_object_get(item, "shares"), shares_, CY_COUNT(shares_), &shares) ||
            shares != i + out->n_cases - 1)
            return cy_desk_at(fault, 0, 0, "cases are 'exact', or 'least' and 'most'");
        out->cases[i].shares = shares_[shares];
        CY_TRY(
            read_holdings(desk, json_object_get(item, "holdings"), out->n, &out->cases[i], fault));
        CY_TRY(read_sets(desk, json_object_get(item, "sets"), out->n, &out->cases[i], fault));
    }
    return CY_OK;
}

static cy_err read_root(struct cy_desk *desk, const json_t *root, struct cy_certificate *out,
                        struct cy_desk_fault *fault)
{
    const char *what = json_string_value(json_object_get(root, "certificate"));
    const char *regime = json_string_value(json_object_get(root, "regime"));
    const char *day = json_string_value(json_object_get(root, "day"));
    uint64_t party = 0;
    size_t verdict = 0;

    if (what == NULL || strcmp(what, "exposure") != 0)
        return cy_desk_at(fault, 0, 0, "this is no certificate of exposure");
    if (day == NULL || !cy_ok(cy_date_read(cy_span_text(day), &out->day)))
        return cy_desk_at(fault, 0, 0, "the day of the certificate is none");
    CY_TRY(cy_regime_rule(regime == NULL ? "" : regime, out->day, &out->regime));
    CY_TRY(read_parties(desk, root, out, fault));
    if (!below(json_object_get(root, "party"), out->n, &party) ||
        !word_among(json_object_get(root, "verdict"), verdicts_, CY_COUNT(verdicts_), &verdict))
        return cy_desk_at(fault, 0, 0, "the certificate has no party, or no verdict that is known");
    out->party = (uint32_t)party;
    out->verdict = (enum cy_verdict)verdict;
    return read_cases(desk, root, out, fault);
}

cy_err cy_certificate_read(struct cy_desk *desk, struct cy_desk_text text,
                           struct cy_certificate *out, struct cy_desk_fault *fault)
{
    json_error_t where;
    json_t *root = json_loadb(text.at, text.n, JSON_REJECT_DUPLICATES, &where);
    cy_err err = CY_OK;

    *out = (struct cy_certificate){0};
    if (root == NULL)
        return cy_desk_at(fault, where.line > 0 ? (uint32_t)where.line : 0,
                          where.column > 0 ? (uint32_t)where.column : 0, "%s", where.text);
    err = read_root(desk, root, out, fault);
    json_decref(root);
    return err;
}

/* --- checking --- */

/* Each named party has one set of its own (or all have one together), and each set holds. */
static cy_err check_case(const struct cy_certificate *of, const struct cy_certificate_case *one,
                         bool *seeds, bool *blocked)
{
    const struct cy_ownership_rule *rule = &of->regime->rule;
    size_t wanted = rule->aggregate ? 1 : 0;

    for (size_t k = 0; k < of->n; k++)
        wanted += !rule->aggregate && of->named[k];
    if (one->n_sets != wanted)
        return cy_fail(CY_E_EXPOSURE_PROOF, of->party);
    *blocked = false;
    for (size_t i = 0; i < one->n_sets; i++) {
        const uint32_t holder = one->sets[i].holder;

        if (rule->aggregate != (holder == CY_PARTY_NONE) ||
            (holder != CY_PARTY_NONE && !of->named[holder]))
            return cy_fail(CY_E_EXPOSURE_PROOF, of->party);
        for (size_t k = 0; k < i; k++) {
            if (one->sets[k].holder == holder)
                return cy_fail(CY_E_EXPOSURE_PROOF, holder);
        }
        for (size_t k = 0; k < of->n; k++)
            seeds[k] = rule->aggregate ? of->named[k] : k == holder;
        CY_TRY(cy_exposure_check(rule, one->holdings, one->n, seeds, one->sets[i].ranks, of->n));
        *blocked = *blocked || one->sets[i].ranks[of->party] != 0;
    }
    return CY_OK;
}

/* Both cases are the same holdings, with no more at least than at most. */
static bool cases_fit(const struct cy_certificate *of)
{
    const struct cy_certificate_case *least = &of->cases[0];
    const struct cy_certificate_case *most = &of->cases[1];

    for (size_t i = 0; of->n_cases == 2 && i < least->n && i < most->n; i++) {
        if (cy_holding_order(&least->holdings[i], &most->holdings[i]) != 0 ||
            least->holdings[i].share > most->holdings[i].share)
            return false;
    }
    return of->n_cases == 1 || least->n == most->n;
}

cy_err cy_certificate_check(struct cy_desk *desk, const struct cy_certificate *of)
{
    bool *seeds = cy_desk_take(desk, of->n + 1);
    bool blocked[2] = {false, false};
    enum cy_verdict verdict = CY_VERDICT_FREE;

    if (seeds == NULL)
        return desk->failed;
    for (size_t i = 0; i < of->n_cases; i++)
        CY_TRY(check_case(of, &of->cases[i], seeds, &blocked[i]));
    if (of->named[of->party])
        verdict = CY_VERDICT_NAMED;
    else if (blocked[0])
        verdict = CY_VERDICT_BLOCKED;
    else if (blocked[1])
        verdict = CY_VERDICT_OPEN;
    return verdict == of->verdict && cases_fit(of) ? CY_OK
                                                   : cy_fail(CY_E_EXPOSURE_PROOF, of->party);
}

const char *cy_certificate_differs(struct cy_desk *desk, const struct cy_certificate *a,
                                   const struct cy_certificate *b)
{
    char *words = cy_desk_take(desk, 256);

    if (words == NULL)
        return "no memory";
    for (size_t k = 0; k < a->n && k < b->n; k++) {
        if (strcmp(a->ids[k], b->ids[k]) == 0 && a->named[k] == b->named[k])
            continue;
        if (strcmp(a->ids[k], b->ids[k]) == 0)
            (void)snprintf(words, 256, "only one of them names %.60s", a->ids[k]);
        else
            (void)snprintf(words, 256, "one has the party %.60s where the other has %.60s",
                           a->ids[k], b->ids[k]);
        return words;
    }
    if (a->n != b->n || a->n_cases != b->n_cases)
        return "they have other parties, or only one has bands";
    for (size_t i = 0; i < a->n_cases; i++) {
        for (size_t k = 0; k < a->cases[i].n && k < b->cases[i].n; k++) {
            const struct cy_holding *x = &a->cases[i].holdings[k];
            const struct cy_holding *y = &b->cases[i].holdings[k];

            if (cy_holding_order(x, y) == 0 && x->share == y->share)
                continue;
            (void)snprintf(words, 256, "other holdings in %.60s", a->ids[x->owned]);
            return words;
        }
        if (a->cases[i].n != b->cases[i].n)
            return "one has more holdings";
    }
    return NULL;
}
