#include "certify/power.h"

#include <gmp.h>
#include <string.h>

_Static_assert(sizeof(mp_limb_t) == sizeof(uint64_t), "words are GMP's limbs");

static mp_limb_t *limbs(uint64_t *words)
{
    return (mp_limb_t *)words;
}

static const mp_limb_t *limbs_of(const uint64_t *words)
{
    return (const mp_limb_t *)words;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* --- the game --- */

static void sort(uint32_t *at, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        const uint32_t value = at[i];
        size_t to = i;

        for (; to > 0 && at[to - 1] > value; to--)
            at[to] = at[to - 1];
        at[to] = value;
    }
}

/* Words of n!: log2(m) rounded up is at least as much for each factor. */
static size_t factorial_words(size_t n)
{
    size_t bits = 1;

    for (size_t m = 2; m <= n; m++) {
        for (size_t top = m; top > 0; top >>= 1)
            bits++;
    }
    return bits / 64 + 1;
}

/* The coalitions of k members that lose: their least and greatest weight. */
struct span {
    uint32_t least;
    uint32_t most;
};

/* Row k of the table; false when every coalition of this size wins. */
static bool row_span(const struct cy_power_game *game, size_t k, struct span *out)
{
    uint64_t least = 0;
    uint64_t most = 0;

    for (size_t i = 0; i < k; i++) {
        least += game->sorted[i];
        most += game->sorted[game->n - 1 - i];
    }
    if (least >= game->cut)
        return false;
    out->least = (uint32_t)least;
    out->most = most >= game->cut ? game->cut - 1 : (uint32_t)most;
    return true;
}

static size_t table_words(const struct cy_power_game *game)
{
    struct span span;
    size_t cells = 0;

    for (size_t k = 0; k <= game->n && row_span(game, k, &span); k++)
        cells += span.most - span.least + 1;
    return cells * game->words;
}

cy_err cy_power_begin(const uint32_t *weights, size_t n, uint32_t quota, struct cy_power_game *out)
{
    uint64_t total = 0;

    if (n == 0 || n > CY_POWER_MEMBERS_MAX)
        return cy_fail(CY_E_RANGE, 0);
    *out = (struct cy_power_game){.n = n, .quota = quota};
    for (size_t i = 0; i < n; i++) {
        total += weights[i];
        if (total > CY_POWER_TOTAL_MAX)
            return cy_fail(CY_E_RANGE, i + 1);
        out->weights[i] = weights[i];
    }
    if (quota == 0 || quota > total)
        return cy_fail(CY_E_RANGE, 0);
    out->total = (uint32_t)total;
    out->cut = (uint32_t)smaller(quota, out->total - quota + 1);
    memcpy(out->sorted, weights, n * sizeof *weights);
    sort(out->sorted, n);
    out->words = n / 64 + 1;
    out->order_words = factorial_words(n);
    out->banzhaf_room = ((size_t)out->cut + 2) * out->words;
    out->shapley_room = table_words(out) + (n + 2) * out->order_words + 3 * out->words;
    return CY_OK;
}

/* --- one table row: prefix sums, and the window of the coalitions without one member --- */

struct row {
    uint64_t *at; /* counts of weights least..most, later their prefix sums; NULL: all zero */
    struct span span;
};

static void sum_row(const struct row *row, size_t words)
{
    for (size_t w = 1; w <= row->span.most - row->span.least; w++)
        (void)mpn_add_n(limbs(row->at + w * words), limbs(row->at + w * words),
                        limbs(row->at + (w - 1) * words), (mp_size_t)words);
}

/* Adds, or takes away, the number of coalitions of a row whose weight is at most `most`. Sums are
 * taken modulo 2^(64 words): the last one is in range, those on the way need not be. */
static void gather(const struct row *row, int64_t most, bool add, size_t words, uint64_t *sum)
{
    const uint64_t *count = NULL;

    if (row->at == NULL || most < (int64_t)row->span.least)
        return;
    if (most > (int64_t)row->span.most)
        most = row->span.most;
    count = row->at + (size_t)(most - row->span.least) * words;
    if (add)
        (void)mpn_add_n(limbs(sum), limbs(sum), limbs_of(count), (mp_size_t)words);
    else
        (void)mpn_sub_n(limbs(sum), limbs(sum), limbs_of(count), (mp_size_t)words);
}

/* --- Banzhaf --- */

void cy_power_banzhaf(const struct cy_power_game *game, uint64_t *room, uint64_t *swings)
{
    const size_t words = game->words;
    struct row row = {
        room, {0, game->cut - 1}
    };
    uint64_t reach = 0;

    memset(room, 0, (size_t)game->cut * words * sizeof *room);
    room[0] = 1;
    for (size_t i = 0; i < game->n; i++) {
        const uint64_t own = game->sorted[i];

        reach = smaller(reach + own, game->cut - 1);
        if (own == 0)
            (void)mpn_lshift(limbs(room), limbs(room), (mp_size_t)((reach + 1) * words), 1);
        /* from above, a member's weight at a time: what is added must not have the member yet */
        for (uint64_t top = reach + 1; own > 0 && top > own;) {
            const uint64_t from = top > 2 * own ? top - own : own;

            (void)mpn_add_n(limbs(room + from * words), limbs(room + from * words),
                            limbs(room + (from - own) * words), (mp_size_t)((top - from) * words));
            top = from;
        }
    }
    sum_row(&row, words);
    for (size_t i = 0; i < game->n; i++) {
        const int64_t own = game->weights[i];
        bool add = true;

        memset(swings + i * words, 0, words * sizeof *swings);
        for (int64_t most = (int64_t)game->cut - 1; own > 0 && most >= 0; most -= own) {
            gather(&row, most, add, words, swings + i * words);
            gather(&row, most - own, !add, words, swings + i * words);
            add = !add;
        }
    }
}

/* --- Shapley and Shubik --- */

void cy_power_factorial(size_t n, size_t words, uint64_t *out)
{
    memset(out, 0, words * sizeof *out);
    out[0] = 1;
    for (size_t m = 2; m <= n; m++)
        (void)mpn_mul_1(limbs(out), limbs(out), (mp_size_t)words, m);
}

/* The parts of the room. */
struct shapley {
    const struct cy_power_game *game;
    struct row rows[CY_POWER_MEMBERS_MAX + 1];
    size_t n_rows;
    uint64_t *orders;  /* n: k! (n - 1 - k)! */
    uint64_t *scratch; /* a product, a sum, a count */
};

static void lay_out(struct shapley *s, uint64_t *room)
{
    const struct cy_power_game *game = s->game;
    struct span span;

    for (s->n_rows = 0; s->n_rows <= game->n && row_span(game, s->n_rows, &span); s->n_rows++) {
        const size_t n = (span.most - span.least + 1) * game->words;

        s->rows[s->n_rows] = (struct row){room, span};
        memset(room, 0, n * sizeof *room);
        room += n;
    }
    CY_ASSERT(s->rows[0].at != NULL); /* there is a row of no members at all */
    s->rows[0].at[0] = 1;
    s->orders = room;
    s->scratch = room + game->n * game->order_words;
}

/* Lets one more member join the coalitions. Members come in ascending order, so the least weight of
 * a row is that of its first k members, and the greatest that of the last k so far. */
static void join(struct shapley *s, size_t i, uint32_t own)
{
    const size_t words = s->game->words;
    uint64_t most = 0; /* of k - 1 of the members before */

    for (size_t k = smaller(i + 1, s->n_rows - 1); k >= 1; k--) {
        const struct row *from = &s->rows[k - 1];
        const struct row *to = &s->rows[k];
        uint64_t last = 0;

        most = 0;
        for (size_t m = 0; m + 1 < k; m++)
            most += s->game->sorted[i - 1 - m];
        last = smaller(smaller(most, from->span.most) + own, to->span.most);
        if ((uint64_t)from->span.least + own > last)
            continue;
        (void)mpn_add_n(limbs(to->at + (from->span.least + own - to->span.least) * words),
                        limbs(to->at + (from->span.least + own - to->span.least) * words),
                        limbs(from->at), (mp_size_t)((last - own - from->span.least + 1) * words));
    }
}

/* orders[k] = k! (n - 1 - k)!: the orders in which these k come before the member, those after. */
static void weigh_sizes(struct shapley *s)
{
    const size_t n = s->game->n;
    const size_t words = s->game->order_words;
    uint64_t *value = s->scratch;

    cy_power_factorial(n - 1, words, value);
    for (size_t k = 0; k < n; k++) {
        memcpy(s->orders + k * words, value, words * sizeof *value);
        if (k + 1 == n)
            break;
        (void)mpn_mul_1(limbs(value), limbs(value), (mp_size_t)words, k + 1);
        (void)mpn_divexact_1(limbs(value), limbs(value), (mp_size_t)words, n - 1 - k);
    }
}

/* The orders that a member of this weight turns. */
static void turn(struct shapley *s, uint32_t own, uint64_t *out)
{
    const size_t words = s->game->words;
    const size_t order_words = s->game->order_words;
    uint64_t *product = s->scratch;
    uint64_t *sum = product + order_words + words;
    uint64_t *count = sum + order_words + words;

    memset(sum, 0, (order_words + words) * sizeof *sum);
    for (size_t k = 0; own > 0 && k < s->game->n; k++) {
        int64_t most = (int64_t)s->game->cut - 1;
        bool add = true;

        memset(count, 0, words * sizeof *count);
        for (size_t j = 0; j <= k && most >= 0; j++, most -= own, add = !add) {
            if (k - j >= s->n_rows)
                continue;
            gather(&s->rows[k - j], most, add, words, count);
            gather(&s->rows[k - j], most - own, !add, words, count);
        }
        (void)mpn_mul(limbs(product), limbs_of(s->orders + k * order_words), (mp_size_t)order_words,
                      limbs_of(count), (mp_size_t)words);
        (void)mpn_add_n(limbs(sum), limbs(sum), limbs(product), (mp_size_t)(order_words + words));
    }
    memcpy(out, sum, order_words * sizeof *out);
}

void cy_power_shapley(const struct cy_power_game *game, uint64_t *room, uint64_t *orders)
{
    struct shapley s = {.game = game};

    lay_out(&s, room);
    for (size_t i = 0; i < game->n; i++)
        join(&s, i, game->sorted[i]);
    for (size_t k = 0; k < s.n_rows; k++)
        sum_row(&s.rows[k], game->words);
    weigh_sizes(&s);
    for (size_t i = 0; i < game->n; i++) {
        size_t same = 0;

        while (game->weights[same] != game->weights[i])
            same++;
        if (same < i)
            memcpy(orders + i * game->order_words, orders + same * game->order_words,
                   game->order_words * sizeof *orders);
        else
            turn(&s, game->weights[i], orders + i * game->order_words);
    }
}
