#include "models/clear/clear_queue.h"

#include <stdlib.h>

#define NONE UINT32_MAX

struct queue {
    struct cy_clear_payment *payments;
    int64_t *balances;
    uint32_t n_parties;
    uint32_t *first;  /* waiting payment of each party, NONE */
    uint32_t *last;   /* the same, from the other end */
    uint32_t *after;  /* the next of the same payer */
    uint32_t *before; /* and the one before */
    uint64_t *owes;   /* sum of what waits to be paid by each */
    uint64_t *owed;   /* and to each */
    uint32_t waiting;
    /* resolving */
    int64_t *ends;  /* balance if all that are left in pay */
    uint32_t *cut;  /* last payment of each that is left in, NONE */
    uint32_t *line; /* parties that would end below nothing, or may go on */
    uint8_t *stands;
    uint32_t n_line;
    uint8_t *hopes; /* has more than before, and waits: some set that is new has its first */
    uint32_t n_hopes;
};

static bool take(struct queue *q, uint32_t n)
{
    const size_t parties = (size_t)q->n_parties + 1;

    q->first = malloc(parties * sizeof *q->first);
    q->last = malloc(parties * sizeof *q->last);
    q->after = malloc(((size_t)n + 1) * sizeof *q->after);
    q->before = malloc(((size_t)n + 1) * sizeof *q->before);
    q->owes = calloc(parties, sizeof *q->owes);
    q->owed = calloc(parties, sizeof *q->owed);
    q->ends = malloc(parties * sizeof *q->ends);
    q->cut = malloc(parties * sizeof *q->cut);
    q->line = malloc(parties * sizeof *q->line);
    q->stands = calloc(parties, 1);
    q->hopes = calloc(parties, 1);
    if (q->first == NULL || q->last == NULL || q->after == NULL || q->before == NULL ||
        q->owes == NULL || q->owed == NULL || q->ends == NULL || q->cut == NULL ||
        q->line == NULL || q->stands == NULL || q->hopes == NULL)
        return false;
    for (uint32_t p = 0; p < q->n_parties; p++)
        q->first[p] = q->last[p] = NONE;
    return true;
}

static void drop(struct queue *q)
{
    free(q->first);
    free(q->last);
    free(q->after);
    free(q->before);
    free(q->owes);
    free(q->owed);
    free(q->ends);
    free(q->cut);
    free(q->line);
    free(q->stands);
    free(q->hopes);
}

/* --- a line of parties, each once --- */

static void stand(struct queue *q, uint32_t p)
{
    if (q->stands[p] != 0)
        return;
    q->stands[p] = 1;
    q->line[q->n_line++] = p;
}

static uint32_t leave(struct queue *q)
{
    const uint32_t p = q->line[--q->n_line];

    q->stands[p] = 0;
    return p;
}

/* --- waiting --- */

static void wait(struct queue *q, uint32_t i)
{
    const uint32_t p = q->payments[i].payer;

    q->after[i] = NONE;
    q->before[i] = q->last[p];
    if (q->last[p] == NONE)
        q->first[p] = i;
    else
        q->after[q->last[p]] = i;
    q->last[p] = i;
    q->owes[p] += q->payments[i].amount;
    q->owed[q->payments[i].payee] += q->payments[i].amount;
    q->waiting++;
}

static void unwait(struct queue *q, uint32_t p)
{
    const struct cy_clear_payment *payment = &q->payments[q->first[p]];

    q->owes[p] -= payment->amount;
    q->owed[payment->payee] -= payment->amount;
    q->first[p] = q->after[q->first[p]];
    if (q->first[p] == NONE)
        q->last[p] = NONE;
    else
        q->before[q->first[p]] = NONE;
    q->waiting--;
}

static void settle(struct queue *q, uint32_t i, enum cy_clear_way way, uint32_t step)
{
    struct cy_clear_payment *payment = &q->payments[i];

    q->balances[payment->payer] -= (int64_t)payment->amount;
    q->balances[payment->payee] += (int64_t)payment->amount;
    payment->way = way;
    payment->step = step;
}

/* Nothing could go together before, so what can now has a part in what has changed: it includes the
 * first payment of a party that hopes. With all that is owed to it, it must be able to pay that. */
static void hope(struct queue *q, uint32_t p, uint64_t needs)
{
    if (q->waiting < 2 || q->hopes[p] != 0 || (uint64_t)q->balances[p] + q->owed[p] < needs)
        return;
    q->hopes[p] = 1;
    q->n_hopes++;
}

static void despair(struct queue *q, uint32_t p)
{
    q->n_hopes -= q->hopes[p];
    q->hopes[p] = 0;
}

/* Whoever can pay what is first of theirs now does; that may let the payee go on. */
static void go_on(struct queue *q, uint32_t party, uint32_t step)
{
    stand(q, party);
    while (q->n_line > 0) {
        const uint32_t p = leave(q);

        while (q->first[p] != NONE && q->balances[p] >= (int64_t)q->payments[q->first[p]].amount) {
            const uint32_t i = q->first[p];

            unwait(q, p);
            settle(q, i, CY_CLEAR_LATER, step);
            stand(q, q->payments[i].payee);
        }
        despair(q, p);
        if (q->first[p] != NONE)
            hope(q, p, q->payments[q->first[p]].amount);
    }
}

/* --- gridlock --- */

/* What all would have if all that waits were paid; parties below nothing stand in line. */
static void suppose(struct queue *q)
{
    for (uint32_t p = 0; p < q->n_parties; p++) {
        q->ends[p] = q->balances[p] + (int64_t)q->owed[p] - (int64_t)q->owes[p];
        q->cut[p] = q->last[p];
        if (q->ends[p] < 0)
            stand(q, p);
    }
}

/* Strikes out the last of whoever would end below nothing, as long as somebody may hope. */
static void strike(struct queue *q)
{
    while (q->n_line > 0 && q->n_hopes > 0) {
        const uint32_t p = leave(q);

        while (q->ends[p] < 0) {
            const struct cy_clear_payment *payment = &q->payments[q->cut[p]];

            q->ends[p] += (int64_t)payment->amount;
            q->ends[payment->payee] -= (int64_t)payment->amount;
            q->cut[p] = q->before[q->cut[p]];
            if (q->ends[payment->payee] < 0)
                stand(q, payment->payee);
        }
        if (q->cut[p] == NONE)
            despair(q, p);
    }
}

static void settle_together(struct queue *q, uint32_t step)
{
    for (uint32_t p = 0; p < q->n_parties; p++) {
        while (q->cut[p] != NONE) {
            const uint32_t i = q->first[p];
            const bool end = i == q->cut[p];

            unwait(q, p);
            settle(q, i, CY_CLEAR_TOGETHER, step);
            if (end)
                break;
        }
    }
}

static bool resolve(struct queue *q, uint32_t step)
{
    bool any = false;

    if (q->n_hopes == 0)
        return false;
    suppose(q);
    strike(q);
    any = q->n_hopes > 0;
    if (any)
        settle_together(q, step);
    while (q->n_line > 0)
        (void)leave(q);
    for (uint32_t p = 0; p < q->n_parties && q->n_hopes > 0; p++)
        despair(q, p);
    return any;
}

bool cy_clear_queue_run(struct cy_clear_payment *payments, uint32_t n, int64_t *balances,
                        uint32_t n_parties, uint32_t *resolved)
{
    struct queue q = {.payments = payments, .balances = balances, .n_parties = n_parties};
    const bool good = take(&q, n);

    *resolved = 0;
    for (uint32_t i = 0; i < n && good; i++) {
        struct cy_clear_payment *payment = &payments[i];

        payment->way = CY_CLEAR_WAITING;
        payment->step = CY_CLEAR_WAITS;
        if (payment->barred)
            continue;
        if (q.first[payment->payer] == NONE &&
            balances[payment->payer] >= (int64_t)payment->amount) {
            settle(&q, i, CY_CLEAR_AT_ONCE, i + 1);
            go_on(&q, payment->payee, i + 1);
        } else {
            wait(&q, i);
            hope(&q, payment->payer, q.owes[payment->payer]); /* all of its go, or none */
        }
        *resolved += resolve(&q, i + 1);
    }
    drop(&q);
    return good;
}
