#include "models/exposure/exposure.h"

#include <stdlib.h>

#define NONE UINT32_MAX

/* A holding, in the lists of its owner and of what it owns. */
struct edge {
    uint64_t share;
    uint32_t owner;
    uint32_t owned;
    uint32_t next_out;
    uint32_t next_in;
    uint32_t joint;
    uint8_t interest;
    bool live;
};

struct node {
    uint64_t rank; /* 0: not blocked */
    uint64_t shares;
    uint64_t votes;
    uint32_t controls;
    uint32_t first_out;
    uint32_t first_in;
    bool named;
    bool queued;
};

/* The set of one named person, under a rule that does not add up. */
struct holder {
    uint32_t party;
    uint32_t *reached; /* in the order of their ranks */
    size_t n;
    size_t cap;
    bool stale;
};

struct cy_exposure {
    struct cy_ownership_rule rule;
    struct node *nodes;
    size_t n;
    struct edge *edges;
    size_t n_edges;
    size_t edges_cap;
    uint32_t *work; /* room for every party */
    uint32_t *given_up;
    size_t n_given_up;
    uint64_t last_rank;
    size_t blocked; /* parties; of a rule that adds up */
    size_t touched;
    struct holder *holders;
    size_t n_holders;
    size_t holders_cap;
    uint32_t *by_holders; /* of each party: in how many sets */
};

/* --- sums --- */

static bool passes(const struct cy_exposure *x, const struct node *node)
{
    return cy_rule_passes(&x->rule, node->shares, node->votes, node->controls > 0);
}

static void give(struct node *node, const struct edge *edge)
{
    if (edge->interest == CY_INTEREST_SHARES)
        node->shares += edge->share;
    else if (edge->interest == CY_INTEREST_VOTES)
        node->votes += edge->share;
    else
        node->controls++;
}

static void take(struct node *node, const struct edge *edge)
{
    if (edge->interest == CY_INTEREST_SHARES)
        node->shares -= edge->share;
    else if (edge->interest == CY_INTEREST_VOTES)
        node->votes -= edge->share;
    else
        node->controls--;
}

static bool same_group(const struct edge *a, const struct edge *b)
{
    return a->joint != 0 && a->live && b->live && a->owned == b->owned && a->joint == b->joint &&
           a->interest == b->interest;
}

/* Holdings that are exercised jointly count whole as soon as one of them does, with the owner of
 * the smallest rank, whose turn is first. */
static void give_joint(struct cy_exposure *x, const struct edge *edge)
{
    struct node *node = &x->nodes[edge->owned];

    for (uint32_t i = node->first_in; i != NONE; i = x->edges[i].next_in) {
        const struct edge *other = &x->edges[i];

        const uint64_t rank = x->nodes[other->owner].rank;

        if (same_group(other, edge) && rank != 0 && rank < x->nodes[edge->owner].rank)
            return; /* counted with that one */
    }
    for (uint32_t i = node->first_in; i != NONE; i = x->edges[i].next_in) {
        const struct edge *other = &x->edges[i];

        if (same_group(other, edge))
            give(node, other);
    }
}

/* --- blocking --- */

static void block(struct cy_exposure *x, uint32_t party)
{
    x->nodes[party].rank = ++x->last_rank;
    x->blocked++;
    x->touched++;
}

/* A party of a joint group may hold several edges in it: only the first one gives. */
static bool first_of_group(const struct cy_exposure *x, uint32_t at)
{
    const struct edge *edge = &x->edges[at];

    for (uint32_t i = x->nodes[edge->owner].first_out; i != at; i = x->edges[i].next_out) {
        if (same_group(&x->edges[i], edge))
            return false;
    }
    return true;
}

/* The work list from its first n parties, which are blocked already. Each adds its holdings. */
static void spread(struct cy_exposure *x, uint32_t *work, size_t n)
{
    for (size_t at = 0; at < n; at++) {
        for (uint32_t i = x->nodes[work[at]].first_out; i != NONE; i = x->edges[i].next_out) {
            const struct edge *edge = &x->edges[i];
            struct node *owned = &x->nodes[edge->owned];

            if (!edge->live)
                continue;
            if (x->rule.aggregate || edge->joint == 0)
                give(owned, edge);
            else if (first_of_group(x, i))
                give_joint(x, edge);
            if (owned->rank == 0 && passes(x, owned)) {
                block(x, edge->owned);
                work[n++] = edge->owned;
            }
        }
    }
}

static void forget(struct cy_exposure *x)
{
    for (size_t i = 0; i < x->n; i++) {
        struct node *node = &x->nodes[i];

        node->rank = 0;
        node->shares = 0;
        node->votes = 0;
        node->controls = 0;
    }
    x->last_rank = 0;
    x->blocked = 0;
}

static void together(struct cy_exposure *x)
{
    size_t n = 0;

    forget(x);
    for (uint32_t i = 0; i < x->n; i++) {
        if (x->nodes[i].named) {
            block(x, i);
            x->work[n++] = i;
        }
    }
    spread(x, x->work, n);
}

/* --- one holder after the other --- */

/* Computes a holder's set in the shared sums and clears them again. */
static cy_err reach(struct cy_exposure *x, struct holder *h)
{
    size_t n = 1;

    x->last_rank = 0;
    x->blocked = 0;
    x->work[0] = h->party;
    block(x, h->party);
    spread(x, x->work, 1);
    n = x->blocked;
    for (size_t i = 0; i < n; i++) {
        struct node *node = &x->nodes[x->work[i]];

        node->rank = 0;
        for (uint32_t e = node->first_out; e != NONE; e = x->edges[e].next_out) {
            struct node *owned = &x->nodes[x->edges[e].owned];

            owned->shares = 0;
            owned->votes = 0;
            owned->controls = 0;
        }
    }
    for (size_t i = 0; i < h->n; i++)
        x->by_holders[h->reached[i]]--;
    h->n = 0;
    CY_TRY(cy_grow((void **)&h->reached, &h->cap, n, sizeof *h->reached));
    memcpy(h->reached, x->work, n * sizeof *h->reached);
    h->n = n;
    for (size_t i = 0; i < n; i++)
        x->by_holders[h->reached[i]]++;
    return CY_OK;
}

static bool reaches(const struct holder *h, uint32_t party)
{
    for (size_t i = 0; i < h->n; i++) {
        if (h->reached[i] == party)
            return true;
    }
    return false;
}

/* The holders whose set has the owner, or one that acts jointly with it, in what it owns. */
static bool concerns(const struct cy_exposure *x, const struct holder *h, const struct edge *edge)
{
    if (reaches(h, edge->owner))
        return true;
    for (uint32_t i = edge->joint == 0 ? NONE : x->nodes[edge->owned].first_in; i != NONE;
         i = x->edges[i].next_in) {
        if (same_group(&x->edges[i], edge) && reaches(h, x->edges[i].owner))
            return true;
    }
    return false;
}

static cy_err reach_all(struct cy_exposure *x)
{
    for (size_t i = 0; i < x->n_holders; i++)
        CY_TRY(reach(x, &x->holders[i]));
    return CY_OK;
}

static cy_err add_holder(struct cy_exposure *x, uint32_t party)
{
    CY_TRY(cy_grow((void **)&x->holders, &x->holders_cap, x->n_holders + 1, sizeof *x->holders));
    x->holders[x->n_holders] = (struct holder){.party = party};
    return reach(x, &x->holders[x->n_holders++]);
}

/* --- opening --- */

static void link_edge(struct cy_exposure *x, uint32_t at)
{
    struct edge *edge = &x->edges[at];

    edge->next_out = x->nodes[edge->owner].first_out;
    edge->next_in = x->nodes[edge->owned].first_in;
    x->nodes[edge->owner].first_out = at;
    x->nodes[edge->owned].first_in = at;
}

static cy_err put_edge(struct cy_exposure *x, const struct cy_holding *holding, uint32_t *id)
{
    if (holding->owner >= x->n || holding->owned >= x->n || x->n_edges >= NONE - 1 ||
        holding->share > CY_SHARE_WHOLE)
        return cy_fail(CY_E_RANGE, holding->owner);
    CY_TRY(cy_grow((void **)&x->edges, &x->edges_cap, x->n_edges + 1, sizeof *x->edges));
    x->edges[x->n_edges] = (struct edge){.share = holding->share,
                                         .owner = holding->owner,
                                         .owned = holding->owned,
                                         .joint = holding->joint,
                                         .interest = holding->interest,
                                         .live = true};
    *id = (uint32_t)x->n_edges++;
    link_edge(x, *id);
    return CY_OK;
}

/* Holdings of one owner stand together, so that spreading reads memory in order. */
static cy_err load(struct cy_exposure *x, const struct cy_holding *holdings, size_t n)
{
    uint32_t *starts = calloc(x->n + 2, sizeof *starts);
    uint32_t *order = malloc((n + 1) * sizeof *order);
    cy_err err = starts == NULL || order == NULL || n >= NONE ? cy_fail(CY_E_NO_MEMORY, 0) : CY_OK;
    uint32_t id = 0;

    for (size_t i = 0; i < n && cy_ok(err); i++) {
        if (holdings[i].owner >= x->n)
            err = cy_fail(CY_E_RANGE, holdings[i].owner);
        else
            starts[holdings[i].owner + 1]++;
    }
    for (size_t i = 0; i < x->n && cy_ok(err); i++)
        starts[i + 1] += starts[i];
    for (size_t i = 0; i < n && cy_ok(err); i++)
        order[starts[holdings[i].owner]++] = (uint32_t)i;
    for (size_t i = n; i > 0 && cy_ok(err); i--)
        err = put_edge(x, &holdings[order[i - 1]], &id);
    free(starts);
    free(order);
    return err;
}

static cy_err make(struct cy_exposure *x, size_t parties, const struct cy_holding *holdings,
                   size_t n_holdings, const uint32_t *named, size_t n_named)
{
    x->n = parties;
    x->nodes = calloc(parties + 1, sizeof *x->nodes);
    x->work = malloc((parties + 1) * sizeof *x->work);
    x->given_up = malloc((parties + 1) * sizeof *x->given_up);
    x->by_holders = calloc(parties + 1, sizeof *x->by_holders);
    if (x->nodes == NULL || x->work == NULL || x->given_up == NULL || x->by_holders == NULL ||
        parties >= NONE)
        return cy_fail(CY_E_NO_MEMORY, 0);
    for (size_t i = 0; i < parties; i++) {
        x->nodes[i].first_out = NONE;
        x->nodes[i].first_in = NONE;
    }
    CY_TRY(load(x, holdings, n_holdings));
    for (size_t i = 0; i < n_named; i++) {
        if (named[i] >= parties)
            return cy_fail(CY_E_RANGE, named[i]);
        if (!x->nodes[named[i]].named && !x->rule.aggregate)
            CY_TRY(add_holder(x, named[i]));
        x->nodes[named[i]].named = true;
    }
    return x->rule.aggregate ? cy_exposure_again(x) : CY_OK;
}

cy_err cy_exposure_open(const struct cy_ownership_rule *rule, size_t parties,
                        const struct cy_holding *holdings, size_t n_holdings, const uint32_t *named,
                        size_t n_named, struct cy_exposure **out)
{
    struct cy_exposure *x = calloc(1, sizeof *x);
    cy_err err = CY_OK;

    if (x == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    x->rule = *rule;
    err = make(x, parties, holdings, n_holdings, named, n_named);
    if (!cy_ok(err)) {
        cy_exposure_close(x);
        return err;
    }
    *out = x;
    return CY_OK;
}

void cy_exposure_close(struct cy_exposure *x)
{
    if (x == NULL)
        return;
    for (size_t i = 0; i < x->n_holders; i++)
        free(x->holders[i].reached);
    free(x->holders);
    free(x->by_holders);
    free(x->nodes);
    free(x->edges);
    free(x->work);
    free(x->given_up);
    free(x);
}

cy_err cy_exposure_again(struct cy_exposure *x)
{
    if (!x->rule.aggregate)
        return reach_all(x);
    together(x);
    return CY_OK;
}

/* --- changes, of a rule that adds up --- */

/* Whether owners of smaller rank alone pass: only they may be the ground of a party. */
static bool grounded(const struct cy_exposure *x, uint32_t party)
{
    struct node sums = {.rank = 0};

    for (uint32_t i = x->nodes[party].first_in; i != NONE; i = x->edges[i].next_in) {
        const struct edge *edge = &x->edges[i];
        const uint64_t rank = x->nodes[edge->owner].rank;

        if (edge->live && rank != 0 && rank < x->nodes[party].rank)
            give(&sums, edge);
    }
    return passes(x, &sums);
}

/* Blocks a party and what follows from it. Holdings of the blocked are added once, here. */
static void block_from(struct cy_exposure *x, uint32_t party)
{
    block(x, party);
    x->work[0] = party;
    spread(x, x->work, 1);
}

static void check_later(struct cy_exposure *x, uint32_t *waiting, size_t *n, uint32_t party)
{
    struct node *node = &x->nodes[party];

    if (node->rank != 0 && !node->named && !node->queued) {
        node->queued = true;
        waiting[(*n)++] = party;
    }
}

/* Gives up a party: what it holds no longer counts, and what may have rested on it is asked. */
static void give_up(struct cy_exposure *x, uint32_t party, uint32_t *waiting, size_t *n)
{
    const uint64_t rank = x->nodes[party].rank;

    x->nodes[party].rank = 0;
    x->blocked--;
    x->given_up[x->n_given_up++] = party;
    for (uint32_t i = x->nodes[party].first_out; i != NONE; i = x->edges[i].next_out) {
        const struct edge *edge = &x->edges[i];

        if (!edge->live)
            continue;
        take(&x->nodes[edge->owned], edge);
        if (x->nodes[edge->owned].rank > rank)
            check_later(x, waiting, n, edge->owned);
    }
}

/* First everything that lost its ground is given up; then who passes all the same comes back. */
static void unwind(struct cy_exposure *x, size_t n)
{
    uint32_t *waiting = x->work;

    x->n_given_up = 0;
    while (n > 0) {
        const uint32_t party = waiting[--n];

        x->nodes[party].queued = false;
        x->touched++;
        if (x->nodes[party].rank != 0 && !grounded(x, party))
            give_up(x, party, waiting, &n);
    }
    for (size_t i = 0; i < x->n_given_up; i++) {
        const uint32_t party = x->given_up[i];

        if (x->nodes[party].rank == 0 && (x->nodes[party].named || passes(x, &x->nodes[party])))
            block_from(x, party);
    }
}

static void done(struct cy_exposure *x, size_t *touched)
{
    if (touched != NULL)
        *touched = x->touched;
}

cy_err cy_exposure_add(struct cy_exposure *x, const struct cy_holding *holding, uint32_t *id,
                       size_t *touched)
{
    x->touched = 0;
    CY_TRY(put_edge(x, holding, id));
    if (!x->rule.aggregate) {
        for (size_t i = 0; i < x->n_holders; i++) {
            if (concerns(x, &x->holders[i], &x->edges[*id]))
                CY_TRY(reach(x, &x->holders[i]));
        }
    } else if (x->nodes[holding->owner].rank != 0) {
        struct node *owned = &x->nodes[holding->owned];

        give(owned, &x->edges[*id]);
        if (owned->rank == 0 && passes(x, owned))
            block_from(x, holding->owned);
    }
    done(x, touched);
    return CY_OK;
}

/* Takes an edge out of both lists, so that long lives of a register cost nothing. */
static void unlink_edge(struct cy_exposure *x, uint32_t id)
{
    uint32_t *at = &x->nodes[x->edges[id].owner].first_out;

    while (*at != id)
        at = &x->edges[*at].next_out;
    *at = x->edges[id].next_out;
    at = &x->nodes[x->edges[id].owned].first_in;
    while (*at != id)
        at = &x->edges[*at].next_in;
    *at = x->edges[id].next_in;
    x->edges[id].live = false;
}

cy_err cy_exposure_drop(struct cy_exposure *x, uint32_t id, size_t *touched)
{
    size_t n = 0;

    x->touched = 0;
    if (id >= x->n_edges || !x->edges[id].live)
        return cy_fail(CY_E_RANGE, id);
    if (!x->rule.aggregate) {
        const struct edge *const gone = &x->edges[id];

        for (size_t i = 0; i < x->n_holders; i++)
            x->holders[i].stale = concerns(x, &x->holders[i], gone);
        unlink_edge(x, id);
        for (size_t i = 0; i < x->n_holders; i++) {
            if (x->holders[i].stale)
                CY_TRY(reach(x, &x->holders[i]));
        }
    } else {
        const uint32_t owned = x->edges[id].owned;
        const uint64_t owner_rank = x->nodes[x->edges[id].owner].rank;

        unlink_edge(x, id);
        if (owner_rank != 0) {
            take(&x->nodes[owned], &x->edges[id]);
            if (x->nodes[owned].rank > owner_rank)
                check_later(x, x->work, &n, owned);
            unwind(x, n);
        }
    }
    done(x, touched);
    return CY_OK;
}

static void remove_holder(struct cy_exposure *x, uint32_t party)
{
    size_t at = 0;

    while (x->holders[at].party != party)
        at++;
    for (size_t i = 0; i < x->holders[at].n; i++)
        x->by_holders[x->holders[at].reached[i]]--;
    free(x->holders[at].reached);
    x->n_holders--;
    memmove(x->holders + at, x->holders + at + 1, (x->n_holders - at) * sizeof *x->holders);
}

cy_err cy_exposure_rename(struct cy_exposure *x, uint32_t party, bool named, size_t *touched)
{
    size_t n = 0;

    x->touched = 0;
    if (party >= x->n)
        return cy_fail(CY_E_RANGE, party);
    if (x->nodes[party].named != named && !x->rule.aggregate) {
        if (named)
            CY_TRY(add_holder(x, party));
        else
            remove_holder(x, party);
        x->nodes[party].named = named;
    } else if (x->nodes[party].named != named) {
        x->nodes[party].named = named;
        if (named && x->nodes[party].rank == 0)
            block_from(x, party);
        if (!named) {
            check_later(x, x->work, &n, party);
            unwind(x, n);
        }
    }
    done(x, touched);
    return CY_OK;
}

/* --- answers --- */

bool cy_exposure_blocked(const struct cy_exposure *x, uint32_t party)
{
    return x->rule.aggregate ? x->nodes[party].rank != 0 : x->by_holders[party] > 0;
}

bool cy_exposure_named(const struct cy_exposure *x, uint32_t party)
{
    return x->nodes[party].named;
}

size_t cy_exposure_count(const struct cy_exposure *x)
{
    size_t n = 0;

    if (x->rule.aggregate)
        return x->blocked;
    for (size_t i = 0; i < x->n; i++)
        n += x->by_holders[i] > 0;
    return n;
}

size_t cy_exposure_holders(const struct cy_exposure *x)
{
    return x->rule.aggregate ? 1 : x->n_holders;
}

uint32_t cy_exposure_holder(const struct cy_exposure *x, size_t i)
{
    return x->rule.aggregate ? CY_PARTY_NONE : x->holders[i].party;
}

void cy_exposure_ranks(struct cy_exposure *x, size_t i, uint64_t *ranks)
{
    for (size_t k = 0; k < x->n; k++)
        ranks[k] = x->rule.aggregate ? x->nodes[k].rank : 0;
    for (size_t k = 0; !x->rule.aggregate && k < x->holders[i].n; k++)
        ranks[x->holders[i].reached[k]] = k + 1;
}

/* Puts the ranks of a holder in the nodes, and takes them out again. */
static void lend_ranks(struct cy_exposure *x, const struct holder *h, bool lend)
{
    for (size_t i = 0; i < h->n; i++)
        x->nodes[h->reached[i]].rank = lend ? i + 1 : 0;
}

static bool held_jointly(const struct cy_exposure *x, const struct edge *edge)
{
    if (x->rule.aggregate || edge->joint == 0)
        return false;
    for (uint32_t i = x->nodes[edge->owned].first_in; i != NONE; i = x->edges[i].next_in) {
        const struct edge *other = &x->edges[i];

        if (same_group(other, edge) && x->nodes[other->owner].rank != 0)
            return true;
    }
    return false;
}

static void sum_owners(const struct cy_exposure *x, uint32_t party, struct node *sums)
{
    for (uint32_t i = x->nodes[party].first_in; i != NONE; i = x->edges[i].next_in) {
        const struct edge *edge = &x->edges[i];

        if (edge->live && (x->nodes[edge->owner].rank != 0 || held_jointly(x, edge)))
            give(sums, edge);
    }
}

void cy_exposure_sums(struct cy_exposure *x, uint32_t party, uint64_t *shares, uint64_t *votes,
                      bool *control)
{
    *shares = x->nodes[party].shares;
    *votes = x->nodes[party].votes;
    *control = x->nodes[party].controls > 0;
    for (size_t i = 0; !x->rule.aggregate && i < x->n_holders; i++) {
        struct node sums = {.rank = 0};

        lend_ranks(x, &x->holders[i], true);
        sum_owners(x, party, &sums);
        lend_ranks(x, &x->holders[i], false);
        *shares = sums.shares > *shares ? sums.shares : *shares;
        *votes = sums.votes > *votes ? sums.votes : *votes;
        *control = *control || sums.controls > 0;
    }
}

/* --- proofs --- */

struct prover {
    struct cy_exposure *x;
    uint32_t *needed; /* parties whose holdings are shown */
    size_t n_needed;
    size_t needed_cap;
    struct cy_holding *out;
    size_t n;
    size_t cap;
    struct edge *candidates;
    size_t n_candidates;
    size_t candidates_cap;
};

static int larger(const void *a, const void *b)
{
    const struct edge *left = a;
    const struct edge *right = b;

    if (left->share != right->share)
        return left->share > right->share ? -1 : 1;
    return left->owner < right->owner ? -1 : left->owner > right->owner;
}

/* Joint groups whole, with at least one owner of smaller rank. */
static bool may_show(const struct cy_exposure *x, const struct edge *edge, uint64_t rank)
{
    if (!edge->live)
        return false;
    if (x->nodes[edge->owner].rank != 0 && x->nodes[edge->owner].rank < rank)
        return true;
    if (x->rule.aggregate || edge->joint == 0)
        return false;
    for (uint32_t i = x->nodes[edge->owned].first_in; i != NONE; i = x->edges[i].next_in) {
        const struct edge *other = &x->edges[i];

        if (same_group(other, edge) && x->nodes[other->owner].rank != 0 &&
            x->nodes[other->owner].rank < rank)
            return true;
    }
    return false;
}

static cy_err collect(struct prover *p, uint32_t party, enum cy_interest interest)
{
    const struct cy_exposure *x = p->x;

    p->n_candidates = 0;
    for (uint32_t i = x->nodes[party].first_in; i != NONE; i = x->edges[i].next_in) {
        if (x->edges[i].interest != interest || !may_show(x, &x->edges[i], x->nodes[party].rank))
            continue;
        CY_TRY(cy_grow((void **)&p->candidates, &p->candidates_cap, p->n_candidates + 1,
                       sizeof *p->candidates));
        p->candidates[p->n_candidates++] = x->edges[i];
    }
    if (p->n_candidates > 1)
        qsort(p->candidates, p->n_candidates, sizeof *p->candidates, larger);
    return CY_OK;
}

/* One holding more in the proof; lots of one owner are one holding. */
static cy_err show(struct prover *p, size_t first, const struct edge *edge)
{
    for (size_t i = first; i < p->n; i++) {
        if (p->out[i].owner == edge->owner && p->out[i].interest == edge->interest &&
            p->out[i].joint == edge->joint) {
            p->out[i].share += edge->share;
            return CY_OK;
        }
    }
    CY_TRY(cy_grow((void **)&p->out, &p->cap, p->n + 1, sizeof *p->out));
    p->out[p->n++] =
        (struct cy_holding){edge->owner, edge->owned, edge->share, edge->joint, edge->interest};
    return CY_OK;
}

/* The fewest holdings of one kind that pass; *passed says whether they do. */
static cy_err show_kind(struct prover *p, uint32_t party, enum cy_interest interest, bool *passed)
{
    struct node sums = {.rank = 0};
    const size_t first = p->n;

    *passed = false;
    CY_TRY(collect(p, party, interest));
    for (size_t i = 0; i < p->n_candidates && !*passed; i++) {
        const struct edge *edge = &p->candidates[i];

        for (size_t k = i; k < p->n_candidates; k++) {
            struct edge *other = &p->candidates[k];

            if (other->live && (k == i || (edge->joint != 0 && !p->x->rule.aggregate &&
                                           other->joint == edge->joint))) {
                give(&sums, other);
                CY_TRY(show(p, first, other));
                other->live = false;
            }
        }
        *passed = passes(p->x, &sums);
    }
    if (!*passed)
        p->n = first;
    return CY_OK;
}

static int by_rank(const struct cy_exposure *x, uint32_t a, uint32_t b)
{
    return x->nodes[a].rank < x->nodes[b].rank ? -1 : x->nodes[a].rank > x->nodes[b].rank;
}

/* From the target back to who is named; the grounds are then put in the order of ranks. */
static cy_err prove(struct prover *p, uint32_t target)
{
    struct cy_exposure *x = p->x;

    CY_TRY(cy_grow((void **)&p->needed, &p->needed_cap, 1, sizeof *p->needed));
    p->needed[p->n_needed++] = target;
    for (size_t at = 0; at < p->n_needed; at++) {
        const size_t first = p->n;
        bool passed = false;

        for (unsigned kind = 0; kind <= CY_INTEREST_CONTROL && !passed; kind++)
            CY_TRY(show_kind(p, p->needed[at], (enum cy_interest)kind, &passed));
        CY_ASSERT(passed);
        for (size_t i = first; i < p->n; i++) {
            const struct node *owner = &x->nodes[p->out[i].owner];
            bool known = owner->rank == 0 || owner->rank >= x->nodes[p->needed[at]].rank ||
                         (x->rule.aggregate ? owner->named : owner->rank == 1);

            for (size_t k = 0; k < p->n_needed && !known; k++)
                known = p->needed[k] == p->out[i].owner;
            if (known)
                continue;
            CY_TRY(
                cy_grow((void **)&p->needed, &p->needed_cap, p->n_needed + 1, sizeof *p->needed));
            p->needed[p->n_needed++] = p->out[i].owner;
        }
    }
    return CY_OK;
}

static void in_order(struct prover *p)
{
    for (size_t i = 1; i < p->n; i++) { /* stable: holdings of one company stay together */
        const struct cy_holding one = p->out[i];
        size_t k = i;

        for (; k > 0 && by_rank(p->x, p->out[k - 1].owned, one.owned) > 0; k--)
            p->out[k] = p->out[k - 1];
        p->out[k] = one;
    }
}

cy_err cy_exposure_proof(struct cy_exposure *x, uint32_t party, struct cy_holding **out, size_t *n,
                         uint32_t *holder)
{
    struct prover p = {.x = x};
    const struct holder *lent = NULL;
    cy_err err = CY_OK;

    *out = NULL;
    *n = 0;
    *holder = CY_PARTY_NONE;
    if (!cy_exposure_blocked(x, party) || x->nodes[party].named)
        return CY_OK;
    for (size_t i = 0; !x->rule.aggregate && i < x->n_holders && lent == NULL; i++)
        lent = reaches(&x->holders[i], party) ? &x->holders[i] : NULL;
    if (lent != NULL) {
        *holder = lent->party;
        lend_ranks(x, lent, true);
    }
    err = prove(&p, party);
    if (cy_ok(err))
        in_order(&p);
    if (lent != NULL)
        lend_ranks(x, lent, false);
    free(p.needed);
    free(p.candidates);
    if (!cy_ok(err)) {
        free(p.out);
        return err;
    }
    *out = p.out;
    *n = p.n;
    return CY_OK;
}
