#include "models/exposure/integrated.h"

#include <math.h>
#include <stdlib.h>

#define DENSE_MAX 256u
#define ITERATIONS_MAX 20000u
#define REST 1e-12
#define NONE UINT32_MAX

/* Shares by owner and by owned, as one array each with starts. */
struct half {
    uint32_t *starts; /* n + 1 */
    uint32_t *party;
    double *share;
};

struct solver {
    size_t n;
    uint32_t holder;
    struct half out;
    struct half in;
    uint32_t *number; /* Tarjan: order of discovery + 1; 0: not reached */
    uint32_t *low;
    uint32_t *component; /* + 1 once it is closed */
    uint32_t *stack;
    uint32_t *calls; /* parties of the depth-first search */
    uint32_t *next;  /* of each party: the next holding to follow */
    uint32_t *order; /* parties by component, the last reached first */
    size_t n_order;
    size_t n_components;
    double *v;
    struct cy_integrated_facts *facts;
};

static cy_err make_half(struct half *half, size_t n, const struct cy_holding *holdings,
                        size_t count, bool out)
{
    half->starts = calloc(n + 2, sizeof *half->starts);
    half->party = malloc((count + 1) * sizeof *half->party);
    half->share = malloc((count + 1) * sizeof *half->share);
    if (half->starts == NULL || half->party == NULL || half->share == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    for (size_t i = 0; i < count; i++) {
        if (holdings[i].owner >= n || holdings[i].owned >= n)
            return cy_fail(CY_E_RANGE, i);
        if (holdings[i].interest == CY_INTEREST_SHARES)
            half->starts[(out ? holdings[i].owner : holdings[i].owned) + 2]++;
    }
    for (size_t i = 0; i < n; i++)
        half->starts[i + 2] += half->starts[i + 1];
    for (size_t i = 0; i < count; i++) {
        uint32_t at = 0;

        if (holdings[i].interest != CY_INTEREST_SHARES)
            continue;
        at = half->starts[(out ? holdings[i].owner : holdings[i].owned) + 1]++;
        half->party[at] = out ? holdings[i].owned : holdings[i].owner;
        half->share[at] = (double)holdings[i].share / (double)CY_SHARE_WHOLE;
    }
    return CY_OK;
}

/* Closes the component that begins at its root. */
static void close_component(struct solver *s, size_t *n_stack, uint32_t root)
{
    uint32_t party = NONE;

    s->n_components++;
    do {
        party = s->stack[--*n_stack];
        s->component[party] = (uint32_t)s->n_components;
        s->order[s->n_order++] = party;
    } while (party != root);
}

/* Tarjan without recursion, from the holder, which is left out of every circle: nothing leads back
 * to it. */
static void components(struct solver *s)
{
    uint32_t count = 0;
    size_t n_stack = 0;
    size_t depth = 0;

    for (uint32_t first = s->out.starts[s->holder]; first < s->out.starts[s->holder + 1]; first++) {
        if (s->out.party[first] == s->holder || s->number[s->out.party[first]] != 0)
            continue;
        s->calls[depth++] = s->out.party[first];
        while (depth > 0) {
            const uint32_t party = s->calls[depth - 1];

            if (s->number[party] == 0) {
                s->number[party] = s->low[party] = ++count;
                s->stack[n_stack++] = party;
                s->next[party] = s->out.starts[party];
            }
            if (s->next[party] < s->out.starts[party + 1]) {
                const uint32_t to = s->out.party[s->next[party]++];

                if (to == s->holder)
                    continue;
                if (s->number[to] == 0)
                    s->calls[depth++] = to;
                else if (s->component[to] == 0 && s->number[to] < s->low[party])
                    s->low[party] = s->number[to];
                continue;
            }
            depth--;
            if (depth > 0 && s->low[party] < s->low[s->calls[depth - 1]])
                s->low[s->calls[depth - 1]] = s->low[party];
            if (s->low[party] == s->number[party])
                close_component(s, &n_stack, party);
        }
    }
}

/* What a party receives from outside its component, and its share in itself. */
static double from_outside(const struct solver *s, uint32_t party, double *itself)
{
    double sum = 0;

    *itself = 0;
    for (uint32_t i = s->in.starts[party]; i < s->in.starts[party + 1]; i++) {
        const uint32_t owner = s->in.party[i];

        if (owner == s->holder)
            sum += s->in.share[i];
        else if (owner == party)
            *itself += s->in.share[i];
        else if (s->component[owner] != 0 && s->component[owner] != s->component[party])
            sum += s->v[owner] * s->in.share[i];
    }
    return sum;
}

static cy_err eliminate(double *a, double *b, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        size_t best = k;

        for (size_t i = k + 1; i < n; i++)
            best = fabs(a[i * n + k]) > fabs(a[best * n + k]) ? i : best;
        if (fabs(a[best * n + k]) < 1e-12)
            return cy_fail(CY_E_RANGE, 0);
        for (size_t j = 0; j < n && best != k; j++) {
            const double swap = a[k * n + j];

            a[k * n + j] = a[best * n + j];
            a[best * n + j] = swap;
        }
        if (best != k) {
            const double swap = b[k];

            b[k] = b[best];
            b[best] = swap;
        }
        for (size_t i = k + 1; i < n; i++) {
            const double factor = a[i * n + k] / a[k * n + k];

            for (size_t j = k; j < n; j++)
                a[i * n + j] -= factor * a[k * n + j];
            b[i] -= factor * b[k];
        }
    }
    for (size_t k = n; k > 0; k--) {
        for (size_t j = k; j < n; j++)
            b[k - 1] -= a[(k - 1) * n + j] * b[j];
        b[k - 1] /= a[(k - 1) * n + k - 1];
    }
    return CY_OK;
}

/* A circle by elimination: (I - transposed A) v = what comes from outside. */
static cy_err dense(struct solver *s, const uint32_t *parties, size_t n)
{
    double *a = calloc(n * n, sizeof *a);
    double *b = calloc(n, sizeof *b);
    cy_err err = a == NULL || b == NULL ? cy_fail(CY_E_NO_MEMORY, 0) : CY_OK;

    for (size_t i = 0; i < n && cy_ok(err); i++)
        s->next[parties[i]] = (uint32_t)i;
    for (size_t i = 0; i < n && cy_ok(err); i++) {
        const uint32_t party = parties[i];
        double itself = 0;

        b[i] = from_outside(s, party, &itself);
        a[i * n + i] = 1;
        for (uint32_t e = s->in.starts[party]; e < s->in.starts[party + 1]; e++) {
            const uint32_t owner = s->in.party[e];

            if (owner != s->holder && s->component[owner] == s->component[party])
                a[i * n + s->next[owner]] -= s->in.share[e];
        }
    }
    if (cy_ok(err))
        err = eliminate(a, b, n);
    for (size_t i = 0; i < n && cy_ok(err); i++)
        s->v[parties[i]] = b[i];
    free(a);
    free(b);
    return err;
}

/* A large circle by iteration; shares that sum below one make it come to rest. */
static void iterate(struct solver *s, const uint32_t *parties, size_t n)
{
    double moved = 1;
    size_t rounds = 0;

    for (; rounds < ITERATIONS_MAX && moved > REST; rounds++) {
        moved = 0;
        for (size_t i = n; i > 0; i--) {
            const uint32_t party = parties[i - 1];
            double itself = 0;
            double sum = from_outside(s, party, &itself);

            for (uint32_t e = s->in.starts[party]; e < s->in.starts[party + 1]; e++) {
                const uint32_t owner = s->in.party[e];

                if (owner != party && owner != s->holder &&
                    s->component[owner] == s->component[party])
                    sum += s->v[owner] * s->in.share[e];
            }
            sum /= itself < 1 ? 1 - itself : 1;
            moved = fmax(moved, fabs(sum - s->v[party]));
            s->v[party] = sum;
        }
    }
    s->facts->iterations += rounds;
    s->facts->settled = s->facts->settled && moved <= REST;
}

static cy_err solve(struct solver *s)
{
    components(s);
    s->facts->reached = s->n_order;
    for (size_t end = s->n_order; end > 0;) { /* owners stand after what they own */
        size_t begin = end - 1;
        size_t n = 0;

        while (begin > 0 && s->component[s->order[begin - 1]] == s->component[s->order[end - 1]])
            begin--;
        n = end - begin;
        s->facts->circles += n > 1;
        s->facts->largest = n > s->facts->largest ? n : s->facts->largest;
        if (n == 1) {
            const uint32_t party = s->order[begin];
            double itself = 0;
            const double sum = from_outside(s, party, &itself);

            if (itself > 1 - 1e-12)
                return cy_fail(CY_E_RANGE, party);
            s->v[party] = sum / (1 - itself);
        } else if (n <= DENSE_MAX) {
            CY_TRY(dense(s, s->order + begin, n));
        } else {
            iterate(s, s->order + begin, n);
        }
        end = begin;
    }
    return CY_OK;
}

static void free_half(struct half *half)
{
    free(half->starts);
    free(half->party);
    free(half->share);
}

cy_err cy_integrated(size_t n, const struct cy_holding *holdings, size_t n_holdings,
                     uint32_t holder, double *v, struct cy_integrated_facts *facts)
{
    struct solver s = {.n = n, .holder = holder, .v = v, .facts = facts};
    uint32_t **const arrays[] = {&s.number, &s.low,  &s.component, &s.stack,
                                 &s.calls,  &s.next, &s.order};
    cy_err err = holder < n ? CY_OK : cy_fail(CY_E_RANGE, holder);

    *facts = (struct cy_integrated_facts){.settled = true};
    for (size_t i = 0; i < n; i++)
        v[i] = 0;
    for (size_t i = 0; i < CY_COUNT(arrays) && cy_ok(err); i++) {
        *arrays[i] = calloc(n + n_holdings + 2, sizeof **arrays[i]);
        if (*arrays[i] == NULL)
            err = cy_fail(CY_E_NO_MEMORY, 0);
    }
    if (cy_ok(err))
        err = make_half(&s.out, n, holdings, n_holdings, true);
    if (cy_ok(err))
        err = make_half(&s.in, n, holdings, n_holdings, false);
    if (cy_ok(err))
        err = solve(&s);
    for (size_t i = 0; i < CY_COUNT(arrays); i++)
        free(*arrays[i]);
    free_half(&s.out);
    free_half(&s.in);
    return err;
}
